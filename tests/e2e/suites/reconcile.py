# SPDX-License-Identifier: Apache-2.0
"""Reconciliation: counts and sums a journal and day, each difference named."""
from __future__ import annotations

from decimal import Decimal

from ..harness import documents as doc
from ..harness.api import request_id
from ..harness.case import Case
from ..harness.world import Json

# Days of last year that no other suite posts on.
QUIET, LOSSY = doc.last_year(10, 5), doc.last_year(10, 20)


class Reconcile(Case):

    def reconcile(self, day: str, **more: object) -> Json:
        return self.service["otto"].call("ConnectionService/ReconcileEntity", entity="de",
                                         requestId=request_id(), dateFrom=day, dateTo=day, **more)

    def test_both_sides_agree_on_a_quiet_day(self) -> None:
        for value in ("100.00", "23.45"):
            self.posted(self.create_invoice(doc.invoice(invoiceDate=QUIET,
                                                        lines=[doc.line(value, taxes=())])))
        answer = self.reconcile(QUIET)
        rows = [row for row in answer["rows"] if row["journalCode"] == "INV"]
        self.assertEqual(len(rows), 1, answer)
        self.assertEqual(rows[0]["kontorCount"], rows[0]["odooCount"])
        self.assertEqual(rows[0]["kontorTotal"], rows[0]["odooTotal"])
        self.assertGreaterEqual(Decimal(rows[0]["odooTotal"]["value"]), Decimal("123.45"))
        self.assertFalse([d for d in answer.get("differences", [])
                          if d.get("kind") != "KIND_MISSING_IN_KONTOR"], answer)

    def test_a_document_that_people_took_away_is_named_and_raised_once(self) -> None:
        operation = self.posted(self.create_invoice(doc.bill(invoiceDate=LOSSY)))
        move = self.odoo.id_of(operation["externalId"])
        self.odoo.call("account.move", "button_draft", [move])
        first = self.reconcile(LOSSY, raiseExceptions=True)
        found = [d for d in first["differences"]
                 if d.get("documentId") == operation["documentId"]]
        self.assertEqual(len(found), 1, first)
        self.assertIn(found[0]["kind"], ("KIND_STATE", "KIND_MISSING_IN_ODOO"))
        self.assert_plain(found[0]["message"])
        self.assertTrue(found[0]["exceptionId"])
        again = self.reconcile(LOSSY, raiseExceptions=True)
        second = [d for d in again["differences"]
                  if d.get("documentId") == operation["documentId"]]
        self.assertEqual(second[0]["exceptionId"], found[0]["exceptionId"])
        self.odoo.call("account.move", "action_post", [move])

    def test_a_window_that_is_too_long_or_backwards_is_refused(self) -> None:
        for start, end in ((doc.last_year(1, 1), doc.days(200)), (doc.today(), doc.days(-1)),
                           ("", doc.today())):
            with self.subTest(start=start):
                self.refused(lambda a=start, b=end: self.service["otto"].call(
                    "ConnectionService/ReconcileEntity", entity="de", requestId=request_id(),
                    dateFrom=a, dateTo=b), code="invalid_argument")
