"""Scripts of Stable-Baselines3 without that library: its arguments, in its order and by its names."""

import pickle
import tomllib
import zipfile

import gymnasium
import numpy as np
import pytest
import worlds

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

SMALL = {"policy_kwargs": {"net_arch": [16]}, "batch_size": 16, "seed": 0}


def config_of(*arguments, **keywords):
    return tomllib.loads(deepq.DQN(*arguments, **keywords).config)


class Pictures(worlds.Walk):
    observation_space = gymnasium.spaces.Box(0, 255, (84, 84, 1), np.uint8)

    def _observation(self):
        return np.full((84, 84, 1), self.steps, np.uint8)


class Fractions(Pictures):
    observation_space = gymnasium.spaces.Box(0, 1, (84, 84, 1), np.float32)


class ReLU:
    """As torch.nn's."""


class Tanh:
    """As torch.nn's."""


class RMSprop:
    """As torch.optim's."""


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [
        (("MlpPolicy", "CartPole-v1"), {}),
        (("MlpPolicy",), {"env": "CartPole-v1"}),
        ((), {"policy": "MlpPolicy", "env": "CartPole-v1"}),
        ((), {"env": "CartPole-v1"}),
        (("CartPole-v1",), {"policy": "MlpPolicy", "device": "cpu", "verbose": 0, "tensorboard_log": None}),
    ],
)
def test_the_policy_comes_first_or_by_its_name(arguments, keywords):
    assert deepq.DQN(*arguments, **keywords).config == deepq.DQN("CartPole-v1").config


def test_arguments_by_their_places():
    config = config_of("MlpPolicy", "CartPole-v1", 1e-3, 5_000, 100, 16, 0.5, 0.9, (4, "step"), -1)
    assert config["optimizer"]["learning_rate"] == 1e-3 and config["replay"]["capacity"] == 5_000
    assert config["train"]["learning_starts_env_steps"] == 100 and config["agent"]["batch_size"] == 16
    assert config["target"]["tau"] == 0.5 and config["agent"]["gamma"] == 0.9
    assert config["train"]["update_every_env_steps"] == config["train"]["updates_per_round"] == 4


NATURE = {"conv_channels": [32, 64, 64], "conv_kernels": [8, 4, 3], "conv_strides": [4, 2, 1], "input_divisor": 255.0}


@pytest.mark.parametrize(
    ("keywords", "network"),
    [
        ({}, {**NATURE, "hidden_sizes": [512]}),
        ({"policy_kwargs": {"net_arch": [64, 32]}}, {**NATURE, "hidden_sizes": [512, 64, 32]}),
        ({"policy_kwargs": {"features_extractor_kwargs": {"features_dim": 128}}}, {**NATURE, "hidden_sizes": [128]}),
        ({"policy_kwargs": {"normalize_images": False}}, {**NATURE, "hidden_sizes": [512], "input_divisor": 1.0}),
        ({"hidden_sizes": [8], "buffer_size": 10_000}, {**NATURE, "hidden_sizes": [8]}),
    ],
)
def test_cnn_policy_is_natures_network(keywords, network):
    config = config_of("CnnPolicy", Pictures(), **keywords)["network"]
    assert {key: config[key] for key in network} == network


@pytest.mark.parametrize(
    ("policy_kwargs", "settings"),
    [
        ({"net_arch": [256, 256], "activation_fn": ReLU}, {"network": {"hidden_sizes": [256, 256]}}),
        ({"net_arch": [], "normalize_images": True}, {"network": {"hidden_sizes": []}}),
        (
            {"optimizer_class": RMSprop, "optimizer_kwargs": {"eps": 0.01, "alpha": 0.95, "centered": True}},
            {"optimizer": {"optimizer": "rmsprop", "epsilon": 0.01, "rmsprop_decay": 0.95, "rmsprop_centered": True}},
        ),
        (
            {"optimizer_kwargs": {"betas": (0.8, 0.99), "weight_decay": 0}},
            {"optimizer": {"optimizer": "adam", "adam_beta1": 0.8, "adam_beta2": 0.99}},
        ),
    ],
)
def test_policy_kwargs(policy_kwargs, settings):
    config = config_of("MlpPolicy", "CartPole-v1", policy_kwargs=policy_kwargs)
    for section, values in settings.items():
        assert {key: config[section][key] for key in values} == values


