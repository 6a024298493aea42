# SPDX-License-Identifier: Apache-2.0
"""The part of the chaos ring in which each named failpoint ends kontord once."""
from __future__ import annotations

import argparse
import random
import re
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.harness import documents as doc  # noqa: E402
from e2e.harness.api import ApiError, request_id  # noqa: E402
from e2e.harness.processes import ROOT  # noqa: E402
from reckoning import Reckoning  # noqa: E402
from stage import Stage, join  # noqa: E402
from workload import Broken, Workload, persistently  # noqa: E402

FAILPOINT_EXIT = 99
FAILPOINT_SECONDS = 30.0
SENDING_SECONDS = 10.0
Work = Callable[[], Any]


class Failpoints:
    """Each named failpoint ends the process once; the work goes on after the next start."""

    def __init__(self, stage: Stage, options: argparse.Namespace) -> None:
        self.stage = stage
        self.options = options
        self.dice = random.Random(options.seed)
        self.problems: list[Exception] = []

    @staticmethod
    def names() -> list[str]:
        """As the engine names them."""
        text = (ROOT / "server" / "engine" / "failpoints.h").read_text(encoding="utf-8")
        return re.findall(r'k\w+\[\] = "([a-z_.]+)"', text)

    def arm(self, name: str, nth: int = 1) -> None:
        """Starts kontord so that it ends at the failpoint."""
        kontord = self.stage.kontord
        kontord.stop()
        kontord.environment = {"KONTOR_FAILPOINT": f"{name}:exit:{nth}"}
        try:
            kontord.start()
        except RuntimeError:
            pass  # reached while starting

    def disarm(self, name: str) -> None:
        """The process must have ended at the failpoint; starts it again without."""
        kontord = self.stage.kontord
        code = kontord.process.wait(FAILPOINT_SECONDS)
        kontord.environment = {}
        if code != FAILPOINT_EXIT:
            kontord.stop()
            kontord.start()
            raise Broken(f"{name} was not reached (exit {code})")
        kontord.start()

    def run(self, name: str) -> str:
        self.problems.clear()
        reckoning = Reckoning(self.stage.books)
        workload = self.stage.workload(6, self.dice.randrange(1 << 30))
        group = name.split(".")[0]
        prepare = getattr(self, f"_before_{group}", None)
        after: Work | None = prepare(workload) if prepare else None
        # What looks at Odoo comes as often as there is something to see: only the first is certain.
        once = prepare or group in ("observe", "poll")
        nth = 1 if once else self.dice.randrange(1, 3)
        self.arm(name, nth)
        client = threading.Thread(target=self._quietly(workload.hand_over), daemon=True)
        client.start()
        extra = threading.Thread(target=self._quietly(after), daemon=True) if after else None
        if extra:
            extra.start()
        self.disarm(name)
        self.stage.simulator.delete("faults")
        join(client, workload)
        if extra:
            extra.join(workload.patience)
        if len(workload.operations) != len(workload.items):
            raise Broken(f"the client could not hand everything over: {self.problems}")
        return self.stage.reckon(reckoning, workload)

    def _quietly(self, work: Work) -> Work:
        """Keeps what goes wrong for the main thread, which tells it."""
        def run() -> None:
            try:
                work()
            except (Broken, ApiError, OSError) as problem:
                self.problems.append(problem)
        return run

    def _before_changes(self, _: Workload) -> None:
        """Changes that the addon tells, which is found when kontord starts again."""
        self.stage.simulator.control("set", {"addon": True})

    def _before_probe(self, _: Workload) -> None:
        self.stage.simulator.control("faults", [
            {"match": {"method": "load"}, "action": "cut_after", "times": 2}])

    def _before_recover(self, workload: Workload) -> None:
        """An operation that is SENDING when the power goes."""
        shop, asked = self.stage.service["shop"], doc.invoice()
        self.stage.simulator.control("faults", [
            {"match": {"model": "account.move", "method": "load"}, "action": "delay",
             "seconds": 5}])
        answer = shop.call("InvoiceService/CreateInvoice", requestId=request_id(), invoice=asked)
        workload.adopt("invoice", asked, answer)
        end = time.monotonic() + SENDING_SECONDS
        while time.monotonic() < end:
            state = shop.call("OperationService/GetOperation",
                              id=answer["operation"]["id"])["operation"]["state"]
            if state == "STATE_SENDING":
                break
            time.sleep(0.02)
        self.stage.kontord.kill()

    def _before_park(self, workload: Workload) -> Work:
        """An operation that waits for a held one, which is released later."""
        shop, asked = self.stage.service["shop"], [doc.entry(), doc.invoice()]
        held = shop.call("JournalEntryService/CreateJournalEntry", requestId=request_id(),
                         journalEntry=asked[0])
        workload.adopt("entry", asked[0], held)
        key = held["operation"]["id"]
        workload.adopt("invoice", asked[1], shop.call(
            "InvoiceService/CreateInvoice", requestId=request_id(), invoice=asked[1],
            dependsOn=[key], wait="5s"))
        def release() -> None:
            # Not while the waiting ones have yet to be looked at: a release wakes them itself.
            self.stage.kontord.process.wait(FAILPOINT_SECONDS)
            persistently(lambda: self.stage.service["rita"].call(
                "OperationService/ReleaseOperation", requestId="rel-" + key, id=key,
                reason="chaos is over"), FAILPOINT_SECONDS)

        return release

    def _before_resolve(self, _: Workload) -> Work:
        """A case that a person decides while the power goes."""
        shop, karl = self.stage.service["shop"], self.stage.service["karl"]
        answer = shop.call("InvoiceService/CreateInvoice", requestId=request_id(), wait="20s",
                           invoice=doc.invoice(lines=[doc.line("1.00", account="123456")]))
        case, key = answer["operation"]["exceptionId"], request_id()
        return lambda: persistently(lambda: karl.call(
            "ExceptionService/ResolveException", requestId=key, id=case, action="ACTION_REJECT",
            reason="chaos"), FAILPOINT_SECONDS)
