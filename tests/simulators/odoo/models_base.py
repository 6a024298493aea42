# SPDX-License-Identifier: Apache-2.0
"""Partners, banks, currencies, companies, users, external ids, parameters, products.

Everything that is not accounting and not messaging.
"""
from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from . import access
from .env import Env, Ids, on_model, on_records
from .errors import (
    AccessError,
    MissingError,
    RedirectWarning,
    UserError,
    ValidationError,
    value_error,
)
from .fields import (
    binary,
    boolean,
    char,
    choice,
    day,
    decimal,
    html,
    integer,
    lines,
    many,
    one,
    reference_id,
)
from .mail import Chatter
from .orm import Model
from .store import Row

NEWER = (18, 19)
# How a server prints the smallest date it knows.
NO_LOCK = "1-01-01"
LANGUAGES = (("en_US", "English (US)"), ("de_DE", "German / Deutsch"),
             ("fr_FR", "French / Français"))
ZONES = ("Europe/Berlin", "Europe/London", "America/New_York", "Asia/Tokyo", "UTC")
OLD = (17,)


class Country(Model):
    name, label, order = "res.country", "Country", "name"
    own = {"name": char("Country Name", required=True), "code": char("Country Code", index=True)}


class Partner(Chatter):
    name, label, order = "res.partner", "Contact", "name, id"
    own = {
        "name": char("Name", index=True), "ref": char("Reference", index=True),
        "vat": char("Tax ID", index=True),
        "email": char("Email"), "phone": char("Phone"), "street": char("Street"),
        "street2": char("Street2"), "zip": char("Zip"), "city": char("City"),
        "website": char("Website Link"), "lang": choice("Language", *LANGUAGES),
        "tz": choice("Timezone", *((zone, zone) for zone in ZONES)),
        "comment": html("Notes"),
        "country_id": one("Country", "res.country"), "is_company": boolean("Is a Company"),
        "parent_id": one("Related Company", "res.partner", index=True),
        "child_ids": lines("Contact", "res.partner", "parent_id"),
        "commercial_partner_id": one("Commercial Entity", "res.partner", store=False,
                                     compute=lambda env, row: commercial(env, row["id"])),
        "company_id": one("Company", "res.company"), "color": integer("Color Index"),
        "active": boolean("Active", default=True),
        "bank_ids": lines("Banks", "res.partner.bank", "partner_id"),
        "customer_rank": integer("Customer Rank"), "supplier_rank": integer("Supplier Rank"),
        "property_payment_term_id": one("Customer Payment Terms", "account.payment.term"),
        "property_supplier_payment_term_id": one("Vendor Payment Terms", "account.payment.term"),
        "property_account_receivable_id": one("Account Receivable", "account.account"),
        "property_account_payable_id": one("Account Payable", "account.account"),
        "property_account_position_id": one("Fiscal Position", "account.fiscal.position"),
        "autopost_bills": choice("Auto-post bills", ("always", "Always"), ("ask", "Ask"),
                                 ("never", "Never"), default="ask", only=NEWER),
    }

    def prepare(self, env: Env, values: Row) -> Row:
        out = dict(values)
        for field, code in (("property_account_receivable_id", "receivable"),
                            ("property_account_payable_id", "payable")):
            if not out.get(field):
                out[field] = env.default_account(code)
        return out

    def stored(self, env: Env, values: Row, row_id: int = 0) -> Row:
        out = super().stored(env, values, row_id)
        if not row_id and not values.get("name"):  # the table's own rule, so after all others
            raise ValidationError("The operation cannot be completed: Contacts require a name")
        return out

    @on_records
    def unlink(self, env: Env, ids: Ids) -> bool:
        self.check(env, "unlink")
        for row_id in self.ids(ids):
            if env.store.find("account.move", "partner_id", row_id):
                raise UserError("The partner cannot be deleted because it is used in Accounting")
        return super().unlink(env, ids)


