# SPDX-License-Identifier: Apache-2.0
"""account.move: drafts, what may be written when, deletion.

17 lets a posted document be changed; 18 and 19 refuse some fields and ignore others in silence.
Posting and its opposites are in posting.py.
"""
from __future__ import annotations

from decimal import Decimal
from typing import Any

from . import invoice, numbering, posting
from .account_schema import MOVE, MOVE_TYPES
from .env import Env, Ids, on_model, on_records
from .errors import (
    BuiltinError,
    MissingRequired,
    UserError,
    ValidationError,
    missing_required,
)
from .mail import Chatter
from .models_base import commercial
from .money import ZERO
from .move_lines import MoveLine
from .orm import Model
from .store import Row

READONLY_POSTED = ("invoice_line_ids", "line_ids", "invoice_date", "date", "partner_id",
                   "invoice_payment_term_id", "currency_id", "fiscal_position_id",
                   "invoice_cash_rounding_id")
DRAFT_NAMES = {"out_invoice": "Draft Invoice", "out_refund": "Draft Credit Note",
               "in_invoice": "Draft Bill", "in_refund": "Draft Vendor Credit Note",
               "out_receipt": "Draft Sales Receipt", "in_receipt": "Draft Purchase Receipt",
               "entry": "Draft Entry"}


class Move(Chatter):
    name, label, order = "account.move", "Journal Entry", "date desc, name desc, id desc"
    own = MOVE

    def display_name(self, env: Env, row: Row) -> str:
        number = row.get("name")
        shown = str(number) if number and number != "/" else ""
        if row["state"] == "draft":
            number = shown or f"(* {row['id']})"
            shown = f"{DRAFT_NAMES[row['move_type']]} {number}"
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
        self.refuse_empty(env, header)
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
            invoice.add_entry_taxes(env, move)
            invoice.check_balanced(env, move)
        if env.series == 17 and numbering.period_is_empty(env, move):
            numbering.assign_number(env, move)
        for command in values.get("expense_ids") or []:
            env.model("hr.expense").touch(env, command[1], {"account_move_id": move_id,
                                                            "state": "posted"})
        return move_id

    def refuse_empty(self, env: Env, header: Row) -> None:
        """An empty cell is a value: these columns do not take it."""
        for name in ("date", "journal_id", "currency_id"):
            if name in header and not header[name]:
                field = self.fields[name]
                raise MissingRequired(missing_required(env.series, self.label, self.name, name,
                                                       field.string), name, field.string)
        if "invoice_currency_rate" in header and not header["invoice_currency_rate"]:
            if env.series >= 19:
                raise ValidationError("The currency rate must be strictly positive.")
            raise BuiltinError("ZeroDivisionError", "float division by zero")

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
        row["due_emptied"] = "invoice_date_due" in row and not explicit_due
        emptied = env.series >= 18 and row["due_emptied"]
        if "invoice_payment_term_id" not in row:
            row["invoice_payment_term_id"] = self.term_of(env, kind, partner_id)
        row["keep_due"] = bool(emptied or (env.series >= 18 and explicit_due
                                           and row.get("invoice_payment_term_id")))
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
        if not out["invoice_date_due"] and not emptied:
            out["invoice_date_due"] = env.today
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
        protected = {"date", "journal_id", "company_id", "name"}
        if move.get("inalterable_hash") and protected & set(vals):
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
            update["due_emptied"] = not changed["invoice_date_due"]
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
            matched = any(r["matching_number"] for r in invoice.move_lines(env, move_id))
            if move["state"] == "posted" and matched and env.series <= 18:
                raise UserError("You cannot do this modification on a reconciled journal entry. "
                                "You can just change some non legal fields or you must "
                                "unreconcile first.\nJournal Entry (id): "
                                f"{move['name']} ({move_id})")
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


def models(series: int) -> list[Model]:
    return [Move(series), MoveLine(series)]
