# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..models.kontor_payment_order_take import few, instant_key
from .kontor_orders import DIGEST, SERVICE, OrderCase
from .kontor_stub import TIME, error


@tagged("post_install", "-at_install")
class TestKontorPaymentOrder(OrderCase):
    """A payment order stands here as kontor last told it, masked as kontor masks it."""

    def test_an_order_stands_here_with_its_payments(self):
        bill = self.bill()
        self.account()
        self.order(bill, approvals=[
            {"name": "adam", "digest": DIGEST, "time": TIME, "policyVersion": "approval/v1"},
            {"name": "alma", "digest": "old", "time": TIME, "voidReason": "the bill changed"}])
        order = self.sync()
        self.assertEqual(
            (order.state, order.total, order.currency_id, order.payment_count, order.preparer,
             order.message_ref, str(order.execution_date), order.account_id.name),
            ("awaiting_approval", 119.0, self.currency, 1, "paula", "MSG-1", "2026-03-04", "giro"))
        self.assertEqual((order.approval_count, order.approval_text), (1, "1 of 2"))
        self.assertEqual(order.approval_ids.mapped("counts"), [True, False])
        self.assertIn("1. Whoever prepared it", order.next_step)
        line = order.line_ids
        self.assertEqual(
            (line.move_ids, line.partner_id, line.account_number, line.end_to_end_ref, line.state),
            (bill, self.vendor, "…6199", "E2E-1", "pending"))
        self.assertEqual(line.beneficiary_id.state, "unconfirmed")
        self.assertIn(bill.name, order.display_name)

    def test_reading_twice_writes_nothing(self):
        self.account()
        self.order(self.bill(), findings=[{"reason": "LIST_STALE", "message": "old"}])
        order = self.sync()
        ids = order.line_ids.ids + order.finding_ids.ids
        before = order.write_date
        self.orders["pmo_1"]["updateTime"] = "2026-03-01T10:00:09Z"
        self.sync()
        self.assertEqual(order.line_ids.ids + order.finding_ids.ids, ids)
        asked = len(self.stub.asked(SERVICE + "GetPaymentOrder"))
        before = order.write_date
        self.sync()
        self.assertEqual(len(self.stub.asked(SERVICE + "GetPaymentOrder")), asked)
        self.assertEqual(order.write_date, before)

    def test_what_changes_without_an_event_is_read_too(self):
        self.order(self.bill())
        order = self.sync()
        self.order(state="APPROVED", second=7)
        self.sync()
        self.assertEqual(order.state, "approved")
        self.order(state="SETTLED", second=8)
        self.sync()
        self.assertEqual((order.state, order.is_open), ("settled", False))

    def test_an_event_brings_what_became_of_a_closed_order(self):
        self.order(self.bill(), state="SETTLED", second=3)
        self.publish(events=[self.event(1, "payment_order.settled", "pmo_1", data={}),
                             self.event(2, "payment.returned", "pmo_1", data={
                                 "payment": {"number": 1}})])
        order = self.sync()
        self.assertEqual(order.state, "settled")
        self.assertEqual(sorted(order.event_ids.mapped("text")),
                         ["Payment 1: Returned by the bank", "Settled"])

    def test_an_older_reading_changes_nothing(self):
        self.order(state="APPROVED", second=9)
        order = self.sync()
        self.order(state="AWAITING_APPROVAL", second=3)
        self.sync()
        self.assertEqual(order.state, "approved")

    def test_fractions_of_a_second_count(self):
        rising = ["2026-03-01T10:00:00Z", "2026-03-01T10:00:00.1Z", "2026-03-01T10:00:00.120Z",
                  "2026-03-01T10:00:01Z"]
        self.assertEqual(sorted(rising, key=instant_key), rising)
        self.assertEqual(few(["a", "b", "c", "d"]), "a, b, c (+1)")

    def test_findings_and_holds_are_told_in_words(self):
        self.order(self.bill(), state="HELD", findings=[{
            "reason": "BENEFICIARY_UNCONFIRMED", "message": "Nobody has confirmed it.",
            "suggestion": "Confirm it.", "severity": "SEVERITY_ERROR"}],
            payments=[self.payment(state="STATE_HELD", holds=[{
                "reason": "FRAUD_RULE", "message": "This is the first payment."}])])
        order = self.sync()
        self.assertEqual(order.finding_ids.title, "Nobody has confirmed the creditor's account")
        self.assertEqual(order.line_ids.hold_text, "This is the first payment.")
        self.assertIn("checks hold it", order.next_step)
        self.order(state="AWAITING_APPROVAL", second=5)
        self.sync()
        self.assertFalse(order.finding_ids)
        self.assertFalse(order.line_ids.finding_ids)

    def test_the_bank_s_refusal_is_told_with_its_reasons(self):
        bill = self.bill()
        self.order(bill, state="REJECTED", payments=[self.payment(
            bill, state="STATE_REJECTED", statusCode="RJCT",
            statusReasons=["AC01: the account number is wrong"])])
        self.publish(events=[self.event(1, "payment_order.rejected", "pmo_1", data={})])
        self.sync()
        bill.invalidate_recordset()
        self.assertEqual((bill.kontor_order_state, bill.kontor_pay_state),
                         ("rejected", "rejected"))
        self.assertIn("AC01", bill.kontor_pay_reasons)

    def test_an_exception_of_an_order_leads_to_it(self):
        self.order(self.bill(), state="HELD", exceptionId="exc_1")
        self.publish(case=self.case(operationId="", subject="pmo_1"), events=[])
        order = self.sync()
        self.assertEqual(order.exception_id.order_id, order)
        self.assertEqual(order.action_open_exception()["res_id"], order.exception_id.id)

    def test_what_is_late_leads_to_its_case_and_a_lent_role_is_named(self):
        self.order(self.bill(), deadlineExceptionId="exc_1", releaseDelegator="rolf", approvals=[
            {"name": "doris", "delegator": "adam", "digest": DIGEST}])
        self.publish(case=self.case(operationId="", subject="pmo_1"), events=[])
        order = self.sync()
        self.assertEqual(order.action_open_exception()["res_id"], order.exception_id.id)
        self.assertEqual((order.approval_ids.approver, order.approval_ids.delegator),
                         ("doris", "adam"))
        self.assertEqual(order.release_delegator, "rolf")

    def test_an_account_that_is_gone_is_archived(self):
        self.sync()
        account = self.env["kontor.bank.account"].search([("backend_id", "=", self.backend.id)])
        self.assertEqual(account.journal_id, self.journal)
        self.stub.answers["BankService/ListBankAccounts"] = {}
        self.sync()
        self.assertFalse(account.active)

    def test_confirmed_accounts_are_read_after_they_left_the_list(self):
        self.account()
        self.sync()
        account = self.env["kontor.beneficiary"].search([])
        self.account(state="CONFIRMED", confirmedBy="adam")
        self.sync()
        self.assertEqual((account.state, account.confirmed_by), ("confirmed", "adam"))

    def test_an_older_kontord_without_payment_orders_works_on(self):
        self.stub.answers["BankService/ListBankAccounts"] = error(
            "unimplemented", "UNIMPLEMENTED", http=501)
        self.assertFalse(self.sync())
        self.assertFalse(self.backend.failing_since)

    def test_a_bill_of_another_company_is_no_bill_of_the_order(self):
        other = self.env["res.company"].create({"name": "Other"})
        foreign = self.env["account.move"].search(
            [("company_id", "!=", self.company.id)], limit=1)
        journal = self.env["account.journal"].sudo().create(
            {"name": "Other", "code": "OTH", "type": "general", "company_id": other.id})
        foreign = foreign or self.env["account.move"].sudo().create(
            {"move_type": "entry", "journal_id": journal.id})
        self.order(foreign)
        self.assertFalse(self.sync().line_ids.move_ids)

    # -- who sees it --------------------------------------------------------------------------

    def test_readers_read_and_nobody_writes(self):
        self.account()
        self.order(self.bill(), findings=[{"reason": "LIST_STALE", "message": "old"}], approvals=[
            {"name": "adam", "digest": DIGEST, "time": TIME}])
        self.sync()
        models = ("kontor.payment.order", "kontor.payment.order.line", "kontor.payment.approval",
                  "kontor.payment.finding", "kontor.beneficiary", "kontor.bank.account")
        for model in models:
            row = self.env[model].search([], limit=1)
            self.assertTrue(row, model)
            for name in ("preparer", "approver", "releaser", "auditor", "manager"):
                seen = row.with_user(self.people[name])
                with self.subTest(model=model, name=name):
                    self.assertTrue(seen.read(["display_name"]))
                    with self.assertRaises(AccessError):
                        seen.write({"company_id": self.company.id})
                    with self.assertRaises(AccessError):
                        seen.copy()
            with self.subTest(model=model, name="nobody"), self.assertRaises(AccessError):
                row.with_user(self.people["nobody"]).read(["display_name"])

    def test_another_company_s_orders_are_not_seen(self):
        self.account()
        self.order(self.bill(), findings=[{"reason": "LIST_STALE", "message": "old"}], approvals=[
            {"name": "adam", "digest": DIGEST, "time": TIME}])
        self.sync()
        other = self.env["res.company"].create({"name": "Other"})
        user = self.people["auditor"]
        user.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        for model in ("kontor.payment.order", "kontor.payment.order.line",
                      "kontor.payment.approval", "kontor.payment.finding", "kontor.beneficiary",
                      "kontor.bank.account"):
            with self.subTest(model=model):
                self.assertTrue(self.env[model].sudo().search([]))
                self.assertFalse(self.env[model].with_user(user).search([]))

    def test_bills_are_found_by_their_order(self):
        bill, other = self.bill(), self.bill()
        self.order(bill)
        self.sync()
        both = [("id", "in", (bill + other).ids)]
        Move = self.env["account.move"]
        for domain, found in (([("kontor_order_state", "=", "awaiting_approval")], bill),
                              ([("kontor_order_state", "!=", False)], bill),
                              ([("kontor_order_state", "=", False)], other),
                              ([("kontor_order_state", "!=", "awaiting_approval")], other)):
            with self.subTest(domain=domain):
                self.assertEqual(Move.search(both + domain), found)

    def test_who_has_no_role_sees_no_order_and_no_error(self):
        bill = self.bill()
        self.order(bill)
        self.sync()
        user = self.people["nobody"]
        field = "group_ids" if "group_ids" in user._fields else "groups_id"
        user.write({field: [(4, self.env.ref("account.group_account_invoice").id)]})
        self.assertFalse(bill.with_user(user).kontor_order_id)
        self.assertFalse(bill.with_user(user).kontor_pay_request)

    def test_a_bill_that_was_given_up_and_taken_again_shows_the_order_under_way(self):
        bill = self.bill()
        self.order(bill, id="pmo_2", createTime="2026-03-02T10:00:00Z")
        self.sync()
        self.order(bill, id="pmo_3", state="CANCELLED",
                   payments=[self.payment(bill, state="STATE_CANCELLED")])
        self.publish(events=[self.event(1, "payment_order.cancelled", "pmo_3", data={})])
        self.sync()
        bill.invalidate_recordset()
        self.assertEqual(bill.kontor_order_id.order_ref, "pmo_2")
