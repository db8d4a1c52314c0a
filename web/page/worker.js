// The worker: the core lives here, so that the page stays responsive however long an update takes. It answers calls
// {id, call, args} with {id, result} or {id, error}, and while a run plays it sends frames {frame}.
import {Core} from "./core.js";

const FRAME_MS = 50; // 20 frames a second
let core, run, playing = null, timer = 0;

const calls = {
  async init(bytes) {
    core = await Core.of(bytes);
    return core.tables();
  },
  start(toml, fault) {
    const next = core.start(toml, fault); // before the old one goes: a refused one leaves it as it was
    return begin(next);
  },
  load(bytes) {
    return begin(core.load(bytes));
  },
  // stepsPerSecond 0: as fast as it goes.
  play(stepsPerSecond) {
    clearTimeout(timer); // another speed, not a second player
    playing = {stepsPerSecond, since: performance.now(), taken: 0};
    tick();
  },
  pause() {
    playing = null;
    return frame();
  },
  step: (envSteps = 1) => (run.step(envSteps), frame()),
  episode: () => (run.stepEpisode(20_000), frame()),
  toml: () => run.toml(),
  checkpoint: () => run.checkpoint(),
  values: (observations) => run.values(observations),
  targetValues: (observations) => run.targetValues(observations),
  replay: (count, window) => run.replay(count, window),
  show: () => run.show(),
  tdErrors: () => run.tdErrors(),
  // A whole run, for comparisons: its episodes as [env_steps, return, ...], its metrics as [[env_steps, mean Q, TD error, epsilon], ...].
  whole(toml, fault, report) {
    const one = core.start(toml, fault), points = [], metrics = [];
    const collect = () => {
      const news = one.news();
      for (const episode of news.episodes) points.push(episode.env_steps, episode.return);
      for (const {env_steps, mean_q, td_error_median, epsilon} of news.metrics) metrics.push([env_steps, mean_q, td_error_median, epsilon]);
    };
    try {
      while (!one.step(report)) collect();
      collect();
      return {points: Float64Array.from(points), metrics, summary: one.summary()};
    } finally {
      one.drop();
    }
  },
};

function begin(next) {
  run?.drop();
  run = next;
  playing = null;
  return {world: run.world(), ...frame()};
}

function frame() {
  return {look: run.look(), news: run.news(), done: run.done};
}

// A turn of at most a frame's length, then whatever messages came meanwhile.
function tick() {
  if (!playing) return;
  const begun = performance.now();
  try {
    if (playing.stepsPerSecond > 0) {
      const due = Math.floor(((begun - playing.since) / 1000) * playing.stepsPerSecond) - playing.taken;
      if (due > 0) run.step(Math.min(due, 1000));
      playing.taken += due;
    } else {
      // So many steps at once that the clock is not asked for each, and few enough for slow machines.
      do run.step(8); while (!run.done && performance.now() - begun < FRAME_MS - 10);
    }
  } catch (error) {
    playing = null;
    postMessage({frame: {error: error.message}});
    return;
  }
  if (run.done) playing = null;
  postMessage({frame: {...frame(), playing: playing !== null}});
  if (playing) timer = setTimeout(tick, playing.stepsPerSecond > 0 ? FRAME_MS : 0);
}

onmessage = async ({data: {id, call, args}}) => {
  try {
    const result = await calls[call](...args);
    postMessage({id, result});
  } catch (error) {
    postMessage({id, error: error.message});
  }
};
