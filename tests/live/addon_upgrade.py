# SPDX-License-Identifier: Apache-2.0
"""The addon in place of the version before it: what was there stays, and goes on working.

The older one is packaged from this repository's history. Where that is not at hand (a shallow
clone, an archive) nothing is checked, and that is said.
"""

from __future__ import annotations

import ast
import io
import pathlib
import subprocess
import tarfile

import addon_suite
import report
from odoo_server import CONNECTOR, Installation

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# The tag of the last release; until there is one, the commit that 1.0.0 stands for.
PREVIOUS = "1ee935e0"
GIT_TIMEOUT_SECONDS = 60


def _git(*arguments: str) -> bytes | None:
    """What git answers; None when it cannot."""
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, check=False,
            timeout=GIT_TIMEOUT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def version_of(manifest: str) -> str:
    """The version that the text of a manifest says, without the series."""
    return ast.literal_eval(manifest)["version"].split(".", 2)[2]


def previous_source(folder: pathlib.Path) -> pathlib.Path | None:
    """The older addons' source in a folder; None without the history."""
    archive = _git("archive", "--format=tar", PREVIOUS, "odoo_addon")
    if archive is None:
        return None
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    return folder / "odoo_addon"


def run(
    bare: Installation, odoo: Installation, database: str, folder: pathlib.Path
) -> tuple[report.Counts, str]:
    """Installs the older version, puts data in, updates, and compares."""
    source = previous_source(folder / "previous")
    if source is None:
        return report.Counts(0, 0, 1), f"SKIPPED: git has no {PREVIOUS} here"
    older = version_of((source / CONNECTOR / "__manifest__.py").read_text(encoding="utf-8"))
    newer = version_of(
        (ROOT / "odoo_addon" / CONNECTOR / "__manifest__.py").read_text(encoding="utf-8"))
    addons = addon_suite.package(bare.series, folder / "previous", source / "package.sh")
    bare.with_addons(addons).install(database, (CONNECTOR,))
    script = HERE / "shell_upgrade.py"
    before = bare.with_addons(addons).shell(database, script, {"KONTOR_LIVE_STEP": "before"})
    odoo.update(database, CONNECTOR)
    after = odoo.shell(database, script, {"KONTOR_LIVE_STEP": "after"})
    found = {f"{name} stays": after["facts"].get(name) == value
             for name, value in before["facts"].items()}
    found |= after["works"]
    found["the version was counted up"] = older != newer
    found["the newer version is installed"] = after["version"] == f"{odoo.series}.{newer}"
    counts, note = addon_suite.verdict(found)
    return counts, note or f"{older} → {newer}"
