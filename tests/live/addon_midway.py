# SPDX-License-Identifier: Apache-2.0
"""The addon comes and goes while documents are under way whose outcome nobody knows.

Three documents are sent without the addon: one call never arrives, one answer is lost, one call
arrives long after all is over. Then the addon is installed, and later taken out while its own
answer is lost. Each document stands in the books once, on the path that it began with.
"""

from __future__ import annotations

import pathlib
from typing import Any

from addon_stage import Json, Line, Stage, until
from e2e.harness import documents as doc
from odoo_server import CONNECTOR, Installation

HERE = pathlib.Path(__file__).resolve().parent
# How the three transports write the methods that create, and those that look for what there is.
CREATES = tuple(form.format(name) for name in ("load", "apply")
                for form in ('"{}"', "<string>{}</string>", "/{} "))
LOOKS = ("ir.model.data", "kontor.operation")
KEY = "k1_"
FATES = {"never arrived": "before", "lost its answer": "after", "arrived late": "late"}
JOURNALS = {"never arrived": "INV", "lost its answer": "INVX", "arrived late": "BILL"}


class Fates:
    """What becomes of the call that creates a named document, and, while `blind`, of all that look
    for it or send it again."""

    def __init__(self) -> None:
        self.blind = False
        self._by_reference: dict[str, str] = {}
        self._done: set[str] = set()

    def set(self, reference: str, fate: str) -> None:
        """Decides about the call that creates a document."""
        self._by_reference[reference] = fate

    def all_met(self) -> bool:
        """Whether each fate came to pass."""
        return self._done == set(self._by_reference)

    def __call__(self, text: str) -> str:
        creates = any(word in text for word in CREATES)
        named = [reference for reference in self._by_reference if reference in text]
        for reference in named:
            if creates and reference not in self._done:
                self._done.add(reference)
                return self._by_reference[reference]
        looks = KEY in text and any(word in text for word in LOOKS)
        return "before" if self.blind and (looks or creates and named) else ""


class Midway:
    """One run on one running Odoo without the addon."""

    def __init__(
        self, target: dict[str, Any], transport: str, odoo: Installation, folder: pathlib.Path
    ) -> None:
        self._target = target
        self._odoo = odoo
        self._fates = Fates()
        self._line = Line(target["url"], self._fates)
        self._stage = Stage(folder, target, transport, self._line.url)
        self.found: dict[str, bool] = {}

    def run(self) -> None:
        """Fills `found`. Errors: NotYet."""
        self._next_takes("PATH_LOAD")
        under_way = self._lose_three()
        self._install()
        self._fates.blind = False
        for name, (asked, operation_id) in under_way.items():
            self._ends(f"what {name}", asked, operation_id, "PATH_LOAD")
        self._next_takes("PATH_ADDON")
        self.found["the late call is answered"] = self._line.deliver() == [200]
        for name, (asked, operation_id) in under_way.items():
            self.found[f"what {name} stands once in the end"] = self._stage.stands_once(
                asked, self._stage.operation(operation_id))
        self._take_out()

    def close(self) -> None:
        """Ends what was started."""
        self._stage.stop()
        self._line.close()

    def _lose_three(self) -> dict[str, tuple[Json, str]]:
        under_way = {}
        self._fates.blind = True
        for name, fate in FATES.items():
            make = doc.bill if JOURNALS[name] == "BILL" else doc.invoice
            asked = make(journalCode=JOURNALS[name])
            self._fates.set(asked["reference"], fate)
            under_way[name] = (asked, self._stage.hand_over(asked, wait="0s")["id"])
        for name, (_asked, operation_id) in under_way.items():
            self._stage.settled(operation_id, "UNKNOWN")
            self.found[f"what {name} is unknown"] = True
        self.found["each call was lost"] = self._fates.all_met()
        return under_way

    def _install(self) -> None:
        self._odoo.install(self._target["db"], (CONNECTOR,))
        self._odoo.shell(self._target["db"], HERE / "shell_grant.py",
                         {"KONTOR_LIVE_BOT": self._target["login"]})

    def _take_out(self) -> None:
        """Takes the addon out while the answer of its own apply is lost."""
        asked = doc.invoice(journalCode="INVX")
        self._fates.set(asked["reference"], "after")
        self._fates.blind = True
        operation_id = self._stage.hand_over(asked, wait="0s")["id"]
        self._stage.settled(operation_id, "UNKNOWN")
        self._odoo.shell(self._target["db"], HERE / "shell_remove.py",
                         {"KONTOR_LIVE_BOT": self._target["login"]})
        self._fates.blind = False
        self._ends("what the removal met", asked, operation_id, "PATH_ADDON")
        self._next_takes("PATH_LOAD")

    def _ends(self, name: str, asked: Json, operation_id: str, path: str) -> None:
        operation = self._stage.settled(operation_id, "POSTED", "EXCEPTION")
        self.found[f"{name} is posted"] = operation["state"] == "STATE_POSTED"
        self.found[f"{name} keeps its path"] = operation["path"] == path
        self.found[f"{name} stands once"] = self._stage.stands_once(asked, operation)

    def _next_takes(self, path: str) -> None:
        """Hands documents over until one takes the path: kontord notices by and by."""

        def look() -> bool:
            operation = self._stage.hand_over(doc.invoice())
            return operation["state"] == "STATE_POSTED" and operation["path"] == path

        until(f"a document takes {path}", look)
        self.found[f"a document takes {path}"] = True


def check(
    target: dict[str, Any], transport: str, odoo: Installation, folder: pathlib.Path
) -> dict[str, bool]:
    """Answers named findings; what did not come about in time is one that does not hold."""
    midway = Midway(target, transport, odoo, folder)
    try:
        midway.run()
    except AssertionError as error:
        midway.found[str(error)] = False
    finally:
        midway.close()
    return midway.found
