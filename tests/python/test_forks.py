"""A model in a forked process: its threads are made anew there, and what cannot be says so."""

import multiprocessing
import os
import queue

import numpy as np
import pytest
import worlds

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

WIDE = {"network_threads": 2, "network_hidden_sizes": [512, 512], "batch_size": 64, "seed": 0}


def in_a_fork(work):
    """What `work` returns in a forked process, or the error's text."""
    context = multiprocessing.get_context("fork")
    answers = context.Queue()

    def run():
        try:
            answers.put(work())
        except Exception as error:
            answers.put(f"{type(error).__name__}: {error}")

    process = context.Process(target=run)
    process.start()
    try:
        return answers.get(timeout=30)
    except queue.Empty:
        return "it hangs"
    finally:
        process.kill()
        process.join()


def test_it_acts_learns_evaluates_and_is_saved(tmp_path):
    model = deepq.DQN("CartPole-v1", **WIDE).learn(200)

    def work():
        action = int(model.predict(np.zeros(4))[0])
        model.learn(100)
        model.save(tmp_path / "agent")
        return action, model.summary["weights_sha256"], model.evaluate_policy(1).episodes

    action, weights, episodes = in_a_fork(work)
    assert action == model.predict(np.zeros(4))[0] and episodes == 1
    assert model.learn(100).summary["weights_sha256"] == weights
    assert deepq.DQN.load(tmp_path / "agent").num_timesteps == 300


def test_a_world_with_a_time_limit_for_its_calls():
    model = deepq.DQN(worlds.Walk(), step_timeout=20, **WIDE).learn(100)
    assert in_a_fork(lambda: model.learn(50).num_timesteps) == 150
    assert model.learn(50).num_timesteps == 150


def test_a_fork_of_a_fork_and_a_model_that_is_let_go():
    models = [deepq.DQN("CartPole-v1", **WIDE).learn(100)]

    def work():
        deeper = in_a_fork(lambda: models[0].predict(np.zeros(4))[0] in (0, 1))
        models.clear()
        return deeper

    assert in_a_fork(work) is True


def test_atari_games_say_that_they_do_not_come_along():
    pytest.importorskip("ale_py.vector_env", reason="ale-py is not installed: its tests are SKIPPED")
    keys = {"preset": "nature", "replay_capacity": 200, "network_hidden_sizes": [8], "learning_starts": 100}
    model = deepq.DQN("ALE/Pong-v5", **keys).learn(8)
    frames = np.zeros((4, 84, 84), np.uint8)
    assert in_a_fork(lambda: int(model.predict(frames)[0])) == model.predict(frames)[0]
    answer = in_a_fork(lambda: model.learn(8))
    assert "Atari games do not run on in a forked process; allowed: to make or load the model there" in answer
    assert in_a_fork(lambda: deepq.DQN("ALE/Pong-v5", **keys).learn(8).num_timesteps) == 8
    assert os.getpid() and model.learn(8).num_timesteps == 16
