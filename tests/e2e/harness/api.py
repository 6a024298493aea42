# SPDX-License-Identifier: Apache-2.0
"""kontor's API over HTTP as any Connect client speaks it; standard library only."""
from __future__ import annotations

import http.client
import itertools
import json
import uuid
from typing import Any

Json = dict[str, Any]
_numbers = itertools.count(1)


class ApiError(Exception):
    """An error answer: canonical code, stable reason, field path and findings."""

    def __init__(self, http_status: int, body: Json) -> None:
        self.http_status = http_status
        self.code: str = body.get("code", "")
        self.message: str = body.get("message", "")
        self.reason = ""
        self.metadata: Json = {}
        self.findings: list[Json] = []
        for detail in body.get("details", []):
            debug = detail.get("debug", {})
            if detail.get("type") == "google.rpc.ErrorInfo":
                self.reason = debug.get("reason", "")
                self.metadata = debug.get("metadata", {})
            else:
                self.findings.append(debug)
        super().__init__(f"{http_status} {self.code} {self.reason}: {self.message}")

    @property
    def field(self) -> str:
        return str(self.metadata.get("field", ""))

    def reasons(self) -> set[str]:
        return {self.reason} | {finding.get("reason", "") for finding in self.findings}


def request_id(prefix: str = "t") -> str:
    """A request id that no other test uses."""
    return f"{prefix}-{next(_numbers)}-{uuid.uuid4().hex[:12]}"


class Api:
    """One caller. Thread-safe: each call has a connection of its own."""

    def __init__(self, port: int, token: str = "", timeout: float = 90.0) -> None:
        self.port = port
        self.token = token
        self.timeout = timeout

    def as_token(self, token: str) -> Api:
        return Api(self.port, token, self.timeout)

    def raw(self, method: str, path: str, body: bytes = b"",
            headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
        """One HTTP exchange as it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            names = {key.lower(): value for key, value in response.getheaders()}
            return response.status, names, response.read()
        except http.client.HTTPException as error:
            raise ConnectionError(f"no whole answer: {error}") from error
        finally:
            connection.close()

    def call(self, method: str, **request: Any) -> Json:
        """`call("InvoiceService/GetInvoice", id=…)`; raises ApiError."""
        return self.call_json(method, json.dumps(request).encode())

    def call_json(self, method: str, body: bytes) -> Json:
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        status, _, answer = self.raw("POST", f"/kontor.v1.{method}", body, headers)
        try:
            decoded = json.loads(answer) if answer else {}
        except ValueError:
            decoded = {"message": answer[:200].decode("utf-8", "replace")}
        if status != 200:
            raise ApiError(status, decoded)
        return decoded
