# SPDX-License-Identifier: Apache-2.0
"""Groups and who may do what with which model, after what a real server answered.

The table is data; the wording of a refusal names the groups that a series would name.
"""
from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import AccessError, access_text

if TYPE_CHECKING:
    from .env import Env
    from .orm import Model

USER = "base.group_user"
SYSTEM = "base.group_system"
RIGHTS = "base.group_erp_manager"
PARTNERS = "base.group_partner_manager"
INVOICE = "account.group_account_invoice"
READONLY = "account.group_account_readonly"
BASIC = "account.group_account_basic"
FULL = "account.group_account_user"
MANAGER = "account.group_account_manager"
TRUST = "account.group_validate_bank_account"
ANALYTIC = "analytic.group_analytic_accounting"
APPROVER = "hr_expense.group_hr_expense_team_approver"
APPROVES_ALL = "hr_expense.group_hr_expense_user"
BOT = "kontor_connector.group_kontor_bot"

# What a group brings with it.
IMPLIED: dict[str, tuple[str, ...]] = {
    SYSTEM: (RIGHTS,), RIGHTS: (USER,), PARTNERS: (), INVOICE: (USER,), READONLY: (USER,),
    BASIC: (INVOICE, READONLY), FULL: (INVOICE, READONLY, BASIC), MANAGER: (INVOICE,),
    TRUST: (), ANALYTIC: (), APPROVER: (USER,), APPROVES_ALL: (APPROVER,), USER: (),
}

# How a series names a group in a refusal.
NAMES: dict[str, tuple[str, str, str]] = {
    USER: ("User types/Internal User", "User types/Internal User", "Role / User"),
    SYSTEM: ("Administration/Settings", "Administration/Settings", "Role / Administrator"),
    RIGHTS: ("Administration/Access Rights", "Administration/Access Rights", "Access Rights"),
    PARTNERS: ("Extra Rights/Contact Creation", "Extra Rights/Contact Creation",
               "Contact / Creation"),
    INVOICE: ("Invoicing/Billing", "Invoicing/Invoicing", "Accounting/Invoicing"),
    READONLY: ("Technical/Show Accounting Features - Readonly",
               "Technical/Show Accounting Features - Readonly",
               "Show Accounting Features - Readonly"),
    BASIC: ("Technical/Basic", "Technical/Basic", "Basic"),
    FULL: ("Technical/Show Full Accounting Features", "Technical/Show Full Accounting Features",
           "Show Full Accounting Features"),
    MANAGER: ("Invoicing/Billing Administrator", "Invoicing/Administrator",
              "Accounting/Administrator"),
    TRUST: ("Technical/Validate bank account", "Technical/Validate bank account",
            "Validate bank account"),
    ANALYTIC: ("Technical/Analytic Accounting", "Technical/Analytic Accounting",
               "Analytic Accounting"),
    APPROVER: ("Expenses/Team Approver", "Expenses/Team Approver", "Expenses/Team Approver"),
    APPROVES_ALL: ("Expenses/All Approver", "Expenses/All Approver", "Expenses/All Approver"),
}
PORTAL_NAMES = ("User types/Portal", "User types/Portal", "Role / Portal")

