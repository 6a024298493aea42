# SPDX-License-Identifier: Apache-2.0
"""The part of JSON Schema that kontor's published schemas use; an unknown keyword is an error, so
that nothing counts as checked that was not."""
from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any

TYPES: dict[str, tuple[type, ...]] = {"object": (dict,), "array": (list,), "string": (str,),
                                      "integer": (int,), "boolean": (bool,), "null": (type(None),)}
WORDS = {"$schema", "$id", "title", "description", "examples"}


def problems(schema: dict[str, Any], value: Any, at: str = "$") -> Iterator[str]:
    """What of the value the schema does not allow, each with its place."""
    for keyword, rule in schema.items():
        if keyword in WORDS or keyword in ("properties", "items"):
            continue
        if not _holds(keyword, rule, value):
            yield f"{at}: {keyword} {rule} does not hold for {value!r}"
    if isinstance(value, dict):
        for name, below in schema.get("properties", {}).items():
            if name in value:
                yield from problems(below, value[name], f"{at}.{name}")
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from problems(schema["items"], item, f"{at}[{number}]")


def _holds(keyword: str, rule: Any, value: Any) -> bool:
    if keyword == "type":
        return isinstance(value, TYPES[rule]) and (rule == "boolean" or not isinstance(value, bool))
    if keyword == "enum":
        return value in rule
    if keyword == "required":
        return not isinstance(value, dict) or all(name in value for name in rule)
    if keyword == "pattern":
        return not isinstance(value, str) or re.search(rule, value) is not None
    if keyword == "minimum":
        return not isinstance(value, int) or value >= rule
    if keyword in ("minItems", "maxItems"):
        if not isinstance(value, list):
            return True
        return len(value) >= rule if keyword == "minItems" else len(value) <= rule
    if keyword == "format":
        return not isinstance(value, str) or _is_formatted(rule, value)
    raise ValueError(f"the keyword {keyword} is not known here")


def _is_formatted(form: str, value: str) -> bool:
    try:
        if form == "date":
            datetime.date.fromisoformat(value)
        elif form == "date-time":
            datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        else:
            return False
    except ValueError:
        return False
    return True
