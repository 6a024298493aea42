# SPDX-License-Identifier: Apache-2.0
"""`/_sim/…`: what tests ask of the simulator itself.

Counts, documents, the call log, fault rules, settings, and edits as people make them in Odoo.
"""
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from . import access, addon, seed
from .env import Env
from .errors import OdooError
from .faults import BadRule
from .transports import Reply, json_reply

if TYPE_CHECKING:
    from .app import Simulator
    from .store import Row

MOVE_FIELDS = ("name", "ref", "state", "move_type", "date", "invoice_date", "invoice_date_due",
               "payment_state", "payment_reference")
AMOUNTS = ("amount_untaxed", "amount_tax", "amount_total", "amount_residual")
DEFAULT_LIMIT = 200


class Refused(Exception):
    """A request that makes no sense; its text says why."""


def get(sim: Simulator, path: str) -> Reply:
    parts = urlsplit(path)
    query = {k: v[0] for k, v in parse_qs(parts.query).items()}
    name = parts.path.removeprefix("/_sim/")
    with sim.lock:
        if name == "state":
            return json_reply(state(sim))
        if name == "moves":
            return json_reply(moves(sim, query))
        if name == "external_ids":
            return json_reply(external_ids(sim, query))
        if name == "messages":
            return json_reply(messages(sim))
        if name == "log":
            limit = int(query.get("limit", DEFAULT_LIMIT))
            return json_reply(list(sim.log)[-limit:])
        if name == "faults":
            return json_reply(sim.faults.describe())
        if name == "ready":
            return json_reply(sim.ready)
    return json_reply({"error": f"nothing at {parts.path}"}, 404)


def post(sim: Simulator, path: str, body: bytes) -> Reply:
    name = path.removeprefix("/_sim/")
    try:
        data = json.loads(body) if body.strip() else {}
        if name == "faults":
            sim.faults.replace(data if isinstance(data, list) else [data])
            return json_reply(sim.faults.describe())
        if name == "faults/add":
            sim.faults.add(data if isinstance(data, list) else [data])
            return json_reply(sim.faults.describe())
        if name == "reset":
            return json_reply(reset(sim))
        if name == "set":
            return json_reply(change(sim, data))
        if name == "people":
            return json_reply([person(sim, item) for item in
                               (data if isinstance(data, list) else [data])])
    except (BadRule, Refused, ValueError, KeyError, TypeError) as error:
        return json_reply({"error": f"{type(error).__name__}: {error}"}, 400)
    except OdooError as error:
        return json_reply({"error": error.text(), "name": error.qualified}, 422)
    return json_reply({"error": f"nothing at {path}"}, 404)


def delete(sim: Simulator, path: str) -> Reply:
    if path == "/_sim/faults":
        sim.faults.replace([])
        return json_reply([])
    return json_reply({"error": f"nothing at {path}"}, 404)


# -- looking ------------------------------------------------------------------------------------


def _count(rows: Any, *names: str) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for row in rows:
        level = out
        for name in names[:-1]:
            level = level.setdefault(str(row.get(name)), {})
        key = str(row.get(names[-1]))
        level[key] = level.get(key, 0) + 1
    return out


def state(sim: Simulator) -> dict[str, Any]:
    """Counts of everything a test of exactly-once cares about."""
    tables = sim.store.tables
    all_moves = tables["account.move"].rows
    kontor = [r for r in tables["ir.model.data"].rows.values() if r["module"] == "kontor"]
    payment_states: dict[str, int] = {}
    for row in tables["account.payment"].rows.values():
        shown = row.get("state") or all_moves[row["move_id"]]["state"]
        payment_states[shown] = payment_states.get(shown, 0) + 1
    return {
        "series": sim.series_name, "database": sim.database, "calls": sim.calls,
        "moves": _count(all_moves.values(), "move_type", "state"), "moves_total": len(all_moves),
        "payments": payment_states, "partners": len(tables["res.partner"].rows),
        "partner_banks": len(tables["res.partner.bank"].rows),
        "attachments": len(tables["ir.attachment"].rows),
        "activities": len(tables["mail.activity"].rows),
        "statement_lines": len(tables["account.bank.statement.line"].rows),
        "partial_reconciles": len(tables["account.partial.reconcile"].rows),
        "external_ids": _count(kontor, "model"), "external_ids_total": len(kontor),
        "addon": _addon_state(sim),
        "mails_sent": sum(len(m.get("mailed_partner_ids") or [])
                          for m in tables["mail.message"].rows.values()),
    }


def _addon_state(sim: Simulator) -> dict[str, Any] | None:
    """Operations by state, changes by kind and whether they are acknowledged; None without it."""
    if not addon.is_installed(sim):
        return None
    tables = sim.store.tables
    return {"operations": _count(tables["kontor.operation"].rows.values(), "state"),
            "changes": _count(tables["kontor.event"].rows.values(), "kind", "acknowledged")}


