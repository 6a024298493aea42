# SPDX-License-Identifier: Apache-2.0
"""`load()`: rows of texts with external ids, as real servers take them.

The whole call succeeds or creates nothing; refusals and lost races are told inside a normal
answer. With `mode=update` and `noupdate` an existing record is answered and left alone.
"""
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .errors import (
    BuiltinError,
    MissingRequired,
    OdooError,
    SerializationFailure,
    UserError,
    ValidationError,
    value_error,
)
from .fields import LINE_ID, RELATIONAL, Field, parse_date, parse_datetime

if TYPE_CHECKING:
    from .env import Env
    from .orm import Model

Message = dict[str, Any]
KEYS = (None, "id", ".id")


class CellError(Exception):
    """A cell that cannot be converted; `info` is merged into the message."""

    def __init__(self, text: str, info: Message | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.info = info or {}


def load(env: Env, model: Model, fields: list[str], data: list[list[Any]]) -> Message:
    """Answers {ids, messages, nextrow}; `ids` is False when anything was refused."""
    mark = env.store.savepoint()
    messages: list[Message] = []
    paths = [_path(name) for name in fields]
    records = list(_extract(env, model, paths, data))
    batch = []
    for index, (record, info) in enumerate(records):
        xid, values = _convert(env, model, record, info, index, messages)
        batch.append((xid, values, {**info, "record": index}))
    ids = _flush(env, model, batch, messages)
    if any(message["type"] == "error" for message in messages):
        env.store.rollback(mark)
        return {"ids": False, "messages": messages, "nextrow": 0}
    return {"ids": ids, "messages": messages, "nextrow": 0}


def _path(name: str) -> list[str | None]:
    text = name.replace(".id", "/.id").replace(":id", "/id").replace("//", "/")
    return [part for part in text.split("/") if part] or [None]


def _extract(env: Env, model: Model, paths: list[list[str | None]], data: list[list[Any]]) -> Any:
    for path in paths:
        if path[0] not in KEYS and path[0] not in model.fields and env.series == 17:
            raise BuiltinError("KeyError", repr(path[0]))
        if path[0] not in KEYS and path[0] not in model.fields:
            raise value_error(f"Invalid field name {path[0]!r}")

    def is_lines(path: list[str | None]) -> bool:
        field = model.fields.get(path[0] or "")
        return field is not None and field.type == "one2many"

    lines = [i for i, path in enumerate(paths) if is_lines(path)]
    others = [i for i, path in enumerate(paths) if not is_lines(path)]
    index = 0
    while index < len(data):
        span = [data[index]]
        while index + len(span) < len(data):
            row = data[index + len(span)]
            if any(row[i] for i in lines) and not any(row[i] for i in others):
                span.append(row)
            else:
                break
        yield _record(env, model, paths, span), {"rows": {"from": index,
                                                         "to": index + len(span) - 1}}
        index += len(span)


def _record(env: Env, model: Model, paths: list[list[str | None]], span: list[Any]) -> Any:
    record: dict[Any, Any] = {}
    for i, path in enumerate(paths):
        field = model.fields.get(path[0] or "")
        if field is None or field.type not in RELATIONAL:
            record[path[0]] = span[0][i]
    for name in dict.fromkeys(path[0] for path in paths):
        field = model.fields.get(name or "")
        if field is None or field.type not in RELATIONAL:
            continue
        columns = [i for i, path in enumerate(paths) if path[0] == name]
        sub_paths = [paths[i][1:] or [None] for i in columns]
        rows = [[row[i] for i in columns] for row in span if any(row[i] for i in columns)]
        other = env.model(field.relation)
        record[name] = [sub for sub, _ in _extract(env, other, sub_paths, rows)]
    return record


def _convert(env: Env, model: Model, record: dict[Any, Any], info: Message, index: int,
             messages: list[Message]) -> tuple[str | None, dict[str, Any]]:
    values: dict[str, Any] = {}
    for name, cell in record.items():
        if name in KEYS:
            continue
        field = model.fields[name]
        if not cell:
            values[name] = False
            continue
        try:
            values[name] = _cell(env, model, field, cell)
        except CellError as error:
            text = error.text.replace("%(field)s", field.string)
            messages.append({**info, "type": "error", "record": index, "field": name,
                             "message": text, **error.info, "field_name": field.string})
    xid = record.get("id") or None
    if xid and "." not in xid:
        xid = f"{env.context.get('module', '__import__')}.{xid}"
    if record.get(".id"):
        values["id"] = int(record[".id"])
    return xid, values


def _cell(env: Env, model: Model, field: Field, cell: Any) -> Any:
    kind = field.type
    if kind == "many2one":
        return _reference(env, field, cell[0])
    if kind == "many2many":
        found = []
        for sub in cell:
            (key, text), = list(sub.items())[:1]
            found += [_reference(env, field, {key: part}) for part in str(text).split(",")]
        return [(6, 0, [i for i in found if i])]
    if kind == "one2many":
        if len(cell) == 1 and set(cell[0]) == {".id"}:  # references only: existing records
            return [(4, int(part), 0) for part in str(cell[0][".id"]).split(",")]
        return [_line(env, env.model(field.relation), sub) for sub in cell]
    if not isinstance(cell, str):
        raise value_error(f"{type(cell).__name__!r} object has no attribute 'lower'")
    return _scalar(field, cell)


def _scalar(field: Field, cell: str) -> Any:
    kind = field.type
    try:
        if kind in ("integer", "many2one_reference"):
            return int(cell)
        if kind in ("float", "monetary"):
            float(cell)
            return cell
        if kind == "date":
            return parse_date(cell)
        if kind == "datetime":
            return parse_datetime(cell)
        if kind == "json":
            return json.loads(cell)
    except (ValueError, OdooError):
        words = {"integer": "an integer", "many2one_reference": "an integer",
                 "float": "a number", "monetary": "a number",
                 "date": "a valid date", "datetime": "a valid datetime",
                 "json": "a valid JSON"}[kind]
        info = {"moreinfo": "Use the format '2012-12-31'"} if kind == "date" else {}
        raise CellError(f"'{cell}' does not seem to be {words} for field '%(field)s'",
                        info) from None
    if kind == "boolean":
        return cell.lower() in ("1", "true", "yes")
    if kind == "selection":
        for key, label in field.selection:
            if cell.lower() in (key.lower(), label.lower()):
                return key
        raise CellError(f"Value '{cell}' not found in selection field '%(field)s'",
                        {"moreinfo": [label for _, label in field.selection]})
    return cell


def _reference(env: Env, field: Field, sub: dict[Any, Any]) -> int | bool:
    if set(sub) - set(KEYS):
        raise CellError("Can not create Many-To-One records indirectly, import the field "
                        "separately")
    if len(sub) > 1:
        raise CellError("Ambiguous specification for field '%(field)s', only provide one of name, "
                        "external id or database id")
    (key, text), = sub.items()
    rows = env.store.tables[field.relation].rows
    what = {".id": "database id", "id": "external id", None: "name"}[key]
    if key == ".id":
        try:
            found = int(text)
        except ValueError:
            raise CellError(f"Invalid database id '{text}' for the field '%(field)s'",
                            {"moreinfo": _action(env, field, key)}) from None
        if found in rows:
            return found
    elif key == "id":
        xid = text if "." in text else f"{env.context.get('module', '__import__')}.{text}"
        target = env.sim.external(xid)
        if target and target[0] != field.relation:
            raise CellError(f"Invalid external ID {xid}: expected model {field.relation!r}, "
                            f"found {target[0]!r}")
        if target and target[1] in rows:
            return target[1]
    else:
        hits = env.model(field.relation).name_search(env.sudo(), str(text), operator="=")
        if hits:
            return int(hits[0][0])
    raise CellError(f"No matching record found for {what} '{text}' in field '%(field)s'",
                    {"moreinfo": _action(env, field, key)})


def _action(env: Env, field: Field, key: str | None) -> Message:
    action: Message = {"name": "Possible Values", "type": "ir.actions.act_window",
                       "target": "new",
                       "view_mode": "tree,form" if env.series == 17 else "list,form",
                       "views": [[False, "list"], [False, "form"]],
                       "context": {"create": False}, "help": "See all possible values"}
    if key is None:
        action["res_model"] = field.relation
    else:
        action["res_model"] = "ir.model.data"
        action["domain"] = [["model", "=", field.relation]]
    return action


def _line(env: Env, model: Model, record: dict[Any, Any]) -> Any:
    """A one2many command for one sub-record: update when its id exists, else create."""
    values = {}
    for name, cell in record.items():
        if name in KEYS:
            continue
        field = model.fields[name]
        try:
            values[name] = _cell(env, model, field, cell) if cell else False
        except CellError as error:
            error.text = error.text.replace("%(field)s", f"%(field)s/{field.string}")
            raise
    xid = record.get("id")
    if record.get(".id"):
        return (1, int(record[".id"]), values)
    if not xid:
        return (0, 0, values)
    full = xid if "." in xid else f"{env.context.get('module', '__import__')}.{xid}"
    target = env.sim.external(full)
    if target and target[0] == model.name and target[1] in env.store.tables[model.name].rows:
        return (1, target[1], values)
    return (0, 0, {**values, LINE_ID: full})


def _flush(env: Env, model: Model, batch: list[Any], messages: list[Message]) -> list[int]:
    mark = env.store.savepoint()
    try:
        return _records(env, model, batch)
    except MissingRequired:
        env.store.rollback(mark)
        first: Message | None = None
    except UserError as error:
        env.store.rollback(mark)
        first = {**batch[0][2], "type": "error", "message": error.text()}
    except OdooError:
        env.store.rollback(mark)
        first = None
    ids: list[int] = []
    failed = False
    fresh = [item[0] for item in batch if item[0] and env.sim.external(item[0]) is None]
    for item in batch:
        mark = env.store.savepoint()
        try:
            ids += _records(env, model, [item])
            if failed is False and item[0] in fresh:
                env.sim.ghosts[item[0]] = (model.name, 0)
        except MissingRequired as error:
            env.store.rollback(mark)
            failed = True
            messages.append({**item[2], "type": "error", **_constraint(env, error)})
        except OdooError as error:
            env.store.rollback(mark)
            failed = True
            text = error.text() if isinstance(error, (UserError, SerializationFailure)) else (
                "Unknown error during import: <class "
                f"'{error.qualified.removeprefix('builtins.')}'>: {error.text()}")
            messages.append({**item[2], "type": "error", "message": text})
    if failed and first and env.series >= 18 and first not in messages:
        messages.insert(0, first)
    return ids


def _constraint(env: Env, error: MissingRequired) -> Message:
    """What load() says of a required column and of a taken value: it names the field."""
    prefix = "The operation cannot be completed: "
    if error.fields:
        joiner = ", " if env.series == 17 else " and "
        if env.series >= 19:
            return {"message": error.message.removeprefix(prefix)}
        return {"message": f"The values for the fields '{joiner.join(error.fields)}' already "
                f"exist (they are probably '{joiner.join(error.strings)}' in the current model)."}
    if env.series >= 19:
        return {"field": error.field, "message": error.message.removeprefix(prefix)}
    return {"field": error.field, "message": "Missing required value for the field "
            f"'{error.string}' ({error.field})"}


def _records(env: Env, model: Model, batch: list[Any]) -> list[int]:
    update = env.context.get("mode", "init") == "update"
    noupdate = bool(env.context.get("noupdate"))
    out: list[int] = []
    for xid, values, _ in batch:
        if not xid:
            if values.get("id"):
                row_id = values["id"]
                model.write(env, [row_id], {k: v for k, v in values.items() if k != "id"})
                out.append(row_id)
            elif not update:
                out += create_with_ids(env, model, values, None, noupdate)
            continue
        env.sim.check_race(env, xid)
        target = env.sim.external(xid)
        if target and target[1] not in env.store.tables.get(target[0], env.sim.nothing).rows:
            target = None
        if target is None:
            out += create_with_ids(env, model, values, xid, noupdate)
            continue
        if target[0] != model.name:
            raise ValidationError(f"For external id {xid} when trying to create/update a record "
                                  f"of model {model.name} found record of different model "
                                  f"{target[0]} ({target[2]})")
        if not (update and target[3]) or xid in env.sim.own:
            model.write(env, [target[1]], values)
        out.append(target[1])
    return out


def create_with_ids(env: Env, model: Model, values: dict[str, Any], xid: str | None,
                    noupdate: bool) -> list[int]:
    """Creates one record and the external ids of itself and its delegate; lines name theirs."""
    ids = model.create(env, [values])
    if xid:
        env.sim.remember(xid, model.name, ids[0], noupdate, env)
        for parent, field in model.inherits.items():
            held = env.row(model.name, ids[0]).get(field)
            if held:
                env.sim.remember(f"{xid}_{parent.replace('.', '_')}", parent, held, noupdate, env)
    return ids
