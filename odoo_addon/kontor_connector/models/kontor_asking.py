# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models
from odoo.exceptions import UserError

from .kontor_verbs import BY_DIGEST

# Field of the dialog that holds the record it is about.
DIALOG_LINKS = {"kontor.payment.order": "order_id", "kontor.beneficiary": "beneficiary_id"}


class KontorRequestedMixin(models.AbstractModel):
    """For what persons ask something about. Models that take it have `request_ids`."""

    _name = "kontor.requested.mixin"
    _description = "Something with requests to kontor"

    waiting_request = fields.Char(compute="_compute_requests")
    refused_request = fields.Char(compute="_compute_requests")

    @api.depends("request_ids.state", "request_ids.error_kind")
    def _compute_requests(self):
        for row in self:
            requests = row.sudo().request_ids.sorted("id", reverse=True)
            waiting = requests.filtered(lambda r: r.state == "waiting")[:1]
            row.waiting_request = waiting._told() if waiting else False
            last = requests[:1]
            shown = last.state == "refused" and not row._is_over()
            row.refused_request = last._told() if shown else False

    def _is_over(self):
        """Whether what was refused does not matter any more."""
        return False


class KontorAskingMixin(models.AbstractModel):
    """For what persons decide about by its digest."""

    _name = "kontor.asking.mixin"
    _description = "Something that a person decides about"
    _inherit = "kontor.requested.mixin"

    def _ask(self, verb):
        """Opens the dialog of a verb, bound to what the person saw."""
        self.ensure_one()
        self.env["kontor.request"]._check_credential()
        if verb in BY_DIGEST:
            self._check_seen(self.env.context.get("kontor_seen_digest", self.digest))
        return {
            "type": "ir.actions.act_window", "name": self.env["kontor.request"]._label(verb),
            "res_model": "kontor.decision", "view_mode": "form", "target": "new",
            "context": {"default_verb": verb, f"default_{DIALOG_LINKS[self._name]}": self.id,
                        "default_digest": self.digest}}

    def _check_seen(self, digest):
        """Refuses to decide about a content that is not the one that was on the screen."""
        self.ensure_one()
        if (digest or False) != (self.digest or False):
            raise UserError(_(
                "This is not as it was when you opened it: kontor has read other bills, amounts or "
                "accounts since. Close it, look at it again, and decide then."))
