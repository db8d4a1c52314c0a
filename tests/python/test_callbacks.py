"""What learn() calls: seen before the first step, believed in every form of False, and free to save and to evaluate."""

import copy
import pickle
import threading

import gymnasium
import numpy as np
import pytest
import worlds

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

SMALL = {"network_hidden_sizes": [16], "batch_size": 16, "seed": 0}


@pytest.mark.parametrize("no", [False, np.False_, np.array(False), np.mean([1.0]) < 0], ids=repr)
def test_false_of_every_kind_ends_the_run(no):
    seen = []

    def callback(kind, record):
        seen.append(kind)
        return no

    assert deepq.DQN("CartPole-v1", **SMALL).learn(2_000, callback=callback).num_timesteps < 200
    assert seen.count("episode") <= 1


@pytest.mark.parametrize("yes", [None, True, np.True_, np.array(True), 0, "", np.zeros(2), [], 1.5], ids=repr)
def test_everything_else_goes_on(yes):
    assert deepq.DQN("CartPole-v1", **SMALL).learn(300, callback=lambda kind, record: yes).num_timesteps == 300


class Legacy:
    def on_step(self):
        return True


NONE = {
    "a list": ([], r"callback is \[\]; allowed: a function of \(kind, record\), or None"),
    "a text": ("stop", "callback is stop|callback is 'stop'; allowed"),
    "a number": (0, "callback is 0; allowed"),
    "an object": (Legacy(), "its on_step is a function here"),
    "of one argument": (lambda record: None, r"cannot be called with \(kind, record\): missing|too many positional"),
    "of three": (lambda kind, record, more: None, r"cannot be called with \(kind, record\): missing a required argument"),
    "of none": (lambda: None, r"cannot be called with \(kind, record\): too many positional arguments"),
}


@pytest.mark.parametrize(("callback", "message"), NONE.values(), ids=NONE.keys())
def test_what_is_no_callback_is_refused_before_the_first_step(callback, message, tmp_path):
    model = deepq.DQN("CartPole-v1", **SMALL)
    with pytest.raises(deepq.Error, match=message):
        model.learn(100, callback=callback, folder=tmp_path / "run")
    assert model.num_timesteps == 0 and not (tmp_path / "run").exists()


def test_what_is_called_may_be_anything_that_can():
    class Callback:
        calls = 0

        def __call__(self, kind, record):
            self.calls += 1

        def method(self, kind, record):
            self.calls += 1

    callback = Callback()
    model = deepq.DQN("CartPole-v1", **SMALL)
    for one in (callback, callback.method, lambda *arguments: callback("", {}), lambda kind, record, more=1: callback("", {})):
        before = callback.calls
        model.learn(200, callback=one)
        assert callback.calls > before


def settings(**more):
    return {"eval_every_env_steps": 100, "eval_episodes": 2, "n_envs": 2, **SMALL, **more}


@pytest.mark.parametrize("kind", ["episode", "metrics", "evaluation"])
def test_what_a_callback_saves_goes_on_as_the_run_does(kind, tmp_path):
    """Even where several episodes end in one step, and where an evaluation follows."""
    saved = []

    def callback(told, record):
        if told == kind and record["env_steps"] >= 200 and not saved:
            model.save(tmp_path / "agent")
            saved.append(record["env_steps"])

    model = deepq.DQN("CartPole-v1", **settings())
    model.learn(600, callback=callback)
    loaded = deepq.DQN.load(tmp_path / "agent")
    steps = loaded.num_timesteps
    assert 200 <= steps < 600 and steps in (saved[0], saved[0] + 1)
    evaluations = []
    loaded.learn(600 - steps, callback=lambda told, record: evaluations.append(record) if told == "evaluation" else None)
    assert loaded.summary["weights_sha256"] == model.summary["weights_sha256"]
    assert loaded.summary["episodes"] == model.summary["episodes"]
    assert [record["env_steps"] for record in evaluations] == [s for s in range(100, 601, 100) if s > steps]


@pytest.mark.parametrize("env", ["CartPole-v1", worlds.Walk])
def test_evaluating_in_a_callback_changes_nothing_of_the_run(env):
    usual = deepq.DQN(env, **settings()).learn(600)
    values = []

    def callback(kind, record):
        evaluation = model.evaluate_policy(1)
        values.append((evaluation.agent_env_steps, evaluation.mean_return, model.predict(np.zeros(usual._observations.leaf.shape))))

    model = deepq.DQN(env, **settings())
    model.learn(600, callback=callback)
    assert len(values) > 5 and {steps for steps, _, _ in values} <= set(range(601))
    assert model.summary["weights_sha256"] == usual.summary["weights_sha256"]
    assert model.num_timesteps == 600


def test_a_callback_may_not_learn_and_an_environment_may_not_save(tmp_path):
    model = deepq.DQN("CartPole-v1", **SMALL)
    with pytest.raises(deepq.Error, match="learn\\(\\) is running already; in its callback save, evaluate_policy and predict"):
        model.learn(200, callback=lambda kind, record: model.learn(10))

    class Saving(worlds.Walk):
        def step(self, action):
            if getattr(self, "model", None):
                self.model.save(tmp_path / "agent")
            return super().step(action)

    world = Saving()
    model = deepq.DQN(world, **SMALL)
    world.model = model
    with pytest.raises(deepq.Error, match="learn\\(\\) is running already; in its callback save"):
        model.learn(10)


def test_another_thread_may_not_save_meanwhile(tmp_path):
    model, errors = deepq.DQN("CartPole-v1", **SMALL), []

    def save():
        try:
            model.save(tmp_path / "agent")
        except deepq.Error as error:
            errors.append(str(error))

    def callback(kind, record):
        thread = threading.Thread(target=save)
        thread.start()
        thread.join()
        return False

    model.learn(500, callback=callback)
    assert len(errors) == 1 and errors[0].startswith("learn() is running already")
    save()
    assert len(errors) == 1


@pytest.mark.parametrize("again", [copy.deepcopy, copy.copy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_model_is_pickled_and_copied(again):
    model = deepq.DQN("CartPole-v1", verbose=0, **SMALL).learn(300)
    other = again(model)
    assert type(other) is deepq.DQN and other.summary == model.summary and other.num_timesteps == 300
    states = np.random.default_rng(0).normal(size=(5, 4))
    np.testing.assert_array_equal(other.q_values(states), model.q_values(states))
    weights = [one.learn(200).summary["weights_sha256"] for one in (model, other)]
    assert weights[0] == weights[1]
    assert again(again(other)).num_timesteps == 500


def test_a_pickled_model_of_a_world_of_ones_own_acts():
    model = deepq.DQN(worlds.Walk(), exploration_fraction=0.5, **SMALL)
    other = pickle.loads(pickle.dumps(model))
    assert other.predict(np.zeros(3)) == model.predict(np.zeros(3))


def test_it_says_what_it_is(tmp_path):
    model = deepq.DQN("CartPole-v1", **SMALL)
    assert repr(model) == str(model) == "<deepq.DQN: dqn on CartPole-v1, 0 steps>"
    model.learn(1_200).save(tmp_path / "agent")
    assert repr(deepq.DQN.load(tmp_path / "agent")) == "<deepq.DQN: dqn on CartPole-v1, 1,200 steps>"
    assert repr(deepq.DQN.__new__(deepq.DQN)) == "<deepq.DQN of nothing>"
    table = deepq.DQN(gymnasium.make("FrozenLake-v1"), algorithm="q_learning")
    assert repr(table) == "<deepq.DQN: q_learning on gymnasium:FrozenLake-v1, 0 steps>"
