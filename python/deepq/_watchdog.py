"""A limit on the time that an environment may take for one call."""

import contextlib
import os
import queue
import threading
from collections.abc import Callable
from typing import Any

from ._deepq import Error

# The limit is waited for in so many parts: a program that is stopped for an hour (Ctrl-Z, say) loses one of them, and no run.
PARTS = 10


class Watchdog:
    """Runs calls one after the other in a thread of its own and gives up on one that takes too long.

    The thread of a call that was given up on cannot be ended; it is left behind and does not keep the program from
    ending. A call that holds the GIL for ever (C code that never lets go of it) cannot be interrupted by anything.
    """

    def __init__(self, seconds: float):
        self.seconds = seconds
        self._gave_up = False
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._requests: queue.SimpleQueue = queue.SimpleQueue()
        self._answers: queue.SimpleQueue = queue.SimpleQueue()
        threading.Thread(target=self._serve, name="deepq-environment", daemon=True).start()

    def guard(self, function: Callable, name: str) -> Callable:
        """The same function with the limit."""

        def call(*arguments: Any, **keywords: Any) -> Any:
            if self._gave_up:
                raise Error(f"{name} was called after an earlier call had hung")
            if self._process != os.getpid():  # forked, which threads do not live through
                self._begin()
            self._requests.put((function, arguments, keywords))
            value, error = self._answer(name)
            if error is not None:
                raise error
            return value

        return call

    def _answer(self, name: str) -> tuple[Any, BaseException | None]:
        for _ in range(PARTS):
            with contextlib.suppress(queue.Empty):
                return self._answers.get(timeout=self.seconds / PARTS)
        self._gave_up = True
        raise Error(f"{name} gave no answer within step_timeout={self.seconds:g} seconds")

    def stop(self) -> None:
        self._requests.put(None)

    def _serve(self) -> None:
        while (request := self._requests.get()) is not None:
            self._answers.put(_outcome(*request))
            del request  # it would keep the environment alive while the thread waits for the next


def _outcome(function: Callable, arguments: tuple, keywords: dict) -> tuple[Any, BaseException | None]:
    try:
        return function(*arguments, **keywords), None
    except BaseException as error:  # whatever it is, it belongs to the caller
        return None, error
