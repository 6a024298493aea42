#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Webhooks of an expense platform, doubled and out of order, while kontord is killed at random.

    python3 tests/chaos/expense_chaos.py --webhooks 10000 --kills 100
    python3 tests/chaos/expense_chaos.py --webhooks 200 --series 19.0 --transport json2 --seed 7

Each report must stand in Odoo once, and the platform must be told of it exactly once. Ends with
"N passed, N failed, N skipped"; the seed is printed and repeats the same choices.
"""
from __future__ import annotations

import argparse
import http.client
import json
import queue
import random
import sys
import threading
import time
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from chaos_test import SECONDS_A_KILL  # noqa: E402
from e2e.harness import hooks  # noqa: E402
from e2e.harness.odoo import Eyes, amount  # noqa: E402
from e2e.harness.processes import ExpensePlatform, Simulator  # noqa: E402
from e2e.harness.world import Service  # noqa: E402
from reckoning import check_audit, check_feed  # noqa: E402
from stage import QUICK  # noqa: E402
from telling import Telling  # noqa: E402
from workload import Broken, persistently  # noqa: E402

Json = dict[str, Any]
SETTINGS = {**QUICK, "expenses.look_interval": "2s", "expenses.retry_first": "100ms",
            "expenses.retry_max": "1s", "expenses.attempts_max": "1000",
            "expenses.threads": "8"}
SENDERS = 8
EMPLOYEES = 40
REVISED_PERCENT = 8      # of the reports come in two revisions, in whatever order
SENDINGS = (1, 2, 2, 3)  # how often a message is sent, at random
PATIENCE_SECONDS = 240.0  # without any progress
LOOK_SECONDS = 1.0
ENDS = ("STATE_CONFIRMED", "STATE_RECALLED")
PAGE = 500
FAULTS = ("lose", "fail", "throttle", "cut")


class Reports:
    """What the platform has, and the messages about it in the order in which they are sent."""

    def __init__(self, webhooks: int, seed: int) -> None:
        self.dice = random.Random(seed)
        people = [hooks.person() for _ in range(EMPLOYEES)]
        self.last: dict[str, Json] = {}       # by number: the newest revision
        self.messages: list[bytes] = []
        while len(self.messages) < webhooks:
            self._add(people)
        del self.messages[webhooks:]
        self._keep_what_is_sent()
        self._shuffle()

    def _add(self, people: list[Json]) -> None:
        # No two reports ask for the same, or kontor would rightly suspect the second.
        cents = 1190 * (2 * len(self.last) + 1)
        first = hooks.report(hooks.item(cents, where=f"Railway {len(self.last)}"),
                             owner=self.dice.choice(people))
        revisions = [first]
        if self.dice.randrange(100) < REVISED_PERCENT:
            revisions.append({**first, "version": 2, "sum": cents + 1190,
                              "items": [hooks.item(cents + 1190,
                                                   where=f"Railway {len(self.last)} again")]})
        for report in revisions:
            body = json.dumps(hooks.approved(report)).encode()
            self.messages += [body] * self.dice.choice(SENDINGS)
        self.last[first["number"]] = revisions[-1]

    def _keep_what_is_sent(self) -> None:
        """The last report may have been cut off."""
        self.last.clear()
        for body in self.messages:
            report = json.loads(body)["report"]
            known = self.last.get(report["number"])
            if known is None or known["version"] < report["version"]:
                self.last[report["number"]] = report

    def _shuffle(self) -> None:
        """Out of order, but not so that the whole run's messages are mixed."""
        window = max(20, len(self.messages) // 20)
        keyed = [(index + self.dice.uniform(0, window), body)
                 for index, body in enumerate(self.messages)]
        self.messages = [body for _, body in sorted(keyed, key=lambda pair: pair[0])]


class Sender:
    """Sends as a platform does that tries again until it is answered 200."""

    def __init__(self, service: Service, source: str, messages: list[bytes]) -> None:
        self.service = service
        self.source = source
        self.todo: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        for body in messages:
            self.todo.put(body)
        self.answers: Counter[str] = Counter()
        self.problems: list[str] = []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(SENDERS)]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def _run(self) -> None:
        while not self.problems:
            try:
                body = self.todo.get_nowait()
            except queue.Empty:
                return
            self._send(body)

    def _send(self, body: bytes) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            try:
                status, answer = hooks.post(self.service["anna"], self.source, body,
                                            hooks.signed(body))
            except (OSError, http.client.HTTPException):
                self._count("no answer")
                time.sleep(0.1)
                continue
            if status == 200:
                return self._count("again" if answer.get("duplicate") else "new")
            self._count(str(status))
            if status not in (429, 503):
                self.problems.append(f"{status}: {answer}")
                return
            time.sleep(0.1)
        self.problems.append("a message was never taken")

    def _count(self, what: str) -> None:
        with self.lock:
            self.answers[what] += 1

    def join(self) -> None:
        for thread in self.threads:
            while thread.is_alive():
                before = self.todo.qsize()
                thread.join(PATIENCE_SECONDS)
                if thread.is_alive() and self.todo.qsize() == before:
                    raise Broken(f"the senders stand still: {dict(self.answers)}")
        if self.problems:
            raise Broken(self.problems[0])


