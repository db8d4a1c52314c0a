"""What deepq.DQN does beside, in the manner of Stable-Baselines3: other environments, the replay alone, worlds to play in."""

import os
import tempfile
import warnings
from typing import Any

from . import _checks, _deepq, _methods
from ._deepq import Config, Error
from ._methods import RunFolders
from ._playing import worlds_to_play
from ._stable_baselines import KEYWORDS
from ._worlds import Given


class StableBaselinesManner:
    """A part of DQN, which makes what is named here."""

    _config: Config
    _worlds: Given
    _run_folders: RunFolders

    def save_replay_buffer(self, path: str | os.PathLike) -> None:
        """What save() writes, which has the replay in it: for load_replay_buffer() of this agent or of another."""
        self._require_replay("save_replay_buffer")
        self._save(_checks.path("path", path))

    def load_replay_buffer(self, path: str | os.PathLike, truncate_last_traj: bool = True) -> None:
        """Takes over the replay in a file of save() or of save_replay_buffer(), or in a run folder; all else stays as it is.

        truncate_last_traj: says nothing here; the episode that was going on is not gone on with.
        """
        self._require_replay("load_replay_buffer")
        _checks.flag("truncate_last_traj", truncate_last_traj)
        checkpoint, damaged = _deepq.newest_checkpoint(_methods.file_of(_checks.path("path", path)))
        for line in damaged:
            warnings.warn(line, stacklevel=2)
        self._ready().load_replay(checkpoint)

    def _require_replay(self, function: str) -> None:
        algorithm = self._config.value("agent.algorithm").strip("'\"")
        if algorithm != "dqn":
            raise Error(f"{function}: agent.algorithm is {algorithm}, which has no replay; allowed: dqn")

    def get_env(self) -> Any:
        """Worlds to play in, as Stable-Baselines3 steps them: reset() -> observations, step(actions) -> observations, rewards,
        dones, infos. They are as those that are trained in are now, and apart from them."""
        return worlds_to_play(self._worlds, self._config)

    def set_env(self, env: Any, force_reset: bool = True) -> None:
        """Learns on in another environment of the same observations and actions, with fresh episodes.

        A run folder has one environment: learn(folder=...) begins a new one.
        """
        if not _checks.flag("force_reset", force_reset):
            raise Error("force_reset is False; allowed: True, fresh episodes begin in the new environment")
        if env is None:
            raise Error("env is None; allowed: an id, an environment, or what makes one")
        folder = tempfile.TemporaryDirectory(prefix="deepq-")
        path = os.path.join(folder.name, "agent.safetensors")
        self._save(path)
        options = {"step_timeout": self._worlds.step_timeout, "eval_env": self._worlds.eval_env}
        other = type(self).load(path, env, **options, tensorboard_log=self._run_folders.log)
        kept = {name: vars(self)[name] for name in ("verbose", "summary", "_fraction")}
        vars(self).update(vars(other) | kept | {"_folder": folder})

    def __getattr__(self, name: str) -> Any:
        config = vars(self).get("_config")
        if config is not None and name in KEYWORDS:
            return _methods.setting_of(name, config)
        raise _methods.no_attribute(name)
