# SPDX-License-Identifier: Apache-2.0
"""What people do with payment orders, for suites that pay."""
from __future__ import annotations

import itertools
import json
from decimal import Decimal
from typing import Any

from . import documents as doc
from .api import request_id
from .banking import open_bank, promote
from .case import Case
from .odoo import amount

Json = dict[str, Any]
ORDER, BENEFICIARY = "PaymentOrderService/", "BeneficiaryService/"
# What stands behind the point says what the bank does with a payment.
PLAIN, REJECTED, RETURNED, SILENT = "00", "11", "12", "18"
numbers = itertools.count(40)


def value(behaviour: str = PLAIN) -> str:
    """An amount that no other payment of the run has."""
    return f"{next(numbers)}.{behaviour}"


class Paying(Case):
    """A bank, and the persons that pay by it. The approval policy is made at the first test."""

    _policies: set[int] = set()

    def setUp(self) -> None:
        if id(self.service) not in Paying._policies:
            promote(self.service, "approval", {"steps": [{"name": "all", "approvals": 2}]})
            Paying._policies.add(id(self.service))

    def open(self, *more: str, **channel: Any) -> None:
        """A bank, a live channel to it, and an account of ours there."""
        self.bank, self.iban = open_bank(self.service, self.world.folder, *more, **channel)
        self.addCleanup(self.bank.stop)
        self.name = self.bank.folder.name

    def bill(self, total: str) -> Json:
        return self.posted(self.create_invoice(doc.bill(
            lines=[doc.line(total, taxes=(), account=doc.EXPENSE)])))

    def order(self, *bills: Json, by: str = "paula") -> Json:
        return self.service[by].call(
            ORDER + "CreatePaymentOrder", requestId=request_id(), entity="de", account=self.name,
            description="a test", bills=[{"odooMoveId": b["odooId"]} for b in bills])["order"]

    def get(self, order: Json) -> Json:
        return self.service["paula"].call(ORDER + "GetPaymentOrder", id=order["id"])["order"]

    def when(self, order: Json, *states: str) -> Json:
        """The order once it is in one of the states."""
        seen: list[Json] = []

        def look() -> bool:
            seen[:] = [self.get(order)]
            return seen[0]["state"].removeprefix("STATE_") in states

        try:
            self.eventually(f"the order is {' or '.join(states)}", look)
        except AssertionError:
            self.fail(json.dumps(seen[0], indent=1))
        return seen[0]

    def statement(self) -> Json:
        """The bank's statement, once it stands in Odoo; what its lines are is known by then."""
        return self.eventually("the statement stands in Odoo", lambda: next(
            (s for s in self.service["otto"].call(
                "StatementService/ListStatements", accountNumber=self.iban).get("statements", [])
             if s["state"] == "STATE_POSTED"), None))

    def confirm(self, order: Json) -> None:
        """An approver compares the creditors' accounts."""
        adam = self.service["adam"]
        for payment in order["payments"]:
            found = adam.call(BENEFICIARY + "GetBeneficiary",
                              id=payment["beneficiaryId"])["beneficiary"]
            if found["state"] != "STATE_CONFIRMED":
                adam.call(BENEFICIARY + "ConfirmBeneficiary", id=found["id"],
                          digest=found["digest"], reason="called the vendor",
                          requestId=request_id())

    def ready(self, *bills: Json) -> Json:
        order = self.when(self.order(*bills), "HELD", "AWAITING_APPROVAL")
        if order["state"] == "STATE_HELD":
            self.confirm(order)
        return self.when(order, "AWAITING_APPROVAL")

    def say(self, by: str, method: str, order: Json, **more: Any) -> Json:
        return self.service[by].call(ORDER + method, id=order["id"], digest=order["digest"],
                                     requestId=request_id(), **more)["order"]

    def released(self, *bills: Json) -> Json:
        order = self.ready(*bills)
        for person in ("adam", "alma"):
            approved = self.say(person, "ApprovePaymentOrder", order)
        self.assertEqual(approved["state"], "STATE_APPROVED")
        return self.say("rolf", "ReleasePaymentOrder", order)

    def residual(self, bill: Json) -> Decimal:
        return amount(self.odoo.move(bill["externalId"])["amount_residual"])
