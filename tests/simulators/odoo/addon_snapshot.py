# SPDX-License-Identifier: Apache-2.0
"""Snapshots of records as the addon gives them: flat, amounts as texts, never None."""
from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from . import invoice
from .money import ZERO, rounded

if TYPE_CHECKING:
    from .env import Env
    from .store import Row

PERSONAL = ("asset_receivable", "liability_payable")


def amount(currency: Row, value: Any) -> str:
    return str(rounded(currency, Decimal(value or 0)))


def text(value: Any) -> str:
    return str(value) if value and value != "/" else ""


def external_name(env: Env, model: str, row_id: int) -> str:
    """The bare name of kontor's external id."""
    for data in env.store.find("ir.model.data", "target", f"{model},{row_id}"):
        row = env.row("ir.model.data", data)
        if row["module"] == "kontor":
            return str(row["name"])
    return ""


def snapshot(env: Env, model: str, row_id: int) -> dict[str, Any]:
    """The record as it stands now; `exists` false when it is gone."""
    row = env.store.tables[model].rows.get(row_id)
    if row is None:
        return {"model": model, "id": row_id, "exists": False, "visible": False}
    base = {"model": model, "id": row_id, "exists": True, "visible": True,
            "external_id": external_name(env, model, row_id),
            "write_date": str(row.get("write_date") or "")}
    made = {"account.move": _move, "account.payment": _payment, "res.partner": _partner,
            "res.partner.bank": _bank, "res.company": _company}.get(model)
    return {**base, **(made(env, row) if made else {"name": text(row.get("name"))})}


def _company_part(env: Env, row: Row) -> dict[str, Any]:
    partner = row.get("partner_id") or 0
    shown = env.model("res.partner").display_name(env, env.row("res.partner", partner)) \
        if partner else ""
    return {"journal_code": env.row("account.journal", row["journal_id"])["code"],
            "company_id": row["company_id"], "partner_id": partner, "partner_name": str(shown)}


def _home(env: Env, row: Row) -> Row:
    company = env.row("res.company", row["company_id"])
    return env.row("res.currency", company["currency_id"])


def _move(env: Env, row: Row) -> dict[str, Any]:
    currency, home = env.row("res.currency", row["currency_id"]), _home(env, row)
    signed = env.model("account.move").read(env.sudo(), [row["id"]], ["amount_total_signed"])[0]
    return {"name": text(row.get("name")), "state": row["state"], "move_type": row["move_type"],
            "move_id": row["id"], "date": text(row.get("date")),
            "invoice_date": text(row.get("invoice_date")),
            "due_date": text(row.get("invoice_date_due")), "currency": currency["name"],
            "total": amount(currency, row["amount_total"]),
            "tax": amount(currency, row["amount_tax"]),
            "residual": amount(currency, row["amount_residual"]),
            "company_currency": home["name"],
            "company_total": amount(home, abs(Decimal(str(signed["amount_total_signed"])))),
            "payment_state": text(row.get("payment_state")), "ref": text(row.get("ref")),
            "payment_reference": text(row.get("payment_reference")),
            "hashed": bool(row.get("inalterable_hash")), **_company_part(env, row)}


def _payment(env: Env, row: Row) -> dict[str, Any]:
    shown = env.model("account.payment").read(
        env.sudo(), [row["id"]], ["name", "state", "date", "ref" if env.series == 17 else "memo"],
        load="")[0]
    currency, home = env.row("res.currency", row["currency_id"]), _home(env, row)
    move_id = row.get("move_id") or 0
    out = {"name": text(shown["name"]), "state": shown["state"], "move_type": "payment",
           "move_id": move_id, "date": text(shown["date"]), "invoice_date": "", "due_date": "",
           "currency": currency["name"], "total": amount(currency, row["amount"]), "tax": "0",
           "residual": "0", "company_currency": "", "company_total": "0", "payment_state": "",
           "ref": text(shown["ref" if env.series == 17 else "memo"]), "payment_reference": "",
           "hashed": False, "sent": bool(row.get("is_sent")), **_company_part(env, row)}
    if move_id:
        move = env.row("account.move", move_id)
        entry = _move(env, move)
        left = sum((abs(line["amount_residual_currency"])
                    for line in invoice.move_lines(env, move_id)
                    if is_personal(env, line)), ZERO)
        out.update({"date": entry["date"], "hashed": entry["hashed"],
                    "residual": amount(currency, left), "company_currency": home["name"],
                    "company_total": entry["company_total"]})
    return out


def is_personal(env: Env, line: Row) -> bool:
    account = line.get("account_id")
    return bool(account) and env.row("account.account", account)["account_type"] in PERSONAL


def _partner(env: Env, row: Row) -> dict[str, Any]:
    return {"name": str(env.model("res.partner").display_name(env, row)),
            "ref": text(row.get("ref"))}


def _bank(env: Env, row: Row) -> dict[str, Any]:
    partner = env.row("res.partner", row["partner_id"])
    return {"name": "…" + str(row["sanitized_acc_number"])[-4:],
            "state": "active" if row.get("active", True) else "archived",
            "partner_id": row["partner_id"],
            "partner_name": str(env.model("res.partner").display_name(env, partner)),
            "trusted": bool(row.get("allow_out_payment")),
            "company_id": row.get("company_id") or 0}


def _company(env: Env, row: Row) -> dict[str, Any]:
    names = getattr(env.model("res.company"), "lock_names")
    return {"name": text(row["name"]), "company_id": row["id"],
            "lock_dates": {name: text(row.get(name)) for name in names
                           if name in env.model("res.company").fields}}
