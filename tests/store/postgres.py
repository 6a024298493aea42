# SPDX-License-Identifier: Apache-2.0
"""Runs the store's suite on a private PostgreSQL: a cluster in a temporary folder that listens on a
Unix socket only, thrown away afterwards. Exit code 77 (skipped) when no PostgreSQL is installed.

Usage: postgres.py STORE_TEST [ARGUMENTS...]
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SKIPPED = 77
SERVER_USER = "postgres"  # initdb refuses to run as root.


def find_tools() -> Path | None:
    """The folder of initdb and pg_ctl, the newest version first."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), reverse=True)
    return Path(folders[0]).parent if folders else None


def as_server(command: list[str]) -> list[str]:
    if os.geteuid() != 0:
        return command
    return ["runuser", "-u", SERVER_USER, "--", *command]


def write_control(folder: Path, tools: Path) -> Path:
    """A script that stops and starts the server, for the test that needs it."""
    control = folder / "control.sh"
    pg_ctl = as_server(
        [str(tools / "pg_ctl"), "-D", str(folder / "db"), "-w", "-t", "60", "-l",
         str(folder / "log"), "-m", "fast"]
    )
    control.write_text(f'#!/bin/sh\nexec {" ".join(pg_ctl)} "$1" >/dev/null\n')
    control.chmod(0o755)
    return control


def main() -> int:
    tools = find_tools()
    if tools is None:
        print("SKIPPED: no PostgreSQL server (initdb) is installed", file=sys.stderr)
        return SKIPPED
    folder = Path(tempfile.mkdtemp(prefix="kontor-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, SERVER_USER)
        subprocess.run(
            as_server([str(tools / "initdb"), "-D", str(folder / "db"), "-A", "trust", "-U",
                       SERVER_USER, "-E", "UTF8", "--locale=C.UTF-8", "-N"]),
            check=True, stdout=subprocess.DEVNULL, cwd="/",
        )
        with open(folder / "db" / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.write(f"listen_addresses = ''\nunix_socket_directories = '{folder}'\n"
                       "max_connections = 60\nshared_buffers = 32MB\n")
        control = write_control(folder, tools)
        subprocess.run([str(control), "start"], check=True, cwd="/")
        try:
            environment = dict(
                os.environ,
                KONTOR_STORE_TEST_PG=f"host={folder} user={SERVER_USER} dbname=postgres",
                KONTOR_STORE_TEST_PG_CONTROL=str(control),
            )
            return subprocess.run([*sys.argv[1:], "--report_level=short"], env=environment,
                                  check=False).returncode
        finally:
            subprocess.run([str(control), "stop"], check=False, cwd="/")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
