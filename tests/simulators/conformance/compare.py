# SPDX-License-Identifier: Apache-2.0
"""What must agree between a recorded answer and a simulated one.

Outcome, error class, shape and every meaningful value; ids, stamps and wordings may differ.
"""
from __future__ import annotations

import re
from typing import Any

from .ids import pair_rows
from .wire import Answer, Request

# Values that name or number something of the recorded database only.
FREE = {"id", "res_id", "create_date", "write_date", "view_id", "views", "internal_index",
        "access_url", "vat", "email", "country_id", "name_id", "work_email", "message",
        "moreinfo", "domain", "rate_ids", "supplier_taxes_id", "running_balance", "line_ids",
        "tax_group_id", "xml_id"}
# Searches over a whole table: the databases hold different records besides the common ones.
TABLES = {("master-data", "accounts"), ("master-data", "taxes"), ("master-data", "journals"),
          ("master-data", "companies"), ("payments", "methods"), ("expenses", "employee.search"),
          ("expenses", "expense-product.search"), ("master-data", "partner.search_read"),
          ("silent-changes", "precision.digits"), ("external-ids", "lookup"),
          ("master-data", "currencies"), ("master-data", "currencies.all")}
FREE_TEXT = {("limited-bot", "database-uuid-as-admin"), ("session", "db.list")}
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
RACE = re.compile(r"race\.\d")
LAST_ERROR = re.compile(r"^([A-Za-z_][\w.]*)(?::|$)")


def differences(scenario: str, name: str, call: Request, recorded: Answer,
                simulated: Answer) -> list[str]:
    """What disagrees, one line each; empty when the exchange agrees."""
    out: list[str] = []
    for what in ("status", "http_version", "content_type", "closes"):
        left, right = getattr(recorded, what), getattr(simulated, what)
        if left != right:
            out.append(f"{what}: recorded {left!r}, simulated {right!r}")
    if RACE.fullmatch(name):
        return out + _race(simulated)
    if recorded.kind != simulated.kind:
        return [*out, f"recorded a {recorded.kind}, simulated a {simulated.kind}: "
                f"{_show(recorded)} / {_show(simulated)}"]
    if recorded.kind == "html":
        return out
    if recorded.kind in ("fault", "error"):
        return out + _errors(recorded, simulated)
    if recorded.keys != simulated.keys:
        out.append(f"keys: recorded {recorded.keys}, simulated {simulated.keys}")
    counts = call.method == "search_count" and call.args and call.args[0]
    if counts and recorded.value != simulated.value:
        out.append(f"count: recorded {recorded.value}, simulated {simulated.value}")
    loose = (scenario, name) in TABLES
    free = (scenario, name) in FREE_TEXT
    return out + _values("", recorded.value, simulated.value, loose, free)


def _show(answer: Answer) -> str:
    shown = answer.value if answer.kind == "value" else answer.text.strip().split("\n")[-1]
    return str(shown)[:160]


def _race(simulated: Answer) -> list[str]:
    """A racing call answers the record or a lost race, nothing else."""
    value = simulated.value
    if simulated.kind != "value" or not isinstance(value, dict):
        return ["a racing load must answer normally"]
    if value["ids"] is False and "serialize" not in value["messages"][0]["message"]:
        return [f"a racing load was refused: {value['messages']}"]
    return []


def error_class(text: str) -> str:
    """The exception class in the last unindented line of a traceback."""
    for line in reversed([part for part in text.strip().split("\n") if part.strip()]):
        match = LAST_ERROR.match(line)
        if match and ("." in match[1] or match[1].endswith(("Error", "Exception"))):
            return match[1].rpartition(".")[2]
    return ""


def _errors(recorded: Answer, simulated: Answer) -> list[str]:
    out = []
    if recorded.code != simulated.code:
        out.append(f"code: recorded {recorded.code}, simulated {simulated.code} "
                   f"({_show(simulated)})")
    if recorded.kind == "fault" and recorded.code == 1:
        left, right = error_class(recorded.error), error_class(simulated.error)
        if left != right:
            out.append(f"class: recorded {left}, simulated {right}")
    elif recorded.error != simulated.error:
        out.append(f"class: recorded {recorded.error}, simulated {simulated.error}")
    if recorded.keys != simulated.keys:
        out.append(f"keys: recorded {recorded.keys}, simulated {simulated.keys}")
    return out


def _kind(value: Any) -> str:
    if isinstance(value, list) and len(value) == 2 and isinstance(value[1], str) and \
            isinstance(value[0], int) and not isinstance(value[0], bool):
        return "reference"
    return type(value).__name__


def _values(path: str, left: Any, right: Any, loose: bool, free: bool) -> list[str]:
    if _kind(left) != _kind(right):
        return [f"{path or 'value'}: recorded {left!r}, simulated {right!r}"[:300]]
    if isinstance(left, dict):
        if set(left) != set(right):
            return [f"{path} keys: only recorded {sorted(set(left) - set(right))}, only simulated "
                    f"{sorted(set(right) - set(left))}"]
        return [line for name in left
                for line in _field(f"{path}.{name}", name, left[name], right[name], free)]
    if isinstance(left, list):
        return _lists(path, left, right, loose, free)
    if isinstance(left, str) and DATE.fullmatch(left):
        return [] if left == right else [f"{path}: recorded {left}, simulated {right}"]
    if isinstance(left, str):
        return [] if free or _words(left) == _words(right) else [
            f"{path}: recorded {left!r}, simulated {right!r}"[:300]]
    if isinstance(left, (bool, float)):
        return [] if left == right else [f"{path}: recorded {left!r}, simulated {right!r}"]
    return []


def _field(path: str, name: str, left: Any, right: Any, free: bool) -> list[str]:
    if _kind(left) != _kind(right):
        return [f"{path}: recorded {left!r}, simulated {right!r}"[:300]]
    if name in FREE or name.endswith("_ids"):
        if isinstance(left, list) and bool(left) != bool(right):
            return [f"{path}: recorded {left!r}, simulated {right!r}"]
        return []
    if name == "analytic_distribution" and isinstance(left, dict):
        return [] if sorted(left.values()) == sorted(right.values()) else [f"{path}: differs"]
    if _kind(left) == "reference":
        return [] if _words(left[1]) == _words(right[1]) else [
            f"{path}: recorded {left!r}, simulated {right!r}"]
    return _values(path, left, right, False, free)


def _lists(path: str, left: list[Any], right: list[Any], loose: bool, free: bool) -> list[str]:
    rows = bool(left) and isinstance(left[0], dict)
    if not loose and len(left) != len(right):
        return [f"{path or 'value'}: recorded {len(left)} items, simulated {len(right)}"]
    if loose and bool(left) != bool(right):
        return [f"{path or 'value'}: recorded {len(left)} items, simulated {len(right)}"]
    if rows:
        pairs: list[tuple[Any, Any]] = list(pair_rows(left, right))
        if not pairs:
            return [f"{path or 'value'}: no rows in common"]
    else:
        pairs = list(zip(left, right, strict=False))
    return [line for index, (one, other) in enumerate(pairs)
            for line in _values(f"{path}[{index}]", one, other, False, free)]


def _words(text: str) -> str:
    """A text without its numbers: the same kind of name or sentence."""
    return re.sub(r"\d+", "#", text)
