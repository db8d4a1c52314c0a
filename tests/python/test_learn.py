"""deepq.DQN learns, acts, goes on, is saved and loaded; on the library's own environments."""

import copy
import json
import os
import signal
import subprocess
import sys
import threading
import time
import tomllib
import warnings

import numpy as np
import pytest

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

SMALL = {"network_hidden_sizes": [16], "batch_size": 16}


def test_it_learns_cartpole():
    model = deepq.DQN("CartPole-v1", preset="cartpole", seed=1).learn(30_000)
    assert model.evaluate_policy(20).mean_return > 150


def test_evaluation_has_its_own_time_limit():
    assert deepq.DQN("CartPole-v1", seed=0, set={"eval.max_episode_steps": 4}).evaluate_policy(3).mean_length == 4


def test_it_acts_by_the_best_agent_where_that_is_kept(tmp_path):
    # With this seed the evaluations rise to step 2,500 and fall afterwards.
    keys = {"eval.every_env_steps": 500, "eval.episodes": 5, "eval.final_episodes": 100}
    model, last = (
        deepq.DQN("CartPole-v1", seed=1, set=keys | {"eval.keep_best": best}, **SMALL).learn(4_000)
        for best in (True, False)
    )
    assert model.summary["eval_env_steps"] == 2_500
    assert model.evaluate_policy(50).mean_return > last.evaluate_policy(50).mean_return
    model.save(tmp_path / "model.safetensors")
    loaded = deepq.DQN.load(tmp_path / "model.safetensors")
    states = np.random.default_rng(0).normal(size=(5, 4))
    np.testing.assert_array_equal(loaded.q_values(states), model.q_values(states))
    assert np.any(model.q_values(states) != last.q_values(states))
    assert loaded.evaluate_policy(5).mean_return == model.evaluate_policy(5).mean_return


def test_it_acts():
    model = deepq.DQN("CartPole-v1", **SMALL)
    values = model.q_values(np.zeros(4))
    assert values.shape == (2,) and values.dtype == np.float32
    action, state = model.predict(np.zeros(4))
    assert action == np.argmax(values) and isinstance(action, np.int64) and state is None
    batch = np.random.default_rng(0).normal(size=(5, 4))
    actions, _ = model.predict(batch)
    assert actions.tolist() == [model.predict(row)[0] for row in batch]
    np.testing.assert_array_equal(model.q_values(batch), [model.q_values(row) for row in batch])


def test_it_acts_on_no_observations_at_all():
    actions, _ = deepq.DQN("CartPole-v1", **SMALL).predict(np.zeros((0, 4)))
    assert actions.shape == (0,)


def test_it_learns_nothing_before_learning_starts():
    model = deepq.DQN("CartPole-v1", learning_starts=150, **SMALL)
    assert model.learn(100).summary["updates"] == 0
    assert model.learn(100).summary["updates"] > 0


def test_exploring_actions_are_drawn_by_one_number_of_numpys():
    model = deepq.DQN("CartPole-v1", exploration_initial_eps=0.5, **SMALL)
    batch = np.tile([0.01, 0.0, 0.02, 0.0], (1000, 1))
    greedy = model.predict(batch)[0]
    np.random.seed(3)
    explored = model.predict(batch, deterministic=False)[0]
    after = np.random.random()
    assert 0.2 < (explored != greedy).mean() < 0.3, "half of the random actions are the greedy one"
    np.random.seed(3)
    np.random.randint(2**63, dtype=np.uint64)
    assert np.random.random() == after
    np.random.seed(3)
    assert (model.predict(batch, deterministic=False)[0] == explored).all()
    assert (model.predict(batch, deterministic=False)[0] != explored).any()


def test_exploring_actions_follow_the_exploration_rate():
    model = deepq.DQN("CartPole-v1", exploration_initial_eps=1.0, **SMALL)
    assert model.exploration_rate == 1.0
    drawn = [model.predict(np.zeros(4), deterministic=False)[0] for _ in range(100)]
    assert set(drawn) == {0, 1}


