"""The keywords of deepq.DQN: Stable-Baselines3's names, and every key of the configuration."""

import tomllib
import warnings

import numpy as np
import pytest

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")
from deepq import _arguments, _deepq  # noqa: E402


def config_of(**keywords):
    return tomllib.loads(deepq.DQN("CartPole-v1", **keywords).config)


def value_of(config, key):
    for part in key.split("."):
        config = config[part]
    return config


@pytest.mark.parametrize(
    ("keywords", "settings"),
    [
        ({"learning_rate": 2e-4}, {"optimizer.learning_rate": 2e-4}),
        ({"buffer_size": 5_000}, {"replay.capacity": 5_000}),
        ({"learning_starts": 100}, {"train.learning_starts_env_steps": 100}),
        ({"batch_size": 32}, {"agent.batch_size": 32}),
        ({"tau": 0.005}, {"target.tau": 0.005}),
        ({"gamma": 0.98}, {"agent.gamma": 0.98}),
        ({"train_freq": 4}, {"train.update_every_env_steps": 4}),
        ({"train_freq": (8, "step")}, {"train.update_every_env_steps": 8}),
        ({"gradient_steps": 2}, {"train.updates_per_round": 2}),
        ({"train_freq": 16, "gradient_steps": -1}, {"train.updates_per_round": 16}),
        ({"gradient_steps": -1}, {"train.updates_per_round": 1}),
        ({"n_steps": 3}, {"agent.n_step": 3}),
        ({"target_update_interval": 500}, {"target.sync_every_env_steps": 500, "target.sync_every_updates": 0}),
        ({"exploration_initial_eps": 0.9}, {"exploration.epsilon_start": 0.9, "exploration.schedule": "linear"}),
        ({"exploration_final_eps": 0.1}, {"exploration.epsilon_end": 0.1, "exploration.schedule": "linear"}),
        ({"max_grad_norm": 10}, {"optimizer.max_grad_norm": 10}),
        ({"policy_kwargs": {"net_arch": [256, 128]}}, {"network.hidden_sizes": [256, 128]}),
        ({"policy_kwargs": {}}, {"network.hidden_sizes": [64, 64]}),
        ({"seed": 7}, {"train.seed": 7}),
        ({"device": "auto"}, {"train.seed": 0}),
        ({"device": "cpu", "policy_kwargs": None, "seed": None, "tensorboard_log": None}, {"train.seed": 0}),
        ({"stats_window_size": 100, "_init_setup_model": True, "optimize_memory_usage": False}, {"train.seed": 0}),
        ({"buffer_size": "20k", "learning_starts": 1e2}, {"replay.capacity": 20_000, "train.learning_starts_env_steps": 100}),
        ({"double": True, "dueling": True, "n_step": 3, "prioritized": True}, {"agent.double": True, "agent.n_step": 3}),
        ({"noisy": True, "representation": "quantile"}, {"network.noisy": True, "value.representation": "quantile"}),
        (
            {"agent_n_step": 4, "eval_episodes": 3, "eval_every_env_steps": 50},
            {"agent.n_step": 4, "eval.episodes": 3},
        ),
        ({"set": {"agent.double": True, "target.tau": 0.5}}, {"agent.double": True, "target.tau": 0.5}),
        ({"set": {"pqn.lambda": 0.5}, "algorithm": "pqn"}, {"pqn.lambda": 0.5}),
        ({"seed": np.int64(5), "gamma": np.float32(0.5)}, {"train.seed": 5, "agent.gamma": 0.5}),
        ({"hidden_sizes": (np.int64(8), 9)}, {"network.hidden_sizes": [8, 9]}),
        ({"preset": "cartpole", "gamma": 0.9}, {"preset": "cartpole", "agent.gamma": 0.9, "env.id": "CartPole-v1"}),
    ],
    ids=lambda value: ", ".join(map(str, value)) if isinstance(value, dict) else "",
)
def test_what_a_keyword_sets(keywords, settings):
    config = config_of(**keywords)
    assert {key: value_of(config, key) for key in settings} == settings


def test_names_of_before_are_taken_and_told():
    with pytest.warns(FutureWarning) as told:
        before = deepq.DQN("CartPole-v1", agent_learning_rate=0.5, agent_optimizer="rmsprop", set={"agent.optimizer_epsilon": 0.25}).config
    assert [str(one.message) for one in told] == [
        "agent_learning_rate is called learning_rate now, agent_optimizer is called optimizer now, "
        "agent.optimizer_epsilon is called optimizer.epsilon now; this version is the last to take the old names"
    ]
    assert told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert before == deepq.DQN("CartPole-v1", learning_rate=0.5, optimizer="rmsprop", optimizer_epsilon=0.25).config
    with pytest.raises(deepq.Error, match="optimizer_max_grad_norm is given twice"), pytest.warns(FutureWarning):
        deepq.DQN("CartPole-v1", agent_max_grad_norm=1, optimizer_max_grad_norm=1)