def commercial(env: Env, partner_id: Any) -> Any:
    """The company behind a contact; children of a company post under it."""
    seen = 0
    while partner_id and seen < 16:
        row = env.row("res.partner", partner_id)
        if row.get("is_company") or not row.get("parent_id"):
            return partner_id
        partner_id, seen = row["parent_id"], seen + 1
    return partner_id


class Bank(Model):
    name, label = "res.bank", "Bank"
    own = {"name": char("Name", required=True), "bic": char("Bank Identifier Code", index=True),
           "country": one("Country", "res.country"), "active": boolean("Active", default=True)}


def sanitized(number: Any) -> str:
    return re.sub(r"\W+", "", str(number or "")).upper()


class PartnerBank(Chatter):
    name, label = "res.partner.bank", "Bank Accounts"
    rec_name = "acc_number"
    own = {
        "acc_number": char("Account Number", required=True),
        "sanitized_acc_number": char("Sanitized Account Number", readonly=True, index=True),
        "acc_type": choice("Type", ("bank", "Normal"), ("iban", "IBAN"), default="bank"),
        "acc_holder_name": char("Account Holder Name"),
        "partner_id": one("Account Holder", "res.partner", required=True, index=True),
        "bank_id": one("Bank", "res.bank"), "bank_bic": char("Bank Identifier Code"),
        "currency_id": one("Currency", "res.currency"), "company_id": one("Company", "res.company"),
        "allow_out_payment": boolean("Send Money"), "active": boolean("Active", default=True),
        "sequence": integer("Sequence", default=10),
    }
    unique = ((("sanitized_acc_number", "partner_id"),
               "The combination Account Number/Partner must be unique."),)

    def guard_trust(self, env: Env, values: Row) -> None:
        if values.get("allow_out_payment") is not None and not env.has_group(access.TRUST):
            raise UserError("You do not have the rights to trust or un-trust accounts.")

    def stored(self, env: Env, values: Row, row_id: int = 0) -> Row:
        out = super().stored(env, values, row_id)
        if "acc_number" in out:
            out["sanitized_acc_number"] = sanitized(out["acc_number"])
        return out

    @on_model
    def create(self, env: Env, vals_list: Any) -> Ids:
        for values in vals_list:
            if values.get("allow_out_payment"):
                self.guard_trust(env, values)
        return super().create(env, vals_list)

    @on_records
    def write(self, env: Env, ids: Ids, vals: Row) -> bool:
        self.check(env, "write")
        self.guard_trust(env, vals)
        for row_id in self.ids(ids):
            row = env.row(self.name, row_id)
            changed = [n for n in ("acc_number", "partner_id") if n in vals
                       and vals[n] != row.get(n)]
            if row.get("allow_out_payment") and changed and vals.get("allow_out_payment") is None:
                raise UserError("You cannot modify the account number or partner of an account "
                                "that has been trusted.")
        return super().write(env, ids, vals)


class Currency(Model):
    name, label, order = "res.currency", "Currency", "active desc, name"
    own = {
        "name": char("Currency", required=True, index=True), "symbol": char("Symbol"),
        "full_name": char("Name"), "rounding": decimal("Rounding Factor"),
        "decimal_places": integer("Decimal Places"),
        "position": choice("Symbol Position", ("after", "After Amount"),
                           ("before", "Before Amount"), default="after"),
        "active": boolean("Active", default=True),
        "rate_ids": lines("Rates", "res.currency.rate", "currency_id"),
        "rate": decimal("Current Rate", store=False,
                        compute=lambda env, row: env.sim.current_rate(env, row["id"])),
    }


class CurrencyRate(Model):
    name, label, order = "res.currency.rate", "Currency Rate", "name desc, id"
    own = {
        "name": day("Date", required=True), "rate": decimal("Technical Rate"),
        "company_rate": decimal("Unit per Company Currency", store=False,
                                compute=lambda env, row: row.get("rate")),
        "inverse_company_rate": decimal("Company Currency per Unit", store=False,
                                        compute=lambda env, row: 1 / row["rate"]),
        "currency_id": one("Currency", "res.currency", required=True, index=True),
        "company_id": one("Company", "res.company"),
    }
    unique = ((("currency_id", "name", "company_id"),
               "Only one currency rate per day allowed!"),)

    def prepare(self, env: Env, values: Row) -> Row:
        out = dict(values)
        if "name" not in out:
            out["name"] = env.today
        if "company_id" not in out:
            out["company_id"] = env.company_id
        if "company_rate" in out:  # the company's own currency has the rate 1 here
            out["rate"] = Decimal(str(out.pop("company_rate")))
        return out


