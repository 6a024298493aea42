# SPDX-License-Identifier: LGPL-3.0-or-later
"""Titles of the reasons that finance people meet, in their own language.

kontor's own sentence stands beside the title; a reason that is not here is shown by that sentence.
"""
from odoo import _, models


class KontorReasonMixin(models.AbstractModel):
    """For what carries a reason of kontor's catalogue."""

    _name = "kontor.reason.mixin"
    _description = "Titles of kontor's reasons"

    def _reason_title(self, reason):
        """The title of a reason in the user's language; "" for one that has none."""
        titles = {
            "ACCOUNT_UNKNOWN": _("The account does not exist"),
            "JOURNAL_UNKNOWN": _("The journal does not exist"),
            "TAX_UNKNOWN": _("The tax does not exist"),
            "PARTNER_UNKNOWN": _("The partner does not exist"),
            "PRODUCT_UNKNOWN": _("The product does not exist"),
            "PAYMENT_TERM_UNKNOWN": _("The payment terms do not exist"),
            "ANALYTIC_UNKNOWN": _("The analytic account does not exist"),
            "ANALYTIC_REQUIRED": _("An analytic account is missing"),
            "CURRENCY_INACTIVE": _("The currency is not active"),
            "RATE_MISSING": _("The exchange rate is missing"),
            "RATE_STALE": _("The exchange rate is too old"),
            "RATE_UNSUPPORTED": _("A rate of its own is not possible here"),
            "PRECISION_EXCEEDED": _("More decimals than Odoo keeps"),
            "BANK_ACCOUNT_UNTRUSTED": _("The bank account is not trusted"),
            "BANK_ACCOUNT_UNKNOWN": _("The bank account is not known"),
            "PERIOD_LOCKED": _("The period is locked"),
            "TOTAL_MISMATCH": _("The total differs"),
            "BOOKED_DIFFERENTLY": _("Booked differently than asked"),
            "DUPLICATE_REFERENCE": _("A bill with this number exists"),
            "DUPLICATE_SUSPECTED": _("It looks like a duplicate"),
            "NOTHING_TO_PAY": _("Nothing is left to pay"),
            "OVERPAYMENT": _("More is paid than is open"),
            "PAYMENT_WITHOUT_ENTRY": _("The payment made no journal entry"),
            "INVOICE_NOT_POSTED": _("The invoice is not posted"),
            "DELETED_IN_ODOO": _("Deleted in Odoo"),
            "NOT_VISIBLE_IN_ODOO": _("Not visible to kontor's user"),
            "HASHED_DOCUMENT": _("The document is sealed"),
            "DEPENDENCY_FAILED": _("What it waits for has failed"),
            "ENTRY_UNBALANCED": _("Debit and credit differ"),
            "LINES_MISSING": _("The document has no lines"),
            "ODOO_REFUSED": _("Odoo refused the document"),
            "ODOO_RIGHT_MISSING": _("kontor's user lacks a right"),
            "ODOO_RIGHT_EXCESS": _("kontor's user has a right too many"),
            "ODOO_LOGIN_FAILED": _("kontor cannot sign in to Odoo"),
            "ODOO_UNREACHABLE": _("kontor cannot reach Odoo"),
            "ODOO_ANSWER_UNREADABLE": _("Odoo's answer is not readable"),
            "ODOO_FAILED": _("Odoo failed inside"),
            "DATABASE_REPLACED": _("Another database answers"),
            "CONNECTION_PAUSED": _("The connection is paused"),
            "RESTORE_HOLD": _("Held after a restore"),
            "BENEFICIARY_UNCONFIRMED": _("Nobody has confirmed the creditor's account"),
            "BENEFICIARY_CHANGED": _("The creditor's account changed"),
            "BILL_CHANGED": _("The bill changed"),
            "PAYMENT_DUPLICATE": _("It looks as if it were paid twice"),
            "SCREENING_HIT": _("The creditor resembles a listed party"),
            "FRAUD_RULE": _("The payment is unusual"),
            "LIST_STALE": _("The sanctions list is too old"),
            "BANK_REJECTED": _("The bank refused it"),
            "PAYMENT_RETURNED": _("The money came back"),
            "BANK_OUTCOME_UNKNOWN": _("It is not known whether the bank has the file"),
            "FILE_ALTERED": _("The file is not the one that was approved"),
            "ROUTE_MISSING": _("No way to the bank takes this payment"),
            "CUT_OFF_PASSED": _("The bank's cut-off has passed"),
            "POLICY_MISSING": _("No approval policy covers the order"),
            "OWN_ACCOUNT_UNKNOWN": _("The account that pays is not known"),
            "CHANNEL_PAUSED": _("The way to the bank is paused"),
            "CHANNEL_UNREACHABLE": _("The bank cannot be reached"),
            "CHANNEL_FILE_CONFLICT": _("Another file has its name at the bank"),
            "OPENPGP_KEY_UNUSABLE": _("An OpenPGP key of the way to the bank cannot be used"),
            "OPENPGP_REQUIRED": _("The bank's file is not signed and encrypted as agreed"),
            "OPENPGP_UNREADABLE": _("The bank's file cannot be decrypted"),
            "OPENPGP_SIGNATURE_INVALID": _("The bank's file has no valid signature"),
            "DIALECT_REFUSED": _("The bank does not take this"),
            "APPROVAL_VOID": _("The approvals count no more"),
            "BANK_SILENT": _("The bank says nothing"),
            "FILE_NOT_COLLECTED": _("The bank has not taken the file"),
            "FILE_GONE": _("The file is gone from the outbox"),
            "BOOKING_OVERDUE": _("The booking is overdue"),
            "DECISION_LATE": _("A decision is late"),
            "ODOO_PAYMENT_UNFIT": _("The payment in Odoo cannot be sent"),
            "ODOO_PAYMENT_CHANGED": _("The payment in Odoo changed"),
        }
        return titles.get(reason or "", "")
