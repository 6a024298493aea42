# SPDX-License-Identifier: Apache-2.0
"""A channel goes live when everything was seen once, and two persons signed for it."""
from __future__ import annotations

import json
from typing import Any

from ..harness import documents as doc
from ..harness.api import request_id
from ..harness.banking import create_account, create_channel, promote
from ..harness.paying import ORDER, REJECTED, Paying, value
from ..harness.processes import Bank
from ..harness.world import Service

Json = dict[str, Any]
LIVE, NOT_LIVE, USAGE = 0, 1, 2
POINTS = ["KEYS", "TEST_PAYMENT", "STATUS", "STATEMENT", "SIGNATURES"]
PEOPLE = ("shop", "otto", "olga", "karl", "paula", "adam", "alma", "rolf",
          "axel")


class Onboarding(Paying):

    _own: Service | None = None

    @property
    def service(self) -> Service:
        """Where nobody answers for channels that skip it."""
        if Onboarding._own is None:
            made = self.world.new_service("onboarding", {"banks.onboarding_waived_by": "",
                                                         "banks.look_interval": "1s"})
            made.cast(*PEOPLE)
            made.connect()
            made.entity()
            promote(made, "approval", {"steps": [{"name": "all", "approvals": 2}]})
            Onboarding._own = made
        return Onboarding._own

    def setUp(self) -> None:
        pass

    def shadow(self) -> None:
        """A bank, a channel to it that nobody has signed for, and an account of ours."""
        self.iban, self.other = doc.iban(), doc.iban()
        self.bank = Bank(self.world.folder, self.iban)
        self.addCleanup(self.bank.stop)
        self.name = self.bank.folder.name
        create_channel(self.service, self.name, "directory", {
            "outbox": str(self.bank.folder / "outbox"), "inbox": str(self.bank.folder / "inbox"),
            "rest_seconds": 0})
        create_account(self.service, self.name, self.iban)

    def points(self) -> Json:
        found = self.service["otto"].call("BankService/GetBankOnboarding",
                                          name=self.name)["onboarding"]
        self.assertEqual([p["name"] for p in found["points"]], POINTS)
        return {p["name"]: p for p in found["points"]}

    def missing(self) -> list[str]:
        return [name for name, point in self.points().items() if not point.get("done")]

    def start(self) -> Json:
        return self.service["otto"].call("BankService/StartBankOnboarding", name=self.name,
                                         reason="we begin", requestId=request_id())["onboarding"]

    def sign(self, person: str) -> Json:
        return self.service[person].call("BankService/SignBankChannel", name=self.name,
                                         reason="seen all of it", requestId=request_id())["channel"]

    def probe(self, amount: str = "0.01", **more: Any) -> Json:
        """A marked order to a creditor that Odoo does not know."""
        return self.service["paula"].call(
            ORDER + "CreatePaymentOrder", **{
                "requestId": request_id(), "entity": "de", "account": self.name, "test": True,
                "payments": [{"amount": {"currencyCode": "EUR", "value": amount},
                              "creditor": {"holderName": "Probe GmbH",
                                           "accountNumber": self.other},
                              "remittanceText": f"Probe {self.name}"}], **more})["order"]

    def through(self, order: Json) -> Json:
        """Confirmed, approved by two and released."""
        order = self.when(order, "HELD", "AWAITING_APPROVAL")
        if order["state"] == "STATE_HELD":
            self.confirm(order)
        order = self.when(order, "AWAITING_APPROVAL")
        for person in ("adam", "alma"):
            self.say(person, "ApprovePaymentOrder", order)
        return self.say("rolf", "ReleasePaymentOrder", order)

    def test_a_channel_goes_live_when_every_point_holds_and_two_signed(self) -> None:
        self.shadow()
        self.assertEqual(self.missing(), POINTS)
        error = self.refused(lambda: self.sign("otto"), "CHANNEL_PAUSED")
        self.assertIn("was not begun", error.message)
        self.assertEqual(self.start()["state"], "STATE_TEST")
        self.assertEqual(self.missing(), POINTS[1:])
        error = self.refused(lambda: self.sign("otto"), "CHANNEL_PAUSED")
        for point in POINTS[1:4]:
            self.assertIn(point, error.message)
        # A real order waits, and says for what.
        bill = self.bill(value())
        real = self.eventually("a real order is refused", lambda: next(
            (o for o in [self.get(self._real(bill))] if o.get("findings")), None))
        found = next(f for f in real["findings"] if f["reason"] == "CHANNEL_PAUSED")
        for point in (*POINTS[1:4], "two signatures"):
            self.assertIn(point, found["message"])
        # A marked one leaves, and its status and the day's statement come back.
        order = self.when(self.through(self.probe()), "ACCEPTED")
        self.assertTrue(order["test"])
        self.assertEqual(self.missing(), ["STATEMENT", "SIGNATURES"])
        self.assertEqual(self.points()["TEST_PAYMENT"]["reference"], order["id"])
        self.refused(lambda: self.sign("otto"), "CHANNEL_PAUSED")
        self.bank.close_day()
        self.eventually("the statement is a point", lambda: self.missing() == ["SIGNATURES"])
        self.assertEqual(self.sign("otto")["state"], "STATE_TEST")
        self.assertEqual(self.sign("otto")["state"], "STATE_TEST")  # one person is one
        self.assertEqual(self.sign("olga")["state"], "STATE_LIVE")
        self.assertEqual([t["message_id"] for t in self.bank.control("state")["taken"]],
                         [order["messageId"]])
        # The real one goes on by itself, and leaves.
        real = self.when(self.through(real), "ACCEPTED")
        self.assertEqual(len(self.bank.control("state")["taken"]), 2)

    def _real(self, bill: Json) -> Json:
        if not hasattr(self, "_order"):
            self._order = self.order(bill)
        return self._order

    def test_what_a_test_order_may_not_be_is_refused(self) -> None:
        self.shadow()
        self.start()
        self.refused(lambda: self.probe("1.01"), "FIELD_INVALID", field="test")
        self.refused(lambda: self.probe(account="", currencyCode="EUR"), "FIELD_INVALID",
                     field="test")
        bill = self.bill(value())
        self.refused(lambda: self.probe(payments=[], bills=[{"odooMoveId": bill["odooId"]}]),
                     "FIELD_INVALID", field="test")

    def test_a_refused_test_order_or_anothers_statement_is_no_proof(self) -> None:
        self.shadow()
        self.start()
        order = self.when(self.through(self.probe(f"0.{REJECTED}")), "REJECTED")
        self.assertEqual(self.points()["TEST_PAYMENT"]["reference"], order["id"])
        self.assertEqual(self.missing(), ["STATUS", "STATEMENT", "SIGNATURES"])

    def test_another_setting_begins_it_anew(self) -> None:
        self.shadow()
        self.start()
        self.assertNotIn("KEYS", self.missing())
        settings = {"outbox": str(self.bank.folder / "outbox"),
                    "inbox": str(self.bank.folder / "inbox"), "rest_seconds": 1}
        self.service["anna"].call(
            "BankService/UpdateBankChannel", requestId=request_id(), updateMask="settings",
            channel={"name": self.name, "settings": json.dumps(settings)})
        self.assertEqual(self.missing(), POINTS)
        channel = self.service["otto"].call("BankService/GetBankChannel",
                                            name=self.name)["channel"]
        self.assertEqual(channel["state"], "STATE_SHADOW")

    def test_the_command_line_walks_through_it(self) -> None:
        self.shadow()
        code, told = self.ctl("otto", "bank", "onboard", self.name)
        self.assertEqual(code, NOT_LIVE, told)
        for part in ("is TEST", *POINTS, "missing", "payment-order create --test",
                     f"--account {self.name}"):
            self.assertIn(part, told)
        code, told = self.ctl("otto", "bank", "onboard", self.name, "--sign")
        self.assertEqual(code, USAGE, told)
        code, told = self.ctl("otto", "bank", "onboard", self.name, "--sign", "--reason", "seen")
        self.assertEqual(code, NOT_LIVE, told)
        self.assertIn("TEST_PAYMENT", told)
        payment = json.dumps({"amount": {"currencyCode": "EUR", "value": "0.01"},
                              "creditor": {"holderName": "Probe GmbH",
                                           "accountNumber": self.other},
                              "remittanceText": f"Probe {self.name}"})
        code, told = self.ctl("paula", "--json", "payment-order", "create", "--test", "--entity",
                              "de", "--account", self.name, "--payments", payment)
        self.assertEqual(code, 0, told)
        self.when(self.through(json.loads(told)["order"]), "ACCEPTED")
        self.bank.close_day()
        self.eventually("only signatures are missing", lambda: self.missing() == ["SIGNATURES"])
        code, told = self.ctl("otto", "bank", "onboard", self.name, "--sign", "--reason", "seen")
        self.assertEqual(code, NOT_LIVE, told)
        self.assertIn("another person must", told)
        code, told = self.ctl("olga", "bank", "onboard", self.name, "--sign", "--reason", "seen")
        self.assertEqual(code, LIVE, told)
        self.assertIn("is LIVE", told)
        audit = self.service["axel"].call("AuditService/ListAuditRecords", pageSize=1000)
        actions = [r["action"] for r in audit["records"]]
        self.assertGreaterEqual(actions.count("bank_channel.onboarding"), 4)
