# SPDX-License-Identifier: Apache-2.0
"""The same request id is one document, whoever asks how often, across restarts."""
from __future__ import annotations

import concurrent.futures
import json
import os
import subprocess
import threading
from typing import Any

from ..harness import documents as doc
from ..harness.api import request_id
from ..harness.case import Case
from ..harness.processes import build_dir
from ..harness.world import Json

AT_ONCE = 50
CLI_SECONDS = 60


class Idempotency(Case):

    def one(self, answers: list[Json]) -> str:
        """All answers name one document; it stands in Odoo once."""
        ids = {answer["invoice"]["id"] for answer in answers}
        self.assertEqual(len(ids), 1, ids)
        operation = self.settled(answers[0]["operation"]["id"], "POSTED", "EXCEPTION")
        self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))
        return ids.pop()

    def test_fifty_at_once_make_one_document(self) -> None:
        asked, key = doc.invoice(), request_id()
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            answers = list(pool.map(
                lambda _: self.create_invoice(asked, requestId=key, wait="0s"), range(AT_ONCE)))
        self.one(answers)
        self.assertEqual(len(self.odoo.moves([["ref", "=", asked["reference"]]])), 1)

    def grpc_caller(self) -> subprocess.Popen[str]:
        """A kontorctl that has started and waits for its request on standard input."""
        return subprocess.Popen(
            [str(build_dir() / "bin" / "kontorctl"), "invoice", "create", "--json",
             "--request", "-",
             "--endpoint", f"127.0.0.1:{self.service.kontord.ports['grpc_port']}"],
            env={**os.environ, "KONTOR_CLIENT_TOKEN": self.shop.token}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_fifty_at_once_over_grpc_and_json_mixed_make_one_document(self) -> None:
        asked, key = doc.invoice(), request_id()
        request = json.dumps({"requestId": key, "invoice": asked})
        callers = [self.grpc_caller() for _ in range(AT_ONCE // 2)]
        together = threading.Barrier(AT_ONCE, timeout=CLI_SECONDS)

        def over_grpc(caller: subprocess.Popen[str]) -> Json:
            together.wait()
            out, error = caller.communicate(request, timeout=CLI_SECONDS)
            self.assertEqual(caller.returncode, 0, error + out)
            return json.loads(out)

        def over_json(_: int) -> Json:
            together.wait()
            return self.create_invoice(asked, requestId=key, wait="0s")

        try:
            with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
                jobs = [pool.submit(over_grpc, caller) for caller in callers]
                jobs += [pool.submit(over_json, number) for number in range(AT_ONCE // 2)]
                answers = [job.result() for job in jobs]
        finally:
            for caller in callers:
                caller.kill()
                caller.wait()
        self.assertEqual(len(answers), AT_ONCE)
        self.one(answers)
        self.assertEqual(len(self.odoo.moves([["ref", "=", asked["reference"]]])), 1)

    def test_numbers_written_differently_are_the_same_content(self) -> None:
        asked, key = doc.invoice(lines=[doc.line("10.5", "2.0")]), request_id()
        first = self.create_invoice(asked, requestId=key)
        asked["lines"][0].update(unitPrice="10.50", quantity="2")
        second = self.create_invoice(asked, requestId=key, wait="0s")
        self.one([first, second])

    def test_other_content_is_refused_naming_the_fields(self) -> None:
        asked, key = doc.invoice(), request_id()
        self.posted(self.create_invoice(asked, requestId=key))
        changed: list[tuple[dict[str, Any], str]] = [
            ({"reference": "OTHER"}, "reference"), ({"invoiceDate": doc.days(-1)}, "invoice_date"),
            ({"lines": [doc.line("1.00")]}, "unit_price")]
        for change, field in changed:
            with self.subTest(field=field):
                error = self.refused(
                    lambda c=change: self.create_invoice({**asked, **c}, requestId=key),
                    "REQUEST_ID_REUSED", code="already_exists")
                self.assertIn(field, error.metadata["fields"])

    def test_a_request_id_of_another_kind_of_document_is_refused(self) -> None:
        key = request_id()
        self.posted(self.create_invoice(doc.invoice(), requestId=key))
        self.refused(lambda: self.create_payment(doc.payment("1.00"), requestId=key),
                     "REQUEST_ID_REUSED", code="already_exists")

    def test_another_source_with_the_same_id_gets_its_own_document(self) -> None:
        asked, key = doc.invoice(), request_id()
        ours = self.create_invoice(asked, requestId=key)
        theirs = self.create_invoice(doc.invoice(), requestId=key, by=self.service["erp2"])
        self.posted(ours)
        self.posted(theirs)
        self.assertNotEqual(ours["invoice"]["id"], theirs["invoice"]["id"])
        self.assertNotEqual(ours["operation"]["externalId"], theirs["operation"]["externalId"])

    def test_the_answer_is_the_same_after_a_restart(self) -> None:
        asked, key = doc.invoice(), request_id()
        first = self.create_invoice(asked, requestId=key)
        self.posted(first)
        self.service.kontord.restart()
        second = self.create_invoice(asked, requestId=key)
        self.assertEqual(second["invoice"]["id"], first["invoice"]["id"])
        self.one([first, second])
        self.assertEqual(len(self.odoo.moves([["ref", "=", asked["reference"]]])), 1)

    def test_what_was_answered_survives_a_power_cut(self) -> None:
        asked, key = doc.invoice(), request_id()
        first = self.create_invoice(asked, requestId=key, wait="0s")
        self.service.kontord.kill()
        self.service.kontord.start()
        self.one([first, self.create_invoice(asked, requestId=key, wait="0s")])
        self.assertEqual(len(self.odoo.moves([["ref", "=", asked["reference"]]])), 1)

    def test_every_item_of_a_batch_is_its_own_request(self) -> None:
        items = [{"requestId": request_id(), "invoice": doc.invoice()} for _ in range(3)]
        first = self.shop.call("InvoiceService/BatchCreateInvoices", requests=items)
        again = self.shop.call("InvoiceService/BatchCreateInvoices", requests=items, wait="50s")
        self.assertEqual([r["response"]["invoice"]["id"] for r in first["results"]],
                         [r["response"]["invoice"]["id"] for r in again["results"]])
        twice = [items[0], items[0]]
        self.refused(lambda: self.shop.call("InvoiceService/BatchCreateInvoices", requests=twice),
                     "FIELD_INVALID", code="invalid_argument")

    def test_changes_are_repeatable_too(self) -> None:
        operation = self.posted(self.create_invoice(doc.invoice()))
        key = request_id()
        answers = [self.shop.call("InvoiceService/ReverseInvoice", requestId=key, wait="50s",
                                  id=operation["documentId"], reason="twice asked")
                   for _ in range(2)]
        self.assertEqual(len({answer["reversal"]["id"] for answer in answers}), 1)
        self.posted(answers[1])

    def test_a_release_asked_for_again_is_answered_again(self) -> None:
        held = self.create_entry(doc.entry())["operation"]
        rita, key = self.service["rita"], request_id()
        ask = {"requestId": key, "id": held["id"], "reason": "checked"}
        for _ in range(3):
            answer = rita.call("OperationService/ReleaseOperation", **ask)
            self.assertEqual(answer["operation"]["id"], held["id"])
        self.refused(lambda: rita.call("OperationService/ReleaseOperation",
                                       **{**ask, "reason": "looked at twice"}),
                     "REQUEST_ID_REUSED", code="already_exists")
        self.refused(lambda: rita.call("OperationService/ReleaseOperation",
                                       **{**ask, "requestId": request_id()}), "STATE_CONFLICT")
        self.refused(lambda: rita.call("OperationService/ReleaseOperation",
                                       **{**ask, "requestId": ""}), "FIELD_MISSING",
                     field="request_id")
        operation = self.settled(held["id"], "POSTED", "EXCEPTION")
        self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))

    def test_a_decision_asked_for_again_is_answered_again(self) -> None:
        case = self.stopped(self.create_invoice(doc.invoice(
            lines=[doc.line("10.00", account="123456")])), "ACCOUNT_UNKNOWN")
        key, mended = request_id(), {"invoice": {"lines": [doc.line("10.00")]},
                                     "updateMask": "lines"}
        for _ in range(2):
            after = self.resolve(case, "CORRECT_AND_RETRY", "karl", requestId=key, **mended)
            self.assertEqual(after["exception"]["state"], "STATE_AWAITING_SECOND_PERSON")
        yes = {"id": case["id"], "requestId": request_id(), "reason": "seen and agreed",
               "version": self.exception(case["id"])["version"]}
        for _ in range(2):
            after = self.service["kurt"].call("ExceptionService/ApproveResolution", **yes)
            self.assertEqual(after["exception"]["state"], "STATE_RESOLVED")
        operation = self.settled(case["operationId"], "POSTED", "EXCEPTION")
        self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))

    def test_a_connection_and_an_entity_asked_for_again_are_made_once(self) -> None:
        anna, target = self.service["anna"], self.world.target
        name = doc.unique("twice")
        connection = {"requestId": request_id(), "connection": {
            "name": name, "url": target["url"], "database": target["db"],
            "login": target["login"], "apiKey": target["api_key"], "mode": "MODE_PAUSED"}}
        entity = {"requestId": request_id(), "entity": {
            "name": name, "connection": name, "companyId": 1, "currencyCode": "EUR"}}
        for _ in range(2):
            made = anna.call("ConnectionService/CreateConnection", **connection)["connection"]
            self.assertEqual((made["name"], made["mode"]), (name, "MODE_PAUSED"))
            made = anna.call("ConnectionService/CreateEntity", **entity)["entity"]
            self.assertEqual(made["name"], name)
        for method, ask in (("CreateConnection", connection), ("CreateEntity", entity)):
            self.refused(lambda m=method, a=ask: anna.call(
                "ConnectionService/" + m, **{**a, "requestId": request_id()}), "ALREADY_EXISTS")
        # An id that stands for something else is no document's either.
        self.refused(lambda: anna.call(
            "ConnectionService/UpdateEntity", requestId=entity["requestId"], reason="x",
            entity={"name": name, "mode": "MODE_PAUSED"}, updateMask="mode"),
            "REQUEST_ID_REUSED", code="already_exists")
