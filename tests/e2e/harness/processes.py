# SPDX-License-Identifier: Apache-2.0
"""Programs under test as child processes: started with a bound, ended by their own id."""
from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.request
import uuid
from typing import Any

from .api import Api

ROOT = pathlib.Path(__file__).resolve().parents[3]
START_SECONDS_MAX = 90.0  # on a machine that is busy with other things
STOP_SECONDS_MAX = 40.0
CONTROL_SECONDS = 20.0


def build_dir() -> pathlib.Path:
    """Where CMake built; CTest names it, else build/."""
    return pathlib.Path(os.environ.get("KONTOR_BUILD_DIR", str(ROOT / "build")))


def program(name: str) -> str:
    path = build_dir() / "bin" / name
    if not path.exists():
        raise FileNotFoundError(f"{path} is not built: cmake --build --preset release")
    return str(path)


class Process:
    """A child with its output in a file."""

    def __init__(self, command: list[str], log: pathlib.Path,
                 environment: dict[str, str] | None = None) -> None:
        self.log = log
        self._file = open(log, "ab")  # closed in _close
        self._process = subprocess.Popen(
            command, stdout=self._file, stderr=self._file, stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})})

    @property
    def pid(self) -> int:
        return self._process.pid

    def cpu_seconds(self) -> float:
        """Processor time that it has used so far, in user and kernel."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii")
        user, kernel = fields.rpartition(")")[2].split()[11:13]
        return (int(user) + int(kernel)) / os.sysconf("SC_CLK_TCK")

    def alive(self) -> bool:
        return self._process.poll() is None

    def code(self) -> int | None:
        return self._process.poll()

    def wait(self, seconds: float) -> int | None:
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> int | None:
        """SIGTERM, then SIGKILL when it does not end in time."""
        if self.alive():
            self._process.send_signal(signal.SIGTERM)
            if self.wait(STOP_SECONDS_MAX) is None:
                self.kill()
        self._file.close()
        return self.code()

    def kill(self) -> None:
        """SIGKILL at once, as a power cut would."""
        if self.alive():
            self._process.kill()
            self._process.wait(STOP_SECONDS_MAX)

    def tail(self, lines: int = 30) -> str:
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])


class JsonChild:
    """A helper program that prints one JSON line when it is ready: simulator, receiver, proxy."""

    def __init__(self, log: pathlib.Path, script: str, arguments: list[str]) -> None:
        command = [sys.executable, "-B", str(ROOT / "tests" / "simulators" / script), *arguments]
        self.process = Process(command, log)
        self.ready = self._ready()

    def _ready(self) -> dict[str, Any]:
        end = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < end:
            for line in self.process.log.read_text("utf-8", errors="replace").splitlines():
                if line.startswith("{") and '"url"' in line:
                    return json.loads(line)
            if not self.process.alive():
                raise RuntimeError(f"the program ended:\n{self.process.tail()}")
            time.sleep(0.02)
        raise TimeoutError(f"{self.process.log.name} is not ready")

    def stop(self) -> None:
        self.process.kill()

    def control(self, path: str, body: Any = None, base: str = "") -> Any:
        """`GET` without a body, else `POST`, on its /_sim/ side; answers the JSON."""
        data = None if body is None else json.dumps(body).encode()
        url = (base or self.ready["url"]) + "/_sim/" + path
        request = urllib.request.Request(url, data=data,
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=CONTROL_SECONDS) as answer:
            return json.load(answer)

    def delete(self, path: str) -> None:
        """`DELETE` on its /_sim/ side."""
        request = urllib.request.Request(self.ready["url"] + "/_sim/" + path, method="DELETE")
        with urllib.request.urlopen(request, timeout=CONTROL_SECONDS):
            pass


def wait_for_json(path: pathlib.Path, process: Process, seconds: float) -> dict[str, Any]:
    """The JSON object that a program writes when it is ready."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if path.exists():
            try:
                return json.loads(path.read_text(encoding="utf-8"))
            except ValueError:
                pass  # not yet written whole
        if not process.alive():
            raise RuntimeError(f"ended with code {process.code()}:\n{process.tail()}")
        time.sleep(0.02)
    raise TimeoutError(f"not ready after {seconds} s:\n{process.tail()}")


