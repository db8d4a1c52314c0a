"""Gymnasium's environments under deepq.DQN: what is stored is what happened, however the environments come."""

import subprocess
import sys
from functools import partial

import gymnasium
import numpy as np
import pytest
import worlds
from gymnasium.vector import AutoresetMode
from safetensors import safe_open

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

SMALL = {"network_hidden_sizes": [16], "batch_size": 16}
# Acts greedily with the network as it was drawn, and never learns.
FROZEN = {"exploration_initial_eps": 0.0, "exploration_final_eps": 0.0, "train_freq": 10**9, **SMALL}


def tensors_of(model, tmp_path):
    path = tmp_path / "agent.safetensors"
    model.save(path)
    with safe_open(path, framework="numpy") as file:
        return {name: file.get_tensor(name) for name in file.keys()}


def stored(env, tmp_path, steps=400, **settings):
    """By copy, the transitions in the replay after so many steps, as bytes."""
    model = deepq.DQN(env, seed=40, **FROZEN, **settings).learn(steps)
    tensors = tensors_of(model, tmp_path)
    records = tensors["trainer/replay/records"][: int(tensors["trainer/replay/size"])]
    return {tag: [row.tobytes() for row in records if row[3] == tag] for tag in np.unique(records[:, 3])}


def vector(mode, count=4):
    return gymnasium.vector.SyncVectorEnv([worlds.Walk] * count, autoreset_mode=mode)


@pytest.mark.parametrize("n_step", [1, 3])
@pytest.mark.parametrize("mode", AutoresetMode)
def test_every_autoreset_mode_stores_the_same(mode, n_step, tmp_path):
    one_by_one = stored(worlds.Walk, tmp_path, 600, n_envs=4, n_step=n_step)  # some copies of a vector get ahead
    as_vector = stored(vector(mode), tmp_path, n_step=n_step)
    assert sorted(one_by_one) == sorted(as_vector)
    assert len(as_vector) == 4 and 40 in as_vector  # the first copy has the run's seed
    for tag, transitions in as_vector.items():
        assert len(transitions) > 70
        assert transitions == one_by_one[tag][: len(transitions)]


@pytest.mark.parametrize("mode", AutoresetMode)
def test_what_is_stored_is_what_happened(mode, tmp_path):
    """No transition crosses an episode; an end is an end, and a truncation is none (its discount is gamma)."""
    for transitions in stored(vector(mode), tmp_path).values():
        rows = [np.frombuffer(row, np.float32) for row in transitions]
        for row, after in zip(rows, rows[1:]):
            reward, discount, (_, position, steps), (_, next_position, next_steps) = row[1], row[2], row[3:6], row[6:9]
            assert next_steps == steps + 1 and abs(next_position - position) == 1
            assert reward == next_position
            assert discount == (0 if next_position >= 3 else np.float32(0.99))
            ended = next_position >= 3 or next_steps >= 6
            assert after[5] == (0 if ended else next_steps)


@pytest.mark.parametrize("mode", AutoresetMode)
def test_episodes_are_reported_whole(mode):
    episodes = []
    model = deepq.DQN(vector(mode), seed=0, **SMALL)
    model.learn(2_000, callback=lambda kind, record: episodes.append(record) if kind == "episode" else None)
    assert {record["length"] for record in episodes} <= set(range(1, 7))
    assert len(episodes) > 200
    assert sum(record["length"] for record in episodes) == pytest.approx(2_000, abs=4 * 7)


def test_an_asynchronous_vector_environment(tmp_path):
    env = gymnasium.vector.AsyncVectorEnv([worlds.Walk] * 2)
    try:
        as_vector = stored(env, tmp_path)
    finally:
        env.close()
    one_by_one = stored(worlds.Walk, tmp_path, 600, n_envs=2)
    assert all(rows == one_by_one[tag][: len(rows)] for tag, rows in as_vector.items())


