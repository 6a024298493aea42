# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import api, fields, models


class KontorFindingMixin(models.AbstractModel):
    """One reason why something does not go on: what is wrong, what was asked and what was got."""

    _name = "kontor.finding.mixin"
    _description = "A reason why something does not go on"
    _inherit = "kontor.reason.mixin"

    sequence = fields.Integer(readonly=True)
    severity = fields.Selection([("error", "Stops it"), ("warning", "Unusual")], readonly=True)
    reason = fields.Char(readonly=True)
    title = fields.Char(string="Finding", compute="_compute_title")
    field = fields.Char(readonly=True)
    message = fields.Char(string="What is wrong", readonly=True)
    suggestion = fields.Char(string="What to do", readonly=True)
    asked = fields.Char(readonly=True)
    got = fields.Char(readonly=True)

    @api.depends("reason")
    def _compute_title(self):
        for row in self:
            row.title = row._reason_title(row.reason) or row.reason

    @api.model
    def _rows(self, findings):
        """The fields of rows from kontor's JSON."""
        return [{
            "sequence": number, "reason": finding.get("reason"),
            "severity": "warning" if finding.get("severity") == "SEVERITY_WARNING" else "error",
            "field": finding.get("field"), "message": finding.get("message"),
            "suggestion": finding.get("suggestion"), "asked": finding.get("asked"),
            "got": finding.get("got")} for number, finding in enumerate(findings)]
