# SPDX-License-Identifier: Apache-2.0
"""Command line of the live runner: what may be asked, and what is refused before anything starts.

Pure: reads no file but to see whether a path exists, starts nothing.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

TRANSPORTS = ("json2", "jsonrpc", "xmlrpc")
SERIES_TRANSPORTS = {
    "17.0": ("jsonrpc", "xmlrpc"),
    "18.0": ("jsonrpc", "xmlrpc"),
    "19.0": ("json2", "jsonrpc", "xmlrpc"),
}

CHAOS_DOCUMENTS = (20, 10_000)


class UsageError(ValueError):
    """The command line asks for something that cannot be; the text says what to change."""


@dataclass(frozen=True)
class Options:
    """One run, as asked for."""

    odoo_bin: pathlib.Path | None = None
    addons: tuple[pathlib.Path, ...] = ()
    python: str = sys.executable
    transport: str = "all"
    suite: str = ""
    addon: bool = False
    bench: bool = False
    only: str = ""
    chaos: int = 0
    keep: bool = False
    record: bool = False
    fixtures_only: bool = False
    url: str = ""
    database: str = ""
    login: str = ""
    api_key: str = field(default="", repr=False)
    admin_login: str = "admin"
    admin_password: str = field(default="", repr=False)
    prepare: bool = False
    own_postgres: bool = False
    extra: tuple[str, ...] = ()


def transports_for(series: str, asked: str) -> tuple[str, ...]:
    """The transports to run: those the series has, or the one asked for.

    Raises UsageError when the series is unknown or does not have the transport.
    """
    if series not in SERIES_TRANSPORTS:
        raise UsageError(f"Odoo {series or 'of no known version'} is not supported: use 17, 18, 19")
    available = SERIES_TRANSPORTS[series]
    if asked == "all":
        return available
    if asked not in available:
        raise UsageError(f"Odoo {series} does not speak {asked}: it has {', '.join(available)}")
    return (asked,)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tests/live/run.sh",
        description="Run the end-to-end suite against a real Odoo 17, 18 or 19.",
        epilog="Secrets may come from the environment: KONTOR_LIVE_API_KEY and "
        "KONTOR_LIVE_ADMIN_PASSWORD. PGHOST, PGPORT, PGUSER and PGPASSWORD choose a PostgreSQL; "
        "without them a scratch cluster is made and removed. "
        "Exit: 0 all passed, 1 some failed, 2 usage, 3 Odoo or PostgreSQL could not be had.",
    )
    own = parser.add_argument_group("an Odoo of yours, on scratch databases")
    own.add_argument("--odoo-bin", type=pathlib.Path, metavar="PATH", help="odoo-bin or odoo")
    own.add_argument(
        "--addons", type=pathlib.Path, nargs="+", action="extend", default=[], metavar="PATH",
        help="addons folders, beside the one next to odoo-bin",
    )
    own.add_argument("--python", default=sys.executable, help="the Python that has Odoo's packages")
    own.add_argument("--addon", action="store_true", help="install kontor_connector too")
    own.add_argument("--bench", action="store_true", help="measure the addon's speed, with --addon")
    own.add_argument(
        "--only", choices=("addon",), default="", help="the addon's own parts alone, with --addon"
    )
    own.add_argument(
        "--chaos", type=int, default=0, metavar="N",
        help="N documents while kontord is killed and answers are cut, with --addon",
    )
    own.add_argument("--own-postgres", action="store_true", help="ignore PGHOST and friends")
    running = parser.add_argument_group("an Odoo that runs")
    running.add_argument("--url")
    running.add_argument("--db", dest="database")
    running.add_argument("--login")
    running.add_argument("--api-key")
    running.add_argument("--admin-login", default="admin")
    running.add_argument("--admin-password", help="of an administrator, for tests that need one")
    running.add_argument(
        "--prepare", action="store_true", help="create the test data there (it writes!)"
    )
    parser.add_argument("--transport", choices=("all", *TRANSPORTS), default="all")
    parser.add_argument("--suite", default="", metavar="PATTERN", help="only matching test modules")
    parser.add_argument("--fixtures-only", action="store_true", help="check the test data only")
    parser.add_argument("--keep", action="store_true", help="leave everything running at the end")
    parser.add_argument("--record", action="store_true", help="write the outcome into RESULTS.md")
    parser.add_argument(
        "extra", nargs="*", metavar="-- ARG", help="more arguments for tests/e2e/run.py"
    )
    return parser


def parse(argv: Sequence[str], environment: Mapping[str, str] = os.environ) -> Options:
    """Reads the command line; argparse itself ends with exit 2, the rest raises UsageError."""
    given = _parser().parse_args(list(argv))
    api_key = given.api_key or environment.get("KONTOR_LIVE_API_KEY", "")
    password = given.admin_password or environment.get("KONTOR_LIVE_ADMIN_PASSWORD", "")
    if given.record and (given.suite or given.fixtures_only or given.only or given.extra):
        raise UsageError("--record is for whole runs: leave --suite, --only, --fixtures-only out")
    if given.only and (given.suite or given.fixtures_only):
        raise UsageError("--only says what to run: leave --suite and --fixtures-only out")
    if bool(given.odoo_bin) == bool(given.url):
        raise UsageError("give either --odoo-bin PATH or --url URL")
    if given.url:
        _check_running(given, api_key, password)
    else:
        _check_own(given)
    return Options(
        odoo_bin=given.odoo_bin.resolve() if given.odoo_bin else None,
        addons=tuple(path.resolve() for path in given.addons),
        python=given.python,
        transport=given.transport,
        suite=given.suite,
        addon=given.addon,
        bench=given.bench,
        only=given.only,
        chaos=given.chaos,
        keep=given.keep,
        record=given.record,
        fixtures_only=given.fixtures_only,
        url=(given.url or "").rstrip("/"),
        database=given.database or "",
        login=given.login or "",
        api_key=api_key,
        admin_login=given.admin_login,
        admin_password=password,
        prepare=given.prepare,
        own_postgres=given.own_postgres,
        extra=tuple(given.extra),
    )


def _check_running(given: argparse.Namespace, api_key: str, password: str) -> None:
    if not given.url.startswith(("http://", "https://")):
        raise UsageError("--url starts with http:// or https://")
    for name, value in (("--db", given.database), ("--login", given.login), ("--api-key", api_key)):
        if not value:
            raise UsageError(f"--url needs {name}")
    if given.addons or given.addon or given.bench or given.only or given.chaos:
        raise UsageError("--addons and --addon go with --odoo-bin: a running Odoo has its own")
    if given.prepare and not password:
        raise UsageError("--prepare needs --admin-password (or KONTOR_LIVE_ADMIN_PASSWORD)")


def _check_own(given: argparse.Namespace) -> None:
    if not given.odoo_bin.is_file():
        raise UsageError(f"there is no odoo-bin at {given.odoo_bin}")
    for path in given.addons:
        if not path.is_dir():
            raise UsageError(f"there is no addons folder at {path}")
    for name in ("database", "login", "api_key", "admin_password"):
        if getattr(given, name):
            raise UsageError(
                f"--{name.replace('_', '-').replace('database', 'db')} goes with --url: "
                "scratch databases get their own"
            )
    for name in ("bench", "only", "chaos"):
        if getattr(given, name) and not given.addon:
            raise UsageError(f"--{name} is about the addon: it goes with --addon")
    if given.chaos and not CHAOS_DOCUMENTS[0] <= given.chaos <= CHAOS_DOCUMENTS[1]:
        raise UsageError("--chaos is from {} to {} documents".format(*CHAOS_DOCUMENTS))
    if given.prepare:
        raise UsageError("--prepare goes with --url: scratch databases are always prepared")