class Company(Chatter):
    activities = False
    name, label, order = "res.company", "Companies", "name"
    own = {
        "name": char("Company Name", required=True), "active": boolean("Active", default=True),
        "partner_id": one("Partner", "res.partner"), "country_id": one("Country", "res.country"),
        "currency_id": one("Currency", "res.currency", required=True),
        "vat": char("Tax ID"),
        "chart_template": choice("Chart of accounts", ("generic_coa", "Generic Chart Template")),
        "parent_id": one("Parent Company", "res.company"),
        "fiscalyear_lock_date": day("Global Lock Date"), "tax_lock_date": day("Tax Lock Date"),
        "period_lock_date": day("Journals Entries Lock Date", only=OLD),
        "sale_lock_date": day("Sales Lock Date", only=NEWER),
        "purchase_lock_date": day("Purchases Lock Date", only=NEWER),
        "hard_lock_date": day("Hard Lock Date", only=NEWER),
        **{f"user_{name}": day("Effective Lock Date", store=False, only=NEWER,
                               compute=lambda env, row, name=name: row.get(name) or NO_LOCK)
           for name in ("fiscalyear_lock_date", "tax_lock_date", "sale_lock_date",
                        "purchase_lock_date", "hard_lock_date")},
        "fiscalyear_last_day": integer("Fiscalyear Last Day", default=31),
        "fiscalyear_last_month": choice("Fiscalyear Last Month",
                                        *[(str(m), str(m)) for m in range(1, 13)], default="12"),
        "tax_calculation_rounding_method": choice(
            "Tax Calculation Rounding Method", ("round_per_line", "Round per Line"),
            ("round_globally", "Round Globally"), default="round_per_line"),
        "account_sale_tax_id": one("Default Sale Tax", "account.tax"),
        "account_purchase_tax_id": one("Default Purchase Tax", "account.tax"),
        "currency_exchange_journal_id": one("Exchange Gain or Loss Journal", "account.journal"),
        "income_currency_exchange_account_id": one("Gain Exchange Rate Account",
                                                   "account.account"),
        "expense_currency_exchange_account_id": one("Loss Exchange Rate Account",
                                                    "account.account"),
        "transfer_account_id": one("Inter-Banks Transfer Account", "account.account"),
        "account_journal_payment_debit_account_id": one("Outstanding Receipts", "account.account",
                                                        only=OLD),
        "account_journal_payment_credit_account_id": one("Outstanding Payments",
                                                         "account.account", only=OLD),
    }
    lock_names = ("fiscalyear_lock_date", "period_lock_date", "tax_lock_date", "sale_lock_date",
                  "purchase_lock_date", "hard_lock_date")

    @on_records
    def write(self, env: Env, ids: Ids, vals: Row) -> bool:
        self.check(env, "write")
        for row_id in self.ids(ids):
            row = env.row(self.name, row_id)
            hard = row.get("hard_lock_date")
            if hard and "hard_lock_date" in vals and (not vals["hard_lock_date"]
                                                      or vals["hard_lock_date"] < hard):
                raise UserError("The Hard Lock Date cannot be decreased or removed.")
            lock = vals.get("fiscalyear_lock_date")
            if env.series == 17 and lock and lock != row.get("fiscalyear_lock_date"):
                self.refuse_drafts(env, row_id, lock)
        return super().write(env, ids, vals)

    def refuse_drafts(self, env: Env, company_id: int, until: str) -> None:
        rows = env.store.tables["account.move"].rows
        drafts = [i for i in env.store.find("account.move", "state", "draft")
                  if rows[i]["date"] <= until and rows[i]["company_id"] == company_id]
        if drafts:
            raise RedirectWarning("There are still unposted entries in the period you want to "
                                  "lock. You should either post or delete them.",
                                  {"res_model": "account.move", "domain": [("id", "in", drafts)]},
                                  "Show unposted entries", None)


