"""Runs the deepq program for the tests in this folder; the environment variable DEEPQ_PROGRAM is its path."""

import contextlib
import os
import pathlib
import subprocess
import tempfile

import pytest


@contextlib.contextmanager
def short_run():
    """The folder of a run of 30 episodes with the chapter's preset."""
    program = os.environ["DEEPQ_PROGRAM"]
    with tempfile.TemporaryDirectory() as folder:
        run = pathlib.Path(folder) / "run"
        subprocess.run(
            [program, "train", "--preset", "chapter", "--episodes", "30", "--out", str(run), "--quiet"], check=True
        )
        yield run


def deepq(*arguments):
    program = os.environ.get("DEEPQ_PROGRAM")
    if not program:
        pytest.fail("set DEEPQ_PROGRAM to the path of the program deepq")
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout
