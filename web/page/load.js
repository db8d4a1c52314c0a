// The first script of the page: unpacks the others and the core (tools/web_page.py packs them), and begins.
import {unpacked} from "./unpack.js";

const partOf = (id) => {
  const {textContent, dataset} = document.getElementById(id);
  return unpacked(textContent, Number(dataset.size));
};

const {app, ...parts} = JSON.parse(new TextDecoder().decode(await partOf("packed-parts")));
// What app.js finds: texts of the worker and of the chapter's measurements, and the core's bytes once they are asked for.
globalThis.packed = {...parts, core: () => partOf("packed-core")};
(0, eval)(app); // no element is added to the page, which saves copies of itself
