# SPDX-License-Identifier: Apache-2.0
"""Search domains: prefix operators `&`, `|`, `!`, comparisons and paths over relations.

Turns a domain into a tree, asks the indexes for candidates where it can, and tests rows.
"""
from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .errors import value_error
from .fields import NUMERIC, to_decimal

if TYPE_CHECKING:
    from .env import Env
    from .orm import Model

Test = Callable[[dict[str, Any]], bool]
OPERATORS = {"=", "!=", "<>", ">", ">=", "<", "<=", "in", "not in", "like", "not like", "ilike",
             "not ilike", "=like", "=ilike", "=?", "child_of", "parent_of", "any", "not any"}


def normalize(domain: Any) -> list[Any]:
    """The domain with its implied `&` written out."""
    if not isinstance(domain, (list, tuple)):
        raise value_error(f"Domain() invalid item in domain: {domain!r}")
    out: list[Any] = []
    expected = 1
    for token in domain:
        if expected == 0:
            out.insert(0, "&")
            expected = 1
        out.append(token)
        if token in ("&", "|"):
            expected += 1
        elif token != "!":
            expected -= 1
    if expected and domain:
        raise value_error("Domain() malformed domain " + repr(domain))
    return out


def compile_domain(env: Env, model: Model, domain: Any) -> Test:
    """A test of one row; raises ValueError for an unknown field or operator."""
    tokens = normalize(domain)
    if not tokens:
        return lambda row: True
    position = 0

    def parse() -> Test:
        nonlocal position
        token = tokens[position]
        position += 1
        if token == "&":
            left, right = parse(), parse()
            return lambda row: left(row) and right(row)
        if token == "|":
            left, right = parse(), parse()
            return lambda row: left(row) or right(row)
        if token == "!":
            inner = parse()
            return lambda row: not inner(row)
        return compile_leaf(env, model, token)

    return parse()


def compile_leaf(env: Env, model: Model, leaf: Any) -> Test:
    if not isinstance(leaf, (list, tuple)) or len(leaf) != 3:
        raise value_error(f"Invalid leaf {leaf!r}")
    name, operator, value = leaf
    if isinstance(name, int):
        truth = (name == value) if operator == "=" else (name != value)
        return lambda row: truth
    operator = str(operator).lower()
    if operator not in OPERATORS:
        raise value_error(f"Invalid operator {operator!r} in domain term {tuple(leaf)!r}")
    head, _, rest = str(name).partition(".")
    field = model.fields.get(head)
    if field is None:
        where = "condition" if env.series >= 19 else "leaf"
        raise value_error(f"Invalid field {model.name}.{head} in {where} {tuple(leaf)!r}")
    if rest and field.relation:
        return _path(env, model, head, rest, operator, value)
    if operator in ("any", "not any"):
        other = env.model(field.relation)
        inner = compile_domain(env, other, value)
        found = _related(env, model, head, inner)
        return found if operator == "any" else lambda row: not found(row)
    return _compare(env, model, head, operator, value)


def _related(env: Env, model: Model, head: str, inner: Test) -> Test:
    field = model.fields[head]
    rows = env.store.tables[field.relation].rows

    def test(row: dict[str, Any]) -> bool:
        found = model.value(env, row, head)
        ids = found if isinstance(found, list) else [found] if found else []
        return any(inner(rows[item]) for item in ids if item in rows)
    return test


def _path(env: Env, model: Model, head: str, rest: str, operator: str, value: Any) -> Test:
    field = model.fields[head]
    other = env.model(field.relation)
    negative = operator in ("!=", "not in", "not like", "not ilike")
    inner = compile_leaf(env, other, (rest, operator, value))
    test = _related(env, model, head, inner)
    if negative:
        return lambda row: test(row) or not model.value(env, row, head)
    return test


