# SPDX-License-Identifier: LGPL-3.0-or-later
"""What kontor is told of a record: the same shape for results, probes and events.

Reads with the caller's rights, never with more. Amounts are decimal text at the currency's digits;
nothing is None, since XML-RPC cannot say that.
"""

import re
from decimal import Decimal

from odoo import api, models
from odoo.exceptions import AccessError

from ..compat import MAJOR
from .kontor_operation_link import MODULE, PAYMENT_MOVE_SUFFIX

PAYMENT_OF_MOVE = "payment_id" if MAJOR < 18 else "origin_payment_id"
PERSONAL = ("asset_receivable", "liability_payable")
SHOWN_OF_ACCOUNT_NUMBER = 4

EMPTY = {
    "external_id": "",
    "exists": False,
    "visible": False,
    "name": "",
    "state": "",
    "move_type": "",
    "move_id": 0,
    "date": "",
    "invoice_date": "",
    "due_date": "",
    "currency": "",
    "total": "",
    "tax": "",
    "residual": "",
    "company_currency": "",
    "company_total": "",
    "payment_state": "",
    "ref": "",
    "payment_reference": "",
    "journal_code": "",
    "company_id": 0,
    "partner_id": 0,
    "partner_name": "",
    "hashed": False,
    "write_date": "",
}


def amount_text(value, currency):
    """An amount of Odoo's as text with the currency's digits."""
    return f"{Decimal(repr(value or 0.0)):.{currency.decimal_places or 0}f}"


def date_text(value):
    """A date as YYYY-MM-DD, nothing as empty text."""
    return value.isoformat() if value else ""


