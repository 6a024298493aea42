# SPDX-License-Identifier: Apache-2.0
"""The reckoning of payment orders. It begins at the bank: what came there and what it booked says
what must stand in kontor and in Odoo, no more and no less."""
from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.harness import documents as doc  # noqa: E402
from e2e.harness.odoo import Eyes, amount  # noqa: E402
from e2e.harness.processes import program  # noqa: E402
from payment_stage import REJECTED, RETURNED, SILENT, Order, PaymentStage  # noqa: E402
from reckoning import check_audit, check_feed  # noqa: E402
from workload import Broken  # noqa: E402

Json = dict[str, Any]
# What becomes of a payment, by what the bank does with it; all others are settled.
ENDS = {REJECTED: "REJECTED", RETURNED: "RETURNED", SILENT: "SUBMITTED"}
# In this order, each once at most.
STAGES = ("created", "validated", "approved", "released", "submitted")
LAST = ("settled", "rejected", "returned")
DAYS_AHEAD = 5
COMMAND_SECONDS = 90
SETTLED, OPEN = Decimal(0), "open"


def end_of(behaviour: str) -> str:
    return ENDS.get(behaviour, "SETTLED")


def state_of(order: Order) -> str:
    """The order's state that its payments' ends make."""
    ends = Counter(end_of(behaviour) for behaviour in order.behaviours)
    if len(ends) == 1:
        return next(iter(ends))
    if ends["SETTLED"]:
        return "PARTIALLY_SETTLED"
    return "RETURNED"


def has_ended(order: Json, wanted: Order) -> bool:
    """Whether all payments are where the bank's words bring them, and Odoo's with them."""
    states = [payment["state"].removeprefix("STATE_") for payment in order["payments"]]
    return states == [end_of(behaviour) for behaviour in wanted.behaviours]


