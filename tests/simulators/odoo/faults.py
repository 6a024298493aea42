# SPDX-License-Identifier: Apache-2.0
"""Rules that make calls fail in chosen ways, for a chosen number of times.

A rule is `{match: {transport, model, method, nth}, action, times, seconds, after}`; the first rule
that matches is used. Only decides; server.py carries the action out.
"""
from __future__ import annotations

import threading
from typing import Any

ACTIONS = ("delay", "cut_before", "cut_after", "cut_middle", "http_502", "html_error",
           "serialization_failure", "rate_limit_429", "late", "access_denied")
TRANSPORTS = ("xmlrpc", "jsonrpc", "json2", "http")


class BadRule(ValueError):
    """A rule that could never do what its author meant."""


class Rule:
    """One rule and how often it may still fire."""

    def __init__(self, data: dict[str, Any]) -> None:
        unknown = set(data) - {"match", "action", "times", "seconds", "after", "reset"}
        if unknown:
            raise BadRule(f"unknown keys: {', '.join(sorted(unknown))}")
        self.match: dict[str, Any] = dict(data.get("match") or {})
        unknown = set(self.match) - {"transport", "model", "method", "nth"}
        if unknown:
            raise BadRule(f"unknown match keys: {', '.join(sorted(unknown))}")
        if self.match.get("transport", "http") not in TRANSPORTS:
            raise BadRule(f"unknown transport: {self.match['transport']}")
        self.action = str(data.get("action"))
        if self.action not in ACTIONS:
            raise BadRule(f"unknown action: {self.action}")
        self.times = int(data.get("times", 1))
        self.seconds = float(data.get("seconds", 0))
        self.after = bool(data.get("after", False))
        self.reset = bool(data.get("reset", False))
        self.seen = 0
        self.fired = 0

    def takes(self, transport: str, model: str, method: str) -> bool:
        """Whether the rule fires for this call; counts matching calls for `nth`."""
        if self.times and self.fired >= self.times:
            return False
        for key, value in (("transport", transport), ("model", model), ("method", method)):
            if key in self.match and self.match[key] != value:
                return False
        self.seen += 1
        if self.seen < int(self.match.get("nth", 1)):
            return False
        self.fired += 1
        return True

    def describe(self) -> dict[str, Any]:
        return {"match": self.match, "action": self.action, "times": self.times,
                "seconds": self.seconds, "after": self.after, "seen": self.seen,
                "fired": self.fired}


class Faults:
    """The rules in force; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []

    def replace(self, rules: list[dict[str, Any]]) -> None:
        made = [Rule(rule) for rule in rules]
        with self._lock:
            self._rules = made

    def add(self, rules: list[dict[str, Any]]) -> None:
        made = [Rule(rule) for rule in rules]
        with self._lock:
            self._rules += made

    def pick(self, transport: str, model: str, method: str) -> Rule | None:
        with self._lock:
            for rule in self._rules:
                if rule.takes(transport, model, method):
                    return rule
        return None

    def describe(self) -> list[dict[str, Any]]:
        with self._lock:
            return [rule.describe() for rule in self._rules]