def test_gymnasiums_cartpole_is_the_librarys_bit_for_bit():
    env = gymnasium.make("CartPole-v1")
    runs = [deepq.DQN(e, seed=2, **SMALL).learn(1_500).summary for e in (env, "gymnasium:CartPole-v1", "CartPole-v1")]
    assert len({run["weights_sha256"] for run in runs}) == 1
    assert [run["env"] for run in runs] == ["gymnasium:CartPole-v1"] * 2 + ["CartPole-v1"]


def test_a_vector_of_cartpoles_is_the_same_cartpoles_one_by_one_bit_for_bit():
    """Of the library's own only the first copy is the same: seeds of the others have 64 bits there, 31 for Python."""
    make = partial(gymnasium.vector.SyncVectorEnv, [partial(gymnasium.make, "CartPole-v1")] * 3)
    ours = deepq.DQN("gymnasium:CartPole-v1", n_envs=3, seed=2, **SMALL).learn(1_500).summary
    for mode in (AutoresetMode.SAME_STEP, AutoresetMode.DISABLED):
        assert deepq.DQN(make(autoreset_mode=mode), seed=2, **SMALL).learn(1_500).summary["weights_sha256"] == (
            ours["weights_sha256"]
        )


@pytest.mark.parametrize("as_vector", [False, True])
def test_spaces_that_start_elsewhere(as_vector, tmp_path):
    envs = [worlds.Shifted(), worlds.Shifted()]
    env = gymnasium.vector.SyncVectorEnv([lambda: envs[0], lambda: envs[1]]) if as_vector else envs[0]
    model = deepq.DQN(env, **SMALL).learn(400)
    assert envs[0].seen == {5, 6}
    action, _ = model.predict(-1)
    assert action == 5 + np.argmax(model.q_values(-1))
    assert set(model.predict(np.array([-1, 0, 3]))[0]) <= {5, 6}
    with pytest.raises(deepq.Error, match="the observation is 4; allowed: -1 to 3"):
        model.q_values(4)
    model.save(tmp_path / "agent")
    loaded = deepq.DQN.load(tmp_path / "agent")
    assert [loaded.predict(s) for s in range(-1, 4)] == [model.predict(s) for s in range(-1, 4)]


@pytest.mark.parametrize("as_vector", [False, True])
def test_observations_of_any_shape_and_layout(as_vector, tmp_path):
    env = gymnasium.vector.SyncVectorEnv([worlds.Matrix]) if as_vector else worlds.Matrix()
    model = deepq.DQN(env, seed=0, **FROZEN).learn(50)
    tensors = tensors_of(model, tmp_path)
    first = tensors["trainer/replay/records"][0, 12:60].reshape(2, 2, 3, 4)  # bytes; action, reward and discount before
    beginning = np.arange(24, dtype=np.uint8).reshape(4, 3, 2).transpose(2, 1, 0)
    np.testing.assert_array_equal(first, [beginning, beginning + 1])
    assert model.q_values(beginning).shape == (2,)
    assert model.q_values(np.stack([beginning] * 3)).shape == (3, 2)


