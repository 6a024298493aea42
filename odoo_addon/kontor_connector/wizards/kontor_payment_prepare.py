# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models
from odoo.exceptions import UserError

from ..models.kontor_payment_order_line import UNDER_WAY

DESCRIPTION_CHARACTERS_MAX = 200
NAMES_TOLD_MAX = 10


class KontorPaymentPrepare(models.TransientModel):
    """Asks kontor for a payment order of selected bills, or of payments that stand in Odoo already;
    kontor reads and checks them itself."""

    _name = "kontor.payment.prepare"
    _description = "Pay through kontor"

    move_ids = fields.Many2many("account.move", string="Bills", readonly=True,
                                relation="kontor_payment_prepare_move_rel")
    payment_ids = fields.Many2many("account.payment", string="Payments", readonly=True,
                                   relation="kontor_payment_prepare_payment_rel")
    company_id = fields.Many2one("res.company", readonly=True, required=True)
    backend_id = fields.Many2one("kontor.backend", readonly=True, required=True)
    currency_id = fields.Many2one("res.currency", readonly=True, required=True)
    total = fields.Monetary(string="To pay", compute="_compute_total")
    bill_count = fields.Integer(string="Bills or payments (no.)", compute="_compute_total")
    account_id = fields.Many2one(
        "kontor.bank.account", string="Our account",
        domain="[('company_id', '=', company_id), ('backend_id', '=', backend_id)]",
        help="Empty: the routing policy of kontor chooses.")
    execution_date = fields.Date(
        string="Requested day", help="Empty: the next day that the bank takes.")
    urgency = fields.Selection(
        [("NORMAL", "Normal"), ("URGENT", "Urgent"), ("INSTANT", "Instant")], default="NORMAL",
        required=True)
    description = fields.Char(string="What for", size=DESCRIPTION_CHARACTERS_MAX)

    @api.depends("move_ids", "payment_ids")
    def _compute_total(self):
        for row in self:
            row.total = (sum(row.move_ids.mapped("amount_residual"))
                         + sum(row.payment_ids.mapped("amount")))
            row.bill_count = len(row.move_ids) + len(row.payment_ids)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        model = self.env.context.get("active_model")
        of_payments = model == "account.payment"
        records = self.env["account.payment" if of_payments else "account.move"]
        if model == records._name:
            records = records.browse(self.env.context.get("active_ids", [])).exists()
        mapping = self._mapping_of(records)
        accounts = self.env["kontor.bank.account"].search([
            ("company_id", "=", mapping.company_id.id),
            ("backend_id", "=", mapping.backend_id.id),
            ("currency_id", "=", records.currency_id.id)])
        if of_payments:  # their journal is the account that pays
            accounts = accounts.filtered(lambda row: row.journal_id == records.journal_id)
        return dict(
            values, company_id=mapping.company_id.id,
            move_ids=[(6, 0, [] if of_payments else records.ids)],
            payment_ids=[(6, 0, records.ids if of_payments else [])],
            backend_id=mapping.backend_id.id, currency_id=records.currency_id.id,
            account_id=accounts.id if len(accounts) == 1 else False)

    @api.model
    def _mapping_of(self, records):
        """The entity that pays these. UserError when kontor cannot take them as they are."""
        of_payments = records._name == "account.payment"
        if not records:
            raise UserError(_("Select the payments that shall be sent.") if of_payments else
                            _("Select the bills that shall be paid."))
        unfit = records.filtered(lambda record: not record._kontor_is_payable())
        if unfit and of_payments:
            raise UserError(_(
                "Only payments to a partner can be sent that are in the books, that nobody has "
                "sent and that no bank line is reconciled with: %s.", self._told(unfit)))
        if unfit:
            raise UserError(_(
                "Only posted vendor bills of which something is left to pay can be paid: %s.",
                self._told(unfit)))
        if len(records.company_id) > 1 or len(records.currency_id) > 1:
            raise UserError(_("One payment order has one company and one currency: select what is "
                              "of one company and one currency."))
        if of_payments and len(records.journal_id) > 1:
            raise UserError(_("One payment order is paid from one account: select payments of one "
                              "journal."))
        mapping = self.env["kontor.backend.entity"].sudo().search(
            [("company_id", "=", records.company_id.id), ("backend_id.active", "=", True)],
            limit=1)
        if not mapping:
            raise UserError(_("%s is bound to no entity of kontor's: an administrator does that "
                              "under Kontor ▸ Configuration.", records.company_id.name))
        busy = records.filtered(lambda record: record.kontor_pay_state in UNDER_WAY)
        if busy:
            raise UserError(_("These are in a payment order already: %s.", self._told(busy)))
        return mapping

    @api.model
    def _told(self, records):
        names = [record.name or _("Draft") for record in records[:NAMES_TOLD_MAX]]
        return ", ".join(names) + ("…" if len(records) > NAMES_TOLD_MAX else "")

    def action_confirm(self):
        """Makes the request. It is sent by a job at once, and waits when kontor is down."""
        self.ensure_one()
        records = self.payment_ids or self.move_ids
        mapping = self._mapping_of(records)
        request = self.env["kontor.request"]._enqueue_order(mapping, records, self._body())
        return {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {"type": "success", "title": _("Requested"), "message": request._told(),
                       "next": {"type": "ir.actions.act_window_close"}}}

    def _body(self):
        self.ensure_one()
        body = {"currencyCode": self.currency_id.name, "urgency": self.urgency}
        if self.account_id:
            body["account"] = self.account_id.name
        if self.execution_date:
            body["executionDate"] = self.execution_date.isoformat()
        if (self.description or "").strip():
            body["description"] = self.description.strip()
        return body
