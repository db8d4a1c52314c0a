"""Where learn() writes its lines and its progress."""

import math
import sys
import time
from collections.abc import Callable

_SECONDS_OF_A_LINE = 10.0


def printer(stream: str) -> Callable[[str], None]:
    """Prints until nobody reads any more: a pipe that is gone ends the printing and not the training."""
    gone = False

    def write(text: str) -> None:
        nonlocal gone
        if gone:
            return
        try:
            print(text, end="", file=getattr(sys, stream), flush=True)
        except BrokenPipeError:
            gone = True

    return write


def progress_printer() -> Callable[[str], None]:
    """On a terminal or in a notebook one line that is redrawn; elsewhere a line now and then."""
    write = printer("stderr")
    if "ipykernel" in sys.modules or getattr(sys.stderr, "isatty", lambda: False)():
        return write
    last = -math.inf

    def write_line(text: str) -> None:
        nonlocal last
        line = text.replace("\r\x1b[K", "").strip()
        if line and time.monotonic() - last >= _SECONDS_OF_A_LINE:
            last = time.monotonic()
            write(line + "\n")

    return write_line
