# SPDX-License-Identifier: Apache-2.0
"""Invoices, bills and credit notes: what is asked stands in Odoo, posted, once."""
from __future__ import annotations

import base64
import hashlib
from decimal import Decimal

from ..harness import documents as doc
from ..harness.api import ApiError, request_id
from ..harness.case import Case
from ..harness.odoo import amount


class Invoices(Case):

    def test_a_customer_invoice_stands_posted_in_odoo_as_it_was_asked(self) -> None:
        asked = doc.invoice(
            lines=[doc.line("10.01", "3", description="Line one"),
                   doc.line("99.99", taxes=("7%",), description="Line two\nwith more"),
                   doc.line("20.00", "2", taxes=(), discountPercent="12.5")],
            paymentReference="RF18539007547034", narration="Thank you & good bye")
        answer = self.create_invoice(asked)
        operation = self.posted(answer)
        move = self.odoo.move(operation["externalId"])
        self.assertEqual(move["state"], "posted")
        self.assertEqual(move["move_type"], "out_invoice")
        self.assertEqual(move["date"], doc.today())
        self.assertEqual(move["payment_reference"], "RF18539007547034")
        self.assertEqual(move["ref"], asked["reference"])
        self.assertEqual(amount(move["amount_tax"]), Decimal("12.71"))
        self.assertEqual(amount(move["amount_total"]), Decimal("177.73"))
        lines = self.odoo.lines(move["id"])
        self.assertEqual([line["name"] for line in lines],
                         ["Line one", "Line two\nwith more", "Consulting"])
        self.assertEqual([len(line["tax_ids"]) for line in lines], [1, 1, 0])

    def test_the_answer_shows_number_total_and_what_is_open(self) -> None:
        answer = self.create_invoice(doc.invoice(lines=[doc.line("100.00")]))
        operation = self.posted(answer)
        got = self.shop.call("InvoiceService/GetInvoice", id=operation["documentId"])["invoice"]
        self.assertEqual(got["state"], "STATE_POSTED")
        booked = got["booked"]
        self.assertEqual(booked["total"], {"currencyCode": "EUR", "value": "119.00"})
        self.assertEqual(booked["tax"]["value"], "19.00")
        self.assertEqual(booked["residual"]["value"], "119.00")
        self.assertEqual(booked["paymentState"], "not_paid")
        self.assertEqual(booked["state"], "posted")
        self.assertTrue(booked["name"])
        self.assertEqual(got["odoo"]["name"], booked["name"])
        self.assertEqual(answer["invoice"]["id"], got["id"])
        self.assertTrue(got["id"].startswith("inv_"))

    def test_a_vendor_bill_stands_posted_with_the_vendors_number(self) -> None:
        asked = doc.bill(accountingDate=doc.days(-1), invoiceDate=doc.days(-2))
        operation = self.posted(self.create_invoice(asked))
        move = self.odoo.move(operation["externalId"])
        self.assertEqual(move["move_type"], "in_invoice")
        self.assertEqual(move["ref"], asked["reference"])
        self.assertEqual(move["invoice_date"], doc.days(-2))
        self.assertEqual(move["date"], doc.days(-1))

    def test_a_bill_without_an_accounting_date_is_booked_on_its_own_date(self) -> None:
        operation = self.posted(self.create_invoice(doc.bill(invoiceDate=doc.days(-3))))
        self.assertEqual(self.odoo.move(operation["externalId"])["date"], doc.days(-3))

    def test_a_credit_note_to_a_customer_is_booked_unlinked(self) -> None:
        operation = self.posted(self.create_invoice(
            doc.invoice(kind="KIND_CUSTOMER_CREDIT_NOTE", lines=[doc.line("40.00")])))
        move = self.odoo.move(operation["externalId"])
        self.assertEqual(move["move_type"], "out_refund")
        self.assertEqual(amount(move["amount_residual"]), Decimal("47.60"))
        self.assertTrue(operation["documentId"].startswith("crn_"))

    def test_a_credit_note_from_a_vendor_answers_its_bill_and_is_settled_with_it(self) -> None:
        bill = self.posted(self.create_invoice(
            doc.bill(lines=[doc.line("200.00", account=doc.EXPENSE)])))
        note = self.posted(self.create_invoice(
            doc.bill(kind="KIND_VENDOR_CREDIT_NOTE", reversedInvoiceId=bill["documentId"],
                     lines=[doc.line("50.00", account=doc.EXPENSE)])))
        move = self.odoo.move(note["externalId"])
        self.assertEqual(move["move_type"], "in_refund")
        self.assertEqual(move["reversed_entry_id"][0], self.odoo.id_of(bill["externalId"]))
        self.assertEqual(amount(self.odoo.move(bill["externalId"])["amount_residual"]),
                         Decimal("178.50"))

    def test_a_foreign_currency_invoice_uses_the_rate_of_its_day(self) -> None:
        answer = self.create_invoice(doc.invoice(
            partner={"reference": doc.OTHER_CUSTOMER}, currencyCode="USD",
            lines=[doc.line("1000.00", taxes=())]))
        operation = self.posted(answer)
        got = self.shop.call("InvoiceService/GetInvoice", id=operation["documentId"])["invoice"]
        rule = next(rate for rate in self.world.fixtures["rates"]["monthly"]
                    if rate["currency"] == "USD")
        month = int(doc.today()[5:7])
        rate = Decimal(rule["base"]) + (month - 1) * Decimal(rule["monthly_step"])
        wanted = (Decimal(1000) / rate).quantize(Decimal("0.01"))
        self.assertEqual(Decimal(got["booked"]["companyTotal"]["value"]), wanted)
        self.assertEqual(got["booked"]["total"], {"currencyCode": "USD", "value": "1000.00"})

    def test_currencies_without_and_with_three_decimals_keep_their_digits(self) -> None:
        yen = self.posted(self.create_invoice(doc.invoice(
            currencyCode="JPY", lines=[doc.line("12345", taxes=())])))
        self.assertEqual(amount(self.odoo.move(yen["externalId"])["amount_total"]), 12345)
        dinar = self.posted(self.create_invoice(doc.invoice(
            currencyCode="KWD", lines=[doc.line("100.12", taxes=())],
            expectedTotal={"currencyCode": "KWD", "value": "100.120"})))
        self.assertEqual(amount(self.odoo.move(dinar["externalId"])["amount_total"]),
                         Decimal("100.12"))

    def test_a_rate_of_the_documents_own_is_taken_or_named_as_impossible(self) -> None:
        answer = self.create_invoice(doc.invoice(currencyCode="USD", exchangeRate="1.25",
                                                 lines=[doc.line("100.00", taxes=())]))
        if self.world.series == "17.0":
            exception = self.stopped(answer, "RATE_UNSUPPORTED", "invoice.exchange_rate")
            self.resolve(exception, "REJECT", "karl")
            return
        operation = self.posted(answer)
        got = self.shop.call("InvoiceService/GetInvoice", id=operation["documentId"])["invoice"]
        self.assertEqual(got["booked"]["companyTotal"]["value"], "80.00")

    def test_analytic_shares_and_products_reach_the_line(self) -> None:
        operation = self.posted(self.create_invoice(doc.invoice(lines=[
            doc.line("120.00", "2", productCode="KTR-CONS",
                     analytic=[{"accountCode": "CC100", "percentage": "60"},
                               {"accountCode": "CC200", "percentage": "40"}])])))
        move = self.odoo.move(operation["externalId"])
        line = self.odoo.lines(move["id"])[0]
        self.assertEqual(sorted(line["analytic_distribution"].values()), [40.0, 60.0])
        product = self.odoo.find("product.product", "default_code", "KTR-CONS")
        self.assertEqual(line["product_id"][0], product)
        self.assertEqual(self.odoo.code_of(line["account_id"]), doc.INCOME)

    def test_a_line_without_an_account_takes_the_products(self) -> None:
        asked = doc.line("120.00", productCode="KTR-CONS")
        del asked["accountCode"]
        operation = self.posted(self.create_invoice(doc.invoice(lines=[asked])))
        line = self.odoo.lines(self.odoo.move(operation["externalId"])["id"])[0]
        self.assertEqual(self.odoo.code_of(line["account_id"]), "410000")

    def test_a_due_date_stays_though_the_partner_has_terms(self) -> None:
        operation = self.posted(self.create_invoice(doc.invoice(
            partner={"reference": doc.TERMS_PARTNER}, dueDate=doc.days(11))))
        move = self.odoo.move(operation["externalId"])
        self.assertEqual(move["invoice_date_due"], doc.days(11))

    def test_payment_terms_make_the_due_date(self) -> None:
        operation = self.posted(self.create_invoice(doc.invoice(paymentTerm="21 Days")))
        self.assertEqual(self.odoo.move(operation["externalId"])["invoice_date_due"],
                         doc.days(21))

    def test_the_partners_terms_are_taken_when_nothing_is_said(self) -> None:
        operation = self.posted(self.create_invoice(doc.invoice(
            partner={"reference": doc.TERMS_PARTNER})))
        self.assertEqual(self.odoo.move(operation["externalId"])["invoice_date_due"],
                         doc.days(30))

    def test_an_expected_total_that_fits_goes_through(self) -> None:
        self.posted(self.create_invoice(doc.invoice(
            lines=[doc.line("0.10", "3")], expectedTotal={"currencyCode": "EUR", "value": "0.36"},
            expectedTax={"currencyCode": "EUR", "value": "0.06"})))

    def test_attachments_hang_on_the_document_byte_for_byte(self) -> None:
        content = bytes(range(256)) * 40
        answer = self.create_invoice(doc.bill(attachments=[
            {"name": "bill.pdf", "mediaType": "application/pdf",
             "content": base64.b64encode(content).decode()}]))
        operation = self.posted(answer)
        shown = answer["invoice"]["attachments"][0]
        self.assertNotIn("content", shown)
        self.assertEqual(shown["sha256"], hashlib.sha256(content).hexdigest())
        self.assertEqual(int(shown["sizeBytes"]), len(content))
        move = self.odoo.id_of(operation["externalId"])
        files = self.odoo.read("ir.attachment", [["res_model", "=", "account.move"],
                                                 ["res_id", "=", move],
                                                 ["name", "=", "bill.pdf"]],
                               ["checksum", "file_size"])
        self.assertEqual([file["checksum"] for file in files],
                         [hashlib.sha1(content).hexdigest()])

    def test_a_draft_is_left_as_a_draft(self) -> None:
        answer = self.create_invoice(doc.invoice(), posting="POSTING_DRAFT")
        operation = self.posted(answer)
        self.assertEqual(self.odoo.move(operation["externalId"])["state"], "draft")
        self.assertIn("invoice.drafted", self.types_of(operation["documentId"]))

    def test_another_journal_is_used_when_it_is_named(self) -> None:
        operation = self.posted(self.create_invoice(doc.invoice(journalCode="INVX")))
        self.assertTrue(operation["lane"].endswith("/INVX"), operation["lane"])
        journal = self.odoo.find("account.journal", "code", "INVX")
        self.assertEqual(self.odoo.move(operation["externalId"])["journal_id"][0], journal)

    def test_a_partner_is_found_by_its_vat_number_and_by_its_id(self) -> None:
        self.posted(self.create_invoice(doc.invoice(partner={"vat": "DE136695976"})))
        partner = self.odoo.find("res.partner", "ref", doc.OTHER_CUSTOMER)
        operation = self.posted(self.create_invoice(doc.invoice(partner={"odooId": partner})))
        self.assertEqual(self.odoo.move(operation["externalId"])["partner_id"][0], partner)

    def test_money_with_cents_that_binary_numbers_cannot_hold_arrives_exactly(self) -> None:
        for value in ("99999999.98", "1234567.89", "0.29", "4.35", "70.07"):
            with self.subTest(value=value):
                operation = self.posted(self.create_invoice(doc.invoice(
                    lines=[doc.line(value, taxes=())],
                    expectedTotal={"currencyCode": "EUR", "value": value})))
                move = self.odoo.move(operation["externalId"])
                self.assertEqual(amount(move["amount_total"]), Decimal(value))