def test_exploration_fraction_is_a_fraction_of_the_first_learn():
    model = deepq.DQN("CartPole-v1", exploration_fraction=0.5, learning_starts=0, batch_size=16, network_hidden_sizes=[8])
    model.learn(400)
    exploration = tomllib.loads(model.config)["exploration"]
    assert exploration["schedule"] == "linear" and exploration["anneal_env_steps"] == 200
    assert model.exploration_rate == pytest.approx(0.01)
    model.learn(400)
    assert tomllib.loads(model.config)["exploration"]["anneal_env_steps"] == 200


def test_exploration_fraction_is_none_of_a_learn_that_was_refused(tmp_path):
    (tmp_path / "config.toml").write_text("")
    model = deepq.DQN("CartPole-v1", exploration_fraction=0.5, learning_starts=0, batch_size=16, network_hidden_sizes=[8])
    with pytest.raises(deepq.Error, match="already holds a run"):
        model.learn(40, folder=tmp_path)
    model.learn(400)
    assert tomllib.loads(model.config)["exploration"]["anneal_env_steps"] == 200


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"bufer_size": 10}, "unknown keyword 'bufer_size'; did you mean 'buffer_size'?"),
        ({"duelling": True}, "unknown keyword 'duelling'; did you mean 'dueling'?"),
        ({"entirely_unlike_anything": 1}, "unknown keyword 'entirely_unlike_anything'"),
        ({"lr": 1e-3}, "unknown keyword 'lr'; did you mean 'learning_rate'?"),
        ({"memory_size": 10}, "unknown keyword 'memory_size'; did you mean 'buffer_size'?"),
        ({"net_arch": [64, 64]}, "unknown keyword 'net_arch'; did you mean 'hidden_sizes'?"),
        ({"hidden": [64]}, "unknown keyword 'hidden'; did you mean 'hidden_sizes'?"),
        ({"epsilon_decay": 0.99}, "unknown keyword 'epsilon_decay'; did you mean 'exploration_decay_per_update' or 'anneal_env_steps'?"),
        ({"eps_end": 0.1}, "unknown keyword 'eps_end'; did you mean 'epsilon_end'?"),
        ({"target_update_freq": 10}, "did you mean 'target_update_interval' or 'sync_every_updates'?"),
        ({"double_q": True}, "unknown keyword 'double_q'; did you mean 'double'?"),
        ({"eval_freq": 1000}, "unknown keyword 'eval_freq'; did you mean 'eval_every_env_steps'?"),
        ({"log_interval": 4}, "unknown keyword 'log_interval'; did you mean 'console_every_episodes'?"),
        ({"total_timesteps": 10}, "unknown keyword 'total_timesteps'; did you mean learn(total_timesteps"),
        ({"tensorboard_log": 3}, "tensorboard_log is 3; allowed: a path"),
        ({"device": "cuda"}, "device is 'cuda'; deepq computes on the CPU"),
        ({"policy": "LnMlpPolicy"}, "policy is 'LnMlpPolicy'; allowed: 'MlpPolicy', 'CnnPolicy'"),
        ({"network_type": "mlp"}, "unknown keyword 'network_type'; the network is network_hidden_sizes="),
        ({"callback": None}, "unknown keyword 'callback'; did you mean learn(callback="),
        ({"set": {"agent.lr": 1}}, "unknown key 'agent.lr'; did you mean 'optimizer.learning_rate'?"),
        ({"set": {"device": "cpu"}}, "unknown key 'device'; deepq computes on the CPU: leave it out (network_threads="),
        ({"episodes": 3}, "episodes could be train_episodes or eval_episodes; say which"),
        ({"epsilon": 0.1}, "epsilon could be exploration_epsilon_start or exploration_epsilon_end or optimizer_epsilon or eval_epsilon; say"),
        ({"schedule": "linear"}, "schedule could be exploration_schedule or optimizer_learning_rate_schedule; say which"),
        ({"keep": 3}, "keep could be checkpoint_keep or eval_keep_best; say which"),
        ({"map": "8x8"}, "map could be frozen_lake_map; say which"),
        ({"batch_size": 32, "algorithm": "pqn"}, "batch_size: agent.batch_size has no effect here; it needs agent.algorithm dqn"),
        ({"priority_alpha": 0.5}, "replay.priority_alpha has no effect here; it needs replay.prioritized true"),
        ({"noisy": True, "exploration_final_eps": 0.1}, "exploration_final_eps: exploration.epsilon_end has no effect here"),
        ({"is_slippery": False}, "is_slippery could be frozen_lake_is_slippery or cliff_walking_is_slippery; say which"),
        ({"frozen_lake_is_slippery": False}, "frozen_lake.is_slippery has no effect here; it needs env.id FrozenLake-v1"),
        ({"set": {"replay.priority_alpha": 0.6}}, "replay.priority_alpha has no effect here"),
        ({"stop_when_solved": True}, "eval.stop_when_solved is true and eval.every_env_steps is 0; allowed: above 0"),
        ({"gamma": 2}, "agent.gamma is 2; allowed: 0 to 1"),
        ({"gamma": None}, "agent.gamma is None"),
        ({"gamma": float("nan")}, "agent.gamma is "),
        ({"gamma": [1]}, "agent.gamma is a list; expected a number"),
        ({"gamma": object}, "is a type; allowed: a number, True, False, text, or a list"),
        ({"batch_size": 1.5}, "agent.batch_size is 1.5; expected a whole number"),
        ({"double": 1}, "agent.double is 1; expected true or false"),
        ({"loss": "l1"}, "agent.loss is 'l1'; allowed: mse, huber"),
        ({"train_freq": (1, "episode")}, r"train_freq is \(1, 'episode'\); allowed: a number of environment steps"),
        ({"learning_rate": lambda left: left**2}, "learning_rate is a function that does not fall along a line; allowed: a number"),
        ({"policy_kwargs": {"activation_fn": None}}, "activation_fn is None; allowed: ReLU"),
        ({"replay_buffer_class": dict}, "replay_buffer_class is 'dict'; deepq has nothing like it"),
        ({"buffer_size": "2.7"}, "replay.capacity is 2.7; expected a whole number"),
        ({"set": {"agent.gama": 1}}, "unknown key 'agent.gama'; did you mean 'agent.gamma'?"),
        ({"set": {"env.id": "Taxi-v3"}}, "env.id is not a setting of DQN"),
        ({"train_env_steps": 5}, "train.env_steps is not a setting of DQN"),
        ({"munchausen": True, "double": True}, "agent.double is true; allowed with agent.munchausen: false"),
        ({"preset": "cartpol"}, "unknown preset 'cartpol'; did you mean 'cartpole'?"),
        ({"exploration_fraction": 0}, "exploration_fraction is 0; allowed: above 0, up to 1"),
        ({"step_timeout": -1}, "step_timeout is -1; allowed: seconds above 0"),
        ({"step_timeout": 9}, "step_timeout: gymnasium.step_timeout has no effect here; it needs an environment of Gymnasium"),
        (
            {"exploration_fraction": 0.5, "exploration_initial_eps": 0.1, "exploration_final_eps": 0.1},
            "exploration_fraction: exploration.anneal_env_steps has no effect here; it needs exploration.epsilon_end below",
        ),
        (
            {"exploration_fraction": 0.5, "network_noisy": True},
            "exploration_fraction: exploration.anneal_env_steps has no effect here; it needs network.noisy false",
        ),
        ({"set": {"env.count": "1\nx"}}, "must be one line"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value[:30],
)
def test_what_is_refused(keywords, message):
    with pytest.raises(deepq.Error) as refused:
        deepq.DQN("CartPole-v1", **keywords)
    refused.match(message if "\\" in message else message.replace("(", r"\(").replace("?", r"\?").replace("[", r"\["))


