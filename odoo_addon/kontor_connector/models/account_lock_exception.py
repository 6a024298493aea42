# SPDX-License-Identifier: LGPL-3.0-or-later
"""Exceptions from lock dates, which 18 and 19 have: they move a lock date for somebody."""

from odoo import api, models

from .res_company import KIND


class AccountLockException(models.Model):
    _name = "account.lock_exception"
    _inherit = ["account.lock_exception", "kontor.watched"]

    _kontor_columns = ("active",)
    _kontor_old_columns = ("company_id",)

    def _kontor_kinds(self, old, new):
        if bool(new["active"]) == bool(old["active"]):
            return []
        return [("res.company", old["company_id"], old["company_id"], KIND)]

    @api.model_create_multi
    def create(self, vals_list):
        exceptions = super().create(vals_list)
        for exception in exceptions:
            company_id = exception.company_id.id
            self._kontor_collect("res.company", company_id, company_id, KIND)
        return exceptions
