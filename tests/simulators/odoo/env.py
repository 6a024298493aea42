# SPDX-License-Identifier: Apache-2.0
"""The environment of a call (who, in which context, on which database) and method markers.

Knows the store and the simulator; holds no behaviour of any model.
"""
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import access
from .errors import AccessError, MissingError, NoSuchModel
from .store import Row, Store

if TYPE_CHECKING:
    from .app import Simulator
    from .orm import Model

Ids = list[int]


def on_model(function: Callable[..., Any]) -> Callable[..., Any]:
    """Callable from outside, without record ids."""
    function.api = "model"  # type: ignore[attr-defined]
    return function


def on_records(function: Callable[..., Any]) -> Callable[..., Any]:
    """Callable from outside, with record ids first."""
    function.api = "multi"  # type: ignore[attr-defined]
    return function


# Methods that only some series have.
SERIES_OF: dict[str, tuple[int, ...]] = {
    "has_access": (18, 19), "check_access": (18, 19), "formatted_read_group": (19,),
    "name_get": (17,),
}


class Env:
    """Who calls, in which context, on which database."""

    def __init__(self, sim: Simulator, uid: int, context: dict[str, Any] | None = None,
                 su: bool = False) -> None:
        self.sim = sim
        self.store: Store = sim.store
        self.series: int = sim.series
        self.uid = uid
        self.context: dict[str, Any] = dict(context or {})
        self.su = su

    def sudo(self) -> Env:
        return Env(self.sim, self.uid, self.context, su=True)

    def with_context(self, **values: Any) -> Env:
        return Env(self.sim, self.uid, {**self.context, **values}, self.su)

    def model(self, name: str) -> Model:
        found = self.sim.models.get(name)
        if found is None:
            raise NoSuchModel(f"Object {name} doesn't exist")
        return found

    def row(self, model: str, row_id: Any) -> Row:
        found = self.store.tables[model].rows.get(row_id)
        if found is None:
            raise MissingError("Record does not exist or has been deleted.\n"
                               f"(Record: {model}({row_id},), User: {self.uid})")
        return found

    @property
    def now(self) -> str:
        return self.sim.now().strftime("%Y-%m-%d %H:%M:%S")

    @property
    def today(self) -> str:
        return self.sim.now().strftime("%Y-%m-%d")

    def check_companies(self) -> None:
        """Refuses companies in the context that are not the user's."""
        allowed = self.context.get("allowed_company_ids") or []
        own = self.row("res.users", self.uid)["company_ids"]
        if not self.su and any(item not in own for item in allowed):
            raise AccessError("Access to unauthorized or invalid companies.")

    @functools.cached_property
    def company_id(self) -> int:
        allowed = self.context.get("allowed_company_ids")
        if allowed:
            return int(allowed[0])
        return int(self.row("res.users", self.uid)["company_id"])

    @functools.cached_property
    def companies(self) -> tuple[int, ...]:
        """The companies whose records are visible."""
        allowed = self.context.get("allowed_company_ids")
        return tuple(allowed or self.row("res.users", self.uid)["company_ids"])

    def default_account(self, role: str, company_id: int = 0) -> Any:
        """The account that a company uses for something; False when it has none."""
        return self.sim.defaults.get(company_id or self.company_id, {}).get(role, False)

    def if_of_company(self, account_id: Any, company_id: int) -> Any:
        """The account when the company has it: what is set on a partner is each company's own."""
        if not account_id:
            return False
        row = self.row("account.account", account_id)
        owners = row.get("company_ids") or [row.get("company_id")]
        return account_id if company_id in owners else False

    def has_group(self, xmlid: str) -> bool:
        return self.su or access.has_group(self, self.uid, xmlid)


class Recordset:
    """Records returned as such: 17 and 18 cannot marshal them, 19 answers their ids."""

    def __init__(self, model: str, ids: Ids) -> None:
        self.model = model
        self.ids = ids

    def __str__(self) -> str:
        inner = ", ".join(str(i) for i in self.ids) + ("," if len(self.ids) == 1 else "")
        return f"{self.model}({inner})"
