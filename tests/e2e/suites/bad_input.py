# SPDX-License-Identifier: Apache-2.0
"""Bad input gets a clear error, at once, and loses nothing."""
from __future__ import annotations

import json
from typing import Any

from ..harness import documents as doc
from ..harness.api import ApiError, request_id
from ..harness.case import Case

INVALID = "invalid_argument"
BIG_BODY_BYTES = 40 * 1024 * 1024
# name, changes to a customer invoice, reason, field
INVOICES: list[tuple[str, dict[str, Any], str, str]] = [
    ("an unknown currency", {"currencyCode": "XXQ"}, "CURRENCY_UNKNOWN", "invoice.currency_code"),
    ("a currency in small letters", {"currencyCode": "eur"}, "CURRENCY_UNKNOWN",
     "invoice.currency_code"),
    ("no currency", {"currencyCode": ""}, "FIELD_MISSING", "invoice.currency_code"),
    ("a date that does not exist", {"invoiceDate": "2026-02-30"}, "DATE_INVALID",
     "invoice.invoice_date"),
    ("a date in another order", {"invoiceDate": "30.11.2026"}, "DATE_INVALID",
     "invoice.invoice_date"),
    ("a due date before the invoice", {"dueDate": doc.days(-9)}, "FIELD_INVALID",
     "invoice.due_date"),
    ("due date and terms", {"dueDate": doc.days(9), "paymentTerm": "30 Days"}, "FIELD_CONFLICT",
     "invoice.due_date"),
    ("no lines", {"lines": []}, "LINES_MISSING", "invoice.lines"),
    ("no partner", {"partner": {}}, "FIELD_MISSING", "invoice.partner"),
    ("no kind", {"kind": "KIND_UNSPECIFIED"}, "FIELD_MISSING", "invoice.kind"),
    ("a reference that is too long", {"reference": "x" * 65}, "FIELD_TOO_LONG",
     "invoice.reference"),
    ("a control character", {"narration": "a\u0007b"}, "TEXT_INVALID", "invoice.narration"),
    ("an expected total with three decimals",
     {"expectedTotal": {"currencyCode": "EUR", "value": "1.005"}}, "AMOUNT_SCALE",
     "invoice.expected_total"),
    ("an expected total with sixteen digits",
     {"expectedTotal": {"currencyCode": "EUR", "value": "12345678901234.56"}}, "AMOUNT_TOO_LARGE",
     "invoice.expected_total"),
    ("an expected total in another currency",
     {"expectedTotal": {"currencyCode": "USD", "value": "1.00"}}, "FIELD_CONFLICT",
     "invoice.expected_total"),
    ("a fraction of a yen", {"currencyCode": "JPY", "expectedTotal":
                             {"currencyCode": "JPY", "value": "100.5"}}, "AMOUNT_SCALE",
     "invoice.expected_total"),
]
LINES: list[tuple[str, dict[str, Any], str, str]] = [
    ("a price in words", {"unitPrice": "ten"}, "AMOUNT_INVALID", "invoice.lines[0].unit_price"),
    ("a price with a comma", {"unitPrice": "1,50"}, "AMOUNT_INVALID",
     "invoice.lines[0].unit_price"),
    ("a price with an exponent", {"unitPrice": "1e3"}, "AMOUNT_INVALID",
     "invoice.lines[0].unit_price"),
    ("no price", {"unitPrice": ""}, "FIELD_MISSING", "invoice.lines[0].unit_price"),
    ("a quantity of nothing", {"quantity": "0"}, "FIELD_INVALID", "invoice.lines[0].quantity"),
    ("a discount above a hundred", {"discountPercent": "101"}, "FIELD_INVALID",
     "invoice.lines[0].discount_percent"),
    ("no description", {"description": ""}, "FIELD_MISSING", "invoice.lines[0].description"),
    ("a description that is too long", {"description": "x" * 1001}, "FIELD_TOO_LONG",
     "invoice.lines[0].description"),
    ("a share of nothing", {"analytic": [{"accountCode": "CC100", "percentage": "0"}]},
     "", "invoice.lines[0].analytic[0].percentage"),
]


