#!/usr/bin/env python3
"""Names in the pages are names of the tree: paths, tests, functions, golden tensors, and of the program its commands, flags, keys, values and presets.

    tools/check_names.py PROGRAM     # build/dev/cli/deepq

It reads what stands in `backticks`, `Class::member` anywhere, and blocks of commands, those that tools/run_docs.py does not run among
them. A name counts as known where code has it as a word outside of comments, so what only comments and pages speak of is found.
"""

import json
import re
import subprocess
import sys
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

from check_pages import ROOT, codes, pages
from docs_program import FLAG, Program

# Names of others that no code of ours has, each with where it is from.
OF_OTHERS = {
    "cpack": "CMake's", "singlestep": "qemu's", "exec": "qemu's", "nochain": "qemu's",
    "AVX2": "glibc's tunables", "FMA": "glibc's tunables", "GLIBC_TUNABLES": "glibc", "glibc": "glibc's tunables", "hwcaps": "glibc's tunables",
    "aggregate_": "rliable's functions begin so", "AtariWrapper": "Stable-Baselines3", "RandomState": "NumPy", "toy_text": "a folder of Gymnasium and a script of tools/golden",
    "cosf": "the C library", "sinf": "the C library", "deactivate": "a virtual environment", "lin_1e": "a schedule's name in RL Zoo",
    "ui": "mlflow's command", "uri": "mlflow's flag", "Robot": "the reader's own environment", "x_test": "stands for any file",
    "Signature": "of commit messages", "unchanged": "of commit messages",
}
PATHS_OF_OTHERS = {"toy_text/frozen_lake.py": "Gymnasium's", "minatar.py": "a name that a script must not have", "x.h": "stands for any file",
                   "x.cc": "stands for any file", "x_test.cc": "stands for any file"}
FLAGS_OF_OTHERS = {"--backend-store-uri": "mlflow's", "--logdir": "TensorBoard's", "--learning-rate": "a flag as other programs have it"}

WORD = re.compile(r"[A-Za-z_]\w*")
PATH = re.compile(r"[\w.*][\w.*/-]*")
ENDINGS = (".h", ".cc", ".inc", ".py", ".sh", ".md", ".cmake", ".txt", ".toml", ".yml", ".yaml")
MEMBER = re.compile(r"\b([A-Z][A-Za-z0-9]+)::(~?\w+)")
COMMENT = {".py": r'^\s*"""(?s:.*?)"""|(?:^|(?<=\s))#[^\n]*', "c": r"(?<!:)//[^\n]*", "": r"(?:^|(?<=\s))#[^\n]*"}
SAFETENSORS = re.compile(r"(\w+)\.safetensors: ((?:`[^`]+`[,\s]*(?:and\s+)?)+)")


def without_comments(path: str, text: str) -> str:
    kind = Path(path).suffix
    return re.sub(COMMENT.get("c" if kind in (".h", ".cc", ".inc") else kind, COMMENT[""]), "", text, flags=re.MULTILINE)


