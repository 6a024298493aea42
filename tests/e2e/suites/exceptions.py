# SPDX-License-Identifier: Apache-2.0
"""Each exception has its reason in plain words, and people can end it: two where it counts."""
from __future__ import annotations

from decimal import Decimal

from ..harness import documents as doc
from ..harness.api import request_id
from ..harness.case import Case
from ..harness.odoo import amount
from ..harness.world import Json


class Exceptions(Case):

    def test_an_unknown_account_needs_two_people_to_correct(self) -> None:
        asked = doc.invoice(lines=[doc.line("10.00", account="123456")])
        case = self.stopped(self.create_invoice(asked), "ACCOUNT_UNKNOWN",
                            "invoice.lines[0].account_code")
        self.assertIn("123456", case["findings"][0]["message"])
        self.assertEqual((case["queue"], case["ownerRole"]), ("QUEUE_BUSINESS", "accountant"))
        mended = {"invoice": {"lines": [doc.line("10.00")]}, "updateMask": "lines"}
        after = self.resolve(case, "CORRECT_AND_RETRY", "karl", **mended)["exception"]
        self.assertEqual(after["state"], "STATE_AWAITING_SECOND_PERSON")
        self.assertEqual(self.operation(case["operationId"])["state"], "STATE_EXCEPTION")
        self.refused(lambda: self.approve(case, "karl"), "SECOND_PERSON_REQUIRED",
                     code="permission_denied")
        self.approve(case, "kurt")
        operation = self.ends_posted(case)
        line = self.odoo.lines(self.odoo.move(operation["externalId"])["id"])[0]
        self.assertEqual(self.odoo.code_of(line["account_id"]), doc.INCOME)
        resolution = self.exception(case["id"])["resolution"]
        self.assertEqual((resolution["proposer"], resolution["approver"]), ("karl", "kurt"))

    def test_a_declined_correction_leaves_the_case_open(self) -> None:
        case = self.stopped(self.create_invoice(doc.invoice(
            lines=[doc.line("10.00", account="123456")])), "ACCOUNT_UNKNOWN")
        self.resolve(case, "CORRECT_AND_RETRY", "karl",
                     invoice={"lines": [doc.line("10.00")]}, updateMask="lines")
        self.service["kurt"].call("ExceptionService/DeclineResolution", requestId=request_id(),
                                  id=case["id"], reason="the amount is wrong too")
        self.assertEqual(self.exception(case["id"])["state"], "STATE_OPEN")
        self.resolve(case, "REJECT", "kurt")
        self.settled(case["operationId"], "CANCELLED")

    def test_programs_and_other_roles_cannot_resolve(self) -> None:
        case = self.stopped(self.create_invoice(doc.invoice(
            lines=[doc.line("10.00", taxes=("33%",))])), "TAX_UNKNOWN",
            "invoice.lines[0].tax_names[0]")
        for name in ("shop", "rosa", "rita", "axel", "otto"):
            with self.subTest(by=name):
                self.refused(lambda who=name: self.resolve(case, "REJECT", who),
                             code="permission_denied")
        self.resolve(case, "REJECT", "karl")
        self.settled(case["operationId"], "CANCELLED")
        self.refused(lambda: self.resolve(case, "REJECT", "karl"), "STATE_CONFLICT",
                     code="failed_precondition")

    def test_an_account_that_odoo_archived_is_named(self) -> None:
        case = self.stopped(self.create_invoice(doc.bill(
            lines=[doc.line("10.00", account="690000")])), "ACCOUNT_UNKNOWN",
            "invoice.lines[0].account_code")
        self.resolve(case, "REJECT", "karl")

    def test_all_unknown_names_are_told_at_once(self) -> None:
        asked = doc.invoice(partner={"reference": "NOBODY"}, paymentTerm="99 Days", lines=[
            doc.line("1.00", productCode="NO-SUCH",
                     analytic=[{"accountCode": "CC999", "percentage": "100"}])])
        case = self.stopped(self.create_invoice(asked), "PARTNER_UNKNOWN", "invoice.partner")
        self.assertLessEqual(
            {"PARTNER_UNKNOWN", "PAYMENT_TERM_UNKNOWN", "PRODUCT_UNKNOWN", "ANALYTIC_UNKNOWN"},
            {finding["reason"] for finding in case["findings"]})
        self.resolve(case, "REJECT", "karl")

    def test_a_journal_of_another_type_is_named(self) -> None:
        case = self.stopped(self.create_invoice(doc.invoice(journalCode="BILL")),
                            "JOURNAL_UNKNOWN", "invoice.journal_code")
        self.resolve(case, "CORRECT_AND_RETRY", "karl",
                     invoice={"journalCode": "INV"}, updateMask="journalCode")
        if self.exception(case["id"])["state"] != "STATE_RESOLVED":
            self.approve(case, "kurt")
        self.ends_posted(case)

    def test_an_inactive_currency_is_named_and_a_rejected_document_leaves_nothing(self) -> None:
        answer = self.create_invoice(doc.invoice(currencyCode="CAD",
                                                 lines=[doc.line("10.00", taxes=())]))
        case = self.stopped(answer, "CURRENCY_INACTIVE", "invoice.currency_code")
        self.resolve(case, "REJECT", "karl")
        operation = self.settled(case["operationId"], "CANCELLED")
        self.assertEqual(self.odoo.id_of(operation["externalId"]), 0)

    def test_an_inactive_currency_can_be_activated_and_tried_again(self) -> None:
        answer = self.create_invoice(doc.invoice(currencyCode="NOK",
                                                 lines=[doc.line("10.00", taxes=())]))
        case = self.stopped(answer, "CURRENCY_INACTIVE", "invoice.currency_code")
        currency = self.odoo.find("res.currency", "name", "NOK")
        self.odoo.write("res.currency", currency, {"active": True})
        rate = self.odoo.call("res.currency.rate", "create", [{
            "currency_id": currency, "name": doc.today(), "company_rate": 11.5,
            "company_id": self.odoo.company_id()}])[0]
        try:
            self.resolve(case, "RETRY", "karl")
            self.ends_posted(case)
        finally:
            self.odoo.call("res.currency.rate", "unlink", [rate])
            self.odoo.write("res.currency", currency, {"active": False})

    def test_a_currency_without_a_rate_waits_until_one_is_entered(self) -> None:
        answer = self.create_invoice(doc.invoice(currencyCode="PLN",
                                                 lines=[doc.line("10.00", taxes=())]))
        case = self.stopped(answer, "RATE_MISSING", "invoice.currency_code")
        currency = self.odoo.find("res.currency", "name", "PLN")
        rate = self.odoo.call("res.currency.rate", "create", [{
            "currency_id": currency, "name": doc.today(), "company_rate": 4.0,
            "company_id": self.odoo.company_id()}])[0]
        try:
            self.resolve(case, "RETRY", "karl")
            operation = self.ends_posted(case)
            got = self.shop.call("InvoiceService/GetInvoice",
                                 id=operation["documentId"])["invoice"]
            self.assertEqual(got["booked"]["companyTotal"]["value"], "2.50")
        finally:
            self.odoo.call("res.currency.rate", "unlink", [rate])

    def test_a_stale_rate_is_accepted_by_two_people_only(self) -> None:
        answer = self.create_invoice(doc.invoice(currencyCode="SEK",
                                                 lines=[doc.line("100.00", taxes=())]))
        case = self.stopped(answer, "RATE_STALE", "invoice.currency_code")
        self.assertIn("2010", case["findings"][0]["message"])
        accept = next(a for a in case["actions"] if a["action"] == "ACTION_ACCEPT")
        self.assertTrue(accept["needsSecondPerson"])
        self.resolve(case, "ACCEPT", "karl")
        self.assertEqual(self.operation(case["operationId"])["state"], "STATE_EXCEPTION")
        self.refused(lambda: self.approve(case, "karl"), "SECOND_PERSON_REQUIRED")
        self.approve(case, "kurt")
        self.ends_posted(case)

    def test_more_digits_than_odoo_keeps_are_an_exception_not_a_rounding(self) -> None:
        case = self.stopped(self.create_invoice(doc.invoice(
            lines=[doc.line("10.00", quantity="1.005")])), "PRECISION_EXCEEDED",
            "invoice.lines[0].quantity")
        self.assertEqual(case["findings"][0]["asked"], "1.005")
        self.service["anna"].call("ExceptionService/ResolveException", requestId=request_id(),
                                  id=case["id"], action="ACTION_REJECT", reason="ask the shop")
        self.settled(case["operationId"], "CANCELLED")

    def test_a_price_with_three_decimals_is_never_rounded_in_silence(self) -> None:
        answer = self.create_invoice(doc.invoice(
            lines=[doc.line("1.005", quantity="1000", taxes=())]))
        operation = self.settled(answer["operation"]["id"], "POSTED", "EXCEPTION")
        if operation["state"] == "STATE_POSTED":
            self.assertEqual(self.world.series, "19.0")
            self.assertEqual(amount(self.odoo.move(operation["externalId"])["amount_total"]),
                             Decimal("1005.00"))
            return
        case = self.stopped(answer, "PRECISION_EXCEEDED", "invoice.lines[0].unit_price")
        self.resolve(case, "REJECT", "karl")

    def test_a_total_that_differs_is_shown_side_by_side_before_anything_is_posted(self) -> None:
        answer = self.create_invoice(doc.invoice(
            lines=[doc.line("100.00")], expectedTotal={"currencyCode": "EUR", "value": "119.01"}))
        case = self.stopped(answer, "TOTAL_MISMATCH")
        finding = next(f for f in case["findings"] if f["reason"] == "TOTAL_MISMATCH")
        self.assertIn("119.01", finding["asked"])
        self.assertIn("119.00", finding["got"])
        operation = self.operation(case["operationId"])
        self.unposted(operation["externalId"])
        self.resolve(case, "ACCEPT", "karl")
        self.approve(case, "kurt")
        self.ends_posted(case)
        self.assertEqual(self.odoo.move(operation["externalId"])["state"], "posted")

    def test_a_rejected_draft_is_removed_from_odoo(self) -> None:
        answer = self.create_invoice(doc.invoice(
            lines=[doc.line("100.00")], expectedTotal={"currencyCode": "EUR", "value": "1.00"}))
        case = self.stopped(answer, "TOTAL_MISMATCH")
        external_id = self.operation(case["operationId"])["externalId"]
        draft = self.unposted(external_id)
        self.resolve(case, "REJECT", "karl")
        self.settled(case["operationId"], "CANCELLED")
        self.assertEqual(self.odoo.id_of(external_id), 0)
        self.assertFalse(self.odoo.moves([["id", "=", draft]]))

    def test_a_corrected_total_makes_the_draft_anew(self) -> None:
        answer = self.create_invoice(doc.invoice(
            lines=[doc.line("100.00")], expectedTotal={"currencyCode": "EUR", "value": "238.00"}))
        case = self.stopped(answer, "TOTAL_MISMATCH")
        self.resolve(case, "CORRECT_AND_RETRY", "karl",
                     invoice={"lines": [doc.line("200.00")]}, updateMask="lines")
        self.approve(case, "kurt")
        operation = self.ends_posted(case)
        self.assertEqual(amount(self.odoo.move(operation["externalId"])["amount_total"]), 238)

    def test_a_second_bill_with_the_same_number_is_stopped(self) -> None:
        first = doc.bill()
        self.posted(self.create_invoice(first))
        spelled = first["reference"].lower().replace("-", "- ")
        case = self.stopped(self.create_invoice(doc.bill(reference=spelled)),
                            "DUPLICATE_REFERENCE", "invoice.reference")
        self.resolve(case, "REJECT", "karl")
        self.settled(case["operationId"], "CANCELLED")

    def test_a_duplicate_with_its_right_number_goes_through_after_two_people(self) -> None:
        first = doc.bill()
        self.posted(self.create_invoice(first))
        case = self.stopped(self.create_invoice(doc.bill(reference=first["reference"])),
                            "DUPLICATE_REFERENCE")
        right = doc.unique("RE")
        self.resolve(case, "CORRECT_AND_RETRY", "karl", invoice={"reference": right},
                     updateMask="reference")
        self.assertEqual(self.exception(case["id"])["state"], "STATE_AWAITING_SECOND_PERSON")
        self.approve(case, "kurt")
        operation = self.ends_posted(case)
        self.assertEqual(self.odoo.move(operation["externalId"])["ref"], right)

    def test_a_duplicate_that_is_none_is_accepted_by_two_people(self) -> None:
        first = doc.bill()
        self.posted(self.create_invoice(first))
        case = self.stopped(self.create_invoice(doc.bill(reference=first["reference"])),
                            "DUPLICATE_REFERENCE")
        self.resolve(case, "ACCEPT", "karl")
        self.refused(lambda: self.approve(case, "karl"), "SECOND_PERSON_REQUIRED")
        self.approve(case, "kurt")
        if self.world.series == "17.0":  # Odoo 17 itself refuses the second one
            operation = self.settled(case["operationId"], "EXCEPTION")
            again = self.stopped({"operation": operation}, "ODOO_REFUSED")
            self.resolve(again, "REJECT", "karl")
            self.settled(case["operationId"], "CANCELLED")
            return
        self.ends_posted(case)

    def test_a_bill_that_people_booked_by_hand_is_a_duplicate_too(self) -> None:
        reference = doc.unique("HAND")
        by_hand = self.odoo.post_bill(doc.VENDOR, reference, doc.today(), "33.00")
        case = self.stopped(self.create_invoice(doc.bill(reference=reference)),
                            "DUPLICATE_REFERENCE", "invoice.reference")
        self.assertEqual(case["findings"][0]["got"], by_hand["name"])
        # 17 itself posts no second one: accepting it would lead nowhere, and the words say so.
        self.assertEqual("posts no second one" in case["findings"][0]["message"],
                         self.world.series == "17.0")
        self.resolve(case, "REJECT", "karl")

    def test_two_equal_customer_invoices_are_suspected(self) -> None:
        asked = doc.invoice()
        self.posted(self.create_invoice(asked))
        case = self.stopped(self.create_invoice(asked), "DUPLICATE_SUSPECTED")
        self.resolve(case, "ACCEPT", "karl")
        self.approve(case, "kurt")
        self.ends_posted(case)

    def test_a_bank_account_that_nobody_trusts_stops_the_payment_until_someone_does(self) -> None:
        bank = self.odoo.find("res.partner.bank", "sanitized_acc_number", doc.UNTRUSTED_ACCOUNT)
        self.odoo.write("res.partner.bank", bank, {"allow_out_payment": False})
        answer = self.create_payment(doc.payment(
            "15.00", direction="DIRECTION_OUTBOUND", partner={"reference": doc.UNTRUSTED_VENDOR},
            partnerBankAccount=doc.UNTRUSTED_ACCOUNT))
        case = self.stopped(answer, "BANK_ACCOUNT_UNTRUSTED", "payment.partner_bank_account")
        self.assertNotIn(doc.UNTRUSTED_ACCOUNT, str(case))
        self.odoo.write("res.partner.bank", bank, {"allow_out_payment": True})
        try:
            self.resolve(case, "RETRY", "karl")
            self.ends_posted(case)
        finally:
            self.odoo.write("res.partner.bank", bank, {"allow_out_payment": False})

    def test_an_account_that_the_partner_does_not_have_stops_the_payment(self) -> None:
        case = self.stopped(self.create_payment(doc.payment(
            "15.00", direction="DIRECTION_OUTBOUND", partner={"reference": doc.VENDOR},
            partnerBankAccount=doc.iban())), "BANK_ACCOUNT_UNKNOWN")
        self.resolve(case, "REJECT", "karl")

    def test_a_user_without_rights_is_named_to_an_administrator(self) -> None:
        if "kontor-limited" not in self.world.target["api_keys"]:
            self.skipTest("this target gave no user without rights")
        service = self.service
        if "limited" not in service.people:
            service.people["limited"] = service["shop"]
            service.connect("limited", login="kontor-limited")
        report = service["anna"].call("ConnectionService/CheckConnection",
                                      name="limited")["report"]
        self.assertTrue(report["authenticated"])
        self.assertTrue(report["missingRights"], report)
        service.entity("limited", "limited", companyId=self.odoo.company_id())
        answer = self.create_invoice(doc.invoice(entity="limited"), wait="10s")
        operation = self.settled(answer["operation"]["id"], "EXCEPTION", "PARKED", "RETRYING")
        case = self.stopped({"operation": operation}, "ODOO_RIGHT_MISSING")
        self.assertEqual(case["ownerRole"], "administrator")
        service["anna"].call("ExceptionService/ResolveException", requestId=request_id(),
                             id=case["id"], action="ACTION_REJECT", reason="rights are asked for")
        self.settled(operation["id"], "CANCELLED")

    def test_open_exceptions_are_listed_by_queue_and_state(self) -> None:
        case = self.stopped(self.create_invoice(doc.invoice(
            lines=[doc.line("10.00", taxes=("33%",))])), "TAX_UNKNOWN")
        page = self.shop.call("ExceptionService/ListExceptions", entity="de",
                              queue="QUEUE_BUSINESS", state="STATE_OPEN", pageSize=100)
        self.assertIn(case["id"], [found["id"] for found in page["exceptions"]])
        self.assertTrue(case["deadline"] > case["createTime"])
        self.assertTrue(all(action["effect"] for action in case["actions"]))
        self.resolve(case, "REJECT", "karl")

    def test_a_decision_on_an_old_version_is_refused(self) -> None:
        case = self.stopped(self.create_invoice(doc.invoice(
            lines=[doc.line("10.00", account="123456")])), "ACCOUNT_UNKNOWN")
        self.resolve(case, "CORRECT_AND_RETRY", "karl",
                     invoice={"lines": [doc.line("10.00")]}, updateMask="lines")
        self.refused(lambda: self.service["kurt"].call(
            "ExceptionService/ApproveResolution", requestId=request_id(), id=case["id"],
            reason="unseen", version=case["version"]), "VERSION_CONFLICT", code="aborted")
        self.resolve(case, "REJECT", "kurt")
