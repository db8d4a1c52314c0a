"""tools/check_layers.py finds what breaks a rule of the layers, and nothing in what does not."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import check_layers  # noqa: E402


@pytest.mark.parametrize(
    ("name", "line", "says"),
    [
        ("deepq/core/a.cc", '#include "deepq/env/env.h"', "layer core must not include layer env"),
        ("deepq/agent/a.cc", '#include "deepq/core/error.h"', ""),
        ("deepq/agent/a.cc", 'std::printf("x");', "must not print"),
        ("deepq/env/a.cc", "std::ifstream in(path);", "opens files"),
        ("deepq/env/a.cc", "system::open_file(path, system::Access::kRead);", "opens files"),
        ("deepq/record/a.cc", "system::open_file(path, system::Access::kRead);", ""),
        ("deepq/core/system.cc", "open(path.c_str(), flags);\n#include <fcntl.h>", ""),
        ("deepq/record/a.cc", "#include <sys/stat.h>", "the operating system is asked by deepq/core/system.cc alone"),
        ("deepq/nn/a.cc", "#include <pthread.h>", "the operating system"),
        ("deepq/record/a.cc", "#include <csignal>", "the operating system"),
        ("cli/a.cc", "#include <unistd.h>", "the operating system"),
        ("python/a.h", "#include <signal.h>", "the operating system"),
        ("cli/signals.cc", "#include <signal.h>\n#include <unistd.h>", ""),
        ("cli/a.cc", "#include <thread>  // not <pthread.h>", ""),
        ("deepq/nn/a.cc", "#include <immintrin.h>", "intrinsics belong in nn/kernels"),
        ("web/core/a.cc", '#include "deepq/lab/text.h"', "layer web must not include layer lab"),
        ("web/core/a.cc", "std::ifstream in(path);", "opens files"),
        ("web/core/a.cc", 'std::printf("x");', "must not print"),
        ("web/core/a.cc", '#include "deepq/train/trainer.h"', ""),
    ],
)
def test_an_offence_is_found(tmp_path, monkeypatch, name, line, says):
    monkeypatch.setattr(check_layers, "ROOT", tmp_path)
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(f"{line}\n")
    found = check_layers.offences(path)
    assert (found == []) if says == "" else (len(found) == 1 and found[0].startswith(f"{name}: ") and says in found[0])
