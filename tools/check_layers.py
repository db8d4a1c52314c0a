#!/usr/bin/env python3
"""Checks that includes follow the layers of ARCHITECTURE.md, and the rules that go with them.

One folder of deepq/ is one layer. A file may include its own layer and the ones listed for it; nothing below the program prints, exits or
reads its arguments; the operating system is asked in core/system.cc alone; nothing below record opens files; intrinsics are in nn/kernels
alone, and elementary functions of what learns are core/math.h's, so that strict arithmetic has them. Prints one line per offence.
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
    "act": {"core", "nn", "agent"},
    "config": {"core", "env", "nn", "replay", "agent"},
    "record": {"core", "env", "config"},
    "report": {"core", "env", "stats", "page", "config", "record"},
    "train": {"core", "nn", "replay", "env", "agent", "config", "record", "report"},
    "export": {"core", "nn", "agent", "config", "train"},
    "compare": {"core", "env", "stats", "page", "config", "record"},
    "web": {"core", "nn", "replay", "env", "agent", "config", "record", "train"},  # the playground's core, in web/core
    "lab": {"core", "nn", "replay", "env", "stats", "page", "agent", "config", "record", "report", "train"},
}
INCLUDE = re.compile(r'^\s*#include\s+"deepq/(\w+)/([\w/]+\.\w+)"', re.MULTILINE)
# Of the layers that learn, `config` sees what they are set by, and nothing that runs.
SETTINGS = re.compile(r"(\w+_config|env_options)\.h$")
PRINTS = re.compile(r"std::(cout|cerr|clog)\b|\b(printf|puts|fprintf|exit|abort|_exit)\s*\(|\bargv\b|#include <iostream>")
OPENS = re.compile(r"\b(fopen|open|open_file|creat|mkstemp)\s*\(|std::\w*fstream|#include <(fstream|filesystem)>")
LIBRARY_MATH = re.compile(r"\bstd::(exp|expm1|exp2|log|log1p|log2|log10|sin|cos|tan|sinh|cosh|tanh|asin|acos|atan|atan2|pow|cbrt|hypot|erf|lgamma|tgamma)f?\s*\(")
LEARN = {"core", "nn", "replay", "env", "agent"}
INTRINSICS = re.compile(r"#include <\w*intrin\.h>|\b_mm\w*\(")
# Headers of the operating system, and the files that may include them: the last three are about signals.
SYSTEM = re.compile(r"#include <(?:(?:sys|linux|asm|arpa|net|netinet)/\w+|aio|dirent|dlfcn|fcntl|ftw|glob|grp|mqueue|netdb|poll|pthread|pwd|sched|"
                    r"semaphore|spawn|syslog|termios|ucontext|unistd|utime|wordexp|signal)\.h>|#include <csignal>")
ASK_THE_SYSTEM = {"deepq/core/system.cc", "deepq/core/system_linux.cc", "deepq/core/system_darwin.cc", "deepq/core/system_process.cc", "deepq/core/system_wasi.cc", "cli/signals.cc", "python/interrupt.h", "python/interrupt.cc"}


def strip(source: str) -> str:
    """Without comments and string literals, so that only code is judged."""
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', lambda m: m[0] if m[0].startswith('"deepq/') else '""', source, flags=re.DOTALL)


def offences(path: Path) -> list[str]:
    shown = str(path.relative_to(ROOT))
    layer = shown.removeprefix("deepq/").split("/")[0]
    source = strip(path.read_text())
    found = []
    if shown not in ASK_THE_SYSTEM and SYSTEM.search(source):
        found.append("the operating system is asked by deepq/core/system.cc alone")
    if layer in MAY_INCLUDE:
        for included, name in INCLUDE.findall(source):
            if included != layer and included not in MAY_INCLUDE[layer]:
                found.append(f"layer {layer} must not include layer {included}")
        for included, name in INCLUDE.findall(source) if layer == "config" else []:
            if included in {"nn", "replay", "agent"} and not SETTINGS.search(name):
                found.append(f"config sees the settings of layer {included} alone, not {name}")
        if PRINTS.search(source):
            found.append("a library must not print, exit or read argv")
        if layer not in {"record", "report", "train", "compare", "lab"} and not shown.startswith(("deepq/core/system.", "deepq/core/system_wasi.")) and OPENS.search(source):
            found.append("nothing below record opens files")
        if layer in LEARN and shown != "deepq/core/math.h" and path.name != "plain.cc" and LIBRARY_MATH.search(source):
            found.append("elementary functions of what learns are core/math.h's")
    if "kernels" not in path.parts and INTRINSICS.search(source):
        found.append("intrinsics belong in nn/kernels")
    return [f"{shown}: {offence}" for offence in found]


def main() -> int:
    folders = [ROOT / name for name in ("deepq", "cli", "python", "web/core")]
    files = [p for folder in folders for p in sorted(folder.rglob("*")) if p.suffix in {".h", ".cc", ".inc"} and not p.stem.endswith("_test")]
    unknown = sorted({p.parent.relative_to(ROOT).parts[1] for p in files if p.is_relative_to(ROOT / "deepq") and p.parent != ROOT / "deepq"} - MAY_INCLUDE.keys())
    found = [f"deepq/{layer}: not in the table of layers" for layer in unknown]
    for path in files:
        found += offences(path)
    print("\n".join(found) if found else f"layers: {len(files)} files in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
