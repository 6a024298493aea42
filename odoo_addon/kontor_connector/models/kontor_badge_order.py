# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models
from odoo.exceptions import UserError

from .kontor_payment_order import ORDER_STATES
from .kontor_payment_order_line import LINE_STATES, UNDER_WAY
from .kontor_series import values_of


class KontorBadgeMixin(models.AbstractModel):
    """The payment order that pays a bill, or that a payment stands for. Nothing of it is stored."""

    _inherit = "kontor.badge.mixin"

    kontor_order_line_id = fields.Many2one(
        "kontor.payment.order.line", compute="_compute_kontor_order")
    kontor_order_id = fields.Many2one(
        "kontor.payment.order", string="Payment order", compute="_compute_kontor_order")
    kontor_order_state = fields.Selection(
        ORDER_STATES, string="Payment order state", compute="_compute_kontor_order",
        search="_search_kontor_order_state")
    kontor_pay_state = fields.Selection(
        LINE_STATES, string="Payment at the bank", compute="_compute_kontor_order")
    kontor_pay_reasons = fields.Char(string="The bank's reasons", compute="_compute_kontor_order")
    kontor_end_to_end_ref = fields.Char(string="EndToEndId", compute="_compute_kontor_order")
    kontor_may_pay = fields.Boolean(compute="_compute_kontor_may_pay")
    kontor_pay_request = fields.Char(compute="_compute_kontor_pay_request")

    # Field of a request that says what an order is asked of.
    _kontor_request_field = "move_ids"

    def _kontor_is_payable(self):
        """Whether an order may be asked of it, as far as can be seen here."""
        return False

    def _compute_kontor_may_pay(self):
        for record in self:
            record.kontor_may_pay = (
                record._kontor_is_payable() and bool(self.env["kontor.backend"]._for_company(
                    record.company_id)) and record.kontor_pay_state not in UNDER_WAY)

    def _compute_kontor_pay_request(self):
        Request = self.env["kontor.request"]
        may_read = self.env["kontor.mirror.document"]._may_read()
        for record in self:
            last = may_read and Request.sudo().search(
                [("verb", "=", "prepare_order"),
                 (self._kontor_request_field, "in", record._origin.ids)],
                order="id desc", limit=1)
            told = bool(last) and (last.state == "waiting" or (
                last.state == "refused" and record.kontor_pay_state not in UNDER_WAY))
            record.kontor_pay_request = last._told() if told else False

    def action_kontor_pay(self):
        """Opens the dialog that asks kontor to pay these bills, or to send these payments."""
        self.env["kontor.request"]._check_credential()
        return {
            "type": "ir.actions.act_window", "name": _("Pay through kontor"),
            "res_model": "kontor.payment.prepare", "view_mode": "form", "target": "new",
            "context": {"active_model": self._name, "active_ids": self.ids}}

    def _kontor_order_lines(self):
        """{id: its latest payment at kontor} of these records, as the user may see them."""
        return {}

    def _compute_kontor_order(self):
        found = {}
        if self._origin.ids and self.env["kontor.mirror.document"]._may_read():
            found = self._origin._kontor_order_lines()
        for record in self:
            line = found.get(record._origin.id)
            record.kontor_order_line_id = line
            record.kontor_order_id = line.order_id if line else False
            record.kontor_order_state = line.order_id.state if line else False
            record.kontor_pay_state = line.state if line else False
            record.kontor_pay_reasons = line.status_reasons if line else False
            record.kontor_end_to_end_ref = line.end_to_end_ref if line else False

    @api.model
    def _search_kontor_order_state(self, operator, value):
        """Bills by the state of an order that pays them; "not set" finds those in none."""
        if self._name != "account.move":
            raise UserError(_("Only bills are searched for by their payment order."))
        values = values_of(value)
        negative = operator in ("!=", "not in")
        states = [state for state in values if state]
        Line = self.env["kontor.payment.order.line"]
        wanted = set(Line.search([("order_id.state", "in", states)]).sudo().move_ids.ids)
        if len(states) != len(values):
            in_orders = set(Line.search([("bill_names", "!=", False)]).sudo().move_ids.ids)
            return [("id", "in" if negative else "not in", list(in_orders - wanted))]
        return [("id", "not in" if negative else "in", list(wanted))]

    def action_kontor_order(self):
        """Opens the payment order."""
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "kontor.payment.order",
                "name": _("Payment order"), "res_id": self.kontor_order_id.id,
                "view_mode": "form"}


class AccountMove(models.Model):
    _inherit = "account.move"

    def _kontor_order_lines(self):
        # The latest order says how it stands, but one under way says more than one that ended.
        Line = self.env["kontor.payment.order.line"]
        found = Line.sudo().search([("move_ids", "in", self.ids)])
        lines = Line.search([("id", "in", found.ids)], order="id").sorted(
            lambda line: line.state in UNDER_WAY)
        return {move.id: line for line in lines for move in line.sudo().move_ids}

    def _kontor_is_payable(self):
        """Whether it is a posted bill of which something is left."""
        self.ensure_one()
        return (self.move_type == "in_invoice" and self.state == "posted"
                and self.amount_residual > 0)


class AccountPayment(models.Model):
    _inherit = "account.payment"
    _kontor_request_field = "payment_ids"

    def _kontor_order_lines(self):
        Line = self.env["kontor.payment.order.line"]
        sent = Line.search([("id", "in", Line.sudo().search([("payment_id", "in", self.ids)]).ids)],
                           order="id").sorted(lambda line: line.state in UNDER_WAY)
        found = {line.sudo().payment_id.id: line for line in sent}
        documents = self.env["kontor.mirror.document"].search([("payment_id", "in", self.ids)])
        lines = {line.payment_ref: line for line in Line.search(
            [("payment_ref", "in", documents.mapped("document_ref"))])}
        return {**found, **{row.payment_id.id: lines[row.document_ref] for row in documents
                            if row.document_ref in lines}}

    def _kontor_is_payable(self):
        """Whether it is a payment to a partner that stands in the books and that no order of
        kontor's has made; kontor looks at the rest itself."""
        self.ensure_one()
        return (self.payment_type == "outbound" and bool(self.partner_id)
                and self.state in ("posted", "in_process", "paid")
                and not self.env["kontor.snapshot"]._is_sent(self)
                and not self.is_matched and not self.kontor_order_line_id.payment_ref)
