# SPDX-License-Identifier: Apache-2.0
"""Holds a target (a prepared Odoo, or the simulator) against fixtures.json, over one transport.

Reads as the connector's own user, with its rights. It must not write anything.
Usage: fixtures_check.py --target-json FILE --transport json2|jsonrpc|xmlrpc
"""

from __future__ import annotations

import argparse
import datetime
import json
import pathlib
import sys
import unittest
from decimal import Decimal
from typing import Any

import prepare
from transports import Caller, Refused

ARCHIVED = {"active_test": False}


class TargetCheck(unittest.TestCase):
    """Every test reads one kind of master data."""

    caller: Caller
    series: str
    target: dict[str, Any]
    fixtures: dict[str, Any]
    companies: dict[str, int]

    def read(self, model: str, domain: list[Any], fields: list[str], company: str = "company",
             **context: Any) -> list[dict]:
        """Reads all matching records of one company; archived ones when the context says so."""
        own = [self.companies[self.fixtures[company]["name"]]]
        return self.caller.call(
            model, "search_read", domain=domain, fields=fields,
            context={"allowed_company_ids": own, **context},
        )

    def by(self, key: str, rows: list[dict]) -> dict[Any, dict]:
        """Indexes rows by a field."""
        return {row[key]: row for row in rows}

    def test_the_company_keeps_its_books_in_the_currency_of_the_list(self) -> None:
        wanted = self.fixtures["company"]
        fields = ["name", "currency_id", "tax_calculation_rounding_method"]
        company = self.read("res.company", [], fields)[0]
        self.assertEqual(company["name"], wanted["name"])
        self.assertEqual(company["currency_id"][1], wanted["currency"])
        self.assertEqual(company["tax_calculation_rounding_method"], wanted["tax_rounding"])

    def test_the_second_company_has_a_chart_of_its_own(self) -> None:
        wanted = self.fixtures["second_company"]
        if wanted["name"] not in self.companies:
            self.skipTest("this target has one company")
        company = self.read("res.company", [], ["name", "currency_id"], "second_company")
        self.assertEqual([row["currency_id"][1] for row in company], [wanted["currency"]])
        accounts = self.read("account.account", [], ["code"], "second_company")
        self.assertLessEqual({row["code"] for row in self.fixtures["chart"]} - {"101501"},
                             {row["code"] for row in accounts})
        journals = self.read("account.journal", [], ["code"], "second_company")
        self.assertLessEqual({"INV", "BILL", "MISC", "BNK1"}, {row["code"] for row in journals})

    def test_every_account_is_there_with_its_type(self) -> None:
        rows = self.read("account.account", [], ["code", "name", "account_type", "reconcile"])
        there = self.by("code", rows)
        for wanted in self.fixtures["chart"]:
            with self.subTest(code=wanted["code"]):
                account = there[wanted["code"]]
                self.assertEqual(account["name"], wanted["name"])
                kind = prepare.for_series(wanted["type"], self.series)
                self.assertEqual(account["account_type"], kind)
                reconcile = prepare.for_series(wanted["reconcile"], self.series)
                self.assertEqual(account["reconcile"], reconcile)
        for wanted in self.fixtures["accounts"]:
            if not wanted.get("archived"):
                self.assertEqual(there[wanted["code"]]["name"], wanted["name"])

    def test_the_archived_account_cannot_be_used(self) -> None:
        field = "active" if self.series == "19.0" else "deprecated"
        codes = [row["code"] for row in self.fixtures["accounts"] if row.get("archived")]
        # Not by code: 19 searches that among active accounts only, whatever the context says.
        every = self.read("account.account", [], ["code", field], **ARCHIVED)
        rows = [row for row in every if row["code"] in codes]
        self.assertEqual(sorted(row["code"] for row in rows), sorted(codes))
        for row in rows:
            self.assertEqual(row[field], field == "deprecated")

    def test_every_journal_is_there_with_its_type_and_currency(self) -> None:
        rows = self.read("account.journal", [], ["code", "name", "type", "currency_id"])
        there = self.by("code", rows)
        for wanted in self.fixtures["journals"]:
            with self.subTest(code=wanted["code"]):
                journal = there[wanted["code"]]
                self.assertEqual(journal["name"], prepare.for_series(wanted["name"], self.series))
                self.assertEqual(journal["type"], wanted["type"])
                currency = journal["currency_id"] and journal["currency_id"][1]
                self.assertEqual(currency or "", wanted.get("currency", ""))

    def test_every_tax_is_there_once_with_its_rate(self) -> None:
        rows = self.read("account.tax", [], ["name", "type_tax_use", "amount", "price_include"])
        for wanted in self.fixtures["taxes"]:
            with self.subTest(tax=wanted["name"], use=wanted["use"]):
                same = [row for row in rows
                        if (row["name"], row["type_tax_use"]) == (wanted["name"], wanted["use"])]
                self.assertEqual(len(same), 1)
                self.assertEqual(Decimal(str(same[0]["amount"])), Decimal(wanted["amount"]))
                included = wanted.get("price_included", False)
                self.assertEqual(same[0]["price_include"], included)

    def test_currencies_are_active_or_not_as_listed(self) -> None:
        wanted = self.fixtures["currencies"]
        names = wanted["active"] + wanted["inactive"]
        rows = self.read(
            "res.currency", [["name", "in", names]], ["name", "active", "decimal_places"],
            **ARCHIVED,
        )
        there = self.by("name", rows)
        for name in names:
            self.assertEqual(there[name]["active"], name in wanted["active"], name)
        for name, places in wanted["decimals"].items():
            self.assertEqual(there[name]["decimal_places"], places, name)

    def test_rates_stand_on_every_date_of_the_rule_and_nowhere_else(self) -> None:
        rows = self.read("res.currency.rate", [], ["name", "company_rate", "currency_id"])
        there: dict[str, dict[str, float]] = {}
        for row in rows:
            there.setdefault(row["currency_id"][1], {})[row["name"]] = row["company_rate"]
        for rule in self.fixtures["rates"]["monthly"]:
            rates = there.pop(rule["currency"])
            latest = datetime.date.fromisoformat(max(rates))
            days = prepare.rate_dates(latest)
            self.assertEqual(sorted(rates), [day.isoformat() for day in days], rule["currency"])
            self.assertLessEqual((datetime.date.today() - latest).days, 16)
            for day in days:
                rate = round(Decimal(str(rates[day.isoformat()])), 6)
                self.assertEqual(rate, prepare.rate_on(rule, day), (rule["currency"], day))
        for fixed in self.fixtures["rates"]["fixed"]:
            self.assertEqual(list(there.pop(fixed["currency"])), [fixed["date"]])
        self.assertEqual(there, {}, "a currency has rates that the list does not give it")

    def test_every_partner_is_there_with_its_terms_and_bank_accounts(self) -> None:
        fields = ["ref", "name", "is_company", "active", "country_id", "vat",
                  "property_payment_term_id", "property_supplier_payment_term_id"]
        there = self.by("ref", self.read("res.partner", [["ref", "!=", False]], fields, **ARCHIVED))
        banks = self.read(
            "res.partner.bank", [], ["partner_id", "sanitized_acc_number", "allow_out_payment"]
        )
        for wanted in self.fixtures["partners"]:
            with self.subTest(ref=wanted["ref"]):
                partner = there[wanted["ref"]]
                self.assertEqual(partner["name"], wanted["name"])
                self.assertEqual(partner["vat"] or "", wanted.get("vat", ""))
                self.assertEqual(partner["active"], not wanted.get("archived", False))
                terms = (partner["property_payment_term_id"] or ["", ""])[1]
                self.assertEqual(terms, wanted.get("customer_term", ""))
                own = {bank["sanitized_acc_number"]: bank["allow_out_payment"] for bank in banks
                       if bank["partner_id"][0] == partner["id"]}
                listed = {bank["number"]: bank["trusted"] for bank in wanted.get("banks", [])}
                self.assertEqual(own, listed)

    def test_every_payment_term_is_there(self) -> None:
        names = {row["name"] for row in self.read("account.payment.term", [], ["name"])}
        self.assertLessEqual({row["name"] for row in self.fixtures["payment_terms"]}, names)

    def test_every_product_is_there_with_its_taxes(self) -> None:
        fields = ["default_code", "name", "list_price", "taxes_id"]
        there = self.by("default_code", self.read("product.product", [], fields))
        taxes = {row["id"]: row["name"] for row in self.read("account.tax", [], ["name"])}
        for wanted in self.fixtures["products"]:
            with self.subTest(code=wanted["code"]):
                product = there[wanted["code"]]
                self.assertEqual(product["name"], wanted["name"])
                self.assertEqual(Decimal(str(product["list_price"])), Decimal(wanted["price"]))
                names = [taxes[tax] for tax in product["taxes_id"]]
                self.assertEqual(names, [wanted["sale_tax"]] if "sale_tax" in wanted else [])

    def test_every_analytic_account_is_there_in_its_plan(self) -> None:
        rows = self.read("account.analytic.account", [], ["code", "name", "plan_id"])
        there = self.by("code", rows)
        for plan in self.fixtures["analytic"]:
            for wanted in plan["accounts"]:
                account = there[wanted["code"]]
                self.assertEqual(account["name"], wanted["name"])
                self.assertEqual(account["plan_id"][1], plan["plan"])

    def test_the_user_may_do_its_work_and_no_more(self) -> None:
        may = [("account.move", "create"), ("account.payment", "create"), ("res.partner", "create"),
               ("res.partner.bank", "create"), ("ir.attachment", "create"),
               ("account.tax", "read"), ("res.currency.rate", "read")]
        may_not = [("account.journal", "write"), ("account.account", "create"),
                   ("ir.model.data", "read"), ("res.users", "write"), ("account.tax", "write")]
        for model, operation in may + may_not:
            with self.subTest(model=model, operation=operation):
                answer = self.caller.call(
                    model, "check_access_rights", operation=operation, raise_exception=False
                )
                self.assertEqual(answer, (model, operation) in may)

    def test_an_external_id_that_nobody_made_is_missing(self) -> None:
        with self.assertRaises(Refused):
            self.caller.call(
                "ir.model.data", "check_object_reference", module="kontor", xml_id="never_made"
            )

    def test_the_user_without_rights_reads_no_journal_entry(self) -> None:
        login = self.fixtures["users"]["limited"]["login"]
        key = self.target.get("api_keys", {}).get(login)
        if not key:
            self.skipTest("this target gives no key of a user without rights")
        limited = self.target | {"login": login, "api_key": key}
        with self.assertRaises(Refused):
            Caller(limited, self.caller.transport).call(
                "account.move", "search_read", domain=[], fields=["name"], limit=1
            )


def main(argv: list[str]) -> int:
    """Runs the checks; prints the plain closing line; answers 0 when none failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target-json", type=pathlib.Path, required=True)
    parser.add_argument("--transport", choices=("json2", "jsonrpc", "xmlrpc"), required=True)
    given = parser.parse_args(argv)
    target = json.loads(given.target_json.read_text(encoding="utf-8"))
    TargetCheck.target = target
    TargetCheck.series = target["series"]
    TargetCheck.fixtures = prepare.load_fixtures()
    TargetCheck.caller = Caller(target, given.transport)
    companies = TargetCheck.caller.call("res.company", "search_read", domain=[], fields=["name"])
    TargetCheck.companies = {row["name"]: row["id"] for row in companies}
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(TargetCheck)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=1).run(suite)
    bad = {test.id().split(" ")[0] for test, _ in result.failures + result.errors}
    failed, skipped = len(bad), len(result.skipped)
    print(f"{result.testsRun - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
