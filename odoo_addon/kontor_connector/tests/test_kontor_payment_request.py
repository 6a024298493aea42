# SPDX-License-Identifier: LGPL-3.0-or-later
import json

from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import Form, tagged

from .kontor_orders import DIGEST, SERVICE, OrderCase
from .kontor_stub import OTHER_TOKEN, PERSON_TOKEN, error

CREATE, APPROVE, RELEASE = (SERVICE + name for name in (
    "CreatePaymentOrder", "ApprovePaymentOrder", "ReleasePaymentOrder"))
VERBS_OF = {
    "preparer": {"refresh_order", "hold_order", "cancel_order"},
    "approver": {"approve_order", "revoke_order", "hold_order", "unhold_order", "cancel_order",
                 "submission_sent", "submission_not_sent", "confirm_account", "block_account"},
    "releaser": {"release_order", "hold_order", "unhold_order", "cancel_order", "submission_sent",
                 "submission_not_sent"},
    "auditor": set(), "manager": set(),
}
EVERY_VERB = sorted(set().union(*VERBS_OF.values()))


@tagged("post_install", "-at_install")
class TestKontorPay(OrderCase):
    """Bills are paid on a preparer's word, once, in the preparer's own name."""

    def setUp(self):
        super().setUp()
        self.sync()
        self.accountant(self.people["preparer"])
        self.person = self.with_token("preparer")
        self.move = self.bill()

    def accountant(self, user):
        """A role of kontor's gives no rights to bills; those come from Odoo's own groups."""
        field = "group_ids" if "group_ids" in user._fields else "groups_id"
        user.write({field: [(4, self.env.ref("account.group_account_invoice").id)]})

    def booked(self, amount=119.0, post=True, **more):
        """A payment that somebody registered in Odoo."""
        payment = self.env["account.payment"].create({
            "payment_type": "outbound", "partner_type": "supplier", "amount": amount,
            "partner_id": self.vendor.id, "journal_id": self.bank_journal("KOBK").id, **more})
        if post:
            payment.action_post()
        return payment

    def bank_journal(self, code):
        """A journal of ours whose payments get entries, with a chart of accounts or without."""
        Journal, Account = self.env["account.journal"], self.env["account.account"]
        found = Journal.search([("code", "=", code), ("company_id", "=", self.company.id)])
        if found:
            return found
        cash, way = Account.create([
            {"name": "Kontor bank", "code": f"2{code}01", "account_type": "asset_cash"},
            {"name": "Kontor on its way", "code": f"2{code}02", "account_type": "asset_current",
             "reconcile": True}])
        journal = Journal.create({
            "name": f"Bank {code}", "code": code, "type": "bank", "company_id": self.company.id,
            "default_account_id": cash.id})
        lines = journal.outbound_payment_method_line_ids + journal.inbound_payment_method_line_ids
        lines.payment_account_id = way
        return journal

    @staticmethod
    def sent(payment):
        payment.write({"is_sent" if "is_sent" in payment._fields else "is_move_sent": True})
        return payment

    def wizard(self, moves=None, env=None):
        action = (moves or self.move).with_env(env or self.person).action_kontor_pay()
        return Form((env or self.person)["kontor.payment.prepare"].with_context(
            **action["context"]))

    def ask(self, moves=None, env=None, **more):
        form = self.wizard(moves, env)
        for name, value in more.items():
            setattr(form, name, value)
        form.save().action_confirm()
        return self.env["kontor.request"].search([], limit=1)

    def test_selected_bills_become_one_request(self):
        other = self.bill(81.0)
        form = self.wizard(self.move + other)
        self.assertEqual((form.bill_count, form.total, form.account_id.name), (2, 200.0, "giro"))
        form.execution_date, form.description = "2026-03-09", "March"
        action = form.save().action_confirm()
        self.assertIn("Pay through kontor was requested by Preparer",
                      action["params"]["message"])
        self.assertFalse(self.stub.asked(CREATE))
        request = self.env["kontor.request"].search([], limit=1)
        self.assertEqual(json.loads(request.body), {
            "entity": "de", "account": "giro", "currencyCode": self.currency.name,
            "executionDate": "2026-03-09", "description": "March", "urgency": "NORMAL",
            "bills": [{"odooMoveId": str(self.move.id)}, {"odooMoveId": str(other.id)}]})
        self.assertIn("was requested by Preparer", self.move.kontor_pay_request)

    def test_it_goes_out_with_the_preparer_s_token_and_shows_the_order(self):
        order = self.order(self.move, state="DRAFT")
        self.stub.answers[CREATE] = self.told(order)
        request = self.ask()
        self.send()
        self.send()
        self.assertEqual(self.stub.tokens(CREATE), [PERSON_TOKEN])
        self.assertEqual(self.stub.asked(CREATE)[0]["requestId"], request.request_ref)
        self.assertEqual((request.state, request.order_id.order_ref), ("done", "pmo_1"))
        self.move.invalidate_recordset()
        self.assertEqual(self.move.kontor_order_state, "draft")
        self.assertFalse(self.move.kontor_pay_request)

    def test_what_only_the_person_may_see_is_not_kept(self):
        order = self.order(self.move, state="DRAFT")
        self.stub.answers[CREATE] = self.told(order)
        self.ask()
        self.send()
        line = self.env["kontor.payment.order.line"].search([])
        self.assertEqual((line.creditor_name, line.account_number), ("M…", "…6199"))

    def test_a_second_click_on_the_same_bill_is_told_so(self):
        self.ask()
        for moves in (self.move, self.move + self.bill()):
            with self.assertRaisesRegex(UserError, "was requested by Preparer"):
                self.ask(moves)
        self.assertEqual(self.env["kontor.request"].search_count([]), 1)

    def test_a_bill_of_an_open_order_is_not_taken_again(self):
        self.order(self.move)
        self.sync()
        self.move.invalidate_recordset()
        self.assertFalse(self.move.kontor_may_pay)
        with self.assertRaisesRegex(UserError, "in a payment order already"):
            self.wizard()

    def test_a_refused_order_s_bill_may_be_paid_anew(self):
        self.order(self.move, payments=[self.payment(self.move, state="STATE_REJECTED")])
        self.sync()
        self.move.invalidate_recordset()
        self.assertTrue(self.move.kontor_may_pay)
        self.ask()

    def test_only_open_bills_of_one_company_and_currency_are_taken(self):
        other = self.env["res.currency"].with_context(active_test=False).search(
            [("name", "=", "USD" if self.currency.name != "USD" else "EUR")])
        other.active = True
        foreign = self.bill(currency_id=other.id)
        cases = [
            ("a draft", self.bill(post=False), "Only posted vendor bills"),
            ("a credit note", self.bill(post=False, move_type="in_refund"),
             "Only posted vendor bills"),
            ("two currencies", self.move + foreign, "one company and one currency"),
            ("nothing", self.env["account.move"], "Select the bills"),
        ]
        for name, moves, words in cases:
            with self.subTest(name), self.assertRaisesRegex(UserError, words):
                self.person["kontor.payment.prepare"]._mapping_of(moves.with_env(self.person))

    def test_a_company_without_entity_is_told_what_to_do(self):
        self.mapping.unlink()
        self.move.invalidate_recordset()
        self.assertFalse(self.move.kontor_may_pay)
        with self.assertRaisesRegex(UserError, "Configuration"):
            self.wizard()

    def test_other_roles_prepare_nothing(self):
        for name in ("approver", "releaser", "auditor", "manager"):
            self.accountant(self.people[name])
            env = self.with_token(name)
            with self.subTest(name=name):
                with self.assertRaises(AccessError):
                    self.ask(env=env)
                with self.assertRaises(AccessError):
                    env["kontor.request"]._enqueue_order(
                        self.mapping, self.move.with_env(env), {})

    def test_selected_payments_become_one_request(self):
        one, two = self.booked(), self.booked(81.0)
        form = self.wizard(one + two)
        self.assertEqual((form.bill_count, form.total), (2, 200.0))
        action = form.save().action_confirm()
        self.assertIn("was requested by Preparer", action["params"]["message"])
        request = self.env["kontor.request"].search([], limit=1)
        body = json.loads(request.body)
        self.assertEqual(body["odooPaymentIds"], [str(one.id), str(two.id)])
        self.assertNotIn("bills", body)
        self.assertIn("was requested by Preparer", one.with_env(self.person).kontor_pay_request)
        with self.assertRaisesRegex(UserError, "was requested by Preparer"):
            self.ask(two)

    def test_a_payment_of_an_order_shows_it_and_is_not_taken_again(self):
        payment = self.booked().with_env(self.person)
        self.assertTrue(payment.kontor_may_pay)
        self.order(None, payments=[self.payment(odooPaymentId=str(payment.id))])
        self.sync()
        payment.invalidate_recordset()
        self.assertEqual((payment.kontor_order_id.order_ref, payment.kontor_pay_state),
                         ("pmo_1", "pending"))
        self.assertFalse(payment.kontor_may_pay)
        with self.assertRaisesRegex(UserError, "in a payment order already"):
            self.wizard(payment)

    def test_only_payments_in_the_books_that_nobody_sent_are_taken(self):
        cases = [
            ("a draft", self.booked(post=False)),
            ("money that comes in", self.booked(payment_type="inbound")),
            ("sent", self.sent(self.booked())),
        ]
        for name, payment in cases:
            with self.subTest(name), self.assertRaisesRegex(UserError, "Only payments"):
                self.person["kontor.payment.prepare"]._mapping_of(payment.with_env(self.person))
        with self.assertRaisesRegex(UserError, "Select the payments"):
            self.person["kontor.payment.prepare"]._mapping_of(self.person["account.payment"])
        pair = self.booked() + self.booked(journal_id=self.bank_journal("KOOB").id)
        with self.assertRaisesRegex(UserError, "one journal"):
            self.person["kontor.payment.prepare"]._mapping_of(pair.with_env(self.person))

    def test_another_company_s_payment_is_not_shown_on_an_order(self):
        payment = self.booked()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.order(None, payments=[self.payment(odooPaymentId=str(payment.id))])
        self.mapping.company_id = company
        self.sync()
        self.assertFalse(self.env["kontor.payment.order.line"].search([]).sudo().payment_id)

    def test_without_a_token_the_button_says_where_to_enter_it(self):
        user = self.people["preparer"]
        user.with_user(user).action_kontor_forget_token()
        with self.assertRaises(RedirectWarning):
            self.move.with_user(user).action_kontor_pay()

    def test_another_company_s_bill_is_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        mapping = self.env["kontor.backend.entity"].create(
            {"backend_id": self.backend.id, "company_id": other.id, "entity": "fr"})
        with self.assertRaisesRegex(AccessError, "another company"):
            self.person["kontor.request"]._enqueue_order(mapping, self.move, {})

    def test_a_refusal_stands_on_the_bill(self):
        self.stub.answers[CREATE] = error(
            "failed_precondition", "NOTHING_TO_PAY", "Nothing is left to pay")
        request = self.ask()
        self.send()
        self.move.invalidate_recordset()
        self.assertEqual(request.state, "refused")
        self.assertIn("Nothing is left to pay", self.move.kontor_pay_request)


