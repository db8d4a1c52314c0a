// The page: the run that is watched, its settings, and what is carried away.
import {$, text} from "./dom.js";
import {actionNames, cellOf, drawWorld, gridOf, observationsOf, worldText} from "./worlds.js";
import {drawChart, drawPlane, runningMean, shortNumber} from "./charts.js";
import {addressOf, commandOf, isOn, knowPresets, START, stateAt, stateOf, SWITCHES, switched, tomlOf} from "./state.js";
import {Hand, prepare} from "./runs.js";
import {openCompare} from "./compare.js";
import {openFaults, openWalk} from "./lessons.js";

const WORLDS = ["CartPole-v1", "MountainCar-v0", "Acrobot-v1", "GridWorld-v0", "FrozenLake-v1", "FrozenLake8x8-v1", "CliffWalking-v1", "MinAtar/Breakout-v1"];

let state = stateAt(location.hash), tables, hand, world = null, look = null, playing = false, refused = false, mark = -1, grid = null;
const shown = {steps: [], returns: [], metrics: [], rate: null};

function problem(error) {
  $("problem").textContent = error ? error.message ?? String(error) : "";
  $("problem").hidden = !error;
}

const strictKey = () => tables.keys.some(({key}) => key === "train.arithmetic");
const worldId = () => state.env || tables.presets.find(({name}) => name === state.preset)?.env || "CartPole-v1";

// --- The run -----------------------------------------------------------------------------------------------------------------------------

function take({look: now, news, playing: still, done, error}) {
  if (error) {
    playing = false;
    problem({message: error});
    return controls();
  }
  look = now;
  for (const episode of news.episodes) {
    shown.steps.push(episode.env_steps);
    shown.returns.push(episode.return);
  }
  shown.metrics.push(...news.metrics);
  if (still === false || done) playing = false;
  controls();
  requestAnimationFrame(draw);
}

async function start(loaded) {
  problem(null);
  playing = refused = false;
  try {
    const begun = loaded ?? (await hand.call("start", tomlOf(state), state.fault));
    world = begun.world;
    grid = gridOf(world);
    for (const list of [shown.steps, shown.returns, shown.metrics]) list.length = 0;
    take(begun);
    if (!loaded) calibrate();
  } catch (error) {
    refused = true; // what is on the page is the run before
    problem(error);
    controls();
  }
  settings();
  history.replaceState(null, "", addressOf(state));
}

// How long the whole run will take here: a short one is timed before, in a worker of its own.
async function calibrate() {
  const probe = new Hand(), asked = tomlOf(state), steps = Math.min(state.steps, 1500);
  try {
    const {summary} = await probe.call("whole", tomlOf({...state, steps}), state.fault, steps);
    if (asked === tomlOf(state)) $("how-long").textContent = `All ${state.steps.toLocaleString("en")} steps take about ${duration((state.steps * summary.seconds) / summary.env_steps)} here, as fast as it goes.`;
  } catch {
    $("how-long").textContent = ""; // too short a run to time is said by the run itself
  }
  probe.end();
}

const duration = (seconds) => (seconds < 90 ? Math.max(1, Math.round(seconds)) + " s" : Math.round(seconds / 60) + " minutes");

function controls() {
  $("toggle").textContent = playing ? "Pause" : look?.done ? "Done" : "Play";
  $("toggle").disabled = !playing && (refused || (look?.done ?? true));
  for (const id of ["one-step", "one-episode"]) $(id).disabled = playing || refused || (look?.done ?? true);
  $("save").disabled = refused || state.fault !== "none"; // a checkpoint would go on without the fault
}

// --- What is seen ------------------------------------------------------------------------------------------------------------------------

// While it plays, one panel a frame: all at once would hold a slow phone up.
const PANELS = [drawCurve, drawNumbers, drawErrors, drawValues];
let turn = 0;

