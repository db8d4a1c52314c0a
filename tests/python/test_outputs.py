"""The program `deepq` of the Python package, and a script, whose outputs go away; values that are empty."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

import deepq

TRAIN = [sys.executable, "-m", "deepq", "train", "--preset", "chapter", "--set", "eval.final_episodes=1"]


def summary(folder):
    return json.loads((folder / "summary.json").read_text())


def test_a_pipe_that_is_gone_stops_no_training(tmp_path):
    folder = tmp_path / "run"
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*TRAIN, "--steps", "2000", "--out", str(folder)], stdout=writer, stderr=subprocess.PIPE, text=True, timeout=120
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")
    assert summary(folder)["env_steps"] == 2_000


@pytest.mark.parametrize("arguments", [[], ["help"], ["envs"], ["presets", "--keys"], ["lab"], ["version"]], ids=" ".join)
def test_other_commands_end_quietly_too(arguments):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "deepq", *arguments]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=120)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_flag_before_the_command():
    command = [sys.executable, "-m", "deepq", "--quiet", "train"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "deepq: --quiet belongs after the command: deepq train --quiet\n"


def test_nor_a_scripts_learning(tmp_path):
    script = f"import deepq; deepq.DQN('CartPole-v1', verbose=1, seed=0).learn(2_000, folder={str(tmp_path / 'run')!r})"
    reader, writer = os.pipe()
    os.close(reader)
    subprocess.run([sys.executable, "-c", script], stdout=writer, stderr=subprocess.DEVNULL, timeout=120)
    os.close(writer)
    assert summary(tmp_path / "run")["env_steps"] == 2_000


def test_a_hang_up_writes_a_checkpoint(tmp_path):
    folder = tmp_path / "run"
    process = subprocess.Popen([*TRAIN, "--steps", "10000000", "--out", str(folder)], stdout=subprocess.DEVNULL)
    while not list(folder.glob("checkpoints/*.safetensors")):
        time.sleep(0.01)
    time.sleep(0.3)
    process.send_signal(signal.SIGHUP)
    assert process.wait(60) == 129
    assert summary(folder)["stopped_by"] == "signal"


def test_an_empty_value_means_nothing(tmp_path):
    for call, name in (
        (lambda: deepq.DQN(""), "the environment"),
        (lambda: deepq.DQN("CartPole-v1", preset=""), "preset"),
        (lambda: deepq.DQN.load(""), "path"),
        (lambda: deepq.DQN("CartPole-v1").learn(10, folder=""), "folder"),
        (lambda: deepq.DQN("CartPole-v1").save(""), "path"),
    ):
        with pytest.raises(deepq.Error, match=f"{name} is ''"):
            call()


def test_what_cannot_be_looked_at_is_an_error_of_ours(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    for call in (
        lambda: deepq.DQN.load(tmp_path / "loop"),
        lambda: deepq.DQN("CartPole-v1").learn(10, folder=tmp_path / "loop"),
        lambda: deepq.DQN("CartPole-v1").save(tmp_path / "loop" / "file"),
    ):
        with pytest.raises(deepq.Error, match="Too many levels of symbolic links"):
            call()


def test_an_evaluation_says_how_it_came_about():
    records = []
    keys = {"eval.every_env_steps": 100, "eval.episodes": 2, "eval.epsilon": 0.25, "eval.max_episode_steps": 7}
    deepq.DQN("CartPole-v1", seed=3, set=keys | {"eval.final_episodes": 4}).learn(
        200, callback=lambda kind, record: records.append(record) if kind == "evaluation" else None
    )
    assert [record["agent_env_steps"] for record in records] == [100, 200, 200]
    for record in records:
        assert (record["world"], record["epsilon"], record["max_episode_steps"]) == ("CartPole-v1", 0.25, 7)
        assert (record["agent"], record["seed"]) == ("last", 3)
    assert [record["first_episode"] for record in records] == [0, 2, 0]


def test_evaluate_policy_says_so_too():
    result = deepq.DQN("CartPole-v1", seed=3).learn(50).evaluate_policy(2, epsilon=0.5)
    assert (result.world, result.epsilon, result.agent, result.agent_env_steps) == ("CartPole-v1", 0.5, "last", 50)


def test_what_was_not_evaluated_is_none():
    model = deepq.DQN("CartPole-v1").learn(10)
    assert model.summary["eval_mean_return"] is None and model.summary["eval_agent"] is None
