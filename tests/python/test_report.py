"""The HTML report in a real browser: every chart is drawn, nothing is logged as an error, nothing is fetched.

DEEPQ_PROGRAM is the path of the program `deepq`. Without Chromium the tests that need it are skipped.
"""

import math
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

LIGHT, DARK = "--blink-settings=preferredColorScheme=1", "--blink-settings=preferredColorScheme=0"


def deepq(*arguments):
    program = os.environ.get("DEEPQ_PROGRAM")
    if not program:
        pytest.fail("set DEEPQ_PROGRAM to the path of the program deepq")
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def write_run(folder: Path, seed: int, env: str = "CartPole-v1") -> Path:
    """A finished run of 300 episodes with five evaluations; some metrics are not numbers."""
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "config.toml").write_text(
        f"preset = 'chapter'\n[env]\nid = '''{env}'''\n[train]\nseed = {seed}\n[eval]\nepsilon = 0.0\n"
    )
    episodes = [
        f"{e},{20 * e},{200 / (1 + math.exp((120 - e) / 30)) + seed:.6g},20,{0.99**e:.6g},{e / 100}" for e in range(1, 301)
    ]
    metrics = [
        f"{s},{s},{'nan' if s == 500 else math.exp(-s / 800)},{s / 100},{s / 60},inf,0.1,0.001,1" for s in range(100, 6001, 100)
    ]
    evaluations = [f"{s},10,{s / 30},5,{s / 60},{s / 25},20,{int(s == 6000)}" for s in (1000, 2000, 3000, 4000, 6000)]
    for name, header, rows in (
        ("episodes", "episode,env_steps,return,length,epsilon,seconds", episodes),
        ("metrics", "env_steps,updates,loss,mean_q,max_abs_q,grad_norm,epsilon,learning_rate,seconds", metrics),
        (
            "evaluations",
            "env_steps,episodes,mean_return,std_return,min_return,max_return,mean_length,final",
            evaluations,
        ),
    ):
        (folder / f"{name}.csv").write_text("\n".join([header, *rows]) + "\n")
    return folder


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


def assert_all_drawn(document: str, charts: int):
    assert re.search(r'<html[^>]* data-charts-drawn="(\d+)"', document)[1] == str(charts)
    assert len(re.findall('role="img" data-chart=', document)) == charts
    sizes = re.findall(r'<canvas width="(\d+)" height="(\d+)"', document)
    assert len(sizes) == charts
    assert all(int(width) > 250 and int(height) > 150 for width, height in sizes), sizes


@pytest.mark.parametrize(("width", "scheme"), [(390, DARK), (1280, LIGHT)])
def test_one_run(browse, tmp_path, width, scheme):
    page = tmp_path / "page.html"
    deepq("plot", write_run(tmp_path / "run", seed=0), "--out", page)
    assert_all_drawn(browse(page, width, scheme), charts=5)  # the gradient norm is infinite all along


def test_several_runs(browse, tmp_path):
    page = tmp_path / "page.html"
    deepq("plot", *(write_run(tmp_path / f"seed-{seed}", seed) for seed in range(3)), "--out", page)
    assert_all_drawn(browse(page), charts=5)


def test_real_run(browse, tmp_path):
    deepq("train", "--preset", "chapter", "--episodes", 30, "--out", tmp_path / "run")
    assert_all_drawn(browse(tmp_path / "run" / "report.html"), charts=5)  # one evaluation alone makes no chart


def test_hostile_name_runs_nothing(browse, tmp_path):
    page = tmp_path / "page.html"
    attack = "</script></title><img src=x onerror='document.title=1'><script>document.documentElement.id='owned'</script>"
    deepq("plot", write_run(tmp_path / "run", 0, env=attack), "--out", page)
    document = browse(page)
    assert "owned" not in re.search(r"<html[^>]*>", document)[0]
    assert "<img" not in document


class References(HTMLParser):
    """Everything a browser would fetch."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found += [value for name, value in attributes if name in ("src", "href", "srcset", "data", "action", "poster")]


def test_page_fetches_nothing(tmp_path):
    page = tmp_path / "page.html"
    deepq("plot", write_run(tmp_path / "run", seed=0), "--out", page)
    text = page.read_text()
    parser = References()
    parser.feed(text)
    assert parser.found == ["data:,"]
    style = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in style and "@import" not in style
    assert "default-src 'none'" in text
    assert page.stat().st_size < 1_000_000
