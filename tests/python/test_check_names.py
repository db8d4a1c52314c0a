"""tools/check_names.py finds what pages name and neither the tree nor the program has: each line below is such a lie, beside the truth."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import check_names  # noqa: E402
import docs_program  # noqa: E402

NEEDS_PROGRAM = pytest.mark.skipif("DEEPQ_PROGRAM" not in os.environ, reason="the program's path is not known")


@NEEDS_PROGRAM
def test_what_the_program_has():
    program = docs_program.Program(os.environ["DEEPQ_PROGRAM"])
    for code in ("deepq train --preset chapter --set agent.double=true", "python -m deepq eval DIR --episodes 3", "deepq help train", "deepq --version"):
        assert program.wrong_command(code) == "", code
    assert "no command trian" in program.wrong_command("deepq trian --preset x")
    assert "no --episode" in program.wrong_command("deepq eval DIR --episode 3")
    for code in ("agent.gamma", "eval.keep_best=true", "--set env.count=8", "gymnasium.make", "config.agent.gamma", "replay.*"):
        assert program.wrong_key(code) == "", code
    assert "no key agent.gama" in program.wrong_key("agent.gama = 0.9")



@pytest.fixture(scope="module")
def tree():
    if subprocess.run(["git", "ls-files", "README.md"], cwd=ROOT, capture_output=True, text=True).stdout != "README.md\n":
        pytest.skip("this is no checkout of git's")
    return check_names.Tree(ROOT)


@NEEDS_PROGRAM
@pytest.mark.parametrize(
    ("truth", "lie", "says"),
    [
        ("`deepq/agent/learner.cc`", "`deepq/agent/learning.cc`", "no such file"),
        ("`agent/value.h`", "`agent/values.h`", "no such file"),
        ("`tools/golden/*.py`", "`tools/golden/*.rb`", "no such file"),
        ("`main.cc` and `tests/golden`", "`main.c.cc`", "no such file"),
        ("`nn/kernels`", "`nn/kernel`", "no such file"),
        ("`build/dev/examples`", "`build/deb/examples`", "no such file"),
        ("`summary.json`, `config.toml` and `episodes.csv` of a run", "`nonesuch.toml`", "no such file"),
        ("`NStep.EnvironmentsDoNotMix`", "`NStep.EnvironmentsDoMix`", "no such test"),
        ("`HeadsTest.*`", "`HeadTest.*`", "no such test"),
        ("`make_layout`", "`make_the_layout`", "no code has the name make_the_layout"),
        ("`Trainer::step()`", "`Trainer::stop_it()`", "Trainer::stop_it: there is no such member"),
        ("```text\nReplayLearner::store\n```", "```text\nReplayLearner::stores\n```", "ReplayLearner::stores: there is no such member"),
        ("`sum_tree` over\ntwo `lines of\ncode`", "`sum_tree of\nfrobnicate`", "no code has the name frobnicate"),
        ("`--seeds`", "`--sedes`", "no flag --sedes"),
        ("`--only chapter`", "`--onely chapter`", "no flag --onely"),
        ("`--set agent.loss=huber`", "`--set agent.los=huber`", "no key agent.los"),
        ("`agent.loss = huber`", "`agent.loss=hubber`", "agent.loss does not take hubber"),
        ("`atari.protocol=nature|machado`", "`atari.protocol=nature|mnih`", "atari.protocol does not take mnih"),
        ("`deepq train --preset n-step`", "`deepq train --preset nstep`", "no preset nstep"),
        ("`deepq train && deepq compare --resamples 3`", "`deepq train --resamples 3`", "deepq train has no --resamples"),
        ("```sh\ndeepq train --seeds 3 \\\n  --preset per\n```", "```sh\ndeepq train --seeds 3 \\\n  --presets per\n```", "no --presets"),
        ("```sh\nmkdir x; deepq eval DIR\n```", "```sh\nmkdir x; deepq evaluate DIR\n```", "no command evaluate"),
        ("```sh\ntools/test.sh -R python\n```", "```sh\ntools/tests.sh -R python\n```", "tools/tests.sh: there is no such file"),
        ("(update.safetensors: `chapter`,\n`soft_huber_clip`)", "(update.safetensors: `chapter`,\n`soft_huber`, `no_case`)", "update.safetensors has no such case"),
        ("## network.safetensors\n\n| key | type |\n|---|---|\n| `<case>.<i>.weight`, `.input` | F32 |\n",
         "## network.safetensors\n\n| key | type |\n|---|---|\n| `<case>.<i>.weight`, `.inputs` | F32 |\n", "has no such tensor"),
    ],
)
def test_a_lie_is_found_and_its_truth_is_not(tree, truth, lie, says):
    program = docs_program.Program(os.environ["DEEPQ_PROGRAM"])
    assert check_names.wrong_names(f"{truth}\n", tree, program) == []
    wrong = check_names.wrong_names(f"{lie}\n", tree, program)
    assert wrong and any(says in line for line in wrong)


def test_what_only_comments_speak_of_is_not_known():
    assert check_names.without_comments("a.cc", 'x();  // was y()\nauto s = "http://z";') == 'x();  \nauto s = "http://z";'
    assert "old" not in check_names.without_comments("a.py", 'def f():\n    """The old one."""\n    return new  # old\n')
    assert "old" not in check_names.without_comments("a.sh", "run  # old\n")
