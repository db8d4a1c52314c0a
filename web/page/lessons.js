// The walk through the chapter: guess first, then run, then see what the lab measured.
import {$, box, duration, text} from "./dom.js";
import {groupOf, groupsView, redrawGroups, runGroups} from "./groups.js";
import {interval} from "./runs.js";
import {runSamples} from "./samples.js";
import {runStar} from "./star.js";
import {isOn, START, SWITCHES, switched} from "./state.js";
import {openTeach} from "./teach.js";
import {now} from "./now.js";
import {STOPS} from "./walk.js";

const PICTURES = {star: runStar, samples: runSamples};
const SIGNS = {"holds": "✓", "does not hold": "✗", "not decided": "○"};
const guesses = new Map(), results = new Map(), parts = new Set(["double", "dueling", "prioritized", "nstep"]); // by stop: what was guessed, what is said of the runs; switches of the stop to tune
let running = null, opened = null, measured;

// As long as the stop says, or shorter where the address asks for fewer steps: for slow phones.
const stepsOf = (stop, state) => Math.min(stop.steps, state.steps || stop.steps);
const stateOfRun = (stop, run, state) => ({...START, seed: state.seed, env: stop.env ?? "", steps: stepsOf(stop, state), set: {...stop.common, ...run.set}, fault: run.fault ?? "none"});

// What the lab says of a statement: those of the stop's own experiment, and of the one that it asks besides.
function statementOf(stop, used = new Set()) {
  const all = [stop.lab, stop.also].filter(Boolean).flatMap((name) => measured[name].checks);
  return (statement) => {
    const found = all.find(([words]) => words === statement);
    used.add(statement);
    if (!found) throw new Error(`the lab has no statement '${statement}'`);
    return {value: found[2], low: found[3], high: found[4], verdict: found[5]};
  };
}
const answerOf = (stop, used) => stop.answer(statementOf(stop, used));

export function openWalk(state, actions) {
  measured ??= JSON.parse(globalThis.packed.chapter);
  opened = {state, ...actions};
  if (running) return; // it is still on the page
  go(Math.max(1, Math.min(STOPS.length, state.stop)) - 1);
}

function go(index, focus = false) {
  running?.stop();
  running = null;
  opened.state.stop = index + 1;
  now.state.stop = index + 1;
  opened.moved();
  $("stops").replaceChildren(...STOPS.map(({title}, i) => {
    const button = text("button", String(i + 1), {onclick: () => go(i, true), className: guesses.has(i) ? "seen" : ""});
    button.title = button.ariaLabel = `Stop ${i + 1}: ${title}${guesses.has(i) ? ", guessed" : ""}`;
    if (i === index) button.setAttribute("aria-current", "step");
    return box("li", {}, button);
  }));
  showStop(STOPS[index], index);
  openTeach(STOPS[index], index, STOPS[index].answers[answerOf(STOPS[index])], opened);
  if (focus) $("stop").querySelector("h2").focus();
}

function showStop(stop, index) {
  const answers = stop.answers.map((answer, i) => {
    const button = text("button", answer, {disabled: running !== null, onclick: () => {
      guesses.set(index, i);
      showStop(stop, index);
      $("stop").querySelector("[aria-pressed=true]").focus();
    }});
    button.setAttribute("aria-pressed", String(guesses.get(index) === i));
    return button;
  });
  const guess = box("fieldset", {className: "guess"}, text("legend", "Your guess first"), text("p", stop.question), box("div", {className: "row"}, ...answers));
  const ways = box("div", {className: "row ways"});
  if (index > 0) ways.append(text("button", "Back", {onclick: () => go(index - 1, true)}));
  if (index + 1 < STOPS.length) ways.append(text("button", `Next: ${STOPS[index + 1].title}`, {onclick: () => go(index + 1, true)}));
  ways.hidden = opened.state.hide.includes("stops");
  $("stop").replaceChildren(...(ways.hidden ? [] : [text("p", `Stop ${index + 1} of ${STOPS.length}`, {className: "fine"})]), text("h2", stop.title, {tabIndex: -1}), text("p", stop.claim, {className: "claim"}), guess, ...(guesses.has(index) ? [runBox(stop, index)] : []), ways);
}

