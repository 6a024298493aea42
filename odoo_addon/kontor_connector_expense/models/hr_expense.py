# SPDX-License-Identifier: LGPL-3.0-or-later
"""Expenses: their approval matters outside. On 17 and 18 it is given to their report."""

from odoo import models


class HrExpense(models.Model):
    _name = "hr.expense"
    _inherit = ["hr.expense", "kontor.watched"]

    _kontor_columns = ("state",)
    _kontor_old_columns = ("company_id",)

    def _kontor_kinds(self, old, new):
        if new["state"] == "approved" and old["state"] != "approved":
            return [(self._name, old["id"], old["company_id"], "expense.approved")]
        return []
