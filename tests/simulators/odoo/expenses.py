# SPDX-License-Identifier: Apache-2.0
"""Employees and expenses: sheets on 17 and 18, none on 19.

An expense that looks like another one answers a wizard instead of doing (17) or besides doing
(18, 19) what was asked.
"""
from __future__ import annotations

from decimal import Decimal
from typing import Any

from . import posting
from .access import APPROVES_ALL, SYSTEM
from .catalogue import methods_of
from .env import Env, Ids, on_model, on_records
from .errors import RedirectWarning, UserError
from .fields import (
    blob,
    boolean,
    char,
    choice,
    day,
    decimal,
    lines,
    many,
    monetary,
    one,
    text,
)
from .mail import Chatter
from .money import ZERO, conversion_rate, rounded, tax_amounts
from .moves import Move
from .orm import Model
from .store import Row

MOVE = "account.move"
SHEETS = (17, 18)
MODES = (("own_account", "Employee (to reimburse)"), ("company_account", "Company"))


class Employee(Chatter):
    name, label, order = "hr.employee", "Employee", "name"
    own = {
        "name": char("Employee Name", required=True), "work_email": char("Work Email"),
        "user_id": one("User", "res.users"), "barcode": char("Badge ID"),
        "company_id": one("Company", "res.company"),
        "work_contact_id": one("Work Contact", "res.partner"),
        "active": boolean("Active", default=True),
    }

    def after_create(self, env: Env, row_id: int, values: Row) -> None:
        """A work e-mail address makes the contact who is paid."""
        row = env.row(self.name, row_id)
        if row.get("work_email") and not row.get("work_contact_id"):
            contact = env.model("res.partner").create(env.sudo(), [
                {"name": row["name"], "email": row["work_email"]}])[0]
            env.store.update(self.name, row_id, {"work_contact_id": contact})


def _tax(env: Env, row: Row) -> Decimal:
    """The tax within what was paid."""
    currency = env.row("res.currency", row["currency_id"])
    _, parts = tax_amounts(env, currency, row.get("tax_ids") or [],
                           Decimal(row["total_amount_currency"]), within=True)
    return sum((amount for _, amount in parts), ZERO)


def _home(env: Env, row: Row) -> Any:
    return env.row("res.company", row["company_id"])["currency_id"]


def require_approver(env: Env) -> None:
    if not (env.su or env.has_group(APPROVES_ALL) or env.has_group(SYSTEM)):
        raise UserError("You cannot approve:\n Your are not a Manager or HR Officer")


