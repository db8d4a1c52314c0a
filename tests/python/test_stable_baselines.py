"""With Stable-Baselines3 itself: what its documentation shows, written anew, with deepq's DQN in the place of its own.

tools/test_stable_baselines.sh runs these.
"""

import warnings

import numpy as np
import pytest

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")
pytest.importorskip("stable_baselines3", reason="Stable-Baselines3 is not installed: tools/test_stable_baselines.sh tests with it")

import gymnasium as gym  # noqa: E402
import stable_baselines3  # noqa: E402
import torch  # noqa: E402
import worlds  # noqa: E402
from stable_baselines3.common import callbacks  # noqa: E402
from stable_baselines3.common.env_util import make_vec_env  # noqa: E402
from stable_baselines3.common.evaluation import evaluate_policy  # noqa: E402
from stable_baselines3.common.monitor import Monitor  # noqa: E402
from stable_baselines3.common.vec_env import (  # noqa: E402
    DummyVecEnv,
    SubprocVecEnv,
    VecFrameStack,
    VecMonitor,
    VecNormalize,
    VecTransposeImage,
)
from stable_baselines3.dqn import CnnPolicy, MlpPolicy, MultiInputPolicy  # noqa: E402

SMALL = {"policy_kwargs": {"net_arch": [16]}, "batch_size": 16, "learning_starts": 50, "seed": 1}


