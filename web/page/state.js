// What the page shows, as plain data: it becomes the run's TOML, the command that repeats the run, and the page's address.

export const START = {view: "play", preset: "chapter", env: "", seed: 0, steps: 20_000, episodes: 0, set: {}, fault: "none", hide: [], groups: [], stop: 1, seeds: 5};

// Of each preset the values that differ from the program's own (tables()), and those.
let presetValues = new Map(), defaults = new Map();
export function knowPresets(tables) {
  defaults = new Map(tables.keys.map(({key, value}) => [key, value]));
  presetValues = new Map(tables.presets.map(({name, values}) => [name, new Map(Object.entries(values))]));
}

const bare = (value) => value?.replace(/^"(.*)"$/, "$1");

// What a key is in this run, as far as it is known here.
export const valueOf = (state, key) => state.set[key] ?? bare(presetValues.get(state.preset)?.get(key) ?? defaults.get(key));

// A switch for each part of the algorithm: what the chapter's agent has is on, and the settings are those without it.
export const SWITCHES = {
  replay: {name: "replay", part: true, set: {"replay.capacity": "1", "agent.batch_size": "1"}, about: "learn from a memory of transitions, not from the newest one alone"},
  target: {name: "target network", part: true, set: {"target.sync_every_updates": "1"}, about: "targets from a copy that stands still between synchronisations"},
  exploration: {name: "exploration", part: true, set: {"exploration.epsilon_start": "0.0", "exploration.epsilon_end": "0.0"}, about: "random actions, fewer and fewer"},
  mask: {name: "terminal mask", part: true, fault: "no_terminal_mask", about: "nothing is worth anything after the end of an episode"},
  double: {name: "double", set: {"agent.double": "true"}, off: {"agent.double": "false"}, about: "one network chooses the next action, the other values it"},
  dueling: {name: "dueling", set: {"network.dueling": "true"}, off: {"network.dueling": "false"}, about: "value and advantages are learnt apart"},
  prioritized: {name: "prioritised replay", set: {"replay.prioritized": "true"}, off: {"replay.prioritized": "false"}, about: "transitions with larger errors are replayed more often"},
  nstep: {name: "3-step returns", set: {"agent.n_step": "3"}, off: {"agent.n_step": "1"}, about: "targets look three rewards ahead"},
};

// A part is on unless its settings are there; an extension is on unless those without it are.
export function isOn(state, name) {
  const one = SWITCHES[name], are = (settings) => Object.entries(settings).every(([key, value]) => valueOf(state, key) === value);
  if (one.fault) return state.fault !== one.fault;
  return one.part ? !are(one.set) : valueOf(state, Object.keys(one.off)[0]) !== undefined && !are(one.off);
}

// The other way. What the preset has already is not written down.
export function switched(state, name) {
  const one = SWITCHES[name], next = {...state, set: {...state.set}};
  if (one.fault) return {...next, fault: isOn(state, name) ? one.fault : "none"};
  const plant = one.part ? (isOn(state, name) ? one.set : {}) : isOn(state, name) ? one.off : one.set;
  for (const key of Object.keys(one.set)) delete next.set[key];
  for (const [key, value] of Object.entries(plant)) if (valueOf(next, key) !== value) next.set[key] = value;
  return next;
}

// A setting of a comparison, as an address and a text box have it: names of switches that are the other way, and keys.
// "double; agent.gamma=0.9"
export function withWords(base, words) {
  let state = {...base, set: {...base.set}};
  for (const word of words.split(";").map((one) => one.trim()).filter(Boolean)) {
    const pair = /^([a-z][a-z_]*\.[a-z][a-z_0-9]*)\s*=\s*(.+)$/.exec(word);
    if (pair) state.set[pair[1]] = pair[2];
    else if (Object.hasOwn(SWITCHES, word)) state = switched(state, word);
    else throw new Error(`'${word}' is neither key=value nor one of ${Object.keys(SWITCHES).join(", ")}`);
  }
  return state;
}

// A value as TOML has it. What is typed is a number, a switch, a list or a text.
export function tomlValue(text) {
  return /^(true|false|[-+]?(\d[\d_]*(\.\d+)?([eE][-+]?\d+)?|inf|nan)|\[.*\]|".*")$/.test(text) ? text : JSON.stringify(text);
}