class Expense(Chatter):
    name, label, order = "hr.expense", "Expense", "date desc, id desc"
    own = {
        "name": char("Description", required=True),
        "employee_id": one("Employee", "hr.employee", required=True, index=True),
        "product_id": one("Category", "product.product"), "date": day("Expense Date"),
        "total_amount": monetary("Total"), "total_amount_currency": monetary("Total In Currency"),
        "tax_amount_currency": monetary("Tax amount in Currency", store=False, compute=_tax),
        "company_currency_id": one("Report Company Currency", "res.currency", store=False,
                                   compute=_home),
        "quantity": decimal("Quantity"), "price_unit": decimal("Unit Price"),
        "payment_mode": choice("Paid By", *MODES, default="own_account"),
        "currency_id": one("Currency", "res.currency"),
        "company_id": one("Company", "res.company"),
        "account_id": one("Account", "account.account"), "tax_ids": many("Taxes", "account.tax"),
        "analytic_distribution": blob("Analytic Distribution"),
        "sheet_id": one("Expense Report", "hr.expense.sheet", index=True, only=SHEETS),
        "state": choice("Status", ("draft", "To Report"), ("reported", "To Submit"),
                        ("submitted", "Submitted"), ("approved", "Approved"),
                        ("posted", "Posted"), ("in_payment", "In Payment"), ("paid", "Paid"),
                        ("done", "Done"), ("refused", "Refused"), default="draft"),
        "approval_state": choice("Approval State", ("submitted", "Submitted"),
                                 ("approved", "Approved"), ("refused", "Refused"), only=(19,)),
        "account_move_id": one("Journal Entry", MOVE, only=(19,)),
        "duplicate_expense_ids": many("Duplicates", "hr.expense", store=False,
                                      compute=lambda env, row: twins(env, row)),
        "vendor_id": one("Vendor", "res.partner", only=(18, 19)),
        "description": text("Internal Notes"),
    }

    def prepare(self, env: Env, values: Row) -> Row:
        out = dict(values)
        company = env.row("res.company", env.company_id)
        out.setdefault("company_id", company["id"])
        out.setdefault("currency_id", company["currency_id"])
        out.setdefault("date", env.today)
        amount = out.get("total_amount_currency", out.get("total_amount", 0))
        out["total_amount_currency"] = amount
        if out["currency_id"] == company["currency_id"] or not out.get("total_amount"):
            home = env.row("res.currency", company["currency_id"])
            rate = conversion_rate(env, company["currency_id"], out["currency_id"],
                                   company["id"], out["date"])
            out["total_amount"] = rounded(home, Decimal(str(amount)) / rate)
        product = env.row("product.product", out["product_id"]) if out.get("product_id") else {}
        if not out.get("account_id"):
            out["account_id"] = product.get("property_account_expense_id") or \
                env.default_account("expense")
        if "tax_ids" not in out:
            out["tax_ids"] = [(6, 0, list(product.get("supplier_taxes_id") or []))]
        return out

    # -- 19: an expense stands alone ------------------------------------------------------------

    @on_records
    def action_submit(self, env: Env, ids: Ids) -> None:
        for row_id in self.ids(ids):
            if env.row(self.name, row_id)["state"] != "draft":
                raise UserError("You can only submit expenses in draft.")
            self.touch(env, row_id, {"state": "submitted", "approval_state": "submitted"})

    @on_records
    def unlink(self, env: Env, ids: Ids) -> bool:
        if any(env.row(self.name, i)["state"] in ("approved", "posted", "paid", "done")
               for i in self.ids(ids)):
            raise UserError("You cannot delete a posted or approved expense.")
        return super().unlink(env, ids)

    @on_records
    def action_reset(self, env: Env, ids: Ids) -> None:
        for row_id in self.ids(ids):
            row = env.row(self.name, row_id)
            move = row.get("account_move_id")
            if move and env.row(MOVE, move)["state"] != "draft":
                raise UserError("You cannot reset to draft an expense linked to a posted journal "
                                "entry.")
            if move:
                env.model(MOVE).unlink(env.sudo(), [move])
            self.touch(env, row_id, {"state": "draft", "approval_state": False,
                                     "account_move_id": False})

    @on_records
    def action_approve(self, env: Env, ids: Ids) -> Any:
        require_approver(env)
        ids = self.ids(ids)
        for row_id in ids:
            if env.row(self.name, row_id)["state"] != "submitted":
                raise UserError("You can only approve submitted expenses.")
        found: set[int] = set()
        for row_id in ids:
            self.touch(env, row_id, {"state": "approved", "approval_state": "approved"})
            found.update(twins(env, env.row(self.name, row_id)))
        if found:
            return env.sim.action("duplicate_expense", {"default_expense_ids": sorted(found)})
        return None

    @on_records
    def action_refuse(self, env: Env, ids: Ids) -> Any:
        return env.sim.action("refuse_expense", "{'dialog_size': 'medium'}")

    @on_records
    def action_post(self, env: Env, ids: Ids) -> Any:
        rows = [env.row(self.name, i) for i in self.ids(ids)]
        if any(row["state"] != "approved" for row in rows):
            raise UserError("You can only post approved expenses.")
        own = [row for row in rows if row["payment_mode"] == "own_account"]
        made = []
        for row in rows:
            if row["payment_mode"] == "company_account":
                move = book_company(env, [row], row["name"])
                self.touch(env, row["id"], {"state": "paid", "account_move_id": move})
                made.append(move)
        if not own:
            return None
        wizard = env.model("hr.expense.post.wizard").insert(env, {})
        return {"type": "ir.actions.act_window", "name": "Post expenses", "view_mode": "form",
                "views": [[False, "form"]], "res_model": "hr.expense.post.wizard",
                "res_id": wizard, "target": "new",
                "context": {"company_paid_move_ids": made,
                            "active_ids": [row["id"] for row in own]}}


ONLY_19 = ("action_submit", "action_approve", "action_refuse", "action_post", "action_reset")


def twins(env: Env, row: Row) -> list[int]:
    """Expenses of the same person, product, day and amount, the asked one included."""
    rows = env.store.tables["hr.expense"].rows
    key = ("product_id", "date", "total_amount_currency", "employee_id")
    found = [i for i in env.store.find("hr.expense", "employee_id", row["employee_id"])
             if all(rows[i].get(k) == row.get(k) for k in key)]
    return found if len(found) > 1 else []


def _contact(env: Env, employee_id: int) -> int:
    employee = env.row("hr.employee", employee_id)
    if not employee.get("work_contact_id"):
        made = env.model("res.partner").create(env.sudo(), [{"name": employee["name"]}])[0]
        env.store.update("hr.employee", employee_id, {"work_contact_id": made})
    return int(env.row("hr.employee", employee_id)["work_contact_id"])


