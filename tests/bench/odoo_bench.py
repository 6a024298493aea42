# SPDX-License-Identifier: Apache-2.0
"""Invoices of three lines created and posted in a real Odoo: a batch through kontor, against one
by one through odoorpc, and against one hand-written create([...]) and action_post.

All three on the same Odoo (two prefork workers) and the same database, in turn, round by round:

    tests/bench/odoo_bench.py --odoo-bin ~/odoo/18.0/odoo-bin

What kontor does beside creating and posting is in its time: acceptance on disk, the check against
master data, the comparison of the draft, the reading back. Prints rates and ratios; judges nothing.
Exit: 0 measured, 2 usage, 3 Odoo, PostgreSQL or kontord could not be had.
"""
from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT / "tests" / "live"), str(ROOT / "tests" / "e2e")]

import options  # noqa: E402
import rpc  # noqa: E402
import runner  # noqa: E402
from harness.api import request_id  # noqa: E402
from harness.world import Service  # noqa: E402

Json = dict[str, Any]
CUSTOMER, ACCOUNT, TAX, JOURNAL = "C-1001", "400000", "19%", "INV"
LINES = 3
BATCH_MAX = 500
POLL_SECONDS = 0.02
POSTED_SECONDS_MAX = 900
RPC_SECONDS_MAX = 900
VENV_SECONDS_MAX = 300


def say(text: str) -> None:
    print(text, flush=True)


def today() -> str:
    return datetime.date.today().isoformat()


def price_of(number: int, line: int) -> str:
    return f"{100 + (number * 7 + line) % 800}.{10 + (number + line) % 90}"


class ByHand:
    """What somebody writes who talks to Odoo without kontor: ids looked up once, values as
    `create` takes them."""

    def __init__(self, target: Json) -> None:
        self.target = target
        self.odoo = rpc.Odoo(target["url"], target["db"], target["login"], target["api_key"],
                             timeout=RPC_SECONDS_MAX)
        self._partner = self._id("res.partner", [["ref", "=", CUSTOMER]])
        self._account = self._id("account.account", [["code", "=", ACCOUNT]])
        self._tax = self._id("account.tax", [["name", "=", TAX], ["type_tax_use", "=", "sale"]])
        self._journal = self._id("account.journal", [["code", "=", JOURNAL]])

    def _id(self, model: str, domain: list[Any]) -> int:
        found = self.odoo.find(model, domain)
        assert found, f"no {model} {domain}"
        return found

    def invoices(self, first: int, count: int) -> list[Json]:
        return [self._invoice(number) for number in range(first, first + count)]

    def _invoice(self, number: int) -> Json:
        lines = [
            (0, 0, {"name": f"Consulting {number}/{line}", "quantity": line + 1,
                    "price_unit": float(price_of(number, line)), "account_id": self._account,
                    "tax_ids": [(6, 0, [self._tax])]})
            for line in range(LINES)
        ]
        return {"move_type": "out_invoice", "partner_id": self._partner,
                "journal_id": self._journal, "invoice_date": today(), "date": today(),
                "ref": f"H-{uuid.uuid4().hex[:12]}", "invoice_line_ids": lines}

    def batch(self, invoices: list[Json]) -> float:
        """One create([...]) and one action_post; seconds."""
        began = time.monotonic()
        ids = self.odoo.call("account.move", "create", invoices)
        self.odoo.call("account.move", "action_post", ids)
        return time.monotonic() - began

    def posted(self) -> int:
        return self.odoo.call("account.move", "search_count", [["state", "=", "posted"]])


class OneByOne:
    """odoorpc in a Python of its own."""

    def __init__(self, python: str, target: Json) -> None:
        self._python = python
        url = urlsplit(target["url"])
        self._facts = {"host": url.hostname, "port": url.port, "db": target["db"],
                       "login": target["login"], "password": target["api_key"]}

    def loop(self, invoices: list[Json]) -> float:
        done = subprocess.run(
            [self._python, str(HERE / "odoorpc_loop.py")], capture_output=True, text=True,
            input=json.dumps({**self._facts, "invoices": invoices}), timeout=RPC_SECONDS_MAX,
            check=False)
        if done.returncode != 0:
            raise RuntimeError(f"odoorpc: {done.stderr.strip()[-400:]}")
        return float(json.loads(done.stdout)["seconds"])


