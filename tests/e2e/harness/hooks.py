# SPDX-License-Identifier: Apache-2.0
"""Webhooks as platforms send them, and expense reports as they write them."""
from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from typing import Any

from . import documents as doc
from .api import Api, request_id

Json = dict[str, Any]
Reply = tuple[int, Json]
SECRET = "a-shared-secret-of-a-test-0123456789"

HMAC = {"scheme": "SCHEME_HMAC", "signatureHeader": "X-Signature", "signaturePrefix": "sha256=",
        "signedContent": "{timestamp}.{body}", "timestampHeader": "X-Timestamp",
        "eventIdPointer": "/event_id"}

# A platform of one's own: nested, with other names, whole cents and its own words for who paid.
MAPPING = {
    "version": 1,
    "amounts": "minor",
    "when": {"/event": ["report.approved"]},
    "recalled": {"when": {"/event": "report.recalled"}, "external_id": "/report/number"},
    "reports": "/report",
    "report": {
        "external_id": "/number", "revision": "/version", "title": "/purpose",
        "report_date": {"from": "/approved_at", "cut": 10}, "currency_code": "/currency",
        "total": "/sum",
        "employee": {"external_id": "/owner/id", "email": "/owner/mail", "name": "/owner/name"},
        "approver": {"external_id": "/approved_by/id", "name": "/approved_by/name"},
    },
    "lines": "/items",
    "line": {
        "external_id": "/id", "date": "/day", "description": "/what", "merchant": "/where",
        "category": "/kind", "amount": "/gross", "cost_centre": "/department",
        "payment_type": {"from": "/paid_with", "values": {"card": "COMPANY_CARD"},
                         "else": "PERSONAL"},
        "card": "/card",
        "tax": {"treatment": {"from": "/vat/code", "values": {"": "NONE"}, "else": "RECOVERABLE"},
                "code": "/vat/code", "tax_amount": "/vat/sum"},
    },
}

RULES = {
    "categories": [{"category": "travel", "accountCode": "661000"},
                   {"category": "meals", "accountCode": "600000"}],
    "taxes": [{"code": "V19", "taxName": "19%", "accountCode": "131000"}],
    "cards": [{"card": "*", "accountCode": "101402"}],
    "createEmployees": True,
}


def event_id() -> str:
    return f"evt-{uuid.uuid4().hex}"


def person() -> Json:
    number = uuid.uuid4().hex[:8]
    return {"id": f"E-{number}", "mail": f"{number}@example.com", "name": f"Erika {number}"}


def item(cents: int = 11900, **more: Any) -> Json:
    """A train ticket with 19 % recoverable tax, paid by the employee."""
    return {"id": uuid.uuid4().hex[:8], "day": doc.today(), "what": "Train to Bremen",
            "where": "Railway", "kind": "travel", "gross": cents,
            "vat": {"code": "V19", "sum": cents * 19 // 119}, **more}


def report(*items: Json, **more: Any) -> Json:
    lines = list(items) or [item()]
    return {"number": doc.unique("R"), "version": 1, "purpose": "Customer visit",
            "approved_at": doc.today() + "T09:30:00Z", "currency": "EUR",
            "sum": sum(line["gross"] for line in lines), "owner": person(),
            "approved_by": {"id": "B-1", "name": "Bruno Boss"}, "items": lines, **more}


def approved(body: Json, identity: str = "") -> Json:
    return {"event": "report.approved", "event_id": identity or event_id(), "report": body}


def signed(body: bytes, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    stamp = str(int(time.time() if at is None else at))
    mac = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "X-Timestamp": stamp,
            "X-Signature": "sha256=" + mac}


def standard(body: bytes, secret: str, identity: str, at: float | None = None) -> dict[str, str]:
    """Standard Webhooks 1.0, from its specification."""
    stamp = str(int(time.time() if at is None else at))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{identity}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {"Content-Type": "application/json", "webhook-id": identity,
            "webhook-timestamp": stamp,
            "webhook-signature": "v1," + base64.b64encode(mac).decode()}


def post(api: Api, source: str, body: bytes, headers: dict[str, str]) -> Reply:
    status, _, answer = api.raw("POST", f"/hooks/{source}", body, headers)
    try:
        return status, json.loads(answer)
    except ValueError:
        return status, {"text": answer.decode()}


def send(api: Api, source: str, message: Json, secret: str = SECRET) -> Reply:
    body = json.dumps(message).encode()
    return post(api, source, body, signed(body, secret))


def make_source(admin: Api, entity: str = "de", live: bool = True, secret: str = SECRET,
                **more: Any) -> Json:
    """A source of one's own platform, checked and live unless told otherwise."""
    name = doc.unique("src").lower()
    body: Json = {"name": name, "adapter": "generic", "entity": entity,
                  "verification": HMAC, "mapping": json.dumps(MAPPING), "expense": RULES, **more}
    made = admin.call("SourceService/CreateSource", requestId=request_id(), source=body,
                      **({"secret": secret} if secret else {}))
    if live:
        checked = admin.call("SourceService/CheckSource", name=name)
        if not checked.get("passed"):
            raise AssertionError([c for c in checked["checks"] if not c.get("passed")])
    return made
