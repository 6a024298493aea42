# SPDX-License-Identifier: LGPL-3.0-or-later
"""Which fields kontor may set, by kind of document. What stands here is the whole list.

Plain data. A field that a series does not have is not allowed on that series.
"""

from dataclasses import dataclass, field

INVOICE_LINE = frozenset(
    {
        "account_id",
        "analytic_distribution",
        "deferred_end_date",
        "deferred_start_date",
        "discount",
        "display_type",
        "name",
        "price_unit",
        "product_id",
        "product_uom_id",
        "quantity",
        "sequence",
        "tax_ids",
    }
)
ENTRY_LINE = frozenset(
    {
        "account_id",
        "amount_currency",
        "analytic_distribution",
        "credit",
        "currency_id",
        "date_maturity",
        "debit",
        "name",
        "partner_id",
        "sequence",
        "tax_ids",
    }
)
MOVE = frozenset(
    {
        "currency_id",
        "date",
        "delivery_date",
        "fiscal_position_id",
        "invoice_currency_rate",
        "invoice_date",
        "invoice_date_due",
        "invoice_line_ids",
        "invoice_origin",
        "invoice_payment_term_id",
        "journal_id",
        "line_ids",
        "move_type",
        "narration",
        "partner_bank_id",
        "partner_id",
        "partner_shipping_id",
        "payment_reference",
        "ref",
        "reversed_entry_id",
    }
)
PAYMENT = frozenset(
    {
        "amount",
        "currency_id",
        "date",
        "journal_id",
        "memo",
        "partner_bank_id",
        "partner_id",
        "partner_type",
        "payment_method_line_id",
        "payment_reference",
        "payment_type",
        "ref",
    }
)
STATEMENT_LINE = frozenset(
    {
        "account_number",
        "amount",
        "amount_currency",
        "counterpart_account_id",
        "date",
        "foreign_currency_id",
        "journal_id",
        "narration",
        "partner_id",
        "partner_name",
        "payment_ref",
        "ref",
        "sequence",
        "transaction_type",
    }
)
PARTNER = frozenset(
    {
        "bank_ids",
        "city",
        "company_id",
        "company_registry",
        "country_id",
        "email",
        "is_company",
        "lang",
        "mobile",
        "name",
        "parent_id",
        "phone",
        "property_account_payable_id",
        "property_account_position_id",
        "property_account_receivable_id",
        "property_payment_term_id",
        "property_supplier_payment_term_id",
        "ref",
        "state_id",
        "street",
        "street2",
        "type",
        "vat",
        "website",
        "zip",
    }
)
BANK_ACCOUNT = frozenset({"acc_holder_name", "acc_number", "bank_id", "currency_id", "key"})


@dataclass(frozen=True)
class Kind:
    """One kind of document: Odoo's model, the fields allowed, those of its lines.

    `links` are values that are no fields of the model but ids of records: name → model. `posts`:
    it can be posted; `posts_always`: Odoo posts it as it is created.
    """

    model: str
    fields: frozenset
    lines: dict = field(default_factory=dict)
    links: dict = field(default_factory=dict)
    one_journal: bool = False
    posts: bool = False
    posts_always: bool = False


KINDS = {
    "partner": Kind("res.partner", PARTNER, {"bank_ids": BANK_ACCOUNT}),
    "move": Kind(
        "account.move",
        MOVE,
        {"invoice_line_ids": INVOICE_LINE, "line_ids": ENTRY_LINE},
        one_journal=True,
        posts=True,
    ),
    "payment": Kind("account.payment", PAYMENT, one_journal=True, posts=True),
    "statement_line": Kind(
        "account.bank.statement.line",
        STATEMENT_LINE,
        links={"counterpart_account_id": "account.account"},
        one_journal=True,
        posts_always=True,
    ),
    "reconciliation": Kind(
        "account.move",
        frozenset({"move_id", "payment_move_id"}),
        links={"move_id": "account.move", "payment_move_id": "account.move"},
    ),
}
