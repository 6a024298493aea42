# SPDX-License-Identifier: Apache-2.0
# Fed to `odoo-bin shell` on a scratch database: the few things that Odoo offers to nobody over RPC.
# `env` comes from the shell. Reads KONTOR_LIVE_* from the environment, answers one JSON line.
# It must only ever see a database that this runner made.
# ruff: noqa: F821
import datetime
import inspect
import json
import os

company = env["res.company"].search([], order="id", limit=1)
chart = os.environ["KONTOR_LIVE_CHART"]
if not company.chart_template:
    env["account.chart.template"].try_loading(chart, company=company, install_demo=False)

admin = env.ref("base.user_admin")
admin.password = os.environ["KONTOR_LIVE_ADMIN_PASSWORD"]
manager = env.ref("account.group_account_manager")
trust = env.ref("account.group_validate_bank_account", raise_if_not_found=False)
groups_field = "group_ids" if "group_ids" in admin._fields else "groups_id"
wanted = [manager.id, env.ref("account.group_account_user").id]
wanted += [trust.id] if trust else []
wanted.append(env.ref("analytic.group_analytic_accounting").id)
admin.write({groups_field: [(4, group) for group in wanted]})

second = json.loads(os.environ["KONTOR_LIVE_SECOND_COMPANY"])
if second and not env["res.company"].search_count([("name", "=", second["name"])]):
    other = env["res.company"].create({"name": second["name"]})
    env["account.chart.template"].try_loading(chart, company=other, install_demo=False)
    currency = env["res.currency"].with_context(active_test=False).search(
        [("name", "=", second["currency"])])
    other.write({"currency_id": currency.id})
    env["res.users"].search([("share", "=", False)]).write({"company_ids": [(4, other.id)]})

keys = {}
for login in json.loads(os.environ["KONTOR_LIVE_KEY_LOGINS"]):
    user = env["res.users"].search([("login", "=", login)])
    if not user:
        continue
    generator = env["res.users.apikeys"].with_user(user)
    arguments = ["rpc", "kontor live tests"]
    if "expiration_date" in inspect.signature(generator._generate).parameters:
        arguments.append(datetime.datetime.now() + datetime.timedelta(days=30))
    keys[login] = generator._generate(*arguments)
env.cr.commit()
print("KONTOR-LIVE " + json.dumps({"chart": company.chart_template, "keys": keys}))
