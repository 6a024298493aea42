#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every command of README.md runs, in the order of the page, and prints what the page shows.

A block fenced as `sh` is run by one shell in an otherwise empty folder; a block fenced as `text`
behind it holds lines that must come, in that order, with any numbers and ids, `…` standing for
anything. Commands, keys, reasons and paths named in the text must exist.
"""
from __future__ import annotations

import os
import re
import subprocess
import unittest

from support import ROOT, RUN_SECONDS_MAX, Sandbox, build_dir, environment

README = (ROOT / "README.md").read_text("utf-8")
# Commands that would run this test again, with what is checked instead.
RECURSIVE = {"tests/run.sh"}
# Written by a run of the live ring, which needs a real Odoo.
WRITTEN_LATER = {"tests/live/RESULTS.md"}
MARK = "=== block "
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    """Language and text of each fenced block, in order."""
    return [(match[1], match[2]) for match in BLOCK.finditer(README)]


def pattern(line: str) -> re.Pattern[str]:
    """A line of the page as a pattern: numbers, ids and the width of gaps may differ."""
    parts = re.split(r"(\d[\d,.:-]*\d|\d|\s+|─+)", line.strip())
    out = ""
    for part in parts:
        if not part:
            continue
        if part[0].isdigit():
            out += r"[\d,.:-]*\d"
        elif part.isspace():
            out += r"\s+"
        elif part[0] == "─":
            out += "─+"
        else:
            out += re.escape(part)
    return re.compile(out)


class Readme(unittest.TestCase):

    def setUp(self) -> None:
        self.sandbox = Sandbox()
        self.addCleanup(self.sandbox.end)

    def script(self, commands: list[str]) -> str:
        """One script of all blocks; each is announced, and the first that fails ends it."""
        lines = ["set -euo pipefail"]
        for number, text in enumerate(commands):
            lines += [f"echo '{MARK}{number}'", text]
        return "\n".join(lines)

    def outputs(self, commands: list[str]) -> list[str]:
        for name in ("examples", "tests"):
            (self.sandbox.folder / name).symlink_to(ROOT / name)
        path = f"{build_dir() / 'bin'}:{os.environ['PATH']}"
        output = self.sandbox.folder / "readme.txt"
        with open(output, "wb") as file:
            done = subprocess.run(
                ["bash", "-c", self.script(commands)], cwd=self.sandbox.folder, stdout=file,
                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False,
                timeout=2 * RUN_SECONDS_MAX, env={**environment(), "PATH": path})
        text = output.read_text("utf-8", errors="replace")
        self.assertEqual(done.returncode, 0, text[-4000:])
        return re.split(rf"^{MARK}\d+\n", text, flags=re.MULTILINE)[1:]

    def test_every_command_runs_and_prints_what_the_page_shows(self) -> None:
        commands: list[str] = []
        shown: dict[int, str] = {}
        for language, text in blocks():
            if language == "sh":
                commands.append(":" if text.strip() in RECURSIVE else text)
            elif language == "text":
                shown[len(commands) - 1] = text
        self.assertGreater(len(commands), 10)
        outputs = self.outputs(commands)
        self.assertEqual(len(outputs), len(commands))
        for number, text in shown.items():
            with self.subTest(block=commands[number]):
                self.check_shown(text, outputs[number])

    def check_shown(self, shown: str, printed: str) -> None:
        at = 0
        for line in shown.splitlines():
            if line.strip() in ("", "…"):
                continue
            found = pattern(line).search(printed, at)
            self.assertIsNotNone(found, f"{line!r} is not in, or not in this order:\n{printed}")
            assert found is not None
            at = found.end()

    def test_what_would_run_this_test_again_is_there(self) -> None:
        for command in RECURSIVE:
            self.assertTrue(os.access(ROOT / command, os.X_OK), command)
            subprocess.run(["bash", "-n", str(ROOT / command)], check=True)

    def test_blocks_have_a_language_that_is_checked(self) -> None:
        self.assertEqual({language for language, _ in blocks()} - {"", "sh", "text"}, set())
        plain = [text for language, text in blocks() if not language]
        self.assertEqual(len(plain), 1, "only the picture has no language")

    def inline(self) -> set[str]:
        return set(re.findall(r"`([^`\n]+)`", BLOCK.sub("", README)))

    def test_paths_in_the_text_exist(self) -> None:
        for name in self.inline():
            word = name.split()[0]
            if re.match(r"(examples|tests|server|proto|sdk)/", word) and word not in WRITTEN_LATER:
                self.assertTrue((ROOT / word).exists(), word)

    def test_commands_in_the_text_exist(self) -> None:
        kontorctl = str(build_dir() / "bin" / "kontorctl")
        seen = 0
        for name in self.inline():
            match = re.fullmatch(r"kontorctl ([a-z-]+) ([a-z-]+)", name)
            if not match or match[1] == "push":
                continue
            done = subprocess.run([kontorctl, match[1], match[2], "--help"], capture_output=True,
                                  text=True, check=False)
            self.assertIn(f"usage: kontorctl {match[1]} {match[2]}", done.stdout)
            seen += 1
        self.assertGreater(seen, 3)

    def test_keys_and_reasons_in_the_text_exist(self) -> None:
        keys = subprocess.run([str(build_dir() / "bin" / "kontord"), "--describe-config"],
                              capture_output=True, text=True, check=True).stdout
        reasons = (ROOT / "server" / "base" / "errors.def").read_text("utf-8")
        for name in self.inline():
            if name == "seal.key":  # a file
                continue
            if re.fullmatch(r"(data|grpc|http|store|seal|engine|webhooks|limits)\.[a-z_]+", name):
                self.assertIn(f"`{name}`", keys)
            elif re.fullmatch(r"[A-Z]+_[A-Z_]+", name) and not name.startswith(("KIND_", "KONTOR")):
                self.assertIn(f", {name},", reasons)


if __name__ == "__main__":
    unittest.main(verbosity=2)
