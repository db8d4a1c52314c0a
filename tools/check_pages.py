#!/usr/bin/env python3
"""What the pages name is there: files and headings that links lead to, and in the text the commands, flags and keys of the program.
No two pages train into one folder, which would be refused to whoever reads both.

    tools/check_pages.py PROGRAM     # build/dev/cli/deepq

Blocks of commands are run by tools/run_docs.py; this reads what stands between them.
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
CODE = re.compile(r"`([^`\n]+)`")
FLAG = re.compile(r"(?<!\S)--[a-z][a-z-]*")
TRAINS_INTO = re.compile(r"deepq train [^\n]*--out (runs/\S+)|\bfolder = (?:Path\()?\"(runs/[^\"]+)\"")
ALL_COMMANDS_TAKE = {"--help", "--version"}


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


class Program:
    def __init__(self, path: str):
        self.path = path
        self.commands = set(re.findall(r"^  ([a-z]+) ", self.print("--help").split("Commands:")[-1], re.MULTILINE)) - {"help"}
        self.keys = set(re.findall(r"^\| `([a-z_0-9.]+)` \|", self.print("presets", "--keys"), re.MULTILINE))
        self.sections = {key.partition(".")[0] for key in self.keys if "." in key}

    @cache
    def print(self, *arguments: str) -> str:
        return subprocess.run([self.path, *arguments], check=True, capture_output=True, text=True).stdout

    def wrong_command(self, code: str) -> str:
        words = code.removeprefix("python -m ").split()[1:]
        if not words or not re.fullmatch("[a-z]+", words[0]) or words[0] in ("help", "version"):
            return ""
        if words[0] not in self.commands:
            return f"`{code}`: deepq has no command {words[0]}"
        known = set(FLAG.findall(self.print(words[0], "--help").replace(",", " "))) | ALL_COMMANDS_TAKE
        unknown = [flag for flag in FLAG.findall(code) if flag not in known]
        return f"`{code}`: deepq {words[0]} has no {unknown[0]}" if unknown else ""

    def wrong_key(self, code: str) -> str:
        match = re.match(r"(?:--set )?([a-z_]+)\.([a-z_0-9]+)(?= ?=|$)", code)
        if not match or match[1] not in self.sections - {"gymnasium"} or f"{match[1]}.{match[2]}" in self.keys:
            return ""
        return f"`{code}`: there is no key {match[1]}.{match[2]}"


def main() -> int:
    program, found = Program(sys.argv[1]), []
    for page in pages():
        text = FENCE.sub("", page.read_text())
        wrong = wrong_links(page, text)
        for code in CODE.findall(re.sub(r"\(C\+\+: `[^`]*`\)", "", text)):
            wrong.append(program.wrong_command(code) if re.match(r"(python -m )?deepq ", code) else program.wrong_key(code))
        found += [f"{page.relative_to(ROOT)}: {line}" for line in wrong if line]
    found += shared_folders({str(page.relative_to(ROOT)): page.read_text() for page in pages()})
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
