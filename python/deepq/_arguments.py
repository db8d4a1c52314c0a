"""Keyword arguments of deepq.DQN: Stable-Baselines3's names, and every key of the configuration."""

import json
import warnings
from collections import Counter
from collections.abc import Mapping
from typing import Any

from . import _checks, _deepq, _identity, _stable_baselines
from ._deepq import Config, Error
from ._identity import is_json, plain
from ._stable_baselines import KEYWORDS as STABLE_BASELINES
from ._stable_baselines import Settings

# Last words that say less than their keys: alone they mean something else, or more than one thing. None is a keyword;
# the refusal names the keys that could be meant. (That "epsilon" is exploring, not eval.epsilon, was the first of them.)
MISLEADING: dict[str, tuple[str, ...]] = {
    "actions": ("atari.actions", "value.action_samples"),
    "count": ("env.count", "value.atoms", "value.quantiles"),
    "decay_per_update": ("exploration.decay_per_update", "optimizer.final_learning_rate_fraction"),
    "epsilon": ("exploration.epsilon_start", "exploration.epsilon_end", "optimizer.epsilon", "eval.epsilon"),
    "initial_value": ("tabular.initial_value", "exploration.epsilon_start"),
    "keep": ("checkpoint.keep", "eval.keep_best"),
    "kwargs": ("gymnasium.kwargs",),
    "length": ("t_maze.length", "replay.sequence_length", "train.env_steps"),
    "map": ("frozen_lake.map",),
    "observation": ("grid_world.observation",),
    "protocol": ("atari.protocol",),
    "samples": ("value.samples", "value.target_samples", "agent.batch_size"),
    "schedule": ("exploration.schedule", "optimizer.learning_rate_schedule"),
    "starts": ("grid_world.starts", "train.learning_starts_env_steps"),
}


def _keywords() -> tuple[dict[str, str], dict[str, list[str]]]:
    """Key by keyword (`double`, or `agent_double`), and the keys of last words that could mean several."""
    keys = [key for key, _, _ in _deepq.config_keys() if "." in key]
    words = Counter(key.rpartition(".")[2] for key in keys)
    by_keyword = {key.replace(".", "_"): key for key in keys}
    ambiguous = {word: list(could_be) for word, could_be in MISLEADING.items()}
    for key in keys:
        word = key.rpartition(".")[2]
        if word in MISLEADING:
            continue
        if words[word] == 1:
            by_keyword.setdefault(word, key)
        else:
            ambiguous.setdefault(word, []).append(key)
    return by_keyword, ambiguous


KEYWORDS, _AMBIGUOUS = _keywords()
PARAMETERS = ("policy", "env", "exploration_fraction", "preset", "verbose", "step_timeout", "eval_env", "tensorboard_log")  # of DQN itself
FIXED = ("env.id", "train.env_steps", "train.episodes", "version", "preset")  # said elsewhere


def text_of(value: Any, name: str = "it") -> str:
    """A value as TOML; `name` is of what it is the value."""
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        value = value.item()  # NumPy's numbers
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, str)):
        return str(value)
    if isinstance(value, Mapping):
        return _json_of(value)
    if isinstance(value, (list, tuple)):
        listed = ", ".join(text_of(one, name) for one in value)
        if name.endswith(("observation_keys", "demonstrations")):
            return listed.replace(", ", ",")
        return f"[{listed}]"
    kind = f"{_checks.shown(value)}, which is a {type(value).__name__}"
    raise Error(f"{name} is {kind}; allowed: a number, True, False, text, or a list of numbers")


def _json_of(value: Mapping) -> str:
    odd = [name for name, one in value.items() if not isinstance(name, str) or not is_json(one)]
    if odd:
        kind = type(value[odd[0]]).__name__
        raise Error(f"{odd[0]} is a {kind}, which no text holds; give the environment itself: gymnasium.make(...)")
    return json.dumps({name: plain(one) for name, one in value.items()})


def env_kwargs(env: Any, kwargs: Mapping[str, Any]) -> Settings:
    """What gymnasium.make is given beside the id; of the library's own environments, their section."""
    if not kwargs:
        return {}
    if not isinstance(env, str):
        raise Error("env_kwargs is given beside an environment; allowed: with an id (of a function: lambda: make(...))")
    if not _identity.is_native(env):
        return {"gymnasium.kwargs": dict(kwargs)}
    known = [key for key, _, _ in _deepq.config_keys()]
    section = _deepq.env_section(env)
    settings = {f"{section}.{name}": value for name, value in kwargs.items()}
    for key in settings:
        if key not in known:
            own = [one.rpartition(".")[2] for one in known if section and one.startswith(section + ".")]
            name = key.rpartition(".")[2]
            raise Error(
                f"env_kwargs: '{env}' has no '{name}'; allowed: {', '.join(own) or 'nothing'}, "
                f"or Gymnasium's environment, 'gymnasium:{env}'"
            )
    return settings


