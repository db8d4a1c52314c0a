"""Makes docs/data/NAME.json out of the folders of finished runs."""

import csv
import json
import re
import statistics
import subprocess
import time
from pathlib import Path

from result.data import ROOT, Wrong, ask, lines, short

POINTS = 50  # at most, of a curve made of training's episodes
RESAMPLES = 10_000


def table(path: Path) -> list[dict]:
    with path.open() as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]


def curve_of(folder: Path, summary: dict) -> tuple[str, list[float], list[float]]:
    """Evaluations where there were some during training, else what training itself returned."""
    evaluations = [row for row in table(folder / "evaluations.csv") if not row["final"]]
    if evaluations:
        what = f"mean return of {evaluations[0]['episodes']:.0f} evaluation episodes"
        return what, [row["env_steps"] for row in evaluations], [row["mean_return"] for row in evaluations]
    episodes = table(folder / "episodes.csv")
    if summary["stopped_by"] == "episodes":
        size = -(-len(episodes) // POINTS)  # the last part may be of fewer
        parts = [episodes[first:first + size] for first in range(0, len(episodes), size or 1)]
        what, at = "return of training episodes" if size == 1 else f"mean return of {size} training episodes", [part[-1]["episode"] for part in parts]
    else:
        length = summary["env_steps"] / POINTS
        parts = [[row for row in episodes if i * length < row["env_steps"] <= (i + 1) * length] for i in range(POINTS)]
        what, at = f"mean return of the training episodes that ended in {length:,.0f} steps", [(i + 1) * length for i in range(POINTS)]
    at, parts = zip(*[(x, part) for x, part in zip(at, parts) if part])
    return what, list(at), [statistics.fmean(row["return"] for row in part) for part in parts]


def run_of(folder: Path) -> tuple[dict, dict]:
    if not (folder / "summary.json").exists():
        raise Wrong(f"{folder} is not finished: it has no summary.json")
    summary = json.loads((folder / "summary.json").read_text())
    what, at, returns = curve_of(folder, summary)
    run = {"seed": summary["seed"], "steps": summary["env_steps"], "episodes": summary["episodes"], "seconds": short(summary["seconds"], 3),
           "final": short(summary["eval_mean_return"]), "solved": summary["first_episode_solved"], "best_100": short(summary["best_100_mean_return"]),
           "last_100": short(summary["last_100_mean_return"]), "ended_by": summary["stopped_by"],
           "curve": {"at": [short(x, 6) for x in at], "returns": [short(y, 3) for y in returns]}}
    return run, summary | {"curve": what}


def group_of(name: str, folder: Path, program: str, command: str | None) -> dict:
    folders = sorted(folder.glob("seed-*"), key=lambda path: int(path.name.partition("-")[2])) or [folder]
    runs, summaries = zip(*[run_of(one) for one in folders])
    if (folder / "group.json").exists():
        asked = sum(part["seeds"] for part in json.loads((folder / "group.json").read_text()))
        if len(runs) < asked:
            raise Wrong(f"{folder} is not finished: {len(runs)} of {asked} seeds are there")
    first = summaries[0]
    preset = first["preset"].partition(" with ")[0]
    seeds = f" --seeds {len(runs)}" if len(runs) > 1 else f" --seed {first['seed']}" if first["seed"] else ""
    own = subprocess.run([program, "presets", preset], check=True, capture_output=True, text=True).stdout if preset else ""
    what = (f" --preset {preset}" if preset else "") + ("" if re.search(rf'^id = "{re.escape(first["env"])}"', own, re.MULTILINE) else f" --env {first['env']}")
    score = ask(program, "compare", f"{name}={folder}", "--score", "final", "--resamples", str(RESAMPLES))["groups"][0] if len(runs) > 1 else {}
    group = {"name": name, "command": command or f"deepq train{what}{seeds} --out runs/results/{folder.name}", "env": first["env"], "preset": preset or None,
             "settings": first["preset"]}
    if not preset:
        group |= {"signature": None, "unsigned": "made of no preset, and so of no line"}
    elif first["env"] not in [env["id"] for env in ask(program, "envs")["envs"]]:
        group |= {"signature": None, "unsigned": f"{first['env']} comes with Python, and the program alone has no line of its preset"}
    else:
        group |= lines(program, [preset])[preset]
    group |= {"date": time.strftime("%Y-%m-%d", time.gmtime(max((one / "summary.json").stat().st_mtime for one in folders))),
              "final_episodes": first["eval_episodes"], "solved_return": first["solved_return"], "curve": first["curve"]}
    return group | {key: {part: short(score[key][part]) for part in ("value", "low", "high")} for key in ("iqm", "mean") if score} | {"runs": list(runs)}


def pairs_of(folders: list[Path], program: str) -> dict:
    found = ask(program, "compare", *[f"{folder.name}={folder}" for folder in folders], "--score", "final", "--resamples", str(RESAMPLES))
    decided = [{key: pair[key] for key in ("x", "y", "verdict")} | {"adjusted_p": short(pair["adjusted_p"], 2)} for pair in found["pairs"] if pair["decided"]]
    return {"pairs": len(found["pairs"]), "decided": decided}


def origin(program: str, commit: str | None, machine: str | None) -> dict:
    doctor = ask(program, "doctor")
    commit = commit or subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    return {"machine": machine or f"{doctor['cores']} cores of {doctor['cpu']}", "commit": commit, "engine": doctor["kernels"]}


def record(name: str, folders: list[Path], program: str, commit: str | None, machine: str | None, command: str | None) -> dict:
    groups = [group_of(name if len(folders) == 1 else folder.name, folder, program, command) for folder in folders]
    whole = {"name": name} | origin(program, commit, machine)
    if len(folders) > 1:
        whole["compared"] = pairs_of(folders, program)
    return whole | {"groups": groups}


def text_of(value: object, indent: int = 0) -> str:
    """JSON with a line for whatever fits one, so that a change of a run is seen as one; lists of numbers are one line."""
    one = json.dumps(value, ensure_ascii=False)
    numbers = isinstance(value, list) and all(isinstance(item, (int, float)) for item in value)
    if len(one) + indent <= 140 or numbers or not isinstance(value, (dict, list)):
        return one
    room = " " * (indent + 1)
    if isinstance(value, dict):
        items = [f"{json.dumps(key)}: {text_of(item, indent + 1)}" for key, item in value.items()]
    else:
        items = [text_of(item, indent + 1) for item in value]
    open_, close = "{}" if isinstance(value, dict) else "[]"
    return f"{open_}\n{room}" + f",\n{room}".join(items) + f"\n{' ' * indent}{close}"
