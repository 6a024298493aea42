# SPDX-License-Identifier: Apache-2.0
"""Posting a document, taking it back to draft, cancelling it, and its payment state."""
from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from . import access, catalogue, invoice, numbering
from .errors import AccessError, RedirectWarning, UserError, ValidationError
from .money import ZERO

if TYPE_CHECKING:
    from .env import Env
    from .store import Row

MOVE = "account.move"


def post(env: Env, ids: list[int]) -> None:
    """Posts all or none; dates in locked periods move in silence."""
    if not env.has_group(access.INVOICE):
        raise AccessError("You don't have the access rights to post an invoice.")
    moves = [env.row(MOVE, i) for i in ids]
    _refuse(env, moves)
    for move in moves:
        if invoice.is_invoice(move) and not move.get("invoice_date"):
            env.store.update(MOVE, move["id"], {"invoice_date": env.today, "date": env.today})
            invoice.sync(env, move["id"], taxes=False)
        if env.context.get("validate_analytic"):
            _check_analytic(env, move)
    for move in sorted(moves, key=lambda m: (m["date"], m.get("ref") or "", m["id"])):
        _post_one(env, move)
    reconcile_reversals(env, moves)
    refresh_payment_state(env, ids)


def _refuse(env: Env, moves: list[Row]) -> None:
    problems: list[str] = []
    for move in moves:
        if invoice.is_invoice(move):
            problems += _document_problems(env, move)
    for move in moves:
        rows = invoice.move_lines(env, move["id"])
        if move["state"] in ("posted", "cancel"):
            problems.append(f"The entry {move['name']} (id {move['id']}) must be in draft.")
        if not [r for r in rows if r["display_type"] not in ("line_section", "line_note")]:
            problems.append("Even magicians can't post nothing!" if env.series >= 19
                            else "You need to add a line before posting.")
        journal = env.row("account.journal", move["journal_id"])
        if not journal.get("active", True):
            problems.append(f"You cannot post an entry in an archived journal ({journal['name']})")
        currency = invoice.currency_of(env, move)
        if not currency.get("active"):
            problems.append("You cannot validate a document with an inactive currency: "
                            f"{currency['name']}")
        for account in [a for r in rows if (a := _closed(env, r.get("account_id")))]:
            problems.append(f"The account {account['name']} ({account['code']}) is archived."
                            if env.series >= 19 else "A line of this move is using a deprecated "
                            "account, you cannot post it.")
    if problems:
        raise UserError("\n".join(dict.fromkeys(problems)))
    if env.series == 17:
        _refuse_duplicates(env, moves)


def _closed(env: Env, account_id: Any) -> Row | None:
    """The account when it may not be used any more."""
    if not account_id:
        return None
    account = env.row("account.account", account_id)
    closed = account.get("deprecated") or account.get("active") is False
    return account if closed else None


def _document_problems(env: Env, move: Row) -> list[str]:
    out = []
    bank = move.get("partner_bank_id")
    if bank and not env.row("res.partner.bank", bank).get("active", True):
        out.append("The recipient bank account linked to this invoice is archived.\nSo you cannot "
                   "confirm the invoice.")
    if move["amount_total"] < 0:
        out.append("You cannot validate an invoice with a negative total amount. You should create "
                   "a credit note instead. Use the action menu to transform it into a credit note "
                   "or refund.")
    sale = move["move_type"] in numbering.SALE
    if not move.get("partner_id"):
        who, what = ("Customer", "Customer Invoice") if sale else ("Vendor", "Vendor Bill")
        if env.series >= 19:
            out.append(f"The '{who}' field is required to validate the invoice.\nYou probably "
                       "don't want to explain to your auditor that you invoiced an invisible man "
                       ":)")
        else:
            out.append(f"The field '{who}' is required, please complete it to validate the "
                       f"{what}.")
    if not sale and not move.get("invoice_date"):
        out.append("The Bill/Refund date is required to validate this document.")
    return out


