"""Scripts of Stable-Baselines3: the arguments of DQN's methods, by that library's names, and attributes of its objects."""

import ast
import glob
import os
import zipfile
from collections.abc import Mapping
from typing import Any

from . import _checks
from ._deepq import Config, Error
from ._stable_baselines import KEYWORDS, TOLD


class RunFolders:
    """Where learn() writes: the folder that it is given, or one under tensorboard_log, NAME_1, NAME_2, ..."""

    def __init__(self, log: Any):
        self.log = None if log is None else _checks.path("tensorboard_log", log)
        self._name, self._folder = "", ""

    def folder(self, given: Any, name: Any) -> str:
        """Under tensorboard_log the present run's; a new one for the first learn(), or for another name."""
        if given is not None:
            if self.log is not None:
                raise Error("folder is given, and tensorboard_log= of DQN names one too; allowed: one of them")
            return _checks.path("folder", given)
        name = _checks.path("tb_log_name", name)
        if self.log is None:
            return ""
        if name != self._name:
            self._name, self._folder = name, f"{os.path.join(self.log, name)}_{self._next_number(name)}"
        return self._folder

    def _next_number(self, name: str) -> int:
        """As Stable-Baselines3 counts."""
        found = glob.glob(glob.escape(os.path.join(self.log or "", name)) + "_[0-9]*")
        ends = [path.rpartition("_")[2] for path in found]
        return 1 + max((int(end) for end in ends if end.isdigit()), default=0)


_LEARN = {
    "eval_env": "learn(eval_env=) is eval_env= of DQN, and eval_every_env_steps=",
    "eval_freq": "did you mean eval_every_env_steps= of DQN?",
    "n_eval_episodes": "did you mean eval_episodes= of DQN?",
    "eval_log_path": "did you mean learn(folder=...)?",
}
PREDICT = {
    "mask": "did you mean episode_start=?",
    "epsilon": "did you mean deterministic=False? It explores as training does now",
}
_EVALUATE = {
    "render": "`deepq watch DIR` shows the agent",
    "callback": "episodes are told to nobody; one's own loop of get_env() and predict() sees each step",
    "reward_threshold": "compare mean_return, which this returns, with it",
    "return_episode_rewards": "mean_return, std_return, min_return and max_return are what there is",
    "env": "did you mean eval_env= of DQN?",
}


def refuse(function: str, given: Mapping[str, Any], known: tuple[str, ...], instead: Mapping[str, str] = {}) -> None:
    for name in given:
        raise Error(f"{function} takes no '{name}'; {instead.get(name, 'allowed: ' + ', '.join(known))}")


def check_learn(more: Mapping[str, Any], reset_num_timesteps: Any, steps: int) -> None:
    known = ("total_timesteps", "callback", "log_interval", "tb_log_name", "reset_num_timesteps", "progress_bar", "folder")
    refuse("learn", more, known, _LEARN)
    if reset_num_timesteps is not None and _checks.flag("reset_num_timesteps", reset_num_timesteps) and steps > 0:
        raise Error(
            f"reset_num_timesteps is True after {steps} steps, which deepq counts on from; allowed: False, or a new DQN"
        )


def episodes_of(episodes: Any, more: dict[str, Any]) -> Any:
    """What evaluate_policy() was asked for by Stable-Baselines3's names."""
    if "n_eval_episodes" in more:
        if episodes is not None:
            raise Error("episodes and n_eval_episodes are the same; allowed: one of them")
        episodes = more.pop("n_eval_episodes")
    if not _checks.flag("deterministic", more.pop("deterministic", True)):
        raise Error("deterministic is False; allowed: True, or epsilon=, the fraction of random actions")
    more.pop("warn", None)
    for name in ("render", "callback", "reward_threshold", "return_episode_rewards"):
        if not more.get(name, True):
            more.pop(name)
    refuse("evaluate_policy", more, ("episodes", "seed", "epsilon"), _EVALUATE)
    return episodes


class NoCounterpart(Error, AttributeError):
    """So that hasattr() is False."""


_ATTRIBUTES = {
    "env": "get_env() gives worlds to play in",
    "policy": "q_values(obs) and predict(obs) are what the network says",
    "q_net": "q_values(obs) are what the network says; `deepq export` gives it to other programs",
    "q_net_target": "q_values(obs) are what the network says",
    "replay_buffer": "save_replay_buffer(path) and load_replay_buffer(path) are what there is",
    "logger": "learn(folder=...) and tensorboard_log= write TensorBoard's events and CSV files",
    "set_logger": "learn(folder=...) and tensorboard_log= write TensorBoard's events and CSV files",
    "get_vec_normalize_env": "the environment that was given to DQN is it",
    "get_parameters": "save(path) writes them, in a safetensors file",
    "set_parameters": "did you mean DQN.load(path)?",
    "set_random_seed": "did you mean seed= of DQN?",
    "collect_rollouts": "learn() does it",
    "train": "learn() does it",
    "observation_space": "get_env() has it",
    "action_space": "get_env() has it",
    "n_envs": "get_env() has it, as num_envs",
}


def no_attribute(name: str) -> Exception:
    if name in _ATTRIBUTES:
        return NoCounterpart(f"deepq.DQN has no '{name}'; {_ATTRIBUTES[name]}")
    return AttributeError(f"'DQN' object has no attribute '{name}'")


def refuse_parts(exclude: Any, include: Any) -> None:
    for name, value in (("exclude", exclude), ("include", include)):
        if value is not None and len(value) > 0:
            raise Error(f"{name} is {_checks.shown(value)}; allowed: None, everything is saved")


def file_of(path: str) -> str:
    """The file, where a script names it with the ending that Stable-Baselines3 adds by itself, or without."""
    others = [path.removesuffix(ending) if path.endswith(ending) else path + ending for ending in (".zip", ".pkl")]
    found = next((one for one in (path, *others) if os.path.exists(one)), path)
    if os.path.isfile(found) and zipfile.is_zipfile(found):
        raise Error(f"{found} is a zip file, as Stable-Baselines3 saves its models; allowed: what save() of deepq.DQN wrote")
    return found


def setting_of(name: str, config: Config) -> Any:
    """What it was set to, as that library's objects tell it: model.gamma."""
    keys = list(KEYWORDS[name](name, 1)) if KEYWORDS[name] in TOLD else []
    if not keys:
        raise no_attribute(name)
    return ast.literal_eval(config.value(keys[0]).replace("_", ""))


def check_load(device: Any, options: dict[str, Any]) -> None:
    """Takes out what says nothing here, and refuses what is unknown."""
    KEYWORDS["device"]("device", device)
    if "custom_objects" in options and options.pop("custom_objects"):
        raise Error("custom_objects is given; allowed: None, loading a file runs no code")
    for name in ("print_system_info", "force_reset"):
        if name in options:
            _checks.flag(name, options.pop(name))
    known = ("verbose", "step_timeout", "eval_env", "tensorboard_log")
    refuse("load", {name: options[name] for name in options if name not in known}, ("env", *known))
