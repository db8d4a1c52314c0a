"""tools/release.sh: what a release uploads, of a commit whose files agree on the version."""

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import version  # noqa: E402

if not shutil.which("git") or not (ROOT / ".git").exists():
    pytest.skip("no git here", allow_module_level=True)


def git(folder, *arguments):
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.invalid", *arguments], cwd=folder, check=True, capture_output=True)


def release(tree, *parts):
    return subprocess.run(["tools/release.sh", str(tree / "dist"), *parts], cwd=tree, capture_output=True, text=True)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A small commit with what the script reads, so that no test depends on the checkout's own changes."""
    path = tmp_path_factory.mktemp("tree")
    names = [name for name, _ in [version.HOME, *version.OTHERS, *version.SHORT, version.CHANGELOG, version.PYTHON]]
    minor = version.version().rsplit(".", 1)[0]
    for name in [*names, "tools/version.py", "tools/release.sh", f"docs/releases/{version.version()}.md", f"tests/golden/runs/{minor}.0/dqn/config.toml", ".gitignore"]:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, path / name)
    git(path, "init", "-q")
    git(path, "add", "-A")
    git(path, "commit", "-q", "-m", "all")
    return path


def test_files_bear_the_version_and_have_checksums(tree):
    made = release(tree, "source", "notes")
    assert made.returncode == 0, made.stderr
    own = version.version()
    assert sorted(file.name for file in (tree / "dist").iterdir()) == ["SHA256SUMS", f"deepq-{own}-notes.md", f"deepq-{own}.tar.gz"]
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=tree / "dist", check=True)
    with tarfile.open(tree / "dist" / f"deepq-{own}.tar.gz") as archive:
        assert f"deepq-{own}/CMakeLists.txt" in archive.getnames()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda tree: (tree / "new").write_text(""), "changes that no commit has"),
        (lambda tree: (tree / "CITATION.cff").write_text("version: 9.9.9\n"), "CITATION.cff: says 9.9.9"),
        (lambda tree: shutil.rmtree(tree / "docs/releases"), "is missing"),
        (lambda tree: shutil.rmtree(tree / "tests/golden"), "run folders of"),
    ],
    ids=["changes", "versions", "notes", "run_folders"],
)
def test_what_is_not_ready_is_refused(tree, tmp_path, change, says):
    copy = tmp_path / "tree"
    shutil.copytree(tree, copy)
    change(copy)
    if says != "changes that no commit has":
        git(copy, "add", "-A")
        git(copy, "commit", "-q", "-m", "change")
    refused = release(copy, "source")
    assert refused.returncode == 1
    assert says in refused.stdout + refused.stderr
