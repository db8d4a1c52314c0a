"""The HTML report in a real browser: every chart is drawn, nothing is logged as an error, nothing is fetched.

DEEPQ_PROGRAM is the path of the program `deepq`. Without Chromium the tests that need it are skipped.
"""

import math
import re
from pathlib import Path

import pytest

from pages import DARK, LIGHT, assert_all_drawn, assert_self_contained, measured
from program import deepq


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


@pytest.mark.parametrize(("width", "scheme"), [(390, DARK), (1280, LIGHT)])
def test_one_run(browse, tmp_path, width, scheme):
    page = tmp_path / "page.html"
    deepq("plot", write_run(tmp_path / "run", seed=0), "--out", page)
    assert_all_drawn(browse(page, width, scheme), charts=5)  # the gradient norm is infinite all along


def test_several_runs(browse, tmp_path):
    page = tmp_path / "page.html"
    deepq("plot", *(write_run(tmp_path / f"seed-{seed}", seed) for seed in range(3)), "--out", page)
    assert_all_drawn(browse(page), charts=5)


HOVER = """
const over = document.querySelector("[data-chart=learning] .u-over"), box = over.getBoundingClientRect();
const at = (fraction) => {
  for (const type of ["mouseenter", "mousemove"])
    over.dispatchEvent(new MouseEvent(type, {clientX: box.left + 0.9 * box.width, clientY: box.top + fraction * box.height, bubbles: true}));
};
const named = [];
for (let fraction = 0; fraction < 1; fraction += 0.02) { at(fraction); named.push(over.querySelector(".pointed").textContent); }
return named;
"""


def test_thin_lines_are_named_under_the_cursor(browse, tmp_path):
    page = tmp_path / "page.html"
    deepq("plot", *(write_run(tmp_path / f"seed-{seed}", seed=40 * seed) for seed in range(3)), "--out", page)
    named = measured(browse, page, HOVER)
    assert {text.partition(":")[0] for text in named} == {"", "seed 0", "seed 40", "seed 80"}
    assert any(re.fullmatch(r"seed 80: 2\d\d(\.\d)?", text) for text in named), named


def test_real_run(browse, tmp_path):
    deepq("train", "--preset", "chapter", "--episodes", 30, "--out", tmp_path / "run")
    assert_all_drawn(browse(tmp_path / "run" / "report.html"), charts=7)  # one evaluation alone makes no chart


def test_hostile_name_runs_nothing(browse, tmp_path):
    page = tmp_path / "page.html"
    attack = "</script></title><img src=x onerror='document.title=1'><script>document.documentElement.id='owned'</script>"
    deepq("plot", write_run(tmp_path / "run", 0, env=attack), "--out", page)
    document = browse(page)
    assert "owned" not in re.search(r"<html[^>]*>", document)[0]
    assert "<img" not in document


def test_page_fetches_nothing(tmp_path):
    page = tmp_path / "page.html"
    deepq("plot", write_run(tmp_path / "run", seed=0), "--out", page)
    assert_self_contained(page)
