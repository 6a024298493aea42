# SPDX-License-Identifier: Apache-2.0
"""Field descriptions: type, relation, defaults and the conversion of values to what is stored.

Amounts are kept as Decimal and leave as numbers, the way a server prints them. Knows no model.
"""
from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from .errors import DatabaseError, value_error

TEXTS = ("char", "text", "html")
NUMERIC = ("monetary", "float")
# The key under which load() hands the external id of a line to create().
LINE_ID = "__external_id"
RELATIONAL = ("many2one", "one2many", "many2many")


@dataclass
class Field:
    """One field of a model; `compute` is called with (env, row) at each read."""

    type: str
    string: str
    relation: str = ""
    inverse: str = ""
    selection: tuple[tuple[str, str], ...] = ()
    required: bool = False
    readonly: bool = False
    store: bool = True
    index: bool = False
    default: Any = None
    compute: Callable[..., Any] | None = None
    digits: str = ""
    name: str = ""
    internal: bool = False
    digits_only: tuple[int, ...] = (17, 18, 19)
    only: tuple[int, ...] = (17, 18, 19)

    def describe(self) -> dict[str, Any]:
        """What fields_get says about it."""
        out: dict[str, Any] = {"type": self.type, "string": self.string, "name": self.name,
                               "required": self.required, "readonly": self.readonly,
                               "store": self.store and self.compute is None,
                               "searchable": True, "sortable": self.store, "help": ""}
        if self.relation:
            out["relation"] = self.relation
        if self.inverse:
            out["relation_field"] = self.inverse
        if self.type == "selection":
            out["selection"] = [list(pair) for pair in self.selection]
        if self.type == "monetary":
            out["currency_field"] = "currency_id"
        return out


def to_decimal(value: Any) -> Decimal:
    """A number or a text of a number as an exact Decimal of its shortest form."""
    if isinstance(value, Decimal):
        return value
    if value is False or value is None:
        return Decimal(0)
    try:
        return Decimal(repr(value) if isinstance(value, float) else str(value).strip())
    except InvalidOperation:
        raise value_error(f"could not convert string to float: {value!r}") from None


def to_number(value: Decimal) -> float:
    return float(value)


def parse_date(value: Any) -> str:
    text = str(value)[:10]
    try:
        return datetime.strptime(text, "%Y-%m-%d").strftime("%Y-%m-%d")
    except ValueError:
        raise value_error(f"time data {text!r} does not match format '%Y-%m-%d'") from None


def parse_datetime(value: Any) -> str:
    text = str(value)[:19]
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return parse_date(text) + " 00:00:00"


def as_date(value: str) -> date:
    return date.fromisoformat(value)


def convert(field: Field, model: str, value: Any) -> Any:
    """The stored form of a value given by a caller; relations of lists are left as they are."""
    kind = field.type
    if kind == "boolean":
        return bool(value)
    if kind in NUMERIC:
        return to_decimal(value)
    if kind in ("integer", "many2one_reference"):
        return int(value or 0)
    if value is False or value is None or (value == "" and kind not in TEXTS):
        return False
    if kind == "many2one":
        return _reference(value)
    if kind == "date":
        return parse_date(value)
    if kind == "datetime":
        return parse_datetime(value)
    if kind == "selection":
        if str(value) not in {key for key, _ in field.selection}:
            raise value_error(f"Wrong value for {model}.{field.name}: {value!r}")
        return str(value)
    if kind == "json":
        return json.loads(value) if isinstance(value, str) else value
    if kind in TEXTS or kind == "binary":
        return value if isinstance(value, str) else str(value)
    return value


def _reference(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        value = value[0] if value else False
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int):
        return value
    raise DatabaseError("errors.InvalidTextRepresentation",
                        f'invalid input syntax for type integer: "{value}"\n')


def make(kind: str) -> Callable[..., Field]:
    def build(string: str, **options: Any) -> Field:
        return Field(kind, string, **options)
    return build


char, text, html = make("char"), make("text"), make("html")
reference_id = make("many2one_reference")
integer, boolean, binary = make("integer"), make("boolean"), make("binary")
decimal, monetary = make("float"), make("monetary")
day, moment, blob = make("date"), make("datetime"), make("json")


def one(string: str, relation: str, **options: Any) -> Field:
    return Field("many2one", string, relation, **options)


def lines(string: str, relation: str, inverse: str, **options: Any) -> Field:
    return Field("one2many", string, relation, inverse, **options)


def many(string: str, relation: str, **options: Any) -> Field:
    return Field("many2many", string, relation, **options)


def choice(string: str, *pairs: tuple[str, str], **options: Any) -> Field:
    return Field("selection", string, selection=pairs, **options)
