# SPDX-License-Identifier: Apache-2.0
"""account.move and account.move.line: drafts, what may be written when, deletion.

17 lets a posted document be changed; 18 and 19 refuse some fields and ignore others in silence.
Posting and its opposites are in posting.py.
"""
from __future__ import annotations

from decimal import Decimal
from typing import Any

from . import invoice, numbering, posting
from .account_schema import LINE, MOVE, MOVE_TYPES
from .env import Env, Ids, on_model, on_records
from .errors import UserError
from .fields import LINE_ID
from .mail import Chatter
from .models_base import commercial
from .money import ZERO, conversion_rate, rounded
from .orm import Model
from .store import Row

READONLY_POSTED = ("invoice_line_ids", "line_ids", "invoice_date", "date", "partner_id",
                   "invoice_payment_term_id", "currency_id", "fiscal_position_id",
                   "invoice_cash_rounding_id")
AMOUNT_FIELDS = ("debit", "credit", "balance")
DRAFT_NAMES = {"out_invoice": "Draft Invoice", "out_refund": "Draft Credit Note",
               "in_invoice": "Draft Bill", "in_refund": "Draft Vendor Credit Note",
               "out_receipt": "Draft Sales Receipt", "in_receipt": "Draft Purchase Receipt",
               "entry": "Draft Entry"}
IGNORED_POSTED = ("price_unit", "quantity", "discount", "price_subtotal", "price_total")