// --- The run -----------------------------------------------------------------------------------------------------------------------------

function runBox(stop, index) {
  const {state} = opened, run = text("button", "", {className: "primary"}), said = text("p", "", {className: "fine"}), result = box("div", {className: "result"}), shown = box("div", {className: "shown"}), steps = stop.runs && stepsOf(stop, state), begin = "Run " + (stop.runs ? `on ${state.seeds} ${state.seeds > 1 ? "seeds" : "seed"} of ${steps.toLocaleString("en")} steps` : "it");
  said.setAttribute("role", "status");
  const view = stop.runs && groupsView(stop.charts ?? ["returns"], steps, {values: stop.bound ? {threshold: stop.bound} : {}});
  const conclude = (words) => {
    run.textContent = "Run again";
    said.textContent = words;
    result.replaceChildren(...answerBox(stop, index));
  };
  const before = results.get(index);
  run.textContent = begin;
  if (view) shown.append(view.element);
  if (before) {
    if (view) requestAnimationFrame(() => view.show(before.groups));
    else shown.append(...before.shown);
    conclude(before.words);
  } else if (stop.runs && now.rate) said.textContent = `About ${duration(state.seeds * stop.runs.length * steps * now.rate)} on one core here.`;
  const tell = (words) => (said.textContent = words);
  run.onclick = async () => {
    if (running) return running.stop();
    lockGuess(true);
    run.textContent = "Stop";
    tell("Running …");
    try {
      const ended = view ? await runSettings(stop, view, tell) : await runPicture(stop, shown, tell);
      results.set(index, ended);
      if (!ended.partial) conclude(ended.words);
    } catch (error) {
      tell(error.message);
      run.textContent = begin;
    }
    running = null;
    lockGuess(false);
  };
  return box("div", {className: "sides"}, box("div", {}, ...(stop.tune ? [tuneBox(stop)] : []), box("div", {className: "row"}, run), said), shown, result);
}

// The run on the page is the answer to the guess that was made.
const lockGuess = (on) => $("stop").querySelectorAll(".guess button, .tune input").forEach((one) => (one.disabled = on));

async function runSettings(stop, view, tell) {
  const {state} = opened, groups = stop.runs.map((one, i) => groupOf(one.name, stop.tune && i > 0 ? tuned(stop, state) : stateOfRun(stop, one, state)));
  running = runGroups(groups, state.seeds, stepsOf(stop, state), (_, words) => {
    tell(words);
    view.show(groups);
  });
  await running.done;
  return {groups, words: stop.measure === "random" ? randomWords(groups[0]) : `${verdict(groups)} Seeds ${state.seed} to ${state.seed + state.seeds - 1}.`};
}

async function runPicture(stop, to, tell) {
  let stopped = false;
  running = {stop: () => (stopped = true)};
  const {words, show} = await PICTURES[stop.picture](to, opened.state.seeds, () => stopped, tell);
  addEventListener("resize", () => to.isConnected && show());
  return {words, shown: [...to.children]};
}

// What these few seeds say, no more. Ties are neither; a seed on which one failed says nothing.
function verdict([first, ...others]) {
  return others.map((second) => {
    const differences = [...second.scores.keys()].map((seed) => second.scores[seed] - first.scores[seed]).filter(Number.isFinite);
    const n = differences.length, above = differences.filter((d) => d > 0).length, below = differences.filter((d) => d < 0).length;
    if (n === 0) return "On no seed did both come to the end of an episode.";
    const agreed = above === n || below === n ? "All seeds agree." : `The seeds do not agree, and ${n} are few.`;
    return `'${second.name}' had the larger return over training on ${above} of ${n} seeds, '${first.name}' on ${below}. ${agreed}`;
  }).join(" ");
}

