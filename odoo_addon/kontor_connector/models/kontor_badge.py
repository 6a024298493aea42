# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models

from .kontor_mirror_document import STATES
from .kontor_series import values_of


class KontorBadgeMixin(models.AbstractModel):
    """kontor's state on an entry or a payment, its history, and the buttons that match.

    Nothing of it is stored on the record: posting one by hand costs the same as without.
    `_kontor_link` is the field of kontor's mirrors that points to the record.
    """

    _name = "kontor.badge.mixin"
    _description = "State at kontor"
    _kontor_link = None

    kontor_document_id = fields.Many2one(
        "kontor.mirror.document", string="Kontor document", compute="_compute_kontor")
    kontor_state = fields.Selection(
        STATES, string="Kontor", compute="_compute_kontor", search="_search_kontor_state")
    kontor_correlation_ref = fields.Char(string="Correlation id", compute="_compute_kontor")
    kontor_bank_status = fields.Char(string="Bank status", compute="_compute_kontor")
    kontor_submitter = fields.Char(string="Handed over by", compute="_compute_kontor")
    kontor_source = fields.Char(string="Source", compute="_compute_kontor")
    kontor_waiting_request = fields.Char(compute="_compute_kontor_requests")
    kontor_has_exception = fields.Boolean(compute="_compute_kontor_requests")
    # Computed as superuser, since 19 asks for access even to put nothing in; who may not read the
    # history gets none, and whose record it is was decided when the record was read.
    kontor_event_ids = fields.Many2many(
        "kontor.mirror.event", string="History at kontor", compute="_compute_kontor_event_ids",
        compute_sudo=True)

    def _compute_kontor(self):
        found = {}
        if self._origin.ids and self.env["kontor.mirror.document"]._may_read():
            for row in self.env["kontor.mirror.document"].search(
                    [(self._kontor_link, "in", self._origin.ids)], order="create_time, id"):
                found[row[self._kontor_link].id] = row
        for record in self:
            row = found.get(record._origin.id)
            record.kontor_document_id = row
            record.kontor_state = row.state if row else False
            record.kontor_correlation_ref = row.correlation_ref if row else False
            record.kontor_bank_status = row.bank_status if row else False
            record.kontor_submitter = row.submitter if row else False
            record.kontor_source = row.source if row else False

    def _compute_kontor_requests(self):
        for record in self:
            row = record.kontor_document_id
            record.kontor_waiting_request = row.waiting_request if row else False
            record.kontor_has_exception = bool(row) and any(
                case.state != "resolved" for case in row.exception_ids)

    def _compute_kontor_event_ids(self):
        may_read = self.env["kontor.mirror.document"]._may_read()
        for record in self:
            record.kontor_event_ids = may_read and self.env["kontor.mirror.event"].search(
                [(self._kontor_link, "=", record._origin.id)]) or False

    @api.model
    def _search_kontor_state(self, operator, value):
        """Records by kontor's state; "not set" finds those that kontor did not make."""
        values = values_of(value)
        negative = operator in ("!=", "not in")
        states = [state for state in values if state]
        Document = self.env["kontor.mirror.document"]
        wanted = set(Document.search([("state", "in", states)]).mapped(f"{self._kontor_link}.id"))
        if len(states) != len(values):  # "not set" is among what is searched for
            all_ids = set(Document.search([(self._kontor_link, "!=", False)])
                          .mapped(f"{self._kontor_link}.id"))
            return [("id", "in" if negative else "not in", list(all_ids - wanted))]
        return [("id", "not in" if negative else "in", list(wanted))]

    def action_kontor_document(self):
        """Opens what kontor has of this record."""
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "kontor.mirror.document",
                "name": _("At kontor"), "res_id": self.kontor_document_id.id, "view_mode": "form"}

    def action_kontor_exception(self):
        return self.kontor_document_id.action_open_exception()

    def action_kontor_retry(self):
        return self.kontor_document_id.action_retry()


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "kontor.badge.mixin"]
    _kontor_link = "move_id"


class AccountPayment(models.Model):
    _name = "account.payment"
    _inherit = ["account.payment", "kontor.badge.mixin"]
    _kontor_link = "payment_id"
