# SPDX-License-Identifier: Apache-2.0
"""Files altered on their way to the bank, and stores put back to before a release: each a test of
its own, with a bank that takes what lies in its outbox only when it is told to."""
from __future__ import annotations

import random
import re
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.harness import documents as doc  # noqa: E402
from e2e.harness.api import ApiError, request_id  # noqa: E402
from e2e.harness.odoo import Eyes, amount  # noqa: E402
from failpoints import FAILPOINT_EXIT  # noqa: E402
from payment_stage import PLAIN, Order, PaymentStage, Postman  # noqa: E402
from workload import Broken  # noqa: E402

Json = dict[str, Any]
END_SECONDS = 60.0
OTHER_ACCOUNT = b"NL91ABNA0417164300"
CASES: dict[str, Callable[[PaymentStage], str]] = {}


def case(work: Callable[[PaymentStage], str]) -> Callable[[PaymentStage], str]:
    CASES[work.__name__] = work
    return work


def must(condition: Any, what: str) -> None:
    if not condition:
        raise Broken(what)


# -- steps that the cases share -----------------------------------------------------------------


def ready(stage: PaymentStage) -> Order:
    order = Order([PLAIN])
    stage.ready(order)
    return order


def released_up_to(stage: PaymentStage, name: str) -> Order:
    """An order that is released; kontord ended at the failpoint."""
    order = ready(stage)
    kontord = stage.kontord
    kontord.stop()
    kontord.environment = {"KONTOR_FAILPOINT": f"{name}:exit:1"}
    kontord.start()
    note_progress(stage)
    try:
        stage.say("rolf", "ReleasePaymentOrder", order)
    except OSError:
        pass  # it ended before it could answer
    must(kontord.process.wait(END_SECONDS) == FAILPOINT_EXIT, f"{name} was not reached")
    kontord.environment = {}
    return order


def file_of(order: Order) -> str:
    return f"{order.order['messageId']}.xml"


def handed_over_once(stage: PaymentStage, order: Order) -> str:
    """The order goes its way by itself, and the bank gets it once as it was approved."""
    stage.when(order, "SUBMITTED")
    stage.bank.control("take", {})
    files = stage.ledger()["taken"]
    must([one["sha256"] for one in files] == [order.order["fileSha256"]],
         f"the bank did not get the approved file once: {files}")
    return f"{order.id} came to the bank once, as it was approved"


def found(stage: PaymentStage, order: Order, reasons: tuple[str, ...]) -> str:
    """The order stands in an exception that names why, is not sent, and says so."""
    def look() -> str:
        reading = stage.read(order)
        told = {finding["reason"] for finding in reading.get("findings", [])}
        return str(reading.get("exceptionId", "")) if told & set(reasons) else ""
    stage.eventually(f"{order.id} is an exception for {reasons}", look)
    must(order.order["state"] == "STATE_RELEASED", f"it went on: {order.order['state']}")
    must(order.order["submission"] != "SUBMISSION_SENT", "it says that it was sent")
    return ", ".join(finding["reason"] for finding in order.order["findings"])


# -- files that somebody altered ----------------------------------------------------------------


@case
def a_file_altered_in_the_store_is_found_and_not_sent(stage: PaymentStage) -> str:
    order = released_up_to(stage, "payment_order.after_generated")
    store = stage.kontord.data / "kontor.db"
    with closing(sqlite3.connect(store)) as database, database:
        rows = database.execute("select blob_id, number, content from blob_parts").fetchall()
        must(len(rows) == 1, f"{len(rows)} parts of files are stored")
        blob, number, content = rows[0]
        middle = len(content) // 2
        turned = (content[:middle] + (b"A" if content[middle:middle + 1] != b"A" else b"B")
                  + content[middle + 1:]) if isinstance(content, bytes) else (
            content[:middle] + ("A" if content[middle] != "A" else "B") + content[middle + 1:])
        where = "where blob_id = ? and number = ?"
        database.execute(f"update blob_parts set content = ? {where}", (turned, blob, number))
    stage.kontord.start()
    why = found(stage, order, ("FILE_ALTERED", "SEAL_BROKEN"))
    must(not list(stage.outbox.iterdir()), "something lies in the outbox")
    stage.kontord.stop()
    with closing(sqlite3.connect(store)) as database, database:
        database.execute(f"update blob_parts set content = ? {where}", (content, blob, number))
    stage.kontord.start()
    return f"{why}; mended, {handed_over_once(stage, order)}"


@case
def an_unfinished_file_that_was_altered_is_written_anew(stage: PaymentStage) -> str:
    order = released_up_to(stage, "payment_order.after_generated")
    (stage.outbox / f".{file_of(order)}.tmp").write_bytes(b"<Document/>")
    stage.kontord.start()
    return handed_over_once(stage, order)


