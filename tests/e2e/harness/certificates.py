# SPDX-License-Identifier: Apache-2.0
"""Certificates of a test's own authority, and HTTPS calls with one of them."""
from __future__ import annotations

import http.client
import pathlib
import ssl
import subprocess

NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


class Authority:
    """Signs for whoever asks; files `<name>.pem` and `<name>.key` in the folder."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._openssl("req", "-x509", *NEW_KEY, "-keyout", "ca.key", "-out", "ca.pem", "-subj",
                      "/CN=authority", "-days", "2")

    def _openssl(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def sign(self, name: str) -> tuple[str, str]:
        """Certificate and key of `CN=<name>`."""
        self._openssl("req", *NEW_KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj",
                      f"/CN={name}")
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                      "-CAcreateserial", "-out", f"{name}.pem", "-days", "2")
        key = self.folder / f"{name}.key"
        key.chmod(0o600)
        return str(self.folder / f"{name}.pem"), str(key)

    @property
    def file(self) -> str:
        return str(self.folder / "ca.pem")

    def post(self, port: int, path: str, body: bytes, client: tuple[str, str] | None) -> int:
        """The status of a POST over TLS, with a client certificate or without."""
        context = ssl.create_default_context(cafile=self.file)
        context.check_hostname = False
        if client:
            context.load_cert_chain(*client)
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            return connection.getresponse().status
        finally:
            connection.close()
