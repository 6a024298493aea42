# SPDX-License-Identifier: LGPL-3.0-or-later
"""Requests about payment orders: bills that shall be paid, payments that shall be sent, and what
becomes of the answers."""
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
    payment_ids = fields.Many2many(
        "account.payment", string="Payments", readonly=True,
        relation="kontor_request_payment_rel",
        groups="account.group_account_invoice,account.group_account_readonly")
    # A bill or payment may be deleted, and the request must tell of it all the same.
    bill_names = fields.Char(string="Bills or payments", readonly=True)

    @api.model
    def _enqueue_order(self, mapping, records, body):
        """Asks for a payment order of these bills (account.move), or of these payments that stand
        in Odoo already (account.payment). UserError when one of them is asked for already.

        `mapping` says which entity of kontor's pays.
        """
        bills = records._name == "account.move"
        field = "move_ids" if bills else "payment_ids"
        self._check_asker("prepare_order", mapping)
        self._check_credential()
        twin = self.sudo().search([
            ("backend_id", "=", mapping.backend_id.id), ("verb", "=", "prepare_order"),
            ("state", "=", "waiting"), (field, "in", records.ids)], limit=1)
        if twin:
            raise UserError(_("%(told)s It is about: %(bills)s.", told=twin._told(),
                              bills=twin.bill_names))
        records = records.sorted("id")
        # The same ones once more are the same wish: the index on what waits keeps the second out.
        names = hashlib.sha256(",".join(map(str, records.ids)).encode()).hexdigest()
        asked = ({"bills": [{"odooMoveId": str(ident)} for ident in records.ids]} if bills
                 else {"odooPaymentIds": [str(ident) for ident in records.ids]})
        return self._make(
            "prepare_order", mapping, f"{'bills' if bills else 'payments'}/{names[:32]}",
            dict(body, entity=mapping.entity, **asked),
            bill_names=", ".join(record.name or "" for record in records),
            **{field: [(6, 0, records.ids)]})

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