class Tree:
    """What a checkout holds."""

    def __init__(self, root: Path):
        self.root = root
        self.files = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=root, check=True, capture_output=True, text=True).stdout.splitlines()
        self.folders = {str(parent) for name in self.files for parent in Path(name).parents}
        # Of a path without an ending; tags of TensorBoard begin with "train/" too, and folders of runs with "lab/".
        self.layers = {Path(folder).name for folder in self.folders if folder.count("/") < 2} - {"train", "lab"}

    @cached_property
    def code(self) -> dict[str, str]:
        own = ("tools/check_names.py", "tests/python/test_check_names.py")
        known = (".cc", ".h", ".inc", ".py", ".sh", ".toml", ".txt", ".cmake", ".in", ".json", ".css", ".html", ".yml", ".yaml")
        names = [name for name in self.files if name.endswith(known) and not name.startswith(("docs/", "third_party/")) and name not in own]
        return {name: without_comments(name, (self.root / name).read_text()) for name in names if (self.root / name).exists()}

    @cached_property
    def words(self) -> set[str]:
        found = {word for text in self.code.values() for word in WORD.findall(text)}
        return found | {word for name in self.files for word in WORD.findall(name)}

    @cached_property
    def tests(self) -> set[str]:
        macro = re.compile(r"\b(?:TEST|TEST_F|TEST_P|TYPED_TEST|INSTANTIATE_TEST_SUITE_P)\(\s*(\w+),\s*(\w+)")
        return {f"{suite}.{name}" for text in self.code.values() for suite, name in macro.findall(text)}

    @cached_property
    def presets(self) -> set[str]:
        return {Path(name).stem for name in self.files if fnmatchcase(name, "presets/*.toml")}

    def tensors(self, pattern: str) -> set[str]:
        """Names of the tensors in golden files."""
        found: set[str] = set()
        for name in self.files:
            if fnmatchcase(name, f"tests/golden/{pattern}.safetensors"):
                with (self.root / name).open("rb") as file:
                    found |= json.loads(file.read(int.from_bytes(file.read(8), "little"))).keys()
        return found

    def has_path(self, path: str) -> bool:
        wanted = path.rstrip("/")
        if wanted.startswith("build/"):
            presets = json.loads((self.root / "CMakePresets.json").read_text())["configurePresets"]
            return wanted.split("/")[1] in {preset["name"] for preset in presets}
        return any(fnmatchcase(name, wanted) or fnmatchcase(name, f"*/{wanted}") or name.endswith(f"/{wanted}.h") for name in (*self.files, *self.folders))

    def wrong_path(self, code: str) -> str:
        if not PATH.fullmatch(code) or code in PATHS_OF_OTHERS:
            return ""
        first = code.split("/")[0]
        ours = code.endswith(ENDINGS) or ("/" in code and (first in self.layers or first == "build"))
        if not ours or self.has_path(code) or any(f'"{code}"' in text for text in self.code.values()):  # files that the program writes
            return ""
        return f"`{code}`: there is no such file"

    def wrong_test(self, code: str) -> str:
        match = re.match(r"([A-Z]\w+)\.([A-Z*]\w*)(?:/[\w*]+)?$", code)
        if not match or any(fnmatchcase(test, f"{match[1]}.{match[2]}") for test in self.tests):
            return ""
        return f"`{code}`: there is no such test"

    def wrong_member(self, owner: str, member: str) -> str:
        """Of a class or namespace: defined by this name, or named where the class is declared."""
        home = re.compile(rf"\b(?:class|struct)\s+{owner}\b")
        if any(f"{owner}::{member}" in text or (home.search(text) and re.search(rf"\b{member}\b", text)) for text in self.code.values()):
            return ""
        return f"{owner}::{member}: there is no such member"

    def wrong_words(self, code: str) -> str:
        # <name> stands for anything, and so do v1_1 behind a dash and N, NAME, STEP in capitals.
        plain = re.sub(r"<[^<>]*>|(?<=[\w>])-v?\d\w*|\b\d\w*|\b[A-Z]+\b|://\S+", " ", code)
        unknown = [word for word in WORD.findall(plain) if not {word, f"{word}_", word.lstrip("_")} & self.words and word not in OF_OTHERS]
        return f"`{code}`: no code has the name {unknown[0]}" if unknown else ""

    def wrong_flag(self, code: str, program: Program) -> str:
        flags = [flag for flag in FLAG.findall(code) if flag not in FLAGS_OF_OTHERS]
        scripts = "\n".join(text for name, text in self.code.items() if name.startswith(("tools/", "bench/")))
        unknown = [flag for flag in flags if flag not in program.flags and not re.search(rf"{flag}(?![\w-])", scripts)]
        return f"`{code}`: there is no flag {unknown[0]}" if unknown else ""

    def wrong_preset(self, code: str) -> str:
        named = re.findall(r"--preset ([a-z][\w-]*)", code) if "deepq " in code else []
        unknown = [name for name in named if name not in self.presets]
        return f"`{code}`: there is no preset {unknown[0]}" if unknown else ""

    def wrong_golden(self, text: str) -> list[str]:
        """`update.safetensors: `double`` in a page, and the table below each heading of tests/golden/README.md."""
        wrong = []
        for name, cases in SAFETENSORS.findall(text):
            tensors = self.tensors(name)
            wrong += [f"`{case}`: {name}.safetensors has no such case" for case in codes(cases) if not any(fnmatchcase(key, f"{case}*") for key in tensors)]
        for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
            heading = section.partition("\n")[0]
            tensors = {tensor for name in re.findall(r"([\w*]+)\.safetensors", heading) for tensor in self.tensors(name)}
            if not tensors:
                continue
            rows = re.findall(r"^\| key \|[^\n]*\n\|---[^\n]*\n((?:\|[^\n]*\n)+)", section, re.MULTILINE)
            for key in (key for row in "".join(rows).splitlines() for key in codes(row.split("|")[1])):
                pattern = re.sub(r"<[^<>]*>", "*", f"*{key}" if key.startswith((".", "_")) else key)
                if not any(fnmatchcase(tensor, pattern) for tensor in tensors):
                    wrong.append(f"`{key}`: {heading} has no such tensor")
        return wrong


