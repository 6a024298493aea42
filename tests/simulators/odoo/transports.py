# SPDX-License-Identifier: Apache-2.0
"""XML-RPC, JSON-RPC and JSON-2 on the wire: requests in, answers and errors out.

Each parser gives a Call; running it gives a Reply. What a method answers is committed before it
is marshalled, so an answer that cannot be marshalled is an error after the fact.
"""
from __future__ import annotations

import json
import xmlrpc.client
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.parsers.expat import ExpatError

from . import rpc
from .env import Recordset
from .errors import BuiltinError, NoSuchMethod, NoSuchModel, OdooError, PrivateMethod

if TYPE_CHECKING:
    from .app import Simulator

CONTROL = dict.fromkeys(set(range(32)) - {9, 10, 13})
HTML = "text/html; charset=utf-8"
TRACE = "Traceback (most recent call last):\n  File \"/opt/odoo/odoo/http.py\", line 1765, in " \
        "_serve_db\n    return service_model.retrying(self._serve_ir_http, self.env)\n" \
        "           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"


@dataclass
class Reply:
    """What goes back over HTTP."""

    status: int
    body: bytes
    content_type: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Call:
    """A parsed request: enough to match fault rules and to run it."""

    transport: str
    service: str = ""
    model: str = ""
    method: str = ""
    args: list[Any] = field(default_factory=list)
    request_id: Any = None
    uid: int = 0
    body: Any = None


def trace(error: OdooError) -> str:
    return f"{TRACE}{error.qualified.removeprefix('builtins.')}: {error.text()}\n"


def error_data(error: OdooError, series: int) -> dict[str, Any]:
    arguments: list[Any] = [error.message, *error.extra]
    data: dict[str, Any] = {"name": error.qualified, "debug": trace(error),
                            "message": error.text(), "arguments": arguments, "context": {}}
    if series >= 19:
        data["debug"] = data.pop("debug")
    return data


# -- XML-RPC ------------------------------------------------------------------------------------


class Marshaller(xmlrpc.client.Marshaller):
    """Refuses None and record sets, and drops control characters, as the servers do."""

    dispatch = dict(xmlrpc.client.Marshaller.dispatch)

    def dump_text(self, value: str, write: Any) -> None:
        super().dump_unicode(value.translate(CONTROL), write)

    dispatch[str] = dump_text  # type: ignore[assignment]


