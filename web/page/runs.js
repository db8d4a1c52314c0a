// Runs in workers: one that is watched, and whole ones over seeds, a few at a time.
import {library} from "./core.js";

let bytes, workerAddress;

// The core's bytes and the worker's text lie in the page itself (load.js).
export async function prepare() {
  bytes = await globalThis.packed.core();
  window.deepq = library(() => bytes); // for whoever opens the console: what the package has
  workerAddress = URL.createObjectURL(new Blob([globalThis.packed.worker], {type: "text/javascript"}));
}

export class Hand {
  constructor(onFrame = () => {}) {
    this.worker = new Worker(workerAddress);
    this.waiting = new Map();
    this.next = 0;
    this.worker.onmessage = ({data}) => {
      if (data.frame) return onFrame(data.frame);
      const {resolve, reject} = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if (data.error === undefined) resolve(data.result);
      else reject(new Error(data.error));
    };
    this.ready = this.call("init", bytes);
  }

  async call(call, ...args) {
    if (call !== "init") await this.ready;
    return new Promise((resolve, reject) => {
      this.waiting.set(++this.next, {resolve, reject});
      this.worker.postMessage({id: this.next, call, args});
    });
  }

  end() {
    this.worker.terminate();
    this.ready.catch(() => {});
    for (const {reject} of this.waiting.values()) reject(new Error("stopped"));
  }
}

// jobs: [{toml, fault}]. onDone(index, {points, summary}) as each ends, onDone(index, null, error) where one fails. At most one worker for each core but one, and four.
export function runAll(jobs, onDone) {
  const hands = Array.from({length: Math.min(jobs.length, 4, Math.max(1, (navigator.hardwareConcurrency || 2) - 1))}, () => new Hand());
  let next = 0, stopped = false;
  const work = async (hand) => {
    while (next < jobs.length) {
      const index = next++;
      try {
        onDone(index, await hand.call("whole", jobs[index].toml, jobs[index].fault ?? "none", 500));
      } catch (error) {
        if (stopped) throw error;
        onDone(index, null, error); // one that diverged ends no comparison
      }
    }
  };
  return {done: Promise.all(hands.map(work)).finally(() => hands.forEach((hand) => hand.end())), stop: () => {
    stopped = true;
    hands.forEach((hand) => hand.end());
  }};
}

// The return over training at `count` places along the run: the mean of the episodes that ended in each stretch (copies that step together
// may end some beyond the last); a stretch in which none ended has the last one's, and before the first what came first. Null where no
// episode ended: its return is not 0, which may be far above or below what others have.
export function curveOf(points, steps, count = 40) {
  if (points.length === 0) return null;
  const ys = [];
  let at = 0, last = NaN;
  for (let i = 1; i <= count; ++i) {
    const end = i < count ? (steps * i) / count : Infinity;
    let sum = 0, n = 0;
    for (; at < points.length && points[at] <= end; at += 2, ++n) sum += points[at + 1];
    if (n) last = sum / n;
    ys.push(last);
  }
  const first = ys.find((y) => !Number.isNaN(y));
  return ys.map((y) => (Number.isNaN(y) ? first : y));
}

// Quantiles of Student's t for 95% intervals, by degrees of freedom.
const T95 = [12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093];

// {mean, low, high} of a few numbers: 95%, Student's t. Above 20 numbers 1.96 + 2.4 / df is its quantile to 0.01.
export function interval(values) {
  const n = values.length, mean = values.reduce((a, b) => a + b, 0) / n;
  if (n < 2) return {mean, low: mean, high: mean};
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / (n - 1));
  const half = ((T95[n - 2] ?? 1.96 + 2.4 / (n - 1)) * deviation) / Math.sqrt(n);
  return {mean, low: mean - half, high: mean + half};
}

// Over curves of equal length.
export function band(curves) {
  const at = curves[0].map((_, i) => interval(curves.map((curve) => curve[i])));
  return {ys: at.map((one) => one.mean), low: at.map((one) => one.low), high: at.map((one) => one.high)};
}
