// What is seen of the run that is watched: the world, and what the agent makes of it.
import {measureAnew} from "./canvas.js";
import {$, box, put, text} from "./dom.js";
import {drawChart, drawPlane, drawScatter, shortNumber} from "./charts.js";
import {actionNames, drawWorld, observationsOf, PLANES, worldText} from "./worlds.js";
import {longMean} from "./history.js";
import {now} from "./now.js";
import {valueOf} from "./state.js";

let mark = -1; // the cell that the keyboard is at
export const markCell = (cell) => (mark = cell);

// Numbers that the worker is asked for come when it has time: until then no second question of that kind. A run that was replaced
// meanwhile answers no more; its successor is drawn with the next frame.
const asked = new Set();
const asking = (draw) => async () => {
  if (asked.has(draw)) return;
  asked.add(draw);
  await draw().catch(() => {});
  asked.delete(draw);
};

// While it plays, one panel a frame: all at once would hold a slow phone up.
const PANELS = [drawCurve, drawNumbers, asking(drawErrors), asking(drawValues), asking(drawReplay), asking(drawLag)];
const drawBarsNow = asking(drawBars);
let turn = 0;

export function draw() {
  if (!now.look || $("play").hidden) return;
  drawScene();
  drawBarsNow();
  if (now.playing) PANELS[turn++ % PANELS.length]();
  else if (!now.watching) for (const panel of PANELS) panel();
}

export function drawAll() {
  measureAnew();
  frames = -1; // with its words
  if (now.look && !$("play").hidden) for (const panel of [drawScene, drawBarsNow, ...PANELS]) panel();
}

let frames = 0;
const seen = () => now.game ?? now.look;

function drawScene() {
  const {world, look, game} = now, words = worldText(world, seen().observation);
  drawWorld($("world"), world, seen().observation, {mark});
  if ((now.playing || now.watching) && ++frames % 4) return; // words that change 20 times a second are not read
  const points = `${shortNumber(seen().episode_return)} points${game?.ended ? ": the game is over" : " so far"}`;
  put("world-text", `${!game ? "The training itself" : look.updates ? "A game with what it has learnt" : "A game with nothing learnt yet"}, ${points}. ${words}`);
  $("world").setAttribute("aria-label", words);
  const [first, ...later] = now.games.map(shortNumber), others = later.join(", ");
  put("games", !first ? "" : now.untrained ? `Points: untrained ${first}${others && ", then " + others}.` : `Points: ${[first, ...later].join(", ")}.`);
  put("progress", `${world.id}, step ${look.env_steps.toLocaleString("en")}${now.state.steps ? " of " + now.state.steps.toLocaleString("en") : ""}, game ${look.episodes + 1}`);
  $("progress-bar").max = now.state.steps || 1;
  $("progress-bar").value = look.env_steps;
}

// --- The curve and its phases ------------------------------------------------------------------------------------------------------------

// The chapter's three phases as far as they have come: most actions are random until epsilon is 0.5; then the return rises until it is
// within a tenth of its best.
function phases(mean, end) {
  const {first, still, steps, every} = now.shown, warm = Math.ceil(20 / every), found = [];
  const begin = first && first.epsilon !== null ? (still ?? end) : 0;
  if (begin > 0) found.push({from: 0, to: begin, name: "exploring"});
  const settled = mean.slice(warm), best = Math.max(...settled), least = Math.min(...settled), at = mean.findIndex((y, i) => i >= warm && y >= least + 0.9 * (best - least));
  const turn = at < 0 || best - least < 1e-9 ? end : Math.max(begin, steps[at]);
  if (turn > begin) found.push({from: begin, to: turn, name: "learning"});
  if (end > turn) found.push({from: turn, to: end, name: "refining"});
  return found;
}

function drawCurve() {
  const {shown, look, world, state} = now, mean = shown.means, every = Math.max(1, Math.floor(shown.steps.length / 1500)), end = look.env_steps;
  const dots = shown.steps.map((x, i) => [x, shown.returns[i]]).filter((_, i) => i % every === 0), bands = shown.count > 20 ? phases(mean, end) : [];
  drawChart($("curve"), {lines: [{xs: shown.steps, ys: mean, dots, colour: "--c0"}], xMax: state.steps || end, xTitle: "environment steps", yTitle: "return", threshold: world.solved_return, bands});
  const parts = bands.map(({name, from, to}, i) => `${i ? name : name[0].toUpperCase() + name.slice(1)} ${to === end ? "since" : "until"} step ${shortNumber(to === end ? from : to)}`);
  put("curve-text", mean.length ? `${shown.count} games; the line is the mean of the last 20, now ${shortNumber(mean.at(-1))}, at best ${shortNumber(Math.max(...mean))}${world.solved_return === null ? "" : `; dotted: ${world.solved_return} counts as solved`}. ${parts.join(", ")}${parts.length ? "." : ""}` : "No game has ended yet.");
}

