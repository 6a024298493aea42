# SPDX-License-Identifier: Apache-2.0
"""The wizards for registering payments and for reversals. They are not repeatable, on purpose."""
from __future__ import annotations

from decimal import Decimal
from typing import Any

from . import invoice, posting
from .env import Env, Ids, on_model, on_records
from .errors import UserError
from .fields import boolean, char, choice, day, many, monetary, one
from .money import ZERO, conversion_rate, rounded
from .moves import Move
from .orm import Model
from .payments import WRITE_OFF
from .reconcile import reconcile
from .store import Row

MOVE = "account.move"
SWAP = {"out_invoice": "out_refund", "out_refund": "out_invoice", "in_invoice": "in_refund",
        "in_refund": "in_invoice", "out_receipt": "out_refund", "in_receipt": "in_refund",
        "entry": "entry"}


class Register(Model):
    name, label, transient = "account.payment.register", "Pay", True
    own = {
        "payment_date": day("Payment Date", required=True), "amount": monetary("Amount"),
        "communication": char("Memo"), "group_payment": boolean("Group Payments"),
        "currency_id": one("Currency", "res.currency"),
        "journal_id": one("Journal", "account.journal"),
        "company_id": one("Company", "res.company"),
        "partner_bank_id": one("Recipient Bank Account", "res.partner.bank"),
        "payment_method_line_id": one("Payment Method", "account.payment.method.line"),
        "line_ids": many("Journal items", "account.move.line"),
        "payment_type": choice("Payment Type", ("outbound", "Send Money"),
                               ("inbound", "Receive Money")),
        "partner_type": choice("Partner Type", ("customer", "Customer"), ("supplier", "Vendor")),
        "partner_id": one("Customer/Vendor", "res.partner"),
        "source_amount": monetary("Amount to Pay"),
        "payment_difference": monetary("Payment Difference", store=False,
                                       compute=lambda env, row: row["source_amount"]
                                       - row["amount"]),
        "payment_difference_handling": choice("Payment Difference Handling",
                                              ("open", "Keep open"),
                                              ("reconcile", "Mark as fully paid"), default="open"),
        "writeoff_account_id": one("Difference Account", "account.account"),
        "writeoff_label": char("Journal Item Label"),
        "can_edit_wizard": boolean("Can Edit Wizard"),
        "can_group_payments": boolean("Can Group Payments"),
    }

    @on_model
    def create(self, env: Env, vals_list: Any) -> Ids:
        self.check(env, "create")
        return [self.make(env, values) for values in vals_list]

    def make(self, env: Env, values: Row) -> int:
        self.refuse_unknown(env, values)
        lines = self.open_lines(env)
        move = env.row(MOVE, lines[0]["move_id"])
        total = sum((line["amount_residual_currency"] for line in lines), ZERO)
        inbound = total > 0
        account = env.row("account.account", lines[0]["account_id"])
        kept = self.stored(env, {"payment_date": env.today, **values})
        groups = {line["move_id"] for line in lines}
        kept.setdefault("journal_id", env.sim.journal_of_type(env, "bank"))
        kept.setdefault("currency_id", move["currency_id"])
        source = abs(total)
        if kept["currency_id"] != move["currency_id"]:
            rate = conversion_rate(env, move["currency_id"], kept["currency_id"],
                                   move["company_id"], kept["payment_date"])
            source = rounded(env.row("res.currency", kept["currency_id"]), source * rate)
        row: Row = {
            "payment_type": "inbound" if inbound else "outbound", "company_id": move["company_id"],
            "partner_type": "customer" if account["account_type"] == "asset_receivable"
            else "supplier", "partner_id": lines[0]["partner_id"], "source_amount": source,
            "amount": source, "can_edit_wizard": len(groups) == 1, "group_payment": False,
            "can_group_payments": len(groups) > 1, "payment_difference_handling": "open",
            "communication": move.get("payment_reference") or move.get("ref") or move["name"],
            "line_ids": [line["id"] for line in lines], **kept}
        return self.insert(env, row)

    def open_lines(self, env: Env) -> list[Row]:
        ids = env.context.get("active_ids") or []
        if env.context.get("active_model") == "account.move.line":
            lines = [env.row("account.move.line", i) for i in ids]
        elif env.context.get("active_model") == MOVE:
            lines = [line for i in ids for line in invoice.move_lines(env, i)]
        else:
            raise UserError("The register payment wizard should only be called on account.move or "
                            "account.move.line records.")
        if any(env.row(MOVE, line["move_id"])["state"] != "posted" for line in lines):
            raise UserError("You can only register payment for posted journal entries.")
        found = [line for line in lines if not line["reconciled"] and line["amount_residual"]
                 and env.row("account.account", line["account_id"])["account_type"]
                 in ("asset_receivable", "liability_payable")]
        if not found:
            if env.series >= 19:
                raise UserError("There's nothing left to pay for the selected journal items, so no "
                                "payment registration is necessary. You've got your finances under "
                                "control like a boss!")
            raise UserError("You can't register a payment because there is nothing left to pay on "
                            "the selected journal items.")
        return found

    @on_records
    def action_create_payments(self, env: Env, ids: Ids) -> Any:
        row = env.row(self.name, self.ids(ids)[0])
        groups: dict[Any, list[Row]] = {}
        for line_id in row["line_ids"]:
            line = env.row("account.move.line", line_id)
            key = line["partner_id"] if row.get("group_payment") else line["move_id"]
            groups.setdefault(key, []).append(line)
        made = [self.pay(env, row, lines, len(groups) == 1) for lines in groups.values()]
        if env.context.get("dont_redirect_to_payments"):
            return True
        action: Row = {"name": "Payments", "type": "ir.actions.act_window",
                       "res_model": "account.payment", "context": {"create": False}}
        if len(made) == 1:
            return {**action, "view_mode": "form", "res_id": made[0]}
        return {**action, "view_mode": "tree,form" if env.series == 17 else "list,form",
                "domain": [["id", "in", made]]}

    def pay(self, env: Env, row: Row, lines: list[Row], single: bool) -> int:
        total = sum((line["amount_residual_currency"] for line in lines), ZERO)
        move = env.row(MOVE, lines[0]["move_id"])
        amount = row["amount"] if single else abs(total)
        text = row["communication"] if single else (move.get("payment_reference") or move["name"])
        values: Row = {
            "payment_type": "inbound" if total > 0 else "outbound",
            "partner_type": row["partner_type"], "partner_id": lines[0]["partner_id"],
            "amount": amount, "date": row["payment_date"], "journal_id": row["journal_id"],
            "currency_id": row["currency_id"], "ref" if env.series == 17 else "memo": text,
            "destination_account_id": lines[0]["account_id"]}
        for name in ("payment_method_line_id", "partner_bank_id"):
            if row.get(name):
                values[name] = row[name]
        if env.series >= 18:
            values["invoice_ids"] = [(6, 0, sorted({line["move_id"] for line in lines}))]
        difference = row["source_amount"] - row["amount"]
        if single and difference and row["payment_difference_handling"] == "reconcile":
            signed = difference if total > 0 else -difference
            home = invoice.company_currency(env, move)
            rate = conversion_rate(env, row["currency_id"], home["id"], move["company_id"],
                                   row["payment_date"])
            values[WRITE_OFF] = [{"account_id": row["writeoff_account_id"],
                                  "name": row.get("writeoff_label") or "Write-Off",
                                  "balance": rounded(home, signed * rate),
                                  "amount_currency": signed}]
        payments = env.model("account.payment")
        payment_id = payments.create(env, [values])[0]
        payments.action_post(env, [payment_id])  # type: ignore[attr-defined]
        payment = env.row("account.payment", payment_id)
        if payment.get("move_id"):
            counterpart = [r for r in invoice.move_lines(env, payment["move_id"])
                           if r["account_id"] == lines[0]["account_id"] and not r["reconciled"]]
            reconcile(env, [r["id"] for r in counterpart + lines])
        return payment_id


