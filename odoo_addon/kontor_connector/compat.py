# SPDX-License-Identifier: LGPL-3.0-or-later
"""The few names that differ between Odoo 17, 18 and 19, asked once.

What can be asked of a model (`"memo" in model._fields`) is asked there; here stands the rest.
"""

from odoo import release

SERIES = f"{release.version_info[0]}.{release.version_info[1]}"
MAJOR = int(release.version_info[0])

# A list view is called "tree" on 17, in view_mode of actions made in Python too.
LIST_VIEW = "tree" if MAJOR < 18 else "list"

# The groups of a user, a menu, an action.
GROUPS_FIELD = "groups_id" if MAJOR < 19 else "group_ids"
