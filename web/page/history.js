// What is kept of a run for its curve: however long it runs, so many points at most, and of what was recorded between what is asked for.

const MOST = 3000, LINE = 20, LONG = 100; // points; episodes that the line, and the long mean, are of

// `steps`, `returns` and `means` (of the last 20) are of every `every`-th of `count` episodes; `first` and `last` are records, `still` is the step
// from which most actions are not random.
export const emptyHistory = () => ({steps: [], returns: [], means: [], every: 1, count: 0, recent: [], first: null, still: null, last: null, lags: []});

const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

export const longMean = (history) => (history.count ? meanOf(history.recent) : undefined);

export function remember(history, {episodes, metrics}) {
  for (const episode of episodes) {
    history.recent.push(episode.return);
    if (history.recent.length > LONG) history.recent.shift();
    if (history.count++ % history.every) continue;
    history.steps.push(episode.env_steps);
    history.returns.push(episode.return);
    history.means.push(meanOf(history.recent.slice(-LINE)));
    if (history.steps.length <= MOST) continue;
    for (const name of ["steps", "returns", "means"]) history[name] = history[name].filter((_, i) => i % 2 === 0);
    history.every *= 2;
  }
  for (const record of metrics) {
    history.first ??= record;
    if (record.epsilon !== null && record.epsilon < 0.5) history.still ??= record.env_steps;
    history.last = record;
  }
}
