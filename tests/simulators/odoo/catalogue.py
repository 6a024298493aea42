# SPDX-License-Identifier: Apache-2.0
"""Accounting master data: accounts, journals, taxes, terms, analytic plans, methods."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import access
from .account_schema import ACCOUNT_TYPES, NEWER, OLD
from .env import Env
from .errors import UserError
from .fields import (
    boolean,
    char,
    choice,
    day,
    decimal,
    html,
    integer,
    lines,
    many,
    moment,
    monetary,
    one,
    text,
)
from .mail import Chatter
from .orm import Model
from .store import Row


class Account(Chatter):
    activities = False
    name, label, order = "account.account", "Account", "code, id"
    own = {
        "code": char("Code", required=True, index=True),
        "name": char("Account Name", required=True),
        "account_type": choice("Type", *ACCOUNT_TYPES, required=True),
        "reconcile": boolean("Allow Reconciliation"),
        "deprecated": boolean("Deprecated", only=(17, 18)),
        "active": boolean("Active", default=True, only=(19,)),
        "currency_id": one("Account Currency", "res.currency"),
        "company_id": one("Company", "res.company", only=OLD),
        "company_ids": many("Companies", "res.company", only=NEWER),
        "tax_ids": many("Default Taxes", "account.tax"), "note": text("Internal Notes"),
    }

    def prepare(self, env: Env, values: Row) -> Row:
        out = dict(values)
        if env.series == 17:
            out.setdefault("company_id", env.company_id)
        else:
            out.setdefault("company_ids", [(6, 0, [env.company_id])])
        if out.get("account_type") in ("asset_receivable", "liability_payable"):
            out["reconcile"] = True
        return out

    def getter(self, env: Env, name: str) -> Callable[[Row], Any]:
        """On 19 a search by code finds active accounts only, whatever is asked of `active`."""
        if env.series >= 19 and name == "code":
            return lambda row: row["code"] if row.get("active", True) else False
        return super().getter(env, name)

    def display_name(self, env: Env, row: Row) -> str:
        if env.series >= 19 and not env.has_group(access.READONLY):
            return str(row["name"])
        return f"{row['code']} {row['name']}"


class Journal(Chatter):
    name, label, order = "account.journal", "Journal", "sequence, type, code, id"
    own = {
        "name": char("Journal Name", required=True),
        "code": char("Short Code", required=True, index=True),
        "type": choice("Type", ("sale", "Sales"), ("purchase", "Purchase"), ("cash", "Cash"),
                       ("bank", "Bank"), ("credit", "Credit Card"), ("general", "Miscellaneous"),
                       required=True),
        "sequence": integer("Sequence", default=10), "active": boolean("Active", default=True),
        "currency_id": one("Currency", "res.currency"),
        "company_id": one("Company", "res.company", required=True),
        "default_account_id": one("Default Account", "account.account"),
        "suspense_account_id": one("Suspense Account", "account.account"),
        "profit_account_id": one("Profit Account", "account.account"),
        "loss_account_id": one("Loss Account", "account.account"),
        "bank_account_id": one("Bank Account", "res.partner.bank"),
        "restrict_mode_hash_table": boolean("Lock Posted Entries with Hash"),
        "refund_sequence": boolean("Dedicated Credit Note Sequence"),
        "payment_sequence": boolean("Dedicated Payment Sequence"),
        "invoice_reference_type": choice("Communication Type", ("none", "Open"),
                                         ("partner", "Based on Customer"),
                                         ("invoice", "Based on Invoice"), default="invoice"),
        "invoice_reference_model": choice("Communication Standard", ("odoo", "Odoo"),
                                          ("euro", "European"), default="odoo"),
        "inbound_payment_method_line_ids": lines(
            "Inbound Payment Methods", "account.payment.method.line", "journal_id",
            compute=lambda env, row: methods_of(env, row["id"], "inbound")),
        "outbound_payment_method_line_ids": lines(
            "Outbound Payment Methods", "account.payment.method.line", "journal_id",
            compute=lambda env, row: methods_of(env, row["id"], "outbound")),
    }
    unique = ((("code", "company_id"), "Journal codes must be unique per company."),)

    def __init__(self, series: int) -> None:
        super().__init__(series)
        if series >= 19:
            self.fields["code"].string = "Sequence Prefix"

    def prepare(self, env: Env, values: Row) -> Row:
        out = dict(values)
        out.setdefault("company_id", env.company_id)
        kind = out.get("type")
        out.setdefault("refund_sequence", kind in ("sale", "purchase"))
        out.setdefault("payment_sequence", kind in ("bank", "cash", "credit"))
        if kind in ("bank", "cash", "credit") and not out.get("suspense_account_id"):
            out["suspense_account_id"] = env.default_account("suspense")
        return out

    def after_create(self, env: Env, row_id: int, values: Row) -> None:
        if values.get("type") in ("bank", "cash", "credit") and \
                not env.store.find("account.payment.method.line", "journal_id", row_id):
            label = "Manual" if env.series == 17 else "Manual Payment"
            for kind in ("inbound", "outbound"):
                env.model("account.payment.method.line").insert(env, {
                    "name": label, "code": "manual", "payment_type": kind, "journal_id": row_id})


def methods_of(env: Env, journal_id: int, kind: str) -> list[int]:
    rows = env.store.tables["account.payment.method.line"].rows
    return [i for i in env.store.find("account.payment.method.line", "journal_id", journal_id)
            if rows[i]["payment_type"] == kind]


class MethodLine(Model):
    name, label = "account.payment.method.line", "Payment Methods"
    own = {
        "name": char("Name"), "code": char("Code"), "sequence": integer("Sequence", default=10),
        "payment_type": choice("Payment Type", ("inbound", "Inbound"), ("outbound", "Outbound")),
        "journal_id": one("Journal", "account.journal", index=True),
        "payment_account_id": one("Outstanding Account", "account.account"),
    }

    def display_name(self, env: Env, row: Row) -> str:
        if env.series == 17 or not row.get("journal_id"):
            return str(row["name"])
        return f"{row['name']} ({env.row('account.journal', row['journal_id'])['name']})"


class TaxGroup(Model):
    name, label = "account.tax.group", "Tax Group"
    own = {"name": char("Name", required=True), "sequence": integer("Sequence", default=10)}


class Tax(Chatter):
    activities = False
    name, label, order = "account.tax", "Tax", "sequence, id"
    own = {
        "name": char("Tax Name", required=True),
        "description": html("Description", only=NEWER),
        "amount": decimal("Amount", required=True), "sequence": integer("Sequence", default=1),
        "amount_type": choice("Tax Computation", ("percent", "Percentage of Price"),
                              ("fixed", "Fixed"), ("group", "Group of Taxes"),
                              ("division", "Percentage of Price Tax Included"),
                              default="percent", required=True),
        "type_tax_use": choice("Tax Type", ("sale", "Sales"), ("purchase", "Purchases"),
                               ("none", "None"), default="sale", required=True),
        "price_include": boolean("Included in Price"), "active": boolean("Active", default=True),
        "include_base_amount": boolean("Affect Base of Subsequent Taxes"),
        "tax_group_id": one("Tax Group", "account.tax.group"),
        "company_id": one("Company", "res.company", required=True),
        "country_id": one("Country", "res.country"),
        "account_id": one("Tax Account", "account.account", internal=True),
    }

    def prepare(self, env: Env, values: Row) -> Row:
        out = dict(values)
        out.setdefault("company_id", env.company_id)
        if not out.get("account_id"):
            side = "tax_received" if out.get("type_tax_use", "sale") == "sale" else "tax_paid"
            out["account_id"] = env.default_account(side)
        return out


class Term(Model):
    name, label, order = "account.payment.term", "Payment Terms", "sequence, id"
    own = {
        "name": char("Payment Terms", required=True), "active": boolean("Active", default=True),
        "note": char("Description on the Invoice"), "sequence": integer("Sequence", default=10),
        "company_id": one("Company", "res.company"),
        "line_ids": lines("Terms", "account.payment.term.line", "payment_id"),
        "early_discount": boolean("Early Discount"),
    }


class TermLine(Model):
    name, label = "account.payment.term.line", "Payment Terms Line"
    own = {
        "payment_id": one("Payment Terms", "account.payment.term", required=True, index=True),
        "value": choice("Value", ("percent", "Percent"), ("fixed", "Fixed"), default="percent"),
        "value_amount": decimal("Due", digits="Payment Terms"), "nb_days": integer("Days"),
        "delay_type": choice("Delay Type", ("days_after", "Days after invoice date"),
                             ("days_after_end_of_month", "Days after end of month"),
                             ("days_after_end_of_next_month", "Days after end of next month"),
                             default="days_after"),
    }


class FiscalPosition(Model):
    name, label = "account.fiscal.position", "Fiscal Position"
    own = {"name": char("Fiscal Position", required=True),
           "company_id": one("Company", "res.company"),
           "active": boolean("Active", default=True)}


class AnalyticPlan(Model):
    name, label = "account.analytic.plan", "Analytic Plans"
    own = {
        "name": char("Name", required=True), "parent_id": one("Parent", "account.analytic.plan"),
        "default_applicability": choice("Default Applicability", ("optional", "Optional"),
                                        ("mandatory", "Mandatory"),
                                        ("unavailable", "Unavailable"), default="optional"),
        "company_id": one("Company", "res.company"),
    }


class Applicability(Model):
    """Where a plan is asked for: the fitting rule with the most conditions decides."""
    name, label, rec_name = ("account.analytic.applicability",
                             "Analytic Plan's Applicabilities", "id")
    own = {
        "analytic_plan_id": one("Analytic Plan", "account.analytic.plan", index=True),
        "business_domain": choice("Domain", ("general", "Miscellaneous"), ("invoice", "Invoice"),
                                  ("bill", "Vendor Bill"), required=True),
        "applicability": choice("Applicability", ("optional", "Optional"),
                                ("mandatory", "Mandatory"), ("unavailable", "Unavailable"),
                                required=True),
        "account_prefix": char("Financial Accounts Prefix"),
        "product_categ_id": one("Product Category", "product.category"),
        "company_id": one("Company", "res.company"),
    }

    def prepare(self, env: Env, values: Row) -> Row:
        return {"company_id": env.company_id, **values}


def applicability(env: Env, plan: Row, domain: str, code: str, company_id: int) -> str:
    """mandatory, optional or unavailable, for a line of a document of that domain."""
    best, found = 0.0, str(plan.get("default_applicability") or "optional")
    rows = env.store.tables["account.analytic.applicability"].rows
    for rule_id in env.store.find("account.analytic.applicability", "analytic_plan_id",
                                  plan["id"]):
        rule = rows[rule_id]
        owner, prefix = rule.get("company_id"), rule.get("account_prefix")
        if rule["business_domain"] != domain or owner not in (False, None, company_id) or \
                rule.get("product_categ_id") or (prefix and not code.startswith(prefix)):
            continue
        score = 1 + (0.5 if owner else 0) + (1 if prefix else 0)
        if score > best:
            best, found = score, str(rule["applicability"])
    return found


class AnalyticAccount(Chatter):
    activities = False
    name, label, order = "account.analytic.account", "Analytic Account", "plan_id, name, id"
    own = {
        "name": char("Analytic Account", required=True), "code": char("Reference", index=True),
        "plan_id": one("Plan", "account.analytic.plan", required=True, index=True),
        "root_plan_id": one("Root Plan", "account.analytic.plan", store=False,
                            compute=lambda env, row: row.get("plan_id")),
        "partner_id": one("Customer", "res.partner"), "active": boolean("Active", default=True),
        "company_id": one("Company", "res.company"),
    }

    def display_name(self, env: Env, row: Row) -> str:
        return f"[{row['code']}] {row['name']}" if row.get("code") else str(row["name"])


class LockException(Model):
    name, label = "account.lock_exception", "Account Lock Exception"
    own = {
        "company_id": one("Company", "res.company", required=True, index=True),
        "user_id": one("User", "res.users"), "reason": char("Reason"),
        "end_datetime": moment("End Date"), "active": boolean("Active", default=True),
        "lock_date_field": choice("Lock Date Field",
                                  ("fiscalyear_lock_date", "Global Lock Date"),
                                  ("tax_lock_date", "Tax Lock Date"),
                                  ("sale_lock_date", "Sales Lock Date"),
                                  ("purchase_lock_date", "Purchase Lock Date")),
        "lock_date": day("Lock Date"),
    }


class PartialReconcile(Model):
    name, label = "account.partial.reconcile", "Partial Reconcile"
    own = {
        "debit_move_id": one("Debit Move", "account.move.line", required=True, index=True),
        "credit_move_id": one("Credit Move", "account.move.line", required=True, index=True),
        "full_reconcile_id": one("Full Reconcile", "account.full.reconcile", index=True),
        "exchange_move_id": one("Exchange Move", "account.move", index=True),
        "amount": monetary("Amount"),
        "debit_amount_currency": monetary("Debit Amount Currency"),
        "credit_amount_currency": monetary("Credit Amount Currency"), "max_date": day("Max Date"),
        "company_id": one("Company", "res.company"),
    }

    def create(self, env: Env, vals_list: Any) -> list[int]:  # type: ignore[override]
        raise UserError("Matching is made by reconciling journal items.")


class FullReconcile(Model):
    name, label, rec_name = "account.full.reconcile", "Full Reconcile", "id"
    own = {"partial_reconcile_ids": lines("Reconciliation Parts", "account.partial.reconcile",
                                          "full_reconcile_id")}


def models(series: int) -> list[Model]:
    kinds: list[type[Model]] = [Account, Journal, MethodLine, TaxGroup, Tax, Term, TermLine,
                                FiscalPosition, AnalyticPlan, Applicability, AnalyticAccount,
                                PartialReconcile, FullReconcile]
    if series >= 18:
        kinds.append(LockException)
    return [kind(series) for kind in kinds]
