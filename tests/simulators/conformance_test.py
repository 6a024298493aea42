#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the Odoo simulator against conversations recorded from real servers.

Sends every recorded request, with its ids translated, and compares what comes back: fault codes,
error classes, shapes, states, amounts and dates; not ids and not wordings. The recordings are
found through KONTOR_ODOO_WIRE, else beside the checkout; without them the test is skipped (77).
"""
from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from conformance import wire  # noqa: E402
from conformance.compare import differences  # noqa: E402
from conformance.ids import IdMap  # noqa: E402

HERE = Path(__file__).resolve().parent
ORDER = ("session", "errors-malformed", "errors", "master-data", "invoices", "rights-needed",
         "journal-entries", "payments", "bank-statements", "locks-and-rights", "nil-and-falsy",
         "expenses", "external-ids", "reconcile-statement-line", "trusted-accounts",
         "create-if-absent", "attachments", "limited-bot", "silent-changes", "expenses-more",
         "json2")
SERIES = ("17.0", "18.0", "19.0")
NOW = "2026-11-21T02:58:30"
SKIPPED = 77
MASTER = ("companies", "journals", "accounts", "taxes", "currencies.all", "payment-terms")


def recordings() -> Path:
    given = os.environ.get("KONTOR_ODOO_WIRE")
    return Path(given) if given else HERE.parent.parent.parent / "shared" / "odoo-wire"


class Run:
    """One series: a simulator of its own and the recorded files in their order."""

    def __init__(self, series: str, folder: Path, verbose: bool) -> None:
        self.series = series
        self.folder = folder
        self.verbose = verbose
        self.exchanges = 0
        self.failed: list[str] = []
        database = {"17.0": "o17", "18.0": "o18", "19.0": "o19"}[series]
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "odoo_sim.py"), "--series", series, "--currency", "USD",
             "--database", database, "--now", NOW], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.ready = json.loads(self.process.stdout.readline())
        relations = json.loads((folder / "fields.json").read_text(encoding="utf-8"))
        self.ids = IdMap(relations)
        self.relations = relations

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def load(self, name: str) -> list[dict[str, Any]]:
        path = self.folder / f"{name}.json"
        return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []

    def prime(self) -> None:
        """Pairs the master data by natural keys, before any request names an id."""
        for exchange in self.load("master-data"):
            if exchange["name"] in MASTER:
                request = wire.decode_request(exchange)
                answer = wire.send(self.ready, wire.encode(exchange, request, self.ready, None))
                self.ids.learn(request, wire.decode_response(exchange["transport"],
                                                             exchange["response"]),
                               wire.decode_response(exchange["transport"], answer))
        for exchange in self.load("expenses"):
            if exchange["name"].endswith(".search"):
                request = wire.decode_request(exchange)
                answer = wire.send(self.ready, wire.encode(exchange, request, self.ready, None))
                self.ids.learn(request, wire.decode_response(exchange["transport"],
                                                             exchange["response"]),
                               wire.decode_response(exchange["transport"], answer))

    def play(self, name: str) -> None:
        for exchange in self.load(name):
            self.exchanges += 1
            request = wire.decode_request(exchange)
            answer = wire.send(self.ready, wire.encode(exchange, request, self.ready, self.ids))
            recorded = wire.decode_response(exchange["transport"], exchange["response"])
            simulated = wire.decode_response(exchange["transport"], answer)
            self.ids.learn(request, recorded, simulated)
            found = differences(name, exchange["name"], request, recorded, simulated)
            if found:
                self.failed.append(f"{self.series} {name} {exchange['name']}")
                print(f"DIFFERENT {self.series} {name} {exchange['name']}")
                for line in found[:8]:
                    print(f"    {line}")
                if self.verbose:
                    print(f"    recorded  {str(recorded)[:700]}")
                    print(f"    simulated {str(simulated)[:700]}")

    def check_fields(self) -> None:
        """Every field the simulator has is one that the real model had, of the same type."""
        for model, recorded in self.relations.items():
            self.exchanges += 1
            request = wire.Request("xmlrpc", "object", model, "fields_get", [], {}, 2, None)
            exchange = {"transport": "xmlrpc", "request": {
                "method": "POST", "path": "/xmlrpc/2/object",
                "headers": {"Content-Type": "text/xml"}, "body": ""}}
            answer = wire.send(self.ready, wire.encode(exchange, request, self.ready, self.ids))
            found = wire.decode_response("xmlrpc", answer).value
            if not isinstance(found, dict):
                self.failed.append(f"{self.series} fields_get {model}")
                print(f"DIFFERENT {self.series} fields_get {model}: {str(found)[:200]}")
                continue
            for name, field in found.items():
                real = recorded.get(name)
                what = "" if real else "is not a field of the real model"
                if real and real["type"] != field["type"]:
                    what = f"is {field['type']}, really {real['type']}"
                elif real and real.get("relation") != field.get("relation"):
                    what = f"points to {field.get('relation')}, really {real.get('relation')}"
                if what:
                    self.failed.append(f"{self.series} fields_get {model}.{name}")
                    print(f"DIFFERENT {self.series} fields_get {model}.{name} {what}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", choices=SERIES, action="append")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    root = recordings()
    if not root.is_dir():
        print(f"SKIPPED: no recorded Odoo conversations at {root} "
              "(set KONTOR_ODOO_WIRE to their folder)")
        return SKIPPED
    failed: list[str] = []
    total = 0
    for series in options.series or SERIES:
        run = Run(series, root / series, options.verbose)
        try:
            run.prime()
            for name in ORDER:
                run.play(name)
            run.check_fields()
        finally:
            run.stop()
        print(f"{series}: {run.exchanges} exchanges, {len(run.failed)} differences")
        failed += run.failed
        total += run.exchanges
    if total == 0:
        print("no exchange was played: the recordings are empty")
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