@pytest.fixture(autouse=True)
def quietly():
    """Nothing is warned of but what a test asks for."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("ignore", category=ResourceWarning)
        yield


def test_the_first_example(tmp_path):
    env = gym.make("CartPole-v1")
    model = deepq.DQN("MlpPolicy", env, verbose=0, device="cpu")
    model.learn(total_timesteps=300, log_interval=4)
    model.save(str(tmp_path / "dqn_cartpole"))
    del model
    model = deepq.DQN.load(str(tmp_path / "dqn_cartpole"))
    obs, info = env.reset()
    for _ in range(50):
        action, states = model.predict(obs, deterministic=True)
        obs, reward, terminated, truncated, info = env.step(action)
        if terminated or truncated:
            obs, info = env.reset()
    assert states is None


def test_training_saving_loading_evaluating(tmp_path):
    model = deepq.DQN("MlpPolicy", "CartPole-v1", verbose=0, **SMALL)
    model.learn(total_timesteps=int(3e2), progress_bar=False)
    model.save(tmp_path / "agent")
    model = deepq.DQN.load(tmp_path / "agent", env=gym.make("CartPole-v1"), print_system_info=False)
    mean_reward, std_reward = evaluate_policy(model, model.get_env(), n_eval_episodes=5)
    assert mean_reward >= 8 and std_reward >= 0
    vec_env = model.get_env()
    obs = vec_env.reset()
    for _ in range(30):
        action, _states = model.predict(obs, deterministic=True)
        obs, rewards, dones, infos = vec_env.step(action)
    assert obs.shape == (1, 4) and rewards.dtype == np.float32 and set(infos[0]) >= {"TimeLimit.truncated"}


EVALUATED = {
    "an environment": lambda: Monitor(gym.make("CartPole-v1")),
    "several": lambda: make_vec_env("CartPole-v1", n_envs=3, seed=0),
    "in other processes": lambda: make_vec_env("CartPole-v1", n_envs=2, vec_env_cls=SubprocVecEnv),
    "one with its own monitor": lambda: VecMonitor(DummyVecEnv([lambda: gym.make("CartPole-v1")])),
}


@pytest.mark.parametrize("make", EVALUATED.values(), ids=EVALUATED.keys())
def test_its_evaluation_takes_the_model(make):
    model = deepq.DQN("MlpPolicy", "CartPole-v1", **SMALL).learn(200)
    env = make()
    rewards, lengths = evaluate_policy(model, env, n_eval_episodes=4, return_episode_rewards=True)
    assert rewards == lengths and len(rewards) == 4
    env.close()


def frames():
    return make_vec_env(Frames, n_envs=2)


class Frames(worlds.Walk):
    observation_space = gym.spaces.Box(0, 255, (36, 36, 1), np.uint8)

    def _observation(self):
        return np.full((36, 36, 1), 10 * self.steps + 100 * (self.position > 0), np.uint8)


VECTORS = {
    "make_vec_env": (lambda: make_vec_env("CartPole-v1", n_envs=2, seed=3), "gymnasium:CartPole-v1"),
    "DummyVecEnv": (lambda: DummyVecEnv([worlds.Walk, worlds.Walk]), "Walk"),
    "VecFrameStack": (lambda: VecFrameStack(make_vec_env("CartPole-v1", n_envs=2), n_stack=4), "VecFrameStack(CartPole-v1)"),
    "VecNormalize": (lambda: VecNormalize(make_vec_env("CartPole-v1", n_envs=2)), "VecNormalize(CartPole-v1)"),
    "VecMonitor": (lambda: VecMonitor(DummyVecEnv([worlds.Walk])), "Walk"),
    "several wrappers": (lambda: VecFrameStack(VecNormalize(DummyVecEnv([worlds.Walk])), 2), "VecFrameStack(VecNormalize(Walk))"),
}


@pytest.mark.parametrize(("make", "name"), VECTORS.values(), ids=VECTORS.keys())
def test_its_vectors_are_learnt_in(make, name):
    env = make()
    model = deepq.DQN("MlpPolicy", env, **SMALL).learn(200)
    assert f"on {name}, 200 steps" in repr(model) and model.summary["episodes"] > 5
    assert model.evaluate_policy(2).episodes == 2
    played = model.get_env()
    assert type(played) is type(env) and played is not env
    played.reset()
    model.learn(100)
    assert model.num_timesteps == 300


def test_statistics_of_normalization_are_trainings():
    env = VecNormalize(make_vec_env("CartPole-v1", n_envs=2))
    model = deepq.DQN("MlpPolicy", env, **SMALL).learn(200)
    count = env.obs_rms.count
    evaluation = model.evaluate_policy(3)
    assert env.obs_rms.count == count and env.training and env.norm_reward
    assert evaluation.mean_return == evaluation.mean_length, "rewards are the world's own"


def test_other_processes_are_learnt_in():
    env = make_vec_env("CartPole-v1", n_envs=2, vec_env_cls=SubprocVecEnv)
    model = deepq.DQN("MlpPolicy", env, eval_env="gymnasium:CartPole-v1", **SMALL).learn(100)
    assert model.evaluate_policy(2).episodes == 2
    with pytest.raises(deepq.Error, match="cannot be copied to play in; play in it itself"):
        model.get_env()
    env.close()


def test_a_monitors_file_is_trainings(tmp_path):
    file = tmp_path / "monitor.csv"
    env = Monitor(gym.make("CartPole-v1"), str(file))
    model = deepq.DQN("MlpPolicy", env, **SMALL).learn(200)
    assert "gymnasium:CartPole-v1" in repr(model)
    written = file.read_text()
    assert model.evaluate_policy(3).episodes == 3 and file.read_text() == written
    assert len(written.splitlines()) == 2 + model.summary["episodes"]


@pytest.mark.parametrize("vector", [frames, lambda: VecFrameStack(frames(), 4), lambda: VecTransposeImage(frames())])
def test_pictures(vector):
    model = deepq.DQN(CnnPolicy, vector(), buffer_size=500, batch_size=4, learning_starts=8).learn(40)
    assert model.evaluate_policy(1).episodes == 1


def test_policies_by_their_classes():
    assert deepq.DQN(MlpPolicy, "CartPole-v1").config == deepq.DQN("CartPole-v1").config
    with pytest.raises(deepq.Error, match="policy 'MultiInputPolicy' is for observations of several parts, Dict or Tuple"):
        deepq.DQN(MultiInputPolicy, "CartPole-v1")

    class CustomPolicy(MlpPolicy):
        pass

    with pytest.raises(deepq.Error, match="policy is 'CustomPolicy'; allowed: 'MlpPolicy', 'CnnPolicy'"):
        deepq.DQN(CustomPolicy, "CartPole-v1")


def test_policy_kwargs_with_torchs_classes():
    kwargs = {"net_arch": [32, 32], "activation_fn": torch.nn.ReLU, "optimizer_class": torch.optim.RMSprop}
    config = deepq.DQN("MlpPolicy", "CartPole-v1", policy_kwargs=kwargs, device=torch.device("cpu")).config
    assert "hidden_sizes = [32, 32]" in config and 'optimizer = "rmsprop"' in config
    for wrong, message in (({"activation_fn": torch.nn.Tanh}, "activation_fn is"), ({"optimizer_class": torch.optim.SGD}, "is SGD")):
        with pytest.raises(deepq.Error, match=message):
            deepq.DQN("MlpPolicy", "CartPole-v1", policy_kwargs=wrong)


def test_a_replay_is_saved_beside_the_model(tmp_path):
    model = deepq.DQN("MlpPolicy", make_vec_env("CartPole-v1"), **SMALL).learn(200)
    model.save(tmp_path / "agent")
    model.save_replay_buffer(tmp_path / "replay")
    loaded = deepq.DQN.load(tmp_path / "agent")
    loaded.load_replay_buffer(tmp_path / "replay")
    loaded.set_env(DummyVecEnv([lambda: gym.make("CartPole-v1")]))
    loaded.learn(100, reset_num_timesteps=False)
    assert loaded.num_timesteps == 300


def eval_env():
    return make_vec_env("CartPole-v1", n_envs=1, seed=5)


def test_its_callbacks_are_called(tmp_path):
    evaluation = callbacks.EvalCallback(
        eval_env(), best_model_save_path=str(tmp_path / "best"), log_path=str(tmp_path), eval_freq=100, n_eval_episodes=2, verbose=0
    )
    checkpoint = callbacks.CheckpointCallback(save_freq=150, save_path=str(tmp_path / "checkpoints"), name_prefix="dqn")
    model = deepq.DQN("MlpPolicy", "CartPole-v1", **SMALL)
    plain = deepq.DQN("MlpPolicy", "CartPole-v1", **SMALL).learn(400)
    model.learn(400, callback=[evaluation, checkpoint])
    assert model.summary["weights_sha256"] == plain.summary["weights_sha256"]
    assert list(np.load(tmp_path / "evaluations.npz")["timesteps"]) == [100, 200, 300, 400]
    assert deepq.DQN.load(tmp_path / "best" / "best_model.zip").num_timesteps in (100, 200, 300, 400)
    saved = sorted((tmp_path / "checkpoints").iterdir())
    assert [deepq.DQN.load(one).num_timesteps for one in saved] == [150, 300]


class Own(callbacks.BaseCallback):
    """Stops after so many steps, and notes what it saw."""

    def __init__(self, most):
        super().__init__()
        self.most, self.seen = most, []

    def _on_training_start(self):
        self.seen.append(("start", self.locals["total_timesteps"], self.training_env.num_envs))

    def _on_step(self):
        self.seen.append((self.n_calls, self.num_timesteps, self.model.num_timesteps))
        return self.n_calls < self.most

    def _on_training_end(self):
        self.seen.append("end")


def test_ones_own_callback_ends_the_run():
    model = deepq.DQN("MlpPolicy", make_vec_env("CartPole-v1", n_envs=2), **SMALL)
    callback = Own(30)
    model.learn(400, callback=callback)
    assert model.num_timesteps == 60
    assert callback.seen == [("start", 400, 2)] + [(i, 2 * i, 2 * i) for i in range(1, 31)] + ["end"]


def test_a_threshold_ends_the_run():
    stop = callbacks.StopTrainingOnRewardThreshold(reward_threshold=1, verbose=0)
    env = VecNormalize(make_vec_env("CartPole-v1", n_envs=2))
    evaluation = callbacks.EvalCallback(VecNormalize(eval_env(), training=False), callback_on_new_best=stop, eval_freq=20, verbose=0)
    model = deepq.DQN("MlpPolicy", env, **SMALL).learn(400, callback=callbacks.CallbackList([evaluation]))
    assert model.num_timesteps == 40
    np.testing.assert_array_equal(evaluation.eval_env.obs_rms.mean, env.obs_rms.mean)


def test_what_callbacks_are_not_told_is_refused_by_name():
    class Rollouts(Own):
        def _on_rollout_end(self):
            pass

    class Infos(Own):
        def _on_step(self):
            return self.locals["infos"] is not None

    class Recording(Own):
        def _on_step(self):
            self.logger.record("own/value", 1)
            return True

    def learn(callback):
        deepq.DQN("MlpPolicy", "CartPole-v1", **SMALL).learn(60, callback=callback)

    with pytest.raises(deepq.Error, match="object of Rollouts, whose _on_rollout_end is called by nobody; allowed: _on_step"):
        learn(callbacks.CallbackList([callbacks.EveryNTimesteps(5, Rollouts(3))]))
    with pytest.raises(deepq.Error, match=r"object of StopTrainingOnMaxEpisodes; here it is a function: record\['episode'\]"):
        learn(callbacks.StopTrainingOnMaxEpisodes(10))
    with pytest.raises(deepq.Error, match="callback.locals has no 'infos'; allowed: self, total_timesteps, tb_log_name"):
        learn(Infos(3))
    with pytest.warns(UserWarning, match="'own/value' and what else a callback records by its logger are written nowhere"):
        learn(Recording(3))


def lin(initial):
    """As RL Zoo makes the schedule of `lin_7e-4`."""

    def schedule(progress_remaining):
        return progress_remaining * initial

    return schedule


def as_rl_zoo_calls(settings, env, tmp_path):
    return deepq.DQN(env=env, tensorboard_log=str(tmp_path), seed=0, verbose=0, device="cpu", **settings)


# RL Baselines3 Zoo, hyperparams/dqn.yml at 019107e: the settings of DQN, with LunarLander's present version.
ZOO = {
    "CartPole-v1": dict(
        policy="MlpPolicy", learning_rate=2.5e-4, batch_size=512, buffer_size=100_000, learning_starts=0, gamma=0.99,
        target_update_interval=5_000, train_freq=16, gradient_steps=4, exploration_fraction=0.06, exploration_final_eps=0.11,
    ),
    "MountainCar-v0": dict(
        policy="MlpPolicy", learning_rate=4e-3, batch_size=128, buffer_size=10_000, learning_starts=1_000, gamma=0.98,
        target_update_interval=5_000, train_freq=16, gradient_steps=8, exploration_fraction=0.2, exploration_final_eps=0.07,
        policy_kwargs=dict(net_arch=[256, 256]),
    ),
    "LunarLander-v3": dict(
        policy="MlpPolicy", learning_rate=8.8e-4, batch_size=32, buffer_size=1_000_000, learning_starts=0, gamma=0.99,
        target_update_interval=10_000, train_freq=16, gradient_steps=-1, exploration_fraction=0.2, exploration_final_eps=0.1,
        policy_kwargs=dict(net_arch=[256, 256]),
    ),
    "Acrobot-v1": dict(
        policy="MlpPolicy", learning_rate=lin(2.5e-4), batch_size=512, buffer_size=100_000, learning_starts=0, gamma=0.99,
        target_update_interval=5_000, train_freq=16, gradient_steps=4, exploration_fraction=0.06, exploration_final_eps=0.11,
    ),
}  # fmt: skip


@pytest.mark.parametrize("id", ZOO)
def test_rl_zoos_settings(id, tmp_path):
    model = as_rl_zoo_calls(ZOO[id], make_vec_env(id, n_envs=1, seed=0), tmp_path)
    model.learn(1_100 if id == "MountainCar-v0" else 600, tb_log_name=id)
    assert model.summary["updates"] > 10 and (tmp_path / f"{id}_1" / "summary.json").exists()
    mean, _ = evaluate_policy(model, model.get_env(), n_eval_episodes=1)
    assert np.isfinite(mean)


def test_rl_zoos_settings_of_the_games(tmp_path):
    """As pictures of another world: the games' own wrappers need ale-py and OpenCV."""
    settings = dict(
        policy="CnnPolicy", buffer_size=1_000, learning_rate=1e-4, batch_size=32, learning_starts=100, target_update_interval=10_000,
        train_freq=4, gradient_steps=1, exploration_fraction=0.1, exploration_final_eps=0.1, optimize_memory_usage=True,
        replay_buffer_kwargs=dict(handle_timeout_termination=False),
    )  # fmt: skip
    model = as_rl_zoo_calls(settings, VecTransposeImage(VecFrameStack(frames(), n_stack=4)), tmp_path)
    assert model.learn(130).summary["updates"] >= 4


