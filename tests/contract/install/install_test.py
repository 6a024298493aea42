# SPDX-License-Identifier: Apache-2.0
"""Installs the SDK into a folder of its own and builds a program against it with find_package.

Must use nothing of the source tree but the consumer: what is not installed is not there for it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("KONTOR_BUILD_DIR", ""))
TIMEOUT_S = 600


def run(*command: str | Path, ok: bool = True) -> subprocess.CompletedProcess[str]:
    """Runs a command; with `ok` a failure ends the test with all that was printed."""
    result = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if ok and result.returncode != 0:
        raise AssertionError(f"{command}\n{result.stdout}\n{result.stderr}")
    return result


class InstalledPackage(unittest.TestCase):
    """What a developer gets."""

    folder: tempfile.TemporaryDirectory[str]

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory(prefix="kontor-install-")
        root = Path(cls.folder.name)
        cls.prefix = root / "prefix"
        run("cmake", "--install", BUILD, "--component", "sdk", "--prefix", cls.prefix)
        # Moved after the installation: a package that remembers where it was made would break.
        moved = root / "moved"
        shutil.move(cls.prefix, moved)
        cls.prefix = moved
        consumer = root / "consumer"
        shutil.copytree(HERE / "consumer", consumer)
        cls.build = root / "build"
        run("cmake", "-S", consumer, "-B", cls.build, "-G", "Ninja",
            f"-DCMAKE_PREFIX_PATH={cls.prefix}", "-DCMAKE_CXX_COMPILER_LAUNCHER=")
        run("cmake", "--build", cls.build, "--parallel", "2")

    @classmethod
    def tearDownClass(cls) -> None:
        cls.folder.cleanup()

    def test_no_installed_file_names_the_source_or_build_tree(self) -> None:
        source = str(HERE.parents[2])
        texts = [path for path in self.prefix.rglob("*")
                 if path.suffix in {".cmake", ".h", ".proto"}]
        self.assertGreater(len(texts), 40)
        for path in texts:
            text = path.read_text(encoding="utf-8")
            self.assertNotIn(source, text, path)
            self.assertNotIn(str(BUILD), text, path)

    def test_no_private_header_is_installed(self) -> None:
        names = {path.name for path in self.prefix.rglob("*.h")}
        self.assertIn("invoice_client.h", names)
        self.assertIn("mock_connection.h", names)
        self.assertFalse(names & {"grpc_stream.h", "bulk_run.h", "token_source.h"})

    def test_the_program_links_and_finds_nobody(self) -> None:
        result = run(self.build / "ledger", "127.0.0.1:1", ok=False)
        self.assertEqual((result.returncode, result.stdout), (3, "UNAVAILABLE\n"), result.stderr)

    def test_the_program_refuses_plain_text_to_another_machine(self) -> None:
        result = run(self.build / "ledger", "192.0.2.1:7600", ok=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("set tls", result.stdout)

    def test_the_mocks_serve_a_test_of_the_developers_own(self) -> None:
        result = run(self.build / "ledger_test")
        self.assertEqual(result.stdout, "LINES_MISSING inv_1\n")


if __name__ == "__main__":
    if not (BUILD / "CMakeCache.txt").is_file():
        print("KONTOR_BUILD_DIR names no build folder", file=sys.stderr)
        sys.exit(2)
    unittest.main(verbosity=2)
