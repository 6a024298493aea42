# SPDX-License-Identifier: Apache-2.0
# Fed to `odoo-bin shell` on a scratch database: how fast the addon is beside Odoo itself. Rounds of
# both alternate, so that a busy machine is unfair to both alike, and medians are compared.
# Answers one JSON line. ruff: noqa: F821
import hashlib
import json
import os
import secrets
import statistics
import time

from odoo.addons.kontor_connector.models import kontor_hold
from odoo.addons.kontor_connector.models.kontor_watched import KontorWatched

ROUNDS = int(os.environ.get("KONTOR_LIVE_ROUNDS", "5"))
BATCH = 100
RUN = secrets.token_hex(4)
BY_HAND = int(os.environ.get("KONTOR_LIVE_BY_HAND", "200"))

bot = env["res.users"].search([("login", "=", "kontor-bot")])
company = bot.company_id
env = env(user=bot, context={"allowed_company_ids": [company.id], "lang": "en_US"})
journal = env["account.journal"].search(
    [("company_id", "=", company.id), ("type", "=", "sale")], limit=1
)
partner = env["res.partner"].create({"name": "Bench"})
accounts = env["account.account"]
company_field = "company_ids" if "company_ids" in accounts._fields else "company_id"
account = accounts.search(
    [("account_type", "=", "income"), (company_field, "in", company.ids)], limit=1
)
tax = env["account.tax"].search(
    [("company_id", "=", company.id), ("type_tax_use", "=", "sale"), ("amount", ">", 0)], limit=1
)
env.cr.commit()


def values(lines=3):
    return {
        "move_type": "out_invoice", "journal_id": journal.id, "partner_id": partner.id,
        "invoice_date": "2026-01-31", "date": "2026-01-31",
        "invoice_line_ids": [
            {"name": f"Line {n}", "quantity": "2", "price_unit": "10.05",
             "account_id": account.id, "tax_ids": [tax.id]}
            for n in range(lines)
        ],
    }


def plain(lines=3):
    made = values(lines)
    made["invoice_line_ids"] = [
        (0, 0, dict(line, quantity=2, price_unit=10.05, tax_ids=[(6, 0, [tax.id])]))
        for line in made["invoice_line_ids"]
    ]
    return made


def by_odoo():
    began = time.perf_counter()
    env["account.move"].create([plain() for _ in range(BATCH)]).action_post()
    env.cr.commit()
    return time.perf_counter() - began


def by_kontor(number):
    content, currency = values(), company.currency_id.name
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
    waiting = [
        {"key": f"k1_bench_{RUN}_{number}_{n}", "digest": digest, "revision": 1,
         "correlation_id": f"c{n}", "values": content, "expect": {"currency": currency}}
        for n in range(BATCH)
    ]
    calls = 0
    began = time.perf_counter()
    while waiting:
        results = env["kontor.operation"].apply(company.id, "move", waiting, True)
        env.cr.commit()
        held.append(kontor_hold.last_hold_seconds())
        calls += 1
        done = {result["key"] for result in results if result["status"] == "applied"}
        refused = [result for result in results if result["status"] == "refused"]
        assert not refused, refused[0]
        waiting = [item for item in waiting if item["key"] not in done]
    return time.perf_counter() - began, calls


def by_hand():
    """Posting one invoice, as a person does; creating it is not measured."""
    move = env["account.move"].create(plain())
    env.cr.commit()
    env.invalidate_all()
    began = time.perf_counter()
    move.action_post()
    env.cr.commit()
    return time.perf_counter() - began


held, odoo_seconds, kontor_seconds, calls = [], [], [], []
by_odoo()  # warms caches for both
kontor_hold.forget()
by_kontor("warm")
held.clear()
for number in range(ROUNDS):
    odoo_seconds.append(by_odoo())
    seconds, count = by_kontor(number)
    kontor_seconds.append(seconds)
    calls.append(count)

notice = KontorWatched._kontor_notice
with_hooks, without_hooks = [], []
def undisturbed(seconds):
    """What it takes when nobody else is at work on the machine: the tenth part of the way up."""
    return sorted(seconds)[len(seconds) // 10]


for number in range(BY_HAND):
    for hooked in (number % 2 == 0, number % 2 == 1):
        KontorWatched._kontor_notice = notice if hooked else lambda self, vals_list: None
        (with_hooks if hooked else without_hooks).append(by_hand())
KontorWatched._kontor_notice = notice

print("KONTOR-LIVE " + json.dumps({
    "batch": BATCH,
    "odoo_seconds_min": round(min(odoo_seconds), 3),
    "kontor_seconds_min": round(min(kontor_seconds), 3),
    "speed_ratio_min": round(min(odoo_seconds) / min(kontor_seconds), 3),
    "odoo_seconds": round(statistics.median(odoo_seconds), 3),
    "kontor_seconds": round(statistics.median(kontor_seconds), 3),
    "speed_ratio": round(statistics.median(odoo_seconds) / statistics.median(kontor_seconds), 3),
    "calls": statistics.median(calls),
    "held_seconds_max": round(max(held), 3),
    "held_seconds_median": round(statistics.median(held), 3),
    "by_hand_with": round(undisturbed(with_hooks), 5),
    "by_hand_without": round(undisturbed(without_hooks), 5),
    "by_hand_slower_median": round(
        statistics.median(with_hooks) / statistics.median(without_hooks) - 1, 4),
    "by_hand_slower": round(undisturbed(with_hooks) / undisturbed(without_hooks) - 1, 4),
}))