class Group(Model):
    name, label = "res.groups", "Access Groups"
    own = {"name": char("Name", required=True), "full_name": char("Group Name")}


class User(Model):
    name, label, order = "res.users", "User", "name, login"
    own = {
        "name": char("Name"), "login": char("Login", required=True, index=True),
        "password": char("Password", store=True), "active": boolean("Active", default=True),
        "partner_id": one("Related Partner", "res.partner"), "lang": char("Language"),
        "tz": char("Timezone"), "share": boolean("Share User"), "email": char("Email"),
        "company_id": one("Company", "res.company"),
        "company_ids": many("Companies", "res.company"),
        "groups_id": many("Groups", "res.groups", only=(17, 18)),
        "group_ids": many("Groups", "res.groups", only=(19,)),
    }
    unique = ((("login",), "You can not have two users with the same login!"),)

    def prepare(self, env: Env, values: Row) -> Row:
        out = dict(values)
        out.setdefault("company_id", env.company_id)
        out.setdefault("company_ids", [(6, 0, [out["company_id"]])])
        out.setdefault("lang", "en_US")
        out.setdefault("tz", False)
        groups = access.groups_field(env)
        out.setdefault(groups, [(6, 0, [env.sim.group_id(access.USER)])])
        if not out.get("partner_id"):
            out["partner_id"] = env.model("res.partner").create(
                env.sudo(), [{"name": out.get("name") or out["login"]}])[0]
        return out

    def show(self, env: Env, row: Row, name: str, raw: bool) -> Any:
        return "********" if name == "password" else super().show(env, row, name, raw)

    @on_model
    def context_get(self, env: Env) -> Row:
        row = env.row(self.name, env.uid)
        return {"lang": row.get("lang") or "en_US", "tz": row.get("tz") or False, "uid": env.uid}

    def group_answer(self, env: Env, uid: int, xmlid: str) -> bool:
        return access.has_group(env, uid, xmlid)


class UserOld(User):
    @on_model
    def has_group(self, env: Env, group_ext_id: str) -> bool:
        return self.group_answer(env, env.uid, group_ext_id)


class UserNew(User):
    @on_records
    def has_group(self, env: Env, ids: Ids, group_ext_id: str) -> bool:
        return self.group_answer(env, self.ids(ids)[0], group_ext_id)


class ModelData(Model):
    name, label, order = "ir.model.data", "Model Data", "module, model, name"
    own = {
        "module": char("Module", required=True, index=True),
        "name": char("External Identifier", required=True),
        "model": char("Model Name", required=True), "res_id": reference_id("Record ID"),
        "noupdate": boolean("Non Updatable"),
        "complete_name": char("Complete ID", store=False, compute=lambda env, row: row["key"]),
        "reference": char("Reference", store=False, compute=lambda env, row: row["target"]),
    }
    unique = ((("key",), "You cannot have multiple records with the same external ID in the same "
                         "module!"),)

    def indexed(self) -> list[str]:
        return [*super().indexed(), "key", "target"]

    def stored(self, env: Env, values: Row, row_id: int = 0) -> Row:
        out = super().stored(env, values, row_id)
        base = {**(env.row(self.name, row_id) if row_id else {}), **out}
        out["key"] = f"{base.get('module')}.{base.get('name')}"
        out["target"] = f"{base.get('model')},{base.get('res_id')}"
        return out

    @on_model
    def check_object_reference(self, env: Env, module: str, xml_id: str,
                               raise_on_access_error: bool = False) -> list[Any]:
        target = env.sim.external(f"{module}.{xml_id}")
        # The worker's cache speaks first, even when another worker made the record since.
        if ghost := env.sim.ghost(f"{module}.{xml_id}"):
            return [ghost, False]
        if target is None:
            raise value_error(f"External ID not found in the system: {module}.{xml_id}")
        if env.model(target[0]).search(env, [("id", "=", target[1])]):
            return [target[0], target[1]]
        if raise_on_access_error:
            raise AccessError(f"Not enough access rights on the external ID {module}.{xml_id}")
        return [target[0], False]