@pytest.mark.parametrize(
    ("observation", "message"),
    [
        (np.zeros(3), r"the shape \(3,\); allowed: \(4,\)"),
        (np.zeros((2, 5)), r"the shape \(2, 5\)"),
        (np.array(["a"] * 4), "dtype <U1"),
        (np.zeros(4, complex), "dtype complex128"),
    ],
)
def test_observations_of_another_kind_are_refused(observation, message):
    with pytest.raises(deepq.Error, match=message):
        deepq.DQN("CartPole-v1", **SMALL).predict(observation)


def test_discrete_observations():
    model = deepq.DQN("FrozenLake-v1", **SMALL).learn(500)
    assert model.q_values(3).shape == (4,)
    assert model.q_values(np.arange(16)).shape == (16, 4)
    with pytest.raises(deepq.Error, match="the observation is 16; allowed: 0 to 15"):
        model.predict(16)


def test_the_same_seed_is_the_same_run_and_calls_of_learn_are_one_run():
    def weights(seed, *lengths):
        model = deepq.DQN("CartPole-v1", seed=seed, **SMALL)
        for length in lengths:
            model.learn(length)
        assert model.num_timesteps == sum(lengths)
        return model.summary["weights_sha256"]

    assert weights(0, 600) == weights(0, 600) == weights(0, 250, 350)
    assert weights(0, 600) != weights(1, 600)


def test_the_run_is_that_of_the_program(tmp_path):
    program = os.environ.get("DEEPQ_PROGRAM")
    if not program:
        pytest.skip("DEEPQ_PROGRAM is not set")
    arguments = "train --env CartPole-v1 --steps 600 --seed 3 --quiet --set agent.batch_size=16 --set network.hidden_sizes=16"
    subprocess.run([program, *arguments.split(), "--set", "eval.final_episodes=0", "--out", tmp_path / "cc"], check=True)
    deepq.DQN("CartPole-v1", seed=3, **SMALL).learn(600, folder=tmp_path / "py")
    summaries = [json.loads((tmp_path / name / "summary.json").read_text()) for name in ("cc", "py")]
    for summary in summaries:
        del summary["seconds"], summary["env_steps_per_second"]
    assert summaries[0] == summaries[1]
    assert (tmp_path / "cc" / "config.toml").read_text() == (tmp_path / "py" / "config.toml").read_text()
    assert sorted(p.name.split(".")[0] for p in (tmp_path / "cc").iterdir()) == sorted(
        p.name.split(".")[0] for p in (tmp_path / "py").iterdir()
    )
    done = subprocess.run([program, "eval", tmp_path / "py", "--episodes", "2", "--json"], capture_output=True, check=True)
    assert json.loads(done.stdout)["episodes"] == 2


def test_saved_and_loaded(tmp_path):
    path = tmp_path / "agent.safetensors"
    whole = deepq.DQN("CartPole-v1", seed=0, **SMALL).learn(600)
    model = deepq.DQN("CartPole-v1", seed=0, **SMALL).learn(250)
    model.save(path)
    loaded = deepq.DQN.load(path)
    batch = np.random.default_rng(0).normal(size=(5, 4))
    np.testing.assert_array_equal(loaded.q_values(batch), model.q_values(batch))
    assert loaded.num_timesteps == 250
    assert loaded.learn(350).summary["weights_sha256"] == whole.summary["weights_sha256"]


def test_a_run_folder_goes_on(tmp_path):
    folder = tmp_path / "run"
    deepq.DQN("CartPole-v1", seed=0, **SMALL).learn(250, folder=folder)
    model = deepq.DQN.load(folder)
    model.learn(350, folder=folder)
    whole = deepq.DQN("CartPole-v1", seed=0, **SMALL).learn(600)
    assert model.summary["weights_sha256"] == whole.summary["weights_sha256"]
    assert tomllib.loads((folder / "config.toml").read_text())["train"]["env_steps"] == 600
    with pytest.raises(deepq.Error, match="already holds a run"):
        deepq.DQN("CartPole-v1", **SMALL).learn(100, folder=folder)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", bytes(1000)])
def test_damaged_files_are_named(tmp_path, content):
    path = tmp_path / "agent.safetensors"
    path.write_bytes(content)
    with pytest.raises(deepq.Error, match="agent.safetensors cannot be used"):
        deepq.DQN.load(path)