def without_names_of_before(keywords: Mapping[str, Any], set: Mapping[str, Any]) -> tuple[Settings, Settings]:
    """Both with the names of now; what was given by a name of before is told to the caller of the caller."""
    renamed = _deepq.renamed_keys()
    by_keyword = {before.replace(".", "_"): now.replace(".", "_") for before, now in renamed.items()}
    told = [(name, _keyword_of(KEYWORDS[by_keyword[name]])) for name in keywords if name in by_keyword]
    told += [(key, renamed[key]) for key in set if key in renamed]
    if told:
        warnings.warn(_deepq.note_on_renamed(told), FutureWarning, stacklevel=3)
    return _renamed(keywords, by_keyword), _renamed(set, renamed)


def _renamed(given: Mapping[str, Any], names: Mapping[str, str]) -> Settings:
    settings: Settings = {}
    for name, value in given.items():
        now = names.get(name, name)
        if now in settings:
            raise Error(f"{now} is given twice, also by its name of before; allowed: once")
        settings[now] = value
    return settings


def settings_of(keywords: Mapping[str, Any]) -> Settings:
    """Dotted keys and values of keyword arguments. Raises Error that names the nearest name for an unknown one."""
    settings: Settings = {}
    for name, value in keywords.items():
        settings.update(_settings_of(name, value))
    return settings


def refuse_twice(keywords: Mapping[str, Any], set: Mapping[str, Any]) -> None:
    """What keywords and `set` ask of one key must be the same; a policy's network, and what comes along, give way."""
    seen = {key: (value, "in set") for key, value in set.items()}
    for name, value in keywords.items():
        if name in _stable_baselines.WHOLE:
            continue
        for key, asked in _asked_for(name, value).items():
            before, where = seen.setdefault(key, (asked, f"as {name}"))
            if text_of(before, key) != text_of(asked, key):
                raise Error(f"{key} is given twice, {before!r} {where} and {asked!r} as {name}; allowed: once")


def _asked_for(name: str, value: Any) -> Settings:
    """Of a name that sets several keys the first is what was asked for; the others come with it and may do nothing."""
    settings = _settings_of(name, value)
    return settings if name in _stable_baselines.WHOLE else dict(list(settings.items())[:1])


def given_keys(keywords: Mapping[str, Any], set: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(key, what a refusal of it begins with) of all that was asked for: a name of Stable-Baselines3 is said."""
    given = {}
    for name, value in keywords.items():
        for key in _asked_for(name, value):
            given[key] = f"{name}: " if name in STABLE_BASELINES else ""
    given.update(dict.fromkeys(set, ""))
    return list(given.items())


def _settings_of(name: str, value: Any) -> Settings:
    """What one keyword sets."""
    if name in STABLE_BASELINES:
        return STABLE_BASELINES[name](name, value)
    if name in KEYWORDS:
        return {KEYWORDS[name]: value}
    if name in _AMBIGUOUS:
        could_be = " or ".join(key.replace(".", "_") for key in _AMBIGUOUS[name])
        raise Error(f"{name} could be {could_be}; say which")
    keys, instead = _deepq.meaning_of(name)
    if instead:
        raise Error(f"unknown keyword '{name}'; {instead}")
    if keys:
        raise Error(f"unknown keyword '{name}'; did you mean {' or '.join(repr(_keyword_of(key)) for key in keys)}?")
    known = [*STABLE_BASELINES, *KEYWORDS, *PARAMETERS]
    raise Error(f"unknown keyword '{name}'" + _deepq.did_you_mean(name, known))


def _keyword_of(key: str) -> str:
    """Stable-Baselines3's name where it says the same, or else the shortest of the key's own."""
    for name, converter in STABLE_BASELINES.items():
        if converter in _stable_baselines.SIMPLE and key in _deepq.meaning_of(name)[0][:1]:
            return name
    word = key.rpartition(".")[2]
    return word if KEYWORDS.get(word) == key else key.replace(".", "_")


def drop_idle_schedule(config: Config, settings: Settings, given: list[tuple[str, str]]) -> None:
    """Stable-Baselines3's names ask for a linear fall besides; an epsilon that stays the same has none."""
    ends = ("exploration.epsilon_start", "exploration.epsilon_end")
    start, end = (text_of(settings.get(key, config.value(key))) for key in ends)
    if "exploration.schedule" not in dict(given) and float(start) == float(end):
        settings.pop("exploration.schedule", None)


def apply(config: Config, settings: Mapping[str, Any], given: list[tuple[str, str]]) -> None:
    """Sets all of them; `given` as given_keys() has it."""
    settings, said = dict(settings), dict(given)
    if settings.get("train.updates_per_round") == -1:  # as many as steps were taken
        steps = settings.get("train.update_every_env_steps", config.value("train.update_every_env_steps"))
        settings["train.updates_per_round"] = steps
    for key, value in settings.items():
        if key in FIXED:
            raise Error(f"{key} is not a setting of DQN: the environment, learn() or preset= say it")
        if value is None:
            raise Error(f"{key} is None; allowed: a value, or leave it out")
        if key not in KEYWORDS.values() and (instead := _deepq.meaning_of(key)[1]):
            raise Error(f"unknown key '{key}'; {instead}")
        try:
            config.set(f"{key}={text_of(value, key)}")
        except Error as error:
            raise Error(said.get(key, "") + str(error)) from None
