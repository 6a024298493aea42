# SPDX-License-Identifier: Apache-2.0
"""Clients that others wrote call the service: @connectrpc/connect in Node.js, and `buf curl`.

tests/setup/node_tools.sh installs both into build/node-tools; without them the tests are skipped.
"""
from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
from typing import Any

from ..harness import documents as doc
from ..harness.api import request_id
from ..harness.case import Case
from ..harness.processes import ROOT, build_dir

CLIENT = ROOT / "tests" / "e2e" / "connect" / "client.mjs"
CALL_SECONDS = 120
EXIT_UNAUTHENTICATED = 128  # of buf: eight times the gRPC code


class Clients(Case):

    def tools(self) -> pathlib.Path:
        """Where the Node packages are."""
        folder = build_dir() / "node-tools"
        if not (folder / "installed.lock").exists() or shutil.which("node") is None:
            self.skipTest("SKIPPED: no Connect client and no buf; tests/setup/node_tools.sh")
        return folder

    def descriptors(self) -> str:
        return str(build_dir() / "proto" / "kontor_v1.binpb")

    def address(self, port: str) -> str:
        return f"http://127.0.0.1:{self.service.kontord.ports[port]}"

    # -- @connectrpc/connect --------------------------------------------------------------------

    def test_a_connect_client_calls_over_json_and_over_grpc(self) -> None:
        folder, asked = self.tools(), doc.invoice()
        settings = {"http": self.address("http_port"), "grpc": self.address("grpc_port"),
                    "token": self.shop.token, "descriptors": self.descriptors(),
                    "create": {"requestId": request_id(), "invoice": asked}}
        shutil.copy(CLIENT, folder)
        done = subprocess.run(["node", str(folder / CLIENT.name)], input=json.dumps(settings),
                              capture_output=True, text=True, timeout=CALL_SECONDS, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        told: dict[str, Any] = json.loads(done.stdout)
        self.assertEqual(told["name"], "shop")
        self.assertEqual(len(told["ids"]), 1, told["ids"])
        operation = self.settled(told["operation"], "POSTED", "EXCEPTION")
        self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))
        self.assertEqual(len(self.odoo.moves([["ref", "=", asked["reference"]]])), 1)
        self.assertRegex(told["total"], r"^\d+\.\d\d$")
        self.assertEqual((told["reused"]["code"], told["reused"]["reason"]),
                         ("AlreadyExists", "REQUEST_ID_REUSED"))
        refused = {name: (error["code"], error["reason"])
                   for name, error in told["refused"].items()}
        self.assertEqual(refused["without_token"][0], "Unauthenticated")
        self.assertEqual(refused["not_there"], ("NotFound", "NOT_FOUND"))
        self.assertEqual(refused["not_allowed"][0], "PermissionDenied")
        self.assertEqual(refused["no_document"][0], "InvalidArgument")
        self.assertEqual(told["events"], [1, 2])

    # -- buf curl -------------------------------------------------------------------------------

    def curl(self, method: str, body: Any, *more: str,
             port: str = "http_port") -> subprocess.CompletedProcess[str]:
        buf = self.tools() / "node_modules" / ".bin" / "buf"
        return subprocess.run(
            [str(buf), "curl", "--data", json.dumps(body), *more,
             f"{self.address(port)}/kontor.v1.{method}"],
            capture_output=True, text=True, timeout=CALL_SECONDS, check=False)

    def test_buf_curl_calls_over_the_connect_protocol(self) -> None:
        how = ("--schema", self.descriptors(), "--protocol", "connect")
        signed = ("--header", f"Authorization: Bearer {self.shop.token}")
        done = self.curl("AdminService/WhoAmI", {}, *how, *signed)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["principal"]["name"], "shop")
        asked = doc.invoice()
        done = self.curl("InvoiceService/CreateInvoice",
                         {"requestId": request_id(), "invoice": asked, "wait": "50s"},
                         *how, *signed)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.posted(json.loads(done.stdout))
        done = self.curl("AdminService/WhoAmI", {}, *how)
        self.assertEqual(done.returncode, EXIT_UNAUTHENTICATED, done.stderr)
        self.assertIn("unauthenticated", done.stderr)

    def test_buf_curl_finds_the_contract_by_reflection_and_calls_over_grpc(self) -> None:
        signed = ("--header", f"Authorization: Bearer {self.shop.token}",
                  "--reflect-header", f"Authorization: Bearer {self.shop.token}")
        done = self.curl("AdminService/WhoAmI", {}, "--protocol", "grpc",
                         "--http2-prior-knowledge", *signed, port="grpc_port")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["principal"]["name"], "shop")
