# SPDX-License-Identifier: Apache-2.0
"""The addon's own parts, once a series, each on a copy of a prepared database.

`plain` is a database without the addon, `full` one where it was put in afterwards; no part sees
what another left behind.
"""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "addon"))

import addon_copies  # noqa: E402
import addon_midway  # noqa: E402
import addon_suite  # noqa: E402
import addon_upgrade  # noqa: E402
import catalogue  # noqa: E402
import options  # noqa: E402
import postgres  # noqa: E402
import report  # noqa: E402
from odoo_server import CONNECTOR, Installation  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
CHAOS = HERE.parent / "chaos" / "chaos_test.py"
DOCUMENTS_A_KILL = 12
# Exporting terms has other options on 19; one series, that of the source, is enough.
SOURCE_SERIES = "18.0"
Outcome = tuple[report.Counts, str]


def say(text: str) -> None:
    """Prints a line at once."""
    print(text, flush=True)


class Copies:
    """Copies of scratch databases, with the files that Odoo keeps beside them."""

    def __init__(self, server: postgres.Server, folder: pathlib.Path) -> None:
        self.server = server
        self.folder = folder
        self._files = folder / "odoo-data" / "filestore"

    def make(self, database: str, template: str) -> None:
        """A database that is what the template is."""
        self.server.create(database, template)
        addon_suite.copy_tree(self._files / template, self._files / database)


class Parts:
    """Runs the parts that were asked for; answers a row each."""

    def __init__(
        self,
        asked: options.Options,
        bare: Installation,
        odoo: Installation,
        copies: Copies,
        templates: dict[str, str],
        target: Callable[[str, str], dict[str, Any]],
    ) -> None:
        """`bare` is without the addon's folder; `templates` has plain and full; `target` makes the
        target of (url, database)."""
        self._asked = asked
        self._bare = bare
        self._odoo = odoo
        self._folder = copies.folder
        self._copies = copies
        self._templates = templates
        self._target = target

    def run(self) -> list[report.Row]:
        """Every part on a database of its own, which is dropped afterwards."""
        parts: list[tuple[str, Callable[[str], Outcome]]] = [
            ("tests", self._tests), ("alone", self._alone), ("uninstall", self._uninstall),
            ("terms", self._terms), ("upgrade", self._upgrade), ("midway", self._midway),
            ("copies", self._clones),
        ]
        if self._asked.chaos:
            parts.append(("chaos", self._chaos))
        if self._asked.bench:
            parts.append(("speed", self._speed))
        return [
            self._row(name, part) for name, part in parts
            if name != "terms" or self._odoo.series == SOURCE_SERIES
        ]

    def _row(self, name: str, part: Callable[[str], Outcome]) -> report.Row:
        series = self._odoo.series
        say(f"== {series} addon: {name}")
        database = f"{self._templates['full']}_{name}"
        began = time.monotonic()
        try:
            counts, note = part(database)
        finally:
            self._copies.server.drop(database)
        say(f"    {counts.passed} passed, {counts.failed} failed {note}")
        return report.Row(
            series, "-", f"addon {name}", counts, time.monotonic() - began, note
        )

    @property
    def _transport(self) -> str:
        return options.transports_for(self._odoo.series, self._asked.transport)[0]

    # ------------------------------------------------------------------ without kontord

    def _tests(self, database: str) -> Outcome:
        self._copies.make(database, self._templates["full"])
        return addon_suite.own_tests(self._odoo, database, first=False)

    def _alone(self, database: str) -> Outcome:
        self._copies.server.create(database)
        self._odoo.install(database, addon_suite.BARE_MODULES)
        return addon_suite.own_tests(self._odoo, database, first=True)

    def _uninstall(self, database: str) -> Outcome:
        self._copies.make(database, self._templates["full"])
        return addon_suite.verdict(self._odoo.shell(database, HERE / "shell_uninstall.py", {}))

    def _terms(self, database: str) -> Outcome:
        self._copies.make(database, self._templates["full"])
        exported = self._folder / "exported.pot"
        exported.write_text(self._odoo.export_terms(database, CONNECTOR), encoding="utf-8")
        kept = addon_suite.SOURCE / CONNECTOR / "i18n" / f"{CONNECTOR}.pot"
        ours, theirs = ({term.text for term in catalogue.read(path)} for path in (kept, exported))
        lacking, stale = sorted(theirs - ours), sorted(ours - theirs)
        found = {f"the .pot names “{text[:50]}”": False for text in lacking}
        found |= {f"the addon still says “{text[:50]}”": False for text in stale}
        return addon_suite.verdict(found or {"the .pot is what Odoo exports": True})

    def _upgrade(self, database: str) -> Outcome:
        self._copies.make(database, self._templates["plain"])
        return addon_upgrade.run(self._bare, self._odoo, database, self._folder)

    def _speed(self, database: str) -> Outcome:
        self._copies.make(database, self._templates["full"])
        return addon_suite.speed(self._odoo.shell(database, HERE / "shell_bench.py", {}))

    # ------------------------------------------------------------------ with kontord

    def _midway(self, database: str) -> Outcome:
        return self._with_kontord(database, "plain", addon_midway.check)

    def _clones(self, database: str) -> Outcome:
        return self._with_kontord(database, "full", addon_copies.check)

    def _with_kontord(
        self, database: str, template: str, check: Callable[..., dict[str, bool]]
    ) -> Outcome:
        if missing := addon_suite.missing_program():
            return report.Counts(0, 0, 1), missing
        self._copies.make(database, self._templates[template])
        running = self._odoo.start(database)
        folder = self._folder / f"kontord-{template}"
        folder.mkdir()
        try:
            found = check(self._target(running.url, database), self._transport, self._odoo, folder)
        finally:
            running.stop()
        return addon_suite.verdict(found)

    def _chaos(self, database: str) -> Outcome:
        if missing := addon_suite.missing_program():
            return report.Counts(0, 0, 1), missing
        self._copies.make(database, self._templates["full"])
        running = self._odoo.start(database)
        path = self._folder / "target-chaos.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(self._target(running.url, database)), encoding="utf-8")
        documents = self._asked.chaos
        command = [
            sys.executable, str(CHAOS), "--target-json", str(path), "--transport",
            self._transport, "--parts", "storm", "--documents", str(documents), "--kills",
            str(max(1, documents // DOCUMENTS_A_KILL)),
        ]
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                timeout=addon_suite.CHAOS_TIMEOUT_SECONDS,
            )
        finally:
            running.stop()
        print("    " + done.stdout.replace("\n", "\n    ") + done.stderr[-1000:], flush=True)
        return report.counts_of(done.stdout, done.returncode)