def plain(value: Any) -> Any:
    """Binary values of XML-RPC as base64 text."""
    if isinstance(value, xmlrpc.client.Binary):
        import base64
        return base64.b64encode(value.data).decode()
    if isinstance(value, xmlrpc.client.DateTime):
        return str(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def xml_reply(sim: Simulator, payload: Any) -> Reply:
    encoder = Marshaller("utf-8", False)
    if isinstance(payload, xmlrpc.client.Fault):
        inner = encoder.dumps(payload)
    else:
        inner = encoder.dumps((payload,))  # type: ignore[arg-type]
    if sim.series == 17:
        text = f"<?xml version='1.0'?>\n<methodResponse>\n{inner}</methodResponse>\n"
    else:
        text = f'<?xml version="1.0"?>\n<methodResponse>\n{inner}\n</methodResponse>\n'
    return Reply(200, text.encode(), "text/xml; charset=utf-8")


def xml_fault(sim: Simulator, error: OdooError) -> Reply:
    text = trace(error) if error.fault_code == 1 else error.text()
    return xml_reply(sim, xmlrpc.client.Fault(error.fault_code, text))


def parse_xml(path: str, body: bytes) -> Call:
    service = path.rstrip("/").rpartition("/")[2]
    try:
        params, method = xmlrpc.client.loads(body)
    except ExpatError as error:
        raise BuiltinErrorNamed("xml.parsers.expat.ExpatError", str(error)) from None
    except Exception as error:  # noqa: BLE001
        raise BuiltinErrorNamed(type(error).__name__, str(error)) from None
    args = [plain(p) for p in params]
    call = Call("xmlrpc", service, method=str(method), args=args)
    if service == "object" and len(args) > 4:
        call.model, call.method = str(args[3]), str(args[4])
    return call


class BuiltinErrorNamed(OdooError):
    """An exception of the parser, under its own name."""

    def __init__(self, qualified: str, message: str) -> None:
        super().__init__(message)
        self.qualified = qualified


def run_service(sim: Simulator, call: Call, address: str) -> Any:
    if call.service == "common":
        return rpc.common(sim, call.method, call.args, address)
    if call.service == "object":
        return rpc.execute_kw(sim, call.args, address)
    if call.service == "db":
        if call.method == "list":
            return [sim.database]
        if call.method == "server_version":
            return sim.series_name
    raise BuiltinError("KeyError", repr(call.service))


def run_xml(sim: Simulator, call: Call, address: str) -> Reply:
    try:
        result = run_service(sim, call, address)
    except OdooError as error:
        return xml_fault(sim, error)
    if isinstance(result, Recordset) and sim.series >= 19:
        result = result.ids
    try:
        if isinstance(result, Recordset):
            raise TypeError(f"cannot marshal <class 'odoo.api.{result.model}'> objects")
        return xml_reply(sim, result)
    except (TypeError, OverflowError) as error:
        return xml_fault(sim, BuiltinError(type(error).__name__, str(error)))


# -- JSON-RPC -----------------------------------------------------------------------------------


def json_reply(payload: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, json.dumps(payload, ensure_ascii=False, default=str).encode(),
                 "application/json; charset=utf-8", headers or {})


def html_reply(status: int, body: str, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, body.encode(), HTML, headers or {})


def parse_jsonrpc(sim: Simulator, content_type: str, body: bytes) -> Call | Reply:
    if content_type.partition(";")[0].strip().lower() not in ("application/json",
                                                              "application/json-rpc"):
        kind = "jsonrpc" if sim.series >= 19 else "json"
        status = "415 Unsupported Media Type" if sim.series >= 19 else "400 Bad Request"
        tail = "<br><br>Please verify the Content-Type request header and try again." \
            if sim.series >= 19 else ""
        return html_reply(int(status[:3]), f"<!doctype html>\n<html lang=en>\n<title>{status}"
                          f"</title>\n<h1>{status[4:]}</h1>\n<p>Request inferred type is "
                          "compatible with [&#39;http&#39;] but &#39;/jsonrpc&#39; is "
                          f"type=&#39;{kind}&#39;.{tail}</p>\n")
    try:
        request = json.loads(body)
    except ValueError:
        return html_reply(400, "Invalid JSON data")
    if not isinstance(request, dict):
        return html_reply(400, "Invalid JSON-RPC data")
    params = request.get("params") or {}
    call = Call("jsonrpc", str(params.get("service")), method=str(params.get("method")),
                args=list(params.get("args") or []), request_id=request.get("id"))
    if call.service == "object" and len(call.args) > 4:
        call.model, call.method = str(call.args[3]), str(call.args[4])
    return call


def run_jsonrpc(sim: Simulator, call: Call, address: str) -> Reply:
    answer: dict[str, Any] = {"jsonrpc": "2.0", "id": call.request_id}
    try:
        result = run_service(sim, call, address)
    except OdooError as error:
        data = error_data(error, sim.series)
        answer["error"] = {"code": 0 if sim.series >= 19 else 200,
                           "message": "Odoo Server Error", "data": data}
        return json_reply(answer)
    if isinstance(result, Recordset):
        result = result.ids if sim.series >= 19 else str(result)
    if result is not None:
        answer["result"] = result
    return json_reply(answer)


# -- JSON-2 -------------------------------------------------------------------------------------

NO_DATABASE = """<!DOCTYPE html>
<title>404 Not Found</title>
<h1>Not Found</h1>
<p>No database is selected and the requested URL was not found in the server-wide controllers.</p>
<p>Please verify the hostname, <a href=/web/login>login</a> and try again.</p>

<!-- Alternatively, use the X-Odoo-Database header. -->
"""
NOT_FOUND = """<!doctype html>
<html lang=en>
<title>404 Not Found</title>
<h1>Not Found</h1>
<p>The requested URL was not found on the server. If you entered the URL manually please check \
your spelling and try again.</p>
"""


def json2_error(error: OdooError) -> Reply:
    data = error_data(error, 19)
    status = error.http_status
    if isinstance(error, (NoSuchModel, NoSuchMethod)):
        text = error.text()
        if isinstance(error, NoSuchModel):
            text = f"the model {text.split()[1]!r} does not exist"
        data.update({"name": "werkzeug.exceptions.NotFound", "message": text,
                     "arguments": [text, 404]})
        status = 404
    elif isinstance(error, rpc.Unprocessable):
        data["arguments"] = [error.text(), 422]
    elif isinstance(error, PrivateMethod):
        status = 403
    return json_reply(data, status)


def http_error(status: int, kind: str, text: str, headers: dict[str, str] | None = None) -> Reply:
    return json_reply({"name": f"werkzeug.exceptions.{kind}", "message": text,
                       "arguments": [text, status], "context": {},
                       "debug": f"{TRACE}werkzeug.exceptions.{kind}: {status} {text}\n"}, status,
                      headers)


def parse_json2(sim: Simulator, path: str, headers: Any, body: bytes) -> Call | Reply:
    database = headers.get("X-Odoo-Database")
    if database and database != sim.database:
        return html_reply(404, NO_DATABASE)
    if sim.series < 19:
        return html_reply(404, NOT_FOUND)
    parts = path.strip("/").split("/")
    if len(parts) != 4:
        return html_reply(404, NOT_FOUND)
    scheme, _, key = (headers.get("Authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or not key:
        return http_error(401, "Unauthorized", "User not authenticated, use an API Key with a "
                          "Bearer Authorization header.", {"WWW-Authenticate": "Bearer "})
    with sim.lock:
        uid = sim.key_owner(key.strip())
    if not uid:
        return http_error(401, "Unauthorized", "Invalid apikey", {"WWW-Authenticate": "Bearer "})
    try:
        values = json.loads(body) if body else {}
    except ValueError as error:
        return http_error(400, "BadRequest", f"could not parse the body as json: {error}")
    return Call("json2", "json2", parts[2], parts[3], uid=uid, body=values)


def run_json2(sim: Simulator, call: Call) -> Reply:
    try:
        return json_reply(rpc.json2(sim, call.uid, call.model, call.method, call.body))
    except OdooError as error:
        return json2_error(error)
