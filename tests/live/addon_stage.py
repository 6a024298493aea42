# SPDX-License-Identifier: Apache-2.0
"""A kontord that works for a real Odoo, and a line between them that loses what a test names.

Unlike the proxy of the chaos ring it reads the calls, so that one document's call is lost and its
neighbour's is not.
"""

from __future__ import annotations

import http.client
import http.server
import pathlib
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable
from typing import Any

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from e2e.harness.api import request_id  # noqa: E402
from e2e.harness.odoo import Eyes  # noqa: E402
from e2e.harness.world import Service  # noqa: E402

PATIENCE_SECONDS = 240.0
LOOK_SECONDS = 0.25
FORWARD_SECONDS = 180
SETTINGS = {"engine.catalogue_ttl": "1s", "engine.poll_interval": "1s",
            "engine.probe_first": "300ms", "engine.probe_max": "1s", "engine.retry_first": "300ms",
            "engine.retry_max": "1s", "engine.park_check": "300ms",
            "limits.calls_per_second": "1000", "limits.calls_burst": "1000"}
Json = dict[str, Any]


class NotYet(AssertionError):
    """Something did not come about in time; the text says what."""


def until(what: str, look: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    """Looks until the answer is true, and answers it. Errors: NotYet."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(LOOK_SECONDS)
    raise NotYet(f"after {seconds:.0f} s still not: {what}")


class Line:
    """Forwards HTTP calls to Odoo, one thread a call, unless `lose` says what becomes of one.

    `lose(text)` gets path and body of each call and answers "" (forward it), "before" (it never
    arrives), "after" (it arrives, its answer does not) or "late" (it arrives at `deliver()`).
    """

    def __init__(self, target: str, lose: Callable[[str], str]) -> None:
        parts = urllib.parse.urlsplit(target)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._lose = lose
        self._late: list[tuple[str, bytes, dict[str, str]]] = []
        line = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """One connection, one call."""

            def do_GET(self) -> None:
                line._take(self, b"")

            def do_POST(self) -> None:
                line._take(self, self.rfile.read(int(self.headers.get("Content-Length") or 0)))

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _take(self, handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
        fate = self._lose(handler.path + " " + body.decode("utf-8", errors="replace"))
        call = (handler.path, body, {name: value for name, value in handler.headers.items()
                                     if name.lower() not in ("host", "connection")})
        if fate == "late":
            self._late.append(call)
        if fate in ("before", "late"):
            return  # closing without an answer
        status, headers, answer = self._forward(*call)
        if fate == "after":
            return
        handler.send_response(status)
        for name, value in headers:
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer)))
        handler.end_headers()
        handler.wfile.write(answer)

    def _forward(self, path: str, body: bytes, headers: dict[str, str]) -> Any:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=FORWARD_SECONDS)
        try:
            connection.request("POST" if body else "GET", path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def deliver(self) -> list[int]:
        """Lets what was held back arrive now; answers its HTTP states."""
        calls, self._late = self._late, []
        return [self._forward(*call)[0] for call in calls]

    def close(self) -> None:
        """Takes no more calls."""
        self._server.shutdown()
        self._server.server_close()


class Stage:
    """A kontord of a test's own on a prepared Odoo, and the eyes that look at the books."""

    def __init__(self, folder: pathlib.Path, target: Json, transport: str, url: str = "") -> None:
        self.service = Service(folder, target, transport, SETTINGS)
        self.service.cast("shop", "otto", "karl")
        self.service.connect("main", url=url or target["url"])
        self.service.entity("de", "main")
        self.eyes = Eyes(target)

    def hand_over(self, document: Json, wait: str = "50s") -> Json:
        """Hands an invoice or bill over; answers its operation."""
        return self.service["shop"].call(
            "InvoiceService/CreateInvoice", requestId=request_id(), invoice=document, wait=wait,
        )["operation"]

    def operation(self, operation_id: str) -> Json:
        """The operation as it is now."""
        return self.service["shop"].call(
            "OperationService/GetOperation", id=operation_id)["operation"]

    def settled(self, operation_id: str, *states: str) -> Json:
        """The operation once it is in one of the states."""
        wanted = ["STATE_" + state for state in states]

        def look() -> Json | None:
            operation = self.operation(operation_id)
            return operation if operation["state"] in wanted else None

        return until(f"{operation_id} is {' or '.join(states)}", look)

    def suspended(self) -> str:
        """Why kontord has suspended the connection; "" while it has not."""
        found = self.service["anna"].call("ConnectionService/GetConnection", name="main")
        return found["connection"].get("suspendReason", "")

    def stands_once(self, document: Json, operation: Json) -> bool:
        """Whether the books have the document once, posted, under kontor's external id."""
        found = self.eyes.moves([["ref", "=", document["reference"]]])
        return [(move["state"], move["id"]) for move in found] == [
            ("posted", self.eyes.id_of(operation["externalId"]))]

    def stop(self) -> None:
        """Ends kontord."""
        self.service.stop()
