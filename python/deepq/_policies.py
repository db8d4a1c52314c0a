"""Stable-Baselines3's first argument and its policy_kwargs: which network, and which optimiser, they ask for."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from . import _checks, _spaces
from ._deepq import Config, Error, ObservationKind, ObservationSpace

_NATURE_CNN = {"network.conv_channels": [32, 64, 64], "network.conv_kernels": [8, 4, 3], "network.conv_strides": [4, 2, 1]}
_POLICIES = {"MlpPolicy": "FlattenExtractor", "CnnPolicy": "NatureCNN", "MultiInputPolicy": "CombinedExtractor"}
_CLASSES = {"DQNPolicy": "MlpPolicy"}  # what Stable-Baselines3 calls its class
_ALLOWED = "allowed: 'MlpPolicy', 'CnnPolicy', 'MultiInputPolicy'"


def name_of_policy(policy: Any) -> str:
    """Of a name, or of one of Stable-Baselines3's own classes; "" where it is none."""
    if isinstance(policy, str):
        return policy if policy.endswith("Policy") else ""
    name = getattr(policy, "__name__", "") if isinstance(policy, type) else ""
    return _CLASSES.get(name, name) if name.endswith("Policy") else ""


def policy_kwargs_of(policy: Any, policy_kwargs: Any) -> Any:
    """What the policy comes to is what it reads pictures with."""
    name = name_of_policy(policy) or _checks.shown(policy)
    own = not isinstance(policy, type) or policy.__module__.startswith("stable_baselines3.")
    if name not in _POLICIES or not own:
        raise Error(
            f"policy is '{name}'; {_ALLOWED} (other networks: hidden_sizes=[64, 64], conv_channels=[32, 64], dueling=True)"
        )
    if name in ("MlpPolicy", "MultiInputPolicy") or not isinstance(policy_kwargs, Mapping | None):
        return policy_kwargs
    return {"features_extractor_class": _POLICIES[name]} | dict(policy_kwargs or {})


def check(policy: str, config: Config) -> None:
    """What a preset or a keyword says of the network must be what the policy says."""
    channels = config.value("network.conv_channels")
    if policy == "MlpPolicy" and channels != "[]":
        raise Error(f"policy is 'MlpPolicy', and network.conv_channels is {channels}; allowed: 'CnnPolicy', or no policy")


def check_parts(policy: str, config: Config, space: ObservationSpace) -> None:
    """MultiInputPolicy is what Stable-Baselines3 has for Dict observations, and reads pictures with convolutions by itself."""
    if policy != "MultiInputPolicy":
        return
    if len(space.seen) == 1:
        raise Error("policy 'MultiInputPolicy' is for observations of several parts, Dict or Tuple; allowed here: 'MlpPolicy', 'CnnPolicy'")
    pictures = [leaf.name for leaf in space.seen if len(leaf.shape) == 3]
    if pictures and config.value("network.conv_channels") == "[]":
        warnings.warn(
            f"the pictures {', '.join(pictures)} are seen as rows of numbers; conv_channels=[32, 64], conv_kernels=[3, 3] and "
            "conv_strides=[1, 1] see them with convolutions",
            stacklevel=2,
        )


def note_channels(config: Config, space: ObservationSpace) -> None:
    """Where a picture's sides do not tell, what is taken for its channels is said; by a key it can be said otherwise."""
    if config.value("network.conv_channels") == "[]" or config.value("env.image_channels")[1:-1] != "auto":
        return
    for leaf in space.seen:
        if len(leaf.shape) != 3 or leaf.kind == ObservationKind.FRAMES:
            continue
        first, middle, last = leaf.shape
        if first == last or middle < min(first, last):
            order = "channels, height, width" if first < last else "height, width, channels"
            warnings.warn(
                f"the picture{leaf.name and f' {leaf.name!r}'} of {first} x {middle} x {last} is read as [{order}]; "
                "image_channels='first' or 'last' says it",
                stacklevel=2,
            )


def check_scale(config: Config, world: Any, seen_parts: int) -> None:
    """What goes up to 1 is not divided by 255 once more; Stable-Baselines3 refuses such pictures, too."""
    found = _spaces.boxes(getattr(world, "single_observation_space", None) or getattr(world, "observation_space", None))
    if seen_parts > 1 or len(found) != 1 or float(config.value("network.input_divisor")) != 255:
        return  # beside others only bytes are divided
    [space] = found.values()
    if (most := np.max(space.high)) <= 1:
        raise Error(
            f"network.input_divisor is 255, and the observations go up to {most:g} ({space.dtype}); allowed: bytes, or "
            "input_divisor=1 (with 'CnnPolicy' policy_kwargs={'normalize_images': False})"
        )


