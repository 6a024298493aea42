# SPDX-License-Identifier: LGPL-3.0-or-later
"""The job that brings Odoo's picture of kontor up to date: exchange, then write, then commit."""
import logging
import time
from datetime import timezone

from odoo import api, fields, models

from . import kontor_pull
from .kontor_backend_check import parse_time
from .kontor_client import API, INTERNAL, KontorError

_logger = logging.getLogger(__name__)

# A run ends well before Odoo would end it (120 s by default); the next one goes on from there.
RUN_SECONDS_MAX = 40
FINISHED_DELIVERIES_MAX = 20000


class KontorBackend(models.Model):
    _inherit = "kontor.backend"

    @api.model
    def _cron_sync(self):
        """Brings every service's picture up to date; one that fails keeps back no other."""
        for backend in self.search([("active", "=", True)]):
            try:
                backend._sync()
            except Exception:  # noqa: BLE001  a defect here must not switch the job off
                self.env.cr.rollback()
                _logger.exception("kontor %s: the run failed", backend.id)
                backend._note_failure(KontorError(INTERNAL, "see the log of Odoo"))
            backend._release_locks()

    def action_sync(self):
        """Asks kontor now instead of at the job's next run."""
        self.env.ref("kontor_connector.ir_cron_kontor_sync").sudo()._trigger()
        return True

    def action_read_again(self):
        """Reads the whole feed again, for instance after the entities or journals changed."""
        self.write({"cursor": 0})
        return self.action_sync()

    def _may_sync(self):
        self.ensure_one()
        return bool(self.url and self.token_set and self.entity_ids
                    and not self._suspend_reason())

    def _sync(self):
        """One run for one service. Never raises for what kontor or the network does."""
        self.ensure_one()
        if not self._may_sync():
            return False
        entities = self.entity_ids.mapped("entity")
        try:
            with self._client() as client:
                self._sync_server(client)
                self._sync_events(client, entities)
                self._sync_open(client, entities)
                self._sync_orders(client, entities)
                self._sync_deliveries(client)
        except KontorError as error:
            _logger.warning("kontor %s: %s %s", self.name, error.kind, error.reason)
            self._note_failure(error)
            return False
        self._note_contact()
        return True

    def _sync_server(self, client):
        """Notes who we are there. A feed shorter than our cursor is a restored one: read anew."""
        self._release_locks()
        info = client.call("AdminService/GetServerInfo")
        who = client.call("AdminService/WhoAmI")
        end = float(info.get("feedSequence", 0))
        principal = who.get("principal", {})
        values = {
            "feed_sequence": end,
            "server_version": info.get("version"),
            "principal": principal.get("name"),
            "roles": ", ".join(sorted(role.removeprefix("ROLE_").capitalize()
                                      for role in principal.get("roles", []))),
            "token_expire_time": parse_time(who.get("tokenInfo", {}).get("expireTime")),
        }
        if end < self.cursor:
            _logger.warning("kontor %s: its feed ends before our cursor; reading it anew",
                            self.name)
            values["cursor"] = 0
        self._write_changed(values)

    def _write_changed(self, values):
        """Writes what differs, so that a quiet minute locks no row."""
        changed = {name: value for name, value in values.items()
                   if (self[name] or False) != (value or False)}
        if changed:
            self.write(changed)

    def _sync_events(self, client, entities):
        end = time.monotonic() + RUN_SECONDS_MAX
        while time.monotonic() < end:
            after = self.cursor
            self._release_locks()
            changes = kontor_pull.pull_events(client, after, entities)
            self._take(changes)
            if changes.cursor != after:
                self.write({"cursor": changes.cursor})
            if changes.at_end:
                return
        # More is waiting: come again at once instead of after the interval.
        self.env.ref("kontor_connector.ir_cron_kontor_sync").sudo()._trigger()

    def _sync_open(self, client, entities):
        Document = self.env["kontor.mirror.document"].sudo()
        open_documents = Document.search([
            ("backend_id", "=", self.id), ("is_open", "=", True)])
        operations = {row.operation_ref: row.operation_version for row in open_documents}
        exceptions = self.env["kontor.exception"].sudo().search([
            ("backend_id", "=", self.id), ("state", "!=", "resolved")]).mapped("exception_ref")
        self._release_locks()
        self._take(kontor_pull.pull_open(client, entities, operations, exceptions))

    def _sync_deliveries(self, client):
        Delivery = self.env["kontor.mirror.delivery"].sudo()
        finished = set(Delivery.search(
            [("backend_id", "=", self.id), ("state", "in", ("delivered", "dropped"))],
            order="id desc", limit=FINISHED_DELIVERIES_MAX).mapped("delivery_ref"))
        self._release_locks()
        try:
            changes = kontor_pull.pull_deliveries(client, finished)
        except KontorError as error:
            if error.kind != API or error.code != "permission_denied":
                raise
            self._write_changed({"can_read_deliveries": False})
            return
        self._write_changed({"can_read_deliveries": True})
        self.env["kontor.mirror.endpoint"].sudo()._take(self, changes.endpoints)
        Delivery._take(self, changes.deliveries.values())

    def _take(self, changes):
        """Writes what was read. Repeatable: everything is found again by kontor's own ids."""
        Document = self.env["kontor.mirror.document"].sudo()
        Document._take(self, changes.operations.values(), changes.documents)
        self._take_orders(changes)
        self.env["kontor.exception"].sudo()._take(self, changes.exceptions.values())
        self.env["kontor.mirror.event"].sudo()._take(self, changes.events)

    def _entity_of(self, name):
        """The mapping of an entity's name; an empty record when no company is bound to it."""
        return self.entity_ids.filtered(lambda row: row.entity == name)[:1]

    def _refresh(self, operation_ids=(), exception_ids=(), order_ids=(), beneficiary_ids=()):
        """Reads named subjects now. For the sending job, after an answer; raises KontorError."""
        self._release_locks()
        changes = kontor_pull.Changes(self.cursor)
        with self._client() as client:
            for operation_id in operation_ids:
                kontor_pull.add_operation(client, changes, operation_id)
            for exception_id in exception_ids:
                kontor_pull.add_exception(client, changes, exception_id)
            for order_id in order_ids:
                kontor_pull.add_order(client, changes, order_id)
            for beneficiary_id in beneficiary_ids:
                kontor_pull.add_beneficiary(client, changes, beneficiary_id)
        self._take(changes)

    @api.model
    def _today_start(self):
        """The start of the user's day, as UTC."""
        now = fields.Datetime.context_timestamp(self, fields.Datetime.now())
        start = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return start.astimezone(timezone.utc).replace(tzinfo=None)