class Life(Case):
    """Batches, lists, live reads, cancelling and reversing."""

    def test_a_batch_takes_the_good_ones_and_names_the_bad_one(self) -> None:
        good = [{"requestId": request_id(), "invoice": doc.invoice()} for _ in range(4)]
        bad = {"requestId": request_id(),
               "invoice": doc.invoice(lines=[doc.line("1.00", quantity="0")])}
        answer = self.shop.call("InvoiceService/BatchCreateInvoices", wait="50s",
                                requests=[*good[:2], bad, *good[2:]])
        results = answer["results"]
        self.assertEqual([result["requestId"] for result in results],
                         [item["requestId"] for item in [*good[:2], bad, *good[2:]]])
        self.assertEqual(["error" in result for result in results],
                         [False, False, True, False, False])
        for index in (0, 1, 3, 4):
            self.posted(results[index]["response"])

    def test_one_bad_document_of_a_batch_does_not_keep_back_the_others_in_odoo(self) -> None:
        items = [{"requestId": request_id(), "invoice": doc.invoice()} for _ in range(5)]
        items[2]["invoice"]["lines"][0]["accountCode"] = "123456"
        answer = self.shop.call("InvoiceService/BatchCreateInvoices", wait="50s", requests=items)
        for index, result in enumerate(answer["results"]):
            if index == 2:
                case = self.stopped(result["response"], "ACCOUNT_UNKNOWN")
                self.resolve(case, "REJECT", "karl")
            else:
                self.posted(result["response"])

    def test_a_live_read_shows_a_payment_made_in_odoo_a_moment_ago(self) -> None:
        operation = self.posted(self.create_invoice(doc.invoice(lines=[doc.line("300.00")])))
        self.odoo.register_payment(self.odoo.id_of(operation["externalId"]), "100.00")
        got = self.shop.call("InvoiceService/GetInvoice", id=operation["documentId"],
                             live=True)["invoice"]
        self.assertEqual(got["booked"]["residual"]["value"], "257.00")
        self.assertEqual(got["booked"]["paymentState"], "partial")

    def test_lists_page_through_everything_once_newest_first(self) -> None:
        reference = doc.unique("PAGE")
        made = [self.create_invoice(doc.invoice(reference=reference), wait="0s")["invoice"]["id"]
                for _ in range(5)]
        seen: list[str] = []
        token = ""
        while True:
            page = self.shop.call("InvoiceService/ListInvoices", reference=reference, pageSize=2,
                                  pageToken=token)
            seen += [invoice["id"] for invoice in page.get("invoices", [])]
            token = page.get("nextPageToken", "")
            if not token:
                break
        self.assertEqual(seen, made[::-1])
        self.refused(lambda: self.shop.call("InvoiceService/ListInvoices", pageToken="nonsense"),
                     "PAGE_TOKEN_INVALID")
        self.refused(lambda: self.shop.call("InvoiceService/ListInvoices", pageSize=-1),
                     code="invalid_argument")

    def test_a_posted_invoice_can_be_cancelled(self) -> None:
        operation = self.posted(self.create_invoice(doc.invoice()))
        answer = self.shop.call("InvoiceService/CancelInvoice", requestId=request_id(), wait="50s",
                                id=operation["documentId"], reason="entered by mistake")
        self.posted(answer)
        self.assertEqual(self.odoo.move(operation["externalId"])["state"], "cancel")
        got = self.shop.call("InvoiceService/GetInvoice", id=operation["documentId"])["invoice"]
        self.assertEqual(got["state"], "STATE_CANCELLED")
        self.assertEqual(self.types_of(operation["documentId"])[-1], "invoice.cancelled")

    def test_a_posted_invoice_is_reversed_by_a_credit_note_that_settles_it(self) -> None:
        operation = self.posted(self.create_invoice(doc.invoice(lines=[doc.line("80.00")])))
        answer = self.shop.call("InvoiceService/ReverseInvoice", requestId=request_id(),
                                wait="50s", id=operation["documentId"], reason="wrong customer")
        note = self.posted(answer)
        self.assertEqual(answer["reversal"]["reversedInvoiceId"], operation["documentId"])
        move = self.odoo.move(note["externalId"])
        self.assertEqual(move["move_type"], "out_refund")
        self.assertEqual(amount(move["amount_total"]), Decimal("95.20"))
        original = self.odoo.move(operation["externalId"])
        self.assertEqual(amount(original["amount_residual"]), 0)
        again = self.shop.as_token(self.shop.token)
        self.refused(lambda: again.call("InvoiceService/ReverseInvoice", requestId=request_id(),
                                        id=operation["documentId"], reason="once more"),
                     "STATE_CONFLICT", code="failed_precondition")

    def test_validate_only_finds_everything_and_stores_nothing(self) -> None:
        asked = doc.invoice(partner={"reference": "NOBODY"}, lines=[
            doc.line("1.00", account="123456"), doc.line("2.00", taxes=("33%",))])
        answer = self.create_invoice(asked, validateOnly=True)
        reasons = {finding["reason"] for finding in answer["findings"]}
        self.assertLessEqual({"PARTNER_UNKNOWN", "ACCOUNT_UNKNOWN", "TAX_UNKNOWN"}, reasons)
        self.assertNotIn("operation", answer)
        self.assertFalse(answer["invoice"].get("id"))
        found = self.shop.call("InvoiceService/ListInvoices", reference=asked["reference"])
        self.assertFalse(found.get("invoices"))

    def test_validate_only_of_a_good_document_has_no_findings(self) -> None:
        answer = self.create_invoice(doc.invoice(), validateOnly=True)
        self.assertFalse(answer.get("findings"))

    def test_what_is_not_there_is_not_found(self) -> None:
        for method, missing in (("InvoiceService/GetInvoice", "inv_01HZZZZZZZZZZZZZZZZZZZZZZZ"),
                                ("PaymentService/GetPayment", "pay_01HZZZZZZZZZZZZZZZZZZZZZZZ"),
                                ("OperationService/GetOperation", "opn_nothing"),
                                ("ExceptionService/GetException", "exc_nothing")):
            with self.subTest(method=method), self.assertRaises(ApiError) as caught:
                self.shop.call(method, id=missing)
            self.assertEqual(caught.exception.code, "not_found")
