"""tools/check_pages.py finds links that lead nowhere, and two pages that train into one folder."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]
spec = importlib.util.spec_from_file_location("check_pages", ROOT / "tools" / "check_pages.py")
check_pages = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check_pages)


def test_links(tmp_path):
    (tmp_path / "other.md").write_text("# The axes on CartPole, 50,000 steps\n\n```text\n# no heading\n```\n\n## Twice\n\n## Twice\n")
    page = tmp_path / "page.md"
    page.write_text("# `deepq` itself\n")
    good = "[a](other.md#the-axes-on-cartpole-50000-steps) [b](other.md#twice-1) [c](#deepq-itself) [d](other.md) [e](https://example.org/x#y)"
    assert check_pages.wrong_links(page, good) == []
    bad = "[a](other.md#no-heading) [b](none.md) [c](#self)"
    assert [line.split(" leads")[1] for line in check_pages.wrong_links(page, bad)] == [" to no heading", " to no file", " to no heading"]


def test_two_pages_that_train_into_one_folder():
    def shell(line):
        return f"```sh\n{line}\n```\n"

    first = shell("deepq train --preset chapter \\\n  --out runs/chapter\ndeepq train --out runs/mine")
    code = '```python\nfolder = Path("runs/mine")\n```\n'
    assert check_pages.shared_folders({"a.md": first, "b.md": shell("deepq eval runs/chapter"), "c.md": shell("deepq train --out runs/other/$preset")}) == []
    assert len(check_pages.shared_folders({"a.md": first, "b.md": code + shell("deepq train --preset $preset --out runs/chapter")})) == 2
    assert check_pages.shared_folders({"a.md": shell("deepq train --out runs/pqn"), "b.md": shell("deepq train --out runs/$preset")}) == [
        "b.md: trains into runs/$preset, as a.md does (runs/pqn)"]