def book_own(env: Env, rows: list[Row], label: str, journal: int = 0, day: str = "",
             post: bool = True) -> int:
    """What the company owes an employee, as a purchase document in the company's currency."""
    su = env.sudo()
    moves = su.model(MOVE)
    assert isinstance(moves, Move)
    day = day or max(row["date"] for row in rows)
    move = moves.make(su, {
        "move_type": "in_receipt" if env.series >= 19 else "in_invoice",
        "journal_id": journal or su.sim.journal_of_type(su, "purchase"),
        "partner_id": _contact(env, rows[0]["employee_id"]), "invoice_date": day,
        "date": day if day <= env.today else env.today, "ref": label,
        "currency_id": env.row("res.company", rows[0]["company_id"])["currency_id"],
        "invoice_line_ids": [(0, 0, {
            "name": row["name"], "quantity": 1, "price_unit": row["total_amount"],
            "expense_id": row["id"], "product_id": row.get("product_id") or False,
            "account_id": row["account_id"], "tax_ids": [(6, 0, row.get("tax_ids") or [])],
            "analytic_distribution": row.get("analytic_distribution") or False})
            for row in rows]})
    if post:
        posting.post(su, [move])
    return move


def book_company(env: Env, rows: list[Row], label: str) -> int:
    """Posts a payment by the company's own means: expense against outstanding payments."""
    su = env.sudo()
    journal = su.sim.journal_of_type(su, "bank")
    methods = methods_of(su, journal, "outbound")
    account = su.row("account.payment.method.line", methods[0]).get("payment_account_id")
    if env.series == 18 and not account:
        journal_name = su.row("account.journal", journal)["name"]
        raise RedirectWarning("A default outstanding account must be defined in the settings for "
                              "company-paid expenses. Or specify one in the Journal for the "
                              f"Manual Payment ({journal_name}) payment method.", 333,
                              "Go to settings", None)
    account = account or su.default_account("outstanding_payments")
    total = sum((Decimal(row["total_amount"]) for row in rows), Decimal(0))
    moves = su.model(MOVE)
    assert isinstance(moves, Move)
    move = moves.make(su, {
        "move_type": "entry", "journal_id": journal, "date": rows[0]["date"], "ref": label,
        "is_payment": True, "line_ids": [
            *[(0, 0, {"name": row["name"], "account_id": row["account_id"],
                      "balance": row["total_amount"]}) for row in rows],
            (0, 0, {"name": label, "account_id": account, "balance": -total})]})
    posting.post(su, [move])
    return move


class PostWizard(Model):
    name, label, transient = "hr.expense.post.wizard", "Expense Posting Wizard", True
    own = {"employee_journal_id": one("Journal", "account.journal"),
           "accounting_date": day("Accounting Date")}

    @on_records
    def action_post_entry(self, env: Env, ids: Ids) -> Any:
        wizard = env.row(self.name, self.ids(ids)[0])
        expenses = [env.row("hr.expense", i) for i in env.context.get("active_ids") or []]
        if not expenses:
            raise UserError("There are no expenses to post.")
        move = book_own(env, expenses, expenses[0]["name"], wizard.get("employee_journal_id") or 0)
        for row in expenses:
            env.model("hr.expense").touch(env, row["id"], {"state": "posted",
                                                           "account_move_id": move})
        return {"type": "ir.actions.act_window", "res_model": MOVE, "name": expenses[0]["name"],
                "view_mode": "form", "res_id": move}


