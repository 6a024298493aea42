# SPDX-License-Identifier: LGPL-3.0-or-later
"""Joining a payment's or statement line's entry with what it pays. Repeatable."""

from odoo import _, models

from . import kontor_refusal as why
from .kontor_refusal import BatchRefused, Refusal
from .kontor_snapshot import PERSONAL


class KontorOperation(models.Model):
    _inherit = "kontor.operation"

    def _reconcile_moves(self, items):
        """Items of kind reconciliation: payment_move_id with move_id."""
        for item in items:
            item.record = self._move(item.values.get("move_id") or 0)
            payment = self._move(item.values.get("payment_move_id") or 0)
            if not item.record or not payment:
                name = "payment_move_id" if item.record else "move_id"
                raise BatchRefused(
                    {item.key: Refusal(why.VALUE_INVALID, f"values.{name}",
                                       _("It is no id of a record."))}
                )
            self._reconcile(item.key, payment, item.record)

    def _reconcile(self, key, payment, move):
        """Reconciles the payment's open line with the move's open lines on the same account.

        Nothing is done when they are joined already. Errors: BatchRefused.
        """
        if move.state != "posted":
            raise self._no(key, why.INVOICE_NOT_POSTED, _("The document to pay is not posted."))
        paying, owed = self._personal_lines(payment), self._personal_lines(move)
        if self._are_joined(paying, owed):
            return
        owed = owed.filtered(lambda line: not line.reconciled)
        if not owed:
            raise self._no(key, why.NOTHING_TO_PAY, _("Nothing is left to pay on it."))
        paying = paying.filtered(
            lambda line: not line.reconciled and line.account_id in owed.account_id
        )[:1]
        if not paying:
            raise self._no(
                key,
                why.ODOO_REFUSED,
                _("The payment has nothing open on the account of the document."),
            )
        (paying + owed.filtered(lambda line: line.account_id == paying.account_id)).reconcile()
        if not self._are_joined(paying, owed):
            raise self._no(key, why.ODOO_REFUSED, _("Odoo did not join payment and document."))

    @staticmethod
    def _no(key, reason, message):
        return BatchRefused({key: Refusal(reason, "reconcile_with", message)})

    @staticmethod
    def _personal_lines(move):
        return move.line_ids.filtered(lambda line: line.account_id.account_type in PERSONAL)

    @staticmethod
    def _are_joined(some, others):
        partials = some.matched_debit_ids | some.matched_credit_ids
        return bool(partials & (others.matched_debit_ids | others.matched_credit_ids))
