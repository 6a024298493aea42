# SPDX-License-Identifier: LGPL-3.0-or-later
"""What kontor is told of an expense."""

from odoo import models

from odoo.addons.kontor_connector.models.kontor_snapshot import amount_text, date_text


class KontorSnapshot(models.AbstractModel):
    _inherit = "kontor.snapshot"

    def _of_hr_expense(self, expenses):
        return {
            expense.id: {
                "name": expense.name or "",
                "state": expense.state or "",
                "move_type": "expense",
                "date": date_text(expense.date),
                "currency": expense.currency_id.name or "",
                "total": amount_text(expense.total_amount_currency, expense.currency_id),
                "tax": amount_text(expense.tax_amount_currency, expense.currency_id),
                "company_currency": expense.company_currency_id.name or "",
                "company_total": amount_text(expense.total_amount, expense.company_currency_id),
                "company_id": expense.company_id.id,
                "partner_name": expense.employee_id.name or "",
                "move_id": self._entry_id(expense) or 0,
            }
            for expense in expenses
        }

    @staticmethod
    def _entry_id(expense):
        """The entry stands on the expense on 19; before, on a report that kontor does not see."""
        return expense.account_move_id.id if "account_move_id" in expense._fields else 0
