#!/usr/bin/env python3
"""docs/nightly.json: at which commit, when and in how many minutes each part of tools/nightly.sh last passed.

    tools/nightly_record.py add PART MINUTES   # tools/nightly.sh does
    tools/nightly_record.py check              # names parts that never ran or not for DAYS; fails where the record is missing or not one
"""

import argparse
import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DAYS = 14  # before the last commit


def git(root: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", root, *words], check=True, capture_output=True, text=True).stdout.strip()


def parts_of(script: str) -> list[str]:
    """The functions that each run a part."""
    return re.findall(r"^(\w+)\(\) \{", script, re.MULTILINE)


def complaints(record: dict, parts: list[str], today: date) -> list[str]:
    found = []
    for part in parts:
        if part not in record:
            found.append(f"tools/nightly.sh {part} has not passed yet")
            continue
        days = (today - date.fromisoformat(record[part]["date"])).days
        if days > DAYS:
            found.append(f"tools/nightly.sh {part} last passed {days} days before this commit, at {record[part]['commit']}")
    return found


def read(path: Path, parts: list[str]) -> dict:
    """Raises ValueError for what tools/nightly.sh does not write."""
    if not path.exists():
        raise ValueError("it is missing; tools/nightly.sh writes it")
    record = json.loads(path.read_text())
    for part, last in record.items():
        if part not in parts:
            raise ValueError(f"tools/nightly.sh has no part '{part}'")
        if not re.fullmatch("[0-9a-f]{7,40}", last.get("commit", "")) or not isinstance(last.get("minutes"), int):
            raise ValueError(f"{part}: it says no commit, date and minutes")
        date.fromisoformat(last.get("date", ""))
    return record


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check")
    adds = commands.add_parser("add")
    adds.add_argument("part")
    adds.add_argument("minutes", type=int)
    arguments = parser.parse_args()
    path = arguments.root / "docs" / "nightly.json"
    parts = parts_of((arguments.root / "tools" / "nightly.sh").read_text())
    try:
        if arguments.command == "add":
            record = read(path, parts) if path.exists() else {}
            # What passed was not this commit where files differ from it.
            changed = git(arguments.root, "status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs/nightly.json")
            if changed:
                raise ValueError(f"{arguments.part} passed, but not written down: files differ from the commit")
            record[arguments.part] = {"commit": git(arguments.root, "rev-parse", "--short=12", "HEAD"), "date": date.today().isoformat(), "minutes": arguments.minutes}
            path.write_text(json.dumps(dict(sorted(record.items())), indent=2) + "\n")
            return 0
        day = git(arguments.root, "log", "-1", "--format=%cs")
        for line in complaints(read(path, parts), parts, date.fromisoformat(day)):
            print(f"nightly: {line}", file=sys.stderr)
        return 0
    except (ValueError, AttributeError) as error:
        print(f"docs/nightly.json: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