class KontorSnapshot(models.AbstractModel):
    """Readings of records for kontor."""

    _name = "kontor.snapshot"
    _description = "Kontor reading of a record"

    @api.model
    def _of_records(self, company_id, pairs):
        """Answers {(model, id): snapshot} for pairs (model, id), as kontor's user sees them."""
        snapshots = {}
        by_model = {}
        for model, record_id in pairs:
            by_model.setdefault(model, set()).add(record_id)
        company_ids = self._company_order(company_id)
        for model, ids in by_model.items():
            base = self.env[model] if model in self.env else None
            if base is None:
                continue
            records = base.with_context(allowed_company_ids=company_ids, active_test=False)
            seen = records.search([("id", "in", list(ids))])
            unseen = ids - set(seen.ids)
            existing = set(records.browse(unseen).exists().ids)
            for record_id in existing:
                snapshots[model, record_id] = self._hidden(model, record_id)
            for record_id, snapshot in self._of_readable(seen).items():
                snapshots[model, record_id] = snapshot
        for model, record_id in pairs:
            if (model, record_id) not in snapshots:
                snapshots[model, record_id] = {**EMPTY, "model": model, "id": record_id}
        return snapshots

    def _company_order(self, company_id):
        others = [other for other in self.env.user.company_ids.ids if other != company_id]
        return [company_id, *others] if company_id else others

    @api.model
    def _hidden(self, model, record_id):
        return {**EMPTY, "model": model, "id": record_id, "exists": True}

    def _of_readable(self, records):
        """As _of; a record with a part out of reach is told as hidden and keeps no other back."""
        try:
            return self._of(records)
        except AccessError:
            if len(records) == 1:
                return {records.id: self._hidden(records._name, records.id)}
            snapshots = {}
            for record in records:
                snapshots.update(self._of_readable(record))
            return snapshots

    @api.model
    def _of(self, records, external_ids=None):
        """Answers {id: snapshot} of visible records of one model."""
        if not records:
            return {}
        names = self._external_ids(records)
        names.update(external_ids or {})
        read = self._values_of(records)
        return {
            record.id: {
                **EMPTY,
                "model": records._name,
                "id": record.id,
                "exists": True,
                "visible": True,
                "write_date": record.write_date.strftime("%Y-%m-%d %H:%M:%S"),
                **read.get(record.id, {}),
                "external_id": names.get(record.id, ""),
            }
            for record in records
        }

    @api.model
    def _values_of(self, records):
        """Answers {id: values}, without what needs a look elsewhere."""
        reader = getattr(self, "_of_" + re.sub(r"\W", "_", records._name), None)
        return reader(records) if reader else {}

    @api.model
    def _external_ids(self, records):
        """Kontor's names of records; a payment's entry goes by the payment's name."""
        names = self._own_names(records._name, records.ids)
        if records._name == "account.move":
            nameless = records.filtered(lambda move: move.id not in names)
            payments = {move[PAYMENT_OF_MOVE].id: move.id for move in nameless}
            payments.pop(False, None)
            if payments:
                for payment_id, name in self._own_names("account.payment", list(payments)).items():
                    names[payments[payment_id]] = name
        return names

    def _own_names(self, model, ids):
        self.env.cr.execute(
            """
            SELECT res_id, name FROM ir_model_data
             WHERE module = %s AND model = %s AND res_id = ANY(%s)
             ORDER BY id DESC
            """,
            [MODULE, model, ids],
        )
        return {
            res_id: name
            for res_id, name in self.env.cr.fetchall()
            if not name.endswith(PAYMENT_MOVE_SUFFIX)
        }

    def _of_account_move(self, moves):
        return {move.id: self._move(move) for move in moves}

    def _move(self, move):
        currency, company_currency = move.currency_id, move.company_currency_id
        company_total = amount_text(abs(move.amount_total_signed), company_currency)
        read = {
            "name": "" if move.name in (False, "/") else move.name,
            "state": move.state,
            "move_type": move.move_type,
            "move_id": move.id,
            "date": date_text(move.date),
            "invoice_date": date_text(move.invoice_date),
            "due_date": date_text(move.invoice_date_due),
            "currency": currency.name,
            "total": amount_text(move.amount_total, currency),
            "tax": amount_text(move.amount_tax, currency),
            "residual": amount_text(move.amount_residual, currency),
            "company_currency": company_currency.name,
            "company_total": company_total,
            "payment_state": move.payment_state or "",
            "ref": move.ref or "",
            "payment_reference": move.payment_reference or "",
            "hashed": bool(move.inalterable_hash),
            **self._parties(move),
        }
        if move.move_type == "entry":
            # amount_total of an entry adds up foreign amounts of different currencies.
            read["currency"] = company_currency.name
            read["total"] = company_total
        return read

    def _parties(self, record):
        return {
            "journal_code": record.journal_id.code or "",
            "company_id": record.company_id.id,
            "partner_id": record.partner_id.id or 0,
            "partner_name": record.partner_id.display_name or "",
        }

    def _of_account_payment(self, payments):
        return {payment.id: self._payment(payment) for payment in payments}

    def _payment(self, payment):
        currency, move = payment.currency_id, payment.move_id
        state = "cancel" if payment.state == "canceled" else payment.state or ""
        open_lines = move.line_ids.filtered(
            lambda line: line.account_id.account_type in PERSONAL
        )
        residual = sum(abs(line.amount_residual_currency) for line in open_lines)
        read = {
            "name": "" if payment.name in (False, "/") else payment.name,
            "state": state,
            "move_type": "payment",
            "move_id": move.id or 0,
            # In a locked period the entry's date moves while the payment's stays.
            "date": date_text(move.date if move else payment.date),
            "currency": currency.name,
            "total": amount_text(payment.amount, currency),
            "tax": amount_text(0, currency),
            "residual": amount_text(residual, currency),
            "company_total": "0",
            "ref": (payment.memo if "memo" in payment._fields else payment.ref) or "",
            "is_sent": self._is_sent(payment),
            "reconciled": payment.is_reconciled,
            **self._parties(payment),
        }
        if move:
            read["hashed"] = bool(move.inalterable_hash)
            read["company_currency"] = move.company_currency_id.name
            read["company_total"] = amount_text(
                abs(move.amount_total_signed), move.company_currency_id
            )
            if state not in ("draft", "cancel"):
                read["payment_state"] = self._payment_state(residual, payment)
        return read

    @staticmethod
    def _payment_state(residual, payment):
        if payment.currency_id.is_zero(residual):
            return "paid"
        smaller = payment.currency_id.compare_amounts(residual, payment.amount) < 0
        return "partial" if smaller else "not_paid"

    @staticmethod
    def _is_sent(payment):
        return bool(payment.is_sent if "is_sent" in payment._fields else payment.is_move_sent)

    def _of_account_bank_statement_line(self, lines):
        return {
            line.id: {
                **self._move(line.move_id),
                "total": amount_text(line.amount, line.currency_id),
                "tax": "",
                "currency": line.currency_id.name,
                "residual": amount_text(line.amount_residual, line.currency_id),
                "payment_state": "paid" if line.is_reconciled else "not_paid",
                "ref": line.payment_ref or "",
                "move_type": "statement_line",
            }
            for line in lines
        }

    def _of_res_partner(self, partners):
        return {
            partner.id: {
                "name": partner.name or "",
                "state": "active" if partner.active else "archived",
                "ref": partner.ref or "",
                "company_id": partner.company_id.id or 0,
                "partner_id": partner.id,
                "partner_name": partner.display_name or "",
            }
            for partner in partners
        }

    def _of_res_partner_bank(self, banks):
        return {
            bank.id: {
                "name": "…" + (bank.sanitized_acc_number or "")[-SHOWN_OF_ACCOUNT_NUMBER:],
                "state": "active" if bank.active else "archived",
                "company_id": bank.company_id.id or 0,
                "partner_id": bank.partner_id.id or 0,
                "partner_name": bank.partner_id.display_name or "",
                "trusted": bank.allow_out_payment,
            }
            for bank in banks
        }

    def _of_res_company(self, companies):
        names = [name for name in companies._fields if name.endswith("_lock_date")]
        stored = [name for name in names if companies._fields[name].store]
        return {
            company.id: {
                "name": company.name,
                "company_id": company.id,
                "partner_id": company.partner_id.id,
                "partner_name": company.partner_id.display_name,
                "lock_dates": {name: date_text(company[name]) for name in sorted(stored)},
            }
            for company in companies
        }