@tagged("post_install", "-at_install")
class TestKontorDecide(OrderCase):
    """Approve and release bind to what the person saw, and go out in that person's name."""

    def setUp(self):
        super().setUp()
        self.account()
        self.wire = self.order(self.bill())
        self.pmo = self.sync()
        self.stub.calls = []

    def decide(self, action, name, token=PERSON_TOKEN, reason="", **context):
        """A click, the dialog, and its confirmation, as a person of the role."""
        env = self.with_token(name, token)
        opened = getattr(self.pmo.with_env(env).with_context(**context), action)()
        form = Form(env["kontor.decision"].with_context(**opened["context"]))
        if reason:
            form.reason = reason
        form.save().action_confirm()
        return self.env["kontor.request"].search([], limit=1)

    def test_an_approval_names_the_digest_and_goes_out_once(self):
        self.stub.answers[APPROVE] = self.told(self.wire)
        request = self.decide("action_approve", "approver", OTHER_TOKEN,
                              kontor_seen_digest=DIGEST)
        self.assertEqual(self.pmo.waiting_request, "Approve was requested by Approver.")
        self.order(second=4, approvals=[{"name": "adam", "digest": DIGEST}])
        self.send()
        self.send()
        self.assertEqual(self.stub.asked(APPROVE), [
            {"id": "pmo_1", "digest": DIGEST, "requestId": request.request_ref}])
        self.assertEqual(self.stub.tokens(APPROVE), [OTHER_TOKEN])
        self.assertEqual((request.state, self.pmo.approval_count), ("done", 1))

    def test_prepared_approved_twice_and_released_it_is_at_the_bank(self):
        steps = [("action_approve", "approver", APPROVE, "AWAITING_APPROVAL"),
                 ("action_approve", "approver", APPROVE, "APPROVED"),
                 ("action_release", "releaser", RELEASE, "RELEASED")]
        for number, (action, name, method, state) in enumerate(steps, start=1):
            after = self.order(state=state, second=number)
            self.stub.answers[method] = self.told(after)
            self.decide(action, name)
            self.send()
            self.assertEqual(self.pmo.state, state.lower())
        self.order(state="SUBMITTED", second=9, submission="SUBMISSION_SENT")
        self.sync()
        self.assertEqual((self.pmo.state, self.pmo.submission), ("submitted", "sent"))
        self.assertIn("not settled", self.pmo.next_step)
        for method in (APPROVE, RELEASE):
            self.assert_never_by_the_service(method)

    def test_what_changed_on_the_screen_is_not_decided_unseen(self):
        for action, name in (("action_approve", "approver"), ("action_release", "releaser")):
            with self.subTest(action), self.assertRaisesRegex(UserError, "not as it was when you"):
                self.decide(action, name, kontor_seen_digest="another")

    def test_what_changed_while_the_dialog_was_open_is_not_decided_unseen(self):
        env = self.with_token("approver")
        opened = self.pmo.with_env(env).action_approve()
        dialog = env["kontor.decision"].with_context(**opened["context"]).create({})
        self.assertEqual(dialog.digest, DIGEST)
        self.order(second=5, digest="e" * 64)
        self.sync()
        with self.assertRaisesRegex(UserError, "not as it was when you opened it"):
            dialog.action_confirm()
        self.assertFalse(self.env["kontor.request"].search([]))

    def test_a_stale_digest_that_kontor_finds_is_told_in_words(self):
        self.stub.answers[APPROVE] = error("failed_precondition", "APPROVAL_VOID", "digest")
        request = self.decide("action_approve", "approver")
        self.send()
        self.assertEqual(request.state, "refused")
        self.assertIn("not as it was when you saw it", self.pmo.refused_request)

    def test_refusals_are_told_in_words_a_finance_person_understands(self):
        cases = [
            ("permission_denied", "DUTIES_NOT_SEPARATE", "Another person must do this"),
            ("permission_denied", "PERMISSION_DENIED", "Approver has no role at kontor"),
            ("permission_denied", "PERSON_REQUIRED", "is a program's"),
            ("failed_precondition", "STATE_CONFLICT", "has moved on meanwhile"),
            ("failed_precondition", "BILL_CHANGED", "A bill is not as it was"),
            ("failed_precondition", "BENEFICIARY_CHANGED", "account is not the one that you saw"),
            ("failed_precondition", "CHANNEL_PAUSED", "The way to the bank is paused"),
        ]
        for code, reason, words in cases:
            with self.subTest(reason=reason):
                self.stub.answers[APPROVE] = error(code, reason, "kontor's own words")
                self.decide("action_approve", "approver")
                self.send()
                self.assertIn(words, self.pmo.refused_request)

    def test_each_role_asks_for_what_is_its_own(self):
        account = self.env["kontor.beneficiary"].search([])
        for name, allowed in VERBS_OF.items():
            env = self.with_token(name)
            for verb in EVERY_VERB:
                target = (account if verb.endswith("_account") else self.pmo).with_env(env)
                with self.subTest(name=name, verb=verb):
                    if verb in allowed:
                        env["kontor.request"]._enqueue(verb, target, "why").sudo().unlink()
                    else:
                        with self.assertRaises(AccessError):
                            env["kontor.request"]._enqueue(verb, target, "why")

    def test_without_a_token_of_one_s_own_nothing_is_asked(self):
        for action, name in (("action_approve", "approver"), ("action_release", "releaser"),
                             ("action_cancel", "preparer"), ("action_hold", "approver")):
            with self.subTest(action), self.assertRaises(RedirectWarning):
                getattr(self.pmo.with_user(self.people[name]), action)()

    def test_a_repeated_click_is_told_so(self):
        self.decide("action_approve", "approver")
        with self.assertRaisesRegex(UserError, "Approve was requested by Approver"):
            self.decide("action_approve", "approver")
        self.assertEqual(self.env["kontor.request"].search_count([]), 1)

    def test_kontor_down_waits_and_goes_out_later_under_the_same_id(self):
        request = self.decide("action_approve", "approver")
        url = self.backend.url
        self.backend.url = "http://127.0.0.1:9"
        self.send()
        self.assertEqual(request.state, "waiting")
        self.assertIn("refuses the connection", self.pmo.waiting_request)
        self.backend.url = url
        self.stub.answers[APPROVE] = self.told(self.wire)
        self.send()
        self.assertEqual(request.state, "done")
        self.assertEqual(self.stub.asked(APPROVE)[0]["requestId"], request.request_ref)

    def test_a_lost_answer_is_asked_for_again_and_never_a_second_decision(self):
        request = self.decide("action_release", "releaser")
        self.stub.mode = "cut"
        self.send()
        self.stub.mode = "up"
        self.assertTrue(request.maybe_done)
        self.stub.answers[RELEASE] = self.told(self.wire)
        self.send()
        self.assertEqual(request.state, "done")
        self.assertEqual(len({found["requestId"] for found in self.stub.asked(RELEASE)}), 1)

    def test_a_lost_answer_that_is_refused_afterwards_was_not_done(self):
        request = self.decide("action_release", "releaser")
        self.stub.mode = "cut"
        self.send()
        self.stub.mode = "up"
        self.stub.answers[RELEASE] = error("failed_precondition", "STATE_CONFLICT", "CANCELLED")
        self.send()
        self.assertEqual(request.state, "refused")

    def test_hold_cancel_and_the_rest_say_why(self):
        table = [("hold", "preparer", "HoldPaymentOrder"),
                 ("unhold", "releaser", "UnholdPaymentOrder"),
                 ("cancel", "preparer", "CancelPaymentOrder"),
                 ("revoke", "approver", "RevokePaymentOrderApproval")]
        for verb, name, method in table:
            with self.subTest(verb):
                self.stub.answers[SERVICE + method] = self.told(self.wire)
                env, action = self.with_token(name), f"action_{verb}"
                with self.assertRaisesRegex(UserError, "Say why"):
                    env["kontor.request"]._enqueue(f"{verb}_order", self.pmo.with_env(env), " ")
                request = self.decide(action, name, reason="it is wrong")
                self.send()
                self.assertEqual(self.stub.asked(SERVICE + method), [{
                    "id": "pmo_1", "reason": "it is wrong", "requestId": request.request_ref}])

    def test_what_the_bank_says_is_passed_on(self):
        method = SERVICE + "ResolvePaymentOrderSubmission"
        self.stub.answers[method] = self.told(self.wire)
        for action, outcome in (("action_submission_sent", "OUTCOME_SENT"),
                                ("action_submission_not_sent", "OUTCOME_NOT_SENT")):
            self.decide(action, "releaser", reason="asked Ms Kern")
            self.send()
            self.assertEqual(self.stub.asked(method)[-1]["outcome"], outcome)

    def test_an_account_is_confirmed_as_it_was_compared(self):
        method = "BeneficiaryService/ConfirmBeneficiary"
        account = self.env["kontor.beneficiary"].search([])
        env = self.with_token("approver", OTHER_TOKEN)
        opened = account.with_env(env).action_confirm_account()
        form = Form(env["kontor.decision"].with_context(**opened["context"]))
        form.reason = "called the vendor"
        form.save().action_confirm()
        self.account(state="CONFIRMED", confirmedBy="adam")
        self.stub.answers[method] = {"beneficiary": dict(
            self.accounts["bnf_1"], accountNumber="DE75512108001245126199")}
        self.send()
        self.assertEqual(self.stub.asked(method)[0]["digest"], "b" * 64)
        self.assertEqual(self.stub.tokens(method), [OTHER_TOKEN])
        self.assertEqual((account.state, account.account_number), ("confirmed", "…6199"))

    def test_another_company_s_order_is_not_decided(self):
        other = self.env["res.company"].create({"name": "Other"})
        user = self.people["approver"]
        env = self.with_token("approver")
        user.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        with self.assertRaises(AccessError):
            env["kontor.request"]._enqueue("approve_order", self.pmo.sudo(), "")
        with self.assertRaises(AccessError):
            self.pmo.with_env(env).action_approve()
