# SPDX-License-Identifier: Apache-2.0
"""What follows from the lines of a document: taxes, due lines, totals, balances.

`sync` makes a document consistent after its lines or its header changed. It asks for no rights.
"""
from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .account_schema import SHOWN_ON_INVOICE
from .errors import UserError
from .models_base import commercial
from .money import HUNDRED, ZERO, conversion_rate, instalments, number_text, rounded, tax_amounts
from .numbering import PURCHASE, SALE

if TYPE_CHECKING:
    from .env import Env
    from .store import Row

LINE = "account.move.line"
INBOUND = ("out_invoice", "in_refund", "out_receipt")


def is_invoice(move: Row) -> bool:
    return move["move_type"] != "entry"


def move_lines(env: Env, move_id: int) -> list[Row]:
    rows = env.store.tables[LINE].rows
    return [rows[i] for i in env.store.find(LINE, "move_id", move_id)]


def company_currency(env: Env, move: Row) -> Row:
    company = env.row("res.company", move["company_id"])
    return env.row("res.currency", company["currency_id"])


def currency_of(env: Env, move: Row) -> Row:
    return env.row("res.currency", move["currency_id"])


def document_rate(env: Env, move: Row) -> Decimal:
    """Units of the document's currency for one unit of the company's."""
    own = move.get("manual_rate")
    if own:
        return Decimal(own)
    day = (move.get("invoice_date") if is_invoice(move) else move.get("date")) or env.today
    return conversion_rate(env, company_currency(env, move)["id"], move["currency_id"],
                           move["company_id"], day)


def set_line(env: Env, line: Row, values: Row) -> None:
    """Writes only what differs, so that an unchanged line keeps its stamp."""
    changed = {k: v for k, v in values.items() if line.get(k) != v}
    if changed:
        env.store.update(LINE, line["id"], changed)


def amounts(balance: Decimal, amount_currency: Decimal) -> Row:
    return {"balance": balance, "amount_currency": amount_currency,
            "debit": balance if balance > 0 else ZERO, "credit": -balance if balance < 0 else ZERO}


def sync(env: Env, move_id: int, taxes: bool = True, terms: bool = True) -> None:
    """Recomputes taxes (unless told to keep them), due lines, residuals and totals."""
    move = env.row("account.move", move_id)
    if is_invoice(move):
        _sync_invoice(env, move, taxes, terms)
    else:
        _sync_entry(env, move)
    for line in move_lines(env, move_id):
        refresh_residual(env, line)
    refresh_totals(env, move)


def _sync_invoice(env: Env, move: Row, taxes: bool, terms: bool) -> None:
    currency, home = currency_of(env, move), company_currency(env, move)
    rate = document_rate(env, move)
    if env.series >= 18:
        env.store.update("account.move", move["id"], {"invoice_currency_rate": rate})
    sign = -1 if move["move_type"] in INBOUND else 1
    partner = commercial(env, move.get("partner_id"))
    totals: dict[int, Decimal] = {}
    bases: dict[int, Decimal] = {}
    shares: dict[int, Decimal] = {}
    for line in move_lines(env, move["id"]):
        if line["display_type"] != "product":
            continue
        gross = line["price_unit"] * line["quantity"] * (1 - line["discount"] / HUNDRED)
        base, parts = tax_amounts(env, currency, line.get("tax_ids") or [], gross,
                                  within=bool(line.get("expense_id")))
        in_currency = sign * base
        line_balance = rounded(home, in_currency / rate)
        for tax_id, amount in parts:
            own_rate = in_currency / line_balance if line_balance else Decimal(1)
            shares[tax_id] = shares.get(tax_id, ZERO) + amount / own_rate
            totals[tax_id] = totals.get(tax_id, ZERO) + amount
            bases[tax_id] = bases.get(tax_id, ZERO) + base
        set_line(env, line, {
            **amounts(line_balance, in_currency), "price_subtotal": base,
            "price_total": base + sum((a for _, a in parts), ZERO), "partner_id": partner,
            "currency_id": move["currency_id"]})
    _round_globally(env, move, currency, totals, bases)
    if env.series >= 18:
        shares = {tax_id: amount / rate for tax_id, amount in totals.items()}
    _sync_taxes(env, move, totals, bases, shares, rate, sign, taxes, partner)
    if terms:
        _sync_terms(env, move, currency, partner)


def _round_globally(env: Env, move: Row, currency: Row, totals: dict[int, Decimal],
                    bases: dict[int, Decimal]) -> None:
    company = env.row("res.company", move["company_id"])
    if company.get("tax_calculation_rounding_method") != "round_globally":
        return
    for tax_id, base in bases.items():
        tax = env.row("account.tax", tax_id)
        if tax["amount_type"] == "percent" and not tax.get("price_include"):
            totals[tax_id] = rounded(currency, base * tax["amount"] / HUNDRED)


