# SPDX-License-Identifier: Apache-2.0
"""The HTTP side: routes, one answer a connection (HTTP/1.0, like prefork workers), faults.

Listens on loopback only. Parsing and running calls is in transports.py.
"""
from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from . import control, rpc, transports
from .app import Simulator
from .errors import AccessDenied, SerializationFailure
from .faults import Rule
from .transports import Call, Reply

BODY_LIMIT = 128 * 1024 * 1024
SOCKET_TIMEOUT = 120.0
BAD_GATEWAY = ("<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 "
               "Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n")
TOO_MANY = ("<html>\r\n<head><title>429 Too Many Requests</title></head>\r\n<body>\r\n<center><h1>"
            "429 Too Many Requests</h1></center>\r\n</body>\r\n</html>\r\n")
SERVER_ERROR = ("<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>"
                "Internal Server Error</h1>\n<p>The server encountered an internal error and was "
                "unable to complete your request.</p>\n")


class Cut(Exception):
    """The connection ends without an answer."""


class Server(ThreadingHTTPServer):
    """Threads that end with the process; a deep queue for bursts."""

    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(self, sim: Simulator, port: int) -> None:
        self.sim = sim
        super().__init__(("127.0.0.1", port), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, (ConnectionError, TimeoutError)):
            traceback.print_exc()


