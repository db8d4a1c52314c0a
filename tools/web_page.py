#!/usr/bin/env python3
"""Makes the playground, one self-contained page, of web/page, the core's module and the lab's stored reports.

    tools/web_page.py MODULE.wasm ESBUILD OUT.html
"""

import json
import lzma
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "web/page"


def bundled(esbuild: str, name: str, form: str) -> str:
    """The module and what it imports, as one text without imports."""
    command = [esbuild, str(PAGE / name), "--bundle", f"--format={form}", "--minify", "--charset=utf8", "--target=es2022"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    return text.replace("</script", "<\\/script")


def because() -> dict[str, list[str]]:
    """The chapter page's question and answer of each experiment: the paragraph that stands before what was measured."""
    text = (ROOT / "docs/chapter.md").read_text()
    return {name: [question, " ".join(words.split())] for question, words, name in re.findall(r"\*\*(?:\d\. )?([^*]+)\*\* (Because (?:(?!\n\n).)*)\n\n<!-- lab: ([\w-]+) -->", text, re.S)}


def rounded(x: float | None) -> float | None:
    return None if x is None else float(f"{x:.4g}")


def chapter() -> str:
    """What the lab measured, of each experiment that the walk names."""
    walked = set(re.findall(r'(?:lab|also): "([\w-]+)"', (PAGE / "walk.js").read_text()))
    answers, found = because(), {}
    for name in sorted(walked):
        report = json.loads((ROOT / f"docs/data/lab/{name}.json").read_text())
        checks = [[check["statement"], check["quantity"], *(rounded(check[key]) for key in ("value", "low", "high")), check["answer"]] for check in report["checks"]]
        found[name] = {key: report[key] for key in ("claim", "verdict", "seeds", "command")} | {"because": answers[name], "checks": checks}
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")


def packed(data: bytes) -> str:
    """As web/page/unpack.js reads it: LZMA without a header, seven bits a character."""
    raw = lzma.compress(data, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 23, "lc": 3, "lp": 0, "pb": 0}])
    text, bits, have = [], 0, 0
    for byte in raw + b"\0":
        bits |= byte << have
        have += 8
        while have >= 7:
            value = bits & 127
            text.append(chr(value + 256 if value in (0, ord("\r"), ord("<")) else value))
            bits >>= 7
            have -= 7
    return "".join(text)


def main() -> None:
    module, esbuild, out = sys.argv[1:]
    core = Path(module).read_bytes()
    # A worker made of a text, in a page of a file, is no module.
    parts = json.dumps({"app": bundled(esbuild, "app.js", "iife"), "worker": bundled(esbuild, "worker.js", "iife"), "chapter": chapter()}, ensure_ascii=False).encode()
    places = {
        "style": subprocess.run([esbuild, "--minify", "--loader=css"], input=(PAGE / "style.css").read_text(), check=True, capture_output=True, text=True).stdout,
        "parts": packed(parts),
        "parts_size": str(len(parts)),
        "core": packed(core),
        "core_size": str(len(core)),
        "load": bundled(esbuild, "load.js", "esm"),
    }
    page = re.sub(r"{{(\w+)}}", lambda place: places.pop(place[1]), (PAGE / "index.html").read_text())
    if places:
        sys.exit(f"web_page: index.html has no place for {', '.join(places)}")
    Path(out).write_bytes(page.encode())
    print(f"{out}: {len(page.encode())} bytes, the core {len(core)} and the scripts {len(parts)} before they were packed")


if __name__ == "__main__":
    main()
