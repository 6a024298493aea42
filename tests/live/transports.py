# SPDX-License-Identifier: Apache-2.0
"""Odoo's three transports, just enough to check a target: one call, by keyword, answers plain data.

For checks only: no retries, no exactly-once, amounts as they come.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import xmlrpc.client
from typing import Any

TIMEOUT_SECONDS = 120


class Refused(RuntimeError):
    """Odoo refused the call; the text starts with the transport's own class or code."""


class Caller:
    """One user over one transport. Not thread safe."""

    def __init__(self, target: dict[str, Any], transport: str) -> None:
        self._url = target["url"].rstrip("/")
        self._database = target["db"]
        self._login = target["login"]
        self._key = target["api_key"]
        self.transport = transport
        self._uid = 0

    def call(
        self, model: str, method: str, ids: list[int] | None = None, **arguments: Any
    ) -> Any:
        """Calls a method by keyword; `ids` are the records it is called on."""
        if self.transport == "json2":
            return self._json2(model, method, ids, arguments)
        positional = [ids] if ids is not None else []
        parameters = [self._database, self._user(), self._key, model, method, positional, arguments]
        return self._rpc("object", "execute_kw", parameters)

    def _user(self) -> int:
        if not self._uid:
            credentials = [self._database, self._login, self._key, {}]
            answer = self._rpc("common", "authenticate", credentials)
            if not answer:
                raise Refused("authenticate: wrong login or key")
            self._uid = answer
        return self._uid

    def _rpc(self, service: str, method: str, parameters: list[Any]) -> Any:
        if self.transport == "xmlrpc":
            try:
                with xmlrpc.client.ServerProxy(f"{self._url}/xmlrpc/2/{service}") as proxy:
                    return getattr(proxy, method)(*parameters)
            except xmlrpc.client.Fault as fault:
                raise Refused(f"{fault.faultCode}: {fault.faultString[-200:]}") from fault
        body = {
            "jsonrpc": "2.0", "method": "call", "id": 1,
            "params": {"service": service, "method": method, "args": parameters},
        }
        answer = self._post("/jsonrpc", body, {})
        if "error" in answer:
            data = answer["error"].get("data") or {}
            raise Refused(f"{data.get('name')}: {str(data.get('message'))[:200]}")
        return answer.get("result")

    def _json2(
        self, model: str, method: str, ids: list[int] | None, arguments: dict[str, Any]
    ) -> Any:
        body = dict(arguments) if ids is None else {"ids": ids, **arguments}
        headers = {"Authorization": f"bearer {self._key}", "X-Odoo-Database": self._database}
        try:
            return self._post(f"/json/2/{model}/{method}", body, headers)
        except urllib.error.HTTPError as error:
            text = error.read(2000).decode(errors="replace")
            raise Refused(f"{error.code}: {text[:200]}") from error

    def _post(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> Any:
        request = urllib.request.Request(
            self._url + path, data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **headers},
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return json.load(answer)