class BadDocuments(Case):

    def test_each_bad_invoice_is_refused_with_reason_field_and_words(self) -> None:
        for name, change, reason, field in INVOICES:
            with self.subTest(name):
                self.refused(lambda c=change: self.create_invoice(doc.invoice(**c)),
                             *([reason] if reason else []), code=INVALID, field=field)

    def test_each_bad_line_is_refused_with_reason_field_and_words(self) -> None:
        for name, change, reason, field in LINES:
            with self.subTest(name):
                asked = doc.invoice(lines=[{**doc.line("1.00"), **change}])
                self.refused(lambda d=asked: self.create_invoice(d),
                             *([reason] if reason else []), code=INVALID, field=field)

    def test_all_faults_of_a_document_are_named_at_once(self) -> None:
        error = self.refused(lambda: self.create_invoice(doc.invoice(
            dueDate=doc.days(-9), lines=[doc.line("1.00", quantity="0", description=""),
                                         doc.line("2.00", discountPercent="120")])), code=INVALID)
        self.assertLessEqual(
            {"invoice.due_date", "invoice.lines[0].quantity", "invoice.lines[0].description",
             "invoice.lines[1].discount_percent"},
            {finding["field"] for finding in error.findings})

    def test_a_bill_needs_the_vendors_number_and_its_date(self) -> None:
        self.refused(lambda: self.create_invoice(doc.bill(reference="")), "FIELD_MISSING",
                     code=INVALID, field="invoice.reference")
        self.refused(lambda: self.create_invoice(doc.bill(invoiceDate="")), "FIELD_MISSING",
                     code=INVALID, field="invoice.invoice_date")

    def test_an_unbalanced_entry_is_refused_with_both_sums(self) -> None:
        asked = doc.entry()
        asked["lines"][1]["credit"] = "1.01"
        error = self.refused(lambda: self.create_entry(asked), "ENTRY_UNBALANCED", code=INVALID)
        self.assertIn("1.01", str(error) + str(error.findings))

    def test_bad_entries_are_refused(self) -> None:
        for name, change in (("one line", {"lines": doc.entry()["lines"][:1]}),
                             ("no date", {"date": ""}), ("no lines", {"lines": []})):
            with self.subTest(name):
                self.refused(lambda c=change: self.create_entry(doc.entry(**c)), code=INVALID)
        negative = doc.entry()
        negative["lines"][0]["debit"] = "-1.00"
        self.refused(lambda: self.create_entry(negative), code=INVALID)

    def test_bad_payments_are_refused(self) -> None:
        for name, change, field in (
                ("nothing", {"amount": {"currencyCode": "EUR", "value": "0"}}, "payment.amount"),
                ("less than nothing", {"amount": {"currencyCode": "EUR", "value": "-5.00"}},
                 "payment.amount"),
                ("no direction", {"direction": "DIRECTION_UNSPECIFIED"}, "payment.direction"),
                ("no journal", {"journalCode": ""}, "payment.journal_code"),
                ("three decimals", {"amount": {"currencyCode": "EUR", "value": "1.234"}},
                 "payment.amount")):
            with self.subTest(name):
                self.refused(lambda c=change: self.create_payment(doc.payment("1.00", **c)),
                             code=INVALID, field=field)

    def test_an_entity_that_nobody_made_is_not_found(self) -> None:
        self.refused(lambda: self.create_invoice(doc.invoice(entity="atlantis")),
                     "ENTITY_UNKNOWN", code="not_found")

    def test_a_request_id_is_needed_and_must_be_plain(self) -> None:
        for wrong in ("", "with space", "ünïcode", "x" * 129, "tab\there"):
            with self.subTest(wrong=wrong):
                self.refused(lambda w=wrong: self.create_invoice(doc.invoice(), requestId=w),
                             code=INVALID, field="request_id")

    def test_output_only_fields_are_refused_on_input(self) -> None:
        self.refused(lambda: self.create_invoice(
            doc.invoice(id="inv_01HZZZZZZZZZZZZZZZZZZZZZZZ")), code=INVALID)

    def test_a_wait_of_an_hour_is_refused_or_cut_but_never_hangs(self) -> None:
        try:
            answer = self.create_invoice(doc.invoice(), wait="3600s")
            self.posted(answer)
        except ApiError as error:
            self.assertEqual(error.code, INVALID)


