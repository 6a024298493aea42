# SPDX-License-Identifier: Apache-2.0
"""Matching of journal items: partial and full, in one currency or two, and its undoing.

A difference left in company currency after a full match in a foreign one is booked in the
exchange journal.
"""
from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from . import invoice, posting
from .errors import UserError
from .money import ZERO, conversion_rate, rounded

if TYPE_CHECKING:
    from .env import Env
    from .store import Row

LINE = "account.move.line"
PARTIAL = "account.partial.reconcile"


def reconcile(env: Env, ids: list[int]) -> None:
    """Matches the given items with each other, oldest first."""
    lines = [env.row(LINE, i) for i in dict.fromkeys(ids)]
    _refuse(env, lines)
    _match(env, lines)
    _label(env, lines)
    _refresh(env, lines)


def _refuse(env: Env, lines: list[Row]) -> None:
    if any(line["reconciled"] for line in lines):
        raise UserError("You are trying to reconcile some entries that are already reconciled.")
    if any(env.row("account.move", line["move_id"])["state"] != "posted" for line in lines):
        raise UserError("You can only reconcile posted entries.")
    accounts = list(dict.fromkeys(line["account_id"] for line in lines))
    model = env.model("account.account")
    names = [model.display_name(env, env.row("account.account", a)) for a in accounts]
    if len(accounts) > 1:
        raise UserError(f"Entries are not from the same account: {', '.join(names)}")
    if accounts and not invoice.can_reconcile(env, accounts[0]):
        raise UserError(f"Account {names[0]} does not allow reconciliation. First change the "
                        "configuration of this account to allow it.")


def _order(env: Env, line: Row) -> Any:
    day = line.get("date_maturity") or env.row("account.move", line["move_id"])["date"]
    return day, line["currency_id"], line["amount_currency"], line["balance"], line["id"]


def _match(env: Env, lines: list[Row]) -> None:
    ordered = sorted(lines, key=lambda line: _order(env, line))
    currencies = list(dict.fromkeys(line["currency_id"] for line in ordered))
    for currency in currencies:
        _pairs(env, [line for line in ordered if line["currency_id"] == currency])
    if len(currencies) > 1:
        _pairs(env, ordered)


def _pairs(env: Env, lines: list[Row]) -> None:
    debits = [line for line in lines if line["balance"] > 0
              or (not line["balance"] and line["amount_currency"] > 0)]
    credits = [line for line in lines if line not in debits]
    while debits and credits:
        debit, credit = debits[0], credits[0]
        if debit["reconciled"] or not _open(debit):
            debits.pop(0)
            continue
        if credit["reconciled"] or not _open(credit):
            credits.pop(0)
            continue
        if not _one(env, debit, credit):
            break


def _open(line: Row) -> bool:
    return bool(line["amount_residual"] or line["amount_residual_currency"])


def _one(env: Env, debit: Row, credit: Row) -> bool:
    """Makes one partial match; False when nothing can be matched."""
    move = env.row("account.move", debit["move_id"])
    home = invoice.company_currency(env, move)
    same = debit["currency_id"] == credit["currency_id"]
    if same and debit["currency_id"] != home["id"]:
        currency = env.row("res.currency", debit["currency_id"])
        amount_currency = min(debit["amount_residual_currency"],
                              -credit["amount_residual_currency"])
        if amount_currency <= 0:
            return False
        debit_share = _share(home, debit, amount_currency)
        credit_share = _share(home, credit, amount_currency)
        amount = min(debit_share, credit_share)
        part = _partial(env, debit, credit, amount, rounded(currency, amount_currency),
                        rounded(currency, amount_currency))
        for line, share in ((debit, debit_share), (credit, credit_share)):
            invoice.refresh_residual(env, line)
            rest = share - amount
            if rest and not line["amount_residual_currency"]:
                _exchange(env, line, line["amount_residual"], part)
        return True
    amount = min(debit["amount_residual"], -credit["amount_residual"])
    if amount <= 0:
        return False
    day = max(env.row("account.move", line["move_id"])["date"] for line in (debit, credit))
    _partial(env, debit, credit, amount,
             _foreign(env, home, debit, debit["amount_residual"], amount, day),
             -_foreign(env, home, credit, credit["amount_residual"], -amount, day))
    invoice.refresh_residual(env, debit)
    invoice.refresh_residual(env, credit)
    return True


def _share(home: Row, line: Row, amount_currency: Decimal) -> Decimal:
    """The part of a line's residual in company currency that goes with an amount."""
    residual, in_currency = abs(line["amount_residual"]), abs(line["amount_residual_currency"])
    if amount_currency == in_currency:
        return residual
    return rounded(home, residual * amount_currency / in_currency)


def _foreign(env: Env, home: Row, line: Row, residual: Decimal, amount: Decimal,
             day: str) -> Decimal:
    if line["currency_id"] == home["id"]:
        return amount
    if amount == residual:
        return Decimal(line["amount_residual_currency"])
    move = env.row("account.move", line["move_id"])
    rate = conversion_rate(env, home["id"], line["currency_id"], move["company_id"], day)
    return rounded(env.row("res.currency", line["currency_id"]), amount * rate)


def _partial(env: Env, debit: Row, credit: Row, amount: Decimal, debit_currency: Decimal,
             credit_currency: Decimal) -> int:
    day = max(env.row("account.move", line["move_id"])["date"] for line in (debit, credit))
    return env.model(PARTIAL).insert(env, {
        "debit_move_id": debit["id"], "credit_move_id": credit["id"], "amount": amount,
        "debit_amount_currency": debit_currency, "credit_amount_currency": credit_currency,
        "full_reconcile_id": False, "exchange_move_id": False, "max_date": day,
        "company_id": env.row("account.move", debit["move_id"])["company_id"]})


