#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the end-to-end suites: real programs, real ports, one target.

    python3 tests/e2e/run.py --series 18.0 --transport jsonrpc [--addon]  (the simulator)
    python3 tests/e2e/run.py --target-json FILE --transport xmlrpc        (a real Odoo)

Ends with "N passed, N failed, N skipped" alone on a line; exit 0 only when none failed.
"""
from __future__ import annotations

import argparse
import fnmatch
import importlib
import json
import pathlib
import sys
import time
import unittest
from typing import Any

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from e2e.harness.case import Case  # noqa: E402
from e2e.harness.world import World  # noqa: E402

# In this order: the last ones disturb what the others need.
SUITES = ("documents", "payments", "entries", "partners", "bad_input", "exceptions", "plans",
          "hashed", "companies", "locked_period", "idempotency", "feed", "security", "webhooks",
          "operations", "flow", "inbound", "expenses", "statements", "bank", "payment_orders",
          "channels", "onboarding", "people", "clients",
          "reconcile", "restore", "faults", "bad_line", "addon", "replaced")
TRANSPORTS = ("json2", "jsonrpc", "xmlrpc")


class Told(unittest.TextTestResult):
    """Says each test as it ends, with its time. A test named in open.json runs like all others;
    while it fails it is told as OPEN with the reason, and counted as skipped."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.passed = 0
        self.open = 0
        self._began = 0.0
        self._known: dict[str, str] = json.loads((HERE / "open.json").read_text())

    def _is_open(self, test: unittest.TestCase) -> bool:
        reason = self._known.get(test.id().removeprefix("e2e.suites."))
        if reason is not None:
            self.open += 1
            self._say("OPEN", test, f": {reason}")
        return reason is not None

    def startTest(self, test: unittest.TestCase) -> None:
        unittest.TestResult.startTest(self, test)
        self._began = time.monotonic()

    def _say(self, word: str, test: unittest.TestCase, more: str = "") -> None:
        seconds = time.monotonic() - self._began
        name = test.id().removeprefix("e2e.suites.")
        print(f"{word:7} {seconds:6.2f} s  {name}{more}", flush=True)

    def addSuccess(self, test: unittest.TestCase) -> None:
        unittest.TestResult.addSuccess(self, test)
        self.passed += 1
        self._say("ok", test)

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        if self._is_open(test):
            return
        unittest.TestResult.addError(self, test, err)
        self._say("ERROR", test)

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        if self._is_open(test):
            return
        unittest.TestResult.addFailure(self, test, err)
        self._say("FAILED", test)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        unittest.TestResult.addSubTest(self, test, subtest, err)
        if err is not None:
            self._say("FAILED", subtest)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        unittest.TestResult.addSkip(self, test, reason)
        self._say("SKIPPED", test, f": {reason}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The end-to-end suites.")
    parser.add_argument("--target-json", type=pathlib.Path, help="a target that runs")
    parser.add_argument("--transport", choices=TRANSPORTS, default="jsonrpc")
    parser.add_argument("--series", default="18.0", help="of the simulator")
    parser.add_argument("--addon", action="store_true",
                        help="the simulator plays the addon too")
    parser.add_argument("--suite", default="*",
                        help="only tests whose name matches: a pattern, or a part of the name")
    parser.add_argument("--keep", action="store_true", help="leave logs and data in place")
    return parser.parse_args()


def chosen(pattern: str) -> unittest.TestSuite:
    """The tests whose name fits, suite by suite in the order of SUITES."""
    found = unittest.TestSuite()
    for name in SUITES:
        module = importlib.import_module(f"e2e.suites.{name}")
        for group in unittest.defaultTestLoader.loadTestsFromModule(module):
            for test in group:  # type: ignore[union-attr]
                short = test.id().removeprefix("e2e.suites.")
                if fnmatch.fnmatch(short, pattern) or fnmatch.fnmatch(short, f"*{pattern}*"):
                    found.addTest(test)
    return found


def main() -> int:
    options = arguments()
    target = json.loads(options.target_json.read_text()) if options.target_json else None
    tests = chosen(options.suite)
    world = World(target, options.series, options.transport, options.keep, options.addon)
    print(f"Odoo {world.series} ({'simulator' if world.simulated else 'real'}"
          f"{', with the addon' if world.addon else ''}) over {options.transport}: "
          f"{tests.countTestCases()} tests", flush=True)
    Case.world = world
    runner = unittest.TextTestRunner(stream=sys.stdout, resultclass=Told, verbosity=0)
    try:
        result = runner.run(tests)
    finally:
        world.close()
    if options.keep:
        print(f"kept: {world.folder}")
    assert isinstance(result, Told)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    skipped = len(result.skipped) + result.open
    print(f"{result.passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 0 if failed == 0 and result.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
