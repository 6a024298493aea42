# SPDX-License-Identifier: LGPL-3.0-or-later
"""Expenses as a kind of operation.

They are created as drafts for their employee, whatever `post` says: submitting is the employee's,
approving the manager's act, and kontor's user holds neither right.
"""

from odoo import api, models

from odoo.addons.kontor_connector.models.kontor_operation_kinds import Kind

EXPENSE = Kind(
    "hr.expense",
    frozenset(
        {
            "account_id",
            "analytic_distribution",
            "currency_id",
            "date",
            "description",
            "employee_id",
            "name",
            "payment_mode",
            "product_id",
            "quantity",
            "tax_ids",
            "total_amount_currency",
        }
    ),
)


class KontorOperation(models.Model):
    _inherit = "kontor.operation"

    @api.model
    def _kinds(self):
        return {**super()._kinds(), "expense": EXPENSE}
