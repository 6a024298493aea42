# SPDX-License-Identifier: Apache-2.0
"""What people do in Odoo becomes events, though nobody called kontor."""
from __future__ import annotations

from ..harness import documents as doc
from ..harness.case import Case
from ..harness.world import Json


class People(Case):

    def told(self, subject: str, kind: str) -> Json:
        """The event of that type, once it is there."""
        def look() -> Json | None:
            return next((event for event in self.events(subject=subject)
                         if event["type"] == kind), None)
        return self.eventually(f"{kind} of {subject}", look)

    def test_a_payment_registered_by_a_person_is_told(self) -> None:
        operation = self.posted(self.create_invoice(doc.invoice(
            lines=[doc.line("200.00", taxes=())])))
        move = self.odoo.id_of(operation["externalId"])
        self.odoo.register_payment(move, "50.00")
        event = self.told(operation["documentId"], "invoice.payment_state_changed")
        self.assertEqual(event["data"]["booked"]["payment_state"], "partial")
        self.odoo.register_payment(move)
        self.told(operation["documentId"], "invoice.paid")
        got = self.shop.call("InvoiceService/GetInvoice", id=operation["documentId"])["invoice"]
        self.assertIn(got["booked"]["paymentState"], ("paid", "in_payment"))
        self.assertEqual(got["booked"]["residual"]["value"], "0.00")

    def test_a_document_that_a_person_resets_and_posts_again_is_told_as_changed(self) -> None:
        operation = self.posted(self.create_invoice(doc.bill()))
        move = self.odoo.id_of(operation["externalId"])
        self.odoo.call("account.move", "button_draft", [move])
        self.told(operation["documentId"], "bill.changed_in_odoo")
        self.odoo.call("account.move", "action_post", [move])

    def test_a_bill_that_a_person_enters_is_told_as_odoos_own(self) -> None:
        move = self.odoo.post_bill(doc.OTHER_VENDOR, doc.unique("HAND"), doc.today(), "19.00")
        event = self.told(f"odoo:main/account.move/{move['id']}", "bill.posted")
        self.assertEqual(event["entity"], "de")
        self.assertFalse(event.get("correlationId"))

    def test_nothing_is_told_twice(self) -> None:
        operation = self.posted(self.create_invoice(doc.invoice()))
        self.odoo.register_payment(self.odoo.id_of(operation["externalId"]))
        self.told(operation["documentId"], "invoice.paid")
        marker = self.odoo.post_bill(doc.OTHER_VENDOR, doc.unique("HAND"), doc.today(), "18.00")
        self.told(f"odoo:main/account.move/{marker['id']}", "bill.posted")
        types = self.types_of(operation["documentId"])
        self.assertEqual(len(types), len(set(types)), types)

    def test_a_document_that_is_gone_is_an_exception_and_never_made_again_by_itself(self) -> None:
        answer = self.create_invoice(doc.invoice(), posting="POSTING_DRAFT")
        operation = self.posted(answer)
        self.odoo.delete("account.move", self.odoo.id_of(operation["externalId"]))
        self.shop.call("InvoiceService/GetInvoice", id=operation["documentId"], live=True)
        self.told(operation["documentId"], "invoice.deleted_in_odoo")
        page = self.shop.call("ExceptionService/ListExceptions", state="STATE_OPEN", pageSize=500)
        cases = [case for case in page["exceptions"]
                 if case["subject"] == operation["documentId"]]
        self.assertEqual([case["findings"][0]["reason"] for case in cases], ["DELETED_IN_ODOO"])
        self.assertEqual(self.odoo.id_of(operation["externalId"]), 0)
