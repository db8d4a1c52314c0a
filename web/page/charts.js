// Curves, planes and scatters on a canvas. Lines of one chart differ by colour and by dash; what is drawn is also said in words beside it.
import {colour, prepared} from "./canvas.js";

export const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

function niceStep(span, ticks) {
  const raw = span / Math.max(1, ticks), power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 2.5, 5, 10].find((m) => m * power >= raw) * power;
}

export const shortNumber = (x) => (Math.abs(x) >= 1e6 ? x.toLocaleString("en", {notation: "compact", maximumFractionDigits: 1}) : Math.abs(x) >= 1000 ? +(x / 1000).toFixed(1) + "k" : String(Math.abs(x) >= 0.1 || x === 0 ? +x.toFixed(2) : +x.toPrecision(2)));

// The axis of y: where numbers lie, and its ticks. On a log axis those are powers of ten.
function axisOf(lines, threshold, log, room) {
  let low = Infinity, high = -Infinity;
  const see = (y) => {
    if (y < low) low = y;
    if (y > high) high = y;
  };
  for (const one of lines) for (const ys of [one.ys, (one.dots ?? []).map((dot) => dot[1])]) ys.forEach(see);
  if (threshold !== null && Number.isFinite(low)) see(threshold);
  // Of intervals, which are very wide over two seeds, as much as leaves the lines legible.
  const least = low - (high - low) / 2, most = high + (high - low) / 2;
  for (const one of lines) for (const y of [...(one.low ?? []), ...(one.high ?? [])]) see(Math.max(least, Math.min(most, y)));
  if (!Number.isFinite(low)) [low, high] = [0, 1];
  if (log) [low, high] = [Math.log10(Math.max(low, 1e-3)), Math.log10(Math.max(high, 1e-3))];
  if (high - low < 1e-9) [low, high] = [low - 1, high + 1];
  const step = log ? Math.max(1, Math.ceil(((high - low) * 45) / room)) : niceStep(high - low, Math.max(2, room / 45));
  low = Math.floor(low / step) * step;
  high = Math.ceil(high / step) * step;
  const ticks = [];
  for (let y = low; y <= high + step / 2; y += step) ticks.push(log ? 10 ** y : y);
  return {low, high, ticks, at: log ? (y) => Math.log10(Math.max(y, 1e-3)) : (y) => y};
}

// lines: [{xs, ys, low?, high?, dots?: [[x, y]], colour: "--c0", dash?}]; xMin, xMax: the ends of the axis; bands: [{from, to, name}] of x.
export function drawChart(canvas, {lines, xMin = 0, xMax, yTitle, xTitle, threshold = null, log = false, bands = []}) {
  const {context, width, height} = prepared(canvas), left = 52, right = 12, top = 22, bottom = 38, wide = width - left - right;
  const {low, high, ticks, at} = axisOf(lines, threshold, log, height - top - bottom);
  const X = (x) => left + ((x - xMin) / (xMax - xMin || 1)) * wide, Y = (y) => height - bottom - ((at(y) - low) / (high - low)) * (height - top - bottom);
  const across = (y, dash) => {
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(left, Y(y));
    context.lineTo(width - right, Y(y));
    context.stroke();
    context.setLineDash([]);
  };

  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "top";
  context.textAlign = "center";
  bands.forEach(({from, to, name}, i) => {
    context.fillStyle = colour("--shade");
    if (i % 2 === 0) context.fillRect(X(from), top, X(to) - X(from), height - top - bottom);
    context.fillStyle = colour("--quiet");
    if (X(to) - X(from) > context.measureText(name).width + 6) context.fillText(name, (X(from) + X(to)) / 2, height - bottom - 17);
  });
  context.fillStyle = colour("--quiet");
  context.strokeStyle = colour("--line");
  context.lineWidth = 1;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const y of ticks) {
    across(y, []);
    context.fillText(shortNumber(y), left - 7, Y(y));
  }
  context.textAlign = "center";
  context.textBaseline = "top";
  const xStep = niceStep(xMax - xMin || 1, Math.max(2, wide / 90));
  for (let x = Math.ceil(xMin / xStep) * xStep; x <= xMax + xStep * 1e-3; x += xStep) context.fillText(shortNumber(x), Math.min(X(x), width - 16), height - bottom + 7);
  context.fillText(xTitle, left + wide / 2, height - 14);
  context.textAlign = "left";
  context.fillText(yTitle, 4, 2);
  context.strokeStyle = colour("--quiet");
  if (threshold !== null) across(threshold, [2, 4]);
  context.save();
  context.beginPath();
  context.rect(left - 2, top - 2, wide + 4, height - top - bottom + 4);
  context.clip();
  for (const one of lines) {
    context.fillStyle = context.strokeStyle = colour(one.colour);
    context.globalAlpha = 0.28;
    for (const [x, y] of one.dots ?? []) context.fillRect(X(x) - 1.25, Y(y) - 1.25, 2.5, 2.5);
    if (one.low) {
      context.globalAlpha = 0.16;
      context.beginPath();
      one.xs.forEach((x, i) => context.lineTo(X(x), Y(one.high[i])));
      for (let i = one.xs.length - 1; i >= 0; --i) context.lineTo(X(one.xs[i]), Y(one.low[i]));
      context.fill();
    }
    context.globalAlpha = 1;
    context.lineWidth = 2.2;
    context.setLineDash(one.dash ?? []);
    context.beginPath();
    one.xs.forEach((x, i) => context.lineTo(X(x), Y(one.ys[i])));
    context.stroke();
    context.setLineDash([]);
  }
  context.restore();
}

