# SPDX-License-Identifier: Apache-2.0
"""What stands in Odoo, read and changed as its administrator: the tests' own eyes and hands there.

Works alike on the simulator and on a real server, over JSON-RPC. Shares no code with the service.
"""
from __future__ import annotations

import copy
import pathlib
import sys
from decimal import Decimal
from typing import Any

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "live"))

import rpc  # noqa: E402

Row = dict[str, Any]
MOVE_FIELDS = ["name", "state", "move_type", "date", "invoice_date", "invoice_date_due", "ref",
               "payment_reference", "amount_untaxed", "amount_tax", "amount_total",
               "amount_residual", "payment_state", "currency_id", "partner_id", "journal_id",
               "reversed_entry_id", "invoice_payment_term_id", "narration", "company_id"]
LINE_FIELDS = ["name", "quantity", "price_unit", "discount", "account_id", "tax_ids",
               "product_id", "analytic_distribution", "debit", "credit", "amount_currency",
               "balance", "display_type", "reconciled"]


def amount(value: Any) -> Decimal:
    """Odoo's number as it was meant: fifteen digits."""
    return Decimal(f"{float(value):.15g}")


class Eyes:
    """One administrator of the target's database."""

    def __init__(self, target: dict[str, Any]) -> None:
        self.series: str = target["series"]
        self.rpc = rpc.Odoo(target["url"], target["db"], target["admin_login"],
                            target["admin_password"])
        self._company = 0

    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """Calls as the administrator at work in these eyes' company."""
        context = {"allowed_company_ids": [self.company_id()], **kwargs.pop("context", {})}
        return self.rpc.call(model, method, *args, context=context, **kwargs)

    def company_id(self) -> int:
        """The company that is looked at: the first one, unless `of_company` chose another."""
        if not self._company:
            self._company = self.rpc.call("res.company", "search", [], order="id", limit=1)[0]
        return self._company

    def of_company(self, name: str) -> Eyes | None:
        """The same administrator in another company; None when there is no such company."""
        found = self.rpc.call("res.company", "search", [["name", "=", name]], limit=1)
        if not found:
            return None
        other = copy.copy(self)
        other._company = found[0]
        return other

    def read(self, model: str, domain: list[Any], fields: list[str], **kwargs: Any) -> list[Row]:
        return self.call(model, "search_read", domain, fields, **kwargs)

    # -- what kontor made ---------------------------------------------------------------------

    def id_of(self, external_id: str) -> int:
        """The database id behind kontor's external id; 0 when there is none."""
        rows = self.read("ir.model.data", [["module", "=", "kontor"], ["name", "=", external_id]],
                         ["model", "res_id"])
        assert len(rows) <= 1, f"{len(rows)} rows for one external id"
        return rows[0]["res_id"] if rows else 0

    def external_ids(self, model: str) -> dict[str, int]:
        """All of kontor's documents of a model: external id to database id."""
        rows = self.read("ir.model.data", [["module", "=", "kontor"], ["model", "=", model],
                                           ["name", "=like", "k1%"]], ["name", "res_id"])
        return {row["name"]: row["res_id"] for row in rows}

    def move(self, external_id: str) -> Row:
        """The entry of kontor's external id; it must be there."""
        found = self.id_of(external_id)
        assert found, f"nothing in Odoo under kontor.{external_id}"
        return self.move_by_id(found)

    def move_by_id(self, move_id: int) -> Row:
        return self.call("account.move", "read", [move_id], MOVE_FIELDS)[0]

    def moves(self, domain: list[Any]) -> list[Row]:
        return self.read("account.move", domain, MOVE_FIELDS, order="id")

    def lines(self, move_id: int, shown: bool = True) -> list[Row]:
        """The lines of an entry; `shown` leaves only those that a person typed."""
        domain: list[Any] = [["move_id", "=", move_id]]
        if shown:
            domain.append(["display_type", "=", "product"])
        return self.read("account.move.line", domain, LINE_FIELDS, order="id")

    def code_of(self, account: Any) -> str:
        """The code of an account given as a many2one value."""
        return self.call("account.account", "read", [account[0]], ["code"])[0]["code"]

    def find(self, model: str, field: str, value: Any) -> int:
        found = self.call(model, "search", [[field, "=", value]],
                          context={"active_test": False}, limit=1)
        assert found, f"no {model} with {field} = {value}"
        return found[0]

    # -- what people do -----------------------------------------------------------------------

    def register_payment(self, move_id: int, paid: str = "") -> None:
        """A person registers a payment of an invoice, in full or in part."""
        context = {"active_model": "account.move", "active_ids": [move_id]}
        values: Row = {"amount": float(paid)} if paid else {}
        wizard = self.call("account.payment.register", "create", [values], context=context)[0]
        self.call("account.payment.register", "action_create_payments", [wizard],
                  context={**context, "dont_redirect_to_payments": True})

    def write(self, model: str, record_id: int, values: Row) -> None:
        self.call(model, "write", [record_id], values)

    def delete(self, model: str, record_id: int) -> None:
        if model == "account.move":
            if self.move_by_id(record_id)["state"] != "draft":
                self.call(model, "button_draft", [record_id])
        self.call(model, "unlink", [record_id], context={"force_delete": True})

    def lock(self, last_day: str | bool) -> None:
        """Closes the books up to a day, or opens them with False."""
        self.write("res.company", self.company_id(), {"fiscalyear_lock_date": last_day})

    def post_bill(self, partner_ref: str, reference: str, day: str, price: str) -> Row:
        """A person's own bill, posted."""
        partner = self.find("res.partner", "ref", partner_ref)
        line = (0, 0, {"name": "by hand", "quantity": 1, "price_unit": float(price),
                       "tax_ids": [(6, 0, [])]})
        move = self.call("account.move", "create", [{
            "move_type": "in_invoice", "partner_id": partner, "ref": reference,
            "invoice_date": day, "date": day, "invoice_line_ids": [line]}])[0]
        self.call("account.move", "action_post", [move])
        return self.move_by_id(move)
