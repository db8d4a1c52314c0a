"""deepq.from_sb3: the weights and settings of a Stable-Baselines3 DQN, in memory or in its file."""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from . import _checks, _torch_files
from ._deepq import Error, ObservationKind
from .dqn import DQN

_SETTINGS = (
    "learning_rate buffer_size learning_starts batch_size tau gamma train_freq gradient_steps target_update_interval "
    "exploration_initial_eps exploration_final_eps exploration_fraction max_grad_norm n_steps seed"
).split()


def from_sb3(model: Any, env: Any = None, **keywords: Any) -> DQN:
    """A deepq.DQN with the weights and settings of a DQN of Stable-Baselines3's; what it chooses greedily is the same.

    model: the object, or the path of what its save() wrote, which is read without running any code of it.
    env: to learn and be evaluated in; needed with a path, and by default what the object has.
    keywords: as of deepq.DQN, in place of what the model has. Its replay and its optimiser's state are not taken over.
    """
    if isinstance(model, (str, os.PathLike)):
        path = _checks.path("model", model)
        path = path if os.path.exists(path) or path.endswith(".zip") else path + ".zip"
        settings, tensors = _torch_files.read_model(path)
        if env is None:
            raise Error(f"{path} holds no environment; allowed: from_sb3(path, env=...)")
    else:
        settings, tensors = _of_object(model)
        env = model.get_env() if env is None and hasattr(model, "get_env") else env
        if env is None:
            raise Error("the model has no environment; allowed: from_sb3(model, env=...)")
    weights = _weights(tensors)
    policy, kwargs = _policy(weights, _plain(settings.get("policy_kwargs") or {}))
    taken = {name: _setting(name, settings[name]) for name in _SETTINGS if settings.get(name) is not None}
    theirs = {name: value for name, value in taken.items() if name not in keywords}
    if "loss" not in keywords and "agent_loss" not in keywords:
        theirs["agent_loss"] = "huber"  # smooth_l1_loss
    agent = DQN(policy, env, policy_kwargs=kwargs, **theirs, **keywords)
    if policy == "MlpPolicy":
        _refuse_pictures(agent, kwargs.get("normalize_images", True))
    _take(agent, weights)
    return agent


def _of_object(model: Any) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    if not hasattr(model, "policy") or not hasattr(model.policy, "state_dict"):
        raise Error(f"model is a {type(model).__name__}; allowed: a DQN of Stable-Baselines3's, or the path of one that it saved")
    settings = {name: getattr(model, name) for name in (*_SETTINGS, "policy_kwargs") if hasattr(model, name)}
    return settings, {name: one.detach().cpu().numpy() for name, one in model.policy.state_dict().items()}


def _weights(tensors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Those of the online network, in the order of a forward pass."""
    weights = {name.removeprefix("q_net."): one for name, one in tensors.items() if name.startswith("q_net.")}
    known = ("q_net.", "features_extractor.cnn.", "features_extractor.linear.")
    odd = [name for name in weights if not name.startswith(known)]
    if not weights or odd:
        what = f"has {odd[0]}" if odd else f"has {next(iter(tensors), 'nothing')} and no q_net"
        raise Error(f"the model {what}; allowed: a DQN with MlpPolicy or CnnPolicy")
    return weights


def _policy(weights: Mapping[str, np.ndarray], kwargs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Its sizes are those of the weights, whatever its arguments say of them."""
    layers = [one.shape[0] for name, one in weights.items() if name.startswith("q_net.") and name.endswith("weight")]
    kwargs["net_arch"] = [int(size) for size in layers[:-1]]
    if "features_extractor.linear.0.weight" not in weights:
        return "MlpPolicy", kwargs
    features = int(weights["features_extractor.linear.0.weight"].shape[0])
    extractor = dict(kwargs.get("features_extractor_kwargs") or {}) | {"features_dim": features}
    return "CnnPolicy", kwargs | {"features_extractor_kwargs": extractor}


def _plain(kwargs: Any) -> dict[str, Any]:
    """policy_kwargs of a file: classes are text there, "<class 'torch.nn.modules.activation.ReLU'>"."""
    if not isinstance(kwargs, Mapping):
        raise Error(f"the model's policy_kwargs are a {type(kwargs).__name__}; allowed: a dict")
    plain = {}
    for name, value in kwargs.items():
        if name in (":type:", ":serialized:"):
            continue
        is_class = isinstance(value, str) and value.startswith("<class '") and value.endswith("'>")
        plain[name] = value[8:-2].rpartition(".")[2] if is_class else value
    return plain


def _setting(name: str, value: Any) -> Any:
    """A number, or of a file what can be known of an object without making it."""
    if not isinstance(value, Mapping):
        return value
    if name == "train_freq" and isinstance(value.get(":serialized:"), str):  # TrainFreq(4, TrainFrequencyUnit.STEP)
        numbers, texts = _torch_files.whole_numbers_in(value[":serialized:"])
        if len(numbers) == 1 and ("step" in texts) != ("episode" in texts):
            return numbers[0], "step" if "step" in texts else "episode"
    raise Error(f"the model's {name} is a {value.get(':type:', 'thing')} that cannot be read without running code; allowed: {name}= beside the path")


def _refuse_pictures(agent: DQN, divided: bool) -> None:
    """That library divides pictures by 255 whatever the policy, and puts their channels first: rows of numbers are others there."""
    for leaf in agent._ready().observation_space.seen:
        picture = leaf.kind == ObservationKind.BYTES and len(leaf.shape) == 3
        moved = picture and leaf.shape[-1] > 1 and min(leaf.shape) < leaf.shape[0]
        if picture and (divided or moved):
            raise Error(f"MlpPolicy saw pictures {list(leaf.shape)}, whose numbers are divided and ordered otherwise there; allowed: CnnPolicy")


def _take(agent: DQN, weights: Mapping[str, np.ndarray]) -> None:
    learner = agent._ready()
    ours = learner.torch_tensors()
    theirs = [(name, tuple(one.shape)) for name, one in weights.items()]
    if [shape for _, shape in theirs] != [tuple(shape) for _, shape in ours]:
        text = [", ".join(f"{name} {list(shape)}" for name, shape in one) for one in (theirs, ours)]
        raise Error(f"the model's network has no counterpart here: {text[0]}; here {text[1]}")
    learner.take_torch_weights({name: np.ascontiguousarray(one, np.float32) for (name, _), one in zip(ours, weights.values())})
