// Screens of the playground while the chapter's agent learns, for README's moving picture: FOLDER/000.png, ... and FOLDER/times.json, when each was
// taken (milliseconds). Called by tools/playground_picture.py.
import {mkdirSync, writeFileSync} from "node:fs";
import {createRequire} from "node:module";
import {join} from "node:path";

const [page, folder] = process.argv.slice(2), {chromium} = createRequire(join(process.cwd(), "web/package.json"))("playwright-core");
const AFTER_MS = 2500; // of the trained agent's game
mkdirSync(folder, {recursive: true});
const browser = await chromium.launch({executablePath: process.env.DEEPQ_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"]});
const context = await browser.newContext({offline: true, viewport: {width: 1000, height: 800}, colorScheme: "light"}), tab = await context.newPage();
await tab.goto("file://" + page + "#steps=15000&seed=3");
await tab.waitForFunction(() => document.getElementById("how-long").textContent);
await tab.addStyleTag({content: ".tiles, progress, .world .fine { display: none; }"}); // what would be cut off
const top = await tab.evaluate(() => document.querySelector(".story").getBoundingClientRect().top - 8), clip = {x: 16, y: top, width: 968, height: 590};
const times = [], begun = performance.now();
const take = async () => {
  const png = await tab.screenshot({clip});
  writeFileSync(join(folder, String(times.length).padStart(3, "0") + ".png"), png);
  times.push(Math.round(performance.now() - begun));
};
await take();
await tab.click("#toggle");
let end = Infinity;
while (performance.now() < end) {
  await take();
  if (end === Infinity && (await tab.textContent("#said"))) end = performance.now() + AFTER_MS;
  await tab.waitForTimeout(80);
}
writeFileSync(join(folder, "times.json"), JSON.stringify(times));
await browser.close();