function drawNumbers() {
  const {look, shown} = now, last = shown.last, mean = longMean(shown);
  const rows = {"mean of 100 games": mean === undefined ? "–" : shortNumber(mean)};
  if (look.epsilon !== null) rows["random actions (epsilon)"] = (100 * look.epsilon).toFixed(look.epsilon < 0.1 ? 1 : 0) + "%";
  rows["updates"] = shortNumber(look.updates);
  rows["updates a second"] = look.seconds > 0.2 ? shortNumber(Math.round(look.updates / look.seconds)) : "–";
  if (last?.loss !== undefined) rows.loss = last.loss === null ? "not finite" : last.loss.toPrecision(3);
  if (last?.mean_q !== undefined) rows["mean value (Q)"] = last.mean_q === null ? "not finite" : shortNumber(last.mean_q);
  $("numbers").replaceChildren(...Object.entries(rows).map(([name, value]) => box("div", {}, text("dt", name), text("dd", value))));
}

// --- What it thinks ----------------------------------------------------------------------------------------------------------------------

const best = (all, actions) => Array.from({length: all.length / actions}, (_, i) => Math.max(...all.subarray(i * actions, (i + 1) * actions)));
const greedy = (all, actions) => Array.from({length: all.length / actions}, (_, i) => all.subarray(i * actions, (i + 1) * actions)).map((row) => row.indexOf(Math.max(...row)));

async function drawBars() {
  const {q, action, observation} = seen(), names = actionNames(now.world), bars = $("bars"), target = await now.hand.call("targetValues", observation);
  const low = Math.min(...q, ...target, 0), span = Math.max(...q, ...target, 0) - low || 1, percent = (value) => (100 * (value - low)) / span + "%";
  if (bars.childElementCount !== names.length) bars.replaceChildren(...names.map((name) => box("div", {className: "bar"}, text("span", name), box("span", {className: "track"}, text("span", "", {className: "fill"}), text("span", "", {className: "tick"})), text("span", "", {className: "number"}))));
  q.forEach((value, i) => {
    const bar = bars.children[i], [fill, tick] = bar.children[1].children;
    bar.classList.toggle("best", i === action);
    bar.firstChild.textContent = names[i] + (i === action ? " ✓" : "");
    fill.style.left = percent(Math.min(value, 0)); // bars begin at zero
    fill.style.width = (100 * Math.abs(value)) / span + "%";
    tick.hidden = target.length === 0;
    if (target.length) tick.style.left = percent(target[i]);
    bar.lastChild.textContent = value === null ? "not finite" : value.toFixed(2);
  });
  put("bars-text", "✓: what it would do. " + (target.length ? "The upright line: what the target network says." : ""));
}

async function drawErrors() {
  const errors = [...(await now.hand.call("tdErrors"))].map(Math.abs).sort((a, b) => a - b);
  $("wrong").hidden = errors.length === 1; // of a table, whose loss says the same
  drawChart($("errors"), {lines: now.look.updates === 0 ? [] : [{xs: errors.map((_, i) => i + 1), ys: errors, colour: "--c3"}], xMin: 1, xMax: Math.max(2, errors.length), xTitle: "samples, the smallest error first", yTitle: "distance from the target"});
  put("errors-text", errors.length && now.look.updates ? `${errors.length} samples: half are off by less than ${shortNumber(errors[errors.length >> 1])}, one by ${shortNumber(errors.at(-1))}.` : "No update yet.");
}

async function drawValues() {
  const {world, grid, hand, look} = now, plane = PLANES[world.id], actions = world.action_count;
  $("values").hidden = !plane && !grid;
  $("values").classList.toggle("long", grid !== null && grid.columns > 2 * grid.rows);
  $("exact-box").hidden = $("error-box").hidden = !(grid && world.q_star);
  if (grid) return drawGridValues(await hand.call("values", observationsOf(grid, look.observation.length)), actions);
  if (!plane) return;
  const {columns, rows, xs, ys} = plane, observations = [];
  for (let r = 0; r < rows; ++r) for (let c = 0; c < columns; ++c) observations.push(...plane.at(xs[0] + ((xs[1] - xs[0]) * c) / (columns - 1), ys[1] - ((ys[1] - ys[0]) * r) / (rows - 1)));
  const all = await hand.call("values", observations), glyphs = greedy(all, actions).map((action) => plane.glyphs[action]);
  const {low, high} = drawPlane($("plane"), best(all, actions), columns, plane, {glyphs, mark: plane.of(seen().observation)});
  put("plane-text", `The best action's value, ${shortNumber(low)} where the blue is faintest, ${shortNumber(high)} where it is strongest${plane.slice}; the signs say which action that is, the ring where the world is now.`);
}

