# SPDX-License-Identifier: LGPL-3.0-or-later
"""kontord's public API over HTTP (the Connect protocol's unary form), and what went wrong in words.

Knows nothing of Odoo's database: whoever calls gathers what is needed, commits, and only then calls
`KontorClient.call`, so that no lock is held while the network is waited for.
"""
import ipaddress
import json
import logging
import socket
import ssl
from urllib.parse import urlsplit

import requests

_logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5
READ_SECONDS = 30
ANSWER_BYTES_MAX = 32 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
TEXT_CHARACTERS_MAX = 500

# How an exchange can fail: a closed list, each with its own sentence in kontor_backend_check.py.
UNKNOWN_HOST = "unknown_host"
REFUSED = "refused"
UNREACHABLE = "unreachable"
TLS = "tls"
PLAIN_HTTP = "plain_http"
TIMEOUT = "timeout"
LOST = "lost"
NOT_KONTOR = "not_kontor"
API = "api"
# Not a failed exchange: a defect of our own, told in the same place.
INTERNAL = "internal"

# Canonical codes after which the same call may succeed later, unchanged.
TRANSIENT_CODES = ("unavailable", "resource_exhausted", "deadline_exceeded", "internal", "unknown")


class KontorError(Exception):
    """A failed call.

    `kind` is one of the constants above; with API, `code` is the canonical code and `reason` the
    one of kontor's catalogue. `sent` tells whether kontord may have acted on the request.
    """

    def __init__(self, kind, message, code="", reason="", field="", findings=(), sent=False):
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.code = code
        self.reason = reason
        self.field = field
        self.findings = list(findings)
        self.sent = sent

    @property
    def transient(self):
        """Whether the same call may succeed later without anybody doing something about it."""
        return self.kind != API or self.code in TRANSIENT_CODES

    def sentence(self):
        """What went wrong in one line, with the findings when there are some."""
        parts = [self.message]
        parts += [finding["message"] for finding in self.findings if finding.get("message")]
        return " ".join(dict.fromkeys(parts))[:TEXT_CHARACTERS_MAX]


def is_loopback(host):
    """Whether the host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _causes(error):
    """The error and all errors behind it."""
    seen = []
    while error is not None and error not in seen:
        seen.append(error)
        reason = getattr(error, "reason", None)
        error = reason if isinstance(reason, BaseException) else (
            error.__cause__ or error.__context__ or next(
                (arg for arg in error.args if isinstance(arg, BaseException)), None))
    return seen


def _from_connection_error(error):
    """The KontorError for an exchange that never got as far as an answer."""
    causes = _causes(error)
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return KontorError(UNKNOWN_HOST, str(cause))
        if isinstance(cause, ConnectionRefusedError):
            return KontorError(REFUSED, str(cause))
        if isinstance(cause, ssl.SSLCertVerificationError):
            return KontorError(TLS, cause.verify_message or str(cause))
        if isinstance(cause, ssl.SSLError):
            plain = "WRONG_VERSION_NUMBER" in str(cause) or "HTTP_REQUEST" in str(cause)
            return KontorError(PLAIN_HTTP if plain else TLS, str(cause))
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return KontorError(TIMEOUT, "no connection in time")
    if isinstance(error, requests.exceptions.Timeout):
        return KontorError(TIMEOUT, "no answer in time", sent=True)
    if any(isinstance(cause, OSError) and cause.errno for cause in causes[1:]) and not any(
            isinstance(cause, (ConnectionResetError, BrokenPipeError)) for cause in causes):
        return KontorError(UNREACHABLE, str(causes[-1]))
    return KontorError(LOST, "the connection broke", sent=True)


def _from_answer(status, body):
    """The KontorError that an answer other than 200 carries."""
    if not isinstance(body, dict) or not isinstance(body.get("code"), str):
        return KontorError(NOT_KONTOR, f"HTTP {status}", sent=True)
    reason, field, findings = "", "", []
    for detail in body.get("details") or []:
        debug = detail.get("debug") or {}
        if detail.get("type") == "google.rpc.ErrorInfo":
            reason = debug.get("reason", "")
            field = (debug.get("metadata") or {}).get("field", "")
        else:
            findings.append(debug)
    message = str(body.get("message") or body["code"])
    return KontorError(API, message, code=body["code"], reason=reason, field=field,
                       findings=findings, sent=True)


class KontorClient:
    """One caller of one kontord. Not thread-safe; holds a connection between calls until closed."""

    def __init__(self, url, token, read_seconds=READ_SECONDS):
        self.url = (url or "").rstrip("/")
        self._token = token or ""
        self._read_seconds = read_seconds
        self._session = None

    def __enter__(self):
        return self

    def __exit__(self, *_args):
        self.close()

    def __repr__(self):
        return f"KontorClient({self.url})"

    def close(self):
        """Gives the connection back."""
        if self._session is not None:
            self._session.close()
            self._session = None

    @property
    def host(self):
        return urlsplit(self.url).hostname or ""

    def _post(self, method, body):
        if self._session is None:
            self._session = requests.Session()
            # Neither a proxy nor a .netrc of the machine's may redirect or replace the token.
            self._session.trust_env = False
        return self._session.post(
            f"{self.url}/kontor.v1.{method}",
            data=body,
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"},
            timeout=(CONNECT_SECONDS, self._read_seconds),
            allow_redirects=False,
            stream=True,
        )

    def call(self, method, request_body=None, **fields):
        """Calls `Service/Method` and answers its JSON object.

        Raises KontorError, never anything else. Numbers of 64 bits arrive as strings, as proto3's
        JSON has it; members with their default value are left out.
        """
        body = json.dumps(request_body if request_body is not None else fields).encode()
        try:
            with self._post(method, body) as response:
                content = self._read(response)
        except requests.exceptions.RequestException as error:
            self.close()
            raise _from_connection_error(error) from None
        except OSError as error:  # a broken name or socket that requests does not wrap
            self.close()
            raise _from_connection_error(error) from None
        try:
            decoded = json.loads(content) if content else None
        except ValueError:
            decoded = None
        if response.status_code != 200:
            raise _from_answer(response.status_code, decoded)
        if not isinstance(decoded, dict):
            raise KontorError(NOT_KONTOR, "the answer is no JSON object", sent=True)
        return decoded

    @staticmethod
    def _read(response):
        content = b""
        for chunk in response.iter_content(CHUNK_BYTES):
            content += chunk
            if len(content) > ANSWER_BYTES_MAX:
                raise KontorError(NOT_KONTOR, "the answer is too large", sent=True)
        return content
