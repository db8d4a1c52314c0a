// What the page shows, as plain data: it becomes the run's TOML, the command that repeats the run, and the page's address.

export const START = {view: "play", preset: "chapter", env: "", seed: 0, steps: 20_000, set: {}, fault: "none", hide: []};

// A switch for each part of the algorithm: what the chapter's agent has is on, and the settings are those without it.
export const SWITCHES = {
  replay: {name: "replay", part: true, set: {"replay.capacity": "1", "agent.batch_size": "1"}, about: "learn from a memory of transitions, not from the newest one alone"},
  target: {name: "target network", part: true, set: {"target.sync_every_updates": "1"}, about: "targets from a copy that stands still between synchronisations"},
  exploration: {name: "exploration", part: true, set: {"exploration.epsilon_start": "0.0", "exploration.epsilon_end": "0.0"}, about: "random actions, fewer and fewer"},
  mask: {name: "terminal mask", part: true, fault: "no_terminal_mask", about: "nothing is worth anything after the end of an episode"},
  double: {name: "double", set: {"agent.double": "true"}, about: "one network chooses the next action, the other values it"},
  dueling: {name: "dueling", set: {"network.dueling": "true"}, about: "value and advantages are learnt apart"},
  prioritized: {name: "prioritised replay", set: {"replay.prioritized": "true"}, about: "transitions with larger errors are replayed more often"},
  nstep: {name: "3-step returns", set: {"agent.n_step": "3"}, about: "targets look three rewards ahead"},
};

// Whether the switch stands as it says: a part is on unless its settings are there, an extension is on when they are.
export function isOn(state, name) {
  const one = SWITCHES[name];
  const there = one.fault ? state.fault === one.fault : Object.entries(one.set).every(([key, value]) => state.set[key] === value);
  return one.part ? !there : there;
}

export function switched(state, name) {
  const one = SWITCHES[name], plant = one.part === isOn(state, name) || (!one.part && !isOn(state, name));
  const next = {...state, set: {...state.set}};
  if (one.fault) next.fault = plant ? one.fault : "none";
  for (const [key, value] of Object.entries(one.set ?? {})) {
    if (plant) next.set[key] = value;
    else delete next.set[key];
  }
  return next;
}

// A value as TOML has it. What is typed is a number, a switch, a list or a text.
export function tomlValue(text) {
  return /^(true|false|[-+]?(\d[\d_]*(\.\d+)?([eE][-+]?\d+)?|inf|nan)|\[.*\]|".*")$/.test(text) ? text : JSON.stringify(text);
}

export function tomlOf(state) {
  const sections = {};
  const put = (key, value) => {
    const [section, name] = key.split(".");
    (sections[section] ??= {})[name] = value;
  };
  if (state.env) put("env.id", JSON.stringify(state.env));
  put("train.seed", String(state.seed));
  put("train.env_steps", String(state.steps));
  put("train.episodes", "0");
  for (const [key, value] of Object.entries(state.set)) put(key, tomlValue(value));
  const lines = [`preset = "${state.preset}"`];
  for (const [section, values] of Object.entries(sections)) lines.push("", `[${section}]`, ...Object.entries(values).map(([name, value]) => `${name} = ${value}`));
  return lines.join("\n") + "\n";
}

// Reads what tomlOf() writes, and lines of that kind that people type. Throws an Error that names the line.
export function stateOf(toml, before) {
  const state = {...before, preset: "chapter", env: "", set: {}};
  let section = "";
  toml.split("\n").forEach((raw, i) => {
    const line = raw.replace(/(^|\s)#.*$/, "").trim();
    if (!line) return;
    const head = /^\[([\w.]+)\]$/.exec(line), pair = /^([\w.]+)\s*=\s*(.+)$/.exec(line);
    if (head) section = head[1];
    else if (!pair) throw new Error(`line ${i + 1}: '${line}' is neither [section] nor key = value`);
    else take(section ? section + "." + pair[1] : pair[1], pair[2]);
  });
  function take(key, value) {
    const bare = value.replace(/^"(.*)"$/, "$1");
    if (key === "preset") state.preset = bare;
    else if (key === "env.id") state.env = bare;
    else if (key === "train.seed") state.seed = Number(bare);
    else if (key === "train.env_steps") state.steps = Number(bare.replaceAll("_", ""));
    else if (key !== "train.episodes" && key !== "version") state.set[key] = bare;
  }
  return state;
}

const shellWord = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : "'" + word.replaceAll("'", "'\\''") + "'");

// The program's command for the same run; "" where a fault has no key.
export function commandOf(state, arithmetic) {
  if (state.fault !== "none" && state.fault !== "stale_target") return "";
  const words = ["deepq", "train", "--preset", state.preset];
  if (state.env) words.push("--env", state.env);
  words.push("--seed", String(state.seed), "--steps", String(state.steps));
  for (const [key, value] of Object.entries({...state.set, ...(arithmetic ? {"train.arithmetic": "strict"} : {})})) words.push("--set", `${key}=${value}`);
  return words.map(shellWord).join(" ");
}

// #preset=chapter&seed=1&agent.double=true&view=walk&hide=settings; what is as at the start is left out.
export function addressOf(state) {
  const words = new URLSearchParams();
  for (const name of ["view", "preset", "env", "seed", "steps", "fault", "stop"]) if (state[name] !== undefined && state[name] !== START[name]) words.set(name, state[name]);
  for (const [key, value] of Object.entries(state.set)) words.set(key, value);
  if (state.hide.length) words.set("hide", state.hide.join(","));
  return "#" + words.toString();
}

export function stateAt(address) {
  const state = {...START, set: {}, hide: []};
  for (const [name, value] of new URLSearchParams(address.replace(/^#/, ""))) {
    if (name === "hide") state.hide = value.split(",").filter(Boolean);
    else if (name === "seed" || name === "steps" || name === "stop") state[name] = Math.max(0, Math.floor(Number(value)) || 0);
    else if (name in START) state[name] = value;
    else if (/^[a-z_]+\.[a-z_0-9]+$/.test(name)) state.set[name] = value;
  }
  return state;
}