class ThroughKontor:
    """A kontord of its own; a batch is over when every operation has ended."""

    def __init__(self, folder: pathlib.Path, target: Json, transport: str,
                 settings: dict[str, str]) -> None:
        self.service = Service(folder, target, transport, settings)
        self.service.cast("shop")
        self.service.connect()
        self.service.entity()

    def requests(self, first: int, count: int) -> list[Json]:
        return [{"requestId": request_id("bench"), "invoice": self._invoice(number)}
                for number in range(first, first + count)]

    @staticmethod
    def _invoice(number: int) -> Json:
        lines = [
            {"description": f"Consulting {number}/{line}", "quantity": str(line + 1),
             "unitPrice": price_of(number, line), "accountCode": ACCOUNT, "taxNames": [TAX]}
            for line in range(LINES)
        ]
        return {"kind": "KIND_CUSTOMER_INVOICE", "entity": "de",
                "partner": {"reference": CUSTOMER}, "journalCode": JOURNAL,
                "invoiceDate": today(), "currencyCode": "EUR",
                "reference": f"K-{uuid.uuid4().hex[:12]}", "lines": lines}

    def batch(self, requests: list[Json]) -> float:
        """Accepted and posted; seconds."""
        began = time.monotonic()
        ids = []
        for at in range(0, len(requests), BATCH_MAX):
            answer = self.service["shop"].call("InvoiceService/BatchCreateInvoices",
                                               requests=requests[at:at + BATCH_MAX])
            ids += [item["response"]["operation"]["id"] for item in answer["results"]]
        while self._open() > 0:
            if time.monotonic() - began > POSTED_SECONDS_MAX:
                raise TimeoutError("kontor did not post all")
            time.sleep(POLL_SECONDS)
        seconds = time.monotonic() - began
        self._check(ids)
        return seconds

    def _open(self) -> int:
        info = self.service["shop"].call("AdminService/GetServerInfo")
        return sum(int(count) for count in info.get("openOperations", {}).values())

    def _check(self, ids: list[str]) -> None:
        for operation in ids:
            found = self.service["shop"].call("OperationService/GetOperation", id=operation)
            state = found["operation"]["state"]
            assert state == "STATE_POSTED", f"{operation} is {state}"

    def stop(self) -> None:
        self.service.stop()


@dataclass
class Rates:
    """Documents a second, a value a round."""

    one_by_one: list[float] = field(default_factory=list)
    by_hand: list[float] = field(default_factory=list)
    kontor: list[float] = field(default_factory=list)


def ratios(measured: list[float], baseline: list[float]) -> list[float]:
    return [a / b for a, b in zip(measured, baseline)]


def table(rates: Rates) -> str:
    """A row a round, then the medians, then the ratios with what is to be reached."""
    lines = ["| round  | odoorpc one by one /s | create+post by hand /s | kontor batch /s |",
             "| ------ | --------------------- | ---------------------- | --------------- |"]

    def row(name: str, one: float | None, hand: float, kontor: float) -> str:
        shown = "-" if one is None else f"{one:.2f}"
        return f"| {name:<6} | {shown:>21} | {hand:>22.2f} | {kontor:>15.2f} |"

    for number, (hand, kontor) in enumerate(zip(rates.by_hand, rates.kontor)):
        one = rates.one_by_one[number] if rates.one_by_one else None
        lines.append(row(str(number + 1), one, hand, kontor))
    median = statistics.median
    lines.append(row("median", median(rates.one_by_one) if rates.one_by_one else None,
                     median(rates.by_hand), median(rates.kontor)))
    lines.append("")
    if rates.one_by_one:
        lines.append("kontor against odoorpc one by one (baseline): "
                     f"{median(ratios(rates.kontor, rates.one_by_one)):.2f}x, to reach 3.0x")
    lines.append("kontor against create+post by hand (baseline): "
                 f"{median(ratios(rates.kontor, rates.by_hand)):.3f}, to reach 0.90")
    return "\n".join(lines)


