#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The store's disk is full for a while: a clear error, nothing lost, and on it goes afterwards.

Twice: with a limit on the size of kontord's files, which anyone may set, and on a small file system
of its own, for which it takes root. What cannot be made is said and skipped.
"""
from __future__ import annotations

import argparse
import contextlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from e2e.harness import documents as doc  # noqa: E402
from e2e.harness.api import ApiError, request_id  # noqa: E402
from reckoning import Reckoning, SimulatedBooks  # noqa: E402
from stage import Stage  # noqa: E402
from telling import Telling  # noqa: E402
from workload import Broken, Workload, persistently  # noqa: E402

DOCUMENTS = 12
REFUSED_MIN = 5
TRIES_MAX = 400
ROOM_BYTES = 48 << 20
BALLAST_CHUNK = 1 << 20
BALLAST_FINE = 4096
AGAIN_SECONDS = 60.0
COMMAND_SECONDS = 30
REASONS = ("STORE_FULL", "STORE_UNAVAILABLE")


class FileLimit:
    """No file of kontord's may grow any more."""

    name = "a limit on the size of files"
    reasons = REASONS

    def __init__(self, folder: Path) -> None:
        self.data = folder / "kontord" / "data"
        self.hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]

    @staticmethod
    def why_not() -> str:
        return "" if hasattr(resource, "prlimit") else "this system has no prlimit"

    def fill(self, pid: int) -> None:
        largest = max(path.stat().st_size for path in self.data.iterdir())
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest, self.hard))

    def relieve(self, pid: int) -> None:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (self.hard, self.hard))

    def close(self) -> None:
        pass


class SmallDisk:
    """A file system of kontord's own without a free byte."""

    name = "a full file system"
    reasons = ("STORE_FULL",)

    def __init__(self, folder: Path) -> None:
        self.data = folder / "kontord" / "data"
        self.data.mkdir(parents=True)
        options = f"size={ROOM_BYTES},mode=0700"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "kontor-chaos", str(self.data)],
                       check=True, capture_output=True, timeout=COMMAND_SECONDS)

    @staticmethod
    def why_not() -> str:
        if os.geteuid() != 0 or shutil.which("mount") is None:
            return "it takes root to mount a file system"
        with tempfile.TemporaryDirectory() as folder:
            tried = subprocess.run(["mount", "-t", "tmpfs", "none", folder], capture_output=True,
                                   text=True, timeout=COMMAND_SECONDS, check=False)
            if tried.returncode != 0:
                return tried.stderr.strip() or "mount refused"
            subprocess.run(["umount", folder], check=True, timeout=COMMAND_SECONDS)
        return ""

    def fill(self, _: int) -> None:
        with open(self.data / "ballast", "wb", buffering=0) as ballast:
            for size in (BALLAST_CHUNK, BALLAST_FINE):
                with contextlib.suppress(OSError):
                    while ballast.write(b"\0" * size) == size:
                        pass

    def relieve(self, _: int) -> None:
        (self.data / "ballast").unlink()

    def close(self) -> None:
        subprocess.run(["umount", "-l", str(self.data)], check=False, capture_output=True,
                       timeout=COMMAND_SECONDS)


def refused_while_full(stage: Stage, shortage: Any, workload: Workload) -> list[Any]:
    """Hands documents over until enough were refused; answers those with their request ids."""
    shop, refused = stage.service["shop"], []
    for _ in range(TRIES_MAX):
        key, asked = request_id("full"), doc.invoice()
        try:
            answer = shop.call("InvoiceService/CreateInvoice", requestId=key, invoice=asked)
            workload.adopt("invoice", asked, answer)
            continue
        except ApiError as error:
            if error.reason not in shortage.reasons:
                raise Broken(f"refused as {error.reason}: {error.message}") from error
            if "disk" not in error.message:
                raise Broken(f"nobody can tell what to do: {error.message}") from error
        refused.append((key, asked))
        if len(refused) == REFUSED_MIN:
            return refused
    raise Broken(f"{TRIES_MAX} documents were taken by a full disk")


def check_alive(stage: Stage, workload: Workload) -> None:
    """What is stored can still be read."""
    shop = stage.service["shop"]
    for operation_id in list(workload.operations.values())[:3]:
        shop.call("OperationService/GetOperation", id=operation_id)
    status, _, _ = shop.raw("GET", "/healthz")
    if status != 200 or not stage.kontord.process.alive():
        raise Broken("kontord is not alive")


def run(shortage_of: Any, folder: Path, options: argparse.Namespace) -> str:
    folder.mkdir()
    shortage = shortage_of(folder)
    stage = Stage(folder, options)
    try:
        pid = stage.kontord.process.pid
        reckoning = Reckoning(SimulatedBooks(stage.simulator))
        workload = stage.workload(DOCUMENTS, options.seed)
        workload.hand_over()
        shortage.fill(pid)
        refused = refused_while_full(stage, shortage, workload)
        check_alive(stage, workload)
        shortage.relieve(pid)
        for key, asked in refused:
            answer = persistently(lambda k=key, a=asked: stage.service["shop"].call(
                "InvoiceService/CreateInvoice", requestId=k, invoice=a), AGAIN_SECONDS)
            workload.adopt("invoice", asked, answer)
        if stage.kontord.process.pid != pid or not stage.kontord.process.alive():
            raise Broken("kontord had to be started again")
        found = stage.reckon(reckoning, workload)
        stage.close()
        return found
    finally:
        stage.kill()
        shortage.close()


def main() -> int:
    parser = argparse.ArgumentParser(description="A full disk: nothing lost, nothing twice.")
    parser.add_argument("--series", default="18.0")
    parser.add_argument("--transport", default="jsonrpc", choices=("json2", "jsonrpc", "xmlrpc"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="leave logs and data in place")
    parser.set_defaults(target=None, addon=False)
    options = parser.parse_args()
    telling = Telling("disk")
    for number, shortage in enumerate((FileLimit, SmallDisk)):
        if why := shortage.why_not():
            telling.skip(shortage.name, why)
            continue
        folder = telling.folder / str(number)
        telling.tell(shortage.name, lambda s=shortage, f=folder: run(s, f, options))
    return telling.end(options.keep)


if __name__ == "__main__":
    sys.exit(main())
