#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the tests of the simulators: behaviour, faults, proxy, webhook receiver,
expense platforms."""
from __future__ import annotations

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from selftests import (  # noqa: E402
    addon_test,
    bank_test,
    expense_test,
    faults_test,
    odoo_test,
    proxy_test,
    receiver_test,
)


def main() -> int:
    loader = unittest.TestLoader()
    names = sys.argv[1:]
    modules = (odoo_test, addon_test, faults_test, proxy_test, receiver_test, expense_test,
               bank_test)
    if names:
        loader.testNamePatterns = [f"*{name}*" for name in names]
    suite = unittest.TestSuite(loader.loadTestsFromModule(module) for module in modules)
    if suite.countTestCases() == 0:
        print("no test has that name")
        return 1
    result = unittest.TextTestRunner(verbosity=1).run(suite)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
