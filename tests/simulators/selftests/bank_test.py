# SPDX-License-Identifier: Apache-2.0
"""The bank simulator keeps its word: sums, statements that follow each other, and misbehaviour."""
from __future__ import annotations

import base64
import hashlib
import tempfile
import time
import unittest
import xml.etree.ElementTree as ET
from datetime import date
from decimal import Decimal
from pathlib import Path

from bank.house import Bank
from bank.orders import Unreadable, read
from bank.webhooks import ORDERS, Webhooks
from receiver import signatures

IBAN = "DE89370400440532013000"
OTHER = "DE02120300000000202051"


def order(amounts: list[str], message: str = "M1", batch: bool = False) -> bytes:
    transfers = "".join(
        f"<CdtTrfTxInf><PmtId><EndToEndId>E{i}</EndToEndId></PmtId><Amt><InstdAmt Ccy='EUR'>{a}"
        f"</InstdAmt></Amt><Cdtr><Nm>Creditor {i}</Nm></Cdtr><CdtrAcct><Id><IBAN>{OTHER}</IBAN>"
        f"</Id></CdtrAcct><RmtInf><Ustrd>Bill {i}</Ustrd></RmtInf></CdtTrfTxInf>"
        for i, a in enumerate(amounts))
    total = sum(map(Decimal, amounts), Decimal(0))
    return (f"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.001.001.09'><CstmrCdtTrfInitn>"
            f"<GrpHdr><MsgId>{message}</MsgId><NbOfTxs>{len(amounts)}</NbOfTxs>"
            f"<CtrlSum>{total}</CtrlSum></GrpHdr><PmtInf><PmtInfId>P1</PmtInfId>"
            f"<BtchBookg>{'true' if batch else 'false'}</BtchBookg><ReqdExctnDt><Dt>2026-03-02"
            f"</Dt></ReqdExctnDt><DbtrAcct><Id><IBAN>{IBAN}</IBAN></Id></DbtrAcct>{transfers}"
            f"</PmtInf></CstmrCdtTrfInitn></Document>").encode()


def texts(data: bytes, name: str) -> list[str]:
    return [e.text or "" for e in ET.fromstring(data).iter() if e.tag.endswith("}" + name)]


class BankTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.bank = Bank(self.folder / "outbox", self.folder / "inbox", self.folder / "acks",
                         ["camt053", "camt054", "mt940"], date(2026, 3, 2))
        self.bank.open_account(IBAN, "EUR", "1000.00")

    def send(self, data: bytes, name: str = "a.xml") -> None:
        (self.folder / "outbox" / name).write_bytes(data)
        self.bank.take()

    def told(self, kind: str) -> list[bytes]:
        return [p.read_bytes() for p in sorted((self.folder / "inbox").iterdir())
                if p.name.startswith(kind)]

    def statuses(self) -> list[str]:
        return [s for data in self.told("pain002") for s in texts(data, "GrpSts")]

    def test_the_ledger_tells_what_came_and_what_was_booked_payment_by_payment(self) -> None:
        self.send(order(["10.00", "20.11"]))
        self.assertEqual(self.bank.ledger()["booked"], [])
        self.bank.close_day()
        ledger = self.bank.ledger()
        self.assertEqual([(p["end_to_end_id"], p["amount"], p["account"])
                          for p in ledger["taken"][0]["payments"]],
                         [("E0", "10.00", OTHER), ("E1", "20.11", OTHER)])
        self.assertEqual([(b["end_to_end_id"], b["amount"], b["debit"])
                          for b in ledger["booked"]], [("E0", "10.00", True)])

    def test_a_status_is_given_again_in_another_message(self) -> None:
        self.send(order(["10.00", "20.11"]))
        self.bank.answer_again("M1")
        first, second = self.told("pain002")
        self.assertEqual(self.statuses(), ["PART", "PART"])
        self.assertNotEqual(texts(first, "MsgId"), texts(second, "MsgId"))
        self.assertEqual(texts(first, "TxSts"), texts(second, "TxSts"))
        self.assertRaises(KeyError, lambda: self.bank.answer_again("M2"))

    def test_an_order_is_taken_acknowledged_accepted_and_booked(self) -> None:
        self.send(order(["10.00", "20.50"]))
        self.assertEqual(list((self.folder / "outbox").iterdir()), [])
        self.assertTrue((self.folder / "acks" / "a.xml.ack").exists())
        self.assertEqual(self.statuses(), ["ACSP"])
        self.bank.close_day()
        statement = self.told("camt053")[0]
        self.assertEqual(texts(statement, "EndToEndId"), ["E0", "E1"])
        self.assertEqual(texts(statement, "Amt")[:2], ["1000.00", "969.50"])
        self.assertEqual(len(self.told("camt054")), 1)
        self.assertIn(b":62F:C260302EUR969,50", self.told("mt940")[0])

    def test_statements_follow_each_other(self) -> None:
        self.send(order(["10.00"]))
        self.bank.close_day()
        self.bank.receive(IBAN, "5.00", name="Customer", text="Invoice")
        self.bank.close_day()
        first, second = self.told("camt053")
        self.assertEqual(texts(first, "Amt")[1], texts(second, "Amt")[0])
        self.assertEqual(texts(second, "Amt")[1], "995.00")

    def test_hidden_and_unfinished_files_are_left_alone(self) -> None:
        for name in (".a.xml.tmp", "b.tmp"):
            self.send(order(["10.00"]), name)
        self.assertEqual(self.bank.state()["taken"], [])

    def test_a_rejected_transfer_makes_the_order_partial(self) -> None:
        self.send(order(["10.00", "20.11"]))
        self.assertEqual(self.statuses(), ["PART"])
        self.assertEqual(texts(self.told("pain002")[0], "TxSts"), ["ACSP", "RJCT"])
        self.bank.close_day()
        self.assertEqual(texts(self.told("camt053")[0], "EndToEndId"), ["E0"])

    def test_an_order_of_rejected_transfers_is_rejected(self) -> None:
        self.send(order(["20.11"]))
        self.assertEqual(self.statuses(), ["RJCT"])

    def test_a_returned_transfer_comes_back_the_next_day(self) -> None:
        self.send(order(["20.12"]))
        self.bank.close_day()
        self.bank.close_day()
        second = self.told("camt053")[1]
        self.assertEqual(texts(second, "EndToEndId"), ["E0"])
        self.assertIn(b"<RtrInf><Rsn><Cd>AC04</Cd>", second)
        self.assertEqual(self.bank.state()["accounts"][0]["balance"], "1000.00")

    def test_a_late_transfer_is_booked_the_next_day(self) -> None:
        self.send(order(["20.13"]))
        self.bank.close_day()
        self.assertEqual(texts(self.told("camt053")[0], "EndToEndId"), [])
        self.bank.close_day()
        self.assertEqual(texts(self.told("camt053")[1], "EndToEndId"), ["E0"])

    def test_duplicates_come_twice_byte_by_byte(self) -> None:
        self.send(order(["20.14"]))
        self.bank.close_day()
        for kind in ("pain002", "camt053", "mt940"):
            first, second = self.told(kind)
            self.assertEqual(first, second)

    def test_a_status_may_come_after_the_statement(self) -> None:
        self.send(order(["20.15"]))
        self.assertEqual(self.statuses(), [])
        self.bank.close_day()
        names = sorted(p.name for p in (self.folder / "inbox").iterdir())
        self.assertEqual(self.statuses(), ["ACSP"])
        self.assertTrue(names)

    def test_a_statement_issued_again_has_the_same_name_and_other_words(self) -> None:
        self.send(order(["20.16"]))
        self.bank.close_day()
        first, second = self.told("camt053")
        self.assertEqual(texts(first, "Id")[0], texts(second, "Id")[0])
        self.assertNotEqual(texts(first, "Ustrd"), texts(second, "Ustrd"))
        self.assertEqual(texts(first, "Amt"), texts(second, "Amt"))

    def test_a_truncated_statement_is_no_document(self) -> None:
        self.send(order(["20.17"]))
        self.bank.close_day()
        cut, whole = self.told("camt053")
        with self.assertRaises(ET.ParseError):
            ET.fromstring(cut)
        self.assertTrue(whole.startswith(cut))

    def test_a_silent_bank_says_and_books_nothing(self) -> None:
        self.send(order(["20.18"]))
        self.bank.close_day()
        self.assertEqual(self.statuses(), [])
        self.assertEqual(texts(self.told("camt053")[0], "EndToEndId"), [])

    def test_the_same_message_twice_is_refused_and_paid_once(self) -> None:
        self.send(order(["10.00"]))
        self.send(order(["10.00"]), "b.xml")
        self.assertEqual(self.statuses(), ["ACSP", "RJCT"])
        self.bank.close_day()
        self.assertEqual(self.bank.state()["accounts"][0]["balance"], "990.00")

    def test_a_batch_is_one_booking_under_its_name(self) -> None:
        self.send(order(["10.00", "20.00"], batch=True))
        self.bank.close_day()
        statement = self.told("camt053")[0]
        self.assertEqual(texts(statement, "PmtInfId"), ["P1"])
        self.assertEqual(texts(statement, "NbOfTxs"), ["2"])
        self.assertIn(b"PREF+P1", self.told("mt940")[0])

    def test_a_skipped_day_leaves_a_gap(self) -> None:
        self.bank.close_day()
        self.bank.receive(IBAN, "5.00", name="Customer")
        self.bank.skip_day()
        self.bank.close_day()
        first, second = self.told("camt053")
        self.assertNotEqual(texts(first, "Amt")[1], texts(second, "Amt")[0])

    def test_orders_that_contradict_themselves_are_not_executed(self) -> None:
        good = order(["10.00"])
        for bad in (good.replace(b"<NbOfTxs>1", b"<NbOfTxs>2"),
                    good.replace(b"<CtrlSum>10.00", b"<CtrlSum>10.01"),
                    good.replace(b"<MsgId>M1", b"<MsgId>"), b"<Document/>", b"no XML",
                    b"<!DOCTYPE a>" + good):
            with self.assertRaises(Unreadable):
                read(bad)
        self.send(good[:100])
        self.assertIn("error", self.bank.state()["taken"][0])


