#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Everything fails on purpose; each document stands in Odoo exactly once all the same.

    python3 tests/chaos/chaos_test.py --series 18.0 --transport jsonrpc
    python3 tests/chaos/chaos_test.py --documents 1000 --parts cuts --series 17.0 --transport xmlrpc
    python3 tests/chaos/chaos_test.py --kills 200 --parts kills --seed 7

Parts: `cuts` (connections cut before, during and after the commit, answers lost, late arrivals),
`kills` (kill -9 at random instants), `failpoints` (each named one once). Ends with
"N passed, N failed, N skipped"; the seed is printed and repeats the same choices.
"""
from __future__ import annotations

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from e2e.harness import documents as doc  # noqa: E402
from e2e.harness.api import ApiError, request_id  # noqa: E402
from e2e.harness.processes import ROOT, Proxy, Simulator, program  # noqa: E402
from e2e.harness.world import Service  # noqa: E402
from workload import (  # noqa: E402
    Broken, Reckoning, Workload, check_audit, check_feed, persistently)

QUICK = {"engine.probe_first": "100ms", "engine.probe_max": "1s", "engine.retry_first": "100ms",
         "engine.retry_max": "1s", "engine.attempts_max": "1000", "engine.park_check": "300ms",
         "engine.poll_interval": "1s", "engine.batch_size_max": "20",
         "limits.calls_per_second": "5000", "limits.calls_burst": "50000",
         "shutdown.deadline": "5s"}
PARTS = ("cuts", "kills", "failpoints")
FAILPOINT_EXIT = 99
SECONDS_A_KILL = 0.9
FAILPOINT_SECONDS = 30.0
SENDING_SECONDS = 10.0
PATIENCE_SECONDS = 240.0  # without any progress
CUTS = [{"mode": "cut_request", "bytes": 60, "weight": 2},
        {"mode": "cut_request", "bytes": 2000, "weight": 1},
        {"mode": "cut_before_response", "weight": 4},
        {"mode": "cut_in_response", "bytes": 40, "weight": 2},
        {"mode": "cut_in_response", "bytes": 260, "weight": 2}]
FAULTS = ("cut_before", "cut_after", "cut_middle", "late", "http_502", "html_error",
          "serialization_failure")

Work = Callable[[], Any]


class Stage:
    """One simulator and one kontord for one part of the test."""

    def __init__(self, folder: Path, options: argparse.Namespace, proxied: bool = False) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.simulator = Simulator(folder, options.series)
        self.proxy: Proxy | None = None
        url = self.simulator.target["url"]
        if proxied:
            self.proxy = Proxy(folder, urlsplit(url).port or 0)
            url = self.proxy.url
        self.service = Service(folder / "kontord", self.simulator.target, options.transport, QUICK)
        self.service.cast("shop", "rita", "karl", "axel")
        self.service.connect(url=url)
        self.service.entity()
        self.service["shop"].call("ConnectionService/GetCatalogue", entity="de")

    @property
    def kontord(self) -> Any:
        return self.service.kontord

    def workload(self, count: int, seed: int) -> Workload:
        return Workload(self.service, count, seed, PATIENCE_SECONDS)

    def reckon(self, reckoning: Reckoning, workload: Workload) -> str:
        """Waits for all, then counts; answers what was found."""
        found = reckoning.check(workload, workload.wait())
        events, rows = check_feed(self.service), check_audit(self.service)
        return f"{found}; {events} events, {rows} audit rows"

    def close(self) -> None:
        """Stops everything; the audit must hold offline too."""
        self.kontord.stop()
        done = subprocess.run(
            [program("kontord"), "--verify-audit", "--set", f"data.directory={self.kontord.data}"],
            capture_output=True, text=True, timeout=120)
        self.kill()
        if done.returncode != 0:
            raise Broken(f"offline: {done.stderr}")

    def kill(self) -> None:
        self.kontord.kill()
        if self.proxy is not None:
            self.proxy.stop()
        self.simulator.stop()


def join(client: threading.Thread, workload: Workload) -> None:
    """Waits for the client for as long as it gets anything over."""
    taken = -1
    while client.is_alive() and len(workload.operations) > taken:
        taken = len(workload.operations)
        client.join(workload.patience)
    if client.is_alive():
        raise Broken(f"the client stands still after {taken} documents")


def cuts(stage: Stage, options: argparse.Namespace) -> str:
    """Documents through a network and an Odoo that lose requests and answers."""
    assert stage.proxy is not None
    dice = random.Random(options.seed)
    reckoning = Reckoning(stage.simulator)
    workload = stage.workload(options.documents, options.seed)
    stage.proxy.mode(mode="pass", mix=CUTS, probability=0.25, seed=options.seed)
    rules = []
    for number in range(max(4, options.documents // 12)):
        method = dice.choice(["load", "load", "action_post", "reconcile"])
        rules.append({"match": {"method": method, "nth": dice.randrange(3)}, "times": 1,
                      "action": dice.choice(FAULTS), "seconds": 1 + number % 2,
                      "after": bool(dice.getrandbits(1))})
    stage.simulator.control("faults", rules)
    workload.hand_over()
    found = stage.reckon(reckoning, workload)
    stats = stage.proxy.stats()
    lost = sum(stats.get(mode, 0) for mode in ("cut_request", "cut_before_response",
                                               "cut_in_response"))
    if lost < options.documents // 20:
        raise Broken(f"only {lost} connections were cut: this run proved little")
    return f"{found}; {lost} connections of {stats['connections']} cut"


def kills(stage: Stage, options: argparse.Namespace) -> str:
    """kill -9 at random instants while documents come in and go out."""
    dice = random.Random(options.seed)
    reckoning = Reckoning(stage.simulator)
    count = max(options.documents, options.kills * 5)
    workload = stage.workload(count, options.seed)
    stage.simulator.control("set", {"slow_ms": 30})
    problems: list[Exception] = []

    def hand_over() -> None:
        try:
            workload.hand_over(options.kills * SECONDS_A_KILL)
        except Exception as problem:  # told by the main thread
            problems.append(problem)

    client = threading.Thread(target=hand_over, daemon=True)
    client.start()
    for _ in range(options.kills):
        time.sleep(dice.uniform(0.15, 1.6))
        stage.kontord.kill()
        stage.kontord.start()
    join(client, workload)
    if problems:
        raise problems[0]
    stage.simulator.control("set", {"slow_ms": 0})
    return f"{stage.reckon(reckoning, workload)}; {options.kills} kills"


class Failpoints:
    """Each named failpoint ends the process once; the work goes on after the next start."""

    def __init__(self, stage: Stage, options: argparse.Namespace) -> None:
        self.stage = stage
        self.options = options
        self.dice = random.Random(options.seed)
        self.problems: list[Exception] = []

    @staticmethod
    def names() -> list[str]:
        """As the engine names them."""
        text = (ROOT / "server" / "engine" / "failpoints.h").read_text(encoding="utf-8")
        return re.findall(r'k\w+\[\] = "([a-z_.]+)"', text)

    def arm(self, name: str, nth: int = 1) -> None:
        """Starts kontord so that it ends at the failpoint."""
        kontord = self.stage.kontord
        kontord.stop()
        kontord.environment = {"KONTOR_FAILPOINT": f"{name}:exit:{nth}"}
        try:
            kontord.start()
        except RuntimeError:
            pass  # reached while starting

    def disarm(self, name: str) -> None:
        """The process must have ended at the failpoint; starts it again without."""
        kontord = self.stage.kontord
        code = kontord.process.wait(FAILPOINT_SECONDS)
        kontord.environment = {}
        if code != FAILPOINT_EXIT:
            kontord.stop()
            kontord.start()
            raise Broken(f"{name} was not reached (exit {code})")
        kontord.start()

    def run(self, name: str) -> str:
        self.problems.clear()
        reckoning = Reckoning(self.stage.simulator)
        workload = self.stage.workload(6, self.dice.randrange(1 << 30))
        group = name.split(".")[0]
        prepare = getattr(self, f"_before_{group}", None)
        after: Work | None = prepare(workload) if prepare else None
        # What looks at Odoo comes as often as there is something to see: only the first is certain.
        once = prepare or group in ("observe", "poll")
        nth = 1 if once else self.dice.randrange(1, 3)
        self.arm(name, nth)
        client = threading.Thread(target=self._quietly(workload.hand_over), daemon=True)
        client.start()
        extra = threading.Thread(target=self._quietly(after), daemon=True) if after else None
        if extra:
            extra.start()
        self.disarm(name)
        self.stage.simulator.delete("faults")
        join(client, workload)
        if extra:
            extra.join(workload.patience)
        if len(workload.operations) != len(workload.items):
            raise Broken(f"the client could not hand everything over: {self.problems}")
        return self.stage.reckon(reckoning, workload)

    def _quietly(self, work: Work) -> Work:
        """Keeps what goes wrong for the main thread, which tells it."""
        def run() -> None:
            try:
                work()
            except (Broken, ApiError, OSError) as problem:
                self.problems.append(problem)
        return run

    def _before_changes(self, _: Workload) -> None:
        """Changes that the addon tells, which is found when kontord starts again."""
        self.stage.simulator.control("set", {"addon": True})

    def _before_probe(self, _: Workload) -> None:
        self.stage.simulator.control("faults", [
            {"match": {"method": "load"}, "action": "cut_after", "times": 2}])

    def _before_recover(self, workload: Workload) -> None:
        """An operation that is SENDING when the power goes."""
        shop, asked = self.stage.service["shop"], doc.invoice()
        self.stage.simulator.control("faults", [
            {"match": {"model": "account.move", "method": "load"}, "action": "delay",
             "seconds": 5}])
        answer = shop.call("InvoiceService/CreateInvoice", requestId=request_id(), invoice=asked)
        workload.adopt("invoice", asked, answer)
        end = time.monotonic() + SENDING_SECONDS
        while time.monotonic() < end:
            state = shop.call("OperationService/GetOperation",
                              id=answer["operation"]["id"])["operation"]["state"]
            if state == "STATE_SENDING":
                break
            time.sleep(0.02)
        self.stage.kontord.kill()

    def _before_park(self, workload: Workload) -> Work:
        """An operation that waits for a held one, which is released later."""
        shop, asked = self.stage.service["shop"], [doc.entry(), doc.invoice()]
        held = shop.call("JournalEntryService/CreateJournalEntry", requestId=request_id(),
                         journalEntry=asked[0])
        workload.adopt("entry", asked[0], held)
        key = held["operation"]["id"]
        workload.adopt("invoice", asked[1], shop.call(
            "InvoiceService/CreateInvoice", requestId=request_id(), invoice=asked[1],
            dependsOn=[key], wait="5s"))
        def release() -> None:
            # Not while the waiting ones have yet to be looked at: a release wakes them itself.
            self.stage.kontord.process.wait(FAILPOINT_SECONDS)
            persistently(lambda: self.stage.service["rita"].call(
                "OperationService/ReleaseOperation", requestId="rel-" + key, id=key,
                reason="chaos is over"), FAILPOINT_SECONDS)

        return release

    def _before_resolve(self, _: Workload) -> Work:
        """A case that a person decides while the power goes."""
        shop, karl = self.stage.service["shop"], self.stage.service["karl"]
        answer = shop.call("InvoiceService/CreateInvoice", requestId=request_id(), wait="20s",
                           invoice=doc.invoice(lines=[doc.line("1.00", account="123456")]))
        case, key = answer["operation"]["exceptionId"], request_id()
        return lambda: persistently(lambda: karl.call(
            "ExceptionService/ResolveException", requestId=key, id=case, action="ACTION_REJECT",
            reason="chaos"), FAILPOINT_SECONDS)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Chaos: nothing lost, nothing twice.")
    parser.add_argument("--series", default="18.0")
    parser.add_argument("--transport", default="jsonrpc", choices=("json2", "jsonrpc", "xmlrpc"))
    parser.add_argument("--documents", type=int, default=60)
    parser.add_argument("--kills", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0, help="0 takes a fresh one")
    parser.add_argument("--parts", default=",".join(PARTS), help="cuts,kills,failpoints")
    parser.add_argument("--failpoint", default="", help="only this one")
    parser.add_argument("--keep", action="store_true", help="leave logs and data in place")
    return parser.parse_args()


class Run:
    """The parts one after the other, each told as it ends."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.folder = Path(tempfile.mkdtemp(prefix="kontor-chaos-"))
        self.passed = self.failed = 0

    def tell(self, name: str, work: Any) -> bool:
        """Whether it passed."""
        began = time.monotonic()
        try:
            found = work()
        except (Broken, ApiError, OSError, RuntimeError, TimeoutError) as problem:
            self.failed += 1
            print(f"FAILED {time.monotonic() - began:7.1f} s  {name}: {problem}", flush=True)
            return False
        self.passed += 1
        print(f"ok     {time.monotonic() - began:7.1f} s  {name}: {found}", flush=True)
        return True

    def part(self, name: str) -> None:
        stage = Stage(self.folder / name, self.options, proxied=name == "cuts")
        try:
            self.tell(name, lambda: globals()[name](stage, self.options))
            self.tell(f"{name}: the audit holds offline", stage.close)
        finally:
            stage.kill()

    def failpoints(self) -> None:
        """Each point in turn; after one that failed, the next begins on a world of its own."""
        names = [self.options.failpoint] if self.options.failpoint else Failpoints.names()
        stage: Stage | None = None
        try:
            for number, point in enumerate(names):
                if stage is None:
                    stage = Stage(self.folder / f"failpoints-{number}", self.options)
                    work = Failpoints(stage, self.options)
                if not self.tell(point, lambda p=point, w=work: w.run(p)):
                    stage.kill()
                    stage = None
            if stage is not None:
                self.tell("failpoints: the audit holds offline", stage.close)
        finally:
            if stage is not None:
                stage.kill()


def main() -> int:
    options = arguments()
    options.seed = options.seed or random.SystemRandom().randrange(1, 1 << 30)
    print(f"Odoo {options.series} (simulator) over {options.transport}, seed {options.seed}",
          flush=True)
    run = Run(options)
    for name in PARTS:
        if name in options.parts.split(","):
            run.failpoints() if name == "failpoints" else run.part(name)
    if options.keep or run.failed:
        print(f"kept: {run.folder}")
    else:
        shutil.rmtree(run.folder, ignore_errors=True)
    print(f"{run.passed} passed, {run.failed} failed, 0 skipped", flush=True)
    return 0 if run.failed == 0 and run.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
