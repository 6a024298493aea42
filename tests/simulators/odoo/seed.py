# SPDX-License-Identifier: Apache-2.0
"""Fills an empty database: common records, then the EUR company of the fixtures or the USD demo.

The EUR data is read from the same fixtures file that prepares a real Odoo, so both are equal.
"""
from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import access
from .env import Env

if TYPE_CHECKING:
    from .app import Simulator

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent.parent / "live" / "fixtures.json"
DEMO = HERE / "seeds" / "demo.json"
COUNTRIES = (("US", "United States"), ("DE", "Germany"), ("GB", "United Kingdom"),
             ("FR", "France"), ("NL", "Netherlands"), ("CH", "Switzerland"), ("JP", "Japan"),
             ("BE", "Belgium"), ("AT", "Austria"), ("PL", "Poland"), ("KW", "Kuwait"))
CURRENCIES = (("USD", "$", 2, "before"), ("EUR", "€", 2, "after"), ("GBP", "£", 2, "before"),
              ("CHF", "CHF", 2, "after"), ("JPY", "¥", 0, "before"), ("KWD", "KWD", 3, "after"),
              ("SEK", "kr", 2, "after"), ("NOK", "kr", 2, "after"), ("PLN", "zł", 2, "after"),
              ("CAD", "$", 2, "before"), ("BRL", "R$", 2, "before"))
MODULES = ("base", "web", "mail", "product", "analytic", "account", "account_payment",
           "l10n_generic_coa", "hr", "hr_expense")
PRECISIONS = {"Percentage Analytic": 2, "Product Price": 2, "Discount": 2, "Stock Weight": 2,
              "Volume": 2, "Product Unit of Measure": 2, "Payment Terms": 6}
ACTIVITY_TYPES = (("mail.mail_activity_data_todo", "To-Do"),
                  ("mail.mail_activity_data_email", "Email"),
                  ("mail.mail_activity_data_call", "Call"),
                  ("mail.mail_activity_data_warning", "Exception"))
JOURNAL_ORDER = {"INV": 5, "BILL": 6, "BNK1": 7, "CSH1": 8}


def key_of(database: str, login: str) -> str:
    """The API key of a user: stable for a database, so that a reset keeps it."""
    return hashlib.sha1(f"{database}/{login}".encode()).hexdigest()