function drawGridValues(all, actions) {
  const {world, grid, look} = now, exact = world.q_star ? Float64Array.from(world.q_star) : null;
  const acts = (cell) => "S.".includes(grid.cells[cell]); // not in walls, holes and goals
  const show = (canvas, values, policy) => {
    const open = values.filter((_, cell) => acts(cell));
    drawWorld(canvas, world, look.observation, {values, policy, low: Math.min(...open), high: Math.max(...open), agent: -1});
    canvas.setAttribute("aria-label", values.map((value, cell) => (acts(cell) ? `row ${Math.floor(cell / grid.columns) + 1} column ${(cell % grid.columns) + 1}: ${value.toFixed(2)}${policy ? " " + actionNames(world)[policy[cell]] : ""}` : "")).filter(Boolean).join("; "));
  };
  show($("plane"), best(all, actions), greedy(all, actions));
  let words = "What it has learnt: the value of the best action, and the arrow says which that is.";
  if (exact) {
    const differences = best(all, actions).map((value, cell) => value - best(exact, actions)[cell]), acted = [...all.keys()].filter((i) => acts(Math.floor(i / actions)));
    show($("exact-plane"), best(exact, actions), greedy(exact, actions));
    show($("error-plane"), differences.map((d, cell) => (acts(cell) ? d : 0)), null);
    words += ` Root mean square error of all Q: ${Math.sqrt(acted.reduce((sum, i) => sum + (all[i] - exact[i]) ** 2, 0) / acted.length).toFixed(3)}.`;
  }
  put("plane-text", words);
}

// --- What it learns from -----------------------------------------------------------------------------------------------------------------

const NEW = 64;

async function drawReplay() {
  const {world, grid, hand, look, state} = now, size = look.observation.length, width = size + 3, plane = PLANES[world.id];
  const all = await hand.call("replay", grid ? 4000 : 400, 0), newest = grid ? [] : await hand.call("replay", NEW, NEW);
  const rowsOf = (flat) => Array.from({length: flat.length / width}, (_, i) => flat.subarray(i * width, (i + 1) * width)), rows = rowsOf(all);
  $("replay").hidden = rows.length === 0 && look.stored === undefined;
  if ($("replay").hidden) return;
  const share = (n) => Math.round((100 * n) / Math.max(1, rows.length)) + "%", ends = (row) => row[size + 2] === 0;
  const did = actionNames(world).map((name, action) => `${name} ${share(rows.filter((row) => row[size] === action).length)}`).join(", ");
  const kept = rows.length === 0 ? "Nothing is kept yet. " : `${shortNumber(look.stored)} of at most ${shortNumber(Number(valueOf(state, "replay.capacity")) || look.stored)} transitions are kept: ${did}; ${share(rows.filter(ends).length)} end a game. `;
  if (grid) {
    const counts = Array(grid.cells.length).fill(0);
    for (const row of rows) ++counts[size === 1 ? row[0] : Math.round(row[0] * (grid.rows - 1)) * grid.columns + Math.round(row[1] * (grid.columns - 1))];
    drawWorld($("memory"), world, look.observation, {values: counts, low: 0, high: Math.max(...counts), digits: 0, agent: -1});
    put("memory-text", kept + `In each cell: how many of ${rows.length} of them began there.`);
  } else if (plane) {
    const points = rows.map((row) => ({place: plane.of(row), kind: "old"}));
    points.push(...rowsOf(newest).map((row) => ({place: plane.of(row), kind: "new"})), ...rows.filter(ends).map((row) => ({place: plane.of(row), kind: "end"})));
    drawScatter($("memory"), points, plane);
    put("memory-text", kept + `Dots: ${rows.length} of them; crosses: the newest ${Math.min(NEW, look.stored)}; rings: where a game ended.`);
  } else {
    // Pictures: how often something was in a cell.
    const often = Array(size).fill(0);
    for (const row of rows) for (let i = 0; i < size; ++i) often[i] += row[i] / rows.length;
    drawWorld($("memory"), world, often, {faint: true});
    put("memory-text", kept + "The picture is the mean of what was seen in them.");
  }
}

async function drawLag() {
  const {hand, look, state, shown} = now, actions = now.world.action_count, size = look.observation.length, width = size + 3, rows = await hand.call("replay", 32, 0);
  const observations = Array.from(rows).filter((_, i) => i % width < size), target = await hand.call("targetValues", observations.length ? observations : look.observation);
  $("lagging").hidden = target.length === 0;
  if (target.length && !look.updates) put("lag-text", "No update yet.");
  if (!target.length || !look.updates) return;
  const online = best(await hand.call("values", observations), actions), copied = best(target, actions);
  const lag = online.reduce((sum, value, i) => sum + Math.abs(value - copied[i]), 0) / online.length;
  if (shown.lags.at(-1)?.[0] !== look.updates) shown.lags.push([look.updates, lag]);
  if (shown.lags.length > 300) shown.lags.shift();
  const xs = shown.lags.map(([x]) => x), ys = shown.lags.map(([, y]) => y), every = Number(valueOf(state, "target.sync_every_updates")), soft = Number(valueOf(state, "target.tau")) < 1;
  drawChart($("lag"), {lines: [{xs, ys, colour: "--c2"}], xMin: xs[0], xMax: Math.max(xs[0] + 1, xs.at(-1)), xTitle: "updates", yTitle: "difference of the values"});
  put("lag-text", `Over ${online.length} remembered states the two networks' best values differ by ${shortNumber(lag)} on average` + (soft ? "; the target follows a little at each update." : every > 0 ? `; the target was last copied ${look.updates % every} updates ago, and is every ${every}.` : "."));
}
