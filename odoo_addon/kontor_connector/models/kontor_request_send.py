# SPDX-License-Identifier: LGPL-3.0-or-later
"""The job that sends what persons asked for, each with that person's own token."""
import json
import logging
import time
from datetime import timedelta

from odoo import api, fields, models

from . import kontor_pull, kontor_secret
from .kontor_backend_sync import RUN_SECONDS_MAX
from .kontor_client import API, KontorError
from .kontor_request import GIVE_UP_DAYS
from .kontor_verbs import METHODS

_logger = logging.getLogger(__name__)

SENT_PER_RUN_MAX = 100
# How a call is refused that was carried out already, by an attempt whose answer was lost.
REPEATED = ("STATE_CONFLICT", "VERSION_CONFLICT", "SECOND_PERSON_REQUIRED")


class KontorRequest(models.Model):
    _inherit = "kontor.request"

    @api.model
    def _cron_send(self):
        """Sends what is due, oldest first; one that fails keeps back no other."""
        due = self.search(
            [("state", "=", "waiting"), "|", ("next_attempt_time", "=", False),
             ("next_attempt_time", "<=", fields.Datetime.now())],
            order="id", limit=SENT_PER_RUN_MAX)
        end = time.monotonic() + RUN_SECONDS_MAX
        for request in due:
            if time.monotonic() > end:
                self.env.ref("kontor_connector.ir_cron_kontor_send").sudo()._trigger()
                return
            try:
                request._send()
            except Exception:  # noqa: BLE001  a defect here must not switch the job off
                self.env.cr.rollback()
                _logger.exception("request %s to kontor: the run failed", request.id)
                request.write({"attempt_count": request.attempt_count + 1,
                               "next_attempt_time": request._backoff()})
            request.backend_id._release_locks()

    def _send(self):
        """One attempt of one request. Never raises for what kontor or the network does."""
        self.ensure_one()
        backend = self.backend_id
        if self.state != "waiting" or backend._suspend_reason() or not backend.url:
            return
        if self.create_date < fields.Datetime.now() - timedelta(days=GIVE_UP_DAYS):
            self._refuse("GIVEN_UP", "")
            return
        token = kontor_secret.read_token(self.user_id)
        if not token:
            self._refuse("NO_TOKEN", "")
            return
        method, body = METHODS[self.verb], dict(json.loads(self.body), requestId=self.request_ref)
        client = backend._client(token)
        backend._release_locks()
        with client:
            try:
                answer = client.call(method, body)
            except KontorError as error:
                if not self._was_done(client, error):
                    self._failed(error)
                    return
                answer = {}
        self._done(answer)

    def _was_done(self, client, error):
        """Whether a refusal only says that an earlier attempt, whose answer was lost, was taken."""
        if not self.maybe_done or error.kind != API or error.reason not in REPEATED:
            return False
        self.backend_id._release_locks()
        try:
            if self.exception_id:
                me = client.call("AdminService/WhoAmI")["principal"]["name"]
                found = kontor_pull.get_or_none(
                    client, "ExceptionService/GetException", "exception", self.target_ref)
                return self._is_decided_by(me, found)
            if not self.document_id:
                return False  # repeating is safe there, so what is refused was not done
            found = kontor_pull.get_or_none(
                client, "OperationService/GetOperation", "operation", self.target_ref)
        except KontorError:
            return False
        state = (found or {}).get("state")
        return {"release_operation": state not in (None, "STATE_HELD", "STATE_CANCELLED"),
                "cancel_operation": state == "STATE_CANCELLED",
                "retry_operation": state not in (None, "STATE_EXCEPTION", "STATE_CANCELLED"),
                }.get(self.verb, False)

    def _is_decided_by(self, me, found):
        """Whether the exception stands as this request wanted it, by this person's hand."""
        resolution = (found or {}).get("resolution") or {}
        if self.verb == "decline":
            return (found or {}).get("state") == "STATE_OPEN"
        if self.verb == "approve":
            return found["state"] == "STATE_RESOLVED" and resolution.get("approver") == me
        return (resolution.get("action") == "ACTION_" + self.verb.upper()
                and resolution.get("proposer") == me)

    # -- answers ------------------------------------------------------------------------------

    def _done(self, answer):
        backend = self.backend_id
        self.write({"state": "done", "answer_time": fields.Datetime.now(), "error_kind": False,
                    "error_detail": False, "attempt_count": self.attempt_count + 1})
        self._take_order_answer(answer)
        operation, found = answer.get("operation"), answer.get("exception")
        if operation:
            self.env["kontor.mirror.document"].sudo()._take(backend, [operation], {})
        if found:
            self.env["kontor.exception"].sudo()._take(backend, [found])
        self.env.ref("kontor_connector.ir_cron_kontor_sync").sudo()._trigger()

    def _failed(self, error):
        if not error.transient:
            self._refuse(error.reason or error.kind, error.sentence())
            return
        self.write({
            "attempt_count": self.attempt_count + 1, "next_attempt_time": self._backoff(),
            "maybe_done": self.maybe_done or error.sent,
            "error_kind": error.reason or error.kind, "error_detail": error.sentence()})

    def _refuse(self, kind, detail):
        self.write({"state": "refused", "answer_time": fields.Datetime.now(),
                    "attempt_count": self.attempt_count + 1,
                    "error_kind": kind, "error_detail": detail})
        if self.exception_id:
            self.exception_id.sudo().message_post(
                body=self._told(), subtype_xmlid="mail.mt_note")
        # What was asked about may look different now.
        self.env.ref("kontor_connector.ir_cron_kontor_sync").sudo()._trigger()

