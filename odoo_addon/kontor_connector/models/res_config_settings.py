# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    """kontor for the current company, in Odoo's own settings: enter three things and test."""

    _inherit = "res.config.settings"

    kontor_backend_id = fields.Many2one("kontor.backend", compute="_compute_kontor_backend_id")
    kontor_url = fields.Char(string="Kontor URL")
    # Not a stored field: the row of the settings must not keep a secret.
    kontor_new_token = fields.Char(
        string="Kontor service token", compute="_compute_kontor_new_token",
        inverse="_inverse_kontor_new_token")
    kontor_token_set = fields.Boolean(related="kontor_backend_id.token_set",
                                      string="Kontor token is set")
    kontor_health = fields.Selection(related="kontor_backend_id.health", string="Kontor health")
    kontor_health_text = fields.Char(related="kontor_backend_id.health_text",
                                     string="Kontor health in words")
    kontor_entity = fields.Char(string="Kontor entity")
    kontor_live_from = fields.Date(string="Kontor live from")
    kontor_journal_ids = fields.Many2many(
        "account.journal", relation="kontor_settings_journal_rel", string="Kontor journals",
        domain="[('company_id', '=', company_id)]")

    @api.depends("company_id")
    def _compute_kontor_backend_id(self):
        for settings in self:
            backend = self.env["kontor.backend"]._for_company(settings.company_id)
            settings.kontor_backend_id = backend or self.env["kontor.backend"].sudo().search(
                [], limit=1)

    def _compute_kontor_new_token(self):
        self.kontor_new_token = False

    def _inverse_kontor_new_token(self):
        for settings in self:
            if settings.kontor_new_token:
                settings._set_kontor_backend({"new_token": settings.kontor_new_token})
        self.invalidate_recordset(["kontor_new_token"])

    def _kontor_mapping(self):
        return self.env["kontor.backend.entity"].search(
            [("company_id", "=", self.env.company.id)], limit=1)

    @api.model
    def get_values(self):
        values = super().get_values()
        if self.env.user.has_group("kontor_connector.group_kontor_manager"):
            mapping = self._kontor_mapping()
            backend = mapping.backend_id or self.env["kontor.backend"].search([], limit=1)
            values.update(
                kontor_url=backend.url, kontor_entity=mapping.entity,
                kontor_live_from=mapping.live_from,
                kontor_journal_ids=[(6, 0, mapping.journal_ids.ids)])
        return values

    def set_values(self):
        result = super().set_values()
        for settings in self:
            if settings.kontor_url or settings.kontor_backend_id:
                settings._set_kontor()
        return result

    def _set_kontor_backend(self, values):
        """Writes the service of this company, or makes it. Returns it."""
        backend = self._kontor_mapping().backend_id or self.env["kontor.backend"].search(
            [], limit=1)
        if (backend.url or False) != (self.kontor_url or False):
            values = dict(values, url=self.kontor_url)
        if not backend:
            return backend.create(values)
        if values:
            backend.write(values)
        return backend

    def _set_kontor(self):
        self.ensure_one()
        mapping = self._kontor_mapping()
        backend = self._set_kontor_backend({})
        if not self.kontor_entity:
            return
        bound = {"entity": self.kontor_entity.strip(), "live_from": self.kontor_live_from,
                 "journal_ids": [(6, 0, self.kontor_journal_ids.ids)]}
        if mapping:
            mapping.write(bound)
        else:
            mapping.create(dict(bound, backend_id=backend.id, company_id=self.env.company.id))

    def action_kontor_test(self):
        """Saves what is entered, tests it, and shows the result."""
        self.ensure_one()
        self._set_kontor()
        backend = self._set_kontor_backend({})
        backend.action_test()
        return {"type": "ir.actions.act_window", "res_model": "kontor.backend",
                "res_id": backend.id, "view_mode": "form"}
