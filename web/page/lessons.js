// The walk through the chapter and the planted faults: guess first, then see.
import {$, text} from "./dom.js";
import {drawGroups, runGroups, tableOf} from "./compare.js";
import {SEEDS, STOPS} from "./walk.js";
import {START} from "./state.js";

const guesses = new Map(), results = new Map(); // by stop: what was guessed, and the groups that ran
let running = null, hunting = null; // the walk's run, and that of the faults

const stateOfRun = (stop, run) => ({...START, env: stop.env ?? "", steps: stop.steps, set: {...stop.common, ...run.set}, fault: run.fault ?? "none"});

// --- The walk ----------------------------------------------------------------------------------------------------------------------------

export function openWalk(state, tryIt) {
  const measured = JSON.parse($("chapter-data").textContent);
  const at = Math.min(state.stop ?? 0, STOPS.length - 1);
  if (running) return; // it is still on the page
  const go = (index) => {
    state.stop = index;
    running?.stop();
    running = null;
    openWalk(state, tryIt);
    $("stop").querySelector("h2").focus();
  };
  $("stops").replaceChildren(...STOPS.map((stop, i) => {
    const item = document.createElement("li"), button = text("button", String(i + 1), {onclick: () => go(i), title: stop.title, className: guesses.has(i) ? "seen" : ""});
    button.setAttribute("aria-label", `Stop ${i + 1}: ${stop.title}`);
    if (i === at) button.setAttribute("aria-current", "step");
    item.append(button);
    return item;
  }));
  showStop(STOPS[at], at, measured[STOPS[at].lab], go, tryIt);
}

function showStop(stop, index, measured, go, tryIt) {
  const article = $("stop"), guess = document.createElement("fieldset"), row = text("div", "", {className: "row"}), result = document.createElement("div");
  guess.append(text("legend", "First guess: " + stop.question), row);
  row.append(...stop.answers.map((answer, i) => {
    const button = text("button", answer, {onclick: () => {
      guesses.set(index, i);
      showStop(stop, index, measured, go, tryIt);
    }});
    button.disabled = running !== null; // the run on the page is the answer to the guess that was made
    button.setAttribute("aria-pressed", String(guesses.get(index) === i));
    if (guesses.get(index) === i) button.className = "primary";
    return button;
  }));
  article.replaceChildren(text("p", `Stop ${index + 1} of ${STOPS.length}`, {className: "fine"}), text("h2", stop.title, {tabIndex: -1}), text("p", stop.claim, {className: "claim"}), guess, result);
  if (guesses.has(index)) showRun(stop, index, measured, result, tryIt);
  const ways = text("div", "", {className: "row"});
  if (index > 0) ways.append(text("button", "Back", {onclick: () => go(index - 1)}));
  if (index + 1 < STOPS.length) ways.append(text("button", "Next: " + STOPS[index + 1].title, {onclick: () => go(index + 1)}));
  article.append(ways);
}

function showRun(stop, index, measured, to, tryIt) {
  const run = text("button", "Run both, " + SEEDS + " seeds each", {className: "primary"}), said = text("p", "", {className: "fine"}), chart = text("canvas", "", {className: "chart tall"}), table = document.createElement("div"), lab = document.createElement("div");
  said.setAttribute("role", "status");
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", "Mean return over seeds of " + stop.runs.map(({name}) => name).join(" and "));
  to.append(run, said, chart, table, lab);
  const show = (groups) => table.replaceChildren(tableOf(drawGroups(chart, groups, stop.steps)));
  const conclude = (groups) => {
    said.textContent = `You guessed: ${stop.answers[guesses.get(index)]}. ${verdict(groups)}`;
    lab.replaceChildren(...labText(measured), text("button", "Open this in the playground", {onclick: () => tryIt(stateOfRun(stop, stop.runs.at(-1)))}));
  };
  if (results.has(index)) {
    requestAnimationFrame(() => show(results.get(index)));
    run.textContent = "Run again";
    conclude(results.get(index));
  }
  run.onclick = async () => {
    if (running) return running.stop();
    const groups = stop.runs.map((one) => ({name: one.name, state: stateOfRun(stop, one), curves: [], scores: []}));
    let ended = 0;
    for (const button of $("stop").querySelectorAll("fieldset button")) button.disabled = true;
    run.textContent = "Stop";
    said.textContent = "Running …";
    running = runGroups(groups, SEEDS, stop.steps, () => {
      said.textContent = `${++ended} of ${SEEDS * groups.length} runs`;
      show(groups);
    });
    try {
      await running.done;
      results.set(index, groups);
      conclude(groups);
      run.textContent = "Run again";
    } catch (error) {
      said.textContent = error.message;
      run.textContent = "Run both, " + SEEDS + " seeds each";
    }
    running = null;
    for (const button of $("stop").querySelectorAll("fieldset button")) button.disabled = false;
  };
}

