"""deepq.Callback: one's own code while an agent learns, by the names that other libraries have for it."""

from typing import Any


class Callback:
    """To derive from, and to hand to learn(callback=). Returning False from any of these ends training after the step.

    self.model: the DQN that learns. It may be asked in all of these, and saved and evaluated. A record is what `learn`
    tells a function of (kind, record), a dict. on_step is called after each step of all copies, and only where it is
    overridden: a step in C++ takes less than a microsecond, and a call of Python's as much.
    """

    model: Any = None

    def on_training_start(self) -> Any:
        """Before the first step of each learn()."""

    def on_step(self) -> Any:
        """After each step."""

    def on_episode(self, record: dict[str, Any]) -> Any:
        """After the step in which an episode ended: its return, length, number."""

    def on_metrics(self, record: dict[str, Any]) -> Any:
        """Of every log.metrics_every_updates updates."""

    def on_evaluation(self, record: dict[str, Any]) -> Any:
        """After an evaluation (eval.every_env_steps), and after the final one."""

    def on_training_end(self) -> Any:
        """After the last step of each learn(), however it was ended but by an exception."""


def tell(callback: Callback, kind: str, record: dict[str, Any]) -> Any:
    return {"episode": callback.on_episode, "metrics": callback.on_metrics, "evaluation": callback.on_evaluation}[kind](record)


def has_steps(callback: Callback) -> bool:
    return type(callback).on_step is not Callback.on_step or "on_step" in vars(callback)


def has_records(callback: Callback) -> bool:
    names = ("on_episode", "on_metrics", "on_evaluation")
    return any(getattr(type(callback), name) is not getattr(Callback, name) or name in vars(callback) for name in names)
