// How each world looks, drawn from what the agent sees of it and nothing else.
import {colour, prepared} from "./canvas.js";

const ARROWS = ["↑", "→", "↓", "←"]; // GridWorld's and CliffWalking's order
const LAKE_ARROWS = ["←", "↓", "→", "↑"]; // FrozenLake's

const ACTION_NAMES = {
  "CartPole-v1": ["push left", "push right"],
  "MountainCar-v0": ["back", "coast", "forward"],
  "Acrobot-v1": ["turn left", "nothing", "turn right"],
  "GridWorld-v0": ["up", "right", "down", "left"],
  "CliffWalking-v1": ["up", "right", "down", "left"],
  "FrozenLake-v1": ["left", "down", "right", "up"],
  "FrozenLake8x8-v1": ["left", "down", "right", "up"],
};

// What the game is, for somebody who sees it for the first time.
const STORIES = {
  "CartPole-v1": "Balance the pole: push the cart left or right. Each step that it stands is a point; a game ends when it falls, or after 500 steps.",
  "MountainCar-v0": "The car is too weak for the hill: it must swing back and forth to reach the flag. Each step costs a point, and a game ends after 200.",
  "Acrobot-v1": "Two rods and a motor where they meet: swing the tip above the line. Each step costs a point, and a game ends after 500.",
  "GridWorld-v0": "Find the way to the goal. Only reaching it is worth anything, and later is worth less.",
  "FrozenLake-v1": "Cross the ice to the goal and fall into no hole. The goal is worth a point; the ice is slippery, and two moves of three go astray.",
  "CliffWalking-v1": "From start to goal along a cliff. Each step costs a point, a fall costs 100 and leads back to the start.",
  "MinAtar/Breakout-v1": "Keep the ball in play and hit the bricks, a point for each. The game ends when the ball is missed.",
};
export const storyOf = (id) => STORIES[id.replace("Lake8x8", "Lake")] ?? "";

// The two numbers of an observation that a plane is drawn over, and the observation that has them: a slice where there are more.
export const PLANES = {
  "CartPole-v1": {columns: 31, rows: 31, xs: [-0.21, 0.21], ys: [-2, 2], at: (x, y) => [0, 0, x, y], of: (o) => [o[2], o[3]], xTitle: "pole's angle (radians)", yTitle: "angular speed", glyphs: "←→", slice: ", with the cart in the middle and at rest"},
  "MountainCar-v0": {columns: 41, rows: 25, xs: [-1.2, 0.6], ys: [-0.07, 0.07], at: (x, y) => [x, y], of: (o) => [o[0], o[1]], xTitle: "position", yTitle: "speed", glyphs: "←·→", slice: ""},
  "Acrobot-v1": {columns: 31, rows: 31, xs: [-3.14, 3.14], ys: [-6, 6], at: (x, y) => [Math.cos(x), Math.sin(x), 1, 0, y, 0], of: (o) => [Math.atan2(o[1], o[0]), o[4]], xTitle: "first rod's angle (radians)", yTitle: "its speed", glyphs: "↺·↻", slice: ", with the second rod straight and at rest"},
};

// MinAtar's, in its own order; the worlds called -v1 have those alone that do something in them.
const MINATAR = ["nothing", "left", "up", "right", "down", "fire"];
const MINIMAL = {Asterix: [0, 1, 2, 3, 4], Breakout: [0, 1, 3], Freeway: [0, 2, 4], Seaquest: [0, 1, 2, 3, 4, 5], SpaceInvaders: [0, 1, 3, 5]};

export function actionNames(world) {
  const game = /^MinAtar\/(\w+)-v(\d)$/.exec(world.id);
  const all = game ? (game[2] === "1" ? MINIMAL[game[1]] ?? [] : [0, 1, 2, 3, 4, 5]).map((action) => MINATAR[action]) : (ACTION_NAMES[world.id] ?? []);
  return Array.from({length: world.action_count}, (_, action) => all[action] ?? "action " + action);
}

function line(context, points, style, width) {
  context.strokeStyle = style;
  context.lineWidth = width;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.stroke();
}

