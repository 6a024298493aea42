# SPDX-License-Identifier: Apache-2.0
"""Brings a scratch Odoo to the master data of fixtures.json, over Odoo's own JSON-RPC.

Every step is find-or-create by its stable key, so a second run changes nothing. It must not touch a
database that already holds posted documents: `prepare` refuses one.
"""

from __future__ import annotations

import datetime
import json
import pathlib
from decimal import Decimal
from typing import Any

from rpc import Odoo, OdooError

FIXTURES = pathlib.Path(__file__).with_name("fixtures.json")
RATE_DAYS = (1, 15)


def load_fixtures(path: pathlib.Path = FIXTURES) -> dict[str, Any]:
    """Reads the fixture list."""
    return json.loads(path.read_text(encoding="utf-8"))


def rate_dates(today: datetime.date) -> list[datetime.date]:
    """The 1st and 15th of each month of last year and this one up to today, and today itself."""
    dates = {
        datetime.date(year, month, day)
        for year in (today.year - 1, today.year)
        for month in range(1, 13)
        for day in RATE_DAYS
    }
    return sorted({day for day in dates if day <= today} | {today})


def rate_on(rule: dict[str, str], day: datetime.date) -> Decimal:
    """The rate of a monthly rule on a day: base + (month - 1) * monthly_step."""
    return Decimal(rule["base"]) + (day.month - 1) * Decimal(rule["monthly_step"])


def for_series(value: Any, series: str) -> Any:
    """Picks a series' value from {"17.0": ..., ...}; any other value is the same on all."""
    if isinstance(value, dict) and series in value:
        return value[series]
    return value


