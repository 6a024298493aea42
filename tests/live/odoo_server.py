# SPDX-License-Identifier: Apache-2.0
"""A user's own Odoo: which series it is, how modules get in, how it starts and stops.

It ends only processes that it started, by their process group, and reads no configuration of the
user's: an empty one is passed.
"""

from __future__ import annotations

import copy
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence

from postgres import free_port

INSTALL_TIMEOUT_SECONDS = 1800
TEST_TIMEOUT_SECONDS = 3600
SHELL_TIMEOUT_SECONDS = 1800
START_TIMEOUT_SECONDS = 180
STOP_TIMEOUT_SECONDS = 20
POLL_SECONDS = 0.25
WORKERS = 2
MODULES = ("account", "account_payment", "hr_expense")
SERIES_MODULES = {"19.0": ("rpc",)}
CONNECTOR = "kontor_connector"
_VERSION = re.compile(r"Odoo Server (\d+\.\d+)(?!\d)")


class OdooStartError(RuntimeError):
    """Odoo could not be had; the text ends with what its log said last."""


def series_of(version_output: str) -> str:
    """Reads '17.0' from what `odoo-bin --version` prints; '' for a saas version or none."""
    found = _VERSION.search(version_output)
    return found.group(1) if found else ""


def modules_for(series: str) -> tuple[str, ...]:
    """The modules to install on a scratch database of that series, before the addon."""
    return (*MODULES, *SERIES_MODULES.get(series, ()))


def addons_path(odoo_bin: pathlib.Path, given: Sequence[pathlib.Path]) -> str:
    """The --addons-path: the folder beside odoo-bin when there is one, then those given."""
    beside = odoo_bin.parent / "addons"
    paths = [beside] if beside.is_dir() else []
    paths += [path for path in given if path not in paths]
    return ",".join(str(path) for path in paths)


