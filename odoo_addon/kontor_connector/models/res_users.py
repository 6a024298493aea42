# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import _, api, fields, models
from odoo.exceptions import AccessError

from . import kontor_secret

SELF_FIELDS = ["kontor_new_token", "kontor_token_set", "kontor_token_suffix", "kontor_principal",
               "kontor_token_state", "kontor_token_expire_time"]


class ResUsers(models.Model):
    """A person's own kontor token: entered by that person, readable by nobody."""

    _inherit = "res.users"

    kontor_new_token = fields.Char(
        string="Kontor token", compute="_compute_kontor_new_token",
        inverse="_inverse_kontor_new_token",
        help="Your own token. It can be replaced here and never be read again, by nobody.")
    kontor_token_set = fields.Boolean(
        string="Kontor token entered", compute="_compute_kontor_token_set")
    kontor_token_suffix = fields.Char(string="Kontor token ends in", readonly=True, copy=False)
    kontor_principal = fields.Char(string="Name at kontor", readonly=True, copy=False)
    kontor_token_state = fields.Selection(
        [("unchecked", "Not checked yet"), ("good", "Good"), ("refused", "Refused by kontor"),
         ("service", "A program's token, not a person's")],
        string="Kontor token state", readonly=True, copy=False)
    kontor_token_expire_time = fields.Datetime(
        string="Kontor token expires", readonly=True, copy=False)

    def init(self):
        result = super().init()
        kontor_secret.ensure_column(self.env.cr, self._table)
        return result

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + SELF_FIELDS

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + ["kontor_new_token"]

    def _compute_kontor_new_token(self):
        self.kontor_new_token = False

    @api.depends("kontor_token_suffix")
    def _compute_kontor_token_set(self):
        known = kontor_secret.ids_with_token(self._origin)
        for user in self:
            user.kontor_token_set = user._origin.id in known

    def _inverse_kontor_new_token(self):
        for user in self:
            token = kontor_secret.checked(user, user.kontor_new_token)
            if not token:
                continue
            if user != self.env.user or self.env.su and self.env.uid != user.id:
                raise AccessError(_(
                    "A kontor token is entered by the person it belongs to, in their own "
                    "preferences."))
            user._set_kontor_token(token)
        self.invalidate_recordset(["kontor_new_token", "kontor_token_set"])

    def _set_kontor_token(self, token):
        self.ensure_one()
        self.sudo().write({
            "kontor_token_suffix": token[-kontor_secret.SUFFIX_CHARACTERS:] if token else False,
            "kontor_token_state": "unchecked" if token else False,
            "kontor_token_expire_time": False, "kontor_principal": False})
        kontor_secret.write_token(self, token)
        if token:
            self.env.ref("kontor_connector.ir_cron_kontor_watch").sudo()._trigger()

    def action_kontor_forget_token(self):
        """Takes one's own token away."""
        self.ensure_one()
        if self != self.env.user:
            raise AccessError(_("Only %s can take this token away.", self.name))
        self._set_kontor_token("")
        self.invalidate_recordset(["kontor_token_set"])
        return True
