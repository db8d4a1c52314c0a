"""deepq.DQN: deep Q-learning on one environment, in the manner of Stable-Baselines3."""

import json
import math
import os
import tempfile
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _arguments, _atari, _callback_objects, _callbacks, _checks, _deepq, _masks, _memory, _methods, _policies, _spaces, _stable_baselines
from ._deepq import Config, Error
from ._evaluation import unseen_statistics
from ._history import History, has_history
from ._manner import StableBaselinesManner
from ._methods import RunFolders
from ._observations import Observations
from ._printing import printer, progress_printer
from ._worlds import Given, evaluation_of, find_worlds


@dataclass(frozen=True)
class Evaluation:
    """Returns of whole episodes: the environment's own rewards, summed."""

    mean_return: float
    std_return: float
    min_return: float
    max_return: float
    mean_length: float
    episodes: int
    world: str  # the environment's id
    epsilon: float  # fraction of random actions
    max_episode_steps: int  # after which an episode was cut off; 0: by the environment's own limit
    agent: str  # "last", or "best" (eval.keep_best)
    agent_env_steps: int  # at which the agent was what it was
    planned_episodes: int  # more than episodes, where eval.final_max_env_steps ended them


class DQN(StableBaselinesManner):
    """Deep Q-learning, all of it in C++: DQN(env, ...), or DQN(policy, env, ...) in the manner of Stable-Baselines3.

    policy: "MlpPolicy", which is what there is without one, or "CnnPolicy", the network of Mnih et al. 2015 for pictures.
    env: the id of an environment ("CartPole-v1": the library's own where it has one; "gymnasium:CartPole-v1" asks for
        Gymnasium's), a Gymnasium environment, a function that makes one, or a gymnasium.vector environment.
    preset: settings to start from, as `deepq presets` lists them.
    verbose: 1 prints a line every few episodes.
    tensorboard_log: a folder for run folders, which have TensorBoard's events: learn() makes DQN_1 in it, DQN_2, ...
    step_timeout: seconds after which a call of a Python environment counts as hung.
    eval_env: an environment for evaluations, in place of `env`: where that can be neither copied nor made again, or
        another one with observations and actions of the same kind. An id, an object, a function, or a vector, of which
        the first copy plays.
    env_kwargs: arguments of gymnasium.make beside the id, {"is_slippery": False}; saved with the agent.
    exploration_fraction: fraction of the first learn() over which epsilon falls, from the first update on.
    set: settings by their keys, {"agent.double": True}.
    keywords: Stable-Baselines3's names (buffer_size=...), and the last words of the configuration's keys (double=True,
        n_step=3), with their section where a word alone could mean several (eval_episodes=10, exploration_epsilon_end=.1).

    What is set and has no effect (batch_size=32 with algorithm="pqn") is refused by its name.
    """

    _model: _deepq.Model | None  # learns and acts
    _agent: _deepq.Agent | None  # acts, until there is a model
    _observations: Observations  # what predict() takes
    _seen_world: Any  # the description of the first of Python's environments; None: the library's own
    _unseen: str  # why a loaded agent's environment is not evaluated in yet
    _policy = ""  # by Stable-Baselines3's name, where one was given
    _given: list[tuple[str, str]] | None  # the keys that were set, until they are known to act

    def __init__(
        self,
        *policy_and_env: Any,
        env: Any = None,
        preset: str | None = None,
        verbose: int = 0,
        tensorboard_log: str | os.PathLike | None = None,
        step_timeout: float | None = None,
        eval_env: Any = None,
        env_kwargs: Mapping[str, Any] | None = None,
        exploration_fraction: float | None = None,
        set: Mapping[str, Any] | None = None,
        **keywords: Any,
    ):
        env, policy = _stable_baselines.take_positional(policy_and_env, env, keywords)
        step_timeout = _checks.seconds("step_timeout", step_timeout)
        exploration_fraction = _checks.fraction("exploration_fraction", exploration_fraction)
        preset = _checks.text("preset", preset)
        set = _checks.settings("set", set)
        for name, value in (("the environment", env), ("preset", preset)):
            if isinstance(value, str) and not value:
                raise Error(f"{name} is ''; an empty name means nothing")
        self.verbose = _checks.verbosity(verbose)
        self.summary: dict[str, Any] | None = None  # of the last learn(), as in summary.json
        self._run_folders = RunFolders(tensorboard_log)
        self._worlds = Given(env, eval_env, step_timeout)
        self._fraction = exploration_fraction
        config = Config() if preset is None else Config.preset(preset)
        config.set("eval.final_episodes=0")  # learn() only learns, unless it is told otherwise
        keywords, set = _arguments.without_names_of_before(keywords, set)
        _arguments.refuse_twice(keywords, set)
        settings = _arguments.settings_of(keywords)
        settings.update(set)
        of_env = _arguments.env_kwargs(env, _checks.settings("env_kwargs", env_kwargs))
        settings.update(of_env)
        if exploration_fraction is not None:
            settings["exploration.schedule"] = "linear"
        self._given = _arguments.given_keys(keywords, {**set, **of_env})
        if exploration_fraction is not None:
            self._given.append(("exploration.anneal_env_steps", "exploration_fraction: "))
        if step_timeout is not None and eval_env is None:
            section = "atari" if isinstance(env, str) and _atari.is_atari(env) else "gymnasium"
            self._given.append((f"{section}.step_timeout", "step_timeout: "))
        _arguments.drop_idle_schedule(config, settings, self._given)
        _arguments.apply(config, settings, self._given)
        _policies.check(policy, config)
        self._policy = policy
        self._begin(config)

    def learn(
        self,
        total_timesteps: int,
        callback: Callable[[str, dict[str, Any]], Any] | Any = None,
        log_interval: int | None = None,
        tb_log_name: str = "DQN",
        reset_num_timesteps: bool | None = None,
        progress_bar: bool = False,
        folder: str | os.PathLike | None = None,
        **unknown: Any,
    ) -> "DQN":
        """Takes so many environment steps, all copies together, and learns. Called again, it goes on.

        callback: is told ("episode" | "metrics" | "evaluation", record) and stops the run by returning False; or an
            deepq.Callback of one's own; or an object of Stable-Baselines3's (EvalCallback, CheckpointCallback, a BaseCallback of one's own); or a list.
        log_interval: episodes to a line on the console; None: as log_console_every_episodes= of DQN.
        folder: of the run, as the program `deepq` makes it: logs, checkpoints, report. None writes nothing, or where
            DQN was given tensorboard_log, into tb_log_name_1 there, or _2, ...
        reset_num_timesteps: True only before the first step, as steps are counted on.
        Ctrl-C stops after the present step, with a checkpoint in the folder, and raises KeyboardInterrupt.
        """
        steps = _checks.whole_number("total_timesteps", total_timesteps, 1, _checks.MOST - self.num_timesteps)
        _methods.check_learn(unknown, reset_num_timesteps, self.num_timesteps)
        call, objects = _callbacks.checked(callback)
        if log_interval is not None:
            log_interval = _checks.whole_number("log_interval", log_interval, 1, _checks.MOST, ", or None")
        path = self._run_folders.folder(folder, tb_log_name)
        line = printer("stdout") if self.verbose else None
        bar = progress_printer() if _checks.flag("progress_bar", progress_bar) else None
        fraction, self._fraction = self._fraction, None
        try:
            if fraction is not None:  # of a length that is known only now
                self._config.set(f"exploration.anneal_env_steps={max(1, round(fraction * steps))}")
                self._model = self._make_model()
            model = self._ready()
            self._unseen = ""
            every_step, end = _callback_objects.begin(objects, self, steps, tb_log_name)
            _call(lambda: self._learn(model, steps, path, (call, line, bar, every_step, log_interval)))
            end()
            if model.updates == 0 and (self.summary or {}).get("stopped_by") != "signal":
                warnings.warn(f"no update was made in {self.num_timesteps} steps: the first comes {model.first_update}", stacklevel=2)
        finally:
            if self.num_timesteps == 0:  # refused, for its folder say: the first learn() is still to come
                self._fraction = fraction
        return self

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = True,
        *,
        action_masks: Any = None,
        **unknown: Any,
    ) -> tuple[Any, Any]:
        """The action for one observation, or an array of actions for a batch; and the state, as Stable-Baselines3 has it.

        Of actions on several axes (MultiDiscrete, MultiBinary) an array in the space's shape, or [batch, ...] of them; an
        agent that was loaded without its environment gives int64, one axis after another.

        state, episode_start: of networks with memory (network_recurrent): what predict() handed back with the last
            action, float32 [memory] or for a batch [batch, memory], None before the first; and True where an episode
            begins, in which nothing of the state counts. Other networks take and hand back None.
        deterministic: the greedy action; otherwise a random one with the present probability of exploring or, where the
            network is noisy, the best under noise drawn for this observation. Both follow from one number that is drawn
            from np.random for each call.
        action_masks: which actions are legal, True or 1, [actions] or for a batch [batch, actions], where actions have
            several axes one axis after another: info["action_mask"], or env.action_masks(). An agent that learnt among legal actions takes no observation without.
        """
        _methods.refuse("predict", unknown, ("observation", "state", "episode_start", "deterministic"), _methods.PREDICT)
        deterministic = _checks.flag("deterministic", deterministic)
        rows, single = self._observations.rows(observation)
        acting = self._acting()
        memory = _memory.before(state, episode_start, acting.memory_size, len(rows), single)
        legal = _masks.words(action_masks, acting.observation_space, acting.learnt_axes, len(rows), single)
        if deterministic:
            actions = acting.actions(rows, legal=legal, memory=memory)[:, 0]
        else:
            epsilon = 0.0 if acting.noisy else self.exploration_rate
            seed = int(np.random.randint(2**63, dtype=np.uint64))
            actions = acting.actions(rows, epsilon, seed, legal, memory)[:, 0]
        if single:
            actions = actions[0]
        actions = self._actions_of(actions)
        return (np.int64(actions) if actions.ndim == 0 else actions), _memory.after(memory, single)

    def q_values(self, observation: Any, state: Any = None) -> np.ndarray:
        """Values of all actions: [actions] for one observation, [batch, actions] for a batch.

        state: of networks with memory, as predict() hands it back; None: nothing is remembered. It stays as it is.

        Of actions on several axes those of each axis' choices, one axis after another.

        A table's are float64, a network's float32.
        """
        rows, single = self._observations.rows(observation)
        acting = self._acting()
        values = acting.q_values(rows, _memory.before(state, None, acting.memory_size, len(rows), single))
        return values[0] if single else values

    def history(self) -> History:
        """Of one's own loop, with frame_stack=, last_action= or last_reward=: makes of the environment's observations what
        predict() and q_values() take. reset(observation), then step(observation, action, reward); both return it."""
        self._ready()
        if not has_history(self._config):
            raise Error("there is no history: env.frame_stack is 1, and env.last_action and env.last_reward are false")
        world = self._seen_world or _deepq.NativeEnv(self._config)
        return History(self._config, world, getattr(world, "parts", None))

    def evaluate_policy(
        self, episodes: int | None = None, seed: int | None = None, epsilon: float | None = None, **more: Any
    ) -> Evaluation:
        """Plays whole episodes in an environment of their own; training is not disturbed.

        What is left out is as in the evaluation after training and in `deepq eval`: eval.final_episodes of them, or 100
        where that is 0, with eval.epsilon, as far as eval.final_max_env_steps lets them. seed: plays other episodes than
        those. Ctrl-C ends it after the present step. n_eval_episodes is Stable-Baselines3's name for episodes.
        """
        episodes = _methods.episodes_of(episodes, more)
        if episodes is not None:
            episodes = _checks.whole_number("episodes", episodes, 1, _checks.MOST, ", or None")
        if seed is not None:
            seed = _checks.whole_number("seed", seed, 0, 2**64 - 1, ", or None")
        if epsilon is not None:
            epsilon = _checks.number("epsilon", epsilon, 0, 1, ", or None")
        if self._model is None and self._agent is not None:  # neither replay nor training's environments are wanted
            agent = self._agent
            world = evaluation_of(self._worlds, self._config, trained=agent.observation_space)
            record = _call(lambda: agent.evaluate(world, episodes, seed, epsilon))
        else:
            model = self._ready()
            if self._unseen:
                raise Error(self._unseen)
            record = _call(lambda: model.evaluate(episodes, seed, epsilon))
        return Evaluation(**{name: record[name] for name in Evaluation.__dataclass_fields__})

    def save(self, path: str | os.PathLike, exclude: Any = None, include: Any = None) -> None:
        """Everything, replay included, in one safetensors file. Loading it runs no code."""
        to = _checks.path("path", path)
        _methods.refuse_parts(exclude, include)
        if self._fraction is not None:
            raise Error(
                "exploration_fraction is a fraction of the first learn(), which no file knows; allowed: save after it, or "
                "exploration_anneal_env_steps in its place"
            )
        self._save(to)

    def _save(self, to: str) -> None:
        if self._model is None and self._checkpoint is not None:  # as it was loaded
            _deepq.copy_checkpoint(self._loaded_file(), to)
        else:
            self._ready().save(to)

    @classmethod
    def load(cls, path: str | os.PathLike, env: Any = None, device: Any = "auto", **options: Any) -> "DQN":
        """From a file of save(), or from a run folder (its newest checkpoint).

        env: needed only to learn on or to evaluate, and only where its id does not make it; another one of the same
        spaces is taken, too, with fresh episodes. options: verbose, step_timeout, eval_env, tensorboard_log.
        learn(folder=...) with the run folder that was loaded goes on in it.
        """
        _methods.check_load(device, options)
        self = cls.__new__(cls)
        self.verbose = _checks.verbosity(options.get("verbose", 0))
        self.summary = None
        self._run_folders = RunFolders(options.get("tensorboard_log"))
        step_timeout = _checks.seconds("step_timeout", options.get("step_timeout"))
        self._worlds = Given(env, options.get("eval_env"), step_timeout)
        self._fraction = None
        self._given = None  # what it was made with is as it is
        checkpoint, damaged = _deepq.newest_checkpoint(_methods.file_of(_checks.path("path", path)))
        for line in damaged:
            warnings.warn(line, stacklevel=2)
        self._loaded = _identity_of(checkpoint)
        agent = _deepq.Agent.load(checkpoint)
        config = agent.config
        if isinstance(env, str) and env != config.value("env.id")[1:-1]:
            config.set('gymnasium.kwargs=""')  # they were another id's
        self._begin(config, checkpoint, agent)
        return self

    @property
    def num_timesteps(self) -> int:
        """Environment steps so far, all copies together."""
        return self._acting().env_steps

    @property
    def exploration_rate(self) -> float:
        """Epsilon now."""
        epsilon = self._acting().epsilon  # None of an agent in an older file
        return self._ready().epsilon if epsilon is None else epsilon

    @property
    def config(self) -> str:
        """All settings, as the TOML of a run folder."""
        return (self._model.config if self._model else self._config).toml()

    def __repr__(self) -> str:
        config = getattr(self, "_config", None)
        if config is None:  # its making failed
            return "<deepq.DQN of nothing>"
        algorithm, env = (config.value(key).strip("'\"") for key in ("agent.algorithm", "env.id"))
        steps = (self._model or self._agent).env_steps
        return f"<deepq.DQN: {algorithm} on {env}, {steps:,} steps>"

    def __reduce__(self) -> tuple:
        """For pickle and copy: what save() writes, so an environment of one's own is not in it."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "agent.safetensors")
            self._save(path)
            with open(path, "rb") as file:
                saved = file.read()
        options = {
            "verbose": self.verbose,
            "step_timeout": self._worlds.step_timeout,
            "tensorboard_log": self._run_folders.log,
        }
        return _unpickled, (type(self), saved, options, {"summary": self.summary, "_fraction": self._fraction})

    # ---- What the environments are, and the C++ part made of them.

    def _begin(self, config: Config, checkpoint: str | None = None, agent: _deepq.Agent | None = None) -> None:
        self._config, self._checkpoint, self._agent = config, checkpoint, agent
        self._model, self._unseen = None, ""
        if agent is not None:
            self._observations = Observations(agent.observation_space)
            several = len(agent.action_axes) > 1
            self._actions_of = _actions_from(agent.action_start) if not several else _spaces.choices_of(agent.action_axes, (-1,))
        if agent is None or self._worlds.env is not None:
            self._model = self._make_model()

    def _ready(self) -> _deepq.Model:
        """What learns; of a loaded agent it is made when it is first wanted, as that needs the environment."""
        if self._model is None:
            self._model = self._make_model()
        return self._model

    def _acting(self) -> "_deepq.Model | _deepq.Agent":
        return self._ready() if self._model is not None or self._agent is None else self._agent

    def _make_model(self) -> _deepq.Model:
        copies = self._config.value("env.count")
        masked = None if self._agent is None else self._agent.observation_space.legal_actions > 0
        worlds = find_worlds(self._worlds, self._config, masked)
        first = worlds.first
        if self._agent is not None and (now := self._config.value("env.count")) != copies:
            raise Error(f"the environment has {now} copies; allowed: as in training, {copies}")
        if self._agent is not None and first:
            self._unseen = unseen_statistics(first.world)
        if self._given is not None:
            if first:
                _policies.check_scale(self._config, first.world, len(first.observation_space.seen))
                _policies.note_channels(self._config, first.observation_space)
            self._config.check_new(self._given, "gymnasium" if first and not _atari.is_atari(first.id) else "")
            self._given = None
        model = _call(lambda: _deepq.Model(self._config, worlds.make, worlds.evaluation, worlds.vector))
        if self._agent is not None:
            try:
                model.require_spaces(self._agent)
            except Error as error:
                raise Error(f"{error}; weights alone, or the body's, are taken by deepq.DQN(env, start_from=path)") from None
        self._actions_of = (first and first.action_of) or _actions_from(first.action_start if first else 0)
        _policies.check_parts(self._policy, self._config, (first or model).observation_space)
        self._seen_world = first
        if has_history(self._config):
            self._observations = Observations(model.observation_space)
        else:
            self._observations = Observations((first or model).observation_space, first.parts if first else None)
        if self._checkpoint is not None:
            model.restore(self._loaded_file(), self._worlds.env is not None)
        else:
            model.start()
        return model

    def _loaded_file(self) -> str:
        """Read again for what learns; meanwhile another agent may have been saved under its name."""
        changed = os.path.exists(self._checkpoint) and _identity_of(self._checkpoint) != self._loaded
        if changed and not _is_same(_deepq.Agent.load(self._checkpoint), self._agent):
            raise Error(f"{self._checkpoint} was written anew since this agent was loaded from it, so it only acts")
        return self._checkpoint

    def _learn(self, model: _deepq.Model, steps: int, folder: str, listeners: tuple) -> None:
        try:
            model.learn(steps, folder, *listeners)
        finally:  # after Ctrl-C too
            self.summary = json.loads(model.summary or "null")


def _actions_from(start: int) -> Callable[[Any], Any]:
    """The environment's numbers of the library's."""
    return lambda actions: actions + start


def _identity_of(path: str) -> tuple[int, ...]:
    if not os.path.exists(path):  # said by what reads it
        return ()
    status = os.stat(path)
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _is_same(one: _deepq.Agent, other: _deepq.Agent) -> bool:
    """As in the checkpoint that a session of the run begins with: it has the name of the one before."""

    def kind(agent: _deepq.Agent) -> tuple:
        seed = agent.config.value("train.seed")
        leaves = [(leaf.shape, leaf.count) for leaf in agent.observation_space.leaves]
        return seed, agent.env_steps, leaves, agent.action_axes

    if kind(one) != kind(other):
        return False
    most_states, leaf = 65_536, one.observation_space.leaf
    rows = np.arange(min(leaf.count, most_states), dtype=np.int64)[:, None]
    if len(seen := one.observation_space.seen) > 1:
        rows = np.zeros((1, sum(math.prod(part.shape) for part in seen)), np.float32)
    elif not leaf.count:
        rows = np.random.default_rng(0).random((16, math.prod(leaf.shape)), np.float32)
    return bool(np.array_equal(one.q_values(rows), other.q_values(rows)))


def _unpickled(kind: type[DQN], saved: bytes, options: dict[str, Any], attributes: dict[str, Any]) -> DQN:
    folder = tempfile.TemporaryDirectory(prefix="deepq-")
    path = os.path.join(folder.name, "agent.safetensors")
    with open(path, "wb") as file:
        file.write(saved)
    model = kind.load(path, **options)
    model._folder = folder  # until nobody has the model: what learns is read from it when it is first wanted
    model.__dict__.update(attributes)
    return model


def _call(call: Callable[[], Any]) -> Any:
    """An Error that an environment's exception is behind names it as its cause."""
    _deepq.take_cause()
    try:
        return call()
    except Error as error:
        cause = _deepq.take_cause()
        if isinstance(cause, KeyboardInterrupt):
            raise KeyboardInterrupt from error
        raise error from cause
