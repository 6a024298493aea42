# SPDX-License-Identifier: Apache-2.0
"""Where payment orders meet chaos: an Odoo, a kontord, a bank, a postman between them, people."""
from __future__ import annotations

import argparse
import itertools
import random
import shutil
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.harness import documents as doc  # noqa: E402
from e2e.harness.api import ApiError, request_id  # noqa: E402
from e2e.harness.banking import open_bank, promote  # noqa: E402
from stage import PATIENCE_SECONDS, QUICK, Stage  # noqa: E402
from workload import Broken, persistently  # noqa: E402

Json = dict[str, Any]
ORDER, BENEFICIARY = "PaymentOrderService/", "BeneficiaryService/"
SETTINGS = {**QUICK, "banks.look_interval": "500ms"}
# What stands behind the point of an amount says what the bank does with the payment.
(PLAIN, REJECTED, RETURNED, LATE, TWICE, STATUS_LAST, REISSUED, TRUNCATED,
 SILENT) = "00", "11", "12", "13", "14", "15", "16", "17", "18"
MIXED = (PLAIN, PLAIN, PLAIN, REJECTED, RETURNED, LATE, TWICE, STATUS_LAST, REISSUED, TRUNCATED)
SILENT_PERCENT = 5
PAYMENTS_MAX = 4
BATCH = 25
CAST = ("shop", "karl", "otto", "olga", "axel", "paula", "adam", "alma", "rolf")
FIRST_DAY = -20  # of the bank, from today


@dataclass
class Order:
    """A payment order and the bills that it pays; `order` is its last reading."""
    behaviours: list[str]
    amounts: list[str] = field(default_factory=list)
    bills: list[Json] = field(default_factory=list)
    order: Json = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.order["id"])

    @property
    def payments(self) -> list[Json]:
        return list(self.order["payments"])


class PaymentStage(Stage):
    """With a bank, whose mail comes by way of a postman, and everybody whom a payment takes."""

    settings = SETTINGS

    def __init__(self, folder: Path, options: argparse.Namespace, proxied: bool = False,
                 poll: float = 0.2) -> None:
        super().__init__(folder, options, proxied)
        self.service.cast(*(name for name in CAST if name not in self.service.people))
        promote(self.service, "approval", {"steps": [{"name": "all", "approvals": 2}]})
        self.letterbox = folder / "letterbox"
        self.letterbox.mkdir()
        self.sent = folder / "sent"
        self.bank, self.iban = open_bank(
            self.service, folder, "--today", doc.days(FIRST_DAY), "--poll", str(poll),
            inbox=str(self.letterbox), sent=str(self.sent))
        self.outbox = self.bank.folder / "outbox"
        self._numbers = itertools.count(40)

    def kill(self) -> None:
        super().kill()
        if hasattr(self, "bank"):
            self.bank.stop()

    # -- making orders --------------------------------------------------------------------------

    def plan(self, count: int, dice: random.Random) -> list[Order]:
        """Orders whose payments the bank treats as the dice say."""
        orders = []
        for _ in range(count):
            if dice.randrange(100) < SILENT_PERCENT:
                orders.append(Order([SILENT]))
            else:
                orders.append(Order(dice.choices(MIXED, k=dice.randint(1, PAYMENTS_MAX))))
        return orders

    def bills(self, orders: list[Order]) -> None:
        """Posts a bill for each payment, each over an amount that no other has."""
        requests, owners = [], []
        for order in orders:
            for behaviour in order.behaviours:
                order.amounts.append(f"{next(self._numbers)}.{behaviour}")
                requests.append({"requestId": request_id("bill"), "invoice": doc.bill(lines=[
                    doc.line(order.amounts[-1], taxes=(), account=doc.EXPENSE)])})
                owners.append(order)
        for begin in range(0, len(requests), BATCH):
            answer = self.service["shop"].call(
                "InvoiceService/BatchCreateInvoices", requests=requests[begin:begin + BATCH],
                wait="50s")
            for owner, result in zip(owners[begin:begin + BATCH], answer["results"], strict=True):
                owner.bills.append(self.posted(result["response"]["operation"]["id"]))

    def posted(self, operation_id: str) -> Json:
        def look() -> Json | None:
            found = self.service["shop"].call("OperationService/GetOperation",
                                              id=operation_id)["operation"]
            return found if found["state"] == "STATE_POSTED" else None
        return self.eventually("a bill is posted", look)

    def create(self, order: Order) -> None:
        order.order = self.service["paula"].call(
            ORDER + "CreatePaymentOrder", requestId=request_id(), entity="de",
            account=self.bank.folder.name, description="chaos",
            bills=[{"odooMoveId": bill["odooId"]} for bill in order.bills])["order"]

    def approved(self, order: Order) -> None:
        """Two approvers say yes, after one of them knows the creditor's account."""
        if self.when(order, "HELD", "AWAITING_APPROVAL") == "HELD":
            self._confirm(order)
        self.when(order, "AWAITING_APPROVAL")
        for person in ("adam", "alma"):
            order.order = self.say(person, "ApprovePaymentOrder", order)
        if order.order["state"] != "STATE_APPROVED":
            raise Broken(f"{order.id} is {order.order['state']} after two approvals")

    def _confirm(self, order: Order) -> None:
        for identity in {payment["beneficiaryId"] for payment in order.payments}:
            found = self.service["adam"].call(BENEFICIARY + "GetBeneficiary",
                                              id=identity)["beneficiary"]
            if found["state"] != "STATE_CONFIRMED":
                self.service["adam"].call(
                    BENEFICIARY + "ConfirmBeneficiary", id=identity, digest=found["digest"],
                    reason="called the vendor", requestId=request_id())

    def ready(self, *orders: Order) -> None:
        """Approved by two, not yet released."""
        self.bills(list(orders))
        for order in orders:
            self.create(order)
        for order in orders:
            self.approved(order)

    def say(self, by: str, method: str, order: Order) -> Json:
        return self.service[by].call(ORDER + method, id=order.id, digest=order.order["digest"],
                                     requestId=request_id())["order"]

    def release(self, order: Order) -> None:
        """As a person who tries again until it is released, whatever breaks on the way."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                order.order = persistently(
                    lambda: self.say("rolf", "ReleasePaymentOrder", order), PATIENCE_SECONDS)
                return
            except ApiError as error:
                # It is being read again in Odoo, which is slow to answer.
                if error.reason != "STATE_CONFLICT" or time.monotonic() > end:
                    raise
            if any(a.get("voidReason") for a in self.read(order)["approvals"]):
                raise Broken(f"{order.id} lost its approvals and nothing had changed")
            time.sleep(0.2)

    # -- looking --------------------------------------------------------------------------------

    def read(self, order: Order) -> Json:
        order.order = persistently(lambda: self.service["paula"].call(
            ORDER + "GetPaymentOrder", id=order.id)["order"], PATIENCE_SECONDS)
        return order.order

    def when(self, order: Order, *states: str) -> str:
        """The order's state once it is one of these."""
        def look() -> str:
            state = str(self.read(order)["state"]).removeprefix("STATE_")
            return state if state in states else ""
        try:
            return self.eventually(f"{order.id} is {' or '.join(states)}", look)
        except Broken as problem:
            raise Broken(f"{problem}: {order.order['state']} {order.order.get('findings')}") \
                from problem

    @staticmethod
    def eventually(what: str, look: Any, seconds: float = PATIENCE_SECONDS) -> Any:
        end = time.monotonic() + seconds
        while True:
            if found := look():
                return found
            if time.monotonic() > end:
                raise Broken(f"after {seconds:.0f} s still not: {what}")
            time.sleep(0.1)

    def ledger(self) -> Json:
        return self.bank.control("ledger")

    def taken(self, order: Order) -> list[Json]:
        """The files with this order that the bank took."""
        return [one for one in self.ledger()["taken"]
                if one.get("message_id") == order.order["messageId"]]


