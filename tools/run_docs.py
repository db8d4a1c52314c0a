#!/usr/bin/env python3
"""Runs what README and the other pages show, as a reader would, and fails where it does not do what the page says.

    tools/run_docs.py                          # all pages, after a build
    tools/run_docs.py README.md docs/python.md
    tools/run_docs.py --list                   # says what would run

The blocks of a page run in their order, in a folder of its own that looks like the checkout: ```sh, ```python and ```cpp, the
latter two twice, as readers do. The environment (PATH, `. .venv-deepq/bin/activate`) lives on from block to block; README.md and
CONTRIBUTING.md begin with nothing, all other pages with the program on the PATH, as README leaves it. ```cmake says how the
next ```cpp is linked. A comment above a block says what differs from what it shows:

    <!-- run: OLD => NEW -->                NEW is run where the page shows OLD, mostly to be quicker
    <!-- run: skip, REASON -->              not run
    <!-- run: after LINE -->                a line that the reader is taken to have: run before, in the block's language
    <!-- run: file NAME -->                 the block is the content of that file
    <!-- run: in FOLDER -->                 the block runs there
    <!-- run: venv -->                      from here on the environment that docs/python.md makes is active
    <!-- run: prints -->                    above a ```text block: what the block before prints; `...` for what may differ
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^(?P<notes>(?:<!-- run: [^\n]*?-->\n)*)```(?P<language>[a-z]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
NOTE = re.compile(r"<!-- run: (.*?) -->")
LANGUAGES = ("sh", "python", "cpp", "cmake", "toml", "json", "text")
BEGIN_BARE = ("README.md", "CONTRIBUTING.md")
SECONDS = 300  # that a block may take


@dataclass
class Block:
    line: int
    language: str
    text: str
    skip: str = ""
    file: str = ""
    where: str = ""
    before: list[str] = field(default_factory=list)
    prints: bool = False
    venv: bool = False

    def take(self, note: str) -> None:
        word, _, rest = note.partition(" ")
        if note.startswith("skip, "):
            self.skip = note.removeprefix("skip, ")
        elif word == "after":
            self.before.append(rest)
        elif word == "file":
            self.file = rest
        elif word == "in":
            self.where = rest
        elif note == "prints":
            self.prints = True
        elif note == "venv":
            self.venv = True
        else:
            old, arrow, new = (part.strip() for part in note.partition("=>"))
            if not arrow or old not in self.text:
                raise Wrong(f"the block shows no '{old}' to be run otherwise", self.line)
            self.text = self.text.replace(old, new)


class Wrong(Exception):
    """The page shows what is not so."""

    def __init__(self, text: str, line: int = 0):
        super().__init__(text)
        self.line = line


def blocks_of(page: Path) -> list[Block]:
    whole, found = page.read_text(), []
    for match in BLOCK.finditer(whole):
        block = Block(whole.count("\n", 0, match.start("text")) + 1, match["language"], match["text"])
        if block.language not in LANGUAGES:
            raise Wrong(f"a block of '{block.language}'; known: {', '.join(LANGUAGES)}", block.line)
        for note in NOTE.findall(match["notes"]):
            block.take(note)
        found.append(block)
    outside = BLOCK.sub(lambda match: "\n" * match[0].count("\n"), whole).split("\n")
    for number, line in enumerate(outside, 1):
        if line.startswith("<!-- run:"):
            raise Wrong("this note stands above no block", number)
        if line.startswith("    ") and not outside[number - 2].strip():
            raise Wrong("an indented block is not run; fence it, as ```sh or ```text", number)
    return found


class Page:
    """A folder in which a page's blocks run one after the other."""

    def __init__(self, path: Path, folder: Path, build: Path, python: str, prefix: Path):
        self.folder, self.python, self.prefix = folder, python, prefix
        self.printed, self.cmake = "", ""
        for entry in ROOT.iterdir():
            if entry.name not in ("build", "runs", "lab", "dist") and not entry.name.startswith(".venv"):
                (folder / entry.name).symlink_to(entry)
        (folder / "build").mkdir()
        for name in ("dev", "release"):
            (folder / "build" / name).symlink_to(build)
        (folder / "home").mkdir()
        kept = [part for part in os.environ["PATH"].split(":") if not (Path(part) / "deepq").exists() and not (Path(part) / "pyvenv.cfg").exists()]
        own = {"DOCS_ENVIRONMENT": folder / ".environment", "DOCS_PYTHON": python, "DOCS_ROOT": ROOT, "DOCS_BUILD": build, "PWD": folder, "HOME": folder / "home"}
        self.environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
        self.environment |= {name: str(value) for name, value in own.items()} | {"PATH": ":".join(kept), "PYTHONDONTWRITEBYTECODE": "1"}
        if str(path) not in BEGIN_BARE:
            self.environment["PATH"] = f"{folder}/build/release/cli:{self.environment['PATH']}"

    def run(self, block: Block) -> None:
        if block.venv:
            self.shell("python3 -m venv .venv-deepq; . .venv-deepq/bin/activate; pip install '.[gymnasium]'")
        text = "\n".join([*block.before, block.text])
        if block.file:
            (self.folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / block.file).write_text(block.text)
        elif block.prints:
            self.compare(block.text)
        elif block.language == "sh":
            self.printed = self.shell(f"(cd {block.where}\n{text}\n)" if block.where else text)
        elif block.language == "python":
            if "VIRTUAL_ENV" not in self.environment:
                raise Wrong("no line of the page has made an environment for Python")
            for _ in range(2):
                self.printed = self.call(["python", "-c", text])
        elif block.language == "cmake":
            self.cmake = text
        elif block.language == "cpp":
            self.build(text)
            for _ in range(2):
                self.printed = self.call([self.folder / "snippet/build/your_program"], self.folder / "snippet")

    def shell(self, script: str) -> str:
        try:
            return self.call(["bash", "-c", (ROOT / "tools" / "docs_shell.sh").read_text() + script])
        finally:
            left = Path(self.environment["DOCS_ENVIRONMENT"])
            if left.exists():
                self.environment = dict(entry.split("=", 1) for entry in left.read_text().rstrip("\0").split("\0"))

    def call(self, command: list, where: Path | None = None) -> str:
        where = where or Path(self.environment["PWD"])
        with tempfile.TemporaryFile("w+") as output:
            try:
                done = subprocess.run(command, cwd=where, env=self.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, timeout=SECONDS)
            except subprocess.TimeoutExpired:
                raise Wrong(f"took longer than {SECONDS} s") from None
            output.seek(0)
            text = output.read()
        if done.returncode != 0:
            raise Wrong(f"status {done.returncode}:\n{text[-2000:]}")
        return text

    def build(self, text: str) -> None:
        """A snippet without a main() is the body of one; its #include lines stay outside."""
        lines = text.split("\n")
        if "int main(" not in text:
            outside = [line for line in lines if line.startswith("#include")]
            lines = [*outside, "int main() {", *[line for line in lines if line not in outside], "}"]
        folder = self.folder / "snippet"
        folder.mkdir(exist_ok=True)
        (folder / "snippet.cc").write_text("\n".join(lines) + "\n")
        linking = self.cmake or "find_package(deepq REQUIRED)\ntarget_link_libraries(your_program PRIVATE deepq::deepq)\n"
        find, link = linking.split("target_link_libraries", 1)
        (folder / "CMakeLists.txt").write_text(
            f"cmake_minimum_required(VERSION 3.22)\nproject(snippet CXX)\n{find}\nadd_executable(your_program snippet.cc)\n"
            f"target_include_directories(your_program PRIVATE ..)\ntarget_link_libraries{link}"
        )
        if not (folder / "build").exists():
            self.call(["cmake", "-G", "Ninja", "-S", folder, "-B", folder / "build", f"-DCMAKE_PREFIX_PATH={self.prefix}", "-DCMAKE_BUILD_TYPE=Debug"])
        self.call(["cmake", "--build", folder / "build"])

    def require_clean(self, files: list[str]) -> None:
        """What the page leaves in the checkout is ignored by git."""
        own = {"home", "snippet", ".environment", *(name.partition("/")[0] for name in files)}
        left = [entry for entry in self.folder.iterdir() if not entry.is_symlink() and entry.name not in own | {"build"}]
        names = [entry.name + "/" * entry.is_dir() for entry in left]
        done = subprocess.run(["git", "-C", ROOT, "check-ignore", "--no-index", "--", *names], capture_output=True, text=True)
        unknown = sorted(set(names) - set(done.stdout.split()))
        if names and unknown and done.returncode != 128:  # that: ROOT is no repository of git's
            raise Wrong(f"leaves {', '.join(unknown)} in the checkout; .gitignore does not name it")

    def compare(self, shown: str) -> None:
        pattern = r"\s+".join(re.escape(word).replace(r"\.\.\.", ".*?") for word in shown.split())
        if not re.search(pattern, self.printed, re.DOTALL):
            raise Wrong(f"the page says that it prints\n{shown}it printed\n{self.printed[-2000:]}")


