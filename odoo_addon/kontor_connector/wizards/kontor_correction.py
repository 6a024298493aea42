# SPDX-License-Identifier: LGPL-3.0-or-later
import json
import re

from odoo import _, api, fields, models
from odoo.exceptions import UserError

DECIMAL_SHAPE = re.compile(r"^-?\d{1,18}(\.\d{1,12})?$")
TAX_SEPARATOR = "; "
# Field of the wizard: member of kontor's document, by the member that names the document's type.
TEXT_MEMBERS = {
    "invoice": {
        "invoice_date": "invoiceDate", "accounting_date": "accountingDate",
        "due_date": "dueDate", "payment_term": "paymentTerm", "reference": "reference",
        "payment_reference": "paymentReference", "narration": "narration",
        "journal_code": "journalCode", "currency_code": "currencyCode",
        "exchange_rate": "exchangeRate",
    },
    "payment": {
        "payment_date": "date", "journal_code": "journalCode", "memo": "memo",
    },
    "journalEntry": {
        "payment_date": "date", "journal_code": "journalCode", "reference": "reference",
        "narration": "narration",
    },
}
MEMBER_OF_TYPE = {"invoice": "invoice", "bill": "invoice", "credit_note": "invoice",
                  "payment": "payment", "journal_entry": "journalEntry"}
DATES = ("invoice_date", "accounting_date", "due_date", "payment_date")


class KontorCorrection(models.TransientModel):
    """The document of an exception as kontor has it, to be corrected and tried again.

    What is changed here is sent, and nothing else: the fields are kontor's own words, codes and
    decimal texts, so that what one sees is what goes out.
    """

    _name = "kontor.correction"
    _description = "Correction of a document"

    exception_id = fields.Many2one("kontor.exception", required=True, readonly=True)
    company_id = fields.Many2one(related="exception_id.company_id")
    document_type = fields.Selection(related="exception_id.document_type")
    finding_ids = fields.One2many(related="exception_id.finding_ids")
    original = fields.Text(readonly=True)
    member = fields.Char(readonly=True)
    partner_ref = fields.Char(string="Partner reference")
    partner_id = fields.Many2one("res.partner", string="Partner in Odoo",
                                 help="Choosing one fills in its reference.")
    invoice_date = fields.Date()
    accounting_date = fields.Date()
    due_date = fields.Date()
    payment_date = fields.Date(string="Date")
    payment_term = fields.Char(string="Payment terms")
    reference = fields.Char()
    payment_reference = fields.Char()
    memo = fields.Char()
    narration = fields.Text(string="Notes")
    journal_code = fields.Char(string="Journal")
    journal_id = fields.Many2one("account.journal", string="Journal in Odoo",
                                 domain="[('company_id', '=', company_id)]",
                                 help="Choosing one fills in its code.")
    currency_code = fields.Char(string="Currency")
    exchange_rate = fields.Char()
    amount = fields.Char()
    expected_total = fields.Char()
    expected_tax = fields.Char()
    partner_bank_account = fields.Char(
        string="Bank account", help="Shown with its last four characters; enter it whole to "
                                    "change it.")
    line_ids = fields.One2many("kontor.correction.line", "correction_id", string="Lines")
    reason = fields.Char(help="Goes into kontor's audit trail under your name.")

    # -- opening ------------------------------------------------------------------------------

    @api.model
    def _open_for(self, exception):
        """A wizard filled with the document of an exception."""
        document = exception.document_id
        member = MEMBER_OF_TYPE.get(document.document_type)
        if not member or not document.content:
            raise UserError(_(
                "This document cannot be corrected here: hand it over again where it comes from."))
        content = json.loads(document.content)
        values = {"exception_id": exception.id, "original": document.content, "member": member}
        for name, key in TEXT_MEMBERS[member].items():
            values[name] = content.get(key) or False
        for name, key in (("expected_total", "expectedTotal"), ("expected_tax", "expectedTax"),
                          ("amount", "amount")):
            values[name] = (content.get(key) or {}).get("value")
        values["currency_code"] = content.get("currencyCode") or (
            content.get("amount") or {}).get("currencyCode")
        values["partner_ref"] = (content.get("partner") or {}).get("reference")
        values["partner_bank_account"] = content.get("partnerBankAccount")
        values["line_ids"] = [(0, 0, self.env["kontor.correction.line"]._from_line(number, line))
                              for number, line in enumerate(content.get("lines", []))]
        return self.create(values)

    @api.onchange("journal_id")
    def _onchange_journal_id(self):
        if self.journal_id:
            self.journal_code = self.journal_id.code

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        if self.partner_id:
            self.partner_ref = self.partner_id.ref

    # -- sending ------------------------------------------------------------------------------

    def action_confirm(self):
        """Makes the request with the changed fields alone."""
        self.ensure_one()
        changed, paths = self._changes()
        if not paths:
            raise UserError(_("Nothing is changed. Use Retry to try again as it is."))
        self.env["kontor.request"]._enqueue(
            "correct_and_retry", self.exception_id, self.reason,
            updateMask=",".join(paths), **{self.member: changed})
        return {"type": "ir.actions.act_window_close"}

    def _changes(self):
        """(document with the changed members, their paths as JSON's field masks have them)."""
        content, changed, paths = json.loads(self.original), {}, []

        def put(key, old, new):
            if (old or None) != (new or None):
                changed[key] = new
                paths.append(key)

        for name, key in TEXT_MEMBERS[self.member].items():
            value = self[name]
            text = (value.isoformat() if value else "") if name in DATES else (value or "").strip()
            put(key, content.get(key, ""), text)
        self._put_partner(content, put)
        self._put_amounts(content, put)
        if self.member != "payment":
            lines = [line._to_line() for line in self.line_ids.sorted("sequence")]
            put("lines", [self._comparable(line) for line in content.get("lines", [])], lines)
        return changed, paths

    @staticmethod
    def _comparable(line):
        """A line as kontor answered it, without members that are empty."""
        return {key: value for key, value in line.items() if value not in ("", [], None, False)}

    def _put_partner(self, content, put):
        old = (content.get("partner") or {}).get("reference") or ""
        if self.member != "journalEntry" and (self.partner_ref or "").strip() != old:
            put("partner", content.get("partner"), {"reference": self.partner_ref.strip()})

    def _put_amounts(self, content, put):
        currency = (self.currency_code or "").strip()
        names = {"invoice": (("expected_total", "expectedTotal"), ("expected_tax", "expectedTax")),
                 "payment": (("amount", "amount"),)}.get(self.member, ())
        for name, key in names:
            text = (self[name] or "").strip()
            if text and not DECIMAL_SHAPE.match(text):
                raise UserError(_("“%s” is no amount: write digits with a point, such as 345.58.",
                                  text))
            put(key, content.get(key), {"currencyCode": currency, "value": text} if text else None)
        account = (self.partner_bank_account or "").strip()
        if self.member == "payment":
            put("partnerBankAccount", content.get("partnerBankAccount", ""), account)


