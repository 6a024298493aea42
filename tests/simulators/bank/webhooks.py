# SPDX-License-Identifier: Apache-2.0
"""The bank's HTTP side: it takes signed payment orders, once each, and pushes what it has to say.

Both ways are Standard Webhooks: orders are signed by the client's secret, messages by the bank's.
"""
from __future__ import annotations

import hashlib
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from receiver import signatures

from .house import Bank
from .orders import Unreadable, read

ORDERS = "/orders"
TOLERANCE_SECONDS = 300
PUSH_SECONDS_MAX = 20.0
PAUSE_SECONDS, PAUSE_SECONDS_MAX = 0.2, 3.0
Answer = tuple[int, dict[str, Any]]


@dataclass
class Fault:
    """What becomes of the next orders: kept or not, and how that is answered."""
    take: bool = True
    status: int = 0          # 0: as it should be
    hang: float = 0.0        # seconds before the answer
    times: int = 1


@dataclass
class Message:
    """One message to the client; a repetition is the same request to the byte."""
    headers: dict[str, str]
    body: bytes
    status: int = 0
    answer: str = ""


class Webhooks:
    """Thread-safe; without `open` it takes and pushes nothing."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.keys = signatures.Keys()
        self.secret = b""
        self.url = ""
        self.orders: dict[str, str] = {}  # SHA-256 by message id
        self.requests: list[dict[str, Any]] = []
        self.messages: list[Message] = []
        self.faults: list[Fault] = []
        self.count = 0
        self.lock = threading.RLock()
        self.wake = threading.Condition(self.lock)
        self.waiting: list[Message] = []
        self.thread: threading.Thread | None = None

    def open(self, url: str, ours: str, banks: str) -> None:
        """From now on `ours` signs orders, and messages go to `url`, signed by `banks`."""
        with self.lock:
            self.keys = signatures.Keys()
            self.keys.add(ours)
            self.secret = signatures.decode_key(banks, signatures.SECRET_PREFIX)
            self.url = url
            self.bank.push = self.push
            if self.thread is None:
                self.thread = threading.Thread(target=self._push_all, daemon=True)
                self.thread.start()

    def fault(self, **facts: Any) -> None:
        with self.lock:
            self.faults.append(Fault(**facts))

    # Orders come in.

    def take(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        verdict = signatures.check(self.keys, headers, body, TOLERANCE_SECONDS)
        with self.lock:
            self.requests.append({"method": method, "path": path, "verified": verdict.ok,
                                  "id": headers.get("webhook-id", ""),
                                  "sha256": hashlib.sha256(body).hexdigest()})
        if not verdict.ok:
            return 401, {"message": verdict.problem}
        if method == "GET":
            return self._tell(path.removeprefix(ORDERS + "/"))
        fault = self._fault()
        status, answer = self._order(headers, body) if fault.take else (503, {})
        time.sleep(fault.hang)
        return (fault.status, {}) if fault.status else (status, answer)

    def _fault(self) -> Fault:
        with self.lock:
            if not self.faults:
                return Fault()
            fault = self.faults[0]
            fault.times -= 1
            if fault.times <= 0:
                self.faults.pop(0)
            return fault

    def _tell(self, message_id: str) -> Answer:
        with self.lock:
            known = self.orders.get(message_id)
        if known is None:
            return 404, {"message_id": message_id, "state": "NOT_RECEIVED"}
        return 200, {"message_id": message_id, "sha256": known, "state": "RECEIVED"}

    def _order(self, headers: Mapping[str, str], body: bytes) -> Answer:
        message_id, digest = headers["webhook-id"], hashlib.sha256(body).hexdigest()
        try:
            order = read(body)
        except Unreadable as error:
            return 422, {"message": str(error)}
        if order.message_id != message_id:
            return 422, {"message": "the order has another message id"}
        with self.lock:
            known = self.orders.setdefault(message_id, digest)
            fresh = known == digest and not any(
                taken.get("message_id") == message_id for taken in self.bank.taken)
            if fresh:
                self.bank.order(headers.get("kontor-file-name", message_id), body)
        answer = {"message_id": message_id, "sha256": known}
        return (200, answer) if known == digest else (409, answer)

    # Messages go out.

    def push(self, kind: str, data: bytes) -> None:
        with self.lock:
            self.count += 1
            identity = f"msg_{kind}_{self.bank.today.strftime('%y%m%d')}_{self.count}"
            stamp = int(time.time())
            message = Message({
                "Content-Type": "application/xml", "webhook-id": identity,
                "webhook-timestamp": str(stamp),
                "webhook-signature": signatures.sign_v1(self.secret, identity, stamp, data)}, data)
            self.messages.append(message)
            self.waiting.append(message)
            self.wake.notify()

    def _send(self, message: Message) -> int:
        request = urllib.request.Request(self.url, data=message.body, headers=message.headers)
        try:
            with urllib.request.urlopen(request, timeout=PUSH_SECONDS_MAX) as answer:
                message.status, message.answer = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            message.status, message.answer = error.code, error.read().decode(errors="replace")
        except OSError as error:
            message.status, message.answer = 0, repr(error)
        return message.status

    def _push_all(self) -> None:
        """In order, each until it is taken."""
        while True:
            with self.lock:
                while not self.waiting:
                    self.wake.wait()
                message = self.waiting[0]
            pause = PAUSE_SECONDS
            while not 200 <= self._send(message) < 300:
                time.sleep(pause)
                pause = min(pause * 2, PAUSE_SECONDS_MAX)
            with self.lock:
                self.waiting.pop(0)

    def push_again(self, index: int = -1) -> dict[str, Any]:
        """The same request once more, to the byte; its answer."""
        message = self.messages[index]
        copy = Message(message.headers, message.body)
        self._send(copy)
        return {"status": copy.status, "answer": copy.answer}

    def state(self) -> dict[str, Any]:
        with self.lock:
            return {"requests": self.requests, "waiting": len(self.waiting),
                    "orders": self.orders,
                    "messages": [{"id": m.headers["webhook-id"], "status": m.status,
                                  "answer": m.answer} for m in self.messages]}
