# SPDX-License-Identifier: Apache-2.0
"""OpenPGP keys of a bank and of its client, made by GnuPG in a folder of their own."""
from __future__ import annotations

import pathlib
import shutil
import subprocess
import tempfile
from typing import Any

TIMEOUT_S = 60
PARAMETERS = """%no-protection
Key-Type: EDDSA
Key-Curve: Ed25519
Key-Usage: sign
Subkey-Type: ECDH
Subkey-Curve: Curve25519
Subkey-Usage: encrypt
Name-Email: {user}
Expire-Date: 1y
%commit
"""


def missing() -> str:
    """Why there can be no keys here; empty: there can."""
    return "" if shutil.which("gpg") else "gpg is missing: install gnupg"


class Keys:
    """`home` holds the bank's secret key and the client's public one; `settings` and `own_secret`
    are what a channel needs."""

    BANK, CLIENT = "bank@example.test", "client@example.test"

    def __init__(self) -> None:
        # GnuPG's sockets want a short path.
        self._short = pathlib.Path(tempfile.mkdtemp(prefix="kontor-gpg-"))
        self.home, self._client = self._short / "bank", self._short / "client"
        for home, user in ((self.home, self.BANK), (self._client, self.CLIENT)):
            home.mkdir(mode=0o700)
            self._gpg(home, "--generate-key", data=PARAMETERS.format(user=user).encode())
        bank = self._gpg(self.home, "--armor", "--export", self.BANK).decode()
        self.own_secret = self._gpg(self._client, "--armor", "--export-secret-keys",
                                    self.CLIENT).decode()
        self._gpg(self.home, "--import", data=self._gpg(self._client, "--export", self.CLIENT))
        self.settings: dict[str, Any] = {"bank_key": bank}

    @staticmethod
    def _gpg(home: pathlib.Path, *words: str, data: bytes = b"") -> bytes:
        return subprocess.run(
            ["gpg", "--homedir", str(home), "--batch", "--yes", "--no-tty", "--quiet",
             "--pinentry-mode", "loopback", "--passphrase", "", *words],
            input=data, capture_output=True, timeout=TIMEOUT_S, check=True).stdout

    def stop(self) -> None:
        for home in (self.home, self._client):
            subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "gpg-agent"],
                           capture_output=True, timeout=TIMEOUT_S, check=False)
        shutil.rmtree(self._short, ignore_errors=True)
