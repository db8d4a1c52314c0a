#!/usr/bin/env python3
"""Puts the tables of what runs record into the pages, from `deepq presets --records`.

    tools/record_tables.py PROGRAM           # writes each block between `<!-- records: NAME -->` and `<!-- end -->`
    tools/record_tables.py PROGRAM --check   # fails where a block is another, or is on no page
"""

import re
import subprocess
import sys
from pathlib import Path

BLOCK = re.compile(r"<!-- records: (?P<name>[a-z]+) -->\n.*?<!-- end -->\n", re.DOTALL)
PAGES = [Path("docs/tracking.md"), Path("docs/run_folder.md")]


def main() -> int:
    program, check = sys.argv[1], "--check" in sys.argv[2:]
    printed = subprocess.run([program, "presets", "--records"], capture_output=True, text=True, check=True).stdout
    made = {match["name"]: match[0] for match in BLOCK.finditer(printed)}
    stale, placed = [], set()
    for page in PAGES:
        text = page.read_text()
        placed |= {match["name"] for match in BLOCK.finditer(text)}
        fresh = BLOCK.sub(lambda match: made.get(match["name"], ""), text)
        if fresh != text:
            stale.append(str(page))
            if not check:
                page.write_text(fresh)
    faults = [f"no page has the records of '{name}'" for name in sorted(made.keys() - placed)]
    if check:
        faults += [f"{page} is stale: run tools/docs.sh" for page in stale]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
