// A run that goes on and on needs no more memory than it had: ten minutes with DEEPQ_LONG, as the nightly runs it, else less than one.
import assert from "node:assert/strict";
import {test} from "node:test";
import {memoryOf, opened} from "./browser.mjs";

const SECONDS = process.env.DEEPQ_LONG ? 600 : 30;

test(`memory stays as it is over ${SECONDS} seconds of running`, async () => {
  const {page, close} = await opened("#steps=100000000"), found = [];
  await page.click("#toggle");
  for (let part = 0; part < 4; ++part) {
    await page.waitForTimeout((1000 * SECONDS) / 4);
    found.push(await memoryOf(page));
  }
  await page.click("#toggle");
  const [begun, ended] = [found[0], found.at(-1)], told = JSON.stringify(found);
  assert.ok(ended.heap - begun.heap < 1, told);
  assert.ok(ended.process - begun.process < 20, told);
  await close();
});
