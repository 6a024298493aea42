# SPDX-License-Identifier: Apache-2.0
"""Bank statements and their lines.

Creating a line posts its entry at once, against the suspense account or a given counterpart.
"""
from __future__ import annotations

from decimal import Decimal
from typing import Any

from . import invoice, posting
from .account_schema import MOVE_STATES, through
from .env import Env, Ids, on_model, on_records
from .errors import UserError
from .fields import (
    boolean,
    char,
    choice,
    day,
    decimal,
    html,
    integer,
    lines,
    monetary,
    one,
    text,
)
from .models_base import commercial
from .money import ZERO, conversion_rate, rounded
from .moves import Move
from .orm import Model
from .store import Row

MOVE = "account.move"


def _suspense_lines(env: Env, row: Row) -> list[Row]:
    journal = env.row("account.journal", row["journal_id"])
    return [line for line in invoice.move_lines(env, row["move_id"])
            if line["account_id"] == journal.get("suspense_account_id")]


def _residual(env: Env, row: Row) -> Decimal:
    found = _suspense_lines(env, row)
    if not found:
        return ZERO
    account = env.row("account.account", found[0]["account_id"])
    name = "amount_residual_currency" if account.get("reconcile") else "amount_currency"
    return sum((Decimal(line[name]) for line in found), ZERO)


def _reconciled(env: Env, row: Row) -> bool:
    return not row["amount"] or not _residual(env, row)


def _index(env: Env, row: Row) -> str:
    date = env.row(MOVE, row["move_id"])["date"].replace("-", "")
    return f"{date}{2147483647 - int(row.get('sequence') or 0):010d}{row['id']:010d}"


def _running(env: Env, row: Row) -> Decimal:
    table = env.store.tables["account.bank.statement.line"]
    mine = _index(env, row)
    total = Decimal(env.sim.opening_balance)
    for other in table.rows.values():
        if other["journal_id"] == row["journal_id"] and _index(env, other) <= mine:
            total += other["amount"]
    return total


class StatementLine(Model):
    name, label = "account.bank.statement.line", "Bank Statement Line"
    order = "internal_index desc"
    rec_name = "payment_ref"
    inherits = {MOVE: "move_id"}
    own = {
        "move_id": one("Journal Entry", MOVE, index=True),
        "journal_id": one("Journal", "account.journal", required=True, index=True),
        "statement_id": one("Statement", "account.bank.statement", index=True),
        "date": day("Date", store=False, compute=through(MOVE, "move_id", "date")),
        "name": char("Number", store=False, compute=through(MOVE, "move_id", "name")),
        "state": choice("Status", *MOVE_STATES, store=False,
                        compute=through(MOVE, "move_id", "state")),
        "line_ids": lines("Journal Items", "account.move.line", "move_id",
                          compute=lambda env, row: [
                              r["id"] for r in invoice.move_lines(env, row["move_id"])]),
        "payment_ref": char("Label", index=True), "partner_id": one("Partner", "res.partner"),
        "partner_name": char("Partner Name"), "account_number": char("Bank Account Number"),
        "transaction_type": char("Transaction Type"), "amount": monetary("Amount"),
        "ref": char("Reference"), "narration": html("Notes"), "sequence": integer("Sequence"),
        "currency_id": one("Journal Currency", "res.currency"),
        "foreign_currency_id": one("Foreign Currency", "res.currency"),
        "amount_currency": monetary("Amount in Currency"),
        "company_id": one("Company", "res.company"),
        "is_reconciled": boolean("Is Reconciled", store=False, compute=_reconciled),
        "amount_residual": decimal("Residual Amount", store=False, compute=_residual),
        "running_balance": monetary("Running Balance", store=False, compute=_running),
        "internal_index": char("Internal Reference", store=False, compute=_index),
    }

    @on_model
    def create(self, env: Env, vals_list: Any) -> Ids:
        self.check(env, "create")
        ids = []
        for given in vals_list:
            values = dict(given)
            counterpart = values.pop("counterpart_account_id", False)
            self.refuse_unknown(env, values)
            ids.append(self.make(env, values, counterpart))
        return ids

    def make(self, env: Env, values: Row, counterpart: Any) -> int:
        when = values.pop("date", False) or env.today
        kept = self.stored(env, values)
        if not kept.get("journal_id") and kept.get("statement_id"):
            kept["journal_id"] = env.row("account.bank.statement",
                                         kept["statement_id"]).get("journal_id")
        self.check_required(env, kept)
        journal = env.row("account.journal", kept["journal_id"])
        if not journal.get("suspense_account_id") and not counterpart:
            raise UserError("You can't create a new statement line without a suspense account set "
                            f"on the {journal['name']} journal.")
        company = env.row("res.company", journal["company_id"])
        home = env.row("res.currency", company["currency_id"])
        kept.update({"company_id": company["id"], "sequence": kept.get("sequence") or 1,
                     "currency_id": journal.get("currency_id") or home["id"],
                     "amount": kept.get("amount", ZERO)})
        rate = conversion_rate(env, kept["currency_id"], home["id"], company["id"], when)
        balance = rounded(home, kept["amount"] * rate)
        common = {"name": kept.get("payment_ref") or False, "currency_id": kept["currency_id"],
                  "partner_id": commercial(env, kept.get("partner_id") or False)}
        other: Row = {"balance": -balance, "amount_currency": -kept["amount"]}
        if kept.get("foreign_currency_id") and kept.get("amount_currency"):
            other.update({"currency_id": kept["foreign_currency_id"],
                          "amount_currency": -kept["amount_currency"]})
        moves = env.model(MOVE)
        assert isinstance(moves, Move)
        move_id = moves.make(env, {
            "move_type": "entry", "journal_id": journal["id"], "date": when,
            "ref": kept.get("ref") or False, "partner_id": kept.get("partner_id") or False,
            "line_ids": [
                (0, 0, {**common, "account_id": journal["default_account_id"],
                        "balance": balance, "amount_currency": kept["amount"]}),
                (0, 0, {**common, "account_id": counterpart or journal["suspense_account_id"],
                        **other})]})
        env.store.update(MOVE, move_id, {"is_statement": True})
        posting.post(env, [move_id])
        return self.insert(env, {"partner_name": False, "account_number": False, **kept,
                                 "move_id": move_id})

    @on_records
    def write(self, env: Env, ids: Ids, vals: Row) -> bool:
        self.check(env, "write")
        self.refuse_unknown(env, vals)
        changed_date = vals.get("date")
        rest = {k: v for k, v in vals.items() if k != "date"}
        for row_id in self.ids(ids):
            row = env.row(self.name, row_id)
            self.touch(env, row_id, self.stored(env, rest, row_id))
            if changed_date:
                env.store.update(MOVE, row["move_id"], {"date": changed_date})
            if {"amount", "partner_id", "payment_ref"} & set(rest):
                self.rebuild(env, row)
        return True

    def rebuild(self, env: Env, row: Row) -> None:
        """Amounts and labels of the entry follow those of the line."""
        journal = env.row("account.journal", row["journal_id"])
        home = invoice.company_currency(env, env.row(MOVE, row["move_id"]))
        rate = conversion_rate(env, row["currency_id"], home["id"], row["company_id"],
                               env.row(MOVE, row["move_id"])["date"])
        balance = rounded(home, row["amount"] * rate)
        for line in invoice.move_lines(env, row["move_id"]):
            sign = 1 if line["account_id"] == journal["default_account_id"] else -1
            invoice.set_line(env, line, {
                **invoice.amounts(sign * balance, sign * row["amount"]),
                "name": row.get("payment_ref") or False,
                "partner_id": commercial(env, row.get("partner_id") or False)})
            invoice.refresh_residual(env, line)
        invoice.refresh_totals(env, env.row(MOVE, row["move_id"]))

    @on_records
    def unlink(self, env: Env, ids: Ids) -> bool:
        self.check(env, "unlink")
        for row_id in self.ids(ids):
            row = env.row(self.name, row_id)
            posting.to_draft(env, [row["move_id"]])
            env.model(MOVE).delete(env, row["move_id"])
        return True

    def delete(self, env: Env, row_id: int) -> None:
        super().delete(env, row_id)


