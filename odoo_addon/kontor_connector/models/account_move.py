# SPDX-License-Identifier: LGPL-3.0-or-later
"""Invoices, bills, credit notes and entries: what of their changes matters outside."""

from odoo import models

from ..compat import MAJOR
from .kontor_operation_link import MODULE
from .kontor_snapshot import PAYMENT_OF_MOVE
from .kontor_watched import same

STATE_KINDS = {"posted": "move.posted", "draft": "move.reset", "cancel": "move.cancelled"}
# On 17 a payment is a move, and what happens to it happens there.
PAYMENT_STATE_KINDS = {
    "posted": "payment.posted",
    "draft": "payment.reset",
    "cancel": "payment.cancelled",
}
# What a posted document says that people may still edit.
EDITS = (
    "amount_total",
    "date",
    "invoice_date",
    "invoice_date_due",
    "journal_id",
    "partner_id",
    "payment_reference",
    "ref",
)


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "kontor.watched"]

    _kontor_columns = ("state", "payment_state", "amount_residual", *EDITS) + (
        ("is_move_sent",) if MAJOR < 18 else ()
    )
    _kontor_old_columns = ("company_id", "reversed_entry_id", PAYMENT_OF_MOVE)

    def _kontor_kinds(self, old, new):
        company_id, move_id = old["company_id"], old["id"]
        happened = []
        if new["state"] != old["state"]:
            happened.append((self._name, move_id, company_id, STATE_KINDS[new["state"]]))
            if new["state"] == "posted" and old["reversed_entry_id"]:
                happened.append(
                    (self._name, old["reversed_entry_id"], company_id, "move.reversed")
                )
        elif new["state"] == "posted" and not all(same(old[name], new[name]) for name in EDITS):
            happened.append((self._name, move_id, company_id, "move.changed"))
        if self._kontor_payment_changed(old, new):
            happened.append((self._name, move_id, company_id, "move.payment_state_changed"))
        if MAJOR < 18 and old[PAYMENT_OF_MOVE]:
            happened += self._kontor_payment_kinds(old, new)
        return happened

    @staticmethod
    def _kontor_payment_changed(old, new):
        """Whether what is paid changed on a posted move. Posting sets both; that is no news."""
        if new["state"] != "posted":
            return False
        state_changed = new["payment_state"] != old["payment_state"]
        if old["state"] != "posted":
            return state_changed and new["payment_state"] not in (None, False, "not_paid")
        return state_changed or not same(new["amount_residual"], old["amount_residual"])

    @staticmethod
    def _kontor_payment_kinds(old, new):
        payment = ("account.payment", old[PAYMENT_OF_MOVE], old["company_id"])
        if new["state"] != old["state"]:
            yield (*payment, PAYMENT_STATE_KINDS[new["state"]])
        elif new["state"] == "posted" and not all(same(old[name], new[name]) for name in EDITS):
            yield (*payment, "payment.changed")
        if new["is_move_sent"] and not old["is_move_sent"]:
            yield (*payment, "payment.sent")

    def unlink(self):
        """Tells of documents that kontor made, or that were posted once, when they go."""
        if self.ids:
            self.env.cr.execute(
                """
                SELECT m.id, m.company_id FROM account_move m
                 WHERE m.id = ANY(%s) AND (m.posted_before OR EXISTS (
                       SELECT 1 FROM ir_model_data d
                        WHERE d.module = %s AND d.model = 'account.move' AND d.res_id = m.id))
                """,
                [self.ids, MODULE],
            )
            gone = self.env.cr.fetchall()
        else:
            gone = []
        payments = self._kontor_payments_that_go()
        done = super().unlink()
        for move_id, company_id in gone:
            self._kontor_collect("account.move", move_id, company_id, "move.deleted")
        for payment_id, company_id in payments:
            self._kontor_collect("account.payment", payment_id, company_id, "payment.deleted")
        return done

    def _kontor_payments_that_go(self):
        """On 17 the database deletes a payment with its entry, past `unlink` of the payment."""
        if MAJOR >= 18 or not self.ids:
            return []
        self.env.cr.execute(
            """
            SELECT p.id, m.company_id FROM account_payment p
              JOIN account_move m ON m.id = p.move_id WHERE m.id = ANY(%s)
            """,
            [self.ids],
        )
        return self.env.cr.fetchall()

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Makes no customer a follower of what kontor creates: followers are mailed.

        On 17 and 18 posting subscribes the customer; 19 does not.
        """
        if self.env.context.get("kontor_apply"):
            return True
        return super().message_subscribe(partner_ids=partner_ids, subtype_ids=subtype_ids)
