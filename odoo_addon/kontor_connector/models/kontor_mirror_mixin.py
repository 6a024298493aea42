# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo import models


class KontorMirrorMixin(models.AbstractModel):
    """For rows that are a picture of something at kontor: what did not change is not written."""

    _name = "kontor.mirror.mixin"
    _description = "Picture of something at kontor"

    def _write_changed(self, values):
        """Writes what differs, so that a quiet minute locks no row."""
        self.ensure_one()
        changed = {}
        for name, value in values.items():
            field = self._fields[name]
            if field.convert_to_cache(value, self) != field.convert_to_cache(self[name], self):
                changed[name] = value
        if changed:
            self.write(changed)

    def _replace_rows(self, name, rows):
        """Makes the rows of a One2many these, in their order; the same ones are left alone."""
        self.ensure_one()
        known = self[name]
        fields = known._fields
        same = len(known) == len(rows) and all(
            fields[key].convert_to_cache(value, row) == fields[key].convert_to_cache(row[key], row)
            for row, values in zip(known, rows, strict=True) for key, value in values.items())
        if not same:
            known.unlink()
            self.write({name: [(0, 0, values) for values in rows]})