// The mean epsilon over the steps of the first 50 games, between the records trapezoid by trapezoid.
function randomWords(group) {
  const shares = group.runs.filter(Boolean).map(({points, metrics}) => {
    const end = points[2 * Math.min(49, points.length / 2 - 1)];
    let sum = 0, at = 0, before = 1;
    for (const [step, , , epsilon] of metrics) {
      if (at >= end) break;
      const to = Math.min(step, end), there = before + ((epsilon - before) * (to - at)) / (step - at);
      sum += ((before + there) / 2) * (to - at);
      [at, before] = [step, epsilon];
    }
    return sum / Math.max(1, Math.min(at, end));
  });
  const percent = (x) => Math.round(100 * x) + "%";
  return `Of the actions of the first 50 games ${percent(interval(shares).mean)} were random (${percent(Math.min(...shares))} to ${percent(Math.max(...shares))} on ${shares.length} seeds).`;
}

// --- Tune it yourself --------------------------------------------------------------------------------------------------------------------

const tuned = (stop, state) => [...parts].reduce(switched, stateOfRun(stop, stop.runs[0], state));

function tuneBox(stop) {
  const state = stateOfRun(stop, stop.runs[0], opened.state);
  return box("fieldset", {className: "tune"}, text("legend", "Yours: the chapter's agent with"), ...Object.entries(SWITCHES).map(([name, one]) => {
    const field = box("input", {type: "checkbox", checked: isOn(state, name) !== parts.has(name), onchange: () => {
      if (!parts.delete(name)) parts.add(name);
    }});
    return box("label", {}, field, " " + one.name);
  }));
}

// --- What the lab measured ---------------------------------------------------------------------------------------------------------------

const rounded = (x) => (Math.abs(x) >= 100 ? Math.round(x).toLocaleString("en") : String(+x.toPrecision(3)));

function answerBox(stop, index) {
  const {state, tryIt} = opened, used = new Set(), right = answerOf(stop, used), guessed = guesses.get(index), last = stop.runs?.at(-1);
  const open = last && !state.hide.includes("tabs") ? [text("button", "Open this in the playground", {onclick: () => tryIt(stop.tune ? tuned(stop, state) : stateOfRun(stop, last, state))})] : [];
  if (state.hide.includes("lab")) return [text("p", `You guessed: ${stop.answers[guessed]}.`, {className: "verdict"}), ...open];
  const {claim, verdict, seeds, because: [why, because], checks, command} = measured[stop.lab], also = stop.also ? measured[stop.also].checks.filter(([words]) => used.has(words)) : [];
  const item = ([statement, quantity, value, low, high, answer]) => box("li", {}, box("strong", {textContent: `${SIGNS[answer]} ${answer}: `}), statement[0].toUpperCase() + statement.slice(1), text("small", `${quantity} ${rounded(value)} [${rounded(low)} to ${rounded(high)}]`));
  // What the question was about, and the rest for who wants it.
  const asked = [...also, ...checks.filter(([words]) => used.has(words))], rest = checks.filter(([words]) => !used.has(words));
  const more = rest.length ? [box("details", {}, text("summary", `${rest.length} more statements`), box("ul", {className: "checks"}, ...rest.map(item)))] : [];
  return [
    text("p", `You guessed: ${stop.answers[guessed]}. The lab found: ${stop.answers[right]}${right === guessed ? ", as you did" : ""}.`, {className: "verdict"}),
    box("p", {}, box("strong", {textContent: why + " "}), because),
    text("h3", "What the lab measured"), text("p", `The chapter's claim: ${claim} On ${seeds} seeds: ${verdict}.`),
    box("ul", {className: "checks"}, ...asked.map(item)), ...more, text("p", command, {className: "fine"}), ...open];
}

addEventListener("resize", redrawGroups);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawGroups);
