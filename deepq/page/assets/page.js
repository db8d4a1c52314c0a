"use strict";
// Draws the charts that ChartBuilder (page/chart.h) describes in #page-data:
// {charts: [{id, x, series: [{label, role, colour}], data: [[x...], [y...]...], wide, tall, log_x, log_y, log_switch,
// phases, solved}]}
(() => {
  const root = document.documentElement;
  const specs = JSON.parse(document.getElementById("page-data").textContent).charts;
  const plots = new Map(); // id -> uPlot
  const logScale = new Map(); // id -> boolean
  const drawn = new Set();
  const printWidths = { wide: 670, small: 320 }; // A4 and Letter less the margins

  const colour = (name) => getComputedStyle(root).getPropertyValue("--" + name).trim();

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

  // A loss that falls through powers of ten is a flat line on a linear scale.
  function spansDecades(spec) {
    const positive = spec.data.slice(1).flat().filter((v) => v > 0);
    if (positive.length === 0) return false;
    const [low, high] = positive.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
    return high / low >= 100;
  }

  // Lines of equal rank share eight colours; the ninth begins again, dashed.
  const palette = 8;
  const lineColour = (index) => colour(`c${index % palette}`);
  const markerColour = ({ role, colour: index }) =>
    role === "line" ? lineColour(index) : colour(["second", "dots"].includes(role) ? role : "main");

  // "12 [10, 15]" for a line with a band of its own; its edges are not listed.
  function valueWithBand(spec, index) {
    const edge = (role) => spec.series.findIndex((s) => s.role === role && s.colour === index) + 1;
    const [low, high] = [edge("low"), edge("high")];
    return (u, v, _, i) =>
      low === 0 || i == null ? number(v) : `${number(v)} [${number(u.data[low][i])}, ${number(u.data[high][i])}]`;
  }

  function seriesOf({ label, role, colour: index }, spec) {
    const none = { show: false };
    const shared = { label, spanGaps: true, value: (_, v) => number(v) };
    switch (role) {
      case "dots":
        return { ...shared, stroke: colour("dots"), paths: () => null, points: { show: true, size: 4, width: 0, fill: colour("dots") } };
      case "run":
        return { ...shared, class: "unlisted", spanGaps: false, stroke: colour("run"), width: 1, points: none };
      case "low":
      case "high":
        return { ...shared, class: index === undefined ? "edge" : "unlisted", stroke: "transparent", width: 0, points: none };
      case "line":
        return { ...shared, value: valueWithBand(spec, index), stroke: lineColour(index), width: 2, dash: index < palette ? undefined : [7, 4], points: none };
      case "second":
        return { ...shared, stroke: colour("second"), width: 1.5, points: none };
      default:
        return { ...shared, stroke: colour("main"), width: 2.25, points: none };
    }
  }

  function bandsOf(spec) {
    return spec.series.flatMap(({ role, colour: index }, high) => {
      if (role !== "high") return [];
      const low = spec.series.findIndex((s) => s.role === "low" && s.colour === index);
      return [{ series: [high + 1, low + 1], fill: index === undefined ? colour("band") : lineColour(index) + "2b" }];
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
        ctx.fillStyle = colour("phase");
        ctx.fillRect(left, bbox.top, right - left, bbox.height);
      }
      ctx.fillStyle = colour("quiet");
      const text = [`${i + 1} ${phase.name}`, `${i + 1}`].find((t) => ctx.measureText(t).width + 8 * ratio < right - left);
      if (text) ctx.fillText(text, (left + right) / 2, bbox.top - 18 * ratio);
    });
    ctx.restore();
  }

  function drawSolved(u, spec) {
    const { ctx, bbox } = u;
    const ratio = uPlot.pxRatio;
    const x = u.valToPos(spec.solved, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) return;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = colour("second");
    ctx.lineWidth = ratio;
    ctx.setLineDash([4 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.font = `${12 * ratio}px system-ui, sans-serif`;
    const text = `solved at ${number(spec.solved)}`;
    const fits = x + ctx.measureText(text).width + 8 * ratio < bbox.left + bbox.width;
    ctx.textAlign = fits ? "left" : "right";
    ctx.fillText(text, x + (fits ? 5 : -5) * ratio, bbox.top + bbox.height - 8 * ratio);
    ctx.restore();
  }

  function sizeOf(spec, box) {
    if (root.classList.contains("printing")) {
      return spec.wide ? { width: printWidths.wide, height: 250 } : { width: printWidths.small, height: 180 };
    }
    const width = box.clientWidth;
    return { width, height: !spec.tall ? 220 : width < 500 ? 270 : 370 };
  }

  function axis(extra) {
    const line = { stroke: colour("line"), width: 1 };
    const font = "12px system-ui, sans-serif";
    return { stroke: colour("quiet"), font, labelFont: font, grid: line, ticks: { ...line, size: 4 }, gap: 4, ...extra };
  }

  const isDecade = (v) => Number.isInteger(Math.log10(v));

  function draw(spec) {
    const box = document.querySelector(`[data-chart="${spec.id}"]`);
    const log = spec.log_y === true || logScale.get(spec.id) === true;
    const data = log ? spec.data.map((values, i) => (i === 0 ? values : values.map((v) => (v > 0 ? v : null)))) : spec.data;
    const decades = { stroke: colour("line"), width: 1, size: 4, filter: (_, splits) => splits.map((v) => (isDecade(v) ? v : null)) };
    const options = {
      ...sizeOf(spec, box),
      padding: [spec.phases ? 24 : 8, 20, 0, 0],
      cursor: { sync: { key: spec.x, scales: ["x", null] }, points: { size: 7 }, y: false },
      scales: { x: { time: false, ...(spec.log_x && { distr: 3, log: 10 }) }, y: log ? { distr: 3, log: 10 } : {} },
      axes: [
        axis({ label: spec.x, labelSize: 20, size: 26, space: 64, values: (_, splits) => splits.map((v) => (spec.log_x && !isDecade(v) ? "" : tick(v))), ...(spec.log_x && { grid: decades, ticks: decades }) }),
        axis({ size: 52, space: 36, values: (_, splits) => splits.map(tick), ...(log && { grid: decades, ticks: decades }) }),
      ],
      series: [{ label: spec.x, value: (_, v) => number(v) }, ...spec.series.map((series) => seriesOf(series, spec))],
      bands: bandsOf(spec),
      legend: { markers: { width: 0, fill: (_, i) => (i === 0 ? null : markerColour(spec.series[i - 1])) } },
      hooks: {
        setCursor: [(u) => u.root.classList.toggle("idle", u.cursor.idx == null)],
        ready: [(u) => u.root.classList.add("idle")],
        drawClear: spec.phases ? [(u) => drawPhases(u, spec)] : [],
        draw: [
          (u) => {
            if (spec.solved) drawSolved(u, spec);
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
