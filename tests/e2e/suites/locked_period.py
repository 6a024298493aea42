# SPDX-License-Identifier: Apache-2.0
"""A locked period: Odoo would move the date in silence; kontor asks a person before posting."""
from __future__ import annotations

from ..harness import documents as doc
from ..harness.case import Case
from ..harness.world import Json

LOCKED_TO = doc.last_year(6, 30)


class LockedPeriod(Case):

    def setUp(self) -> None:
        self.odoo.lock(LOCKED_TO)
        self.addCleanup(self.odoo.lock, False)

    def mended(self, case: Json, **correction: str) -> Json:
        self.resolve(case, "CORRECT_AND_RETRY", "karl", invoice=correction,
                     updateMask=",".join(correction))
        operation = self.settled(case["operationId"], "POSTED", "EXCEPTION")
        self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))
        return operation

    def test_a_bill_in_a_locked_period_is_stopped_and_gets_another_date(self) -> None:
        day = doc.last_year(6, 15)
        case = self.stopped(self.create_invoice(doc.bill(invoiceDate=day)), "PERIOD_LOCKED")
        self.assertIn(LOCKED_TO, case["findings"][0]["message"])
        self.assertFalse(self.odoo.moves([["date", "=", day], ["state", "=", "posted"],
                                          ["move_type", "=", "in_invoice"]]))
        operation = self.mended(case, accountingDate=doc.last_year(7, 1))
        move = self.odoo.move(operation["externalId"])
        self.assertEqual((move["invoice_date"], move["date"]), (day, doc.last_year(7, 1)))

    def test_an_invoice_goes_through_once_the_period_is_opened(self) -> None:
        day = doc.last_year(6, 16)
        case = self.stopped(self.create_invoice(doc.invoice(invoiceDate=day)), "PERIOD_LOCKED")
        self.odoo.lock(doc.last_year(5, 31))
        self.resolve(case, "RETRY", "karl")
        operation = self.settled(case["operationId"], "POSTED", "EXCEPTION")
        self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))
        self.assertEqual(self.odoo.move(operation["externalId"])["date"], day)

    def test_payments_and_entries_are_stopped_too(self) -> None:
        case = self.stopped(self.create_payment(doc.payment("9.00", date=doc.last_year(6, 17))),
                            "PERIOD_LOCKED", "payment.date")
        self.resolve(case, "REJECT", "karl")
        self.settled(case["operationId"], "CANCELLED")
        answer = self.create_entry(doc.entry(date=doc.last_year(6, 18)))
        self.service["rita"].call("OperationService/ReleaseOperation",
                                  requestId=doc.unique("r"), id=answer["operation"]["id"],
                                  reason="checked")
        operation = self.settled(answer["operation"]["id"], "EXCEPTION", "POSTED")
        case = self.stopped({"operation": operation}, "PERIOD_LOCKED", "journal_entry.date")
        self.resolve(case, "REJECT", "karl")
        self.settled(case["operationId"], "CANCELLED")

    def test_a_lock_set_while_master_data_is_fresh_is_seen_before_posting(self) -> None:
        day = doc.last_year(8, 20)
        self.posted(self.create_invoice(doc.invoice(invoiceDate=day)))
        self.odoo.lock(doc.last_year(8, 31))
        case = self.stopped(self.create_invoice(doc.invoice(invoiceDate=day)), "PERIOD_LOCKED")
        self.resolve(case, "REJECT", "karl")
        self.settled(case["operationId"], "CANCELLED")
