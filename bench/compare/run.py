"""Times the same work in deepq, PyTorch, Stable-Baselines3, JAX and Gymnasium, interleaved, on one core (Atari: on two).

    python bench/compare/run.py --deepq build/release/cli/deepq [--rounds 3] [--quick] [--markdown FILE] [--json]

Every program is a subprocess on the same core with one thread. A round runs each program once, one after the other,
and the rounds follow each other, so that a machine that is slow for a while is slow for all. The ratios are taken
within a round; their median and range over the rounds are what to quote. A program whose number of updates shows
that it did other work, or whose rate its own clock contradicts, stops the comparison.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NoReturn

from programs import WORKS, Run, Sizes, runs
from table import Figure, as_json, as_markdown, number

PACKAGES = ("torch", "gymnasium", "stable_baselines3", "jax", "numpy")
TIMEOUT_SECONDS = 1800
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "JAX_PLATFORMS": "cpu",
    "CUDA_VISIBLE_DEVICES": "",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}


def fail(message: str, status: int = 1) -> NoReturn:
    print(f"compare: {message}", file=sys.stderr)
    sys.exit(status)


def execute(run: Run, cores: list[int]) -> tuple[list[Figure], dict[str, Any]]:
    """Runs one program to its end; gives its figures and its JSON with `wall_seconds` added."""
    started = time.perf_counter()
    environment = os.environ | (ONE_THREAD if run.cores == 1 else {})
    allowed = set(cores[: run.cores])
    try:
        done = subprocess.run(
            run.command,
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            preexec_fn=lambda: os.sched_setaffinity(0, allowed),
        )
    except subprocess.TimeoutExpired:
        fail(f"{run.name} ({run.command[1]}) had not ended after {TIMEOUT_SECONDS} s")
    except OSError as error:
        fail(f"{run.name} does not start: {error.strerror}: {run.command[0]}", 2)
    wall_seconds = time.perf_counter() - started
    shown = " ".join([Path(run.command[0]).name, Path(run.command[1]).name, *run.command[2:4]])
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        fail(f"{run.name} ({shown} ...) ended with status {done.returncode}: {last}")
    try:
        report: dict[str, Any] = json.loads(done.stdout) | {"wall_seconds": wall_seconds}
        return run.read(report), report
    except json.JSONDecodeError:
        fail(f"{run.name} ({shown} ...) printed something else than one JSON object")
    except (ValueError, KeyError, TypeError) as error:
        what = f"its JSON lacks {error}" if isinstance(error, KeyError) else str(error)
        fail(f"{run.name} ({shown} ...): {what}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="deepq beside other programs at the same work, interleaved on one core")
    parser.add_argument("--deepq", type=Path, required=True, help="the deepq program, built for release")
    parser.add_argument("--rounds", type=int, default=None, help="default 3, or 1 with --quick")
    parser.add_argument("--quick", action="store_true", help="fewer steps: shows that it runs; not to be quoted")
    parser.add_argument("--only", choices=WORKS, action="append", help="this work only; may be given again")
    parser.add_argument("--core", type=int, help="the core to run on (default: the last allowed)")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="also write the Markdown table there")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    return parser.parse_args()


def check(arguments: argparse.Namespace) -> None:
    """Ends with one line if something that the comparison needs is not there."""
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        how = "python -m pip install -r bench/compare/requirements.txt"
        fail(f"this Python lacks {', '.join(missing)}: {how}", 2)
    if not os.access(arguments.deepq, os.X_OK) or arguments.deepq.is_dir():
        fail(f"--deepq {arguments.deepq}: no such program; build it first (cmake --build --preset release)", 2)
    if arguments.rounds is not None and arguments.rounds < 1:
        fail(f"--rounds {arguments.rounds}: must be at least 1", 2)
    if arguments.core is not None and arguments.core not in os.sched_getaffinity(0):
        fail(f"--core {arguments.core}: allowed are {sorted(os.sched_getaffinity(0))}", 2)


def main() -> None:
    arguments = parse_arguments()
    check(arguments)
    core_count = len(os.sched_getaffinity(0))
    first = arguments.core if arguments.core is not None else max(os.sched_getaffinity(0))
    cores = sorted(os.sched_getaffinity(0), key=lambda core: core != first)  # the same for every program of a work
    rounds = arguments.rounds or (1 if arguments.quick else 3)
    works = [work for work in WORKS if not arguments.only or work in arguments.only]
    load_before = os.getloadavg()[0]
    figures: list[list[Figure]] = []
    reports: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for round_index in range(rounds):
            figures.append([])
            for run in runs(arguments.deepq.resolve(), Sizes.of(arguments.quick), round_index, Path(folder), works):
                measured, report = execute(run, cores)
                figures[-1] += measured
                reports.append({"round": round_index + 1, "name": run.name} | report)
                line = ", ".join(f"{number(f.value)} {f.unit}" for f in measured)
                print(f"round {round_index + 1}/{rounds}  {run.name}: {line}", file=sys.stderr, flush=True)
    markdown = as_markdown(figures, arguments.deepq, core_count, load_before, sys.argv)
    if arguments.markdown:
        arguments.markdown.write_text(markdown)
    print(as_json(figures, reports, markdown) if arguments.json else markdown)


if __name__ == "__main__":
    main()