function draw() {
  if (!look || $("play").hidden) return;
  drawWorld($("world"), world, look.observation, {mark});
  $("world-text").textContent = `${world.id}, step ${look.env_steps.toLocaleString("en")}, episode ${look.episodes + 1}, return so far ${shortNumber(look.episode_return)}. ${worldText(world, look.observation)}`;
  $("world").setAttribute("aria-label", worldText(world, look.observation));
  drawBars();
  if (playing) PANELS[turn++ % PANELS.length]();
  else for (const panel of PANELS) panel();
}

function drawCurve() {
  const mean = runningMean(shown.returns, 20), every = Math.max(1, Math.floor(shown.steps.length / 1500));
  const dots = shown.steps.map((x, i) => [x, shown.returns[i]]).filter((_, i) => i % every === 0);
  drawChart($("curve"), {lines: [{xs: shown.steps, ys: mean, dots, colour: "--c0"}], xMax: state.steps || look.env_steps, xTitle: "environment steps", yTitle: "return", threshold: world.solved_return});
  const last = mean.at(-1);
  $("curve-text").textContent = mean.length ? `${mean.length} episodes; the line is the mean of the last 20, now ${shortNumber(last)}${phase()}.` : "No episode has ended yet.";
}

// Of the chapter's three phases, by what they mean: acting at random, rising, holding what it has.
function phase() {
  if (look.epsilon > 0.5) return ", exploring: most actions are random";
  const means = runningMean(shown.returns, 20), now = means.at(-1), before = means.at(-21) ?? now;
  return now > before * 1.05 + 1e-9 ? ", learning: it rises" : ", near its best of " + shortNumber(Math.max(...means.slice(10), now));
}

function drawBars() {
  const names = actionNames(world), low = Math.min(...look.q, 0), high = Math.max(...look.q, 0), span = high - low || 1;
  const bars = $("bars");
  if (bars.childElementCount !== names.length) bars.replaceChildren(...names.map((name) => {
    const bar = text("div", "", {className: "bar"}), track = text("span", "", {className: "track"});
    track.append(text("span", "", {className: "fill"}));
    bar.append(text("span", name), track, text("span", "", {className: "number"}));
    return bar;
  }));
  look.q.forEach((value, action) => {
    const bar = bars.children[action];
    bar.classList.toggle("best", action === look.action);
    bar.firstChild.textContent = names[action] + (action === look.action ? " ✓" : "");
    bar.querySelector(".fill").style.width = (100 * (value - low)) / span + "%";
    bar.lastChild.textContent = value === null ? "not finite" : value.toFixed(2);
  });
}

function drawNumbers() {
  const last = shown.metrics.at(-1), mean = runningMean(shown.returns, 100).at(-1);
  const rows = {"mean of 100": mean === undefined ? "–" : shortNumber(mean), "epsilon": look.epsilon?.toFixed(3), "updates": shortNumber(look.updates), "updates a second": look.seconds > 0.2 ? shortNumber(Math.round(look.updates / look.seconds)) : "–"};
  if (look.stored !== undefined) rows["in replay"] = shortNumber(look.stored);
  if (last?.loss !== undefined) rows.loss = last.loss === null ? "not finite" : last.loss.toPrecision(3);
  if (last?.mean_q !== undefined) rows["mean Q"] = last.mean_q === null ? "not finite" : shortNumber(last.mean_q);
  $("numbers").replaceChildren(...Object.entries(rows).map(([name, value]) => {
    const cell = document.createElement("div");
    cell.append(text("dt", name), text("dd", value));
    return cell;
  }));
}

let errorsAsked = false;
async function drawErrors() {
  if (errorsAsked) return;
  errorsAsked = true;
  const errors = [...(await hand.call("tdErrors").catch(() => []))].map(Math.abs).sort((a, b) => a - b);
  errorsAsked = false;
  drawChart($("errors"), {lines: [{xs: errors.map((_, i) => i + 1), ys: errors, colour: "--c3"}], xMax: Math.max(1, errors.length), xTitle: "samples, the smallest error first", yTitle: "distance from the target"});
  $("errors-text").textContent = errors.length ? `${errors.length} samples: half are off by less than ${shortNumber(errors[errors.length >> 1])}, one by ${shortNumber(errors.at(-1))}.` : "No update yet.";
}

