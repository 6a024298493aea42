# SPDX-License-Identifier: Apache-2.0
"""kontor.event: what changed in a transaction becomes rows of that same transaction.

The changes are read from the transaction's undo log just before it is committed, so that stored
recomputation, wizards and people are seen alike, and a rolled-back change is never told.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import access
from .addon_snapshot import snapshot
from .env import Env, on_model
from .fields import blob, boolean, char, integer, one
from .orm import Model

if TYPE_CHECKING:
    from .app import Simulator
    from .store import Row

FETCH_MAX = 500
Change = dict[str, Any]
# The most important kind of a row comes first.
ORDER = ("move.deleted", "payment.deleted", "move.cancelled", "move.reset", "move.posted",
         "move.reversed", "payment.rejected", "payment.cancelled", "payment.created",
         "payment.reset", "payment.posted", "payment.sent", "payment.reconciled",
         "move.payment_state_changed", "move.changed", "payment.changed",
         "partner_bank.changed", "lock_dates.changed")
EDITS = ("ref", "payment_reference", "date", "invoice_date", "invoice_date_due", "partner_id",
         "journal_id", "amount_total", "amount_tax")
PAYMENT_EDITS = ("memo", "date", "partner_id", "journal_id", "amount")
BANK = ("acc_number", "partner_id", "allow_out_payment", "active", "acc_holder_name", "bank_id")


class Event(Model):
    name, label, order = "kontor.event", "Kontor Event", "id"
    own = {
        "kind": char("Kind"), "kinds": blob("Kinds"), "res_model": char("Model"),
        "res_id": integer("Record"), "company_id": one("Company", "res.company"),
        "time": char("Time"), "user": char("User"), "by_bot": boolean("By the bot"),
        "acknowledged": boolean("Acknowledged"),
    }

    @on_model
    def pull(self, env: Env, company_id: int, limit: int, after_id: int) -> list[Change]:
        access.require_bot(env)
        rows = [r for r in env.store.tables[self.name].rows.values()
                if not r["acknowledged"] and r["id"] > after_id
                and r["company_id"] in (company_id, False)]
        rows.sort(key=lambda r: r["id"])
        return [{"id": r["id"], "kind": r["kind"], "kinds": r["kinds"], "model": r["res_model"],
                 "res_id": r["res_id"], "company_id": r["company_id"] or 0, "time": r["time"],
                 "user": r["user"], "by_bot": r["by_bot"],
                 "snapshot": snapshot(env, r["res_model"], r["res_id"])}
                for r in rows[:min(limit, FETCH_MAX)]]

    @on_model
    def acknowledge(self, env: Env, event_ids: list[int]) -> int:
        access.require_bot(env)
        rows = env.store.tables[self.name].rows
        known = [i for i in event_ids if i in rows and not rows[i]["acknowledged"]]
        for row_id in known:
            env.store.update(self.name, row_id, {"acknowledged": True})
        return len(known)


def collect(sim: Simulator) -> None:
    """One row for each record that the running transaction changed in a way that matters."""
    befores: dict[tuple[str, int], Row | None] = {}
    for action, model, row_id, data in sim.store.undo:
        key = (model, row_id)
        if action == "insert":
            befores.setdefault(key, None)
        elif action == "delete":
            old = befores.setdefault(key, dict(data))
            if old is not None:
                for name, value in data.items():
                    old.setdefault(name, value)
        else:
            old = befores.setdefault(key, {})
            if old is not None:
                for name, value in data[0].items():
                    old.setdefault(name, value)
                for name in data[1]:
                    old.setdefault(name, None)
    found: dict[tuple[str, int], list[str]] = {}
    for (model, row_id), before in befores.items():
        after = sim.store.tables[model].rows.get(row_id) if model in sim.store.tables else None
        for target, kind in _kinds(sim, model, row_id, before, after):
            kinds = found.setdefault(target, [])
            if kind not in kinds:
                kinds.append(kind)
    for (model, row_id), kinds in found.items():
        _write(sim, model, row_id, sorted(kinds, key=ORDER.index),
               befores.get((model, row_id)))


def _kinds(sim: Simulator, model: str, row_id: int, before: Row | None,
           after: Row | None) -> list[tuple[tuple[str, int], str]]:
    target = (model, row_id)
    if model == "account.move":
        return [(target, kind) for kind in _of_move(before, after)] + _reversed(before, after) + \
            _of_old_payment(sim, row_id, before, after)
    if model == "account.payment":
        return [(target, kind) for kind in _of_payment(before, after)]
    if model == "account.partial.reconcile":
        return _reconciled(sim, before, after)
    if model == "res.partner.bank" and _differs(before, after, BANK):
        return [(target, "partner_bank.changed")]
    if model == "res.company" and before is not None and after is not None:
        names = [n for n in after if n.endswith("_lock_date")]
        if _differs(before, after, names):
            return [(target, "lock_dates.changed")]
    return []


def _differs(before: Row | None, after: Row | None, names: Any) -> bool:
    """Whether a named value changed; a record that came or went did."""
    if before is None or after is None:
        return before is not after
    return any(name in before and (before[name] or False) != (after.get(name) or False)
               for name in names)


def _was(before: Row, after: Row, name: str) -> Any:
    """A value before the transaction: the log has it only when it was written."""
    return before[name] if name in before else after.get(name)


def _of_move(before: Row | None, after: Row | None) -> list[str]:
    if after is None:
        return ["move.deleted"] if before is not None else []
    old = "" if before is None else _was(before, after, "state")
    new = after["state"]
    if new != old:
        named = {"posted": "move.posted", "cancel": "move.cancelled"}.get(new)
        if named:
            return [named]
        return ["move.reset"] if old in ("posted", "cancel") else []
    if new != "posted" or before is None:
        return []
    kinds = []
    if _differs(before, after, ("payment_state", "amount_residual")):
        kinds.append("move.payment_state_changed")
    if _differs(before, after, EDITS):
        kinds.append("move.changed")
    return kinds


def _reversed(before: Row | None, after: Row | None) -> list[tuple[tuple[str, int], str]]:
    if after is None or after["state"] != "posted" or not after.get("reversed_entry_id"):
        return []
    if before is not None and _was(before, after, "state") == "posted":
        return []
    return [(("account.move", after["reversed_entry_id"]), "move.reversed")]


def _of_old_payment(sim: Simulator, move_id: int, before: Row | None,
                    after: Row | None) -> list[tuple[tuple[str, int], str]]:
    """On 17 a payment's state is its entry's."""
    if sim.series != 17 or after is None:
        return []
    old = "" if before is None else _was(before, after, "state")
    kind = {"posted": "payment.posted", "cancel": "payment.cancelled",
            "draft": "payment.reset" if old else ""}.get(after["state"])
    if after["state"] == old or not kind:
        return []
    return [(("account.payment", i), kind)
            for i in sim.store.find("account.payment", "move_id", move_id)]


def _of_payment(before: Row | None, after: Row | None) -> list[str]:
    if after is None:
        return ["payment.deleted"] if before is not None else []
    if before is None:
        kinds = ["payment.created"]
        before = {"state": "draft", "is_sent": False}
    else:
        kinds = []
    old, new = _was(before, after, "state"), after.get("state")
    if new != old:
        if old == "draft" and new in ("in_process", "paid"):
            kinds.append("payment.posted")
        elif new in ("rejected", "canceled", "paid"):
            kinds.append({"rejected": "payment.rejected", "canceled": "payment.cancelled",
                          "paid": "payment.reconciled"}[new])
        elif new == "draft":
            kinds.append("payment.reset")
    elif new not in (None, "draft") and _differs(before, after, PAYMENT_EDITS):
        kinds.append("payment.changed")
    if after.get("is_sent") and not _was(before, after, "is_sent"):
        kinds.append("payment.sent")
    return kinds


def _reconciled(sim: Simulator, before: Row | None,
                after: Row | None) -> list[tuple[tuple[str, int], str]]:
    row = after or before or {}
    lines = sim.store.tables["account.move.line"].rows
    out = []
    for side in ("debit_move_id", "credit_move_id"):
        line = lines.get(row.get(side) or 0) or {}
        for payment in sim.store.find("account.payment", "move_id", line.get("move_id", 0)):
            out.append((("account.payment", payment), "payment.reconciled"))
    return out


def _write(sim: Simulator, model: str, row_id: int, kinds: list[str], before: Row | None) -> None:
    env = Env(sim, 1, su=True)
    row = sim.store.tables[model].rows.get(row_id) or before or {}
    company = row_id if model == "res.company" else row.get("company_id") or False
    if model == "account.payment" and not company:
        company = sim.store.tables["account.move"].rows[row["move_id"]]["company_id"]
    caller = sim.store.tables["res.users"].rows.get(sim.caller) or {}
    login = str(caller.get("login") or "")
    env.model("kontor.event").insert(env, {
        "kind": kinds[0], "kinds": kinds, "res_model": model, "res_id": row_id,
        "company_id": company, "time": sim.now().strftime("%Y-%m-%dT%H:%M:%SZ"), "user": login,
        "by_bot": login == "kontor-bot", "acknowledged": False})
