"""The comparison's figures as a Markdown table and as JSON."""

import json
import os
import platform
import shlex
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("torch", "gymnasium", "stable-baselines3", "jax", "numpy")


@dataclass(frozen=True)
class Figure:
    """One program's figure for one work in one round."""

    work: str
    program: str
    unit: str  # "us" (less is better), or a rate: "env steps/s", "steps/s"
    value: float


def number(value: float) -> str:
    """Three or four digits, with thousands set apart."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def ratio(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(values: Sequence[float], show: Any) -> str:
    return f"{show(min(values))}..{show(max(values))}"


def values_of(rounds: Sequence[Sequence[Figure]], work: str, program: str) -> list[float]:
    """One value a round."""
    every = [figure for figures in rounds for figure in figures]
    return [figure.value for figure in every if (figure.work, figure.program) == (work, program)]


def works(figures: Sequence[Figure]) -> tuple[list[str], list[str]]:
    """What deepq and another did, in the order of the round, and what only one of them did."""
    programs: dict[str, set[str]] = {}
    for figure in figures:
        programs.setdefault(figure.work, set()).add(figure.program)
    shared = [work for work, done_by in programs.items() if "deepq" in done_by and len(done_by) > 1]
    return shared, [work for work in programs if work not in shared]


def rows(rounds: Sequence[Sequence[Figure]]) -> list[dict[str, Any]]:
    """One row for each program and shared work: works in the order of the first round, deepq last in each."""
    shared, _ = works(rounds[0])
    figures = [figure for figure in rounds[0] if figure.work in shared]
    table = []
    for figure in sorted(figures, key=lambda figure: shared.index(figure.work)):
        values = values_of(rounds, figure.work, figure.program)
        deepq = values_of(rounds, figure.work, "deepq")
        # How many times as fast deepq is, round by round.
        ratios = [ours / theirs if figure.unit != "us" else theirs / ours for ours, theirs in zip(deepq, values)]
        table.append({
            "work": figure.work, "program": figure.program, "unit": figure.unit,
            "median": statistics.median(values), "values": values,
            "deepq_times_as_fast": statistics.median(ratios), "ratios": ratios,
        })  # fmt: skip
    return table


def cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or "unknown CPU"


def deepq_version(deepq: Path) -> str:
    done = subprocess.run([str(deepq.resolve()), "--version"], capture_output=True, text=True, check=False)
    first = (done.stdout.strip().splitlines() or [""])[0]
    return first if done.returncode == 0 and first else "deepq, version unknown"


def shown_command(argv: Sequence[str]) -> str:
    """The command as one would type it in the repository: no path of this machine outside the working folder."""
    here = Path.cwd()

    def shorten(word: str) -> str:
        path = Path(word)
        if not path.is_absolute():
            return word
        return str(path.relative_to(here)) if path.is_relative_to(here) else path.name

    return shlex.join(["python", *map(shorten, argv)])


def as_markdown(
    rounds: Sequence[Sequence[Figure]], deepq: Path, core_count: int, load_before: float, argv: Sequence[str]
) -> str:
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    lines = [
        "| work | program | median figure | min..max | deepq is times as fast (min..max) |",
        "|---|---|---|---|---|",
    ]
    last_work = ""
    for row in rows(rounds):
        faster = f"{ratio(row['deepq_times_as_fast'])} ({spread(row['ratios'], ratio)})"
        if row["program"] == "deepq":
            faster = "1"
        work = row["work"] if row["work"] != last_work else "same"
        last_work = row["work"]
        figure = f"{number(row['median'])} {row['unit']}"
        lines.append(f"| {work} | {row['program']} | {figure} | {spread(row['values'], number)} | {faster} |")
    _, alone = works(rounds[0])
    if alone:
        lines += ["", f"Left out, since only one program did it: {'; '.join(alone)}."]
    return "\n".join([
        *lines,
        "",
        f"Rounds: {len(rounds)}, the programs interleaved on one core with one thread (Pong: on two cores); "
        "ratios are taken within a round, and their median is shown. JAX's compiling is not counted.",
        "",
        f"Machine: {cpu_model()}, {core_count} cores, load {load_before:.2f} before and {os.getloadavg()[0]:.2f} after "
        f"(1 is this comparison itself). {date.today().isoformat()}. {deepq_version(deepq)}; "
        f"Python {platform.python_version()}, {versions}.",
        "",
        f"Command: `{shown_command(argv)}`",
        "",
    ])  # fmt: skip


def as_json(rounds: Sequence[Sequence[Figure]], reports: Sequence[dict[str, Any]], markdown: str) -> str:
    figures = [[asdict(figure) for figure in figures] for figures in rounds]
    return json.dumps({"table": rows(rounds), "rounds": figures, "reports": list(reports), "markdown": markdown})