class Move(Chatter):
    name, label, order = "account.move", "Journal Entry", "date desc, name desc, id desc"
    own = MOVE

    def indexed(self) -> list[str]:
        return super().indexed()

    def display_name(self, env: Env, row: Row) -> str:
        number = row.get("name")
        shown = str(number) if number and number != "/" else ""
        if row["state"] == "draft":
            shown = f"{DRAFT_NAMES[row['move_type']]} {shown or '(* %d)' % row['id']}"
        ref = row.get("ref")
        return f"{shown} ({str(ref)[:50]})" if ref else shown

    @on_model
    def default_get(self, env: Env, fields: list[str]) -> Row:
        return super().default_get(env, [n for n in fields if f"default_{n}" in env.context])

    # -- create ---------------------------------------------------------------------------------

    @on_model
    def create(self, env: Env, vals_list: Any) -> Ids:
        self.check(env, "create")
        ids = []
        for given in vals_list:
            values = {f"{k[8:]}": v for k, v in env.context.items()
                      if k.startswith("default_") and k[8:] in self.fields}
            values.update(given)
            self.refuse_unknown(env, values)
            if values.get("state") == "posted":
                raise UserError("You cannot create a move already in the posted state. Please "
                                "create a draft move and post it after.")
            ids.append(self.make(env, values))
        return ids

    def make(self, env: Env, values: Row) -> int:
        """One draft with its lines; raises what a server would."""
        header = {k: v for k, v in values.items() if k not in ("line_ids", "invoice_line_ids")}
        is_payment = bool(header.pop("is_payment", False))
        header.setdefault("move_type", "entry")
        if header["move_type"] not in dict(MOVE_TYPES):
            super().stored(env, {"move_type": header["move_type"]})
        row = self.header(env, super().stored(env, header))
        row["is_payment"] = is_payment
        move_id = self.insert(env, row)
        move = env.row(self.name, move_id)
        for name in ("invoice_line_ids", "line_ids"):
            self.apply_lines(env, move, values.get(name) or [], name)
        if invoice.is_invoice(move) and not header.get("date"):
            env.store.update(self.name, move_id, {"date": self.booking_date(env, move)})
        if "invoice_currency_rate" in header and header["invoice_currency_rate"]:
            env.store.update(self.name, move_id,
                             {"manual_rate": Decimal(str(header["invoice_currency_rate"]))})
        invoice.sync(env, move_id)
        if not invoice.is_invoice(move):
            invoice.check_balanced(env, move)
        if env.series == 17 and numbering.period_is_empty(env, move):
            numbering.assign_number(env, move)
        return move_id

    def header(self, env: Env, row: Row) -> Row:
        kind = row["move_type"]
        wanted = "sale" if kind in numbering.SALE else \
            "purchase" if kind in numbering.PURCHASE else ""
        journal_id = row.get("journal_id")
        if not journal_id or (wanted and env.row("account.journal", journal_id)["type"] != wanted):
            row["journal_id"] = env.sim.journal_of_type(env, wanted or "general")
        journal = env.row("account.journal", row["journal_id"])
        company = env.row("res.company", journal["company_id"])
        partner_id = row.get("partner_id")
        row["company_id"] = company["id"]
        row["currency_id"] = row.get("currency_id") or journal.get("currency_id") or \
            company["currency_id"]
        row["commercial_partner_id"] = commercial(env, partner_id)
        row.setdefault("date", False)
        explicit_due = row.get("invoice_date_due")
        if "invoice_payment_term_id" not in row:
            row["invoice_payment_term_id"] = self.term_of(env, kind, partner_id)
        row["keep_due"] = bool(env.series >= 18 and explicit_due
                               and row.get("invoice_payment_term_id"))
        if "partner_bank_id" not in row:
            row["partner_bank_id"] = self.bank_of(env, kind, partner_id, company)
        if kind == "entry" and not row["date"]:
            row["date"] = row.get("invoice_date") or env.today
        row["date"] = row["date"] or env.today
        defaults: Row = {"name": "/" if env.series == 17 else False, "state": "draft",
                         "payment_state": "not_paid", "invoice_date": False, "ref": False,
                         "payment_reference": False, "invoice_date_due": env.today,
                         "reversed_entry_id": False, "posted_before": False, "auto_post": "no",
                         "sequence_prefix": False, "sequence_number": 0, "amount_untaxed": ZERO,
                         "amount_tax": ZERO, "amount_total": ZERO, "amount_residual": ZERO,
                         "invoice_user_id": env.uid if kind != "entry" else False}
        out = {**defaults, **{k: v for k, v in row.items() if v is not None}}
        if not out["invoice_date_due"]:
            out["invoice_date_due"] = env.today
        if kind in ("out_refund", "in_refund") and not explicit_due and \
                not out["invoice_payment_term_id"] and row.get("reversed_entry_id"):
            out["invoice_date_due"] = row.get("invoice_date") or env.today
        return out

    def term_of(self, env: Env, kind: str, partner_id: Any) -> Any:
        if not partner_id or kind == "entry":
            return False
        partner = env.row("res.partner", partner_id)
        if kind in numbering.SALE:
            return partner.get("property_payment_term_id") or False
        return partner.get("property_supplier_payment_term_id") or False

    def bank_of(self, env: Env, kind: str, partner_id: Any, company: Row) -> Any:
        if kind in ("in_invoice", "out_refund"):
            owner = commercial(env, partner_id)
        elif kind == "entry":
            return False
        else:
            owner = company.get("partner_id")
        rows = env.store.tables["res.partner.bank"].rows
        found = [rows[i] for i in env.store.find("res.partner.bank", "partner_id", owner)
                 if rows[i].get("active", True)]
        found.sort(key=lambda r: not r.get("allow_out_payment"))
        return found[0]["id"] if found else False

    def booking_date(self, env: Env, move: Row) -> str:
        day = move.get("invoice_date")
        if not day:
            return env.today
        if move["move_type"] in numbering.SALE:
            return str(day)
        return numbering.accounting_date(env, move, day, numbering.affects_tax(env, move))

    # -- lines ----------------------------------------------------------------------------------

    def apply_lines(self, env: Env, move: Row, commands: Any, name: str) -> bool:
        """Runs one2many commands; True when something other than a tax line changed."""
        lines = env.model("account.move.line")
        assert isinstance(lines, MoveLine)
        base = False
        for command in commands:
            code = command[0]
            if code == 0:
                lines.make(env, move, dict(command[2]))
                base = True
            elif code == 1:
                line = env.row(lines.name, command[1])
                base = lines.change(env, line, dict(command[2])) or base
            elif code in (2, 3):
                lines.delete(env, command[1])
                base = True
            elif code in (5, 6):
                keep = set(command[2]) if code == 6 else set()
                for line in invoice.move_lines(env, move["id"]):
                    if line["id"] not in keep and (name == "line_ids"
                                                   or line["display_type"] == "product"):
                        lines.delete(env, line["id"])
                base = True
        return base

    # -- write ----------------------------------------------------------------------------------

    @on_records
    def write(self, env: Env, ids: Ids, vals: Row) -> bool:
        self.check(env, "write")
        self.refuse_unknown(env, vals)
        for move_id in self.ids(ids):
            self.rewrite(env, env.row(self.name, move_id), vals)
        return True

    def rewrite(self, env: Env, move: Row, vals: Row) -> None:
        if move["state"] == "posted":
            self.guard_posted(env, move, vals)
        header = {k: v for k, v in vals.items() if k not in ("line_ids", "invoice_line_ids")}
        changed = super().stored(env, header, move["id"])
        if changed.get("state") == "posted" and move["state"] != "posted":
            raise UserError("Use the Confirm action to post an entry.")
        old = dict(move)
        if changed:
            self.touch(env, move["id"], changed)
        base = False
        for name in ("invoice_line_ids", "line_ids"):
            if vals.get(name):
                base = self.apply_lines(env, move, vals[name], name) or base
                self.touch(env, move["id"], {})
        if move["state"] == "cancel":
            return
        self.follow(env, move, old, changed)
        invoice.sync(env, move["id"], taxes=base or "currency_id" in changed)
        if not invoice.is_invoice(move):
            invoice.check_balanced(env, move)
        posting.refresh_payment_state(env, [move["id"]])

    def guard_posted(self, env: Env, move: Row, vals: Row) -> None:
        if env.series >= 18:
            readonly = [n for n in vals if n in READONLY_POSTED]
            if readonly:
                raise UserError("You cannot modify the following readonly fields on a posted "
                                f"move: {', '.join(readonly)}")
        if move.get("inalterable_hash") and {"date", "journal_id", "company_id", "name"} & set(vals):
            raise UserError("This document is protected by a hash. Therefore, you cannot edit the "
                            f"following fields: {', '.join(vals)}.")
        if "journal_id" in vals and vals["journal_id"] != move["journal_id"]:
            raise UserError("You cannot edit the journal of an account move if it has been posted "
                            "once.")

    def follow(self, env: Env, move: Row, old: Row, changed: Row) -> None:
        """What a changed header field changes with it."""
        update: Row = {}
        if "partner_id" in changed and changed["partner_id"] != old.get("partner_id"):
            update["commercial_partner_id"] = commercial(env, changed["partner_id"])
            if "invoice_payment_term_id" not in changed:
                update["invoice_payment_term_id"] = self.term_of(env, move["move_type"],
                                                                 changed["partner_id"])
        if "invoice_date_due" in changed:
            term = changed.get("invoice_payment_term_id", move.get("invoice_payment_term_id"))
            update["keep_due"] = bool(env.series >= 18 and term)
        elif "invoice_payment_term_id" in changed:
            update["keep_due"] = False
        if "invoice_currency_rate" in changed:
            update["manual_rate"] = changed["invoice_currency_rate"]
        if update:
            env.store.update(self.name, move["id"], update)
        if invoice.is_invoice(move) and "invoice_date" in changed and "date" not in changed and \
                move["state"] == "draft":
            env.store.update(self.name, move["id"], {"date": self.booking_date(env, move)})

    # -- unlink ---------------------------------------------------------------------------------

    @on_records
    def unlink(self, env: Env, ids: Ids) -> bool:
        self.check(env, "unlink")
        for move_id in self.ids(ids):
            move = env.row(self.name, move_id)
            if move["state"] == "posted":
                raise UserError("You can't delete a posted journal item. Don’t play games with "
                                "your accounting records; reset the journal entry to draft before "
                                "deleting it.")
            named = move.get("posted_before") and move.get("name") not in (False, "/")
            if named and not numbering.is_last(env, move) and not env.context.get("force_delete"):
                raise UserError("You cannot delete this entry, as it has already consumed a "
                                "sequence number and is not the last one in the chain. You should "
                                "probably revert it instead.")
            self.delete(env, move_id)
        return True

    def delete(self, env: Env, row_id: int) -> None:
        move = env.row(self.name, row_id)
        for line in invoice.move_lines(env, row_id):
            env.model("account.move.line").delete(env, line["id"])
        if move.get("sequence_prefix"):
            numbering.give_back(env, move)
        for payment_id in env.store.find("account.payment", "move_id", row_id):
            if env.series == 17:
                Model.delete(env.model("account.payment"), env, payment_id)
            else:
                env.store.update("account.payment", payment_id, {"move_id": False})
        for line_id in env.store.find("account.bank.statement.line", "move_id", row_id):
            Model.delete(env.model("account.bank.statement.line"), env, line_id)
        for other in env.store.find(self.name, "reversed_entry_id", row_id):
            env.store.update(self.name, other, {"reversed_entry_id": False})
        super().delete(env, row_id)

    # -- actions --------------------------------------------------------------------------------

    @on_records
    def action_post(self, env: Env, ids: Ids) -> bool:
        posting.post(env, self.ids(ids))
        return False

    @on_records
    def button_draft(self, env: Env, ids: Ids) -> None:
        self.check(env, "write")
        posting.to_draft(env, self.ids(ids))

    @on_records
    def button_cancel(self, env: Env, ids: Ids) -> None:
        self.check(env, "write")
        posting.cancel(env, self.ids(ids))


class MoveLine(Model):
    name, label, order = "account.move.line", "Journal Item", "date desc, move_name desc, id"
    own = LINE

    def make(self, env: Env, move: Row, values: Row) -> Row:
        """One journal item from a caller's values."""
        xid = values.pop(LINE_ID, None)
        values.pop("move_id", None)
        self.refuse_unknown(env, values)
        kept = super().stored(env, values)
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
            row["account_id"] = product.get(field) or env.row(
                "account.journal", move["journal_id"]).get("default_account_id") or \
                env.sim.default_account("income" if sale else "expense")
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
        row = {"display_type": "product", **kept, "currency_id": currency["id"]}
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
        from .reconcile import reconcile
        reconcile(env, self.ids(ids))

    @on_records
    def remove_move_reconcile(self, env: Env, ids: Ids) -> None:
        self.check(env, "write")
        from .reconcile import undo
        undo(env, self.ids(ids))


def models(series: int) -> list[Model]:
    return [Move(series), MoveLine(series)]
