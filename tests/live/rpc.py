# SPDX-License-Identifier: Apache-2.0
"""A small JSON-RPC client for the preparation of a scratch Odoo.

Speaks /jsonrpc, which 17, 18 and 19 all have. It must not be used by the suites under test: they
bring their own transports, so that a mistake here cannot hide one there.
"""

from __future__ import annotations

import itertools
import json
import urllib.error
import urllib.request
from typing import Any

CALL_TIMEOUT_SECONDS = 120.0


class OdooError(RuntimeError):
    """Odoo refused a call; `kind` is the exception class that Odoo names."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


class Odoo:
    """One signed-in user of one database. Not thread safe."""

    def __init__(
        self,
        url: str,
        database: str,
        login: str,
        secret: str,
        timeout: float = CALL_TIMEOUT_SECONDS,
    ) -> None:
        self.url = url.rstrip("/")
        self.database = database
        self.login = login
        self._secret = secret
        self._timeout = timeout
        self._ids = itertools.count(1)
        self._uid: int | None = None

    def version(self) -> dict[str, Any]:
        """Answers common.version, which needs no login."""
        return self._post("common", "version", [])

    def uid(self) -> int:
        """Signs in once and answers the user's id; raises OdooError when refused."""
        if self._uid is None:
            credentials = [self.database, self.login, self._secret, {}]
            uid = self._post("common", "authenticate", credentials)
            if not isinstance(uid, int) or isinstance(uid, bool):
                raise OdooError("AccessDenied", f"{self.login} cannot sign in to {self.database}")
            self._uid = uid
        return self._uid

    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """Calls a public method of a model. A method that returns nothing answers None."""
        return self._post(
            "object",
            "execute_kw",
            [self.database, self.uid(), self._secret, model, method, list(args), kwargs],
        )

    def find(self, model: str, domain: list[Any], archived: bool = False) -> int | None:
        """Answers the id of the first record that matches, or None."""
        context = {"active_test": False} if archived else {}
        ids = self.call(model, "search", domain, limit=1, order="id", context=context)
        return ids[0] if ids else None

    def create(
        self, model: str, values: dict[str, Any], context: dict[str, Any] | None = None
    ) -> int:
        """Creates one record and answers its id."""
        answer = self.call(model, "create", [values], context=context or {})
        return answer[0]

    def xmlid(self, name: str) -> int | None:
        """Answers the id behind an external id, or None; needs an administrator."""
        module, _, short = name.partition(".")
        rows = self.call(
            "ir.model.data",
            "search_read",
            [["module", "=", module], ["name", "=", short]],
            fields=["res_id"],
            limit=1,
        )
        return rows[0]["res_id"] if rows else None

    def fields(self, model: str) -> set[str]:
        """Answers the names of the fields that this series gives a model."""
        return set(self.call(model, "fields_get", [], attributes=["type"]))

    def _post(self, service: str, method: str, args: list[Any]) -> Any:
        body = json.dumps(
            {
                "jsonrpc": "2.0",
                "method": "call",
                "id": next(self._ids),
                "params": {"service": service, "method": method, "args": args},
            }
        ).encode()
        request = urllib.request.Request(
            self.url + "/jsonrpc", data=body, headers={"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as answer:
                payload = json.load(answer)
        except urllib.error.HTTPError as error:
            raise OdooError("Http", f"{self.url} answered {error.code}") from error
        if "error" in payload:
            data = payload["error"].get("data") or {}
            raise OdooError(str(data.get("name", "Unknown")), str(data.get("message", ""))[:500])
        return payload.get("result")
