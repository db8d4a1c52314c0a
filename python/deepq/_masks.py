"""Worlds that say which actions are legal: deepq does not use that yet, and says so once."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

from ._deepq import Error
from ._identity import layers


def note(where: str, name: str) -> None:
    warnings.warn(
        f"environment '{name}' gives {where}; deepq does not use action masks yet and may choose any action",
        stacklevel=2,
    )


def note_method(env: Any, name: str) -> None:
    """Notes an environment with action_masks(), its own or a wrapper's."""
    if any(hasattr(layer, "action_masks") for layer in layers(env)):
        note("action_masks()", name)


def noting_reset(reset: Callable, name: str) -> Callable:
    """The same function; notes a first info with an action mask."""
    first = True

    def watched(*arguments: Any, **keywords: Any) -> Any:
        nonlocal first
        result = reset(*arguments, **keywords)
        if first:
            first = False
            info = result[1] if isinstance(result, tuple) and len(result) == 2 else None
            if isinstance(info, Mapping) and "action_mask" in info:
                note("info['action_mask']", name)
        return result

    return watched


def refuse(action_masks: Any) -> None:
    if action_masks is not None:
        raise Error("action_masks is given, and masks are not used yet: predict chooses among all actions; allowed: None")
