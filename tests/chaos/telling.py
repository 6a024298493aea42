# SPDX-License-Identifier: Apache-2.0
"""What the programs of the chaos ring have in common: parts that are told as they end, and a folder
that is kept when one of them failed."""
from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from e2e.harness.api import ApiError
from workload import Broken

PROBLEMS = (Broken, AssertionError, ApiError, OSError, RuntimeError, TimeoutError,
            subprocess.SubprocessError)


class Telling:
    """The parts one after the other, each told as it ends."""

    def __init__(self, name: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"kontor-{name}-"))
        self.passed = self.failed = self.skipped = 0

    def tell(self, name: str, work: Callable[[], Any]) -> bool:
        """Whether it passed."""
        began = time.monotonic()
        try:
            found = work()
        except PROBLEMS as problem:
            self.failed += 1
            print(f"FAILED {time.monotonic() - began:7.1f} s  {name}: {problem}", flush=True)
            return False
        self.passed += 1
        print(f"ok     {time.monotonic() - began:7.1f} s  {name}: {found}", flush=True)
        return True

    def skip(self, name: str, why: str) -> None:
        self.skipped += 1
        print(f"SKIPPED           {name}: {why}", flush=True)

    def in_turn(self, names: Iterable[str],
                make: Callable[[Path], tuple[Any, Callable[[str], Any]]], last: str) -> None:
        """Each name on one stage, and at its end `last`; after one that failed, the next begins on
        a stage of its own. `make` answers a stage and what is done there for a name."""
        stage: Any = None
        try:
            for number, name in enumerate(names):
                if stage is None:
                    stage, work = make(self.folder / f"in-turn-{number}")
                if not self.tell(name, lambda n=name, w=work: w(n)):
                    stage.kill()
                    stage = None
            if stage is not None:
                self.tell(last, stage.close)
        finally:
            if stage is not None:
                stage.kill()

    def end(self, keep: bool) -> int:
        """The exit code."""
        if keep or self.failed:
            print(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped", flush=True)
        return 0 if self.failed == 0 and self.passed > 0 else 1
