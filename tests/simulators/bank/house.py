# SPDX-License-Identifier: Apache-2.0
"""The bank itself: accounts, what it does with orders, and what it puts into the client's inbox."""
from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from . import messages
from .messages import Detail, Entry, Statement
from .openpgp import SUFFIX, Envelope
from .orders import Batch, Order, Transfer, Unreadable, read

# What stands behind the point of a transfer's amount says what the bank does with it.
REJECTED, RETURNED, LATE, DUPLICATE, EARLY, REISSUED, TRUNCATED, SILENT = range(11, 19)
REASONS = {REJECTED: "AC01", RETURNED: "AC04"}


@dataclass
class Account:
    iban: str
    currency: str
    balance: Decimal
    number: int = 0
    today: list[Entry] = field(default_factory=list)
    later: list[tuple[int, Entry]] = field(default_factory=list)  # days from now, booking
    issued: list[Statement] = field(default_factory=list)


class Bank:
    """Thread-safe. `outbox` is the client's: what the client puts there, the bank takes."""

    def __init__(self, outbox: Path, inbox: Path, acknowledgements: Path | None,
                 formats: list[str], today: date) -> None:
        self.outbox, self.inbox, self.acknowledgements = outbox, inbox, acknowledgements
        self.formats, self.today = formats, today
        self.accounts: dict[str, Account] = {}
        self.taken: list[dict[str, Any]] = []
        self.waiting: list[tuple[str, bytes]] = []  # held back until the day is closed
        self.answers: dict[str, dict[str, Any]] = {}  # by message id, to be given again
        self.seen: set[str] = set()
        self.push: Callable[[str, bytes], None] | None = None  # else files go into the inbox
        self.envelope: Envelope | None = None  # else files go and come as they are
        self.count = 0
        self.lock = threading.RLock()
        for folder in (outbox, inbox, *([acknowledgements] if acknowledgements else [])):
            folder.mkdir(parents=True, exist_ok=True)

    def open_account(self, iban: str, currency: str, balance: str) -> None:
        with self.lock:
            self.accounts[iban] = Account(iban, currency, Decimal(balance))

    # Taking orders.

    def take(self) -> int:
        """Takes what lies in the outbox; hidden and unfinished files are not there yet."""
        with self.lock:
            names = sorted(path for path in self.outbox.iterdir()
                           if path.is_file() and not path.name.startswith(".")
                           and path.suffix != ".tmp")
            for path in names:
                data = path.read_bytes()
                path.unlink()
                self._acknowledge(path.name)
                self._order(path.name, data if self.envelope is None else self.envelope.open(data))
            return len(names)

    def order(self, name: str, data: bytes) -> None:
        """Takes an order that did not come by the outbox."""
        with self.lock:
            self._order(name, data)

    def _acknowledge(self, name: str) -> None:
        if self.acknowledgements is not None:
            self._put(self.acknowledgements, name + ".ack", b"OK\n")

    def _order(self, name: str, data: bytes) -> None:
        record: dict[str, Any] = {"file": name, "sha256": hashlib.sha256(data).hexdigest()}
        self.taken.append(record)
        try:
            order = read(data)
        except Unreadable as error:
            record["error"] = str(error)
            return
        record.update(message_id=order.message_id, transfers=len(order.transfers),
                      sum=str(sum(t.amount for t in order.transfers)),
                      payments=[{"end_to_end_id": t.end_to_end_id, "amount": str(t.amount),
                                 "account": t.account} for t in order.transfers])
        if order.message_id in self.seen:
            record["duplicate"] = True
            self._status(order, "RJCT", {}, "DU01")
            return
        self.seen.add(order.message_id)
        behaviours = {t.cents for t in order.transfers}
        if SILENT in behaviours:
            return
        for batch in order.batches:
            self._execute(order, batch)
        rejected = [t for t in order.transfers if t.cents == REJECTED]
        group = "ACSP" if not rejected else "PART"
        if len(rejected) == len(order.transfers):
            group = "RJCT"
        self._status(order, group, {t.end_to_end_id: REASONS[REJECTED] for t in rejected}, "",
                     held=EARLY in behaviours, twice=DUPLICATE in behaviours)

    def _status(self, order: Order, group: str, rejected: dict[str, str], reason: str,
                held: bool = False, twice: bool = False) -> None:
        batches = [(batch.payment_information_id,
                    [(t.end_to_end_id,
                      "RJCT" if reason or t.end_to_end_id in rejected else "ACSP",
                      reason or rejected.get(t.end_to_end_id, "")) for t in batch.transfers])
                   for batch in order.batches]
        facts = {"order_id": order.message_id, "order_name": order.name, "group": group,
                 "batches": batches}
        if not reason:
            self.answers[order.message_id] = facts
        data = messages.pain002(self._next("STS"), **facts, day=self.today)
        if held:
            self.waiting.append(("pain002", data))
            return
        self._deliver("pain002", data)
        if twice:
            self._deliver("pain002", data)

    def _execute(self, order: Order, batch: Batch) -> None:
        account = self.accounts.get(batch.account)
        if account is None:
            return
        good = [t for t in batch.transfers if t.cents != REJECTED]
        now = [t for t in good if t.cents != LATE]
        if batch.batch_booking and len(now) > 1:
            self._book(account, order, batch, now, 0)
        else:
            for transfer in now:
                self._book(account, order, batch, [transfer], 0)
        for transfer in good:
            if transfer.cents == LATE:
                self._book(account, order, batch, [transfer], 1)
            if transfer.cents == RETURNED:
                account.later.append((1, self._returned(order, batch, transfer)))

    def _detail(self, order: Order, batch: Batch, transfer: Transfer) -> Detail:
        return Detail(transfer.amount, transfer.end_to_end_id, order.message_id,
                      batch.payment_information_id, transfer.name, transfer.account,
                      transfer.text)

    def _book(self, account: Account, order: Order, batch: Batch, transfers: list[Transfer],
              days: int) -> None:
        entry = Entry(-sum((t.amount for t in transfers), Decimal(0)), self.today,
                      self._next("BK"), [self._detail(order, batch, t) for t in transfers],
                      batch.payment_information_id if len(transfers) > 1 else "")
        if days:
            account.later.append((days, entry))
        else:
            account.today.append(entry)

    def _returned(self, order: Order, batch: Batch, transfer: Transfer) -> Entry:
        detail = self._detail(order, batch, transfer)
        detail.return_reason = REASONS[RETURNED]
        return Entry(transfer.amount, self.today, self._next("RT"), [detail])

    def receive(self, iban: str, amount: str, **facts: str) -> None:
        """Money comes in from outside."""
        with self.lock:
            value = Decimal(amount)
            self.accounts[iban].today.append(
                Entry(value, self.today, self._next("BK"), [Detail(abs(value), **facts)]))

    # Telling of it.

    def intraday(self) -> None:
        """A report within the day: what is booked so far."""
        with self.lock:
            for account in self.accounts.values():
                statement = self._statement(account, account.number)
                self._deliver("camt052", messages.camt("camt.052", statement, self._next("RPT")))

    def close_day(self) -> None:
        """Books, tells of the day in every format, and begins the next one."""
        with self.lock:
            for account in self.accounts.values():
                self._close(account)
            for kind, data in self.waiting:
                self._deliver(kind, data)
            self.waiting.clear()
            self.today += timedelta(days=1)
            for account in self.accounts.values():
                self._begin(account)

    def _begin(self, account: Account) -> None:
        still = []
        for days, entry in account.later:
            if days > 1:
                still.append((days - 1, entry))
            else:
                entry.day = self.today
                account.today.append(entry)
        account.later = still

    def _statement(self, account: Account, number: int) -> Statement:
        name = f"{account.iban[-6:]}{self.today.strftime('%y%m%d')}"
        return Statement(account.iban, account.currency, number, self.today, account.balance,
                         list(account.today), name)

    def _close(self, account: Account) -> None:
        account.number += 1
        statement = self._statement(account, account.number)
        account.issued.append(statement)
        account.balance = statement.closing
        cents = {int(d.amount * 100) % 100 for e in statement.entries for d in e.details}
        account.today = []
        if statement.entries and "camt054" in self.formats:
            self._deliver("camt054", messages.camt("camt.054", statement, self._next("NTF")))
        for kind in ("camt053", "mt940"):
            if kind not in self.formats:
                continue
            data = self._written(kind, statement)
            if TRUNCATED in cents:
                self._deliver(kind, data[:len(data) * 2 // 3])
            self._deliver(kind, data)
            if DUPLICATE in cents:
                self._deliver(kind, data)
            if REISSUED in cents and kind == "camt053":
                # The same statement in a new message, with a text mended.
                for entry in statement.entries:
                    for detail in entry.details:
                        detail.text = (detail.text + " corrected").strip()
                self._deliver(kind, self._written(kind, statement))

    def _written(self, kind: str, statement: Statement) -> bytes:
        if kind == "mt940":
            return messages.mt940(statement)
        return messages.camt("camt.053", statement, self._next("STM"))

    def repeat(self, iban: str, index: int = -1) -> None:
        """Sends an old statement once more, in a new file."""
        with self.lock:
            self._deliver("camt053", self._written("camt053", self.accounts[iban].issued[index]))

    def answer_again(self, message_id: str) -> None:
        """Sends the status of an order once more, in a new message."""
        with self.lock:
            self._deliver("pain002", messages.pain002(
                self._next("STS"), **self.answers[message_id], day=self.today))

    def skip_day(self) -> None:
        """Closes a day whose statement gets lost on the way."""
        with self.lock:
            formats, self.formats = self.formats, []
            self.close_day()
            self.formats = formats

    def _next(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.today.strftime('%y%m%d')}{self.count:05d}"

    def _deliver(self, kind: str, data: bytes) -> None:
        if self.push is not None:
            self.push(kind, data)
            return
        ending = "sta" if kind == "mt940" else "xml"
        name = f"{self._next(kind)}.{ending}"
        if self.envelope is None:
            self._put(self.inbox, name, data)
        else:
            self._put(self.inbox, name + SUFFIX, self.envelope.seal(data))

    @staticmethod
    def _put(folder: Path, name: str, data: bytes) -> None:
        """Whole or not at all, as a bank with manners does."""
        hidden = folder / f".{name}.tmp"
        hidden.write_bytes(data)
        os.rename(hidden, folder / name)

    def ledger(self) -> dict[str, Any]:
        """What it took and what it booked, payment by payment, days that are closed."""
        with self.lock:
            booked = [{"end_to_end_id": detail.end_to_end_id, "amount": str(detail.amount),
                       "debit": entry.amount < 0, "reference": entry.reference,
                       "day": entry.day.isoformat()}
                      for account in self.accounts.values() for statement in account.issued
                      for entry in statement.entries for detail in entry.details]
            return {"taken": self.taken, "booked": booked}

    def state(self) -> dict[str, Any]:
        with self.lock:
            return {"today": self.today.isoformat(), "taken": self.taken,
                    "answered": sorted(self.answers),
                    "accounts": [{"iban": a.iban, "balance": str(a.balance), "number": a.number,
                                  "open": len(a.today) + len(a.later)}
                                 for a in self.accounts.values()]}