def odoorpc_python(folder: pathlib.Path, python: str) -> str:
    """A Python that has odoorpc, made in `folder`; '' when it cannot be had."""
    venv = folder / "venv"
    steps = [[python, "-m", "venv", str(venv)],
             [str(venv / "bin" / "python"), "-m", "pip", "install", "-q", "odoorpc"]]
    for step in steps:
        try:
            done = subprocess.run(step, capture_output=True, text=True, timeout=VENV_SECONDS_MAX,
                                  check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            say(f"no odoorpc: {error}")
            return ""
        if done.returncode != 0:
            say(f"no odoorpc: {done.stderr.strip()[-300:]}")
            return ""
    return str(venv / "bin" / "python")


class Measurement:
    """Rounds on one prepared Odoo."""

    def __init__(self, asked: argparse.Namespace, folder: pathlib.Path, python: str) -> None:
        self._asked = asked
        self._folder = folder
        self._python = python
        self.rates = Rates()

    def run(self, transport: str, target: Json) -> None:
        settings = dict(text.split("=", 1) for text in self._asked.set)
        with contextlib.ExitStack() as stack:
            kontor = ThroughKontor(self._folder / "kontor", target, transport, settings)
            stack.callback(kontor.stop)
            hand = ByHand(target)
            one = OneByOne(self._python, target) if self._python else None
            # Odoo's caches and kontor's master data are warm on all three sides.
            kontor.batch(kontor.requests(0, self._asked.warm_up))
            hand.batch(hand.invoices(0, self._asked.warm_up))
            if one:
                one.loop(hand.invoices(0, 2))
            for number in range(self._asked.rounds):
                self._round(number, one, hand, kontor)

    def _round(self, number: int, one: OneByOne | None, hand: ByHand,
               kontor: ThroughKontor) -> None:
        asked = self._asked
        first = (number + 1) * 1000
        before = hand.posted()
        expected = 2 * asked.documents
        if one:
            seconds = one.loop(hand.invoices(first, asked.one_by_one))
            self.rates.one_by_one.append(asked.one_by_one / seconds)
            expected += asked.one_by_one
        # Who begins changes from round to round: what the first leaves behind burdens the second.
        order = [0, 1] if number % 2 == 0 else [1, 0]
        for side in order:
            if side == 0:
                seconds = hand.batch(hand.invoices(first, asked.documents))
                self.rates.by_hand.append(asked.documents / seconds)
            else:
                seconds = kontor.batch(kontor.requests(first, asked.documents))
                self.rates.kontor.append(asked.documents / seconds)
        posted = hand.posted() - before
        assert posted == expected, f"{posted} posted in Odoo, {expected} sent"
        say(f"round {number + 1}: by hand {self.rates.by_hand[-1]:.2f}/s, "
            f"kontor {self.rates.kontor[-1]:.2f}/s")


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--odoo-bin", required=True, metavar="PATH")
    parser.add_argument("--python", default="/usr/bin/python3",
                        help="the Python that has Odoo's packages (default: %(default)s)")
    parser.add_argument("--transport", default="jsonrpc", choices=options.TRANSPORTS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--documents", type=int, default=120, help="of a batch")
    parser.add_argument("--one-by-one", type=int, default=20, help="of an odoorpc loop")
    parser.add_argument("--warm-up", type=int, default=40, help="documents before the first round")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE",
                        help="configuration of kontord")
    parser.add_argument("--own-postgres", action="store_true", help="ignore PGHOST and friends")
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    asked = parse(argv)
    live = ["--odoo-bin", asked.odoo_bin, "--python", asked.python, "--transport",
            asked.transport]
    if asked.own_postgres:
        live.append("--own-postgres")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="kontor-odoo-bench-"))
    folder.chmod(0o711)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        try:
            measurement = Measurement(asked, folder, odoorpc_python(folder, asked.python))

            def measure(_asked: Any, _series: str, transport: str, target: Json,
                        _folder: pathlib.Path) -> list[Any]:
                measurement.run(transport, target)
                return []

            # The live runner prepares Odoo and cleans up; in place of the suites it runs this.
            runner.run_suites = measure
            runner.ScratchRun(options.parse(live), folder, stack).run()
        except options.UsageError as error:
            say(f"odoo_bench.py: {error}")
            return runner.EXIT_USAGE
        except runner.ENVIRONMENT_ERRORS as error:
            say(f"odoo_bench.py: {error}")
            return runner.EXIT_ENVIRONMENT
    load = os.getloadavg()[0]
    say(f"\nOdoo, {LINES}-line invoices created and posted, {asked.documents} a batch, "
        f"{asked.transport}, {os.cpu_count()} cores, load {load:.1f}")
    say(table(measurement.rates))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
