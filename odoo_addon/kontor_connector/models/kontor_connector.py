# SPDX-License-Identifier: LGPL-3.0-or-later
"""Who is asked: the handshake between kontord and this database."""

from odoo import _, api, fields, models
from odoo.exceptions import AccessError

from ..compat import SERIES

# Counted up when kontord would misunderstand an answer of the version before.
PROTOCOL = 1
BOT_GROUP = "kontor_connector.group_kontor_bot"


class KontorConnector(models.AbstractModel):
    """Answers what tells one database from its copy. Read only; callable by Kontor Bot."""

    _name = "kontor.connector"
    _description = "Kontor handshake"

    @api.model
    def identify(self):
        """Answers versions, the database's identity and how far its events have counted.

        `event_sequence` is the highest id of kontor.event ever given out, 0 for none: it goes back
        only when the database was rewound. Errors: AccessError without the group Kontor Bot.
        """
        self._check_bot()
        parameters = self.env["ir.config_parameter"].sudo()
        module = self.env["ir.module.module"].sudo().search(
            [("name", "=", "kontor_connector")], limit=1
        )
        return {
            "addon_version": module.latest_version or "",
            "protocol": PROTOCOL,
            "series": SERIES,
            "database_uuid": parameters.get_param("database.uuid") or "",
            "neutralised": str(parameters.get_param("database.is_neutralized") or "").lower()
            in ("1", "true"),
            "event_sequence": self.env["kontor.event"]._last_sequence(),
            "now": fields.Datetime.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

    @api.model
    def _check_bot(self):
        """Raises AccessError unless the caller holds the group Kontor Bot."""
        if not self.env.user.has_group(BOT_GROUP):
            raise AccessError(_("Only a user of the group Kontor Bot may call this."))

    @api.model
    def _check_bot_of(self, company_id):
        """Raises AccessError unless the caller is a bot of that company."""
        self._check_bot()
        if company_id not in self.env.user.company_ids.ids:
            raise AccessError(_("Kontor's user has no access to company %s.", company_id))
