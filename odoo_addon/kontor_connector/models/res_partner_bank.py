# SPDX-License-Identifier: LGPL-3.0-or-later
"""Bank accounts of partners: who changes one may redirect money, so kontor hears of it."""

from odoo import api, models

from .kontor_watched import same

KIND = "partner_bank.changed"


class ResPartnerBank(models.Model):
    _name = "res.partner.bank"
    _inherit = ["res.partner.bank", "kontor.watched"]

    _kontor_columns = (
        "acc_holder_name",
        "acc_number",
        "active",
        "allow_out_payment",
        "bank_id",
        "currency_id",
        "partner_id",
    )
    _kontor_old_columns = ("company_id",)

    def _kontor_kinds(self, old, new):
        if not all(same(old[name], new[name]) for name in self._kontor_columns):
            return [(self._name, old["id"], old["company_id"], KIND)]
        return []

    @api.model_create_multi
    def create(self, vals_list):
        banks = super().create(vals_list)
        for bank in banks:
            self._kontor_collect(self._name, bank.id, bank.company_id.id, KIND)
        return banks

    def unlink(self):
        gone = [(bank.id, bank.company_id.id) for bank in self]
        done = super().unlink()
        for bank_id, company_id in gone:
            self._kontor_collect(self._name, bank_id, company_id, KIND)
        return done
