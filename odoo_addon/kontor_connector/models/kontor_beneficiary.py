# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models

from ..compat import LIST_VIEW
from .kontor_backend_check import parse_time

BENEFICIARY_STATES = [("unconfirmed", "To confirm"), ("confirmed", "Confirmed"),
                      ("blocked", "Blocked")]


class KontorBeneficiary(models.Model):
    """A creditor's account: no money goes there unless somebody beside its editor confirms it."""

    _name = "kontor.beneficiary"
    _description = "Creditor's account"
    _inherit = ["kontor.mirror.mixin", "kontor.asking.mixin"]
    _order = "create_time desc, id desc"

    backend_id = fields.Many2one("kontor.backend", string="Service", required=True, readonly=True,
                                 ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade",
                                 index=True)
    beneficiary_ref = fields.Char(string="Id of the account", required=True, readonly=True)
    state = fields.Selection(BENEFICIARY_STATES, readonly=True, index=True)
    partner_id = fields.Many2one("res.partner", string="Creditor", readonly=True, index=True,
                                 ondelete="set null")
    holder_name = fields.Char(
        string="Name", readonly=True,
        help="As kontor tells it to the addon: masked unless the addon's principal is granted "
             "names.")
    account_number = fields.Char(
        string="Account number", readonly=True,
        help="As kontor tells it to the addon: its last characters, unless the addon's principal "
             "is granted account numbers.")
    bic = fields.Char(string="BIC", readonly=True)
    editor = fields.Char(string="Written by", readonly=True,
                         help="Who last wrote it; that person cannot confirm it.")
    digest = fields.Char(
        readonly=True, help="Of name, account, BIC and partner; what is confirmed.")
    confirmed_by = fields.Char(readonly=True)
    confirm_time = fields.Datetime(string="Confirmed on", readonly=True)
    change_time = fields.Datetime(string="Content changed", readonly=True)
    create_time = fields.Datetime(string="First seen", readonly=True)
    block_reason = fields.Char(string="Blocked because", readonly=True)
    line_ids = fields.One2many("kontor.payment.order.line", "beneficiary_id", string="Payments")
    request_ids = fields.One2many("kontor.request", "beneficiary_id", string="Requests")

    def init(self):
        self.env.cr.execute("""
            CREATE UNIQUE INDEX IF NOT EXISTS kontor_beneficiary_ref_unique
            ON kontor_beneficiary (backend_id, beneficiary_ref)""")

    @api.depends("partner_id", "holder_name", "account_number")
    def _compute_display_name(self):
        for row in self:
            name = row.partner_id.sudo().display_name or row.holder_name
            row.display_name = " ".join(part for part in (name, row.account_number) if part)

    @api.model
    def _take(self, backend, beneficiaries):
        """Writes what was read."""
        beneficiaries = list(beneficiaries)
        known = {row.beneficiary_ref: row for row in self.search([
            ("backend_id", "=", backend.id),
            ("beneficiary_ref", "in", [found["id"] for found in beneficiaries])])}
        for found in beneficiaries:
            mapping = backend._entity_of(found.get("entity"))
            if not mapping:
                continue
            values = self._values(mapping, found)
            row = known.get(found["id"])
            if row:
                row._write_changed(values)
            else:
                row = self.create(dict(
                    values, backend_id=backend.id, beneficiary_ref=found["id"]))
                row._adopt_payments()

    @api.model
    def _values(self, mapping, found):
        partner = self.env["res.partner"].sudo().browse(int(found.get("odooPartnerId", 0)))
        return {
            "company_id": mapping.company_id.id,
            "state": found.get("state", "").removeprefix("STATE_").lower() or False,
            "partner_id": partner.exists().id, "holder_name": found.get("holderName"),
            "account_number": found.get("accountNumber"), "bic": found.get("bic"),
            "editor": found.get("editor"), "digest": found.get("digest"),
            "confirmed_by": found.get("confirmedBy"),
            "confirm_time": parse_time(found.get("confirmTime")),
            "change_time": parse_time(found.get("changeTime")),
            "create_time": parse_time(found.get("createTime")),
            "block_reason": found.get("blockReason"),
        }

    def _adopt_payments(self):
        """Payments that were read before the account was."""
        self.ensure_one()
        self.env["kontor.payment.order.line"].sudo().search([
            ("order_id.backend_id", "=", self.backend_id.id), ("beneficiary_id", "=", False),
            ("beneficiary_ref", "=", self.beneficiary_ref)]).write({"beneficiary_id": self.id})

    # -- buttons ------------------------------------------------------------------------------

    def action_confirm_account(self):
        """Says that the account was compared with the creditor's own word."""
        return self._ask("confirm_account")

    def action_block_account(self):
        """Refuses the account; orders that pay to it are held."""
        return self._ask("block_account")

    def action_open_payments(self):
        """The payments that go to this account."""
        self.ensure_one()
        return {"type": "ir.actions.act_window", "name": _("Payments"),
                "res_model": "kontor.payment.order", "view_mode": f"{LIST_VIEW},form",
                "domain": [("line_ids.beneficiary_id", "=", self.id)]}
