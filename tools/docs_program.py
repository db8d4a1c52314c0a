"""What the program has: its commands, flags, keys and the words that keys take, asked of the program itself."""

import re
import subprocess
from functools import cache, cached_property

FLAG = re.compile(r"(?<!\S)--[a-z][a-z-]*")
ALL_COMMANDS_TAKE = {"--help", "--version"}


class Program:
    def __init__(self, path: str):
        self.path = path
        self.commands = set(re.findall(r"^  ([a-z]+) ", self.print("--help").split("Commands:")[-1], re.MULTILINE)) - {"help"}
        table = re.findall(r"^\| `([a-z_0-9.]+)` \| `[^|]*` \| ([^|]*) \|", self.print("presets", "--keys"), re.MULTILINE)
        self.keys = {key for key, _ in table}
        self.choices = {key: allowed.split(", ") for key, allowed in table if re.fullmatch(r"\w+(, \w+)+", allowed)}
        self.sections = {key.partition(".")[0] for key in self.keys if "." in key}

    @cache
    def print(self, *arguments: str) -> str:
        return subprocess.run([self.path, *arguments], check=True, capture_output=True, text=True).stdout

    @cached_property
    def flags(self) -> set[str]:
        """Of all commands."""
        return ALL_COMMANDS_TAKE | {flag for command in self.commands for flag in FLAG.findall(self.print(command, "--help").replace(",", " "))}

    def wrong_command(self, code: str) -> str:
        words = code.removeprefix("python -m ").split()[1:]
        if not words or not re.fullmatch("[a-z]+", words[0]) or words[0] in ("help", "version"):
            return ""
        if words[0] not in self.commands:
            return f"`{code}`: deepq has no command {words[0]}"
        known = set(FLAG.findall(self.print(words[0], "--help").replace(",", " "))) | ALL_COMMANDS_TAKE
        unknown = [flag for flag in FLAG.findall(code) if flag not in known]
        return f"`{code}`: deepq {words[0]} has no {unknown[0]}" if unknown else ""

    def wrong_key(self, code: str) -> str:
        match = re.match(r"(?:--set )?([a-z_]+)\.([a-z_0-9]+)(?= ?=|$)", code)
        if not match or match[1] not in self.sections - {"gymnasium"} or f"{match[1]}.{match[2]}" in self.keys:
            return ""
        return f"`{code}`: there is no key {match[1]}.{match[2]}"

    def wrong_value(self, code: str) -> str:
        """Of a key that takes one of a few words; `a|b` stands for either."""
        match = re.match(r"(?:--set )?([a-z_]+\.[a-z_0-9]+) ?= ?\"?([\w|]+)\"?$", code)
        if not match or match[1] not in self.choices:
            return ""
        unknown = [value for value in match[2].split("|") if value not in self.choices[match[1]]]
        return f"`{code}`: {match[1]} does not take {unknown[0]}" if unknown else ""
