// One of two agents is broken: which fault is it, by its signs?
import {$, text} from "./dom.js";
import {groupOf, groupsView, runGroups} from "./groups.js";
import {START} from "./state.js";

const FAULTS = {
  no_terminal_mask: ["no terminal mask: ends are bootstrapped from", "The values climb past 1 / (1 - gamma), here 100, which no state is worth, and no action looks worse than another: the return stays at the least there is."],
  wrong_sign: ["the wrong sign: it learns from the rewards' opposite", "The return falls to the least there is, and stays; the values are negative where every reward is 1."],
  stale_target: ["a stale target: the copy is never renewed", "The values stay near 1, a reward plus what the first, random network says; the errors go to 0, and the return hardly rises."],
  zero_priority: ["priorities of zero: prioritised replay draws uniformly", "Hardly any: returns and values are those of uniform replay, and a batch's errors a little smaller. That is why such a fault lives long."],
};
const STEPS = 8000, SEEDS = 3;
let running = null;

export function openFaults(state) {
  const base = {...START, steps: STEPS, set: {"replay.prioritized": "true"}, seed: state.seed};
  $("fault-list").replaceChildren(...Object.values(FAULTS).flatMap(([name, signs]) => [text("dt", name), text("dd", signs)]));
  $("plant").onclick = async () => {
    if (running) return running.stop();
    const names = Object.keys(FAULTS), planted = names[Math.floor(Math.random() * names.length)];
    const groups = [groupOf("sound", base), groupOf("broken", {...base, fault: planted})], {element, show} = groupsView(["returns", "values", "errors"], STEPS);
    $("fault-charts").replaceChildren(element);
    $("fault-guess").hidden = true;
    $("fault-verdict").textContent = "";
    $("plant").textContent = "Stop";
    $("fault-state").textContent = "Both are running …";
    running = runGroups(groups, SEEDS, STEPS, (_, words) => {
      $("fault-state").textContent = words;
      show(groups);
    });
    try {
      await running.done;
      $("fault-state").textContent = "What is wrong with the second?";
      ask(planted);
    } catch (error) {
      $("fault-state").textContent = error.message;
    }
    running = null;
    $("plant").textContent = "Plant another";
  };
}

function ask(planted) {
  $("fault-guess").hidden = false;
  $("fault-answers").replaceChildren(...Object.entries(FAULTS).map(([name, [words]]) => text("button", words, {onclick: ({target}) => {
    for (const button of $("fault-answers").children) button.setAttribute("aria-pressed", String(button === target));
    $("fault-verdict").textContent = (name === planted ? "Yes. " : "No. ") + `It was ${FAULTS[planted][0]}. Its signs: ${FAULTS[planted][1]}`;
  }})));
}
