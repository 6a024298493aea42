# SPDX-License-Identifier: Apache-2.0
# Fed to `odoo-bin shell` on a scratch database: makes it what a copy or a restore is, or takes that
# back, or looks whether a neutralised copy has anything left to reach kontord with.
# Answers one JSON line.
# ruff: noqa: F821
import json
import os
import uuid

TOKEN = "kontor_" + "a" * 32
REWOUND = "kontor_live.sequence"
step = os.environ["KONTOR_LIVE_STEP"]
parameters = env["ir.config_parameter"].sudo()


def swap_uuid():
    """A clone has an identity of its own; the old one is kept aside to be put back."""
    kept = parameters.get_param("kontor_live.uuid")
    parameters.set_param("kontor_live.uuid", parameters.get_param("database.uuid"))
    parameters.set_param("database.uuid", kept or str(uuid.uuid4()))


def connect():
    """An administrator and a person connected kontor, and one decision waits to be sent."""
    backend = env["kontor.backend"].create(
        {"name": "kontor", "url": "http://127.0.0.1:1", "new_token": TOKEN})
    company = env["res.company"].search([], order="id", limit=1)
    env["kontor.backend.entity"].create(
        {"backend_id": backend.id, "company_id": company.id, "entity": "de"})
    admin = env.ref("base.user_admin")
    admin.with_user(admin).write({"kontor_new_token": TOKEN})
    env["kontor.request"].create(
        {"backend_id": backend.id, "user_id": admin.id, "verb": "retry", "reason": "x",
         "request_ref": "odoo-x", "target_ref": "exc_x", "body": "{}"})


def look():
    """What is left after `odoo-bin neutralize`."""
    backend = env["kontor.backend"].search([])
    env.cr.execute("SELECT count(*) FROM kontor_backend WHERE kontor_token IS NOT NULL")
    tokens = env.cr.fetchone()[0]
    env.cr.execute("SELECT count(*) FROM res_users WHERE kontor_token IS NOT NULL")
    tokens += env.cr.fetchone()[0]
    bot = env["res.users"].search([("login", "=", "kontor-bot")])
    return {
        "the neutralised copy says so": env["kontor.connector"].with_user(bot).identify()[
            "neutralised"],
        "it has a service without address": len(backend) == 1 and not backend.url,
        "it has no token": tokens == 0,
        "nothing waits to be sent": not env["kontor.request"].search([("state", "=", "waiting")]),
        "it neither reads nor sends": not backend._may_sync(),
    }


answer = {"done": True}
if step in ("a clone", "after a clone"):
    swap_uuid()
elif step == "a rewound database":
    env.cr.execute("SELECT last_value FROM kontor_event_id_seq")
    parameters.set_param(REWOUND, str(env.cr.fetchone()[0]))
    env.cr.execute("DELETE FROM kontor_event")  # they were written after the backup
    env.cr.execute("SELECT setval('kontor_event_id_seq', 1, false)")
elif step == "after a rewound database":
    env.cr.execute("SELECT setval('kontor_event_id_seq', %s)",
                   [int(parameters.get_param(REWOUND)) + 1000])
elif step == "a neutralised copy":
    connect()
elif step == "look":
    answer = look()
# Odoo runs meanwhile, in other processes, which keep parameters in mind until they are told.
env.registry.clear_all_caches()  # 19 keeps parameters in a cache of their own
env.registry.signal_changes()
env.cr.commit()
print("KONTOR-LIVE " + json.dumps(answer))