export function tomlOf(state) {
  const sections = new Map();
  const put = (key, value) => {
    const [section, name] = key.split(".");
    if (!sections.has(section)) sections.set(section, new Map());
    sections.get(section).set(name, value);
  };
  if (state.env) put("env.id", JSON.stringify(state.env));
  put("train.seed", String(state.seed));
  put("train.env_steps", String(state.steps));
  put("train.episodes", String(state.episodes));
  for (const [key, value] of Object.entries(state.set)) put(key, tomlValue(value));
  const lines = state.preset ? [`preset = "${state.preset}"`] : [];
  for (const [section, values] of sections) lines.push("", `[${section}]`, ...[...values].map(([name, value]) => `${name} = ${value}`));
  return lines.join("\n") + "\n";
}

// Reads what tomlOf() writes, lines of that kind that people type, and a run's complete settings: what the preset has already is left out.
// Throws an Error that names the line.
export function stateOf(toml, before) {
  const state = {...before, preset: "", env: "", set: {}}, given = [];
  let section = "";
  toml.split("\n").forEach((raw, i) => {
    const line = raw.replace(/(^|\s)#.*$/, "").trim();
    if (!line) return;
    const head = /^\[([\w.]+)\]$/.exec(line), pair = /^([\w.]+)\s*=\s*(.+)$/.exec(line);
    if (head) section = head[1];
    else if (!pair) throw new Error(`line ${i + 1}: '${line}' is neither [section] nor key = value`);
    else given.push([section ? section + "." + pair[1] : pair[1], bare(pair[2])]);
  });
  const own = {
    version: () => {},
    preset: (value) => (state.preset = value),
    "env.id": (value) => (state.env = value),
    "train.seed": (value) => (state.seed = Number(value)),
    "train.env_steps": (value) => (state.steps = Number(value.replaceAll("_", ""))),
    "train.episodes": (value) => (state.episodes = Number(value.replaceAll("_", ""))),
  };
  for (const [key, value] of given) if (Object.hasOwn(own, key)) own[key](value);
  if (state.env === bare(presetValues.get(state.preset)?.get("env.id") ?? defaults.get("env.id"))) state.env = "";
  for (const [key, value] of given) if (!Object.hasOwn(own, key) && valueOf(state, key) !== value) state.set[key] = value;
  return state;
}

const shellWord = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : "'" + word.replaceAll("'", "'\\''") + "'");

// The program's command for the same run; "" where a fault is planted, for which it has no key. `strict`: it has train.arithmetic.
export function commandOf(state, strict) {
  if (state.fault !== "none") return "";
  const words = ["deepq", "train"];
  if (state.preset) words.push("--preset", state.preset);
  if (state.env) words.push("--env", state.env);
  words.push("--seed", String(state.seed));
  if (state.steps) words.push("--steps", String(state.steps));
  if (state.episodes) words.push("--episodes", String(state.episodes));
  const plain = valueOf(state, "network.engine") === "plain"; // its loops are the same everywhere already
  for (const [key, value] of Object.entries({...state.set, ...(strict && !plain ? {"train.arithmetic": "strict"} : {})})) words.push("--set", `${key}=${value}`);
  return words.map(shellWord).join(" ");
}

// #preset=chapter&seed=1&agent.double=true&view=walk&stop=4&hide=settings; what is as at the start is left out. groups=|double|replay;target
const WORDS = ["view", "preset", "env", "fault"], NUMBERS = ["seed", "steps", "episodes", "stop", "seeds"];

export function addressOf(state) {
  const words = new URLSearchParams();
  for (const name of [...WORDS, ...NUMBERS]) if (state[name] !== undefined && state[name] !== START[name]) words.set(name, state[name]);
  for (const [key, value] of Object.entries(state.set)) words.set(key, value);
  if (state.hide.length) words.set("hide", state.hide.join(","));
  if (state.groups.length) words.set("groups", state.groups.join("|"));
  return "#" + words.toString();
}

// Whatever stands there: a stranger may have written it.
export function stateAt(address) {
  const state = {...START, set: {}, hide: [], groups: []};
  for (const [name, value] of new URLSearchParams(address.replace(/^#/, ""))) {
    if (name === "hide") state.hide = value.split(",").filter(Boolean);
    else if (name === "groups") state.groups = value.split("|").slice(0, 4);
    else if (name === "seed" && value === "any") state.seed = Math.floor(Math.random() * 10_000); // each reader of a lesson another
    else if (NUMBERS.includes(name)) state[name] = Math.max(0, Math.floor(Number(value)) || 0);
    else if (WORDS.includes(name)) state[name] = value;
    else if (/^[a-z][a-z_]*\.[a-z][a-z_0-9]*$/.test(name)) state.set[name] = value;
  }
  return state;
}
