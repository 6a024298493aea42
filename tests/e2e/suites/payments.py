# SPDX-License-Identifier: Apache-2.0
"""Payments: in full, in part, over several invoices, free-standing, cancelled."""
from __future__ import annotations

from decimal import Decimal

from ..harness import documents as doc
from ..harness.api import request_id
from ..harness.case import Case
from ..harness.odoo import amount
from ..harness.world import Json


class Payments(Case):

    def invoice_over(self, net: str, **more: str) -> Json:
        return self.posted(self.create_invoice(doc.invoice(
            lines=[doc.line(net, taxes=())], **more)))

    def residual(self, operation: Json) -> Decimal:
        return amount(self.odoo.move(operation["externalId"])["amount_residual"])

    def test_a_full_payment_settles_its_invoice(self) -> None:
        invoice = self.invoice_over("250.00")
        answer = self.create_payment(doc.payment(
            "250.00", allocations=[{"invoiceId": invoice["documentId"]}]))
        operation = self.posted(answer)
        move = self.odoo.move(invoice["externalId"])
        self.assertIn(move["payment_state"], ("paid", "in_payment"))
        got = self.shop.call("PaymentService/GetPayment", id=operation["documentId"])["payment"]
        self.assertEqual(got["booked"]["amount"], {"currencyCode": "EUR", "value": "250.00"})
        self.assertGreater(int(got["booked"]["moveId"]), 0)
        self.assertEqual(got["state"], "STATE_POSTED")

    def test_a_part_payment_leaves_the_rest_open(self) -> None:
        invoice = self.invoice_over("100.00")
        self.posted(self.create_payment(doc.payment(
            "30.00", allocations=[{"invoiceId": invoice["documentId"]}])))
        self.assertEqual(self.residual(invoice), Decimal("70.00"))
        self.posted(self.create_payment(doc.payment(
            "70.00", allocations=[{"invoiceId": invoice["documentId"]}])))
        self.assertEqual(self.residual(invoice), 0)

    def test_one_payment_is_shared_by_two_invoices_as_asked(self) -> None:
        first, second = self.invoice_over("100.00"), self.invoice_over("100.01")
        self.posted(self.create_payment(doc.payment("150.00", allocations=[
            {"invoiceId": first["documentId"],
             "amount": {"currencyCode": "EUR", "value": "100.00"}},
            {"invoiceId": second["documentId"],
             "amount": {"currencyCode": "EUR", "value": "50.00"}}])))
        self.assertEqual(self.residual(first), 0)
        self.assertEqual(self.residual(second), Decimal("50.01"))

    def test_a_payment_to_a_vendor_settles_the_bill(self) -> None:
        bill = self.posted(self.create_invoice(doc.bill(
            lines=[doc.line("80.00", taxes=(), account=doc.EXPENSE)])))
        self.posted(self.create_payment(doc.payment(
            "80.00", direction="DIRECTION_OUTBOUND", partner={"reference": doc.VENDOR},
            partnerBankAccount=doc.VENDOR_ACCOUNT,
            allocations=[{"invoiceId": bill["documentId"]}])))
        self.assertEqual(self.residual(bill), 0)

    def test_a_free_standing_payment_stands_posted(self) -> None:
        asked = doc.payment("12.34")
        answer = self.create_payment(asked)
        operation = self.posted(answer)
        found = self.odoo.call("account.payment", "read",
                               [self.odoo.id_of(operation["externalId"])],
                               ["amount", "state", "date"])[0]
        self.assertEqual(amount(found["amount"]), Decimal("12.34"))
        self.assertIn(found["state"], ("posted", "in_process", "paid"))
        self.assertEqual(found["date"], doc.today())
        self.assertTrue(operation["documentId"].startswith("pay_"))

    def test_a_payment_waits_for_the_invoice_that_is_on_its_way(self) -> None:
        invoice = self.create_invoice(doc.invoice(lines=[doc.line("60.00", taxes=())]), wait="0s")
        answer = self.create_payment(doc.payment(
            "60.00", allocations=[{"invoiceId": invoice["invoice"]["id"]}]))
        operation = self.settled(answer["operation"]["id"], "POSTED", "EXCEPTION")
        self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))
        self.assertEqual(self.residual(self.operation(invoice["operation"]["id"])), 0)

    def test_a_payment_may_settle_an_invoice_that_people_made(self) -> None:
        bill = self.odoo.post_bill(doc.OTHER_VENDOR, doc.unique("HAND"), doc.today(), "45.00")
        self.posted(self.create_payment(doc.payment(
            "45.00", direction="DIRECTION_OUTBOUND", partner={"reference": doc.OTHER_VENDOR},
            allocations=[{"odooMoveId": bill["id"]}])))
        self.assertEqual(amount(self.odoo.move_by_id(bill["id"])["amount_residual"]), 0)

    def test_a_cancelled_payment_opens_its_invoice_again(self) -> None:
        invoice = self.invoice_over("90.00")
        payment = self.posted(self.create_payment(doc.payment(
            "90.00", allocations=[{"invoiceId": invoice["documentId"]}])))
        self.assertEqual(self.residual(invoice), 0)
        answer = self.shop.call("PaymentService/CancelPayment", requestId=request_id(), wait="50s",
                                id=payment["documentId"], reason="returned by the bank")
        self.posted(answer)
        self.assertEqual(self.residual(invoice), Decimal("90.00"))
        state = self.odoo.call("account.payment", "read",
                               [self.odoo.id_of(payment["externalId"])], ["state"])[0]["state"]
        self.assertIn(state, ("cancel", "canceled"))

    def test_more_than_is_open_becomes_an_exception(self) -> None:
        invoice = self.invoice_over("20.00")
        case = self.stopped(self.create_payment(doc.payment("50.00", allocations=[
            {"invoiceId": invoice["documentId"],
             "amount": {"currencyCode": "EUR", "value": "50.00"}}])), "OVERPAYMENT")
        self.resolve(case, "REJECT", "karl")
        self.assertEqual(self.residual(invoice), Decimal("20.00"))

    def test_an_invoice_that_is_paid_takes_nothing_more(self) -> None:
        invoice = self.invoice_over("25.00")
        for _ in range(2):
            answer = self.create_payment(doc.payment(
                "25.00", allocations=[{"invoiceId": invoice["documentId"]}]))
        case = self.stopped(answer, "NOTHING_TO_PAY")
        self.resolve(case, "REJECT", "karl")
        self.settled(answer["operation"]["id"], "CANCELLED")

    def test_allocations_beyond_the_payment_are_refused_at_once(self) -> None:
        invoice = self.invoice_over("100.00")
        self.refused(lambda: self.create_payment(doc.payment("10.00", allocations=[
            {"invoiceId": invoice["documentId"],
             "amount": {"currencyCode": "EUR", "value": "11.00"}}])), code="invalid_argument")

    def test_a_payment_list_shows_the_payment(self) -> None:
        operation = self.posted(self.create_payment(doc.payment("7.77")))
        page = self.shop.call("PaymentService/ListPayments", entity="de", pageSize=20)
        self.assertIn(operation["documentId"], [payment["id"] for payment in page["payments"]])