// What these few seeds say, no more. Ties are neither; a seed on which one failed says nothing.
function verdict([first, second]) {
  const differences = [...second.scores.keys()].map((seed) => second.scores[seed] - first.scores[seed]).filter(Number.isFinite);
  const n = differences.length, above = differences.filter((d) => d > 0).length, below = differences.filter((d) => d < 0).length;
  if (n === 0) return "On no seed did both come to the end of an episode.";
  const agreed = above === n || below === n ? "All seeds agree." : `The seeds do not agree, and ${n} are few.`;
  return `Here '${second.name}' had the larger return over training on ${above} of ${n} seeds, '${first.name}' on ${below}. ${agreed}`;
}

function labText(measured) {
  if (!measured) return [];
  const list = document.createElement("ul");
  for (const line of measured.checks) list.append(text("li", line[0].toUpperCase() + line.slice(1)));
  return [text("h3", "What the lab measured"), text("p", `The chapter's claim: ${measured.claim} ${measured.seeds} seeds: ${measured.verdict}.`), list, text("p", measured.command, {className: "fine"})];
}

// --- The faults --------------------------------------------------------------------------------------------------------------------------

const FAULTS = {
  no_terminal_mask: "no terminal mask: ends are bootstrapped from",
  wrong_sign: "the wrong sign: it learns from the rewards' opposite",
  stale_target: "a stale target: the copy is never renewed",
  zero_priority: "priorities of zero: prioritised replay draws uniformly",
};

export function openFaults(state) {
  const steps = 8000, base = {...START, steps, set: {"replay.prioritized": "true"}, seed: state.seed};
  $("plant").onclick = async () => {
    if (hunting) return hunting.stop();
    const names = Object.keys(FAULTS), planted = names[Math.floor(Math.random() * names.length)];
    const groups = [{name: "sound", state: base, curves: [], scores: []}, {name: "broken", state: {...base, fault: planted}, curves: [], scores: []}];
    $("fault-guess").hidden = true;
    $("fault-verdict").textContent = $("fault-signs").textContent = "";
    $("plant").textContent = "Stop";
    $("fault-state").textContent = "Both are running, three seeds each …";
    hunting = runGroups(groups, 3, steps, () => $("fault-signs").replaceChildren(tableOf(drawGroups($("fault-chart"), groups, steps))));
    try {
      await hunting.done;
      $("fault-state").textContent = "What is wrong with the second?";
      ask(planted);
    } catch (error) {
      $("fault-state").textContent = error.message;
    }
    hunting = null;
    $("plant").textContent = "Plant another";
  };
}

function ask(planted) {
  $("fault-guess").hidden = false;
  $("fault-answers").replaceChildren(...Object.entries(FAULTS).map(([name, words]) => text("button", words, {onclick: () => {
    $("fault-verdict").textContent = (name === planted ? "Yes. " : "No. ") + "It was " + FAULTS[planted] + ". " + SIGNS[planted];
  }})));
}

const SIGNS = {
  no_terminal_mask: "Its signs: the values climb towards 1 / (1 - gamma), here 100, in every state alike, so no action looks worse than another.",
  wrong_sign: "Its signs: the return falls to the least there is, and stays; the values are negative where every reward is 1.",
  stale_target: "Its signs: the values stay near those of the first, random network plus one reward, and learning stops early.",
  zero_priority: "Its signs: hardly any. The curve is that of uniform replay, which is why such a fault lives long.",
};
