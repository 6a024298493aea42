# SPDX-License-Identifier: LGPL-3.0-or-later
"""Payments: what of their changes matters outside."""

from odoo import api, models

from ..compat import MAJOR
from .kontor_watched import same

STATE_KINDS = {
    "in_process": "payment.posted",
    "paid": "payment.posted",
    "draft": "payment.reset",
    "canceled": "payment.cancelled",
    "rejected": "payment.rejected",
}
# What a payment says that people may still edit; on 17 it stands on the move.
EDITS = ("amount", "date", "journal_id", "memo", "partner_id")


class AccountPayment(models.Model):
    _name = "account.payment"
    _inherit = ["account.payment", "kontor.watched"]

    # On 17 state and sending are the move's, see account_move.py.
    _kontor_columns = (
        ("is_reconciled",) if MAJOR < 18 else ("state", "is_reconciled", "is_sent", *EDITS)
    )
    _kontor_old_columns = () if MAJOR < 18 else ("company_id",)

    def _kontor_old_rows(self, ids):
        rows = super()._kontor_old_rows(ids)
        if MAJOR < 18:
            self.env.cr.execute(
                """
                SELECT p.id, m.company_id FROM account_payment p
                  JOIN account_move m ON m.id = p.move_id WHERE p.id = ANY(%s)
                """,
                [ids],
            )
            companies = dict(self.env.cr.fetchall())
            for row in rows:
                row["company_id"] = companies.get(row["id"])
        return rows

    def _kontor_kinds(self, old, new):
        payment = (self._name, old["id"], old["company_id"])
        happened = []
        state, was = new.get("state"), old.get("state")
        if state != was and state in STATE_KINDS:
            # From in process to paid it is not posted again: it is seen at the bank.
            moved_on = state == "paid" and was == "in_process"
            happened.append(
                (*payment, "payment.reconciled" if moved_on else STATE_KINDS[state])
            )
        elif MAJOR >= 18 and state not in (None, "draft"):
            if not all(same(old[name], new[name]) for name in EDITS):
                happened.append((*payment, "payment.changed"))
        if bool(new["is_reconciled"]) != bool(old["is_reconciled"]):
            happened.append((*payment, "payment.reconciled"))
        if new.get("is_sent") and not old.get("is_sent"):
            happened.append((*payment, "payment.sent"))
        return happened

    @api.model_create_multi
    def create(self, vals_list):
        payments = super().create(vals_list)
        for payment in payments:
            self._kontor_collect(
                self._name, payment.id, payment.company_id.id, "payment.created"
            )
        return payments

    def unlink(self):
        gone = [(payment.id, payment.company_id.id) for payment in self]
        done = super().unlink()
        for payment_id, company_id in gone:
            self._kontor_collect(self._name, payment_id, company_id, "payment.deleted")
        return done
