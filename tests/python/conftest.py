"""Fixtures for pages in a real browser. Without Chromium the tests that need one are skipped."""

import shutil
import subprocess
from pathlib import Path

import pytest

from pages import LIGHT


@pytest.fixture(scope="session")
def chromium():
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("no Chromium found: the report is not looked at in a browser")


@pytest.fixture
def browse(chromium, tmp_path):
    """Opens a page and returns the document after its scripts have run; fails if anything reached the console."""

    def run(page: Path, width: int = 1280, scheme: str = LIGHT) -> str:
        options = (
            "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking "
            "--disable-component-update --disable-sync --enable-logging=stderr --virtual-time-budget=3000"
        ).split()
        done = subprocess.run(
            [chromium, *options, scheme, f"--window-size={width},900", f"--user-data-dir={tmp_path / 'browser'}"]
            + ["--dump-dom", page.as_uri()],
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        assert console == []
        return done.stdout

    return run
