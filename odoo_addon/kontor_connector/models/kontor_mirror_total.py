# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, fields, models
from odoo.tools.sql import column_exists

# On 17 a payment is its entry; from 18 on it may have none and has a state of its own.
PAYMENT_WITHOUT_ENTRY = """
    UNION ALL
    SELECT d.id * 2 + 1, d.backend_id, d.company_id, p.date, p.journal_id, p.currency_id,
           0, 0, 0, 1, p.amount, 0
      FROM kontor_mirror_document d
      JOIN account_payment p ON p.id = d.payment_id
     WHERE p.move_id IS NULL AND p.state IN ('in_process', 'paid')"""


class KontorControlTotal(models.Model):
    """Counts and sums of one day, journal and currency: what kontor was asked, what the books say.

    Read from the synced documents and from Odoo's own entries at the moment of looking.
    """

    _name = "kontor.control.total"
    _description = "Control total"
    _auto = False
    _order = "date desc, journal_id, currency_id"
    _rec_name = "date"

    backend_id = fields.Many2one("kontor.backend", string="Service", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    date = fields.Date(string="Day", readonly=True)
    journal_id = fields.Many2one("account.journal", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    asked_count = fields.Integer(string="Asked (no.)", readonly=True)
    asked_total = fields.Monetary(string="Asked", readonly=True)
    unstated_count = fields.Integer(
        string="Without an amount", readonly=True,
        help="Documents that state no total and are not booked yet: they are counted, and their "
             "amount is not in the sum.")
    booked_count = fields.Integer(string="Booked (no.)", readonly=True)
    booked_total = fields.Monetary(string="Booked", readonly=True)
    count_difference = fields.Integer(string="Difference (no.)", readonly=True)
    difference = fields.Monetary(readonly=True)
    open_count = fields.Integer(
        string="Under way", readonly=True, help="Documents that kontor still works on.")
    is_even = fields.Boolean(string="Agrees", readonly=True)

    @property
    def _table_query(self):
        # A document is asked for on its own day and booked on its entry's: a moved date shows on
        # both days. Each branch gives a document one row, so the smallest id names a group.
        payments = ""
        if column_exists(self.env.cr, "account_payment", "state"):
            payments = PAYMENT_WITHOUT_ENTRY
        return f"""
            WITH rows AS (
                SELECT d.id * 2 AS id, d.backend_id, d.company_id, d.date, d.journal_id,
                       d.currency_id, 1 AS asked,
                       CASE WHEN d.asked_known THEN d.asked_total ELSE d.booked_total END
                           AS asked_total,
                       CASE WHEN NOT d.asked_known AND d.booked_state IS NULL THEN 1 ELSE 0 END
                           AS unstated,
                       0 AS booked, 0 AS booked_total,
                       CASE WHEN d.is_open THEN 1 ELSE 0 END AS open
                  FROM kontor_mirror_document d
                 WHERE d.state != 'cancelled' AND d.document_type != 'partner'
                UNION ALL
                SELECT d.id * 2 + 1, d.backend_id, d.company_id, m.date, m.journal_id,
                       m.currency_id, 0, 0, 0, 1,
                       CASE WHEN d.document_type = 'payment'
                            THEN (SELECT p.amount FROM account_payment p WHERE p.id = d.payment_id)
                            ELSE m.amount_total END, 0
                  FROM kontor_mirror_document d
                  LEFT JOIN account_payment dp ON dp.id = d.payment_id
                  JOIN account_move m ON m.id = COALESCE(d.move_id, dp.move_id)
                 WHERE m.state = 'posted'{payments}
            )
            SELECT MIN(id) AS id, backend_id, company_id, date, journal_id, currency_id,
                   SUM(asked) AS asked_count, SUM(asked_total) AS asked_total,
                   SUM(unstated) AS unstated_count,
                   SUM(booked) AS booked_count, SUM(booked_total) AS booked_total,
                   SUM(booked) - SUM(asked) AS count_difference,
                   SUM(booked_total) - SUM(asked_total) AS difference,
                   SUM(open) AS open_count,
                   SUM(booked) = SUM(asked) AND SUM(booked_total) = SUM(asked_total) AS is_even
              FROM rows
             GROUP BY backend_id, company_id, date, journal_id, currency_id
        """

    def action_open_documents(self):
        """The synced documents behind a total."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kontor_connector.action_kontor_mirror_document")
        action["name"] = _("Synced documents of %s", self.date or _("no day"))
        action["domain"] = [
            ("company_id", "=", self.company_id.id), ("backend_id", "=", self.backend_id.id),
            ("journal_id", "=", self.journal_id.id), ("document_type", "!=", "partner"),
            "|", ("date", "=", self.date), ("booked_date", "=", self.date)]
        action["context"] = {}
        return action


class KontorOverview(models.Model):
    """One card of the overview: a journal, and how its documents stand."""

    _name = "kontor.overview"
    _description = "Overview of a journal"
    _auto = False
    _order = "exception_count desc, waiting_count desc, journal_id"
    _rec_name = "journal_id"

    backend_id = fields.Many2one("kontor.backend", string="Service", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    journal_id = fields.Many2one("account.journal", readonly=True)
    synced_today = fields.Integer(readonly=True)
    waiting_count = fields.Integer(string="Waiting", readonly=True)
    exception_count = fields.Integer(string="Exceptions", readonly=True)
    oldest_waiting = fields.Datetime(readonly=True)
    health = fields.Selection(related="backend_id.health")
    health_text = fields.Char(related="backend_id.health_text")
    title = fields.Char(compute="_compute_title")

    @property
    def _table_query(self):
        today = fields.Datetime.to_string(self.env["kontor.backend"]._today_start())
        return f"""
            WITH rows AS (
                SELECT d.id * 2 AS id, d.backend_id, d.company_id, d.journal_id,
                       CASE WHEN d.state = 'posted' AND d.done_time >= '{today}'
                            THEN 1 ELSE 0 END AS synced,
                       CASE WHEN d.is_open AND d.state != 'exception' THEN 1 ELSE 0 END AS waiting,
                       0 AS exceptions,
                       CASE WHEN d.is_open AND d.state != 'exception' THEN d.create_time END
                           AS since
                  FROM kontor_mirror_document d
                UNION ALL
                SELECT e.id * 2 + 1, e.backend_id, e.company_id, d.journal_id, 0, 0, 1, NULL
                  FROM kontor_exception e
                  LEFT JOIN kontor_mirror_document d ON d.id = e.document_id
                 WHERE e.state != 'resolved'
            )
            SELECT MIN(id) AS id, backend_id, company_id, journal_id,
                   SUM(synced) AS synced_today, SUM(waiting) AS waiting_count,
                   SUM(exceptions) AS exception_count, MIN(since) AS oldest_waiting
              FROM rows
             GROUP BY backend_id, company_id, journal_id
        """

    def _compute_title(self):
        # A kontor role alone gives no access to journals; their names may be shown all the same.
        for row in self.sudo():
            row.title = row.journal_id.display_name or _("Partners, and documents without journal")

    def _open(self, xml_id, *domain):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(f"kontor_connector.{xml_id}")
        action["domain"] = [("company_id", "=", self.company_id.id),
                            ("backend_id", "=", self.backend_id.id),
                            ("journal_id", "=", self.journal_id.id), *domain]
        action["context"] = {}
        return action

    def action_open_synced(self):
        return self._open(
            "action_kontor_mirror_document", ("state", "=", "posted"),
            ("done_time", ">=", self.env["kontor.backend"]._today_start()))

    def action_open_waiting(self):
        return self._open("action_kontor_mirror_document", ("is_open", "=", True),
                          ("state", "!=", "exception"))

    def action_open_exceptions(self):
        return self._open("action_kontor_exception", ("state", "!=", "resolved"))