class Statement(Model):
    name, label, order = "account.bank.statement", "Bank Statement", "id desc"
    own = {
        "name": char("Reference"), "reference": char("External Reference"), "date": day("Date"),
        "balance_start": monetary("Starting Balance"),
        "balance_end_real": monetary("Ending Balance"),
        "balance_end": monetary("Computed Balance", store=False, compute=lambda env, row: (
            Decimal(row.get("balance_start") or 0)
            + sum((r["amount"] for r in _lines(env, row)), ZERO))),
        "line_ids": lines("Statement lines", "account.bank.statement.line", "statement_id"),
        "journal_id": one("Journal", "account.journal", store=False,
                          compute=lambda env, row: next(
                              (r["journal_id"] for r in _lines(env, row)), False)),
        "currency_id": one("Currency", "res.currency", store=False,
                           compute=lambda env, row: next(
                               (r["currency_id"] for r in _lines(env, row)), False)),
        "company_id": one("Company", "res.company"),
        "is_complete": boolean("Is Complete", store=False,
                               compute=lambda env, row: _complete(env, row)),
        "is_valid": boolean("Is Valid", store=False, compute=lambda env, row: _valid(env, row)),
        "problem_description": text("Problem", store=False, compute=lambda env, row: False),
    }

    def value(self, env: Env, row: Row, name: str) -> Any:
        found = super().value(env, row, name)
        return list(reversed(found)) if name == "line_ids" else found

    @on_model
    def create(self, env: Env, vals_list: Any) -> Ids:
        prepared = [{"company_id": env.company_id, **values} for values in vals_list]
        return super().create(env, prepared)


def _lines(env: Env, row: Row) -> list[Row]:
    rows = env.store.tables["account.bank.statement.line"].rows
    return [rows[i] for i in env.store.find("account.bank.statement.line", "statement_id",
                                            row["id"])]


def _complete(env: Env, row: Row) -> bool:
    total = Decimal(row.get("balance_start") or 0) + sum(
        (r["amount"] for r in _lines(env, row)), ZERO)
    return bool(_lines(env, row)) and total == row.get("balance_end_real")


def _valid(env: Env, row: Row) -> bool:
    """The starting balance continues the statement before it in the same journal."""
    own = _lines(env, row)
    if not own:
        return True
    before = [s for s in env.store.tables["account.bank.statement"].rows.values()
              if s["id"] < row["id"] and any(r["journal_id"] == own[0]["journal_id"]
                                             for r in _lines(env, s))]
    expected = before[-1].get("balance_end_real") if before else Decimal(env.sim.opening_balance)
    return Decimal(row.get("balance_start") or 0) == expected


def models(series: int) -> list[Model]:
    return [StatementLine(series), Statement(series)]
