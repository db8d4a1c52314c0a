#!/usr/bin/env python3
"""Puts the lab's verdicts into docs/chapter.md, from the reports that `deepq lab NAME --out DIR` left in DIR.

    tools/chapter.py DIR           # writes the block of each experiment that DIR has, and says what it decides otherwise
    tools/chapter.py DIR --check   # fails where a block is not what DIR gives, or DIR lacks a block's experiment

A block lies between `<!-- lab: NAME -->` and `<!-- end -->`; what is around it is written by hand. Where a verdict or a
statement is decided otherwise than before, the reason belongs behind the block, as a paragraph that begins with
"What changed:".
"""

import argparse
import json
import re
import sys
import textwrap
from pathlib import Path

BLOCK = re.compile(r"<!-- lab: (?P<name>[a-z-]+) -->\n(?P<text>.*?)<!-- end -->\n", re.DOTALL)
WIDTH = 140


def paragraph(text: str, mark: str = "") -> str:
    indent = " " * len(mark)
    return textwrap.fill(text, WIDTH, initial_indent=mark, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def capital(text: str) -> str:
    return text[0].upper() + text[1:]


def block(report: dict) -> str:
    first, seeds = report["first_seed"], report["seeds"]
    command = f"deepq lab {report['experiment']}" + (f" --first-seed {first}" if first else "")
    if seeds != report.get("seeds_of_the_experiment", seeds):
        command += f" --seeds {seeds}"
    shortened = f"<!-- run: {command} => deepq lab | grep -w {report['experiment']} -->"  # for tools/run_docs.py
    which = f"{seeds} seeds" + (f", {first} to {first + seeds - 1}" if first else "")
    lines = [f"The claim: {report['claim']} **Verdict: {report['verdict']}** ({which})."]
    statements = [paragraph(capital(check["text"]) + ".", "- ") for check in report["checks"]]
    certain = [paragraph("Certain beforehand, and no part of the verdict: " + fact, "- ") for fact in report["certain"]]
    diverged = [note for note in report["notes"] if note.startswith("Training diverged")]
    parts = [f"{shortened}\n```sh\n{command}\n```", paragraph(lines[0]), "\n".join(statements + certain)] + [paragraph(note) for note in diverged]
    return "\n" + "\n\n".join(parts) + "\n\n"


def old_items(text: str) -> list[str]:
    found = re.findall(r"^- .*?(?=^- |^\n|\Z)", text, re.DOTALL | re.MULTILINE)
    return [" ".join(item.split())[2:].rstrip(".") for item in found]


def changes(report: dict, old: str) -> list[str]:
    """What the report decides otherwise than the block that the page has."""
    verdict = re.search(r"\*\*Verdict:\s+([^*]+)\*\*", old)
    before = " ".join(verdict[1].split()) if verdict else "not there"
    found = [] if before == report["verdict"] else [f"the verdict was '{before}', is '{report['verdict']}'"]
    items = old_items(old)
    for check in report["checks"]:
        same = [item for item in items if item.startswith(capital(check["statement"]) + ": ")]
        items = [item for item in items if item not in same]
        answer = same[0].rsplit(": ", 1)[1] if same else "not there"
        if answer != check["answer"]:
            found.append(f"'{check['statement']}' was '{answer}', is '{check['answer']}'")
    found += [f"'{item.split(': ')[0]}' is no longer among the statements" for item in items if not item.startswith("Certain")]
    return found


def reports(folder: Path) -> dict[str, dict]:
    found = {}
    for path in sorted(folder.glob("*/report.json")):
        report = json.loads(path.read_text())
        if report["quick"]:
            print(f"{path} is of the quick version, which gives no verdict: left out", file=sys.stderr)
        else:
            found[report["experiment"]] = report
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--page", type=Path, default=Path(__file__).parent.parent / "docs" / "chapter.md")
    arguments = parser.parse_args()
    found, page = reports(arguments.folder), arguments.page.read_text()
    blocks = {match["name"]: match["text"] for match in BLOCK.finditer(page)}
    wrong = [f"{name}: {arguments.page} has no block for it" for name in found if name not in blocks]
    for name, old in blocks.items():
        if name not in found:
            if arguments.check:
                wrong.append(f"{name}: {arguments.folder} has no whole run of it")
            continue
        new = block(found[name])
        if arguments.check and new != old:
            wrong.append(f"{name}: the block is not what {arguments.folder}/{name}/report.json gives")
        for change in changes(found[name], old):
            print(f"{name}: {change}")
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    if not arguments.check:
        def replaced(match: re.Match) -> str:
            text = block(found[match["name"]]) if match["name"] in found else match["text"]
            return f"<!-- lab: {match['name']} -->\n{text}<!-- end -->\n"

        arguments.page.write_text(BLOCK.sub(replaced, page))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
