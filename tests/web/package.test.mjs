// What other pages have: the npm package in Node and in a page, its example, and the same calls as `deepq` on the playground. Called by
// tools/web.sh with DEEPQ_PACKAGE, the packed package, and DEEPQ_PAGE.
import assert from "node:assert/strict";
import {execFileSync} from "node:child_process";
import {mkdtempSync, readFileSync, rmSync, statSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, test} from "node:test";
import {blank, opened} from "./browser.mjs";

const folder = mkdtempSync(join(tmpdir(), "deepq-package-"));
after(() => rmSync(folder, {recursive: true}));
execFileSync("tar", ["-xzf", process.env.DEEPQ_PACKAGE, "-C", folder]);
const installed = join(folder, "package"), file = (name) => readFileSync(join(installed, name));

const TOML = 'preset = "chapter"\n[train]\nenv_steps = 1200\nepisodes = 0\n';

// In whatever has the calls: Node, or a page. Returns what can be compared.
async function used({start, load}, toml) {
  const run = await start(toml);
  run.step(500);
  const checkpoint = run.checkpoint(), other = await load(checkpoint), ends = [];
  for (const one of [run, other]) {
    while (!one.step(300));
    const {weights_sha256, episodes} = one.summary();
    ends.push([one.done, weights_sha256, episodes, one.act([0, 0, 0.1, 0.5])]);
  }
  const refusals = [];
  for (const wrong of [() => start('preset = "chaptr"'), () => load(new Uint8Array(100)), () => run.act([1, 2]), () => run.step(-1), () => run.step(NaN), () => (run.drop(), run.look())])
    try {
      await wrong();
      refusals.push("none");
    } catch (error) {
      refusals.push(error instanceof Error ? error.message : "no Error");
    }
  return {ends, refusals};
}

function check({ends, refusals}) {
  assert.deepEqual(ends[0], ends[1]);
  assert.equal(ends[0][0], true);
  assert.match(ends[0][1], /^[0-9a-f]{64}$/);
  const expected = [/did you mean 'chapter'/, /safetensors/, /has 2 numbers; the agent was trained on 4/, /steps is -1; allowed: at least 1/, /steps is nan; allowed/, /this run was dropped/];
  expected.forEach((words, i) => assert.match(refusals[i], words));
  return ends[0][1];
}

test("the package is small, and its types name what it has", async () => {
  assert.ok(statSync(join(installed, "deepq.js")).size <= 10_000, `${statSync(join(installed, "deepq.js")).size} bytes`);
  const names = (declared) => [...declared.matchAll(/^ {2}(?:readonly )?(\w+)[(:]/gm)].map(([, name]) => name).sort();
  const types = file("deepq.d.ts").toString(), [, ofRun] = /interface Run \{([^]*?)\n\}/.exec(types), [, ofCore] = /interface Core \{([^]*?)\n\}/.exec(types);
  const library = await import(join(installed, "deepq.js"));
  assert.deepEqual([...types.matchAll(/export function (\w+)/g)].map(([, name]) => name).sort(), Object.keys(library).sort());
  const run = await library.start(TOML), core = await library.open();
  for (const name of names(ofRun)) assert.notEqual(run[name], undefined, name);
  for (const name of names(ofCore)) assert.equal(typeof core[name], "function", name);
  for (const name of ["step", "summary", "act", "checkpoint"]) assert.ok(names(ofRun).includes(name), name);
});

test("Node, a page with the package and the playground give one run and one set of refusals", async () => {
  const inNode = check(await used(await import(join(installed, "deepq.js")), TOML));

  const {page, close} = await opened();
  const onPage = await page.evaluate(`(${used})(window.deepq, ${JSON.stringify(TOML)})`);
  await close();
  assert.equal(check(onPage), inNode);
});

test("the example of 30 lines plays in a page", async () => {
  assert.ok(file("example.html").toString().split("\n").length <= 31);
  const {page, close} = await blank({offline: false});
  await page.route("**/*", (route) => {
    const name = new URL(route.request().url()).pathname.slice(1), type = {html: "text/html", js: "text/javascript", wasm: "application/wasm"}[name.split(".").at(-1)];
    if (!type) return route.fulfill({status: 204, body: ""}); // the browser's wish for an icon
    return route.fulfill({body: file(name), contentType: type});
  });
  await page.goto("http://deepq.test/example.html");
  await page.waitForFunction(() => /^step [1-9]\d{2,}, episode [1-9]/.test(document.getElementById("now").textContent), null, {timeout: 30_000});
  const colours = await page.evaluate(() => {
    const canvas = document.getElementById("world"), {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });
  assert.ok(colours > 1);
  await close();
});