def parts_of(line: str) -> list[str]:
    """The program's commands on a line."""
    return [part.strip() for part in re.split(r"&&|[;|]|\bdo\b", line) if re.match(r"\s*(python -m )?deepq ", part)]


def commands_of(text: str) -> list[str]:
    """The program's command lines in blocks of commands."""
    found = []
    for block in re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        lines = [re.sub(r"\s+#.*", "", line) for line in block.replace("\\\n", " ").splitlines()]
        found += [command for line in lines for command in parts_of(line)]
    return found


def paths_of(text: str) -> list[str]:
    return [path for block in re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE) for path in re.findall(r"(?<![\w./$])(?:tools|tests|bench)/[\w./-]+", block)]


def wrong_names(text: str, tree: Tree, program: Program) -> list[str]:
    found = []
    for code in codes(text):
        if re.match(r"<!--|#", code):
            continue
        commands = parts_of(code)
        found += [program.wrong_command(command) for command in commands] if commands else [tree.wrong_flag(code, program)]
        found += [program.wrong_value(code), tree.wrong_preset(code)]
        found.append(tree.wrong_path(code) or tree.wrong_test(code) or tree.wrong_words(code))
    # Members in C++ stand behind their keys in docs/configuration.md; tests/golden speaks of tensors, not of keys.
    if not text.startswith("# Golden files"):
        found += [program.wrong_key(code) for code in codes(re.sub(r"\(C\+\+: `[^`]*`\)", "", text))]
    for command in commands_of(text):
        found += [program.wrong_command(command), tree.wrong_preset(command)] + [program.wrong_value(pair) for pair in re.findall(r"[a-z_]+\.[a-z_0-9]+=\S+", command)]
    found += [f"{path}: there is no such file" for path in paths_of(text) if not tree.has_path(path)]
    found += [tree.wrong_member(*match) for match in sorted(set(MEMBER.findall(text)))] + tree.wrong_golden(text)
    return [line for line in found if line]


def main() -> int:
    tree, program = Tree(ROOT), Program(sys.argv[1])
    found = []
    texts = {page.relative_to(ROOT): page.read_text() for page in [*pages(), *(ROOT / "tests").rglob("*.md")]}
    for page, text in texts.items():
        found += [f"{page}: {line}" for line in wrong_names(text, tree, program)]
    for name in [*OF_OTHERS, *PATHS_OF_OTHERS, *FLAGS_OF_OTHERS]:
        if not any(name in text for text in texts.values()):
            found.append(f"tools/check_names.py: no page names {name}: it need not be excepted")
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
