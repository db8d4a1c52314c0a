"""The page of `deepq compare` in a real browser, from files as Stable-Baselines3's Monitor and other programs write them.

DEEPQ_PROGRAM is the path of the program `deepq`. Without Chromium the tests that need it are skipped.
"""

import csv
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from pages import DARK, LIGHT, assert_all_drawn, assert_self_contained, measured
from program import deepq


def write_monitors(folder: Path, offset: int, runs: int = 5) -> Path:
    """Written by Python's csv module, as Monitor does: JSON after '#', then rows that end in CR LF."""
    folder.mkdir(parents=True)
    for run in range(runs):
        with open(folder / f"{run}.monitor.csv", "w", newline="\n") as file:
            file.write("#" + json.dumps({"t_start": 1732500000.25 + 100 * run, "env_id": "CartPole-v1"}) + "\n")
            writer = csv.DictWriter(file, fieldnames=("r", "l", "t"))
            writer.writeheader()
            for episode in range(200):
                length = min(500, 20 + offset + 3 * run + episode)
                writer.writerow({"r": float(length), "l": length, "t": round(0.01 * episode, 6)})
    return folder


def write_tables(folder: Path, level: float) -> Path:
    """Two games with three runs each."""
    for game in ("Breakout", "Pong"):
        (folder / game).mkdir(parents=True)
        for run in range(3):
            rows = [f"{1000 * e},{level * e / 100 + run}" for e in range(1, 101)]
            (folder / game / f"{run}.csv").write_text("\n".join(["step,return", *rows]) + "\n")
    return folder


@pytest.mark.parametrize(("width", "scheme"), [(390, DARK), (1280, LIGHT)])
def test_two_groups(browse, tmp_path, width, scheme):
    page = tmp_path / "page.html"
    groups = [write_monitors(tmp_path / name, offset) for name, offset in (("slow", 0), ("fast", 40))]
    deepq("compare", *groups, "--out", page)
    document = browse(page, width, scheme)
    assert_all_drawn(document, charts=2)
    assert "slow over fast" in document


def test_several_tasks_and_groups(browse, tmp_path):
    page = tmp_path / "page.html"
    groups = [write_tables(tmp_path / name, level) for name, level in (("a", 5), ("b", 9), ("c", 20))]
    deepq("compare", *groups, "--out", page)
    document = browse(page)
    assert_all_drawn(document, charts=2)
    assert document.count(" over ") >= 3


def test_page_is_complete(tmp_path):
    page = tmp_path / "page.html"
    deepq("compare", write_monitors(tmp_path / "a", 0), "--out", page)
    assert_self_contained(page)


def test_scores_of_a_page_can_be_compared_again(tmp_path):
    page, table = tmp_path / "page.html", tmp_path / "scores.csv"
    deepq("compare", *(write_monitors(tmp_path / name, offset) for name, offset in (("slow", 0), ("fast", 40))), "--out", page)
    table.write_text(unquote(re.search(r'href="data:text/csv;charset=utf-8,([^"]*)"', page.read_text())[1]))
    again = json.loads(deepq("compare", table, "--json"))
    assert [(group["name"], group["runs"]) for group in again["groups"]] == [(name, {"CartPole-v1": 5}) for name in ("slow", "fast")]
    assert "<code>deepq compare " in page.read_text()


PLACES = """
const box = (place) => document.querySelector(`.intervals tbody tr:first-child ${place}`).getBoundingClientRect();
const [label, track, value] = [box("th"), box(".track"), box("td:last-child")];
document.querySelectorAll("details").forEach((one) => (one.open = true));
const scroll = document.querySelector(".table .scroll");
const width = scroll.clientWidth;
scroll.style.width = "120px";
scroll.scrollLeft = 50;
const name = scroll.querySelector("tbody th").getBoundingClientRect();
return {above: label.bottom <= track.top && value.bottom <= track.top, beside: label.right <= track.left && track.right <= value.left,
        track: track.width / width, scrolled: scroll.scrollLeft, page: document.documentElement.scrollWidth - innerWidth,
        name: name.left - scroll.getBoundingClientRect().left};
"""


@pytest.mark.parametrize("width", [390, 1280])
def test_names_stand_above_their_lines_where_it_is_narrow(browse, tmp_path, width):
    page = tmp_path / "page.html"
    deepq("compare", *(write_tables(tmp_path / name, level) for name, level in (("first-name", 5), ("another-name", 9))), "--out", page)
    found = measured(browse, page, PLACES, width)
    assert found["page"] <= 0, "the page does not scroll sideways"
    assert (found["above"], found["beside"]) == (width == 390, width != 390)
    assert found["track"] > (0.95 if width == 390 else 0.5)
    assert (found["scrolled"] > 0, found["name"]) == (True, 0), "the first column stays where it is"
