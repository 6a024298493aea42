# SPDX-License-Identifier: Apache-2.0
"""What the bank does with sealed files, by GnuPG: an implementation of its own."""
from __future__ import annotations

import subprocess
from pathlib import Path

SUFFIX = ".pgp"
TIMEOUT_S = 60


class Refused(ValueError):
    """A file that the bank cannot open, or that its client did not sign."""


class Envelope:
    """Opens what the client signed and encrypted to the bank, and seals the other way round.

    `home` is a GNUPGHOME with the bank's secret key as `bank` and the client's public one as
    `client`.
    """

    def __init__(self, home: Path, bank: str, client: str) -> None:
        self.home, self.bank, self.client = home, bank, client

    def _gpg(self, data: bytes, *words: str) -> bytes:
        done = subprocess.run(
            ["gpg", "--homedir", str(self.home), "--batch", "--no-tty", "--quiet",
             "--trust-model", "always", "--pinentry-mode", "loopback", "--passphrase", "",
             "--status-fd", "2", *words],
            input=data, capture_output=True, timeout=TIMEOUT_S, check=False)
        if done.returncode != 0:
            raise Refused(done.stderr.decode(errors="replace"))
        if "--decrypt" in words and b"GOODSIG" not in done.stderr:
            raise Refused("it is not signed")
        return done.stdout

    def open(self, data: bytes) -> bytes:
        return self._gpg(data, "--decrypt")

    def seal(self, data: bytes) -> bytes:
        return self._gpg(data, "--local-user", self.bank, "--recipient", self.client, "--sign",
                         "--encrypt")
