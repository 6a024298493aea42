# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo.tests import tagged

from ..compat import MAJOR
from .common import KontorCase


@tagged("post_install", "-at_install")
class TestApplyOthers(KontorCase):
    """Payments, partners, statement lines and reconciliations."""

    def owed(self, key="inv", price="100.00"):
        """A posted invoice of kontor's; answers the move."""
        (result,) = self.apply("move", self.invoice(key, price=price))
        return self.env["account.move"].browse(result["record"]["id"])

    def payment(self, key, amount="100.00", **more):
        """An item that receives a payment."""
        values = {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": self.partner.id,
            "amount": amount,
            "currency_id": self.eur.id,
            "date": "2026-02-10",
            "journal_id": self.bank.id,
            ("memo" if MAJOR >= 18 else "ref"): "Thanks",
            **more.pop("values", {}),
        }
        return self.item(key, values, **more)

    def statement_line(self, key, **more):
        """An item that books a statement line."""
        values = {
            "journal_id": self.bank.id,
            "date": "2026-02-11",
            "amount": "100.00",
            "payment_ref": "INV paid",
            "partner_id": self.partner.id,
            **more.pop("values", {}),
        }
        return self.item(key, values, **more)

    def test_a_payment_is_posted_and_pays_the_invoice(self):
        move = self.owed()
        item = self.payment("p", reconcile_with=[{"move_id": move.id}],
                            expect={"total": "100.00", "date": "2026-02-10"})
        (result,) = self.apply("payment", item)
        self.assertEqual(result["status"], "applied", result)
        record = result["record"]
        self.assertEqual(
            (record["model"], record["total"], record["residual"], record["payment_state"],
             record["ref"], record["date"]),
            ("account.payment", "100.00", "0.00", "paid", "Thanks", "2026-02-10"),
        )
        self.assertTrue(record["move_id"])
        self.assertIn(move.payment_state, ("paid", "in_payment"))
        self.assertEqual(self.env.ref("kontor.k1_test_p").id, record["id"])

    def test_a_partial_payment_leaves_the_rest(self):
        move = self.owed()
        (result,) = self.apply(
            "payment", self.payment("p", "40.00", reconcile_with=[{"move_id": move.id}])
        )
        self.assertEqual(result["status"], "applied", result)
        self.assertEqual((move.amount_residual, move.payment_state), (60, "partial"))

    def test_one_payment_pays_two_invoices(self):
        first, second = self.owed("i1", "30.00"), self.owed("i2", "70.00")
        (result,) = self.apply(
            "payment",
            self.payment("p", reconcile_with=[{"move_id": first.id}, {"move_id": second.id}]),
        )
        self.assertEqual(result["record"]["residual"], "0.00", result)
        self.assertEqual((first.amount_residual, second.amount_residual), (0, 0))

    def test_what_cannot_be_paid_is_refused_and_no_payment_stays(self):
        draft = self.apply("move", self.invoice("d"), post=False)[0]["record"]["id"]
        paid = self.owed("paid")
        self.apply("payment", self.payment("p0", reconcile_with=[{"move_id": paid.id}]))
        payments = self.env["account.payment"].search_count([])
        cases = [
            (draft, "INVOICE_NOT_POSTED", "reconcile_with"),
            (paid.id, "NOTHING_TO_PAY", "reconcile_with"),
            (2**31 - 1, "RECORD_NOT_FOUND", "reconcile_with[0].move_id"),
            ("x", "VALUE_INVALID", "reconcile_with[0].move_id"),
        ]
        for number, (move_id, reason, field) in enumerate(cases):
            with self.subTest(reason):
                item = self.payment(f"p{number + 1}", reconcile_with=[{"move_id": move_id}])
                self.refused(self.apply("payment", item)[0], reason, field)
        self.assertEqual(self.env["account.payment"].search_count([]), payments)

    def test_a_draft_payment_is_reconciled_when_it_is_posted(self):
        move = self.owed()
        item = self.payment("p", reconcile_with=[{"move_id": move.id}])
        (draft,) = self.apply("payment", item, post=False)
        self.assertEqual((draft["status"], draft["record"]["state"]), ("applied", "draft"), draft)
        (posted,) = self.apply("payment", item)
        self.assertEqual(posted["record"]["id"], draft["record"]["id"])
        self.assertEqual((posted["record"]["residual"], move.amount_residual), ("0.00", 0))

    def test_an_outgoing_payment_pays_a_bill(self):
        bill = self.invoice(
            "b",
            values={
                "move_type": "in_invoice", "journal_id": self.purchases.id, "ref": "R-1",
                "invoice_line_ids": [{"name": "Rope", "quantity": "1", "price_unit": "55.55",
                                      "account_id": self.cost.id, "tax_ids": []}],
            },
        )
        move_id = self.apply("move", bill)[0]["record"]["id"]
        (result,) = self.apply(
            "payment",
            self.payment("p", "55.55", reconcile_with=[{"move_id": move_id}],
                         values={"payment_type": "outbound", "partner_type": "supplier"}),
        )
        self.assertEqual((result["status"], result["record"]["residual"]), ("applied", "0.00"))

    def test_a_payment_and_an_invoice_are_reconciled_later_and_once(self):
        move = self.owed()
        (paid,) = self.apply("payment", self.payment("p"))
        item = self.item(
            "r", {"payment_move_id": paid["record"]["move_id"], "move_id": move.id}
        )
        (result,) = self.apply("reconciliation", item)
        self.assertEqual(
            (result["status"], result["record"]["id"], result["record"]["residual"]),
            ("applied", move.id, "0.00"),
        )
        self.assertTrue(self.apply("reconciliation", item)[0]["repeat"])
        other = self.item("r2", dict(item["values"]))
        self.assertEqual(self.apply("reconciliation", other)[0]["status"], "applied")
        self.refused(
            self.apply("reconciliation", self.item("r3", {"move_id": move.id}))[0],
            "VALUE_INVALID", "values.payment_move_id",
        )

    def test_a_statement_line_is_booked_against_its_counterpart_and_reconciled(self):
        move = self.owed()
        account = move.line_ids.account_id.filtered(
            lambda account: account.account_type == "asset_receivable"
        )
        (result,) = self.apply(
            "statement_line",
            self.statement_line("s", values={"counterpart_account_id": account.id},
                                reconcile_with=[{"move_id": move.id}]),
        )
        self.assertEqual(result["status"], "applied", result)
        record = result["record"]
        self.assertEqual(
            (record["model"], record["total"], record["state"], record["payment_state"]),
            ("account.bank.statement.line", "100.00", "posted", "paid"),
        )
        self.assertEqual(move.payment_state, "paid")
        self.assertEqual(self.env.ref("kontor.k1_test_s").id, record["id"])

    def test_an_unmatched_statement_line_waits_on_the_suspense_account(self):
        (result,) = self.apply("statement_line", self.statement_line("s"))
        self.assertEqual(
            (result["status"], result["record"]["payment_state"]), ("applied", "not_paid")
        )
        wrong = self.statement_line(
            "s2", values={"counterpart_account_id": self.income.id},
            reconcile_with=[{"move_id": self.owed().id}],
        )
        self.refused(self.apply("statement_line", wrong)[0], "ODOO_REFUSED", "reconcile_with")

    def test_a_partner_comes_with_bank_accounts_under_their_own_names(self):
        values = {
            "name": "Chandler & Sons", "ref": "C-9", "is_company": True, "email": "a@b.example",
            "country_id": self.env.ref("base.de").id, "lang": "en_US",
            "bank_ids": [
                {"key": "k1_test_p_b1", "acc_number": "DE89370400440532013000",
                 "acc_holder_name": "Chandler"},
            ],
        }
        (result,) = self.apply("partner", self.item("p", values))
        self.assertEqual(
            (result["status"], result["record"]["model"], result["record"]["name"]),
            ("applied", "res.partner", "Chandler & Sons"), result,
        )
        bank = self.env.ref("kontor.k1_test_p_b1")
        self.assertEqual(bank.partner_id.id, result["record"]["id"])
        self.assertFalse(bank.allow_out_payment)
        self.assertEqual(bank.create_uid, self.bot)

    def test_kontor_may_neither_trust_a_bank_account_nor_give_rights(self):
        cases = [
            ({"name": "x", "bank_ids": [{"acc_number": "1", "allow_out_payment": True}]},
             "values.bank_ids[0].allow_out_payment"),
            ({"name": "x", "user_ids": []}, "values.user_ids"),
            ({"name": "x", "credit_limit": "5"}, "values.credit_limit"),
        ]
        for number, (values, field) in enumerate(cases):
            with self.subTest(field):
                (result,) = self.apply("partner", self.item(f"p{number}", values))
                self.refused(result, "FIELD_NOT_ALLOWED", field)

    def test_the_memo_field_of_another_series_is_refused(self):
        wrong = "ref" if MAJOR >= 18 else "memo"
        (result,) = self.apply("payment", self.payment("p", values={wrong: "x"}))
        self.refused(result, "FIELD_NOT_ALLOWED", f"values.{wrong}")

    def test_digits_that_the_currency_does_not_have_are_refused(self):
        (result,) = self.apply("payment", self.payment("p", "10.005"))
        self.refused(result, "DIGITS_LOST", "values.amount")

    def test_analytic_shares_reach_the_line(self):
        plan = self.env["account.analytic.plan"].create({"name": "Berths"})
        account = self.env["account.analytic.account"].create(
            {"name": "Berth 1", "plan_id": plan.id, "company_id": self.company.id}
        )
        line = {"name": "x", "quantity": "1", "price_unit": "1.00", "account_id": self.income.id,
                "tax_ids": [], "analytic_distribution": {str(account.id): "100"}}
        (result,) = self.apply("move", self.invoice("a", values={"invoice_line_ids": [line]}))
        self.assertEqual(result["status"], "applied", result)
        move = self.env["account.move"].browse(result["record"]["id"])
        self.assertEqual(
            move.invoice_line_ids.analytic_distribution, {str(account.id): 100.0}
        )

    def test_a_mandatory_plan_is_asked_for(self):
        plan = self.env["account.analytic.plan"].create(
            {"name": "Must", "default_applicability": "mandatory"}
        )
        self.env["account.analytic.account"].create(
            {"name": "M1", "plan_id": plan.id, "company_id": self.company.id}
        )
        self.refused(self.apply("move", self.invoice("a"))[0], "ODOO_REFUSED")


