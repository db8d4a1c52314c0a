// The settings: presets, switches, every key, the text, and the grid's editor.
import {$, box, said, text} from "./dom.js";
import {commandOf, isOn, START, stateOf, SWITCHES, switched, tomlOf} from "./state.js";
import {drawWorld, storyOf} from "./worlds.js";
import {draw, markCell} from "./panels.js";
import {now} from "./now.js";

// With the settings that learn the game: the chapter's, but where those never reach the goal, or no game of theirs ends.
const WORLDS = {
  "CartPole-v1": {env: ""},
  "MountainCar-v0": {preset: "mountaincar", env: "", steps: 60_000},
  "Acrobot-v1": {},
  "GridWorld-v0": {},
  "FrozenLake-v1": {},
  "CliffWalking-v1": {set: {"agent.algorithm": "q_learning", "env.max_episode_steps": "200"}},
  "MinAtar/Breakout-v1": {},
};
let mark = -1; // the cell that the keyboard is at

export const strictKey = () => now.tables.keys.some(({key}) => key === "train.arithmetic");
const worldId = () => now.state.env || now.tables.presets.find(({name}) => name === now.state.preset)?.env || "CartPole-v1";

export function showSettings() {
  const {state, tables, world} = now, command = commandOf(state, strictKey());
  $("preset").value = state.preset;
  $("env").value = worldId();
  $("seed").value = state.seed;
  $("steps").value = state.steps;
  $("story").textContent = storyOf(worldId());
  $("preset-text").textContent = tables.presets.find(({name}) => name === state.preset)?.text ?? "";
  $("toml").value = tomlOf(state);
  $("command").textContent = command || "A planted fault has no command: the program does not have it.";
  $("copy-command").hidden = !command;
  $("editor").hidden = worldId() !== "GridWorld-v0" || state.hide.includes("editor");
  $("rows").value = world?.grid?.rows ?? 5;
  $("columns").value = world?.grid?.columns ?? 5;
  markCell((mark = -1));
  for (const name of Object.keys(SWITCHES)) $("switch-" + name).checked = isOn(state, name);
  $("editor").ontoggle();
  listKeys();
}

// `change(next)`: starts a run with these parts of the state changed; `problem(error)` shows it.
export function makeSettings(change, problem) {
  const {tables} = now, whole = (id, least) => Math.max(least, Math.floor(Number($(id).value)) || least);
  $("preset").replaceChildren(...tables.presets.map(({name}) => text("option", name, {value: name})));
  $("env").replaceChildren(...Object.keys(WORLDS).map((id) => text("option", id, {value: id})));
  $("switches").replaceChildren(...Object.entries(SWITCHES).map(([name, one]) => {
    const field = box("input", {type: "checkbox", id: "switch-" + name, onchange: () => change(switched(now.state, name))});
    return box("label", {}, field, " " + one.name, text("small", one.about));
  }));
  $("preset").onchange = () => change({preset: $("preset").value, env: "", set: {}, fault: "none"});
  $("env").onchange = () => change({preset: START.preset, env: $("env").value, set: {}, fault: "none", steps: START.steps, episodes: 0, ...WORLDS[$("env").value]});
  $("seed").onchange = () => change({seed: whole("seed", 0)});
  $("steps").onchange = () => change({episodes: 0, steps: whole("steps", 1)});
  $("find").oninput = listKeys;
  $("find").closest("details").ontoggle = listKeys;
  $("use-toml").onclick = () => {
    try {
      change(stateOf($("toml").value, now.state));
    } catch (error) {
      problem(error);
    }
  };
  setKey = (key, value) => {
    const set = {...now.state.set};
    if (value === "") delete set[key];
    else set[key] = value;
    change({set});
  };
  makeEditor(change);
}

let setKey;

// Each key with the program's own words: what it means, what is allowed.
function listKeys() {
  if (!$("find").closest("details").open) return;
  const wanted = $("find").value.toLowerCase(), own = ["preset", "version", "env.id", "train.seed", "train.env_steps", "train.episodes"];
  const rows = now.tables.keys.filter(({key, doc}) => !own.includes(key) && (!wanted || (key + " " + doc).toLowerCase().includes(wanted)));
  $("keys").replaceChildren(...rows.map(({key, value, allowed, doc, words}) => {
    const field = box(words.length ? "select" : "input", {id: "key-" + key, onchange: () => setKey(key, field.value.trim())});
    if (words.length) field.replaceChildren(text("option", "as the preset has it", {value: ""}), ...words.map((word) => text("option", word, {value: word})));
    else field.placeholder = "as the preset has it";
    field.value = now.state.set[key] ?? "";
    const about = box("label", {htmlFor: field.id}, text("code", key), text("small", `${doc}; allowed: ${allowed}; default ${value}`));
    return box("div", {className: "key" + (key in now.state.set ? " changed" : "")}, about, field);
  }));
}

// --- The grid's editor -------------------------------------------------------------------------------------------------------------------

const KEYS = {wall: "grid_world.walls", goal: "grid_world.goals", start: "grid_world.starts"};

// Places what is chosen on a cell, or takes it away.
function place(cell, change) {
  const {world, state} = now;
  if (cell < 0 || world.id !== "GridWorld-v0" || !$("editor").open || $("editor").hidden) return;
  const brush = document.querySelector("[name=brush]:checked").value, key = KEYS[brush];
  const here = new Set(brush === "wall" ? world.grid.walls : brush === "goal" ? world.grid.goals : state.set[key] ? JSON.parse(state.set[key]) : []);
  const taken = here.delete(cell);
  if (!taken) here.add(cell);
  const at = mark; // stays where it is while the world is made anew
  change({set: {...state.set, [key]: "[" + [...here].sort((a, b) => a - b).join(", ") + "]"}}).then(() => {
    markCell((mark = at));
    if (!now.refused) said(`${brush} ${taken ? "taken away" : "placed"}.`);
    draw();
  });
}

function makeEditor(change) {
  const sized = () => change({set: {...now.state.set, "grid_world.rows": $("rows").value, "grid_world.columns": $("columns").value, "grid_world.walls": "[]", "grid_world.goals": "[]", "grid_world.starts": "[]"}});
  $("rows").onchange = $("columns").onchange = sized;
  $("editor").ontoggle = () => {
    const takesKeys = $("editor").open && !$("editor").hidden;
    $("world").setAttribute("role", takesKeys ? "application" : "img");
    $("world").tabIndex = takesKeys ? 0 : -1;
  };
  $("world").onclick = (event) => {
    const cells = drawWorld($("world"), now.world, now.look.observation, {mark});
    if (cells) place(cells.cellAt(event.offsetX, event.offsetY), change);
  };
  $("world").onkeydown = (event) => {
    const {grid} = now, step = grid && {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
    if (step) {
      const row = Math.floor(Math.max(mark, 0) / grid.columns), column = Math.max(mark, 0) % grid.columns, within = (i, n) => Math.max(0, Math.min(n - 1, i));
      markCell((mark = mark < 0 ? 0 : within(row + step[0], grid.rows) * grid.columns + within(column + step[1], grid.columns)));
      said(`Row ${Math.floor(mark / grid.columns) + 1}, column ${(mark % grid.columns) + 1}: ${{"#": "wall", G: "goal", H: "hole"}[grid.cells[mark]] ?? "free"}.`);
      event.preventDefault();
      draw();
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      place(mark, change);
    }
  };
}
