#!/usr/bin/env python3
"""The version. CMakeLists.txt says it, and program, library, headers and Python package take it from there; what cannot is in the table below.

    tools/version.py              # prints it
    tools/version.py --check      # fails where another file says another one
    tools/version.py --set 0.3.0  # writes it everywhere but into the changelog, whose section people write
"""

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ("CMakeLists.txt", r"^project\(deepq VERSION ([0-9.]+)")
# File, and the pattern whose group is the version. Of the package for CMake the first two numbers are asked for.
OTHERS = [
    ("CITATION.cff", r"^version: (\S+)$"),
    ("packaging/vcpkg/deepq/vcpkg.json", r'^  "version": "([^"]+)"'),
    ("packaging/conda/recipe.yaml", r'^  version: "([^"]+)"'),
    ("web/npm/package.json", r'^  "version": "([^"]+)"'),
]
SHORT = [(name, r"^ *find_package\(deepq ([0-9.]+) ") for name in ("docs/cpp.md", "tests/install/consumer/CMakeLists.txt", "tests/install/acting/CMakeLists.txt")]
CHANGELOG = ("CHANGELOG.md", r"^## \[([0-9.]+)\]")
PYTHON = ("pyproject.toml", r"^regex = '(.*)'$")  # which reads CMakeLists.txt


def matches(root: Path, name: str, pattern: str) -> list[str]:
    return re.findall(pattern, (root / name).read_text(), re.MULTILINE)


def version(root: Path = ROOT) -> str:
    return matches(root, *HOME)[0]


def wrong(root: Path) -> list[str]:
    own = version(root)
    short = own.rsplit(".", 1)[0]
    found = []
    for homes, wanted in ((OTHERS, own), (SHORT, short)):
        for name, pattern in homes:
            said = matches(root, name, pattern)
            if not said or set(said) != {wanted}:
                found.append(f"{name}: says {' and '.join(said) or 'no version'}; CMakeLists.txt says {own}")
    newest = matches(root, *CHANGELOG)[:1]
    if newest != [own]:
        found.append(f"CHANGELOG.md: its newest section is {''.join(newest) or 'none'}; CMakeLists.txt says {own}")
    python = matches(root, *PYTHON)
    read = re.search(python[0], (root / HOME[0]).read_text()) if python else None
    if not read or read["value"] != own:
        found.append(f"pyproject.toml: reads {read['value'] if read else 'no version'} from CMakeLists.txt, which says {own}")
    return found


def write(root: Path, new: str) -> None:
    for name, pattern in [HOME, *OTHERS, *SHORT]:
        text = new.rsplit(".", 1)[0] if (name, pattern) in SHORT else new
        path = root / name
        path.write_text(re.sub(pattern, lambda m: m[0].replace(m[1], text), path.read_text(), flags=re.MULTILINE))


def main() -> int:
    parser = argparse.ArgumentParser(description="The version, and who repeats it.")
    parser.add_argument("--check", action="store_true", help="fail where another file says another one")
    parser.add_argument("--set", metavar="VERSION", help="write this one everywhere but into the changelog")
    options = parser.parse_args()
    if options.set:
        if not re.fullmatch(r"\d+\.\d+\.\d+", options.set):
            parser.error("a version is three numbers: 0.3.0")
        write(ROOT, options.set)
    if options.check:
        found = wrong(ROOT)
        print("\n".join(found) if found else f"version: {version()} everywhere")
        return 1 if found else 0
    print(version())
    return 0


if __name__ == "__main__":
    sys.exit(main())
