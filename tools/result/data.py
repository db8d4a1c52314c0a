"""The stored results: docs/data/NAME.json of trainings, docs/data/lab/NAME.json of the lab's experiments.

Every row of a result, one preset's runs or one experiment, carries the lines that `deepq bench --signature` printed for its
preset when it was made: `signature`, of the plain engine, and `vector_signature`, of the `engine` that made it. Where they
cannot be asked for again, `signature` is null and `unsigned` says why.
"""

import json
import os
import random
import subprocess
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESAMPLES = 2_000  # as deepq compare


class Wrong(Exception):
    """A result is not there, or not as it must be."""


class Results:
    def __init__(self, folder: Path):
        self.folder = folder
        self.trainings = {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
        self.lab = {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("lab/*.json"))}

    def training(self, name: str) -> dict:
        if name not in self.trainings:
            raise Wrong(f"{name}: {self.folder.name} has no {name}.json; tools/results.py record {name} FOLDER makes it")
        return self.trainings[name]

    def group(self, name: str) -> dict:
        """The only row of a training, or NAME/GROUP's, with what the file says of all of its rows."""
        name, _, which = name.partition("/")
        whole = self.training(name)
        for group in whole["groups"]:
            if group["name"] == (which or name):
                return whole | group
        raise Wrong(f"{name}: no row {which or name}")

    def rows(self) -> list[tuple[str, dict]]:
        found = []
        for name, whole in self.trainings.items():
            for row in whole["groups"]:
                found.append((name if row["name"] == name else f"{name}, {row['name']}", whole | row))
        for name, report in self.lab.items():  # of several presets, each with its lines
            found += [(f"lab, {name}", report | {"preset": preset} | own) for preset, own in report.get("signatures", {None: {}}).items()]
        return found


def stale(rows: list[tuple[str, dict]], program: str | None) -> list[str]:
    """What is wrong with the rows' lines of the signature, as this program computes them."""
    wrong = [f"{name}: has neither a line of the signature nor a reason why it has none" for name, row in rows if not row["signature"] and not row.get("unsigned")]
    if program is None:
        return wrong
    presets = sorted({row["preset"] for _, row in rows if row["signature"]})
    now, kernels = lines(program, presets), ask(program, "doctor")["kernels"]
    for name, row in rows:
        if not row["signature"]:
            continue
        kinds = ["signature"] + (["vector_signature"] if row["engine"] == kernels else [])
        for kind in kinds:
            old, new = row[kind] or "none", now[row["preset"]][kind] or "none"
            if old != new:
                which = row["preset"] + (" vector" if kind != "signature" else "")
                wrong.append(f"{name}: stale: the line {which} was {old[:12]}... and is {new[:12]}...; make it again: {row['command']}")
    return wrong


def ask(program: str, *arguments: str) -> dict:
    result = subprocess.run([program, *arguments, "--json"], capture_output=True, text=True)
    if result.returncode != 0:
        raise Wrong(result.stderr.strip())
    return json.loads(result.stdout)


def lines(program: str, presets: list[str]) -> dict[str, dict]:
    """Of each preset, as a row has them."""
    def of(preset: str) -> dict:
        found = ask(program, "bench", "--signature", "--preset", preset)
        return {"signature": found["presets"][preset], "vector_signature": found["vector_presets"].get(preset)}

    with ThreadPoolExecutor(os.cpu_count()) as workers:
        return dict(zip(presets, workers.map(of, presets)))


@cache
def interval_of(values: tuple[float, ...]) -> tuple[float, float, float]:
    draw = random.Random(0)
    means = sorted(sum(draw.choices(values, k=len(values))) / len(values) for _ in range(RESAMPLES))
    return sum(values) / len(values), means[round(0.025 * RESAMPLES)], means[round(0.975 * RESAMPLES) - 1]


def interval(values: list[float]) -> tuple[float, float, float]:
    """The mean and its 95% bootstrap interval; the same values give the same interval."""
    return interval_of(tuple(values))


def short(value: float, digits: int = 4) -> float:
    """As it is stored."""
    number = float(f"{value:.{digits}g}")
    return int(number) if number == int(number) else number
