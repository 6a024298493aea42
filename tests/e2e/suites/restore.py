# SPDX-License-Identifier: Apache-2.0
"""A store restored from an old backup: lanes hold, the difference is named, nothing goes twice."""
from __future__ import annotations

import pathlib
import shutil

from ..harness import documents as doc
from ..harness.api import request_id
from ..harness.case import Case
from ..harness.world import Json, Service

BEFORE, AFTER = 4, 12


class Restore(Case):
    own: Service | None = None

    @property
    def service(self) -> Service:
        if Restore.own is None:
            Restore.own = self.world.new_service(
                "restore", {"engine.poll_interval": "0s", "engine.park_check": "200ms"})
            Restore.own.cast("shop", "karl", "otto", "olga")
            Restore.own.connect("old")
            Restore.own.entity("de", "old")
        return Restore.own

    def store_files(self) -> list[pathlib.Path]:
        data = self.service.kontord.data
        return [path for path in (data / "kontor.db", data / "kontor.db-wal",
                                  data / "kontor.db-shm") if path.exists()]

    def release(self, by: str) -> Json:
        return self.service[by].call("ConnectionService/ReleaseRestore", requestId=request_id(),
                                     connection="old", reason="compared with Odoo")

    def reconcile(self) -> list[str]:
        """The external ids that Odoo has and kontor does not know."""
        answer = self.service["otto"].call(
            "ConnectionService/ReconcileEntity", entity="de", requestId=request_id(),
            dateFrom=doc.today(), dateTo=doc.today())
        return [d["externalId"].removeprefix("kontor.") for d in answer.get("differences", [])
                if d["kind"] == "KIND_MISSING_IN_KONTOR"]

    def hand_over(self, items: list[Json], wait: str = "50s") -> list[Json]:
        answer = self.shop.call("InvoiceService/BatchCreateInvoices", requests=items, wait=wait)
        return [result["response"] for result in answer["results"]]

    def items(self, count: int) -> list[Json]:
        return [{"requestId": request_id("old"), "invoice": doc.invoice()} for _ in range(count)]

    def test_an_old_backup_posts_nothing_twice_and_waits_for_two_people(self) -> None:
        kontord = self.service.kontord
        for answer in self.hand_over(self.items(BEFORE)):
            self.posted(answer)
        kontord.stop()
        shelf = self.world.folder / "shelf"
        shelf.mkdir()
        for path in self.store_files():
            shutil.copy2(path, shelf)
        kontord.start()
        lost = self.items(AFTER)
        known = [self.posted(answer)["externalId"] for answer in self.hand_over(lost)]
        kontord.stop()
        for path in self.store_files():
            path.unlink()
        for path in shelf.iterdir():
            shutil.copy2(path, kontord.data)
        kontord.start()

        info = self.shop.call("AdminService/GetServerInfo")
        self.assertTrue(info["restorePending"])
        again = self.hand_over(lost, wait="5s")
        for answer, external_id in zip(again, known, strict=True):
            self.assertEqual(answer["operation"]["externalId"], external_id)
            operation = self.settled(answer["operation"]["id"], "PARKED", "POSTED")
            self.assertEqual((operation["state"], operation["parkReason"]),
                             ("STATE_PARKED", "RESTORE_HOLD"))
        self.refused(lambda: self.release("otto"), code="failed_precondition")
        self.reconcile()
        self.assertFalse(self.release("otto").get("done"))
        self.assertFalse(self.release("otto").get("done"))
        self.assertTrue(self.release("olga")["done"])
        for item, answer in zip(lost, again, strict=True):
            operation = self.settled(answer["operation"]["id"], "POSTED", "EXCEPTION")
            self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))
            reference = item["invoice"]["reference"]
            self.assertEqual(len(self.odoo.moves([["ref", "=", reference]])), 1)
        self.assertFalse(set(known) & set(self.reconcile()))

    def test_what_the_backup_lacks_is_named_by_the_reconciliation(self) -> None:
        kontord = self.service.kontord
        kontord.stop()
        shelf = self.world.folder / "shelf2"
        shelf.mkdir()
        for path in self.store_files():
            shutil.copy2(path, shelf)
        kontord.start()
        known = [self.posted(answer)["externalId"] for answer in self.hand_over(self.items(3))]
        kontord.stop()
        for path in self.store_files():
            path.unlink()
        for path in shelf.iterdir():
            shutil.copy2(path, kontord.data)
        kontord.start()
        self.assertLessEqual(set(known), set(self.reconcile()))
        self.release("otto")
        self.release("olga")
