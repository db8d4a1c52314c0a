#!/usr/bin/env python3
"""Checks that includes follow the layers of ARCHITECTURE.md, and the rules that go with them.

One folder of deepq/ is one layer. A file may include its own layer and the ones listed for it; nothing below the program prints, exits or
reads its arguments; nothing below record opens files; intrinsics are in nn/kernels alone. Prints one line per offence.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAY_INCLUDE = {
    "core": set(),
    "nn": {"core"},
    "replay": {"core"},
    "env": {"core"},
    "stats": {"core"},
    "page": {"core", "stats"},
    "agent": {"core", "nn", "replay"},
    "config": {"core", "env", "nn", "replay", "agent"},
    "record": {"core", "env", "config"},
    "report": {"core", "env", "stats", "page", "config", "record"},
    "train": {"core", "nn", "replay", "env", "agent", "config", "record", "report"},
    "export": {"core", "nn", "agent", "config", "train"},
    "compare": {"core", "env", "stats", "page", "config", "record"},
    "lab": {"core", "nn", "replay", "env", "stats", "page", "agent", "config", "record", "report", "train"},
}
INCLUDE = re.compile(r'^\s*#include\s+"deepq/(\w+)/([\w/]+\.\w+)"', re.MULTILINE)
# Of the layers that learn, `config` sees what they are set by, and nothing that runs.
SETTINGS = re.compile(r"(\w+_config|env_options)\.h$")
PRINTS = re.compile(r"std::(cout|cerr|clog)\b|\b(printf|puts|fprintf|exit|abort|_exit)\s*\(|\bargv\b|#include <iostream>")
OPENS = re.compile(r"\b(fopen|open|creat|mkstemp)\s*\(|std::\w*fstream|#include <(fstream|filesystem)>")
INTRINSICS = re.compile(r"#include <\w*intrin\.h>|\b_mm\w*\(")


def strip(source: str) -> str:
    """Without comments and string literals, so that only code is judged."""
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', lambda m: m[0] if m[0].startswith('"deepq/') else '""', source, flags=re.DOTALL)


def offences(path: Path) -> list[str]:
    layer = path.relative_to(ROOT / "deepq").parts[0]
    source = strip(path.read_text())
    found = []
    if layer in MAY_INCLUDE:
        for included, name in INCLUDE.findall(source):
            if included != layer and included not in MAY_INCLUDE[layer]:
                found.append(f"layer {layer} must not include layer {included}")
        for included, name in INCLUDE.findall(source) if layer == "config" else []:
            if included in {"nn", "replay", "agent"} and not SETTINGS.search(name):
                found.append(f"config sees the settings of layer {included} alone, not {name}")
        if PRINTS.search(source):
            found.append("a library must not print, exit or read argv")
        if layer not in {"record", "report", "train", "compare", "lab"} and OPENS.search(source):
            found.append("nothing below record opens files")
    if "kernels" not in path.parts and INTRINSICS.search(source):
        found.append("intrinsics belong in nn/kernels")
    return [f"{path.relative_to(ROOT)}: {offence}" for offence in found]


def main() -> int:
    files = [p for p in sorted((ROOT / "deepq").rglob("*")) if p.suffix in {".h", ".cc", ".inc"} and not p.stem.endswith("_test")]
    unknown = sorted({p.relative_to(ROOT / "deepq").parts[0] for p in files if p.parent != ROOT / "deepq"} - MAY_INCLUDE.keys())
    found = [f"deepq/{layer}: not in the table of layers" for layer in unknown]
    for path in files:
        found += offences(path)
    print("\n".join(found) if found else f"layers: {len(files)} files in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