// The axes of a plane: returns where its points lie on the canvas.
function drawAxes(canvas, {xTitle, yTitle, xs, ys}) {
  const {context, width, height} = prepared(canvas), left = 44, bottom = 34, top = 6, right = 8, wide = width - left - right, tall = height - top - bottom;
  context.fillStyle = colour("--quiet");
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "top";
  context.textAlign = "left";
  context.fillText(xs[0], left, height - bottom + 5);
  context.textAlign = "right";
  context.fillText(xs[1], width - right, height - bottom + 5);
  context.fillText(ys[1], left - 5, top);
  context.fillText(ys[0], left - 5, height - bottom - 13);
  context.textAlign = "center";
  context.fillText(xTitle, left + wide / 2, height - 15);
  context.save();
  context.translate(12, top + tall / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(yTitle, 0, -6);
  context.restore();
  const within = (x, [a, b]) => Math.max(0, Math.min(1, (x - a) / (b - a)));
  return {context, left, top, wide, tall, at: ([x, y]) => [left + within(x, xs) * wide, top + (1 - within(y, ys)) * tall]};
}

// A plane of values as cells, row after row; `glyphs`: of each cell what is done there, written here and there; `mark`: a point with a ring.
export function drawPlane(canvas, values, columns, axes, {glyphs, mark}) {
  const {context, left, top, wide, tall, at} = drawAxes(canvas, axes), low = Math.min(...values), high = Math.max(...values), rows = values.length / columns;
  // One pixel a cell, then stretched: cells that are drawn beside each other leave seams.
  const small = new OffscreenCanvas(columns, rows), cells = small.getContext("2d"), share = (i) => (values[i] - low) / (high - low || 1);
  cells.fillStyle = colour("--main");
  values.forEach((_, i) => {
    cells.globalAlpha = 0.06 + 0.9 * share(i);
    cells.fillRect(i % columns, Math.floor(i / columns), 1, 1);
  });
  context.imageSmoothingEnabled = false;
  context.drawImage(small, left, top, wide, tall);
  context.font = "15px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let row = 2; row < rows; row += 5)
    for (let column = 2; column < columns; column += 5) {
      const i = row * columns + column;
      context.fillStyle = colour(share(i) > 0.5 ? "--page" : "--text");
      context.fillText(glyphs[i], left + ((column + 0.5) * wide) / columns, top + ((row + 0.5) * tall) / rows);
    }
  if (mark) ring(context, at(mark));
  return {low, high};
}

function ring(context, [x, y]) {
  for (const [style, size] of [["--page", 5], ["--second", 3]]) {
    context.strokeStyle = colour(style);
    context.lineWidth = size;
    context.beginPath();
    context.arc(x, y, 7, 0, 7);
    context.stroke();
  }
}

// Points of a plane: old ones are dots, `new` ones crosses, `end` ones rings.
export function drawScatter(canvas, points, axes) {
  const {context, at} = drawAxes(canvas, axes);
  for (const {place, kind} of points) {
    const [x, y] = at(place);
    context.strokeStyle = context.fillStyle = colour(kind === "old" ? "--c4" : kind === "new" ? "--second" : "--text");
    context.lineWidth = 1.6;
    context.beginPath();
    if (kind === "old") context.arc(x, y, 1.8, 0, 7);
    else if (kind === "end") context.arc(x, y, 4.5, 0, 7);
    else for (const [dx, dy] of [[4, 4], [4, -4]]) {
      context.moveTo(x - dx, y - dy);
      context.lineTo(x + dx, y + dy);
    }
    if (kind === "old") context.fill();
    else context.stroke();
  }
}