class Seeder:
    """Creates the records of one company through the models themselves."""

    def __init__(self, sim: Simulator, fixtures: dict[str, Any]) -> None:
        self.sim = sim
        self.fixtures = fixtures
        self.env = Env(sim, 1, su=True)
        self.company = 1
        self.accounts: dict[str, int] = {}
        self.journals: dict[str, int] = {}
        self.currencies: dict[str, int] = {}
        self.countries: dict[str, int] = {}
        self.taxes: dict[tuple[str, str], int] = {}
        self.terms: dict[str, int] = {}
        self.partners: dict[str, int] = {}

    def new(self, model: str, xmlid: str = "", /, **values: Any) -> int:
        row_id = self.env.model(model).create(self.env, [values])[0]
        if xmlid:
            self.sim.remember(xmlid, model, row_id, True, self.env)
        return row_id

    def raw(self, model: str, xmlid: str = "", row_id: int = 0, /, **values: Any) -> int:
        made = self.env.model(model).insert(self.env, values, row_id)
        if xmlid:
            self.sim.remember(xmlid, model, made, True, self.env)
        return made

    def by_series(self, value: Any) -> Any:
        return value.get(self.sim.series_name) if isinstance(value, dict) else value

    # -- what every database has ----------------------------------------------------------------

    def common(self, company: dict[str, Any], active: list[str]) -> None:
        for code, name in COUNTRIES:
            self.countries[code] = self.raw("res.country", f"base.{code.lower()}", name=name,
                                            code=code)
        for code, symbol, places, position in CURRENCIES:
            self.currencies[code] = self.raw(
                "res.currency", f"base.{code}", name=code, symbol=symbol, decimal_places=places,
                rounding=Decimal(1).scaleb(-places), position=position, active=code in active)
        partner = self.raw("res.partner", "base.main_partner", name=company["name"],
                           is_company=True, active=True,
                           country_id=self.countries[company["country"]])
        self.raw("res.company", "base.main_company", name=company["name"], partner_id=partner,
                 currency_id=self.currencies[company["currency"]], active=True,
                 country_id=self.countries[company["country"]], chart_template="generic_coa",
                 tax_calculation_rounding_method="round_per_line", fiscalyear_last_day=31,
                 fiscalyear_last_month="12")
        for xmlid, names in access.NAMES.items():
            if xmlid == access.BASIC and self.sim.series == 17:
                continue
            full = names[self.sim.series - 17]
            group = self.raw("res.groups", xmlid, name=full.rpartition("/")[2], full_name=full)
            self.sim.store.update("res.groups", group, {"xmlid": xmlid})
        for name, digits in PRECISIONS.items():
            if name == "Product Unit of Measure" and self.sim.series >= 19:
                name = "Product Unit"
            self.raw("decimal.precision", name=name, digits=digits)
        for model in list(self.sim.models.values()):
            module = "account" if model.name.startswith("account.") else "base"
            self.raw("ir.model", f"{module}.model_{model.name.replace('.', '_')}",
                     name=model.label, model=model.name)
        for name in MODULES:
            self.raw("ir.module.module", name=name, shortdesc=name, state="installed",
                     latest_version=f"{self.sim.series_name}.1.0")
        for xmlid, name in ACTIVITY_TYPES:
            self.raw("mail.activity.type", xmlid, name=name)
        self.raw("ir.config_parameter", key="database.uuid", value=self.database_uuid())
        self.raw("ir.config_parameter", key="web.base.url", value="http://127.0.0.1")
        self.raw("uom.uom", "uom.product_uom_unit", name="Units", active=True)

    def database_uuid(self) -> str:
        digest = hashlib.md5(self.sim.database.encode()).hexdigest()
        return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:]))

    def user(self, login: str, name: str, password: str, groups: list[str], row_id: int) -> None:
        partner = self.raw("res.partner", name=name, active=True, is_company=False)
        known = [self.sim.group_id(g) for g in groups if self.sim.external(g)]
        made = self.raw("res.users", "", row_id, name=name, login=login, password=password,
                 active=True, partner_id=partner, company_id=1, company_ids=[1], lang="en_US",
                 tz=False,
                 **{access.groups_field(self.env): known})
        self.sim.api_keys[key_of(self.sim.database, login)] = made

    # -- accounting -----------------------------------------------------------------------------

    def chart(self, created: bool) -> None:
        rows = list(self.fixtures["chart"]) + (list(self.fixtures["accounts"]) if created else [])
        for row in rows:
            values = {"code": row["code"], "name": row["name"],
                      "account_type": self.by_series(row["type"]),
                      "reconcile": self.by_series(row["reconcile"])}
            if row.get("archived"):
                values["active" if self.sim.series >= 19 else "deprecated"] = \
                    self.sim.series < 19
            self.accounts[row["code"]] = self.new("account.account", **values)
        roles = self.fixtures["default_accounts"]
        self.sim.defaults[self.company] = {
            ("suspense" if k == "bank_suspense" else k): self.accounts[v]
            for k, v in roles.items()}
        if self.company != 1:
            return
        defaults = self.sim.defaults[1]
        for row in self.sim.store.tables["res.partner"].rows.values():
            self.sim.store.update("res.partner", row["id"], {
                "property_account_receivable_id": defaults["receivable"],
                "property_account_payable_id": defaults["payable"]})

    def journal(self, row: dict[str, Any]) -> None:
        values: dict[str, Any] = {"code": row["code"], "name": self.by_series(row["name"]),
                                  "type": row["type"],
                                  "sequence": JOURNAL_ORDER.get(row["code"], 10)}
        if row.get("default_account"):
            values["default_account_id"] = self.accounts[row["default_account"]]
        if row.get("currency"):
            values["currency_id"] = self.currencies[row["currency"]]
        if row["code"] == "BNKU":
            values["default_account_id"] = self.new(
                "account.account", code="101405", name="Bank USD", account_type="asset_cash")
        if row.get("iban"):
            values["bank_account_id"] = self.raw(
                "res.partner.bank", acc_number=row["iban"], sanitized_acc_number=row["iban"],
                acc_type="iban", partner_id=1, active=True, allow_out_payment=True)
        self.journals[row["code"]] = self.new("account.journal", **values)

    def ledger(self) -> None:
        self.sim.store.update("res.company", self.company, {
            "currency_exchange_journal_id": self.journals["EXCH"],
            "income_currency_exchange_account_id": self.accounts["441000"],
            "expense_currency_exchange_account_id": self.accounts["641000"],
            "transfer_account_id": self.accounts["101701"],
            "account_sale_tax_id": self.taxes[("15%", "sale")],
            "account_purchase_tax_id": self.taxes[("15%", "purchase")],
            "account_journal_payment_debit_account_id": self.accounts["101403"],
            "account_journal_payment_credit_account_id": self.accounts["101404"]})
        self.sim.store.update("account.journal", self.journals["INV"], {"sequence": 5})

    def tax(self, name: str, use: str, amount: str, account: str, included: bool) -> None:
        group = next((r["id"] for r in self.sim.store.tables["account.tax.group"].rows.values()
                      if r["name"] == f"Tax {amount}%"), 0)
        if not group:
            group = self.new("account.tax.group", name=f"Tax {amount}%")
        self.taxes[(name, use)] = self.new(
            "account.tax", name=name, amount=amount, amount_type="percent", type_tax_use=use,
            price_include=included, tax_group_id=group, company_id=self.company,
            account_id=self.accounts[account], country_id=self.countries["US"])

    def term(self, name: str, xmlid: str, days: int) -> None:
        self.terms[name] = self.new("account.payment.term", xmlid, name=name, line_ids=[
            (0, 0, {"value": "percent", "value_amount": "100", "nb_days": days})])

    def rate(self, code: str, day: str, rate: Decimal | str, company: Any = 1) -> None:
        self.raw("res.currency.rate", name=day, rate=Decimal(rate),
                 currency_id=self.currencies[code], company_id=company)

    def monthly_rates(self) -> None:
        today = self.env.today
        year = int(today[:4])
        for row in self.fixtures["rates"]["monthly"]:
            days = [f"{y}-{m:02d}-{d:02d}" for y in (year - 1, year) for m in range(1, 13)
                    for d in (1, 15)]
            for day in [d for d in days if d < today] + [today]:
                month = int(day[5:7])
                value = Decimal(row["base"]) + (month - 1) * Decimal(row["monthly_step"])
                self.rate(row["currency"], day, value)
        for row in self.fixtures["rates"]["fixed"]:
            self.rate(row["currency"], row["date"], row["rate"])

    # -- the company of the fixtures ------------------------------------------------------------

    def partner(self, row: dict[str, Any]) -> None:
        values: dict[str, Any] = {
            k: row[k] for k in ("ref", "name", "is_company", "vat", "email", "street", "zip",
                                "city", "lang") if k in row}
        values["country_id"] = self.countries[row["country"]]
        values["active"] = not row.get("archived", False)
        if row.get("customer_term"):
            values["property_payment_term_id"] = self.terms[row["customer_term"]]
        if row.get("supplier_term"):
            values["property_supplier_payment_term_id"] = self.terms[row["supplier_term"]]
        self.partners[row["ref"]] = self.new("res.partner", **values)
        for bank in row.get("banks", ()):
            self.new("res.partner.bank", acc_number=bank["number"], acc_type="iban",
                     partner_id=self.partners[row["ref"]], allow_out_payment=bank["trusted"])

    def product(self, row: dict[str, Any]) -> None:
        def taxes(use: str) -> list[Any]:
            name = row.get(f"{use}_tax")
            return [(6, 0, [self.taxes[(name, use)]])] if name else []
        self.new("product.product", name=row["name"], default_code=row["code"],
                 type="service" if row["type"] == "service" else "consu",
                 list_price=row["price"], lst_price=row["price"], standard_price=row["cost"],
                 taxes_id=taxes("sale"), supplier_taxes_id=taxes("purchase"),
                 can_be_expensed=bool(row.get("expense")),
                 property_account_income_id=self.accounts.get(row.get("income_account", ""), False),
                 property_account_expense_id=self.accounts.get(row.get("expense_account", ""),
                                                               False))

    def euro(self) -> None:
        fixtures = self.fixtures
        self.common(fixtures["company"], fixtures["currencies"]["active"])
        self.users()
        self.chart(created=True)
        for row in fixtures["journals"]:
            self.journal(row)
        for row in fixtures["taxes"]:
            self.tax(row["name"], row["use"], row["amount"], row["account"],
                     bool(row.get("price_included")))
        self.ledger()
        for row in fixtures["payment_terms"]:
            self.term(row["name"], row["xmlid"], row["days"])
        self.monthly_rates()
        for row in fixtures["partners"]:
            self.partner(row)
        for row in fixtures["products"]:
            self.product(row)
        for row in fixtures["analytic"]:
            plan = self.new("account.analytic.plan", name=row["plan"])
            for account in row["accounts"]:
                self.new("account.analytic.account", name=account["name"], code=account["code"],
                         plan_id=plan)
        for name, digits in fixtures.get("precision", {}).items():
            for row_id in self.sim.store.find("decimal.precision", "name", name):
                self.sim.store.update("decimal.precision", row_id, {"digits": digits})
        self.second(fixtures["second_company"])

    def second(self, row: dict[str, Any]) -> None:
        """Another company with a chart of its own; every user may work in both."""
        self.company = self.raw(
            "res.company", name=row["name"], active=True,
            currency_id=self.currencies[row["currency"]],
            partner_id=self.raw("res.partner", name=row["name"], is_company=True, active=True),
            country_id=self.countries["US"], chart_template="generic_coa",
            tax_calculation_rounding_method="round_per_line", fiscalyear_last_day=31,
            fiscalyear_last_month="12")
        self.env = Env(self.sim, 1, {"allowed_company_ids": [self.company]}, su=True)
        self.accounts, self.journals, self.taxes = {}, {}, {}
        self.chart(created=False)
        for journal in self.fixtures["journals"]:
            if journal["origin"] == "chart":
                self.journal({k: v for k, v in journal.items() if k != "iban"})
        for use, account in (("sale", "251000"), ("purchase", "131000")):
            self.tax("15%", use, "15", account, False)
        self.ledger()
        for user in self.sim.store.tables["res.users"].rows.values():
            self.sim.store.update("res.users", user["id"], {
                "company_ids": [*user["company_ids"], self.company]})

    def users(self) -> None:
        self.user("__system__", "OdooBot", "", [access.SYSTEM], 1)
        everything = [g for g in access.NAMES if g != access.APPROVER]
        self.user("admin", "Mitchell Admin", self.sim.admin_password, everything, 2)
        for row in self.fixtures["users"].values():
            if row["login"] != "admin":
                statements = self.by_series(row.get("statement_groups"))
                groups = [*row["groups"], *([statements] if statements else [])]
                self.user(row["login"], row["name"], row["login"], groups, 0)

    # -- the demonstration company of the recordings --------------------------------------------

    def demo(self, data: dict[str, Any]) -> None:
        self.common(data["company"], data["active_currencies"])
        self.user("__system__", "OdooBot", "", [access.SYSTEM], 1)
        self.user("admin", "Mitchell Admin", self.sim.admin_password,
                  [access.SYSTEM, access.PARTNERS, access.MANAGER, access.TRUST], 2)
        self.chart(created=False)
        for row in self.fixtures["journals"]:
            if row["origin"].startswith("chart"):
                self.journal({k: v for k, v in row.items() if k != "iban"})
        for use, account in (("sale", "251000"), ("purchase", "131000")):
            self.tax("15%", use, "15", account, False)
        if self.sim.series >= 19:
            self.tax("0% Exports", "sale", "0", "251000", False)
            self.tax("0% Imports", "purchase", "0", "131000", False)
        self.ledger()
        for row in self.fixtures["payment_terms"]:
            self.term(row["name"], row["xmlid"], row["days"])
        for code, rate in data["stale_rates"]["rates"].items():
            self.rate(code, data["stale_rates"]["date"], rate, False)
        if self.sim.series >= 18:
            bank = self.new("res.partner.bank", acc_number=data["bank_account"], partner_id=1)
            self.sim.store.update("account.journal", self.journals["BNK1"],
                                  {"bank_account_id": bank})
        for row in data["partners"]:
            self.new("res.partner", is_company=True, country_id=self.countries["US"], **row)
        for row in data["employees"]:
            self.new("hr.employee", company_id=1, **row)
        for row in data["products"]:
            self.new("product.product", name=self.by_series(row["name"]),
                     default_code=row["code"], can_be_expensed=True,
                     supplier_taxes_id=[(6, 0, [self.taxes[("15%", "purchase")]])])
        self.demo_documents(data)

    def demo_documents(self, data: dict[str, Any]) -> None:
        moves: Any = self.env.model("account.move")
        partner = self.sim.store.find("res.partner", "name", data["partners"][0]["name"])[0]
        for kind in ("out_invoice", "out_invoice", "out_invoice", "out_invoice", "out_refund"):
            made = moves.create(self.env, [{
                "move_type": kind, "partner_id": partner,
                "invoice_date": self.env.today, "invoice_line_ids": [
                    (0, 0, {"name": "Demonstration", "quantity": 1, "price_unit": "100"})]}])
            moves.action_post(self.env, made)
        self.env.model("account.bank.statement").create(self.env, [{
            "name": "Opening", "date": self.env.today, "balance_start": "0",
            "balance_end_real": data["opening_line"], "line_ids": [
                (0, 0, {"journal_id": self.journals["BNK1"], "date": f"{self.env.today[:4]}-01-01",
                        "payment_ref": "Opening", "amount": data["opening_line"]})]}])


def fill(sim: Simulator) -> dict[str, Any]:
    """Seeds an empty database and answers what the ready line says about it."""
    fixtures = json.loads(sim.fixtures.read_text(encoding="utf-8"))
    with sim.transaction():
        seeder = Seeder(sim, fixtures)
        if sim.currency == "EUR":
            seeder.euro()
            login = fixtures["users"]["bot"]["login"]
        else:
            seeder.demo(json.loads(DEMO.read_text(encoding="utf-8")))
            login = "admin"
    sim.created_at.clear()
    transports = ["xmlrpc", "jsonrpc"] + (["json2"] if sim.series >= 19 else [])
    logins = [r["login"] for r in sim.store.tables["res.users"].rows.values() if r["id"] > 1]
    return {"db": sim.database, "login": login, "api_key": key_of(sim.database, login),
            "series": sim.series_name, "admin_login": "admin",
            "admin_password": sim.admin_password, "transports": transports,
            "currency": sim.currency,
            "api_keys": {name: key_of(sim.database, name) for name in logins}}