def _refuse_duplicates(env: Env, moves: list[Row]) -> None:
    rows = env.store.tables[MOVE].rows
    for move in moves:
        if move["move_type"] not in ("in_invoice", "in_refund") or not move.get("ref"):
            continue
        twins = [i for i in env.store.find(MOVE, "ref", move["ref"])
                 if i != move["id"] and rows[i]["move_type"] == move["move_type"]
                 and rows[i].get("commercial_partner_id") == move.get("commercial_partner_id")
                 and rows[i]["company_id"] == move["company_id"]
                 and (rows[i].get("invoice_date") or "")[:4] == (move.get("invoice_date")
                                                                 or "")[:4]
                 and (rows[i]["state"] == "posted" or rows[i] in moves)]
        if twins:
            action = {"id": 280, "name": "Entries", "type": "ir.actions.act_window",
                      "res_model": MOVE, "view_mode": "tree,form",
                      "domain": [("id", "in", sorted([*twins, move["id"]]))]}
            raise RedirectWarning("Duplicated vendor reference detected. You probably encoded "
                                  "twice the same vendor bill/credit note.", action, "Open list",
                                  None)


def _check_analytic(env: Env, move: Row) -> None:
    plans = list(env.store.tables["account.analytic.plan"].rows.values())
    domain = {"out": "invoice", "in_": "bill"}.get(move["move_type"][:3], "general")
    accounts = env.store.tables["account.analytic.account"].rows
    for line in invoice.move_lines(env, move["id"]):
        if line["display_type"] != "product":
            continue
        code = env.row("account.account", line["account_id"])["code"]
        asked = [p for p in plans if catalogue.applicability(
            env, p, domain, code, move["company_id"]) == "mandatory"]
        shares: dict[int, Decimal] = {}
        for key, share in (line.get("analytic_distribution") or {}).items():
            for part in str(key).split(","):
                if int(part) in accounts:
                    plan = accounts[int(part)]["plan_id"]
                    shares[plan] = shares.get(plan, ZERO) + Decimal(str(share))
        if any(shares.get(plan["id"], ZERO) != 100 for plan in asked):
            raise ValidationError("One or more lines require a 100% analytic distribution.")


def _post_one(env: Env, move: Row) -> None:
    has_tax = numbering.affects_tax(env, move)
    if numbering.violated_locks(env, move, move["date"], has_tax):
        day = numbering.accounting_date(env, move, move.get("invoice_date") or move["date"],
                                        has_tax)
        env.store.update(MOVE, move["id"], {"date": day})
        if move.get("sequence_prefix") and not move.get("posted_before") and \
                move["sequence_prefix"] != numbering.prefix_of(env, move)[0]:
            numbering.give_back(env, move)
            env.store.update(MOVE, move["id"], {"name": "/", "sequence_prefix": False})
    if not move.get("name") or move["name"] == "/":
        numbering.assign_number(env, move)
    model = env.model(MOVE)
    model.touch(env, move["id"], {"state": "posted", "posted_before": True, "keep_due": False})
    if move["move_type"] == "out_invoice" and not move.get("payment_reference"):
        env.store.update(MOVE, move["id"], {"payment_reference": move["name"]})
    invoice.sync(env, move["id"], taxes=False)
    journal = env.row("account.journal", move["journal_id"])
    if journal.get("restrict_mode_hash_table"):
        env.store.update(MOVE, move["id"], {"inalterable_hash": f"$4${move['id']:064x}"})
    partner = move.get("partner_id")
    _raise_ranks(env, move)
    if partner and env.series <= 18 and move["move_type"] != "entry":
        model.message_subscribe(env, [move["id"]], [partner])  # type: ignore[attr-defined]


def _raise_ranks(env: Env, move: Row) -> None:
    """Who sold or bought something is a supplier or customer from then on."""
    sort = {"in": "supplier_rank", "out": "customer_rank"}.get(move["move_type"].split("_")[0])
    partners = {move.get("partner_id"), move.get("commercial_partner_id")} - {None, False}
    for partner in partners if sort else ():
        rank = env.row("res.partner", partner).get(sort) or 0
        env.store.update("res.partner", partner, {sort: rank + 1})


def reconcile_reversals(env: Env, moves: list[Row]) -> None:
    """A posted reversal is matched with its original, account by account."""
    from .reconcile import reconcile
    for move in moves:
        original = move.get("reversed_entry_id")
        if not original or env.row(MOVE, original)["state"] != "posted":
            continue
        groups: dict[Any, list[Row]] = {}
        for line in invoice.move_lines(env, original) + invoice.move_lines(env, move["id"]):
            if not line["reconciled"] and invoice.can_reconcile(env, line.get("account_id")):
                groups.setdefault((line["account_id"], line["currency_id"]), []).append(line)
        for rows in groups.values():
            if any(r["balance"] > 0 for r in rows) and any(r["balance"] < 0 for r in rows):
                reconcile(env, [r["id"] for r in rows])


