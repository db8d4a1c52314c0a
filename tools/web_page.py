#!/usr/bin/env python3
"""Makes the playground, one self-contained page, of web/page, the core's module and the lab's stored reports.

    tools/web_page.py MODULE.wasm ESBUILD OUT.html
"""

import base64
import gzip
import json
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


def main() -> None:
    module, esbuild, out = sys.argv[1:]
    # Without a time stamp: the same sources make the same page.
    wasm = base64.b64encode(gzip.compress(Path(module).read_bytes(), 9, mtime=0)).decode()
    page = (PAGE / "index.html").read_text()
    parts = {
        "style": subprocess.run([esbuild, "--minify", "--loader=css"], input=(PAGE / "style.css").read_text(), check=True, capture_output=True, text=True).stdout,
        "wasm": wasm,
        "worker": bundled(esbuild, "worker.js", "iife"),  # a worker made of a text, in a page of a file, is no module
        "chapter": chapter(),
        "app": bundled(esbuild, "app.js", "esm"),
    }
    for name, text in parts.items():
        before, mark, after = page.partition("{{" + name + "}}")
        if not mark:
            sys.exit(f"web_page: index.html has no place for {name}")
        page = before + text + after
    Path(out).write_text(page)
    print(f"{out}: {len(page.encode())} bytes, the module {len(wasm)} of them")


if __name__ == "__main__":
    main()
