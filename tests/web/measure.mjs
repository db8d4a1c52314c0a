// What the playground costs, as docs/playground.md tells it: node tests/web/measure.mjs [MINUTES], called by tools/web.sh measure. Prints one JSON
// object. Updates a second are of the chapter's preset, whose agent learns once for each step.
import {readFileSync, statSync} from "node:fs";
import {Core} from "../../web/page/core.js";
import {browser, memoryOf, opened} from "./browser.mjs";

const minutes = Number(process.argv[2] ?? 0.5), seconds = (n) => new Promise((resolve) => setTimeout(resolve, 1000 * n));
const toml = 'preset = "chapter"\n[train]\nenv_steps = 100000000\nepisodes = 0\n', endless = "#steps=100000000";
const stepsOf = async (page) => Number(/step ([\d,]+)/.exec(await page.textContent("#progress"))[1].replaceAll(",", ""));

// Of one processor that is this process's own, whatever else the machine does.
async function updatesInNode() {
  const run = (await Core.of(readFileSync(process.env.DEEPQ_MODULE))).start(toml);
  run.step(2000);
  const begun = process.cpuUsage(), before = run.look().updates;
  run.step(10_000);
  const {user, system} = process.cpuUsage(begun);
  return (1e6 * (run.look().updates - before)) / (user + system);
}

// Longest task and frames of the main thread while it plays for `length` seconds. The world is emptied once for each frame that is drawn.
async function played(page, length) {
  await page.evaluate(() => {
    window.seen = {frames: 0, tasks: []};
    const world = document.getElementById("world").getContext("2d"), empty = world.clearRect;
    world.clearRect = (...area) => (++window.seen.frames, empty.apply(world, area));
    new PerformanceObserver((list) => window.seen.tasks.push(...list.getEntries().map((one) => Math.round(one.duration)))).observe({type: "longtask"});
  });
  const begun = performance.now(), before = await stepsOf(page);
  await seconds(length);
  const passed = (performance.now() - begun) / 1000, {frames, tasks} = await page.evaluate(() => window.seen);
  return {updates_a_second: Math.round(((await stepsOf(page)) - before) / passed), frames_a_second: +(frames / passed).toFixed(1), tasks_above_50_ms: tasks.length, longest_task_ms: Math.max(0, ...tasks)};
}

async function playing(options, use) {
  const {page, close} = await opened(endless, options);
  await page.click("#toggle");
  await seconds(3);
  const found = await use(page);
  await page.click("#toggle");
  await close();
  return found;
}

async function memory(page) {
  const found = [], pause = Math.min(1, minutes / 2);
  for (let minute = 0; minute <= minutes; minute += pause) {
    if (minute) await seconds(60 * pause);
    const {heap, process} = await memoryOf(page);
    found.push({minute, heap_mb: +heap.toFixed(2), process_mb: Math.round(process)});
  }
  return found;
}

const found = {
  date: new Date().toISOString().slice(0, 10),
  page_bytes: statSync(process.env.DEEPQ_PAGE).size,
  module_bytes: statSync(process.env.DEEPQ_MODULE).size,
  node_updates_a_processor_second: Math.round(await updatesInNode()),
  page: await playing({}, (page) => played(page, 10)),
  phone_six_times_slower: await playing({viewport: {width: 390, height: 844}, isMobile: true, deviceScaleFactor: 3}, async (page) => {
    await (await page.context().newCDPSession(page)).send("Emulation.setCPUThrottlingRate", {rate: 6});
    return played(page, 20);
  }),
  memory: await playing({}, memory),
};
console.log(JSON.stringify(found, null, 2));
await browser.close();
