// Curves on a canvas: returns of episodes as dots, their running mean as a line; bands between two lines.
import {colour, prepared} from "./canvas.js";

function niceStep(span, ticks) {
  const raw = span / Math.max(1, ticks), power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 2.5, 5, 10].find((m) => m * power >= raw) * power;
}

export const shortNumber = (x) => (Math.abs(x) >= 1e6 ? +(x / 1e6).toFixed(1) + "M" : Math.abs(x) >= 1000 ? +(x / 1000).toFixed(1) + "k" : String(Math.abs(x) >= 0.1 || x === 0 ? +x.toFixed(2) : +x.toPrecision(2)));

// lines: [{name, xs, ys, low?, high?, dots?: [[x, y]], colour: "--c0", dash?}]; xMax: where the axis ends.
export function drawChart(canvas, {lines, xMax, yTitle, xTitle, threshold = null}) {
  const {context, width, height} = prepared(canvas);
  const left = 52, right = 12, top = 22, bottom = 38;
  let low = Infinity, high = -Infinity;
  const see = (y) => {
    if (y < low) low = y;
    if (y > high) high = y;
  };
  for (const one of lines) {
    for (const y of one.low ?? one.ys) see(y);
    for (const y of one.high ?? one.ys) see(y);
    for (const [, y] of one.dots ?? []) see(y);
  }
  if (threshold !== null && Number.isFinite(low)) see(threshold);
  if (!Number.isFinite(low)) [low, high] = [0, 1];
  if (high - low < 1e-9) [low, high] = [low - 1, high + 1];
  const step = niceStep(high - low, Math.max(2, (height - top - bottom) / 45));
  low = Math.floor(low / step) * step;
  high = Math.ceil(high / step) * step;
  const X = (x) => left + (x / (xMax || 1)) * (width - left - right), Y = (y) => height - bottom - ((y - low) / (high - low)) * (height - top - bottom);

  context.font = "12px system-ui, sans-serif";
  context.fillStyle = colour("--quiet");
  context.strokeStyle = colour("--line");
  context.lineWidth = 1;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (let y = low; y <= high + step / 2; y += step) {
    context.beginPath();
    context.moveTo(left, Y(y));
    context.lineTo(width - right, Y(y));
    context.stroke();
    context.fillText(shortNumber(y), left - 7, Y(y));
  }
  context.textAlign = "center";
  context.textBaseline = "top";
  const xStep = niceStep(xMax || 1, Math.max(2, (width - left - right) / 90));
  for (let x = 0; x <= (xMax || 1) * 1.0001; x += xStep) context.fillText(shortNumber(x), X(x), height - bottom + 7);
  context.fillText(xTitle, left + (width - left - right) / 2, height - 14);
  context.textAlign = "left";
  context.fillText(yTitle, 4, 2);

  if (threshold !== null) {
    context.setLineDash([2, 4]);
    context.strokeStyle = colour("--quiet");
    context.beginPath();
    context.moveTo(left, Y(threshold));
    context.lineTo(width - right, Y(threshold));
    context.stroke();
    context.setLineDash([]);
  }
  for (const one of lines) {
    context.fillStyle = context.strokeStyle = colour(one.colour);
    context.globalAlpha = 0.28;
    for (const [x, y] of one.dots ?? []) context.fillRect(X(x) - 1.25, Y(y) - 1.25, 2.5, 2.5);
    if (one.low) {
      context.globalAlpha = 0.16;
      context.beginPath();
      one.xs.forEach((x, i) => (i ? context.lineTo(X(x), Y(one.high[i])) : context.moveTo(X(x), Y(one.high[i]))));
      for (let i = one.xs.length - 1; i >= 0; --i) context.lineTo(X(one.xs[i]), Y(one.low[i]));
      context.fill();
    }
    context.globalAlpha = 1;
    context.lineWidth = 2.2;
    context.setLineDash(one.dash ?? []);
    context.beginPath();
    one.xs.forEach((x, i) => (i ? context.lineTo(X(x), Y(one.ys[i])) : context.moveTo(X(x), Y(one.ys[i]))));
    context.stroke();
    context.setLineDash([]);
  }
}

// The mean of the last `window` returns at each episode.
export function runningMean(ys, window) {
  let sum = 0;
  return ys.map((y, i) => {
    sum += y - (i >= window ? ys[i - window] : 0);
    return sum / Math.min(i + 1, window);
  });
}

// A plane of values as cells: rows of `columns`; the axes' ends are named.
export function drawPlane(canvas, values, columns, {xTitle, yTitle, xEnds, yEnds, mark}) {
  const {context, width, height} = prepared(canvas), left = 44, bottom = 34, top = 6, right = 8;
  const low = Math.min(...values), high = Math.max(...values), rows = values.length / columns;
  // One pixel a cell, then stretched: cells that are drawn beside each other leave seams.
  const small = new OffscreenCanvas(columns, rows), cells = small.getContext("2d");
  cells.fillStyle = colour("--main");
  values.forEach((value, i) => {
    cells.globalAlpha = 0.06 + (0.9 * (value - low)) / (high - low || 1);
    cells.fillRect(i % columns, Math.floor(i / columns), 1, 1);
  });
  context.imageSmoothingEnabled = false;
  context.drawImage(small, left, top, width - left - right, height - top - bottom);
  if (mark) {
    context.strokeStyle = colour("--second");
    context.lineWidth = 3;
    context.beginPath();
    context.arc(left + mark[0] * (width - left - right), top + (1 - mark[1]) * (height - top - bottom), 7, 0, 7);
    context.stroke();
  }
  context.fillStyle = colour("--quiet");
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "top";
  context.textAlign = "left";
  context.fillText(xEnds[0], left, height - bottom + 5);
  context.textAlign = "right";
  context.fillText(xEnds[1], width - right, height - bottom + 5);
  context.textAlign = "center";
  context.fillText(xTitle, left + (width - left - right) / 2, height - 15);
  context.textAlign = "right";
  context.fillText(yEnds[1], left - 5, top);
  context.fillText(yEnds[0], left - 5, height - bottom - 13);
  context.save();
  context.translate(12, top + (height - top - bottom) / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.fillText(yTitle, 0, -6);
  context.restore();
  return {low, high};
}
