# SPDX-License-Identifier: Apache-2.0
"""Bank files by kontorctl: judged, kept, read once, and put into Odoo."""
from __future__ import annotations

import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from typing import Any

from ..harness import documents as doc
from ..harness.api import ApiError, request_id
from ..harness.case import Case
from ..harness.processes import program

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "simulators"))

from bank import messages  # noqa: E402

Json = dict[str, Any]
REFUSED, DONE = 1, 0


def statement(account: str, number: int, opening: str, *amounts: str) -> messages.Statement:
    """One day of one account, as the bank simulator writes it."""
    day = datetime.date.fromisoformat(doc.days(number - 10))
    entries = [messages.Entry(messages.Decimal(a), day, f"R{number}-{i}",
                              [messages.Detail(abs(messages.Decimal(a)), name="Müller & Söhne",
                                               text=f"Invoice {number}-{i}")])
               for i, a in enumerate(amounts)]
    return messages.Statement(account, "EUR", number, day, messages.Decimal(opening), entries,
                              f"S{account[-6:]}{number}")


class Statements(Case):
    IBAN = "DE89370400440532013000"

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def ctl(self, by: str, *words: str) -> tuple[int, Json]:
        """kontorctl with --json as one of the cast."""
        token = self.folder / f"{by}.token"
        token.write_text(self.service[by].token, encoding="utf-8")
        port = self.service.kontord.ports["grpc_port"]
        done = subprocess.run(
            [program("kontorctl"), "--endpoint", f"127.0.0.1:{port}", "--token-file", str(token),
             "--json", *words], capture_output=True, text=True, timeout=90, check=False,
            env={**os.environ, "KONTOR_CLIENT_TOKEN": ""})
        self.assertIn(done.returncode, (DONE, REFUSED), done.stderr)
        return done.returncode, json.loads(done.stdout)

    def file(self, name: str, data: bytes) -> str:
        path = self.folder / name
        path.write_bytes(data)
        return str(path)

    def camt(self, *parts: Any) -> bytes:
        return messages.camt("camt.053", statement(*parts), request_id("M"))

    # -- judging --------------------------------------------------------------------------------

    def test_a_good_file_adds_up(self) -> None:
        code, told = self.ctl("shop", "format", "lint",
                              self.file("a.xml", self.camt(self.IBAN, 1, "100.00", "12.50", "-3")))
        self.assertEqual((code, told["grade"]), (DONE, "GRADE_FINE"))
        self.assertEqual(told["format"], "camt.053.001.08")
        self.assertEqual(told["statements"][0]["proof"]["verdict"], "VERDICT_PROVEN")
        self.assertEqual(told["statements"][0]["accountNumber"], "…3000")

    def test_files_that_a_bank_would_not_send_are_refused_with_the_place(self) -> None:
        good = self.camt(self.IBAN, 1, "100.00", "12.50")
        for name, data, grade in (
                ("does not add up", good.replace(b">12.50<", b">12.51<", 1), "GRADE_REFUSED"),
                ("cut off", good[:-30], "GRADE_UNREADABLE"),
                ("a document type", b"<!DOCTYPE a>" + good, "GRADE_UNREADABLE"),
                ("nothing of a bank", b"Dear customer", "GRADE_UNREADABLE"),
                ("empty", b"", "GRADE_UNREADABLE")):
            with self.subTest(name):
                code, told = self.ctl("shop", "format", "lint", self.file("b.xml", data))
                self.assertEqual((code, told["grade"]), (REFUSED, grade))
                self.assertTrue(told["findings"])
                for finding in told["findings"]:
                    self.assert_plain(finding["message"])

    # -- keeping --------------------------------------------------------------------------------

    def test_a_statement_of_an_unknown_account_waits_and_names_no_account(self) -> None:
        path = self.file("c.xml", self.camt("DE02120300000000202051", 1, "0.00", "1.00"))
        code, told = self.ctl("otto", "statement", "import", path)
        self.assertEqual(code, REFUSED)
        self.assertEqual(told["file"]["state"], "STATE_FAILED")
        self.assertEqual(told["file"]["findings"][0]["reason"], "OWN_ACCOUNT_UNKNOWN")
        self.assertNotIn("DE02120300000000202051", json.dumps(told))
        exception = self.exception(told["file"]["exceptionId"])
        self.assertEqual(exception["subject"], told["file"]["id"])
        again = self.ctl("otto", "statement", "import", path)[1]
        self.assertTrue(again["repeated"])
        self.assertEqual(again["file"]["id"], told["file"]["id"])
        self.resolve(exception, "REJECT", "otto")
        self.eventually("the file is given up", lambda: any(
            f["id"] == told["file"]["id"] and f["state"] == "STATE_DISCARDED"
            for f in self.service["otto"].call("StatementService/ListBankFiles").get("files", [])))

    def test_who_may_not_import_is_refused(self) -> None:
        path = self.file("d.xml", self.camt(self.IBAN, 1, "0.00", "1.00"))
        for name in ("shop", "rita", "axel"):
            code, told = self.ctl(name, "statement", "import", path)
            self.assertEqual(code, REFUSED)
            self.assertIn("PERMISSION_DENIED", json.dumps(told))
        with self.assertRaises(ApiError):
            self.shop.call("StatementService/ListBankFiles")

    # -- into Odoo ------------------------------------------------------------------------------

    def bank(self, iban: str) -> pathlib.Path:
        """A channel of folders that two people signed live, with one account of ours; answers the
        bank's folder."""
        name = f"bank-{iban[-6:]}"
        for folder in ("outbox", "inbox", "archive"):
            (self.folder / name / folder).mkdir(parents=True)
        settings = {folder: str(self.folder / name / folder)
                    for folder in ("outbox", "inbox", "archive")} | {"rest_seconds": 0}
        self.service["anna"].call("BankService/CreateBankChannel", requestId=request_id(),
                                  channel={"name": name, "kind": "directory",
                                           "settings": json.dumps(settings),
                                           "pollInterval": "1s"})
        for person in ("otto", "otto", "olga"):
            signed = self.service[person].call("BankService/SignBankChannel", name=name,
                                               reason="a test")["channel"]
        self.assertEqual(signed["state"], "STATE_LIVE")
        self.service["anna"].call("BankService/CreateBankAccount", requestId=request_id(), account={
            "name": name, "entity": "de", "iban": iban, "currencyCode": "EUR", "channel": name,
            "holderName": "Kontor GmbH", "bic": "COBADEFFXXX", "journalCode": "BNK1"})
        return self.folder / name

    def posted_statement(self, identity: str) -> Json:
        seen: list[Json] = []

        def look() -> bool:
            seen[:] = [self.service["otto"].call("StatementService/GetStatement",
                                                 id=identity)["statement"]]
            return seen[0]["state"] == "STATE_POSTED"

        try:
            self.eventually("the statement stands in Odoo", look)
        except AssertionError:
            self.fail(json.dumps(seen[0], indent=1))
        return seen[0]

    def test_one_person_signs_no_channel_live(self) -> None:
        name = "unsigned"
        self.service["anna"].call("BankService/CreateBankChannel", requestId=request_id(), channel={
            "name": name, "kind": "directory", "settings": json.dumps({"inbox": "/no/such/one"})})
        error = self.refused(lambda: self.service["otto"].call(
            "BankService/SignBankChannel", name=name, reason="a test"), "CHANNEL_INVALID")
        self.assertTrue(error.findings)
        self.refused(lambda: self.service["anna"].call(
            "BankService/CreateBankChannel", requestId=request_id(),
            channel={"name": "other", "kind": "directory", "settings": "{}"}), "CHANNEL_INVALID")

    def test_a_file_that_the_bank_puts_down_is_taken_and_archived(self) -> None:
        iban = "DE02100500000054540402"
        folder = self.bank(iban)
        (folder / "inbox" / "day1.xml").write_bytes(self.camt(iban, 1, "10.00", "5.55"))
        self.eventually("the inbox is empty", lambda: not list((folder / "inbox").iterdir()))
        self.assertEqual([p.name for p in (folder / "archive").iterdir()], ["day1.xml"])
        listed = self.eventually("the statement is there", lambda: self.service["otto"].call(
            "StatementService/ListStatements", accountNumber=iban).get("statements"))
        self.posted_statement(listed[0]["id"])

    def test_a_statement_reaches_odoo_once_and_a_gap_is_told(self) -> None:
        iban = "DE75512108001245126199"
        self.bank(iban)
        first = self.file("1.xml", self.camt(iban, 1, "100.00", "12.50", "-3.00"))
        code, told = self.ctl("otto", "statement", "import", first)
        self.assertEqual(code, DONE, told)
        identity = told["statements"][0]["id"]
        self.posted_statement(identity)
        lines = self.service["otto"].call("StatementService/ListStatementLines",
                                          id=identity)["lines"]
        self.assertEqual([line["state"] for line in lines], ["POSTED", "POSTED"])
        self.assertTrue(all(int(line["odoo"]["id"]) > 0 for line in lines))
        third = self.file("3.xml", self.camt(iban, 3, "120.00", "1.00"))
        told = self.ctl("otto", "statement", "import", third)[1]
        self.assertEqual(told["statements"][0]["findings"][0]["reason"], "STATEMENT_GAP")
        self.assertIn("statement.gap_detected", self.types_of(told["statements"][0]["id"]))
        second = self.file("2.xml", self.camt(iban, 2, "109.50", "10.50"))
        self.assertEqual(self.ctl("otto", "statement", "import", second)[0], DONE)
        cash = self.ctl("otto", "cash", "de")[1]
        mine = next(a for a in cash["accounts"] if a["accountNumber"] == "…6199")
        self.assertEqual(mine["booked"]["value"], "121.00")
        self.assertEqual(mine["freshness"], "FRESHNESS_FRESH")
        self.assertNotIn("hasGap", mine)
