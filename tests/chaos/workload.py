# SPDX-License-Identifier: Apache-2.0
"""Documents of all kinds, handed over again and again until each is accepted. What became of them
is counted in reckoning.py."""
from __future__ import annotations

import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.harness import documents as doc  # noqa: E402
from e2e.harness.api import Api, ApiError  # noqa: E402
from e2e.harness.world import Service  # noqa: E402

Json = dict[str, Any]
# What of a hundred documents is what; payments pay invoices of the same run.
SHARES = (("invoice", 34), ("bill", 22), ("payment", 18), ("entry", 12), ("credit_note", 8),
          ("partner", 6))
BATCH = 12
TRANSIENT = ("unavailable", "resource_exhausted", "deadline_exceeded", "internal", "")
PAUSE_SECONDS = 0.1
METHODS = {
    "invoice": ("InvoiceService/CreateInvoice", "invoice"),
    "bill": ("InvoiceService/CreateInvoice", "invoice"),
    "credit_note": ("InvoiceService/CreateInvoice", "invoice"),
    "payment": ("PaymentService/CreatePayment", "payment"),
    "entry": ("JournalEntryService/CreateJournalEntry", "journalEntry"),
    "partner": ("PartnerService/UpsertPartner", "partner"),
}


class Broken(AssertionError):
    """Something was lost, doubled, or stands wrong."""


def persistently(call: Any, seconds: float) -> Any:
    """Calls until it is answered, as a client that was told to retry does; bounded."""
    end = time.monotonic() + seconds
    while True:
        try:
            return call()
        except ApiError as error:
            if error.code not in TRANSIENT or time.monotonic() > end:
                raise
        except OSError:
            if time.monotonic() > end:
                raise
        time.sleep(PAUSE_SECONDS)


