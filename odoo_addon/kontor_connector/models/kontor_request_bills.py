# SPDX-License-Identifier: LGPL-3.0-or-later
"""Requests about payment orders: bills that shall be paid, and what becomes of the answers."""
import hashlib
import logging

from odoo import _, api, fields, models
from odoo.exceptions import UserError

from .kontor_client import KontorError

_logger = logging.getLogger(__name__)


class KontorRequest(models.Model):
    _inherit = "kontor.request"

    move_ids = fields.Many2many(
        "account.move", string="Bills", readonly=True, relation="kontor_request_move_rel",
        groups="account.group_account_invoice,account.group_account_readonly")
    # A bill may be deleted, and the request must tell of it all the same.
    bill_names = fields.Char(string="Bills to pay", readonly=True)

    @api.model
    def _enqueue_bills(self, mapping, moves, body):
        """Asks for a payment order of these bills. UserError when one of them is asked for already.

        `mapping` says which entity of kontor's pays.
        """
        self._check_asker("prepare_order", mapping)
        self._check_credential()
        twin = self.sudo().search([
            ("backend_id", "=", mapping.backend_id.id), ("verb", "=", "prepare_order"),
            ("state", "=", "waiting"), ("move_ids", "in", moves.ids)], limit=1)
        if twin:
            raise UserError(_("%(told)s Its bills: %(bills)s.", told=twin._told(),
                              bills=twin.bill_names))
        moves = moves.sorted("id")
        # The same bills once more are the same wish: the index on what waits keeps the second out.
        names = hashlib.sha256(",".join(map(str, moves.ids)).encode()).hexdigest()
        return self._make(
            "prepare_order", mapping, f"bills/{names[:32]}",
            dict(body, entity=mapping.entity,
                 bills=[{"odooMoveId": str(move.id)} for move in moves]),
            move_ids=[(6, 0, moves.ids)], bill_names=", ".join(moves.mapped("name")))

    def _take_order_answer(self, answer):
        """Reads the order or account that was decided about again, with the addon's own token.

        The answer itself is the person's: it may show names and account numbers that others here
        may not see.
        """
        order_ref = (answer.get("order") or {}).get("id")
        beneficiary_ref = (answer.get("beneficiary") or {}).get("id")
        if not order_ref and not beneficiary_ref:
            return
        if order_ref and not self.order_id:
            self.target_ref = order_ref
        try:
            self.backend_id._refresh(
                order_ids=[order_ref] if order_ref else (),
                beneficiary_ids=[beneficiary_ref] if beneficiary_ref else ())
        except KontorError as error:  # the next reading shows it
            _logger.info("request %s to kontor: its order was not read: %s", self.id, error.kind)