def _compare(env: Env, model: Model, name: str, operator: str, value: Any) -> Test:
    field = model.fields[name]
    if operator == "=?":
        if value in (False, None):
            return lambda row: True
        operator = "="
    if field.relation and isinstance(value, str) and operator not in ("in", "not in"):
        return _by_name(env, model, name, operator, value)
    wanted = _wanted(field.type, value)
    get = model.getter(env, name)
    if operator in ("in", "child_of", "parent_of") or (operator == "=" and isinstance(value, list)):
        values = set(wanted if isinstance(wanted, list) else [wanted])
        return lambda row: _member(get(row), values)
    if operator == "not in":
        values = set(wanted if isinstance(wanted, list) else [wanted])
        return lambda row: not _member(get(row), values)
    if operator == "=":
        return lambda row: _equal(get(row), wanted)
    if operator in ("!=", "<>"):
        return lambda row: not _equal(get(row), wanted)
    if operator in (">", ">=", "<", "<="):
        return _order(get, operator, wanted)
    return _like(get, operator, str(value))


def _wanted(kind: str, value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_wanted(kind, item) for item in value]
    if value is None:
        return False
    if kind in NUMERIC and not isinstance(value, bool):
        return to_decimal(value)
    return value


def _member(found: Any, values: set[Any]) -> bool:
    if isinstance(found, list):
        return bool(values.intersection(found)) or (not found and False in values)
    if isinstance(found, dict):
        return False
    return found in values


def _equal(found: Any, wanted: Any) -> bool:
    if isinstance(found, list):
        return (not found) if wanted is False else wanted in found
    if wanted is False or wanted == "":
        return not found
    return bool(found == wanted)


def _order(get: Callable[..., Any], operator: str, wanted: Any) -> Test:
    def test(row: dict[str, Any]) -> bool:
        found = get(row)
        if found is False or found is None:
            return False
        if isinstance(found, (int, Decimal)) != isinstance(wanted, (int, float, Decimal)):
            return False
        if operator == ">":
            return bool(found > wanted)
        if operator == ">=":
            return bool(found >= wanted)
        if operator == "<":
            return bool(found < wanted)
        return bool(found <= wanted)
    return test


def _like(get: Callable[..., Any], operator: str, value: str) -> Test:
    exact = operator in ("=like", "=ilike")
    negative = operator.startswith("not ")
    pattern = re.escape(value).replace("%", ".*").replace("_", ".")
    flags = re.DOTALL | (re.IGNORECASE if "ilike" in operator else 0)
    compiled = re.compile(pattern if exact else f".*{pattern}.*", flags)

    def test(row: dict[str, Any]) -> bool:
        found = get(row)
        matched = bool(found) and bool(compiled.fullmatch(str(found)))
        return matched != negative
    return test


def _by_name(env: Env, model: Model, name: str, operator: str, value: str) -> Test:
    other = env.model(model.fields[name].relation)
    ids = {item for item, row in env.store.tables[other.name].rows.items()
           if _like(lambda r: other.display_name(env, r),
                    "=ilike" if operator in ("=", "!=") else operator.replace("not ", ""),
                    value)(row)}
    negative = operator in ("!=", "not like", "not ilike")

    def test(row: dict[str, Any]) -> bool:
        found = model.value(env, row, name)
        values = found if isinstance(found, list) else [found]
        return bool(ids.intersection(values)) != negative
    return test


def candidates(env: Env, model: Model, domain: Any) -> list[int] | None:
    """Ids that an index offers for a conjunction, or None when every row must be tested."""
    table = env.store.tables[model.name]
    if not isinstance(domain, (list, tuple)) or any(t in ("|", "!") for t in domain):
        return None
    best: list[int] | None = None
    for leaf in domain:
        if not isinstance(leaf, (list, tuple)) or len(leaf) != 3:
            continue
        name, operator, value = leaf
        if operator not in ("=", "in") or value in (False, None, ""):
            continue
        values = value if isinstance(value, (list, tuple)) else [value]
        if name == "id":
            ids = [v for v in dict.fromkeys(values) if v in table.rows]
        elif name in table.index and all(isinstance(v, (int, str)) and v is not False
                                         for v in values):
            if isinstance(value, str) and model.fields[name].relation:
                continue
            ids = [i for v in dict.fromkeys(values) for i in table.index[name].get(v, ())]
        else:
            continue
        if best is None or len(ids) < len(best):
            best = ids
    return best
