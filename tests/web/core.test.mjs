// The core's module in Node: its calls, its errors, and that it is the program's run. Called by tools/web.sh with
// DEEPQ_MODULE and DEEPQ_PROGRAM.
import assert from "node:assert/strict";
import {execFileSync} from "node:child_process";
import {mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {test} from "node:test";
import {commandOf, knowPresets, START, stateAt, addressOf, stateOf, SWITCHES, switched, isOn, tomlOf} from "../../web/page/state.js";
import {interval, curveOf} from "../../web/page/runs.js";
import {Core} from "../../web/page/core.js";
import {emptyHistory, remember} from "../../web/page/history.js";

const core = await Core.of(readFileSync(process.env.DEEPQ_MODULE));
knowPresets(core.tables());
const program = process.env.DEEPQ_PROGRAM;
const state = (more) => ({...START, set: {}, steps: 2000, ...more});

function inFolder(use) {
  const folder = mkdtempSync(join(tmpdir(), "deepq-web-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, {recursive: true});
  }
}

// The program's summary of the same settings, by the command that the page shows.
function summaryOfProgram(settings, folder) {
  const words = commandOf(settings, true).match(/'[^']*'|\S+/g).slice(1).map((word) => word.replaceAll("'", ""));
  return JSON.parse(execFileSync(program, [...words, "--out", join(folder, "run"), "--json", "--quiet"], {stdio: ["ignore", "pipe", "inherit"]}));
}

function withoutClock(summary) {
  const {seconds, env_steps_per_second, folder, report, run_folder, ...rest} = summary;
  return rest;
}

test("the page's command repeats the run, bit for bit", () => {
  for (const settings of [state({steps: 20_000}), state({preset: "rainbow", steps: 3000}), ...["cartpole", "c51", "iqn", "munchausen"].map((preset) => state({preset, steps: 1500})), state({preset: "pqn", steps: 20_000}), state({preset: "mountaincar", steps: 20_000}),
    state({env: "Acrobot-v1", steps: 4000}), state({env: "FrozenLake-v1", seed: 5, steps: 4000, set: {"agent.double": "true"}}), state({preset: "minatar-pqn", env: "MinAtar/Breakout-v1", steps: 20_000})]) {
    inFolder((folder) => {
      const run = core.start(tomlOf(settings));
      while (!run.step(700));
      const own = run.summary(), theirs = summaryOfProgram(settings, folder);
      for (const key of ["env", "env_steps", "episodes", "updates", "best_100_mean_return", "last_100_mean_return", "eval_mean_return", "weights_sha256", "parameter_count", "stopped_by"])
        assert.deepEqual(own[key], theirs[key], `${settings.preset} on ${settings.env || "its own world"}: ${key}`);
      // Episode by episode.
      const lines = readFileSync(join(folder, "run", "episodes.csv"), "utf8").trim().split("\n").slice(1), ours = run.news().episodes;
      assert.equal(ours.length, lines.length);
      lines.forEach((line, i) => assert.equal(Number(line.split(",")[2]), ours[i].return));
      run.drop();
    });
  }
});

test("a checkpoint goes both ways, and with it the run, bit for bit", () => {
  for (const settings of [state({steps: 3000}), state({preset: "rainbow", steps: 2000}), state({preset: "pqn", steps: 3000})])
    inFolder((folder) => {
      const often = {...settings, set: {"checkpoint.every_env_steps": "1000", "checkpoint.keep": "9"}}, whole = summaryOfProgram(often, folder);
      const same = (one) => {
        for (const key of ["weights_sha256", "env_steps", "episodes", "updates", "best_100_mean_return", "eval_mean_return"]) assert.deepEqual(one[key], whole[key], `${settings.preset}: ${key}`);
      };
      // The page's, which the program plays with and resumes.
      const run = core.start(tomlOf(settings)), saved = join(folder, "carried.safetensors");
      run.step(1100);
      writeFileSync(saved, run.checkpoint());
      const call = (...words) => JSON.parse(execFileSync(program, [...words, "--json"], {stdio: ["ignore", "pipe", "ignore"]}));
      assert.ok(call("eval", saved, "--episodes", "2").mean_return > 0);
      same(call("resume", saved));
      // The program's, which the page goes on with.
      const folderOfTheirs = join(folder, "run", "checkpoints"), loaded = core.load(readFileSync(join(folderOfTheirs, readdirSync(folderOfTheirs).sort()[1])));
      assert.ok(loaded.look().env_steps < 1100);
      while (!loaded.step(700));
      same(loaded.summary());
      run.drop();
      loaded.drop();
    });
});

test("whole numbers above 2^53 are written digit by digit, where that is as short as with an exponent", () => {
  for (const value of [2 ** 53 + 2, 12345678901234567, 98765432109876543000, 1234567890123456700000]) {
    const run = core.start(tomlOf(state({set: {"agent.reward_scale": value.toExponential()}})));
    assert.equal(/\nreward_scale = (\d+)/.exec(run.toml())[1], BigInt(value).toString());
    run.drop();
  }
});

test("errors are the program's, and leave other runs alone", () => {
  const run = core.start(tomlOf(state()));
  assert.throws(() => core.start('preset = "chaptr"'), /did you mean 'chapter'/);
  assert.throws(() => core.start(tomlOf(state({set: {"agent.gama": "0.9"}}))), /agent\.gamma/);
  assert.throws(() => core.load(new Uint8Array(100)), /not|damaged|safetensors/);
  assert.throws(() => run.values([1, 2, 3]), /multiple of 4/);
  run.step(300);
  assert.equal(run.look().env_steps, 300);
});

test("memory does not grow with the runs that were dropped", () => {
  const pages = () => core.memory.buffer.byteLength;
  const once = () => {
    const run = core.start(tomlOf(state({steps: 500})));
    while (!run.step(500));
    run.checkpoint();
    run.drop();
  };
  for (let i = 0; i < 3; ++i) once();
  const before = pages();
  for (let i = 0; i < 20; ++i) once();
  assert.equal(pages(), before);
});

test("settings, TOML and address say the same", () => {
  const settings = {...state({seed: 3, steps: 777}), set: {"agent.gamma": "0.9", "network.hidden_sizes": "[8, 8]", "env.image_channels": "first"}, hide: ["settings"]};
  assert.deepEqual(stateAt(addressOf(settings)), settings);
  assert.deepEqual({...stateOf(tomlOf(settings), START), hide: ["settings"]}, settings);
  assert.throws(() => stateOf("agent.gamma 0.9", START), /line 1/);
  for (const name of Object.keys(SWITCHES)) {
    const other = switched(START, name);
    assert.notEqual(isOn(other, name), isOn(START, name), name);
    assert.deepEqual(switched(other, name), START, name);
    assert.equal(commandOf(other, false) === "", other.fault !== "none", name);
    if (other.fault === "none") core.start(tomlOf({...other, steps: 500})).drop();
  }
});

test("a run's history stays small however long it is, and its line is the mean of the last 20 returns", () => {
  const history = emptyHistory(), returns = (i) => (i * 37) % 101;
  for (let i = 0; i < 20_000; ++i)
    remember(history, {episodes: [{env_steps: 10 * i, return: returns(i)}], metrics: [{env_steps: 10 * i, epsilon: 1 - i / 20_000}]});
  assert.ok(history.steps.length > 1000 && history.steps.length <= 3000);
  assert.equal(history.count, 20_000);
  assert.equal(history.still, 10 * 10_001);
  assert.equal(history.last.env_steps, 199_990);
  history.steps.forEach((step, at) => {
    const i = step / 10, line = Array.from({length: Math.min(20, i + 1)}, (_, back) => returns(i - back));
    assert.equal(history.returns[at], returns(i));
    assert.ok(Math.abs(history.means[at] - line.reduce((a, b) => a + b) / line.length) < 1e-9);
  });
});

test("curves and intervals", () => {
  assert.deepEqual(curveOf([10, 1, 20, 3, 90, 8], 100, 10), [1, 3, 3, 3, 3, 3, 3, 3, 8, 8]);
  assert.deepEqual(curveOf([35, 4, 101, 6], 100, 4), [4, 4, 4, 6]); // several copies end beyond the last step
  assert.equal(curveOf([], 100, 10), null); // no episode ended: that is no return of 0
  const {mean, low, high} = interval([1, 2, 3, 4]);
  assert.ok(Math.abs(mean - 2.5) < 1e-12 && Math.abs(high - 4.554) < 1e-3 && Math.abs(low - 0.446) < 1e-3); // scipy.stats.t.interval
});
