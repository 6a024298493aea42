# SPDX-License-Identifier: LGPL-3.0-or-later
"""What a watched model does: notice changes at the lowest door and write events before the commit.

Everything that Odoo stores leaves through `_write` (17) or `_write_multi` (18, 19): a person's
write as well as a recomputed payment state. There the old row is still in the database and the new
values are at hand. What happened is collected in the cursor and written once, before the commit,
so several changes of one record make one event, and a rollback, also to a savepoint, none.
"""

import threading
from decimal import Decimal

from odoo import api, models

from .kontor_connector import BOT_GROUP
from .kontor_event import KINDS

COLLECTED = "kontor.event"
# Less than this is the noise of binary fractions.
CENT_PART = 1e-6


class KontorWatched(models.AbstractModel):
    """Mixed into models whose changes make events. Subclasses say what a change means."""

    _name = "kontor.watched"
    _description = "Changes of it go to kontor"

    # Columns whose change may mean something; the old row is read only when one is written.
    _kontor_columns = ()
    # Columns that say more about the old row.
    _kontor_old_columns = ()

    def _kontor_kinds(self, old, new):
        """Answers [(model, res_id, company_id, kind)] for one row.

        Inputs: old, the row as a dict; new, the same with what is about to be written.
        """
        return []

    def _write(self, vals):
        self._kontor_notice([vals] * len(self))
        return super()._write(vals)

    def _write_multi(self, vals_list):
        self._kontor_notice(vals_list)
        return super()._write_multi(vals_list)

    def _kontor_notice(self, vals_list):
        """Compares what is about to be written with what is there; collects what it means."""
        columns = self._kontor_columns
        touched = {
            record_id: vals
            for record_id, vals in zip(self._ids, vals_list, strict=True)
            if any(name in vals for name in columns)
        }
        if not touched:
            return
        for old in self._kontor_old_rows(list(touched)):
            written = touched[old["id"]]
            new = dict(old)
            for name in columns:
                if name in written:
                    new[name] = written[name]
            for model, res_id, company_id, kind in self._kontor_kinds(old, new):
                self._kontor_collect(model, res_id, company_id, kind)

    def _kontor_old_rows(self, ids):
        names = ("id", *self._kontor_columns, *self._kontor_old_columns)
        # pylint: disable=sql-injection
        self.env.cr.execute(
            "SELECT {} FROM {} WHERE id = ANY(%s)".format(
                ", ".join(f'"{name}"' for name in names), self._table
            ),
            [ids],
        )
        return [dict(zip(names, row, strict=True)) for row in self.env.cr.fetchall()]

    @api.model
    def _kontor_collect(self, model, res_id, company_id, kind):
        """Remembers a change until the commit; a repeat is the same change."""
        precommit = self.env.cr.precommit
        collected = precommit.data.get(COLLECTED)
        if collected is None:
            collected = precommit.data[COLLECTED] = {}
            precommit.add(self.env["kontor.watched"]._kontor_write_events)
        if (model, res_id) not in collected:
            collected[model, res_id] = (company_id or None, self._kontor_user_id(), set())
        collected[model, res_id][2].add(kind)

    def _kontor_user_id(self):
        """Who the request came from; outside of requests, whose environment this is.

        Odoo writes in whatever environment of the transaction comes first.
        """
        thread = threading.current_thread()
        if getattr(thread, "dbname", None) == self.env.cr.dbname:
            return getattr(thread, "uid", None) or self.env.uid
        return self.env.uid

    @api.model
    def _kontor_write_events(self):
        """Writes what was collected. Runs before the commit and before each flushing savepoint.

        A record that changed before and after a savepoint has one row all the same: a row is one
        transaction's, and kinds are added to it.
        """
        collected = self.env.cr.precommit.data.pop(COLLECTED, None)
        if not collected:
            return
        users = self.env["res.users"].sudo()
        bots = {
            user_id: users.browse(user_id).has_group(BOT_GROUP)
            for user_id in {user_id for _company_id, user_id, _kinds in collected.values()}
        }
        rows = [
            (model, res_id, company_id, user_id, bots[user_id], _by_weight(kinds))
            for (model, res_id), (company_id, user_id, kinds) in collected.items()
        ]
        self.env.cr.execute(
            """
            INSERT INTO kontor_event
                   (model, res_id, company_id, user_id, by_bot, kind, kinds, time, transaction)
            SELECT v.model, v.res_id, v.company_id, v.user_id, v.by_bot, v.kind, v.kinds,
                   now() AT TIME ZONE 'UTC',
                   txid_current() || '@' || extract(epoch FROM now())
              FROM unnest(%s::varchar[], %s::int[], %s::int[], %s::int[], %s::bool[],
                          %s::varchar[], %s::varchar[])
                   AS v(model, res_id, company_id, user_id, by_bot, kind, kinds)
            ON CONFLICT (transaction, model, res_id) DO UPDATE
               SET kinds = kontor_event.kinds || ',' || EXCLUDED.kinds
            RETURNING id, kind, kinds
            """,
            [
                *([row[column] for row in rows] for column in range(5)),
                [row[5][0] for row in rows],
                [",".join(row[5]) for row in rows],
            ],
        )
        self._kontor_tidy_kinds(self.env.cr.fetchall())

    @api.model
    def _kontor_tidy_kinds(self, written):
        """Puts the kinds of rows that were there before into order."""
        for event_id, kind, kinds in written:
            ordered = _by_weight(set(kinds.split(",")))
            if ordered[0] == kind and ",".join(ordered) == kinds:
                continue
            self.env.cr.execute(
                "UPDATE kontor_event SET kind = %s, kinds = %s WHERE id = %s",
                [ordered[0], ",".join(ordered), event_id],
            )
        self.env["kontor.event"].invalidate_model(flush=False)


def same(old, new):
    """Whether a column keeps its value; its old and new form may be of different types."""
    if isinstance(old, (float, Decimal)) or isinstance(new, (float, Decimal)):
        return abs(float(old or 0) - float(new or 0)) < CENT_PART
    return str(old or "") == str(new or "")


def _by_weight(kinds):
    """Kinds by weight; what changes while a document is posted is part of its posting."""
    told = set(kinds)
    if "move.posted" in told:
        told.discard("move.changed")
    if "payment.posted" in told:
        told.discard("payment.changed")
    return sorted(told, key=KINDS.index)
