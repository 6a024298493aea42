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
    order_id = fields.Many2one("kontor.payment.order", string="Payment order", readonly=True)
    beneficiary_id = fields.Many2one("kontor.beneficiary", string="Creditor's account",
                                     readonly=True)
    digest = fields.Char(readonly=True, help="Of what you see here; it is what you decide about.")
    effect = fields.Char(string="What it will do", compute="_compute_effect")
    second_person = fields.Boolean(compute="_compute_effect")
    shows_content = fields.Boolean(compute="_compute_effect")
    needs_reason = fields.Boolean(compute="_compute_effect")
    decision_reason = fields.Char(string="Reason given", related="exception_id.decision_reason")
    proposed_action = fields.Selection(related="exception_id.proposed_action")
    proposer = fields.Char(related="exception_id.proposer")
    changed_fields = fields.Char(related="exception_id.changed_fields")
    currency_id = fields.Many2one(related="order_id.currency_id")
    total = fields.Monetary(related="order_id.total")
    payment_count = fields.Integer(related="order_id.payment_count")
    account_name = fields.Char(related="order_id.account_name")
    execution_date = fields.Date(related="order_id.execution_date")
    line_ids = fields.One2many(related="order_id.line_ids")
    account_number = fields.Char(related="beneficiary_id.account_number")
    editor = fields.Char(related="beneficiary_id.editor")
    reason = fields.Char(help="Goes into kontor's audit trail under your name.")

    @api.depends("verb", "exception_id")
    def _compute_effect(self):
        sentences = self._sentences()
        for row in self:
            name = EFFECT_FIELDS.get(row.verb)
            row.effect = row.exception_id[name] if name else sentences.get(row.verb)
            row.second_person = row.verb == "accept"
            row.shows_content = row.verb in BY_DIGEST and bool(row.order_id)
            row.needs_reason = row.verb not in WITHOUT_REASON

    @api.model
    def _sentences(self):
        """What a verb does, in words."""
        return {
            "approve": _("Carries out what the other person proposed."),
            "decline": _("Takes the proposal back; the exception is open again."),
            "retry_operation": _("kontor tries again now instead of later. What may be in Odoo "
                                 "already is looked for first and never sent twice."),
            "release_operation": _("kontor enters the document into the books. It must have been "
                                   "handed over by another person."),
            "cancel_operation": _("Gives the document up; a draft of it in Odoo is removed."),
            "replay_delivery": _("Sends the same event to the same receiver once more, under its "
                                 "old id."),
            "refresh_order": _("kontor reads bills and accounts again. Any difference voids the "
                               "approvals."),
            "approve_order": _("You approve exactly the payments below. Any change of them voids "
                               "your approval."),
            "revoke_order": _("Your approval counts no more."),
            "release_order": _("kontor reads every bill and account once more, then hands exactly "
                               "the payments below to the bank. That cannot be taken back."),
            "hold_order": _("Nothing of the order goes out until an approver or a releaser ends "
                            "the hold."),
            "unhold_order": _("The order is checked and must be approved anew."),
            "cancel_order": _("Nothing of the order is paid; its bills are free for another one."),
            "submission_sent": _("Says that the bank has the file. The second person who says the "
                                 "same ends the doubt."),
            "submission_not_sent": _("Says that the bank never got the file. When a second person "
                                     "says the same, the same bytes are sent again under the same "
                                     "id."),
            "confirm_account": _("Says that you compared the account with the creditor's own word, "
                                 "not with a mail or a bill. You must not have written it."),
            "block_account": _("No money goes to this account; open orders that pay to it are "
                               "held."),
        }

    def _target_record(self):
        self.ensure_one()
        return (self.exception_id or self.delivery_id or self.order_id or self.beneficiary_id
                or self.document_id)

    def action_confirm(self):
        """Makes the request. It is sent by a job at once, and waits when kontor is down."""
        self.ensure_one()
        target, more = self._target_record(), {}
        if self.verb in BY_DIGEST:
            target._check_seen(self.digest)
            more["digest"] = self.digest
        self.env["kontor.request"]._enqueue(self.verb, target, self.reason, **more)
        return {"type": "ir.actions.act_window_close"}
