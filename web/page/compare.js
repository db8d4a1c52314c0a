// Several settings on the same seeds, with intervals over seeds that narrow as runs come in.
import {$, text} from "./dom.js";
import {drawChart, shortNumber} from "./charts.js";
import {isOn, START, SWITCHES, switched, tomlOf} from "./state.js";
import {band, curveOf, interval, runAll} from "./runs.js";

const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3]], SIGNS = ["━━", "╍╍", "┈┈", "━┈"]; // of lines, and the same in words' company
let settings = null, running = null, opened = "";

// Draws the mean curve of each group and returns its rows for a table. groups: [{name, curves: [[ys]], scores: []}].
export function drawGroups(canvas, groups, steps, count = 40) {
  const there = (values) => values.filter((value) => value !== undefined); // seeds end in any order, and some fail
  const xs = Array.from({length: count}, (_, i) => (steps * (i + 1)) / count);
  const lines = groups.flatMap((group, i) => (there(group.curves).length ? [{xs, ...band(there(group.curves)), colour: "--c" + i, dash: DASHES[i]}] : []));
  drawChart(canvas, {lines, xMax: steps, xTitle: "environment steps", yTitle: "mean return over seeds, with a 95% interval"});
  return groups.map(({name, scores}, i) => ({name, colour: "--c" + i, sign: SIGNS[i], seeds: there(scores).length, ...(there(scores).length ? interval(there(scores)) : {})}));
}

export function tableOf(rows) {
  const table = document.createElement("table");
  table.innerHTML = "<thead><tr><th>setting</th><th>seeds</th><th>return over training</th><th>95% interval</th></tr></thead>";
  const body = table.createTBody();
  for (const {name, colour, sign, seeds, mean, low, high} of rows) {
    const row = body.insertRow(), first = row.insertCell();
    const key = text("span", sign + " ");
    key.style.color = `var(${colour})`;
    first.append(key, name);
    row.insertCell().textContent = seeds;
    row.insertCell().textContent = mean === undefined ? "–" : shortNumber(mean);
    row.insertCell().textContent = mean === undefined || seeds < 2 ? "–" : `${shortNumber(low)} to ${shortNumber(high)}`;
    row.cells[1].className = row.cells[2].className = "number";
  }
  return table;
}

// Runs every group's settings on `seeds` seeds, seed by seed, and calls show(groups) as each ends.
export function runGroups(groups, seeds, steps, show) {
  const jobs = [];
  for (let seed = 0; seed < seeds; ++seed) for (const group of groups) jobs.push({group, seed, toml: tomlOf({...group.state, seed: group.state.seed + seed}), fault: group.state.fault});
  return runAll(jobs, (index, result, error) => {
    const {group, seed} = jobs[index], curve = result && curveOf(result.points, steps);
    if (curve) {
      group.curves[seed] = curve;
      group.scores[seed] = curve.reduce((a, b) => a + b, 0) / curve.length;
    }
    show(groups, curve ? undefined : (error ?? new Error("no episode ended in so few steps")));
  });
}

function list(base) {
  $("settings-list").replaceChildren(...settings.map((setting, i) => {
    const box = Object.assign(document.createElement("div"), {className: "setting"});
    box.style.borderLeftColor = `var(--c${i})`;
    const name = Object.assign(document.createElement("input"), {value: setting.name, ariaLabel: `Name of setting ${i + 1}`});
    name.onchange = () => (setting.name = name.value);
    const row = Object.assign(document.createElement("div"), {className: "row"});
    row.append(name);
    if (settings.length > 2) row.append(text("button", "Remove", {onclick: () => {
      settings.splice(i, 1);
      list(base);
    }}));
    const switches = Object.assign(document.createElement("div"), {className: "row"});
    for (const [key, one] of Object.entries(SWITCHES)) {
      const label = document.createElement("label");
      label.append(Object.assign(document.createElement("input"), {type: "checkbox", checked: isOn(setting.state, key), onchange: () => {
        setting.state = switched(setting.state, key);
        setting.name = name.value = nameOf(setting.state, base);
      }}), " " + one.name);
      switches.append(label);
    }
    box.append(row, switches);
    return box;
  }));
  $("add-setting").disabled = settings.length >= 4;
}

// "without replay, with double"
function nameOf(state, base) {
  const words = Object.entries(SWITCHES).filter(([key]) => isOn(state, key) !== isOn(base, key)).map(([key, {name}]) => (isOn(state, key) ? "with " : "without ") + name);
  return words.join(", ") || "as it is";
}

// All runs are of one length in steps: where the one under Play has none, it is the page's usual one.
export function openCompare(played) {
  const base = {...played, episodes: 0, steps: played.steps || START.steps};
  $("compare-base").textContent = `preset ${base.preset}${base.env ? " on " + base.env : ""}, ${base.steps.toLocaleString("en")} steps, seeds from ${base.seed}`;
  const plain = {...base, fault: "none"}, asked = JSON.stringify({...base, view: "", stop: 0});
  if (asked === opened || running) return; // nothing else was chosen meanwhile
  opened = asked;
  settings = [{name: "as it is", state: plain}, {name: nameOf(switched(plain, "target"), plain), state: switched(plain, "target")}];
  list(plain);
  $("add-setting").onclick = () => {
    settings.push({name: "as it is", state: plain});
    list(plain);
  };
  $("run-compare").textContent = "Run";
  $("run-compare").onclick = async () => {
    if (running) return running.stop();
    const seeds = Math.max(2, Math.min(50, Number($("compare-seeds").value) || 5)), groups = settings.map(({name, state}) => ({name, state, curves: [], scores: []})), all = seeds * groups.length;
    let ended = 0, failed = 0;
    $("run-compare").textContent = "Stop";
    $("compare-state").textContent = `0 of ${all} runs`;
    running = runGroups(groups, seeds, base.steps, (_, error) => {
      if (error) ++failed;
      $("compare-state").textContent = `${++ended} of ${all} runs` + (failed ? `, ${failed} of them failed: ${error?.message ?? ""}` : "");
      $("compare-table").replaceChildren(tableOf(drawGroups($("compare-chart"), groups, base.steps)));
    });
    try {
      await running.done;
    } catch (error) {
      $("compare-state").textContent = `${ended} of ${all} runs: ${error.message}`;
    }
    running = null;
    $("run-compare").textContent = "Run";
  };
}
