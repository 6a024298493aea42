#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy that fails connections on purpose: refused, cut, delayed, or by chance with a seed.

    python3 tests/simulators/tcp_proxy.py --target 127.0.0.1:8069

Prints one JSON line with its two ports. Works on bytes; knows no protocol above TCP.
"""
from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import signal
import socket
import struct
import sys
from dataclasses import dataclass, field
from typing import Any

CHUNK = 65536
MODES = ("pass", "refuse", "cut_request", "cut_before_response", "cut_in_response", "delay",
         "hang")
KEYS = {"mode", "bytes", "seconds", "probability", "seed", "times", "mix", "reset"}


class BadMode(ValueError):
    """Settings that the proxy does not understand."""


@dataclass
class Settings:
    """What happens to the next connections."""

    mode: str = "pass"
    bytes: int = 100
    seconds: float = 0.0
    probability: float = 1.0
    times: int = 0
    reset: bool = True
    mix: list[dict[str, Any]] = field(default_factory=list)


def parse(data: dict[str, Any]) -> Settings:
    unknown = set(data) - KEYS
    if unknown:
        raise BadMode(f"unknown keys: {', '.join(sorted(unknown))}")
    made = Settings(**{k: v for k, v in data.items() if k != "seed"})
    for mode in [made.mode, *(item.get("mode", "") for item in made.mix)]:
        if mode not in MODES:
            raise BadMode(f"unknown mode {mode!r}; known: {', '.join(MODES)}")
    if not 0.0 <= made.probability <= 1.0:
        raise BadMode("probability must lie between 0 and 1")
    if any(item["mode"] == "refuse" for item in made.mix):
        raise BadMode("refuse closes the port and cannot be part of a mix")
    return made


class Proxy:
    """Accepts, decides what shall happen to the connection, and lets it happen."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self.target = (host, int(port))
        self.settings = Settings()
        self.dice = random.Random(0)
        self.used = 0
        self.stats: dict[str, int] = {"connections": 0, "request_bytes": 0, "response_bytes": 0}
        self.server: asyncio.Server | None = None
        self.port = 0
        self.open: set[asyncio.Task[None]] = set()

    async def listen(self, port: int) -> None:
        self.server = await asyncio.start_server(self.accept, "127.0.0.1", port, backlog=256)
        self.port = self.server.sockets[0].getsockname()[1]

    async def apply(self, data: dict[str, Any]) -> None:
        """Takes new settings; `refuse` closes the port, anything else opens it again."""
        settings = parse(data)
        if "seed" in data:
            self.dice = random.Random(int(data["seed"]))
        self.settings, self.used = settings, 0
        if settings.mode == "refuse" and self.server is not None:
            self.server.close()
            self.server = None
        elif settings.mode != "refuse" and self.server is None:
            await self.listen(self.port)

    def decide(self) -> Settings:
        """The settings of one connection."""
        current = self.settings
        if current.times and self.used >= current.times:
            return Settings()
        if self.dice.random() >= current.probability:
            return Settings()
        if current.mix:
            weights = [float(item.get("weight", 1)) for item in current.mix]
            item = self.dice.choices(current.mix, weights)[0]
            current = Settings(**{k: v for k, v in item.items() if k != "weight"})
        if current.mode != "pass":
            self.used += 1
        return current

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self.open.add(task)
            task.add_done_callback(self.open.discard)
        self.stats["connections"] += 1
        plan = self.decide()
        self.stats[plan.mode] = self.stats.get(plan.mode, 0) + 1
        try:
            await self.carry(plan, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            _close(writer, plan.reset and plan.mode != "pass")

    async def carry(self, plan: Settings, reader: asyncio.StreamReader,
                    writer: asyncio.StreamWriter) -> None:
        if plan.mode == "hang":
            await asyncio.sleep(plan.seconds or 3600)
            return
        up_reader, up_writer = await asyncio.open_connection(*self.target)
        try:
            sending = asyncio.create_task(self.requests(plan, reader, up_writer))
            receiving = asyncio.create_task(self.responses(plan, up_reader, writer))
            done, waiting = await asyncio.wait({sending, receiving},
                                               return_when=asyncio.FIRST_COMPLETED)
            if sending in done and not sending.result():
                await asyncio.wait({receiving})
            for task in waiting:
                task.cancel()
        finally:
            _close(up_writer, False)

    async def requests(self, plan: Settings, reader: asyncio.StreamReader,
                       upstream: asyncio.StreamWriter) -> bool:
        """Client to server; True when the connection must end here."""
        left = plan.bytes if plan.mode == "cut_request" else -1
        while data := await reader.read(CHUNK):
            if left >= 0:
                data, left = data[:left], left - len(data)
            self.stats["request_bytes"] += len(data)
            upstream.write(data)
            await upstream.drain()
            if left <= 0 and plan.mode == "cut_request":
                return True
        with contextlib.suppress(OSError):
            upstream.write_eof()
        return False

    async def responses(self, plan: Settings, upstream: asyncio.StreamReader,
                        writer: asyncio.StreamWriter) -> None:
        left = plan.bytes if plan.mode == "cut_in_response" else -1
        first = True
        while data := await upstream.read(CHUNK):
            if plan.mode == "cut_before_response":
                return
            if first and plan.mode == "delay":
                await asyncio.sleep(plan.seconds)
            first = False
            if left >= 0:
                data, left = data[:left], left - len(data)
            self.stats["response_bytes"] += len(data)
            writer.write(data)
            await writer.drain()
            if left <= 0 and plan.mode == "cut_in_response":
                return


def _close(writer: asyncio.StreamWriter, reset: bool) -> None:
    sock = writer.get_extra_info("socket")
    if reset and sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


class Control:
    """The HTTP side: POST /_sim/mode, GET /_sim/stats, POST /_sim/reset."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).decode("latin-1")
            method, path, _ = head.split(" ", 2)
            length = 0
            for line in head.split("\r\n"):
                name, _, value = line.partition(":")
                if name.lower() == "content-length":
                    length = int(value)
            body = await asyncio.wait_for(reader.readexactly(length), 10)
            status, answer = await self.answer(method, path, body)
            data = json.dumps(answer).encode()
            writer.write(f"HTTP/1.0 {status}\r\nContent-Type: application/json\r\nContent-Length: "
                         f"{len(data)}\r\nConnection: close\r\n\r\n".encode() + data)
            await writer.drain()
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def answer(self, method: str, path: str, body: bytes) -> tuple[str, Any]:
        if method == "GET" and path == "/_sim/stats":
            return "200 OK", {**self.proxy.stats, "mode": self.proxy.settings.mode,
                              "used": self.proxy.used}
        if method == "POST" and path == "/_sim/reset":
            await self.proxy.apply({"mode": "pass"})
            self.proxy.stats = {"connections": 0, "request_bytes": 0, "response_bytes": 0}
            return "200 OK", self.proxy.stats
        if method == "POST" and path == "/_sim/mode":
            try:
                await self.proxy.apply(json.loads(body))
            except (ValueError, TypeError) as error:
                return "400 Bad Request", {"error": str(error)}
            return "200 OK", {"mode": self.proxy.settings.mode}
        return "404 Not Found", {"error": f"nothing at {method} {path}"}


async def run(options: argparse.Namespace) -> None:
    proxy = Proxy(options.target)
    await proxy.listen(options.listen)
    control = await asyncio.start_server(Control(proxy).serve, "127.0.0.1", options.control)
    port = control.sockets[0].getsockname()[1]
    print(json.dumps({"listen": f"127.0.0.1:{proxy.port}", "port": proxy.port,
                      "url": f"http://127.0.0.1:{proxy.port}",
                      "control": f"http://127.0.0.1:{port}"}), flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    for task in list(proxy.open):
        task.cancel()


def main() -> int:
    parser = argparse.ArgumentParser(description="A TCP proxy that fails on purpose.")
    parser.add_argument("--listen", type=int, default=0,
                        help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--control", type=int, default=0, help="port of the control interface")
    parser.add_argument("--target", required=True, metavar="HOST:PORT")
    asyncio.run(run(parser.parse_args()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