class Installation:
    """One odoo-bin with its addons, run against one PostgreSQL under one temporary folder."""

    def __init__(
        self,
        odoo_bin: pathlib.Path,
        python: str,
        addons: Sequence[pathlib.Path],
        folder: pathlib.Path,
        environment: Mapping[str, str],
    ) -> None:
        self._base = [python, str(odoo_bin)]
        self._addons = addons_path(odoo_bin, addons)
        self._folder = folder
        self._environment = dict(environment) | {"PYTHONDONTWRITEBYTECODE": "1"}
        self._config = folder / "odoo.conf"
        self._config.write_text("[options]\n", encoding="utf-8")
        self.log = folder / "odoo.log"
        self.series = self._detect()

    def with_addons(self, folder: pathlib.Path) -> Installation:
        """The same Odoo with one addons folder more; shares log and file store with this one."""
        other = copy.copy(self)
        other._addons = ",".join(filter(None, (self._addons, str(folder))))
        return other

    def _detect(self) -> str:
        try:
            done = subprocess.run(
                [*self._base, "--version"], env=self._environment, capture_output=True, text=True,
                timeout=SHELL_TIMEOUT_SECONDS, check=False, cwd=self._folder,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise OdooStartError(f"{self._base[1]} --version: {error}") from error
        if done.returncode != 0:
            raise OdooStartError(
                f"{self._base[1]} --version failed; is --python the one that has Odoo's packages? "
                + done.stderr.strip()[-400:]
            )
        return series_of(done.stdout)

    def _command(self, *arguments: str, shell: bool = False) -> list[str]:
        command = [*self._base, *(["shell"] if shell else []), f"--config={self._config}",
                   f"--data-dir={self._folder / 'odoo-data'}"]
        if self._addons:
            command.append(f"--addons-path={self._addons}")
        return [*command, *arguments]

    def tail(self) -> str:
        """The end of Odoo's log, for a message."""
        if not self.log.exists():
            return ""
        return self.log.read_text(encoding="utf-8", errors="replace")[-1500:]

    def install(self, database: str, modules: Sequence[str]) -> None:
        """Installs modules into a database, empty or in use, without demo data."""
        self._initialise(database, "-i", modules)

    def update(self, database: str, module: str) -> None:
        """Updates a module, as an administrator does who put a newer one in its place."""
        self._initialise(database, "-u", (module,))

    def _initialise(self, database: str, how: str, modules: Sequence[str]) -> None:
        code = self._logged(self._command(
            "-d", database, how, ",".join(modules), "--without-demo=all", "--stop-after-init",
            "--no-http", "--max-cron-threads=0", "--log-level=warn",
        ))
        if code != 0 or "Failed to initialize database" in self.tail():
            raise OdooStartError(f"odoo-bin {how} {', '.join(modules)} failed:\n{self.tail()}")

    def export_terms(self, database: str, module: str) -> str:
        """The template of a module's terms as Odoo exports it; with the options of 17 and 18."""
        path = self._folder / f"{module}.pot"
        code = self._logged(self._command(
            "-d", database, f"--i18n-export={path}", f"--modules={module}", "--stop-after-init",
            "--no-http", "--log-level=warn",
        ))
        if code != 0 or not path.is_file():
            raise OdooStartError(f"exporting the terms of {module} failed:\n{self.tail()}")
        return path.read_text(encoding="utf-8")

    def neutralise(self, database: str) -> None:
        """What `odoo-bin neutralize` makes of a database: a copy that reaches nobody."""
        command = [*self._base, "neutralize", f"--config={self._config}",
                   f"--data-dir={self._folder / 'odoo-data'}", f"--addons-path={self._addons}",
                   "-d", database, "--log-level=warn"]
        if self._logged(command) != 0:
            raise OdooStartError(f"odoo-bin neutralize failed:\n{self.tail()}")

    def _logged(self, command: list[str]) -> int:
        """Runs a command into the log; answers its exit code."""
        with self.log.open("ab") as log:
            try:
                return subprocess.run(
                    command, env=self._environment, stdin=subprocess.DEVNULL, stdout=log,
                    stderr=subprocess.STDOUT, timeout=INSTALL_TIMEOUT_SECONDS, check=False,
                    cwd=self._folder,
                ).returncode
            except subprocess.TimeoutExpired as error:
                raise OdooStartError(f"{' '.join(command[2:5])} took too long") from error

    def test(self, database: str, module: str, tags: str, first: bool) -> tuple[int, str]:
        """Installs (`first`) or updates a module and runs tests; answers exit code and output."""
        command = self._command(
            "-d", database, "-i" if first else "-u", module, "--without-demo=all",
            f"--test-tags={tags}", "--stop-after-init", "--http-interface=127.0.0.1",
            f"--http-port={free_port()}", f"--gevent-port={free_port()}", "--max-cron-threads=0",
            "--log-level=warn", "--log-handler=odoo.tests.result:INFO",
        )
        try:
            done = subprocess.run(
                command, env=self._environment, stdin=subprocess.DEVNULL, capture_output=True,
                text=True, errors="replace", timeout=TEST_TIMEOUT_SECONDS, check=False,
                cwd=self._folder,
            )
        except subprocess.TimeoutExpired as error:
            raise OdooStartError(f"the tests of {module} took too long") from error
        output = done.stdout + done.stderr
        with self.log.open("a", encoding="utf-8") as log:
            log.write(output)
        return done.returncode, output

    def shell(self, database: str, script: pathlib.Path, settings: Mapping[str, str]) -> dict:
        """Feeds a script to `odoo-bin shell`; answers the JSON after its KONTOR-LIVE mark."""
        command = self._command("-d", database, "--no-http", "--log-level=error", shell=True)
        with script.open("rb") as source:
            done = subprocess.run(
                command, env=self._environment | dict(settings), stdin=source, capture_output=True,
                text=True, timeout=SHELL_TIMEOUT_SECONDS, check=False, cwd=self._folder,
            )
        for line in done.stdout.splitlines():
            _, mark, answer = line.partition("KONTOR-LIVE ")
            if mark:
                return json.loads(answer)
        raise OdooStartError(f"{script.name} failed in odoo shell:\n{done.stderr[-1500:]}")

    def start(self, database: str) -> Running:
        """Starts Odoo with prefork workers on a free loopback port and waits until it answers."""
        port = free_port()
        command = self._command(
            "-d", database, f"--db-filter=^{database}$", "--no-database-list",
            f"--workers={WORKERS}", "--max-cron-threads=0", "--http-interface=127.0.0.1",
            f"--http-port={port}", f"--gevent-port={free_port()}", "--log-level=warn",
        )
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command, env=self._environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, cwd=self._folder, start_new_session=True,
            )
        running = Running(process, f"http://127.0.0.1:{port}")
        if not running.wait_until_up():
            running.stop()
            raise OdooStartError(f"Odoo did not answer on its port:\n{self.tail()}")
        return running


class Running:
    """An Odoo that we started."""

    def __init__(self, process: subprocess.Popen, url: str) -> None:
        self._process = process
        self.url = url

    @property
    def pid(self) -> int:
        """The process id of Odoo's master process, which leads its own group."""
        return self._process.pid

    def wait_until_up(self) -> bool:
        """True once the version page answers; False when it ended or took too long."""
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(self.url + "/web/health", timeout=10):
                    return True
            except (OSError, urllib.error.URLError):
                time.sleep(POLL_SECONDS)
        return False

    def stop(self) -> None:
        """Ends the process group that we started; kills it when it does not go by itself."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(STOP_TIMEOUT_SECONDS)
                return
            except subprocess.TimeoutExpired:
                pass
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(STOP_TIMEOUT_SECONDS)
