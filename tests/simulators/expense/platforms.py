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


class RampList:
    """A list of what spend may be coded with. An upload of what is there already is refused whole;
    entries are renamed, made active again and deleted by Ramp's own ids."""

    def __init__(self, key: str, name: str, required: tuple[str, ...]) -> None:
        self.key, self.name, self.required = key, name, required
        self.entries: dict[str, Json] = {}  # by our id
        self.calls = 0

    def handle(self, method: str, rest: str, query: dict[str, list[str]], body: bytes) -> Answer:
        if method == "GET" and not rest:
            return self.page(int(query.get("page_size", ["20"])[0]), query.get("start", [""])[0])
        self.calls += 1
        if method == "POST" and not rest:
            return self.upload(json.loads(body).get(self.key, []))
        entry = next((e for e in self.entries.values() if e["ramp_id"] == rest), None)
        if entry is None:
            return 404, {"message": "no such entry"}
        if method == "DELETE":
            entry["is_active"] = False
            return 204, None
        change = json.loads(body)
        if change.get("reactivate") is True:
            entry["is_active"] = True
        entry.update({key: change[key] for key in (self.name, "code") if key in change})
        return 200, entry

    def page(self, size: int, start: str) -> Answer:
        if not 2 <= size <= 100:
            return 422, {"message": "page_size is between 2 and 100"}
        entries = list(self.entries.values())
        ids = [entry["ramp_id"] for entry in entries]
        entries = entries[ids.index(start) + 1:] if start in ids else entries
        more = len(entries) > size
        entries = entries[:size]
        last = entries[-1]["ramp_id"] if more else ""
        return 200, {"data": entries, "page": {
            "next": f"http://127.0.0.1/list?page_size={size}&start={last}" if more else None}}

    def upload(self, items: list[Json]) -> Answer:
        if not 1 <= len(items) <= 500:
            return 422, {"message": "1 to 500 entries"}
        if any(not item.get(key) for item in items for key in self.required):
            return 422, {"message": "a required member is missing"}
        ids = [item["id"] for item in items]
        if len(set(ids)) != len(ids) or self.entries.keys() & set(ids):
            return 400, {"message": "an entry exists already"}
        for item in items:
            self.entries[item["id"]] = {**item, "is_active": True,
                                        "ramp_id": f"ramp-{self.key}-{len(self.entries)}"}
        return 201, {self.key: items}


class Ramp(Platform):
    """Reimbursements that are ready to sync; syncs carry an idempotency key."""

    def __init__(self) -> None:
        super().__init__()
        self.syncs: dict[str, Json] = {}
        self.sync_calls = 0
        self.lists = {
            "accounts": RampList("gl_accounts", "name", ("id", "name", "classification")),
            "vendors": RampList("vendors", "name", ("id", "name")),
            "field-options": RampList("options", "value", ("id", "value"))}
        self.fields: dict[str, Json] = {}  # by our id

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
        if path == "/developer/v1/accounting/fields" and method == "POST":
            return self.make_field(json.loads(body))
        name, _, rest = path.removeprefix("/developer/v1/accounting/").partition("/")
        if name not in self.lists:
            return 404, {"message": "no such resource"}
        if name == "field-options" and not rest:
            field = query.get("field_id", [""])[0] if method == "GET" else \
                json.loads(body).get("field_id")
            if field not in {made["ramp_id"] for made in self.fields.values()}:
                return 404, {"message": "no such field"}
        return self.lists[name].handle(method, rest, query, body)

    def make_field(self, field: Json) -> Answer:
        if not (field.get("id") and field.get("name")) or \
                field.get("input_type") not in ("BOOLEAN", "FREE_FORM_TEXT", "SINGLE_CHOICE"):
            return 422, {"message": "id, input_type and name are required"}
        made = {**field, "ramp_id": f"ramp-field-{len(self.fields)}", "is_active": True}
        return 201, self.fields.setdefault(field["id"], made)

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
        if [] in (told.get("successful_syncs"), told.get("failed_syncs")):
            return 422, {"message": "a list that is given has at least one item"}
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
        lists = {name.replace("-", "_"): listed.entries for name, listed in self.lists.items()}
        return {**super().state(), "sync_calls": self.sync_calls, "fields": self.fields, **lists,
                "list_calls": sum(listed.calls for listed in self.lists.values())}


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
