// The page in a real browser with the network off: every control, every stop of the walk, and what a reader carries away. Called by
// tools/web.sh with DEEPQ_PAGE and, where it is not Debian's, DEEPQ_CHROMIUM.
import assert from "node:assert/strict";
import {mkdtempSync, readFileSync, statSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, test} from "node:test";
import {createRequire} from "node:module";

const {chromium} = createRequire(join(process.cwd(), "web/package.json"))("playwright-core");
const address = "file://" + process.env.DEEPQ_PAGE;
const browser = await chromium.launch({executablePath: process.env.DEEPQ_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"]});
after(() => browser.close());

async function opened(hash = "", options = {}) {
  const context = await browser.newContext({offline: true, viewport: {width: 1280, height: 900}, acceptDownloads: true, ...options});
  const page = await context.newPage(), faults = [];
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(error.message));
  await page.goto(address + hash);
  await page.waitForFunction(() => document.getElementById("version").textContent && !document.getElementById("reset").disabled);
  await page.waitForTimeout(200);
  return {page, close: async () => {
    assert.deepEqual(faults, []);
    assert.equal(await page.evaluate(() => document.cookie + localStorage.length), "0");
    await context.close();
  }};
}

const steps = (page) => page.evaluate(() => Number(/step ([\d,]+)/.exec(document.getElementById("world-text").textContent)[1].replaceAll(",", "")));

test("the file is small and alone", () => {
  assert.ok(statSync(process.env.DEEPQ_PAGE).size <= 700_000, `${statSync(process.env.DEEPQ_PAGE).size} bytes`);
  assert.doesNotMatch(readFileSync(process.env.DEEPQ_PAGE, "utf8"), /(src|href)="(https?:)?\/\//);
});

test("it plays, pauses, steps and starts again", async () => {
  const {page, close} = await opened("#steps=4000");
  await page.click("#one-step");
  await page.waitForFunction(() => / step 1,/.test(document.getElementById("world-text").textContent));
  await page.click("#one-episode");
  await page.waitForFunction(() => / episode 2,/.test(document.getElementById("world-text").textContent));
  await page.selectOption("#speed", "300");
  await page.click("#toggle");
  await page.waitForTimeout(600);
  await page.click("#toggle");
  const paused = await steps(page);
  assert.ok(paused > 30);
  await page.waitForTimeout(300);
  assert.equal(await steps(page), paused);
  await page.selectOption("#speed", "0");
  await page.click("#toggle");
  await page.waitForFunction(() => document.getElementById("toggle").textContent === "Done", null, {timeout: 60_000});
  assert.equal(await steps(page), 4000);
  await page.click("#reset");
  await page.waitForFunction(() => / step 0,/.test(document.getElementById("world-text").textContent));
  await close();
});

test("every world is drawn and described", async () => {
  const {page, close} = await opened();
  const worlds = await page.$$eval("#env option", (all) => all.map((one) => one.value));
  assert.ok(worlds.length >= 8);
  for (const world of worlds) {
    await page.selectOption("#env", world);
    await page.waitForFunction((id) => document.getElementById("world-text").textContent.startsWith(id), world);
    const colours = await page.evaluate(() => {
      const canvas = document.getElementById("world"), {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    });
    assert.ok(colours > 3, world);
    assert.ok((await page.getAttribute("#world", "aria-label")).length > 10, world);
  }
  await close();
});

test("switches, settings and text change the run, and refusals say why", async () => {
  const {page, close} = await opened("#steps=2000");
  await page.click("#switch-double");
  await page.waitForFunction(() => document.getElementById("command").textContent.includes("agent.double=true"));
  await page.click("#switch-mask");
  await page.waitForFunction(() => document.getElementById("command").textContent.includes("no command"));
  await page.click("summary:has-text('Every setting')");
  await page.fill("#find", "discount");
  await page.fill("[id='key-agent.gamma']", "1.7");
  await page.press("[id='key-agent.gamma']", "Tab");
  await page.waitForFunction(() => /agent\.gamma.*0 to 1/.test(document.getElementById("problem").textContent));
  await page.click("summary:has-text('As text')");
  await page.fill("#toml", 'preset = "chapter"\n[train]\nseed = 4\nenv_steps = 1500\n[agent]\ngamma = 0.9\n');
  await page.click("#use-toml");
  await page.waitForFunction(() => document.getElementById("seed").value === "4" && document.getElementById("problem").hidden);
  assert.match(page.url(), /seed=4.*agent\.gamma=0\.9/);
  await close();
});

test("the grid is edited by click and by keyboard, and shows exact values", async () => {
  const {page, close} = await opened("#env=GridWorld-v0&steps=1000&agent.gamma=0.9");
  await page.click("#editor summary");
  await page.click("#world"); // in its middle
  await page.waitForFunction(() => document.getElementById("command").textContent.includes("grid_world.walls=[12]"));
  await page.focus("#world");
  for (const key of ["ArrowRight", "ArrowRight", "Enter"]) await page.keyboard.press(key);
  await page.waitForFunction(() => document.getElementById("command").textContent.includes("grid_world.walls=[1, 12]"));
  await page.check("#exact");
  await page.waitForFunction(() => document.getElementById("plane-text").textContent.startsWith("The exact values"));
  await close();
});

test("a checkpoint is saved and loaded", async () => {
  const {page, close} = await opened("#steps=1500");
  await page.click("#one-episode");
  await page.waitForFunction(() => / episode 2,/.test(document.getElementById("world-text").textContent));
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
  const path = join(mkdtempSync(join(tmpdir(), "deepq-page-")), "checkpoint.safetensors"), before = await steps(page);
  await download.saveAs(path);
  await page.click("#reset");
  await page.setInputFiles("#load", path);
  await page.waitForFunction((n) => document.getElementById("carried").textContent.includes("step " + n), before);
  await close();
});

test("settings are compared over seeds", async () => {
  const {page, close} = await opened("#view=compare&steps=1000");
  await page.click("#add-setting");
  await page.fill("#compare-seeds", "2");
  await page.click("#run-compare");
  await page.waitForFunction(() => document.getElementById("compare-state").textContent.startsWith("6 of 6"), null, {timeout: 120_000});
  assert.equal(await page.$$eval("#compare-table tbody tr", (rows) => rows.length), 3);
  await close();
});

test("the walk asks before it shows, at each of its twelve stops", async () => {
  const {page, close} = await opened("#view=walk");
  const count = await page.$$eval("#stops button", (all) => all.length);
  assert.equal(count, 12);
  for (let stop = 0; stop < count; ++stop) {
    await page.click(`#stops li:nth-child(${stop + 1}) button`);
    assert.equal(await page.$$eval("#stop canvas", (all) => all.length), 0, "no chart before the guess");
    await page.click("#stop fieldset button");
    assert.equal(await page.$$eval("#stop canvas", (all) => all.length), 1);
    assert.ok((await page.textContent("#stop h2")).length > 5);
  }
  await close();
});

test("a stop of the walk runs both settings on five seeds, and then says what the lab measured", async () => {
  const {page, close} = await opened("#view=walk");
  await page.click("#stop fieldset button");
  await page.click("#stop > div > button.primary");
  await page.waitForSelector("#stop ul", {timeout: 180_000});
  assert.match(await page.textContent("#stop [role=status]"), /^You guessed: the table\. Here 'network' had the larger return over training on \d of 5 seeds, 'table' on \d\./);
  assert.deepEqual(await page.$$eval("#stop td:nth-child(2)", (cells) => cells.map((cell) => cell.textContent)), ["5", "5"]);
  await close();
});

test("runs in which no episode ends are no runs of return 0", async () => {
  const {page, close} = await opened("#view=compare&preset=dqn&env=MountainCar-v0&steps=150&train.learning_starts_env_steps=100");
  await page.fill("#compare-seeds", "2");
  await page.click("#run-compare");
  await page.waitForFunction(() => document.getElementById("compare-state").textContent.startsWith("4 of 4"), null, {timeout: 60_000});
  assert.match(await page.textContent("#compare-state"), /4 of them failed: no episode ended/);
  assert.deepEqual(await page.$$eval("#compare-table td:nth-child(3)", (cells) => cells.map((cell) => cell.textContent)), ["–", "–"]);
  await close();
});

test("a planted fault is asked for and told", async () => {
  const {page, close} = await opened("#view=faults");
  await page.click("#plant");
  await page.waitForSelector("#fault-answers button", {timeout: 180_000});
  await page.click("#fault-answers button");
  assert.match(await page.textContent("#fault-verdict"), /^(Yes|No)\. It was .*signs/);
  await close();
});

test("tabs, buttons and tables can be used by keyboard alone", async () => {
  const {page, close} = await opened("#steps=1000");
  await page.focus("#tab-play");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.getAttribute("#tab-compare", "aria-selected"), "true");
  await page.keyboard.press("ArrowLeft");
  await page.focus("#one-step");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => / step 1,/.test(document.getElementById("world-text").textContent));
  const unnamed = await page.$$eval("button, input, select, textarea, canvas", (all) => all.filter((one) => !one.labels?.length && !one.textContent.trim() && !one.ariaLabel && !one.getAttribute("aria-labelledby")).map((one) => one.outerHTML.slice(0, 80)));
  assert.deepEqual(unnamed, []);
  await close();
});

test("it fits a phone, and plays on a slow one", async () => {
  const {page, close} = await opened("#steps=100000", {viewport: {width: 390, height: 844}});
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", {rate: 6});
  await page.evaluate(() => {
    window.longest = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.longest = Math.max(window.longest, entry.duration);
    }).observe({type: "longtask", buffered: false});
  });
  await page.click("#toggle");
  await page.waitForTimeout(4000);
  await page.click("#toggle");
  assert.ok((await steps(page)) > 0);
  console.log("longest task on the main thread, throttled six times:", await page.evaluate(() => Math.round(window.longest)), "ms");
  await close();
});

test("a teacher's link hides what is not to be changed", async () => {
  const {page, close} = await opened("#hide=settings,carry&steps=1000");
  assert.equal(await page.isVisible("#preset"), false);
  assert.equal(await page.isVisible("#save"), false);
  assert.equal(await page.isVisible("#toggle"), true);
  await close();
});
