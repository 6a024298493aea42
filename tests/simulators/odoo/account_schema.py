# SPDX-License-Identifier: Apache-2.0
"""Fields of the accounting documents, as data; behaviour is in moves.py, payments.py and others.

Fields that read through a relation are computed at each read.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .fields import (
    Field,
    blob,
    boolean,
    char,
    choice,
    day,
    decimal,
    html,
    integer,
    lines,
    many,
    monetary,
    one,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from .env import Env
    from .store import Row

OLD, NEWER = (17,), (18, 19)
MOVE_TYPES = (("entry", "Journal Entry"), ("out_invoice", "Customer Invoice"),
              ("out_refund", "Customer Credit Note"), ("in_invoice", "Vendor Bill"),
              ("in_refund", "Vendor Credit Note"), ("out_receipt", "Sales Receipt"),
              ("in_receipt", "Purchase Receipt"))
MOVE_STATES = (("draft", "Draft"), ("posted", "Posted"), ("cancel", "Cancelled"))
PAYMENT_STATES = (("not_paid", "Not Paid"), ("in_payment", "In Payment"), ("paid", "Paid"),
                  ("partial", "Partially Paid"), ("reversed", "Reversed"),
                  ("blocked", "Blocked"), ("invoicing_legacy", "Invoicing App Legacy"))
DISPLAY_TYPES = (("product", "Product"), ("cogs", "Cost of Goods Sold"), ("tax", "Tax"),
                 ("discount", "Discount"), ("rounding", "Rounding"),
                 ("payment_term", "Payment Term"), ("line_section", "Section"),
                 ("line_subsection", "Subsection"), ("line_note", "Note"),
                 ("epd", "Early Payment Discount"),
                 ("non_deductible_product", "Non-deductible"))
ACCOUNT_TYPES = (
    ("asset_receivable", "Receivable"), ("asset_cash", "Bank and Cash"),
    ("asset_current", "Current Assets"), ("asset_non_current", "Non-current Assets"),
    ("asset_prepayments", "Prepayments"), ("asset_fixed", "Fixed Assets"),
    ("liability_payable", "Payable"), ("liability_credit_card", "Credit Card"),
    ("liability_current", "Current Liabilities"),
    ("liability_non_current", "Non-current Liabilities"), ("equity", "Equity"),
    ("equity_unaffected", "Current Year Earnings"), ("income", "Income"),
    ("income_other", "Other Income"), ("expense", "Expenses"),
    ("expense_depreciation", "Depreciation"), ("expense_direct_cost", "Cost of Revenue"),
    ("off_balance", "Off-Balance Sheet"))
SHOWN_ON_INVOICE = ("product", "line_section", "line_subsection", "line_note")


def through(model: str, link: str, name: str) -> Callable[[Env, Row], Any]:
    """Reads a field of the record that a many2one points to."""
    def compute(env: Env, row: Row) -> Any:
        found = row.get(link)
        if not found:
            return False
        return env.model(model).value(env, env.row(model, found), name)
    return compute


def of_move(name: str) -> Callable[[Env, Row], Any]:
    return through("account.move", "move_id", name)


def _company_currency(env: Env, row: Row) -> Any:
    return env.row("res.company", row["company_id"])["currency_id"]


def _invoice_lines(env: Env, row: Row) -> list[int]:
    rows = env.store.tables["account.move.line"].rows
    return [i for i in env.store.find("account.move.line", "move_id", row["id"])
            if rows[i]["display_type"] in SHOWN_ON_INVOICE]


def _access_url(env: Env, row: Row) -> str:
    return "#" if row["move_type"] == "entry" else f"/my/invoices/{row['id']}"


def _term_balance(sign: int) -> Callable[[Env, Row], Any]:
    def compute(env: Env, row: Row) -> Any:
        rows = env.store.tables["account.move.line"].rows
        found = [rows[i] for i in env.store.find("account.move.line", "move_id", row["id"])]
        if row["move_type"] == "entry":
            return abs(sum(r["balance"] for r in found if r["debit"]))
        picked = [r for r in found if r["display_type"] == "payment_term"]
        return sign * sum(r["balance"] for r in picked)
    return compute


def _reversals(env: Env, row: Row) -> list[int]:
    return env.store.find("account.move", "reversed_entry_id", row["id"])


def _statement_line(env: Env, row: Row) -> Any:
    found = env.store.find("account.bank.statement.line", "move_id", row["id"])
    return found[0] if found else False


def _payment_of(env: Env, row: Row) -> Any:
    found = env.store.find("account.payment", "move_id", row["id"])
    return found[0] if found else False


def _matched_payments(env: Env, row: Row) -> list[int]:
    return list(env.sim.payments_linked(row["id"]))


def _duplicates(env: Env, row: Row) -> list[int]:
    if not row.get("ref") or row["move_type"] not in ("in_invoice", "in_refund"):
        return []
    rows = env.store.tables["account.move"].rows
    return [i for i in env.store.find("account.move", "ref", row["ref"])
            if i != row["id"] and rows[i]["move_type"] == row["move_type"]
            and rows[i].get("partner_id") == row.get("partner_id")
            and rows[i]["state"] != "cancel"]


MOVE: dict[str, Field] = {
    "name": char("Number", index=True), "ref": char("Reference", index=True),
    "date": day("Date", required=True),
    "state": choice("Status", *MOVE_STATES, required=True, readonly=True, index=True),
    "move_type": choice("Type", *MOVE_TYPES, required=True, index=True),
    "journal_id": one("Journal", "account.journal", required=True, index=True),
    "company_id": one("Company", "res.company"),
    "company_currency_id": one("Company Currency", "res.currency", store=False,
                               compute=_company_currency),
    "currency_id": one("Currency", "res.currency", required=True),
    "partner_id": one("Partner", "res.partner", index=True),
    "commercial_partner_id": one("Commercial Entity", "res.partner"),
    "partner_bank_id": one("Recipient Bank", "res.partner.bank"),
    "invoice_date": day("Invoice/Bill Date"), "invoice_date_due": day("Due Date"),
    "invoice_payment_term_id": one("Payment Terms", "account.payment.term"),
    "payment_reference": char("Payment Reference"), "invoice_origin": char("Origin"),
    "narration": html("Terms and Conditions"),
    "invoice_user_id": one("Salesperson", "res.users"),
    "fiscal_position_id": one("Fiscal Position", "account.fiscal.position"),
    "line_ids": lines("Journal Items", "account.move.line", "move_id"),
    "invoice_line_ids": lines("Invoice lines", "account.move.line", "move_id", store=False,
                              compute=_invoice_lines),
    "amount_untaxed": monetary("Untaxed Amount", readonly=True),
    "amount_tax": monetary("Tax", readonly=True),
    "amount_total": monetary("Total", readonly=True),
    "amount_residual": monetary("Amount Due", readonly=True),
    "amount_total_signed": monetary("Total Signed", readonly=True, compute=_term_balance(1)),
    "amount_residual_signed": monetary("Amount Due Signed", readonly=True),
    "payment_state": choice("Payment Status", *PAYMENT_STATES, readonly=True),
    "reversed_entry_id": one("Reversal of", "account.move", index=True),
    "reversal_move_id": lines("Reversal Move", "account.move", "reversed_entry_id", only=OLD,
                              compute=_reversals),
    "reversal_move_ids": lines("Reversal Moves", "account.move", "reversed_entry_id", only=NEWER,
                               compute=_reversals),
    "posted_before": boolean("Posted Before"),
    "auto_post": choice("Auto-post", ("no", "No"), ("at_date", "At Date"), ("monthly", "Monthly"),
                        default="no", required=True),
    "statement_line_id": one("Statement Line", "account.bank.statement.line", store=False,
                             compute=_statement_line),
    "payment_id": one("Payment", "account.payment", only=OLD, store=False, compute=_payment_of),
    "origin_payment_id": one("Payment", "account.payment", only=NEWER, store=False,
                             compute=_payment_of),
    "matched_payment_ids": many("Matched Payments", "account.payment", only=NEWER, store=False,
                                compute=_matched_payments),
    "invoice_currency_rate": decimal("Currency Rate", only=NEWER),
    "duplicated_ref_ids": many("Duplicated Ref", "account.move", store=False,
                               compute=_duplicates),
    "access_url": char("Portal Access URL", store=False, compute=_access_url),
    "sequence_prefix": char("Sequence Prefix"), "sequence_number": integer("Sequence Number"),
    "inalterable_hash": char("Inalterability Hash", readonly=True),
    "to_check": boolean("To Check", only=OLD), "checked": boolean("Checked", only=NEWER),
    "delivery_date": day("Delivery Date"),
    "expense_sheet_id": one("Expense Report", "hr.expense.sheet", only=(17, 18)),
    "expense_ids": lines("Expenses", "hr.expense", "account_move_id", only=(19,)),
}

LINE: dict[str, Field] = {
    "move_id": one("Journal Entry", "account.move", required=True, index=True),
    "name": char("Label"), "sequence": integer("Sequence"),
    "account_id": one("Account", "account.account", index=True),
    "partner_id": one("Partner", "res.partner", index=True),
    "currency_id": one("Currency", "res.currency", required=True),
    "company_id": one("Company", "res.company", store=False, compute=of_move("company_id")),
    "company_currency_id": one("Company Currency", "res.currency", store=False,
                               compute=of_move("company_currency_id")),
    "move_name": char("Number", store=False, compute=of_move("name")),
    "parent_state": choice("Status", *MOVE_STATES, store=False, compute=of_move("state")),
    "date": day("Date", store=False, compute=of_move("date")),
    "ref": char("Reference", store=False, compute=of_move("ref")),
    "journal_id": one("Journal", "account.journal", store=False, compute=of_move("journal_id")),
    "move_type": choice("Type", *MOVE_TYPES, store=False, compute=of_move("move_type")),
    "account_type": choice("Internal Type", *ACCOUNT_TYPES, store=False,
                           compute=through("account.account", "account_id", "account_type")),
    "display_type": choice("Display Type", *DISPLAY_TYPES, required=True),
    "product_id": one("Product", "product.product"), "product_uom_id": one("Unit", "uom.uom"),
    "quantity": decimal("Quantity", digits="Product Unit of Measure"),
    "price_unit": decimal("Unit Price", digits="Product Price", digits_only=(17, 18)),
    "discount": decimal("Discount (%)", digits="Discount"),
    "price_subtotal": monetary("Subtotal", readonly=True),
    "price_total": monetary("Total", readonly=True),
    "debit": monetary("Debit"), "credit": monetary("Credit"), "balance": monetary("Balance"),
    "amount_currency": monetary("Amount in Currency"),
    "amount_residual": monetary("Residual Amount", readonly=True),
    "amount_residual_currency": monetary("Residual Amount in Currency", readonly=True),
    "reconciled": boolean("Reconciled", readonly=True),
    "full_reconcile_id": one("Matching", "account.full.reconcile", readonly=True),
    "matching_number": char("Matching #", readonly=True),
    "matched_debit_ids": lines("Matched Debits", "account.partial.reconcile", "credit_move_id"),
    "matched_credit_ids": lines("Matched Credits", "account.partial.reconcile", "debit_move_id"),
    "tax_ids": many("Taxes", "account.tax"), "tax_line_id": one("Originator Tax", "account.tax"),
    "tax_base_amount": monetary("Base Amount"),
    "date_maturity": day("Due Date"), "analytic_distribution": blob("Analytic Distribution"),
    "payment_id": one("Originator Payment", "account.payment", index=True),
    "statement_line_id": one("Statement Line", "account.bank.statement.line", store=False,
                             compute=of_move("statement_line_id")),
    "deductible_amount": decimal("Deductibility", only=(19,)),
    "expense_id": one("Expense", "hr.expense"),
}


def _invoices(kinds: tuple[str, ...]) -> Callable[[Env, Row], list[int]]:
    def compute(env: Env, row: Row) -> list[int]:
        from .payments import reconciled_documents
        return reconciled_documents(env, row, kinds)
    return compute


PAYMENT_STATUS_OLD = MOVE_STATES
PAYMENT_STATUS_NEW = (("draft", "Draft"), ("in_process", "In Process"), ("paid", "Paid"),
                      ("canceled", "Canceled"), ("rejected", "Rejected"))

PAYMENT: dict[str, Field] = {
    "payment_type": choice("Payment Type", ("outbound", "Send"), ("inbound", "Receive"),
                           required=True),
    "partner_type": choice("Partner Type", ("customer", "Customer"), ("supplier", "Vendor"),
                           required=True),
    "partner_id": one("Customer/Vendor", "res.partner", index=True),
    "amount": monetary("Amount"), "currency_id": one("Currency", "res.currency"),
    "journal_id": one("Journal", "account.journal", required=True, index=True),
    "company_id": one("Company", "res.company"),
    "partner_bank_id": one("Recipient Bank Account", "res.partner.bank"),
    "payment_method_line_id": one("Payment Method", "account.payment.method.line"),
    "payment_method_code": char("Code", store=False, compute=through(
        "account.payment.method.line", "payment_method_line_id", "code")),
    "outstanding_account_id": one("Outstanding Account", "account.account"),
    "destination_account_id": one("Destination Account", "account.account"),
    "payment_reference": char("Payment Reference"),
    "is_sent": boolean("Is Sent", only=NEWER),
    "is_move_sent": boolean("Is Move Sent", only=OLD),
    "move_id": one("Journal Entry", "account.move", index=True),
    "require_partner_bank_account": boolean("Require Partner Bank Account", store=False,
                                            compute=lambda env, row: env.sim.requires_bank),
    "is_internal_transfer": boolean("Internal Transfer", only=OLD),
    "reconciled_invoice_ids": many("Reconciled Invoices", "account.move", store=False,
                                   compute=_invoices(("out_invoice", "out_refund"))),
    "reconciled_bill_ids": many("Reconciled Bills", "account.move", store=False,
                                compute=_invoices(("in_invoice", "in_refund"))),
    "reconciled_invoices_count": integer("# Reconciled Invoices", store=False,
                                         compute=lambda env, row: len(
                                             _invoices(("out_invoice", "out_refund"))(env, row))),
}
