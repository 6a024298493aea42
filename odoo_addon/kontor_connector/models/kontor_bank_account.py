# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import api, fields, models


class KontorBankAccount(models.Model):
    """An account of ours from which kontor pays, as it was last read from there."""

    _name = "kontor.bank.account"
    _description = "Account that kontor pays from"
    _inherit = "kontor.mirror.mixin"
    _order = "company_id, name"

    backend_id = fields.Many2one("kontor.backend", string="Service", required=True, readonly=True,
                                 ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade",
                                 index=True)
    account_ref = fields.Char(string="Account id", required=True, readonly=True)
    name = fields.Char(string="Account", required=True, readonly=True)
    account_number = fields.Char(string="IBAN", readonly=True)
    bic = fields.Char(string="BIC", readonly=True)
    channel = fields.Char(readonly=True, help="The way to the bank.")
    currency_id = fields.Many2one("res.currency", readonly=True)
    journal_id = fields.Many2one("account.journal", readonly=True, ondelete="set null")
    active = fields.Boolean(readonly=True, default=True,
                            help="An account that takes no new payment orders is archived.")

    def init(self):
        self.env.cr.execute("""
            CREATE UNIQUE INDEX IF NOT EXISTS kontor_bank_account_ref_unique
            ON kontor_bank_account (backend_id, account_ref)""")

    @api.depends("name", "account_number", "currency_id")
    def _compute_display_name(self):
        for row in self:
            parts = [row.name, row.account_number, row.currency_id.name]
            row.display_name = " · ".join(part for part in parts if part)

    @api.model
    def _take(self, backend, accounts):
        """Writes what was read; what kontor no longer names is archived."""
        Document = self.env["kontor.mirror.document"]
        known = {row.account_ref: row for row in self.with_context(active_test=False).search(
            [("backend_id", "=", backend.id)])}
        for account in accounts:
            company = backend._entity_of(account.get("entity")).company_id
            if not company:
                continue
            values = {
                "company_id": company.id, "name": account["name"],
                "account_number": account.get("iban"), "bic": account.get("bic"),
                "channel": account.get("channel"),
                "currency_id": Document._currency(account.get("currencyCode")).id,
                "journal_id": Document._journal(company, account.get("journalCode")).id,
                "active": not account.get("disabled", False),
            }
            row = known.pop(account["id"], None)
            if row:
                row._write_changed(values)
            else:
                self.create(dict(values, backend_id=backend.id, account_ref=account["id"]))
        for gone in known.values():
            gone._write_changed({"active": False})

    @api.model
    def _named(self, backend, company, name):
        """The account of that name; an empty record when there is none."""
        return self.with_context(active_test=False).search(
            [("backend_id", "=", backend.id), ("company_id", "=", company.id),
             ("name", "=", name)], limit=1) if name else self.browse()