class Workload:
    """`count` documents with fixed request ids, in a random order that the seed decides."""

    def __init__(self, service: Service, count: int, seed: int, patience: float) -> None:
        self.service = service
        self.patience = patience
        self.dice = random.Random(seed)
        self.items: list[Json] = []
        self.operations: dict[str, str] = {}
        self.documents: dict[str, str] = {}
        for number, kind in enumerate(self._kinds(count)):
            self.items.append({"kind": kind, "requestId": doc.unique(f"c{number}"),
                               "document": self._document(kind, number)})
        invoices = [item for item in self.items if item["kind"] == "invoice"]
        payments = [item for item in self.items if item["kind"] == "payment"]
        for payment, invoice in zip(payments, invoices, strict=False):
            payment["pays"] = invoice["requestId"]
            payment["document"] = doc.payment(invoice["document"]["lines"][0]["unitPrice"])

    def _kinds(self, count: int) -> list[str]:
        kinds: list[str] = []
        for kind, share in SHARES:
            kinds += [kind] * max(1, count * share // 100)
        kinds = (kinds + ["invoice"] * count)[:count]
        self.dice.shuffle(kinds)
        return sorted(kinds, key=lambda kind: kind == "payment")  # their invoices are known then

    def _document(self, kind: str, number: int) -> Json:
        price = f"{10 + number}.{self.dice.randrange(100):02d}"
        if kind == "invoice":
            journal = self.dice.choice(["INV", "INVX"])
            return doc.invoice(lines=[doc.line(price, taxes=())], journalCode=journal)
        if kind == "bill":
            journal = self.dice.choice(["BILL", "BILX"])
            return doc.bill(lines=[doc.line(price, account=doc.EXPENSE)], journalCode=journal)
        if kind == "credit_note":
            return doc.invoice(kind="KIND_CUSTOMER_CREDIT_NOTE", lines=[doc.line(price)])
        if kind == "payment":
            return doc.payment(price)
        if kind == "entry":
            return doc.entry(value=price)
        return doc.partner()

    # -- handing over -------------------------------------------------------------------------

    def _create(self, item: Json, by: Api) -> Json:
        method, name = METHODS[item["kind"]]
        document = dict(item["document"])
        if "pays" in item:
            document["allocations"] = [{"invoiceId": self.documents[item["pays"]]}]
        return persistently(lambda: by.call(method, requestId=item["requestId"],
                                            **{name: document}), self.patience)

    def _took(self, item: Json, answer: Json) -> None:
        known = self.operations.setdefault(item["requestId"], answer["operation"]["id"])
        if known != answer["operation"]["id"]:
            raise Broken(f"{item['requestId']} became two operations")
        self.documents[item["requestId"]] = answer["operation"]["documentId"]

    def adopt(self, kind: str, document: Json, answer: Json) -> None:
        """Counts a document in that was handed over elsewhere."""
        item = {"kind": kind, "requestId": answer["operation"]["requestId"], "document": document}
        self.items.append(item)
        self._took(item, answer)

    def hand_over(self, seconds: float = 0.0) -> None:
        """All documents, in batches and alone, spread over that time; entries are released."""
        pause = seconds / max(1, len(self.items))
        todo = [item for item in self.items if item["requestId"] not in self.operations]
        while todo:
            run = self._run_of_invoices(todo)
            if len(run) > 1 and self.dice.random() < 0.7:
                self._create_batch(run)
                todo = todo[len(run):]
                time.sleep(pause * len(run))
                continue
            item = todo.pop(0)
            self._took(item, self._create(item, self.service["shop"]))
            if item["kind"] == "entry":
                self._release(item)
            time.sleep(pause)

    @staticmethod
    def _run_of_invoices(todo: list[Json]) -> list[Json]:
        run: list[Json] = []
        for item in todo[:BATCH]:
            if METHODS[item["kind"]][1] != "invoice":
                break
            run.append(item)
        return run

    def _create_batch(self, run: list[Json]) -> None:
        requests = [{"requestId": item["requestId"], "invoice": item["document"]} for item in run]
        answer = persistently(lambda: self.service["shop"].call(
            "InvoiceService/BatchCreateInvoices", requests=requests), self.patience)
        for item, result in zip(run, answer["results"], strict=True):
            if "response" not in result:
                raise Broken(f"refused: {result}")
            self._took(item, result["response"])

    def _release(self, item: Json) -> None:
        persistently(lambda: self.service["rita"].call(
            "OperationService/ReleaseOperation", requestId="rel-" + item["requestId"],
            id=self.operations[item["requestId"]], reason="chaos"), self.patience)

    # -- waiting ------------------------------------------------------------------------------

    def wait(self) -> dict[str, Json]:
        """All operations, once each is POSTED. Fails when one cannot go on, or when none has ended
        for as long as the patience lasts: how quick the machine is decides nothing."""
        end = time.monotonic() + self.patience
        shop, done = self.service["shop"], {}
        left = set(self.operations.values())
        while left:
            for operation_id in sorted(left):
                operation = persistently(lambda i=operation_id: shop.call(
                    "OperationService/GetOperation", id=i)["operation"], self.patience)
                if operation["state"] == "STATE_POSTED":
                    done[operation_id] = operation
                    left.discard(operation_id)
                    end = time.monotonic() + self.patience
                elif operation["state"] in ("STATE_EXCEPTION", "STATE_CANCELLED"):
                    raise Broken(f"{operation_id} is {operation['state']}: "
                                 f"{self._findings(operation)}")
                elif time.monotonic() < end:
                    time.sleep(0.05)
                    break
                else:
                    states = Counter(self._state(i) for i in left)
                    raise Broken(f"{len(left)} operations are not done: {dict(states)}")
        return done

    def _state(self, operation_id: str) -> str:
        operation = self.service["shop"].call("OperationService/GetOperation",
                                              id=operation_id)["operation"]
        return f"{operation['state']} {operation.get('parkReason', '')}".strip()

    def _findings(self, operation: Json) -> str:
        if not operation.get("exceptionId"):
            return ""
        case = self.service["shop"].call("ExceptionService/GetException",
                                         id=operation["exceptionId"])["exception"]
        return "; ".join(f"{f['reason']} {f.get('field', '')}: {f['message']}"
                         for f in case["findings"])
