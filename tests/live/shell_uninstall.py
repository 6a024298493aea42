# SPDX-License-Identifier: Apache-2.0
# Fed to `odoo-bin shell` on a scratch database: posts a document through the addon, takes the addon
# out, and looks whether the books and their external ids are what they were.
# ruff: noqa: F821
import hashlib
import json

bot = env["res.users"].search([("login", "=", "kontor-bot")])
company = bot.company_id
journal = env["account.journal"].search(
    [("company_id", "=", company.id), ("type", "=", "sale")], limit=1
)
partner = env["res.partner"].create({"name": "Stays"})
company_field = "company_ids" if "company_ids" in env["account.account"]._fields else "company_id"
account = env["account.account"].search(
    [("account_type", "=", "income"), (company_field, "in", company.ids)], limit=1)
values = {
    "move_type": "out_invoice", "journal_id": journal.id, "partner_id": partner.id,
    "invoice_date": "2026-01-31",
    "invoice_line_ids": [{"name": "x", "quantity": "1", "price_unit": "10.00",
                          "account_id": account.id, "tax_ids": []}],
}
digest = hashlib.sha256(json.dumps(values).encode()).hexdigest()
item = {"key": "k1_uninstall", "digest": digest, "revision": 1, "correlation_id": "u",
        "values": values}
operation = env["kontor.operation"].with_user(bot)
(result,) = operation.apply(company.id, "move", [item], True)
env.cr.commit()
before = env["account.move"].search_count([("state", "=", "posted")])
env["ir.module.module"].search([("name", "=", "kontor_connector")]).button_immediate_uninstall()
env.cr.execute(
    "SELECT m.state FROM ir_model_data d JOIN account_move m ON m.id = d.res_id "
    "WHERE d.module = 'kontor' AND d.name = 'k1_uninstall' AND d.model = 'account.move'"
)
kept = env.cr.fetchall()
env.cr.execute("SELECT count(*) FROM account_move WHERE state = 'posted'")
after = env.cr.fetchone()[0]
env.cr.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'kontor\\_%'")
tables = env.cr.fetchone()[0]
print("KONTOR-LIVE " + json.dumps({
    "applied": result["status"] == "applied",
    "kept": kept == [("posted",)],
    "books": before == after,
    "gone": tables == 0,
}))
