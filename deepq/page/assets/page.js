"use strict";
// Draws the charts that ChartBuilder (page/chart.h) describes in #page-data:
// {charts: [{id, x, series: [{label, role, color}], data: [[x...], [y...]...], wide, tall, small, log_x, log_y, log_switch,
// phases, solved, mark, y, x_range, y_range, from_zero, points, dashed_from, labels, steps}]}: y is the title of that axis, from_zero
// lets it begin at 0 where no value is below; solved {x, label} and
// mark {y, label} are dashed lines; with points the main line's records are marked; from dashed_from on it is dashed;
// labels: false leaves the names of lines to the legend; steps: a value holds up to the next x; small and y_range: one of
// several small charts, on one scale.
(() => {
  const root = document.documentElement;
  const specs = JSON.parse(document.getElementById("page-data").textContent).charts;
  const plots = new Map(); // id -> uPlot
  const logScale = new Map(); // id -> boolean
  const drawn = new Set();
  const printWidths = { wide: 670, small: 320 }; // A4 and Letter less the margins

  const color = (name) => getComputedStyle(root).getPropertyValue("--" + name).trim();

  const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 });
  const plain = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });
  const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
  function number(value, big = plain) {
    if (value == null) return "–";
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-4 || size >= 1e12)) return value.toExponential(1).replace("e+", "e");
    return size >= 1000 ? (big === plain ? whole : big).format(value) : plain.format(value);
  }
  const tick = (value) => (value == null ? "" : number(value, compact));

  // The main line from there on becomes a line of its own, which begins where the other ends.
  for (const spec of specs) {
    const main = spec.series.findIndex(({ role }) => role === "main");
    if (spec.dashed_from === undefined || main < 0) continue;
    const [x, values] = [spec.data[0], spec.data[main + 1]];
    const from = x.findLastIndex((v) => v <= spec.dashed_from);
    if (from < 0) continue;
    spec.series.push({ label: "ended runs carried on", role: "carried" });
    spec.data.push(values.map((v, i) => (i < from ? null : v)));
    spec.data[main + 1] = values.map((v, i) => (i > from ? null : v));
  }

  // A loss that falls through powers of ten is a flat line on a linear scale.
  function spansDecades(spec) {
    const positive = spec.data.slice(1).flat().filter((v) => v > 0);
    if (positive.length === 0) return false;
    const [low, high] = positive.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
    return high / low >= 100;
  }

  // Lines of equal rank share eight colors (Okabe and Ito 2008), the second four of them dashed: no two are told apart
  // by color alone. The ninth begins again, dotted.
  const palette = 8;
  const lineColor = (index) => (index === "reference" ? color("quiet") : color(`c${index % palette}`));
  const lineDash = (index) => (index >= palette ? [2, 3] : index >= palette / 2 ? [8, 4] : undefined);
  // A stripe of the line as it is drawn.
  function marker({ role, color: index }) {
    if (role === "reference") return lineColor(index);
    if (role !== "line") return color(["second", "dots"].includes(role) ? role : "main");
    const [on, off] = lineDash(index) ?? [20, 0];
    return `repeating-linear-gradient(to right, ${lineColor(index)} 0 ${on}px, transparent ${on}px ${on + off}px)`;
  }

  // "12 [10, 15]" for a line with a band of its own; its edges are not listed.
  function valueWithBand(spec, index) {
    const edge = (role) => spec.series.findIndex((s) => s.role === role && s.color === index) + 1;
    const [low, high] = [edge("low"), edge("high")];
    return (u, v, _, i) =>
      low === 0 || i == null ? number(v) : `${number(v)} [${number(u.data[low][i])}, ${number(u.data[high][i])}]`;
  }

  function seriesOf({ label, role, color: index }, spec) {
    const none = { show: false };
    const steps = spec.steps && { paths: uPlot.paths.stepped({ align: 1 }) };
    const shared = { label, spanGaps: true, value: (_, v) => number(v), ...steps };
    switch (role) {
      case "dots":
        return { ...shared, stroke: color("dots"), paths: () => null, points: { show: true, size: 4, width: 0, fill: color("dots") } };
      case "run":
        return { ...shared, class: "unlisted", spanGaps: false, stroke: (u, i) => color(u.pointed === i ? "text" : "run"), width: 1, points: none };
      case "low":
      case "high":
        return { ...shared, class: index === undefined ? "edge" : "unlisted", stroke: "transparent", width: 0, points: none };
      case "line":
        return { ...shared, value: valueWithBand(spec, index), stroke: lineColor(index), width: 2, dash: lineDash(index), points: none };
      case "reference":
        return { ...shared, value: valueWithBand(spec, index), stroke: color("quiet"), width: 1.5, points: none };
      case "second":
        return { ...shared, stroke: color("second"), width: 1.5, points: none };
      case "carried":
        return { ...shared, stroke: color("main"), width: 2.25, dash: [5, 4], points: none };
      default: {
        const few = (spec.points && spec.data[0].length <= 60) || mainValues(spec).filter((v) => v != null).length === 1;
        return { ...shared, stroke: color("main"), width: 2.25, points: few ? { show: true, size: 7, width: 0, fill: color("main") } : none };
      }
    }
  }

  function bandsOf(spec) {
    return spec.series.flatMap(({ role, color: index }, high) => {
      if (role !== "high") return [];
      const low = spec.series.findIndex((s) => s.role === "low" && s.color === index);
      return [{ series: [high + 1, low + 1], fill: index === undefined ? color("band") : lineColor(index) + "2b" }];
    });
  }

  // The learning curve's ground: every other phase shaded, each named where there is room, else numbered.
  function drawPhases(u, spec) {
    const { ctx, bbox } = u;
    const ratio = uPlot.pxRatio;
    const place = (x) => Math.min(Math.max(u.valToPos(x, "x", true), bbox.left), bbox.left + bbox.width);
    ctx.save();
    ctx.font = `${12 * ratio}px system-ui, sans-serif`;
    ctx.textBaseline = "top";
    ctx.textAlign = "center";
    spec.phases.forEach((phase, i) => {
      const next = spec.phases[i + 1];
      const left = i === 0 ? bbox.left : place(phase.first - 0.5);
      const right = next ? place(next.first - 0.5) : bbox.left + bbox.width;
      if (right <= left) return;
      if (i % 2 === 0) {
        ctx.fillStyle = color("phase");
        ctx.fillRect(left, bbox.top, right - left, bbox.height);
      }
      ctx.fillStyle = color("quiet");
      const text = [`${i + 1} ${phase.name}`, `${i + 1}`].find((t) => ctx.measureText(t).width + 8 * ratio < right - left);
      if (text) ctx.fillText(text, (left + right) / 2, bbox.top - 18 * ratio);
    });
    ctx.restore();
  }

  function drawSolved(u, spec) {
    const { ctx, bbox } = u;
    const ratio = uPlot.pxRatio;
    const x = u.valToPos(spec.solved.x, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) return;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = color("second");
    ctx.lineWidth = ratio;
    ctx.setLineDash([4 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.font = `${12 * ratio}px system-ui, sans-serif`;
    const text = spec.solved.label;
    const fits = x + ctx.measureText(text).width + 8 * ratio < bbox.left + bbox.width;
    ctx.textAlign = fits ? "left" : "right";
    ctx.fillText(text, x + (fits ? 5 : -5) * ratio, bbox.top + bbox.height - 8 * ratio);
    ctx.restore();
  }

  // A level that the values are to be held against, across the chart.
  function drawMark(u, { y: value, label }) {
    const { ctx, bbox } = u;
    const ratio = uPlot.pxRatio;
    const y = u.valToPos(value, "y", true);
    if (!(y >= bbox.top && y <= bbox.top + bbox.height)) return;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = color("quiet");
    ctx.lineWidth = ratio;
    ctx.setLineDash([2 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.font = `${12 * ratio}px system-ui, sans-serif`;
    ctx.textAlign = "right";
    const below = y - 16 * ratio < bbox.top;
    ctx.textBaseline = below ? "top" : "bottom";
    ctx.fillText(label, bbox.left + bbox.width - 4 * ratio, y + (below ? 3 : -3) * ratio);
    ctx.restore();
  }

  // Names at the ends of the lines, moved apart where they would lie on each other.
  const labelFont = "12px system-ui, sans-serif";
  const measure = document.createElement("canvas").getContext("2d");
  function labelWidth(spec, box) {
    const lines = spec.series.filter(({ role }) => role === "line");
    const room = sizeOf(spec, box).height / 20;
    if (spec.labels === false || lines.length < 2 || lines.length > room || box.clientWidth < 500) return 0;
    measure.font = labelFont;
    const width = Math.max(...lines.map(({ label }) => measure.measureText(label).width)) + 10;
    return width < box.clientWidth / 4 ? width : 0;
  }

  function drawLabels(u, spec) {
    const { ctx, bbox } = u;
    const ratio = uPlot.pxRatio;
    const height = 14 * ratio;
    const labels = [];
    ctx.save();
    ctx.font = `${12 * ratio}px system-ui, sans-serif`;
    spec.series.forEach(({ role, label, color: index }, i) => {
      if (role !== "line") return;
      const values = u.data[i + 1];
      const last = values.findLastIndex((v) => v != null);
      const x = u.valToPos(u.data[0][last], "x", true) + 6 * ratio;
      if (last >= 0) labels.push({ label, index, x, y: u.valToPos(values[last], "y", true), width: ctx.measureText(label).width });
    });
    labels.sort((a, b) => a.y - b.y);
    const meet = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width;
    const below = (i) => labels.slice(i + 1).find((other) => meet(labels[i], other));
    const above = (i) => labels.slice(0, i).findLast((other) => meet(labels[i], other));
    labels.forEach((one, i) => (one.y = Math.max(one.y, (above(i)?.y ?? -Infinity) + height)));
    for (let i = labels.length - 1; i >= 0; --i) labels[i].y = Math.min(labels[i].y, below(i) ? below(i).y - height : bbox.top + bbox.height);
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    ctx.lineWidth = 3 * ratio;
    ctx.lineJoin = "round";
    ctx.strokeStyle = color("page");
    for (const { label, index, x, y } of labels) {
      ctx.fillStyle = lineColor(index);
      ctx.strokeText(label, x, y); // other lines may pass behind it
      ctx.fillText(label, x, y);
    }
    ctx.restore();
  }

  // The thin line next to the cursor, if one is near.
  function nearest(u, spec) {
    const { idx, top } = u.cursor;
    if (idx == null || top < 0) return null;
    let found = null;
    let distance = 24;
    spec.series.forEach(({ role }, i) => {
      const value = u.data[i + 1][idx];
      if (role !== "run" || value == null) return;
      const away = Math.abs(u.valToPos(value, "y") - top);
      if (away < distance) [found, distance] = [i + 1, away];
    });
    return found;
  }

  // Which of many thin lines is under the cursor: it is drawn strongly, and named with its value.
  function point(u, spec, box, index) {
    const line = index != null && spec.series[index - 1]?.role === "run" ? index : null;
    const value = line && u.cursor.idx != null ? u.data[line][u.cursor.idx] : null;
    let name = box.querySelector(".pointed");
    if (!name) u.over.append((name = Object.assign(document.createElement("div"), { className: "pointed" })));
    name.textContent = value == null ? "" : `${spec.series[line - 1].label}: ${number(value)}`;
    if (u.pointed === line) return;
    u.pointed = line;
    spec.series.forEach(({ role }, i) => role === "run" && (u.series[i + 1].width = (i + 1 === line ? 2 : 1) * uPlot.pxRatio));
    u.redraw(true);
  }

  function sizeOf(spec, box) {
    if (root.classList.contains("printing")) {
      return spec.wide ? { width: printWidths.wide, height: 250 } : { width: printWidths.small, height: 180 };
    }
    const width = box.clientWidth;
    return { width, height: spec.small ? 170 : !spec.tall ? 220 : width < 500 ? 270 : 370 };
  }

  function axis(extra) {
    const line = { stroke: color("line"), width: 1 };
    const font = "12px system-ui, sans-serif";
    return { stroke: color("quiet"), font, labelFont: font, grid: line, ticks: { ...line, size: 4 }, gap: 4, ...extra };
  }

  const mainValues = (spec) => spec.data[spec.series.findIndex(({ role }) => role === "main") + 1];

  // The band of a value that has no neighbour: from its low to its high edge.
  function drawWhiskers(u, spec) {
    const [low, high] = ["low", "high"].map((role) => spec.data[spec.series.findIndex((s) => s.role === role && s.color === undefined) + 1]);
    const main = mainValues(spec);
    if (low === spec.data[0] || high === spec.data[0] || main === spec.data[0]) return;
    const { ctx } = u;
    ctx.save();
    ctx.strokeStyle = color("main");
    ctx.lineWidth = 1.5 * uPlot.pxRatio;
    main.forEach((value, i) => {
      if (value == null || low[i] == null || high[i] == null || main[i - 1] != null || main[i + 1] != null) return;
      const [x, top, bottom] = [u.valToPos(u.data[0][i], "x", true), u.valToPos(high[i], "y", true), u.valToPos(low[i], "y", true)];
      const cap = 4 * uPlot.pxRatio;
      ctx.beginPath();
      for (const [fromX, fromY, toX, toY] of [[x, top, x, bottom], [x - cap, top, x + cap, top], [x - cap, bottom, x + cap, bottom]]) {
        ctx.moveTo(fromX, fromY);
        ctx.lineTo(toX, toY);
      }
      ctx.stroke();
    });
    ctx.restore();
  }

  // A little more than the range, so that no line lies on the edge.
  function yRange([low, high], log) {
    if (log) return [low / 1.3, high * 1.3];
    const more = (high - low) * 0.05;
    return [low >= 0 && low < more * 4 ? 0 : low - more, high + more];
  }

  // The whole x axis, or what was chosen of it with the mouse.
  const xRange = ({ x_range: whole, data: [x] }) => (_, low, high) => (x.length < 2 || (low === x[0] && high === x.at(-1)) ? whole : [low, high]);

  // What uPlot would take, but so that a mark is seen and a flat line at 0 has no scale of 100.
  function yScale(spec, log) {
    if (spec.y_range) return { ...(log && { distr: 3, log: 10 }), range: () => yRange(spec.y_range, log) };
    const reach = (high) => Math.max(high, spec.mark?.y ?? -Infinity);
    if (log) return { distr: 3, log: 10, range: (_, low, high) => (low == null ? [1, 10] : uPlot.rangeLog(low, reach(high), 10, true)) };
    const range = (_, low, high) => {
      if (low == null || (low === 0 && high === 0)) return [0, 1];
      return uPlot.rangeNum(spec.from_zero && low > 0 ? 0 : low, reach(high), 0.1, true);
    };
    return { range };
  }

  const isDecade = (v) => Number.isInteger(Math.log10(v));
  // Of many decades every second, third, ..., so that their numbers keep apart.
  const decadeStep = (splits) => Math.ceil(splits.filter(isDecade).length / 9);
  function decadesOf(splits) {
    const step = decadeStep(splits);
    return splits.map((v) => (isDecade(v) && Math.log10(v) % step === 0 ? v : null));
  }

  function draw(spec) {
    const box = document.querySelector(`[data-chart="${spec.id}"]`);
    const log = spec.log_y === true || logScale.get(spec.id) === true;
    const data = log ? spec.data.map((values, i) => (i === 0 ? values : values.map((v) => (v > 0 ? v : null)))) : spec.data;
    const decades = { stroke: color("line"), width: 1, size: 4, filter: (_, splits) => decadesOf(splits) };
    const named = labelWidth(spec, box);
    const options = {
      ...sizeOf(spec, box),
      padding: [spec.phases ? 24 : 8, Math.max(20, named), 0, 0],
      cursor: { sync: { key: spec.x, scales: ["x", null] }, points: { size: 7 }, y: false },
      scales: { x: { time: false, ...(spec.log_x && { distr: 3, log: 10 }), ...(spec.x_range && { range: xRange(spec) }) }, y: yScale(spec, log) },
      axes: [
        axis({ label: spec.x, labelSize: 20, size: 26, space: spec.small ? 40 : 64, values: (_, splits) => splits.map((v) => (spec.log_x && !isDecade(v) ? "" : tick(v))), ...(spec.log_x && { grid: decades, ticks: decades }) }),
        axis({ size: spec.small ? 44 : 52, space: 36, ...(spec.y && { label: spec.y, labelSize: 18 }), values: (_, splits) => (log && decadeStep(splits) > 1 ? decadesOf(splits) : splits).map(tick), ...(log && { grid: decades, ticks: decades }) }),
      ],
      series: [{ label: spec.x, value: (_, v) => number(v) }, ...spec.series.map((series) => seriesOf(series, spec))],
      bands: bandsOf(spec),
      legend: { markers: { width: 0, fill: (_, i) => (i === 0 ? null : marker(spec.series[i - 1])) } },
      hooks: {
        setCursor: [
          (u) => {
            u.root.classList.toggle("idle", u.cursor.idx == null);
            if (spec.series.some(({ role }) => role === "run")) point(u, spec, box, nearest(u, spec));
          },
        ],
        ready: [(u) => u.root.classList.add("idle")],
        drawClear: spec.phases ? [(u) => drawPhases(u, spec)] : [],
        draw: [
          (u) => {
            drawWhiskers(u, spec);
            if (spec.solved) drawSolved(u, spec);
            if (spec.mark) drawMark(u, spec.mark);
            if (named) drawLabels(u, spec);
            drawn.add(spec.id);
            root.dataset.chartsDrawn = String(drawn.size);
          },
        ],
      },
    };
    plots.get(spec.id)?.destroy();
    plots.set(spec.id, new uPlot(options, data, box));
  }

  const drawAll = () => specs.forEach(draw);

  for (const button of document.querySelectorAll("[data-log-switch]")) {
    const spec = specs.find((s) => s.id === button.dataset.logSwitch);
    const show = (on) => {
      logScale.set(spec.id, on);
      button.setAttribute("aria-pressed", String(on));
    };
    show(spansDecades(spec));
    button.addEventListener("click", () => {
      show(!logScale.get(spec.id));
      draw(spec);
    });
  }

  root.dataset.chartsDrawn = "0";
  drawAll();

  const resized = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const spec = specs.find((s) => s.id === target.dataset.chart);
      const plot = plots.get(spec.id);
      const size = sizeOf(spec, target);
      if (size.width > 0 && size.width !== plot.width) requestAnimationFrame(() => plot.setSize(size));
    }
  });
  for (const box of document.querySelectorAll("[data-chart]")) resized.observe(box);

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  addEventListener("beforeprint", () => {
    root.classList.add("printing");
    for (const details of document.querySelectorAll("details")) details.open = true;
    drawAll();
  });
  addEventListener("afterprint", () => {
    root.classList.remove("printing");
    drawAll();
  });
})();
