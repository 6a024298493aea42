# SPDX-License-Identifier: Apache-2.0
"""Numbers of journal entries, lock dates and the accounting date that follows from them.

A locked period is not refused: the date is moved in silence, as on a real server.
"""
from __future__ import annotations

import calendar
from typing import TYPE_CHECKING

from . import access
from .fields import as_date
from .orm import later

if TYPE_CHECKING:
    from .env import Env
    from .store import Row

SALE = ("out_invoice", "out_refund", "out_receipt")
PURCHASE = ("in_invoice", "in_refund", "in_receipt")
YEARLY = ("sale", "bank", "cash", "credit")
COUNTER = "sim.counter"


def _family(env: Env, move: Row) -> tuple[str, Row]:
    journal = env.row("account.journal", move["journal_id"])
    letter = ""
    if journal.get("refund_sequence") and move["move_type"] in ("out_refund", "in_refund"):
        letter = "R"
    if journal.get("payment_sequence") and move.get("is_payment"):
        letter = "P"
    return letter, journal


def prefix_of(env: Env, move: Row) -> tuple[str, int]:
    """The constant part of a number and how many digits follow."""
    letter, journal = _family(env, move)
    day = move["date"]
    if journal["type"] in YEARLY:
        return f"{letter}{journal['code']}/{day[:4]}/", 5
    return f"{letter}{journal['code']}/{day[:4]}/{day[5:7]}/", 4


def has_numbers(env: Env, journal_id: int) -> bool:
    return bool(env.store.find(COUNTER, "journal_id", journal_id))


def _counter(env: Env, journal_id: int, prefix: str) -> Row | None:
    found = env.store.find(COUNTER, "key", f"{journal_id}:{prefix}")
    return env.store.tables[COUNTER].rows[found[0]] if found else None


def period_is_empty(env: Env, move: Row) -> bool:
    counter = _counter(env, move["journal_id"], prefix_of(env, move)[0])
    return counter is None or counter["number"] == 0


def assign_number(env: Env, move: Row) -> None:
    """Gives the next number of the journal's period; takes effect at once."""
    prefix, digits = prefix_of(env, move)
    counter = _counter(env, move["journal_id"], prefix)
    if counter is None:
        row_id = env.store.insert(COUNTER, {"journal_id": move["journal_id"], "number": 0,
                                            "key": f"{move['journal_id']}:{prefix}"})
        counter = env.store.tables[COUNTER].rows[row_id]
    number = counter["number"] + 1
    env.store.update(COUNTER, counter["id"], {"number": number})
    env.store.update("account.move", move["id"], {
        "name": f"{prefix}{number:0{digits}d}", "sequence_prefix": prefix,
        "sequence_number": number})


def is_last(env: Env, move: Row) -> bool:
    counter = _counter(env, move["journal_id"], move.get("sequence_prefix") or "")
    return counter is None or counter["number"] == move.get("sequence_number")


def give_back(env: Env, move: Row) -> None:
    """After the last number of a chain was deleted the next document takes it again."""
    counter = _counter(env, move["journal_id"], move.get("sequence_prefix") or "")
    if counter is not None and counter["number"] == move.get("sequence_number"):
        env.store.update(COUNTER, counter["id"], {"number": counter["number"] - 1})


def affects_tax(env: Env, move: Row) -> bool:
    rows = env.store.tables["account.move.line"].rows
    return any(rows[i].get("tax_ids") or rows[i].get("tax_line_id")
               for i in env.store.find("account.move.line", "move_id", move["id"]))


def _soft_lock(env: Env, company: Row, name: str, day: str) -> str:
    value = company.get(name)
    if not value or day > value:
        return ""
    if env.series >= 18:
        for exception_id in env.store.find("account.lock_exception", "company_id", company["id"]):
            row = env.store.tables["account.lock_exception"].rows[exception_id]
            if not row.get("active") or row.get("lock_date_field") != name:
                continue
            if row.get("user_id") not in (False, None, env.uid):
                continue
            if row.get("end_datetime") and row["end_datetime"] < env.now:
                continue
            exempt = row.get("lock_date") or ""
            return exempt if exempt and day <= exempt else ""
    return str(value)


def violated_locks(env: Env, move: Row, day: str, has_tax: bool) -> list[str]:
    """The lock dates on or after a day, oldest first."""
    company = env.row("res.company", move["company_id"])
    journal = env.row("account.journal", move["journal_id"])
    names = ["fiscalyear_lock_date"]
    if has_tax:
        names.append("tax_lock_date")
    if env.series == 17:
        if not env.has_group(access.MANAGER):
            names.append("period_lock_date")
    elif journal["type"] in ("sale", "purchase"):
        names.append(f"{journal['type']}_lock_date")
    found = [lock for name in names if (lock := _soft_lock(env, company, name, day))]
    hard = company.get("hard_lock_date")
    if env.series >= 18 and hard and day <= hard:
        found.append(hard)
    return sorted(found)


def _month_end(day: str) -> str:
    date = as_date(day)
    return date.replace(day=calendar.monthrange(date.year, date.month)[1]).isoformat()


def accounting_date(env: Env, move: Row, day: str, has_tax: bool) -> str:
    """The date a document is booked on: purchases follow today, locked periods move on."""
    locks = violated_locks(env, move, day, has_tax)
    journal = env.row("account.journal", move["journal_id"])
    yearly = has_numbers(env, move["journal_id"]) and journal["type"] in YEARLY
    today = env.today
    if locks:
        day = later(locks[-1], 1)
    if move["move_type"] in SALE:
        if not locks:
            return day
        return min(today, f"{day[:4]}-12-31" if yearly else _month_end(day))
    if yearly:
        return f"{day[:4]}-12-31" if today[:4] > day[:4] else max(day, today)
    return _month_end(day) if today[:7] > day[:7] else max(day, today)