@pytest.mark.parametrize("dtype", ["float64", "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "bool"])
def test_observations_of_any_real_dtype(dtype, tmp_path):
    class Typed(worlds.Walk):
        def _observation(self):
            return np.array([1, self.steps % 2, 0]).astype(dtype)

    tensors = tensors_of(deepq.DQN(Typed(), **FROZEN).learn(20), tmp_path)
    np.testing.assert_array_equal(tensors["trainer/replay/records"][0, 3:9], [1, 0, 0, 1, 1, 0])


def test_a_time_limit_is_applied_once():
    class Endless(worlds.Walk):
        def step(self, action):
            observation, reward, *_ = super().step(action)
            return observation, reward, False, False, {}

    def lengths(env, **settings):
        seen = []
        deepq.DQN(env, **SMALL, **settings).learn(
            300, callback=lambda kind, record: seen.append(record["length"]) if kind == "episode" else None
        )
        return set(seen)

    gymnasium.register("deepq-test/Endless-v0", Endless, max_episode_steps=25)
    try:
        assert lengths(gymnasium.make("deepq-test/Endless-v0")) == {25}
        assert lengths("deepq-test/Endless-v0") == {25}
        assert lengths("deepq-test/Endless-v0", env_max_episode_steps=10) == {10}
        assert lengths("deepq-test/Endless-v0", env_max_episode_steps=50) == {50}
        assert lengths(gymnasium.make("deepq-test/Endless-v0"), env_max_episode_steps=10) == {10}
        assert lengths(gymnasium.make("deepq-test/Endless-v0").unwrapped, env_max_episode_steps=30) == {30}
    finally:
        del gymnasium.registry["deepq-test/Endless-v0"]


def test_evaluation_does_not_disturb_training():
    def weights(between):
        model = deepq.DQN(worlds.Walk(), seed=0, **SMALL).learn(200)
        if between:
            model.evaluate_policy(5)
        return model.learn(200).summary["weights_sha256"]

    assert weights(True) == weights(False)


@pytest.mark.parametrize(
    "env",
    [worlds.Walk, worlds.Walk(), vector(AutoresetMode.SAME_STEP), "CartPole-v1", gymnasium.make_vec("CartPole-v1", 2)],
    ids=["function", "object", "vector of functions", "id", "made by make_vec"],
)
def test_evaluation_has_a_world_of_its_own(env):
    record = deepq.DQN(env, seed=0, **SMALL).evaluate_policy(10, seed=3)
    assert record.episodes == 10 and record.min_return <= record.mean_return <= record.max_return
    assert record == deepq.DQN(env, seed=0, **SMALL).evaluate_policy(10, seed=3)


def test_what_cannot_be_copied_is_evaluated_elsewhere():
    class Handle(worlds.Walk):
        def __deepcopy__(self, memo):
            raise TypeError("cannot be copied")

    with pytest.raises(deepq.Error, match="environment 'Handle' cannot be copied for evaluation; give eval_env="):
        deepq.DQN(Handle(), **SMALL).evaluate_policy(1)
    assert deepq.DQN(Handle(), eval_env=worlds.Walk(), **SMALL).evaluate_policy(2).episodes == 2
    box = gymnasium.make("LunarLander-v3")
    assert deepq.DQN(box, **SMALL).evaluate_policy(1).episodes == 1


class Pole(gymnasium.Env):
    """Looks like CartPole-v1; an episode has two steps, of 100 each."""

    observation_space = gymnasium.spaces.Box(-9, 9, (4,), np.float32)
    action_space = gymnasium.spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        self.steps = 0
        return np.zeros(4, np.float32), {}

    def step(self, action):
        self.steps += 1
        return np.zeros(4, np.float32), 100.0, self.steps >= 2, False, {}


@pytest.mark.parametrize("env", ["CartPole-v1", "gymnasium:CartPole-v1"])
def test_another_environment_is_evaluated_on_whatever_is_trained_on(env):
    result = deepq.DQN(env, eval_env=Pole(), **SMALL).learn(100).evaluate_policy(2)
    assert (result.mean_return, result.world) == (200, "Pole")
    assert deepq.DQN(env, eval_env="CartPole-v1", **SMALL).evaluate_policy(2).world == "CartPole-v1"
    whole = deepq.DQN("CartPole-v1", seed=3, **SMALL).learn(300)
    other = deepq.DQN("CartPole-v1", seed=3, eval_env=Pole(), **SMALL).learn(300)
    assert whole.summary["weights_sha256"] == other.summary["weights_sha256"], "it is trained on the same"


def test_another_kind_of_environment_is_refused_when_it_is_made():
    expected = "evaluate on, gymnasium:MountainCar-v0, has observations of 2 and 3 actions; allowed: as in training, .* 4 and 2"
    with pytest.raises(deepq.Error, match=expected):
        deepq.DQN("CartPole-v1", eval_env="gymnasium:MountainCar-v0", **SMALL).evaluate_policy(1)
    with pytest.raises(deepq.Error, match="Walk, has observations of 3 and 2 actions"):
        deepq.DQN(Pole(), eval_env=worlds.Walk(), **SMALL).evaluate_policy(1)


def test_a_saved_agent_learns_on_with_its_environment_given_again(tmp_path):
    deepq.DQN(worlds.Walk(), seed=0, **SMALL).learn(200).save(tmp_path / "agent")
    loaded = deepq.DQN.load(tmp_path / "agent")
    assert loaded.predict(np.zeros(3))[0] in (0, 1)
    with pytest.raises(deepq.Error, match="unknown environment 'Walk'"):
        loaded.learn(100)
    assert deepq.DQN.load(tmp_path / "agent", env=worlds.Walk()).learn(100).num_timesteps == 300


@pytest.mark.parametrize("mode", AutoresetMode)
def test_a_vectors_run_is_taken_up_one_by_one_and_back(mode, tmp_path, capsys):
    def make():
        return gymnasium.make_vec("CartPole-v1", 2, "sync", {"autoreset_mode": mode})

    deepq.DQN(make(), seed=0, **SMALL).learn(200, folder=tmp_path / "run")
    begun = deepq.DQN.load(tmp_path / "run").num_timesteps
    model = deepq.DQN.load(tmp_path / "run", verbose=1).learn(200, folder=tmp_path / "run")
    assert model.num_timesteps in (begun + 200, begun + 201)
    assert "note: gymnasium:CartPole-v1 cannot save its state: the run goes on with fresh" in capsys.readouterr().out
    begun = model.num_timesteps
    last = deepq.DQN.load(tmp_path / "run", env=make()).learn(200, folder=tmp_path / "run")
    assert last.num_timesteps in (begun + 200, begun + 201)
    if mode is not AutoresetMode.NEXT_STEP:  # where a copy may have been busy with a reset, the last step is one too many
        assert last.num_timesteps == 600


def test_the_program_has_gymnasiums_environments(tmp_path):
    def run(*arguments, status=0):
        done = subprocess.run([sys.executable, "-m", "deepq", *map(str, arguments)], capture_output=True, text=True)
        assert done.returncode == status, done.stderr
        return done.stdout + done.stderr

    folder = tmp_path / "run"
    train = "train --env LunarLander-v3 --steps 300 --seed 1 --quiet --set eval.final_episodes=1 --out".split()
    run(*train, folder)
    assert "LunarLander-v3, 2 episodes" in run("eval", folder, "--episodes", 2)
    assert "Report" in run("resume", folder)
    ours = deepq.DQN("LunarLander-v3", seed=1).learn(300)
    assert ours.summary["weights_sha256"] in (folder / "summary.json").read_text()
    assert deepq.DQN.load(folder).learn(100).num_timesteps == 400
    tuned = ["train", "--preset", "lunarlander", "--steps", 1100, "--set", "eval.final_episodes=1",
             "eval.every_env_steps=1000", "--json"]
    assert '"preset": "lunarlander' in run(*tuned, "--out", tmp_path / "tuned")
    assert "did you mean 'LunarLander-v3'?" in run(*train[:2], "LunarLandr-v3", "--steps", 9, status=2)
    assert "its action space is Box; allowed: Discrete" in run(*train[:2], "Pendulum-v1", "--steps", 9, status=2)


def test_without_gymnasium_the_librarys_own_remain(monkeypatch):
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    assert deepq.DQN("CartPole-v1", **SMALL).learn(100).num_timesteps == 100
    with pytest.raises(deepq.Error, match="unknown environment 'LunarLander-v3'; Gymnasium, which may know it, is not inst"):
        deepq.DQN("LunarLander-v3")


def test_models_do_not_stay_in_memory():
    import gc
    import weakref

    env = worlds.Walk()
    gone = weakref.ref(env)
    deepq.DQN(env, **SMALL).learn(100).evaluate_policy(1)
    deepq.DQN(env, step_timeout=5, **SMALL).learn(100)
    deepq.DQN(lambda: env, **SMALL).learn(100)
    del env
    gc.collect()
    assert gone() is None