class Pictures(gym.Env):
    """Noise, with the channels last, as cameras have them."""

    observation_space = gym.spaces.Box(0, 255, (40, 44, 3), np.uint8)
    action_space = gym.spaces.Discrete(3)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return self.observation_space.sample(), {}

    def step(self, action):
        self.steps += 1
        return self.observation_space.sample(), float(action == 1), self.steps == 20, False, {}


@pytest.mark.parametrize("policy", ["MlpPolicy", "CnnPolicy"])
def test_a_model_s_weights_are_taken_over(policy, tmp_path):
    """In memory and from its file: the values are the same but for rounding, and what is chosen greedily."""
    env = gym.make("CartPole-v1") if policy == "MlpPolicy" else Pictures()
    settings = {"learning_starts": 20, "batch_size": 8, "buffer_size": 300, "train_freq": 2, "seed": 1}
    theirs = stable_baselines3.DQN(policy, env, policy_kwargs={"net_arch": [16]} if policy == "MlpPolicy" else {}, **settings)
    theirs.learn(60)
    theirs.save(tmp_path / "model")
    random = np.random.default_rng(0)
    space = theirs.observation_space
    shape = (30, *space.shape)
    batch = random.integers(0, 256, shape, np.uint8) if space.dtype == np.uint8 else random.uniform(-2, 2, shape).astype(np.float32)
    with torch.no_grad():
        values = theirs.q_net(torch.from_numpy(batch)).numpy()
    for ours in (deepq.from_sb3(theirs), deepq.from_sb3(tmp_path / "model", env=theirs.get_env())):
        assert np.allclose(ours.q_values(batch), values, atol=1e-5)
        assert np.array_equal(ours.predict(batch)[0], theirs.predict(batch, deterministic=True)[0])
        assert "batch_size = 8 " in ours.config and "update_every_env_steps = 2 " in ours.config
    ours.learn(30)


