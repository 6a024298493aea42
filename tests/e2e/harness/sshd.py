# SPDX-License-Identifier: Apache-2.0
"""A real SSH server on loopback with keys of its own, over whatever its user may read."""
from __future__ import annotations

import os
import pathlib
import pwd
import socket
import subprocess
import time

from .processes import START_SECONDS_MAX, Process

SERVER, KEYGEN, SFTP = (pathlib.Path(path) for path in (
    "/usr/sbin/sshd", "/usr/bin/ssh-keygen", "/usr/lib/openssh/sftp-server"))
KEY_SECONDS_MAX = 60.0


def missing() -> str:
    """Why there can be no server here; empty: there can."""
    for program in (SERVER, KEYGEN, SFTP):
        if not program.exists():
            return f"{program} is missing: install openssh-server"
    return ""


def _run(*words: str) -> str:
    return subprocess.run([str(KEYGEN), *words], capture_output=True, text=True, check=True,
                          timeout=KEY_SECONDS_MAX).stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Sshd:
    """Takes one key of a client; `settings` and `secret` are what a channel to it needs."""

    def __init__(self, folder: pathlib.Path) -> None:
        folder.mkdir(parents=True)
        host_key, client_key = folder / "host_key", folder / "client_key"
        for key in (host_key, client_key):
            _run("-q", "-t", "ed25519", "-N", "", "-f", str(key))
        fingerprint = _run("-l", "-E", "sha256", "-f", f"{host_key}.pub").split()[1]
        authorized = folder / "authorized_keys"
        authorized.write_bytes(pathlib.Path(f"{client_key}.pub").read_bytes())
        authorized.chmod(0o600)
        self.port = _free_port()
        config = folder / "sshd_config"
        config.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {host_key}\n"
            f"AuthorizedKeysFile {authorized}\nPidFile none\nUsePAM no\nStrictModes no\n"
            f"PasswordAuthentication no\nPermitRootLogin prohibit-password\n"
            f"Subsystem sftp {SFTP}\n", encoding="utf-8")
        if os.getuid() == 0:  # it wants this folder for the part of it that has no rights
            pathlib.Path("/run/sshd").mkdir(exist_ok=True)
        self.secret = client_key.read_text(encoding="utf-8")
        self.settings = {"host": "127.0.0.1", "port": self.port,
                         "user": pwd.getpwuid(os.getuid()).pw_name, "host_keys": [fingerprint]}
        self._command = [str(SERVER), "-D", "-e", "-f", str(config)]
        self._log = folder / "log"
        self.start()

    def start(self) -> None:
        """On the same port and with the same keys as before."""
        self._process = Process(self._command, self._log)
        self._await()

    def _await(self) -> None:
        end = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < end and self._process.alive():
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"sshd does not start:\n{self._process.tail()}")

    def logins(self) -> int:
        """How often the client's key was taken."""
        log = self._log.read_text(encoding="utf-8", errors="replace")
        return log.count("Accepted publickey")

    def stop(self) -> None:
        self._process.stop()
