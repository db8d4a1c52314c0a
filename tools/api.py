#!/usr/bin/env python3
"""docs/api.md: the reference of the library in C++, made of the public headers, which deepq/public_headers.txt lists in the page's order.

    tools/api.py           # writes it
    tools/api.py --check   # fails where it is another

A header is shown as it is, its opening comment as text, without includes, macros and what is private. The table in front has every type and
function at the top level with the first sentence of its comment.
"""

import argparse
import difflib
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = "deepq/public_headers.txt"
TYPE = re.compile(r"^(?:template <[^\n]*>\s*)?(?:class|struct|enum class) (\w+)(?=[\s:{])(?!;)|^using (\w+) =")
FUNCTION = re.compile(r"^(?=[a-zA-Z\[])(?!using|struct|class|enum|static|constexpr|typedef|return|namespace|template)[\w:<>,*&\[\] ]*?[\w>*&\]][ *&]+(\w+)\(")
HEAD = """# The library in C++

Made of the public headers by `tools/api.py`: those of `deepq/public_headers.txt`, each of which a program can include alone. `deepq/deepq.h` includes
what most programs need. Other headers are installed too, for these include them; what they hold may change in any version. How the
parts go together, with programs that run: [docs/cpp.md](cpp.md); the members of the settings: [docs/configuration.md](configuration.md).

"""


def public_headers(root: Path) -> list[str]:
    return (root / LIST).read_text().split()


def parts_of(header: str) -> tuple[str, list[str]]:
    """The opening comment as one text, and the lines of the declarations."""
    opening, _, rest = header.partition("#pragma once")
    text = " ".join(line.removeprefix("//").strip() for line in opening.splitlines())
    lines, hidden, continued, deep = [], False, False, 0
    for line in rest.splitlines():
        if continued or line.startswith("#"):
            continued = line.endswith("\\")
            continue
        if re.match(r"\s*(private):", line):
            hidden, deep = True, len(line) - len(line.lstrip())
        if hidden and re.match(r"\s*};", line) and len(line) - len(line.lstrip()) < deep:
            hidden = False
        if not hidden and not re.match(r"^(}  // namespace|namespace .* \{)", line):
            lines.append(line)
    whole = re.sub(r"\n\n(?=\s*};)", "\n", re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip())
    return text.strip(), whole.splitlines()


def sentence(comment: list[str], line: str) -> str:
    """The first of the comment above a declaration, else what stands behind it."""
    text = " ".join(part.removeprefix("//").strip() for part in comment) or line.partition("// ")[2]
    return re.split(r"(?<=[.;:])\s", text, maxsplit=1)[0].rstrip(".;:").replace("|", "\\|")


def names_of(lines: list[str]) -> list[tuple[str, str]]:
    found, comment = [], []
    for line in lines:
        if line.startswith("//"):
            comment.append(line)
            continue
        match = TYPE.match(line) or FUNCTION.match(line)
        name = next((group for group in match.groups() if group), "") if match else ""
        if name and not name.startswith("visit_fields") and name not in dict(found):
            found.append((name, sentence(comment, line)))
        if line and not line.startswith(" "):
            comment = []
    return found


def page(root: Path) -> str:
    table, sections = ["| name | | header |", "|---|---|---|"], []
    for name in public_headers(root):
        text, lines = parts_of((root / name).read_text())
        anchor = re.sub(r"[^\w-]", "", name)
        table += [f"| {one} |{about and ' ' + about} | [{name}](#{anchor}) |" for one, about in names_of(lines)]
        block = "<!-- run: skip, declarations -->\n```cpp\n" + "\n".join(lines) + "\n```\n" if lines else ""
        sections.append(f"## {name}\n\n{text}\n\n{block}")
    return HEAD + "\n".join(table) + "\n\n" + "\n".join(sections)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    path, made = ROOT / "docs" / "api.md", page(ROOT)
    if not arguments.check:
        path.write_text(made)
        return 0
    stored = path.read_text() if path.exists() else ""
    if stored == made:
        return 0
    print("\n".join(list(difflib.unified_diff(stored.splitlines(), made.splitlines(), "docs/api.md", "of the headers", lineterm=""))[:20]), file=sys.stderr)
    print("docs/api.md is stale: run tools/docs.sh", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
