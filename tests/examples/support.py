# SPDX-License-Identifier: Apache-2.0
"""Runs the quickstart of the existing build in a folder of the test's own."""
from __future__ import annotations

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
QUICKSTART = ROOT / "examples" / "quickstart.sh"
RUN_SECONDS_MAX = 300
END_SECONDS_MAX = 60.0


def build_dir() -> pathlib.Path:
    """Where CMake built; CTest names it, else build/."""
    return pathlib.Path(os.environ.get("KONTOR_BUILD_DIR", str(ROOT / "build"))).resolve()


def environment() -> dict[str, str]:
    """Of a user who has set nothing of kontor's but the build to use."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KONTOR_")}
    return {**kept, "KONTOR_BUILD_DIR": str(build_dir())}


def running(pid: int) -> bool:
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


class Sandbox:
    """An empty folder in which the quickstart runs; ends what it left running."""

    def __init__(self) -> None:
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kontor-examples-"))

    def quickstart(self, *arguments: str, seconds: float = RUN_SECONDS_MAX
                   ) -> subprocess.CompletedProcess[str]:
        # Into a file: what it leaves running must not hold a pipe that somebody waits for.
        output = self.folder / "output.txt"
        with open(output, "wb") as file:
            done = subprocess.run([str(QUICKSTART), *arguments], cwd=self.folder, timeout=seconds,
                                  stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
                                  env=environment(), check=False)
        return subprocess.CompletedProcess(done.args, done.returncode,
                                           output.read_text("utf-8", errors="replace"), "")

    @property
    def latest(self) -> pathlib.Path:
        return (self.folder / "kontor-quickstart" / "latest").resolve()

    def pids(self) -> list[int]:
        """Of every run in this folder."""
        return [int(text) for file in self.folder.glob("kontor-quickstart/2*/*pid*")
                for text in file.read_text("utf-8").split()]

    def end(self) -> None:
        for pid in self.pids():
            if running(pid):
                os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + END_SECONDS_MAX
        while any(running(pid) for pid in self.pids()) and time.monotonic() < end:
            time.sleep(0.05)
        shutil.rmtree(self.folder, ignore_errors=True)