_MOVE_READ = (INVOICE, READONLY, MANAGER, APPROVER)
_ACCOUNTING = {
    "account.move": (_MOVE_READ, (INVOICE,)),
    "account.move.line": (_MOVE_READ, (INVOICE,)),
    "account.payment": ((INVOICE, READONLY), (INVOICE,)),
    "account.payment.register": ((INVOICE,), (INVOICE,)),
    "account.move.reversal": ((INVOICE,), (INVOICE,)),
    "account.partial.reconcile": ((INVOICE, READONLY), (INVOICE,)),
    "account.full.reconcile": ((INVOICE, READONLY), (INVOICE,)),
    "account.journal": ((USER,), (MANAGER,)),
    "account.account": ((USER,), (MANAGER,)),
    "account.tax": ((USER,), (MANAGER,)),
    "account.tax.group": ((USER,), (MANAGER,)),
    "account.payment.term": ((USER,), (MANAGER,)),
    "account.payment.term.line": ((USER,), (MANAGER,)),
    "account.payment.method": ((USER,), (MANAGER,)),
    "account.payment.method.line": ((USER,), (MANAGER,)),
    "account.fiscal.position": ((USER,), (MANAGER,)),
    "account.analytic.plan": ((ANALYTIC,), (ANALYTIC, FULL)),
    "account.analytic.applicability": ((ANALYTIC,), (ANALYTIC, FULL)),
    "account.analytic.account": ((USER,), (ANALYTIC, FULL)),
    "account.lock_exception": ((INVOICE, READONLY), (MANAGER,)),
    "account.analytic.line": ((ANALYTIC, INVOICE, READONLY), (ANALYTIC, INVOICE)),
}
_OTHER = {
    "res.partner": ((USER,), (PARTNERS,)),
    "res.partner.bank": ((USER,), (PARTNERS,)),
    "res.bank": ((USER,), (PARTNERS,)),
    "res.partner.category": ((USER,), (PARTNERS,)),
    "res.company": ((USER,), (RIGHTS, MANAGER)),
    "res.currency": ((USER,), (SYSTEM, MANAGER)),
    "res.currency.rate": ((USER,), (SYSTEM, MANAGER)),
    "res.country": ((USER,), (SYSTEM,)),
    "res.users": ((USER,), (RIGHTS,)),
    "res.groups": ((USER,), (RIGHTS,)),
    "ir.model.data": ((RIGHTS,), (RIGHTS,)),
    "ir.config_parameter": ((SYSTEM,), (SYSTEM,)),
    "ir.module.module": ((USER,), (SYSTEM,)),
    "ir.model": ((USER,), (RIGHTS,)),
    "ir.model.access": ((RIGHTS,), (RIGHTS,)),
    "decimal.precision": ((SYSTEM,), (SYSTEM,)),
    "product.product": ((USER,), (SYSTEM, MANAGER)),
    "uom.uom": ((USER,), (SYSTEM,)),
}


def _rule(env: Env, model: str, operation: str) -> tuple[str, ...]:
    if model in ("account.bank.statement", "account.bank.statement.line"):
        writer = FULL if env.series == 17 else BASIC
        return (writer, READONLY, INVOICE) if operation == "read" else (writer,)
    if model == "account.journal" and env.series >= 19 and operation == "read":
        return (INVOICE, READONLY, MANAGER)
    table = _ACCOUNTING.get(model) or _OTHER.get(model)
    if table is None:
        return (USER,)
    reads, writes = table
    return reads if operation == "read" else writes


def groups_of(env: Env, uid: int) -> set[str]:
    """External ids of all groups of a user, implied ones included."""
    row = env.store.tables["res.users"].rows.get(uid)
    if row is None:
        return set()
    rows = env.store.tables["res.groups"].rows
    todo = [rows[i]["xmlid"] for i in row.get(groups_field(env)) or [] if i in rows]
    found: set[str] = set()
    while todo:
        group = todo.pop()
        if group not in found:
            found.add(group)
            todo.extend(IMPLIED.get(group, ()))
    return found


def groups_field(env: Env) -> str:
    return "group_ids" if env.series >= 19 else "groups_id"


def has_group(env: Env, uid: int, xmlid: str) -> bool:
    return xmlid in groups_of(env, uid)


def require_bot(env: Env) -> None:
    """Only the group Kontor Bot may call the addon's methods."""
    if not env.has_group(BOT):
        raise AccessError("You are not allowed to use the Kontor Connector.\n\nThis operation is "
                          "allowed for the following groups:\n\t- Kontor / Kontor Bot\n\nContact "
                          "your administrator to request access if necessary.")


def allowed(env: Env, model: str, operation: str) -> bool:
    if env.su:
        return True
    denied = env.sim.denied.get(model, ())
    if operation in denied:
        return False
    return bool(groups_of(env, env.uid).intersection(_rule(env, model, operation)))


def check(env: Env, model: Model, operation: str) -> None:
    """Raises AccessError in the words of the series when the user lacks the right."""
    if allowed(env, model.name, operation):
        return
    verb = {"read": "access", "write": "modify", "create": "create",
            "unlink": "delete"}[operation]
    column = env.series - 17
    names = [NAMES[group][column] for group in _rule(env, model.name, operation)]
    if model.name == "account.move" and operation == "read":
        names.append(PORTAL_NAMES[column])
    raise AccessError(access_text(env.series, verb, model.label, model.name, names))
