# SPDX-License-Identifier: LGPL-3.0-or-later
import json
from datetime import date

from odoo import _, api, fields, models
from odoo.exceptions import UserError

from .kontor_backend_check import parse_time

STATES = [
    ("accepted", "Accepted"), ("ready", "Ready"), ("sending", "Sending"),
    ("retrying", "Trying again"), ("unknown", "Looking for the outcome"),
    ("exception", "Exception"), ("held", "Held for release"), ("parked", "Parked"),
    ("posted", "Done"), ("cancelled", "Cancelled"),
]
CLOSED = ("posted", "cancelled")
WAITING = ("accepted", "ready", "sending", "retrying", "unknown", "held", "parked")
CANCELLABLE = ("accepted", "ready", "retrying", "held", "parked", "exception")
TYPES = [
    ("invoice", "Customer invoice"), ("bill", "Vendor bill"), ("credit_note", "Credit note"),
    ("payment", "Payment"), ("journal_entry", "Journal entry"), ("partner", "Partner"),
]
TYPE_OF_PREFIX = {"inv": "invoice", "bil": "bill", "crn": "credit_note", "pay": "payment",
                  "jrn": "journal_entry", "prt": "partner"}
PARK_REASONS = [
    ("PERIOD_CLOSED", "The period is closed"), ("CONNECTION_PAUSED", "The connection is paused"),
    ("ENTITY_SHADOW", "The entity is not live"), ("OUTSIDE_WINDOW", "Outside the time window"),
    ("DEPENDS_ON", "Waits for another document"),
    ("RESTORE_HOLD", "Held after a restore"),
]


def state_of(operation):
    """Where a document stands: a cancellation that is done has cancelled it."""
    state = operation.get("state", "").removeprefix("STATE_").lower()
    if operation.get("verb") == "VERB_CANCEL" and state in CLOSED:
        return "cancelled" if state == "posted" else "posted"
    return state


def asked_of(document_type, document):
    """(amount, currency code, day) as they were asked for; the amount None when none was stated.

    An invoice that names no expected total has none: kontor cannot know the taxes before Odoo has
    computed them.
    """
    if document_type == "payment":
        money = document.get("amount", {})
        return money.get("value"), money.get("currencyCode"), document.get("date")
    if document_type == "journal_entry":
        total = sum(to_unscaled(line.get("debit") or "0") for line in document.get("lines", []))
        return from_unscaled(total), None, document.get("date")
    day = document.get("accountingDate") or document.get("invoiceDate")
    money = document.get("expectedTotal") or {}
    return money.get("value"), document.get("currencyCode"), day


DIGITS = 12


def to_unscaled(text):
    """A Decimal of kontor's as an integer of twelve fraction digits: sums stay exact."""
    sign = -1 if text.startswith("-") else 1
    whole, _point, fraction = text.lstrip("-").partition(".")
    return sign * int((whole or "0") + fraction.ljust(DIGITS, "0"))


def from_unscaled(value):
    """The Decimal text of an integer of twelve fraction digits."""
    sign, digits = ("-" if value < 0 else ""), str(abs(value)).rjust(DIGITS + 1, "0")
    fraction = digits[-DIGITS:].rstrip("0")
    return sign + digits[:-DIGITS] + ("." + fraction if fraction else "")


def parse_day(text):
    """A date of kontor's; False when there is none."""
    return date.fromisoformat(text) if text else False


