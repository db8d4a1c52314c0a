// The package's entry: the core with its module beside it.
import {Core} from "../page/core.js";

let opened;

async function bytesOf(source) {
  if (typeof source !== "string" && !(source instanceof URL)) return source;
  const address = new URL(source, import.meta.url);
  if (address.protocol === "file:" && typeof process !== "undefined") return (await import("node:fs/promises")).readFile(address);
  return (await fetch(address)).arrayBuffer();
}

export const open = (source = new URL("deepq.wasm", import.meta.url)) => (opened ??= bytesOf(source).then(Core.of));
export const start = async (toml) => (await open()).start(toml);
export const load = async (checkpoint) => (await open()).load(checkpoint);