const PLANES = {
  "CartPole-v1": {columns: 31, rows: 31, xs: [-0.21, 0.21], ys: [-2, 2], at: (x, y) => [0, 0, x, y], of: (o) => [o[2], o[3]], xTitle: "pole's angle (radians)", yTitle: "angular speed"},
  "MountainCar-v0": {columns: 41, rows: 25, xs: [-1.2, 0.6], ys: [-0.07, 0.07], at: (x, y) => [x, y], of: (o) => o, xTitle: "position", yTitle: "speed"},
};

let valuesAsked = false;
async function drawValues() {
  const plane = PLANES[world.id];
  $("values").hidden = !plane && !grid;
  if ((!plane && !grid) || valuesAsked) return;
  valuesAsked = true;
  const actions = world.action_count;
  const best = (all) => Array.from({length: all.length / actions}, (_, i) => Math.max(...all.subarray(i * actions, (i + 1) * actions)));
  try {
    if (grid) drawGridValues(await hand.call("values", observationsOf(grid, look.observation.length)), best, actions);
    else {
      const observations = [];
      for (let r = 0; r < plane.rows; ++r)
        for (let c = 0; c < plane.columns; ++c)
          observations.push(...plane.at(plane.xs[0] + ((plane.xs[1] - plane.xs[0]) * c) / (plane.columns - 1), plane.ys[1] - ((plane.ys[1] - plane.ys[0]) * r) / (plane.rows - 1)));
      const values = best(await hand.call("values", observations)), place = plane.of(look.observation), inside = (x, [a, b]) => Math.max(0, Math.min(1, (x - a) / (b - a)));
      const {low, high} = drawPlane($("plane"), values, plane.columns, {...plane, xEnds: plane.xs, yEnds: plane.ys, mark: [inside(place[0], plane.xs), inside(place[1], plane.ys)]});
      $("plane-text").textContent = `The best action's value: ${shortNumber(low)} where it is palest, ${shortNumber(high)} where it is darkest; the ring is where the world is now${world.id === "CartPole-v1" ? " (cart in the middle, at rest)" : ""}.`;
    }
  } catch {
    // The run was replaced meanwhile; its values come with the next frame.
  }
  valuesAsked = false;
}

function drawGridValues(all, best, actions) {
  const exact = world.q_star ? Float64Array.from(world.q_star) : null;
  $("exact-label").hidden = !exact;
  const showExact = exact && $("exact").checked, from = showExact ? exact : all, values = best(from);
  const policy = values.map((value, cell) => from.subarray(cell * actions, (cell + 1) * actions).indexOf(value));
  const open = values.filter((_, cell) => "S.".includes(grid.cells[cell]));
  drawWorld($("plane"), world, look.observation, {values, policy, low: Math.min(...open), high: Math.max(...open)});
  // Where something is ever done: not in walls, holes and goals.
  const acted = [...all.keys()].filter((i) => "S.".includes(grid.cells[Math.floor(i / actions)]));
  const error = exact ? Math.sqrt(acted.reduce((sum, i) => sum + (all[i] - exact[i]) ** 2, 0) / acted.length) : NaN;
  $("plane-text").textContent = (showExact ? "The exact values, by value iteration." : "Learnt values, and the action that each would choose.") + (exact ? ` Root mean square error of Q: ${error.toFixed(3)}.` : "");
}

// --- Settings ----------------------------------------------------------------------------------------------------------------------------

function change(next) {
  state = {...state, ...next};
  start();
}

function settings() {
  $("preset").value = state.preset;
  $("env").value = worldId();
  $("seed").value = state.seed;
  $("steps").value = state.steps;
  $("preset-text").textContent = tables.presets.find(({name}) => name === state.preset)?.text ?? "";
  $("toml").value = tomlOf(state);
  const command = commandOf(state, strictKey());
  $("command").textContent = command || "A planted fault has no command: the program does not have it.";
  $("copy-command").hidden = !command;
  $("editor").hidden = worldId() !== "GridWorld-v0";
  $("rows").value = world?.grid?.rows ?? 5;
  $("columns").value = world?.grid?.columns ?? 5;
  for (const name of Object.keys(SWITCHES)) $("switch-" + name).checked = isOn(state, name);
  listKeys();
  for (const part of document.querySelectorAll("[data-part]")) if (state.hide.includes(part.dataset.part)) part.hidden = true;
}

