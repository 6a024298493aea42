# SPDX-License-Identifier: LGPL-3.0-or-later
"""The few calls of Odoo's that differ between 17.0, 18.0 and 19.0."""


def check_write(records):
    """AccessError unless the user may change these records."""
    if hasattr(records, "check_access"):
        records.check_access("write")
    else:
        records.check_access_rights("write")
        records.check_access_rule("write")


def values_of(value):
    """What a field is searched for, as a list: 19 hands over a set of its own for one value too."""
    return [value] if value is None or isinstance(value, (str, bool, int)) else list(value)
