# SPDX-License-Identifier: LGPL-3.0-or-later
from urllib.parse import urlsplit

from odoo import api, fields, models

from .kontor_backend_check import parse_time


class KontorMirrorEndpoint(models.Model):
    """A subscriber of kontor's webhooks."""

    _name = "kontor.mirror.endpoint"
    _description = "Webhook endpoint"
    _order = "host, id"
    _rec_name = "host"

    backend_id = fields.Many2one("kontor.backend", required=True, ondelete="cascade", index=True,
                                 readonly=True)
    endpoint_ref = fields.Char(string="Endpoint id", required=True, readonly=True)
    host = fields.Char(readonly=True)
    description = fields.Char(readonly=True)
    state = fields.Selection(
        [("unverified", "Not verified"), ("active", "Active"), ("paused", "Paused"),
         ("broken", "Broken"), ("disabled", "Disabled")], readonly=True)
    state_reason = fields.Char(readonly=True)
    pending_count = fields.Integer(string="Waiting", readonly=True)
    failure_count = fields.Integer(string="Failures in a row", readonly=True)
    last_success_time = fields.Datetime(readonly=True)
    delivery_ids = fields.One2many("kontor.mirror.delivery", "endpoint_id")
    company_ids = fields.Many2many(
        "res.company", readonly=True, relation="kontor_mirror_endpoint_company_rel",
        help="Companies whose events it gets; empty: all of the service.")

    def init(self):
        self.env.cr.execute("""
            CREATE UNIQUE INDEX IF NOT EXISTS kontor_mirror_endpoint_ref_unique
            ON kontor_mirror_endpoint (backend_id, endpoint_ref)""")

    @api.model
    def _take(self, backend, endpoints):
        """Writes what was read; what kontor no longer has is removed."""
        known = {row.endpoint_ref: row for row in self.search([("backend_id", "=", backend.id)])}
        for endpoint in endpoints:
            companies = [backend._entity_of(name).company_id.id
                         for name in endpoint.get("entities", [])]
            values = {
                # The path may hold a secret of the subscriber's; the host says who it is.
                "host": urlsplit(endpoint.get("url", "")).netloc.rpartition("@")[2],
                "description": endpoint.get("description"),
                "state": endpoint.get("state", "").removeprefix("STATE_").lower() or False,
                "state_reason": endpoint.get("stateReason"),
                "pending_count": int(endpoint.get("pendingCount", 0)),
                "failure_count": endpoint.get("failureCount", 0),
                "last_success_time": parse_time(endpoint.get("lastSuccessTime")),
                "company_ids": [(6, 0, [ident for ident in companies if ident])],
            }
            row = known.pop(endpoint["id"], None)
            if row:
                row.write(values)
            else:
                self.create(dict(values, backend_id=backend.id, endpoint_ref=endpoint["id"]))
        for gone in known.values():
            gone.unlink()


