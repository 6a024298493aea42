# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models
from odoo.exceptions import AccessError

from .kontor_backend_check import parse_time
from .kontor_series import values_of

# What a person may change here; everything else is kontor's and comes from there.
OWN_FIELDS = {
    "user_id", "activity_ids", "message_follower_ids", "message_ids",
    "message_main_attachment_id",
}
ACTIONS = [("retry", "Retry"), ("correct_and_retry", "Correct and retry"), ("accept", "Accept"),
           ("reject", "Reject")]


class KontorException(models.Model):
    """A case at kontor that a person must decide, as it was last read from there."""

    _name = "kontor.exception"
    _description = "Kontor exception"
    _inherit = ["kontor.reason.mixin", "kontor.requested.mixin", "mail.thread",
                "mail.activity.mixin"]
    _order = "deadline, id"
    _mail_post_access = "read"

    backend_id = fields.Many2one("kontor.backend", string="Service", required=True, readonly=True,
                                 ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade",
                                 index=True)
    entity = fields.Char(readonly=True)
    exception_ref = fields.Char(string="Exception id", required=True, readonly=True)
    version = fields.Integer(readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("awaiting_second_person", "Waits for a second person"),
         ("resolved", "Resolved")], required=True, readonly=True, index=True, tracking=True)
    queue = fields.Selection(
        [("business", "Finance"), ("technical", "Operations")], readonly=True, index=True)
    owner_role = fields.Selection(
        [("accountant", "Accountant"), ("administrator", "Administrator"),
         ("operator", "Operator")], string="Decided by", readonly=True)
    subject = fields.Char(readonly=True)
    order_id = fields.Many2one("kontor.payment.order", string="Payment order",
                               compute="_compute_order_id")
    operation_ref = fields.Char(string="Operation id", readonly=True)
    document_id = fields.Many2one("kontor.mirror.document", readonly=True, ondelete="set null",
                                  index=True)
    document_type = fields.Selection(related="document_id.document_type", store=True)
    journal_id = fields.Many2one(related="document_id.journal_id", store=True)
    partner_id = fields.Many2one(related="document_id.partner_id", store=True)
    reference = fields.Char(related="document_id.reference", store=True)
    currency_id = fields.Many2one(related="document_id.currency_id")
    asked_total = fields.Monetary(related="document_id.asked_total")
    asked_known = fields.Boolean(related="document_id.asked_known")
    correlation_ref = fields.Char(related="document_id.correlation_ref")
    move_id = fields.Many2one(related="document_id.move_id")
    reason = fields.Char(readonly=True, index=True, help="Reason of the first finding.")
    title = fields.Char(compute="_compute_title")
    summary = fields.Char(string="What is wrong", readonly=True)
    finding_ids = fields.One2many("kontor.finding", "exception_id", string="Findings")
    create_time = fields.Datetime(string="Raised", readonly=True, index=True)
    deadline = fields.Datetime(readonly=True, index=True)
    resolve_time = fields.Datetime(string="Resolved on", readonly=True)
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    user_id = fields.Many2one(
        "res.users", string="Assigned to", tracking=True, index=True,
        domain="[('share', '=', False)]")
    can_retry = fields.Boolean(readonly=True)
    can_correct = fields.Boolean(readonly=True)
    can_accept = fields.Boolean(readonly=True)
    can_reject = fields.Boolean(readonly=True)
    retry_effect = fields.Char(readonly=True)
    correct_effect = fields.Char(readonly=True)
    accept_effect = fields.Char(readonly=True)
    reject_effect = fields.Char(readonly=True)
    proposed_action = fields.Selection(ACTIONS, string="Decision", readonly=True)
    proposer = fields.Char(string="Proposed by", readonly=True)
    approver = fields.Char(string="Confirmed by", readonly=True)
    decision_reason = fields.Char(string="Reason given", readonly=True)
    changed_fields = fields.Char(string="Corrected fields", readonly=True)
    proposal_text = fields.Char(compute="_compute_proposal_text")
    request_ids = fields.One2many("kontor.request", "exception_id", string="Requests")

    def init(self):
        self.env.cr.execute("""
            CREATE UNIQUE INDEX IF NOT EXISTS kontor_exception_ref_unique
            ON kontor_exception (backend_id, exception_ref)""")

    # -- shown --------------------------------------------------------------------------------

    @api.depends("reason", "summary")
    def _compute_title(self):
        for row in self:
            row.title = row._reason_title(row.reason) or row.summary

    @api.depends("subject")
    def _compute_order_id(self):
        orders = {(row.backend_id, row.order_ref): row for row in
                  self.env["kontor.payment.order"].search(
                      [("order_ref", "in", [ref for ref in self.mapped("subject") if ref])])}
        for row in self:
            row.order_id = orders.get((row.backend_id, row.subject), False)

    @api.depends("reason", "document_id", "subject")
    def _compute_display_name(self):
        for row in self:
            about = (row.document_id.display_name or row.order_id.display_name or row.subject
                     or row.exception_ref)
            row.display_name = f"{row._reason_title(row.reason) or row.reason} · {about}"

    @api.depends("state", "proposed_action", "proposer", "decision_reason", "changed_fields")
    def _compute_proposal_text(self):
        labels = dict(self._fields["proposed_action"]._description_selection(self.env))
        for row in self:
            if row.state != "awaiting_second_person":
                row.proposal_text = False
                continue
            text = _("%(who)s proposes “%(what)s”: %(why)s. Another person must confirm it.",
                     who=row.proposer, what=labels.get(row.proposed_action),
                     why=row.decision_reason)
            if row.changed_fields:
                text += " " + _("Corrected: %s.", row.changed_fields)
            row.proposal_text = text

    @api.depends("deadline", "state")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for row in self:
            row.is_late = bool(row.state != "resolved" and row.deadline and row.deadline < now)

    @api.model
    def _search_is_late(self, operator, value):
        wanted = (True in values_of(value)) == (operator in ("=", "in"))
        late = [("state", "!=", "resolved"), ("deadline", "<", fields.Datetime.now())]
        if wanted:
            return late
        return ["|", ("state", "=", "resolved"), "|", ("deadline", "=", False),
                ("deadline", ">=", fields.Datetime.now())]

    @api.depends("state")
    def _compute_requests(self):
        return super()._compute_requests()

    def _is_over(self):
        return self.state == "resolved"

    # -- only people's own fields are theirs --------------------------------------------------

    def write(self, vals):
        foreign = {name for name in vals if name not in OWN_FIELDS
                   and not name.startswith(("activity_", "message_"))}
        if foreign and not self.env.su:
            raise AccessError(_(
                "Exceptions are decided through their buttons; only the assignment is changed "
                "here."))
        return super().write(vals)

    # -- taking over what was read ------------------------------------------------------------

    @api.model
    def _take(self, backend, exceptions):
        """Writes what was read; an older reading changes nothing."""
        exceptions = list(exceptions)
        known = {row.exception_ref: row for row in self.search([
            ("backend_id", "=", backend.id),
            ("exception_ref", "in", [found["id"] for found in exceptions])])}
        documents = {row.document_ref: row for row in self.env["kontor.mirror.document"].sudo()
                     .search([("backend_id", "=", backend.id),
                              ("document_ref", "in",
                               [found.get("subject", "") for found in exceptions])])}
        taken = self.browse()
        for found in exceptions:
            mapping = backend._entity_of(found.get("entity"))
            row = known.get(found["id"])
            document = documents.get(found.get("subject"))
            if row and row.version >= int(found.get("version", 0)) and (
                    not document or row.document_id == document):
                continue
            if not mapping or (not row and not self._is_shown(found, document)):
                continue
            values = self._values(mapping, found, document)
            if row:
                row.finding_ids.unlink()
                row.write(values)
            else:
                row = self.create(dict(values, backend_id=backend.id, exception_ref=found["id"]))
            taken |= row
            row._settle_activities()
        return taken

    @api.model
    def _is_shown(self, found, document):
        """What is about a document that is not shown here is not shown either.

        A resolved one that was never seen here is history of before.
        """
        is_old = found.get("state") == "STATE_RESOLVED"
        return bool(document) or not (found.get("operationId") or is_old)

    @api.model
    def _values(self, mapping, found, document):
        findings = found.get("findings", [])
        first = findings[0] if findings else {}
        actions = {row["action"].removeprefix("ACTION_").lower(): row
                   for row in found.get("actions", [])}
        resolution = found.get("resolution") or {}
        action = resolution.get("action", "").removeprefix("ACTION_").lower()
        return {
            "company_id": mapping.company_id.id, "entity": found.get("entity"),
            "version": int(found.get("version", 0)),
            "state": found.get("state", "").removeprefix("STATE_").lower(),
            "queue": found.get("queue", "QUEUE_BUSINESS").removeprefix("QUEUE_").lower(),
            "owner_role": found.get("ownerRole") or False,
            "subject": found.get("subject"), "operation_ref": found.get("operationId"),
            "document_id": document.id if document else False,
            "reason": first.get("reason"), "summary": first.get("message"),
            "create_time": parse_time(found.get("createTime")),
            "deadline": parse_time(found.get("deadline")),
            "resolve_time": parse_time(found.get("resolveTime")),
            "can_retry": "retry" in actions, "can_accept": "accept" in actions,
            "can_correct": "correct_and_retry" in actions, "can_reject": "reject" in actions,
            "retry_effect": actions.get("retry", {}).get("effect"),
            "correct_effect": actions.get("correct_and_retry", {}).get("effect"),
            "accept_effect": actions.get("accept", {}).get("effect"),
            "reject_effect": actions.get("reject", {}).get("effect"),
            "proposed_action": action if action in dict(ACTIONS) else False,
            "proposer": resolution.get("proposer"), "approver": resolution.get("approver"),
            "decision_reason": resolution.get("reason"),
            "changed_fields": ", ".join(resolution.get("changedFields", [])),
            "finding_ids": [(0, 0, row) for row in self.env["kontor.finding"]._rows(findings)],
        }

    def _settle_activities(self):
        """What is resolved needs nobody's attention any more."""
        for row in self.filtered(lambda r: r.state == "resolved"):
            row.activity_ids.sudo().action_feedback(
                feedback=_("Resolved: %s", row.decision_reason or _("by itself")))

    # -- buttons ------------------------------------------------------------------------------

    def action_retry(self):
        return self._decide("retry")

    def action_accept(self):
        return self._decide("accept")

    def action_reject(self):
        return self._decide("reject")

    def action_approve(self):
        return self._decide("approve")

    def action_decline(self):
        return self._decide("decline")

    def _decide(self, verb):
        self.ensure_one()
        self.env["kontor.request"]._check_credential()
        return {
            "type": "ir.actions.act_window", "name": self.env["kontor.request"]._label(verb),
            "res_model": "kontor.decision", "view_mode": "form", "target": "new",
            "context": {"default_verb": verb, "default_exception_id": self.id}}

    def action_correct(self):
        """Opens the document as kontor has it, to be corrected."""
        self.ensure_one()
        self.env["kontor.request"]._check_credential()
        wizard = self.env["kontor.correction"]._open_for(self)
        return {
            "type": "ir.actions.act_window", "name": _("Correct and retry"),
            "res_model": "kontor.correction", "res_id": wizard.id, "view_mode": "form",
            "target": "new"}

    def action_assign_to_me(self):
        """Takes the case."""
        return self.write({"user_id": self.env.uid})

    def action_open_document(self):
        """Opens the synced document, with its history."""
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "kontor.mirror.document",
                "res_id": self.document_id.id, "view_mode": "form"}

    def action_open_order(self):
        """Opens the payment order."""
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "kontor.payment.order",
                "res_id": self.order_id.id, "view_mode": "form"}

    def action_open_record(self):
        """Opens the record in Odoo."""
        self.ensure_one()
        return self.document_id.action_open_record()


class KontorFinding(models.Model):
    """One reason in an exception: what is wrong, what was asked and what was got."""

    _name = "kontor.finding"
    _description = "Finding of a kontor exception"
    _inherit = "kontor.finding.mixin"
    _order = "sequence, id"
    _rec_name = "reason"

    exception_id = fields.Many2one("kontor.exception", required=True, readonly=True,
                                   ondelete="cascade", index=True)
    company_id = fields.Many2one(related="exception_id.company_id", store=True, index=True)
