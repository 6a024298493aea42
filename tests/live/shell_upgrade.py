# SPDX-License-Identifier: Apache-2.0
# Fed to `odoo-bin shell` on a scratch database, before and after the addon is updated: puts into
# the older version what people and kontor leave in it, and tells what is there. What it tells must
# be the same afterwards, and everything must go on. Answers one JSON line.
# ruff: noqa: F821
import hashlib
import json
import os

TOKEN = "kontor_" + "a" * 32
STEP = os.environ["KONTOR_LIVE_STEP"]

bot = env["res.users"].search([("login", "=", "kontor-bot")])
company = bot.company_id
journal = env["account.journal"].search(
    [("company_id", "=", company.id), ("type", "=", "sale")], limit=1)
company_field = "company_ids" if "company_ids" in env["account.account"]._fields else "company_id"
account = env["account.account"].search(
    [("account_type", "=", "income"), (company_field, "in", company.ids)], limit=1)
partner = env["res.partner"].search([("name", "=", "Stays through updates")], limit=1)


def item(key, price="10.00", **more):
    """An invoice of one line."""
    values = {
        "move_type": "out_invoice", "journal_id": journal.id, "partner_id": partner.id,
        "invoice_date": "2026-01-31",
        "invoice_line_ids": [{"name": "x", "quantity": "1", "price_unit": price,
                              "account_id": account.id, "tax_ids": []}],
    }
    digest = hashlib.sha256(json.dumps(values).encode()).hexdigest()
    return {"key": f"k1_upgrade_{key}", "digest": digest, "revision": 1, "correlation_id": key,
            "values": values, **more}


def apply(*items, post=True):
    """As kontor calls it."""
    return env["kontor.operation"].with_user(bot).apply(company.id, "move", list(items), post)


def rows(query):
    """What a query finds, as JSON can carry it."""
    env.cr.execute(query)
    return json.loads(json.dumps(env.cr.fetchall(), default=str))


def fill():
    """Documents of every outcome, events told and not told, a connection, roles, a request."""
    field = "group_ids" if "group_ids" in bot._fields else "groups_id"
    bot.write({field: [(4, env.ref("kontor_connector.group_kontor_bot").id)]})
    posted, refused = apply(item("posted"), item("refused", expect={"total": "11.00"}))
    (draft,) = apply(item("draft"), post=False)
    assert (posted["status"], refused["status"], draft["status"]) == (
        "applied", "refused", "applied"), (posted, refused, draft)
    env.cr.commit()
    told = env["kontor.event"].with_user(bot).pull(company.id, 100, 0)
    env["kontor.event"].with_user(bot).acknowledge([told[0]["id"]])
    env["account.move"].browse(posted["record"]["id"]).write({"ref": "PO 7"})
    env.cr.commit()
    admin = env.ref("base.user_admin")
    backend = env["kontor.backend"].create(
        {"name": "kontor", "url": "https://kontor.example:7601", "new_token": TOKEN,
         "user_id": admin.id})
    env["kontor.backend.entity"].create(
        {"backend_id": backend.id, "company_id": company.id, "entity": "de",
         "live_from": "2026-01-01", "journal_ids": [(6, 0, journal.ids)]})
    admin.with_user(admin).write({"kontor_new_token": TOKEN})
    groups = [env.ref(f"kontor_connector.group_kontor_{name}").id
              for name in ("preparer", "manager")]
    admin.write({field: [(4, group) for group in groups]})
    document = env["kontor.mirror.document"].create(
        {"backend_id": backend.id, "company_id": company.id, "document_ref": "inv_x",
         "document_type": "invoice", "state": "posted", "move_id": posted["record"]["id"]})
    env["kontor.request"].create(
        {"backend_id": backend.id, "company_id": company.id, "user_id": admin.id,
         "verb": "retry_operation", "reason": "x", "request_ref": "odoo-x",
         "target_ref": "opn_x", "body": "{}", "document_id": document.id})
    env["ir.config_parameter"].set_param("kontor_connector.allow_plain_http", "1")


def facts():
    """What must not change."""
    return {
        "each key, its digest and result": rows(
            "SELECT company_id, key, digest, revision, kind, state, posted, model, res_id, "
            "result::text, reason FROM kontor_operation ORDER BY id"),
        "each event, told or not": rows(
            "SELECT id, kind, kinds, model, res_id, company_id, user_id, by_bot, time, "
            "transaction, acknowledged FROM kontor_event ORDER BY id"),
        "each external id": rows(
            "SELECT name, model, res_id, noupdate FROM ir_model_data WHERE module = 'kontor' "
            "ORDER BY id"),
        "the books": rows("SELECT id, name, state, amount_total FROM account_move ORDER BY id"),
        "service and token": rows(
            "SELECT id, name, url, kontor_token, token_suffix, user_id FROM kontor_backend"),
        "entity, journals and day": rows(
            "SELECT e.id, e.entity, e.company_id, e.live_from, r.account_journal_id "
            "FROM kontor_backend_entity e JOIN account_journal_kontor_backend_entity_rel r "
            "ON r.kontor_backend_entity_id = e.id"),
        "each person's token": rows(
            "SELECT id, kontor_token, kontor_token_suffix FROM res_users "
            "WHERE kontor_token IS NOT NULL ORDER BY id"),
        "synced documents": rows(
            "SELECT id, document_ref, state, move_id FROM kontor_mirror_document"),
        "what was requested": rows(
            "SELECT id, verb, state, request_ref, body FROM kontor_request ORDER BY id"),
        "system parameters": rows(
            "SELECT key, value FROM ir_config_parameter WHERE key LIKE 'kontor%' ORDER BY key"),
        "people's roles": sorted(
            user.login for user in env["res.users"].search([])
            if user.has_group("kontor_connector.group_kontor_preparer")),
        "kontor's user": bot.has_group("kontor_connector.group_kontor_bot"),
    }


def works():
    """What must go on."""
    before = len(rows("SELECT id FROM account_move"))
    (again,) = apply(item("posted"))
    (fresh,) = apply(item("fresh"))
    (mended,) = apply(item("refused", price="11.00", expect={"total": "11.00"}, revision=2))
    indexes = {row[0] for row in rows(
        "SELECT indexname FROM pg_indexes WHERE indexdef LIKE 'CREATE UNIQUE%'")}
    return {
        "a repeat answers what was stored": (again["status"], again["repeat"]) == (
            "applied", True),
        "a new document is applied": fresh["status"] == "applied",
        "a refused one may be corrected": mended["status"] == "applied",
        "nothing is doubled": len(rows("SELECT id FROM account_move")) == before + 2,
        "exactly-once has its index": "kontor_operation_company_key" in indexes,
        "events have their index": "kontor_event_once_a_transaction" in indexes,
        "expenses are updated too": env["ir.module.module"].search(
            [("name", "=", "kontor_connector_expense")]).state == "installed",
    }


if STEP == "before":
    partner = env["res.partner"].create({"name": "Stays through updates"})
    fill()
    env.cr.commit()
    answer = {"facts": facts()}
else:
    answer = {"facts": facts(), "works": works(), "version": env["ir.module.module"].search(
        [("name", "=", "kontor_connector")]).latest_version}
env.cr.commit()
print("KONTOR-LIVE " + json.dumps(answer))
