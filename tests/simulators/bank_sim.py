#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays a bank that is reached through folders (or through an SFTP server over the same folders),
or by signed webhooks.

    python3 tests/simulators/bank_sim.py --folder DIR --account DE89370400440532013000 --port 0

Takes pain.001 from DIR/outbox, answers into DIR/inbox. Prints one JSON line when it runs. Control
is under /_sim/; README.md has it, and the amounts that make the bank misbehave.
"""
from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bank.house import Bank  # noqa: E402
from bank.openpgp import Envelope  # noqa: E402
from bank.webhooks import ORDERS, Webhooks  # noqa: E402

FORMATS = ("camt053", "camt054", "mt940")


def actions(bank: Bank, webhooks: Webhooks) -> dict[str, Any]:
    return {
        "take": lambda _: bank.take(),
        "close_day": lambda _: bank.close_day(),
        "skip_day": lambda _: bank.skip_day(),
        "intraday": lambda _: bank.intraday(),
        "receive": lambda body: bank.receive(**body),
        "repeat": lambda body: bank.repeat(**body),
        "answer_again": lambda body: bank.answer_again(**body),
        "ledger": lambda _: bank.ledger(),
        "open_account": lambda body: bank.open_account(**body),
        "state": lambda _: bank.state(),
        "open_webhooks": lambda body: webhooks.open(**body),
        "fault": lambda body: webhooks.fault(**body),
        "push_again": lambda body: webhooks.push_again(**body),
        "webhooks": lambda _: webhooks.state(),
    }


def handler(bank: Bank, webhooks: Webhooks) -> type[BaseHTTPRequestHandler]:
    class Control(BaseHTTPRequestHandler):
        def answer(self, status: int, value: Any) -> None:
            data = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def run(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            if self.path == ORDERS or self.path.startswith(ORDERS + "/"):
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.answer(*webhooks.take(self.command, self.path, headers,
                                           self.rfile.read(size)))
                return
            action = actions(bank, webhooks).get(self.path.removeprefix("/_sim/"))
            if action is None:
                self.answer(404, {"error": "no such action"})
                return
            try:
                value = action(json.loads(self.rfile.read(size) or b"{}"))
            except (KeyError, TypeError, ValueError, ArithmeticError) as error:
                self.answer(400, {"error": repr(error)})
                return
            self.answer(200, {"ok": True} if value is None else value)

        do_GET = do_POST = run

        def log_message(self, *_: Any) -> None:
            pass

    return Control


def main() -> int:
    parser = argparse.ArgumentParser(description="A bank for tests.")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--account", action="append", default=[], help="IBAN[:CURRENCY[:BALANCE]]")
    parser.add_argument("--formats", default="camt053", help=f"of {', '.join(FORMATS)}")
    parser.add_argument("--today", type=date.fromisoformat, default=date.today())
    parser.add_argument("--poll", type=float, default=0.2, help="seconds; 0: only when told")
    parser.add_argument("--acknowledge", action="store_true", help="write DIR/acknowledgements")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--openpgp", nargs=3, metavar=("GNUPGHOME", "BANK", "CLIENT"),
                        help="files are sealed: keys, and whose is whose")
    options = parser.parse_args()
    formats = options.formats.split(",")
    if unknown := set(formats) - set(FORMATS):
        parser.error(f"no such format: {', '.join(sorted(unknown))}")
    folder = options.folder.resolve()
    bank = Bank(folder / "outbox", folder / "inbox",
                folder / "acknowledgements" if options.acknowledge else None, formats,
                options.today)
    if options.openpgp:
        home, ours, client = options.openpgp
        bank.envelope = Envelope(Path(home), ours, client)
    for account in options.account:
        iban, currency, balance = (account.split(":") + ["EUR", "100000.00"])[:3] \
            if account.count(":") == 0 else (account.split(":") + ["100000.00"])[:3]
        bank.open_account(iban, currency, balance)
    server = ThreadingHTTPServer(("127.0.0.1", options.port), handler(bank, Webhooks(bank)))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    print(json.dumps({"url": f"http://127.0.0.1:{port}", "port": port, "folder": str(folder)}),
          flush=True)
    while not stop.wait(options.poll or None):
        bank.take()
    server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