def test_callback_hears_of_everything_and_stops():
    heard = []

    def callback(kind, record):
        heard.append((kind, record))
        return len(heard) < 40

    model = deepq.DQN("CartPole-v1", log_metrics_every_updates=20, eval_every_env_steps=100, eval_episodes=1, **SMALL)
    model.learn(100_000, callback=callback)
    kinds = [kind for kind, _ in heard]
    assert set(kinds) == {"episode", "metrics", "evaluation"}
    assert 40 <= len(heard) <= 45 and model.num_timesteps < 100_000
    episodes = [record for kind, record in heard if kind == "episode"]
    assert [record["episode"] for record in episodes] == list(range(1, len(episodes) + 1))
    assert all(record["return"] == record["length"] for record in episodes)


def test_what_the_callback_raises_comes_out():
    def callback(kind, record):
        raise LookupError("mine")

    model = deepq.DQN("CartPole-v1", **SMALL)
    with pytest.raises(LookupError, match="mine"):
        model.learn(5_000, callback=callback)
    assert model.num_timesteps < 500
    assert model.learn(100).num_timesteps > 100


def test_the_callback_may_ask_for_values_but_not_learn():
    model = deepq.DQN("CartPole-v1", **SMALL)
    values = []

    def callback(kind, record):
        values.append(model.q_values(np.zeros(4)))
        with pytest.raises(deepq.Error, match="running already"):
            model.learn(10)
        return False

    model.learn(500, callback=callback)
    assert len(values) == 1


def test_verbose_prints_lines(capsys):
    deepq.DQN("CartPole-v1", verbose=1, log_console_every_episodes=5, **SMALL).learn(500)
    assert "Episode 5   mean return " in capsys.readouterr().out
    deepq.DQN("CartPole-v1", **SMALL).learn(500)
    assert capsys.readouterr().out == ""


def test_progress_bar_goes_to_stderr(capsys):
    deepq.DQN("CartPole-v1", **SMALL).learn(500, progress_bar=True)
    captured = capsys.readouterr()
    assert "epsilon" in captured.err and captured.out == ""
    assert "\x1b" not in captured.err and captured.err.endswith("\n"), "nothing there is redrawn"


def test_other_threads_run_while_it_learns():
    model = deepq.DQN("CartPole-v1", **SMALL)
    learning = threading.Thread(target=model.learn, args=(20_000,))
    learning.start()
    seen = set()
    while learning.is_alive():
        seen.add(model.num_timesteps)
    assert any(0 < steps < 20_000 for steps in seen)
    assert model.num_timesteps == 20_000


def test_ctrl_c_leaves_a_checkpoint_from_which_it_goes_on(tmp_path):
    script = f"""
import deepq
model = deepq.DQN("CartPole-v1", seed=0, network_hidden_sizes=[16], batch_size=16)
try:
    model.learn(100_000_000, folder={str(tmp_path / "run")!r}, callback=lambda *_: print("going", flush=True))
except KeyboardInterrupt:
    steps = model.num_timesteps
    assert model.summary["env_steps"] == steps and model.summary["stopped_by"] == "signal"
    print("interrupted", flush=True)
    assert model.learn(10).num_timesteps == steps + 10
    print("went on", flush=True)
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "going\n"
    process.send_signal(signal.SIGINT)
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 0 and "interrupted" in output and output.endswith("went on\n")
    loaded = deepq.DQN.load(tmp_path / "run")
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["stopped_by"] == "signal"
    steps = loaded.num_timesteps
    assert loaded.learn(100, folder=tmp_path / "run").num_timesteps == steps + 100


LONG_EVALUATION = {
    "evaluate_policy": "deepq.DQN(world).learn(50).evaluate_policy(10**8)",
    "learn": "deepq.DQN(world, eval_every_env_steps=50, eval_episodes=10**8).learn(100)",
}


@pytest.mark.parametrize("call", LONG_EVALUATION)
@pytest.mark.parametrize("world", ['"MountainCar-v0"', 'gym.make("MountainCar-v0")'])
def test_one_ctrl_c_ends_an_evaluation(call, world):
    script = f"""
