# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL for scratch databases: the one that PGHOST and friends name, or a cluster of our own.

Databases carry a prefix with our process id; nothing without that prefix is ever dropped.
"""

from __future__ import annotations

import os
import pathlib
import pwd
import shutil
import socket
import subprocess
from collections.abc import Mapping

PREFIX = "kontor_live_"
ROLE = "kontor_live"
COMMAND_TIMEOUT_SECONDS = 120
_ENVIRONMENT = ("PGHOST", "PGPORT", "PGUSER", "PGSERVICE", "PGHOSTADDR")


class PostgresError(RuntimeError):
    """PostgreSQL could not be had; the text says what to install or set."""


def wants_existing(environment: Mapping[str, str]) -> bool:
    """True when the environment names a PostgreSQL."""
    return any(environment.get(name) for name in _ENVIRONMENT)


def free_port() -> int:
    """Answers a loopback port that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def find_programs() -> pathlib.Path | None:
    """Answers the folder with initdb: from PATH, or the newest of Debian's places."""
    found = shutil.which("initdb")
    if found:
        return pathlib.Path(found).resolve().parent
    places = pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")
    numbered = [place for place in places if place.parent.parent.name.isdigit()]
    newest = max(numbered, key=lambda place: int(place.parent.parent.name), default=None)
    return newest.parent if newest else None


class Server:
    """A PostgreSQL whose scratch databases we make and drop. Not thread safe."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        self._made: list[str] = []

    def create(self, name: str, template: str = "") -> None:
        """Makes an empty database, or a copy of one of ours."""
        command = ["createdb", "--encoding=UTF8", "--template=" + (template or "template0")]
        self._run([*command, name])
        self._made.append(name)

    def drop(self, name: str) -> None:
        """Drops a database of ours, cutting its connections; refuses any other name."""
        if not name.startswith(PREFIX):
            raise PostgresError(f"{name} is not a scratch database of this runner")
        self._run(["dropdb", "--if-exists", "--force", name])
        if name in self._made:
            self._made.remove(name)

    def close(self) -> None:
        """Drops every database made here that still stands."""
        for name in list(self._made):
            self.drop(name)

    def check(self) -> None:
        """Raises PostgresError unless it answers and the role is one that Odoo accepts."""
        user = self._run(["psql", "-d", "postgres", "-Atc", "select current_user"]).strip()
        if user == "postgres":
            raise PostgresError("Odoo refuses the role 'postgres': set PGUSER to another one")

    def _run(self, command: list[str]) -> str:
        try:
            done = subprocess.run(
                command, env=self.environment, capture_output=True, text=True,
                timeout=COMMAND_TIMEOUT_SECONDS, check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PostgresError(f"{command[0]}: {error}") from error
        if done.returncode != 0:
            raise PostgresError(f"{command[0]}: {done.stderr.strip()[-400:]}")
        return done.stdout


class Cluster(Server):
    """A cluster of our own under a temporary folder, on a socket and a loopback port."""

    def __init__(self, folder: pathlib.Path, environment: Mapping[str, str]) -> None:
        programs = find_programs()
        if programs is None:
            raise PostgresError(
                "no PostgreSQL here: install the server (package postgresql), or set PGHOST"
            )
        self._programs = programs
        self._folder = folder
        self._data = folder / "data"
        clean = {name: value for name, value in environment.items() if not name.startswith("PG")}
        clean["PATH"] = f"{programs}{os.pathsep}{clean.get('PATH', os.defpath)}"
        self._port = free_port()
        clean |= {"PGHOST": str(folder), "PGPORT": str(self._port), "PGUSER": ROLE}
        super().__init__(clean)

    def start(self) -> None:
        """Makes and starts the cluster; a root caller hands it to the user postgres."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        self._as_owner(
            "initdb", "-D", str(self._data), "-U", ROLE, "-A", "trust", "-E", "UTF8",
            "--locale=C", "--no-sync",
        )
        self._as_owner(
            "pg_ctl", "-D", str(self._data), "-l", str(self._folder / "log"), "-w", "-o",
            f"-c listen_addresses='' -c port={self._port} -c unix_socket_directories={self._folder}"
            " -c fsync=off -c synchronous_commit=off -c max_connections=100",
            "start",
        )

    def close(self) -> None:
        """Stops the cluster; its folder goes with the run's temporary folder."""
        if (self._data / "postmaster.pid").exists():
            self._as_owner("pg_ctl", "-D", str(self._data), "-w", "-m", "immediate", "stop")

    def _as_owner(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        log = self._folder / "setup.log"
        with log.open("a", encoding="utf-8") as out:
            done = subprocess.run(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, timeout=COMMAND_TIMEOUT_SECONDS, check=False,
                cwd=self._folder,
            )
        if done.returncode != 0:
            tail = log.read_text(encoding="utf-8", errors="replace")[-400:]
            raise PostgresError(f"{program} failed: {tail}")