def _sync_taxes(env: Env, move: Row, totals: dict[int, Decimal], bases: dict[int, Decimal],
                shares: dict[int, Decimal], rate: Decimal, sign: int, replace: bool,
                partner: Any) -> None:
    home = company_currency(env, move)
    current = {line["tax_line_id"]: line for line in move_lines(env, move["id"])
               if line["display_type"] == "tax"}
    for tax_id, line in current.items():
        if not totals.get(tax_id):
            env.model(LINE).delete(env, line["id"])
    for tax_id, amount in totals.items():
        if not amount:
            continue
        tax = env.row("account.tax", tax_id)
        found = current.get(tax_id)
        in_currency = sign * amount
        balance = rounded(home, sign * shares[tax_id])
        if found is not None and not replace:
            in_currency = found["amount_currency"]
            if in_currency != sign * amount:
                balance = rounded(home, in_currency / rate)
        values = {**amounts(balance, in_currency),
                  "tax_base_amount": rounded(home, bases[tax_id] / rate),
                  "currency_id": move["currency_id"], "partner_id": partner}
        if found is not None:
            set_line(env, found, values)
        else:
            new_line(env, move, {**values, "display_type": "tax", "name": tax["name"],
                                 "tax_line_id": tax_id, "account_id": tax["account_id"],
                                 "tax_ids": []})


def term_label(env: Env, move: Row, index: int, count: int) -> Any:
    reference = move.get("payment_reference") or ""
    if env.series >= 19 and not reference and purchase(move):
        reference = move.get("ref") or ""
    if env.series >= 18 and reference and move.get("ref") and move["ref"] != reference:
        reference = f"{move['ref']} - {reference}"
    if count > 1:
        return f"{reference} installment #{index + 1}".strip()
    return reference or ("" if env.series == 17 else False)


def due_account(env: Env, move: Row) -> Any:
    field, fallback = ("property_account_receivable_id", "receivable") \
        if move["move_type"] in SALE else ("property_account_payable_id", "payable")
    company = move["company_id"]
    partner = move.get("partner_id")
    found = env.row("res.partner", partner).get(field) if partner else False
    return env.if_of_company(found, company) or env.default_account(fallback, company)


def _sync_terms(env: Env, move: Row, currency: Row, partner: Any) -> None:
    home = company_currency(env, move)
    rows = move_lines(env, move["id"])
    others = [r for r in rows if r["display_type"] != "payment_term"]
    current = [r for r in rows if r["display_type"] == "payment_term"]
    total = -sum((r["amount_currency"] for r in others), ZERO)
    balance = -sum((r["balance"] for r in others), ZERO)
    start = move.get("invoice_date") or move.get("date") or env.today
    wanted: list[tuple[Any, Decimal]] = []
    if [r for r in others if r["display_type"] == "product"]:
        term = move.get("invoice_payment_term_id")
        if term:
            wanted = instalments(env, currency, term, start, total)
        else:
            wanted = [(False if move.get("due_emptied") else
                       move.get("invoice_date_due") or env.today, total)]
    left = balance
    for index, (due, amount) in enumerate(wanted):
        share = left if index == len(wanted) - 1 else rounded(home, balance * amount / total)
        left -= share
        values = {**amounts(share, amount), "date_maturity": due, "partner_id": partner,
                  "currency_id": move["currency_id"], "account_id": due_account(env, move),
                  "name": term_label(env, move, index, len(wanted))}
        if index < len(current):
            set_line(env, current[index], values)
        else:
            new_line(env, move, {**values, "display_type": "payment_term", "tax_ids": []})
    for line in current[len(wanted):]:
        env.model(LINE).delete(env, line["id"])
    if wanted and not move.get("keep_due"):
        env.store.update("account.move", move["id"],
                         {"invoice_date_due": max(due or "" for due, _ in wanted)
                          or move.get("invoice_date_due") or env.today})


def _sync_entry(env: Env, move: Row) -> None:
    for line in move_lines(env, move["id"]):
        if line["display_type"] in ("line_section", "line_note"):
            continue
        if not line.get("partner_id") and move.get("partner_id"):
            set_line(env, line, {"partner_id": commercial(env, move["partner_id"])})


def add_entry_taxes(env: Env, move: Row) -> None:
    """Taxes on the lines of an entry add their own lines; what then does not balance goes to the
    suspense account, without a word."""
    home = company_currency(env, move)
    added = False
    for line in move_lines(env, move["id"]):
        for tax_id, amount in tax_amounts(env, home, line.get("tax_ids") or [],
                                          line["balance"])[1]:
            tax = env.row("account.tax", tax_id)
            if amount:
                added = True
                new_line(env, move, {**amounts(amount, amount), "display_type": "tax",
                                     "name": tax["name"], "tax_line_id": tax_id,
                                     "account_id": tax["account_id"],
                                     "tax_base_amount": abs(line["balance"]),
                                     "currency_id": home["id"]})
    left = sum((r["balance"] for r in move_lines(env, move["id"])), ZERO)
    if added and left:
        new_line(env, move, {**amounts(-left, -left), "name": "Automatic Balancing Line",
                             "quantity": Decimal(1), "currency_id": home["id"],
                             "account_id": env.default_account("suspense", move["company_id"])})
    if env.series >= 18:
        for line in move_lines(env, move["id"]):
            taxes = tax_amounts(env, home, line.get("tax_ids") or [], line["amount_currency"])[1]
            if line["display_type"] == "product":
                set_line(env, line, {"price_subtotal": line["amount_currency"],
                                     "price_total": line["amount_currency"]
                                     + sum((a for _, a in taxes), ZERO)})
    if added:
        refresh_totals(env, move)


