# SPDX-License-Identifier: Apache-2.0
"""read_group (all series) and formatted_read_group (19): counts and sums by fields or months."""
from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .errors import value_error
from .fields import NUMERIC, to_number

if TYPE_CHECKING:
    from .env import Env
    from .orm import Model
    from .store import Row

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")


def _key(env: Env, model: Model, row: Row, spec: str) -> Any:
    name, _, grain = spec.partition(":")
    if name not in model.fields:
        raise value_error(f"Invalid field {name!r} on model {model.name!r}")
    field = model.fields[name]
    found = model.value(env, row, name)
    if field.type in ("date", "datetime"):
        if not found:
            return False
        day = str(found)[:10]
        return {"year": day[:4], "month": day[:7], "day": day}.get(grain or "month", day)
    if isinstance(found, list):
        return found[0] if found else False
    return found


def _shown(env: Env, model: Model, spec: str, key: Any, formatted: bool) -> Any:
    name, _, grain = spec.partition(":")
    field = model.fields[name]
    if field.type == "many2one":
        if not key:
            return False
        other = env.model(field.relation)
        label = other.display_name(env, env.row(field.relation, key))
        return [key, label]
    if field.type in ("date", "datetime") and key:
        if formatted:
            full = f"{key}-01-01" if len(key) == 4 else f"{key}-01" if len(key) == 7 else key
            return [full, _label(key)]
        return _label(key)
    if isinstance(key, Decimal):
        return to_number(key)
    return key


def _label(key: str) -> str:
    if len(key) == 7:
        return f"{MONTHS[int(key[5:7]) - 1]} {key[:4]}"
    return key


def _aggregate(env: Env, model: Model, spec: str, rows: list[Row]) -> Any:
    name, _, function = spec.partition(":")
    if name == "__count":
        return len(rows)
    field = model.fields.get(name)
    if field is None:
        raise value_error(f"Invalid field {name!r} on model {model.name!r}")
    values = [model.value(env, row, name) for row in rows]
    if function in ("count", "count_distinct"):
        found = [v for v in values if v]
        return len(set(found)) if function == "count_distinct" else len(found)
    if function in ("array_agg", "recordset"):
        return values
    if field.type not in NUMERIC and field.type != "integer":
        picked = [v for v in values if v]
        return (max(picked) if function == "max" else min(picked)) if picked else False
    numbers = [Decimal(v or 0) for v in values]
    if function == "max":
        total = max(numbers)
    elif function == "min":
        total = min(numbers)
    elif function == "avg":
        total = sum(numbers, Decimal(0)) / len(numbers)
    else:
        total = sum(numbers, Decimal(0))
    return int(total) if field.type == "integer" else to_number(total)


def _groups(env: Env, model: Model, domain: Any, specs: list[str]) -> dict[Any, list[Row]]:
    model.check(env, "read")
    rows = env.store.tables[model.name].rows
    out: dict[Any, list[Row]] = {}
    for row_id in model.find(env, domain):
        row = rows[row_id]
        out.setdefault(tuple(_key(env, model, row, spec) for spec in specs), []).append(row)
    return out


def read_group(env: Env, model: Model, domain: Any, fields: list[str], groupby: Any,
               offset: int = 0, limit: int | None = None, lazy: bool = True) -> list[Row]:
    """Groups in the form of the series before 19 (19 still answers it)."""
    specs = [groupby] if isinstance(groupby, str) else list(groupby)
    used = specs[:1] if lazy else specs
    out = []
    for key, rows in _groups(env, model, domain, used).items():
        entry: Row = {}
        for spec, part in zip(used, key, strict=True):
            entry[spec] = _shown(env, model, spec, part, formatted=False)
        count = f"{used[0].partition(':')[0]}_count" if lazy and used else "__count"
        entry[count] = len(rows)
        for spec in fields:
            name = spec.partition(":")[0]
            field = model.fields.get(name)
            if name in [u.partition(":")[0] for u in used] or field is None:
                continue
            if field.type in NUMERIC or ":" in spec:
                entry[name] = _aggregate(env, model, spec, rows)
        entry["__domain"] = [["id", "in", [row["id"] for row in rows]]]
        out.append(entry)
    return out[offset:offset + limit if limit else None]


def formatted_read_group(env: Env, model: Model, domain: Any, groupby: Any = (),
                         aggregates: Any = (), offset: int = 0,
                         limit: int | None = None) -> list[Row]:
    """Groups in the form of 19: aggregates keep their `field:function` names."""
    specs = list(groupby)
    groups = _groups(env, model, domain, specs)
    if not groups and not specs:
        groups = {(): []}
    out = []
    for key, rows in groups.items():
        entry: Row = {}
        for spec, part in zip(specs, key, strict=True):
            entry[spec] = _shown(env, model, spec, part, formatted=True)
        for spec in aggregates:
            entry[spec] = _aggregate(env, model, spec, rows)
        entry["__extra_domain"] = [["id", "in", [row["id"] for row in rows]]]
        out.append(entry)
    return out[offset:offset + limit if limit else None]
