# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models

from ..models.kontor_verbs import BY_DIGEST, VERBS, WITHOUT_REASON

EFFECT_FIELDS = {"retry": "retry_effect", "accept": "accept_effect", "reject": "reject_effect"}


class KontorDecision(models.TransientModel):
    """Asks why, says what it will do, and puts the request into the queue."""

    _name = "kontor.decision"
    _description = "Decision for kontor"

    verb = fields.Selection(VERBS, required=True, readonly=True)
    exception_id = fields.Many2one("kontor.exception", readonly=True)
    document_id = fields.Many2one("kontor.mirror.document", readonly=True)
    delivery_id = fields.Many2one("kontor.mirror.delivery", readonly=True)
    effect = fields.Char(string="What it will do", compute="_compute_effect")
    second_person = fields.Boolean(compute="_compute_effect")
    decision_reason = fields.Char(string="Reason given", related="exception_id.decision_reason")
    proposed_action = fields.Selection(related="exception_id.proposed_action")
    proposer = fields.Char(related="exception_id.proposer")
    changed_fields = fields.Char(related="exception_id.changed_fields")
    reason = fields.Char(required=True, help="Goes into kontor's audit trail under your name.")

    @api.depends("verb", "exception_id")
    def _compute_effect(self):
        sentences = {
            "approve": _("Carries out what the other person proposed."),
            "decline": _("Takes the proposal back; the exception is open again."),
            "retry_operation": _("kontor tries again now instead of later. What may be in Odoo "
                                 "already is looked for first and never sent twice."),
            "release_operation": _("kontor enters the document into the books. It must have been "
                                   "handed over by another person."),
            "cancel_operation": _("Gives the document up; a draft of it in Odoo is removed."),
            "replay_delivery": _("Sends the same event to the same receiver once more, under its "
                                 "old id."),
        }
        for row in self:
            name = EFFECT_FIELDS.get(row.verb)
            row.effect = row.exception_id[name] if name else sentences.get(row.verb)
            row.second_person = row.verb == "accept"

    def _target_record(self):
        self.ensure_one()
        return self.exception_id or self.delivery_id or self.document_id

    def action_confirm(self):
        """Makes the request. It is sent by a job at once, and waits when kontor is down."""
        self.ensure_one()
        self.env["kontor.request"]._enqueue(self.verb, self._target_record(), self.reason)
        return {"type": "ir.actions.act_window_close"}