class Handler(BaseHTTPRequestHandler):
    """One request, one answer, connection closed."""

    server: Server
    protocol_version = "HTTP/1.0"
    server_version = "Werkzeug/2.2.2"
    sys_version = "Python/3.11.2"
    timeout = SOCKET_TIMEOUT

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are kept in the call log, not printed."""

    # -- plumbing -------------------------------------------------------------------------------

    def body(self) -> bytes:
        if (self.headers.get("Transfer-Encoding") or "").lower() == "chunked":
            return self.chunks()
        length = int(self.headers.get("Content-Length") or 0)
        if length > BODY_LIMIT:
            raise Cut
        data = self.rfile.read(length)
        if len(data) < length:
            raise Cut
        return data

    def chunks(self) -> bytes:
        parts: list[bytes] = []
        total = 0
        while True:
            size = int(self.rfile.readline(64).split(b";")[0] or b"0", 16)
            data = self.rfile.read(size)
            self.rfile.readline(8)
            total += len(data)
            if not size:
                return b"".join(parts)
            if len(data) < size or total > BODY_LIMIT:
                raise Cut
            parts.append(data)

    def answer(self, reply: Reply, half: bool = False) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            return
        if half:
            self.wfile.write(reply.body[:max(1, len(reply.body) // 2)])
            self.wfile.flush()
            raise Cut
        self.wfile.write(reply.body)

    def drop(self, reset: bool = False) -> None:
        """Ends the connection at once, with RST when asked."""
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    # -- routes ---------------------------------------------------------------------------------

    def do_GET(self) -> None:
        sim = self.server.sim
        path = urlsplit(self.path).path
        if path.startswith("/_sim/"):
            self.answer(control.get(sim, self.path))
        elif path == "/web/health":
            self.answer(transports.json_reply({"status": "pass"}))
        elif path in ("/web/version", "/json/version") and sim.series >= 19:
            info = rpc.version_info(sim)
            self.answer(transports.json_reply({"version_info": info["server_version_info"],
                                               "version": info["server_version"]}))
        elif path in ("/", "/web/login"):
            self.answer(transports.html_reply(200, "<!DOCTYPE html>\n<html><head><title>Odoo"
                                              "</title></head><body></body></html>\n"))
        else:
            self.answer(transports.html_reply(404, transports.NOT_FOUND))

    do_HEAD = do_GET

    def do_DELETE(self) -> None:
        self.answer(control.delete(self.server.sim, self.path))

    def do_POST(self) -> None:
        sim = self.server.sim
        path = urlsplit(self.path).path
        try:
            if path.startswith("/_sim/"):
                self.answer(control.post(sim, path, self.body()))
                return
            sim.arrive()
            data = self.body()
            call = self.parse(sim, path, data)
            if isinstance(call, Reply):
                self.answer(call)
                return
            self.serve(sim, call)
        except Cut:
            self.drop()

    def parse(self, sim: Simulator, path: str, data: bytes) -> Call | Reply:
        if path.startswith("/xmlrpc/"):
            try:
                return transports.parse_xml(path, data)
            except transports.BuiltinErrorNamed as error:
                return transports.xml_fault(sim, error)
        if path == "/jsonrpc":
            return transports.parse_jsonrpc(sim, self.headers.get("Content-Type") or "", data)
        if path.startswith("/json/2/"):
            return transports.parse_json2(sim, path, self.headers, data)
        return transports.html_reply(404, transports.NOT_FOUND)

    # -- running --------------------------------------------------------------------------------

    def serve(self, sim: Simulator, call: Call) -> None:
        rule = sim.faults.pick(call.transport, call.model, call.method)
        entry = {"number": _next(sim), "at": sim.wall().isoformat(timespec="milliseconds"),
                 "transport": call.transport, "model": call.model, "method": call.method,
                 "fault": rule.action if rule else None, "status": None}
        sim.log.append(entry)
        if sim.slow_ms:
            time.sleep(sim.slow_ms / 1000)
        if rule is None:
            reply = run(sim, call, self.client_address[0])
            entry["status"] = reply.status
            self.answer(reply)
            return
        self.fail(sim, call, rule, entry)

    def fail(self, sim: Simulator, call: Call, rule: Rule, entry: dict[str, Any]) -> None:
        """Carries out a fault rule."""
        address = self.client_address[0]
        action = rule.action
        if action == "cut_before":
            time.sleep(rule.seconds)
            self.drop(rule.reset)
            return
        if action == "late":
            threading.Thread(target=_run_late, daemon=True,
                             args=(sim, call, address, rule.seconds, entry)).start()
            self.drop(rule.reset)
            return
        if action == "delay":
            time.sleep(rule.seconds)
        if action in ("cut_after", "cut_middle", "delay") or rule.after:
            reply = run(sim, call, address)
            entry["status"] = reply.status
            if action == "cut_after":
                time.sleep(rule.seconds)
                self.drop(rule.reset)
                return
            if action in ("cut_middle", "delay"):
                self.answer(reply, half=action == "cut_middle")
                return
        reply = refusal(sim, call, rule)
        entry["status"] = reply.status
        self.answer(reply)


def _next(sim: Simulator) -> int:
    with sim.lock:
        sim.calls += 1
        return sim.calls


def _run_late(sim: Simulator, call: Call, address: str, seconds: float,
              entry: dict[str, Any]) -> None:
    """A call whose caller gave up: it runs later, stamped with when it began."""
    early = sim.wall()
    time.sleep(seconds)
    sim.arrive(early)
    entry["status"] = run(sim, call, address).status


def run(sim: Simulator, call: Call, address: str) -> Reply:
    if call.transport == "xmlrpc":
        return transports.run_xml(sim, call, address)
    if call.transport == "jsonrpc":
        return transports.run_jsonrpc(sim, call, address)
    return transports.run_json2(sim, call)


def refusal(sim: Simulator, call: Call, rule: Rule) -> Reply:
    """The answer of a fault that answers something."""
    if rule.action == "http_502":
        return transports.html_reply(502, BAD_GATEWAY)
    if rule.action == "rate_limit_429":
        return transports.html_reply(429, TOO_MANY,
                                     {"Retry-After": str(max(1, int(rule.seconds or 1)))})
    if rule.action == "html_error":
        return transports.html_reply(500, SERVER_ERROR)
    if rule.action == "access_denied":
        return _error(sim, call, AccessDenied())
    if call.method == "load":
        message = {"rows": {"from": 0, "to": max(0, len(_rows(call)) - 1)}, "record": 0,
                   "type": "error", "message": SerializationFailure().message}
        return _result(sim, call, {"ids": False, "messages": [message], "nextrow": 0})
    return _error(sim, call, SerializationFailure())


def _rows(call: Call) -> list[Any]:
    """The data rows of a load, however its arguments came."""
    if call.transport == "json2":
        return list(call.body.get("data") or [])
    named = call.args[6] if len(call.args) > 6 else {}
    positional = call.args[5] if len(call.args) > 5 else []
    return list(named.get("data") or (positional[1] if len(positional) > 1 else []))


def _result(sim: Simulator, call: Call, result: Any) -> Reply:
    if call.transport == "xmlrpc":
        return transports.xml_reply(sim, result)
    if call.transport == "jsonrpc":
        return transports.json_reply({"jsonrpc": "2.0", "id": call.request_id, "result": result})
    return transports.json_reply(result)


def _error(sim: Simulator, call: Call, error: Any) -> Reply:
    if call.transport == "xmlrpc":
        return transports.xml_fault(sim, error)
    if call.transport == "jsonrpc":
        return transports.json_reply({"jsonrpc": "2.0", "id": call.request_id, "error": {
            "code": 0 if sim.series >= 19 else 200, "message": "Odoo Server Error",
            "data": transports.error_data(error, sim.series)}})
    return transports.json2_error(error)
