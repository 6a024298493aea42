# SPDX-License-Identifier: Apache-2.0
# Fed to `odoo-bin shell` on a scratch database: gives kontor's user the addon's group and nothing
# else, which must suffice for everything. Answers one JSON line.
# ruff: noqa: F821
import json
import os

bot = env["res.users"].search([("login", "=", os.environ["KONTOR_LIVE_BOT"])])
group = env.ref("kontor_connector.group_kontor_bot")
field = "group_ids" if "group_ids" in bot._fields else "groups_id"
bot.write({field: [(6, 0, group.ids)]})
# An Odoo that runs meanwhile keeps models and groups in mind, and 17 is not told by `odoo-bin -i`.
env.registry.registry_invalidated = True
env.registry.signal_changes()
env.cr.commit()
print("KONTOR-LIVE " + json.dumps({"granted": bot.has_group("kontor_connector.group_kontor_bot")}))
