#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays an employee's expense platform: approved reports go to kontor as signed webhooks, each of
them twice and out of order, as platforms do; then it looks what it was told.

    python3 examples/quickstart/expense.py send HOOK-URL SECRET-FILE
    python3 examples/quickstart/expense.py told PLATFORM-URL COUNT SECONDS
"""
from __future__ import annotations

import datetime
import hashlib
import hmac
import json
import pathlib
import random
import sys
import time
import urllib.request
from typing import Any

Json = dict[str, Any]
HTTP_SECONDS = 20.0
# Who, what, day of the month before today, gross in cents, input tax in cents, who paid.
TRIPS = [
    ("Anke Adler", "Train to Kiel", 3, 8925, 1425, "own"),
    ("Bodo Berg", "Hotel in Lübeck, two nights", 5, 21400, 1400, "own"),
    ("Cora Claasen", "Dinner with a customer", 6, 15470, 2470, "own"),
    ("Anke Adler", "Taxi to the fair", 9, 2354, 154, "own"),
]


def reports() -> list[Json]:
    today = datetime.date.today()
    out = []
    for number, (who, what, back, gross, tax, paid) in enumerate(TRIPS, 1):
        day = (today - datetime.timedelta(days=back)).isoformat()
        key = hashlib.sha256(who.encode()).hexdigest()[:6]
        out.append({"event": "report.approved", "event_id": f"evt-{number}", "report": {
            "number": f"TRIP-{today:%y%m}-{number:03}", "version": 1, "purpose": what,
            "approved_at": f"{today}T08:00:00Z", "currency": "EUR", "sum": gross,
            "owner": {"id": key, "mail": f"{key}@demo.example", "name": who},
            "approved_by": {"id": "boss", "name": "Birte Boss"},
            "items": [{"id": "1", "day": day, "what": what, "kind": "travel", "gross": gross,
                       "paid_with": paid,
                       "vat": {"code": "V19" if tax * 119 == gross * 19 else "", "sum": tax}}]}})
    for message in out:
        vat = message["report"]["items"][0]["vat"]
        if not vat["code"]:
            message["report"]["items"][0]["vat"] = {}
    return out


def send(url: str, secret: str) -> None:
    messages = reports() * 2
    random.Random(7).shuffle(messages)
    fresh = again = 0
    for message in messages:
        body = json.dumps(message).encode()
        stamp = str(int(time.time()))
        mac = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        request = urllib.request.Request(url, data=body, headers={
            "Content-Type": "application/json", "X-Timestamp": stamp,
            "X-Signature": "sha256=" + mac})
        with urllib.request.urlopen(request, timeout=HTTP_SECONDS) as answer:
            told = json.load(answer)
        again += told["duplicate"]
        fresh += not told["duplicate"]
    print(f"       {fresh} reports sent as signed webhooks, {again} of them twice: "
          "the second time kontor said so")


def told(url: str, count: int, seconds: float) -> None:
    end = time.monotonic() + seconds
    while True:
        with urllib.request.urlopen(url + "/_sim/state", timeout=HTTP_SECONDS) as answer:
            receipts = json.load(answer)["receipts"]
        if len(receipts) >= count:
            break
        if time.monotonic() > end:
            raise SystemExit(f"the platform was told of {len(receipts)} of {count} reports")
        time.sleep(0.1)
    for receipt in sorted(receipts, key=lambda r: r["external_id"]):
        numbers = ", ".join(document["number"] for document in receipt["documents"])
        print(f"       {receipt['external_id']}  {receipt['event']:10}  {numbers}")
    if len(receipts) != count:
        raise SystemExit(f"{len(receipts)} receipts for {count} reports")


def main() -> int:
    if sys.argv[1] == "send":
        send(sys.argv[2], pathlib.Path(sys.argv[3]).read_text("utf-8").strip())
    else:
        told(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
