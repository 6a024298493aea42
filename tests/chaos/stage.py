# SPDX-License-Identifier: Apache-2.0
"""Where a part of the chaos ring plays: an Odoo, a kontord, and between them a bad network."""
from __future__ import annotations

import argparse
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.harness.processes import Proxy, Simulator, program  # noqa: E402
from e2e.harness.world import Service  # noqa: E402
from reckoning import (  # noqa: E402, I001
    Books, RealBooks, Reckoning, SimulatedBooks, check_audit, check_feed)
from workload import Broken, Workload  # noqa: E402

QUICK = {"engine.probe_first": "100ms", "engine.probe_max": "1s", "engine.retry_first": "100ms",
         "engine.retry_max": "1s", "engine.attempts_max": "1000", "engine.park_check": "300ms",
         "engine.poll_interval": "1s", "engine.batch_size_max": "20",
         "limits.calls_per_second": "5000", "limits.calls_burst": "50000",
         "shutdown.deadline": "5s"}
PATIENCE_SECONDS = 240.0  # without any progress


class Stage:
    """One Odoo, simulated unless a real one was given, and one kontord for one part of the test."""

    settings = QUICK

    def __init__(self, folder: Path, options: argparse.Namespace, proxied: bool = False) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self._simulator: Simulator | None = None
        self._addon = options.addon
        target = options.target
        if target is None:
            more = ["--addon"] if options.addon else []
            self._simulator = Simulator(folder, options.series, *more)
            target = self._simulator.target
        self.books: Books = (SimulatedBooks(self._simulator) if self._simulator
                             else RealBooks(target))
        self.proxy: Proxy | None = None
        url = target["url"]
        if proxied:
            self.proxy = Proxy(folder, urlsplit(url).port or 0)
            url = self.proxy.url
        self.service = Service(folder / "kontord", target, options.transport, self.settings)
        self.service.cast("shop", "rita", "karl", "axel")
        self.service.connect(url=url)
        self.service.entity()
        self.service["shop"].call("ConnectionService/GetCatalogue", entity="de")

    @property
    def kontord(self) -> Any:
        return self.service.kontord

    @property
    def simulator(self) -> Simulator:
        """Where faults are put; a real Odoo has no such place."""
        assert self._simulator is not None
        return self._simulator

    def workload(self, count: int, seed: int) -> Workload:
        return Workload(self.service, count, seed, PATIENCE_SECONDS)

    def reckon(self, reckoning: Reckoning, workload: Workload) -> str:
        """Waits for all, then counts; answers what was found."""
        operations = workload.wait()
        found = reckoning.check(workload, operations)
        by_addon = sum(one.get("path") == "PATH_ADDON" for one in operations.values())
        if self._addon and not by_addon:
            raise Broken("nothing took the addon's path: this run proved nothing of it")
        found += f"; {by_addon} through the addon"
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
        if self._simulator is not None:
            self._simulator.stop()


def join(client: threading.Thread, workload: Workload) -> None:
    """Waits for the client for as long as it gets anything over."""
    taken = -1
    while client.is_alive() and len(workload.operations) > taken:
        taken = len(workload.operations)
        client.join(workload.patience)
    if client.is_alive():
        raise Broken(f"the client stands still after {taken} documents")
