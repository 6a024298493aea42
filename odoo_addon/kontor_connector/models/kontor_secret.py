# SPDX-License-Identifier: LGPL-3.0-or-later
"""Tokens in a column that is no field: no read, export, search or log of Odoo's ever shows one.

Odoo keeps the keys of its own API users in the same way (`res.users.apikeys`).
"""
import re

from odoo import _
from odoo.exceptions import ValidationError
from odoo.tools.sql import SQL, column_exists

COLUMN = "kontor_token"
TOKEN_SHAPE = re.compile(r"^kontor_[A-Za-z0-9_-]{32}$")
SUFFIX_CHARACTERS = 4
TABLES = ("kontor_backend", "res_users")


def _names(table):
    assert table in TABLES
    return SQL.identifier(table), SQL.identifier(COLUMN)


def ensure_column(cr, table):
    """Adds the column to a table of ours. Repeatable."""
    table_name, column_name = _names(table)
    if not column_exists(cr, table, COLUMN):
        cr.execute(SQL("ALTER TABLE %s ADD COLUMN %s varchar", table_name, column_name))


def drop_column(env):
    """Takes persons' tokens away when the addon goes: the column is no field, so Odoo leaves it."""
    env.cr.execute(SQL("ALTER TABLE %s DROP COLUMN IF EXISTS %s", *_names("res_users")))


def read_token(record):
    """The token of a record; "" when there is none. For the sending code only."""
    record.ensure_one()
    table, column = _names(record._table)
    record.env.cr.execute(SQL("SELECT %s FROM %s WHERE id = %s", column, table, record.id))
    row = record.env.cr.fetchone()
    return (row and row[0]) or ""


def ids_with_token(records):
    """The ids of those of the records that have a token."""
    if not records.ids:
        return set()
    table, column = _names(records._table)
    records.env.cr.execute(
        SQL("SELECT id FROM %s WHERE id IN %s AND %s IS NOT NULL",
            table, tuple(records.ids), column))
    return {row[0] for row in records.env.cr.fetchall()}


def write_token(record, token):
    """Stores a token, or takes it away when it is empty."""
    record.ensure_one()
    table, column = _names(record._table)
    record.env.cr.execute(
        SQL("UPDATE %s SET %s = %s WHERE id = %s", table, column, token or None, record.id))


def checked(self, text):
    """The token that a person pasted, without blanks around it; ValidationError when it is none.

    `self` is the record it was pasted into: Odoo takes the language of the message from it.
    """
    token = (text or "").strip()
    if token and not TOKEN_SHAPE.match(token):
        raise ValidationError(_(
            "This is not a kontor token. A token starts with “kontor_” and has 39 characters; copy "
            "it whole, as kontorctl or your administrator gave it to you."))
    return token