def test_what_is_said_twice_must_be_the_same():
    deepq.DQN("CartPole-v1", gamma=0.5, set={"agent.gamma": 0.5})
    with pytest.raises(deepq.Error, match="agent.gamma is given twice, 0.5 in set and 0.6 as gamma; allowed: once"):
        deepq.DQN("CartPole-v1", gamma=0.6, set={"agent.gamma": 0.5})
    with pytest.raises(deepq.Error, match="replay.capacity is given twice, 900 as buffer_size and 800 as capacity; allowed"):
        deepq.DQN("CartPole-v1", buffer_size=900, capacity=800)
    model = deepq.DQN("CartPole-v1", exploration_final_eps=0.1, set={"exploration.schedule": "exponential"})
    assert 'schedule = "exponential"' in model.config, "the linear schedule only came along"


def test_an_unknown_environment_has_a_near_one():
    for near in ("CartPol-v1", "cartpole", "cart-pole", "CartPole", "gymnasium:CartPole"):
        with pytest.raises(deepq.Error, match=rf"unknown environment '{near}'; did you mean 'CartPole-v1'\?"):
            deepq.DQN(near)


def test_a_length_that_is_none():
    with pytest.raises(deepq.Error, match="total_timesteps is 0; allowed: a whole number, 1 to 9007199254740992"):
        deepq.DQN("CartPole-v1").learn(0)


