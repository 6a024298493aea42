#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the JSON Schemas of all event types, and index.txt for the build, into this folder.

Run it after a change of model::EventTypes() or of the snapshots that events carry, and commit what
it wrote. A published version only ever gains optional members; anything else needs a new version.
"""
from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

VERSION = 1
DRAFT = "https://json-schema.org/draft/2020-12/schema"

MEANINGS = {
    "accepted": "kontor has taken the document; it is on disk and will be put into Odoo.",
    "held": "The posting policy wants a second person to release the document.",
    "drafted": "The document stands in Odoo as a draft, as its posting policy says.",
    "posted": "The document stands in Odoo, posted and verified.",
    "synced": "The partner stands in Odoo as sent.",
    "cancelled": "The document was cancelled, or given up before it stood in Odoo.",
    "exception": "The document needs a person's decision; `data.exception` says why.",
    "shadowed": "The entity is in shadow mode: everything was done but the send to Odoo.",
    "payment_state_changed": "Odoo's payment state or residual of the document changed.",
    "paid": "Nothing is left to pay on the document.",
    "changed_in_odoo": "Someone changed the record in Odoo.",
    "deleted_in_odoo": "Someone deleted the record in Odoo.",
    "sent": "Someone marked the payment as sent in Odoo; told with the addon only.",
}
INVOICE = ["accepted", "held", "drafted", "posted", "cancelled", "exception", "shadowed",
           "payment_state_changed", "paid", "changed_in_odoo", "deleted_in_odoo"]
ENTRY = ["accepted", "held", "drafted", "posted", "cancelled", "exception", "shadowed",
         "changed_in_odoo", "deleted_in_odoo"]
PARTNER = ["accepted", "held", "synced", "cancelled", "exception", "shadowed", "deleted_in_odoo"]
NOUNS = {
    "invoice": (INVOICE, "INVOICE"),
    "bill": (INVOICE, "INVOICE"),
    "credit_note": (INVOICE, "INVOICE"),
    "payment": ([*ENTRY, "sent"], "PAYMENT"),
    "journal_entry": (ENTRY, "JOURNAL_ENTRY"),
    "expense_claim": (ENTRY, "EXPENSE_CLAIM"),
    "partner": (PARTNER, "PARTNER"),
}


REPORT = {
    "expense_report.received": "An approved expense report is on disk.",
    "expense_report.validated": "The report has no findings; its documents go to Odoo.",
    "expense_report.exception": "The report needs a person's decision; `data.exception` says why.",
    "expense_report.posted": "All documents of the report are posted in Odoo.",
    "expense_report.failed": "The report was given up; nothing of it stands in Odoo.",
    "expense_report.reimbursed": "Odoo says that the report is paid.",
    "expense_report.recalled": "The report was taken back; what was posted is reversed.",
    "reimbursement.failed": "A payment of the report that Odoo had is gone.",
}


STATEMENT = {
    "statement.imported": "A bank statement was proven, and its lines are stored.",
    "statement.gap_detected": "A statement is missing before this one.",
    "statement.refused": "A bank statement contradicts itself; nothing of it was booked.",
    "statement.posted": "Every booked line of the statement stands in Odoo.",
}


ORDER = {
    "payment_order.created": "A payment order was made; kontor checks it next.",
    "payment_order.validated": "The order is right in itself.",
    "payment_order.exception": "Something is wrong with the order; `data.findings` say what.",
    "payment_order.held": "The order is kept back, by kontor's checks or by a person.",
    "payment_order.approvals_voided": "Approvals of the order count no more.",
    "payment_order.approved": "Enough persons approved the order.",
    "payment_order.released": "A person released the order to the bank.",
    "payment_order.shadowed": "The order's file was made and not sent: something is a shadow.",
    "payment_order.rerouted": "The order provably did not leave by its channel; another takes it.",
    "payment_order.unknown": "Whether the bank has the order is not known.",
    "payment_order.submitted": "The order was handed over. That is not settled.",
    "payment_order.acknowledged": "The bank has the order.",
    "payment_order.accepted": "The bank will execute the order.",
    "payment_order.partially_settled": "The bank booked some payments of the order.",
    "payment_order.settled": "The bank booked all payments of the order.",
    "payment_order.rejected": "The bank refused the order.",
    "payment_order.returned": "The money of the order came back.",
    "payment_order.cancelled": "The order was given up before it was sent.",
    "payment_order.reminder": "The order waits for persons, and the bank's cut-off is near.",
    "payment_order.escalated": "The order still waits, and the cut-off is very near; "
                               "`data.findings` say who can act.",
    "payment_order.cut_off_missed": "The bank's cut-off passed before the order was released.",
}
ORDER_LINE = {
    "payment.submitted": "A payment of an order was handed to the bank.",
    "payment.settled": "The bank booked a payment of an order.",
    "payment.rejected": "The bank refused a payment of an order.",
    "payment.returned": "The money of a payment of an order came back.",
}
BENEFICIARY = {
    "beneficiary.changed": "A creditor's account is another than before; it waits to be confirmed.",
    "beneficiary.confirmed": "A person confirmed a creditor's account.",
    "beneficiary.blocked": "A person refused a creditor's account.",
}


def text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


def amount(description: str) -> dict[str, Any]:
    return text(description, pattern=r"^-?[0-9]+(\.[0-9]+)?$")


def date(description: str) -> dict[str, Any]:
    return text(description, format="date")


def odoo_record() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "Where the document stands in Odoo; absent before that.",
        "required": ["model", "id"],
        "properties": {
            "model": text("Such as account.move, account.payment or res.partner."),
            "id": {"type": "integer", "description": "Database id."},
            "name": text("Number such as INV/2026/00001; empty while draft."),
        },
    }


def booked() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "What kontor last read of the record in Odoo; absent before that.",
        "properties": {
            "exists": {"type": "boolean", "description": "Whether the record is still there."},
            "model": text("Odoo model."),
            "id": {"type": "integer", "description": "Database id."},
            "name": text("Number in Odoo."),
            "state": text("Odoo's state, such as posted or draft."),
            "payment_state": text("Odoo's payment state, such as not_paid, partial or paid."),
            "date": date("Accounting date as booked."),
            "invoice_date": date("Invoice date as booked."),
            "due_date": date("Due date as booked."),
            "currency_code": text("ISO 4217 code of the amounts."),
            "total": amount("Total with tax."),
            "tax": amount("Tax."),
            "residual": amount("What is left to pay."),
            "company_total": amount("Total in the company's currency."),
            "reference": text("Vendor's number, or the customer's reference."),
            "payment_reference": text("Payment reference."),
            "journal_code": text("Code of the journal."),
            "partner_id": {"type": "integer", "description": "Database id of the partner."},
            "partner_name": text("Name of the partner; masked unless granted."),
            "read_time": text("When it was read, UTC.", format="date-time"),
        },
    }


def exception() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "Why a person must decide; present in *.exception only.",
        "required": ["id", "findings"],
        "properties": {
            "id": text("Id of the exception.", pattern="^exc_"),
            "technical": {"type": "boolean",
                          "description": "A technical failure, not a business case."},
            "owner_role": text("Who is to decide: accountant, administrator or operator."),
            "findings": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["reason", "message", "severity"],
                    "properties": {
                        "reason": text("Stable reason from kontor's catalogue."),
                        "field": text("Path of the field."),
                        "message": text("What is wrong."),
                        "suggestion": text("What to do next."),
                        "asked": text("What the document says."),
                        "got": text("What Odoo says."),
                        "severity": {"enum": ["ERROR", "WARNING"]},
                    },
                },
            },
        },
    }


def person(description: str) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "properties": {
            "external_id": text("The platform's id."),
            "email": text("E-mail address; masked unless granted."),
            "name": text("Name; masked unless granted."),
        },
    }


def money(description: str) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "required": ["currency_code", "value"],
        "properties": {"currency_code": text("ISO 4217 code.", pattern="^[A-Z]{3}$"),
                       "value": amount("Digits with a point.")},
    }


def expense_line() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["date", "description", "category", "amount"],
        "properties": {
            "external_id": text("The platform's id of the expense."),
            "date": date("Day of the expense."),
            "description": text("What it was."),
            "merchant": text("Merchant."),
            "category": text("The platform's category."),
            "amount": money("Amount with tax, in the report's currency."),
            "original_amount": money("Amount in the currency in which it was paid."),
            "exchange_rate": amount("Report's currency for one of the original."),
            "tax": {
                "type": "object",
                "properties": {
                    "treatment": {"enum": ["TREATMENT_NONE", "TREATMENT_RECOVERABLE",
                                           "TREATMENT_REVERSE_CHARGE", "TREATMENT_MIXED"]},
                    "code": text("The platform's tax code."),
                    "tax_amount": money("Tax within the amount."),
                    "parts": {"type": "array", "items": {
                        "type": "object", "required": ["amount"],
                        "properties": {"code": text("Tax code; empty for none."),
                                       "amount": money("Amount with tax."),
                                       "tax_amount": money("Tax within it.")}}},
                },
            },
            "cost_centre": text("The platform's cost centre."),
            "payment_type": {"enum": ["PAYMENT_TYPE_PERSONAL", "PAYMENT_TYPE_COMPANY_CARD"]},
            "card": text("Name or last digits of the card."),
            "receipts": {"type": "array", "items": {
                "type": "object", "required": ["name", "media_type"],
                "properties": {"name": text("File name."), "media_type": text("Media type."),
                               "sha256": text("SHA-256 of the content, hexadecimal."),
                               "content": text("Base64; only when handed over.")}}},
        },
    }


def expense_report() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "An approved expense report, members as in the contract's .proto.",
        "required": ["external_id", "employee", "approver", "report_date", "currency_code",
                     "total", "lines"],
        "properties": {
            "external_id": text("The platform's id of the report."),
            "revision": {"type": "integer", "minimum": 1, "description": "Revision, from 1."},
            "title": text("Title."),
            "employee": person("The claimant."),
            "approver": person("Who approved it."),
            "report_date": date("Day that its documents are dated by."),
            "currency_code": text("Currency in which the employee is paid.",
                                  pattern="^[A-Z]{3}$"),
            "exchange_rate": amount("Report's currency for one of the company's."),
            "total": money("Sum of the lines."),
            "lines": {"type": "array", "minItems": 1, "maxItems": 500, "items": expense_line()},
        },
    }


def report_event_data() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "The report as of this change; names are masked unless granted.",
        "required": ["id", "entity", "source", "state", "external_id", "revision"],
        "properties": {
            "id": text("kontor's id of the report.", pattern="^exp_"),
            "type": {"const": "EXPENSE_REPORT"},
            "entity": text("Name of the legal entity."),
            "source": text("Name of the source."),
            "state": text("State of the report in kontor."),
            "external_id": text("The platform's id."),
            "revision": {"type": "integer", "minimum": 1, "description": "Revision."},
            "correlation_id": text("Correlation id."),
            "reason": text("Why it was taken back."),
            "report": expense_report(),
            "documents": {"type": "array", "items": {
                "type": "object",
                "properties": {"id": text("kontor's id of the document."),
                               "operation_id": text("Id of the operation."),
                               "odoo_name": text("Number in Odoo; empty before.")}}},
            "exception": exception(),
            "findings": exception()["properties"]["findings"],
        },
    }


def subject_schema(noun: str, document_type: str) -> dict[str, Any]:
    return {
        "type": "object",
        "description": "The subject as of this change. Names and account numbers are masked unless "
                       "the endpoint was granted them. A record that kontor did not make has "
                       "entity, connection, odoo and booked only.",
        "required": ["entity"],
        "properties": {
            "id": text(f"kontor's id of the {noun.replace('_', ' ')}."),
            "type": {"const": document_type},
            "kind": text("Kind of invoice, where it is one."),
            "entity": text("Name of the legal entity."),
            "connection": text("Name of the Odoo connection."),
            "source": text("Who handed the document over."),
            "state": text("State of the document in kontor."),
            "verb": text("What the operation does: CREATE, UPDATE, CANCEL or REVERSE."),
            "operation_id": text("Id of the operation.", pattern="^opn_"),
            "request_id": text("The source's request id."),
            "correlation_id": text("Correlation id of the operation."),
            "external_id": text("External id of the record in Odoo."),
            "document": {"type": "object",
                         "description": "The document as it was sent, without attachment bytes; "
                                        "members as in the API's JSON."},
            "odoo": odoo_record(),
            "booked": booked(),
            "exception": exception(),
        },
    }


# Changes of things that are no documents; told with the addon only.
CHANGES = {
    "partner_bank.changed": "A partner's bank account was added, changed or removed in Odoo.",
    "lock_dates.changed": "A lock date of the company was changed in Odoo.",
}


def change_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "What changed in Odoo, and by whom. Names and account numbers are masked "
                       "unless the endpoint was granted them.",
        "required": ["entity", "odoo", "user", "by_bot", "change_time"],
        "properties": {
            "entity": text("Name of the legal entity."),
            "connection": text("Name of the Odoo connection."),
            "odoo": odoo_record(),
            "user": text("Login of the user who changed it."),
            "by_bot": {"type": "boolean", "description": "Whether kontor itself changed it."},
            "change_time": text("When it was changed in Odoo, UTC.", format="date-time"),
            "snapshot": {
                "type": "object",
                "description": "The record as it stood when kontor fetched the change.",
                "properties": {
                    "exists": {"type": "boolean", "description": "Whether it is still there."},
                    "partner_id": {"type": "integer", "description": "Holder of the account."},
                    "partner_name": text("Name of the holder; masked unless granted."),
                    "name": text("The company's name, or the last signs of the account."),
                    "state": text("Whether it is in use: active or archived."),
                    "trusted": {"type": "boolean",
                                "description": "Whether money may be sent to the account."},
                    "lock_dates": {"type": "object",
                                   "description": "Day by lock date; empty text: not locked.",
                                   "additionalProperties": {"type": "string"}},
                },
            },
        },
    }


def schema(noun: str, participle: str, document_type: str) -> dict[str, Any]:
    data = subject_schema(noun, document_type)
    if participle == "exception":
        data["required"] = ["entity", "exception"]
    return envelope(f"{noun}.{participle}", MEANINGS[participle], data)


def envelope(type_name: str, meaning: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "$schema": DRAFT,
        "$id": f"/schemas/{type_name}.v{VERSION}.json",
        "title": type_name,
        "description": meaning,
        "type": "object",
        "required": ["type", "timestamp", "data", "id", "sequence", "entity", "subject",
                     "subject_sequence", "schema_version"],
        "properties": {
            "type": {"const": type_name},
            "timestamp": text("When it happened, UTC.", format="date-time"),
            "data": data,
            "id": text("Id of the event, as in the webhook-id header.", pattern="^evt_"),
            "sequence": {"type": "integer", "minimum": 1,
                         "description": "Number in the feed, without gaps."},
            "entity": text("Name of the legal entity."),
            "subject": text("What it happened to: a document's id, or odoo:connection/model/id."),
            "subject_sequence": {"type": "integer", "minimum": 1,
                                 "description": "Number among the subject's events, without gaps."},
            "correlation_id": text("Correlation id of what caused it; may be empty."),
            "schema_version": {"const": VERSION},
        },
    }


def report_schema(type_name: str, meaning: str) -> dict[str, Any]:
    data = report_event_data()
    if type_name == "expense_report.exception":
        data["required"].append("exception")
    return envelope(type_name, meaning, data)


def statement_data() -> dict[str, Any]:
    count = {"type": "integer", "minimum": 0}
    return {
        "type": "object",
        "required": ["id", "type", "entity", "state", "kind", "account_number", "proof"],
        "properties": {
            "id": text("Id of the statement.", pattern="^stm_"),
            "type": {"const": "STATEMENT"},
            "entity": text("Whose account it is."),
            "state": {"enum": ["IMPORTED", "POSTED", "VIEWED", "REFUSED", "SUPERSEDED",
                               "IMPORTING"]},
            "kind": {"enum": ["END_OF_DAY", "INTRADAY", "NOTIFICATION", "CLEARING_FILE"]},
            "standing": text("How it stands to those before it, such as NEXT or AFTER_GAP."),
            "format": text("Such as camt.053.001.08."),
            "account_number": text("Number of the account; masked unless granted."),
            "currency_code": text("ISO 4217 code."),
            "bank_id": text("The bank's own name of the statement."),
            "sequence_number": {"type": "integer", "description": "The bank's running number."},
            "date": text("Day of the closing balance; may be empty."),
            "balances": {"type": "array", "items": {
                "type": "object", "required": ["type", "amount"],
                "properties": {"type": text("Such as OPENING_BOOKED."),
                               "amount": money("Negative when overdrawn."),
                               "date": date("The bank's day.")}}},
            "proof": {"type": "object", "required": ["verdict"], "properties": {
                "verdict": {"enum": ["PROVEN", "UNPROVEN", "REFUSED"]},
                "basis": text("What proved it."), "line_count": count, "booked_count": count,
                "booked_credits": amount("Sum that came in."),
                "booked_debits": amount("Sum that went out."),
                "difference": amount("What is missing.")}},
            "stored_count": count, "repeated_count": count, "matched_count": count,
            "posted_count": count,
            "file_id": text("Id of the bank file.", pattern="^bkf_"),
            "decisions": {"type": "array", "items": text("What was decided and why.")},
            "exception_id": text("Id of the open exception.", pattern="^exc_"),
            "findings": {"type": "array", "items": {"type": "object"}},
            "odoo": odoo_record(),
            "correlation_id": text("Of all that came of the file."),
        },
    }


def balance_data() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["id", "type", "entity", "account_number", "currency_code"],
        "properties": {
            "id": text("Id of our account.", pattern="^bac_"),
            "type": {"const": "BALANCE"},
            "entity": text("Whose account it is."),
            "account": text("Name of the account in kontor."),
            "account_number": text("Its number; masked unless granted."),
            "channel": text("Channel, which stands for the bank."),
            "currency_code": text("ISO 4217 code."),
            "booked": money("At the end of the newest day."),
            "booked_date": text("That day."),
            "statement_id": text("Statement that says so.", pattern="^stm_"),
            "intraday": money("Of the newest report of a later day."),
            "intraday_date": text("Day of that report."),
            "intraday_time": text("Time of that report, as the bank wrote it."),
            "pending": money("Sum of what is pending."),
            "gap_count": {"type": "integer", "minimum": 0,
                          "description": "Statements that are missing between two others."},
        },
    }


def order_data() -> dict[str, Any]:
    approval = {"type": "object", "required": ["name", "digest", "time"], "properties": {
        "principal_id": text("Id of the person."), "name": text("Name of the person."),
        "digest": text("Digest of what was approved."),
        "policy_version": text("Such as approval/v3."),
        "time": text("When.", format="date-time"),
        "void_reason": text("Why it counts no more; absent while it counts."),
        "delegator": text("Who lent the role to the person; absent for their own."),
        "delegation_id": text("By which delegation.", pattern="^pdl_")}}
    return {
        "type": "object",
        "required": ["id", "type", "entity", "state", "submission", "payment_count"],
        "properties": {
            "id": text("Id of the order.", pattern="^pmo_"),
            "type": {"const": "PAYMENT_ORDER"},
            "entity": text("Who pays."),
            "state": {"enum": ["DRAFT", "VALIDATED", "AWAITING_APPROVAL", "APPROVED", "RELEASED",
                               "SUBMITTED", "ACKNOWLEDGED", "ACCEPTED", "SETTLED",
                               "PARTIALLY_SETTLED", "REJECTED", "RETURNED", "CANCELLED", "HELD"]},
            "submission": {"enum": ["NONE", "GENERATED", "SENDING", "UNKNOWN", "SENT",
                                    "SHADOWED"]},
            "description": text("What it is for."),
            "account": text("Account of ours that pays, by name."),
            "channel": text("Channel to the bank."),
            "fallback_channel": text("Channel for when it provably did not go by the first."),
            "first_channel": text("Channel that it was meant to go by, once it goes by another."),
            "test": {"type": "boolean", "description": "A test of the channel."},
            "total": money("Sum of the payments."),
            "payment_count": {"type": "integer", "minimum": 0},
            "execution_date": date("Day of execution."),
            "execution_note": text("Why that day."),
            "urgency": {"enum": ["NORMAL", "URGENT", "INSTANT"]},
            "message_id": text("Id of the file on the wire."),
            "digest": text("Digest of what is approved."),
            "preparer": text("Who prepared it."),
            "approvals": {"type": "array", "items": approval},
            "approvals_needed": {"type": "integer", "minimum": 0},
            "approvers": {"type": "array", "items": text("Name of a person who may approve.")},
            "releaser": text("Who released it."),
            "release_time": text("When it was released.", format="date-time"),
            "release_delegator": text("Who lent the role to the releaser; absent for their own."),
            "release_delegation_id": text("By which delegation.", pattern="^pdl_"),
            "cut_off_time": text("The bank's cut-off for the day of execution; absent: none.",
                                 format="date-time"),
            "policy_versions": {"type": "array", "items": text("Such as routing/v2.")},
            "file_name": text("Name of the file."),
            "file_sha256": text("SHA-256 of the file, hexadecimal."),
            "hold_reasons": {"type": "array", "items": text("Why a person holds it.")},
            "findings": exception()["properties"]["findings"],
            "exception_id": text("Id of the open exception.", pattern="^exc_"),
            "deadline_exception_id": text("Id of the open exception about what is late.",
                                          pattern="^exc_"),
            "cancel_reason": text("Why it was given up."),
            "correlation_id": text("Of all that comes of the order."),
        },
    }


def order_line_data() -> dict[str, Any]:
    bill = {"type": "object", "required": ["odoo_move_id", "amount"], "properties": {
        "odoo_move_id": {"type": "integer", "description": "Database id in Odoo."},
        "name": text("Its number in Odoo."), "reference": text("The vendor's own number."),
        "amount": money("What is paid of it.")}}
    return {
        "type": "object",
        "required": ["id", "type", "entity", "payment"],
        "properties": {
            "id": text("Id of the order.", pattern="^pmo_"),
            "type": {"const": "PAYMENT_ORDER_LINE"},
            "entity": text("Who pays."),
            "payment": {"type": "object", "required": ["number", "state", "amount"], "properties": {
                "number": {"type": "integer", "minimum": 1,
                           "description": "Number within the order."},
                "state": text("Such as SUBMITTED or SETTLED."),
                "amount": money("What is paid."),
                "creditor": {"type": "object", "properties": {
                    "holder_name": text("Name; masked unless granted."),
                    "account_number": text("Account; masked unless granted."),
                    "bic": text("BIC of the bank.")}},
                "end_to_end_id": text("Id on the wire."),
                "bills": {"type": "array", "items": bill},
                "status_code": text("The bank's last status."),
                "status_reasons": {"type": "array", "items": text("The bank's reason in words.")},
                "payment_id": text("Odoo's payment by kontor's id.", pattern="^pay_"),
                "odoo_payment_id": {"type": "integer",
                                    "description": "account.payment that others made in Odoo."}}},
        },
    }


def beneficiary_data() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["id", "type", "entity", "state"],
        "properties": {
            "id": text("Id of the account.", pattern="^bnf_"),
            "type": {"const": "BENEFICIARY"},
            "entity": text("Who pays to it."),
            "state": {"enum": ["UNCONFIRMED", "CONFIRMED", "BLOCKED"]},
            "holder_name": text("Name; masked unless granted."),
            "account_number": text("Account; masked unless granted."),
            "bic": text("BIC of the bank."),
            "odoo_partner_id": text("Partner in Odoo."),
            "editor": text("Who last wrote it."),
            "digest": text("Digest of what is confirmed."),
            "confirmed_by": text("Who confirmed it."),
            "confirm_time": text("When.", format="date-time"),
            "change_time": text("When it last changed.", format="date-time"),
            "create_time": text("When kontor first saw it.", format="date-time"),
            "block_reason": text("Why it was refused."),
        },
    }


def write_all(folder: Path) -> list[str]:
    schemas = [schema(noun, participle, document_type)
               for noun, (participles, document_type) in NOUNS.items()
               for participle in participles]
    schemas += [envelope(name, meaning, change_schema()) for name, meaning in CHANGES.items()]
    schemas += [report_schema(name, meaning) for name, meaning in REPORT.items()]
    schemas += [envelope(name, meaning, statement_data()) for name, meaning in STATEMENT.items()]
    schemas.append(envelope("balance.updated", "A bank told a newer balance of an account of ours.",
                            balance_data()))
    schemas += [envelope(name, meaning, order_data()) for name, meaning in ORDER.items()]
    schemas += [envelope(name, meaning, order_line_data())
                for name, meaning in ORDER_LINE.items()]
    schemas += [envelope(name, meaning, beneficiary_data())
                for name, meaning in BENEFICIARY.items()]
    names = []
    documents = {made["title"]: made for made in schemas}
    documents["expense_report"] = {
        "$schema": DRAFT, "$id": f"/schemas/expense_report.v{VERSION}.json",
        "title": "expense_report", **expense_report()}
    for title, made in documents.items():
        name = f"{title}.v{VERSION}.json"
        body = json.dumps(made, indent=1, ensure_ascii=True)
        (folder / name).write_text(body + "\n", encoding="utf-8")
        names.append(name)
    (folder / "index.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
    return names


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    print(f"{len(write_all(target))} schemas written")
