#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The small steps of quickstart.sh that a shell is bad at: JSON, HTTP and waiting with a bound.

Talks to kontord through kontorctl only, like everybody else; the exceptions are the simulated
Odoo, in which it plays the people who close a period and trust a vendor's account, and the
simulated bank, whose day it ends.
"""
from __future__ import annotations

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.request
from typing import Any

Json = dict[str, Any]
# States in which an operation still moves by itself.
MOVING = ("ACCEPTED", "READY", "SENDING", "RETRYING", "UNKNOWN", "PARKED")
HTTP_SECONDS = 20.0


def kontorctl(*arguments: str) -> Json:
    """Runs kontorctl as the person of the environment's token; answers its JSON."""
    done = subprocess.run([os.environ["KONTORCTL"], *arguments, "--json"], capture_output=True,
                          text=True, check=False, timeout=120)
    if done.returncode != 0:
        raise SystemExit(f"kontorctl {' '.join(arguments)}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def at(value: Any, path: list[str]) -> Any:
    """Follows keys and indexes."""
    for key in path:
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


def ready(file: pathlib.Path, pid: int, seconds: float) -> Json:
    """The JSON line that a program writes when it is ready; SystemExit when it ended or is late."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for line in file.read_text("utf-8").splitlines() if file.exists() else []:
            if line.startswith("{") and line.endswith("}"):
                return json.loads(line)
        if not pathlib.Path(f"/proc/{pid}").exists():
            raise SystemExit(f"process {pid} ended before it was ready; its words: {file}")
        time.sleep(0.05)
    raise SystemExit(f"{file} did not become ready in {seconds:.0f} s")


def ask(url: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=HTTP_SECONDS) as answer:
        return json.load(answer)


def moving() -> int:
    """Operations that are still on their way."""
    counts = kontorctl("admin", "get-server-info").get("openOperations", {})
    return sum(int(count) for state, count in counts.items()
               if state.removeprefix("STATE_") in MOVING)


def settle(seconds: float) -> int:
    """Waits until nothing moves by itself any more; answers how many still do."""
    end = time.monotonic() + seconds
    live = sys.stderr.isatty()
    while True:
        left = moving()
        if live:
            print(f"\r\x1b[K  on their way into Odoo: {left}", end="", file=sys.stderr, flush=True)
        if left == 0 or time.monotonic() > end:
            break
        time.sleep(0.25)
    if live:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    return left


def delivered(endpoint: str, seconds: float) -> int:
    """Waits until no event waits for the endpoint; answers how many still do."""
    end = time.monotonic() + seconds
    while True:
        answer = kontorctl("webhook", "get-endpoint", endpoint)
        left = int(answer["endpoint"].get("pendingCount", 0))
        if left == 0 or time.monotonic() > end:
            return left
        time.sleep(0.25)


def exception(reason: str) -> str:
    """The id of the open exception that has this reason; SystemExit when there is none."""
    for case in kontorctl("exception", "list", "--state", "OPEN").get("exceptions", []):
        if any(finding["reason"] == reason for finding in case.get("findings", [])):
            return str(case["id"])
    raise SystemExit(f"no open exception has the reason {reason}")


def trust(url: str, database: str, reference: str) -> None:
    """A person in Odoo allows payments to a vendor's bank accounts."""
    def call(service: str, method: str, *arguments: Any) -> Any:
        answer = ask(url + "/jsonrpc", {"jsonrpc": "2.0", "method": "call", "id": 1, "params": {
            "service": service, "method": method, "args": arguments}})
        if "error" in answer:
            raise SystemExit(f"Odoo: {answer['error']}")
        return answer["result"]

    user = call("common", "login", database, "admin", "admin")

    def execute(model: str, method: str, *arguments: Any) -> Any:
        return call("object", "execute_kw", database, user, "admin", model, method,
                    list(arguments))

    accounts = execute("res.partner.bank", "search", [["partner_id.ref", "=", reference]])
    execute("res.partner.bank", "write", accounts, {"allow_out_payment": True})


def order(identity: str, states: list[str], seconds: float) -> Json:
    """The payment order once it is in one of the states; SystemExit when it does not get there."""
    end = time.monotonic() + seconds
    while True:
        found = kontorctl("payment-order", "show", identity)["order"]
        if found["state"].removeprefix("STATE_") in states:
            return found
        if time.monotonic() > end:
            raise SystemExit(f"{identity} is {found['state']}: {found.get('findings')}")
        time.sleep(0.25)


def onboarded(channel: str, seconds: float) -> None:
    """Waits until a channel misses nothing but signatures; SystemExit when it does not."""
    end = time.monotonic() + seconds
    while True:
        points = kontorctl("bank", "get-onboarding", channel)["onboarding"]["points"]
        missing = [point["name"] for point in points if not point.get("done")]
        if missing == ["SIGNATURES"]:
            return
        if time.monotonic() > end:
            raise SystemExit(f"{channel} misses {', '.join(missing)}")
        time.sleep(0.25)


def main() -> int:
    parser = argparse.ArgumentParser(description="Steps of quickstart.sh.")
    steps = parser.add_subparsers(dest="step", required=True)
    step = steps.add_parser("at", help="print one value of the JSON on standard input")
    step.add_argument("path", nargs="+")
    step = steps.add_parser("ready", help="wait for a program's JSON line, print it")
    step.add_argument("file", type=pathlib.Path)
    step.add_argument("pid", type=int)
    step.add_argument("seconds", type=float)
    step = steps.add_parser("lock", help="close the simulated Odoo's books up to a date")
    step.add_argument("url")
    step.add_argument("date")
    step = steps.add_parser("trust", help="allow payments to a vendor in the simulated Odoo")
    step.add_argument("url")
    step.add_argument("database")
    step.add_argument("reference")
    step = steps.add_parser("order", help="wait for a payment order's state, print the order")
    step.add_argument("id")
    step.add_argument("states", help="separated by commas")
    step.add_argument("seconds", type=float)
    step = steps.add_parser("onboarded", help="wait until a channel misses signatures only")
    step.add_argument("channel")
    step.add_argument("seconds", type=float)
    step = steps.add_parser("close-day", help="end the simulated bank's day")
    step.add_argument("url")
    step = steps.add_parser("settle", help="wait until no operation moves by itself")
    step.add_argument("seconds", type=float)
    step = steps.add_parser("exception", help="print the id of the open exception with a reason")
    step.add_argument("reason")
    step = steps.add_parser("delivered", help="wait until an endpoint has all its events")
    step.add_argument("endpoint")
    step.add_argument("seconds", type=float)
    step = steps.add_parser("summary", help="print what the webhook receiver counted")
    step.add_argument("url")
    options = parser.parse_args()
    if options.step == "at":
        print(at(json.load(sys.stdin), options.path))
    elif options.step == "ready":
        print(json.dumps(ready(options.file, options.pid, options.seconds)))
    elif options.step == "lock":
        ask(options.url + "/_sim/set", {"lock_dates": {"fiscalyear_lock_date": options.date}})
    elif options.step == "onboarded":
        onboarded(options.channel, options.seconds)
    elif options.step == "trust":
        trust(options.url, options.database, options.reference)
    elif options.step == "order":
        print(json.dumps(order(options.id, options.states.split(","), options.seconds)))
    elif options.step == "close-day":
        ask(options.url + "/_sim/close_day", {})
    elif options.step == "settle":
        print(settle(options.seconds))
    elif options.step == "exception":
        print(exception(options.reason))
    elif options.step == "delivered":
        print(delivered(options.endpoint, options.seconds))
    else:
        print(json.dumps(ask(options.url + "/_sim/summary?sequence=subject_sequence")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
