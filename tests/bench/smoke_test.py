# SPDX-License-Identifier: Apache-2.0
"""Each measurement of kontor-bench runs, once and small. Figures are not looked at: a test that
judges time fails on a busy machine and proves nothing on an idle one.
"""
from __future__ import annotations

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = pathlib.Path(os.environ.get("KONTOR_BUILD_DIR", str(ROOT / "build"))) / "bin/kontor-bench"
SECONDS_MAX = 120
MEDIAN = re.compile(r"^\| median \| +([0-9]+) \| +([0-9]+) \|", re.MULTILINE)


class SmokeTest(unittest.TestCase):
    """Small runs of the real program."""

    def setUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="kontor-bench-smoke-")
        self.addCleanup(self.folder.cleanup)

    def bench(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([str(BENCH), *arguments], capture_output=True, text=True,
                              timeout=SECONDS_MAX, check=False)

    def measure(self, *arguments: str) -> str:
        done = self.bench(*arguments, "--folder", self.folder.name)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def assert_both_sides_did_something(self, printed: str) -> None:
        found = MEDIAN.search(printed)
        self.assertIsNotNone(found, printed)
        self.assertGreater(int(found.group(1)), 0, printed)
        self.assertGreater(int(found.group(2)), 0, printed)

    def test_acceptance_is_measured_against_an_empty_call(self) -> None:
        printed = self.measure("accept", "--rounds", "1", "--seconds", "0.3", "--in-flight", "8")
        self.assert_both_sides_did_something(printed)

    def test_acceptance_is_measured_on_two_sizes_of_store(self) -> None:
        printed = self.measure("growth", "--rounds", "1", "--seconds", "0.3", "--in-flight", "8",
                               "--small", "20", "--large", "400")
        self.assert_both_sides_did_something(printed)

    def test_deliveries_are_measured_against_a_bare_loop(self) -> None:
        printed = self.measure("webhooks", "--rounds", "1", "--events", "300", "--subjects", "60",
                               "--in-flight", "8")
        self.assert_both_sides_did_something(printed)

    def test_inbound_messages_are_measured_against_the_health_page(self) -> None:
        printed = self.measure("inbound", "--rounds", "1", "--messages", "300", "--in-flight", "8")
        self.assert_both_sides_did_something(printed)

    def test_statement_lines_are_measured_against_bare_inserts(self) -> None:
        printed = self.measure("import", "--rounds", "1", "--lines", "500")
        self.assert_both_sides_did_something(printed)

    def test_memory_is_read_before_and_after_calls(self) -> None:
        printed = self.measure("memory", "--stored", "400", "--accepted", "50")
        self.assertEqual(printed.count("| after the start"), 2, printed)

    def test_a_wrong_command_line_is_refused(self) -> None:
        for arguments in ([], ["dance"], ["accept", "--in-flight", "0"], ["webhooks", "--events"]):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.bench(*arguments).returncode, 2)


if __name__ == "__main__":
    unittest.main()
