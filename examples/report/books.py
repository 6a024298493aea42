# SPDX-License-Identifier: Apache-2.0
"""What kontor says about one entity, fetched through kontorctl and summed up for people.

Amounts are decimals from their text; nothing here passes through a binary floating point number.
"""
from __future__ import annotations

import dataclasses
import json
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

Json = dict[str, Any]
CALL_SECONDS = 120
PAGE = "500"
KINDS = {
    "KIND_CUSTOMER_INVOICE": "Customer invoices",
    "KIND_CUSTOMER_CREDIT_NOTE": "Credit notes to customers",
    "KIND_VENDOR_BILL": "Vendor bills",
    "KIND_VENDOR_CREDIT_NOTE": "Credit notes from vendors",
    "DIRECTION_INBOUND": "Payments received",
    "DIRECTION_OUTBOUND": "Payments made",
    "ENTRY": "Journal entries",
}
ROLES = {"accountant": "an accountant", "administrator": "an administrator",
         "operator": "an operator", "caller": "the sender"}


class Kontorctl:
    """Runs the command line as one person."""

    def __init__(self, program: str, endpoint: str, token_file: str) -> None:
        self._base = [program, "--endpoint", endpoint, "--token-file", token_file, "--json"]

    def call(self, *arguments: str) -> Json:
        done = subprocess.run([*self._base, *arguments], capture_output=True, text=True,
                              check=False, timeout=CALL_SECONDS)
        if done.returncode != 0:
            raise SystemExit(f"kontorctl {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def all(self, field: str, *arguments: str) -> Iterator[Json]:
        """All entries of a paged list."""
        token = ""
        while True:
            more = ("--page-token", token) if token else ()
            answer = self.call(*arguments, "--page-size", PAGE, *more)
            yield from answer.get(field, [])
            token = answer.get("nextPageToken", "")
            if not token:
                return


@dataclasses.dataclass
class Document:
    """One document as a finance person looks at it."""

    id: str
    kind: str
    state: str
    date: str
    partner: str
    reference: str
    currency: str
    asked: Decimal
    number: str = ""
    total: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    open: Decimal = Decimal(0)
    company_total: Decimal = Decimal(0)
    operation: str = ""

    @property
    def label(self) -> str:
        return KINDS.get(self.kind, self.kind)

    @property
    def posted(self) -> bool:
        return self.state == "POSTED"


@dataclasses.dataclass
class Row:
    """Documents of one kind and currency, counted and summed."""

    kind: str
    currency: str
    sent: int = 0
    posted: int = 0
    waiting: int = 0
    stopped: int = 0
    total: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    open: Decimal = Decimal(0)


@dataclasses.dataclass
class Case:
    """One exception in words."""

    id: str
    document: str
    what: str
    label: str
    partner: str
    findings: list[Json]
    owner: str
    actions: list[Json]


def amount(money: Json | None) -> Decimal:
    return Decimal(money["value"]) if money and money.get("value") else Decimal(0)


def state_of(document: Json) -> str:
    return str(document.get("state", "")).removeprefix("STATE_")


def _invoice(raw: Json, names: dict[str, str]) -> Document:
    booked = raw.get("booked", {})
    lines = sum((Decimal(line["quantity"]) * Decimal(line["unitPrice"])
                 for line in raw.get("lines", [])), Decimal(0))
    reference = raw.get("partner", {}).get("reference", "")
    return Document(
        raw["id"], raw["kind"], state_of(raw), raw.get("invoiceDate", ""),
        names.get(reference, reference), raw.get("reference", ""), raw["currencyCode"], lines,
        booked.get("name", ""), amount(booked.get("total")), amount(booked.get("tax")),
        amount(booked.get("residual")), amount(booked.get("companyTotal")),
        raw.get("operationId", ""))


def _payment(raw: Json, names: dict[str, str]) -> Document:
    booked = raw.get("booked", {})
    reference = raw.get("partner", {}).get("reference", "")
    money = raw["amount"]
    return Document(
        raw["id"], raw["direction"], state_of(raw), raw.get("date", ""),
        names.get(reference, reference), raw.get("memo", ""), money["currencyCode"], amount(money),
        booked.get("name", ""), amount(booked.get("amount")),
        operation=raw.get("operationId", ""))


def _entry(raw: Json, currency: str) -> Document:
    booked = raw.get("booked", {})
    debit = sum((Decimal(line["debit"]) for line in raw.get("lines", []) if line.get("debit")),
                Decimal(0))
    return Document(
        raw["id"], "ENTRY", state_of(raw), raw.get("date", ""), "", raw.get("reference", ""),
        currency, debit, booked.get("name", ""), amount(booked.get("total")),
        operation=raw.get("operationId", ""))


class Books:
    """Everything about one entity at one moment."""

    def __init__(self, kontor: Kontorctl, entity: str) -> None:
        one = ("--entity", entity)
        self.entity: Json = kontor.call("connection", "get-entity", entity)["entity"]
        self.currency: str = self.entity["currencyCode"]
        partners = list(kontor.all("partners", "partner", "list", *one))
        names = {p["reference"]: p["name"] for p in partners}
        self.partners = len(partners)
        self.documents = [
            *(_invoice(raw, names) for raw in kontor.all("invoices", "invoice", "list", *one)),
            *(_payment(raw, names) for raw in kontor.all("payments", "payment", "list", *one)),
            *(_entry(raw, self.currency)
              for raw in kontor.all("journalEntries", "journal-entry", "list", *one))]
        by_id = {document.id: document for document in self.documents}
        cases = [self._case(raw, by_id) for raw in kontor.all(
            "exceptions", "exception", "list", *one, "--state", "OPEN")]
        labels = list(KINDS.values())
        self.cases = sorted(cases, key=lambda case: (
            labels.index(case.label) if case.label in labels else len(labels), case.what))
        self.info = kontor.call("admin", "get-server-info")

    @staticmethod
    def _case(raw: Json, by_id: dict[str, Document]) -> Case:
        document = by_id.get(raw.get("subject", ""))
        what = document.reference if document else raw.get("subject", "")
        return Case(raw["id"], raw.get("subject", ""), what,
                    document.label if document else "", document.partner if document else "",
                    raw.get("findings", []), ROLES.get(raw.get("ownerRole", "").lower(),
                                                       raw.get("ownerRole", "")),
                    raw.get("actions", []))

    @property
    def posted(self) -> int:
        return sum(document.posted for document in self.documents)

    @property
    def held(self) -> list[Document]:
        return [document for document in self.documents if document.state == "HELD"]

    def rows(self) -> list[Row]:
        """Sums by kind and currency, in the order of KINDS; the entity's currency first."""
        rows: dict[tuple[str, str], Row] = {}
        for document in self.documents:
            row = rows.setdefault((document.kind, document.currency),
                                  Row(document.kind, document.currency))
            row.sent += 1
            row.posted += document.posted
            row.stopped += document.state == "EXCEPTION"
            row.waiting += document.state not in ("POSTED", "EXCEPTION", "CANCELLED")
            if document.posted:
                row.total += document.total
                row.tax += document.tax
                row.open += document.open
        order = list(KINDS)
        return sorted(rows.values(), key=lambda row: (order.index(row.kind),
                                                      row.currency != self.currency,
                                                      row.currency))


def spelled(value: Decimal) -> str:
    """1234567.80 → 1,234,567.80; nothing for zero."""
    return f"{value:,}" if value else ""
