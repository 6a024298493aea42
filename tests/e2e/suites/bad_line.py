# SPDX-License-Identifier: Apache-2.0
"""A network that cuts calls before, during and after the commit; each document stands there once.

Unlike the faults of the simulator these meet a real Odoo too: it works on and commits although
nobody listens any more, while kontor already asks what became of the call.
"""
from __future__ import annotations

import urllib.parse

from ..harness import documents as doc
from ..harness.api import request_id
from ..harness.case import Case
from ..harness.odoo import amount
from ..harness.processes import Proxy
from ..harness.world import Json, Service

SETTINGS = {"engine.probe_first": "100ms", "engine.retry_first": "100ms", "engine.probe_max": "2s",
            "engine.retry_max": "2s", "engine.poll_interval": "0s"}
CUTS = ({"mode": "cut_request", "bytes": 300}, {"mode": "cut_before_response"},
        {"mode": "cut_in_response", "bytes": 40}, {"mode": "refuse"})
MIX = [{"mode": "pass", "weight": 4}, {"mode": "cut_before_response", "weight": 1},
       {"mode": "cut_in_response", "weight": 1}, {"mode": "cut_request", "weight": 1}]
BURST = 12


class BadLine(Case):
    own: Service | None = None
    proxy: Proxy

    @property
    def service(self) -> Service:
        if BadLine.own is None:
            if urllib.parse.urlsplit(self.world.target["url"]).hostname not in ("127.0.0.1",
                                                                                "localhost"):
                self.skipTest("the target is on another machine")
            BadLine.proxy = self.world.new_proxy()
            BadLine.own = self.world.new_service("bad_line", SETTINGS)
            BadLine.own.cast("shop", "karl", "kurt", "rita")
            BadLine.own.connect("line", url=BadLine.proxy.url)
            BadLine.own.entity("de", "line")
        return BadLine.own

    def setUp(self) -> None:
        # Bound and with its master data read before anything is cut.
        self.service["shop"].call("ConnectionService/GetCatalogue", entity="de")
        self.addCleanup(BadLine.proxy.mode, mode="pass")

    def once(self, asked: Json, answer: Json) -> Json:
        """The document stands in Odoo once, posted, under its external id."""
        operation = self.settled(answer["operation"]["id"], "POSTED", "EXCEPTION")
        self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))
        found = self.odoo.moves([["ref", "=", asked["reference"]]])
        self.assertEqual([(move["state"], move["id"]) for move in found],
                         [("posted", self.odoo.id_of(operation["externalId"]))])
        return operation

    def test_the_next_calls_are_cut_in_every_way(self) -> None:
        for cut in CUTS:
            for times in (1, 3):
                with self.subTest(**cut, times=times):
                    asked = doc.invoice()
                    if cut["mode"] == "refuse":
                        BadLine.proxy.mode(**cut)
                        answer = self.create_invoice(asked, wait="1s")
                        BadLine.proxy.mode(mode="pass")
                    else:
                        BadLine.proxy.mode(**cut, times=times)
                        answer = self.create_invoice(asked, wait="0s")
                    self.once(asked, answer)

    def test_a_burst_through_a_line_that_cuts_every_other_call_stands_there_once(self) -> None:
        items = [{"requestId": request_id(), "invoice": doc.bill() if number % 2 else doc.invoice()}
                 for number in range(BURST)]
        BadLine.proxy.mode(mode="pass", mix=MIX, probability=0.6, seed=7)
        answer = self.shop.call("InvoiceService/BatchCreateInvoices", requests=items)
        for item, result in zip(items, answer["results"], strict=True):
            self.once(item["invoice"], result["response"])
        self.assertGreater(BadLine.proxy.stats()["connections"], 2)

    def test_a_payment_over_that_line_settles_its_invoice_once(self) -> None:
        asked = doc.invoice(lines=[doc.line("64.00", taxes=())])
        invoice = self.once(asked, self.create_invoice(asked))
        BadLine.proxy.mode(mode="pass", mix=MIX, probability=0.6, seed=11)
        answer = self.create_payment(doc.payment(
            "64.00", allocations=[{"invoiceId": invoice["documentId"]}]), wait="0s")
        operation = self.settled(answer["operation"]["id"], "POSTED", "EXCEPTION")
        self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))
        BadLine.proxy.mode(mode="pass")
        move = self.odoo.move(invoice["externalId"])
        self.assertIn(move["payment_state"], ("paid", "in_payment"))
        self.assertEqual(amount(move["amount_residual"]), 0)

    def test_an_entry_released_over_that_line_stands_there_once(self) -> None:
        asked = doc.entry()
        answer = self.create_entry(asked)
        BadLine.proxy.mode(mode="pass", mix=MIX, probability=0.6, seed=13)
        self.service["rita"].call("OperationService/ReleaseOperation", requestId=request_id(),
                                  id=answer["operation"]["id"], reason="checked")
        self.once(asked, answer)
