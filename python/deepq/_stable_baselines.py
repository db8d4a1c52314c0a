"""Scripts of Stable-Baselines3: the arguments of its DQN, in its order and by its names, as settings of this one."""

from collections.abc import Callable
from typing import Any

from . import _checks, _deepq, _policies
from ._deepq import Error

Settings = dict[str, Any]  # by dotted key

_ORDER = ("learning_rate", "buffer_size", "learning_starts", "batch_size", "tau", "gamma", "train_freq", "gradient_steps")


def take_positional(given: tuple[Any, ...], env: Any, keywords: dict[str, Any]) -> tuple[Any, str]:
    """The environment, the first argument or the second after a policy, and the policy. The others go to `keywords`."""
    given = list(given)
    has_policy = bool(given) and _policies.name_of_policy(given[0]) != ""
    if has_policy:
        if "policy" in keywords:
            raise Error("policy is given twice; allowed: DQN('MlpPolicy', env)")
        keywords["policy"] = given.pop(0)
    if given and env is not None:
        raise Error("env is given twice; allowed: DQN(env), or DQN('MlpPolicy', env)")
    env = given.pop(0) if given else env
    if given and not has_policy:
        raise Error(f"the second argument is {_checks.shown(given[0])}; allowed: the environment, and keywords")
    if len(given) > len(_ORDER):
        raise Error(f"{len(given) + 2} arguments without a name; allowed: policy, env, {', '.join(_ORDER)}, and keywords")
    for name, value in zip(_ORDER, given):
        if name in keywords:
            raise Error(f"{name} is given twice, by its place and by its name")
        keywords[name] = value
    policy = _take_policy(keywords)
    if env is None:
        first = "'MlpPolicy', " if has_policy else ""
        raise Error(f"there is no environment; allowed: an id, an environment, or what makes one: DQN({first}'CartPole-v1')")
    return env, policy


def _take_policy(keywords: dict[str, Any]) -> str:
    """First, so that a keyword of the network's own says more."""
    policy = keywords.pop("policy", None)
    if policy is None:
        return ""
    policy_kwargs = _policies.policy_kwargs_of(policy, keywords.pop("policy_kwargs", None))
    others = dict(keywords)
    keywords.clear()
    keywords.update({"policy_kwargs": policy_kwargs} | others)
    return _policies.name_of_policy(policy)


def _same(name: str, value: Any) -> Settings:
    """The key that deepq/config/aliases.h has for the name, with the value as it is."""
    return {_deepq.meaning_of(name)[0][0]: value}


def _learning_rate(name: str, value: Any) -> Settings:
    """A number, or a function of the fraction of training that is left, where it falls along a line."""
    if isinstance(value, str) and value.startswith("lin_"):  # as RL Zoo's files have it
        return _line(_checks.number("learning_rate", _float(value[4:]), 0, float("inf")), 0.0)
    if not callable(value):
        return {"optimizer.learning_rate": value}
    fractions = [i / 16 for i in range(17)]
    try:
        rates = [float(value(fraction)) for fraction in fractions]
    except Exception as cause:
        raise Error(f"learning_rate is a function, and with 1.0, the fraction that is left, it fails: {cause}") from cause
    last, first = rates[0], rates[-1]
    straight = all(abs(rate - last - fraction * (first - last)) <= 1e-6 * abs(first) for fraction, rate in zip(fractions, rates))
    if straight and first >= last >= 0:
        return _line(first, last)
    raise Error(
        "learning_rate is a function that does not fall along a line; allowed: a number, a line such as "
        "lambda left: left * 1e-3, or learning_rate_schedule='exponential' and final_learning_rate_fraction="
    )


def _line(first: float, last: float) -> Settings:
    if first == last:
        return {"optimizer.learning_rate": first}
    fraction = last / first
    return {
        "optimizer.learning_rate": first,
        "optimizer.learning_rate_schedule": "linear",
        "optimizer.final_learning_rate_fraction": fraction,
    }


def _float(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _train_freq(name: str, value: Any) -> Settings:
    if isinstance(value, (tuple, list)):
        unit = getattr(value[1], "value", value[1]) if len(value) == 2 else None
        if unit != "step":
            raise Error(
                f"train_freq is {value!r}; allowed: a number of environment steps, or (number, 'step'): "
                "deepq updates within episodes"
            )
        value = value[0]
    return {"train.update_every_env_steps": value}


def _target_update_interval(name: str, value: Any) -> Settings:
    return {"target.sync_every_env_steps": value, "target.sync_every_updates": 0}


def _epsilon(key: str) -> Callable[[str, Any], Settings]:
    return lambda name, value: {key: value, "exploration.schedule": "linear"}


def _seed(name: str, value: Any) -> Settings:
    return {} if value is None else _same(name, value)


def _replay_class(name: str, value: Any) -> Settings:
    kind = getattr(value, "__name__", value)
    if kind in (None, "ReplayBuffer", "NStepReplayBuffer"):  # n_steps= asks for the second
        return {}
    if kind == "PrioritizedReplayBuffer":
        return {"replay.prioritized": True}
    raise Error(f"{name} is {_checks.shown(kind)}; {_deepq.meaning_of(name)[1]}")


def _replay_kwargs(name: str, value: Any) -> Settings:
    settings: Settings = {}
    for key, given in dict(value or {}).items():
        if key == "handle_timeout_termination":
            settings["agent.bootstrap_at_truncation"] = given
        elif key != "optimize_memory_usage":
            raise Error(f"{name} has {key}={_checks.shown(given)}; {_deepq.meaning_of(name)[1]}")
    return settings


def _only(*allowed: Any) -> Callable[[str, Any], Settings]:
    """A name without a counterpart: what Stable-Baselines3 takes where nobody asks for it says nothing."""

    def check(name: str, value: Any) -> Settings:
        text = str(value)  # torch.device("cpu") too
        if value is None or any(value is one or text == one for one in allowed):
            return {}
        raise Error(f"{name} is {value!r}; {_deepq.meaning_of(name)[1]}")

    return check


KEYWORDS: dict[str, Callable[[str, Any], Settings]] = {
    "learning_rate": _learning_rate,
    "buffer_size": _same,
    "learning_starts": _same,
    "batch_size": _same,
    "tau": _same,
    "gamma": _same,
    "train_freq": _train_freq,
    "gradient_steps": _same,
    "n_steps": _same,
    "target_update_interval": _target_update_interval,
    "exploration_initial_eps": _epsilon("exploration.epsilon_start"),
    "exploration_final_eps": _epsilon("exploration.epsilon_end"),
    "max_grad_norm": _same,
    "policy_kwargs": _policies.settings_of,
    "seed": _seed,
    "n_envs": _same,
    "replay_buffer_class": _replay_class,
    "replay_buffer_kwargs": _replay_kwargs,
    "optimize_memory_usage": _only(False, True),  # what it saves is saved always: a frame is kept once
    "stats_window_size": _only("100"),
    "monitor_wrapper": _only(True),
    "device": _only("auto", "cpu"),
    "_init_setup_model": _only(True),
}
SIMPLE = (_same, _learning_rate, _train_freq, _target_update_interval)  # names that say the same as one key
TOLD = (_same, _seed, _learning_rate, _train_freq)  # names that the object has, too
WHOLE = ("policy_kwargs", "replay_buffer_kwargs")  # that ask for everything that they set
