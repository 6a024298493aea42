# SPDX-License-Identifier: LGPL-3.0-or-later
"""Why an item of kontor's is not done, and which errors are not reasons but mishaps.

Plain Python, no database.
"""

import psycopg2

from odoo import exceptions

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


def words_of(error):
    """What an exception of Odoo's says, in one line."""
    said = error.args[0] if error.args else ""
    if isinstance(said, (tuple, list)):
        said = " ".join(str(part) for part in said)
    text = " ".join(str(said).split())
    return text if len(text) <= MESSAGE_MAX else text[: MESSAGE_MAX - 1] + "…"
