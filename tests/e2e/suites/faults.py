# SPDX-License-Identifier: Apache-2.0
"""Odoo fails in every way; each document stands there once all the same. Simulator only."""
from __future__ import annotations

from collections.abc import Callable

from ..harness import documents as doc
from ..harness.api import request_id
from ..harness.case import Case
from ..harness.world import Json, Service

SETTINGS = {"engine.probe_first": "100ms", "engine.retry_first": "100ms", "engine.probe_max": "1s",
            "engine.retry_max": "1s", "engine.poll_interval": "0s"}
LOST = [("cut_before", {}), ("cut_after", {}), ("cut_middle", {}), ("cut_after", {"reset": True}),
        ("http_502", {}), ("http_502", {"after": True}), ("html_error", {}),
        ("html_error", {"after": True}), ("rate_limit_429", {"seconds": 1}),
        ("serialization_failure", {}), ("late", {"seconds": 1})]


class Faults(Case):
    own: Service | None = None

    @property
    def service(self) -> Service:
        if Faults.own is None:
            Faults.own = self.world.new_service("faults", SETTINGS)
            Faults.own.cast("shop", "karl", "kurt", "otto")
            Faults.own.connect("faulty")
            Faults.own.entity("de", "faulty")
        return Faults.own

    def setUp(self) -> None:
        self.simulator = self.only_on_the_simulator()
        self.addCleanup(self.simulator.delete, "faults")
        # Bound and with its master data read, so that faults meet the calls they are meant for.
        self.service["shop"].call("ConnectionService/GetCatalogue", entity="de")

    def fault(self, *rules: Json) -> None:
        self.simulator.control("faults", list(rules))

    def call_of(self, model: str, method: str) -> Json:
        """The call that does it: with the addon one call creates and posts."""
        if self.world.addon and method in ("load", "action_post"):
            return {"model": "kontor.operation", "method": "apply"}
        return {"model": model, "method": method}

    def fired(self) -> None:
        """Fails unless every rule met the call that it was meant for."""
        for rule in self.simulator.control("faults"):
            self.assertGreater(rule["fired"], 0, rule)

    def once(self, asked: Json, answer: Json) -> Json:
        operation = self.settled(answer["operation"]["id"], "POSTED", "EXCEPTION")
        self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))
        found = self.simulator.control(f"moves?ref={asked['reference']}")
        self.assertEqual([(move["state"], move["external_id"]) for move in found],
                         [("posted", "kontor." + operation["externalId"])])
        return operation

    def test_a_lost_or_refused_creation_ends_in_one_posted_document(self) -> None:
        for action, more in LOST:
            with self.subTest(action=action, **more):
                self.fault({"match": self.call_of("account.move", "load"),
                            "action": action, **more})
                asked = doc.invoice()
                self.once(asked, self.create_invoice(asked, wait="0s"))
                self.fired()

    def test_a_lost_or_refused_posting_ends_in_one_posted_document(self) -> None:
        for action, more in LOST:
            with self.subTest(action=action, **more):
                self.fault({"match": self.call_of("account.move", "action_post"),
                            "action": action, **more})
                asked = doc.bill()
                self.once(asked, self.create_invoice(asked, wait="0s"))
                self.fired()

    def test_a_lost_payment_or_reconciliation_happens_once(self) -> None:
        for model, method in (("account.payment", "load"), ("account.payment", "action_post"),
                              ("account.move.line", "reconcile")):
            for action in ("cut_before", "cut_after"):
                with self.subTest(model=model, method=method, action=action):
                    asked = doc.invoice(lines=[doc.line("64.00", taxes=())])
                    invoice = self.once(asked, self.create_invoice(asked))
                    self.fault({"match": self.call_of(model, method), "action": action})
                    answer = self.create_payment(doc.payment(
                        "64.00", allocations=[{"invoiceId": invoice["documentId"]}]), wait="0s")
                    operation = self.settled(answer["operation"]["id"], "POSTED", "EXCEPTION")
                    self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))
                    found = self.simulator.control(f"moves?ref={asked['reference']}")
                    self.assertIn(found[0]["payment_state"], ("paid", "in_payment"))
                    self.fired()

    def test_a_page_of_html_for_a_while_is_waited_out(self) -> None:
        self.fault({"action": "http_502", "times": 4})
        asked = doc.invoice()
        self.once(asked, self.create_invoice(asked, wait="0s"))

    def refused_key(self, answer: Json) -> Callable[[], Json | None]:
        """The operation, once Odoo was asked with the key that is no good."""
        def look() -> Json | None:
            left = self.simulator.control("faults")
            operation = self.operation(answer["operation"]["id"])
            used = any(rule["fired"] for rule in left)
            return operation if used or operation["state"] == "STATE_EXCEPTION" else None
        return look

    def test_a_revoked_key_asks_an_administrator_and_a_new_one_mends_it(self) -> None:
        self.fault({"action": "access_denied", "times": 0})
        asked = doc.invoice()
        answer = self.create_invoice(asked, wait="0s")
        operation = self.eventually("Odoo refused the key", self.refused_key(answer))
        self.fault()
        self.service["anna"].call(
            "ConnectionService/UpdateConnection", requestId=request_id(), updateMask="apiKey",
            connection={"name": "faulty", "apiKey": self.world.target["api_key"]},
            reason="a new key")
        if operation["state"] == "STATE_EXCEPTION":
            case = self.stopped({"operation": operation}, "ODOO_LOGIN_FAILED")
            self.service["anna"].call("ExceptionService/ResolveException",
                                      requestId=request_id(), id=case["id"],
                                      action="ACTION_RETRY", reason="key renewed")
        self.once(asked, answer)

    def test_a_batch_with_lost_answers_ends_in_one_document_each(self) -> None:
        self.fault({"match": {**self.call_of("account.move", "load"), "nth": 1},
                    "action": "cut_after", "times": 2},
                   {"match": self.call_of("account.move", "action_post"),
                    "action": "cut_after", "times": 2})
        items = [{"requestId": request_id(), "invoice": doc.invoice()} for _ in range(25)]
        answer = self.shop.call("InvoiceService/BatchCreateInvoices", requests=items)
        for item, result in zip(items, answer["results"], strict=True):
            self.once(item["invoice"], result["response"])
