"""Networks with memory: what predict() takes and hands back, by hand and in vectors, as learnt and as loaded."""

import subprocess
import sys

import numpy as np
import pytest

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

MEMORY = 7
CUE, CORRIDOR = np.float32([0, 1, 1]), np.float32([1, 0, 1])


@pytest.fixture(scope="module", params=["gru", "lstm"])
def model(request):
    model = deepq.DQN(
        "TMaze-v0", network_recurrent=request.param, recurrent_size=MEMORY, hidden_sizes=[8], t_maze_length=3, batch_size=4, sequence_length=6,
        burn_in=2, sequence_overlap=2, learning_starts=50, seed=1
    )
    return model.learn(300)


def is_lstm(model):
    return 'recurrent = "lstm"' in model.config


def size_of(model):
    return MEMORY * (2 if is_lstm(model) else 1)


def test_a_state_goes_from_step_to_step(model):
    action, state = model.predict(CUE)
    assert isinstance(action, np.int64) and state.shape == (size_of(model),) and state.dtype == np.float32 and state.any()
    kept = state.copy()
    _, later = model.predict(CORRIDOR, state)
    assert (state == kept).all(), "what was handed over stays as it is"
    assert (later != model.predict(CORRIDOR)[1]).any()
    # A list will do, and so does another type of float.
    assert (model.predict(CORRIDOR, state.tolist())[1] == later).all()
    assert (model.predict(CORRIDOR, state.astype(np.float64))[1] == later).all()
    assert (model.q_values(CORRIDOR, state) != model.q_values(CORRIDOR)).any()
    assert (state == kept).all()


def test_an_episode_begins_with_nothing(model):
    _, state = model.predict(CUE)
    _, fresh = model.predict(CORRIDOR)
    for start in (True, np.array([True]), [1]):
        assert (model.predict(CORRIDOR, state, episode_start=start)[1] == fresh).all()
    assert (model.predict(CORRIDOR, state, episode_start=False)[1] != fresh).any()


def test_a_batch_has_a_state_for_each(model):
    batch = np.stack([CUE, CORRIDOR] * 20)  # more than are asked at a time
    actions, states = model.predict(batch)
    assert actions.shape == (40,) and states.shape == (40, size_of(model))
    for i in (0, 1, 39):
        assert (states[i] == model.predict(batch[i])[1]).all()
    starts = np.arange(40) % 3 == 0
    _, later = model.predict(batch, states, episode_start=starts)
    for i in range(40):
        assert (later[i] == model.predict(batch[i], None if starts[i] else states[i])[1]).all()
    assert (model.q_values(batch, states)[39] == model.q_values(batch[39], states[39])).all()


def test_exploring_remembers_too(model):
    _, state = model.predict(CUE)
    np.random.seed(3)
    action, later = model.predict(CORRIDOR, state, deterministic=False)
    assert action in range(4) and (later == model.predict(CORRIDOR, state)[1]).all()


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"state": True}, "state has the shape"),
        ({"state": "old"}, "state is 'old'; allowed: None, or what"),
        ({"state": np.zeros(3)}, r"state has the shape \[3\]; allowed: None, or what predict\(\) handed back, float32 \["),
        ({"state": np.zeros((1, MEMORY))}, r"state has the shape \[1, 7\]"),
        ({"state": [np.nan] * MEMORY, "only": "gru"}, "state holds a NaN or an infinity"),
        ({"episode_start": "now"}, "episode_start is 'now'; allowed: None, True or False, or 1 of them"),
        ({"episode_start": [True, False]}, "episode_start is"),
    ],
)
def test_what_is_no_state_is_refused(model, arguments, message):
    if arguments.get("only") == "gru" and is_lstm(model):
        return
    with pytest.raises(deepq.Error, match=message):
        model.predict(CUE, **{name: value for name, value in arguments.items() if name != "only"})


def test_a_loaded_agent_remembers_as_the_one_that_was_saved(model, tmp_path):
    model.save(tmp_path / "agent")
    loaded = deepq.DQN.load(tmp_path / "agent")
    _, state = model.predict(CUE)
    assert (loaded.predict(CUE)[1] == state).all()
    assert (loaded.q_values(CORRIDOR, state) == model.q_values(CORRIDOR, state)).all()
    assert loaded.evaluate_policy(10, seed=3) == model.evaluate_policy(10, seed=3)


