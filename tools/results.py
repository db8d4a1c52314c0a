#!/usr/bin/env python3
"""Figures and pictures of README and docs, made of the stored results in docs/data.

    tools/results.py check [--deepq PROGRAM]   # fails where a block or a picture is not what docs/data gives; with a program
                                               # also where a row's preset has another line in its signature than when it was made
    tools/results.py write                     # writes the blocks and pictures (pip install matplotlib==3.11.2)
    tools/results.py record NAME FOLDER... --deepq PROGRAM   # docs/data/NAME.json of finished runs, or of several groups compared,
    tools/results.py lab DIR --deepq PROGRAM                 # docs/data/lab of the reports that `deepq lab NAME --out DIR` left,
    tools/results.py page --deepq PROGRAM                    # the picture of the page of the chapter's agent, trained for it: then write

PROGRAM is the build that made the runs: its signature, its kernels and its `compare` are stored with them. A block lies between
`<!-- result: NAME -->`, or `<!-- lab: NAME -->` of an experiment, and `<!-- end -->`; what is around it is written by hand.
Where an experiment decides otherwise than before, `lab` says so, and the reason belongs in docs/results_log.md.
"""

import argparse
import re
import sys
from pathlib import Path

from result import lab, page, pictures, record
from result.blocks import BLOCKS
from result.data import ROOT, Results, Wrong, stale

PAGES = ["README.md", "docs/results.md", "docs/chapter.md"]
BLOCK = re.compile(r"(?P<mark><!-- (?P<kind>result|lab): (?P<name>[a-z-]+) -->\n)(?P<text>.*?)<!-- end -->\n", re.DOTALL)


# Whatever means to be one: a mark that BLOCK does not take would hide its block from the check.
MARK = re.compile(r"^[ \t]*<!--[ \t]*(?:result|lab)\b[^\n]*", re.MULTILINE)


def made(match: re.Match, results: Results) -> str:
    kind, name = match["kind"], match["name"]
    if kind == "lab":
        if name not in results.lab:
            raise Wrong(f"{name}: there is no {results.folder.name}/lab/{name}.json")
        return lab.block(results.lab[name])
    if name not in BLOCKS:
        raise Wrong(f"{name}: tools/result/blocks.py makes no such block")
    return f"\n{BLOCKS[name](results)}\n\n"


def pages_of(root: Path) -> list[Path]:
    return [root / name for name in PAGES if (root / name).exists()]


def blocks(root: Path, results: Results, write: bool) -> list[str]:
    wrong, seen = [], set()
    for path in pages_of(root):
        text, position = path.read_text(), 0
        new = ""
        for match in BLOCK.finditer(text):
            seen.add((match["kind"], match["name"]))
            block = made(match, results)
            if block != match["text"] and not write:
                line = next((line for line in match["text"].splitlines() if line not in block.splitlines()), "a line is missing")
                wrong.append(f"{path.relative_to(root)}: {match['name']}: not what {results.folder.relative_to(root)} gives: {line[:120]}")
            new += text[position:match.start()] + match["mark"] + block + "<!-- end -->\n"
            position = match.end()
        wrong += [f"{path.relative_to(root)}: {mark}: no block that ends in <!-- end --> begins so" for mark in MARK.findall(BLOCK.sub("", text))]
        wrong += [f"{path.relative_to(root)}: {match['name']}: another mark lies in its block" for match in BLOCK.finditer(text) if MARK.search(match["text"])]
        if write and new + text[position:] != text:
            path.write_text(new + text[position:])
    expected = [("lab", name) for name in results.lab]
    if len(pages_of(root)) == len(PAGES):  # a whole checkout
        expected += [("result", name) for name in BLOCKS]
    return wrong + [f"{name}: no page has a block for it" for kind, name in expected if (kind, name) not in seen]


def check(root: Path, program: str | None) -> list[str]:
    results = Results(root / "docs" / "data")
    wrong = blocks(root, results, write=False) + pictures.check(root, results) + page.check(root)
    return wrong + stale(results.rows() + page.rows(root), program)


def store(arguments: argparse.Namespace) -> None:
    data = arguments.root / "docs" / "data"
    if arguments.command == "record":
        found = record.record(arguments.name, arguments.folders, arguments.deepq, arguments.commit, arguments.machine, arguments.train)
        (data / f"{arguments.name}.json").write_text(record.text_of(found) + "\n")
    elif arguments.command == "lab":
        for name, report in lab.record(arguments.folder, Results(data).lab, arguments.deepq, arguments.commit, arguments.machine).items():
            (data / "lab" / f"{name}.json").write_text(record.text_of(report) + "\n")
    elif arguments.command == "page":
        page.record(arguments.root, arguments.deepq, arguments.commit)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    commands = parser.add_subparsers(dest="command", required=True)
    checks = commands.add_parser("check")
    checks.add_argument("--deepq", metavar="PROGRAM")
    commands.add_parser("write")
    makers = {name: commands.add_parser(name) for name in ("record", "lab", "page")}
    makers["record"].add_argument("name")
    makers["record"].add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    makers["record"].add_argument("--command", dest="train", help="that made the runs, where it is not --preset, --env and --seeds alone")
    makers["lab"].add_argument("folder", type=Path, metavar="DIR")
    for maker in makers.values():
        maker.add_argument("--deepq", metavar="PROGRAM", required=True)
        maker.add_argument("--commit", help="of PROGRAM; the checkout's")
        maker.add_argument("--machine", help="in words; what deepq doctor says")
    arguments = parser.parse_args()
    try:
        if arguments.command == "check":
            wrong = check(arguments.root, arguments.deepq)
        else:
            store(arguments)
            results = Results(arguments.root / "docs" / "data")
            wrong = blocks(arguments.root, results, write=True) + pictures.write(arguments.root, results)
    except Wrong as error:
        wrong = [str(error)]
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
