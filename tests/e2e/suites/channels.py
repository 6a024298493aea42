# SPDX-License-Identifier: Apache-2.0
"""Ways to banks, end to end: an order leaves by each, and status, statement and money come back."""
from __future__ import annotations

import json
import sys
import time
import urllib.error
import urllib.request
from typing import Any

from ..harness import gnupg, sshd
from ..harness.api import request_id
from ..harness.banking import create_channel, open_webhook_bank
from ..harness.paying import REJECTED, Paying, value
from ..harness.processes import ROOT

sys.path.insert(0, str(ROOT / "tests" / "simulators"))

from receiver import signatures  # noqa: E402

Json = dict[str, Any]


class Channels(Paying):

    def statement(self) -> Json:
        """The bank's statement, once it stands in Odoo."""
        return self.eventually("the statement stands in Odoo", lambda: next(
            (s for s in self.service["otto"].call(
                "StatementService/ListStatements", accountNumber=self.iban).get("statements", [])
             if s["state"] == "STATE_POSTED"), None))

    def is_settled(self, bill: Json, order: Json) -> None:
        """The day ends, and its statement settles the order and pays the bill."""
        self.bank.close_day()
        self.when(order, "SETTLED", "PARTIALLY_SETTLED")
        lines = self.service["otto"].call("StatementService/ListStatementLines",
                                          id=self.statement()["id"])["lines"]
        self.assertEqual({line["paymentOrderId"] for line in lines}, {order["id"]})
        self.eventually("the bill is paid", lambda: self.odoo.move(
            bill["externalId"])["payment_state"] == "paid")

    # -- SFTP ----------------------------------------------------------------------------------

    def open_sftp(self) -> sshd.Sshd:
        if why := sshd.missing():
            self.skipTest(why)
        server = sshd.Sshd(self.world.folder / f"sshd-{self._testMethodName[:40]}")
        self.addCleanup(server.stop)
        self.open(kind="sftp", secret=server.secret, **server.settings)
        return server

    def test_an_order_leaves_by_sftp_and_status_statement_and_money_come_back_by_it(self) -> None:
        server = self.open_sftp()
        good, refused = self.bill(value()), self.bill(value(REJECTED))
        order = self.when(self.released(good, refused), "ACCEPTED")
        taken = self.bank.control("state")["taken"]
        self.assertEqual([t["sha256"] for t in taken], [order["fileSha256"]])
        self.assertEqual([t["file"] for t in taken], [order["fileName"]])
        self.assertEqual([p["state"] for p in order["payments"]],
                         ["STATE_ACCEPTED", "STATE_REJECTED"])
        self.is_settled(good, order)
        self.assertGreater(server.logins(), 2)
        # What was read is gone on the server: kontor took it, and nothing else did.
        self.assertEqual(list((self.bank.folder / "inbox").iterdir()), [])
        files = self.service["otto"].call("StatementService/ListBankFiles",
                                          channel=self.name)["files"]
        self.assertEqual(sorted(f["state"] for f in files), ["STATE_READ", "STATE_ROUTED"])

    def test_a_server_that_is_away_delays_an_order_and_loses_and_doubles_nothing(self) -> None:
        server = self.open_sftp()
        bill = self.bill(value())
        server.stop()
        order = self.released(bill)
        log = self.service.kontord.folder / "kontord.log"
        self.eventually("a try has failed", lambda: any(
            "payment_order.not_submitted" in line and order["id"] in line
            for line in log.read_text(encoding="utf-8").splitlines()))
        self.assertEqual(self.get(order)["state"], "STATE_RELEASED")
        self.assertEqual(self.bank.control("state")["taken"], [])
        server.start()
        order = self.when(order, "ACCEPTED")
        self.assertEqual(len(self.bank.control("state")["taken"]), 1)
        self.is_settled(bill, order)

    def test_a_server_with_another_key_gets_nothing(self) -> None:
        if why := sshd.missing():
            self.skipTest(why)
        server = sshd.Sshd(self.world.folder / "sshd-other-key")
        self.addCleanup(server.stop)
        wrong = {**server.settings, "host_keys": ["SHA256:" + "A" * 43], "outbox": "/nowhere",
                 "sent": "/nowhere/sent"}
        create_channel(self.service, "other-key", "sftp", wrong, server.secret)
        self.refused(lambda: self.service["otto"].call(
            "BankService/SignBankChannel", name="other-key", reason="a test",
            requestId=request_id()), "CHANNEL_INVALID")
        self.assertEqual(server.logins(), 0)

    # -- OpenPGP -------------------------------------------------------------------------------

    def open_sealed(self, **channel: Any) -> None:
        """A bank that takes and sends sealed files only; GnuPG plays it."""
        if why := gnupg.missing():
            self.skipTest(why)
        keys = gnupg.Keys()
        self.addCleanup(keys.stop)
        secret = channel.pop("secret", "") + keys.own_secret
        self.open("--openpgp", str(keys.home), keys.BANK, keys.CLIENT, secret=secret,
                  openpgp=keys.settings, **channel)

    def test_an_order_leaves_sealed_and_what_comes_back_is_opened(self) -> None:
        self.open_sealed()
        bill = self.bill(value())
        order = self.when(self.released(bill), "ACCEPTED")
        taken = self.bank.control("state")["taken"]
        # What the bank found in it is what was approved.
        self.assertEqual([t["sha256"] for t in taken], [order["fileSha256"]])
        self.assertEqual([t["file"] for t in taken], [order["fileName"] + ".pgp"])
        self.is_settled(bill, order)
        files = self.service["otto"].call("StatementService/ListBankFiles",
                                          channel=self.name)["files"]
        self.assertEqual(sorted(f["state"] for f in files), ["STATE_READ", "STATE_ROUTED"])
        # A plain file is nobody's word here.
        (self.bank.folder / "inbox" / "plain.xml").write_text("<Document/>", encoding="utf-8")
        self.eventually("a plain file is a case", lambda: next(
            (f for f in self.service["otto"].call("StatementService/ListBankFiles",
                                                  channel=self.name)["files"]
             if any(found["reason"] == "OPENPGP_REQUIRED" for found in f.get("findings", []))),
            None))

    # -- signed webhooks -----------------------------------------------------------------------

    def open_webhooks(self) -> None:
        self.bank, self.iban, self.secret = open_webhook_bank(self.service, self.world.folder)
        self.addCleanup(self.bank.stop)
        self.name = self.bank.folder.name

    def push(self, identity: str, body: bytes, secret: str = "",
             stamp: int = 0) -> tuple[int, Json]:
        """A message as the bank would send it; status and answer."""
        stamp = stamp or int(time.time())
        key = signatures.decode_key(secret or self.secret, signatures.SECRET_PREFIX)
        port = self.service.kontord.ports["http_port"]
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/hooks/bank/{self.name}", data=body, headers={
                "webhook-id": identity, "webhook-timestamp": str(stamp),
                "webhook-signature": signatures.sign_v1(key, identity, stamp, body)})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def files(self) -> list[Json]:
        return self.service["otto"].call("StatementService/ListBankFiles",
                                         channel=self.name).get("files", [])

    def test_an_order_leaves_as_a_signed_webhook_and_what_the_bank_says_is_pushed(self) -> None:
        self.open_webhooks()
        good, refused = self.bill(value()), self.bill(value(REJECTED))
        order = self.when(self.released(good, refused), "ACCEPTED")
        seen = self.bank.control("webhooks")
        posts = [r for r in seen["requests"] if r["method"] == "POST"]
        self.assertEqual([(p["id"], p["sha256"], p["verified"]) for p in posts],
                         [(order["messageId"], order["fileSha256"], True)])
        self.assertTrue(all(r["verified"] for r in seen["requests"]))
        self.assertEqual([p["state"] for p in order["payments"]],
                         ["STATE_ACCEPTED", "STATE_REJECTED"])
        self.is_settled(good, order)
        # Each message was kept as it came, and is told from its repetition.
        self.assertEqual(sorted(f["state"] for f in self.files()), ["STATE_READ", "STATE_ROUTED"])
        for index in (0, 1):
            again = self.bank.control("push_again", {"index": index})
            self.assertEqual((again["status"], json.loads(again["answer"])["duplicate"]),
                             (200, True))
        self.assertEqual(len(self.files()), 2)
        self.assertEqual(len(self.bank.control("state")["taken"]), 1)

    def test_a_lost_answer_is_unknown_until_the_bank_is_asked_and_is_sent_once(self) -> None:
        self.open_webhooks()
        self.bank.control("fault", {"take": True, "status": 502})
        order = self.when(self.released(self.bill(value())), "ACCEPTED")
        self.bank.control("fault", {"take": False, "status": 500})
        second = self.when(self.released(self.bill(value())), "ACCEPTED")
        self.assertIn("payment_order.unknown", self.types_of(second["id"]))
        taken = [t["message_id"] for t in self.bank.control("state")["taken"]]
        self.assertEqual(taken, [order["messageId"], second["messageId"]])

    def test_what_is_not_the_banks_word_changes_nothing(self) -> None:
        self.open_webhooks()
        order = self.when(self.released(self.bill(value())), "ACCEPTED")
        files = len(self.files())
        statement = b"<Document/>"
        stale = int(time.time()) - 3600
        ours = "whsec_" + "A" * 43 + "="
        for status, reason, how in (
                (401, "SIGNATURE_INVALID", {"secret": ours}),
                (401, "MESSAGE_STALE", {"stamp": stale})):
            code, answer = self.push("msg_forged", statement, **how)
            self.assertEqual((code, answer["reason"]), (status, reason))
        self.assertEqual(len(self.files()), files)
        code, first = self.push("msg_1", b"<Document>one</Document>")
        self.assertEqual((code, first["duplicate"]), (200, False))
        code, again = self.push("msg_1", b"<Document>one</Document>")
        self.assertEqual((code, again), (200, {"id": first["id"], "duplicate": True}))
        code, other = self.push("msg_1", b"<Document>two</Document>")
        self.assertEqual((code, other["reason"]), (409, "REQUEST_ID_REUSED"))
        self.name, true_name = "no-such-channel", self.name
        self.assertEqual(self.push("msg_2", statement)[0], 404)
        self.name = true_name
        # What came is kept as it is, and a person hears that nobody can read it.
        file = self.eventually("it is told", lambda: next(
            (f for f in self.files() if f["id"] == first["id"]
             and f["state"] == "STATE_FAILED"), None))
        self.assertTrue(file["exceptionId"])
        self.assertEqual(self.get(order)["state"], "STATE_ACCEPTED")

    def test_a_paused_channel_takes_nothing_and_loses_nothing(self) -> None:
        self.open_webhooks()
        self.service["otto"].call("BankService/PauseBankChannel", name=self.name, reason="a test",
                                  requestId=request_id())
        code, answer = self.push("msg_1", b"<Document/>")
        self.assertEqual((code, answer["reason"]), (503, "CHANNEL_PAUSED"))
        self.bank.receive(self.iban, "5.00")
        self.bank.close_day()
        self.eventually("the bank has tried", lambda: any(
            m["status"] == 503 for m in self.bank.control("webhooks")["messages"]))
        self.assertEqual(self.files(), [])
        self.service["otto"].call("BankService/ResumeBankChannel", name=self.name,
                                  reason="a test", requestId=request_id())
        self.statement()
