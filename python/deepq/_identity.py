"""What an environment is made of, and its name: its id only where that makes the same environment again."""

import json
import sys
from typing import Any

from . import _atari, _deepq

# Gymnasium's wrappers that an agent sees nothing of; the time limit is told by itself.
UNSEEN = (
    "TimeLimit",
    "OrderEnforcing",
    "PassiveEnvChecker",
    "RecordEpisodeStatistics",
    "RecordVideo",
    "HumanRendering",
    "RenderCollection",
)
# What make_vec() writes beside the arguments of make(); and what is told, or shown, in another way.
NO_ARGUMENTS = ("num_envs", "vectorization_mode", "vector_kwargs", "wrappers", "max_episode_steps", "render_mode")


def is_native(id: str) -> bool:
    return id in _deepq.native_ids()


def is_world(env: Any) -> bool:
    """An environment, and not what makes one."""
    return hasattr(env, "step") and not isinstance(env, type)


def is_vector(env: Any) -> bool:
    return is_world(env) and hasattr(env, "num_envs") and hasattr(env, "single_observation_space")


def copies(env: Any) -> list[Any]:
    """Of a vector whose copies are objects of this process, and that is none of vectors."""
    found = vars(env).get("envs") if hasattr(env, "num_envs") and hasattr(env, "__dict__") else None
    return list(found) if isinstance(found, (list, tuple)) else []


def layers(env: Any) -> list[Any]:
    """The environment and what it wraps, outermost first; of a vector its first copy goes on."""
    found: list[Any] = []
    while env is not None and all(env is not one for one in found):
        found.append(env)
        inner = vars(env).get("venv") if hasattr(env, "__dict__") else None  # Stable-Baselines3's word
        inner = getattr(env, "env", None) if inner is None else inner
        env = inner if is_world(inner) else next(iter(copies(env)), None)
    return found


def parts(env: Any) -> list[Any]:
    """The same with all copies."""
    found = layers(env)
    return found + [part for layer in found for one in copies(layer)[1:] for part in parts(one)]


def share_a_part(one: Any, other: Any) -> bool:
    of_one = {id(part) for part in parts(one)}
    return any(id(part) in of_one for part in parts(other))


def is_gymnasiums(part: Any, name: str) -> bool:
    return type(part).__name__ == name and type(part).__module__.startswith("gymnasium.")


def is_stable_baselines(part: Any) -> bool:
    return type(part).__module__.startswith("stable_baselines3.")


def is_unseen(part: Any) -> bool:
    """Whether an agent sees nothing of the wrapper."""
    if is_stable_baselines(part):
        return type(part).__name__ in ("Monitor", "VecMonitor")
    return hasattr(part, "unseen") or any(is_gymnasiums(part, name) for name in UNSEEN)


def is_monitor(part: Any) -> bool:
    return is_stable_baselines(part) and type(part).__name__ == "Monitor"


def spec_of(env: Any) -> Any:
    """Gymnasium's; of a vector of functions that of its first copy."""
    return next((part.spec for part in layers(env) if getattr(part, "spec", None) is not None), None)


def time_limit(env: Any) -> int:
    """The limit that the object applies by itself, so that the C++ part comes to the same end; 0: none."""
    found = layers(env)
    limits = [int(part._max_episode_steps) for part in found if is_gymnasiums(part, "TimeLimit")]
    if limits or not is_vector(found[-1]):
        return min(limits, default=0)
    spec = spec_of(env)  # of a vector that cannot be looked into
    return int(getattr(spec, "kwargs", {}).get("max_episode_steps") or getattr(spec, "max_episode_steps", None) or 0)


def name_of(env: Any) -> str:
    """A name that brings the same environment back, where there is one: `gymnasium:` marks what the library has too.

    What no id makes has a name that is none: "Flip(CartPole-v1)" in a wrapper, "FrozenLake-v1(desc=...)" with arguments
    that no text holds.
    """
    spec, found = spec_of(env), layers(env)
    wrappers = [type(part).__name__ for part in _outer(found) if not is_unseen(part)]
    id = getattr(spec, "id", None)
    if not id:
        return _in(wrappers, type(found[-1]).__name__)
    registered = _registered(id)
    if registered is None or not _comes_from(found[-1], spec):
        return _in(wrappers, type(found[-1]).__name__ + f"({id})")
    if is_vector(found[-1]):  # that cannot be looked into
        wrappers += [str(getattr(one, "__name__", one)) for one in reversed(spec.kwargs.get("wrappers", ()))]
        wrappers += [one.name for one in reversed(spec.additional_wrappers)]
    for one in registered.additional_wrappers:  # make() puts them on
        if wrappers and wrappers[-1] == one.name:
            wrappers.pop()
    odd = [name for name, value in _arguments(spec, registered).items() if not is_json(value)]
    if odd:
        return _in(wrappers, f"{id}({', '.join(name + '=...' for name in odd)})")
    return _in(wrappers, id) if wrappers else f"gymnasium:{id}" if is_native(id) or _atari.is_atari(id) else id


def kwargs_of(env: Any) -> dict[str, Any]:
    """What make() was given beside the id, where that is all that it takes to have the same environment again."""
    spec = spec_of(env)
    registered = _registered(getattr(spec, "id", None) or "")
    if registered is None or "(" in name_of(env):
        return {}
    kwargs = {name: plain(value) for name, value in _arguments(spec, registered).items()}
    limit, usual = time_limit(env), int(registered.max_episode_steps or 0)
    return kwargs if limit == usual else kwargs | {"max_episode_steps": limit or -1}


def _in(wrappers: list[str], name: str) -> str:
    return "(".join([*wrappers, name]) + ")" * len(wrappers)


def _outer(found: list[Any]) -> list[Any]:
    """The wrappers that make() did not put on, as far as that shows: it ends with OrderEnforcing."""
    enforcing = [i for i, part in enumerate(found) if is_gymnasiums(part, "OrderEnforcing")]
    wrappers = found[: enforcing[-1] if enforcing else -1]
    return [part for part in wrappers if not copies(part)]


def _registered(id: str) -> Any:
    gymnasium = sys.modules.get("gymnasium")
    return None if gymnasium is None else gymnasium.registry.get(id)


def _comes_from(base: Any, spec: Any) -> bool:
    """Whether the entry point can have made it: a class makes its own, of a function nobody knows."""
    if hasattr(base, "env_fns"):
        return True
    entry = getattr(spec, "vector_entry_point" if is_vector(base) else "entry_point", None)
    if isinstance(entry, str):
        module, _, name = entry.partition(":")
        entry = getattr(sys.modules.get(module), name, None)
    return not isinstance(entry, type) or type(base) is entry


def _arguments(spec: Any, registered: Any) -> dict[str, Any]:
    """Those of make() that are not the registered ones."""
    usual = registered.kwargs
    given = {name: value for name, value in spec.kwargs.items() if name not in NO_ARGUMENTS}
    return {name: value for name, value in given.items() if name not in usual or not _same(value, usual[name])}


def _same(one: Any, other: Any) -> bool:
    try:
        return one is other or (type(one) is type(other) and bool(one == other))
    except Exception:  # arrays and other things
        return False


def plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else value


def is_json(value: Any) -> bool:
    """Whether JSON gives it back as it is."""
    try:
        return bool(json.loads(json.dumps(plain(value))) == plain(value))
    except (TypeError, ValueError):
        return False