def run_page(path: Path, scratch: Path, build: Path, python: str, prefix: Path) -> tuple[list[str], str]:
    """What is wrong on a page, and a line about it."""
    begun, ran, wrong = time.monotonic(), 0, []
    folder = Path(tempfile.mkdtemp(dir=scratch))
    try:
        page, blocks = Page(path, folder, build, python, prefix), blocks_of(ROOT / path)
    except Wrong as error:
        return [f"{path}:{error.line}: {error}"], f"{path}: not run"
    for block in blocks:
        if block.skip or (block.language in ("text", "toml", "json") and not block.prints and not block.file):
            continue
        try:
            page.run(block)
            ran += 1
        except Wrong as error:
            wrong.append(f"{path}:{block.line}: {error}")
    try:
        page.require_clean([block.file for block in blocks if block.file])
    except Wrong as error:
        wrong.append(f"{path}: {error}")
    shutil.rmtree(folder, ignore_errors=True)
    skipped = sum(bool(block.skip) for block in blocks)
    return wrong, f"{path}: {ran} blocks ran, {skipped} skipped, {len(wrong)} wrong, {time.monotonic() - begun:.0f} s"


def all_pages() -> list[Path]:
    others = ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "bench/compare/README.md", "tests/golden/README.md")
    found = [ROOT / name for name in others] + sorted((ROOT / "docs").rglob("*.md"))
    return [path.relative_to(ROOT) for path in found]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", type=Path)
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "dev", help="the build whose programs run")
    parser.add_argument("--list", action="store_true", help="says what would run, and what would not")
    arguments = parser.parse_args()
    pages = arguments.pages or all_pages()
    if arguments.list:
        for page in pages:
            for block in blocks_of(ROOT / page):
                print(f"{page}:{block.line}: {block.language}{': not run, ' + block.skip if block.skip else ''}")
        return 0
    python = subprocess.run([ROOT / "tools" / "python.sh"], check=True, capture_output=True, text=True).stdout.strip()
    with tempfile.TemporaryDirectory(prefix="deepq-docs-") as scratch:
        prefix = Path(scratch) / "prefix"
        subprocess.run(["cmake", "--install", arguments.build, "--prefix", prefix], check=True, stdout=subprocess.DEVNULL)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            done = list(pool.map(lambda page: run_page(page, Path(scratch), arguments.build.resolve(), python, prefix), pages))
    for _, line in done:
        print(line)
    wrong = [text for page, _ in done for text in page]
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
