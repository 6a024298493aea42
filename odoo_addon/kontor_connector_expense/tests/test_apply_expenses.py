# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo.tests import tagged

from odoo.addons.kontor_connector.tests.common import KontorCase


@tagged("post_install", "-at_install")
class TestApplyExpenses(KontorCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = cls.env["hr.employee"].create(
            {"name": "Ferry Man", "company_id": cls.company.id, "user_id": False}
        )
        cls.category = cls.env["product.product"].create(
            {"name": "Crossings", "can_be_expensed": True, "standard_price": 0,
             "supplier_taxes_id": [(6, 0, [])]}
        )

    def expense(self, key, total="12.50", **more):
        """An item that brings an employee's expense."""
        values = {
            "name": "Ferry",
            "employee_id": self.employee.id,
            "product_id": self.category.id,
            "date": "2026-01-20",
            "total_amount_currency": total,
            "currency_id": self.eur.id,
            "tax_ids": [],
            "payment_mode": "own_account",
            **more.pop("values", {}),
        }
        return self.item(key, values, **more)

    def test_an_expense_is_created_once_as_a_draft_whatever_post_says(self):
        item = self.expense("e", expect={"total": "12.50", "date": "2026-01-20"})
        (result,) = self.apply("expense", item)
        self.assertEqual(result["status"], "applied", result)
        record = result["record"]
        self.assertEqual(
            (record["model"], record["total"], record["partner_name"], record["state"]),
            ("hr.expense", "12.50", "Ferry Man", "draft"),
        )
        expense = self.env["hr.expense"].browse(record["id"])
        self.assertEqual((expense.create_uid, expense.employee_id), (self.bot, self.employee))
        self.assertEqual(self.env.ref("kontor.k1_test_e"), expense)
        self.assertTrue(self.apply("expense", item)[0]["repeat"])

    def test_what_differs_or_is_not_allowed_is_refused(self):
        cases = [
            (self.expense("a", expect={"total": "99.00"}), "AMOUNT_DIFFERS", "expect.total"),
            (self.expense("b", values={"state": "approved"}), "FIELD_NOT_ALLOWED", "values.state"),
            (self.expense("c", values={"employee_id": 2**31 - 1}), "RECORD_NOT_FOUND",
             "values.employee_id"),
            (self.expense("d", total="1.005"), "DIGITS_LOST", "values.total_amount_currency"),
        ]
        for item, reason, field in cases:
            with self.subTest(reason):
                self.refused(self.apply("expense", item)[0], reason, field)
        self.assertFalse(self.env["hr.expense"].search([("employee_id", "=", self.employee.id)]))

    def test_a_persons_approval_is_told(self):
        (result,) = self.apply("expense", self.expense("e"))
        expense = self.env["hr.expense"].browse(result["record"]["id"])
        self.assertFalse(self.events_of(expense))
        if "sheet_id" in expense._fields:
            expense.action_submit_expenses()
            expense.sheet_id.action_submit_sheet()
            expense.sheet_id.action_approve_expense_sheets()
        else:
            expense.action_submit()
            if expense.state != "approved":
                expense.action_approve()
        self.assertEqual(expense.state, "approved")
        self.assertEqual(self.events_of(expense).mapped("kinds"), ["expense.approved"])
        (event,) = [event for event in self.event.pull(self.company.id, 100, 0)
                    if event["model"] == "hr.expense"]
        self.assertEqual(
            (event["snapshot"]["state"], event["snapshot"]["external_id"]),
            ("approved", "k1_test_e"),
        )

    def test_the_bot_may_neither_approve_nor_delete(self):
        for group in ("hr_expense.group_hr_expense_team_approver",
                      "hr_expense.group_hr_expense_manager", "hr.group_hr_user"):
            self.assertFalse(self.bot.has_group(group), group)