function disc(context, x, y, radius, style) {
  context.fillStyle = style;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

function drawCartPole({context, width, height}, [x, , angle]) {
  const ground = height * 0.74, unit = width / 5.6, cart = width / 2 + x * unit, pole = unit;
  line(context, [[0, ground], [width, ground]], colour("--line"), 2);
  for (const end of [-2.4, 2.4]) line(context, [[width / 2 + end * unit, ground - 8], [width / 2 + end * unit, ground + 8]], colour("--quiet"), 2);
  context.fillStyle = colour("--text");
  context.beginPath();
  context.roundRect(cart - unit * 0.25, ground - unit * 0.26, unit * 0.5, unit * 0.24, 4);
  context.fill();
  const top = [cart + pole * Math.sin(angle), ground - unit * 0.22 - pole * Math.cos(angle)];
  line(context, [[cart, ground - unit * 0.22], top], colour("--second"), Math.max(4, unit * 0.08));
  disc(context, cart, ground - unit * 0.22, Math.max(3, unit * 0.05), colour("--page"));
}

function drawMountainCar({context, width, height}, [position]) {
  const at = (x) => [((x + 1.2) / 1.8) * width, height * 0.85 - (Math.sin(3 * x) * 0.45 + 0.45) * height * 0.7];
  const hill = Array.from({length: 80}, (_, i) => at(-1.2 + (1.8 * i) / 79));
  line(context, hill, colour("--quiet"), 2);
  const [fx, fy] = at(0.5);
  line(context, [[fx, fy], [fx, fy - 30]], colour("--text"), 2);
  context.fillStyle = colour("--second");
  context.fillRect(fx, fy - 30, 18, 11);
  const [x, y] = at(position);
  disc(context, x, y - 8, 8, colour("--main"));
}

function drawAcrobot({context, width, height}, [c1, s1, c2, s2]) {
  const size = Math.min(width, height) / 4.6, middle = [width / 2, height / 2], first = Math.atan2(s1, c1), both = first + Math.atan2(s2, c2);
  line(context, [[0, height / 2 - size], [width, height / 2 - size]], colour("--line"), 2);
  const elbow = [middle[0] + size * Math.sin(first), middle[1] + size * Math.cos(first)];
  const tip = [elbow[0] + size * Math.sin(both), elbow[1] + size * Math.cos(both)];
  line(context, [middle, elbow], colour("--text"), 7);
  line(context, [elbow, tip], colour("--second"), 7);
  disc(context, ...middle, 6, colour("--main"));
  disc(context, ...elbow, 5, colour("--main"));
}

// Rows, columns, and what each cell is: "S", "G", "H" (hole or cliff), "#" or ".".
export function gridOf(world) {
  if (world.grid) {
    const {rows, columns, walls, goals, starts} = world.grid;
    const cells = Array(rows * columns).fill(".");
    for (const cell of walls) cells[cell] = "#";
    for (const cell of goals) cells[cell] = "G";
    return {rows, columns, cells, arrows: ARROWS, starts};
  }
  if (world.id.startsWith("FrozenLake")) {
    const text = world.state_count === 64 ? "SFFFFFFFFFFFFFFFFFFHFFFFFFFFFHFFFFFHFFFFFHHFFFHFFHFFHFHFFFFHFFFG" : "SFFFFHFHFFFHHFFG";
    const side = Math.sqrt(text.length);
    return {rows: side, columns: side, cells: [...text].map((c) => (c === "F" ? "." : c)), arrows: LAKE_ARROWS};
  }
  if (world.id.startsWith("CliffWalking")) {
    const cells = Array(48).fill(".");
    cells.fill("H", 37, 47);
    cells[36] = "S";
    cells[47] = "G";
    return {rows: 4, columns: 12, cells, arrows: ARROWS};
  }
  return null;
}

// The cell that the agent stands on; -1 where its observation does not tell.
export function cellOf(world, grid, observation) {
  if (observation.length === 1) return observation[0];
  if (observation.length !== 2) return -1;
  return Math.round(observation[0] * (grid.rows - 1)) * grid.columns + Math.round(observation[1] * (grid.columns - 1));
}

// The observation of each cell, row after row, as the agent would see it.
export function observationsOf(grid, size) {
  const all = [];
  for (let cell = 0; cell < grid.cells.length; ++cell)
    if (size === 1) all.push(cell);
    else all.push(Math.floor(cell / grid.columns) / Math.max(1, grid.rows - 1), (cell % grid.columns) / Math.max(1, grid.columns - 1));
  return all;
}

// values: of each cell, or null; policy: the action of each cell. `mark`: a cell that the keyboard is at.
export function drawGrid({context, width, height}, grid, {agent = -1, values = null, policy = null, low = 0, high = 1, mark = -1, digits = 2} = {}) {
  const size = Math.min(width / grid.columns, height / grid.rows), left = (width - size * grid.columns) / 2, top = (height - size * grid.rows) / 2;
  context.textAlign = "center";
  context.textBaseline = "middle";
  grid.cells.forEach((kind, cell) => {
    const x = left + (cell % grid.columns) * size, y = top + Math.floor(cell / grid.columns) * size;
    context.fillStyle = kind === "#" ? colour("--quiet") : kind === "H" ? colour("--hole") : colour("--page");
    context.fillRect(x + 1, y + 1, size - 2, size - 2);
    const open = kind !== "#" && kind !== "H" && kind !== "G";
    if (values && open) {
      context.globalAlpha = 0.08 + 0.82 * Math.max(0, Math.min(1, (values[cell] - low) / (high - low || 1)));
      context.fillStyle = colour("--main");
      context.fillRect(x + 1, y + 1, size - 2, size - 2);
      context.globalAlpha = 1;
    }
    const dark = values && open && (values[cell] - low) / (high - low || 1) > 0.5; // the ground
    context.fillStyle = colour(dark ? "--page" : "--text");
    if (values && open && size >= 34) {
      context.font = Math.min(13, size / 3.6) + "px system-ui, sans-serif";
      context.fillText((values[cell] || 0).toFixed(digits).replace(/^-(0\.?0*)$/, "$1"), x + size / 2, y + size * (policy ? 0.72 : 0.5));
    }
    if (policy && open) {
      context.font = Math.min(20, size / 2.4) + "px system-ui, sans-serif";
      context.fillText(grid.arrows[policy[cell]], x + size / 2, y + size * (values && size >= 34 ? 0.34 : 0.52));
    }
    if (kind === "G" || kind === "S" || (kind === "H" && size > 22)) {
      context.font = "600 " + Math.min(15, size / 2.6) + "px system-ui, sans-serif";
      context.fillStyle = colour(kind === "H" ? "--page" : "--text");
      context.fillText(kind === "H" ? "✕" : kind === "G" ? "goal" : values ? "" : "start", x + size / 2, y + size / 2, size - 4);
    }
    if (cell === mark) {
      context.strokeStyle = colour("--second");
      context.lineWidth = 3;
      context.strokeRect(x + 2.5, y + 2.5, size - 5, size - 5);
    }
    if (cell === agent) {
      disc(context, x + size / 2, y + size / 2, size * 0.26, colour("--second"));
      disc(context, x + size / 2, y + size / 2, size * 0.1, colour("--page"));
    }
  });
  return {cellAt: (px, py) => {
    const column = Math.floor((px - left) / size), row = Math.floor((py - top) / size);
    return row >= 0 && row < grid.rows && column >= 0 && column < grid.columns ? row * grid.columns + column : -1;
  }};
}

// Each channel has a colour and a form: it fills its cells, or is a disc or a bar in them.
function drawPicture({context, width, height}, observation, shape) {
  const [rows, columns, channels] = shape, size = Math.min(width / columns, height / rows), left = (width - size * columns) / 2, top = (height - size * rows) / 2;
  context.fillStyle = colour("--shade");
  context.fillRect(left, top, size * columns, size * rows);
  const order = Array.from({length: channels}, (_, i) => i).sort((a, b) => Math.min(1, a % 3) - Math.min(1, b % 3)); // what fills its cell first
  for (const channel of order)
    for (let cell = 0; cell < rows * columns; ++cell)
      if (observation[cell * channels + channel] > 0) {
        const x = left + (cell % columns) * size, y = top + Math.floor(cell / columns) * size;
        context.globalAlpha = observation[cell * channels + channel]; // below 1 in a mean of pictures
        if (channel % 3 === 1) disc(context, x + size / 2, y + size / 2, size * 0.36, colour("--c" + (channel % 8)));
        context.fillStyle = colour("--c" + (channel % 8));
        if (channel % 3 === 0) context.fillRect(x + 1, y + 1, size - 2, size - 2);
        if (channel % 3 === 2) context.fillRect(x + size * 0.35, y + size * 0.35, size * 0.3, size * 0.3);
      }
  context.globalAlpha = 1;
}

export function drawWorld(canvas, world, observation, extra = {}) {
  const surface = prepared(canvas), grid = gridOf(world);
  if (grid) return drawGrid(surface, grid, {agent: cellOf(world, grid, observation), ...extra});
  if (world.id === "CartPole-v1") drawCartPole(surface, observation);
  else if (world.id === "MountainCar-v0") drawMountainCar(surface, observation);
  else if (world.id === "Acrobot-v1") drawAcrobot(surface, observation);
  else if (world.observation_shape.length === 3) drawPicture(surface, observation, world.observation_shape);
  else {
    surface.context.fillStyle = colour("--quiet");
    surface.context.font = "15px system-ui, sans-serif";
    surface.context.fillText("This world has no picture here.", 16, 32);
  }
  return null;
}

// In words, for those who do not see the canvas.
export function worldText(world, observation) {
  const grid = gridOf(world), n = (x) => x.toFixed(2);
  if (grid) {
    const cell = cellOf(world, grid, observation);
    return cell < 0 ? "" : `The agent is in row ${Math.floor(cell / grid.columns) + 1}, column ${(cell % grid.columns) + 1} of ${grid.rows} by ${grid.columns}.`;
  }
  if (world.id === "CartPole-v1") return `The cart is at ${n(observation[0])} of -2.4 to 2.4, the pole leans by ${n((observation[2] * 180) / Math.PI)} degrees.`;
  if (world.id === "MountainCar-v0") return `The car is at ${n(observation[0])}; the flag stands at 0.50.`;
  if (world.id === "Acrobot-v1") return `The tip is ${n(-observation[0] - (observation[0] * observation[2] - observation[1] * observation[3]))} above the axle; 1 is the goal.`;
  return "A picture of " + world.observation_shape.join(" by ") + ".";
}
