# SPDX-License-Identifier: Apache-2.0
"""Documents that Odoo seals with a hash: never taken back, answered with a reversal."""
from __future__ import annotations

from ..harness import documents as doc
from ..harness.api import request_id
from ..harness.case import Case
from ..harness.odoo import amount

JOURNAL, PLAIN = "INVH", "INV"


class Hashed(Case):

    def setUp(self) -> None:
        domain = [["code", "=", JOURNAL]]
        if not self.odoo.read("account.journal", domain, ["code"]):
            account = self.odoo.read("account.account", [["code", "=", doc.INCOME]], ["code"])[0]
            self.odoo.call("account.journal", "create", [{
                "name": "Sealed Invoices", "code": JOURNAL, "type": "sale",
                "restrict_mode_hash_table": True, "default_account_id": account["id"]}])
        self.shop.call("ConnectionService/GetCatalogue", entity="de", refresh=True)

    def sealed(self) -> dict[str, object]:
        return self.posted(self.create_invoice(doc.invoice(
            journalCode=JOURNAL, lines=[doc.line("60.00")])))

    def test_a_sealed_document_is_posted_and_said_to_be_sealed(self) -> None:
        operation = self.sealed()
        self.assertEqual(self.odoo.move(str(operation["externalId"]))["state"], "posted")
        events = self.events(subject=operation["documentId"])
        self.assertTrue(events[-1]["data"]["booked"]["hashed"])

    def test_it_is_not_cancelled_and_the_words_say_what_to_do(self) -> None:
        operation = self.sealed()
        answer = self.shop.call("InvoiceService/CancelInvoice", requestId=request_id(), wait="50s",
                                id=operation["documentId"], reason="entered by mistake")
        case = self.stopped(answer, "HASHED_DOCUMENT")
        finding = next(f for f in case["findings"] if f["reason"] == "HASHED_DOCUMENT")
        self.assertIn("revers", finding["suggestion"].lower() + finding["message"].lower())
        self.resolve(case, "REJECT", "karl")
        self.assertEqual(self.odoo.move(str(operation["externalId"]))["state"], "posted")
        got = self.shop.call("InvoiceService/GetInvoice", id=operation["documentId"])["invoice"]
        self.assertEqual(got["state"], "STATE_POSTED")

    def test_it_is_reversed_by_a_credit_note_in_the_same_journal(self) -> None:
        operation = self.sealed()
        answer = self.shop.call("InvoiceService/ReverseInvoice", requestId=request_id(),
                                wait="50s", id=operation["documentId"], reason="wrong customer")
        note = self.odoo.move(self.posted(answer)["externalId"])
        self.assertEqual(note["move_type"], "out_refund")
        self.assertEqual(amount(note["amount_total"]), amount("71.40"))
        original = self.odoo.move(str(operation["externalId"]))
        self.assertEqual(amount(original["amount_residual"]), 0)
        self.assertEqual(note["journal_id"], original["journal_id"])

    def test_a_draft_there_is_removed_like_any_other(self) -> None:
        answer = self.create_invoice(doc.invoice(
            journalCode=JOURNAL, lines=[doc.line("60.00")],
            expectedTotal={"currencyCode": "EUR", "value": "60.00"}))
        case = self.stopped(answer, "TOTAL_MISMATCH")
        self.resolve(case, "REJECT", "karl")
        operation = self.settled(case["operationId"], "CANCELLED")
        self.assertEqual(self.odoo.id_of(operation["externalId"]), 0)