class KontorMirrorDocument(models.Model):
    """A document that kontor has, as it was last read from there. Nobody writes it but the job."""

    _name = "kontor.mirror.document"
    _description = "Synced document"
    _inherit = "kontor.mirror.mixin"
    _order = "create_time desc, id desc"
    _rec_name = "document_ref"

    backend_id = fields.Many2one(
        "kontor.backend", string="Service", required=True, ondelete="cascade", index=True,
        readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", index=True,
                                 readonly=True)
    entity = fields.Char(readonly=True)
    document_ref = fields.Char(string="Document id", required=True, readonly=True, index=True)
    document_type = fields.Selection(TYPES, string="Type", readonly=True, index=True)
    state = fields.Selection(STATES, readonly=True, index=True)
    is_open = fields.Boolean(readonly=True, index=True)
    park_reason = fields.Selection(PARK_REASONS, string="Waits because", readonly=True)
    verb = fields.Selection(
        [("create", "Create"), ("update", "Change"), ("cancel", "Cancel"),
         ("reverse", "Reverse")], readonly=True)
    operation_ref = fields.Char(string="Operation id", readonly=True, index=True)
    operation_version = fields.Integer(readonly=True)
    attempt_count = fields.Integer(string="Attempts", readonly=True)
    path = fields.Selection(
        [("load", "Without the addon"), ("addon", "Through the addon")], readonly=True)
    request_ref = fields.Char(string="Request id", readonly=True)
    correlation_ref = fields.Char(string="Correlation id", readonly=True, index=True)
    external_ref = fields.Char(string="External id", readonly=True, index=True)
    source = fields.Char(readonly=True)
    submitter = fields.Char(string="Handed over by", readonly=True)
    reference = fields.Char(readonly=True)
    journal_id = fields.Many2one("account.journal", readonly=True, index=True,
                                 ondelete="set null")
    date = fields.Date(string="Day asked", readonly=True, index=True)
    booked_date = fields.Date(string="Day booked", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    asked_total = fields.Monetary(string="Asked", readonly=True)
    asked_known = fields.Boolean(readonly=True)
    booked_total = fields.Monetary(string="Booked", readonly=True)
    difference = fields.Monetary(compute="_compute_difference", store=True)
    booked_state = fields.Char(string="State in Odoo", readonly=True)
    payment_state = fields.Char(readonly=True)
    bank_status = fields.Char(compute="_compute_bank_status")
    create_time = fields.Datetime(string="Accepted", readonly=True, index=True)
    update_time = fields.Datetime(string="Changed", readonly=True)
    done_time = fields.Datetime(string="Done", readonly=True, index=True)
    next_attempt_time = fields.Datetime(string="Next attempt", readonly=True)
    res_model = fields.Char(string="Model", readonly=True)
    res_id = fields.Many2oneReference(string="Record id", model_field="res_model", readonly=True)
    record_name = fields.Char(string="Number", readonly=True)
    move_id = fields.Many2one("account.move", string="Entry", readonly=True, index=True,
                              ondelete="set null")
    payment_id = fields.Many2one("account.payment", readonly=True, index=True,
                                 ondelete="set null")
    partner_id = fields.Many2one("res.partner", readonly=True, index=True, ondelete="set null")
    exception_ids = fields.One2many("kontor.exception", "document_id")
    event_ids = fields.One2many("kontor.mirror.event", "document_id", string="History")
    request_ids = fields.One2many("kontor.request", "document_id", string="Requests")
    waiting_request = fields.Char(compute="_compute_waiting_request")
    content = fields.Text(readonly=True, help="The document as kontor has it, as JSON.")

    def init(self):
        self.env.cr.execute("""
            CREATE UNIQUE INDEX IF NOT EXISTS kontor_mirror_document_ref_unique
            ON kontor_mirror_document (backend_id, document_ref)""")

    @api.depends("record_name", "document_type", "document_ref")
    def _compute_display_name(self):
        labels = dict(self._fields["document_type"]._description_selection(self.env))
        for row in self:
            number = row.record_name if row.record_name not in (False, "/") else row.reference
            row.display_name = f"{labels.get(row.document_type, '')} {number or row.document_ref}"

    @api.depends("asked_total", "booked_total", "asked_known", "booked_state")
    def _compute_difference(self):
        for row in self:
            both = row.asked_known and row.booked_state
            row.difference = row.booked_total - row.asked_total if both else 0

    @api.depends("payment_state", "booked_state", "document_type")
    def _compute_bank_status(self):
        move_words = dict(self.env["account.move"]._fields["payment_state"]
                          ._description_selection(self.env))
        words = {
            "draft": _("Draft"), "posted": _("Booked"), "in_process": _("In process"),
            "paid": _("Paid"), "cancel": _("Cancelled"), "canceled": _("Cancelled"),
            "rejected": _("Rejected")}
        for row in self:
            if row.document_type == "payment":
                row.bank_status = words.get(row.booked_state, row.booked_state)
            else:
                row.bank_status = move_words.get(row.payment_state, row.payment_state)

    @api.depends("request_ids.state", "request_ids.error_kind")
    def _compute_waiting_request(self):
        for row in self:
            waiting = row.sudo().request_ids.filtered(lambda r: r.state == "waiting")[:1]
            row.waiting_request = waiting._told() if waiting else False

    @api.model
    def _may_read(self):
        """Whether the user is one of kontor's readers."""
        return self.env.user.has_group("kontor_connector.group_kontor_reader")

    # -- taking over what was read ------------------------------------------------------------

    @api.model
    def _take(self, backend, operations, documents):
        """Writes what was read; `documents` by id. Returns the rows that are shown here."""
        newest = {}
        for operation in operations:
            known = newest.get(operation["documentId"])
            if known is None or known.get("createTime", "") <= operation.get("createTime", ""):
                newest[operation["documentId"]] = operation
        rows = self.search([("backend_id", "=", backend.id),
                            ("document_ref", "in", list(newest))])
        known = {row.document_ref: row for row in rows}
        taken = self.browse()
        for ref, operation in newest.items():
            mapping = backend._entity_of(operation.get("entity"))
            if not mapping:
                continue
            values = self._values(backend, mapping, operation, documents.get(ref) or {})
            row = known.get(ref)
            if row:
                if row._is_superseded_by(operation):
                    row._write_changed(values)
                taken |= row
            elif mapping._shows(
                    self.env["account.journal"].browse(values.get("journal_id")),
                    values.get("date")):
                taken |= self.create(dict(values, backend_id=backend.id, document_ref=ref))
        return taken

    def _is_superseded_by(self, operation):
        """Whether an operation that was read is this row's own, or a later one."""
        self.ensure_one()
        if self.operation_ref == operation["id"]:
            return int(operation.get("version", 0)) >= self.operation_version
        return not self.create_time or parse_time(operation.get("createTime")) >= self.create_time

    @api.model
    def _values(self, backend, mapping, operation, document):
        """The fields of a row, from kontor's JSON."""
        document_type = TYPE_OF_PREFIX.get(operation["documentId"].partition("_")[0])
        state = state_of(operation)
        company = mapping.company_id
        values = {
            "company_id": company.id, "entity": operation.get("entity"),
            "document_type": document_type, "state": state, "is_open": state not in CLOSED,
            "park_reason": operation.get("parkReason") if operation.get("parkReason") in dict(
                PARK_REASONS) else False,
            "verb": operation.get("verb", "VERB_CREATE").removeprefix("VERB_").lower(),
            "operation_ref": operation["id"],
            "operation_version": int(operation.get("version", 0)),
            "attempt_count": operation.get("attemptCount", 0),
            "path": {"PATH_LOAD": "load", "PATH_ADDON": "addon"}.get(operation.get("path"), False),
            "request_ref": operation.get("requestId"),
            "correlation_ref": operation.get("correlationId"),
            "external_ref": operation.get("externalId"),
            "source": operation.get("source"), "submitter": operation.get("submitter"),
            "create_time": parse_time(operation.get("createTime")),
            "update_time": parse_time(operation.get("updateTime")),
            "done_time": parse_time(operation.get("updateTime")) if state == "posted" else False,
            "next_attempt_time": parse_time(operation.get("nextAttemptTime")),
        }
        record = self._record_values(operation)
        values.update(record)
        if document:
            values.update(self._content_values(company, document_type, document))
            if not record["partner_id"]:
                values["partner_id"] = self._partner(document.get("partner") or {}).id
        if not values.get("journal_id"):
            # The lane is named after the journal that kontor chose; "~" stands for none yet.
            journal = self._journal(company, operation.get("lane", "").rpartition("/")[2])
            values.pop("journal_id", None)
            if journal:
                values["journal_id"] = journal.id
        return values

    @api.model
    def _record_values(self, operation):
        """The record in Odoo that the operation made or changed, if it is still there."""
        model, ident = operation.get("odooModel"), int(operation.get("odooId", 0))
        values = {"res_model": model or False, "res_id": ident or False, "move_id": False,
                  "record_name": operation.get("odooName"), "payment_id": False,
                  "partner_id": False}
        link = {"account.move": "move_id", "account.payment": "payment_id",
                "res.partner": "partner_id"}.get(model)
        if link and ident:
            record = self.env[model].sudo().browse(ident).exists()
            values[link] = record.id
            if link != "partner_id" and record:
                values["partner_id"] = record.partner_id.id
        return values

    @api.model
    def _content_values(self, company, document_type, document):
        """What the document itself says, and what kontor read back from Odoo."""
        total, currency_code, day = asked_of(document_type, document)
        booked = document.get("booked") or {}
        money = booked.get("total") or booked.get("amount") or {}
        currency = self._currency(money.get("currencyCode") or currency_code) or (
            company.currency_id if document_type != "partner" else company.currency_id.browse())
        known = total is not None and total != ""
        return {
            "content": json.dumps(document, ensure_ascii=False, sort_keys=True),
            "reference": document.get("reference") or document.get("memo"),
            "journal_id": self._journal(company, document.get("journalCode")).id,
            "date": parse_day(day), "currency_id": currency.id,
            "asked_known": known, "asked_total": total or "0",
            "booked_total": money.get("value") or "0",
            "booked_date": parse_day(booked.get("date")),
            "booked_state": booked.get("state") or False,
            "payment_state": booked.get("paymentState") or False,
        }

    @api.model
    def _partner(self, named):
        """The partner that a document names; an empty record when it is none or more than one."""
        Partner = self.env["res.partner"].sudo()
        if named.get("odooId"):
            return Partner.browse(int(named["odooId"])).exists()
        field, value = ("ref", named.get("reference")) if named.get("reference") else (
            "vat", named.get("vat"))
        found = Partner.search([(field, "=", value)], limit=2) if value else Partner
        return found if len(found) == 1 else Partner

    @api.model
    def _journal(self, company, code):
        Journal = self.env["account.journal"].sudo()
        if not company or not code or code == "partners":
            return Journal
        return Journal.search([("company_id", "=", company.id), ("code", "=", code)], limit=1)

    @api.model
    def _currency(self, code):
        Currency = self.env["res.currency"].sudo().with_context(active_test=False)
        return Currency.search([("name", "=", code)], limit=1) if code else Currency

    # -- buttons ------------------------------------------------------------------------------

    def action_open_record(self):
        """Opens the record in Odoo."""
        self.ensure_one()
        if not self.res_model or not self.res_id:
            raise UserError(_("Nothing of this document stands in Odoo yet."))
        return {"type": "ir.actions.act_window", "res_model": self.res_model,
                "res_id": self.res_id, "view_mode": "form"}

    def action_open_exception(self):
        """Opens the exception that waits for a decision."""
        self.ensure_one()
        waiting = self.exception_ids.filtered(lambda row: row.state != "resolved")[:1]
        if not waiting:
            raise UserError(_("This document has no open exception."))
        return {"type": "ir.actions.act_window", "res_model": "kontor.exception",
                "res_id": waiting.id, "view_mode": "form"}

    def action_retry(self):
        """Asks kontor to try again now."""
        return self._ask("retry_operation")

    def action_release(self):
        """Releases a document that the posting policy holds back."""
        return self._ask("release_operation")

    def action_cancel(self):
        """Gives a document up before it is in the books."""
        return self._ask("cancel_operation")

    def _ask(self, verb):
        self.ensure_one()
        self.env["kontor.request"]._check_credential()
        return {
            "type": "ir.actions.act_window", "name": self.env["kontor.request"]._label(verb),
            "res_model": "kontor.decision", "view_mode": "form", "target": "new",
            "context": {"default_verb": verb, "default_document_id": self.id}}
