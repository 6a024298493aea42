# SPDX-License-Identifier: LGPL-3.0-or-later
"""External ids: the identity that the path with and the path without the addon share.

They stand under module "kontor", which is no addon's name. Written with ON CONFLICT DO NOTHING: a
racing `load()` of the same name makes a serialization failure, which Odoo tries again, where a
plain INSERT would be refused for good.
"""

import psycopg2

from odoo import api, models

MODULE = "kontor"
# What Odoo 17 names the entry of a payment that load() made, after the payment's name.
PAYMENT_MOVE_SUFFIX = "_account_move"


class KontorOperationLink(models.AbstractModel):
    """Looks up and makes kontor's external ids. Touches no other rows of ir.model.data."""

    _name = "kontor.link"
    _description = "Kontor external ids"

    @api.model
    def _find(self, names):
        """Answers {name: (model, id)} of those that exist."""
        self.env.cr.execute(
            "SELECT name, model, res_id FROM ir_model_data WHERE module = %s AND name = ANY(%s)",
            [MODULE, list(names)],
        )
        return {name: (model, res_id) for name, model, res_id in self.env.cr.fetchall()}

    @api.model
    def _make(self, model, id_by_name):
        """Gives records of one model their names. All or an error that is tried again."""
        if not id_by_name:
            return
        user_id = self.env.uid
        self.env.cr.execute(
            """
            INSERT INTO ir_model_data (module, name, model, res_id, noupdate,
                                       create_uid, write_uid, create_date, write_date)
            SELECT %s, v.name, %s, v.res_id, true, %s, %s,
                   now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM unnest(%s::varchar[], %s::int[]) AS v(name, res_id)
             ORDER BY v.name
            ON CONFLICT (module, name) DO NOTHING
            """,
            [MODULE, model, user_id, user_id, list(id_by_name), list(id_by_name.values())],
        )
        if self.env.cr.rowcount != len(id_by_name):
            # Only a name given twice in this very transaction comes here.
            raise psycopg2.IntegrityError("an external id of kontor was given twice")

    @api.model
    def _drop(self, name):
        """Forgets a name whose record is gone, so that it can be given again."""
        names = self.env["ir.model.data"].sudo()
        names.search([("module", "=", MODULE), ("name", "=", name)]).unlink()
