# SPDX-License-Identifier: Apache-2.0
"""What each platform remembers and answers. Pure state behind one lock; HTTP is in server.py."""
from __future__ import annotations

import base64
import itertools
import json
import threading
from typing import Any
from urllib.parse import parse_qs

Json = dict[str, Any]
Answer = tuple[int, Any]
CLIENT_ID, CLIENT_SECRET, REFRESH = "kontor", "sim-client-secret-0123456789", "sim-refresh"
FI = "/financialintegration/fi/v4/companies/transactiontypes/expense/transactions"


class Platform:
    """The tokens and the memory that every platform has."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.tokens: set[str] = set()
        self.token_calls = 0
        self.token_life = 3600
        self._numbers = itertools.count(1)
        self.items: dict[str, Json] = {}

    def new_token(self) -> Answer:
        self.token_calls += 1
        token = f"token-{next(self._numbers)}"
        self.tokens.add(token)
        return 200, {"access_token": token, "token_type": "bearer",
                     "expires_in": self.token_life}

    def expire_tokens(self) -> None:
        self.tokens.clear()

    def may(self, headers: dict[str, str]) -> bool:
        kind, _, token = headers.get("authorization", "").partition(" ")
        return kind == "Bearer" and token in self.tokens

    def add(self, items: list[Json]) -> None:
        raise NotImplementedError  # every platform has its own shape

    def handle(self, method: str, path: str, query: dict[str, list[str]],
               headers: dict[str, str], body: bytes) -> Answer:
        raise NotImplementedError

    def fail_items(self, path: str, body: bytes) -> Answer:
        """200, and each item says that it failed. Only where the contract has such answers."""
        raise NotImplementedError

    def state(self) -> Json:
        return {"items": self.items, "token_calls": self.token_calls}


class Concur(Platform):
    """Financial Integration Service v4: a list of READY documents, and three confirmations. Every
    answer is 200; what failed says so item by item."""

    ACKNOWLEDGED, UNKNOWN = 101, 116

    def __init__(self) -> None:
        super().__init__()
        self.recall_next: set[str] = set()
        self.listed: set[str] = set()

    def add(self, items: list[Json]) -> None:
        for item in items:
            identity = item.get("id") or f"doc-{next(self._numbers)}"
            self.items[identity] = {
                "companyId": item.get("companyId", "p0001"), "docStatus": "READY",
                "document": json.dumps(item["document"]), "acks": 0, "postings": [],
                "payments": []}

    def handle(self, method: str, path: str, query: dict[str, list[str]],
               headers: dict[str, str], body: bytes) -> Answer:
        if path == "/oauth2/v0/token" and method == "POST":
            form = {key: values[0] for key, values in parse_qs(body.decode()).items()}
            right = form.get("client_id") == CLIENT_ID and \
                form.get("client_secret") == CLIENT_SECRET and \
                form.get("refresh_token", REFRESH) == REFRESH
            return self.new_token() if right else (400, {"error": "invalid_grant"})
        if not self.may(headers):
            return 401, {"message": "Unauthorized"}
        if path == FI and method == "GET":
            return self.ready(int(query.get("limit", ["25"])[0]))
        if not path.startswith(FI) or method != "POST":
            return 404, {"message": "no such resource"}
        told = json.loads(body)
        if path == FI + "/acknowledgements":
            return 200, {"acknowledgements": [self.acknowledge(i) for i in told["ids"]],
                         "errors": []}
        if path == FI + "/postingconfirmations":
            return 200, {"confirmations": [self.post(item) for item in told], "errors": []}
        if path == FI + "/paymentconfirmations":
            return 200, {"confirmations": [self.pay(item) for item in told], "errors": []}
        return 404, {"message": "no such resource"}

    def approve_again(self, identities: list[str]) -> None:
        """Recalled documents that were approved again, unchanged."""
        for identity in identities:
            self.recall_next.discard(identity)
            self.items[identity]["docStatus"] = "READY"

    def fail_items(self, path: str, body: bytes) -> Answer:
        told = json.loads(body)
        ids = told["ids"] if isinstance(told, dict) else [item["id"] for item in told]
        failed = [{"id": identity, "status": "FAILURE", "code": 500, "message": "try it tomorrow"}
                  for identity in ids]
        # Beside the list of what went well, which is empty.
        key = "acknowledgements" if path.endswith("acknowledgements") else "confirmations"
        return 200, {key: failed, "errors": []}

    def ready(self, limit: int) -> Answer:
        documents = [{"id": identity, "companyId": item["companyId"],
                      "docStatus": item["docStatus"], "document": item["document"]}
                     for identity, item in self.items.items() if item["docStatus"] == "READY"]
        page = documents[:limit]
        # Taken back after it was listed and before it is acknowledged.
        for document in page:
            if document["id"] in self.recall_next:
                self.items[document["id"]]["docStatus"] = "RECALLED"
        return 200, {"documents": page, "total": len(documents)}

    def acknowledge(self, identity: str) -> Json:
        item = self.items.get(identity)
        if item is None or item["docStatus"] == "RECALLED":
            return {"id": identity, "status": "FAILURE", "code": self.UNKNOWN,
                    "message": "unknown document"}
        item["acks"] += 1
        if item["docStatus"] != "READY":
            return {"id": identity, "status": "FAILURE", "code": self.ACKNOWLEDGED,
                    "message": "already acknowledged"}
        item["docStatus"] = "ACKNOWLEDGED"
        return {"id": identity, "status": "SUCCESS", "code": 0, "message": ""}

    def _known(self, told: Json) -> Json | None:
        item = self.items.get(told["id"])
        return item if item and item["docStatus"] not in ("READY", "RECALLED") else None

    def post(self, told: Json) -> Json:
        item = self._known(told)
        if item is None:
            return {"id": told["id"], "status": "FAILURE", "code": self.UNKNOWN,
                    "message": "unknown document"}
        if told["overallPostingStatusCode"] not in ("success", "error"):
            return {"id": told["id"], "status": "FAILURE", "code": 400, "message": "bad status"}
        if told not in item["postings"]:
            item["postings"].append(told)
        item["docStatus"] = "POSTED" if told["overallPostingStatusCode"] == "success" else "ERROR"
        return {"id": told["id"], "status": "SUCCESS", "code": 0, "message": ""}

    def pay(self, told: Json) -> Json:
        item = self._known(told)
        if item is None or item["docStatus"] != "POSTED" and not item["payments"]:
            return {"id": told["id"], "status": "FAILURE", "code": self.UNKNOWN,
                    "message": "unknown document"}
        if told not in item["payments"]:
            item["payments"].append(told)
        item["docStatus"] = "PAID"
        return {"id": told["id"], "status": "SUCCESS", "code": 0, "message": ""}


class Ramp(Platform):
    """Reimbursements that are ready to sync; syncs carry an idempotency key."""

    def __init__(self) -> None:
        super().__init__()
        self.syncs: dict[str, Json] = {}
        self.sync_calls = 0
        self.accounts: dict[str, Json] = {}

    def add(self, items: list[Json]) -> None:
        for item in items:
            self.items[item["id"]] = {"sync_status": "SYNC_READY", "data": item, "synced": [],
                                      "failed": []}

    def handle(self, method: str, path: str, query: dict[str, list[str]],
               headers: dict[str, str], body: bytes) -> Answer:
        if path == "/developer/v1/token" and method == "POST":
            wanted = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
            right = headers.get("authorization") == "Basic " + wanted
            return self.new_token() if right else (401, {"error": "invalid_client"})
        if not self.may(headers):
            return 401, {"message": "Unauthorized"}
        if path == "/developer/v1/reimbursements" and method == "GET":
            return self.ready(query)
        if path == "/developer/v1/accounting/syncs" and method == "POST":
            return self.sync(json.loads(body))
        if path == "/developer/v1/accounting/accounts" and method == "POST":
            for account in json.loads(body)["gl_accounts"]:
                self.accounts[account["id"]] = account
            return 200, {}
        return 404, {"message": "no such resource"}

    def ready(self, query: dict[str, list[str]]) -> Answer:
        size = int(query.get("page_size", ["20"])[0])
        entity = query.get("entity_id", [""])[0]
        waiting = [item["data"] for item in self.items.values()
                   if item["sync_status"] == "SYNC_READY"
                   and (not entity or item["data"].get("entity_id") == entity)]
        start = query.get("start", [""])[0]
        if start:
            ids = [item["id"] for item in waiting]
            waiting = waiting[ids.index(start) + 1:] if start in ids else []
        page = waiting[:size]
        more = f"?start={page[-1]['id']}" if len(waiting) > size else None
        return 200, {"data": page, "page": {"next": more}}

    def sync(self, told: Json) -> Answer:
        self.sync_calls += 1
        key = told.get("idempotency_key")
        if not key or told.get("sync_type") != "REIMBURSEMENT_SYNC":
            return 422, {"message": "idempotency_key and sync_type are required"}
        if key in self.syncs:
            return (200, {"id": key}) if self.syncs[key] == told else \
                (409, {"message": "the key was used for another sync"})
        self.syncs[key] = told
        for good in told.get("successful_syncs", []):
            self.items[good["id"]]["synced"].append(good["reference_id"])
            self.items[good["id"]]["sync_status"] = "SYNCED"
        for bad in told.get("failed_syncs", []):
            self.items[bad["id"]]["failed"].append(bad["error"]["message"])
            self.items[bad["id"]]["sync_status"] = "NOT_SYNC_READY"
        return 200, {"id": key}

    def state(self) -> Json:
        return {**super().state(), "sync_calls": self.sync_calls, "accounts": self.accounts}


class Generic(Platform):
    """A platform of one's own: it sends webhooks by itself and takes receipts at /receipts."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.by_key: dict[str, Json] = {}

    def add(self, items: list[Json]) -> None:
        for item in items:
            self.items[item["id"]] = item

    def handle(self, method: str, path: str, query: dict[str, list[str]],
               headers: dict[str, str], body: bytes) -> Answer:
        if path != "/receipts" or method != "POST":
            return 404, {"message": "no such resource"}
        self.calls += 1
        key = headers.get("idempotency-key", "")
        told = json.loads(body)
        if not key or told.get("key") != key:
            return 400, {"message": "idempotency-key is missing"}
        if self.by_key.setdefault(key, told) != told:
            return 409, {"message": "the key was used for another receipt"}
        return 200, {}

    def state(self) -> Json:
        return {**super().state(), "calls": self.calls, "receipts": list(self.by_key.values())}


PLATFORMS = {"concur": Concur, "ramp": Ramp, "generic": Generic}
