# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import api, fields, models

LINE_STATES = [
    ("pending", "Not sent yet"), ("held", "Held"), ("cancelled", "Taken out"),
    ("submitted", "Submitted to the bank"), ("acknowledged", "Acknowledged by the bank"),
    ("accepted", "Accepted by the bank"), ("rejected", "Rejected by the bank"),
    ("settled", "Settled"), ("returned", "Returned"),
]
# The bill is being paid; nobody may pay it a second time.
UNDER_WAY = ("pending", "held", "submitted", "acknowledged", "accepted")


class KontorPaymentOrderLine(models.Model):
    """One payment of an order: to whom, for which bills, and what the bank says of it."""

    _name = "kontor.payment.order.line"
    _description = "Payment of a payment order"
    _inherit = "kontor.mirror.mixin"
    _order = "order_id, number"
    _rec_name = "end_to_end_ref"

    order_id = fields.Many2one("kontor.payment.order", required=True, readonly=True,
                               ondelete="cascade", index=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    number = fields.Integer(string="No.", readonly=True)
    state = fields.Selection(LINE_STATES, string="Bank status", readonly=True, index=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(readonly=True)
    partner_id = fields.Many2one("res.partner", string="Creditor", readonly=True, index=True,
                                 ondelete="set null")
    creditor_name = fields.Char(string="Name on the payment", readonly=True)
    account_number = fields.Char(string="To account", readonly=True)
    bic = fields.Char(string="BIC", readonly=True)
    beneficiary_ref = fields.Char(readonly=True)
    beneficiary_id = fields.Many2one("kontor.beneficiary", string="Creditor's account",
                                     readonly=True, ondelete="set null", index=True)
    account_state = fields.Selection(related="beneficiary_id.state", string="Account")
    remittance = fields.Char(string="Text or reference", readonly=True)
    # Roles of kontor's alone give no access to bills; their numbers may be shown all the same.
    move_ids = fields.Many2many(
        "account.move", string="Entries of the bills", readonly=True,
        relation="kontor_payment_line_move_rel",
        groups="account.group_account_invoice,account.group_account_readonly")
    bill_names = fields.Char(string="Bills", readonly=True)
    # Where the order was made of payments that stood here already.
    payment_id = fields.Many2one(
        "account.payment", string="Payment in Odoo", readonly=True, ondelete="set null", index=True,
        groups="account.group_account_invoice,account.group_account_readonly")
    end_to_end_ref = fields.Char(string="EndToEndId", readonly=True, index=True)
    uetr = fields.Char(string="UETR", readonly=True, index=True)
    route = fields.Char(readonly=True)
    status_code = fields.Char(string="Status code", readonly=True)
    status_reasons = fields.Char(string="The bank's reasons", readonly=True)
    payment_ref = fields.Char(string="Payment id", readonly=True, index=True)
    finding_ids = fields.One2many("kontor.payment.finding", "line_id", string="Held because")
    hold_text = fields.Char(string="Kept back because", compute="_compute_hold_text")

    @api.depends("finding_ids.message")
    def _compute_hold_text(self):
        for row in self:
            row.hold_text = " ".join(
                message for message in row.finding_ids.mapped("message") if message)

    def action_open_beneficiary(self):
        """Opens the creditor's account."""
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "kontor.beneficiary",
                "res_id": self.beneficiary_id.id, "view_mode": "form"}