@case
def another_file_under_its_name_is_found_and_nothing_sent(stage: PaymentStage) -> str:
    order = released_up_to(stage, "payment_order.after_generated")
    (stage.outbox / file_of(order)).write_bytes(b"<Document/>")
    stage.kontord.start()
    why = found(stage, order, ("CHANNEL_FILE_CONFLICT",))
    (stage.outbox / file_of(order)).unlink()
    return f"{why}; taken away, {handed_over_once(stage, order)}"


@case
def a_file_altered_in_the_drop_box_is_not_taken_for_sent(stage: PaymentStage) -> str:
    """kontord ended between hand-over and its note of it; meanwhile somebody was at the file."""
    order = released_up_to(stage, "payment_order.after_sent")
    path = stage.outbox / file_of(order)
    right = path.read_bytes()
    path.write_bytes(right.replace(doc.VENDOR_ACCOUNT.encode(), OTHER_ACCOUNT))
    must(path.read_bytes() != right, "nothing was altered")
    stage.kontord.start()
    stage.eventually("nobody knows what became of it", lambda: stage.read(order)[
        "submission"] == "SUBMISSION_UNKNOWN")
    must(order.order["state"] == "STATE_RELEASED", f"it went on: {order.order['state']}")
    must([p.name for p in stage.outbox.iterdir()] == [path.name], "it was sent again")
    path.write_bytes(right)
    return f"UNKNOWN; put back, {handed_over_once(stage, order)}"


@case
def a_file_altered_before_the_pick_up_settles_nothing(stage: PaymentStage) -> str:
    """It was handed over well. The bank pays another amount than the approved one, which its
    statement tells: the order does not take that booking for its own."""
    order = ready(stage)
    stage.release(order)
    stage.when(order, "SUBMITTED")
    path = stage.outbox / file_of(order)
    path.write_bytes(re.sub(rb"(<(?:CtrlSum|InstdAmt)[^>]*>)", rb"\g<1>9", path.read_bytes()))
    stage.bank.control("take", {})
    taken = stage.taken(order)
    must(len(taken) == 1 and taken[0]["sha256"] != order.order["fileSha256"],
         f"the bank did not take the altered file: {taken}")
    stage.bank.close_day()
    carry(stage)
    posted(stage)
    must(stage.read(order)["payments"][0]["state"] != "STATE_SETTLED", "it settled")
    line = Eyes(stage.simulator.target).read(
        "account.bank.statement.line", [["ref", "=", order.payments[0]["endToEndId"]]],
        ["is_reconciled", "amount"])
    must(len(line) == 1 and not line[0]["is_reconciled"], f"it was matched: {line}")
    return f"{order.order['state']}, and the bank's line over {line[0]['amount']} waits for people"


@case
def a_creditor_altered_before_the_pick_up_settles_nothing(stage: PaymentStage) -> str:
    """The bank pays the right amount to a wrong account: its statement names the account."""
    order = ready(stage)
    stage.release(order)
    stage.when(order, "SUBMITTED")
    path = stage.outbox / file_of(order)
    path.write_bytes(path.read_bytes().replace(doc.VENDOR_ACCOUNT.encode(), OTHER_ACCOUNT))
    stage.bank.control("take", {})
    must([p["account"] for one in stage.taken(order) for p in one["payments"]]
         == [OTHER_ACCOUNT.decode()], "the bank did not take the altered file")
    stage.bank.close_day()
    carry(stage)
    posted(stage)
    reading = stage.read(order)
    told = {finding["reason"] for finding in reading.get("findings", [])}
    must(reading["payments"][0]["state"] != "STATE_SETTLED", "it settled")
    must(reading.get("exceptionId") and "FILE_ALTERED" in told, f"nobody was told: {told}")
    return f"{reading['state']}, FILE_ALTERED"


# -- stores put back ----------------------------------------------------------------------------


def store_files(stage: PaymentStage) -> list[Path]:
    names = ("kontor.db", "kontor.db-wal", "kontor.db-shm")
    return [path for name in names if (path := stage.kontord.data / name).exists()]


def backup(stage: PaymentStage) -> Path:
    """A copy of the store, taken while nothing runs."""
    stage.kontord.stop()
    shelf = stage.folder / "shelf"
    shelf.mkdir()
    for path in store_files(stage):
        shutil.copy2(path, shelf)
    stage.kontord.start()
    return shelf