class Kontord:
    """kontord on free ports with its data in one folder; may be killed and started again."""

    def __init__(self, folder: pathlib.Path, settings: dict[str, str] | None = None,
                 environment: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.settings = {"grpc.port": "0", "http.port": "0", "data.directory": str(self.data),
                         "log.format": "json", "webhooks.allow_plain_http": "true",
                         "webhooks.allowed_networks": "127.0.0.0/8",
                         "expenses.allow_plain_http": "true",
                         "expenses.allowed_networks": "127.0.0.0/8",
                         "expenses.look_interval": "500ms",
                         "banks.allow_plain_http": "true",
                         "banks.allowed_networks": "127.0.0.0/8",
                         # Suites that are not about it open their channels by two signatures.
                         "banks.onboarding_waived_by": "the tests", **(settings or {})}
        self.environment = environment or {}
        self.process: Process | None = None
        self.ports: dict[str, int] = {}

    def start(self) -> Kontord:
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        command = [program("kontord"), "--ready-file", str(ready)]
        for key, value in self.settings.items():
            command += ["--set", f"{key}={value}"]
        self.process = Process(command, self.folder / "kontord.log", self.environment)
        self.ports = wait_for_json(ready, self.process, START_SECONDS_MAX)
        # The same ports after a restart, so that clients find the service again.
        self.settings["grpc.port"] = str(self.ports["grpc_port"])
        self.settings["http.port"] = str(self.ports["http_port"])
        return self

    def stop(self) -> int | None:
        return self.process.stop() if self.process else None

    def kill(self) -> None:
        if self.process:
            self.process.kill()

    def restart(self) -> Kontord:
        """Stops and starts it again on its data."""
        self.stop()
        return self.start()

    def api(self, token: str = "") -> Api:
        return Api(self.ports["http_port"], token)

    def bootstrap_token(self) -> str:
        return (self.data / "bootstrap.token").read_text(encoding="utf-8").strip()


class Simulator(JsonChild):
    """The Odoo simulator; `target` is what tests/live writes for a real Odoo."""

    def __init__(self, folder: pathlib.Path, series: str, *arguments: str) -> None:
        super().__init__(folder / f"odoo-{series}.log", "odoo_sim.py",
                         ["--series", series, "--port", "0", *arguments])
        self.target = {"kind": "simulator", "series": series, **self.ready}


class Receiver(JsonChild):
    """A webhook subscriber."""

    def __init__(self, folder: pathlib.Path, *secrets: str) -> None:
        arguments = ["--port", "0"]
        for secret in secrets:
            arguments += ["--secret", secret]
        super().__init__(folder / f"receiver-{uuid.uuid4().hex[:6]}.log", "webhook_receiver.py",
                         arguments)
        self.url = self.ready["url"]


class Proxy(JsonChild):
    """A bad network in front of `target_port`."""

    def __init__(self, folder: pathlib.Path, target_port: int) -> None:
        super().__init__(folder / f"proxy-{uuid.uuid4().hex[:6]}.log", "tcp_proxy.py",
                         ["--target", f"127.0.0.1:{target_port}"])
        self.url = self.ready["url"]

    def mode(self, **settings: Any) -> None:
        self.control("mode", settings, base=self.ready["control"])

    def stats(self) -> dict[str, Any]:
        return self.control("stats", base=self.ready["control"])


class ExpensePlatform(JsonChild):
    """Concur, Ramp or a platform of one's own."""

    def __init__(self, folder: pathlib.Path, platform: str) -> None:
        super().__init__(folder / f"{platform}-{uuid.uuid4().hex[:6]}.log", "expense_sim.py",
                         ["--platform", platform, "--port", "0"])
        self.url = self.ready["url"]

    def add(self, *items: dict[str, Any]) -> None:
        self.control("items", {"items": list(items)})

    def faults(self, *steps: dict[str, Any]) -> None:
        self.control("faults", {"faults": list(steps)})

    def state(self) -> dict[str, Any]:
        return self.control("state")


class Bank(JsonChild):
    """A bank behind folders; see tests/simulators/README.md for what amounts make it do."""

    def __init__(self, folder: pathlib.Path, iban: str, *more: str) -> None:
        self.folder = folder / f"bank-{uuid.uuid4().hex[:6]}"
        self.folder.mkdir(parents=True)
        super().__init__(self.folder / "bank.log", "bank_sim.py",
                         ["--folder", str(self.folder), "--account", f"{iban}:EUR:1000.00", *more])

    def close_day(self) -> None:
        self.control("close_day", {})

    def receive(self, iban: str, amount: str, **facts: str) -> None:
        self.control("receive", {"iban": iban, "amount": amount, **facts})