function makeSettings() {
  $("preset").replaceChildren(...tables.presets.map(({name}) => text("option", name, {value: name})));
  $("env").replaceChildren(...tables.envs.filter((id) => WORLDS.includes(id)).map((id) => text("option", id, {value: id})));
  $("switches").replaceChildren(...Object.entries(SWITCHES).map(([name, one]) => {
    const label = document.createElement("label");
    label.append(Object.assign(document.createElement("input"), {type: "checkbox", id: "switch-" + name, onchange: () => change(switched(state, name))}), " " + one.name, text("small", one.about));
    return label;
  }));
  $("preset").onchange = () => change({preset: $("preset").value, env: "", set: {}, fault: "none"});
  $("env").onchange = () => change({env: $("env").value});
  $("seed").onchange = () => change({seed: Math.max(0, Math.floor(Number($("seed").value)) || 0)});
  $("steps").onchange = () => change({episodes: 0, steps: Math.max(1, Math.floor(Number($("steps").value)) || 1)});
  $("find").oninput = listKeys;
  $("use-toml").onclick = () => {
    try {
      change(stateOf($("toml").value, state));
    } catch (error) {
      problem(error);
    }
  };
  $("rows").onchange = $("columns").onchange = () => change({set: {...state.set, "grid_world.rows": $("rows").value, "grid_world.columns": $("columns").value, "grid_world.walls": "[]", "grid_world.goals": "[]", "grid_world.starts": "[]"}});
}

// Each key with the program's own words: what it means, what is allowed.
function listKeys() {
  if (!$("find").closest("details").open) return;
  const wanted = $("find").value.toLowerCase();
  const own = ["preset", "version", "env.id", "train.seed", "train.env_steps", "train.episodes"];
  const rows = tables.keys.filter(({key, doc}) => !own.includes(key) && (!wanted || (key + " " + doc).toLowerCase().includes(wanted)));
  $("keys").replaceChildren(...rows.map(({key, value, allowed, doc, words}) => {
    const row = text("div", "", {className: "key" + (key in state.set ? " changed" : "")}), about = document.createElement("label"), id = "key-" + key;
    about.htmlFor = id;
    about.append(text("code", key), text("small", `${doc}; allowed: ${allowed}; default ${value}`));
    const field = words.length ? document.createElement("select") : document.createElement("input");
    if (words.length) field.replaceChildren(text("option", "as the preset has it", {value: ""}), ...words.map((word) => text("option", word, {value: word})));
    else field.placeholder = "as the preset has it";
    field.id = id;
    field.value = state.set[key] ?? "";
    field.onchange = () => {
      const set = {...state.set};
      if (field.value.trim() === "") delete set[key];
      else set[key] = field.value.trim();
      change({set});
    };
    row.append(about, field);
    return row;
  }));
}

// A click or Enter on a cell of the grid places what is chosen, or takes it away.
function place(cell) {
  if (cell < 0 || world.id !== "GridWorld-v0" || $("editor").hidden) return;
  const brush = document.querySelector("[name=brush]:checked").value, key = {wall: "grid_world.walls", goal: "grid_world.goals", start: "grid_world.starts"}[brush];
  const here = new Set(brush === "wall" ? world.grid.walls : brush === "goal" ? world.grid.goals : state.set[key] ? JSON.parse(state.set[key]) : []);
  if (!here.delete(cell)) here.add(cell);
  change({set: {...state.set, [key]: "[" + [...here].sort((a, b) => a - b).join(", ") + "]"}});
}

