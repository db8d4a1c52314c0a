"""tools/run_docs.py finds pages that show what does not work, and its stand-in for pip installs what was asked for alone."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def tool(name: str):
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


run_docs, docs_pip = tool("run_docs"), tool("docs_pip")


def fenced(language: str, text: str, *notes: str) -> str:
    return "".join(f"<!-- run: {note} -->\n" for note in notes) + f"```{language}\n{text}\n```\n\n"


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("Do:\n\n    deepq train\n", "an indented block is not run"),
        (fenced("bash", "true"), "a block of 'bash'"),
        (fenced("sh", "true", "fals => true"), "shows no 'fals'"),
        ("<!-- run: skip, why -->\n\nText.\n", "stands above no block"),
    ],
)
def test_blocks_that_cannot_be_run_are_wrong(page, says, tmp_path):
    (tmp_path / "page.md").write_text(page)
    with pytest.raises(run_docs.Wrong, match=says):
        run_docs.blocks_of(tmp_path / "page.md")


def wrongs_of(text: str, folder: Path, name: str = "README.md") -> list[str]:
    """What is wrong with a page, run without a build."""
    (folder / "page.md").write_text(text)
    (folder / "checkout").mkdir()
    page, found = run_docs.Page(Path(name), folder / "checkout", folder, sys.executable, folder), []
    blocks = run_docs.blocks_of(folder / "page.md")
    for block in blocks:
        try:
            page.run(block)
        except run_docs.Wrong as error:
            found.append(str(error))
    try:
        page.require_clean([block.file for block in blocks if block.file])
    except run_docs.Wrong as error:
        found.append(str(error))
    return found


def test_a_page_that_works(tmp_path):
    page = fenced("sh", "export NAME=pole; mkdir runs\necho long >runs/a", "long => short") + fenced("toml", "x = 1", "file own/a.toml")
    page += fenced("sh", 'cat a.toml; echo "$NAME $(cat ../runs/a), 3 of 7"', "in own") + fenced("text", "x = 1\npole short, ... of 7", "prints")
    assert wrongs_of(page, tmp_path) == []


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (fenced("sh", "false\ntrue"), "status 1"),
        (fenced("sh", "echo 3") + fenced("text", "4", "prints"), "the page says that it prints\n4\nit printed\n3"),
        (fenced("sh", "pip install ."), "externally-managed-environment"),
        (fenced("sh", "python --version"), "python: command not found"),
        (fenced("python", "print(1)"), "no line of the page has made an environment"),
        (fenced("sh", "touch agent.onnx left"), "leaves left in the checkout"),
    ],
)
def test_a_page_that_does_not(page, says, tmp_path):
    found = wrongs_of(page, tmp_path)
    assert len(found) == 1
    assert says in found[0]


def test_only_what_was_asked_for_is_installed():
    plain, games, extra = {}, {}, {}
    docs_pip.with_needs(docs_pip.needs_of("."), plain, set())
    docs_pip.with_needs(docs_pip.needs_of(".[gymnasium]"), games, set())
    docs_pip.with_needs(docs_pip.needs_of(".[box2d]"), extra, set())
    assert set(plain) == {"numpy"}
    assert "gymnasium" in games and "box2d" not in games
    assert "box2d" in extra
    with pytest.raises(KeyError):
        docs_pip.needs_of(".[box3d]")