def to_draft(env: Env, ids: list[int]) -> None:
    from .reconcile import undo
    moves = [env.row(MOVE, i) for i in ids]
    if any(m["state"] not in ("cancel", "posted") for m in moves):
        raise UserError("Only posted/cancelled journal entries can be reset to draft.")
    for move in moves:
        if move.get("inalterable_hash"):
            raise UserError("You cannot reset to draft a locked journal entry.")
        locks = numbering.violated_locks(env, move, move["date"], numbering.affects_tax(env, move))
        if move["state"] == "posted" and locks:
            raise UserError("You cannot add/modify entries prior to and inclusive of: "
                            f"{locks[-1]}.")
        if env.store.find("account.partial.reconcile", "exchange_move_id", move["id"]):
            raise UserError("You cannot reset to draft an exchange difference journal entry.")
        undo(env, [r["id"] for r in invoice.move_lines(env, move["id"])])
        env.model(MOVE).touch(env, move["id"], {"state": "draft", "payment_state": "not_paid"})
        for line in invoice.move_lines(env, move["id"]):
            invoice.refresh_residual(env, line)
        invoice.refresh_totals(env, move)


def cancel(env: Env, ids: list[int]) -> None:
    for move_id in ids:
        move = env.row(MOVE, move_id)
        if move["state"] == "posted":
            to_draft(env, [move_id])
        elif move["state"] != "draft":
            raise UserError("Only draft journal entries can be cancelled.")
        env.model(MOVE).touch(env, move_id, {"state": "cancel", "auto_post": "no"})
        if env.series >= 18:
            for payment_id in env.store.find("account.payment", "move_id", move_id):
                env.model("account.payment").touch(env, payment_id, {"state": "canceled"})


def refresh_payment_state(env: Env, ids: list[int]) -> None:
    """Stored recomputation of payment_state, as happens after each matching."""
    for move_id in ids:
        move = env.row(MOVE, move_id)
        state = _payment_state(env, move)
        if state != move.get("payment_state"):
            env.model(MOVE).touch(env, move_id, {"payment_state": state})


def _payment_state(env: Env, move: Row) -> str:
    if move["state"] != "posted" or not invoice.is_invoice(move):
        return "blocked" if move.get("payment_state") == "blocked" else "not_paid"
    others = _counterparts(env, move)
    if not move["amount_residual"]:
        if any(o["is_payment"] or o.get("is_statement") for o in others):
            return "paid"
        kinds = {o["move_type"] for o in others}
        refund = {"out_invoice": "out_refund", "in_invoice": "in_refund"}.get(move["move_type"])
        if refund and refund in kinds and kinds <= {refund, "entry"}:
            return "reversed"
        if move["move_type"] in ("out_refund", "in_refund") and kinds == {"entry"}:
            return "reversed"
        return "paid"
    unmoved = _payments_without_move(env, move)
    if any(p["state"] == "in_process" for p in unmoved):
        return "paid"
    if others:
        return "partial"
    return "paid" if any(p["state"] == "paid" for p in unmoved) else "not_paid"


def _payments_without_move(env: Env, move: Row) -> list[Row]:
    if env.series < 18:
        return []
    ids = env.sim.payments_linked(move["id"])
    rows = [env.row("account.payment", i) for i in ids]
    return [p for p in rows if not p.get("move_id")]


def _counterparts(env: Env, move: Row) -> list[Row]:
    parts = env.store.tables["account.partial.reconcile"].rows
    lines = env.store.tables["account.move.line"].rows
    found: dict[int, Row] = {}
    for line in invoice.move_lines(env, move["id"]):
        if line["display_type"] != "payment_term":
            continue
        for side, other in (("debit_move_id", "credit_move_id"),
                            ("credit_move_id", "debit_move_id")):
            for part_id in env.store.find("account.partial.reconcile", side, line["id"]):
                counter = lines[parts[part_id][other]]["move_id"]
                if counter != move["id"]:
                    found[counter] = env.row(MOVE, counter)
    return list(found.values())
