# SPDX-License-Identifier: Apache-2.0
"""Currencies, rates, taxes and payment terms: the arithmetic behind an invoice.

Works on Decimal; repeats the silent choices of the series (a currency without a rate is 1:1, and
18 and 19 use a later rate when there is no earlier one).
"""
from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from .fields import as_date

if TYPE_CHECKING:
    from .env import Env
    from .store import Row

ZERO = Decimal(0)
HUNDRED = Decimal(100)


def quantum(currency: Row) -> Decimal:
    return Decimal(1).scaleb(-int(currency["decimal_places"]))


def rounded(currency: Row, amount: Decimal) -> Decimal:
    """To the currency's smallest unit, halves away from zero."""
    return amount.quantize(quantum(currency), rounding=ROUND_HALF_UP)


def rate_of(env: Env, currency_id: int, company_id: int, day: str) -> Decimal:
    """Units of the currency for one unit of the base in which rates are kept."""
    rows = [env.store.tables["res.currency.rate"].rows[i]
            for i in env.store.find("res.currency.rate", "currency_id", currency_id)]
    rows = [r for r in rows if not r.get("company_id") or r["company_id"] == company_id]
    rows.sort(key=lambda r: (not r.get("company_id"), r["name"]))
    own = [r for r in rows if r.get("company_id")]
    for group in (own, [r for r in rows if not r.get("company_id")]):
        earlier = [r for r in group if r["name"] <= day]
        if earlier:
            return Decimal(earlier[-1]["rate"])
    if env.series >= 18 and rows:
        return Decimal((own or rows)[0]["rate"])
    return Decimal(1)


def conversion_rate(env: Env, source: int, target: int, company_id: int, day: str) -> Decimal:
    """Units of target for one unit of source on a day."""
    if source == target:
        return Decimal(1)
    return rate_of(env, target, company_id, day) / rate_of(env, source, company_id, day)


def tax_amounts(env: Env, currency: Row, taxes: Iterable[int], total: Decimal,
                within: bool = False) -> tuple[Decimal, list[tuple[int, Decimal]]]:
    """Base and (tax, amount) of one line whose price times quantity is `total`, per-line rounding.

    Taxes included in the price are taken out of the base; the others are added to it. `within`
    takes all for included, as Odoo does for expenses.
    """
    rows = sorted((env.row("account.tax", i) for i in taxes),
                  key=lambda t: (t.get("sequence", 1), t["id"]))
    included = sum((t["amount"] for t in rows
                    if (within or t.get("price_include")) and t["amount_type"] == "percent"),
                   ZERO)
    base = rounded(currency, total)
    if included:
        base = rounded(currency, total / (1 + included / HUNDRED))
    out = []
    rest = rounded(currency, total) - base
    inclusive = [t for t in rows
                 if (within or t.get("price_include")) and t["amount_type"] == "percent"]
    for tax in rows:
        if tax["amount_type"] == "fixed":
            amount = rounded(currency, tax["amount"])
        elif tax in inclusive:
            last = tax is inclusive[-1]
            amount = rest if last else rounded(currency, base * tax["amount"] / HUNDRED)
            rest -= amount
        else:
            amount = rounded(currency, base * tax["amount"] / HUNDRED)
        out.append((tax["id"], amount))
    return base, out


def _end_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def due_date(line: Row, start: str) -> str:
    """When one line of a payment term falls due."""
    day = as_date(start)
    days = int(line.get("nb_days") or 0)
    kind = line.get("delay_type") or "days_after"
    if kind == "days_after_end_of_month":
        day = _end_of_month(day) + timedelta(days=days)
    elif kind == "days_after_end_of_next_month":
        day = _end_of_month(_end_of_month(day) + timedelta(days=1)) + timedelta(days=days)
    else:
        day = day + timedelta(days=days)
    return day.isoformat()


def instalments(env: Env, currency: Row, term_id: int, start: str, total: Decimal
                ) -> list[tuple[str, Decimal]]:
    """Due dates and amounts of a payment term; the last line takes what is left."""
    ids = env.store.find("account.payment.term.line", "payment_id", term_id)
    rows = [env.row("account.payment.term.line", i) for i in ids]
    out: list[tuple[str, Decimal]] = []
    left = total
    for position, line in enumerate(rows):
        if position == len(rows) - 1:
            amount = left
        elif line.get("value") == "fixed":
            amount = rounded(currency, Decimal(line["value_amount"]))
        else:
            amount = rounded(currency, total * Decimal(line["value_amount"]) / HUNDRED)
        left -= amount
        out.append((due_date(line, start), amount))
    return out


def number_text(currency: Row, amount: Decimal) -> str:
    """An amount with its symbol on the side that the currency has it."""
    number = f"{amount:,.2f}"
    if currency.get("position") == "after":
        return f"{number}\u00a0{currency['symbol']}"
    return f"{currency['symbol']}\u00a0{number}"


def plain(value: Any) -> Decimal:
    return Decimal(value or 0)
