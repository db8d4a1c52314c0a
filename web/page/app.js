// The page: the run that is watched, and its parts.
import {$, duration, put, said} from "./dom.js";
import {gridOf} from "./worlds.js";
import {addressOf, knowPresets, stateAt, tomlOf} from "./state.js";
import {draw, drawAll} from "./panels.js";
import {makeSettings, showSettings} from "./settings.js";
import {makeCarry, saveLesson} from "./carry.js";
import {emptyHistory, remember} from "./history.js";
import {now} from "./now.js";
import {Hand, prepare} from "./runs.js";
import {openCompare} from "./compare.js";
import {openFaults} from "./faults.js";
import {openWalk} from "./lessons.js";

const PARTS = ["play", "compare", "walk", "faults"];

function problem(error) {
  $("problem").textContent = error ? error.message ?? String(error) : "";
  $("problem").hidden = !error;
}

// --- The run -----------------------------------------------------------------------------------------------------------------------------

function take({look, news, playing, done, error}) {
  if (error) {
    now.playing = false;
    problem({message: error});
    return controls();
  }
  const {shown} = now, ended = now.playing && done;
  now.look = look;
  remember(shown, news);
  if (playing === false || done) now.playing = false;
  if (ended) {
    said(`Training is over: ${look.episodes} games, ${look.env_steps.toLocaleString("en")} steps in ${duration(look.seconds)}.`);
    if (now.game && !matchMedia("(prefers-reduced-motion: reduce)").matches) watch(true); // the reward of having waited
  }
  controls();
  drawSoon();
}

// Once for each of the screen's frames, however many messages came meanwhile: a slow phone would draw them all at once.
let drawing = false;
function drawSoon() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    if (now.playing) draw();
    else drawAll();
  });
}

async function start(loaded) {
  problem(null);
  now.playing = now.refused = false;
  watch(false);
  try {
    const begun = loaded ?? (await now.hand.call("start", tomlOf(now.state), now.state.fault));
    now.world = begun.world;
    now.grid = gridOf(now.world);
    now.games.length = 0;
    now.shown = emptyHistory();
    showSettings();
    take(begun);
    if (!loaded) calibrate();
  } catch (error) {
    now.refused = true; // what is on the page is the run before
    problem(error);
    showSettings();
    controls();
  }
  history.replaceState(null, "", addressOf(now.state));
}

function change(next) {
  now.state = {...now.state, ...next};
  return start();
}

// How long the whole run will take here: a worker of its own runs the same settings, until it has learnt for half a second. What comes
// before the first update is cheap, and counted apart.
let probe = null;
function calibrate() {
  probe?.end();
  const asked = tomlOf(now.state), begun = performance.now(), {steps} = now.state;
  let first = null;
  const mine = (probe = new Hand(({look, done, error}) => {
    if (!error && look.updates === 0 && !done && performance.now() - begun < 4000) return;
    if (!error && !done && (!first || look.seconds - first.seconds < 0.5)) return (first ??= look);
    mine.end();
    if (error || asked !== tomlOf(now.state) || (look.updates === 0 && !done)) return;
    const from = first && look.env_steps > first.env_steps ? first : {env_steps: 0, seconds: 0};
    now.rate = (look.seconds - from.seconds) / Math.max(1, look.env_steps - from.env_steps);
    const all = from.seconds + now.rate * Math.max(0, steps - from.env_steps);
    $("how-long").textContent = steps ? `All ${steps.toLocaleString("en")} steps take about ${duration(all)} here, as fast as it goes.` : `1,000 steps take about ${duration(1000 * now.rate)} here, as fast as it goes.`;
  }));
  $("how-long").textContent = "";
  mine.call("start", asked, now.state.fault).then(() => mine.call("play", 0)).catch(() => {}); // what is refused is told by the run itself
}

function controls() {
  const {playing, watching, look, refused} = now, done = look?.done ?? true;
  put("toggle", playing || watching ? "Pause" : done && !refused ? "Watch it play" : "Play");
  const off = {"toggle": refused && !playing, "one-step": playing || refused || done, "one-episode": playing || refused || done, "save": refused || now.state.fault !== "none"}; // a checkpoint would go on without the fault
  for (const [id, is] of Object.entries(off)) $(id).disabled = is;
}

