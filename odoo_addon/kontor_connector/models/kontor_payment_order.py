# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models

ORDER_STATES = [
    ("draft", "Draft"), ("held", "Held"), ("validated", "Checked"),
    ("awaiting_approval", "To approve"), ("approved", "Approved"), ("released", "Released"),
    ("submitted", "Submitted to the bank"), ("acknowledged", "Acknowledged by the bank"),
    ("accepted", "Accepted by the bank"), ("settled", "Settled"),
    ("partially_settled", "Partly settled"), ("rejected", "Rejected by the bank"),
    ("returned", "Returned"), ("cancelled", "Cancelled"),
]
BEFORE_RELEASE = ("draft", "held", "validated", "awaiting_approval", "approved")
OPEN = BEFORE_RELEASE + ("released", "submitted", "acknowledged", "accepted")
# How far the file is, while it may still be called back.
NOT_SENT = ("none", "generated", "shadowed")


class KontorPaymentOrder(models.Model):
    """A payment order at kontor, as it was last read from there. Nobody writes it but the job."""

    _name = "kontor.payment.order"
    _description = "Payment order"
    _inherit = ["kontor.mirror.mixin", "kontor.asking.mixin"]
    _order = "create_time desc, id desc"
    _rec_name = "order_ref"

    backend_id = fields.Many2one("kontor.backend", string="Service", required=True, readonly=True,
                                 ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade",
                                 index=True)
    entity = fields.Char(readonly=True)
    order_ref = fields.Char(string="Order id", required=True, readonly=True, index=True)
    changed_ref = fields.Char(readonly=True, help="Time of the last change as kontor writes it.")
    state = fields.Selection(ORDER_STATES, readonly=True, index=True)
    is_open = fields.Boolean(readonly=True, index=True)
    submission = fields.Selection(
        [("none", "No file yet"), ("generated", "File made and proven"),
         ("sending", "Being handed over"), ("unknown", "It is not known whether the bank has it"),
         ("sent", "The bank has it"), ("shadowed", "Not sent: the channel is a shadow")],
        string="File", readonly=True)
    description = fields.Char(readonly=True)
    account_name = fields.Char(string="From account", readonly=True, index=True)
    account_id = fields.Many2one("kontor.bank.account", string="Our account", readonly=True,
                                 ondelete="set null", index=True)
    channel = fields.Char(string="Bank channel", readonly=True, index=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    total = fields.Monetary(readonly=True)
    payment_count = fields.Integer(string="Payments (no.)", readonly=True)
    execution_date = fields.Date(string="Requested day", readonly=True, index=True)
    execution_note = fields.Char(string="Why that day", readonly=True)
    urgency = fields.Selection(
        [("normal", "Normal"), ("urgent", "Urgent"), ("instant", "Instant")], readonly=True)
    message_ref = fields.Char(string="MsgId", readonly=True, index=True,
                              help="Id of the file on the wire.")
    digest = fields.Char(readonly=True, help="Of the content; what is approved and released.")
    preparer = fields.Char(string="Prepared by", readonly=True)
    approvals_needed = fields.Integer(readonly=True)
    approval_count = fields.Integer(string="Approvals that count", readonly=True)
    approvers = fields.Char(string="May approve", readonly=True,
                            help="Empty: everyone with the role.")
    releaser = fields.Char(string="Released by", readonly=True)
    release_delegator = fields.Char(string="Released on behalf of", readonly=True)
    release_time = fields.Datetime(string="Released on", readonly=True)
    policy_versions = fields.Char(string="Policies", readonly=True)
    file_name = fields.Char(readonly=True)
    file_sha256 = fields.Char(string="SHA-256 of the file", readonly=True)
    hold_text = fields.Char(string="Held because", readonly=True)
    cancel_reason = fields.Char(string="Cancelled because", readonly=True)
    correlation_ref = fields.Char(string="Correlation id", readonly=True, index=True)
    exception_ref = fields.Char(string="Exception id", readonly=True)
    exception_id = fields.Many2one("kontor.exception", compute="_compute_exception_id")
    create_time = fields.Datetime(string="Prepared", readonly=True, index=True)
    update_time = fields.Datetime(string="Changed", readonly=True)
    bill_names = fields.Char(string="Bills", readonly=True)
    line_ids = fields.One2many("kontor.payment.order.line", "order_id", string="Payments")
    approval_ids = fields.One2many("kontor.payment.approval", "order_id", string="Approvals")
    finding_ids = fields.One2many(
        "kontor.payment.finding", "order_id", string="Findings", domain=[("line_id", "=", False)])
    event_ids = fields.One2many("kontor.mirror.event", "order_id", string="History")
    request_ids = fields.One2many("kontor.request", "order_id", string="Requests")
    approval_text = fields.Char(string="Approvals so far", compute="_compute_texts")
    next_step = fields.Char(string="What comes next", compute="_compute_texts")
    may_cancel = fields.Boolean(compute="_compute_texts")

    def init(self):
        self.env.cr.execute("""
            CREATE UNIQUE INDEX IF NOT EXISTS kontor_payment_order_ref_unique
            ON kontor_payment_order (backend_id, order_ref)""")

    @api.depends("description", "bill_names", "order_ref")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row.description or row.bill_names or row.order_ref

    def _compute_exception_id(self):
        cases = {row.exception_ref: row for row in self.env["kontor.exception"].search(
            [("exception_ref", "in", [ref for ref in self.mapped("exception_ref") if ref])])}
        for row in self:
            case = cases.get(row.exception_ref)
            row.exception_id = case if case and case.backend_id == row.backend_id else False

    @api.depends("state", "submission", "approval_count", "approvals_needed", "hold_text",
                 "exception_ref", "finding_ids")
    def _compute_texts(self):
        for row in self:
            row.approval_text = _("%(got)s of %(needed)s", got=row.approval_count,
                                  needed=row.approvals_needed) if row.approvals_needed else False
            row.next_step = row._next_step()
            row.may_cancel = row.state in BEFORE_RELEASE or (
                row.state == "released" and row.submission in NOT_SENT)

    def _next_step(self):
        """What the order waits for, in words."""
        self.ensure_one()
        missing = max(0, self.approvals_needed - self.approval_count)
        if self.state == "held":
            return _("People hold it; one of the approvers or releasers ends the hold.") if (
                self.hold_text) else _("kontor's checks hold it: mend what stands below, or decide "
                                       "its exception.")
        if self.state == "released" and self.submission == "unknown":
            return _("It is not known whether the bank has the file, so it is never sent again by "
                     "itself. Ask the bank; two persons then say here what it said.")
        if self.state == "draft" and self.finding_ids:
            return _("Something stands in the way: see below. kontor looks again by itself.")
        return {
            "draft": _("kontor reads the bills and the accounts, and checks them."),
            "validated": _("It is right in itself and goes on to be approved."),
            "awaiting_approval": _("Approvals that are missing: %s. Whoever prepared it cannot "
                                   "approve it.", missing),
            "approved": _("It waits for its release, by a person who neither prepared nor approved "
                          "it."),
            "released": _("It is on its way to the bank."),
            "submitted": _("The bank has the file. That is not settled yet."),
            "acknowledged": _("The bank confirms that it has the order."),
            "accepted": _("The bank will execute it. Its booking settles it."),
        }.get(self.state, False)


class KontorPaymentApproval(models.Model):
    """Who approved which content of an order, and whether that still counts."""

    _name = "kontor.payment.approval"
    _description = "Approval of a payment order"
    _order = "order_id, time, id"
    _rec_name = "approver"

    order_id = fields.Many2one("kontor.payment.order", required=True, readonly=True,
                               ondelete="cascade", index=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    approver = fields.Char(string="Approved by", readonly=True)
    delegator = fields.Char(string="On behalf of", readonly=True)
    time = fields.Datetime(string="Approved on", readonly=True)
    digest = fields.Char(string="Digest approved", readonly=True)
    policy_version = fields.Char(string="By policy", readonly=True)
    counts = fields.Boolean(readonly=True)
    void_reason = fields.Char(string="Counts no more because", readonly=True)


class KontorPaymentFinding(models.Model):
    """What stands in an order's way, or in that of one of its payments."""

    _name = "kontor.payment.finding"
    _description = "Finding about a payment order"
    _inherit = "kontor.finding.mixin"
    _order = "order_id, line_id, sequence, id"
    _rec_name = "reason"

    order_id = fields.Many2one("kontor.payment.order", required=True, readonly=True,
                               ondelete="cascade", index=True)
    line_id = fields.Many2one("kontor.payment.order.line", readonly=True, ondelete="cascade",
                              index=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