class WebhooksTest(unittest.TestCase):
    SECRET = b"o" * 32

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name)
        self.bank = Bank(path / "outbox", path / "inbox", None, ["camt053"], date(2026, 3, 2))
        self.bank.open_account(IBAN, "EUR", "1000.00")
        self.webhooks = Webhooks(self.bank)
        self.webhooks.open("http://127.0.0.1:9/", self.text(self.SECRET), self.text(b"b" * 32))

    @staticmethod
    def text(secret: bytes) -> str:
        return "whsec_" + base64.b64encode(secret).decode()

    def send(self, data: bytes, identity: str = "M1", secret: bytes = SECRET,
             method: str = "POST", stamp: int = 0) -> tuple[int, dict[str, object]]:
        stamp = stamp or int(time.time())
        headers = {"webhook-id": identity, "webhook-timestamp": str(stamp),
                   "webhook-signature": signatures.sign_v1(secret, identity, stamp, data)}
        path = ORDERS if method == "POST" else f"{ORDERS}/{identity}"
        return self.webhooks.take(method, path, headers, data)

    def test_an_order_is_taken_once_and_acknowledged_each_time(self) -> None:
        data = order(["10.00"])
        digest = hashlib.sha256(data).hexdigest()
        self.assertEqual(self.send(b"", method="GET"),
                         (404, {"message_id": "M1", "state": "NOT_RECEIVED"}))
        for _ in range(2):
            self.assertEqual(self.send(data), (200, {"message_id": "M1", "sha256": digest}))
        self.assertEqual(len(self.bank.taken), 1)
        self.assertEqual(self.send(b"", method="GET")[1]["state"], "RECEIVED")
        self.assertEqual(len(self.webhooks.messages), 1)  # its status, pushed
        self.assertEqual(list(self.bank.inbox.iterdir()), [])

    def test_what_is_not_an_order_of_ours_is_refused_and_not_taken(self) -> None:
        data = order(["10.00"])
        self.assertEqual(self.send(data, secret=b"x" * 32)[0], 401)
        self.assertEqual(self.send(data, stamp=int(time.time()) - 3600)[0], 401)
        self.assertEqual(self.send(data, identity="M2")[0], 422)
        self.assertEqual(self.send(b"<Document/>")[0], 422)
        self.assertEqual(self.bank.taken, [])
        self.assertEqual(self.send(data)[0], 200)
        self.assertEqual(self.send(order(["10.01"]))[0], 409)
        self.assertEqual(len(self.bank.taken), 1)

    def test_a_fault_is_one_and_says_whether_the_order_was_kept(self) -> None:
        data = order(["10.00"])
        self.webhooks.fault(take=False, status=500)
        self.webhooks.fault(take=True, status=502)
        self.assertEqual(self.send(data)[0], 500)
        self.assertEqual(self.bank.taken, [])
        self.assertEqual(self.send(data)[0], 502)
        self.assertEqual(len(self.bank.taken), 1)
        self.assertEqual(self.send(data)[0], 200)
        self.assertEqual(len(self.bank.taken), 1)