import os, signal, threading, deepq, gymnasium as gym
world = {world}
threading.Timer(0.7, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    {LONG_EVALUATION[call]}
except KeyboardInterrupt:
    print("ended")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout == "ended\n", done.stderr


def test_an_evaluation_says_what_it_was_cut_to():
    model = deepq.DQN("CartPole-v1", eval_max_episode_steps=7, eval_final_max_env_steps=25, **SMALL)
    cut, whole = model.evaluate_policy(), model.evaluate_policy(5)
    assert (cut.episodes, cut.planned_episodes, cut.mean_return) == (3, 100, 7)
    assert (whole.episodes, whole.planned_episodes) == (5, 5)


def test_a_damaged_newest_checkpoint_is_a_warning(tmp_path):
    folder = tmp_path / "run"
    model = deepq.DQN("CartPole-v1", **SMALL)
    for _ in range(2):
        model.learn(100, folder=folder)
    newest = folder / "checkpoints" / "checkpoint-000000000200.safetensors"
    newest.write_bytes(b"damaged")
    with pytest.warns(UserWarning, match=newest.name):
        assert deepq.DQN.load(folder).num_timesteps == 100


def test_a_folder_is_one_run_by_any_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = deepq.DQN("CartPole-v1", **SMALL).learn(100, folder="run/")
    (tmp_path / "link").symlink_to("run")
    for name in (tmp_path / "run", "./x/../run", "link"):
        model.learn(100, folder=name)
    assert model.num_timesteps == 400
    (tmp_path / "elsewhere").mkdir()
    model.learn(100, folder="run", callback=lambda *_: os.chdir(tmp_path / "elsewhere"))
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["env_steps"] == 500
    assert not list((tmp_path / "elsewhere").iterdir())


def test_pythons_own_ctrl_c_is_back_afterwards():
    before = signal.getsignal(signal.SIGINT)
    deepq.DQN("CartPole-v1", **SMALL).learn(200)
    assert signal.getsignal(signal.SIGINT) is before
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)


def test_a_fraction_of_a_first_learn_that_has_not_been_is_not_saved_without_it(tmp_path):
    model = deepq.DQN("CartPole-v1", exploration_fraction=0.5)
    with pytest.raises(deepq.Error, match="exploration_fraction is a fraction of the first learn"):
        model.save(tmp_path / "agent")
    copied = copy.copy(model)
    for one in (model, copied):
        one.learn(60).save(tmp_path / "agent")
        assert deepq.DQN.load(tmp_path / "agent").exploration_rate == one.exploration_rate
    assert copied.exploration_rate == model.exploration_rate


def test_learning_that_makes_no_update_says_why():
    model = deepq.DQN("CartPole-v1", learning_starts=100)
    with pytest.warns(UserWarning, match=r"no update was made in 50 steps: the first comes after 100 at the earliest \(agent.batch_size is 64, train"):
        model.learn(50)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.learn(100)
        assert model.summary["updates"] == 51
        deepq.DQN("CartPole-v1").learn(50, callback=lambda kind, record: False)  # asked to stop


def test_several_copies_of_an_object_are_refused_with_what_makes_them():
    gymnasium = pytest.importorskip("gymnasium")
    says = r"n_envs \(env.count\) is 4, and one environment object is one world; allowed: a function .* n_envs=4\), or a vector"
    with pytest.raises(deepq.Error, match=says):
        deepq.DQN(gymnasium.make("CartPole-v1"), n_envs=4)
    assert deepq.DQN(lambda: gymnasium.make("CartPole-v1"), n_envs=4).learn(8, callback=lambda *_: False)


@pytest.mark.parametrize("seed", [0, 2**31, 2**40, 2**63 - 1])
def test_seeds_are_of_63_bits(seed):
    assert deepq.DQN("CartPole-v1", seed=seed).learn(70).summary["seed"] == seed


def test_what_is_not_there_is_told_alike(tmp_path):
    for reads in (deepq.DQN.load, deepq.DQN("CartPole-v1").load_replay_buffer):
        with pytest.raises(deepq.Error, match=f"^there is no file or folder {tmp_path}/none$"):
            reads(tmp_path / "none")