@tagged("post_install", "-at_install")
class TestBotRights(KontorCase):
    """Least privilege: what kontor needs, and no more."""

    def test_the_bot_holds_no_administrators_group(self):
        for group in ("base.group_system", "base.group_erp_manager",
                      "account.group_account_manager", "account.group_validate_bank_account"):
            with self.subTest(group):
                self.assertFalse(self.bot.has_group(group))

    def test_the_rights_that_kontor_needs_without_the_addon_are_there(self):
        needs = [
            ("account.move", "create"), ("account.move", "write"), ("account.move", "unlink"),
            ("account.payment", "create"), ("account.payment", "write"),
            ("account.move.line", "write"), ("account.partial.reconcile", "create"),
            ("res.partner", "create"), ("res.partner.bank", "create"),
            ("ir.attachment", "create"), ("mail.activity", "create"),
            ("account.analytic.plan", "read"), ("account.analytic.account", "read"),
            ("account.tax", "read"), ("account.account", "read"), ("account.journal", "read"),
            ("account.payment.term", "read"), ("res.currency.rate", "read"),
            ("account.bank.statement.line", "create"), ("account.bank.statement.line", "write"),
        ]
        for model, operation in needs:
            with self.subTest(model, operation=operation):
                records = self.env[model].with_user(self.bot)
                if MAJOR >= 18:
                    self.assertTrue(records.has_access(operation))
                else:
                    self.assertTrue(records.check_access_rights(operation, False))

    def test_no_role_implies_another(self):
        roles = ["preparer", "approver", "releaser", "auditor", "manager"]
        groups = {
            role: self.env.ref(f"kontor_connector.group_kontor_{role}") for role in roles
        }
        reached = "all_implied_ids" if MAJOR >= 19 else "trans_implied_ids"
        for role, group in groups.items():
            others = {other for other in roles if other != role}
            implied = group[reached] - group
            self.assertFalse(implied & self.env["res.groups"].union(
                *[groups[other] for other in others]), role)

    def test_no_default_user_holds_two_of_the_duties(self):
        duties = [f"kontor_connector.group_kontor_{role}"
                  for role in ("preparer", "approver", "releaser")]
        for user in self.env["res.users"].with_context(active_test=False).search([]):
            self.assertLess(sum(user.has_group(duty) for duty in duties), 2, user.login)
