# SPDX-License-Identifier: Apache-2.0
"""The addon on a real Odoo: packaged, installed, its own tests, taken out again.

Knows nothing of what the tests test; answers counts like any suite.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping

import report
from odoo_server import CONNECTOR, Installation

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SOURCE = ROOT / "odoo_addon"
PACKAGE = SOURCE / "package.sh"
PACKAGE_TIMEOUT_SECONDS = 120
CHAOS_TIMEOUT_SECONDS = 3600
TAGS = f"/{CONNECTOR},/{CONNECTOR}_expense"
# Without the modules that the glue addons wait for.
BARE_MODULES = ("account",)
_RESULT = re.compile(
    r"odoo\.tests\.result: (\d+) failed, (\d+) error\(s\) of (\d+) tests when loading"
)


# What the addon promises (issue of the addon, "proved").
SPEED_RATIO_MIN = 0.90
BY_HAND_SLOWER_MAX = 0.03
HELD_SECONDS_MAX = 2.0


class AddonError(RuntimeError):
    """The addon could not be packaged; the text says why."""


def package(series: str, folder: pathlib.Path, script: pathlib.Path = PACKAGE) -> pathlib.Path:
    """Packages the addons beside a package.sh for a series; answers their addons folder."""
    out = folder / "addons"
    done = subprocess.run(
        [str(script), series, "--out", str(out)], capture_output=True, text=True,
        timeout=PACKAGE_TIMEOUT_SECONDS, check=False,
    )
    if done.returncode != 0:
        raise AddonError(f"package.sh {series}: {(done.stderr or done.stdout).strip()[-400:]}")
    return out / series


def copy_tree(source: pathlib.Path, target: pathlib.Path) -> None:
    """Copies a folder when there is one."""
    if source.is_dir():
        shutil.copytree(source, target)


def missing_program() -> str:
    """Why what needs kontord is skipped; "" when it is built."""
    build = pathlib.Path(os.environ.get("KONTOR_BUILD_DIR", ROOT / "build"))
    program = build / "bin" / "kontord"
    return "" if program.is_file() else f"SKIPPED: {program} is not built"


def verdict(found: Mapping[str, bool]) -> tuple[report.Counts, str]:
    """Counts named findings; the note names those that do not hold."""
    wrong = sorted(name for name, right in found.items() if not right)
    return report.Counts(len(found) - len(wrong), len(wrong)), ", ".join(wrong)


def counts_of(output: str, exit_code: int) -> tuple[report.Counts, str]:
    """Reads what Odoo's own test runner says at the end; no such line is one failure."""
    found = _RESULT.findall(output)
    if not found:
        return report.Counts(0, 1), f"Odoo ran no test (exit {exit_code})"
    failed = sum(int(row[0]) + int(row[1]) for row in found)
    ran = sum(int(row[2]) for row in found)
    if ran == 0:
        return report.Counts(0, 1), "Odoo ran no test"
    if exit_code != 0 and failed == 0:
        return report.Counts(ran, 1), f"exit {exit_code} though none failed"
    return report.Counts(max(ran - failed, 0), failed), ""


def own_tests(odoo: Installation, database: str, first: bool) -> tuple[report.Counts, str]:
    """Installs (`first`) or updates the addon on a database and runs its own tests."""
    code, output = odoo.test(database, CONNECTOR, TAGS, first)
    counts, note = counts_of(output, code)
    if counts.failed:
        show_failures(output)
    return counts, note


def speed(measured: dict[str, float]) -> tuple[report.Counts, str]:
    """Holds what shell_bench.py measured against what is promised."""
    kept = (
        measured["speed_ratio"] >= SPEED_RATIO_MIN,
        measured["by_hand_slower"] < BY_HAND_SLOWER_MAX,
        measured["held_seconds_max"] < HELD_SECONDS_MAX,
    )
    note = (
        f"apply {measured['speed_ratio']:.2f} of create and post, "
        f"in {measured['calls']:.0f} calls; "
        f"by hand {100 * measured['by_hand_slower']:+.1f} %; "
        f"journal held {measured['held_seconds_max']:.2f} s at most"
    )
    print("    " + json.dumps(measured), flush=True)
    return report.Counts(sum(kept), len(kept) - sum(kept)), note


def show_failures(output: str) -> None:
    """Prints what went wrong, so that the log need not be kept for it."""
    shown = False
    lines = 0
    for line in output.splitlines():
        if re.match(r"\d{4}-\d{2}-\d{2} ", line):
            shown = " ERROR " in line or " CRITICAL " in line
        if shown and lines < 200:
            lines += 1
            print("    " + line, file=sys.stdout, flush=True)
