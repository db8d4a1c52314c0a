"""The picture of a run's page, docs/images/report.png, and what it was taken of, docs/data/pages/report.json."""

import hashlib
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from result.data import Wrong, lines
from result.record import origin, text_of

SIZE = (1280, 908)
PRESET = "chapter"


def take(page: Path, picture: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        raise Wrong("there is no chromium: tools/setup.sh test")
    with tempfile.TemporaryDirectory() as profile:
        command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking", "--no-first-run",
                   f"--user-data-dir={profile}", f"--window-size={SIZE[0]},{SIZE[1]}", "--virtual-time-budget=3000", f"--screenshot={picture}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)


def record(root: Path, program: str, commit: str | None) -> None:
    picture = root / "docs" / "images" / "report.png"
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "runs" / PRESET
        subprocess.run([program, "train", "--preset", PRESET, "--out", run], check=True, capture_output=True)
        take(run / "report.html", picture)
    data = {"picture": "docs/images/report.png", "sha256": hashlib.sha256(picture.read_bytes()).hexdigest(),
            "command": f"deepq train --preset {PRESET} --out runs/{PRESET}", "preset": PRESET,
            "date": time.strftime("%Y-%m-%d", time.gmtime())} | lines(program, [PRESET])[PRESET] | origin(program, commit, None)
    (root / "docs" / "data" / "pages").mkdir(exist_ok=True)
    (root / "docs" / "data" / "pages" / "report.json").write_text(text_of(data) + "\n")


def stored(root: Path) -> list[dict]:
    return [json.loads(path.read_text()) for path in sorted((root / "docs" / "data" / "pages").glob("*.json"))]


def rows(root: Path) -> list[tuple[str, dict]]:
    return [(data["picture"], data) for data in stored(root)]


def check(root: Path) -> list[str]:
    taken = {data["picture"] for data in stored(root)}
    shown = [str(path.relative_to(root)) for path in sorted((root / "docs" / "images").glob("*.png"))]
    wrong = [f"{picture}: docs/data/pages does not say what it was taken of: tools/results.py page" for picture in shown if picture not in taken]
    for data in stored(root):
        picture = root / data["picture"]
        if not picture.exists() or hashlib.sha256(picture.read_bytes()).hexdigest() != data["sha256"]:
            wrong.append(f"{data['picture']}: not the picture that {data['command']} gave: tools/results.py page")
    return wrong
