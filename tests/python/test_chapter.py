"""tools/chapter.py puts reports of the lab into a page, says what they decide otherwise, and notices a page that is not theirs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = """# Toy

<!-- lab: toy -->

    deepq lab toy

The claim: B is more. **Verdict: holds** (10 seeds).

- B is more: difference of v 100 [90, 110] (claimed above 0): holds.
- Gone: x 1: holds.

<!-- end -->

What changed: nothing yet.
"""


def report(folder: Path, **changed) -> None:
    (folder / "toy").mkdir(parents=True, exist_ok=True)
    check = {"statement": "b is more", "text": "b is more: difference of v is 1 [-1, 3], claimed above 0; p = 0.5: not decided"}
    content = {"experiment": "toy", "claim": "B is more.", "quick": False, "seeds": 20, "first_seed": 100, "verdict": "not decided here",
               "checks": [check | {"answer": "not decided"}], "certain": ["1 < 2."], "notes": ["Training diverged: a 1 of 20.", "no"]}
    (folder / "toy" / "report.json").write_text(json.dumps(content | changed))


def run(folder: Path, *more: str) -> subprocess.CompletedProcess:
    command = [sys.executable, ROOT / "tools" / "chapter.py", folder, "--page", folder / "page.md", *more]
    return subprocess.run(command, capture_output=True, text=True)


def test_writes_the_block_and_says_what_changed(tmp_path):
    (tmp_path / "page.md").write_text(PAGE)
    report(tmp_path)
    assert run(tmp_path, "--check").returncode == 1
    assert (tmp_path / "page.md").read_text() == PAGE
    written = run(tmp_path)
    assert written.returncode == 0, written.stderr
    assert written.stdout.splitlines() == [
        "toy: the verdict was 'holds', is 'not decided here'",
        "toy: 'b is more' was 'holds', is 'not decided'",
        "toy: 'Gone' is no longer among the statements",
    ]
    page = (tmp_path / "page.md").read_text()
    assert "```sh\ndeepq lab toy --first-seed 100\n```\n\nThe claim: B is more. **Verdict: not decided here** (20 seeds, 100 to 119).\n\n- B is more: " in page
    assert "- Certain beforehand, and no part of the verdict: 1 < 2.\n\nTraining diverged: a 1 of 20.\n\n<!-- end -->" in page
    assert page.endswith("What changed: nothing yet.\n")
    again = run(tmp_path, "--check")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_quick_reports_and_missing_ones_give_no_block(tmp_path):
    (tmp_path / "page.md").write_text(PAGE)
    report(tmp_path, quick=True, verdict=None)
    assert "no verdict" in run(tmp_path).stderr
    assert (tmp_path / "page.md").read_text() == PAGE
    checked = run(tmp_path, "--check")
    assert checked.returncode == 1 and "has no whole run of it" in checked.stderr


def test_the_command_says_how_many_seeds_where_they_are_not_the_experiments(tmp_path):
    (tmp_path / "page.md").write_text(PAGE)
    for of_the_experiment, command in ((20, "deepq lab toy --first-seed 100\n"), (30, "deepq lab toy --first-seed 100 --seeds 20\n")):
        report(tmp_path, seeds_of_the_experiment=of_the_experiment)
        assert run(tmp_path).returncode == 0
        assert f"```sh\n{command}```\n" in (tmp_path / "page.md").read_text()


def test_the_chapter_has_a_block_for_each_experiment():
    blocks = re.findall(r"<!-- lab: ([a-z-]+) -->", (ROOT / "docs" / "chapter.md").read_text())
    listed = re.findall(r"^      ([a-z_]+)\(\),$", (ROOT / "deepq" / "lab" / "experiments.cc").read_text(), re.MULTILINE)
    assert sorted(blocks) == sorted(name.replace("_", "-") for name in listed)


@pytest.mark.skipif("DEEPQ_PROGRAM" not in os.environ, reason="the program's path is not known")
def test_each_question_stands_under_its_section_with_its_because_and_then_what_was_measured():
    done = subprocess.run([os.environ["DEEPQ_PROGRAM"], "lab", "--json"], capture_output=True, text=True, check=True)
    page = (ROOT / "docs" / "chapter.md").read_text()
    for experiment in json.loads(done.stdout)["experiments"]:
        before, block, _ = page.partition(f"<!-- lab: {experiment['name']} -->")
        assert block, experiment["name"]
        chapters = re.split(r"^## (.*)$", before, flags=re.MULTILINE)
        parts = re.split(r"^### (.*)$", chapters[-1], flags=re.MULTILINE)
        headings = [chapters[-2]] + parts[-2:-1]
        section, number = experiment["section"], ""
        if section.startswith("Exercises: "):  # "Exercises: conceptual question 1" is the first of "Conceptual questions"
            kind, _, number = section.removeprefix("Exercises: ").partition(" question ")
            assert headings[0] == "Exercises" and headings[1].lower().startswith(kind), experiment["name"]
        else:
            assert section in headings, experiment["name"]
        told = f"**{number and number + '. '}{experiment['question']}** {experiment['because']}"
        assert " ".join(before.split()).endswith(told), experiment["name"]