def note_progress(stage: PaymentStage) -> None:
    """Lets kontord note beside the store how far it is, which it does once a second at most: what
    a crash cuts off within that second is not missed later."""
    note = stage.kontord.data / "kontor.db.generation"
    before = note.read_text()
    stage.service["anna"].call("AdminService/CreatePrincipal", requestId=request_id(),
                               principal={"name": "witness", "kind": "KIND_PERSON"})
    stage.eventually("the progress is noted", lambda: note.read_text() != before)


def restore(stage: PaymentStage, shelf: Path, order: Order) -> None:
    """Puts the backup back; two people compare with Odoo and let the connection go on."""
    stage.kontord.stop()
    for path in store_files(stage):
        path.unlink()
    for path in shelf.iterdir():
        shutil.copy2(path, stage.kontord.data)
    stage.kontord.start()
    must(stage.service["otto"].call("AdminService/GetServerInfo").get("restorePending"),
         "nobody noticed that the store is an old one")
    refused(stage, order)
    must(stage.read(order)["state"] == "STATE_APPROVED", "the backup is not from before")
    stage.service["otto"].call("ConnectionService/ReconcileEntity", entity="de",
                               requestId=request_id(), dateFrom=doc.days(-5), dateTo=doc.days(5))
    for person in ("otto", "olga"):
        stage.service[person].call("ConnectionService/ReleaseRestore", connection="main",
                                   reason="compared with Odoo", requestId=request_id())


def refused(stage: PaymentStage, order: Order, *reasons: str) -> ApiError:
    """The release is refused, for one of the reasons where some are named."""
    try:
        stage.say("rolf", "ReleasePaymentOrder", order)
    except ApiError as error:
        if reasons and not error.reasons() & set(reasons):
            raise
        return error
    raise Broken(f"{order.id} could be released")


def carry(stage: PaymentStage) -> None:
    """All of the bank's files, as they are."""
    postman = Postman(stage, random.Random(0))
    postman.honest = True
    postman.round()


def posted(stage: PaymentStage) -> None:
    """The bank's statement stands in Odoo."""
    stage.eventually("the statement stands in Odoo", lambda: [
        s for s in stage.service["otto"].call("StatementService/ListStatements",
                                              accountNumber=stage.iban).get("statements", [])
        if s["state"] == "STATE_POSTED"])


@case
def a_backup_from_before_the_release_pays_no_bill_again(stage: PaymentStage) -> str:
    """Odoo has the payment: the release finds nothing to pay, and the booking of an order that was
    never sent holds it."""
    order = ready(stage)
    shelf = backup(stage)
    stage.release(order)
    stage.when(order, "SUBMITTED")
    stage.bank.control("take", {})
    stage.eventually("Odoo has the payment", lambda: stage.read(order)["payments"][0].get(
        "operationId"))
    stage.posted(order.payments[0]["operationId"])
    restore(stage, shelf, order)
    error = refused(stage, order, "NOTHING_TO_PAY")
    stage.bank.close_day()
    carry(stage)
    posted(stage)
    stage.eventually("the order is held", lambda: "STATE_HELD" == stage.read(order)["state"])
    stage.bank.control("take", {})
    must(len(stage.taken(order)) == 1, "the bank got it twice")
    return f"{error.reason}, then HELD: {order.order['holdReasons'][0]}"


@case
def a_backup_from_before_the_release_sends_no_file_again(stage: PaymentStage) -> str:
    """Odoo has no payment yet: the order is released again, and the note of the first hand-over
    keeps it from a second one."""
    order = ready(stage)
    shelf = backup(stage)
    kontord = stage.kontord
    kontord.stop()
    kontord.environment = {"KONTOR_FAILPOINT": "payment_order.after_submitted:exit:1"}
    kontord.start()
    note_progress(stage)
    try:
        stage.say("rolf", "ReleasePaymentOrder", order)
    except OSError:
        pass  # it ended before it could answer
    must(kontord.process.wait(END_SECONDS) == FAILPOINT_EXIT, "it was not handed over")
    kontord.environment = {}
    stage.bank.control("take", {})
    must(len(stage.taken(order)) == 1, "the bank did not get it")
    restore(stage, shelf, order)
    stage.say("rolf", "ReleasePaymentOrder", order)
    stage.when(order, "SUBMITTED")
    must(not list(stage.outbox.iterdir()), "it was sent again")
    stage.bank.close_day()
    carry(stage)
    stage.when(order, "SETTLED")
    posted(stage)
    must(len(stage.taken(order)) == 1, "the bank got it twice")
    move = Eyes(stage.simulator.target).move(order.bills[0]["externalId"])
    must(amount(move["amount_residual"]) == 0, "the bill is open")
    return f"the bank has {order.id} once, and it is settled"
