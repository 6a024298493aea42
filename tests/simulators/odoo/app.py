# SPDX-License-Identifier: Apache-2.0
"""The simulated database: its models, its clock, its transactions and its settings.

One lock makes calls take turns, which is how two writers on one journal behave anyway.
"""
from __future__ import annotations

import contextlib
import math
import pickle
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from . import (
    addon,
    catalogue,
    expenses,
    mail,
    models_base,
    money,
    moves,
    payments,
    statements,
    wizards,
)
from .env import Env
from .errors import SerializationFailure
from .faults import Faults
from .orm import Model
from .rpc import Logins
from .store import Store, Table

SERIES = {"17.0": 17, "18.0": 18, "19.0": 19}
INTERNAL = {"sim.counter": ("journal_id", "key"), "sim.link": ("payment_id", "move_id")}
LOG_LENGTH = 2000


class Simulator:
    """Everything that one `--series` and one database consist of."""

    def __init__(self, series: str, database: str, fixtures: Path, currency: str = "EUR",
                 admin_password: str = "admin", now: str | None = None) -> None:
        self.fixtures = fixtures
        self.currency = currency
        self.admin_password = admin_password
        self.series_name = series
        self.series = SERIES[series]
        self.database = database
        self.lock = threading.RLock()
        self.local = threading.local()
        self.ready: dict[str, Any] = {}
        self.fixed_now = datetime.fromisoformat(now).replace(tzinfo=UTC) if now else None
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)
        self.calls = 0
        self.slow_ms = 0
        self.faults = Faults()
        self.nothing = Table(())
        # Who the running call belongs to, and what is done just before it is committed.
        self.caller = 0
        self.before_commit: Callable[[Simulator], None] | None = None
        self.addon_protocol = 1
        self.clear()

    def clear(self) -> None:
        """Back to an empty database; seeding comes after."""
        self.store = Store()
        self.before_commit = None
        self.models: dict[str, Model] = {}
        groups = (models_base.models, mail.models, catalogue.models, moves.models,
                  statements.models, wizards.models, expenses.models)
        for make in groups:
            for model in make(self.series):
                self.models[model.name] = model
        payment = payments.payment_model(self.series)
        self.models[payment.name] = payment
        for name, model in self.models.items():
            self.store.add_table(name, model.indexed())
        for name, indexed in INTERNAL.items():
            self.store.add_table(name, indexed)
        self.logins = Logins()
        self.api_keys: dict[str, int] = {}
        self.denied: dict[str, tuple[str, ...]] = {}
        self.hidden: set[tuple[str, int]] = set()
        self.defaults: dict[int, dict[str, int]] = {}
        self.created_at: dict[str, float] = {}
        # External ids of refused calls that a worker still has in its cache, with probes so far.
        self.ghosts: dict[str, tuple[str, int]] = {}
        self.requires_bank = False
        self.float_noise = False
        self.opening_balance = "0"
        # External ids that the running transaction made itself.
        self.own: set[str] = set()
        self._started: datetime | None = None
        self._arrived = 0.0

    # -- time and transactions ------------------------------------------------------------------

    def now(self) -> datetime:
        """The start of the running transaction, or the current time."""
        return self._started or self.wall()

    def wall(self) -> datetime:
        return self.fixed_now or datetime.now(UTC)

    def clock_seconds(self) -> float:
        return time.monotonic()

    def set_now(self, text: str | None) -> None:
        self.fixed_now = datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; the stamp of every write is when the call arrived."""
        with self.lock:
            stamp = getattr(self.local, "stamp", None)
            self._started = stamp or self.wall()
            self.own.clear()
            self._arrived = getattr(self.local, "arrived", self.clock_seconds())
            try:
                yield
                if self.before_commit is not None:
                    self.before_commit(self)
            except BaseException:
                self.store.rollback()
                raise
            else:
                self.store.commit()
            finally:
                self._started = None

    def arrive(self, early: datetime | None = None) -> None:
        """Notes when the call of this thread arrived, before it waits for its turn."""
        self.local.arrived = self.clock_seconds()
        self.local.stamp = early

    def check_race(self, env: Env, xid: str) -> None:
        """A record that another call committed after this one arrived: a lost race."""
        if xid in self.own:
            return
        if xid in self.created_at and self.created_at[xid] > self._arrived and \
                self.external(xid) is not None:
            raise SerializationFailure

    # -- external ids ---------------------------------------------------------------------------

    def external(self, xid: str) -> tuple[str, int, int, bool] | None:
        """(model, id, id of the external id, noupdate) or None."""
        found = self.store.find("ir.model.data", "key", xid)
        if not found:
            return None
        row = self.store.tables["ir.model.data"].rows[found[0]]
        return row["model"], row["res_id"], row["id"], bool(row.get("noupdate"))

    def remember(self, xid: str, model: str, row_id: int, noupdate: bool, env: Env) -> None:
        module, _, name = xid.partition(".")
        known = self.external(xid)
        values = {"module": module, "name": name, "model": model, "res_id": row_id,
                  "noupdate": noupdate, "key": xid, "target": f"{model},{row_id}"}
        if known is not None:
            self.store.update("ir.model.data", known[2], values)
        else:
            self.models["ir.model.data"].insert(env, values)
        self.created_at[xid] = self.clock_seconds()
        self.own.add(xid)

    def ghost(self, xid: str) -> str | None:
        """The model that one of two workers still remembers for a rolled-back external id."""
        if xid not in self.ghosts:
            return None
        model, probes = self.ghosts[xid]
        self.ghosts[xid] = (model, probes + 1)
        return model if probes % 2 == 0 else None

    def id_of(self, xid: str) -> int:
        found = self.external(xid)
        if found is None:
            raise KeyError(xid)
        return found[1]

    def group_id(self, xid: str) -> int:
        return self.id_of(xid)

    # -- settings -------------------------------------------------------------------------------

    def journal_of_type(self, env: Env, kind: str) -> Any:
        rows = [r for r in self.store.tables["account.journal"].rows.values()
                if r["type"] == kind and r.get("active", True)
                and r["company_id"] == env.company_id]
        rows.sort(key=lambda r: (r.get("sequence") or 0, r["id"]))
        return rows[0]["id"] if rows else False

    def round_to_precision(self, name: str, value: Decimal) -> Decimal:
        """Rounds in silence, as a database with that decimal precision does."""
        return value.quantize(Decimal(1).scaleb(-self.digits(name)), rounding=ROUND_HALF_UP)

    def digits(self, name: str) -> int:
        """Digits of a decimal precision; 19 renamed the one of quantities."""
        if name == "Product Unit of Measure" and self.series >= 19:
            name = "Product Unit"
        found = self.store.find("decimal.precision", "name", name)
        return int(self.store.tables["decimal.precision"].rows[found[0]]["digits"]) if found else 2

    def number(self, value: float, kind: str) -> float:
        """A number on its way out; with noise on, amounts carry a binary tail."""
        if self.float_noise and kind == "monetary" and value:
            return math.nextafter(value, math.inf)
        return value

    def current_rate(self, env: Env, currency_id: int) -> Decimal:
        return money.rate_of(env, currency_id, env.company_id, env.today)

    def payments_linked(self, move_id: int) -> list[int]:
        rows = self.store.tables["sim.link"].rows
        return [rows[i]["payment_id"] for i in self.store.find("sim.link", "move_id", move_id)]

    def action(self, kind: str, context: Any) -> dict[str, Any]:
        """The window actions that a client gets instead of a result."""
        sheet = "hr_expense.hr_expense_approve_duplicate_action"
        names = {"duplicate_sheet": (320, "Validate Duplicate Expenses",
                                     "hr.expense.approve.duplicate", sheet),
                 "duplicate_expense": (328, "Validate Duplicate Expenses",
                                       "hr.expense.approve.duplicate", sheet),
                 "refuse_expense": (327, "Refuse Expense", "hr.expense.refuse.wizard",
                                    "hr_expense.hr_expense_refuse_wizard_action")}
        number, title, model, xml_id = names[kind]
        out: dict[str, Any] = {
            "id": number, "name": title, "type": "ir.actions.act_window", "xml_id": xml_id,
            "help": False, "binding_model_id": False, "binding_type": "action",
            "binding_view_types": "list,form", "display_name": title,
            "view_id": [900 + self.series, f"{model} form"], "domain": False, "context": context,
            "res_id": 0, "res_model": model, "target": "new", "view_mode": "form",
            "mobile_view_mode": "kanban", "views": [[900 + self.series, "form"]], "limit": 80,
            "search_view_id": False, "filter": False}
        if self.series >= 18:
            out.update({"path": False, "embedded_action_ids": []})
        if self.series >= 19:
            out.update({"group_ids": [], "cache": True})
        else:
            out["groups_id"] = []
        return out

    # -- users ----------------------------------------------------------------------------------

    def user_by_login(self, login: str) -> int:
        found = self.store.find("res.users", "login", login)
        return found[0] if found else 0

    def user_active(self, uid: int) -> bool:
        row = self.store.tables["res.users"].rows.get(uid)
        return bool(row and row.get("active", True))

    def secret_matches(self, uid: int, secret: str, keys_only: bool) -> bool:
        row = self.store.tables["res.users"].rows.get(uid)
        if row is None or not row.get("active", True):
            return False
        if self.api_keys.get(secret) == uid:
            return True
        return not keys_only and bool(row.get("password")) and row["password"] == secret

    def key_owner(self, key: str) -> int:
        uid = self.api_keys.get(key, 0)
        return uid if uid and self.user_active(uid) else 0

    # -- keeping --------------------------------------------------------------------------------

    def save(self, path: Path) -> None:
        """Writes the database to a file for a later start with the same --state."""
        with self.lock:
            data = {"series": self.series_name, "addon": addon.is_installed(self), "tables": {
                name: (table.next_id, table.rows) for name, table in self.store.tables.items()},
                "api_keys": self.api_keys, "defaults": self.defaults,
                "opening_balance": self.opening_balance}
            temporary = path.with_suffix(path.suffix + ".new")
            temporary.write_bytes(pickle.dumps(data))
            temporary.replace(path)

    def restore(self, path: Path) -> None:
        """Reads a file written by save(); a file of another series is refused."""
        data = pickle.loads(path.read_bytes())
        if data["series"] != self.series_name:
            raise ValueError(f"{path} holds a database of Odoo {data['series']}")
        with self.lock:
            self.clear()
            if data.get("addon"):
                for model in addon.models(self.series):
                    self.store.add_table(model.name, model.indexed())
            for name, (next_id, rows) in data["tables"].items():
                table = self.store.tables[name]
                for row_id, row in rows.items():
                    table.put(row_id, row)
                table.next_id = next_id
            self.api_keys = data["api_keys"]
            self.defaults = data["defaults"]
            self.opening_balance = data["opening_balance"]
            if data.get("addon"):
                addon.adopt(self)