class Preparation:
    """One run of the preparation against one database. Not thread safe."""

    def __init__(
        self, odoo: Odoo, series: str, fixtures: dict[str, Any], today: datetime.date
    ) -> None:
        self._odoo = odoo
        self._series = series
        self._fixtures = fixtures
        self._today = today
        self._company: int = 0

    def run(self) -> None:
        """Does every step, in the order of their dependencies."""
        self._pick_company()
        self._languages()
        self._currencies()
        self._set_company()
        self._rates()
        self._accounts()
        self._journals()
        self._taxes()
        self._partners()
        self._products()
        self._analytic()
        self._own_bank_account()

    def _pick_company(self) -> None:
        companies = self._odoo.call("res.company", "search", [], order="id", limit=1)
        self._company = companies[0]
        posted = self._odoo.call("account.move", "search_count", [["state", "=", "posted"]])
        currency = self._odoo.call("res.company", "read", [self._company], ["currency_id"])[0]
        wanted = self._fixtures["company"]["currency"]
        if posted and currency["currency_id"][1] != wanted:
            raise OdooError(
                "Preparation",
                f"this database holds {posted} posted documents in another currency than {wanted}: "
                "give an empty one",
            )

    def _languages(self) -> None:
        for code in self._fixtures["languages"]:
            lang = self._odoo.find("res.lang", [["code", "=", code]], archived=True)
            if lang is not None:
                self._odoo.call("res.lang", "write", [lang], {"active": True})

    def _currency(self, name: str) -> int:
        currency = self._odoo.find("res.currency", [["name", "=", name]], archived=True)
        if currency is None:
            raise OdooError("Preparation", f"this Odoo does not know the currency {name}")
        return currency

    def _currencies(self) -> None:
        for name in self._fixtures["currencies"]["active"]:
            self._odoo.call("res.currency", "write", [self._currency(name)], {"active": True})
        for name in self._fixtures["currencies"]["inactive"]:
            self._odoo.call("res.currency", "write", [self._currency(name)], {"active": False})

    def _set_company(self) -> None:
        wanted = self._fixtures["company"]
        values: dict[str, Any] = {
            "name": wanted["name"],
            "tax_calculation_rounding_method": wanted["tax_rounding"],
        }
        current = self._odoo.call("res.company", "read", [self._company], ["currency_id"])[0]
        if current["currency_id"][1] != wanted["currency"]:
            values["currency_id"] = self._currency(wanted["currency"])
        self._odoo.call("res.company", "write", [self._company], values)

    def _rates(self) -> None:
        rows: list[tuple[str, datetime.date, Decimal]] = []
        for rule in self._fixtures["rates"]["monthly"]:
            rows += [
                (rule["currency"], day, rate_on(rule, day)) for day in rate_dates(self._today)
            ]
        for fixed in self._fixtures["rates"]["fixed"]:
            day = datetime.date.fromisoformat(fixed["date"])
            rows.append((fixed["currency"], day, Decimal(fixed["rate"])))
        known = {
            (row["currency_id"][1], row["name"])
            for row in self._odoo.call(
                "res.currency.rate", "search_read", [], fields=["currency_id", "name"]
            )
        }
        ids = {name: self._currency(name) for name in {row[0] for row in rows}}
        missing = [
            {
                "currency_id": ids[name],
                "name": day.isoformat(),
                "company_rate": str(rate),
                "company_id": self._company,
            }
            for name, day, rate in rows
            if (name, day.isoformat()) not in known
        ]
        if missing:
            self._load("res.currency.rate", missing)

    def _load(self, model: str, rows: list[dict[str, Any]]) -> None:
        """Imports rows by load(), whose cells are strings: a rate never becomes a float here."""
        names = list(rows[0])
        fields = [name + "/.id" if name.endswith("_id") else name for name in names]
        data = [[str(row[name]) for name in names] for row in rows]
        answer = self._odoo.call(model, "load", fields, data)
        if not answer["ids"]:
            raise OdooError("Preparation", f"{model}: {answer['messages'][:2]}")

    def _account(self, code: str) -> int:
        account = self._odoo.find("account.account", [["code", "=", code]], archived=True)
        if account is None:
            raise OdooError("Preparation", f"the chart has no account {code}")
        return account

    def _accounts(self) -> None:
        for code in {row["code"] for row in self._fixtures["chart"]} - {"101501"}:
            self._account(code)
        fields = self._odoo.fields("account.account")
        archived_field = "active" if "active" in fields else "deprecated"
        for row in self._fixtures["accounts"]:
            if self._odoo.find("account.account", [["code", "=", row["code"]]], archived=True):
                continue
            values = {
                "code": row["code"],
                "name": row["name"],
                "account_type": row["type"],
                "reconcile": row["reconcile"],
            }
            if row.get("archived"):
                values[archived_field] = archived_field == "deprecated"
            self._odoo.create("account.account", values)

    def _journals(self) -> None:
        for row in self._fixtures["journals"]:
            domain = [["code", "=", row["code"]], ["company_id", "=", self._company]]
            journal = self._odoo.find("account.journal", domain, archived=True)
            if journal is None:
                if row["origin"] == "chart":
                    raise OdooError("Preparation", f"the chart has no journal {row['code']}")
                self._create_journal(row)

    def _create_journal(self, row: dict[str, Any]) -> None:
        values = {
            "code": row["code"],
            "type": row["type"],
            "name": for_series(row["name"], self._series),
            "company_id": self._company,
        }
        if "currency" in row:
            values["currency_id"] = self._currency(row["currency"])
        if "default_account" in row and row["type"] in ("sale", "purchase"):
            values["default_account_id"] = self._account(row["default_account"])
        self._odoo.create("account.journal", values)

    def _taxes(self) -> None:
        for row in self._fixtures["taxes"]:
            domain = [["name", "=", row["name"]], ["type_tax_use", "=", row["use"]]]
            if self._odoo.find("account.tax", domain) is None:
                self._create_tax(row)

    def _create_tax(self, row: dict[str, Any]) -> None:
        model = self._odoo.find(
            "account.tax", [["name", "=", "15%"], ["type_tax_use", "=", row["use"]]]
        )
        if model is None:
            raise OdooError("Preparation", f"the chart has no {row['use']} tax of 15% to copy")
        values: dict[str, Any] = {"name": row["name"], "amount": float(row["amount"])}
        values["tax_group_id"] = self._tax_group(f"Tax {row['amount']}%")
        if row.get("price_included"):
            if "price_include_override" in self._odoo.fields("account.tax"):
                values["price_include_override"] = "tax_included"
            else:
                values["price_include"] = True
        self._odoo.call("account.tax", "copy", [model], values)

    def _tax_group(self, name: str) -> int:
        group = self._odoo.find("account.tax.group", [["name", "=", name]])
        if group is not None:
            return group
        model = self._odoo.find("account.tax.group", [["name", "=", "Tax 15%"]])
        answer = self._odoo.call("account.tax.group", "copy", [model], {"name": name})
        return answer[0] if isinstance(answer, list) else answer

    def _term(self, name: str) -> int:
        for row in self._fixtures["payment_terms"]:
            if row["name"] == name:
                term = self._odoo.xmlid(row["xmlid"])
                if term is not None:
                    return term
        raise OdooError("Preparation", f"no payment term {name}")

    def _partners(self) -> None:
        for row in self._fixtures["partners"]:
            partner = self._odoo.find("res.partner", [["ref", "=", row["ref"]]], archived=True)
            if partner is None:
                partner = self._create_partner(row)
            for bank in row.get("banks", []):
                self._bank_account(partner, bank["number"], bank["trusted"])

    def _create_partner(self, row: dict[str, Any]) -> int:
        keys = ("ref", "name", "is_company", "vat", "email", "street", "zip", "city", "lang")
        values = {key: row[key] for key in keys if key in row}
        values["country_id"] = self._odoo.find("res.country", [["code", "=", row["country"]]])
        if "customer_term" in row:
            values["property_payment_term_id"] = self._term(row["customer_term"])
        if "supplier_term" in row:
            values["property_supplier_payment_term_id"] = self._term(row["supplier_term"])
        if row.get("archived"):
            values["active"] = False
        return self._odoo.create("res.partner", values)

    def _bank_account(self, partner: int, number: str, trusted: bool) -> int:
        domain = [["partner_id", "=", partner], ["sanitized_acc_number", "=", number]]
        bank = self._odoo.find("res.partner.bank", domain)
        if bank is None:
            bank = self._odoo.create(
                "res.partner.bank", {"partner_id": partner, "acc_number": number}
            )
        self._odoo.call("res.partner.bank", "write", [bank], {"allow_out_payment": trusted})
        return bank

    def _tax(self, name: str, use: str) -> int | None:
        return self._odoo.find("account.tax", [["name", "=", name], ["type_tax_use", "=", use]])

    def _products(self) -> None:
        fields = self._odoo.fields("product.template")
        for row in self._fixtures["products"]:
            if self._odoo.find("product.product", [["default_code", "=", row["code"]]]):
                continue
            self._odoo.create("product.product", self._product_values(row, fields))

    def _product_values(self, row: dict[str, Any], fields: set[str]) -> dict[str, Any]:
        sale = [self._tax(row["sale_tax"], "sale")] if "sale_tax" in row else []
        purchase = [self._tax(row["purchase_tax"], "purchase")] if "purchase_tax" in row else []
        values: dict[str, Any] = {
            "name": row["name"],
            "default_code": row["code"],
            "list_price": float(row["price"]),
            "standard_price": float(row["cost"]),
            "taxes_id": [[6, 0, sale]],
            "supplier_taxes_id": [[6, 0, purchase]],
            "type": row["type"],
        }
        if row["type"] == "consumable":
            values["type"] = "consu"
        if "income_account" in row:
            values["property_account_income_id"] = self._account(row["income_account"])
        if "expense_account" in row:
            values["property_account_expense_id"] = self._account(row["expense_account"])
        if row.get("expense") and "can_be_expensed" in fields:
            values["can_be_expensed"] = True
        return values

    def _analytic(self) -> None:
        for plan in self._fixtures["analytic"]:
            plan_id = self._odoo.find("account.analytic.plan", [["name", "=", plan["plan"]]])
            if plan_id is None:
                plan_id = self._odoo.create("account.analytic.plan", {"name": plan["plan"]})
            for row in plan["accounts"]:
                if not self._odoo.find("account.analytic.account", [["code", "=", row["code"]]]):
                    values = {"name": row["name"], "code": row["code"], "plan_id": plan_id}
                    self._odoo.create("account.analytic.account", values)

    def _own_bank_account(self) -> None:
        partner = self._odoo.call("res.company", "read", [self._company], ["partner_id"])[0]
        for row in self._fixtures["journals"]:
            if "iban" not in row:
                continue
            bank = self._bank_account(partner["partner_id"][0], row["iban"], True)
            journal = self._odoo.find("account.journal", [["code", "=", row["code"]]])
            self._odoo.call("account.journal", "write", [journal], {"bank_account_id": bank})


def ensure_user(odoo: Odoo, row: dict[str, Any], password: str) -> int:
    """Finds or creates a user with exactly the groups listed that this series has."""
    groups = [group for group in map(odoo.xmlid, row["groups"]) if group is not None]
    field = "group_ids" if "group_ids" in odoo.fields("res.users") else "groups_id"
    values = {"name": row["name"], field: [[6, 0, groups]], "lang": "en_US"}
    user = odoo.find("res.users", [["login", "=", row["login"]]], archived=True)
    if user is None:
        email = row["login"] + "@kontor.example"
        values |= {"login": row["login"], "password": password, "email": email}
        return odoo.create("res.users", values, {"no_reset_password": True})
    odoo.call("res.users", "write", [user], values | {"password": password})
    return user


def prepare(odoo: Odoo, series: str, today: datetime.date) -> dict[str, Any]:
    """Prepares the database `odoo` is signed in to as an administrator; answers the fixtures."""
    fixtures = load_fixtures()
    Preparation(odoo, series, fixtures, today).run()
    return fixtures
