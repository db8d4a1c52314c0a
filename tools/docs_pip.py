#!/usr/bin/env python3
"""`pip install` for tools/run_docs.py: what a page installs comes from the tests' environment, as links, with no network and no compiler.

    docs_pip.py BUILD VENV REQUIREMENT...

"." is this package, as BUILD made it. What it and the other requirements need comes along, and nothing else: a page that forgets
an extra fails as it would for a reader. Run by the tests' interpreter.
"""

import sys
import tomllib
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent


def needs_of(wanted: str) -> list[str]:
    """The requirements of "." or ".[extra]"."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found = list(project["dependencies"])
    for extra in filter(None, wanted.removeprefix(".").strip("[]").split(",")):
        found += project["optional-dependencies"][extra]
    return found


def with_needs(wanted: list[str], found: dict[str, Distribution], done: set[str]) -> None:
    for text in wanted:
        requirement = Requirement(text)
        if str(requirement) in done:
            continue
        done.add(str(requirement))
        package = found.setdefault(requirement.name.lower(), distribution(requirement.name))
        if not requirement.specifier.contains(package.version, prereleases=True):
            raise SystemExit(f"the tests' environment has {requirement.name} {package.version}, the page asks for {requirement}")
        for need in map(Requirement, package.requires or []):
            extras = requirement.extras or {""}
            if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in extras):
                need.marker = None
                with_needs([str(need)], found, done)


def link(source: Path, target: Path) -> None:
    if not target.is_symlink() and not target.exists():
        target.symlink_to(source)


def main() -> None:
    build, venv, *wanted = sys.argv[1:]
    site = next(Path(venv).glob("lib/python3*/site-packages"))
    found: dict[str, Distribution] = {}
    for text in wanted:
        if text.startswith("."):
            with_needs(needs_of(text), found, set())
            link(Path(build) / "python" / "deepq", site / "deepq")
            program = Path(venv) / "bin" / "deepq"
            program.write_text(f"#!{venv}/bin/python\nimport sys\nfrom deepq._program import main\nsys.exit(main())\n")
            program.chmod(0o755)
        else:
            with_needs([text], found, set())
    for package in found.values():
        for top in {file.parts[0] for file in package.files or [] if file.parts[0] not in ("..", "__pycache__")}:
            link(Path(package.locate_file(top)), site / top)


if __name__ == "__main__":
    main()