def _exchange(env: Env, line: Row, difference: Decimal, part: int) -> None:
    """Books what is left of a line in company currency and matches it away."""
    move = env.row("account.move", line["move_id"])
    company = env.row("res.company", move["company_id"])
    gain = difference < 0
    other = company.get("income_currency_exchange_account_id" if gain
                        else "expense_currency_exchange_account_id")
    journal = company.get("currency_exchange_journal_id")
    if not journal or not other or not difference:
        return
    rows = [{"name": "Currency exchange rate difference", "account_id": line["account_id"],
             "currency_id": line["currency_id"], "balance": -difference, "amount_currency": ZERO,
             "partner_id": line["partner_id"]},
            {"name": "Currency exchange rate difference", "account_id": other,
             "currency_id": line["currency_id"], "balance": difference, "amount_currency": ZERO,
             "partner_id": line["partner_id"]}]
    su = env.sudo()
    day = env.row(PARTIAL, part)["max_date"]
    made = su.model("account.move").create(su, [{
        "move_type": "entry", "journal_id": journal, "date": day,
        "line_ids": [(0, 0, row) for row in rows]}])
    posting.post(su, made)
    counter = invoice.move_lines(env, made[0])[0]
    debit, credit = (line, counter) if difference > 0 else (counter, line)
    exchange = _partial(env, debit, credit, abs(difference), ZERO, ZERO)
    env.store.update(PARTIAL, part, {"exchange_move_id": made[0]})
    env.store.update(PARTIAL, exchange, {"exchange_move_id": made[0]})
    invoice.refresh_residual(env, line)
    invoice.refresh_residual(env, counter)


def component(env: Env, start: list[int]) -> tuple[list[Row], list[int]]:
    """All items connected by matches to the given ones, and those matches."""
    seen: dict[int, Row] = {}
    parts: dict[int, None] = {}
    todo = list(start)
    while todo:
        line_id = todo.pop()
        if line_id in seen:
            continue
        seen[line_id] = env.row(LINE, line_id)
        for side, other in (("debit_move_id", "credit_move_id"),
                            ("credit_move_id", "debit_move_id")):
            for part_id in env.store.find(PARTIAL, side, line_id):
                parts[part_id] = None
                todo.append(env.row(PARTIAL, part_id)[other])
    return list(seen.values()), list(parts)


def _label(env: Env, lines: list[Row]) -> None:
    """Numbers the matching; a complete one becomes a full reconcile."""
    done: set[int] = set()
    for line in lines:
        if line["id"] in done:
            continue
        rows, parts = component(env, [line["id"]])
        done.update(r["id"] for r in rows)
        if not parts:
            continue
        if all(r["reconciled"] for r in rows):
            full = env.model("account.full.reconcile").insert(env, {})
            for part in parts:
                env.store.update(PARTIAL, part, {"full_reconcile_id": full})
            values: Row = {"full_reconcile_id": full, "matching_number": str(full)}
        else:
            values = {"full_reconcile_id": False, "matching_number": f"P{min(parts)}"}
        for row in rows:
            invoice.set_line(env, row, values)


def _refresh(env: Env, lines: list[Row]) -> None:
    moves = list(dict.fromkeys(line["move_id"] for line in lines))
    for move_id in moves:
        invoice.refresh_totals(env, env.row("account.move", move_id))
    posting.refresh_payment_state(env, moves)
    from .payments import refresh_states
    refresh_states(env, moves)


def undo(env: Env, ids: list[int]) -> None:
    """Takes every match of the items back; exchange entries are reversed by deletion."""
    touched: dict[int, Row] = {}
    exchanges: dict[int, None] = {}
    for line_id in ids:
        env.row(LINE, line_id)
        for side in ("debit_move_id", "credit_move_id"):
            for part_id in env.store.find(PARTIAL, side, line_id):
                part = env.row(PARTIAL, part_id)
                for name in ("debit_move_id", "credit_move_id"):
                    touched[part[name]] = env.row(LINE, part[name])
                if part.get("exchange_move_id"):
                    exchanges[part["exchange_move_id"]] = None
                env.store.delete(PARTIAL, part_id)
    for move_id in exchanges:
        _reverse_exchange(env, move_id, touched)
    for line in touched.values():
        invoice.refresh_residual(env, line)
        invoice.set_line(env, line, {"full_reconcile_id": False, "matching_number": False})
    _label(env, list(touched.values()))
    _refresh(env, list(touched.values()))


def _reverse_exchange(env: Env, move_id: int, touched: dict[int, Row]) -> None:
    """An exchange entry whose match is gone is answered by its opposite."""
    su = env.sudo()
    lines = invoice.move_lines(env, move_id)
    for line in lines:
        for side in ("debit_move_id", "credit_move_id"):
            for part_id in env.store.find(PARTIAL, side, line["id"]):
                part = env.row(PARTIAL, part_id)
                for name in ("debit_move_id", "credit_move_id"):
                    touched[part[name]] = env.row(LINE, part[name])
                env.store.delete(PARTIAL, part_id)
        invoice.refresh_residual(env, line)
    move = env.row("account.move", move_id)
    rows = [{"name": line["name"], "account_id": line["account_id"],
             "currency_id": line["currency_id"], "balance": -line["balance"],
             "amount_currency": ZERO, "partner_id": line["partner_id"]} for line in lines]
    made = su.model("account.move").create(su, [{
        "move_type": "entry", "journal_id": move["journal_id"], "date": move["date"],
        "ref": f"Reversal of: {move['name']}", "reversed_entry_id": move_id,
        "line_ids": [(0, 0, row) for row in rows]}])
    posting.post(su, made)
