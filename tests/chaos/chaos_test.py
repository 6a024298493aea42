#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Everything fails on purpose; each document stands in Odoo exactly once all the same.

    python3 tests/chaos/chaos_test.py --series 18.0 --transport jsonrpc
    python3 tests/chaos/chaos_test.py --documents 1000 --parts cuts --series 17.0 --transport xmlrpc
    python3 tests/chaos/chaos_test.py --kills 200 --parts kills --seed 7
    python3 tests/chaos/chaos_test.py --addon --parts storm --documents 1000 --kills 80

Parts: `cuts` (connections cut before, during and after the commit, answers lost, late arrivals),
`kills` (kill -9 at random instants), `storm` (both at once), `failpoints` (each named one once).
With --addon the simulator plays kontor_connector too; with --target-json the storm is over a real
Odoo, which tests/live/run.sh --addon --chaos N prepares. Ends with "N passed, N failed, N skipped";
the seed is printed and repeats the same choices.
"""
from __future__ import annotations

import argparse
import json
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from e2e.harness.processes import Proxy  # noqa: E402
from failpoints import Failpoints  # noqa: E402
from reckoning import Reckoning  # noqa: E402
from stage import Stage, join  # noqa: E402
from telling import Telling  # noqa: E402
from workload import Broken, Workload  # noqa: E402

PARTS = ("cuts", "kills", "storm", "failpoints")
BY_ITSELF = ("cuts", "kills", "failpoints")  # the storm is asked for by name
SECONDS_A_KILL = 0.9
CUTS = [{"mode": "cut_request", "bytes": 60, "weight": 2},
        {"mode": "cut_request", "bytes": 2000, "weight": 1},
        {"mode": "cut_before_response", "weight": 4},
        {"mode": "cut_in_response", "bytes": 40, "weight": 2},
        {"mode": "cut_in_response", "bytes": 260, "weight": 2}]
METHODS = ("load", "load", "action_post", "reconcile")
ADDON_METHODS = ("apply", "apply", "find", "load")
FAULTS = ("cut_before", "cut_after", "cut_middle", "late", "http_502", "html_error",
          "serialization_failure")


def cuts(stage: Stage, options: argparse.Namespace) -> str:
    """Documents through a network and an Odoo that lose requests and answers."""
    assert stage.proxy is not None
    dice = random.Random(options.seed)
    reckoning = Reckoning(stage.books)
    workload = stage.workload(options.documents, options.seed)
    stage.proxy.mode(mode="pass", mix=CUTS, probability=0.25, seed=options.seed)
    rules = []
    methods = ADDON_METHODS if options.addon else METHODS
    for number in range(max(4, options.documents // 12)):
        method = dice.choice(methods)
        rules.append({"match": {"method": method, "nth": dice.randrange(3)}, "times": 1,
                      "action": dice.choice(FAULTS), "seconds": 1 + number % 2,
                      "after": bool(dice.getrandbits(1))})
    stage.simulator.control("faults", rules)
    workload.hand_over()
    return f"{stage.reckon(reckoning, workload)}; {lost_of(stage.proxy, options.documents // 20)}"


def lost_of(proxy: Proxy, wanted: int) -> str:
    """How many connections were cut. Errors: Broken when fewer than wanted."""
    stats = proxy.stats()
    lost = sum(stats.get(mode, 0) for mode in ("cut_request", "cut_before_response",
                                               "cut_in_response"))
    if lost < wanted:
        raise Broken(f"only {lost} connections were cut: this run proved little")
    return f"{lost} connections of {stats['connections']} cut"


def kills(stage: Stage, options: argparse.Namespace) -> str:
    """kill -9 at random instants while documents come in and go out."""
    dice = random.Random(options.seed)
    reckoning = Reckoning(stage.books)
    count = max(options.documents, options.kills * 5)
    workload = stage.workload(count, options.seed)
    stage.simulator.control("set", {"slow_ms": 30})
    kill_while_handing_over(stage, workload, options.kills, dice)
    stage.simulator.control("set", {"slow_ms": 0})
    return f"{stage.reckon(reckoning, workload)}; {options.kills} kills"


def storm(stage: Stage, options: argparse.Namespace) -> str:
    """kill -9 at random instants and connections cut on the way to Odoo, both at once."""
    assert stage.proxy is not None
    dice = random.Random(options.seed)
    reckoning = Reckoning(stage.books)
    workload = stage.workload(options.documents, options.seed)
    stage.proxy.mode(mode="pass", mix=CUTS, probability=0.25, seed=options.seed)
    kill_while_handing_over(stage, workload, options.kills, dice)
    found = stage.reckon(reckoning, workload)
    return f"{found}; {options.kills} kills; {lost_of(stage.proxy, options.documents // 40)}"


def kill_while_handing_over(stage: Stage, workload: Workload, count: int,
                            dice: random.Random) -> None:
    """Kills kontord so many times while documents come in and go out."""
    problems: list[Exception] = []

    def hand_over() -> None:
        try:
            workload.hand_over(count * SECONDS_A_KILL)
        except Exception as problem:  # told by the main thread
            problems.append(problem)

    client = threading.Thread(target=hand_over, daemon=True)
    client.start()
    for _ in range(count):
        time.sleep(dice.uniform(0.15, 1.6))
        stage.kontord.kill()
        stage.kontord.start()
    join(client, workload)
    if problems:
        raise problems[0]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Chaos: nothing lost, nothing twice.")
    parser.add_argument("--series", default="18.0")
    parser.add_argument("--transport", default="jsonrpc", choices=("json2", "jsonrpc", "xmlrpc"))
    parser.add_argument("--documents", type=int, default=60)
    parser.add_argument("--kills", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0, help="0 takes a fresh one")
    parser.add_argument("--parts", default="", help=f"of {','.join(PARTS)}; all but the storm")
    parser.add_argument("--addon", action="store_true", help="the simulator plays the addon too")
    parser.add_argument("--target-json", type=Path, help="a prepared real Odoo, for the storm")
    parser.add_argument("--failpoint", default="", help="only this one")
    parser.add_argument("--keep", action="store_true", help="leave logs and data in place")
    options = parser.parse_args()
    options.parts = options.parts.split(",") if options.parts else list(BY_ITSELF)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}: there are {', '.join(PARTS)}")
    options.target = None
    if options.target_json is not None:
        if options.parts != ["storm"]:
            parser.error("a real Odoo takes no faults: only --parts storm goes with --target-json")
        options.target = json.loads(options.target_json.read_text(encoding="utf-8"))
        options.series, options.addon = options.target["series"], options.target["addon"]
    return options


class Run(Telling):
    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__("chaos")
        self.options = options

    def part(self, name: str) -> None:
        stage = Stage(self.folder / name, self.options, proxied=name in ("cuts", "storm"))
        try:
            self.tell(name, lambda: globals()[name](stage, self.options))
            self.tell(f"{name}: the audit holds offline", stage.close)
        finally:
            stage.kill()

    def failpoints(self) -> None:
        def make(folder: Path) -> tuple[Stage, Any]:
            stage = Stage(folder, self.options)
            return stage, Failpoints(stage, self.options).run

        self.in_turn([self.options.failpoint] if self.options.failpoint else Failpoints.names(),
                     make, "failpoints: the audit holds offline")


def main() -> int:
    options = arguments()
    options.seed = options.seed or random.SystemRandom().randrange(1, 1 << 30)
    kind = "simulator" if options.target is None else "real"
    print(f"Odoo {options.series} ({kind}{', with the addon' if options.addon else ''}) "
          f"over {options.transport}, seed {options.seed}", flush=True)
    run = Run(options)
    for name in PARTS:
        if name in options.parts:
            run.failpoints() if name == "failpoints" else run.part(name)
    return run.end(options.keep)


if __name__ == "__main__":
    sys.exit(main())
