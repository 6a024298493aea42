# SPDX-License-Identifier: LGPL-3.0-or-later
import json
import uuid
from datetime import timedelta

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, RedirectWarning, UserError

from . import kontor_secret
from .kontor_verbs import (
    BY_DIGEST,
    GROUPS,
    LINKS,
    METHODS,
    OUTCOMES,
    VERBS,
    WITHOUT_REASON,
)

REASON_CHARACTERS_MAX = 500
# After so many days a decision is out of date, and is given back to the person who took it.
GIVE_UP_DAYS = 7
BACKOFF_MINUTES = (1, 1, 2, 5, 10, 30)


class KontorRequest(models.Model):
    """What a person asked of kontor: made by a button, sent by a job, answered by kontor.

    Its request id is made once, so that sending it again does nothing twice. Nobody writes it but
    the button and the job.
    """

    _name = "kontor.request"
    _description = "Request to kontor"
    _order = "id desc"
    _rec_name = "verb"

    backend_id = fields.Many2one("kontor.backend", string="Service", required=True, readonly=True,
                                 ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade", index=True)
    user_id = fields.Many2one("res.users", string="By", required=True, readonly=True, index=True)
    verb = fields.Selection(VERBS, string="What", required=True, readonly=True)
    state = fields.Selection(
        [("waiting", "Requested"), ("done", "Done"), ("refused", "Refused"),
         ("withdrawn", "Withdrawn")], required=True, readonly=True, default="waiting", index=True)
    reason = fields.Char(readonly=True)
    request_ref = fields.Char(string="Request id", required=True, readonly=True)
    target_ref = fields.Char(string="About", required=True, readonly=True)
    body = fields.Text(readonly=True)
    exception_id = fields.Many2one("kontor.exception", readonly=True, ondelete="cascade",
                                   index=True)
    document_id = fields.Many2one("kontor.mirror.document", readonly=True, ondelete="cascade",
                                  index=True)
    delivery_id = fields.Many2one("kontor.mirror.delivery", readonly=True, ondelete="cascade",
                                  index=True)
    order_id = fields.Many2one("kontor.payment.order", readonly=True, ondelete="cascade",
                               index=True)
    beneficiary_id = fields.Many2one("kontor.beneficiary", readonly=True, ondelete="cascade",
                                     index=True)
    attempt_count = fields.Integer(string="Attempts", readonly=True)
    next_attempt_time = fields.Datetime(string="Next attempt", readonly=True)
    answer_time = fields.Datetime(string="Answered", readonly=True)
    maybe_done = fields.Boolean(
        readonly=True, help="An answer was lost: kontor may have acted on an earlier attempt.")
    error_kind = fields.Char(readonly=True)
    error_detail = fields.Char(readonly=True)
    error_text = fields.Char(string="What is wrong", compute="_compute_error_text")

    def init(self):
        self.env.cr.execute("""
            CREATE UNIQUE INDEX IF NOT EXISTS kontor_request_ref_unique
            ON kontor_request (request_ref)""")
        # A second click while the first waits changes nothing.
        self.env.cr.execute("""
            CREATE UNIQUE INDEX IF NOT EXISTS kontor_request_waiting_unique
            ON kontor_request (backend_id, target_ref) WHERE state = 'waiting'""")

    @api.depends("error_kind", "error_detail")
    def _compute_error_text(self):
        for row in self:
            row.error_text = row._failure_sentence() if row.error_kind else False

    def _failure_sentence(self):
        self.ensure_one()
        sentences = {
            "NO_TOKEN": _("There is no kontor token of this person any more."),
            "GIVEN_UP": _("kontor did not answer for %s days; decide again.", GIVE_UP_DAYS),
            "UNAUTHENTICATED": _(
                "kontor does not know the token in the preferences of %s (any more).",
                self.user_id.name),
            "TOKEN_EXPIRED": _("The token in the preferences of %s has expired.",
                               self.user_id.name),
            "PERSON_REQUIRED": _(
                "The token in the preferences of %s is a program's. A person must decide with a "
                "token of their own.", self.user_id.name),
            "SECOND_PERSON_REQUIRED": _(
                "Another person must do this: whoever proposed it or handed the document over may "
                "not confirm it."),
            "VERSION_CONFLICT": _("The case has changed meanwhile: look at it again."),
            "DUTIES_NOT_SEPARATE": _(
                "Another person must do this. Nobody may do two of preparing, approving and "
                "releasing of one payment order, or confirm an account that they wrote "
                "themselves. (%(detail)s)", detail=self.error_detail or ""),
            "APPROVAL_VOID": _(
                "The order is not as it was when you saw it: kontor has read other bills, amounts "
                "or accounts since. Look at it again, and decide then."),
            "BENEFICIARY_CHANGED": _(
                "The creditor's account is not the one that you saw. Look at it again; it must be "
                "confirmed anew before money goes there."),
            "BILL_CHANGED": _(
                "A bill is not as it was when the order was approved, so the approvals count no "
                "more. (%(detail)s)", detail=self.error_detail or ""),
            "CHANNEL_PAUSED": _(
                "The way to the bank is paused; nothing was sent. Release again when it is open. "
                "(%(detail)s)", detail=self.error_detail or ""),
        }
        if self.error_kind == "STATE_CONFLICT" and (self.order_id or self.beneficiary_id):
            return _("The order has moved on meanwhile: look at it again. (%(detail)s)",
                     detail=self.error_detail or "")
        if self.error_kind == "PERMISSION_DENIED" and METHODS[self.verb].startswith(
                ("PaymentOrderService/", "BeneficiaryService/")):
            return _("%(who)s has no role at kontor that may do this. (%(detail)s)",
                     who=self.user_id.name, detail=self.error_detail or "")
        return sentences.get(self.error_kind) or self.backend_id._sentence(
            self.error_kind, self.error_detail)

    @api.model
    def _label(self, verb):
        """What a verb is called in the user's language."""
        return dict(self._fields["verb"]._description_selection(self.env))[verb]

    def _told(self):
        """One line about a request for the form it belongs to."""
        self.ensure_one()
        values = {"what": self._label(self.verb), "who": self.user_id.name}
        if self.state == "refused":
            return _("%(what)s, asked for by %(who)s, was refused: %(why)s",
                     why=self.error_text, **values)
        if self.error_kind:
            return _("%(what)s was requested by %(who)s and waits: %(why)s",
                     why=self.error_text, **values)
        return _("%(what)s was requested by %(who)s.", **values)

    # -- asking -------------------------------------------------------------------------------

    @api.model
    def _check_credential(self):
        """Says where the token is entered when the person has none."""
        user = self.env.user
        if kontor_secret.ids_with_token(user):
            return
        action = user.action_get()
        action["res_id"] = user.id
        raise RedirectWarning(
            _("kontor takes decisions from persons only, each with a token of their own, and there "
              "is none of yours yet. Enter it in your preferences, tab Kontor; an administrator of "
              "kontor gives it to you."),
            action, _("Open my preferences"))

    @api.model
    def _enqueue(self, verb, target, reason, **body):
        """Makes the request of a button. Returns it; UserError when one waits already."""
        self._check_asker(verb, target)
        self._check_credential()
        reason = self._checked_reason(verb, reason)
        link, ref_field = LINKS[target._name]
        ref = target[ref_field]
        request = self._make(
            verb, target, ref, dict(self._body(verb, target, ref), **body), reason=reason,
            **{link: target.id})
        if link == "exception_id":
            target.sudo().message_post(
                body=request._told() + " " + reason, subtype_xmlid="mail.mt_note",
                author_id=self.env.user.partner_id.id)
        return request

    @api.model
    def _make(self, verb, target, ref, body, reason="", **links):
        """Queues a request about `ref`. UserError when one about the same waits already."""
        waiting = self.sudo().search([
            ("backend_id", "=", target.backend_id.id), ("target_ref", "=", ref),
            ("state", "=", "waiting")], limit=1)
        if waiting:
            raise UserError(_("%s Wait for the answer, or withdraw it.", waiting._told()))
        if reason:
            body = dict(body, reason=reason)
        request = self.sudo().create(dict(
            links, backend_id=target.backend_id.id, company_id=target.company_id.id,
            user_id=self.env.uid, verb=verb, reason=reason, target_ref=ref,
            request_ref=f"odoo-{uuid.uuid4()}",
            body=json.dumps(body, ensure_ascii=False, sort_keys=True)))
        self.env.ref("kontor_connector.ir_cron_kontor_send").sudo()._trigger()
        return request

    @api.model
    def _checked_reason(self, verb, reason):
        """The reason without blanks around it; "" where kontor takes none."""
        reason = (reason or "").strip()
        if verb in WITHOUT_REASON:
            return ""
        if not reason or len(reason) > REASON_CHARACTERS_MAX:
            raise UserError(_("Say why, in 1 to %s characters: it goes into the audit trail.",
                              REASON_CHARACTERS_MAX))
        return reason

    @api.model
    def _check_asker(self, verb, target):
        groups = [f"kontor_connector.{name}" for name in GROUPS[verb]]
        if not any(self.env.user.has_group(group) for group in groups):
            names = ", ".join(self.env.ref(group).sudo().name for group in groups)
            raise AccessError(_("This needs one of kontor's roles: %s.", names))
        if target.company_id and target.company_id not in self.env.companies:
            raise AccessError(_("This belongs to another company."))

    @api.model
    def _body(self, verb, target, ref):
        """The members of the call that follow from the target; no request id yet."""
        if verb == "replay_delivery":
            return {"deliveryIds": [ref]}
        if METHODS[verb] == "ExceptionService/ResolveException":
            # What the person saw: a case that changed since is refused, not decided unseen.
            return {"id": ref, "action": "ACTION_" + verb.upper(), "version": target.version}
        if verb == "approve":
            return {"id": ref, "version": target.version}
        if verb in BY_DIGEST:
            return {"id": ref, "digest": target.digest}
        if verb in OUTCOMES:
            return {"id": ref, "outcome": OUTCOMES[verb]}
        return {"id": ref}

    def action_withdraw(self):
        """Takes back a request that still waits. What was sent once may have been done."""
        for row in self.filtered(lambda r: r.state == "waiting"):
            if row.user_id != self.env.user and not self.env.user.has_group(
                    "kontor_connector.group_kontor_manager"):
                raise AccessError(_("Only %s can withdraw this.", row.user_id.name))
            if row.maybe_done:
                raise UserError(_("This was sent and may have been done: wait for the answer."))
            row.sudo().write({"state": "withdrawn", "answer_time": fields.Datetime.now()})
        return True

    def _backoff(self):
        """When to try next after one more failure."""
        minutes = BACKOFF_MINUTES[min(self.attempt_count, len(BACKOFF_MINUTES) - 1)]
        return fields.Datetime.now() + timedelta(minutes=minutes)
