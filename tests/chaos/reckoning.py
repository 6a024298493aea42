# SPDX-License-Identifier: Apache-2.0
"""The reckoning after chaos. It reads Odoo, the feed and the audit: exactly what was asked, once,
nothing else, and no number of an invoice skipped."""
from __future__ import annotations

import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.harness.odoo import Eyes, amount  # noqa: E402
from e2e.harness.world import Service  # noqa: E402
from workload import Broken, Json, Workload  # noqa: E402

SUFFIX_OF_A_PAYMENTS_ENTRY = "_account_move"


class Books(Protocol):
    """What stands in an Odoo."""

    def moves(self) -> dict[int, Json]:
        """All entries by id: external_id ("kontor.…" or ""), state, ref, name, amount_residual."""

    def payments(self) -> int:
        """How many payments there are."""


class SimulatedBooks:
    """As the simulator shows them."""

    def __init__(self, simulator: Any) -> None:
        self._simulator = simulator

    def moves(self) -> dict[int, Json]:
        return {move["id"]: move for move in self._simulator.control("moves?limit=1000000")}

    def payments(self) -> int:
        return sum(self._simulator.control("state")["payments"].values())


class RealBooks:
    """As an administrator reads them."""

    FIELDS = ["name", "state", "ref", "amount_residual"]

    def __init__(self, target: Json) -> None:
        self._eyes = Eyes(target)

    def moves(self) -> dict[int, Json]:
        names = {row["res_id"]: "kontor." + row["name"] for row in self._eyes.read(
            "ir.model.data", [["module", "=", "kontor"], ["model", "=", "account.move"]],
            ["name", "res_id"])}
        return {move["id"]: {**move, "external_id": names.get(move["id"], ""),
                             "ref": move["ref"] or "", "name": move["name"] or ""}
                for move in self._eyes.read("account.move", [], self.FIELDS)}

    def payments(self) -> int:
        return self._eyes.call("account.payment", "search_count", [])


class Reckoning:
    """Odoo before and after: what was added must be what was asked."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.before = books.moves()
        self.payments_before = books.payments()

    def check(self, workload: Workload, operations: dict[str, Json]) -> str:
        """Raises Broken; answers one line of praise."""
        asked = Counter(item["kind"] for item in workload.items)
        standing = self.books.moves()
        added = [move for key, move in standing.items() if key not in self.before]
        ours = {operation["externalId"]: operation for operation in operations.values()}
        if len(ours) != len(operations):
            raise Broken("two operations share one external id")
        # On 17 a payment is an entry, whose external id is the payment's with a suffix.
        own = [move for move in added if move["external_id"]
               and not move["external_id"].endswith(SUFFIX_OF_A_PAYMENTS_ENTRY)]
        self._check_moves(own, ours, workload, asked)
        self._check_payments(asked, len(added) - len(own))
        drafts = [move["id"] for move in added if move["state"] != "posted"]
        if drafts:
            raise Broken(f"not posted in Odoo: {drafts}")
        self._check_paid(workload, standing)
        self._check_numbers(standing)
        return ", ".join(f"{count} {kind}" for kind, count in sorted(asked.items()))

    def _check_moves(self, own: list[Json], ours: dict[str, Json], workload: Workload,
                     asked: Counter[str]) -> None:
        wanted = asked["invoice"] + asked["bill"] + asked["credit_note"] + asked["entry"]
        if len(own) != wanted:
            raise Broken(f"{wanted} entries were asked for, {len(own)} stand in Odoo")
        strangers = [m["external_id"] for m in own
                     if m["external_id"].removeprefix("kontor.") not in ours]
        if strangers:
            raise Broken(f"nobody asked for {strangers}")
        references = Counter(move["ref"] for move in own)
        for item in workload.items:
            reference = item["document"].get("reference")
            if item["kind"] in ("payment", "partner"):
                continue
            if references[reference] != 1:
                raise Broken(f"{reference} stands {references[reference]} times in Odoo")

    def _check_payments(self, asked: Counter[str], without_id: int) -> None:
        made = self.books.payments() - self.payments_before
        if made != asked["payment"]:
            raise Broken(f"{asked['payment']} payments were asked for, {made} stand in Odoo")
        if without_id != asked["payment"]:
            raise Broken(f"{without_id} entries of {made} payments stand in Odoo")

    @staticmethod
    def _check_numbers(standing: dict[int, Json]) -> None:
        """Each sequence of numbers, INV/2026/00007 for one, goes on without a gap and a twin."""
        sequences: dict[str, list[int]] = {}
        for move in standing.values():
            sequence, slash, number = move["name"].rpartition("/")
            if move["state"] == "posted" and slash and number.isdigit():
                sequences.setdefault(sequence, []).append(int(number))
        for sequence, numbers in sequences.items():
            numbers.sort()
            if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
                raise Broken(f"{sequence} skips or repeats a number: {numbers}")

    def _check_paid(self, workload: Workload, standing: dict[int, Json]) -> None:
        references = {item["requestId"]: item["document"].get("reference")
                      for item in workload.items}
        by_reference = {move["ref"]: move for move in standing.values()}
        for item in workload.items:
            if "pays" not in item:
                continue
            move = by_reference[references[item["pays"]]]
            if amount(move["amount_residual"]) != Decimal(0):
                raise Broken(f"{move['name']} is paid once and still open: "
                             f"{move['amount_residual']}")


def check_feed(service: Service) -> int:
    """The feed's numbers and each subject's count without gaps; answers its length."""
    events: list[Json] = []
    after = 0
    while True:
        page = service["shop"].call("EventService/ListEvents", afterSequence=after, pageSize=1000)
        events += page.get("events", [])
        after = int(page["nextAfter"])
        if page.get("atEnd"):
            break
    if [int(event["sequence"]) for event in events] != list(range(1, len(events) + 1)):
        raise Broken("the feed has a gap")
    counts: Counter[str] = Counter()
    for event in events:
        counts[event["subject"]] += 1
        if int(event["subjectSequence"]) != counts[event["subject"]]:
            raise Broken(f"{event['subject']} is told out of order")
    # Once for each request: a partner may be sent again and again, to be brought up to date.
    told = Counter((event["subject"], event["type"], event.get("correlationId")) for event in events
                   if event["type"].endswith((".posted", ".synced", ".accepted")))
    twice = [key for key, count in told.items() if count > 1]
    if twice:
        raise Broken(f"told twice: {twice[:5]}")
    return len(events)


def check_audit(service: Service) -> int:
    """The audit chain holds; answers the number of its rows."""
    verdict = service["axel"].call("AuditService/VerifyAudit")
    if not verdict.get("intact"):
        raise Broken(f"the audit is broken: {verdict}")
    return int(verdict["recordCount"])