def _shown(sim: Simulator, row: Row) -> dict[str, Any]:
    tables = sim.store.tables
    partner = tables["res.partner"].rows.get(row.get("partner_id") or 0, {})
    data = [tables["ir.model.data"].rows[i] for i in
            sim.store.find("ir.model.data", "target", f"account.move,{row['id']}")]
    out: dict[str, Any] = {"id": row["id"], **{n: row.get(n) for n in MOVE_FIELDS},
                           **{n: str(row.get(n)) for n in AMOUNTS}}
    out.update({"journal": tables["account.journal"].rows[row["journal_id"]]["code"],
                "currency": tables["res.currency"].rows[row["currency_id"]]["name"],
                "partner": partner.get("name"), "partner_ref": partner.get("ref"),
                "reversed_entry_id": row.get("reversed_entry_id") or None,
                "external_id": f"{data[0]['module']}.{data[0]['name']}" if data else None})
    return out


def moves(sim: Simulator, query: dict[str, str]) -> list[dict[str, Any]]:
    """Entries with `?type=`, `?state=`, `?ref=`, `?journal=`, `?external=1`, `?limit=`."""
    found = []
    for row in sim.store.tables["account.move"].rows.values():
        if query.get("type", row["move_type"]) != row["move_type"]:
            continue
        if query.get("state", row["state"]) != row["state"]:
            continue
        if "ref" in query and row.get("ref") != query["ref"]:
            continue
        shown = _shown(sim, row)
        if query.get("journal", shown["journal"]) != shown["journal"]:
            continue
        if query.get("external") and not shown["external_id"]:
            continue
        found.append(shown)
    return found[:int(query.get("limit", len(found) or 1))]


def external_ids(sim: Simulator, query: dict[str, str]) -> list[dict[str, Any]]:
    prefix = query.get("prefix", "kontor.")
    return [{"id": r["key"], "model": r["model"], "res_id": r["res_id"], "noupdate": r["noupdate"]}
            for r in sim.store.tables["ir.model.data"].rows.values()
            if r["key"].startswith(prefix)]


def messages(sim: Simulator) -> list[dict[str, Any]]:
    return [{k: row.get(k) for k in ("id", "model", "res_id", "body", "subtype",
                                     "mailed_partner_ids")}
            for row in sim.store.tables["mail.message"].rows.values()]


# -- changing -----------------------------------------------------------------------------------


def reset(sim: Simulator) -> dict[str, Any]:
    """An empty, freshly seeded database; fault rules and the log are cleared too."""
    with sim.lock:
        installed = addon.is_installed(sim)
        sim.clear()
        sim.faults.replace([])
        sim.log.clear()
        sim.calls = 0
        sim.ready.update(seed.fill(sim))
        if installed:
            with sim.transaction():
                addon.install(sim)
    return dict(sim.ready)


def change(sim: Simulator, data: dict[str, Any]) -> dict[str, Any]:
    """Settings by name; an unknown name is refused."""
    with sim.lock:
        for name, value in data.items():
            setter = SETTERS.get(name)
            if setter is None:
                raise Refused(f"unknown setting {name!r}; known: {', '.join(sorted(SETTERS))}")
            with sim.transaction():
                setter(sim, value)
    return {"set": sorted(data)}


def admin(sim: Simulator) -> Env:
    return Env(sim, sim.user_by_login("admin"), su=True)


def _lock_dates(sim: Simulator, value: dict[str, Any]) -> None:
    model = sim.models["res.company"]
    for name in value:
        if name not in model.fields:
            raise Refused(f"{sim.series_name} has no lock date {name!r}")
    for row in sim.store.tables["res.company"].rows.values():
        sim.store.update("res.company", row["id"], dict(value))


def _currencies(sim: Simulator, value: dict[str, dict[str, Any]]) -> None:
    for code, settings in value.items():
        for row_id in sim.store.find("res.currency", "name", code):
            sim.store.update("res.currency", row_id, {"active": bool(settings["active"])})


def _trust(sim: Simulator, value: dict[str, bool]) -> None:
    from .models_base import sanitized
    for number, trusted in value.items():
        found = sim.store.find("res.partner.bank", "sanitized_acc_number", sanitized(number))
        if not found:
            raise Refused(f"no bank account {number}")
        for row_id in found:
            sim.store.update("res.partner.bank", row_id, {"allow_out_payment": bool(trusted)})


def _rights(sim: Simulator, value: dict[str, list[str]]) -> None:
    for login, groups in value.items():
        uid = sim.user_by_login(login)
        if not uid:
            raise Refused(f"no user {login}")
        ids = [sim.group_id(g) for g in groups if sim.external(g)]
        sim.store.update("res.users", uid, {access.groups_field(admin(sim)): ids})


