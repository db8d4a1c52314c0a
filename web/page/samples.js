// What a batch is made of: the newest 64 transitions beside 64 drawn from the whole memory, of a run of the chapter's agent.
import {box, chartBox, text} from "./dom.js";
import {drawChart} from "./charts.js";
import {Hand} from "./runs.js";
import {randomOf} from "./star.js";
import {START, tomlOf} from "./state.js";

const COUNT = 64, STEPS = 10_000, MOMENTS = 20, SIZE = 4, WIDTH = SIZE + 3, ANGLE = 2; // of CartPole's observations and the rows of the replay

// How alike each is to the next, mean over the observation's numbers, against the memory's own mean and spread: the lab's measure.
export function lagOne(rows, all) {
  let sum = 0;
  for (let column = 0; column < SIZE; ++column) {
    const values = all.map((row) => row[column]), mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / (values.length - 1);
    for (let i = 0; i + 1 < rows.length; ++i) sum += ((rows[i][column] - mean) * (rows[i + 1][column] - mean)) / variance / (rows.length - 1) / SIZE;
  }
  return sum;
}

const rowsOf = (flat) => Array.from({length: flat.length / WIDTH}, (_, i) => flat.subarray(i * WIDTH, (i + 1) * WIDTH));

// Any so many of them, in order of time.
function drawn(all, count, random) {
  const picked = new Set();
  while (picked.size < Math.min(count, all.length)) picked.add(Math.floor(random() * all.length));
  return [...picked].sort((a, b) => a - b).map((i) => all[i]);
}

// The picture of a stop: draws into `to` and runs; resolves to what is said of it.
export async function runSamples(to, _seeds, stopped, tell) {
  const hand = new Hand(), random = randomOf(0), strips = [["The newest 64 of the memory", "--c1"], ["64 drawn from all of it, in order of time", "--c0"]].map(([name, colour]) => ({name, colour, sum: 0, canvas: chartBox("", name), said: text("p", name, {className: "fine"})}));
  to.replaceChildren(box("div", {className: "pair"}, ...strips.map(({canvas, said}) => box("div", {}, said, canvas))));
  const show = () => strips.forEach(({canvas, rows, colour}) => drawChart(canvas, {lines: [{xs: rows.map((_, i) => i + 1), ys: rows.map((row) => (row[ANGLE] * 180) / Math.PI), colour}], xMin: 1, xMax: COUNT, xTitle: "sample", yTitle: "the pole's angle, degrees"}));
  try {
    await hand.call("start", tomlOf({...START, steps: STEPS}), "none");
    for (let moment = 1; moment <= MOMENTS; ++moment) {
      await hand.call("step", STEPS / MOMENTS);
      if (stopped()) throw new Error("stopped");
      const all = rowsOf(await hand.call("replay", STEPS, 0));
      [strips[0].rows, strips[1].rows] = [all.slice(-COUNT), drawn(all, COUNT, random)];
      for (const strip of strips) {
        const alike = lagOne(strip.rows, all);
        strip.sum += alike / MOMENTS;
        strip.said.textContent = `${strip.name}: correlation ${alike.toFixed(2)} now`;
        strip.canvas.ariaLabel = `${strip.name}, the pole's angle: the correlation of each with the next is ${alike.toFixed(2)}`;
      }
      tell(`step ${((moment * STEPS) / MOMENTS).toLocaleString("en")} of ${STEPS.toLocaleString("en")}`);
      show();
    }
  } finally {
    hand.end();
  }
  return {words: `Each sample's correlation with the next, mean over ${MOMENTS} moments of a run: ${strips[0].sum.toFixed(2)} among the newest 64, ${strips[1].sum.toFixed(2)} among 64 from the whole memory.`, show};
}