class Parameter(Model):
    name, label, rec_name = "ir.config_parameter", "System Parameter", "key"
    own = {"key": char("Key", required=True, index=True), "value": char("Value")}

    @on_model
    def get_param(self, env: Env, key: str, default: Any = False) -> Any:
        self.check(env, "read")
        found = env.store.find(self.name, "key", key)
        return env.row(self.name, found[0])["value"] if found else default

    @on_model
    def set_param(self, env: Env, key: str, value: Any) -> Any:
        self.check(env, "write")
        found = env.store.find(self.name, "key", key)
        if found:
            old = env.row(self.name, found[0])["value"]
            self.touch(env, found[0], {"value": str(value)})
            return old
        self.insert(env, {"key": key, "value": str(value)})
        return False


class IrModel(Model):
    name, label = "ir.model", "Models"
    own = {"name": char("Model Description", required=True),
           "model": char("Model", required=True, index=True)}


class ModelAccess(Model):
    name, label = "ir.model.access", "Model Access"
    own = {"name": char("Name")}

    @on_model
    def check_access_rights(self, env: Env, operation: str, raise_exception: bool = True) -> bool:
        return super().check_access_rights(env, operation, raise_exception)


class Module(Model):
    name, label = "ir.module.module", "Module"
    own = {"name": char("Technical Name", required=True, index=True),
           "shortdesc": char("Module Name"), "latest_version": char("Installed Version"),
           "state": choice("Status", ("uninstalled", "Not Installed"), ("installed", "Installed"),
                           default="uninstalled")}


class Precision(Model):
    name, label = "decimal.precision", "Decimal Precision"
    own = {"name": char("Usage", required=True, index=True),
           "digits": integer("Digits", required=True)}

    @on_records
    def write(self, env: Env, ids: Ids, vals: Row) -> bool:
        super().write(env, ids, vals)
        return True


class Uom(Model):
    name, label = "uom.uom", "Product Unit of Measure"
    own = {"name": char("Unit", required=True), "active": boolean("Active", default=True)}


class Product(Chatter):
    name, label, order = "product.product", "Product", "default_code, name, id"
    own = {
        "name": char("Name", required=True), "default_code": char("Internal Reference", index=True),
        "barcode": char("Barcode"), "active": boolean("Active", default=True),
        "uom_id": one("Unit", "uom.uom"),
        "list_price": decimal("Sales Price"), "lst_price": decimal("Sales Price"),
        "standard_price": decimal("Cost"),
        "type": choice("Product Type", ("consu", "Goods"), ("service", "Service"),
                       default="service"),
        "sale_ok": boolean("Sales", default=True), "purchase_ok": boolean("Purchase", default=True),
        "can_be_expensed": boolean("Can be Expensed"),
        "taxes_id": many("Sales Taxes", "account.tax"),
        "supplier_taxes_id": many("Purchase Taxes", "account.tax"),
        "property_account_income_id": one("Income Account", "account.account"),
        "property_account_expense_id": one("Expense Account", "account.account"),
        "company_id": one("Company", "res.company"), "image_1920": binary("Image"),
    }

    def display_name(self, env: Env, row: Row) -> str:
        code = row.get("default_code")
        return f"[{code}] {row['name']}" if code else str(row["name"])


def models(series: int) -> list[Model]:
    user = UserOld if series == 17 else UserNew
    kinds: list[type[Model]] = [Country, Partner, Bank, PartnerBank, Currency, CurrencyRate,
                                Company, Group, user, ModelData, Parameter, IrModel, ModelAccess,
                                Module, Precision, Uom, Product]
    return [kind(series) for kind in kinds]


def guard_missing(env: Env, model: str, row_id: int) -> None:
    if row_id not in env.store.tables[model].rows:
        raise MissingError(f"Record does not exist or has been deleted.\n"
                           f"(Record: {model}({row_id},), User: {env.uid})")
