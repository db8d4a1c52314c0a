"""The lab's reports: docs/data/lab/NAME.json out of `deepq lab`'s report.json, its block, and what it decides otherwise than before."""

import json
import sys
import textwrap
import time
from pathlib import Path

from result.data import lines, short
from result.record import origin

WIDTH = 140
# The presets whose lines say whether an experiment is as it was: its agents are configure("chapter", ...) in deepq/lab, with what these
# presets have besides, in their worlds.
BESIDE = {"ablation": ["double", "dueling", "per", "n-step", "acrobot"], "deadly-triad": ["acrobot"], "overestimation": ["double", "acrobot"],
          "time-limits": ["double"], "dueling": ["dueling"], "prioritized": ["per"], "max-bias": ["double"]}
WITHOUT = {"sarsa-replay": "tables of the lab's own, which no preset has"}
TABLES = {"time-limits": ["Values, means over seeds"]}  # that a block shows

PICTURED = ["deadly-triad", "replay-ratio", "target-network", "learning-curve", "time-limits", "overestimation", "dueling", "max-bias"]


def paragraph(text: str, mark: str = "") -> str:
    indent = " " * len(mark)
    return textwrap.fill(text, WIDTH, initial_indent=mark, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def capital(text: str) -> str:
    return text[0].upper() + text[1:]


def command_of(report: dict) -> str:
    first, seeds = report["first_seed"], report["seeds"]
    command = f"deepq lab {report['experiment']}" + (f" --first-seed {first}" if first else "")
    return command + (f" --seeds {seeds}" if seeds != report.get("seeds_of_the_experiment", seeds) else "")


def block(report: dict) -> str:
    first, seeds = report["first_seed"], report["seeds"]
    command = command_of(report)
    shortened = f"<!-- run: {command} => deepq lab | grep -w {report['experiment']} -->"  # for tools/run_docs.py
    which = f"{seeds} seeds" + (f", {first} to {first + seeds - 1}" if first else "")
    statements = [paragraph(capital(check["text"]) + ".", "- ") for check in report["checks"]]
    certain = [paragraph("Certain beforehand, and no part of the verdict: " + fact, "- ") for fact in report["certain"]]
    diverged = [note for note in report["notes"] if note.startswith("Training diverged")]
    picture = [f"![Each statement, its mean and interval, and the side that is claimed](images/lab-{report['experiment']}.svg)"]
    parts = [f"{shortened}\n```sh\n{command}\n```", paragraph(f"The claim: {report['claim']} **Verdict: {report['verdict']}** ({which}).")]
    parts += picture if report["experiment"] in PICTURED else []
    parts += ["\n".join(statements + certain)] + [paragraph(note) for note in diverged]
    return "\n" + "\n\n".join(parts) + "\n\n"


def changes(report: dict, old: dict | None) -> list[str]:
    """What the report decides otherwise than the stored one, for docs/results_log.md."""
    if old is None:
        return ["not stored before"]
    found = [] if old["verdict"] == report["verdict"] else [f"the verdict was '{old['verdict']}', is '{report['verdict']}'"]
    before = {check["statement"]: check["answer"] for check in old["checks"]}
    for check in report["checks"]:
        answer = before.pop(check["statement"], "not there")
        if answer != check["answer"]:
            found.append(f"'{check['statement']}' was '{answer}', is '{check['answer']}'")
    return found + [f"'{statement}' is no longer among the statements" for statement in before]


def stored(report: dict, day: str, signed: dict, made: dict) -> dict:
    keys = ("experiment", "claim", "seeds", "first_seed", "verdict", "certain")
    kept = {key: report[key] for key in keys} | {"command": command_of(report), "date": day} | made
    if "seeds_of_the_experiment" in report:
        kept["seeds_of_the_experiment"] = report["seeds_of_the_experiment"]
    if report["experiment"] in WITHOUT:
        kept |= {"signature": None, "unsigned": WITHOUT[report["experiment"]]}
    else:
        kept["signatures"] = {preset: signed[preset] for preset in ["chapter"] + BESIDE.get(report["experiment"], [])}
    kept["notes"] = [note for note in report["notes"] if note.startswith("Training diverged")]
    for name in ("value", "low", "high"):
        for check in report["checks"]:
            check[name] = short(check[name])
    checks = [{key: check[key] for key in ("statement", "quantity", "value", "low", "high", "claimed", "threshold", "answer", "text")} for check in report["checks"]]
    return kept | {"checks": checks, "tables": [table for table in report["tables"] if table["caption"] in TABLES.get(report["experiment"], [])]}


def record(folder: Path, old: dict[str, dict], program: str, commit: str | None, machine: str | None) -> dict[str, dict]:
    """By name, what to store of each report in the folder; says what it decides otherwise than what is stored."""
    found, made = {}, origin(program, commit, machine)
    signed = lines(program, sorted({"chapter"}.union(*BESIDE.values())))
    for path in sorted(folder.glob("*/report.json")):
        report = json.loads(path.read_text())
        name = report["experiment"]
        if report["quick"]:
            print(f"{path} is of the quick version, which gives no verdict: left out", file=sys.stderr)
            continue
        day = time.strftime("%Y-%m-%d", time.gmtime(path.stat().st_mtime))
        found[name] = stored(report, day, signed, made)
        for change in changes(report, old.get(name)):
            print(f"{name}: {change}")
    return found
