#!/usr/bin/env python3
"""Links in the pages lead to files and headings that are there, and no two pages train into one folder, which would be refused to whoever
reads both.

    tools/check_pages.py

Blocks of commands are run by tools/run_docs.py; names are looked up by tools/check_names.py.
"""

import re
import subprocess
import sys
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`]+)`")
TRAINS_INTO = re.compile(r"deepq train [^\n]*--out (runs/\S+)|\bfolder = (?:Path\()?\"(runs/[^\"]+)\"")


def pages() -> list[Path]:
    names = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    return [ROOT / name for name in names if not name.startswith(("third_party/", "tests/"))]


@cache
def anchors(page: Path) -> set[str]:
    """Of its headings, as GitHub makes them."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.*)$", FENCE.sub("", page.read_text()), re.MULTILINE):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        number = 0
        while (slug if number == 0 else f"{slug}-{number}") in found:
            number += 1
        found.add(slug if number == 0 else f"{slug}-{number}")
    return found


def codes(text: str) -> list[str]:
    """What stands in backticks outside of blocks, also where it goes on in the next line."""
    return [" ".join(code.split()) for part in re.split(r"\n(?=\n|- |\|)", FENCE.sub("", text)) for code in CODE.findall(part)]


def wrong_links(page: Path, text: str) -> list[str]:
    found = []
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists():
            found.append(f"the link to {link} leads to no file")
        elif anchor and target.suffix == ".md" and anchor not in anchors(target):
            found.append(f"the link to {link} leads to no heading")
    return found


def shared_folders(texts: dict[str, str]) -> list[str]:
    """Of pages, by name: a variable or NAME in a folder's name stands for anything."""
    first: dict[str, tuple[str, str]] = {}
    found = []
    for page, text in texts.items():
        blocks = "\n".join(FENCE.findall(text)).replace("\\\n", " ")
        for folder in {shell or code for shell, code in TRAINS_INTO.findall(blocks)}:
            pattern = re.sub(r"\$\w+|\bNAME\b", "*", folder)
            for other, (whose, named) in first.items():
                if whose != page and (fnmatch(pattern, other) or fnmatch(other, pattern)):
                    found.append(f"{page}: trains into {folder}, as {whose} does ({named})")
            first.setdefault(pattern, (page, folder))
    return found


def main() -> int:
    found = []
    for page in pages():
        found += [f"{page.relative_to(ROOT)}: {line}" for line in wrong_links(page, FENCE.sub("", page.read_text()))]
    found += shared_folders({str(page.relative_to(ROOT)): page.read_text() for page in pages()})
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
