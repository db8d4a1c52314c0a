// Baird's star (Sutton and Barto 2018, section 11.2) as the lab has it: seven states, no rewards, so every value is 0. Semi-gradient TD for the policy that
// always goes to the middle, from a behaviour that does so once in seven. It is small enough to be computed here; the lab's is lab/worlds/baird.cc.
import {box, chartBox, text} from "./dom.js";
import {colour, prepared} from "./canvas.js";
import {DASHES, drawChart, shortNumber} from "./charts.js";

export const LEGS = [
  {name: "all three"},
  {name: "a table: no approximation", approximation: false},
  {name: "true returns: no bootstrapping", bootstrapping: false},
  {name: "on-policy", offPolicy: false},
];
const STEPS = 10_000, STEP_SIZE = 0.01, GAMMA = 0.99, SIGNS = ["━━", "╍╍", "┈┈", "━┈"];

// Numbers in [0, 1) that depend on the seed alone (Marsaglia's xorshift, 32 bits).
export function randomOf(seed) {
  let state = (seed + 1) * 2654435761 | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export class Star {
  constructor({approximation = true, bootstrapping = true, offPolicy = true}, seed) {
    Object.assign(this, {approximation, bootstrapping, offPolicy, random: randomOf(seed), weights: [1, 1, 1, 1, 1, 1, 10, 1], state: 0});
    for (let i = 0; i < 10; ++i) this.random();
  }

  features(state) {
    const x = Array(8).fill(0);
    x[state] = this.approximation && state !== 6 ? 2 : 1;
    if (this.approximation) x[7] = state === 6 ? 2 : 1;
    return x;
  }

  value(state) {
    return this.features(state).reduce((sum, x, i) => sum + x * this.weights[i], 0);
  }

  values = () => [0, 1, 2, 3, 4, 5, 6].map((state) => this.value(state));
  error = () => Math.sqrt(this.values().reduce((sum, value) => sum + value * value, 0) / 7);

  step() {
    const solid = this.random() < 1 / 7, next = solid ? 6 : Math.floor(this.random() * 6), x = this.features(this.state);
    const target = this.bootstrapping ? GAMMA * this.value(next) : 0, ratio = !this.offPolicy ? 1 : solid ? 7 : 0, error = ratio * (target - this.value(this.state));
    for (let i = 0; i < 8; ++i) this.weights[i] += STEP_SIZE * error * x[i];
    this.state = next;
  }
}

// Whether its error ends above ten times what it was, as the lab counts it.
export function diverges(leg, seed) {
  const star = new Star(leg, seed), first = star.error();
  for (let i = 0; i < STEPS; ++i) star.step();
  return !(star.error() <= 10 * first);
}

function drawStar(canvas, values) {
  const {context, width, height} = prepared(canvas), middle = [width / 2, height / 2], size = Math.max(24, Math.min(36, height / 10)), away = height / 2 - size - 4;
  const places = [0, 1, 2, 3, 4, 5].map((i) => [middle[0] + Math.min(away * 1.3, width / 2 - size - 4) * 1.15 * Math.cos((i / 6) * 2 * Math.PI + Math.PI / 6), middle[1] + away * Math.sin((i / 6) * 2 * Math.PI + Math.PI / 6)]);
  context.strokeStyle = colour("--quiet");
  context.lineWidth = 1.5;
  for (const [x, y] of places) {
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(...middle);
    context.stroke();
  }
  [...places, middle].forEach(([x, y], i) => {
    const far = Math.min(1, Math.log10(1 + Math.abs(values[i])) / 6); // of a value of a million the ground is full
    context.fillStyle = colour("--page");
    context.beginPath();
    context.arc(x, y, size, 0, 7);
    context.fill();
    context.globalAlpha = 0.1 + 0.9 * far;
    context.fillStyle = colour("--second");
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = colour("--text");
    context.stroke();
    context.fillStyle = colour(far > 0.5 ? "--page" : "--text");
    context.font = "600 13px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(Number.isFinite(values[i]) ? shortNumber(values[i]) : "∞", x, y);
  });
}

// The picture of a stop: draws into `to` and runs; resolves to what is said of it. `seeds`: how many are counted.
export async function runStar(to, seeds, stopped) {
  const picture = chartBox("tall", "The star's values"), chart = chartBox("tall", "Errors of the values"), stars = LEGS.map((leg) => new Star(leg, 0));
  const legend = box("p", {className: "fine"}, ...LEGS.flatMap(({name}, i) => [box("span", {textContent: SIGNS[i] + " ", style: `color: var(--c${i})`}), name + (i < 3 ? "; " : "")]));
  to.replaceChildren(box("div", {className: "pair"}, box("div", {}, text("p", "The values of the seven states, with all three", {className: "fine"}), picture), box("div", {}, legend, chart)));
  const lines = LEGS.map((_, i) => ({xs: [0], ys: [stars[i].error()], colour: "--c" + i, dash: DASHES[i]})), still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const show = () => {
    drawStar(picture, stars[0].values());
    drawChart(chart, {lines, xMax: STEPS, xTitle: "updates", yTitle: "error of the values, log scale", log: true});
  };
  for (let at = 100; at <= STEPS && !stopped(); at += 100) {
    stars.forEach((star, leg) => {
      for (let i = 0; i < 100; ++i) star.step();
      lines[leg].xs.push(at);
      lines[leg].ys.push(star.error());
    });
    if (still && at < STEPS) continue;
    show();
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  const counts = LEGS.map((leg) => Array.from({length: seeds}, (_, seed) => diverges(leg, seed)).filter(Boolean).length);
  picture.ariaLabel = "The star's values: " + stars[0].values().map(shortNumber).join(", ");
  chart.ariaLabel = "Errors of the values at the end: " + LEGS.map(({name}, i) => `${name} ${shortNumber(stars[i].error())}`).join("; ");
  return {words: "Runs whose error grew tenfold: " + LEGS.map(({name}, i) => `${name} ${counts[i]} of ${seeds}`).join("; ") + ".", show};
}