class KontorMirrorDelivery(models.Model):
    """One event on its way to one endpoint."""

    _name = "kontor.mirror.delivery"
    _description = "Webhook delivery"
    _order = "create_time desc, id desc"
    _rec_name = "delivery_ref"

    backend_id = fields.Many2one("kontor.backend", required=True, ondelete="cascade", index=True,
                                 readonly=True)
    company_id = fields.Many2one("res.company", ondelete="cascade", index=True, readonly=True)
    endpoint_id = fields.Many2one("kontor.mirror.endpoint", required=True, ondelete="cascade",
                                  index=True, readonly=True)
    delivery_ref = fields.Char(string="Delivery id", required=True, readonly=True)
    event_ref = fields.Char(string="Event id", readonly=True, index=True)
    event_id = fields.Many2one("kontor.mirror.event", readonly=True, ondelete="set null",
                               index=True)
    subject = fields.Char(readonly=True, index=True)
    document_id = fields.Many2one("kontor.mirror.document", readonly=True, ondelete="set null",
                                  index=True)
    state = fields.Selection(
        [("pending", "Waiting"), ("delivered", "Delivered"), ("parked", "Parked"),
         ("dropped", "Given up")], readonly=True, index=True)
    attempt_count = fields.Integer(string="Attempts", readonly=True)
    next_attempt_time = fields.Datetime(string="Next attempt", readonly=True)
    status_code = fields.Integer(string="Last answer", readonly=True)
    error_text = fields.Char(string="What went wrong", readonly=True)
    create_time = fields.Datetime(string="Scheduled", readonly=True, index=True)
    end_time = fields.Datetime(string="Ended", readonly=True)
    replay = fields.Boolean(string="Repeated", readonly=True)
    request_ids = fields.One2many("kontor.request", "delivery_id", string="Requests")
    waiting_request = fields.Char(compute="_compute_waiting_request")

    def init(self):
        self.env.cr.execute("""
            CREATE UNIQUE INDEX IF NOT EXISTS kontor_mirror_delivery_ref_unique
            ON kontor_mirror_delivery (backend_id, delivery_ref)""")

    @api.depends("request_ids.state", "request_ids.error_kind")
    def _compute_waiting_request(self):
        for row in self:
            waiting = row.sudo().request_ids.filtered(lambda r: r.state == "waiting")[:1]
            row.waiting_request = waiting._told() if waiting else False

    @api.model
    def _take(self, backend, deliveries):
        """Writes what was read."""
        deliveries = list(deliveries)
        endpoints = {row.endpoint_ref: row for row in self.env["kontor.mirror.endpoint"].sudo()
                     .search([("backend_id", "=", backend.id)])}
        known = {row.delivery_ref: row for row in self.search([
            ("backend_id", "=", backend.id),
            ("delivery_ref", "in", [row["id"] for row in deliveries])])}
        documents, events = self._targets(backend, deliveries)
        fresh = []
        for delivery in deliveries:
            endpoint = endpoints.get(delivery.get("endpointId"))
            if not endpoint:
                continue
            document = documents.get(delivery.get("subject"))
            event = events.get(delivery.get("eventId"))
            company = (document or event) and (document or event).company_id
            values = {
                "company_id": company.id if company else False,
                "document_id": document.id if document else False,
                "event_id": event.id if event else False,
                "state": delivery.get("state", "").removeprefix("STATE_").lower() or False,
                "attempt_count": delivery.get("attemptCount", 0),
                "next_attempt_time": parse_time(delivery.get("nextAttemptTime")),
                "status_code": delivery.get("lastStatusCode", 0),
                "error_text": delivery.get("lastError"),
                "end_time": parse_time(delivery.get("endTime")),
            }
            row = known.get(delivery["id"])
            if row:
                row.write(values)
            else:
                fresh.append(dict(
                    values, backend_id=backend.id, endpoint_id=endpoint.id,
                    delivery_ref=delivery["id"], event_ref=delivery.get("eventId"),
                    subject=delivery.get("subject"), replay=delivery.get("replay", False),
                    create_time=parse_time(delivery.get("createTime"))))
        return self.create(fresh)

    @api.model
    def _targets(self, backend, deliveries):
        """The documents and events that deliveries are about, by kontor's ids."""
        documents = self.env["kontor.mirror.document"].sudo().search([
            ("backend_id", "=", backend.id),
            ("document_ref", "in", [row.get("subject") for row in deliveries])])
        events = self.env["kontor.mirror.event"].sudo().search([
            ("backend_id", "=", backend.id),
            ("event_ref", "in", [row.get("eventId") for row in deliveries])])
        return ({row.document_ref: row for row in documents},
                {row.event_ref: row for row in events})

    def action_replay(self):
        """Asks kontor to deliver again."""
        self.ensure_one()
        self.env["kontor.request"]._check_credential()
        return {
            "type": "ir.actions.act_window",
            "name": self.env["kontor.request"]._label("replay_delivery"),
            "res_model": "kontor.decision", "view_mode": "form", "target": "new",
            "context": {"default_verb": "replay_delivery", "default_delivery_id": self.id}}
