# SPDX-License-Identifier: LGPL-3.0-or-later
"""Lock dates: kontor plans postings by them, so it hears when they move."""

from odoo import models

from ..compat import MAJOR
from .kontor_watched import same

KIND = "lock_dates.changed"
LOCK_DATES = ("fiscalyear_lock_date", "tax_lock_date") + (
    ("period_lock_date",)
    if MAJOR < 18
    else ("sale_lock_date", "purchase_lock_date", "hard_lock_date")
)


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["res.company", "kontor.watched"]

    _kontor_columns = LOCK_DATES

    def _kontor_kinds(self, old, new):
        if not all(same(old[name], new[name]) for name in LOCK_DATES):
            return [(self._name, old["id"], old["id"], KIND)]
        return []

