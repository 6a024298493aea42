# SPDX-License-Identifier: Apache-2.0
"""The failures that Odoo reports, with the class name and the codes each transport shows.

Only describes errors; how they are put on the wire is in transports.py.
"""
from __future__ import annotations


class OdooError(Exception):
    """An error with a known class: name on JSON, fault code on XML-RPC, status on JSON-2."""

    qualified = "builtins.Exception"
    fault_code = 1
    http_status = 500

    def __init__(self, message: str, *extra: object) -> None:
        super().__init__(message)
        self.message = message
        self.extra = extra

    def text(self) -> str:
        """The text a user would see; redirect warnings show their whole argument tuple."""
        return repr((self.message, *self.extra)) if self.extra else self.message


class UserError(OdooError):
    qualified = "odoo.exceptions.UserError"
    fault_code = 2
    http_status = 422


class ValidationError(UserError):
    qualified = "odoo.exceptions.ValidationError"


class MissingRequired(ValidationError):
    """A required column without a value; load() names the field instead of this text."""

    def __init__(self, text: str, field: str, string: str) -> None:
        super().__init__(text)
        self.field = field
        self.string = string
        self.fields: tuple[str, ...] = ()
        self.strings: tuple[str, ...] = ()


class TakenValue(MissingRequired):
    """A value that must be unique and is taken; load() names the fields."""

    def __init__(self, text: str, fields: tuple[str, ...], strings: tuple[str, ...]) -> None:
        super().__init__(text, "", "")
        self.fields = fields
        self.strings = strings


class MissingError(UserError):
    qualified = "odoo.exceptions.MissingError"
    http_status = 404


class RedirectWarning(OdooError):
    qualified = "odoo.exceptions.RedirectWarning"
    fault_code = 2
    http_status = 500


class AccessError(UserError):
    qualified = "odoo.exceptions.AccessError"
    fault_code = 4
    http_status = 403


class AccessDenied(UserError):
    qualified = "odoo.exceptions.AccessDenied"
    fault_code = 3
    http_status = 403

    def __init__(self, message: str = "Access Denied") -> None:
        super().__init__(message)


class NoSuchModel(UserError):
    """UserError over the old transports, a plain 404 over JSON-2."""


class NoSuchMethod(OdooError):
    qualified = "builtins.AttributeError"


class PrivateMethod(AccessError):
    """A method whose name starts with an underscore."""


class BuiltinError(OdooError):
    """A Python exception that escaped: shown with a traceback, never with a friendly text."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.qualified = f"builtins.{kind}"


class DatabaseError(OdooError):
    """An exception of the database driver."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.qualified = f"psycopg2.{kind}"


class SerializationFailure(DatabaseError):
    """Two transactions met; Odoo retries this one five times before it shows it."""

    def __init__(self) -> None:
        super().__init__("errors.SerializationFailure",
                         "could not serialize access due to concurrent update\n")


def value_error(message: str) -> BuiltinError:
    return BuiltinError("ValueError", message)


def type_error(message: str) -> BuiltinError:
    return BuiltinError("TypeError", message)


def access_text(series: int, verb: str, label: str, model: str, groups: list[str]) -> str:
    """The wording of a missing right, as all three series write it."""
    del series
    text = f"You are not allowed to {verb} '{label}' ({model}) records.\n\n"
    if groups:
        text += "This operation is allowed for the following groups:\n"
        text += "".join(f"\t- {group}\n" for group in sorted(groups)) + "\n"
    else:
        text += "No group currently allows this operation.\n\n"
    return text + "Contact your administrator to request access if necessary."


def missing_required(series: int, label: str, model: str, field: str, string: str) -> str:
    if series >= 19:
        return (f"The operation cannot be completed: Missing required value for the field "
                f"'{string}' ({field}).\nModel: '{label}' ({model})\n"
                "- create/update: a mandatory field is not set\n"
                "- delete: another model requires the record being deleted, you can archive it "
                "instead\n")
    return ("The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n"
            "- Delete: another model requires the record being deleted. If possible, archive it "
            f"instead.\n\nModel: {label} ({model})\nField: {string} ({field})\n")


def foreign_key(series: int, label: str, model: str, field: str, string: str) -> str:
    if series >= 19:
        return ("The operation cannot be completed: Another model is using the record you are "
                f"trying to delete.\n\nThe troublemaker is: '{label}' ({model})\nThanks to the "
                f"following constraint: '{string}' ({field})\nHow about archiving the record "
                "instead?")
    table = model.replace(".", "_")
    return ("The operation cannot be completed: another model requires the record being deleted. "
            f"If possible, archive it instead.\n\nModel: {label} ({model})\n"
            f"Constraint: {table}_{field}_fkey\n")