class BadRequests(Case):
    """What is no proper request at all."""

    PATH = "/kontor.v1.InvoiceService/CreateInvoice"

    def send(self, body: bytes, kind: str = "application/json", **headers: str) -> ApiError:
        base = {"Content-Type": kind, "Authorization": f"Bearer {self.shop.token}"}
        status, _, answer = self.shop.raw("POST", self.PATH, body, {**base, **headers})
        self.assertNotEqual(status, 200, answer[:200])
        try:
            decoded = json.loads(answer) if answer else {}
        except ValueError:
            decoded = {}
        return ApiError(status, decoded)

    def test_what_is_not_json_is_refused_with_the_place(self) -> None:
        for body in (b"{", b"hello", b'{"requestId": "a",}', b"[1]", b"null"):
            with self.subTest(body=body):
                error = self.send(body)
                self.assertEqual((error.http_status, error.code), (400, INVALID))
                self.assertEqual(error.reason, "JSON_INVALID")

    def test_a_key_that_stands_twice_is_refused(self) -> None:
        error = self.send(b'{"requestId": "a", "requestId": "b"}')
        self.assertEqual(error.reason, "JSON_DUPLICATE_KEY")

    def test_json_that_is_too_deep_is_refused(self) -> None:
        error = self.send(b'{"a":' * 5000 + b"1" + b"}" * 5000)
        self.assertEqual(error.reason, "JSON_TOO_DEEP")

    def test_a_key_that_nobody_knows_is_refused_by_its_name(self) -> None:
        body = json.dumps({"requestId": request_id(), "invoice": {"curency": "EUR"}}).encode()
        error = self.send(body)
        self.assertEqual(error.reason, "JSON_INVALID")
        self.assertIn("curency", error.message)

    def test_bytes_that_are_no_utf_8_are_refused(self) -> None:
        body = json.dumps({"requestId": request_id(), "invoice": doc.invoice(
            narration="QQQ")}).encode().replace(b"QQQ", b"\xff\xfe")
        self.assertEqual(self.send(body).reason, "TEXT_INVALID")

    def test_another_content_type_is_refused(self) -> None:
        for kind in ("text/xml", "application/x-www-form-urlencoded", ""):
            with self.subTest(kind=kind):
                error = self.send(b"{}", kind)
                self.assertEqual((error.http_status, error.reason), (415, "CONTENT_TYPE_INVALID"))

    def test_ten_megabytes_of_text_are_refused_by_the_field_and_forty_by_the_size(self) -> None:
        document = doc.invoice(narration="x" * 10_000_000)
        body = json.dumps({"requestId": request_id(), "invoice": document}).encode()
        self.assertEqual(self.send(body).code, INVALID)
        try:
            error = self.send(b" " * BIG_BODY_BYTES)
            self.assertEqual(error.http_status, 413)
        except OSError:
            pass  # refused so early that the rest could not be sent
        self.assertTrue(self.shop.call("AdminService/WhoAmI"))

    def test_unknown_methods_and_pages_are_not_found(self) -> None:
        status, _, _ = self.shop.raw("POST", "/kontor.v1.InvoiceService/Nothing", b"{}",
                                     {"Content-Type": "application/json"})
        self.assertEqual(status, 404)
        status, _, _ = self.shop.raw("GET", "/etc/passwd")
        self.assertEqual(status, 404)
        status, headers, _ = self.shop.raw("GET", self.PATH)
        self.assertEqual((status, headers.get("allow")), (405, "POST"))

    def test_the_service_still_works_after_all_of_that(self) -> None:
        self.posted(self.create_invoice(doc.invoice()))
