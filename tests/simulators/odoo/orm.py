# SPDX-License-Identifier: Apache-2.0
"""Models, environments and the methods every model has: create, write, unlink, search, read.

Behaviour of accounting lives in subclasses; checks of rights in access.py. No transport here.
"""
from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from . import access, grouping
from .domain import candidates, compile_domain
from .env import Env, Ids, on_model, on_records
from .errors import (
    MissingRequired,
    TakenValue,
    UserError,
    ValidationError,
    foreign_key,
    missing_required,
    value_error,
)
from .fields import LINE_ID, NUMERIC, Field, convert, moment, one, to_number
from .load import load
from .store import Row


class Model:
    """A model: its fields, its rows and what can be called on it."""

    name = ""
    label = ""
    order = "id"
    rec_name = "name"
    transient = False
    inherits: dict[str, str] = {}
    own: dict[str, Field] = {}
    unique: tuple[tuple[tuple[str, ...], str], ...] = ()

    def __init__(self, series: int) -> None:
        self.series = series
        self.fields: dict[str, Field] = {}
        common = {
            "id": Field("integer", "ID", readonly=True),
            "display_name": Field("char", "Display Name", readonly=True, store=False,
                                  compute=lambda env, row: self.display_name(env, row)),
            "create_uid": one("Created by", "res.users", readonly=True),
            "create_date": moment("Created on", readonly=True),
            "write_uid": one("Last Updated by", "res.users", readonly=True),
            "write_date": moment("Last Updated on", readonly=True),
        }
        for field_name, field in {**common, **self.own}.items():
            if series in field.only:
                copy = Field(**{**field.__dict__, "name": field_name})
                self.fields[field_name] = copy

    def indexed(self) -> list[str]:
        return [name for name, field in self.fields.items() if field.index]

    # -- values ---------------------------------------------------------------------------------

    def display_name(self, env: Env, row: Row) -> str:
        return str(row.get(self.rec_name) or f"{self.name},{row['id']}")

    def value(self, env: Env, row: Row, name: str) -> Any:
        field = self.fields[name]
        if field.compute is not None:
            return field.compute(env, row)
        if field.type == "one2many":
            return env.store.find(field.relation, field.inverse, row["id"])
        return row.get(name, Decimal(0) if field.type in NUMERIC else False)

    def getter(self, env: Env, name: str) -> Callable[[Row], Any]:
        field = self.fields[name]
        if field.compute is None and field.type != "one2many":
            missing = Decimal(0) if field.type in NUMERIC else False
            return lambda row: row.get(name, missing)
        return lambda row: self.value(env, row, name)

    def show(self, env: Env, row: Row, name: str, raw: bool) -> Any:
        """The value as it leaves the server."""
        field = self.fields[name]
        found = self.value(env, row, name)
        if field.type in NUMERIC:
            return env.sim.number(to_number(found or Decimal(0)), field.type)
        if field.type == "many2one":
            if not found:
                return False
            if raw:
                return found
            other = env.store.tables[field.relation].rows.get(found)
            return [found, env.model(field.relation).display_name(env, other)] if other else False
        if field.type in ("one2many", "many2many"):
            return list(found or [])
        if field.type == "boolean":
            return bool(found)
        if field.type == "integer":
            return int(found or 0)
        if field.type == "many2one_reference":
            return int(found) if found else False
        if field.type == "json":
            return found if found not in (None, {}) else False
        return False if found is None else found

    # -- reading --------------------------------------------------------------------------------

    def check_fields(self, env: Env, names: list[str]) -> None:
        for name in names:
            if name not in self.fields or (self.fields[name].internal and not env.su):
                on = repr(self.name) if env.series >= 19 else f"model {self.name!r}"
                raise value_error(f"Invalid field {name!r} on {on}")

    @on_records
    def read(self, env: Env, ids: Ids, fields: list[str] | None = None,
             load: str | None = "_classic_read") -> list[Row]:
        self.check(env, "read")
        names = list(fields) if fields else [n for n, f in self.fields.items()
                                                 if not f.internal]
        self.check_fields(env, names)
        raw = load != "_classic_read"
        rows = env.store.tables[self.name].rows
        return [{"id": i, **{n: self.show(env, rows[i], n, raw) for n in names}}
                for i in self.ids(ids) if i in rows]

    @staticmethod
    def ids(ids: Any) -> Ids:
        return [ids] if isinstance(ids, int) and not isinstance(ids, bool) else list(ids or [])

    @on_model
    def search(self, env: Env, domain: Any, offset: int = 0, limit: int | None = None,
               order: str | None = None) -> Ids:
        self.check(env, "read")
        found = self.find(env, domain, order)
        return found[offset or 0:(offset or 0) + limit if limit else None]

    def find(self, env: Env, domain: Any, order: str | None = None) -> Ids:
        """All matching ids in order, without asking for rights."""
        test = compile_domain(env, self, domain)
        rows = env.store.tables[self.name].rows
        ids = candidates(env, self, domain)
        pool = (rows[i] for i in ids) if ids is not None else rows.values()
        if "active" in self.fields and env.context.get("active_test", True) and not any(
                isinstance(t, (list, tuple)) and t and t[0] == "active" for t in domain):
            found = [row for row in pool if row.get("active", True) and test(row)]
        else:
            found = [row for row in pool if test(row)]
        found = [row for row in found if self.visible(env, row)]
        return [row["id"] for row in self.sort(env, found, order or self.order)]

    def visible(self, env: Env, row: Row) -> bool:
        """The record rules: what belongs to other companies is out of sight."""
        if env.su:
            return True
        if (self.name, row["id"]) in env.sim.hidden:
            return False
        if self.name == "res.company":
            return row["id"] in env.companies
        for name in ("company_ids", "company_id"):
            if name in self.fields and (owner := self.value(env, row, name)):
                owners = owner if isinstance(owner, list) else [owner]
                return any(one in env.companies for one in owners)
        return True

    def sort(self, env: Env, rows: list[Row], order: str) -> list[Row]:
        for part in reversed(order.split(",")):
            words = part.split()
            name = words[0].partition(":")[0].partition(".")[0]
            self.check_fields(env, [name])
            descending = len(words) > 1 and words[1].lower() == "desc"
            get = self.getter(env, name)
            kind = self.fields[name].type

            def key(row: Row, get: Callable[[Row], Any] = get, kind: str = kind) -> Any:
                found = get(row)
                if kind in NUMERIC or kind == "integer":
                    return (0, found or 0)
                if kind == "many2one":
                    return (0, found) if found else (1, 0)
                if found is False or found is None:
                    return (1, "")
                return (0, str(found))
            rows = sorted(rows, key=key, reverse=descending)
        return rows

    @on_model
    def search_read(self, env: Env, domain: Any = None, fields: list[str] | None = None,
                    offset: int = 0, limit: int | None = None, order: str | None = None,
                    load: str | None = "_classic_read") -> list[Row]:
        if fields:
            self.check_fields(env, fields)
        ids = self.search(env, domain or [], offset, limit, order)
        return self.read(env, ids, fields, load)

    @on_model
    def search_count(self, env: Env, domain: Any, limit: int | None = None) -> int:
        self.check(env, "read")
        count = len(self.find(env, domain, "id"))
        return min(count, limit) if limit else count

    @on_model
    def name_search(self, env: Env, name: str = "", args: Any = None, operator: str = "ilike",
                    limit: int | None = 100, domain: Any = None) -> list[list[Any]]:
        self.check(env, "read")
        rows = env.store.tables[self.name].rows
        found = []
        for row_id in self.find(env, args or domain or []):
            shown = self.display_name(env, rows[row_id])
            keys = [shown, str(rows[row_id].get("code") or ""), str(rows[row_id].get("name") or "")]
            if operator == "=":
                hit = not name or name in keys
            else:
                hit = any(name.lower() in key.lower() for key in keys)
            if hit:
                found.append([row_id, shown])
        return found[:limit] if limit else found

    @on_model
    def fields_get(self, env: Env, allfields: list[str] | None = None,
                   attributes: list[str] | None = None) -> dict[str, Any]:
        out = {}
        for name, field in self.fields.items():
            if field.internal or (allfields and name not in allfields):
                continue
            described = field.describe()
            if field.type == "float":
                used = field.digits and env.series in field.digits_only
                described["digits"] = [16, env.sim.digits(field.digits)] if used else False
            out[name] = {k: v for k, v in described.items() if not attributes or k in attributes}
        return out

    @on_model
    def default_get(self, env: Env, fields: list[str]) -> Row:
        out = {}
        for name in fields:
            key = f"default_{name}"
            if key in env.context:
                out[name] = env.context[key]
        return out

    @on_records
    def exists(self, env: Env, ids: Ids) -> Ids:
        return [i for i in self.ids(ids) if i in env.store.tables[self.name].rows]

    @on_records
    def get_metadata(self, env: Env, ids: Ids) -> list[Row]:
        rows = self.read(env, ids, ["create_date", "write_date", "create_uid", "write_uid"])
        for row in rows:
            found = env.store.find("ir.model.data", "target", f"{self.name},{row['id']}")
            data = [env.row("ir.model.data", i) for i in found]
            row["xmlid"] = f"{data[0]['module']}.{data[0]['name']}" if data else False
            row["noupdate"] = bool(data and data[0].get("noupdate"))
            row["xmlids"] = [{"xmlid": f"{d['module']}.{d['name']}", "noupdate": d["noupdate"]}
                             for d in data]
        return rows

    # -- rights ---------------------------------------------------------------------------------

    def check(self, env: Env, operation: str) -> None:
        access.check(env, self, operation)

    @on_model
    def check_access_rights(self, env: Env, operation: str, raise_exception: bool = True) -> bool:
        if raise_exception:
            self.check(env, operation)
            return True
        return access.allowed(env, self.name, operation)

    @on_records
    def has_access(self, env: Env, ids: Ids, operation: str) -> bool:
        return access.allowed(env, self.name, operation)

    @on_records
    def check_access(self, env: Env, ids: Ids, operation: str) -> None:
        self.check(env, operation)

    @on_model
    def load(self, env: Env, fields: list[str], data: list[list[Any]]) -> Row:
        return load(env, self, fields, data)

    @on_model
    def read_group(self, env: Env, domain: Any, fields: list[str], groupby: Any, offset: int = 0,
                   limit: int | None = None, orderby: Any = False, lazy: bool = True) -> list[Row]:
        return grouping.read_group(env, self, domain, fields, groupby, offset, limit, lazy)

    @on_model
    def formatted_read_group(self, env: Env, domain: Any, groupby: Any = (), aggregates: Any = (),
                             having: Any = (), offset: int = 0, limit: int | None = None,
                             order: str | None = None) -> list[Row]:
        return grouping.formatted_read_group(env, self, domain, groupby, aggregates, offset, limit)

    # -- writing --------------------------------------------------------------------------------

    def refuse_unknown(self, env: Env, values: Row) -> None:
        for name in values:
            if name not in self.fields:
                what = f"in {self.name!r}" if env.series >= 19 else f"on model {self.name!r}"
                raise value_error(f"Invalid field {name!r} {what}")

    def stored(self, env: Env, values: Row, row_id: int = 0) -> Row:
        """The values to keep: converted, references checked; one2many commands are left out."""
        out: Row = {}
        for name, value in values.items():
            field = self.fields[name]
            if field.type == "one2many" or (field.compute is not None and not field.store):
                continue
            if field.type == "many2many":
                out[name] = self.many_ids(env, field, value, row_id)
                continue
            kept = convert(field, self.name, value)
            if field.type == "many2one" and kept and \
                    kept not in env.store.tables[field.relation].rows:
                raise ValidationError(foreign_key(env.series, self.label, self.name, name,
                                                  field.string))
            out[name] = self.round_digits(env, field, kept)
        return out

    def round_digits(self, env: Env, field: Field, value: Any) -> Any:
        if field.digits and env.series in field.digits_only and isinstance(value, Decimal):
            return env.sim.round_to_precision(field.digits, value)
        return value

    def many_ids(self, env: Env, field: Field, value: Any, row_id: int) -> Ids:
        current: Ids = []
        if row_id:
            current = list(env.row(self.name, row_id).get(field.name) or [])
        if not value:
            return []
        if isinstance(value, (list, tuple)) and value and isinstance(value[0], int):
            value = [(6, 0, list(value))]
        other = env.model(field.relation)
        for command in value:
            code = command[0]
            if code == 6:
                current = list(command[2])
            elif code == 5:
                current = []
            elif code == 4 and command[1] not in current:
                current.append(command[1])
            elif code in (2, 3) and command[1] in current:
                current.remove(command[1])
            elif code == 0:
                current += other.create(env, [command[2]])
        missing = [i for i in current if i not in env.store.tables[field.relation].rows]
        if missing:
            raise ValidationError(foreign_key(env.series, self.label, self.name, field.name,
                                              field.string))
        return current

    def defaults(self, env: Env, values: Row) -> Row:
        out = dict(values)
        for name, field in self.fields.items():
            if name in out:
                continue
            key = f"default_{name}"
            if key in env.context:
                out[name] = env.context[key]
            elif callable(field.default):
                out[name] = field.default(env)
            elif field.default is not None:
                out[name] = field.default
        return out

    def check_required(self, env: Env, row: Row) -> None:
        for name, field in self.fields.items():
            if field.required and field.compute is None and \
                    (row.get(name) is None or row.get(name) is False):
                raise MissingRequired(missing_required(env.series, self.label, self.name, name,
                                                       field.string), name, field.string)

    def check_unique(self, env: Env, row: Row, row_id: int) -> None:
        for names, message in self.unique:
            key = tuple(row.get(n) for n in names)
            if not any(key):
                continue
            first = names[0]
            table = env.store.tables[self.name]
            pool = table.index[first].get(row.get(first), ()) if first in table.index \
                else table.rows
            for other in pool:
                if other != row_id and tuple(table.rows[other].get(n) for n in names) == key:
                    order = sorted(n for n in names if n in self.fields)
                    raise TakenValue(f"The operation cannot be completed: {message}",
                                     tuple(order),
                                     tuple(self.fields[n].string for n in order))

    def insert(self, env: Env, values: Row, row_id: int = 0) -> int:
        """Puts one row in, with its stamps; values are already converted."""
        stamp = {"create_uid": env.uid, "create_date": env.now, "write_uid": env.uid,
                 "write_date": env.now}
        return env.store.insert(self.name, {**stamp, **values}, row_id)

    def touch(self, env: Env, row_id: int, values: Row) -> None:
        """Changes stored values with a stamp; no rights, no rules."""
        env.store.update(self.name, row_id,
                         {**values, "write_uid": env.uid, "write_date": env.now})

    @on_model
    def create(self, env: Env, vals_list: Any) -> Ids:
        self.check(env, "create")
        ids = []
        for given in vals_list:
            values = dict(given)
            line_id = values.pop(LINE_ID, None)
            self.refuse_unknown(env, values)
            values = self.prepare(env, self.defaults(env, values))
            row = self.stored(env, values)
            self.check_required(env, row)
            self.check_unique(env, row, 0)
            row_id = self.insert(env, row)
            self.write_children(env, row_id, values)
            if line_id:
                self.name_line(env, line_id, row_id)
            ids.append(row_id)
            self.after_create(env, row_id, values)
        return ids

    def name_line(self, env: Env, xid: str, row_id: int) -> None:
        env.sim.remember(xid, self.name, row_id, bool(env.context.get("noupdate")), env)

    def prepare(self, env: Env, values: Row) -> Row:
        """A hook for defaults that depend on other values."""
        return values

    def after_create(self, env: Env, row_id: int, values: Row) -> None:
        """A hook that runs once the record and its children exist."""

    def write_children(self, env: Env, row_id: int, values: Row) -> None:
        for name, value in values.items():
            field = self.fields[name]
            if field.type != "one2many" or field.compute is not None or not value:
                continue
            other = env.model(field.relation)
            for command in value:
                code = command[0]
                if code == 0:
                    other.create(env, [{**command[2], field.inverse: row_id}])
                elif code == 1:
                    other.write(env, [command[1]], command[2])
                elif code in (2, 3):
                    other.unlink(env, [command[1]])
                elif code == 4:
                    other.write(env, [command[1]], {field.inverse: row_id})
                elif code == 5:
                    other.unlink(env, env.store.find(other.name, field.inverse, row_id))
                elif code == 6:
                    for child in command[2]:
                        other.write(env, [child], {field.inverse: row_id})

    @on_records
    def write(self, env: Env, ids: Ids, vals: Row) -> bool:
        self.check(env, "write")
        self.refuse_unknown(env, vals)
        for row_id in self.ids(ids):
            row = env.row(self.name, row_id)
            changed = self.stored(env, vals, row_id)
            self.check_required(env, {**row, **changed})
            self.check_unique(env, {**row, **changed}, row_id)
            self.touch(env, row_id, changed)
            self.write_children(env, row_id, vals)
        return True

    @on_records
    def unlink(self, env: Env, ids: Ids) -> bool:
        self.check(env, "unlink")
        for row_id in self.ids(ids):
            env.row(self.name, row_id)
            self.delete(env, row_id)
        return True

    def delete(self, env: Env, row_id: int) -> None:
        """Removes a row and the external ids that named it."""
        env.store.delete(self.name, row_id)
        for data in env.store.find("ir.model.data", "target", f"{self.name},{row_id}"):
            env.store.delete("ir.model.data", data)

    @on_records
    def copy(self, env: Env, ids: Ids, default: Row | None = None) -> Ids:
        raise UserError("Duplicating records is outside what this simulator plays.")


def later(date_text: str, days: int) -> str:
    """An ISO date some days after another."""
    start = datetime.fromisoformat(date_text).replace(tzinfo=UTC)
    return (start + timedelta(days=days)).strftime("%Y-%m-%d")