def test_every_key_has_a_keyword():
    keys = [key for key, _, _ in _deepq.config_keys() if "." in key]
    assert len(keys) > 60
    for key in keys:
        assert _arguments.settings_of({key.replace(".", "_"): 1}) == {key: 1} or key.replace(".", "_") in (
            _arguments.STABLE_BASELINES
        )


def test_keywords_never_mean_two_things():
    """Where a name of Stable-Baselines3 is also the last word of a key, it sets that key."""
    for name, key in _arguments.KEYWORDS.items():
        if name in _arguments.STABLE_BASELINES:
            assert key in _arguments.STABLE_BASELINES[name](name, 1), name


def test_the_last_words_that_are_keywords():
    """A new key's last word becomes a keyword by being added here, where someone has asked what it means alone."""
    words = {name for name, key in _arguments.KEYWORDS.items() if name != key.replace(".", "_")}
    assert words == set(
        """action_mask action_masks action_samples adam_beta1 adam_beta2 algorithm anneal_env_steps arithmetic atoms batch_size
        bootstrap_at_truncation burn_in capacity columns console_every_episodes conv_channels conv_kernels conv_strides cql_alpha
        demonstration_fraction demonstrations demonstrations_sha256 difficulty_ramping double dueling encoder engine env_steps epochs
        epsilon_end epsilon_start fickle_passenger fickle_probability final_episodes final_learning_rate_fraction final_max_env_steps
        flatten_actions frame_stack frozen_reward gamma goals hidden_sizes hide_velocities hole_reward id image_channels
        importance_beta importance_beta_anneal_env_steps importance_beta_end input_divisor is_rainy keep_best lambda last_action
        last_reward layer_norm learning_rate_schedule learning_starts_env_steps loss margin margin_weight max_grad_norm
        metrics_every_updates minibatches minimax_depth munchausen munchausen_alpha munchausen_clip munchausen_temperature n_step
        noise_steps noisy noisy_sigma normalize_observations normalize_rewards normalized_reward_clip observation_clip observation_keys
        offline opponent optimizer overlap pretrain_updates prioritized priority_alpha priority_epsilon priority_mix quantiles
        rainy_probability random_moves recurrent recurrent_size representation rescale rescale_epsilon reward_clip reward_scale
        rmsprop_centered rmsprop_decay rmsprop_epsilon_inside_root rollout_steps rows seed sequence_length sequence_overlap
        solved_mean_return start_from start_part start_replay step_reward sticky_action_probability stop_at_mean_return
        stop_when_solved stop_without_improvement stored_state success_rate sync_every_env_steps sync_every_updates target_samples tau
        update_every_env_steps
        updates_per_round tensorboard_tags v_max v_min walls with_replacement""".split()
    )
    keys = {key for key, _, _ in _deepq.config_keys()}
    assert all(key in keys for could_be in _arguments.MISLEADING.values() for key in could_be)


def test_a_vector_environment_has_its_own_number_of_copies():
    gymnasium = pytest.importorskip("gymnasium")
    vector = gymnasium.make_vec("CartPole-v1", num_envs=2)
    with pytest.raises(deepq.Error, match="env.count is 3, but the vector environment has 2"):
        deepq.DQN(vector, n_envs=3)


def test_a_setting_of_the_librarys_environment_says_nothing_to_gymnasiums():
    pytest.importorskip("gymnasium")
    deepq.DQN("FrozenLake-v1", frozen_lake_is_slippery=False)
    with pytest.raises(deepq.Error, match=r"frozen_lake\.is_slippery has no effect here"):
        deepq.DQN("gymnasium:FrozenLake-v1", frozen_lake_is_slippery=False)


def test_a_loaded_agent_is_as_it_was(tmp_path):
    model = deepq.DQN("CartPole-v1", preset="rainbow", batch_size=16, network_hidden_sizes=[8])
    model.learn(20, folder=tmp_path / "run")
    assert model.summary["preset"] == "rainbow with 2 settings changed"
    assert deepq.DQN.load(tmp_path / "run").config == model.config
