"""tools/version.py: one version everywhere, and each home that says another one is named."""

import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import version  # noqa: E402

HOMES = ["CMakeLists.txt", "CITATION.cff", "CHANGELOG.md", "pyproject.toml", "packaging/vcpkg/deepq/vcpkg.json", "packaging/conda/recipe.yaml", "web/npm/package.json", "docs/cpp.md", "tests/install/consumer/CMakeLists.txt", "tests/install/acting/CMakeLists.txt"]


@pytest.fixture
def tree(tmp_path):
    for name in HOMES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_this_tree_says_one_version():
    assert version.wrong(ROOT) == []


@pytest.mark.parametrize("name", HOMES)
def test_who_says_another_version_is_named(tree, name):
    own = version.version(tree)
    path = tree / name
    before = path.read_text()
    path.write_text(before.replace("VERSION (?P<value>", "VERSIONS (?P<value>") if name == "pyproject.toml"
                    else before.replace("find_package(deepq ", "find_package(deepq 9") if "find_package(deepq" in before else before.replace(own, "9.9.9"))
    found = version.wrong(tree)
    if name == "CMakeLists.txt":  # then all others are wrong but the one that reads it
        assert [line.split(":")[0] for line in found] == ["CITATION.cff", "packaging/vcpkg/deepq/vcpkg.json", "packaging/conda/recipe.yaml", "web/npm/package.json", *[name for name in HOMES if "cpp.md" in name or "install" in name], "CHANGELOG.md"]
    else:
        assert [line.split(":")[0] for line in found] == [name]


def test_a_new_version_is_written_everywhere_but_into_the_changelog(tree):
    version.write(tree, "9.10.11")
    assert version.version(tree) == "9.10.11"
    assert [line.split(":")[0] for line in version.wrong(tree)] == ["CHANGELOG.md"]
