"""deepq.DQN: deep Q-learning on one environment, in the manner of Stable-Baselines3."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from . import _arguments, _deepq, _environments
from ._deepq import Config, Error


@dataclass(frozen=True)
class Evaluation:
    """Returns of whole episodes: the environment's own rewards, summed."""

    mean_return: float
    std_return: float
    min_return: float
    max_return: float
    mean_length: float
    episodes: int


class DQN:
    """Deep Q-learning, all of it in C++.

    env: the id of an environment ("CartPole-v1": the library's own where it has one; "gymnasium:CartPole-v1" asks for
        Gymnasium's), a Gymnasium environment, a function that makes one, or a gymnasium.vector environment.
    preset: settings to start from, as `deepq presets` lists them.
    verbose: 1 prints a line every few episodes.
    step_timeout: seconds after which a call of a Python environment counts as hung.
    eval_env: an environment for evaluations, where `env` can be neither copied nor made again.
    exploration_fraction: share of the first learn() over which epsilon falls, from the first update on.
    set: settings by their keys, {"agent.double": True}.
    keywords: Stable-Baselines3's names (buffer_size=...), and the last words of the configuration's keys (double=True,
        n_step=3), with their section where two are alike (eval_episodes=10).
    """

    def __init__(
        self,
        env: Any,
        *,
        preset: str | None = None,
        verbose: int = 0,
        step_timeout: float | None = None,
        eval_env: Any = None,
        exploration_fraction: float | None = None,
        set: Mapping[str, Any] | None = None,
        **keywords: Any,
    ):
        if isinstance(env, str) and env in ("MlpPolicy", "CnnPolicy"):
            raise Error(f"the first argument is '{env}'; allowed: the environment (the network is network_hidden_sizes=)")
        if step_timeout is not None and not step_timeout > 0:
            raise Error(f"step_timeout is {step_timeout}; allowed: seconds above 0, or None")
        self.verbose = verbose
        self.summary: dict[str, Any] | None = None  # of the last learn(), as in summary.json
        self._step_timeout, self._eval_env = step_timeout, eval_env
        self._fraction = exploration_fraction
        config = Config.preset(preset) if preset else Config()
        config.set("eval.final_episodes=0")  # learn() only learns, unless it is told otherwise
        settings = _arguments.settings_of(keywords)
        settings.update(set or {})
        if exploration_fraction is not None:
            if not 0 < exploration_fraction <= 1:
                raise Error(f"exploration_fraction is {exploration_fraction}; allowed: above 0, up to 1")
            settings["exploration.schedule"] = "linear"
        _arguments.apply(config, settings)
        self._begin(env, config, None)

    def learn(
        self,
        total_timesteps: int,
        callback: Callable[[str, dict[str, Any]], Any] | None = None,
        progress_bar: bool = False,
        folder: str | os.PathLike | None = None,
    ) -> "DQN":
        """Takes so many environment steps, all copies together, and learns. Called again, it goes on.

        callback: is told ("episode" | "metrics" | "evaluation", record) and stops the run by returning False.
        folder: of the run, as the program `deepq` makes it: logs, checkpoints, report. None writes nothing.
        Ctrl-C stops after the present step, with a checkpoint in the folder, and raises KeyboardInterrupt.
        """
        self._ensure_model()
        if self._fraction is not None:  # of a length that is known only now
            steps = max(1, round(self._fraction * total_timesteps))
            self._fraction = None
            self._config.set(f"exploration.anneal_env_steps={steps}")
            self._make_model()
        path = "" if folder is None else os.fspath(folder)
        line = (lambda text: print(text, end="", flush=True)) if self.verbose else None
        bar = (lambda text: print(text, end="", file=sys.stderr, flush=True)) if progress_bar else None
        self._call(lambda: self._learn(int(total_timesteps), path, callback, line, bar))
        return self

    def predict(self, observation: Any, deterministic: bool = True) -> tuple[Any, None]:
        """The action for one observation, or an array of actions for a batch; and None, as Stable-Baselines3 has it.

        deterministic: the greedy action; otherwise a random one with the present probability of exploring.
        """
        values = self.q_values(observation)
        actions = np.argmax(values, axis=-1)
        if not deterministic:
            explores = np.random.random(actions.shape) < self.exploration_rate
            actions = np.where(explores, np.random.randint(values.shape[-1], size=actions.shape), actions)
        actions = actions + self._action_start
        return (np.int64(actions) if actions.ndim == 0 else actions), None

    def q_values(self, observation: Any) -> np.ndarray:
        """Values of all actions: [actions] for one observation, [batch, actions] for a batch."""
        array = np.asarray(observation)
        if array.dtype.kind not in "fiub":
            raise Error(f"the observation has the dtype {array.dtype}; allowed: real numbers")
        shape = self._observation_shape
        single = array.shape == shape
        if not single and array.shape[1:] != shape:
            raise Error(f"the observation has the shape {array.shape}; allowed: {shape}, or a batch of those")
        if self._state_count:
            array = array - self._state_start
            if np.any((array < 0) | (array >= self._state_count)):
                last = self._state_start + self._state_count - 1
                raise Error(f"the observation is {observation}; allowed: {self._state_start} to {last}")
        rows = np.ascontiguousarray(array, np.float32).reshape(1 if single else array.shape[0], -1)
        values = (self._model or self._agent).q_values(rows)
        return values[0] if single else values

    def evaluate_policy(self, episodes: int = 100, seed: int = 0, epsilon: float = 0.0) -> Evaluation:
        """Plays whole episodes in an environment of their own; training is not disturbed."""
        self._ensure_model()
        if episodes < 1:
            raise Error(f"episodes is {episodes}; allowed: at least 1")
        record = self._call(lambda: self._model.evaluate(episodes, seed, epsilon))
        return Evaluation(**{name: record[name] for name in Evaluation.__dataclass_fields__})

    def save(self, path: str | os.PathLike) -> None:
        """Everything, replay included, in one safetensors file. Loading it runs no code."""
        self._ensure_model()
        self._model.save(os.fspath(path))

    @classmethod
    def load(cls, path: str | os.PathLike, env: Any = None, **options: Any) -> "DQN":
        """From a file of save(), or from a run folder (its newest checkpoint).

        env: needed only to learn on or to evaluate, and only where its id does not make it. options: verbose,
        step_timeout, eval_env. learn(folder=...) with the run folder that was loaded goes on in it.
        """
        unknown = [name for name in options if name not in ("verbose", "step_timeout", "eval_env")]
        if unknown:
            raise Error(f"load takes no '{unknown[0]}'; allowed: env, verbose, step_timeout, eval_env")
        self = cls.__new__(cls)
        self.verbose = options.get("verbose", 0)
        self.summary = None
        self._step_timeout, self._eval_env = options.get("step_timeout"), options.get("eval_env")
        self._fraction = None
        checkpoint = _deepq.newest_checkpoint(os.fspath(path))
        self._agent = _deepq.Agent.load(checkpoint)
        self._begin(env, self._agent.config, checkpoint)
        return self

    @property
    def num_timesteps(self) -> int:
        """Environment steps so far, all copies together."""
        self._ensure_model()
        return self._model.env_steps

    @property
    def exploration_rate(self) -> float:
        """Epsilon now."""
        self._ensure_model()
        return self._model.epsilon

    @property
    def config(self) -> str:
        """All settings, as the TOML of a run folder."""
        return (self._model.config if self._model else self._config).toml()

    # ---- What the environments are, and the C++ part made of them.

    def _begin(self, env: Any, config: Config, checkpoint: str | None) -> None:
        self._env, self._config, self._checkpoint = env, config, checkpoint
        self._model = None
        if checkpoint is None:
            self._agent = None
            self._make_model()
            return
        shape = self._agent.observation_shape
        self._state_count, self._state_start = self._agent.state_count, self._agent.state_start
        self._action_start = self._agent.action_start
        self._observation_shape = () if self._state_count else tuple(shape)
        if env is not None:
            self._make_model()

    def _ensure_model(self) -> None:
        if self._model is None:
            self._make_model()

    def _make_model(self) -> None:
        env = self._config_env_id() if self._env is None else self._env
        timeout = self._step_timeout
        first: _environments.Description | None = None
        make = vector = None
        if isinstance(env, str):
            name = env
            if not _environments.is_native(env):
                first = _environments.must_describe_id(env, timeout)
                make = partial(_environments.must_describe_id, env, timeout)
        elif _environments.is_vector(env):
            first = vector = _environments.describe(env, step_timeout=timeout)
            self._config.set(f"env.count={first.count}")
            if self._config.value("env.max_episode_steps") != "0":
                raise Error("env.max_episode_steps is set; a vector environment has its own limit")
        elif _environments.is_world(env):
            first = _environments.describe(env, step_timeout=timeout)
            if self._config.value("env.count") != "1":
                raise Error("one environment object is one world; give a function that makes them, or leave count out")
            make = partial(_itself, first)
        elif callable(env):
            first = _environments.describe(env(), step_timeout=timeout)
            make = partial(_make_and_describe, env, first.id, timeout)
        else:
            raise Error(f"the environment is a {type(env).__name__}; allowed: an id, an environment, or what makes one")
        self._config.set("env.id=" + json.dumps(first.id if first else name))
        evaluation = None if first is None else _environments.EvaluationWorld(env, self._eval_env, timeout)
        self._model = self._call(lambda: _deepq.Model(self._config, make, evaluation, vector))
        self._state_count = self._model.state_count
        self._state_start = first.state_start if first else 0
        self._action_start = first.action_start if first else 0
        self._observation_shape = (
            tuple(first.shape) if first else () if self._state_count else tuple(self._model.observation_shape)
        )
        if self._checkpoint is not None:
            self._model.restore(self._checkpoint)

    def _config_env_id(self) -> str:
        return self._config.value("env.id")[1:-1]

    def _learn(self, steps: int, folder: str, callback: Any, line: Any, bar: Any) -> None:
        try:
            self._model.learn(steps, folder, callback, line, bar)
        finally:  # after Ctrl-C too
            self.summary = json.loads(self._model.summary or "null")

    def _call(self, call: Callable[[], Any]) -> Any:
        """An Error that an environment's exception is behind names it as its cause."""
        _deepq.take_cause()
        try:
            return call()
        except Error as error:
            cause = _deepq.take_cause()
            if isinstance(cause, KeyboardInterrupt):
                raise KeyboardInterrupt from error
            raise error from cause


# Not lambdas within DQN: they would hold on to it, and the C++ part, which holds on to them, is not seen by the
# collector of reference cycles.
def _itself(description: _environments.Description) -> _environments.Description:
    return description


def _make_and_describe(make: Callable[[], Any], name: str, step_timeout: float | None) -> _environments.Description:
    return _environments.describe(make(), name, step_timeout, owned=True)
