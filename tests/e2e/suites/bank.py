# SPDX-License-Identifier: Apache-2.0
"""A bank with a mind of its own: what it says of our account reaches Odoo, whatever its manners."""
from __future__ import annotations

import datetime
import json
from typing import Any

from ..harness import documents as doc
from ..harness.api import request_id
from ..harness.case import Case
from ..harness.processes import Bank

Json = dict[str, Any]


class Banks(Case):

    def open(self, *more: str) -> None:
        """A bank, a channel to it that two people signed, and an account of ours there."""
        self.iban = doc.iban()
        start = doc.days(-20)
        self.bank = Bank(self.world.folder, self.iban, "--today", start, *more)
        self.addCleanup(self.bank.stop)
        name = self.bank.folder.name
        settings = {"outbox": str(self.bank.folder / "outbox"),
                    "inbox": str(self.bank.folder / "inbox"), "rest_seconds": 0}
        anna = self.service["anna"]
        anna.call("BankService/CreateBankChannel", requestId=request_id(),
                  channel={"name": name, "kind": "directory", "settings": json.dumps(settings),
                           "pollInterval": "1s"})
        for person in ("otto", "olga"):
            self.service[person].call("BankService/SignBankChannel", name=name, reason="a test",
                                      requestId=request_id())
        anna.call("BankService/CreateBankAccount", requestId=request_id(), account={
            "name": name, "entity": "de", "iban": self.iban, "currencyCode": "EUR",
            "channel": name, "holderName": "Kontor GmbH", "bic": "COBADEFFXXX",
            "journalCode": "BNK1"})

    def statements(self) -> list[Json]:
        return list(reversed(self.service["otto"].call(
            "StatementService/ListStatements", accountNumber=self.iban,
            pageSize=500).get("statements", [])))

    def told(self, count: int, *states: str) -> list[Json]:
        """The statements, once there are so many and all have ended."""
        seen: list[Json] = []

        def look() -> bool:
            seen[:] = self.statements()
            return len(seen) >= count and not list((self.bank.folder / "inbox").iterdir()) and all(
                s["state"] in states for s in seen)

        try:
            self.eventually(f"{count} statements have ended", look)
        except AssertionError:
            self.fail(json.dumps(seen, indent=1))
        return seen

    def cash(self) -> Json:
        accounts = self.service["otto"].call("StatementService/GetCashPosition")["accounts"]
        return next(a for a in accounts if a["accountNumber"].endswith(self.iban[-4:]))

    def lines(self, statement: Json) -> list[Json]:
        return self.service["otto"].call("StatementService/ListStatementLines",
                                         id=statement["id"]).get("lines", [])

    def test_days_follow_each_other_into_odoo(self) -> None:
        self.open()
        for amount in ("12.50", "7.25"):
            self.bank.receive(self.iban, amount, name="Kundin GmbH", text="Rechnung 7")
            self.bank.close_day()
        first, second = self.told(2, "STATE_POSTED")
        self.assertNotIn("exceptionId", first)
        self.assertNotIn("exceptionId", second)
        line = self.lines(first)[0]
        self.assertEqual(line["amount"]["value"], "12.50")
        self.assertEqual(line["partnerName"], "K…")  # masked: otto was not granted names
        self.assertEqual(self.cash()["booked"]["value"], "1019.75")

    def test_two_formats_of_one_day_are_booked_once(self) -> None:
        self.open("--formats", "camt053,mt940")
        self.bank.receive(self.iban, "3.00", name="Kunde", text="Eins", end_to_end_id="E-1")
        self.bank.close_day()
        both = self.told(2, "STATE_POSTED", "STATE_VIEWED")
        self.assertEqual({s["state"] for s in both}, {"STATE_POSTED", "STATE_VIEWED"})
        self.assertEqual(sum(int(s.get("postedCount", 0)) for s in both), 1)

    def test_an_old_statement_in_a_new_message_is_told_and_not_booked(self) -> None:
        self.open()
        self.bank.receive(self.iban, "3.00")
        self.bank.close_day()
        self.told(1, "STATE_POSTED")
        self.bank.control("repeat", {"iban": self.iban})
        files = self.eventually("the second file was read", lambda: [
            f for f in self.service["otto"].call(
                "StatementService/ListBankFiles", channel=self.bank.folder.name)["files"]
            if int(f.get("repeatedCount", 0)) == 1])
        self.assertEqual(files[0]["state"], "STATE_READ")
        self.assertEqual(len(self.statements()), 1)

    def test_a_lost_statement_is_a_gap_that_closes_when_it_comes(self) -> None:
        self.open()
        self.bank.receive(self.iban, "1.00")
        self.bank.close_day()
        self.told(1, "STATE_POSTED")
        self.bank.receive(self.iban, "2.00")
        self.bank.control("skip_day", {})
        self.bank.receive(self.iban, "4.00")
        self.bank.close_day()
        after = self.told(2, "STATE_POSTED")[-1]
        self.assertEqual(after["findings"][0]["reason"], "STATEMENT_GAP")
        self.assertTrue(self.cash()["hasGap"])
        self.bank.control("repeat", {"iban": self.iban, "index": 1})
        self.told(3, "STATE_POSTED")
        self.eventually("the gap has closed", lambda: not self.cash().get("hasGap"))
        exception = self.exception(after["exceptionId"])
        self.assertEqual(exception["state"], "STATE_RESOLVED")
        self.assertEqual(self.cash()["booked"]["value"], "1007.00")

    def test_a_view_within_the_day_shows_and_books_nothing(self) -> None:
        self.open()
        self.bank.close_day()
        self.bank.receive(self.iban, "5.00")
        self.bank.control("intraday", {})
        views = self.told(2, "STATE_POSTED", "STATE_VIEWED")
        self.assertEqual(views[-1]["kind"], "STATEMENT_KIND_INTRADAY")
        self.assertEqual(int(views[-1].get("postedCount", 0)), 0)
        cash = self.cash()
        self.assertEqual(cash["booked"]["value"], "1000.00")
        self.assertEqual(cash["intraday"]["value"], "1005.00")
        self.bank.close_day()
        self.told(3, "STATE_POSTED", "STATE_VIEWED")
        self.assertEqual(self.cash()["booked"]["value"], "1005.00")

    def test_events_tell_of_statements_and_balances(self) -> None:
        self.open()
        self.bank.receive(self.iban, "5.00")
        self.bank.close_day()
        statement = self.told(1, "STATE_POSTED")[0]
        self.assertEqual(self.types_of(statement["id"]), ["statement.imported",
                                                          "statement.posted"])
        event = self.events(subject=statement["id"])[0]
        self.assertEqual(event["entity"], "de")
        self.assertNotIn(self.iban, json.dumps(event))
        balances = [e for e in self.events(types=["balance.updated"])
                    if self.iban[-4:] in json.dumps(e)]
        self.assertTrue(balances)
        self.assertLess(datetime.date.fromisoformat(statement["date"]), datetime.date.today())
