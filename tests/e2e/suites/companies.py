# SPDX-License-Identifier: Apache-2.0
"""Two companies of one Odoo behind one connection: each entity keeps to its own."""
from __future__ import annotations

from ..harness import documents as doc
from ..harness.case import Case
from ..harness.odoo import Eyes, amount
from ..harness.world import Json

ENTITY = "uk"


class Companies(Case):

    def setUp(self) -> None:
        self.second = self.world.fixtures["second_company"]
        eyes = self.odoo.of_company(self.second["name"])
        if eyes is None:
            self.skipTest("this target has one company")
        self.other: Eyes = eyes
        found = self.service["anna"].call("ConnectionService/ListEntities", pageSize=100)
        if ENTITY not in [entity["name"] for entity in found["entities"]]:
            self.service.entity(ENTITY, companyName=self.second["name"],
                                currencyCode=self.second["currency"])

    def in_pounds(self, **more: object) -> Json:
        return doc.invoice(ENTITY, currencyCode="GBP", **{
            "lines": [doc.line("100.00", taxes=("15%",))], **more})

    def pay(self, invoice: Json, value: str) -> Json:
        asked = doc.payment(value, ENTITY, allocations=[{"invoiceId": invoice["documentId"]}])
        asked["amount"]["currencyCode"] = "GBP"
        return self.posted(self.create_payment(asked))

    def test_a_check_lists_the_companies_before_there_is_an_entity(self) -> None:
        self.service.connect("unbound")
        report = self.service["anna"].call("ConnectionService/CheckConnection",
                                           name="unbound")["report"]
        listed = {row["companyName"]: row["currencyCode"] for row in report["lockDates"]}
        first = self.world.fixtures["company"]
        self.assertEqual(listed[first["name"]], first["currency"])
        self.assertEqual(listed[self.second["name"]], self.second["currency"])
        self.assertTrue(report["precisions"])

    def test_an_entity_of_another_currency_than_its_company_is_refused(self) -> None:
        self.refused(lambda: self.service.entity("us", companyName=self.second["name"],
                                                 currencyCode="USD"), "FIELD_CONFLICT",
                     code="invalid_argument", field="entity.currency_code")

    def test_a_company_that_nobody_sees_is_refused(self) -> None:
        self.refused(lambda: self.service.entity("xx", companyName="No Such Company"),
                     "FIELD_INVALID", code="invalid_argument", field="entity.company_name")

    def test_an_invoice_stands_in_its_company_with_that_companys_accounts(self) -> None:
        operation = self.posted(self.create_invoice(self.in_pounds()))
        move = self.other.move(operation["externalId"])
        self.assertEqual(move["company_id"][0], self.other.company_id())
        self.assertEqual(amount(move["amount_total"]), 115)
        journal = self.other.find("account.journal", "code", "INV")
        self.assertEqual(move["journal_id"][0], journal)
        line = self.other.lines(move["id"])[0]
        self.assertEqual(self.other.code_of(line["account_id"]), doc.INCOME)
        got = self.shop.call("InvoiceService/GetInvoice", id=operation["documentId"])["invoice"]
        self.assertEqual(got["booked"]["companyTotal"], {"currencyCode": "GBP", "value": "115.00"})

    def test_journals_of_one_code_are_two_lanes_with_numbers_of_their_own(self) -> None:
        ours = self.posted(self.create_invoice(doc.invoice()))
        theirs = self.posted(self.create_invoice(self.in_pounds()))
        self.assertNotEqual(ours["lane"], theirs["lane"])
        self.assertEqual(ours["lane"].rpartition("/")[2], theirs["lane"].rpartition("/")[2])
        self.assertNotEqual(self.odoo.move(ours["externalId"])["company_id"][0],
                            self.other.move(theirs["externalId"])["company_id"][0])

    def test_a_payment_settles_the_invoice_of_its_company(self) -> None:
        invoice = self.posted(self.create_invoice(self.in_pounds()))
        self.pay(invoice, "115.00")
        self.assertEqual(amount(self.other.move(invoice["externalId"])["amount_residual"]), 0)

    def test_an_invoice_of_the_other_entity_cannot_be_paid(self) -> None:
        invoice = self.posted(self.create_invoice(doc.invoice(
            lines=[doc.line("50.00", taxes=())])))
        asked = doc.payment("50.00", ENTITY, allocations=[{"invoiceId": invoice["documentId"]}])
        asked["amount"]["currencyCode"] = "GBP"
        self.refused(lambda: self.create_payment(asked), code="not_found",
                     field="payment.allocations[0].invoice_id")

    def test_what_only_the_other_company_has_is_unknown(self) -> None:
        case = self.stopped(self.create_invoice(self.in_pounds(lines=[
            doc.line("10.00", taxes=("19%",), account="410000")])), "ACCOUNT_UNKNOWN",
            "invoice.lines[0].account_code")
        self.assertLessEqual({"ACCOUNT_UNKNOWN", "TAX_UNKNOWN"},
                             {finding["reason"] for finding in case["findings"]})
        self.resolve(case, "REJECT", "karl")

    def test_a_lock_of_one_company_does_not_bind_the_other(self) -> None:
        day = doc.last_year(11, 11)
        self.addCleanup(self.other.lock, False)
        self.other.lock(doc.last_year(12, 31))
        case = self.stopped(self.create_invoice(self.in_pounds(invoiceDate=day)), "PERIOD_LOCKED")
        self.posted(self.create_invoice(doc.invoice(invoiceDate=day)))
        self.resolve(case, "REJECT", "karl")

    def test_what_people_do_in_each_company_is_told_of_its_entity(self) -> None:
        bill = self.other.post_bill(doc.OTHER_VENDOR, doc.unique("HAND"), doc.today(), "21.00")
        subject = f"odoo:main/account.move/{bill['id']}"
        found = self.eventually("the bill is told", lambda: [
            event for event in self.events(subject=subject) if event["type"] == "bill.posted"])
        self.assertEqual({event["entity"] for event in found}, {ENTITY})
        self.assertEqual(found[0]["data"]["booked"]["total"], "21.00")
