// The package's entry: the core with its module beside it.
import {library} from "../page/core.js";

async function bytesOf(source = new URL("deepq.wasm", import.meta.url)) {
  if (typeof source !== "string" && !(source instanceof URL)) return source;
  const address = new URL(source, import.meta.url);
  if (address.protocol === "file:" && typeof process !== "undefined") return (await import("node:fs/promises")).readFile(address);
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address} cannot be read: ${answer.status} ${answer.statusText}`);
  return answer.arrayBuffer();
}

export const {open, start, load} = library(bytesOf);
