# SPDX-License-Identifier: Apache-2.0
"""HTTP around a platform, with the faults that tests ask for under /_sim/."""
from __future__ import annotations

import json
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .platforms import Concur, Platform

Json = dict[str, Any]
BODY_MAX = 32 * 1024 * 1024
# throttle: 429 without effect. fail: 500 without effect. lose: the effect, and no answer.
# cut: neither. expire: all tokens die first. refuse: 422 without effect. item_failure: 200, and
# every item failed without effect. double: each entry of a list twice. shuffle: lists backwards.
KINDS = {"throttle", "fail", "lose", "cut", "expire", "refuse", "item_failure", "double",
         "shuffle"}


def doubled(answer: Any) -> Any:
    """Each entry of the lists twice, as a platform does that pages while it changes."""
    return {key: [entry for entry in value for _ in range(2)] if isinstance(value, list) else value
            for key, value in answer.items()} if isinstance(answer, dict) else answer


def shuffled(answer: Any) -> Any:
    """The same lists in another order, and the members of the answer too."""
    return {key: list(reversed(value)) if isinstance(value, list) else value
            for key, value in reversed(answer.items())} if isinstance(answer, dict) else answer


class Faults:
    """What goes wrong next, by a part of the path."""

    def __init__(self) -> None:
        self.steps: list[Json] = []

    def set(self, steps: list[Json]) -> None:
        for step in steps:
            if step.get("kind") not in KINDS:
                raise ValueError(f"unknown kind: {step.get('kind')}")
        self.steps = [{"times": 1, "path": "", **step} for step in steps]

    def take(self, path: str) -> str:
        for step in self.steps:
            if step["path"] in path:
                step["times"] -= 1
                if step["times"] <= 0:
                    self.steps.remove(step)
                return str(step["kind"])
        return ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    platform: Platform
    faults: Faults

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        return

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), BODY_MAX)
        body = self.rfile.read(length)
        parts = urlsplit(self.path)
        with self.platform.lock:
            if parts.path.startswith("/_sim/"):
                return self._answer(*self._control(parts.path, body))
            kind = self.faults.take(parts.path)
            if kind == "expire":
                self.platform.expire_tokens()
            if kind == "throttle":
                return self._answer(429, {"message": "slow down"}, {"Retry-After": "1"})
            if kind == "fail":
                return self._answer(500, {"message": "inner failure"})
            if kind == "refuse":
                return self._answer(422, {"message": "not like this"})
            if kind == "cut":
                return self._cut()
            headers = {name.lower(): value for name, value in self.headers.items()}
            if kind == "item_failure":
                return self._answer(*self.platform.fail_items(parts.path, body))
            answer = self.platform.handle(self.command, parts.path, parse_qs(parts.query),
                                          headers, body)
            if kind in ("double", "shuffle"):
                change = doubled if kind == "double" else shuffled
                answer = (answer[0], change(answer[1]))
        if kind == "lose":
            return self._cut()
        self._answer(*answer)

    def _control(self, path: str, body: bytes) -> tuple[int, Any]:
        told = json.loads(body) if body else {}
        if path == "/_sim/state":
            return 200, self.platform.state()
        if path == "/_sim/items":
            self.platform.add(told["items"])
            return 200, {}
        if path == "/_sim/faults":
            self.faults.set(told["faults"])
            return 200, {}
        if path == "/_sim/recall" and isinstance(self.platform, Concur):
            self.platform.recall_next |= set(told["ids"])
            return 200, {}
        if path == "/_sim/ready" and isinstance(self.platform, Concur):
            self.platform.approve_again(told["ids"])
            return 200, {}
        return 404, {}

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


def serve(platform: Platform, port: int) -> ThreadingHTTPServer:
    """A server that listens on loopback; the caller runs it."""
    handler = type("PlatformHandler", (Handler,), {"platform": platform, "faults": Faults()})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    return server
