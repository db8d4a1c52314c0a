"""tools/results.py: blocks and pictures are those of the stored results, and a changed figure, line or picture is named."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = """# Toy

<!-- lab: toy -->

The claim: B is more. **Verdict: holds** (10 seeds).

<!-- end -->

By hand: nothing yet.
"""
LINE = "ab" * 32
PROGRAM = f"""#!{sys.executable}
import json, pathlib, sys
words = sys.argv[1:]
if words[0] == "doctor":
    print(json.dumps({{"cores": 2, "cpu": "Toy", "kernels": "avx9"}}))
elif words[0] == "envs":
    print(json.dumps({{"envs": [{{"id": "CartPole-v1"}}]}}))
elif words[0] == "presets":
    print('[env]\\nid = "CartPole-v1"')
elif words[0] == "compare":
    score = {{"value": 450.126, "low": 400.0, "high": 500.0}}
    print(json.dumps({{"groups": [{{"iqm": score, "mean": score}}]}}))
else:
    lines = json.loads((pathlib.Path(__file__).parent / "lines.json").read_text())
    preset = words[words.index("--preset") + 1]
    if preset not in lines:
        sys.exit("deepq: unknown preset '" + preset + "'")
    print(json.dumps({{"presets": {{preset: lines[preset]}}, "vector_presets": {{preset: lines.get(preset + " vector")}}}}))
