# SPDX-License-Identifier: LGPL-3.0-or-later
"""Why an item of kontor's is not done, and which errors are not reasons but mishaps.

Plain Python, no database.
"""

import psycopg2

from odoo import _, exceptions

FIELD_NOT_ALLOWED = "FIELD_NOT_ALLOWED"
VALUE_INVALID = "VALUE_INVALID"
RECORD_NOT_FOUND = "RECORD_NOT_FOUND"
NOT_VISIBLE = "NOT_VISIBLE"
ACCESS_DENIED = "ACCESS_DENIED"
AMOUNT_DIFFERS = "AMOUNT_DIFFERS"
TAX_DIFFERS = "TAX_DIFFERS"
DATE_MOVED = "DATE_MOVED"
CURRENCY_DIFFERS = "CURRENCY_DIFFERS"
DUE_DATE_DIFFERS = "DUE_DATE_DIFFERS"
DIGITS_LOST = "DIGITS_LOST"
ODOO_REFUSED = "ODOO_REFUSED"
DELETED_IN_ODOO = "DELETED_IN_ODOO"
INVOICE_NOT_POSTED = "INVOICE_NOT_POSTED"
NOTHING_TO_PAY = "NOTHING_TO_PAY"
PAYMENT_WITHOUT_ENTRY = "PAYMENT_WITHOUT_ENTRY"

MESSAGE_MAX = 500

# Not the fault of any document: the whole call fails, and Odoo or kontor tries again.
MISHAPS = (psycopg2.OperationalError, psycopg2.InternalError, psycopg2.InterfaceError) + tuple(
    getattr(exceptions, name)
    for name in ("LockError", "ConcurrencyError")
    if hasattr(exceptions, name)
)


class Refusal(Exception):
    """One item's refusal: a reason of the catalogue, the field, a sentence, asked and got."""

    def __init__(self, reason, field="", message="", asked="", got=""):
        super().__init__(message or reason)
        self.reason = reason
        self.field = field
        self.message = message
        self.asked = asked
        self.got = got

    def as_error(self):
        """The `error` of a result."""
        return {
            "reason": self.reason,
            "field": self.field,
            "message": self.message,
            "asked": self.asked,
            "got": self.got,
        }


class BatchRefused(Exception):
    """Some items of a batch are known to be guilty: {key: Refusal}. Undoes the batch."""

    def __init__(self, refusals):
        super().__init__(", ".join(sorted(refusals)))
        self.refusals = refusals


def refusal_of(error):
    """The refusal that says what an exception of Odoo's said, in Odoo's own words."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, exceptions.AccessError):
        return Refusal(ACCESS_DENIED, message=_words(error))
    if isinstance(error, exceptions.MissingError):
        return Refusal(RECORD_NOT_FOUND, message=_words(error))
    if isinstance(error, (exceptions.UserError, exceptions.RedirectWarning)):
        return Refusal(ODOO_REFUSED, message=_words(error))
    if isinstance(error, psycopg2.IntegrityError):
        constraint = error.diag.constraint_name or error.diag.column_name or ""
        return Refusal(ODOO_REFUSED, message=_("The database refused it: %s", constraint))
    if isinstance(error, psycopg2.DataError):
        return Refusal(VALUE_INVALID, message=_("A value does not fit its column."))
    return Refusal(
        ODOO_REFUSED,
        message=_("Odoo failed at it (%s); its log says more.", type(error).__name__),
    )


def is_expected(error):
    """Whether an exception is a refusal that people cause, rather than a fault in some addon."""
    return isinstance(
        error,
        (
            Refusal,
            exceptions.UserError,
            exceptions.RedirectWarning,
            psycopg2.IntegrityError,
            psycopg2.DataError,
        ),
    )


def _words(error):
    said = error.args[0] if error.args else ""
    if isinstance(said, (tuple, list)):
        said = " ".join(str(part) for part in said)
    text = " ".join(str(said).split())
    return text if len(text) <= MESSAGE_MAX else text[: MESSAGE_MAX - 1] + "…"
