# SPDX-License-Identifier: LGPL-3.0-or-later
"""A small world for the tests: a company with a chart, a bot with only its group, partners."""

import hashlib
import json

from odoo import fields
from odoo.tests import TransactionCase, new_test_user

from ..models.kontor_hold import forget

BOT = "kontor_connector.group_kontor_bot"


class KontorCase(TransactionCase):
    """Calls go as the bot: what its group does not allow, fails here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        companies = cls.env["res.company"]
        cls.company = companies.search([("chart_template", "!=", False)], limit=1)
        if not cls.company:
            cls.company = cls.env.ref("base.main_company")
            cls.env["account.chart.template"].try_loading(
                "generic_coa", company=cls.company, install_demo=False
            )
        cls.other_company = companies.create({"name": "Kontor Elsewhere"})
        cls.env.user.company_ids += cls.company + cls.other_company
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=[cls.company.id]))
        cls.bot = new_test_user(
            cls.env,
            login="kontor-test-bot",
            groups=BOT,
            company_id=cls.company.id,
            company_ids=[(6, 0, [cls.company.id])],
        )
        cls.person = new_test_user(
            cls.env,
            login="kontor-test-person",
            groups="account.group_account_manager",
            company_id=cls.company.id,
            company_ids=[(6, 0, [cls.company.id])],
        )
        cls.sales = cls._journal("sale")
        cls.purchases = cls._journal("purchase")
        cls.bank = cls._journal("bank")
        cls.misc = cls._journal("general")
        cls.income = cls._account("income")
        cls.cost = cls._account("expense")
        cls.receivable = cls._account("asset_receivable")
        cls.partner = cls.env["res.partner"].create(
            {"name": "Näve & Søn", "email": "books@naeve.example"}
        )
        cls.tax = cls.env["account.tax"].search(
            [("company_id", "=", cls.company.id), ("type_tax_use", "=", "sale")], limit=1
        )
        cls.purchase_tax = cls.env["account.tax"].search(
            [("company_id", "=", cls.company.id), ("type_tax_use", "=", "purchase")], limit=1
        )
        cls.eur = cls.company.currency_id

    def setUp(self):
        super().setUp()
        forget()
        self.operation = self.env["kontor.operation"].with_user(self.bot)
        self.event = self.env["kontor.event"].with_user(self.bot)

    @classmethod
    def _journal(cls, kind):
        """A journal of our own, so that nobody else's numbers are in it."""
        values = {
            "name": f"Kontor {kind}",
            "code": f"KT{kind[:2].upper()}",
            "type": kind,
            "company_id": cls.company.id,
        }
        if kind in ("sale", "purchase"):
            account = cls._account("income" if kind == "sale" else "expense")
            values["default_account_id"] = account.id
        return cls.env["account.journal"].create(values)

    @classmethod
    def _account(cls, kind):
        accounts = cls.env["account.account"]
        company = "company_ids" if "company_ids" in accounts._fields else "company_id"
        return accounts.search(
            [(company, "in", [cls.company.id]), ("account_type", "=", kind)], limit=1
        )

    def invoice(self, key, price="100.00", **more):
        """An item that makes a customer invoice of one line."""
        values = {
            "move_type": "out_invoice",
            "journal_id": self.sales.id,
            "partner_id": self.partner.id,
            "invoice_date": "2026-01-31",
            "date": "2026-01-31",
            "invoice_payment_term_id": False,
            "invoice_date_due": "2026-02-28",
            "invoice_line_ids": [
                {
                    "name": "Pilotage",
                    "quantity": "1",
                    "price_unit": price,
                    "account_id": self.income.id,
                    "tax_ids": [],
                }
            ],
            **more.pop("values", {}),
        }
        return self.item(key, values, **more)

    def item(self, key, values, revision=1, **more):
        """An item with the digest of its values."""
        text = json.dumps(values, sort_keys=True)
        return {
            "key": f"k1_test_{key}",
            "digest": hashlib.sha256(text.encode()).hexdigest(),
            "revision": revision,
            "correlation_id": f"corr-{key}",
            "values": values,
            **more,
        }

    def apply(self, kind, *items, post=True):
        """Applies items; answers their results."""
        return self.operation.apply(self.company.id, kind, list(items), post)

    def apply_all(self, kind, *items, post=True):
        """Applies items as kontor does: what is deferred goes again."""
        results = {}
        waiting = list(items)
        for _call in range(len(items) + 1):
            for result in self.apply(kind, *waiting, post=post):
                results[result["key"]] = result
            waiting = [item for item in items if results[item["key"]]["status"] == "deferred"]
            if not waiting:
                break
        self.assertFalse(waiting)
        return [results[item["key"]] for item in items]

    def refused(self, result, reason, field=None):
        """Checks a refusal and answers its error."""
        self.assertEqual(result["status"], "refused", result)
        self.assertEqual(result["error"]["reason"], reason, result)
        if field is not None:
            self.assertEqual(result["error"]["field"], field, result)
        self.assertTrue(result["error"]["message"], result)
        return result["error"]

    def moves(self):
        """All moves of the company, as the superuser counts them."""
        return self.env["account.move"].search_count([("company_id", "=", self.company.id)])

    def flush(self):
        """What a commit does before it commits."""
        self.env.flush_all()
        self.env.cr.precommit.run()

    def events_of(self, record):
        """The event rows of a record, after what a commit does before it commits."""
        self.flush()
        return self.env["kontor.event"].search(
            [("model", "=", record._name), ("res_id", "in", record.ids)], order="id"
        )

    @staticmethod
    def today():
        return fields.Date.today().isoformat()
