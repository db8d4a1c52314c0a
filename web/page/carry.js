// What is carried away: the command, a link, the page itself, checkpoints.
import {$, box} from "./dom.js";
import {addressOf, commandOf, START, stateOf} from "./state.js";
import {strictKey} from "./settings.js";
import {now} from "./now.js";

// The page as it came, before anything is written into it: what a lesson is saved from.
const source = document.documentElement.outerHTML;

function download(parts, name) {
  const address = URL.createObjectURL(new Blob(parts));
  box("a", {href: address, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

// A copy of this page that opens as `state` has it: a link into a file works on the computer alone that has the file.
export const saveLesson = (state, name) => download(["<!doctype html>\n", source.replace(/^<html[^>]*>/, `<html lang="en" data-lesson="${addressOf(state).replaceAll("&", "&amp;").replaceAll('"', "&quot;")}">`)], name);

// `start(loaded)`: shows a run that was loaded; `problem(error)` shows it.
export function makeCarry(start, problem) {
  const carried = (words) => ($("carried").textContent = words);
  const copy = (words, what) => navigator.clipboard.writeText(words).then(() => carried(what + " is copied."), () => carried(words));
  $("copy-command").onclick = () => copy(commandOf(now.state, strictKey()), "The command");
  $("copy-link").onclick = () => copy(location.href.split("#")[0] + addressOf(now.state), "The link");
  $("save-page").onclick = () => {
    saveLesson(now.state, "playground.html");
    carried("Saved a copy of this page that opens with these settings.");
  };
  $("save").onclick = async () => {
    try {
      const name = `checkpoint-${String(now.look.env_steps).padStart(12, "0")}.safetensors`;
      download([await now.hand.call("checkpoint")], name);
      carried(`Saved at step ${now.look.env_steps}. deepq resume ${name} goes on with it, deepq eval ${name} plays.`);
    } catch (error) {
      problem(error);
    }
  };
  $("load").onchange = async () => {
    const [file] = $("load").files;
    if (!file) return;
    try {
      const begun = await now.hand.call("load", new Uint8Array(await file.arrayBuffer()));
      now.state = {...stateOf(await now.hand.call("toml"), START), view: now.state.view, hide: now.state.hide};
      await start(begun);
      carried(`${file.name} goes on at step ${now.look.env_steps}.`);
    } catch (error) {
      problem(error);
    }
    $("load").value = "";
  };
}
