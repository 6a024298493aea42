# SPDX-License-Identifier: Apache-2.0
"""account.move.line: journal items, how their amounts follow from what was given, matching.

A line is always written through its document, which is made consistent afterwards.
"""
from __future__ import annotations

from decimal import Decimal
from typing import Any

from . import invoice, numbering, posting, reconcile
from .account_schema import LINE
from .env import Env, Ids, on_model, on_records
from .errors import UserError
from .fields import LINE_ID
from .money import ZERO, conversion_rate, rounded
from .orm import Model
from .store import Row

AMOUNT_FIELDS = ("debit", "credit", "balance")
IGNORED_POSTED = ("price_unit", "quantity", "discount", "price_subtotal", "price_total")


class MoveLine(Model):
    name, label, order = "account.move.line", "Journal Item", "date desc, move_name desc, id"
    own = LINE

    def make(self, env: Env, move: Row, values: Row) -> Row:
        """One journal item from a caller's values."""
        xid = values.pop(LINE_ID, None)
        values.pop("move_id", None)
        self.refuse_unknown(env, values)
        kept = super().stored(env, values)
        if kept.get("account_id") and env.row("account.account",
                                              kept["account_id"]).get("deprecated"):
            account = env.row("account.account", kept["account_id"])
            raise UserError(f"The account {account['name']} ({account['code']}) is deprecated.")
        if invoice.is_invoice(move) and (kept.get("display_type") or "product") == "product":
            row = self.invoice_line(env, move, kept)
        elif kept.get("display_type") in ("line_section", "line_note", "line_subsection"):
            row = kept
        else:
            row = self.entry_line(env, move, kept)
        line = invoice.new_line(env, move, row)
        if xid:
            self.name_line(env, xid, line["id"])
        return line

    def invoice_line(self, env: Env, move: Row, kept: Row) -> Row:
        row = {k: v for k, v in kept.items() if k not in AMOUNT_FIELDS + ("amount_currency",)}
        sale = move["move_type"] in numbering.SALE
        product = env.row("product.product", row["product_id"]) if row.get("product_id") else {}
        if "quantity" not in row:
            row["quantity"] = Decimal(1)
        if "price_unit" not in row:
            row["price_unit"] = Decimal((product.get("list_price") if sale
                                         else product.get("standard_price")) or 0)
        row.setdefault("discount", ZERO)
        row["display_type"] = "product"
        if not row.get("account_id"):
            field = "property_account_income_id" if sale else "property_account_expense_id"
            row["account_id"] = env.if_of_company(product.get(field), move["company_id"]) or \
                env.row("account.journal", move["journal_id"]).get("default_account_id") or \
                env.default_account("income" if sale else "expense", move["company_id"])
        if "tax_ids" not in row:
            row["tax_ids"] = list(product.get("taxes_id" if sale else "supplier_taxes_id") or
                                  env.row("account.account", row["account_id"]).get("tax_ids")
                                  or [])
        if not row.get("name"):
            row["name"] = env.model("product.product").display_name(env, product) \
                if product else False
        return row

    def entry_line(self, env: Env, move: Row, kept: Row) -> Row:
        home = invoice.company_currency(env, move)
        currency = env.row("res.currency", kept.get("currency_id") or move["currency_id"])
        row = {"display_type": "product", "quantity": Decimal(1), **kept,
               "currency_id": currency["id"]}
        given = [n for n in AMOUNT_FIELDS if n in kept]
        balance = kept["balance"] if "balance" in kept else \
            kept.get("debit", ZERO) - kept.get("credit", ZERO)
        foreign = kept.get("amount_currency")
        if currency["id"] == home["id"]:
            if not given and foreign is not None:
                balance = foreign
            balance = rounded(home, balance)
            row.update(invoice.amounts(balance, balance))
            return row
        rate = conversion_rate(env, home["id"], currency["id"], move["company_id"],
                               move.get("date") or env.today)
        if not given:
            balance = (foreign or ZERO) / rate
        if foreign is None:
            foreign = balance * rate
        row.update(invoice.amounts(rounded(home, balance), rounded(currency, foreign)))
        return row

    def change(self, env: Env, line: Row, values: Row) -> bool:
        """Applies a caller's values to a line; True unless only a tax line was corrected."""
        move = env.row("account.move", line["move_id"])
        self.refuse_unknown(env, values)
        if move["state"] == "posted" and env.series >= 18:
            values = {k: v for k, v in values.items() if k not in IGNORED_POSTED}
        kept = super().stored(env, values, line["id"])
        if move["state"] == "posted" and any(
                n in kept and kept[n] != line.get(n) for n in ("tax_ids", "tax_line_id")):
            raise UserError("You cannot modify the taxes related to a posted journal item, you "
                            "should reset the journal entry to draft to do so.")
        matched = line.get("matching_number")
        if matched and any(n in kept and kept[n] != line.get(n) for n in
                           ("account_id", "debit", "credit", "balance", "partner_id")):
            raise UserError("You are trying to modify a reconciled entry. Unreconcile it first.")
        given = [n for n in (*AMOUNT_FIELDS, "amount_currency") if n in kept]
        if given and line["display_type"] == "tax":
            invoice_line = {"amount_currency": kept.get("amount_currency",
                                                        kept.get("balance", ZERO))}
            if "amount_currency" not in kept and "balance" not in kept:
                invoice_line["amount_currency"] = kept.get("debit", ZERO) - kept.get("credit", ZERO)
            kept = {**{k: v for k, v in kept.items() if k not in given}, **invoice_line}
        elif given and not invoice.is_invoice(move):
            merged = {"currency_id": kept.get("currency_id", line["currency_id"]),
                      **{k: v for k, v in kept.items() if k in given}}
            kept = {**kept, **{k: v for k, v in self.entry_line(env, move, merged).items()
                               if k in (*AMOUNT_FIELDS, "amount_currency")}}
        self.touch(env, line["id"], kept)
        return line["display_type"] != "tax"

    @on_model
    def create(self, env: Env, vals_list: Any) -> Ids:
        self.check(env, "create")
        ids = []
        touched = set()
        for values in vals_list:
            move = env.row("account.move", values.get("move_id"))
            if move["state"] == "posted" and env.series >= 18:
                raise UserError("You cannot add/modify entries prior to and inclusive of a posted "
                                "journal entry.")
            ids.append(self.make(env, move, dict(values))["id"])
            touched.add(move["id"])
        for move_id in touched:
            invoice.sync(env, move_id)
            if not invoice.is_invoice(env.row("account.move", move_id)):
                invoice.check_balanced(env, env.row("account.move", move_id))
        return ids

    @on_records
    def write(self, env: Env, ids: Ids, vals: Row) -> bool:
        self.check(env, "write")
        moves: dict[int, bool] = {}
        for line_id in self.ids(ids):
            line = env.row(self.name, line_id)
            base = self.change(env, line, dict(vals))
            moves[line["move_id"]] = base or moves.get(line["move_id"], False)
        for move_id, base in moves.items():
            invoice.sync(env, move_id, taxes=base)
            move = env.row("account.move", move_id)
            if not invoice.is_invoice(move):
                invoice.check_balanced(env, move)
        posting.refresh_payment_state(env, list(moves))
        return True

    @on_records
    def unlink(self, env: Env, ids: Ids) -> bool:
        self.check(env, "unlink")
        moves = set()
        for line_id in self.ids(ids):
            line = env.row(self.name, line_id)
            if env.row("account.move", line["move_id"])["state"] == "posted":
                raise UserError("You cannot delete an item linked to a posted entry.")
            moves.add(line["move_id"])
            self.delete(env, line_id)
        for move_id in moves:
            invoice.sync(env, move_id)
        return True

    @on_records
    def reconcile(self, env: Env, ids: Ids) -> None:
        self.check(env, "write")
        reconcile.reconcile(env, self.ids(ids))

    @on_records
    def remove_move_reconcile(self, env: Env, ids: Ids) -> None:
        self.check(env, "write")
        reconcile.undo(env, self.ids(ids))
