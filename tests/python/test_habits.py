"""Files for those who work on the project: what they name is there, and their scripts refuse what they are to refuse."""

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import nightly_record  # noqa: E402


def test_every_script_that_hooks_and_workflow_call_is_there():
    for name in (".pre-commit-config.yaml", ".github/workflows/ci.yml", ".ci/run"):
        scripts = re.findall(r"(?<![\w./])(?:tools/\w+\.\w+|\.ci/run)", (ROOT / name).read_text())
        assert scripts, name
        assert [script for script in scripts if not (ROOT / script).exists()] == [], name


def test_the_workflow_runs_every_part_of_the_nightly():
    parts = nightly_record.parts_of((ROOT / "tools" / "nightly.sh").read_text())
    named = re.search(r"part: \[([^]]*)\]", (ROOT / ".github" / "workflows" / "ci.yml").read_text())[1]
    assert named.split(", ") == parts
    assert set(re.search(r"set -- ([a-z_ ]*)$", (ROOT / "tools" / "nightly.sh").read_text(), re.MULTILINE)[1].split()) == set(parts)


def test_some_builds_take_each_file_by_itself():
    """Joined with others, or after headers that all tests read, a file may lack an include."""
    presets = {preset["name"]: preset.get("cacheVariables", {}) for preset in json.loads((ROOT / "CMakePresets.json").read_text())["configurePresets"]}
    for name in ("debug", "coverage"):
        assert presets[name]["CMAKE_UNITY_BUILD"] == "OFF" and presets[name]["CMAKE_DISABLE_PRECOMPILE_HEADERS"] == "ON", name
    assert "-DCMAKE_UNITY_BUILD=OFF" in (ROOT / "tools" / "lint.sh").read_text()


def test_the_citation_has_the_projects_version():
    version = re.search(r"project\(deepq VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())[1]
    assert re.search(r"^version: (.*)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)[1] == version


@pytest.mark.parametrize(
    ("message", "status"),
    [("x: y\n\nSignature: unchanged\n", 0), ("x: y\n\nSignature: 0ccddddd the loss is another\n", 0), ("x: y\n", 1), ("x: y\n\nSignature: new\n", 1),
     ("x: y\n\nThe Signature: unchanged\n", 1)],
)
def test_a_commits_message_says_what_became_of_the_signature(tmp_path, message, status):
    (tmp_path / "message").write_text(message)
    assert subprocess.run([ROOT / "tools" / "check_message.sh", tmp_path / "message"], capture_output=True).returncode == status


@pytest.fixture
def checkout(tmp_path) -> Path:
    (tmp_path / "tools").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "tools" / "nightly.sh").write_text("slow() { true; }\nasan() { true; }\n")
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", tmp_path, *words], check=True)
    return tmp_path


def record(root: Path, *words) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, ROOT / "tools" / "nightly_record.py", "--root", root, *words], capture_output=True, text=True)


def test_the_nightlys_record_is_asked_for_and_looked_at(checkout):
    path = checkout / "docs" / "nightly.json"
    missing = record(checkout, "check")
    assert (missing.returncode, missing.stderr) == (1, "docs/nightly.json: it is missing; tools/nightly.sh writes it\n")
    assert record(checkout, "add", "slow", "12").returncode == 0
    stored = json.loads(path.read_text())["slow"]
    head = subprocess.run(["git", "-C", checkout, "rev-parse", "HEAD"], capture_output=True, text=True).stdout
    assert head.startswith(stored["commit"]) and (stored["date"], stored["minutes"]) == (date.today().isoformat(), 12)
    never = record(checkout, "check")
    assert (never.returncode, never.stderr) == (0, "nightly: tools/nightly.sh asan has not passed yet\n")
    for wrong, says in (({"fast": stored}, "no part 'fast'"), ({"slow": {"commit": "x"}}, "no commit, date and minutes"), ([], "")):
        path.write_text(json.dumps(wrong))
        result = record(checkout, "check")
        assert result.returncode == 1 and says in result.stderr and "Traceback" not in result.stderr
    path.unlink()
    (checkout / "tools" / "nightly.sh").write_text("slow() { false; }\n")
    assert "files differ from the commit" in record(checkout, "add", "slow", "12").stderr and not path.exists()


def test_a_nightly_of_long_ago_is_named():
    last = {"commit": "c0ffee00", "date": "2026-01-01", "minutes": 3}
    assert nightly_record.complaints({"slow": last}, ["slow"], date(2026, 1, 15)) == []
    assert nightly_record.complaints({"slow": last}, ["slow"], date(2026, 1, 16)) == [
        "tools/nightly.sh slow last passed 15 days before this commit, at c0ffee00"]
