#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays a subscriber: verifies Standard Webhooks, answers challenges, records, fails when told.

    python3 tests/simulators/webhook_receiver.py --secret whsec_... --port 0

Prints one JSON line when it listens. Control is under /_sim/, deliveries are taken anywhere else.
"""
from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import signal
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent))

from receiver.signatures import BadKey, Keys, check  # noqa: E402

CHALLENGE = "endpoint.challenge"
BODY_LIMIT = 32 * 1024 * 1024
STEP_KEYS = {"status", "times", "retry_after", "hang", "down", "cut", "slow", "location", "path",
             "body", "challenge"}


class BadPlan(ValueError):
    """A step that the receiver does not understand."""


class Recorder:
    """Everything the receiver was sent and everything it was told to do."""

    def __init__(self, keys: Keys, tolerance: int, require: str) -> None:
        self.lock = threading.Lock()
        self.keys = keys
        self.tolerance = tolerance
        self.require = require
        self.deliveries: list[dict[str, Any]] = []
        self.plan: list[dict[str, Any]] = []
        self.keep = True
        self.count = 0

    def set_plan(self, steps: list[dict[str, Any]]) -> None:
        for step in steps:
            unknown = set(step) - STEP_KEYS
            if unknown:
                raise BadPlan(f"unknown keys: {', '.join(sorted(unknown))}")
        with self.lock:
            self.plan = [{"times": 1, **step} for step in steps]

    def step(self, path: str, challenge: bool) -> dict[str, Any]:
        """The step for this delivery; without one it is simply accepted."""
        with self.lock:
            for step in self.plan:
                if step.get("path") not in (None, path) or \
                        bool(step.get("challenge")) != challenge:
                    continue
                if step["times"] == 0:
                    return step
                step["times"] -= 1
                if step["times"] == 0:
                    self.plan.remove(step)
                return step
        return {}

    def record(self, entry: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            self.count += 1
            entry["number"] = self.count
            if self.keep:
                self.deliveries.append(entry)
        return entry

    def clear(self) -> None:
        with self.lock:
            self.deliveries.clear()
            self.plan.clear()
            self.count = 0

    def listing(self, query: dict[str, str]) -> list[dict[str, Any]]:
        with self.lock:
            found = [d for d in self.deliveries if d["number"] > int(query.get("after", 0))]
        for name in ("type", "path", "id"):
            if name in query:
                found = [d for d in found if d.get(name) == query[name]]
        if query.get("accepted"):
            found = [d for d in found if d["status"] and 200 <= d["status"] < 300]
        return found[:int(query.get("limit", len(found) or 1))]

    def summary(self, query: dict[str, str]) -> dict[str, Any]:
        """Counts, ids with differing content, and steps backwards per subject."""
        with self.lock:
            rows = [d for d in self.deliveries if d.get("type") != CHALLENGE]
        accepted = [d for d in rows if d["status"] and 200 <= d["status"] < 300]
        digests: dict[str, set[str]] = {}
        for row in rows:
            digests.setdefault(row["id"], set()).add(row["sha256"])
        subject, sequence = query.get("subject", "subject"), query.get("sequence", "sequence")
        last: dict[str, Any] = {}
        backwards = []
        seen: set[str] = set()
        for row in accepted:
            key, number = _dig(row["body"], subject), _dig(row["body"], sequence)
            if row["id"] not in seen and key is not None and number is not None:
                if str(key) in last and number <= last[str(key)]:
                    backwards.append(row["id"])
                last[str(key)] = number
            seen.add(row["id"])
        types: dict[str, int] = {}
        for row in accepted:
            types[str(row["type"])] = types.get(str(row["type"]), 0) + 1
        return {"received": len(rows), "accepted": len(accepted), "unique": len(digests),
                "unverified": sum(1 for r in rows if not r["verified"]), "types": types,
                "repeated": len(accepted) - len({r["id"] for r in accepted}),
                "differing": sorted(i for i, d in digests.items() if len(d) > 1),
                "backwards": backwards}


def _dig(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return json.dumps(value, sort_keys=True) if isinstance(value, dict) else value


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, recorder: Recorder) -> None:
        self.recorder = recorder
        super().__init__(("127.0.0.1", port), Handler)


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 60.0
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        """Deliveries are recorded, not printed."""

    def reply(self, status: int, payload: Any, headers: dict[str, str] | None = None) -> None:
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def drop(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def read_body(self) -> bytes:
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(min(length, BODY_LIMIT))

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        recorder = self.server.recorder
        if parts.path == "/_sim/deliveries":
            self.reply(200, recorder.listing(query))
        elif parts.path == "/_sim/summary":
            self.reply(200, recorder.summary(query))
        else:
            self.reply(404, {"error": f"nothing at {parts.path}"})

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        body = self.read_body()
        if path.startswith("/_sim/"):
            self.control(path, body)
        else:
            self.take(path, body)

    def control(self, path: str, body: bytes) -> None:
        recorder = self.server.recorder
        try:
            data = json.loads(body) if body.strip() else {}
            if path == "/_sim/plan":
                recorder.set_plan(data if isinstance(data, list) else [data])
            elif path == "/_sim/reset":
                recorder.clear()
            elif path == "/_sim/keys":
                keys = Keys()
                for text in data.get("keys", []):
                    keys.add(text)
                keys.add_jwks(data.get("jwks") or {})
                recorder.keys = keys
                recorder.require = data.get("require", recorder.require)
                recorder.tolerance = int(data.get("tolerance", recorder.tolerance))
            else:
                self.reply(404, {"error": f"nothing at {path}"})
                return
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            self.reply(400, {"error": f"{type(error).__name__}: {error}"})
            return
        self.reply(200, {"done": path.rpartition("/")[2]})

    def take(self, path: str, body: bytes) -> None:
        """One delivery: verify, record, then do what the plan says."""
        recorder = self.server.recorder
        headers = {k.lower(): v for k, v in self.headers.items()}
        verdict = check(recorder.keys, headers, body, recorder.tolerance)
        try:
            content = json.loads(body)
        except ValueError:
            content = None
        kind = content.get("type") if isinstance(content, dict) else None
        verified = verdict.ok and recorder.require in ("any", *verdict.valid)
        step = recorder.step(path, kind == CHALLENGE)
        entry = recorder.record({
            "id": headers.get("webhook-id", ""), "type": kind, "path": path,
            "at": time.time(), "headers": headers, "body": content,
            "sha256": hashlib.sha256(body).hexdigest(), "verified": verified,
            "schemes": verdict.valid, "problem": verdict.problem, "status": None})
        if step.get("down") or step.get("cut"):
            self.drop()
            return
        time.sleep(float(step.get("hang") or step.get("slow") or 0))
        if step.get("hang"):
            self.drop()
            return
        self.finish_delivery(entry, step, content, kind)

    def finish_delivery(self, entry: dict[str, Any], step: dict[str, Any], content: Any,
                        kind: Any) -> None:
        status, payload = 200, {"received": entry["number"]}
        headers: dict[str, str] = {}
        if not entry["verified"]:
            status, payload = 401, {"error": entry["problem"] or "another scheme is required"}
        elif kind == CHALLENGE:
            wanted = step.get("challenge")
            payload = {"challenge": content.get("challenge") if wanted in (None, True) else wanted}
        if "status" in step:
            status = int(step["status"])
        if "retry_after" in step:
            headers["Retry-After"] = str(step["retry_after"])
        if "location" in step:
            headers["Location"] = str(step["location"])
        entry["status"] = status
        self.reply(status, step.get("body", payload), headers)


def main() -> int:
    parser = argparse.ArgumentParser(description="A webhook receiver for tests.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--secret", action="append", default=[], metavar="whsec_… or whpk_…",
                        help="accepted key; repeat it while keys rotate")
    parser.add_argument("--require", choices=("any", "v1", "v1a"), default="any")
    parser.add_argument("--tolerance", type=int, default=300,
                        help="seconds a timestamp may be off; 0 accepts any")
    parser.add_argument("--no-record", action="store_true", help="count only, for measurements")
    options = parser.parse_args()
    keys = Keys()
    try:
        for text in options.secret:
            keys.add(text)
    except BadKey as error:
        parser.error(str(error))
    recorder = Recorder(keys, options.tolerance, options.require)
    recorder.keep = not options.no_record
    server = Server(options.port, recorder)

    def stop(*_: object) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    port = server.server_address[1]
    print(json.dumps({"url": f"http://127.0.0.1:{port}", "port": port}), flush=True)
    server.serve_forever(poll_interval=0.2)
    server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