class Reversal(Model):
    name, label, transient = "account.move.reversal", "Account Move Reversal", True
    own = {
        "move_ids": many("Journal Entries", MOVE), "new_move_ids": many("New Moves", MOVE),
        "date": day("Reversal date"), "reason": char("Reason"),
        "journal_id": one("Journal", "account.journal"),
        "company_id": one("Company", "res.company"),
    }

    @on_model
    def create(self, env: Env, vals_list: Any) -> Ids:
        self.check(env, "create")
        ids = []
        for values in vals_list:
            moves = [i for c in values.get("move_ids") or [] for i in c[2]] or list(
                env.context.get("active_ids") or [])
            if any(env.row(MOVE, i)["state"] != "posted" for i in moves):
                raise UserError("You can only reverse posted moves.")
            ids.append(self.insert(env, {**self.stored(env, {k: v for k, v in values.items()
                                                             if k != "move_ids"}),
                                         "move_ids": moves}))
        return ids

    @on_records
    def reverse_moves(self, env: Env, ids: Ids, is_modify: bool = False) -> Any:
        wizard = env.row(self.name, self.ids(ids)[0])
        made = [self.reverse(env, wizard, env.row(MOVE, i)) for i in wizard["move_ids"]]
        env.store.update(self.name, wizard["id"], {"new_move_ids": made})
        action: Row = {"name": "Reverse Moves", "type": "ir.actions.act_window",
                       "res_model": MOVE}
        if len(made) == 1:
            kind = env.row(MOVE, made[0])["move_type"]
            return {**action, "view_mode": "form", "res_id": made[0],
                    "context": {"default_move_type": kind}}
        return {**action, "view_mode": "tree,form" if env.series == 17 else "list,form",
                "domain": [["id", "in", made]]}

    def reverse(self, env: Env, wizard: Row, move: Row) -> int:
        reason = wizard.get("reason")
        when = wizard.get("date") or env.today
        ref = f"Reversal of: {move['name']}" + (f", {reason}" if reason else "")
        values: Row = {"move_type": SWAP[move["move_type"]], "ref": ref, "date": when,
                       "journal_id": wizard.get("journal_id") or move["journal_id"],
                       "partner_id": move.get("partner_id"), "currency_id": move["currency_id"],
                       "reversed_entry_id": move["id"], "invoice_payment_term_id": False}
        kept = ("name", "account_id", "partner_id", "product_id", "analytic_distribution",
                "currency_id")
        if invoice.is_invoice(move):
            values.update({"invoice_date": when, "invoice_date_due": when})
            values["invoice_line_ids"] = [
                (0, 0, {**{k: line.get(k) for k in kept if k in line},
                        **{k: line[k] for k in ("quantity", "price_unit", "discount")},
                        "tax_ids": [(6, 0, line.get("tax_ids") or [])]})
                for line in invoice.move_lines(env, move["id"])
                if line["display_type"] == "product"]
        else:
            values["line_ids"] = [
                (0, 0, {**{k: line.get(k) for k in kept if k in line},
                        "balance": -Decimal(line["balance"]),
                        "amount_currency": -Decimal(line["amount_currency"])})
                for line in invoice.move_lines(env, move["id"])]
        moves = env.model(MOVE)
        assert isinstance(moves, Move)
        made = moves.create(env, [values])[0]
        if not invoice.is_invoice(move):
            posting.post(env, [made])
        return made

    @on_records
    def refund_moves(self, env: Env, ids: Ids) -> Any:
        return self.reverse_moves(env, ids)


def models(series: int) -> list[Model]:
    return [Register(series), Reversal(series)]
