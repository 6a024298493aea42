# SPDX-License-Identifier: LGPL-3.0-or-later
import re

from odoo import _, api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.sql import SQL

ENTITY_SHAPE = re.compile(r"^[a-z][a-z0-9-]{0,39}$")


class KontorBackendEntity(models.Model):
    """Which company of this database is which entity of kontor's, and what of it is shown here."""

    _name = "kontor.backend.entity"
    _description = "Kontor entity of a company"
    _order = "company_id, id"
    _rec_name = "entity"

    backend_id = fields.Many2one("kontor.backend", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", index=True,
        default=lambda self: self.env.company)
    entity = fields.Char(
        required=True, help="Name of the entity in kontor: a-z, 0-9 and “-”, at most 40.")
    live_from = fields.Date(
        help="Documents of earlier days are not shown here. Empty: all that kontor has.")
    journal_ids = fields.Many2many(
        "account.journal", string="Journals", check_company=True,
        domain="[('company_id', '=', company_id)]",
        help="Only documents of these journals are shown here. Empty: all journals.")

    def init(self):
        # Made here, they exist on every series alike; checked at commit, so that the sentences of
        # _check_unique are told first and two who save at once still cannot both pass.
        for name, columns in (("kontor_backend_entity_company_unique", "company_id"),
                              ("kontor_backend_entity_name_unique", "backend_id, entity")):
            constraint = SQL.identifier(name)
            self.env.cr.execute(SQL(
                "ALTER TABLE kontor_backend_entity DROP CONSTRAINT IF EXISTS %s, "
                "ADD CONSTRAINT %s UNIQUE (%s) DEFERRABLE INITIALLY DEFERRED",
                constraint, constraint, SQL(columns)))

    @api.constrains("entity")
    def _check_entity(self):
        for row in self:
            if not ENTITY_SHAPE.match(row.entity or ""):
                raise ValidationError(_(
                    "“%s” cannot be the name of an entity: it begins with a letter and has a-z, "
                    "0-9 and “-”, at most 40 characters.", row.entity))

    @api.constrains("company_id", "backend_id", "entity")
    def _check_unique(self):
        for row in self:
            twin = self.sudo().search(
                [("id", "!=", row.id), ("company_id", "=", row.company_id.id)], limit=1)
            if twin:
                raise ValidationError(_(
                    "%(company)s is bound to the entity %(entity)s already: one company is one "
                    "entity.", company=row.company_id.name, entity=twin.entity))
            twin = self.sudo().search([("id", "!=", row.id), ("entity", "=", row.entity),
                                ("backend_id", "=", row.backend_id.id)], limit=1)
            if twin:
                raise ValidationError(_(
                    "The entity %(entity)s is bound to %(company)s already: one entity is one "
                    "company.", entity=row.entity, company=twin.company_id.name))

    def _shows(self, journal, day):
        """Whether a document of that journal and day is shown here; unknown ones are."""
        self.ensure_one()
        if self.journal_ids and journal and journal not in self.journal_ids:
            return False
        return not (self.live_from and day and day < self.live_from)
