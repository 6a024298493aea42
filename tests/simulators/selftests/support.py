# SPDX-License-Identifier: Apache-2.0
"""Starts simulators for a test and speaks to them over all three transports."""
from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
import unittest
import xmlrpc.client
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent.parent
CTX = {"mode": "update", "noupdate": True}
PATIENCE = 10.0
COLUMNS = ["id", "move_type", "journal_id/.id", "partner_id/.id", "invoice_date", "date",
           "currency_id/.id", "ref", "invoice_line_ids/name", "invoice_line_ids/quantity",
           "invoice_line_ids/price_unit", "invoice_line_ids/account_id/.id",
           "invoice_line_ids/tax_ids/.id"]


class Dropped(Exception):
    """The connection ended without a whole answer."""


class Refused(Exception):
    """An error answer: its class or fault code, and its text."""

    def __init__(self, kind: Any, text: str) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind = kind
        self.text = text


def http_call(url: str, method: str, path: str, body: bytes = b"",
              headers: dict[str, str] | None = None, timeout: float = PATIENCE
              ) -> tuple[int, dict[str, str], bytes]:
    """One request on its own connection; Dropped when the answer is not whole."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    except (OSError, http.client.HTTPException) as error:
        raise Dropped(repr(error)) from error
    finally:
        connection.close()


def control(url: str, path: str, data: Any = None) -> Any:
    """A request to a simulator's /_sim/ interface; an error answer raises Refused."""
    method = "GET" if data is None else "POST"
    body = b"" if data is None else json.dumps(data).encode()
    status, _, answer = http_call(url, method, path, body)
    value = json.loads(answer)
    if status >= 400:
        raise Refused(status, str(value.get("error")))
    return value


def until(condition: Callable[[], bool], patience: float = PATIENCE) -> bool:
    """Polls for a condition that another process makes true."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


class Program:
    """A simulator process with its ready line."""

    def __init__(self, script: str, *arguments: str) -> None:
        self.process = subprocess.Popen([sys.executable, "-B", str(HERE / script), *arguments],
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.ready: dict[str, Any] = json.loads(self.process.stdout.readline())

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()


class Client:
    """Calls a model method as the bot (or another login) over one transport."""

    def __init__(self, ready: dict[str, Any], transport: str, login: str = "",
                 url: str = "") -> None:
        self.url = url or ready["url"]
        self.database = ready["db"]
        self.transport = transport
        login = login or ready["login"]
        self.key = ready["api_keys"][login]
        self.uid = 0
        if transport != "json2":
            self.uid = self._service("common", "authenticate", [self.database, login, self.key, {}])

    def _service(self, service: str, method: str, args: list[Any]) -> Any:
        if self.transport == "xmlrpc":
            body = xmlrpc.client.dumps(tuple(args), method).encode()
            status, headers, answer = http_call(self.url, "POST", f"/xmlrpc/2/{service}", body,
                                                {"Content-Type": "text/xml"})
            if status != 200:
                raise Refused(status, answer.decode())
            try:
                return xmlrpc.client.loads(answer)[0][0]
            except xmlrpc.client.Fault as fault:
                raise Refused(fault.faultCode, fault.faultString) from None
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "id": 7, "params": {
            "service": service, "method": method, "args": args}}).encode()
        status, headers, answer = http_call(self.url, "POST", "/jsonrpc", body,
                                            {"Content-Type": "application/json"})
        if status != 200:
            raise Refused(status, answer.decode())
        value = json.loads(answer)
        if "error" in value:
            raise Refused(value["error"]["data"]["name"], value["error"]["data"]["message"])
        return value.get("result")

    def __call__(self, model: str, method: str, *args: Any, **named: Any) -> Any:
        if self.transport != "json2":
            return self._service("object", "execute_kw",
                                 [self.database, self.uid, self.key, model, method, list(args),
                                  named])
        status, _, answer = http_call(
            self.url, "POST", f"/json/2/{model}/{method}", json.dumps(named).encode(),
            {"Content-Type": "application/json", "Authorization": f"bearer {self.key}",
             "X-Odoo-Database": self.database})
        if status != 200:
            try:
                value = json.loads(answer)
            except ValueError:
                raise Refused(status, answer.decode()) from None
            raise Refused(value["name"], value["message"])
        return json.loads(answer)

    def load(self, fields: list[str], data: list[list[str]], model: str = "account.move") -> Any:
        return self(model, "load", fields=fields, data=data, context=CTX)

    def post(self, ids: list[int], model: str = "account.move") -> Any:
        if self.transport == "json2":
            return self(model, "action_post", ids=ids)
        return self(model, "action_post", ids)

    def find(self, model: str, *domain: Any) -> int:
        found = self(model, "search", domain=[list(leaf) for leaf in domain])
        assert len(found) >= 1, (model, domain)
        return int(found[0])

    def read_one(self, model: str, row_id: int, *fields: str) -> dict[str, Any]:
        rows = self(model, "search_read", domain=[["id", "=", row_id]], fields=list(fields))
        assert len(rows) == 1, (model, row_id)
        return dict(rows[0])


class OdooCase(unittest.TestCase):
    """A test with a simulated Odoo of its own class, reset before each test."""

    series = "18.0"
    options: tuple[str, ...] = ()
    program: Program

    @classmethod
    def setUpClass(cls) -> None:
        cls.program = Program("odoo_sim.py", "--series", cls.series, *cls.options)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.program.stop()

    def setUp(self) -> None:
        self.sim("reset", {})
        self.ready = self.program.ready
        self.clients = {name: Client(self.ready, name) for name in self.ready["transports"]}
        self.client = self.clients["jsonrpc"]
        self.account = self.client.find("account.account", ["code", "=", "400000"])
        self.partner = self.client.find("res.partner", ["ref", "=", "C-1001"])
        self.journal = self.client.find("account.journal", ["code", "=", "INV"])
        self.tax = self.client.find("account.tax", ["name", "=", "19%"],
                                    ["type_tax_use", "=", "sale"])
        self.euro = self.client.find("res.currency", ["name", "=", "EUR"])

    def sim(self, what: str, data: Any = None) -> Any:
        return control(self.program.ready["url"], f"/_sim/{what}", data)

    def row(self, name: str, price: str = "10.01", **cells: str) -> list[str]:
        """One invoice of one line under the external id kontor.<name>."""
        row = [f"kontor.{name}", "out_invoice", str(self.journal), str(self.partner), "2026-01-10",
               "2026-01-10", str(self.euro), name, "Line", "1", price, str(self.account),
               str(self.tax)]
        for column, value in cells.items():
            row[COLUMNS.index(column)] = value
        return row

    def invoice(self, name: str, price: str = "10.01", post: bool = True) -> int:
        answer = self.client.load(COLUMNS, [self.row(name, price)])
        move = int(answer["ids"][0])
        if post:
            self.client.post([move])
        return move
