# SPDX-License-Identifier: LGPL-3.0-or-later
"""A kontord of a few lines for the addon's tests: real HTTP on a free port of this machine.

Answers what a test put into `answers`, keeps what was asked, and can be down, slow or cut short.
"""
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from odoo.tests.common import TransactionCase, _super_send

SERVICE_TOKEN = "kontor_" + "S" * 32
PERSON_TOKEN = "kontor_" + "P" * 32
OTHER_TOKEN = "kontor_" + "Q" * 32
TIME = "2026-03-01T10:00:00Z"


def error(code, reason, message="kontor says no", http=400, findings=()):
    """An error answer as the Connect protocol has it."""
    details = [{"type": "google.rpc.ErrorInfo", "value": "",
                "debug": {"reason": reason, "domain": "kontor", "metadata": {}}}]
    details += [{"type": "kontor.v1.Finding", "value": "", "debug": found} for found in findings]
    return http, {"code": code, "message": message, "details": details}


class Stub:
    """The server. `answers` maps "Service/Method" to a dict, a (status, dict) or a function."""

    def __init__(self):
        self.answers = {}
        self.calls = []
        self.mode = "up"
        self.release = threading.Event()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                stub._serve(self)

            def log_message(self, *_args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self):
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _serve(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        method = handler.path.removeprefix("/kontor.v1.")
        if self.mode == "html":
            self._send(handler, 200, b"<html>a proxy's page</html>", "text/html")
            return
        if self.mode == "slow":
            self.release.wait()
        if self.mode == "redirect":
            handler.send_response(302)
            handler.send_header("Location", self.url + "/elsewhere")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        request = json.loads(body)
        token = handler.headers.get("Authorization", "").removeprefix("Bearer ")
        self.calls.append((method, request, token))
        answer = self.answers.get(method, {})
        if callable(answer):
            answer = answer(request, token)
        if self.mode == "cut":  # what was asked is done; the answer does not arrive
            handler.close_connection = True
            handler.connection.close()
            return
        status, content = answer if isinstance(answer, tuple) else (200, answer)
        self._send(handler, status, json.dumps(content).encode(), "application/json")

    @staticmethod
    def _send(handler, status, content, kind):
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def asked(self, method):
        """The requests to a method so far, in order."""
        return [request for name, request, _token in self.calls if name == method]

    def tokens(self, method):
        """The tokens a method was called with, in order."""
        return [token for name, _request, token in self.calls if name == method]


class KontorCase(TransactionCase):
    """A service that is connected to a stub, with one entity and people of each role."""

    @classmethod
    def _request_handler(cls, s, r, /, **kw):
        # Odoo's own handler compares the time-out with a number, and ours is a pair.
        if urlsplit(r.url).hostname in ("127.0.0.1", "kontor.invalid"):
            return _super_send(s, r, **kw)
        return super()._request_handler(s, r, **kw)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, kontor_no_commit=True, lang="en_US"))
        cls.stub = Stub()
        cls.addClassCleanup(cls.stub.close)
        cls.env["ir.config_parameter"].set_param("database.is_neutralized", False)
        cls.company = cls.env.company
        cls.people = {}
        for name in ("preparer", "approver", "releaser", "auditor", "manager", "nobody"):
            cls.people[name] = cls._person(name)
        cls.env["kontor.backend"].search([]).active = False
        cls.env["kontor.backend.entity"].search([]).unlink()
        cls.backend = cls.env["kontor.backend"].create(
            {"name": "stub", "url": cls.stub.url, "new_token": SERVICE_TOKEN})
        cls.mapping = cls.env["kontor.backend.entity"].create(
            {"backend_id": cls.backend.id, "company_id": cls.company.id, "entity": "de"})
        cls.journal = cls.env["account.journal"].search(
            [("company_id", "=", cls.company.id), ("type", "=", "general")], limit=1)
        if not cls.journal:
            cls.journal = cls.env["account.journal"].create(
                {"name": "Entries", "code": "KENT", "type": "general"})

    @classmethod
    def _account(cls):
        """An account of the company; there may be other companies' beside it."""
        accounts = cls.env["account.account"]
        field = "company_ids" if "company_ids" in accounts._fields else "company_id"
        found = accounts.search(
            [(field, "in", cls.company.ids), ("account_type", "=", "expense")], limit=1)
        return found or accounts.create(
            {"name": "Rent", "code": "699999", "account_type": "expense"})

    @classmethod
    def _person(cls, name):
        groups = cls.env.ref("base.group_user")
        if name != "nobody":
            groups |= cls.env.ref(f"kontor_connector.group_kontor_{name}")
        field = "group_ids" if "group_ids" in cls.env["res.users"]._fields else "groups_id"
        return cls.env["res.users"].with_context(no_reset_password=True).create({
            "name": name.capitalize(), "login": f"kontor-test-{name}",
            "email": f"{name}@kontor.example", field: [(6, 0, groups.ids)],
            "company_id": cls.company.id, "company_ids": [(6, 0, cls.company.ids)]})

    def setUp(self):
        super().setUp()
        self.stub.answers = {
            "AdminService/WhoAmI": self._who_am_i,
            "AdminService/GetServerInfo": {"version": "0.1.0", "feedSequence": "0"},
            "EventService/ListEvents": {"nextAfter": "0", "atEnd": True},
            "WebhookService/ListEndpoints": {},
        }
        self.stub.calls = []
        self.stub.mode = "up"
        self.stub.release.clear()

    @staticmethod
    def _who_am_i(_request, token):
        if token == SERVICE_TOKEN:
            return {"principal": {"name": "odoo", "kind": "KIND_SERVICE",
                                  "roles": ["ROLE_VIEWER", "ROLE_OPERATOR"]}}
        if token == PERSON_TOKEN:
            return {"principal": {"name": "paula", "kind": "KIND_PERSON",
                                  "roles": ["ROLE_ACCOUNTANT"]}}
        return error("unauthenticated", "UNAUTHENTICATED", http=401)

    def with_token(self, name, token=PERSON_TOKEN):
        """The environment of a person who has entered a token."""
        user = self.people[name].with_user(self.people[name])
        user.kontor_new_token = token
        return self.env(user=self.people[name].id)

    # -- what kontor has ----------------------------------------------------------------------

    def operation(self, ref="opn_1", document="jrn_1", state="POSTED", **more):
        """An operation as kontor answers it."""
        return {"id": ref, "documentId": document, "state": f"STATE_{state}", "entity": "de",
                "verb": "VERB_CREATE", "documentType": "DOCUMENT_TYPE_JOURNAL_ENTRY",
                "source": "shop", "submitter": "shop", "requestId": "r-1", "version": "1",
                "correlationId": "cor_1", "externalId": "k1_x", "createTime": TIME,
                "updateTime": TIME, "lane": f"main/1/{self.journal.code}", **more}

    def entry(self, value="112.20", **more):
        """A journal entry as kontor answers it."""
        return {"id": "jrn_1", "entity": "de", "date": "2026-03-01", "reference": "JE-1",
                "journalCode": self.journal.code,
                "lines": [{"accountCode": "600000", "description": "Rent", "debit": value},
                          {"accountCode": "620000", "description": "Rent", "credit": value}],
                **more}

    def case(self, **more):
        """An exception as kontor answers it."""
        return {"id": "exc_1", "state": "STATE_OPEN", "queue": "QUEUE_BUSINESS", "entity": "de",
                "subject": "jrn_1", "operationId": "opn_1", "ownerRole": "accountant",
                "version": "3", "createTime": TIME, "deadline": "2026-03-03T10:00:00Z",
                "findings": [{"reason": "ACCOUNT_UNKNOWN", "field": "lines[0].account_code",
                              "message": "The account 600000 does not exist.",
                              "suggestion": "Create it.", "asked": "600000",
                              "severity": "SEVERITY_ERROR"}],
                "actions": [{"action": "ACTION_RETRY", "effect": "Tries again."},
                            {"action": "ACTION_CORRECT_AND_RETRY", "effect": "Corrects."},
                            {"action": "ACTION_REJECT", "effect": "Gives up."}], **more}

    def event(self, sequence=1, kind="journal_entry.posted", subject="jrn_1", **more):
        """An event as kontor answers it."""
        return {"id": f"evt_{sequence}", "sequence": str(sequence), "type": kind, "time": TIME,
                "entity": "de", "subject": subject, "correlationId": "cor_1",
                "data": {"operation_id": "opn_1"}, **more}

    def publish(self, operation=None, document=None, case=None, events=None):
        """Lets the stub have one document with its operation, its exception and its events."""
        operation = operation or self.operation()
        events = [self.event()] if events is None else events
        last = max((int(found["sequence"]) for found in events), default=0)
        is_open = operation["state"] not in ("STATE_POSTED", "STATE_CANCELLED")
        self.stub.answers.update({
            "AdminService/GetServerInfo": {"version": "0.1.0", "feedSequence": str(last)},
            "EventService/ListEvents": lambda request, _token: {
                "events": [found for found in events
                           if int(found["sequence"]) > int(request["afterSequence"])],
                "nextAfter": str(last), "atEnd": True},
            "OperationService/GetOperation": {"operation": operation},
            "OperationService/ListOperations": {"operations": [operation] if is_open else []},
            "JournalEntryService/GetJournalEntry": {"journalEntry": document or self.entry()},
            "ExceptionService/ListExceptions": lambda request, _token: {
                "exceptions": [case] if case and case["state"] == request["state"] else []},
            "ExceptionService/GetException": {"exception": case} if case else error(
                "not_found", "NOT_FOUND", http=404),
        })

    def an_exception(self, **more):
        """A synced document that stopped, with its exception; answers the exception."""
        case = self.case(**more)
        self.publish(self.operation(state="EXCEPTION", exceptionId="exc_1"), case=case,
                     events=[self.event(kind="journal_entry.exception")])
        self.assertTrue(self.backend._sync())
        return self.env["kontor.exception"].search([("backend_id", "=", self.backend.id)])
