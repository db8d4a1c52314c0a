// A headless Chromium with the network off, for the tests beside this file: Debian's, or the one that DEEPQ_CHROMIUM names.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {join} from "node:path";
import {after} from "node:test";

const {chromium} = createRequire(join(process.cwd(), "web/package.json"))("playwright-core");
export const browser = await chromium.launch({executablePath: process.env.DEEPQ_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"]});
after(() => browser.close());

// A page of its own; `close` fails for whatever was said on its console or stored.
export async function blank(options = {}) {
  const context = await browser.newContext({offline: true, viewport: {width: 1280, height: 900}, acceptDownloads: true, ...options});
  const page = await context.newPage(), faults = [];
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(error.message));
  return {page, close: async () => {
    assert.deepEqual(faults, []);
    assert.equal(await page.evaluate(() => document.cookie + localStorage.length), "0");
    await context.close();
  }};
}

// The playground, ready to be used.
export async function opened(hash = "", options = {}, file = process.env.DEEPQ_PAGE) {
  const one = await blank(options);
  await one.page.goto("file://" + file + hash);
  await one.page.waitForFunction(() => document.getElementById("version")?.textContent);
  await one.page.waitForTimeout(200);
  return one;
}

// Megabytes of the page's objects after a collection, and of its whole process, worker and module with it.
export async function memoryOf(page) {
  const session = await page.context().newCDPSession(page), system = await browser.newBrowserCDPSession();
  await session.send("Performance.enable");
  await session.send("HeapProfiler.collectGarbage");
  const {metrics} = await session.send("Performance.getMetrics"), {processInfo} = await system.send("SystemInfo.getProcessInfo");
  await Promise.all([session.detach(), system.detach()]);
  const sizes = processInfo.filter(({type}) => type === "renderer").map(({id}) => Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${id}/status`, "utf8"))[1]) / 1000);
  return {heap: metrics.find(({name}) => name === "JSHeapUsedSize").value / 1e6, process: Math.max(...sizes)};
}
