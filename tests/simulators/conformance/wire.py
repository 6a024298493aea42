# SPDX-License-Identifier: Apache-2.0
"""Reads recorded requests and answers, and sends them again with other ids.

Shares nothing with the simulator: it must be able to contradict it.
"""
from __future__ import annotations

import http.client
import json
import xmlrpc.client
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from .ids import IdMap

KEY = "<API-KEY>"
SAFE_KEY = "RECORDED-API-KEY"
TIMEOUT = 60.0


@dataclass
class Request:
    """A call as recorded; `service` is empty for a body that cannot be read."""

    transport: str
    service: str
    model: str
    method: str
    args: list[Any]
    kwargs: dict[str, Any]
    uid: int
    secret: Any


@dataclass
class Answer:
    """What came back, reduced to what can be compared."""

    status: int
    http_version: str
    content_type: str
    closes: bool
    kind: str
    value: Any = None
    code: Any = None
    error: str = ""
    text: str = ""
    keys: list[str] = field(default_factory=list)


def decode_request(exchange: dict[str, Any]) -> Request:
    """The call in a recorded request, or one without a service when it is malformed."""
    transport, request = exchange["transport"], exchange["request"]
    body = request["body"]
    broken = Request(transport, "", "", "", [], {}, 0, None)
    try:
        if transport == "json2":
            parts = request["path"].strip("/").split("/")
            values = json.loads(body)
            if not isinstance(values, dict):
                return broken
            return Request(transport, "object", parts[2], parts[3], [], values, 0, None)
        if transport == "xmlrpc":
            params, method = xmlrpc.client.loads(body.replace(KEY, SAFE_KEY))
            service = request["path"].rpartition("/")[2]
            args: list[Any] = list(params)
        else:
            params = json.loads(body)["params"]
            service, method, args = params["service"], params["method"], params["args"]
    except Exception:  # noqa: BLE001
        return broken
    if service != "object" or method != "execute_kw":
        return Request(transport, service, "", str(method), args, {}, 0, None)
    kwargs = dict(args[6]) if len(args) > 6 else {}
    return Request(transport, service, args[3], args[4], list(args[5]), kwargs, args[1], args[2])


def _keyed(value: Any, key: str) -> Any:
    if isinstance(value, str):
        return value.replace(KEY, key).replace(SAFE_KEY, key)
    if isinstance(value, (list, tuple)):
        return [_keyed(item, key) for item in value]
    if isinstance(value, dict):
        return {name: _keyed(item, key) for name, item in value.items()}
    return value


def encode(exchange: dict[str, Any], call: Request, ready: dict[str, Any],
           ids: IdMap | None) -> dict[str, Any]:
    """The HTTP request to send: ids translated, the masked key filled in."""
    request = exchange["request"]
    key = ready["api_keys"]["admin"]
    headers = _keyed(request["headers"], key)
    out = {"method": request["method"], "path": request["path"], "headers": headers,
           "body": _keyed(request["body"], key)}
    if not call.service:
        return out
    if call.transport == "json2":
        values = ids.translate_named(call) if ids else call.kwargs
        out["body"] = json.dumps(values)
        return out
    if call.model:
        args, kwargs = ids.translate(call) if ids else (call.args, call.kwargs)
        uid = ids.to_simulated("res.users", call.uid) if ids else call.uid
        secret = key if call.secret is None else call.secret
        full = [ready["db"], uid, _keyed(secret, key), call.model, call.method, args]
        if kwargs or call.kwargs == {}:
            full.append(kwargs)
        method = "execute_kw"
    else:
        full, method = _keyed(call.args, key), call.method
    if call.transport == "xmlrpc":
        out["body"] = xmlrpc.client.dumps(tuple(full), method)
    else:
        out["body"] = json.dumps({"jsonrpc": "2.0", "method": "call", "id": 1, "params": {
            "service": call.service, "method": method, "args": full}})
    return out


def send(ready: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    """One request on a connection of its own; the answer in the form of the recordings."""
    where = urlsplit(ready["url"])
    connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=TIMEOUT)
    try:
        connection.request(request["method"], request["path"], request["body"].encode(),
                           request["headers"])
        response = connection.getresponse()
        body = response.read().decode()
        return {"status": response.status, "body": body,
                "http_version": "1.0" if response.version == 10 else "1.1",
                "headers": dict(response.getheaders())}
    finally:
        connection.close()


def decode_response(transport: str, response: dict[str, Any]) -> Answer:
    """Reduces an answer to its kind (value, fault, error, html) and content."""
    headers = {k.lower(): v for k, v in response["headers"].items()}
    answer = Answer(response["status"], response["http_version"],
                    headers.get("content-type", "").partition(";")[0],
                    headers.get("connection", "").lower() == "close", "html")
    body = response["body"]
    if "xml" in answer.content_type:
        try:
            values, _ = xmlrpc.client.loads(body)
            answer.kind, answer.value = "value", values[0]
        except xmlrpc.client.Fault as fault:
            answer.kind, answer.code, answer.text = "fault", fault.faultCode, fault.faultString
            if answer.code == 1:
                answer.error = fault.faultString
        return answer
    if "json" not in answer.content_type:
        return answer
    value = json.loads(body)
    if transport == "jsonrpc" and isinstance(value, dict):
        answer.keys = sorted(value)
        error = value.get("error")
        if error:
            answer.kind, answer.code = "error", error["code"]
            answer.error, answer.text = error["data"]["name"], error["data"]["message"]
            answer.keys = [*answer.keys, *sorted(error), *sorted(error["data"])]
        else:
            answer.kind, answer.value = "value", value.get("result")
        return answer
    if answer.status >= 400 and isinstance(value, dict):
        answer.kind, answer.error = "error", value["name"]
        answer.text, answer.keys = value["message"], sorted(value)
        return answer
    answer.kind, answer.value = "value", value
    return answer