def test_other_models_are_refused():
    with pytest.raises(deepq.Error, match="allowed: a DQN with MlpPolicy or CnnPolicy"):
        deepq.from_sb3(stable_baselines3.PPO("MlpPolicy", "CartPole-v1", n_steps=16, batch_size=8))


# ---- That library's agents in our environments


@pytest.mark.parametrize("id", ["CartPole-v1", "FrozenLake-v1", "MinAtar-Breakout-v1"])
def test_its_own_agent_learns_in_them(id):
    import stable_baselines3
    from stable_baselines3.common.env_checker import check_env

    import deepq.envs  # noqa: F401

    with warnings.catch_warnings():
        # Of numbers 0 and 1 in three dimensions, for its CnnPolicy.
        warnings.filterwarnings("ignore", message="It seems that your observation space|The minimal resolution")
        check_env(gym.make(f"deepq/{id}"))
    model = stable_baselines3.DQN("MlpPolicy", gym.make(f"deepq/{id}"), learning_starts=100, batch_size=16, seed=0, device="cpu")
    model.learn(400)
    copies = make_vec_env(f"deepq/{id}", n_envs=3, seed=1)
    mean, _ = evaluate_policy(model, Monitor(gym.make(f"deepq/{id}", max_episode_steps=50)), n_eval_episodes=2)
    assert np.isfinite(mean) and copies.reset().shape[0] == 3
