# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models

from .kontor_backend_check import parse_time

FOREIGN_PREFIX = "odoo:"


class KontorMirrorEvent(models.Model):
    """One event of kontor's feed about a document or a record here: its history."""

    _name = "kontor.mirror.event"
    _description = "History at kontor"
    _order = "time desc, sequence desc, id desc"
    _rec_name = "event_type"

    backend_id = fields.Many2one("kontor.backend", required=True, ondelete="cascade", index=True,
                                 readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", index=True,
                                 readonly=True)
    event_ref = fields.Char(string="Event id", required=True, readonly=True)
    sequence = fields.Float(string="Number", digits=(20, 0), readonly=True)
    event_type = fields.Char(string="Type", required=True, readonly=True, index=True)
    text = fields.Char(string="What happened", compute="_compute_text")
    time = fields.Datetime(required=True, readonly=True, index=True)
    correlation_ref = fields.Char(string="Correlation id", readonly=True)
    record_name = fields.Char(string="Number in Odoo", readonly=True)
    document_id = fields.Many2one("kontor.mirror.document", readonly=True, ondelete="cascade",
                                  index=True)
    move_id = fields.Many2one("account.move", readonly=True, ondelete="set null", index=True)
    payment_id = fields.Many2one("account.payment", readonly=True, ondelete="set null",
                                 index=True)
    order_id = fields.Many2one("kontor.payment.order", readonly=True, ondelete="cascade",
                               index=True)

    def init(self):
        self.env.cr.execute("""
            CREATE UNIQUE INDEX IF NOT EXISTS kontor_mirror_event_ref_unique
            ON kontor_mirror_event (backend_id, event_ref)""")

    @api.model
    def _order_words(self):
        """What became of a payment order or of one of its payments."""
        return {
            "created": _("Prepared"), "validated": _("Checked: right in itself"),
            "held": _("Held"), "approved": _("Approved"),
            "approvals_voided": _("The approvals count no more"), "released": _("Released"),
            "submitted": _("Submitted to the bank"),
            "shadowed": _("File made, not sent: the channel is a shadow"),
            "unknown": _("It is not known whether the bank has the file"),
            "acknowledged": _("Acknowledged by the bank"), "accepted": _("Accepted by the bank"),
            "rejected": _("Rejected by the bank"), "settled": _("Settled"),
            "partially_settled": _("Partly settled"), "returned": _("Returned by the bank"),
            "reversed": _("The booking was taken back"), "cancelled": _("Cancelled"),
        }

    @api.depends("event_type", "order_id", "record_name")
    def _compute_text(self):
        of_orders = self._order_words()
        words = {
            "accepted": _("Accepted by kontor"),
            "held": _("Held for release by a second person"),
            "drafted": _("Entered as a draft"),
            "posted": _("Posted"),
            "synced": _("Entered"),
            "cancelled": _("Cancelled"),
            "exception": _("Stopped: a person must decide"),
            "shadowed": _("Checked only: the entity is not live"),
            "payment_state_changed": _("The payment state changed"),
            "paid": _("Paid"),
            "changed_in_odoo": _("Changed in Odoo"),
            "deleted_in_odoo": _("Deleted in Odoo"),
        }
        for row in self:
            what = row.event_type.partition(".")[2]
            row.text = (of_orders if row.order_id else words).get(what, row.event_type)
            if row.order_id and row.event_type.startswith("payment."):
                row.text = _("Payment %(number)s: %(what)s", number=row.record_name or "",
                             what=row.text)

    @api.model
    def _take(self, backend, events):
        """Adds the events that are not known yet."""
        refs = [event["id"] for event in events]
        known = set(self.search([("backend_id", "=", backend.id),
                                 ("event_ref", "in", refs)]).mapped("event_ref"))
        fresh = [event for event in events if event["id"] not in known]
        documents = {
            row.document_ref: row for row in self.env["kontor.mirror.document"].sudo().search([
                ("backend_id", "=", backend.id),
                ("document_ref", "in", [event.get("subject", "") for event in fresh])])}
        orders = {row.order_ref: row for row in self.env["kontor.payment.order"].sudo().search([
            ("backend_id", "=", backend.id),
            ("order_ref", "in", [event.get("subject", "") for event in fresh])])}
        values = [self._values_of_order(backend, event, orders[event["subject"]])
                  if event.get("subject") in orders
                  else self._values(backend, event, documents.get(event.get("subject")))
                  for event in fresh]
        return self.create([value for value in values if value])

    @api.model
    def _values_of_order(self, backend, event, order):
        """The fields of a row about a payment order, or about one of its payments."""
        payment = (event.get("data") or {}).get("payment") or {}
        return {
            "backend_id": backend.id, "event_ref": event["id"],
            "sequence": float(event.get("sequence", 0)), "event_type": event["type"],
            "time": parse_time(event.get("time")), "correlation_ref": event.get("correlationId"),
            "record_name": str(int(payment["number"])) if payment.get("number") else False,
            "company_id": order.company_id.id, "order_id": order.id}

    @api.model
    def _values(self, backend, event, document):
        """The fields of a row; None for what is not shown here."""
        record = (event.get("data") or {}).get("odoo") or {}
        values = {
            "backend_id": backend.id, "event_ref": event["id"],
            "sequence": float(event.get("sequence", 0)), "event_type": event["type"],
            "time": parse_time(event.get("time")),
            "correlation_ref": event.get("correlationId"), "record_name": record.get("name"),
        }
        if document:
            return dict(values, company_id=document.company_id.id, document_id=document.id,
                        move_id=document.move_id.id, payment_id=document.payment_id.id)
        mapping = backend._entity_of(event.get("entity"))
        link = {"account.move": "move_id", "account.payment": "payment_id"}.get(
            record.get("model"))
        if not mapping or not link or not event.get("subject", "").startswith(FOREIGN_PREFIX):
            return None
        found = self.env[record["model"]].sudo().browse(int(record.get("id", 0))).exists()
        if not found or not mapping._shows(found.journal_id, found.date):
            return None
        return dict(values, company_id=mapping.company_id.id, **{link: found.id})