function makeEditor() {
  $("world").onclick = (event) => {
    const cells = drawWorld($("world"), world, look.observation, {mark});
    if (cells && $("editor").open) place(cells.cellAt(event.offsetX, event.offsetY));
  };
  $("world").onkeydown = (event) => {
    const move = grid && {ArrowUp: -grid.columns, ArrowDown: grid.columns, ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (move) {
      mark = Math.max(0, Math.min(grid.cells.length - 1, mark < 0 ? 0 : mark + move));
      said(`Row ${Math.floor(mark / grid.columns) + 1}, column ${(mark % grid.columns) + 1}: ${{"#": "wall", G: "goal", H: "hole"}[grid.cells[mark]] ?? "free"}.`);
      event.preventDefault();
      draw();
    } else if (event.key === "Enter" && $("editor").open) place(mark);
  };
}

// --- Carried away ------------------------------------------------------------------------------------------------------------------------

const said = (words) => ($("carried").textContent = words);

function makeCarry() {
  const copy = (words, what) => navigator.clipboard.writeText(words).then(() => said(what + " is copied."), () => said(words));
  $("copy-command").onclick = () => copy(commandOf(state, strictKey()), "The command");
  $("copy-link").onclick = () => copy(location.href.split("#")[0] + addressOf(state), "The link");
  $("save").onclick = async () => {
    try {
      const file = new Blob([await hand.call("checkpoint")]), link = Object.assign(document.createElement("a"), {href: URL.createObjectURL(file), download: `checkpoint-${String(look.env_steps).padStart(12, "0")}.safetensors`});
      link.click();
      said(`Saved at step ${look.env_steps}. deepq eval ${link.download} plays with it.`);
    } catch (error) {
      problem(error);
    }
  };
  $("load").onchange = async () => {
    const [file] = $("load").files;
    if (!file) return;
    try {
      const begun = await hand.call("load", new Uint8Array(await file.arrayBuffer()));
      state = {...stateOf(await hand.call("toml"), START), view: state.view, hide: state.hide};
      await start(begun);
      said(`${file.name} goes on at step ${look.env_steps}.`);
    } catch (error) {
      problem(error);
    }
    $("load").value = "";
  };
}

// --- The parts of the page ---------------------------------------------------------------------------------------------------------------

function view(asked) {
  const name = ["play", "compare", "walk", "faults"].includes(asked) ? asked : "play";
  state.view = name;
  for (const part of ["play", "compare", "walk", "faults"]) {
    $(part).hidden = part !== name;
    $("tab-" + part).setAttribute("aria-selected", String(part === name));
    $("tab-" + part).tabIndex = part === name ? 0 : -1;
  }
  if (name !== "play" && playing) $("toggle").click();
  if (name === "compare") openCompare(state, tables);
  if (name === "walk") openWalk(state, (next) => {
    view("play");
    change(next);
  });
  if (name === "faults") openFaults(state);
  history.replaceState(null, "", addressOf(state));
  draw();
}

async function open() {
  await prepare();
  hand = new Hand(take);
  tables = await hand.ready;
  knowPresets(tables);
  $("version").textContent = tables.version;
  makeSettings();
  makeEditor();
  makeCarry();
  $("toggle").onclick = async () => {
    playing = !playing;
    if (playing) hand.call("play", Number($("speed").value));
    else take(await hand.call("pause"));
    controls();
  };
  $("speed").onchange = () => playing && hand.call("play", Number($("speed").value));
  for (const [id, call] of [["one-step", "step"], ["one-episode", "episode"]]) $(id).onclick = () => hand.call(call).then(take, problem);
  $("reset").onclick = () => start();
  $("exact").onchange = draw;
  $("find").closest("details").ontoggle = listKeys;
  const tabs = [...document.querySelectorAll("[role=tab]")];
  tabs.forEach((tab, i) => {
    tab.onclick = () => view(tab.id.slice(4));
    tab.onkeydown = ({key}) => {
      const step = {ArrowRight: 1, ArrowLeft: -1}[key];
      if (step) {
        const next = tabs[(i + step + tabs.length) % tabs.length];
        next.focus();
        next.click();
      }
    };
  });
  addEventListener("hashchange", () => {
    state = stateAt(location.hash);
    start().then(() => view(state.view));
  });
  addEventListener("resize", draw);
  matchMedia("(prefers-color-scheme: dark)").onchange = draw;
  await start();
  view(state.view);
}

open().catch(problem);