class Chaos:
    """One Odoo, one platform, one kontord."""

    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self.options = options
        self.simulator = Simulator(folder, options.series)
        self.platform = ExpensePlatform(folder, "generic")
        self.service = Service(folder / "kontord", self.simulator.target, options.transport,
                               SETTINGS)
        self.service.cast("shop", "karl", "axel")
        self.service.connect()
        self.service.entity()
        made = hooks.make_source(self.service["anna"], messagesPerSecond=10000,
                                 platform={"receiptUrl": self.platform.url + "/receipts"})
        self.source = made["source"]["name"]

    def stop(self) -> None:
        self.service.kontord.kill()
        self.platform.stop()
        self.simulator.stop()

    # -- the run --------------------------------------------------------------------------------

    def run(self) -> str:
        dice = random.Random(self.options.seed)
        reports = Reports(self.options.webhooks, self.options.seed)
        self.platform.faults(*({"path": "/receipts", "kind": dice.choice(FAULTS)}
                               for _ in range(max(4, len(reports.last) // 10))))
        sender = Sender(self.service, self.source, reports.messages)
        sender.start()
        for _ in range(self.options.kills):
            time.sleep(dice.uniform(0.3, 2 * SECONDS_A_KILL))
            self.service.kontord.kill()
            self.service.kontord.start()
        sender.join()
        seen = self.wait(set(reports.last))
        self.check_odoo(reports.last)
        calls = self.check_platform(reports.last, seen)
        events, rows = check_feed(self.service), check_audit(self.service)
        again = sum(1 for states in seen.values() for s in states.values() if s == ENDS[1])
        return (f"{len(reports.messages)} messages {dict(sender.answers)}, {len(seen)} reports, "
                f"{again} revisions taken back, {calls} calls of the platform, {events} events, "
                f"{rows} audit rows, {self.options.kills} kills")

    def listed(self) -> dict[str, dict[int, str]]:
        """State by number and revision."""
        found: dict[str, dict[int, str]] = defaultdict(dict)
        token = ""
        while True:
            page = persistently(lambda t=token: self.service["shop"].call(
                "ExpenseService/ListExpenseReports", source=self.source, pageSize=PAGE,
                pageToken=t), PATIENCE_SECONDS)
            for report in page.get("reports", []):
                revision = report.get("revision", 1)
                if revision in found[report["externalId"]]:
                    raise Broken(f"{report['externalId']}/{revision} is there twice")
                found[report["externalId"]][revision] = report["state"]
            token = page.get("nextPageToken", "")
            if not token:
                return found

    def wait(self, numbers: set[str]) -> dict[str, dict[int, str]]:
        """Until every report has ended, for as long as anything goes on."""
        before: Any = None
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            seen = self.listed()
            if set(seen) == numbers and all(state in ENDS for states in seen.values()
                                            for state in states.values()):
                return seen
            now = Counter(state for states in seen.values() for state in states.values())
            if now != before:
                before, end = now, time.monotonic() + PATIENCE_SECONDS
            if time.monotonic() > end:
                raise Broken(f"stands still: {dict(now)} of {len(numbers)}; {self.cases()}")
            time.sleep(LOOK_SECONDS)

    def cases(self) -> list[str]:
        """Why, when it stands still."""
        open_cases = self.service["karl"].call("ExceptionService/ListExceptions", pageSize=5)
        return [f"{f['reason']}: {f['message']}" for case in open_cases.get("exceptions", [])
                for f in case.get("findings", [])]

    # -- the reckoning --------------------------------------------------------------------------

    def check_odoo(self, last: dict[str, Json]) -> None:
        eyes = Eyes(self.simulator.target)
        bills: dict[str, list[Json]] = defaultdict(list)
        taken_back: set[int] = set()
        for move in eyes.moves([["move_type", "in", ["in_invoice", "in_refund"]]]):
            if move["move_type"] == "in_refund":
                taken_back.add(move["reversed_entry_id"][0] if move["reversed_entry_id"] else 0)
            elif str(move["ref"]).split("/")[0] in last:
                bills[str(move["ref"]).split("/")[0]].append(move)
        for number, report in last.items():
            standing = [m for m in bills[number] if m["id"] not in taken_back]
            if [m["state"] for m in standing] != ["posted"]:
                raise Broken(f"{number} stands {len(standing)} times in Odoo: "
                             f"{[(m['name'], m['ref'], m['state']) for m in bills[number]]}")
            if amount(standing[0]["amount_total"]) != Decimal(report["sum"]) / 100:
                raise Broken(f"{number} has {standing[0]['amount_total']}, not {report['sum']}")
            references = Counter(m["ref"] for m in bills[number])
            if max(references.values()) > 1:
                raise Broken(f"{number} was booked twice: {references}")

    def check_platform(self, last: dict[str, Json], seen: dict[str, dict[int, str]]) -> int:
        state = self.platform.state()
        told: Counter[str] = Counter()
        by_key: Counter[str] = Counter()
        for receipt in state["receipts"]:
            if receipt["event"] != "posted":
                raise Broken(f"{receipt['external_id']} was told as {receipt['event']}")
            told[receipt["external_id"]] += 1
            by_key[receipt["key"]] += 1
        if max(by_key.values()) > 1 or set(told) != set(last):
            raise Broken(f"{len(told)} of {len(last)} reports were told")
        for number, count in told.items():
            # A revision that was replaced may have been told before.
            if count > len(seen[number]):
                raise Broken(f"{number} was told {count} times in {len(seen[number])} revisions")
        return int(state["calls"])


def main() -> int:
    parser = argparse.ArgumentParser(description="Webhooks under fire: each report once.")
    parser.add_argument("--series", default="18.0")
    parser.add_argument("--transport", default="jsonrpc", choices=("json2", "jsonrpc", "xmlrpc"))
    parser.add_argument("--webhooks", type=int, default=200)
    parser.add_argument("--kills", type=int, default=0, help="0: one for each hundred webhooks")
    parser.add_argument("--seed", type=int, default=0, help="0 takes a fresh one")
    parser.add_argument("--keep", action="store_true", help="leave logs and data in place")
    options = parser.parse_args()
    options.seed = options.seed or random.SystemRandom().randrange(1, 1 << 30)
    options.kills = options.kills or max(2, options.webhooks // 100)
    print(f"Odoo {options.series} (simulator) over {options.transport}, seed {options.seed}",
          flush=True)
    telling = Telling("expense-chaos")
    chaos = Chaos(telling.folder, options)
    try:
        telling.tell("webhooks", chaos.run)
    finally:
        chaos.stop()
    return telling.end(options.keep)


if __name__ == "__main__":
    sys.exit(main())
