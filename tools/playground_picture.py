#!/usr/bin/env python3
"""Makes README's moving picture of the playground: the chapter's agent learning in a headless Chromium.

    .venv/bin/python tools/playground_picture.py [OUT.webp]

Needs what tools/web.sh installs, and Pillow.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
MOST_BYTES = 600_000
LAST_MS = 3500  # the end stays to be looked at
QUALITIES = (80, 65, 50, 35)


def main() -> None:
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/images/playground.webp"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["node", "tools/playground_frames.mjs", str(ROOT / "web/playground.html"), folder], check=True, cwd=ROOT)
        times = json.loads((Path(folder) / "times.json").read_text())
        frames = [Image.open(path).convert("RGB") for path in sorted(Path(folder).glob("*.png"))]
    durations = [after - before for before, after in zip(times, times[1:])] + [LAST_MS]
    for quality in QUALITIES:  # the best that is small enough
        frames[0].save(out, save_all=True, append_images=frames[1:], duration=durations, loop=0, quality=quality, method=6)
        if out.stat().st_size <= MOST_BYTES:
            print(f"{out}: {len(frames)} frames, {sum(durations) / 1000:.1f} s, quality {quality}, {out.stat().st_size} bytes")
            return
    sys.exit(f"{out}: {out.stat().st_size} bytes at quality {QUALITIES[-1]}; allowed: {MOST_BYTES}")


if __name__ == "__main__":
    main()
