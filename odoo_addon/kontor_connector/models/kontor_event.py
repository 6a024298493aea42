# SPDX-License-Identifier: LGPL-3.0-or-later
"""Changes out of Odoo: one row a changed record and transaction, kept until kontor has it.

The rows are written in the transaction of the change (see kontor_watched.py), so a rollback takes
them along. Kontor pulls and acknowledges row by row; no order of commits loses any.
"""

import logging
from datetime import timedelta

from odoo import _, api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

PULL_MAX = 500
ACKNOWLEDGE_MAX = 5000
KEEP_ACKNOWLEDGED_DAYS = 30
VACUUM_ROWS_MAX = 50000

# From the most to the least important: the first that happened is the event's kind.
KINDS = (
    "move.deleted",
    "payment.deleted",
    "move.cancelled",
    "move.reset",
    "move.posted",
    "move.reversed",
    "payment.rejected",
    "payment.cancelled",
    "payment.created",
    "payment.reset",
    "payment.posted",
    "payment.sent",
    "payment.reconciled",
    "move.payment_state_changed",
    "move.changed",
    "payment.changed",
    "partner_bank.changed",
    "expense.approved",
    "lock_dates.changed",
)


class KontorEvent(models.Model):
    """A change that matters outside. Nobody writes here but the addon itself."""

    _name = "kontor.event"
    _description = "Kontor change event"
    _order = "id"
    _log_access = False

    kind = fields.Char(required=True, readonly=True, help="The most important of the kinds.")
    kinds = fields.Char(required=True, readonly=True, help="All kinds, separated by commas.")
    model = fields.Char(required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="model", required=True, readonly=True
    )
    company_id = fields.Many2one(
        "res.company", readonly=True, ondelete="cascade", help="Empty: of all companies."
    )
    user_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    by_bot = fields.Boolean(readonly=True)
    time = fields.Datetime(required=True, readonly=True, help="When the transaction began.")
    transaction = fields.Char(required=True, readonly=True, help="Which transaction it was.")
    acknowledged = fields.Datetime(readonly=True, help="When kontor had it.")

    def init(self):
        """Makes the indexes that 19 would not make of _sql_constraints."""
        self.env.cr.execute(
            """
            CREATE UNIQUE INDEX IF NOT EXISTS kontor_event_once_a_transaction
                ON kontor_event (transaction, model, res_id);
            CREATE INDEX IF NOT EXISTS kontor_event_waiting
                ON kontor_event (company_id, id) WHERE acknowledged IS NULL;
            CREATE INDEX IF NOT EXISTS kontor_event_acknowledged
                ON kontor_event (acknowledged) WHERE acknowledged IS NOT NULL;
            """
        )

    @api.model
    def pull(self, company_id, limit, after_id):
        """Answers events that kontor has not acknowledged, of one company, by id.

        Inputs: company_id; limit 1..PULL_MAX; after_id, only greater ids, 0 for all. Events of no
        company (a bank account that all companies share) come with each company's. A transaction
        that commits late may bring a smaller id later: ask from 0 again once nothing is left.
        Returns a list of dicts; the snapshot is of now, `exists` false when the record is gone.
        Errors: AccessError without Kontor Bot or the company; UserError for a limit out of range.
        """
        self.env["kontor.connector"]._check_bot_of(company_id)
        if not isinstance(limit, int) or not 1 <= limit <= PULL_MAX:
            raise UserError(_("limit is from 1 to %s", PULL_MAX))
        self.env.cr.execute(
            """
            SELECT id FROM kontor_event
             WHERE acknowledged IS NULL AND id > %s AND (company_id = %s OR company_id IS NULL)
             ORDER BY id LIMIT %s
            """,
            [int(after_id or 0), company_id, limit],
        )
        events = self.sudo().browse([row[0] for row in self.env.cr.fetchall()])
        snapshots = self.env["kontor.snapshot"]._of_records(
            company_id, [(event.model, event.res_id) for event in events]
        )
        return [
            {
                "id": event.id,
                "kind": event.kind,
                "kinds": event.kinds.split(","),
                "model": event.model,
                "res_id": event.res_id,
                "company_id": event.company_id.id or 0,
                "time": event.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "user": event.user_id.login or "",
                "by_bot": event.by_bot,
                "snapshot": snapshots[(event.model, event.res_id)],
            }
            for event in events
        ]

    @api.model
    def acknowledge(self, event_ids):
        """Marks events as kept by kontor; answers how many were new. Unknown ids are ignored.

        Not named `ids`: JSON-2 would take those for the records to call it on. Repeatable.
        Errors: AccessError without Kontor Bot; UserError for more than ACKNOWLEDGE_MAX ids.
        """
        self.env["kontor.connector"]._check_bot()
        if not isinstance(event_ids, (list, tuple)) or len(event_ids) > ACKNOWLEDGE_MAX:
            raise UserError(_("event_ids is a list of at most %s numbers", ACKNOWLEDGE_MAX))
        self.env.cr.execute(
            """
            UPDATE kontor_event SET acknowledged = now() AT TIME ZONE 'UTC'
             WHERE id = ANY(%s) AND acknowledged IS NULL
               AND (company_id IS NULL OR company_id = ANY(%s))
            """,
            [[int(event_id) for event_id in event_ids], self.env.user.company_ids.ids],
        )
        count = self.env.cr.rowcount
        self.invalidate_model(["acknowledged"], flush=False)
        return count

    @api.model
    def _last_sequence(self):
        """The highest id ever given out, 0 for none."""
        self.env.cr.execute("SELECT last_value, is_called FROM kontor_event_id_seq")
        last, called = self.env.cr.fetchone()
        return last if called else 0

    @api.autovacuum
    def _vacuum_acknowledged(self):
        """Removes events that kontor has had for KEEP_ACKNOWLEDGED_DAYS. Never others."""
        before = fields.Datetime.now() - timedelta(days=KEEP_ACKNOWLEDGED_DAYS)
        self.env.cr.execute(
            """
            DELETE FROM kontor_event WHERE id IN (
                SELECT id FROM kontor_event WHERE acknowledged < %s ORDER BY id LIMIT %s)
            """,
            [before, VACUUM_ROWS_MAX],
        )
        _logger.info("removed %s acknowledged events", self.env.cr.rowcount)
        self.invalidate_model(flush=False)
