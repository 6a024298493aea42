# SPDX-License-Identifier: Apache-2.0
"""Plays the addon kontor_connector: installed and taken out at any time, as an administrator may.

Its two other halves are addon_apply.py (exactly-once inside Odoo) and addon_events.py (changes out
of Odoo). External ids belong to the module `kontor` and outlive the addon.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import access, addon_events
from .addon_apply import Operation
from .addon_events import Event
from .env import Env, on_model
from .orm import Model

if TYPE_CHECKING:
    from .app import Simulator

MODULE = "kontor_connector"
VERSION = "1.0.0"
PROTOCOL = 1
BOT_LOGINS = ("kontor-bot", "admin")


class Connector(Model):
    name, label = "kontor.connector", "Kontor Connector"
    own: dict[str, Any] = {}

    @on_model
    def identify(self, env: Env) -> dict[str, Any]:
        access.require_bot(env)
        return {"addon_version": f"{env.sim.series_name}.{VERSION}",
                "protocol": env.sim.addon_protocol, "series": env.sim.series_name,
                "database_uuid": _parameter(env, "database.uuid"),
                "neutralised": _parameter(env, "database.is_neutralized") == "True",
                "event_sequence": env.store.tables["kontor.event"].next_id - 1,
                "now": env.sim.wall().strftime("%Y-%m-%dT%H:%M:%SZ")}


def _parameter(env: Env, key: str) -> str:
    rows = env.store.tables["ir.config_parameter"].rows.values()
    return next((str(row["value"]) for row in rows if row["key"] == key), "")


def models(series: int) -> list[Model]:
    return [Connector(series), Operation(series), Event(series)]


def is_installed(sim: Simulator) -> bool:
    return "kontor.operation" in sim.models


def adopt(sim: Simulator) -> None:
    """Registers the models over tables that are there, and the hook."""
    for model in models(sim.series):
        sim.models[model.name] = model
    sim.before_commit = addon_events.collect


def install(sim: Simulator) -> None:
    """Adds the addon's models, empty, its group with the bot in it, and its hooks."""
    if is_installed(sim):
        return
    for model in models(sim.series):
        sim.store.add_table(model.name, model.indexed())
    adopt(sim)
    env = Env(sim, 1, su=True)
    if sim.external(access.BOT) is None:
        group = env.model("res.groups").insert(env, {
            "name": "Kontor Bot", "full_name": "Kontor / Kontor Bot", "xmlid": access.BOT})
        sim.remember(access.BOT, "res.groups", group, True, env)
    field = access.groups_field(env)
    for login in BOT_LOGINS:
        uid = sim.user_by_login(login)
        if uid:
            groups = list(env.row("res.users", uid).get(field) or [])
            sim.store.update("res.users", uid, {field: [*groups, sim.group_id(access.BOT)]})
    env.model("ir.module.module").insert(env, {
        "name": MODULE, "shortdesc": MODULE, "state": "installed",
        "latest_version": f"{sim.series_name}.{VERSION}"})


def uninstall(sim: Simulator) -> None:
    """Drops the addon's tables; the books and their external ids stay."""
    if not is_installed(sim):
        return
    sim.before_commit = None
    for model in models(sim.series):
        del sim.models[model.name]
        del sim.store.tables[model.name]
    found = [row["id"] for row in sim.store.tables["ir.module.module"].rows.values()
             if row["name"] == MODULE]
    for row_id in found:
        sim.store.delete("ir.module.module", row_id)