@pytest.mark.parametrize(
    ("rate", "first", "fraction"),
    [
        (lambda left: 1e-3, 1e-3, 1),
        (lambda left: left * 5e-4, 5e-4, 0),
        (lambda left: 1e-4 + left * 3e-4, 4e-4, 0.25),
        ("lin_7e-4", 7e-4, 0),
    ],
)
def test_a_learning_rate_that_falls_along_a_line(rate, first, fraction):
    optimizer = config_of("MlpPolicy", "CartPole-v1", learning_rate=rate)["optimizer"]
    assert optimizer["learning_rate"] == pytest.approx(first) and optimizer["learning_rate_schedule"] == "linear"
    assert optimizer["final_learning_rate_fraction"] == pytest.approx(fraction)


class OwnPolicy:
    pass


@pytest.mark.parametrize(
    ("arguments", "keywords", "message"),
    [
        (("MultiInputPolicy", "CartPole-v1"), {}, "policy 'MultiInputPolicy' is for observations of several parts"),
        (("LstmPolicy", "CartPole-v1"), {}, "policy is 'LstmPolicy'; allowed: 'MlpPolicy', 'CnnPolicy', 'MultiInputPolicy' (other networks: hidden"),
        ((OwnPolicy, "CartPole-v1"), {}, "policy is 'OwnPolicy'; allowed: 'MlpPolicy', 'CnnPolicy'"),
        (("MlpPolicy",), {}, "there is no environment; allowed: an id, an environment, or what makes one: DQN('MlpPolicy', "),
        ((), {}, "there is no environment; allowed: an id, an environment, or what makes one: DQN('CartPole-v1')"),
        (("CartPole-v1", "cartpole"), {}, "the second argument is 'cartpole'; allowed: the environment, and keywords"),
        (("CartPole-v1",), {"env": "CartPole-v1"}, "env is given twice; allowed: DQN(env), or DQN('MlpPolicy', env)"),
        (("MlpPolicy", "CartPole-v1"), {"policy": "MlpPolicy"}, "policy is given twice"),
        (("MlpPolicy", "CartPole-v1", 1e-3), {"learning_rate": 1e-3}, "learning_rate is given twice, by its place"),
        (("MlpPolicy", "CartPole-v1", *range(9)), {}, "11 arguments without a name; allowed: policy, env, learning_rate"),
        (("MlpPolicy", "CartPole-v1"), {"preset": "nature"}, "policy is 'MlpPolicy', and network.conv_channels"),
        (("CnnPolicy", "CartPole-v1"), {}, "conv_channels"),
        (("CnnPolicy", "FrozenLake-v1"), {"algorithm": "q_learning"}, "policy_kwargs: network.conv_channels has no effect here"),
    ],
)
def test_which_policies_and_places_are_refused(arguments, keywords, message):
    with pytest.raises(deepq.Error) as refused:
        deepq.DQN(*arguments, **keywords)
    assert message in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"policy_kwargs": {"activation_fn": Tanh}}, "activation_fn is 'Tanh'; allowed: ReLU"),
        ({"policy_kwargs": {"net_arch": {"qf": [64]}}}, "net_arch is {'qf': [64]}; allowed: sizes of the hidden layers"),
        ({"policy_kwargs": "dict(net_arch=[64])"}, "allowed: a dict, {'net_arch': [64, 64]}, or None"),
        ({"policy_kwargs": {"dueling": True}}, "policy_kwargs has no 'dueling' here; did you mean dueling=True, beside"),
        ({"policy_kwargs": {"squash_output": True}}, "policy_kwargs has no 'squash_output' here; allowed: net_arch, "),
        ({"policy_kwargs": {"optimizer_class": Tanh}}, "optimizer_class is Tanh; allowed: Adam, RMSprop, RAdam"),
        ({"policy_kwargs": {"optimizer_kwargs": {"lr": 1}}}, "optimizer_kwargs has lr=1; allowed: eps, betas="),
        ({"policy_kwargs": {"optimizer_kwargs": {"alpha": 0.9}}}, "policy_kwargs: optimizer.rmsprop_decay has no effect here"),
        ({"policy_kwargs": {"features_extractor_class": Tanh}}, "features_extractor_class is 'Tanh'; allowed: NatureCNN and"),
        ({"train_freq": (1, "episode")}, "deepq updates within episodes"),
        ({"learning_rate": lambda left: left**2}, "does not fall along a line"),
        ({"learning_rate": lambda left: 1 - left}, "does not fall along a line"),
        ({"learning_rate": lambda left, more: left}, "it fails: "),
        ({"learning_rate": "lin_fast"}, "learning_rate is 'fast'; allowed: 0 to inf"),
        ({"replay_buffer_kwargs": {"alpha": 0.6}}, "replay_buffer_kwargs has alpha=0.6; deepq has nothing like it (replay_"),
        ({"stats_window_size": 10}, "stats_window_size is 10; means are over 100 episodes"),
    ],
)
def test_what_has_no_counterpart_is_refused_by_name(keywords, message):
    with pytest.raises(deepq.Error) as refused:
        deepq.DQN("MlpPolicy", "CartPole-v1", **keywords)
    assert message in str(refused.value) and "\n" not in str(refused.value)


