# SPDX-License-Identifier: Apache-2.0
"""The base of every suite: the shared world, and what tests say about documents."""
from __future__ import annotations

import os
import subprocess
import time
import unittest
from collections.abc import Callable
from typing import Any, TypeVar

from .api import Api, ApiError, request_id
from .odoo import Eyes
from .processes import program
from .world import Json, Service, World

WAIT = "50s"
TERMINAL = ("STATE_POSTED", "STATE_CANCELLED")
T = TypeVar("T")

RESOURCE = {"InvoiceService": "invoice", "PaymentService": "payment",
            "JournalEntryService": "journalEntry", "PartnerService": "partner"}


class Case(unittest.TestCase):
    """One test class of the end-to-end ring. `world` is set by run.py."""

    world: World
    maxDiff = 4000

    @property
    def service(self) -> Service:
        return self.world.service

    @property
    def shop(self) -> Api:
        """The program that hands documents over."""
        return self.service["shop"]

    @property
    def odoo(self) -> Eyes:
        if not self.world.has_admin:
            self.skipTest("this target gave no administrator of Odoo's")
        return self.world.eyes

    def only_on_the_simulator(self) -> Any:
        """Skips the test on a real Odoo; answers the simulator."""
        if self.world.simulator is None:
            self.skipTest("needs a fault that only the simulator can inject")
        return self.world.simulator

    # -- calls --------------------------------------------------------------------------------

    def create(self, method: str, document: Json, by: Api | None = None, wait: str = WAIT,
               **more: Any) -> Json:
        """Creates a document and answers the call's answer."""
        service = method.split("/")[0]
        more.setdefault("requestId", request_id())
        body = {RESOURCE[service]: document, "wait": wait, **more}
        return (by or self.shop).call(method, **body)

    def create_invoice(self, document: Json, **more: Any) -> Json:
        return self.create("InvoiceService/CreateInvoice", document, **more)

    def create_payment(self, document: Json, **more: Any) -> Json:
        return self.create("PaymentService/CreatePayment", document, **more)

    def create_entry(self, document: Json, **more: Any) -> Json:
        return self.create("JournalEntryService/CreateJournalEntry", document, **more)

    def upsert_partner(self, document: Json, **more: Any) -> Json:
        return self.create("PartnerService/UpsertPartner", document, **more)

    def operation(self, operation_id: str) -> Json:
        return self.shop.call("OperationService/GetOperation", id=operation_id)["operation"]

    def exception(self, exception_id: str) -> Json:
        return self.shop.call("ExceptionService/GetException", id=exception_id)["exception"]

    def events(self, by: Api | None = None, **more: Any) -> list[Json]:
        """All events that match, in order."""
        found: list[Json] = []
        after = int(more.pop("afterSequence", 0))
        while True:
            answer = (by or self.shop).call("EventService/ListEvents", afterSequence=after,
                                            pageSize=1000, **more)
            found += answer.get("events", [])
            after = int(answer.get("nextAfter", after))
            if answer.get("atEnd"):
                return found

    def types_of(self, subject: str) -> list[str]:
        """The types of a subject's events, in order."""
        return [event["type"] for event in self.events(subject=subject)]

    def resolve(self, exception: Json, action: str, by: str, **more: Any) -> Json:
        more.setdefault("requestId", request_id())
        return self.service[by].call("ExceptionService/ResolveException", id=exception["id"],
                                     action="ACTION_" + action, reason="a test decided so", **more)

    def approve(self, exception: Json, by: str) -> Json:
        """The second person says yes to what stands there now."""
        now = self.exception(exception["id"])
        return self.service[by].call("ExceptionService/ApproveResolution", id=exception["id"],
                                     requestId=request_id(), reason="seen and agreed",
                                     version=now["version"])

    # -- waiting ------------------------------------------------------------------------------

    def eventually(self, what: str, look: Callable[[], T], seconds: float = 0) -> T:
        """Looks until the answer is true; fails with `what` after a bounded time, by default the
        target's own."""
        seconds = seconds or self.world.patience_seconds
        end = time.monotonic() + seconds
        while True:
            found = look()
            if found:
                return found
            if time.monotonic() > end:
                self.fail(f"after {seconds:.0f} s still not: {what}")
            time.sleep(0.1)

    def settled(self, operation_id: str, *states: str, seconds: float = 0) -> Json:
        """The operation once it is in one of the states (terminal ones by default)."""
        seconds = seconds or self.world.patience_seconds
        wanted = ["STATE_" + state for state in states] or list(TERMINAL)
        seen: list[Json] = []

        def look() -> Json | None:
            operation = self.operation(operation_id)
            seen[:] = [operation]
            return operation if operation["state"] in wanted else None

        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := look():
                return found
            time.sleep(0.1)
        self.fail(f"{operation_id} is {self.why(seen[0])}, not {' or '.join(wanted)}")

    def why(self, operation: Json) -> str:
        """The state of an operation, with the findings of its exception."""
        text = str(operation["state"]) + " " + operation.get("parkReason", "")
        if operation.get("exceptionId"):
            findings = self.exception(operation["exceptionId"])["findings"]
            text += str([(f["reason"], f.get("field"), f.get("message")) for f in findings])
        return text

    # -- saying -------------------------------------------------------------------------------

    def posted(self, answer: Json) -> Json:
        """Fails unless the answer's operation is posted; answers the operation."""
        operation = answer["operation"]
        if operation["state"] not in TERMINAL + ("STATE_EXCEPTION", "STATE_HELD", "STATE_PARKED"):
            operation = self.settled(operation["id"], "POSTED", "EXCEPTION", "HELD", "PARKED")
        self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))
        return operation

    def stopped(self, answer: Json, reason: str, field: str = "") -> Json:
        """Fails unless the operation became an exception with that finding; answers the exception.

        Every finding must speak to a person: a sentence, a suggestion, no traceback.
        """
        operation = answer["operation"]
        if operation["state"] != "STATE_EXCEPTION":
            operation = self.settled(operation["id"], "EXCEPTION", "POSTED", "CANCELLED")
        self.assertEqual(operation["state"], "STATE_EXCEPTION", f"{reason} was expected")
        exception = self.exception(operation["exceptionId"])
        by_reason = {finding["reason"]: finding for finding in exception["findings"]}
        self.assertIn(reason, by_reason, exception["findings"])
        if field:
            self.assertEqual(by_reason[reason].get("field"), field)
        for finding in exception["findings"]:
            self.assert_plain(finding["message"])
            self.assertTrue(finding.get("suggestion"), finding)
        return exception

    def ends_posted(self, exception: Json) -> Json:
        """Fails unless the operation of a decided exception goes through."""
        operation = self.settled(exception["operationId"], "POSTED", "EXCEPTION")
        self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))
        self.assertEqual(self.exception(exception["id"])["state"], "STATE_RESOLVED")
        return operation

    def unposted(self, external_id: str) -> int:
        """Fails unless nothing is posted: a draft waits for the decision, which is answered; with
        the addon, which takes back what it refuses, nothing stands in Odoo, and 0 is answered."""
        draft = self.odoo.id_of(external_id)
        if self.world.addon:
            self.assertEqual(draft, 0)
        else:
            self.assertEqual(self.odoo.move(external_id)["state"], "draft")
        return draft

    def assert_plain(self, text: str) -> None:
        """Words for a finance person: no traceback, no class of Python's, no markup."""
        self.assertGreater(len(text), 10)
        for alien in ("Traceback", "odoo.exceptions", "File \"", "<html", "psycopg2", "\\n",
                      "None", "builtins."):
            self.assertNotIn(alien, text)

    def ctl(self, by: str, *arguments: str) -> tuple[int, str]:
        """kontorctl as one of the people: its exit code, and all that it printed."""
        token = self.world.folder / f"{by}.token"
        token.write_text(self.service[by].token, encoding="utf-8")
        port = self.service.kontord.ports["grpc_port"]
        ran = subprocess.run(
            [program("kontorctl"), "--endpoint", f"127.0.0.1:{port}", "--token-file", str(token),
             *arguments], capture_output=True, text=True, timeout=90, check=False,
            env={**os.environ, "KONTOR_CLIENT_TOKEN": ""})
        return ran.returncode, ran.stdout + ran.stderr

    def refused(self, call: Callable[[], Any], *reasons: str, code: str = "",
                field: str = "") -> ApiError:
        """Fails unless the call is refused with all of these reasons."""
        with self.assertRaises(ApiError) as caught:
            call()
        error = caught.exception
        for reason in reasons:
            self.assertIn(reason, error.reasons(), str(error))
        if code:
            self.assertEqual(error.code, code, str(error))
        if field:
            fields = {error.field} | {f.get("field", "") for f in error.findings}
            self.assertIn(field, fields, str(error))
        self.assertGreater(len(error.message), 10)
        return error
