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
env.registry.clear_all_caches()
env.registry.signal_changes()  # an Odoo that runs meanwhile keeps groups in mind
env.cr.commit()
print("KONTOR-LIVE " + json.dumps({"granted": bot.has_group("kontor_connector.group_kontor_bot")}))
