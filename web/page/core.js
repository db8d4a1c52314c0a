// The library's core in this page: a WebAssembly module and the calls that it takes. Runs in a worker, in a page and in Node.
// start(toml) gives a run; errors are Error objects with the program's own messages.

const ASK = {summary: 0, look: 1, news: 2, world: 3, toml: 4, checkpoint: 5, tdErrors: 6, show: 7};

// The module asks the system for little: the time, and where to write what nobody reads.
function systemOf(module, memory) {
  const calls = {
    clock_time_get(_id, _precision, to) {
      new DataView(memory().buffer).setBigUint64(to, BigInt(Math.round(performance.now() * 1e6)), true);
      return 0;
    },
    environ_sizes_get(count, size) {
      const view = new DataView(memory().buffer);
      view.setUint32(count, 0, true);
      view.setUint32(size, 0, true);
      return 0;
    },
    fd_prestat_get: () => 8, // no such descriptor: there are no folders
    proc_exit(status) {
      throw new Error("the core ended with status " + status);
    },
  };
  const system = {};
  for (const {module: from, name} of WebAssembly.Module.imports(module)) (system[from] ??= {})[name] = calls[name] ?? (() => 52); // not supported
  return system;
}

export class Core {
  static async of(bytes) {
    const module = await WebAssembly.compile(bytes);
    const core = new Core();
    const instance = await WebAssembly.instantiate(module, systemOf(module, () => core.memory));
    core.calls = instance.exports;
    core.memory = instance.exports.memory;
    instance.exports._initialize?.();
    return core;
  }

  put(bytes) {
    const at = this.calls.deepq_input(bytes.length);
    new Uint8Array(this.memory.buffer, at, bytes.length).set(bytes);
  }

  // A copy: the answer's place is used again.
  answer() {
    const at = this.calls.deepq_output();
    return new Uint8Array(this.memory.buffer, at, this.calls.deepq_output_size()).slice();
  }

  text() {
    return new TextDecoder().decode(this.answer());
  }

  checked(status) {
    if (status < 0) throw new Error(this.text());
    return status;
  }

  tables() {
    this.checked(this.calls.deepq_tables());
    return JSON.parse(this.text());
  }

  start(toml, fault = "none") {
    const encoder = new TextEncoder(), settings = encoder.encode(toml), name = encoder.encode(fault), all = new Uint8Array(settings.length + name.length);
    all.set(settings);
    all.set(name, settings.length);
    this.put(all);
    return new Run(this, this.checked(this.calls.deepq_start(settings.length, name.length)));
  }

  // The bytes of a checkpoint file, of a page or of the program.
  load(bytes) {
    this.put(bytes);
    return new Run(this, this.checked(this.calls.deepq_load(bytes.length)));
  }
}

// What pages call: start(toml) and load(bytes) give runs of one core, which is opened at the first call. `bytes` finds the module.
export function library(bytes) {
  let opened = null;
  const open = (source) => {
    if (source !== undefined || !opened) {
      opened = Promise.resolve(bytes(source)).then(Core.of);
      opened.catch(() => (opened = null)); // the next call tries again
    }
    return opened;
  };
  return {open, start: async (toml) => (await open()).start(toml), load: async (checkpoint) => (await open()).load(checkpoint)};
}

export class Run {
  constructor(core, number) {
    this.core = core;
    this.number = number;
    this.done = false;
  }

  step(envSteps) {
    this.done = this.core.checked(this.core.calls.deepq_step(this.number, envSteps)) === 1;
    return this.done;
  }

  stepEpisode(most) {
    this.done = this.core.checked(this.core.calls.deepq_step_episode(this.number, most)) === 1;
    return this.done;
  }

  ask(what) {
    this.core.checked(this.core.calls.deepq_ask(this.number, ASK[what]));
    return this.core.answer();
  }

  json(what) {
    return JSON.parse(new TextDecoder().decode(this.ask(what)));
  }

  summary() { return this.json("summary"); }
  look() { return this.json("look"); }
  news() { return this.json("news"); }
  world() { return this.json("world"); }
  toml() { return new TextDecoder().decode(this.ask("toml")); }
  checkpoint() { return this.ask("checkpoint"); }
  show() { return this.json("show"); }
  tdErrors() { return new Float32Array(this.ask("tdErrors").buffer); }

  numbers(observations) {
    const floats = Float32Array.from(observations);
    this.core.put(new Uint8Array(floats.buffer));
    return floats.length;
  }

  values(observations) {
    this.core.checked(this.core.calls.deepq_values(this.number, this.numbers(observations)));
    return new Float64Array(this.core.answer().buffer);
  }

  // By the target network; none where there is none.
  targetValues(observations) {
    this.core.checked(this.core.calls.deepq_target_values(this.number, this.numbers(observations)));
    return new Float64Array(this.core.answer().buffer);
  }

  // `count` transitions of the replay, spread over the newest `window` (0: all), the oldest first: observation, action, reward, discount.
  replay(count, window) {
    this.core.checked(this.core.calls.deepq_replay(this.number, count, window));
    return new Float32Array(this.core.answer().buffer);
  }

  act(observation) {
    return this.core.checked(this.core.calls.deepq_act(this.number, this.numbers(observation)));
  }

  drop() {
    this.core.calls.deepq_drop(this.number);
  }
}
