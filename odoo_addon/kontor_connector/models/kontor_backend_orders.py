# SPDX-License-Identifier: LGPL-3.0-or-later
"""The part of the reading job that is about payment orders."""
from odoo import models

from . import kontor_pull
from .kontor_client import API, KontorError


class KontorBackend(models.Model):
    _inherit = "kontor.backend"

    def _sync_orders(self, client, entities):
        """Orders change without an event too: by an approval, or when a bill was read again."""
        Order = self.env["kontor.payment.order"].sudo()
        orders = {row.order_ref: row.changed_ref for row in Order.search(
            [("backend_id", "=", self.id), ("is_open", "=", True)])}
        accounts = self.env["kontor.beneficiary"].sudo().search(
            [("backend_id", "=", self.id), ("state", "=", "unconfirmed")]).mapped("beneficiary_ref")
        self._release_locks()
        try:
            changes = kontor_pull.pull_orders(client, entities, orders, accounts)
        except KontorError as error:
            if error.kind == API and error.code == "unimplemented":
                return  # a kontord of before payment orders
            raise
        self.env["kontor.bank.account"].sudo()._take(self, changes.accounts.values())
        self._take(changes)

    def _take_orders(self, changes):
        """Accounts first, so that payments find theirs."""
        self.env["kontor.beneficiary"].sudo()._take(self, changes.beneficiaries.values())
        self.env["kontor.payment.order"].sudo()._take(self, changes.orders.values())
