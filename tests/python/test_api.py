"""tools/api.py: what the reference has of a header, and that every header which pages and examples include is a public one."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import api  # noqa: E402

HEADER = """// What it is for,
// in two lines.
#pragma once

#include <string>

namespace deepq {

// Acts. And more.
class Agent {
 public:
  void act();  // at once

 private:
  void hidden();
  struct Inner {
    int depth;
  };
  int member_ = 0;
};

struct Plain {
  int value = 0;  // of it
};

std::string text_of(const Plain& plain,
                    int digits = 3);  // "x|y"

template <class T>
void over(T t);

}  // namespace deepq

#define DEEPQ_TWICE(x) \\
  ((x) + (x))
"""


def test_what_is_public_is_shown():
    text, lines = api.parts_of(HEADER)
    assert text == "What it is for, in two lines."
    shown = "\n".join(lines)
    assert "void act();  // at once\n};" in shown and "int value = 0;  // of it" in shown and "void over(T t);" in shown
    assert not re.search("hidden|Inner|member_|private|include|DEEPQ_TWICE|namespace", shown)
    assert dict(api.names_of(lines)) == {"Agent": "Acts", "Plain": "", "text_of": "", "over": ""}


def test_each_header_that_users_see_is_public():
    public = set(api.public_headers(ROOT))
    assert all((ROOT / name).exists() for name in public)
    exported = re.findall(r'#include "(deepq/[^"]+)"  // IWYU pragma: export', (ROOT / "deepq" / "deepq.h").read_text())
    assert exported and set(exported) <= public
    shown = subprocess.run(["git", "grep", "-hoE", '#include "deepq/[^"]+"', "--", "*.md", "examples", "tests/install"], cwd=ROOT, capture_output=True, text=True)
    assert {line.split('"')[1] for line in shown.stdout.splitlines()} - public == set()
