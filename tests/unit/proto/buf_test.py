# SPDX-License-Identifier: Apache-2.0
"""Runs `buf lint` over the wire contract, and over a copy with faults that it must find.

Must not fetch anything: without buf (environment KONTOR_BUF, else what tests/setup/node_tools.sh
installed, else on the path) it says so loudly and exits 77, which CTest counts as skipped.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROTO = Path(__file__).resolve().parents[3] / "proto"
TIMEOUT_S = 120


def find_buf() -> str | None:
    """Answers the program to run, or None when there is none."""
    build = Path(os.environ.get("KONTOR_BUILD_DIR", str(PROTO.parent / "build")))
    for known in (os.environ.get("KONTOR_BUF", ""),
                  str(build / "node-tools" / "node_modules" / ".bin" / "buf")):
        if known and os.access(known, os.X_OK):
            return known
    return shutil.which("buf")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Lints one module; its findings are on standard output."""
    return subprocess.run(
        [find_buf() or "buf", "lint", "."],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


class BufLint(unittest.TestCase):
    """The contract is clean, and the linter is one that bites."""

    def test_the_contract_is_clean(self) -> None:
        result = lint(PROTO)
        self.assertEqual((result.returncode, result.stdout), (0, ""), result.stderr)

    def test_faults_are_found(self) -> None:
        comments = re.compile(r"^  // .*\n", re.MULTILINE)
        faults = {
            "Field \"currency_code\"": lambda text: comments.sub("", text),
            "currencyCode": lambda text: text.replace("string currency_code",
                                                      "string currencyCode"),
        }
        for wanted, spoil in faults.items():
            with self.subTest(wanted), tempfile.TemporaryDirectory() as folder:
                copy = Path(folder) / "proto"
                shutil.copytree(PROTO, copy)
                money = copy / "kontor" / "v1" / "money.proto"
                money.write_text(spoil(money.read_text(encoding="utf-8")), encoding="utf-8")
                result = lint(copy)
                self.assertNotEqual(result.returncode, 0)
                self.assertIn(wanted, result.stdout)


if __name__ == "__main__":
    if find_buf() is None:
        print("SKIPPED: buf is not installed; the contract was not linted", flush=True)
        sys.exit(77)
    unittest.main(verbosity=2)