def _denied(sim: Simulator, value: dict[str, list[str]]) -> None:
    sim.denied = {model: tuple(operations) for model, operations in value.items()}


def _parameters(sim: Simulator, value: dict[str, str]) -> None:
    for key, text in value.items():
        sim.models["ir.config_parameter"].set_param(  # type: ignore[attr-defined]
            admin(sim), key, text)


def _uuid(sim: Simulator, value: str) -> None:
    _parameters(sim, {"database.uuid": value})


def _precision(sim: Simulator, value: dict[str, int]) -> None:
    for name, digits in value.items():
        for row_id in sim.store.find("decimal.precision", "name", name):
            sim.store.update("decimal.precision", row_id, {"digits": int(digits)})


def _mandatory_plans(sim: Simulator, value: list[str]) -> None:
    for row in sim.store.tables["account.analytic.plan"].rows.values():
        kind = "mandatory" if row["name"] in value else "optional"
        sim.store.update("account.analytic.plan", row["id"], {"default_applicability": kind})


def _hidden(sim: Simulator, value: list[list[Any]]) -> None:
    sim.hidden = {(str(model), int(row_id)) for model, row_id in value}


def _attribute(name: str, kind: Any) -> Any:
    def setter(sim: Simulator, value: Any) -> None:
        setattr(sim, name, kind(value))
    return setter


def _revoke(sim: Simulator, value: list[str]) -> None:
    for login in value:
        uid = sim.user_by_login(login)
        sim.api_keys = {k: u for k, u in sim.api_keys.items() if u != uid}
        sim.logins.known = {(u, s) for u, s in sim.logins.known if u != uid}


def _addon(sim: Simulator, value: bool) -> None:
    if value:
        addon.install(sim)
    else:
        addon.uninstall(sim)


SETTERS: dict[str, Any] = {
    "addon": _addon, "addon_protocol": _attribute("addon_protocol", int),
    "lock_dates": _lock_dates, "currencies": _currencies, "trusted": _trust, "rights": _rights,
    "denied": _denied, "parameters": _parameters, "database_uuid": _uuid,
    "precision": _precision, "mandatory_plans": _mandatory_plans, "hidden": _hidden,
    "requires_trusted_bank": _attribute("requires_bank", bool),
    "float_noise": _attribute("float_noise", bool), "slow_ms": _attribute("slow_ms", int),
    "now": lambda sim, value: sim.set_now(value or None), "revoke_keys": _revoke,
}


def _find(sim: Simulator, item: dict[str, Any]) -> int:
    """A move by `move` (id, number, reference or external id)."""
    wanted = item["move"]
    if isinstance(wanted, int):
        return wanted
    target = sim.external(wanted)
    if target and target[0] == "account.move":
        return target[1]
    for field in ("name", "ref"):
        found = sim.store.find("account.move", field, wanted)
        if found:
            return found[-1]
    raise Refused(f"no entry {wanted!r}")


def person(sim: Simulator, item: dict[str, Any]) -> dict[str, Any]:
    """What somebody does in Odoo's screens: see the README for the list."""
    with sim.transaction():
        sim.caller = sim.user_by_login("admin")
        return _person(sim, item)


def _person(sim: Simulator, item: dict[str, Any]) -> dict[str, Any]:
    env = admin(sim)
    do = item.get("do")
    moves_model: Any = env.model("account.move")
    if do == "register_payment":
        context = {"active_model": "account.move", "active_ids": [_find(sim, item)]}
        values = {k: item[k] for k in ("amount", "payment_date", "communication") if k in item}
        pay = env.with_context(**context)
        wizard: Any = env.model("account.payment.register")
        wizard_id = wizard.create(pay, [values])[0]
        return {"payment": wizard.action_create_payments(pay, [wizard_id]).get("res_id")}
    if do == "reset_to_draft":
        moves_model.button_draft(env, [_find(sim, item)])
    elif do == "cancel":
        moves_model.button_cancel(env, [_find(sim, item)])
    elif do == "post":
        moves_model.action_post(env, [_find(sim, item)])
    elif do == "delete":
        model = item.get("model", "account.move")
        row_id = item["id"] if "id" in item else _find(sim, item)
        env.model(model).unlink(env.with_context(force_delete=True), [row_id])
    elif do == "edit":
        model = item.get("model", "account.move")
        row_id = item["id"] if "id" in item else _find(sim, item)
        env.model(model).write(env, [row_id], item["values"])
    elif do == "create":
        return {"id": env.model(item["model"]).create(env, [item["values"]])[0]}
    elif do == "call":
        found: Any = getattr(env.model(item["model"]), item["method"])
        result = found(env, *item.get("args", []), **item.get("kwargs", {}))
        return {"result": result if not hasattr(result, "ids") else result.ids}
    else:
        raise Refused(f"unknown action {do!r}")
    return {"done": do}
