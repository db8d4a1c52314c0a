"""The examples in Python, as a reader would run them; the README's ten lines too."""

import pathlib
import re
import subprocess
import sys

import pytest

pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

ROOT = pathlib.Path(__file__).parents[2]


def run(script, *arguments, folder):
    done = subprocess.run([sys.executable, script, *arguments], cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_quickstart(tmp_path):
    for _ in range(2):
        output = run(ROOT / "examples" / "quickstart.py", folder=tmp_path)
        assert float(re.search(r"greedy episodes: ([\d.]+)", output)[1]) > 195
        assert output.endswith("action: 1\n")
    assert (tmp_path / "runs" / "quickstart-python" / "report.html").exists()


def test_custom_env(tmp_path):
    assert "trained -" in run(ROOT / "examples" / "custom_env.py", folder=tmp_path)


@pytest.mark.parametrize("page", ["README.md", "docs/python.md"])
def test_what_the_pages_show(page, tmp_path):
    snippets = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    assert snippets
    script = tmp_path / "snippets.py"
    script.write_text("\n".join(snippets))
    run(script, folder=tmp_path)
