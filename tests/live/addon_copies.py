# SPDX-License-Identifier: Apache-2.0
"""Copies and restores of a database with the addon: kontord suspends them, and they reach nobody.

Each case has a kontord of its own, which was bound to the database while it was the right one.
"""

from __future__ import annotations

import pathlib
from typing import Any

from addon_stage import NotYet, Stage, until
from e2e.harness import documents as doc
from odoo_server import Installation

HERE = pathlib.Path(__file__).resolve().parent
REPLACED = "DATABASE_REPLACED"
# Neutralising comes last: Odoo has no way back from it.
CASES = ("a clone", "a rewound database", "a neutralised copy")


def _suspends(stage: Stage, what: str) -> bool:
    """Whether kontord suspends the connection and leaves the next document out of the books."""

    def look() -> bool:
        stage.hand_over(doc.invoice(), wait="1s")  # kontord looks when it has something to send
        return stage.suspended() == REPLACED

    until(f"{what} suspends the connection", look)
    asked = doc.invoice()
    operation = stage.hand_over(asked, wait="1s")
    stage.settled(operation["id"], "PARKED")
    return not stage.eyes.moves([["ref", "=", asked["reference"]]])


def check(
    target: dict[str, Any], transport: str, odoo: Installation, folder: pathlib.Path
) -> dict[str, bool]:
    """Answers named findings; what did not come about in time is one that does not hold."""
    found: dict[str, bool] = {}
    database, script = target["db"], HERE / "shell_copies.py"
    for number, case in enumerate(CASES):
        stage = Stage(folder / str(number), target, transport)
        try:
            first = stage.hand_over(doc.invoice())
            found[f"before {case}, documents go in"] = (
                (first["state"], first["path"]) == ("STATE_POSTED", "PATH_ADDON"))
            odoo.shell(database, script, {"KONTOR_LIVE_STEP": case})
            if case == "a neutralised copy":
                odoo.neutralise(database)
                odoo.shell(database, script, {"KONTOR_LIVE_STEP": "told"})
            found[f"{case} suspends the connection"] = _suspends(stage, case)
        except NotYet as error:
            found[str(error)] = False
        finally:
            stage.stop()
        odoo.shell(database, script, {"KONTOR_LIVE_STEP": f"after {case}"})
    return found | odoo.shell(database, script, {"KONTOR_LIVE_STEP": "look"})