class PaymentReckoning:
    """Reads the bank, kontor and Odoo after everything has come to rest."""

    def __init__(self, stage: PaymentStage, orders: list[Order]) -> None:
        self.stage = stage
        self.orders = orders
        self.eyes = Eyes(stage.simulator.target)
        self.ledger = stage.ledger()
        self.bookings: dict[str, list[Json]] = defaultdict(list)
        for booking in self.ledger["booked"]:
            self.bookings[booking["end_to_end_id"]].append(booking)

    def check(self) -> str:
        """Raises Broken; answers one line of praise."""
        self.check_bank()
        ends = self.check_kontor()
        lines = self.check_statements()
        self.check_bills()
        self.check_events()
        self.check_comparison()
        events, rows = check_feed(self.stage.service), check_audit(self.stage.service)
        told = ", ".join(f"{count} {end.lower()}" for end, count in sorted(ends.items()))
        return (f"{len(self.orders)} orders, {sum(ends.values())} payments: {told}; "
                f"{lines} bookings, {events} events, {rows} audit rows")

    # -- at the bank ----------------------------------------------------------------------------

    def check_bank(self) -> None:
        """Every order came once, as it was approved, and nothing else did."""
        taken: dict[str, list[Json]] = defaultdict(list)
        for one in self.ledger["taken"]:
            if "error" in one or one.get("duplicate"):
                raise Broken(f"the bank took what it must not have got: {one}")
            taken[one["message_id"]].append(one)
        messages = {order.order["messageId"]: order for order in self.orders}
        if set(taken) != set(messages):
            raise Broken(f"the bank has {len(taken)} orders, {len(messages)} were released: "
                         f"{set(taken) ^ set(messages)}")
        came = Counter(p["end_to_end_id"] for files in taken.values() for f in files
                       for p in f["payments"])
        if twice := [key for key, count in came.items() if count > 1]:
            raise Broken(f"paid twice: {twice}")
        for message, order in messages.items():
            self._check_file(order, taken[message])

    @staticmethod
    def _check_file(order: Order, files: list[Json]) -> None:
        if [one["sha256"] for one in files] != [order.order["fileSha256"]]:
            raise Broken(f"{order.id} is not the file that was approved: {files}")
        asked = sorted((payment["endToEndId"], Decimal(value)) for payment, value in
                       zip(order.payments, order.amounts, strict=True))
        got = sorted((p["end_to_end_id"], Decimal(p["amount"])) for p in files[0]["payments"])
        if asked != got or {p["account"] for p in files[0]["payments"]} != {doc.VENDOR_ACCOUNT}:
            raise Broken(f"{order.id} pays {got}, not {asked}")

    # -- in kontor ------------------------------------------------------------------------------

    def check_kontor(self) -> Counter[str]:
        """Each payment ended as the bank booked it; answers how many of which."""
        ends: Counter[str] = Counter()
        for order in self.orders:
            state = order.order["state"].removeprefix("STATE_")
            if state != state_of(order):
                raise Broken(f"{order.id} is {state}, not {state_of(order)}")
            for payment, behaviour in zip(order.payments, order.behaviours, strict=True):
                self._check_booked(payment, end_of(behaviour))
                ends[end_of(behaviour)] += 1
        return ends

    def _check_booked(self, payment: Json, end: str) -> None:
        """What kontor says against what the bank booked."""
        booked = Counter(one["debit"] for one in self.bookings[payment["endToEndId"]])
        wanted = {"SETTLED": (1, 0), "RETURNED": (1, 1)}.get(end, (0, 0))
        if (booked[True], booked[False]) != wanted:
            raise Broken(f"{payment['endToEndId']} is {end}, and the bank booked {booked}")

    # -- in Odoo --------------------------------------------------------------------------------

    def check_statements(self) -> int:
        """One line for each of the bank's bookings; all that is settled is reconciled."""
        lines = self.eyes.read("account.bank.statement.line", [],
                               ["ref", "amount", "is_reconciled", "move_id"])
        # What stood there before the bank opened has no reference of ours.
        ours = [line for line in lines if line["ref"] in self.bookings]
        there = Counter((line["ref"], amount(line["amount"])) for line in ours)
        wanted = Counter(
            (one["end_to_end_id"], Decimal(one["amount"]) * (-1 if one["debit"] else 1))
            for one in self.ledger["booked"])
        if there != wanted:
            raise Broken(f"Odoo's lines are not the bank's: {there - wanted}, {wanted - there}")
        returned = {p["endToEndId"] for order in self.orders
                    for p, b in zip(order.payments, order.behaviours, strict=True)
                    if b == RETURNED}
        left = [line["ref"] for line in ours
                if not line["is_reconciled"] and line["ref"] not in returned]
        if left:
            raise Broken(f"settled and not reconciled: {left}")
        self._check_suspense(ours, returned)
        return len(ours)

    def _check_suspense(self, ours: list[Json], returned: set[str]) -> None:
        """Nothing is left there but money that came back, which people match."""
        journal = self.eyes.read("account.journal", [["code", "=", "BNK1"]],
                                 ["suspense_account_id"])[0]
        moves = {line["move_id"][0]: line["ref"] for line in ours}
        rows = self.eyes.read(
            "account.move.line",
            [["account_id", "=", journal["suspense_account_id"][0]],
             ["move_id", "in", list(moves)]], ["balance", "move_id"])
        for row in rows:
            if amount(row["balance"]) and moves[row["move_id"][0]] not in returned:
                raise Broken(f"{moves[row['move_id'][0]]} waits on the suspense account")

    def check_bills(self) -> None:
        """Each bill is paid once where the bank paid it, and open where it did not."""
        memo = "ref" if self.eyes.series == "17.0" else "memo"
        made: dict[str, list[str]] = defaultdict(list)
        for row in self.eyes.read("account.payment", [], [memo, "state"]):
            made[str(row[memo]).split(" ")[0]].append(row["state"])
        for order in self.orders:
            for payment, bill, behaviour, value in zip(
                    order.payments, order.bills, order.behaviours, order.amounts, strict=True):
                self._check_bill(made[payment["endToEndId"]], bill, behaviour, Decimal(value))

    def _check_bill(self, payments: list[str], bill: Json, behaviour: str,
                    value: Decimal) -> None:
        move = self.eyes.move(bill["externalId"])
        live = [state for state in payments if state not in ("canceled", "cancel", "rejected")]
        end = end_of(behaviour)
        paid = end in ("SETTLED", "SUBMITTED")
        if len(payments) > 1 or len(live) != int(paid):
            raise Broken(f"{move['name']} is {end} and has the payments {payments} in Odoo")
        residual = amount(move["amount_residual"])
        if residual != (SETTLED if paid else value):
            raise Broken(f"{move['name']} is {end} and {residual} of it is open in Odoo")
        if end == "SETTLED" and move["payment_state"] != "paid":
            raise Broken(f"{move['name']} is settled and {move['payment_state']} in Odoo")

    # -- what was told --------------------------------------------------------------------------

    def check_events(self) -> None:
        """Every step of every order and payment once, and in order."""
        told: dict[str, list[Json]] = defaultdict(list)
        after = 0
        while True:
            page = self.stage.service["shop"].call("EventService/ListEvents", afterSequence=after,
                                                   pageSize=1000)
            for event in page.get("events", []):
                told[event["subject"]].append(event)
            after = int(page["nextAfter"])
            if page.get("atEnd"):
                break
        for order in self.orders:
            self._check_told(order, [event["type"] for event in told[order.id]])

    @staticmethod
    def _check_told(order: Order, types: list[str]) -> None:
        own = [kind.removeprefix("payment_order.") for kind in types
               if kind.startswith("payment_order.")]
        stages = [kind for kind in own if kind in STAGES]
        if stages != list(STAGES):
            raise Broken(f"{order.id} was told as {stages}")
        payments = Counter(kind for kind in types if kind.startswith("payment."))
        ends = Counter(end_of(behaviour) for behaviour in order.behaviours)
        wanted = {"payment.submitted": len(order.behaviours),
                  "payment.rejected": ends["REJECTED"], "payment.returned": ends["RETURNED"]}
        if any(payments[kind] != count for kind, count in wanted.items()):
            raise Broken(f"{order.id} was told {dict(payments)}, not {wanted}")
        # What came back is told as settled before, unless its statement was overtaken.
        surplus = payments["payment.settled"] - ends["SETTLED"]
        if not 0 <= surplus <= ends["RETURNED"]:
            raise Broken(f"{order.id} was told {dict(payments)}: {dict(ends)} are right")
        first = {kind: types.index(kind) for kind in types[::-1]}
        for kind in LAST:
            end = first.get(f"payment.{kind}", len(types))
            if end < first["payment_order.submitted"] and end < first["payment.submitted"]:
                raise Broken(f"{order.id}: {kind} was told before submitted")

    def check_comparison(self) -> None:
        """`kontorctl reconcile` finds Odoo as kontor left it."""
        token = self.stage.folder / "otto.token"
        token.write_text(self.stage.service["otto"].token, encoding="utf-8")
        port = self.stage.kontord.ports["grpc_port"]
        ran = subprocess.run(
            [program("kontorctl"), "--endpoint", f"127.0.0.1:{port}", "--token-file", str(token),
             "reconcile", "de", "--date-to", doc.days(DAYS_AHEAD)],
            capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False,
            env={**os.environ, "KONTOR_CLIENT_TOKEN": ""})
        if ran.returncode != 0 or "no differences" not in ran.stdout:
            raise Broken(f"kontorctl reconcile: {ran.stdout}{ran.stderr}")