def test_what_says_nothing_here_is_taken():
    more = {"optimize_memory_usage": True, "replay_buffer_kwargs": {"handle_timeout_termination": True}}
    assert deepq.DQN("MlpPolicy", "CartPole-v1", **more).config == deepq.DQN("CartPole-v1").config
    ends = config_of("MlpPolicy", "CartPole-v1", replay_buffer_kwargs={"handle_timeout_termination": False})
    assert ends["agent"]["bootstrap_at_truncation"] is False


# ---- learn()


def folders(path):
    return sorted(one.name for one in path.iterdir()) if path.exists() else []


def test_tensorboard_log_holds_numbered_run_folders(tmp_path):
    log = tmp_path / "tensorboard"
    model = deepq.DQN("MlpPolicy", "CartPole-v1", tensorboard_log=str(log), **SMALL)
    assert folders(log) == []
    model.learn(50, log_interval=4)
    assert folders(log) == ["DQN_1"] and list((log / "DQN_1").glob("events.out.tfevents.*"))
    model.learn(50, reset_num_timesteps=False)
    assert folders(log) == ["DQN_1"] and model.summary["env_steps"] == 100
    (log / "DQN_9").mkdir()
    (log / "DQN_best").mkdir()
    deepq.DQN("MlpPolicy", "CartPole-v1", tensorboard_log=log, **SMALL).learn(50)
    assert (log / "DQN_10" / "summary.json").exists()
    deepq.DQN("MlpPolicy", "CartPole-v1", tensorboard_log=log, **SMALL).learn(50, tb_log_name="first[run]")
    assert (log / "first[run]_1" / "summary.json").exists()
    model.save(tmp_path / "agent")
    deepq.DQN.load(tmp_path / "agent", tensorboard_log=log).learn(50, tb_log_name="first[run]")
    assert (log / "first[run]_2" / "summary.json").exists()


def test_one_folder_at_a_time(tmp_path):
    model = deepq.DQN("MlpPolicy", "CartPole-v1", tensorboard_log=tmp_path, **SMALL)
    with pytest.raises(deepq.Error, match="folder is given, and tensorboard_log= of DQN names one too"):
        model.learn(50, folder=tmp_path / "run")
    deepq.DQN("CartPole-v1", **SMALL).learn(50, tb_log_name="no folder without tensorboard_log")
    assert folders(tmp_path) == []


@pytest.mark.parametrize(("every", "lines"), [(1, {1, 2, 3, 4}), (4, {4, 8})])
def test_log_interval_counts_episodes(every, lines, capfd):
    deepq.DQN("MlpPolicy", worlds.Walk(), verbose=1, **SMALL).learn(60, log_interval=every)
    printed = capfd.readouterr().out
    assert all(f"Episode {n} " in printed for n in lines) and ("Episode 5 " in printed) == (every == 1)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"log_interval": 0}, "log_interval is 0; allowed: a whole number, 1 to "),
        ({"tb_log_name": ""}, "tb_log_name is ''; an empty path means nothing"),
        ({"tb_log_name": 3}, "tb_log_name is 3; allowed: a path"),
        ({"reset_num_timesteps": True}, "reset_num_timesteps is True after 20 steps, which deepq counts on from; allowed: False"),
        ({"reset_num_timesteps": "no"}, "reset_num_timesteps is 'no'; allowed: True or False"),
        ({"eval_freq": 100}, "learn takes no 'eval_freq'; did you mean eval_every_env_steps= of DQN?"),
        ({"total_steps": 100}, "learn takes no 'total_steps'; allowed: total_timesteps, callback, log_interval, "),
    ],
)
def test_what_learn_refuses(keywords, message):
    model = deepq.DQN("MlpPolicy", "CartPole-v1", **SMALL).learn(20, reset_num_timesteps=True)
    with pytest.raises(deepq.Error) as refused:
        model.learn(20, **keywords)
    assert str(refused.value).startswith(message) and model.num_timesteps == 20


# ---- The other functions


