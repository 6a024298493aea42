# SPDX-License-Identifier: Apache-2.0
"""Runs the end-to-end suite against a real Odoo and says what passed.

With --odoo-bin it makes scratch databases, prepares them, starts that Odoo and cleans up after
itself; with --url it uses one that runs. It knows nothing of what the suites test.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any

import addon_parts
import addon_suite
import odoo_server
import options
import postgres
import prepare
import report
import rpc

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
E2E = ROOT / "tests" / "e2e" / "run.py"
ADDON = ROOT / "odoo_addon"
SUITE_TIMEOUT_SECONDS = 4 * 3600
ENVIRONMENT_ERRORS = (
    addon_suite.AddonError, odoo_server.OdooStartError, postgres.PostgresError, rpc.OdooError,
    OSError, TimeoutError,
)
EXIT_PASSED, EXIT_FAILED, EXIT_USAGE, EXIT_ENVIRONMENT = 0, 1, 2, 3


def say(text: str) -> None:
    """Prints a line at once."""
    print(text, flush=True)


def suites(asked: options.Options) -> list[tuple[str, list[str]]]:
    """The suites to run, each with the command that takes --target-json and --transport."""
    chosen = [("fixtures", [sys.executable, str(HERE / "fixtures_check.py")])]
    if asked.addon and not asked.suite:
        chosen.append(("addon", [sys.executable, str(HERE / "addon_check.py")]))
    if not asked.fixtures_only and not asked.only:
        command = [sys.executable, str(E2E)]
        if asked.suite:
            command += ["--suite", asked.suite]
        chosen.append(("e2e", [*command, *asked.extra]))
    return chosen


def run_suite(command: list[str], target: pathlib.Path, transport: str) -> tuple[str, int]:
    """Runs one suite, showing its output as it comes; answers the output and the exit code."""
    process = subprocess.Popen(
        [*command, "--target-json", str(target), "--transport", transport],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", cwd=ROOT, start_new_session=True,
    )
    timer = threading.Timer(
        SUITE_TIMEOUT_SECONDS, lambda: os.killpg(process.pid, signal.SIGKILL)
    )
    timer.start()
    lines: list[str] = []
    assert process.stdout is not None
    try:
        for line in process.stdout:
            lines.append(line)
            print("    " + line, end="", flush=True)
        code = process.wait()
    finally:
        timer.cancel()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()
    return "".join(lines), code


def run_suites(
    asked: options.Options,
    series: str,
    transport: str,
    target: dict[str, Any],
    folder: pathlib.Path,
) -> list[report.Row]:
    """Runs every suite over one transport against one prepared target."""
    path = folder / f"target-{transport}.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(target, indent=1), encoding="utf-8")
    rows = []
    for name, command in suites(asked):
        say(f"== {series} {transport}: {name}")
        began = time.monotonic()
        output, code = run_suite(command, path, transport)
        counts, note = report.counts_of(output, code)
        elapsed = time.monotonic() - began
        rows.append(report.Row(series, transport, name, counts, elapsed, note))
    return rows


class ScratchRun:
    """A run on scratch databases of our own."""

    def __init__(self, asked: options.Options, folder: pathlib.Path, stack: contextlib.ExitStack):
        self._asked = asked
        self._folder = folder
        self._stack = stack
        self._admin_password = secrets.token_urlsafe(18)
        self._plain = f"{postgres.PREFIX}{os.getpid()}_plain"
        self._template = self._plain
        self._keys: dict[str, str] = {}
        self._fixtures: dict[str, Any] = {}
        self.kept = ""

    def run(self) -> list[report.Row]:
        """Prepares once, then runs every transport on a copy of its own."""
        environment = dict(os.environ)
        existing = postgres.wants_existing(environment) and not self._asked.own_postgres
        if existing:
            self._server: postgres.Server = postgres.Server(environment)
        else:
            say("starting a scratch PostgreSQL")
            cluster = postgres.Cluster(self._folder / "postgres", environment)
            self._stack.callback(cluster.close)
            cluster.start()
            self._server = cluster
        self._server.check()
        assert self._asked.odoo_bin is not None
        self._odoo = odoo_server.Installation(
            self._asked.odoo_bin, self._asked.python, self._asked.addons, self._folder,
            self._server.environment,
        )
        transports = options.transports_for(self._odoo.series, self._asked.transport)
        if existing:
            self._stack.callback(self._server.close)
        self._copies = addon_parts.Copies(self._server, self._folder)
        self._make_plain()
        rows = self._put_addon_in() if self._asked.addon else []
        if not self._asked.wants_part("rpc"):
            return rows
        for number, transport in enumerate(transports, start=1):
            rows += self._run_transport(transport, last=number == len(transports))
        return rows

    def _put_addon_in(self) -> list[report.Row]:
        """Puts the addon into a copy, as into a database in use, and runs its own parts."""
        say(f"Odoo {self._odoo.series}: installing {odoo_server.CONNECTOR}")
        bare, login = self._odoo, self._fixtures["users"]["bot"]["login"]
        self._template = f"{postgres.PREFIX}{os.getpid()}_addon"
        self._copies.make(self._template, self._plain)
        addons = addon_suite.package(bare.series, self._folder)
        self._odoo = bare.with_addons(addons)
        self._odoo.install(self._template, (odoo_server.CONNECTOR,))
        self._odoo.shell(self._template, HERE / "shell_grant.py", {"KONTOR_LIVE_BOT": login})
        if self._asked.suite:
            return []
        templates = {"plain": self._plain, "full": self._template}
        parts = addon_parts.Parts(self._asked, bare, self._odoo, self._copies, templates,
                                  self._target)
        return parts.run()

    def _shell(self, logins: list[str], finish: bool = False) -> dict[str, Any]:
        """The chart and the administrator; to `finish`, the second company too, once the first
        has its data, so that what is looked up by code there is unique."""
        fixtures = prepare.load_fixtures()
        settings = {
            "KONTOR_LIVE_CHART": fixtures["company"]["chart_template"],
            "KONTOR_LIVE_SECOND_COMPANY": json.dumps(fixtures["second_company"] if finish else {}),
            "KONTOR_LIVE_ADMIN_PASSWORD": self._admin_password,
            "KONTOR_LIVE_KEY_LOGINS": json.dumps(logins),
        }
        return self._odoo.shell(self._plain, HERE / "shell_setup.py", settings)

    def _make_plain(self) -> None:
        """A database without the addon, with all master data and users."""
        series = self._odoo.series
        modules = odoo_server.modules_for(series)
        say(f"Odoo {series}: installing {', '.join(modules)}")
        self._server.create(self._plain)
        self._odoo.install(self._plain, modules)
        self._shell([])
        say(f"Odoo {series}: preparing the test data")
        running = self._odoo.start(self._plain)
        try:
            admin = rpc.Odoo(running.url, self._plain, "admin", self._admin_password)
            self._fixtures = prepare.prepare(admin, series, datetime.date.today())
            logins = []
            for name in ("bot", "limited"):
                user = self._fixtures["users"][name]
                if name == "bot":
                    statements = prepare.for_series(user["statement_groups"], series)
                    user = user | {"groups": [*user["groups"], statements]}
                prepare.ensure_user(admin, user, secrets.token_urlsafe(18))
                logins.append(user["login"])
        finally:
            running.stop()
        self._keys = self._shell(logins, finish=True)["keys"]

    def _run_transport(self, transport: str, last: bool) -> list[report.Row]:
        database = f"{postgres.PREFIX}{os.getpid()}_{transport}"
        self._copies.make(database, self._template)
        running = self._odoo.start(database)
        keep = self._asked.keep and last
        try:
            target = self._target(running.url, database)
            rows = run_suites(self._asked, self._odoo.series, transport, target, self._folder)
        finally:
            if not keep:
                running.stop()
                self._server.drop(database)
        if keep:
            self.kept = (
                f"Odoo {self._odoo.series} stays at {running.url}, database {database}, "
                f"administrator admin / {self._admin_password}\n"
                f"target: {self._folder / f'target-{transport}.json'}\n"
                f"log: {self._odoo.log}\n"
                f"to end it: kill {running.pid}" + self._how_to_end(database)
            )
        return rows

    def _how_to_end(self, database: str) -> str:
        if isinstance(self._server, postgres.Cluster):
            pid = (self._folder / "postgres/data/postmaster.pid").read_text().splitlines()[0]
            return f" && sleep 5 && kill -INT {pid} && sleep 2 && rm -r {self._folder}"
        drop = " && ".join(f"dropdb {name}" for name in {database, self._plain, self._template})
        return f" && sleep 5 && {drop} && rm -r {self._folder}"

    def _target(self, url: str, database: str) -> dict[str, Any]:
        users = self._fixtures["users"]
        return {
            "kind": "live",
            "url": url,
            "db": database,
            "login": users["bot"]["login"],
            "api_key": self._keys[users["bot"]["login"]],
            "api_keys": self._keys,
            "admin_login": "admin",
            "admin_password": self._admin_password,
            "series": self._odoo.series,
            "transports": list(options.transports_for(self._odoo.series, "all")),
            "addon": self._asked.addon,
            "fixtures": str(prepare.FIXTURES),
        }


def run_on_running(asked: options.Options, folder: pathlib.Path) -> list[report.Row]:
    """Runs the suites against an Odoo that somebody else runs; ends nothing there."""
    bot = rpc.Odoo(asked.url, asked.database, asked.login, asked.api_key)
    series = str(bot.version().get("server_serie", ""))
    transports = options.transports_for(series, asked.transport)
    bot.uid()
    if asked.prepare:
        say(f"Odoo {series}: preparing the test data in {asked.database}")
        admin = rpc.Odoo(asked.url, asked.database, asked.admin_login, asked.admin_password)
        prepare.prepare(admin, series, datetime.date.today())
    target = {
        "kind": "live",
        "url": asked.url,
        "db": asked.database,
        "login": asked.login,
        "api_key": asked.api_key,
        "api_keys": {asked.login: asked.api_key},
        "admin_login": asked.admin_login if asked.admin_password else "",
        "admin_password": asked.admin_password,
        "series": series,
        "transports": list(options.transports_for(series, "all")),
        "addon": False,
        "fixtures": str(prepare.FIXTURES),
    }
    rows = []
    for transport in transports:
        rows += run_suites(asked, series, transport, target, folder)
    return rows


def _git(*words: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True,
                          timeout=30, check=True)
    return done.stdout.strip()


def commit() -> str:
    """The commit of this tree, with '+' when there are changes beside the record that the run
    before this one wrote; '?' without git."""
    try:
        head = _git("rev-parse", "--short=10", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".",
                       ":(exclude)tests/live/RESULTS.md")
    except (OSError, subprocess.SubprocessError):
        return "?"
    return head + ("+" if changed else "")


def finish(asked: options.Options, rows: list[report.Row], tested: str) -> int:
    """Prints the table, writes RESULTS.md when asked, answers the exit code. `tested` is the commit
    that the run began with: somebody may have committed meanwhile."""
    say("")
    say(report.table(rows))
    if asked.record:
        day = datetime.date.today().isoformat()
        report.record(HERE / "RESULTS.md", rows, asked.addon, tested, day)
    total = report.sums(rows)
    return EXIT_PASSED if total.failed == 0 and total.passed > 0 else EXIT_FAILED


def main(argv: list[str]) -> int:
    """Runs as asked; answers the exit code."""
    try:
        asked = options.parse(argv)
        if not asked.fixtures_only and not E2E.is_file():
            raise options.UsageError(f"there is no {E2E.relative_to(ROOT)}; try --fixtures-only")
        if asked.addon and not (ADDON / odoo_server.CONNECTOR).is_dir():
            raise options.UsageError(f"there is no odoo_addon/{odoo_server.CONNECTOR}")
    except options.UsageError as error:
        say(f"tests/live/run.sh: {error}")
        return EXIT_USAGE
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="kontor-live-"))
    folder.chmod(0o711)
    tested = commit()
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        try:
            if asked.url:
                return finish(asked, run_on_running(asked, folder), tested)
            scratch = ScratchRun(asked, folder, stack)
            code = finish(asked, scratch.run(), tested)
        except options.UsageError as error:
            say(f"tests/live/run.sh: {error}")
            return EXIT_USAGE
        except ENVIRONMENT_ERRORS as error:
            say(f"tests/live/run.sh: {error}")
            return EXIT_ENVIRONMENT
        if scratch.kept:
            say(scratch.kept)
            stack.pop_all()
        return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
