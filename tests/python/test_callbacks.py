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
    "an object": (Legacy(), r"an object of Legacy; allowed: a deepq.Callback, a function of .kind, record."),
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


# ---- deepq.Callback


class Told(deepq.Callback):
    def __init__(self, **answers):
        self.calls, self.answers = [], answers

    def tell(self, name, *records):
        self.calls.append((name, self.model.num_timesteps, *records))
        return self.answers.get(name)

    def on_training_start(self):
        return self.tell("start")

    def on_step(self):
        return self.tell("step")

    def on_episode(self, record):
        return self.tell("episode", record)

    def on_metrics(self, record):
        return self.tell("metrics", record)

    def on_evaluation(self, record):
        return self.tell("evaluation", record)

    def on_training_end(self):
        return self.tell("end")

    def names(self):
        return [call[0] for call in self.calls]


def test_hooks_are_called_by_their_names_and_in_their_order():
    told, records = Told(), []
    model = deepq.DQN("CartPole-v1", eval_every_env_steps=50, eval_episodes=1, metrics_every_updates=20, **SMALL)
    model.learn(100, callback=[told, lambda *record: records.append(record)])
    names = told.names()
    assert names[0] == "start" and names[-1] == "end" and names.count("step") == 100
    assert [(name, *more) for name, _, *more in told.calls if more] == records
    assert names.count("evaluation") == 2 and names.count("metrics") > 1 and names.count("episode") > 1
    assert [steps for name, steps, *_ in told.calls if name == "step"] == list(range(1, 101))
    model.learn(10, callback=told)
    assert told.names().count("start") == told.names().count("end") == 2 and model.num_timesteps == 110


@pytest.mark.parametrize("name, most", [("start", 1), ("step", 1), ("episode", 200), ("evaluation", 50), ("metrics", 120)])
@pytest.mark.parametrize("no", [False, np.False_], ids=repr)
def test_false_from_a_hook_ends_the_run(name, most, no):
    told = Told(**{name: no})
    model = deepq.DQN("CartPole-v1", eval_every_env_steps=50, eval_episodes=1, metrics_every_updates=20, **SMALL)
    assert 1 <= model.learn(1_000, callback=told).num_timesteps <= most
    assert told.names()[-1] == "end" and model.summary["stopped_by"] == "signal"


def test_a_hook_saves_and_evaluates(tmp_path):
    class Keeps(deepq.Callback):
        best = -1.0

        def on_episode(self, record):
            if record["episode"] % 5 == 0 and (mean := self.model.evaluate_policy(2).mean_return) > self.best:
                self.best = mean
                self.model.save(tmp_path / "best")

    keeps = Keeps()
    plain = deepq.DQN("CartPole-v1", **SMALL).learn(400).summary["weights_sha256"]
    assert deepq.DQN("CartPole-v1", **SMALL).learn(400, callback=keeps).summary["weights_sha256"] == plain
    assert deepq.DQN.load(tmp_path / "best").evaluate_policy(2).mean_return == keeps.best


def test_what_is_not_overridden_is_not_called(monkeypatch):
    monkeypatch.setattr(deepq.Callback, "on_step", lambda self: 1 / 0)
    monkeypatch.setattr(deepq.Callback, "on_episode", lambda self, record: 1 / 0)
    assert deepq.DQN("CartPole-v1", **SMALL).learn(100, callback=deepq.Callback()).num_timesteps == 100


# ---- Training that ends by itself


def test_it_ends_at_a_mean_return():
    model = deepq.DQN("CartPole-v1", stop_at_mean_return=10.0, **SMALL)
    episodes = []
    model.learn(20_000, callback=lambda kind, record: episodes.append(record["return"]) if kind == "episode" else None)
    assert len(episodes) == 100 and np.mean(episodes) >= 10 and model.summary["stopped_by"] == "mean_return"


class Even(worlds.Walk):
    """Every episode is worth as much."""

    def step(self, action):
        observation, *_ = super().step(action)
        return observation, 1.0, False, self.steps == 5, {}


def test_what_is_as_good_is_no_improvement():
    means = []
    model = deepq.DQN(Even, eval_every_env_steps=100, eval_episodes=1, stop_without_improvement=2, **SMALL)
    model.learn(2_000, callback=lambda kind, record: means.append(record["mean_return"]) if kind == "evaluation" else None)
    assert means == [5.0] * 3 and model.num_timesteps == 300


def test_it_ends_without_improvement(tmp_path):
    settings = {"eval_every_env_steps": 100, "eval_episodes": 1, "stop_without_improvement": 3, **SMALL}
    model, means = deepq.DQN("CartPole-v1", learning_rate=1e-9, **settings), []
    model.learn(20_000, folder=tmp_path / "run", callback=lambda kind, record: means.append(record["mean_return"]) if kind == "evaluation" else None)
    assert model.summary["stopped_by"] == "no_improvement" and 4 <= len(means) < 50
    best = int(np.argmax(means))
    assert len(means) == best + 4 and max(means[best + 1 :]) <= means[best]
    before = model.num_timesteps
    loaded = deepq.DQN.load(tmp_path / "run").learn(150)
    assert loaded.num_timesteps == before + 150, "asked again"
    with pytest.raises(deepq.Error, match="eval.stop_without_improvement has no effect here; it needs eval.every_env_steps above 0"):
        deepq.DQN("CartPole-v1", stop_without_improvement=3)