def test_predict_takes_what_recurrent_policies_need():
    model = deepq.DQN("MlpPolicy", "CartPole-v1", **SMALL)
    batch = np.zeros((3, 4), np.float32)
    actions, state = model.predict(batch, state=None, episode_start=np.ones(3, bool), deterministic=True)
    assert actions.shape == (3,) and state is None
    with pytest.raises(deepq.Error, match="state is True, and the network has none; allowed: None; deterministic= is a keyword"):
        model.predict(batch, True)
    with pytest.raises(deepq.Error, match=r"predict takes no 'mask'; did you mean episode_start=\?"):
        model.predict(batch, mask=None)
    with pytest.raises(deepq.Error, match="predict takes no 'greedy'; allowed: observation, state, episode_start, deterministic"):
        model.predict(batch, greedy=True)
    with pytest.raises(deepq.Error, match="state is .*, and the network has none; allowed: None"):
        model.predict(batch, (np.zeros(3),))


def test_evaluate_policy_by_that_librarys_names():
    model = deepq.DQN("MlpPolicy", "CartPole-v1", **SMALL)
    assert model.evaluate_policy(n_eval_episodes=2, deterministic=True, warn=False) == model.evaluate_policy(2)
    for more, message in (
        ({"n_eval_episodes": 2}, "episodes and n_eval_episodes are the same"),
        ({"deterministic": False}, "deterministic is False; allowed: True, or epsilon="),
        ({"render": True}, "evaluate_policy takes no 'render'; `deepq watch DIR` shows"),
        ({"reward_threshold": 100.0}, "evaluate_policy takes no 'reward_threshold'; compare mean_return"),
        ({"n_episodes": 3}, "evaluate_policy takes no 'n_episodes'; allowed: episodes, seed, epsilon"),
    ):
        with pytest.raises(deepq.Error) as refused:
            model.evaluate_policy(2, **more)
        assert str(refused.value).startswith(message)


def test_files_of_that_library_are_refused_by_what_they_are(tmp_path):
    with zipfile.ZipFile(tmp_path / "theirs.zip", "w") as file:
        file.writestr("policy.pth", "weights")
    for name in ("theirs.zip", "theirs"):
        with pytest.raises(deepq.Error, match="theirs.zip is a zip file, as Stable-Baselines3 saves its models; allowed: what"):
            deepq.DQN.load(tmp_path / name)


def test_load_takes_what_says_nothing_here(tmp_path):
    deepq.DQN("MlpPolicy", "CartPole-v1", **SMALL).save(tmp_path / "agent.zip")
    model = deepq.DQN.load(tmp_path / "agent.zip", env=None, device="cpu", custom_objects=None, force_reset=True)
    assert model.predict(np.zeros(4))[0] in (0, 1)
    for name in ("agent", "agent.zip"):
        assert deepq.DQN.load(tmp_path / name, None, "cpu").num_timesteps == 0
    model.save(tmp_path / "other", exclude=[], include=None)
    assert deepq.DQN.load(tmp_path / "other.zip").num_timesteps == 0
    with pytest.raises(deepq.Error, match=r"exclude is \['replay_buffer'\]; allowed: None, everything is saved"):
        model.save(tmp_path / "other", exclude=["replay_buffer"])
    with pytest.raises(deepq.Error, match="custom_objects is given; allowed: None"):
        deepq.DQN.load(tmp_path / "agent", custom_objects={"learning_rate": 1})
    with pytest.raises(deepq.Error, match="device is 'cuda'; deepq computes on the CPU"):
        deepq.DQN.load(tmp_path / "agent.zip", device="cuda")
    with pytest.raises(deepq.Error, match="load takes no 'learning_rate'; allowed: env, verbose"):
        deepq.DQN.load(tmp_path / "agent.zip", learning_rate=1e-3)


@pytest.mark.parametrize("how", [{"policy": "CnnPolicy"}, {"preset": "atari", "buffer_size": 500, "learning_starts": 50}])
def test_fractions_are_not_divided_by_255_once_more(how):
    keywords = {"batch_size": 16} | how
    with pytest.raises(deepq.Error, match=r"input_divisor is 255, and the observations go up to 1 \(float32\).*normalize_images"):
        deepq.DQN(env=Fractions(), **keywords)
    alone = {"policy_kwargs": {"normalize_images": False}} if "policy" in how else {"input_divisor": 1}
    assert config_of(env=Fractions(), **keywords, **alone)["network"]["input_divisor"] == 1
    assert config_of(env=Pictures(), **keywords)["network"]["input_divisor"] == 255