class Postman:
    """Carries the bank's files into the letterbox: late, twice, torn, in any order, or not at all.

    What he lost the bank is asked for again at the end.
    """

    LOSES, TEARS, DOUBLES, KEEPS = 6, 6, 10, 20  # per cent

    def __init__(self, stage: PaymentStage, dice: random.Random) -> None:
        self.stage = stage
        self.dice = dice
        self.kept: list[Path] = []
        self.counts: dict[str, int] = dict.fromkeys(("lost", "torn", "doubled", "late"), 0)
        self.lost: list[tuple[str, bytes]] = []
        self.bag = stage.folder / "bag"
        self.bag.mkdir()
        self.honest = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._walk, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def start_honest(self) -> Postman:
        """One who delivers everything, each once, as soon as it comes."""
        self.honest = True
        self.start()
        return self

    def stop(self) -> None:
        """From now on nothing is lost; what he kept is delivered."""
        self._stop.set()
        self._thread.join()
        self.honest = True
        self.round()

    def _walk(self) -> None:
        while not self._stop.wait(0.2):
            self.round()

    def round(self) -> None:
        """One walk from the bank to the letterbox."""
        for path in self.kept:
            self._put(path, path.name)
        self.kept = []
        inbox = self.stage.bank.folder / "inbox"
        for path in sorted(p for p in inbox.iterdir() if not p.name.startswith(".")):
            self._carry(Path(shutil.move(path, self.bag / path.name)))

    def _carry(self, path: Path) -> None:
        luck = 100 if self.honest else self.dice.randrange(100)
        if luck < self.LOSES:
            self.counts["lost"] += 1
            self.lost.append((path.name, path.read_bytes()))
            path.unlink()
            return
        if luck < self.LOSES + self.TEARS:
            self.counts["torn"] += 1
            torn = self.bag / f"torn-{path.name}"
            torn.write_bytes(path.read_bytes()[:path.stat().st_size * 2 // 3])
            self._put(torn, torn.name)
        elif luck < self.LOSES + self.TEARS + self.DOUBLES:
            self.counts["doubled"] += 1
            twin = self.bag / f"again-{path.name}"
            shutil.copy2(path, twin)
            self._put(twin, twin.name)
        elif luck < self.LOSES + self.TEARS + self.DOUBLES + self.KEEPS:
            self.counts["late"] += 1
            self.kept.append(path)
            return
        self._put(path, path.name)

    def _put(self, path: Path, name: str) -> None:
        path.rename(self.stage.letterbox / name)