class Sheet(Chatter):
    name, label, order = "hr.expense.sheet", "Expense Report", "id desc"
    own = {
        "name": char("Expense Report", required=True),
        "employee_id": one("Employee", "hr.employee", required=True),
        "expense_line_ids": lines("Expense Lines", "hr.expense", "sheet_id"),
        "state": choice("Status", ("draft", "Draft"), ("submit", "Submitted"),
                        ("approve", "Approved"), ("post", "Posted"), ("done", "Done"),
                        ("cancel", "Refused"), default="draft"),
        "approval_state": choice("Approval State", ("submit", "Submitted"),
                                 ("approve", "Approved"), ("cancel", "Refused")),
        "payment_state": choice("Payment Status", ("not_paid", "Not Paid"), ("paid", "Paid"),
                                ("partial", "Partially Paid"), default="not_paid"),
        "total_amount": monetary("Total", store=False, compute=lambda env, row: sum(
            (r["total_amount"] for r in _expenses(env, row)), Decimal(0))),
        "account_move_ids": lines("Journal Entries", MOVE, "id",
                                  compute=lambda env, row: list(row.get("moves") or [])),
        "journal_id": one("Expense Journal", "account.journal"),
        "employee_journal_id": one("Journal", "account.journal"),
        "accounting_date": day("Accounting Date"),
        "company_id": one("Company", "res.company"),
    }

    @on_records
    def unlink(self, env: Env, ids: Ids) -> bool:
        if any(env.row(self.name, i)["state"] in ("post", "done") for i in self.ids(ids)):
            raise UserError("You cannot delete a posted or paid expense.")
        return super().unlink(env, ids)

    @on_records
    def action_reset_expense_sheets(self, env: Env, ids: Ids) -> None:
        """Back to a draft; entries that are drafts go. Posted ones are not reversed here."""
        for row_id in self.ids(ids):
            for move in env.row(self.name, row_id).get("moves") or []:
                if env.row(MOVE, move)["state"] != "draft":
                    raise UserError("reset of a posted report: not played by this simulator")
                env.model(MOVE).unlink(env.sudo(), [move])
            self.touch(env, row_id, {"state": "draft", "approval_state": False, "moves": []})

    @on_model
    def create(self, env: Env, vals_list: Any) -> Ids:
        return super().create(env, [{"company_id": env.company_id, **v} for v in vals_list])

    @on_records
    def action_submit_sheet(self, env: Env, ids: Ids) -> None:
        for row_id in self.ids(ids):
            self.touch(env, row_id, {"state": "submit", "approval_state": "submit"})

    @on_records
    def action_approve_expense_sheets(self, env: Env, ids: Ids) -> Any:
        require_approver(env)
        ids = self.ids(ids)
        mine = [r for i in ids for r in _expenses(env, env.row(self.name, i))]
        found = {t for r in mine for t in twins(env, r)
                 if t not in {m["id"] for m in mine} and _counts(env, t)}
        for row_id in ids if not found else ():
            self.approved(env, row_id)
        if found:
            return env.sim.action("duplicate_sheet", {"default_sheet_ids": ids,
                                                      "default_expense_ids": sorted(found)})
        return None

    def approved(self, env: Env, row_id: int) -> None:
        self.touch(env, row_id, {"state": "approve", "approval_state": "approve"})

    def draft(self, env: Env, row: Row) -> int:
        """The entry of what an employee paid, not yet posted."""
        return book_own(env, _expenses(env, row), row["name"],
                        row.get("employee_journal_id") or 0, row.get("accounting_date") or "",
                        post=False)

    def book(self, env: Env, ids: Ids) -> None:
        for row_id in self.ids(ids):
            row = env.row(self.name, row_id)
            if row["state"] != "approve" and env.series == 17:
                raise UserError("You can only generate accounting entry for approved expense(s).")
            rows = _expenses(env, row)
            if rows[0]["payment_mode"] == "company_account":
                move, state = book_company(env, rows, row["name"]), "done"
            else:
                made = row.get("moves") or [self.draft(env, row)]
                posting.post(env.sudo(), [i for i in made if env.row(MOVE, i)["state"] == "draft"])
                move, state = made[0], "post"
            self.touch(env, row_id, {"state": state, "moves": [move],
                                     "payment_state": "paid" if state == "done" else "not_paid"})


def _counts(env: Env, expense_id: int) -> bool:
    sheet = env.row("hr.expense", expense_id).get("sheet_id")
    return bool(sheet) and env.row("hr.expense.sheet", sheet)["state"] in ("approve", "post",
                                                                          "done")


def _expenses(env: Env, row: Row) -> list[Row]:
    rows = env.store.tables["hr.expense"].rows
    return [rows[i] for i in env.store.find("hr.expense", "sheet_id", row["id"])]


class Sheet17(Sheet):
    @on_records
    def action_sheet_move_create(self, env: Env, ids: Ids) -> None:
        self.book(env, ids)


class Sheet18(Sheet):
    def approved(self, env: Env, row_id: int) -> None:
        """18 makes the entry when it approves, as a draft."""
        super().approved(env, row_id)
        row = env.row(self.name, row_id)
        rows = _expenses(env, row)
        if rows and rows[0]["payment_mode"] == "own_account":
            self.touch(env, row_id, {"moves": [self.draft(env, row)]})

    @on_records
    def action_sheet_move_post(self, env: Env, ids: Ids) -> None:
        self.book(env, ids)


def models(series: int) -> list[Model]:
    kinds: list[type[Model]] = [Employee, Expense]
    if series >= 19:
        kinds.append(PostWizard)
    else:
        kinds.append(Sheet17 if series == 17 else Sheet18)
    return [kind(series) for kind in kinds]
