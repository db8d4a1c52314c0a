"""The lab's pages in a real browser: every chart drawn, nothing on the console, nothing fetched, under a megabyte.

One experiment by default; with DEEPQ_SLOW set all of them, in their quick versions. DEEPQ_PROGRAM is the path of `deepq`.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

from pages import DARK, LIGHT, assert_all_drawn, assert_self_contained

NAME = "all" if os.environ.get("DEEPQ_SLOW") else "deadly-triad"


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("lab")
    command = [os.environ["DEEPQ_PROGRAM"], "lab", NAME, "--quick", "--quiet", "--out", str(folder)]
    subprocess.run(command, check=True, timeout=3600)
    return folder


@pytest.mark.parametrize(("width", "scheme"), [(390, DARK), (1280, LIGHT)])
def test_pages(browse, lab, width, scheme):
    pages = sorted(lab.glob("*/report.html"))
    assert pages
    for page in pages:
        charts = len(re.findall('role="img" data-chart=', page.read_text()))
        small = "class=\"multiples\"" in page.read_text()  # two beside each other on a phone
        assert_all_drawn(browse(page, width, scheme), charts, 140 if small else 250)
        assert_self_contained(page)


def test_the_index_leads_to_the_pages(browse, lab):
    index = lab / "index.html"
    assert_all_drawn(browse(index, 390, DARK), 0)
    assert_self_contained(index)
    assert '<a href="deadly-triad/report.html">“Function approximation, ' in index.read_text()
    assert "All of these are quick" in index.read_text()


def test_intervals_and_legend(browse, lab):
    document = browse(lab / "deadly-triad" / "report.html")
    assert "No verdict: the quick version only shows the pictures" in document
    assert document.count('class="dot"') == 8  # four statements, four deep agents
    assert 'class="u-label">without off-policy learning</div>' in document