class KontorCorrectionLine(models.TransientModel):
    """A line of the document."""

    _name = "kontor.correction.line"
    _description = "Line of a correction"
    _order = "sequence, id"

    correction_id = fields.Many2one("kontor.correction", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="correction_id.company_id")
    sequence = fields.Integer(default=1000)
    original = fields.Text(readonly=True)
    description = fields.Char()
    quantity = fields.Char()
    unit_price = fields.Char()
    discount_percent = fields.Char(string="Discount %")
    debit = fields.Char()
    credit = fields.Char()
    product_code = fields.Char(string="Product")
    account_code = fields.Char(string="Account")
    account_id = fields.Many2one("account.account", string="Account in Odoo",
                                 help="Choosing one fills in its code.")
    tax_names = fields.Char(string="Taxes", help="Names as in Odoo, with “;” between them.")
    tax_ids = fields.Many2many("account.tax", string="Taxes in Odoo",
                               relation="kontor_correction_line_tax_rel",
                               domain="[('company_id', '=', company_id)]",
                               help="Choosing them fills in their names.")

    @api.model
    def _from_line(self, number, line):
        """The fields of a line from kontor's JSON."""
        return {
            "sequence": number, "original": json.dumps(line, ensure_ascii=False, sort_keys=True),
            "description": line.get("description"), "quantity": line.get("quantity"),
            "unit_price": line.get("unitPrice"), "discount_percent": line.get("discountPercent"),
            "debit": line.get("debit"), "credit": line.get("credit"),
            "product_code": line.get("productCode"), "account_code": line.get("accountCode"),
            "tax_names": TAX_SEPARATOR.join(line.get("taxNames", []))}

    def _to_line(self):
        """kontor's JSON of the line: what it had, with what is changed here."""
        self.ensure_one()
        line = json.loads(self.original) if self.original else {}
        taxes = [name.strip() for name in (self.tax_names or "").split(TAX_SEPARATOR.strip())]
        line.update({
            "description": self.description, "productCode": self.product_code,
            "accountCode": (self.account_code or "").strip(),
            "taxNames": [name for name in taxes if name]})
        if self.correction_id.member == "invoice":
            decimals = {"quantity": self.quantity, "unitPrice": self.unit_price,
                        "discountPercent": self.discount_percent}
        else:
            decimals = {"debit": self.debit, "credit": self.credit}
        for key, value in decimals.items():
            text = (value or "").strip()
            if text and not DECIMAL_SHAPE.match(text):
                raise UserError(_("“%s” is no number: write digits with a point, such as 345.58.",
                                  text))
            line[key] = text
        return self.correction_id._comparable(line)

    @api.onchange("account_id")
    def _onchange_account_id(self):
        if self.account_id:
            self.account_code = self.account_id.with_company(self.company_id).code

    @api.onchange("tax_ids")
    def _onchange_tax_ids(self):
        if self.tax_ids:
            self.tax_names = TAX_SEPARATOR.join(self.tax_ids.mapped("name"))