@pytest.mark.parametrize(
    ("name", "instead"),
    [("replay_buffer", "save_replay_buffer(path)"), ("policy", "predict(obs)"), ("logger", "tensorboard_log="), ("env", "get_env()")],
)
def test_attributes_without_a_counterpart(name, instead):
    model = deepq.DQN("MlpPolicy", "CartPole-v1", **SMALL)
    with pytest.raises(deepq.Error) as refused:
        getattr(model, name)
    assert str(refused.value).startswith(f"deepq.DQN has no '{name}'; ") and instead in str(refused.value)
    assert not hasattr(model, name) and not hasattr(model, "anything")
    with pytest.raises(AttributeError, match="'DQN' object has no attribute 'anything'"):
        model.anything  # noqa: B018


def test_a_copy_logs_where_the_model_does(tmp_path):
    model = deepq.DQN("MlpPolicy", "CartPole-v1", tensorboard_log=tmp_path / "log", **SMALL).learn(20)
    again = pickle.loads(pickle.dumps(model))
    again.learn(20)
    model.learn(20)
    assert folders(tmp_path / "log") == ["DQN_1", "DQN_2"] and again.num_timesteps == model.num_timesteps == 40


def test_settings_are_attributes():
    model = deepq.DQN("MlpPolicy", "CartPole-v1", learning_rate=2e-4, buffer_size=5_000, train_freq=4, **SMALL)
    assert (model.learning_rate, model.buffer_size, model.train_freq, model.gamma) == (2e-4, 5_000, 4, 0.99)
    assert model.batch_size == 16 and model.seed == 0
    for name in ("replay_buffer_class", "policy_kwargs", "device", "target_update_interval"):
        assert not hasattr(model, name)


# ---- Callbacks


def test_a_list_of_callbacks_is_all_of_them():
    seen, other = [], []
    model = deepq.DQN("MlpPolicy", worlds.Walk(), **SMALL)
    model.learn(100, callback=[lambda kind, record: seen.append(kind), lambda kind, record: len(other) < 3, lambda kind, record: other.append(kind)])
    assert len(seen) == len(other) == 4 and model.num_timesteps < 50
    model.learn(20, callback=[lambda kind, record: np.False_, None])
    assert model.num_timesteps < 60


class Steps:
    """As a BaseCallback of Stable-Baselines3's."""

    def __init__(self, most, error=None):
        self.most, self.error, self.seen = most, error, []

    def init_callback(self, model):
        self.model = model

    def on_training_start(self, local, of_all):
        self.seen.append(local["total_timesteps"])

    def on_step(self):
        self.seen.append(self.model.num_timesteps)
        if self.error:
            raise self.error
        return len(self.seen) <= self.most

    def on_training_end(self):
        self.seen.append("end")


def test_objects_are_called_after_each_step():
    model, told = deepq.DQN("MlpPolicy", "CartPole-v1", n_envs=2, **SMALL), []
    steps, others = Steps(99), Steps(4)
    model.learn(100, callback=[steps, lambda kind, record: told.append(kind), others])
    assert steps.seen == others.seen == [100, 2, 4, 6, 8, "end"] and model.num_timesteps == 8
    whole = deepq.DQN("MlpPolicy", "CartPole-v1", n_envs=2, **SMALL).learn(300).summary["weights_sha256"]
    assert model.learn(292, callback=Steps(999)).summary["weights_sha256"] == whole
    model.learn(2, callback=Steps(0))
    assert model.num_timesteps == 302


def test_what_an_object_raises_ends_the_run():
    model = deepq.DQN("MlpPolicy", "CartPole-v1", **SMALL)
    callback = Steps(9, ZeroDivisionError("mine"))
    with pytest.raises(ZeroDivisionError, match="mine"):
        model.learn(100, callback=callback)
    assert model.num_timesteps == 1 and callback.seen == [100, 1]


class OnlyStep:
    def on_step(self):
        return True


@pytest.mark.parametrize(
    ("callback", "message"),
    [
        (OnlyStep(), "callback is an object of OnlyStep; allowed: a deepq.Callback, a function of (kind, record), or None"),
        ([lambda kind, record: None, OnlyStep()], "an object of OnlyStep; allowed: a deepq.Callback"),
        (lambda _locals, _globals: True, "takes locals and globals, which Stable-Baselines3 hands over; allowed: a function of (kind"),
        (lambda locals_, globals_: True, "takes locals and globals"),
        ([[]], "callback is []; allowed: a function of (kind, record), or None"),
    ],
)
def test_which_callbacks_are_refused(callback, message):
    model = deepq.DQN("MlpPolicy", "CartPole-v1", **SMALL)
    with pytest.raises(deepq.Error) as refused:
        model.learn(20, callback=callback)
    assert message in str(refused.value) and model.num_timesteps == 0