def settings_of(name: str, value: Any) -> dict[str, Any]:
    """By dotted key."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Error(f"{name} is {_checks.shown(value)}; allowed: a dict, {{'net_arch': [64, 64]}}, or None")
    settings: dict[str, Any] = {}
    if "net_arch" in value and value["net_arch"] is not None:
        settings["network.hidden_sizes"] = _net_arch(value["net_arch"])
    settings |= _extractor(value, settings)
    for key, given in value.items():
        if key not in _TAKEN:
            raise Error(f"{name} has no '{key}' here; {_INSTEAD.get(key, 'allowed: ' + ', '.join(_TAKEN))}")
        settings |= _TAKEN[key](given)
    return settings


def _net_arch(value: Any) -> Any:
    if isinstance(value, Mapping):
        raise Error(f"net_arch is {_checks.shown(value)}; allowed: sizes of the hidden layers, [64, 64]")
    return value


def _extractor(value: Mapping, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Nature's network has a layer of its own before those of net_arch, and divides pictures by 255."""
    kind = value.get("features_extractor_class")
    name = getattr(kind, "__name__", kind)
    kwargs = value.get("features_extractor_kwargs") or {}
    if name in (None, "FlattenExtractor") and not kwargs:
        return {}
    if name != "NatureCNN" or not isinstance(kwargs, Mapping) or set(kwargs) - {"features_dim", "normalized_image"}:
        said = f"{_checks.shown(name)}, {_checks.shown(kwargs)}" if kwargs else _checks.shown(name)
        raise Error(
            f"features_extractor_class is {said}; allowed: NatureCNN and its features_dim, or conv_channels=, conv_kernels=, "
            "conv_strides= and hidden_sizes= beside policy_kwargs"
        )
    divisor = 255 if value.get("normalize_images", True) and not kwargs.get("normalized_image") else 1
    sizes = [kwargs.get("features_dim", 512), *settings.get("network.hidden_sizes", [])]
    return _NATURE_CNN | {"network.hidden_sizes": sizes, "network.input_divisor": divisor}


def _activation(value: Any) -> dict[str, Any]:
    name = getattr(value, "__name__", value)
    if name == "ReLU":
        return {}
    raise Error(f"activation_fn is {_checks.shown(name)}; allowed: ReLU, which hidden layers end in")


def _optimizer(value: Any) -> dict[str, Any]:
    name = str(getattr(value, "__name__", value))
    if name.lower() in ("adam", "rmsprop", "radam"):
        return {"optimizer.optimizer": name.lower()}
    raise Error(f"optimizer_class is {name}; allowed: Adam, RMSprop, RAdam (optimizer.optimizer)")


def _optimizer_kwargs(value: Any) -> dict[str, Any]:
    keys = {"eps": "optimizer.epsilon", "alpha": "optimizer.rmsprop_decay", "centered": "optimizer.rmsprop_centered"}
    settings: dict[str, Any] = {}
    for name, given in dict(value or {}).items():
        if name in keys:
            settings[keys[name]] = given
        elif name == "betas" and isinstance(given, (tuple, list)) and len(given) == 2:
            settings |= {"optimizer.adam_beta1": given[0], "optimizer.adam_beta2": given[1]}
        elif name not in ("weight_decay", "momentum") or given != 0:
            raise Error(
                f"optimizer_kwargs has {name}={_checks.shown(given)}; allowed: eps, betas=(0.9, 0.999), alpha, centered"
            )
    return settings


def _said_already(value: Any) -> dict[str, Any]:
    return {}


_TAKEN = {
    "net_arch": _said_already,
    "activation_fn": _activation,
    "optimizer_class": _optimizer,
    "optimizer_kwargs": _optimizer_kwargs,
    "features_extractor_class": _said_already,
    "features_extractor_kwargs": _said_already,
    "normalize_images": _said_already,
}
_INSTEAD = {
    "dueling": "did you mean dueling=True, beside policy_kwargs?",
    "n_quantiles": "did you mean representation='quantile', quantiles=200, beside policy_kwargs?",
    "layer_norm": "did you mean layer_norm=True, beside policy_kwargs?",
}