def new_line(env: Env, move: Row, values: Row) -> Row:
    """Puts one journal item in with all its columns."""
    row: Row = {"move_id": move["id"], "name": False, "display_type": "product", "quantity": ZERO,
                "price_unit": ZERO, "discount": ZERO, "price_subtotal": ZERO,
                "price_total": ZERO, "debit": ZERO, "credit": ZERO, "balance": ZERO,
                "amount_currency": ZERO, "amount_residual": ZERO,
                "amount_residual_currency": ZERO, "reconciled": False, "full_reconcile_id": False,
                "matching_number": False, "tax_ids": [], "tax_line_id": False,
                "tax_base_amount": ZERO, "date_maturity": False, "analytic_distribution": False,
                "payment_id": False, "partner_id": False, "product_id": False,
                "currency_id": move["currency_id"], "account_id": False, "sequence": 10}
    row.update(values)
    line_id = env.model(LINE).insert(env, row)
    return env.store.tables[LINE].rows[line_id]


def can_reconcile(env: Env, account_id: Any) -> bool:
    if not account_id:
        return False
    account = env.row("account.account", account_id)
    return bool(account.get("reconcile")) or account["account_type"] in (
        "asset_cash", "liability_credit_card")


def refresh_residual(env: Env, line: Row) -> None:
    """Residual amounts from the balance and what was matched so far."""
    if not can_reconcile(env, line.get("account_id")):
        set_line(env, line, {"amount_residual": ZERO, "amount_residual_currency": ZERO,
                             "reconciled": False})
        return
    residual, in_currency = line["balance"], line["amount_currency"]
    rows = env.store.tables["account.partial.reconcile"].rows
    matched = False
    for part_id in env.store.find("account.partial.reconcile", "debit_move_id", line["id"]):
        residual -= rows[part_id]["amount"]
        in_currency -= rows[part_id]["debit_amount_currency"]
        matched = True
    for part_id in env.store.find("account.partial.reconcile", "credit_move_id", line["id"]):
        residual += rows[part_id]["amount"]
        in_currency += rows[part_id]["credit_amount_currency"]
        matched = True
    done = not residual and not in_currency and (matched
                                                 or line["display_type"] == "payment_term")
    set_line(env, line, {"amount_residual": residual, "amount_residual_currency": in_currency,
                         "reconciled": done})


def refresh_totals(env: Env, move: Row) -> None:
    """Totals and the amount still due, as stored on the document."""
    rows = move_lines(env, move["id"])
    sign = 1 if move["move_type"] in INBOUND else -1
    if not is_invoice(move):
        one = len({r["currency_id"] for r in rows}) == 1
        name = "amount_currency" if one else "balance"
        total = sum((r[name] for r in rows if r[name] > 0), ZERO)
        values = {"amount_untaxed": ZERO, "amount_tax": ZERO, "amount_total": total,
                  "amount_residual": ZERO, "amount_residual_signed": ZERO}
    else:
        untaxed = -sign * sum((r["amount_currency"] for r in rows
                               if r["display_type"] == "product"), ZERO)
        tax = -sign * sum((r["amount_currency"] for r in rows if r["display_type"] == "tax"), ZERO)
        terms = [r for r in rows if r["display_type"] == "payment_term"]
        left = sign * sum((r["amount_residual_currency"] for r in terms), ZERO)
        values = {"amount_untaxed": untaxed, "amount_tax": tax, "amount_total": untaxed + tax,
                  "amount_residual": left,
                  "amount_residual_signed": sum((r["amount_residual"] for r in terms), ZERO)}
    changed = {k: v for k, v in values.items() if move.get(k) != v}
    if changed:
        env.model("account.move").touch(env, move["id"], changed)


def check_balanced(env: Env, move: Row) -> None:
    """Refuses an entry whose debits and credits differ, in the words of the series."""
    rows = move_lines(env, move["id"])
    if not sum((r["balance"] for r in rows), ZERO):
        return
    if env.series >= 18:
        raise UserError("The entry is not balanced.")
    debit = sum((r["debit"] for r in rows), ZERO)
    credit = sum((r["credit"] for r in rows), ZERO)
    home = company_currency(env, move)
    journal = env.row("account.journal", move["journal_id"])["name"]
    shown = env.model("account.move").display_name(env, move)
    raise UserError(
        f"An error has occurred.\n\nThe move ({shown}) is not balanced.\nThe total of debits "
        f"equals {number_text(home, debit)} and the total of credits equals "
        f"{number_text(home, credit)}.\nYou might want to specify a default account on journal "
        f"\"{journal}\" to automatically balance each move.")


def shown_lines(rows: list[Row]) -> list[Row]:
    return [r for r in rows if r["display_type"] in SHOWN_ON_INVOICE]


def purchase(move: Row) -> bool:
    return move["move_type"] in PURCHASE
