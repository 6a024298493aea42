# SPDX-License-Identifier: Apache-2.0
"""A store restored from an old backup: lanes hold, the difference is named, nothing goes twice."""
from __future__ import annotations

import pathlib
import shutil
from typing import Any

from ..harness import documents as doc
from ..harness.api import request_id
from ..harness.case import Case
from ..harness.world import Json, Service

BEFORE = 4
# What the backup lacks: a hundred operations of every kind.
AFTER = (("invoice", 50), ("bill", 20), ("payment", 15), ("entry", 10), ("partner", 5))
METHODS = {"payment": ("PaymentService/CreatePayment", "payment"),
           "entry": ("JournalEntryService/CreateJournalEntry", "journalEntry"),
           "partner": ("PartnerService/UpsertPartner", "partner")}
BATCH = 25


class Restore(Case):
    own: Service | None = None

    @property
    def service(self) -> Service:
        if Restore.own is None:
            Restore.own = self.world.new_service(
                "restore", {"engine.poll_interval": "0s", "engine.park_check": "200ms"})
            Restore.own.cast("shop", "rita", "karl", "otto", "olga")
            Restore.own.connect("old")
            Restore.own.entity("de", "old")
        return Restore.own

    def store_files(self) -> list[pathlib.Path]:
        data = self.service.kontord.data
        return [path for path in (data / "kontor.db", data / "kontor.db-wal",
                                  data / "kontor.db-shm") if path.exists()]

    def backup(self, name: str) -> pathlib.Path:
        """A copy of the store, taken while nothing runs."""
        self.service.kontord.stop()
        shelf = self.world.folder / name
        shelf.mkdir()
        for path in self.store_files():
            shutil.copy2(path, shelf)
        self.service.kontord.start()
        return shelf

    def restore(self, shelf: pathlib.Path) -> None:
        kontord = self.service.kontord
        kontord.stop()
        for path in self.store_files():
            path.unlink()
        for path in shelf.iterdir():
            shutil.copy2(path, kontord.data)
        kontord.start()

    def release(self, by: str, connection: str = "old", **more: Any) -> Json:
        more.setdefault("requestId", request_id())
        return self.service[by].call("ConnectionService/ReleaseRestore", connection=connection,
                                     reason="compared with Odoo", **more)

    def reconcile(self) -> list[str]:
        """The external ids that Odoo has and kontor does not know."""
        answer = self.service["otto"].call(
            "ConnectionService/ReconcileEntity", entity="de", requestId=request_id(),
            dateFrom=doc.today(), dateTo=doc.today())
        return [d["externalId"].removeprefix("kontor.") for d in answer.get("differences", [])
                if d["kind"] == "KIND_MISSING_IN_KONTOR"]

    def hand_over(self, items: list[Json], wait: str = "0s") -> list[Json]:
        """Invoices in batches, everything else one by one; answers in the order of the items."""
        answers: dict[str, Json] = {}
        invoices = [item for item in items if "invoice" in item]
        for begin in range(0, len(invoices), BATCH):
            batch = invoices[begin:begin + BATCH]
            answer = self.shop.call("InvoiceService/BatchCreateInvoices", requests=batch, wait=wait)
            for item, result in zip(batch, answer["results"], strict=True):
                answers[item["requestId"]] = result["response"]
        for item in items:
            for method, name in METHODS.values():
                if name in item:
                    answers[item["requestId"]] = self.shop.call(method, **item)
        return [answers[item["requestId"]] for item in items]

    def items(self, *shares: tuple[str, int]) -> list[Json]:
        made: list[Json] = []
        for kind, count in shares:
            for number in range(count):
                key = {"requestId": request_id("old")}
                if kind == "payment":
                    made.append({**key, "payment": doc.payment(f"{31 + number}.17")})
                elif kind == "invoice":
                    made.append({**key, "invoice": doc.invoice()})
                elif kind == "bill":
                    made.append({**key, "invoice": doc.bill()})
                else:
                    name = METHODS[kind][1]
                    made.append({**key, name: doc.entry() if kind == "entry" else doc.partner()})
        return made

    def release_entries(self, items: list[Json], answers: list[Json]) -> None:
        """Entries are held; somebody else lets them go."""
        for item, answer in zip(items, answers, strict=True):
            if "journalEntry" in item:
                self.service["rita"].call("OperationService/ReleaseOperation",
                                          requestId=request_id(), reason="seen",
                                          id=answer["operation"]["id"])

    def ended_well(self, answer: Json) -> Json:
        """Whatever it was when it was answered."""
        operation = self.settled(answer["operation"]["id"], "POSTED", "EXCEPTION")
        self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))
        return operation

    def count_in_odoo(self, items: list[Json]) -> list[int]:
        """How often each of them stands in Odoo, by what only it has."""
        found = []
        for item in items:
            document = next(value for name, value in item.items() if name != "requestId")
            if "payment" in item:
                field = "ref" if self.world.series == "17.0" else "memo"
                domain = [[field, "=", document["memo"]]]
                found.append(len(self.odoo.read("account.payment", domain, ["id"])))
            elif "partner" in item:
                domain = [["ref", "=", document["reference"]]]
                found.append(len(self.odoo.read("res.partner", domain, ["id"])))
            else:
                found.append(len(self.odoo.moves([["ref", "=", document["reference"]]])))
        return found

    def test_a_backup_a_hundred_operations_old_posts_nothing_twice(self) -> None:
        """It names what is missing, and its lanes hold until two people release them."""
        for answer in self.hand_over(self.items(("invoice", BEFORE)), wait="50s"):
            self.posted(answer)
        under_way = self.items(("invoice", BEFORE))  # when the backup is taken
        self.hand_over(under_way)
        shelf = self.backup("shelf")
        lost = self.items(*AFTER)
        self.assertEqual(len(lost), 100)
        first = self.hand_over(lost)
        self.release_entries(lost, first)
        known = [self.ended_well(answer)["externalId"] for answer in first]
        self.assertEqual(self.count_in_odoo(lost), [1] * len(lost))
        self.restore(shelf)

        self.assertTrue(self.shop.call("AdminService/GetServerInfo")["restorePending"])
        self.refused(lambda: self.release("otto"), "RESTORE_HOLD", code="failed_precondition")
        missing = self.reconcile()
        booked = {external_id for item, external_id in zip(lost, known, strict=True)
                  if "partner" not in item}
        self.assertEqual(booked - set(missing), set(), "reconcile names them all")
        again = self.hand_over(lost)
        self.release_entries(lost, again)
        for answer, external_id in zip(again, known, strict=True):
            self.assertEqual(answer["operation"]["externalId"], external_id)
            operation = self.settled(answer["operation"]["id"], "PARKED", "POSTED")
            self.assertEqual((operation["state"], operation["parkReason"]),
                             ("STATE_PARKED", "RESTORE_HOLD"))
        self.let_two_people_release()
        for answer in again:
            self.ended_well(answer)
        for answer in self.hand_over(under_way):
            self.posted(answer)
        self.assertEqual(self.count_in_odoo(lost + under_way), [1] * (len(lost) + BEFORE))
        self.assertFalse(booked & set(self.reconcile()))

    def let_two_people_release(self) -> None:
        """One alone cannot, however often; no connection named means all of them."""
        for _ in range(2):
            alone = self.release("otto")
            self.assertFalse(alone.get("done"))
            self.assertEqual(alone["approvers"], ["otto"])
        key = request_id()
        done = self.release("olga", connection="", requestId=key)
        self.assertTrue(done["done"])
        self.assertEqual(done["approvers"], ["otto", "olga"])
        self.assertEqual(self.release("olga", connection="", requestId=key), done)
        self.refused(lambda: self.release("otto", connection=""), "STATE_CONFLICT")
        self.assertFalse(self.shop.call("AdminService/GetServerInfo").get("restorePending"))