def test_a_run_that_is_learnt_on_goes_on(model, tmp_path):
    model.save(tmp_path / "agent")
    once, twice = (deepq.DQN.load(tmp_path / "agent") for _ in range(2))
    for other in (once, twice):
        other.learn(100, reset_num_timesteps=False)
    assert (once.q_values(CUE) == twice.q_values(CUE)).all() and (once.q_values(CUE) != model.q_values(CUE)).any()


def export(agent, way, to):
    return subprocess.run([sys.executable, "-m", "deepq", "export", agent, way, to], capture_output=True, text=True)


def test_no_export_forgets(model, tmp_path):
    model.save(tmp_path / "agent.safetensors")
    for way in ("--header", "--safetensors"):
        done = export(tmp_path / "agent.safetensors", way, tmp_path / "out")
        assert done.returncode != 0 and "the agent has a memory (network.recurrent is" in done.stderr


def onnx_of(model, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    model.save(tmp_path / "agent.safetensors")
    done = export(tmp_path / "agent.safetensors", "--onnx", tmp_path / "agent.onnx")
    assert done.returncode == 0, done.stderr
    return onnxruntime.InferenceSession(str(tmp_path / "agent.onnx"))


def expect_the_same(session, model, observations):
    """Some steps of each, side by side, each by its own memory."""
    batch, *_ = observations.shape[1:]
    size = session.get_inputs()[1].shape[1]
    assert session.get_modelmeta().custom_metadata_map["memory_size"] == str(size)
    state, own = np.zeros((batch, size), np.float32), None
    for observation in observations:
        q, state = session.run(["q_values", "next_state"], {"observation": observation, "state": state})
        assert np.allclose(q, model.q_values(observation, own), atol=1e-5)
        _, own = model.predict(observation, own)
        assert np.allclose(state, own, atol=1e-5)
    assert np.abs(state).max() > 0.01


def test_onnx_carries_the_state(model, tmp_path):
    expect_the_same(onnx_of(model, tmp_path), model, np.random.default_rng(1).integers(0, 2, (6, 5, 3)).astype(np.float32))


def test_onnx_carries_the_state_behind_convolutions(tmp_path):
    gymnasium = pytest.importorskip("gymnasium")

    class Pictures(gymnasium.Env):
        observation_space, action_space = gymnasium.spaces.Box(-1, 1, (6, 5, 2), np.float32), gymnasium.spaces.Discrete(3)

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            return self.np_random.random((6, 5, 2), np.float32), {}

        def step(self, action):
            return self.np_random.random((6, 5, 2), np.float32), float(action), bool(self.np_random.random() < 0.2), False, {}

    model = deepq.DQN(
        Pictures(), network_recurrent="lstm", recurrent_size=5, hidden_sizes=[6, 7], dueling=True, conv_channels=[4], conv_kernels=[3], conv_strides=[1],
        batch_size=4, sequence_length=4, burn_in=1, sequence_overlap=0, learning_starts=50,
    )
    model.learn(150)
    session = onnx_of(model, tmp_path)
    expect_the_same(session, model, np.random.default_rng(1).random((5, 3, 6, 5, 2), np.float32))


def test_environments_of_gymnasium_are_remembered_in_vectors():
    gymnasium = pytest.importorskip("gymnasium")

    class Cue(gymnasium.Env):
        """The first observation is the answer of the third step."""

        observation_space, action_space = gymnasium.spaces.Discrete(3), gymnasium.spaces.Discrete(2)

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.answer, self.steps = int(self.np_random.integers(2)), 0
            return self.answer, {}

        def step(self, action):
            self.steps += 1
            return 2, float(self.steps == 3 and action == self.answer), self.steps == 3, False, {}

    vector = gymnasium.vector.SyncVectorEnv([Cue] * 3)
    model = deepq.DQN(
        vector, eval_env=Cue, network_recurrent="gru", recurrent_size=8, hidden_sizes=[8], batch_size=16, sequence_length=4, burn_in=0,
        sequence_overlap=0, learning_starts=200, learning_rate=1e-2, exploration_fraction=0.3, target_sync_every_updates=50, seed=0,
    )
    model.learn(6000)
    assert model.evaluate_policy(40).mean_return > 0.95
