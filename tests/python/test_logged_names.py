"""The tables of what is logged, in docs/tracking.md, have the names that the program writes, and the algorithms' pages speak of no others."""

import re
from pathlib import Path

import program
import pytest

DOCS = Path(__file__).parents[2] / "docs"
KINDS = {"episode": "episodes.csv", "metrics": "metrics.csv", "evaluation": "evaluations.csv"}
LIBRARIES = ("deepq", "sb3", "cleanrl")
ALONE = "callbacks alone"


def rows_of(kind: str) -> list[dict[str, str]]:
    """Of the table that follows "`kind`, a row of"; each with name, meaning and the tags, unquoted."""
    text = (DOCS / "tracking.md").read_text().split(f"\n`{kind}`, a row of ")[1]
    lines = re.search(r"\n\n(\|.*?)\n\n", text, re.DOTALL)[1].split("\n")
    heads, _, *rows = ([cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines)
    return [dict(zip(heads, row, strict=True)) for row in rows]


def names_of(kind: str, without: str = "nothing") -> list[str]:
    return [row["name"] for row in rows_of(kind) if row["name"] and without not in row["meaning and unit"]]


@pytest.fixture(scope="module", params=LIBRARIES)
def written(request, tmp_path_factory):
    """A short run that has a record of each kind, with one library's names of tags."""
    run = tmp_path_factory.mktemp("logged") / "run"
    settings = ["eval.every_env_steps=100", "eval.final_episodes=1", "eval.episodes=1", "log.metrics_every_updates=10"]
    program.deepq("train", "--preset", "chapter", "--steps", 300, "--quiet", "--out", run, "--set", *settings, f"log.tensorboard_tags={request.param}")
    return request.param, run


@pytest.mark.parametrize(("kind", "file"), KINDS.items())
def test_columns_of_the_csv_files(kind, file, written):
    columns = (written[1] / file).read_text().split("\n")[0].split(",")
    assert set(columns) == set(names_of(kind, without=ALONE))
    assert len(columns) == len(set(columns))


def test_tags(written):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    library, run = written
    events = accumulator.EventAccumulator(str(run), size_guidance={"scalars": 0})
    events.Reload()
    tags = {kind: {row[library] for row in rows_of(kind)} - {""} for kind in KINDS}
    evaluations = tags["evaluation"] | {f"final_{tag}" for tag in tags["evaluation"]}
    assert set(events.Tags()["scalars"]) == tags["episode"] | tags["metrics"] | evaluations


def test_what_callbacks_are_told():
    deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")
    told = {}
    model = deepq.DQN("CartPole-v1", eval_every_env_steps=100, eval_episodes=1, metrics_every_updates=10, learning_starts=10)
    model.learn(300, callback=lambda kind, record: told.setdefault(kind, set(record)) and None)
    assert told == {kind: set(names_of(kind)) for kind in KINDS}


@pytest.mark.parametrize("page", sorted(path.name for path in (DOCS / "algorithms").glob("*.md") if path.name != "README.md"))
def test_pages_of_algorithms_say_what_is_special(page):
    text = (DOCS / "algorithms" / page).read_text()
    (logged,) = re.findall(r"^Logged: (\[what is logged\]\(\.\./tracking\.md#what-is-logged\).*?)\n\n", text, re.DOTALL | re.MULTILINE)
    words = set(re.findall(r"`([a-z_]+)`", logged))
    known = {name for kind in KINDS for name in names_of(kind)} | {"predict", "overestimation"}
    assert words & known
    assert words <= known
    (result,) = re.findall(r"^Results?: (.*?)(?:\n\n|\Z)", text, re.DOTALL | re.MULTILINE)
    links = re.findall(r"\]\(([^)]*)\)", result)
    assert links
    assert all(re.fullmatch(r"\.\./(results|chapter)\.md#.+", link) for link in links)  # tools/check_pages.py: the heading is there
