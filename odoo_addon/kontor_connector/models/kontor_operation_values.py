# SPDX-License-Identifier: LGPL-3.0-or-later
"""Canonical values into what `create` takes: checked one by one, named by path when refused.

Amounts arrive as decimal text and leave as the float that Odoo's fields are made of, at most
SIGNIFICANT_DIGITS long, which is what a float carries without loss. A digit that the field would
round away is a refusal.
"""

import contextlib
import re
from datetime import date, datetime
from decimal import Decimal

from odoo import _

from .kontor_refusal import (
    DIGITS_LOST,
    FIELD_NOT_ALLOWED,
    NOT_VISIBLE,
    RECORD_NOT_FOUND,
    VALUE_INVALID,
    Refusal,
)

SIGNIFICANT_DIGITS = 15
TEXT_MAX = 100_000
LINES_MAX = 2000
DECIMAL_TEXT = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
DATE_TEXT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ANALYTIC_KEY = re.compile(r"[0-9]+(,[0-9]+)*")


def digits_of(number):
    """How many significant digits and how many after the point a Decimal needs."""
    sign, digits, exponent = number.normalize().as_tuple()
    return len(digits) if any(digits) else 0, max(0, -exponent)


class ValueReader:
    """Reads the values of one batch of one kind; asks once for all ids named in it.

    Thread safety: one a call, as its environment.
    """

    def __init__(self, env, kind):
        self.env = env
        self._kind = kind
        self._model = env[kind.model]
        self._ids = {}  # model → {id: [(key, path)]}
        self._digits = {}

    def decimal(self, value, path):
        """Decimal text as a Decimal. Errors: VALUE_INVALID for anything else, a number too."""
        if not isinstance(value, str) or not DECIMAL_TEXT.fullmatch(value):
            raise Refusal(VALUE_INVALID, path, _("It is no decimal text."), asked=_shown(value))
        return Decimal(value)

    def date(self, value, path):
        """YYYY-MM-DD as a date. Errors: VALUE_INVALID."""
        if isinstance(value, str) and DATE_TEXT.fullmatch(value):
            with contextlib.suppress(ValueError):
                return date.fromisoformat(value)
        raise Refusal(VALUE_INVALID, path, _("It is no date like 2026-01-31."), asked=_shown(value))

    def id(self, value, path):
        """A database id. Errors: VALUE_INVALID."""
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31:
            raise Refusal(VALUE_INVALID, path, _("It is no id of a record."), asked=_shown(value))
        return value

    def values_of(self, key, values):
        """Answers values for `create`. Errors: Refusal, naming the first bad field."""
        if not isinstance(values, dict):
            raise Refusal(VALUE_INVALID, "values", _("It is no object."))
        return self._record(key, self._model, self._kind.fields, values, "values")

    def note_id(self, key, model, record_id, path):
        """Adds an id that stands outside the values. Errors: VALUE_INVALID."""
        record_id = self.id(record_id, path)
        self._ids.setdefault(model, {}).setdefault(record_id, []).append((key, path))
        return record_id

    def missing(self):
        """Answers {key: Refusal} for items that name records which are not there or not seen."""
        refusals = {}
        for model, places in self._ids.items():
            records = self.env[model].with_context(active_test=False)
            seen = set(records.search([("id", "in", list(places))]).ids)
            unseen = set(places) - seen
            if not unseen:
                continue
            existing = set(records.browse(unseen).exists().ids)
            for record_id in sorted(unseen):
                if record_id in existing:
                    reason, words = NOT_VISIBLE, _("Kontor's user may not see the record.")
                else:
                    reason, words = RECORD_NOT_FOUND, _("There is no such record.")
                for key, path in places[record_id]:
                    refusals.setdefault(
                        key, Refusal(reason, path, words, asked=f"{model},{record_id}")
                    )
        return refusals

    def _record(self, key, model, allowed, values, path):
        read = {}
        for name, value in values.items():
            place = f"{path}.{name}"
            field = model._fields.get(name)
            link = self._kind.links.get(name) if model is self._model else None
            if name not in allowed or (field is None and link is None and name != "key"):
                raise Refusal(FIELD_NOT_ALLOWED, place, _("Kontor may not set this field."))
            if link is not None:
                read[name] = self.note_id(key, link, value, place) if value else False
            elif name == "key":
                read[name] = self._text(value, place)
            else:
                read[name] = self._value(key, model, field, value, place, values)
        return read

    def _value(self, key, model, field, value, path, siblings):
        if field.type == "one2many":
            return self._lines(key, field, value, path)
        if field.type == "many2many":
            if not isinstance(value, list):
                raise Refusal(VALUE_INVALID, path, _("It is no list of ids."))
            ids = [
                self.note_id(key, field.comodel_name, one, f"{path}[{index}]")
                for index, one in enumerate(value)
            ]
            return [(6, 0, ids)]
        if field.name == "analytic_distribution":
            return self._shares(key, value, path)
        if value is False or value == "":
            return False
        if field.type == "many2one":
            return self.note_id(key, field.comodel_name, value, path)
        if field.type in ("float", "monetary"):
            return self._number(model, field, value, path, siblings)
        return self._plain(field, value, path)

    def _plain(self, field, value, path):
        if field.type in ("char", "text", "html"):
            return self._text(value, path)
        if field.type == "date":
            return self.date(value, path)
        if field.type == "datetime":
            return datetime.combine(self.date(value, path), datetime.min.time())
        if field.type == "boolean":
            if not isinstance(value, bool):
                raise Refusal(VALUE_INVALID, path, _("It is neither true nor false."))
            return value
        if field.type == "integer":
            if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**31:
                raise Refusal(VALUE_INVALID, path, _("It is no whole number."))
            return value
        if field.type == "selection":
            choices = field.get_values(self.env)
            if value not in choices:
                raise Refusal(VALUE_INVALID, path, _("It is no choice."), asked=_shown(value))
            return value
        raise Refusal(FIELD_NOT_ALLOWED, path, _("Kontor may not set this field."))

    def _text(self, value, path):
        if not isinstance(value, str) or len(value) > TEXT_MAX or "\x00" in value:
            raise Refusal(VALUE_INVALID, path, _("It is no text, or too long."))
        return value

    def _lines(self, key, field, value, path):
        if not isinstance(value, list) or len(value) > LINES_MAX:
            raise Refusal(VALUE_INVALID, path, _("It is no list of lines, or too long."))
        allowed = self._kind.lines[field.name]
        lines = []
        for index, line in enumerate(value):
            place = f"{path}[{index}]"
            if not isinstance(line, dict):
                raise Refusal(VALUE_INVALID, place, _("It is no object."))
            model = self.env[field.comodel_name]
            lines.append((0, 0, self._record(key, model, allowed, line, place)))
        return lines

    def _shares(self, key, value, path):
        """{"id[,id]": "100"}; empty: none."""
        if not value:
            return False
        if not isinstance(value, dict):
            raise Refusal(VALUE_INVALID, path, _("It is no object."))
        shares = {}
        for ids, percentage in value.items():
            place = f"{path}.{ids}"
            if not ANALYTIC_KEY.fullmatch(ids):
                raise Refusal(VALUE_INVALID, place, _("It is no id of a record."))
            for one in ids.split(","):
                self.note_id(key, "account.analytic.account", int(one), place)
            shares[ids] = self._float(self.decimal(percentage, place), place)
        return shares

    def _number(self, model, field, value, path, siblings):
        number = self.decimal(value, path)
        held = self._digits_held(model, field, siblings)
        after_point = digits_of(number)[1]
        if held is not None and after_point > held:
            raise Refusal(
                DIGITS_LOST,
                path,
                _("The field holds %s digits after the point.", held),
                asked=value,
                got=str(round(number, held)),
            )
        return self._float(number, path)

    def _float(self, number, path):
        if digits_of(number)[0] > SIGNIFICANT_DIGITS:
            raise Refusal(
                DIGITS_LOST,
                path,
                _("Odoo carries %s digits.", SIGNIFICANT_DIGITS),
                asked=str(number),
                got=repr(float(number)),
            )
        return float(number)

    def _digits_held(self, model, field, siblings):
        """Digits after the point that the field keeps; None: as they come."""
        if field.type == "float":
            if field not in self._digits:
                digits = field.get_digits(self.env)
                self._digits[field] = digits[1] if digits else None
            return self._digits[field]
        name = field.get_currency_field(model)
        currency_id = siblings.get(name)
        if currency_id and isinstance(currency_id, int) and not isinstance(currency_id, bool):
            currency = self.env["res.currency"].browse(currency_id).exists()
            if currency:
                return currency.decimal_places
        if name in ("company_currency_id", None):
            return self.env.company.currency_id.decimal_places
        # The currency comes from elsewhere, a journal for example: Odoo knows better.
        return None


def _shown(value):
    return str(value)[:100]
