"""docs/chapter.md follows the lab: a block for each experiment, under the section and the question that the program names."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_chapter_has_a_block_for_each_experiment():
    blocks = re.findall(r"<!-- lab: ([a-z-]+) -->", (ROOT / "docs" / "chapter.md").read_text())
    listed = re.findall(r"^      ([a-z_]+)\(\),$", (ROOT / "deepq" / "lab" / "experiments" / "experiments.cc").read_text(), re.MULTILINE)
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