"""


def program(folder: Path, lines: dict[str, str]) -> Path:
    """One that prints these lines, of kernels "avx9"."""
    (folder / "lines.json").write_text(json.dumps(lines))
    path = folder / "deepq"
    path.write_text(PROGRAM)
    path.chmod(0o755)
    return path


def run(root: Path, *words) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, ROOT / "tools" / "results.py", "--root", root, *words], capture_output=True, text=True)


def report(folder: Path, **changed) -> None:
    (folder / "toy").mkdir(parents=True, exist_ok=True)
    check = {"statement": "b is more", "quantity": "difference of v", "value": 1.23456, "low": -1, "high": 3, "claimed": "above", "threshold": 0,
             "text": "b is more: difference of v is 1.23 [-1, 3], claimed above 0; p = 0.5: not decided", "answer": "not decided"}
    content = {"experiment": "toy", "claim": "B is more.", "quick": False, "seeds": 20, "first_seed": 100, "verdict": "not decided here",
               "checks": [check], "certain": ["1 < 2."], "notes": ["Training diverged: a 1 of 20.", "no"], "tables": []}
    (folder / "toy" / "report.json").write_text(json.dumps(content | changed))


@pytest.fixture
def toy(tmp_path) -> Path:
    """A checkout of one page and no trainings."""
    for name in ("docs/data/lab", "docs/images", "lab"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "docs" / "chapter.md").write_text(PAGE)
    of_the_lab = ["chapter", "double", "dueling", "per", "n-step", "acrobot"]
    program(tmp_path, {name: LINE for name in of_the_lab} | {f"{name} vector": LINE[::-1] for name in of_the_lab})
    return tmp_path


@pytest.fixture
def bare(toy) -> Path:
    (toy / "docs" / "chapter.md").write_text("# Toy\n\n<!-- result: cartpole-in-short -->\n<!-- end -->\n")
    return toy


def lab(toy: Path) -> subprocess.CompletedProcess:
    return run(toy, "lab", toy / "lab", "--deepq", toy / "deepq", "--commit", "c0ffee")


def test_stores_a_report_with_its_line_and_says_what_changed(toy):
    report(toy / "lab", verdict="holds")
    assert lab(toy).stdout.splitlines() == ["toy: not stored before"]
    report(toy / "lab")
    assert lab(toy).stdout.splitlines() == ["toy: the verdict was 'holds', is 'not decided here'"]
    check = json.loads((toy / "lab" / "toy" / "report.json").read_text())["checks"][0]
    report(toy / "lab", checks=[check | {"answer": "holds"}, check | {"statement": "c"}])
    assert lab(toy).stdout.splitlines() == ["toy: 'b is more' was 'not decided', is 'holds'", "toy: 'c' was 'not there', is 'not decided'"]
    report(toy / "lab", checks=[check | {"answer": "holds"}])
    assert lab(toy).stdout.splitlines() == ["toy: 'c' is no longer among the statements"]
    stored = json.loads((toy / "docs" / "data" / "lab" / "toy.json").read_text())
    assert stored["signatures"] == {"chapter": {"signature": LINE, "vector_signature": LINE[::-1]}}
    assert (stored["engine"], stored["commit"]) == ("avx9", "c0ffee")


def test_writes_the_block_of_an_experiment(toy):
    report(toy / "lab")
    assert lab(toy).returncode == 0
    page = (toy / "docs" / "chapter.md").read_text()
    assert "```sh\ndeepq lab toy --first-seed 100\n```\n\nThe claim: B is more. **Verdict: not decided here** (20 seeds, 100 to 119).\n\n- B is more: " in page
    assert "- Certain beforehand, and no part of the verdict: 1 < 2.\n\nTraining diverged: a 1 of 20.\n\n<!-- end -->" in page
    assert page.endswith("By hand: nothing yet.\n")


def test_quick_reports_are_not_stored(toy):
    report(toy / "lab", quick=True, verdict=None)
    assert "no verdict" in lab(toy).stderr
    assert not list((toy / "docs" / "data" / "lab").iterdir())
    assert "there is no data/lab/toy.json" in run(toy, "check").stderr


def test_the_command_says_how_many_seeds_where_they_are_not_the_experiments(toy):
    for of_the_experiment, command in ((20, "deepq lab toy --first-seed 100\n"), (30, "deepq lab toy --first-seed 100 --seeds 20\n")):
        report(toy / "lab", seeds_of_the_experiment=of_the_experiment)
        assert lab(toy).returncode == 0
        assert f"```sh\n{command}```\n" in (toy / "docs" / "chapter.md").read_text()


def run_folder(folder: Path, seed: int, **changed) -> None:
    folder.mkdir(parents=True)
    summary = {"seed": seed, "env": "CartPole-v1", "preset": "chapter", "env_steps": 100, "episodes": 100, "seconds": 1.23456, "eval_mean_return": 412.3456,
               "eval_episodes": 100, "first_episode_solved": None, "best_100_mean_return": 1, "last_100_mean_return": 1, "solved_return": 195, "stopped_by": "episodes"}
    (folder / "summary.json").write_text(json.dumps(summary | changed))
    (folder / "evaluations.csv").write_text("env_steps,episodes,mean_return,final\n100,100,412.3456,1\n")
    (folder / "episodes.csv").write_text("episode,env_steps,return\n" + "".join(f"{i},{i},{i}\n" for i in range(1, 101)))


def test_stores_finished_runs_only(bare):
    for seed in (0, 1):
        run_folder(bare / "runs" / "a" / f"seed-{seed}", seed)
    words = ("record", "cartpole", bare / "runs" / "a", "--deepq", bare / "deepq", "--commit", "c0ffee")
    assert run(bare, *words).returncode == 0
    stored = json.loads((bare / "docs" / "data" / "cartpole.json").read_text())
    group = stored["groups"][0]
    assert "0 of 2 seeds do, and 0 of 2 then score 500.0" in (bare / "docs" / "chapter.md").read_text()
    assert (stored["engine"], group["signature"], group["command"]) == ("avx9", LINE, "deepq train --preset chapter --seeds 2 --out runs/results/a")
    assert group["iqm"] == {"value": 450.1, "low": 400, "high": 500}
    assert [run["final"] for run in group["runs"]] == [412.3, 412.3]
    assert group["runs"][0]["curve"]["at"][:2] == [2, 4] and group["runs"][0]["curve"]["returns"][:2] == [1.5, 3.5]
    (bare / "runs" / "a" / "group.json").write_text(json.dumps([{"seeds": 3}]))
    assert "2 of 3 seeds are there" in run(bare, *words).stderr
    (bare / "runs" / "a" / "seed-1" / "summary.json").unlink()
    assert "seed-1 is not finished" in run(bare, *words).stderr


def test_a_world_of_others_has_no_line_and_says_so(bare):
    run_folder(bare / "runs" / "a", 0, env="Lander-v3")
    assert run(bare, "record", "cartpole", bare / "runs" / "a", "--deepq", bare / "deepq", "--commit", "c0ffee").returncode == 0
    group = json.loads((bare / "docs" / "data" / "cartpole.json").read_text())["groups"][0]
    assert group["signature"] is None and "Lander-v3" in group["unsigned"]
    assert "--env Lander-v3" in group["command"]


def test_runs_of_no_preset_have_no_line_and_their_own_command(bare):
    run_folder(bare / "runs" / "a", 0, preset="")
    words = ("record", "cartpole", bare / "runs" / "a", "--deepq", bare / "deepq", "--commit", "c0ffee", "--command", "deepq train --env CartPole-v1 --steps 100")
    assert run(bare, *words).returncode == 0
    group = json.loads((bare / "docs" / "data" / "cartpole.json").read_text())["groups"][0]
    assert (group["preset"], group["signature"], group["command"]) == (None, None, "deepq train --env CartPole-v1 --steps 100")
    assert "no preset" in group["unsigned"]


@pytest.mark.parametrize("episodes", [1, 49, 50, 51, 99, 101])
def test_a_curve_of_episodes_ends_with_the_run(bare, episodes):
    folder = bare / "runs" / "a"
    run_folder(folder, 0, episodes=episodes)
    (folder / "episodes.csv").write_text("episode,env_steps,return\n" + "".join(f"{i},{i},{i}\n" for i in range(1, episodes + 1)))
    result = run(bare, "record", "cartpole", folder, "--deepq", bare / "deepq", "--commit", "c0ffee")
    assert "Traceback" not in result.stderr
    curve = json.loads((bare / "docs" / "data" / "cartpole.json").read_text())["groups"][0]["runs"][0]["curve"]
    assert curve["at"][-1] == episodes and len(curve["at"]) == len(curve["returns"]) <= 50


@pytest.fixture
def checkout(tmp_path) -> Path:
    """This one's pages, data and pictures."""
    (tmp_path / "docs").mkdir()
    for name in ("README.md", "docs/results.md", "docs/chapter.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("docs/data", "docs/images"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def changed(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_what_is_committed_passes_quickly(checkout):
    begin = time.monotonic()
    result = run(checkout, "check")
    assert (result.returncode, result.stderr) == (0, "")
    assert time.monotonic() - begin < 20


def test_a_changed_figure_is_named(checkout):
    changed(checkout / "docs" / "results.md", "28,700 [", "28,701 [")
    result = run(checkout, "check")
    assert result.returncode == 1 and "docs/results.md: cartpole: not what docs/data gives" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_changed_result_makes_block_and_picture_stale(checkout):
    path = checkout / "docs" / "data" / "axes.json"
    data = json.loads(path.read_text())
    data["groups"][3]["mean"]["value"] = 123
    data["groups"][3]["runs"][0]["curve"]["returns"][0] += 1
    path.write_text(json.dumps(data))
    wrong = run(checkout, "check").stderr.splitlines()
    assert len(wrong) == 2 and "results.md: axes: " in wrong[0] and "axis-per.svg: is not drawn from docs/data as it is" in wrong[1]


def test_a_picture_changed_by_hand_is_named(checkout):
    changed(checkout / "docs" / "images" / "chapter.svg", "episodes", "episode")
    with (checkout / "docs" / "images" / "report.png").open("ab") as file:
        file.write(b"x")
    wrong = run(checkout, "check").stderr.splitlines()
    assert len(wrong) == 2 and "chapter.svg: was changed by hand" in wrong[0] and "report.png" in wrong[1]


def test_a_block_on_no_page_and_a_picture_without_its_record_are_named(checkout):
    changed(checkout / "docs" / "results.md", "<!-- result: lander -->", "<!-- (no block) -->")
    (checkout / "docs" / "data" / "pages" / "report.json").unlink()
    wrong = run(checkout, "check").stderr.splitlines()
    assert "lander: no page has a block for it" in wrong
    assert "docs/images/report.png: docs/data/pages does not say what it was taken of: tools/results.py page" in wrong


def test_a_changed_line_makes_its_rows_stale_and_no_others(checkout, tmp_path):
    lines = {}
    for path in (checkout / "docs" / "data").glob("*.json"):
        whole = json.loads(path.read_text())
        for row in whole["groups"]:
            if row.get("signature"):
                lines |= {row["preset"]: row["signature"], f"{row['preset']} vector": row["vector_signature"]}
        path.write_text(json.dumps(whole | ({"engine": "avx9"} if path.stem == "axes" else {})))
    assert "stale" not in run(checkout, "check", "--deepq", program(tmp_path, lines)).stderr
    for name in ("per", "per vector", "chapter vector"):
        wrong = run(checkout, "check", "--deepq", program(tmp_path, lines | {name: LINE})).stderr
        stale = [line for line in wrong.splitlines() if "stale" in line]
        # Lines of vector kernels count where this machine has those that made the row.
        expected = {"per": ["axes, per", "lab, ablation", "lab, prioritized"], "per vector": ["axes, per"], "chapter vector": []}[name]
        assert [line.partition(": stale")[0] for line in stale] == expected, name
        assert all(f"the line {name} was" in line for line in stale)
        assert not stale or "make it again: deepq train --preset per --seeds 10 --out runs/results/per" in stale[0]


def test_a_row_without_a_line_says_why(checkout):
    path = checkout / "docs" / "data" / "lander.json"
    data = json.loads(path.read_text())
    del data["groups"][0]["unsigned"]
    path.write_text(json.dumps(data))
    assert "lander: has neither a line of the signature nor a reason" in run(checkout, "check").stderr


@pytest.mark.parametrize("mark", ["<!-- result:speed -->", "<!-- result: Speed -->", "<!--result: speed-->", "<!-- result: speed --> "])
def test_a_mark_that_begins_no_block_is_named(checkout, mark):
    changed(checkout / "README.md", "<!-- result: speed -->", mark)
    assert f"README.md: {mark.strip()}" in run(checkout, "check").stderr


def test_a_block_that_nothing_makes_is_named(checkout):
    changed(checkout / "README.md", "<!-- result: speed -->", "<!-- result: sped -->")
    assert "sped: tools/result/blocks.py makes no such block" in run(checkout, "check").stderr