async function toggle() {
  if (now.watching) return watch(false), controls(), drawAll();
  if (!now.playing && now.look.done) return watch(true), controls();
  now.playing = !now.playing;
  if (now.playing) {
    controls();
    if (shows()) show();
    if (shows() && now.look.env_steps === 0) await gameEnds(2500);
    if (now.playing) now.hand.call("play", Number($("speed").value));
  } else {
    now.game = null;
    take(await now.hand.call("pause"));
  }
  controls();
}

// --- Games beside the training -----------------------------------------------------------------------------------------------------------

// As fast as it goes, the training is a blur: what is shown then, and after it, is a game with what has been learnt, at a speed that eyes
// can follow.
let showing = false;
const shows = () => now.watching || (now.playing && $("speed").value === "0");

function watch(on) {
  now.watching = on;
  if (on) show();
  else if (!now.playing) now.game = null;
}

// Who sees a trained agent alone does not see that it was trained: the first game is one with nothing learnt, and is over soon.
async function gameEnds(most) {
  const begun = performance.now(), wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  while (now.playing && !now.game?.ended && performance.now() - begun < most) {
    draw();
    await wait(30);
  }
  drawAll();
  if (now.playing) await wait(600);
}

async function show() {
  if (showing) return;
  showing = true;
  while (shows()) {
    const game = await now.hand.call("show").catch(() => null);
    if (game && shows()) now.game = game;
    if (game?.ended) {
      if (now.games.length === 0) now.untrained = now.look.updates === 0;
      now.games.push(game.episode_return);
      if (now.games.length > 12) now.games.splice(1, 1); // the first and the last of them
    }
    if (now.watching) requestAnimationFrame(draw);
    await new Promise((resolve) => setTimeout(resolve, game?.ended ? 700 : now.grid ? 160 : 30));
  }
  if (!now.watching) now.game = null;
  showing = false;
}

// --- The parts of the page ---------------------------------------------------------------------------------------------------------------

function view(asked) {
  const name = PARTS.includes(asked) ? asked : "play";
  now.state.view = name;
  for (const part of PARTS) {
    $(part).hidden = part !== name;
    $("tab-" + part).setAttribute("aria-selected", String(part === name));
    $("tab-" + part).tabIndex = part === name ? 0 : -1;
  }
  if (name !== "play" && (now.playing || now.watching)) toggle();
  if (name === "compare") openCompare(now.state);
  if (name === "walk") openWalk(now.state, {saveLesson, moved: () => history.replaceState(null, "", addressOf(now.state)), tryIt: (next) => {
    view("play");
    change({...next, view: "play"});
    scrollTo(0, 0);
  }});
  if (name === "faults") openFaults(now.state);
  for (const part of document.querySelectorAll("[data-part]")) part.hidden = part.dataset.part.split(" ").some((one) => now.state.hide.includes(one));
  history.replaceState(null, "", addressOf(now.state));
  drawAll();
}

function makeTabs() {
  const tabs = [...document.querySelectorAll("[role=tab]")];
  tabs.forEach((tab, i) => {
    tab.onclick = () => view(tab.id.slice(4));
    tab.onkeydown = ({key}) => {
      const step = {ArrowRight: 1, ArrowLeft: -1}[key];
      if (!step) return;
      const next = tabs[(i + step + tabs.length) % tabs.length];
      next.focus();
      next.click();
    };
  });
}

async function open() {
  const ready = prepare(), lesson = document.documentElement.dataset.lesson ?? "";
  now.state = stateAt(location.hash || lesson);
  await ready;
  now.hand = new Hand(take);
  now.tables = await now.hand.ready;
  knowPresets(now.tables);
  makeSettings(change, problem);
  makeCarry(start, problem);
  makeTabs();
  $("toggle").onclick = toggle;
  $("speed").onchange = () => {
    if (now.playing) now.hand.call("play", Number($("speed").value));
    if (shows()) show();
  };
  for (const [id, call] of [["one-step", "step"], ["one-episode", "episode"]]) $(id).onclick = () => {
    watch(false);
    now.hand.call(call).then(take, problem);
  };
  $("reset").onclick = () => start();
  addEventListener("hashchange", () => {
    now.state = stateAt(location.hash);
    start().then(() => view(now.state.view));
  });
  addEventListener("resize", drawAll);
  matchMedia("(prefers-color-scheme: dark)").onchange = drawAll;
  await start();
  view(now.state.view);
  $("version").textContent = now.tables.version;
}

open().catch(problem);
