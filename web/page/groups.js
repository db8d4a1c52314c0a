// Several settings on the same seeds: run, and shown with intervals over seeds that narrow as runs come in.
import {box, chartBox, duration, text} from "./dom.js";
import {measureAnew} from "./canvas.js";
import {DASHES, drawChart, shortNumber} from "./charts.js";
import {tomlOf} from "./state.js";
import {band, curveOf, interval, runAll} from "./runs.js";

const SIGNS = ["━━", "╍╍", "┈┈", "━┈"]; // the lines' dashes in words' company
const KINDS = {
  returns: {title: "return, mean over seeds with a 95% interval", of: "curves"},
  values: {title: "mean value (Q) of what is replayed", of: "values"},
  errors: {title: "TD error, median of a batch", of: "errors"},
};

export const groupOf = (name, state) => ({name, state, curves: [], scores: [], values: [], errors: [], runs: []});

const there = (values) => values.filter((value) => value); // seeds end in any order, and some fail
const key = (i) => box("span", {textContent: SIGNS[i] + " ", style: `color: var(--c${i})`});
const shadeOf = ({ys, low, high}, seeds) => (seeds > 2 ? {ys, low, high} : {ys}); // over two an interval would cover the chart
const kept = new Set(); // what is drawn again when the page's width or colours change

// Charts of the kinds asked for, and a table of the returns. show(groups) draws; `options`: for drawChart.
export function groupsView(kinds, steps, options = {}) {
  const charts = kinds.map((kind) => ({...KINDS[kind], canvas: chartBox(kinds.length > 1 ? "" : "tall", KINDS[kind].title)}));
  const table = box("div", {className: "scroll"}), element = box("div", {}, box("div", {className: "charts"}, ...charts.map(({canvas}) => canvas)), table);
  let last = null;
  const show = (groups) => {
    last = groups;
    for (const {title, of, canvas} of charts) {
      const count = groups.flatMap((group) => there(group[of]))[0]?.length ?? 0, xs = Array.from({length: count}, (_, i) => (steps * (i + 1)) / count);
      const lines = groups.flatMap((group, i) => (there(group[of]).length ? [{name: group.name, xs, ...shadeOf(band(there(group[of])), there(group[of]).length), colour: "--c" + i, dash: DASHES[i]}] : []));
      drawChart(canvas, {lines, xMax: steps, xTitle: "environment steps", yTitle: title, ...options[of]});
      canvas.ariaLabel = `${title}. ${lines.map(({name, ys}) => `${name}: ${shortNumber(ys[0])} at first, ${shortNumber(ys.at(-1))} at the end`).join("; ")}`;
    }
    table.replaceChildren(tableOf(groups));
  };
  kept.add(() => element.isConnected && last && show(last));
  return {element, show};
}

export function redrawGroups() {
  measureAnew();
  kept.forEach((redraw) => redraw());
}

function tableOf(groups) {
  const table = document.createElement("table"), head = table.createTHead().insertRow(), body = table.createTBody();
  for (const title of ["setting", "seeds", "return over training", "95% interval"]) head.append(text("th", title, {scope: "col"}));
  groups.forEach(({name, scores}, i) => {
    const row = body.insertRow(), ended = scores.filter((score) => score !== undefined), {mean, low, high} = ended.length ? interval(ended) : {};
    row.insertCell().append(key(i), name);
    for (const value of [ended.length, mean === undefined ? "–" : shortNumber(mean), ended.length < 2 ? "–" : `${shortNumber(low)} to ${shortNumber(high)}`]) row.insertCell().textContent = value;
    row.cells[1].className = row.cells[2].className = "number";
  });
  return table;
}

// Runs every group's settings on `seeds` seeds, seed by seed, and calls show(groups, words, error) as each ends: what is said of how far it is.
export function runGroups(groups, seeds, steps, show) {
  const jobs = [], begun = performance.now();
  for (let seed = 0; seed < seeds; ++seed) for (const group of groups) jobs.push({group, seed, toml: tomlOf({...group.state, seed: group.state.seed + seed}), fault: group.state.fault});
  let ended = 0;
  return runAll(jobs, (index, result, error) => {
    const {group, seed} = jobs[index], curve = result && curveOf(result.points, steps), left = ((performance.now() - begun) / 1000 / ++ended) * (jobs.length - ended);
    if (curve) {
      group.curves[seed] = curve;
      group.scores[seed] = curve.reduce((a, b) => a + b, 0) / curve.length;
      group.runs[seed] = result;
      const of = (column) => curveOf(result.metrics.filter((row) => Number.isFinite(row[column])).flatMap((row) => [row[0], row[column]]), steps);
      group.values[seed] = of(1);
      group.errors[seed] = of(2);
    }
    show(groups, `${ended} of ${jobs.length} runs` + (left > 0 ? `, about ${duration(left)} more` : ""), curve ? undefined : (error ?? new Error("no episode ended in so few steps")));
  });
}
