# SPDX-License-Identifier: LGPL-3.0-or-later
"""What must hold before the addon comes in.

When the addon goes, no hook touches the external ids of module "kontor": they belong to the books,
and Odoo leaves them alone because no addon has that name.
"""

from odoo import _
from odoo.exceptions import UserError


def pre_init_hook(env):
    """Refuses to install beside an addon named "kontor".

    Odoo deletes the records behind an addon's external ids when the addon is updated without
    them, and the documents that kontor made stand under that name.
    """
    homonym = env["ir.module.module"].search_count(
        [("name", "=", "kontor"), ("state", "not in", ("uninstalled", "uninstallable"))]
    )
    if homonym:
        raise UserError(
            _("An addon named kontor is installed; its update would delete documents. Remove it.")
        )
