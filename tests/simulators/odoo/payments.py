# SPDX-License-Identifier: Apache-2.0
"""account.payment and the register wizard.

On 17 a payment is a journal entry; on 18 and 19 the entry is made at posting, and a payment that
lost its outstanding account gets none.
"""
from __future__ import annotations

from typing import Any

from . import invoice, numbering, posting
from .account_schema import PAYMENT, PAYMENT_STATUS_NEW, PAYMENT_STATUS_OLD, through
from .catalogue import methods_of
from .env import Env, Ids, on_model, on_records
from .errors import UserError
from .fields import boolean, char, choice, day, many
from .mail import Chatter
from .models_base import commercial
from .money import ZERO, conversion_rate, number_text, rounded
from .moves import Move
from .orm import Model
from .store import Row

MOVE = "account.move"
LINK = "sim.link"
# The key under which the register wizard hands over its write-off items.
WRITE_OFF = "__write_off"
RESETS_ACCOUNT = ("payment_type", "journal_id", "payment_method_line_id")


def _move_field(name: str) -> Any:
    return through(MOVE, "move_id", name)


class Payment(Chatter):
    name, label, order = "account.payment", "Payments", "date desc, name desc, id desc"

    def guard_trust(self, env: Env, row: Row) -> None:
        if env.sim.requires_bank and row["payment_type"] == "outbound":
            bank = row.get("partner_bank_id")
            if not bank or not env.row("res.partner.bank", bank).get("allow_out_payment"):
                method = env.row("account.payment.method.line", row["payment_method_line_id"])
                raise UserError(f"To record payments with {method['name']}, the recipient bank "
                                "account must be manually validated. You should go on the partner "
                                "bank account in order to validate it.")

    def complete(self, env: Env, row: Row) -> Row:
        """Journal, method, accounts and bank account that a payment takes by default."""
        out = dict(row)
        if not out.get("journal_id"):
            out["journal_id"] = env.sim.journal_of_type(env, "bank")
        journal = env.row("account.journal", out["journal_id"])
        company = env.row("res.company", journal["company_id"])
        out["company_id"] = company["id"]
        out["currency_id"] = out.get("currency_id") or journal.get("currency_id") or \
            company["currency_id"]
        if not out.get("payment_method_line_id"):
            found = methods_of(env, journal["id"], out["payment_type"])
            out["payment_method_line_id"] = found[0] if found else False
        partner = out.get("partner_id")
        if not out.get("destination_account_id"):
            customer = out["partner_type"] == "customer"
            field = "property_account_receivable_id" if customer else "property_account_payable_id"
            own = env.row("res.partner", partner).get(field) if partner else False
            out["destination_account_id"] = env.if_of_company(own, company["id"]) or \
                env.default_account("receivable" if customer else "payable", company["id"])
        if "partner_bank_id" not in out:
            out["partner_bank_id"] = self.bank_of(env, out, journal)
        if not out.get("outstanding_account_id"):
            out["outstanding_account_id"] = self.outstanding(env, out)
        return out

    def bank_of(self, env: Env, row: Row, journal: Row) -> Any:
        if row["payment_type"] == "inbound":
            return journal.get("bank_account_id") or False
        owner = commercial(env, row.get("partner_id"))
        rows = env.store.tables["res.partner.bank"].rows
        found = [i for i in env.store.find("res.partner.bank", "partner_id", owner)
                 if rows[i].get("active", True)]
        return found[0] if found else False

    def outstanding(self, env: Env, row: Row) -> Any:
        method = row.get("payment_method_line_id")
        own = env.row("account.payment.method.line", method).get("payment_account_id") \
            if method else False
        role = "outstanding_receipts" if row["payment_type"] == "inbound" \
            else "outstanding_payments"
        return own or env.default_account(role, row["company_id"])

    def items(self, env: Env, row: Row, extra: list[Row]) -> list[Any]:
        """The journal items of a payment: liquidity, counterpart, write-off."""
        company = env.row("res.company", row["company_id"])
        home = env.row("res.currency", company["currency_id"])
        amount = row["amount"] if row["payment_type"] == "inbound" else -row["amount"]
        rate = conversion_rate(env, row["currency_id"], home["id"], company["id"], row["date"])
        balance = rounded(home, amount * rate)
        off = sum((line["balance"] for line in extra), ZERO)
        off_currency = sum((line["amount_currency"] for line in extra), ZERO)
        label = self.item_label(env, row)
        common = {"name": label, "partner_id": row.get("partner_id"), "payment_id": row["id"],
                  "currency_id": row["currency_id"], "date_maturity": row["date"]}
        return [(0, 0, {**common, "account_id": row["outstanding_account_id"],
                        "balance": balance, "amount_currency": amount}),
                (0, 0, {**common, "account_id": row["destination_account_id"],
                        "balance": -balance - off, "amount_currency": -amount - off_currency}),
                *[(0, 0, {**common, **line}) for line in extra]]

    def item_label(self, env: Env, row: Row) -> Any:
        """The label of a payment's journal items in the words of the series."""
        if env.series >= 18:
            method = row.get("payment_method_line_id")
            shown = env.row("account.payment.method.line", method)["name"] if method else ""
            return f"{shown}: {row['memo']}" if row.get("memo") else shown
        customer = row["partner_type"] == "customer"
        usual = customer == (row["payment_type"] == "inbound")
        words = f"{'Customer' if customer else 'Vendor'} {'Payment' if usual else 'Reimbursement'}"
        amount = number_text(env.row("res.currency", row["currency_id"]), row["amount"])
        parts = [f"{words} {amount}"]
        if row.get("partner_id"):
            parts.append(str(env.row("res.partner", row["partner_id"])["name"]))
        year, month, date = row["date"].split("-")
        return " - ".join([*parts, f"{month}/{date}/{year}"])

    def entry(self, env: Env, row: Row, when: str, ref: Any, extra: list[Row]) -> int:
        """The draft journal entry of a payment."""
        moves = env.model(MOVE)
        assert isinstance(moves, Move)
        return moves.make(env, {
            "move_type": "entry", "journal_id": row["journal_id"], "date": when, "ref": ref,
            "partner_id": row.get("partner_id") or False, "currency_id": row["currency_id"],
            "is_payment": True, "line_ids": self.items(env, row, extra)})

    def refuse_negative(self, row: Row) -> None:
        if row.get("amount", ZERO) < 0:
            raise UserError("The payment amount cannot be negative.")

    def stored(self, env: Env, values: Row, row_id: int = 0) -> Row:
        out = super().stored(env, values, row_id)
        self.refuse_negative(out)
        return out

    @on_records
    def unlink(self, env: Env, ids: Ids) -> bool:
        self.check(env, "unlink")
        for row_id in self.ids(ids):
            row = env.row(self.name, row_id)
            move_id = row.get("move_id")
            if move_id:
                env.model(MOVE).unlink(env, [move_id])
            if row_id in env.store.tables[self.name].rows:
                self.delete(env, row_id)
        return True


def lines_of(env: Env, row: Row) -> tuple[list[Row], list[Row]]:
    """Liquidity items and the others of a payment's entry."""
    if not row.get("move_id"):
        return [], []
    rows = invoice.move_lines(env, row["move_id"])
    journal = env.row("account.journal", row["journal_id"])
    accounts = {row.get("outstanding_account_id"), journal.get("default_account_id")}
    return ([r for r in rows if r["account_id"] in accounts],
            [r for r in rows if r["account_id"] not in accounts])


def _is_reconciled(env: Env, row: Row) -> bool:
    _, others = lines_of(env, row)
    rows = [r for r in others if invoice.can_reconcile(env, r["account_id"])]
    return bool(rows) and not sum((r["amount_residual_currency"] for r in rows), ZERO)


def _is_matched(env: Env, row: Row) -> bool:
    if env.series >= 18 and not row.get("outstanding_account_id"):
        return bool(row.get("state") == "paid")
    liquidity, _ = lines_of(env, row)
    if not liquidity:
        return False
    journal = env.row("account.journal", row["journal_id"])
    if journal.get("default_account_id") in {r["account_id"] for r in liquidity}:
        return True
    return not sum((r["amount_residual_currency"] for r in liquidity), ZERO)


def reconciled_documents(env: Env, row: Row, kinds: tuple[str, ...]) -> list[int]:
    """Documents whose items are matched with this payment (and, from 18 on, linked ones)."""
    found: dict[int, None] = {}
    if env.series >= 18:
        for move_id in row.get("invoice_ids") or []:
            if env.row(MOVE, move_id)["move_type"] in kinds:
                found[move_id] = None
    parts = env.store.tables["account.partial.reconcile"].rows
    for line in lines_of(env, row)[1]:
        for side, other in (("debit_move_id", "credit_move_id"),
                            ("credit_move_id", "debit_move_id")):
            for part_id in env.store.find("account.partial.reconcile", side, line["id"]):
                counter = env.row("account.move.line", parts[part_id][other])["move_id"]
                if env.row(MOVE, counter)["move_type"] in kinds:
                    found[counter] = None
    return list(found)


class PaymentOld(Payment):
    """17: the payment delegates number, date, reference and state to its entry."""

    inherits = {MOVE: "move_id"}
    own = {
        **PAYMENT,
        "name": char("Number", compute=_move_field("name"), store=False),
        "date": day("Date", required=True, compute=_move_field("date"), store=False),
        "ref": char("Memo", compute=_move_field("ref"), store=False),
        "state": choice("Status", *PAYMENT_STATUS_OLD, compute=_move_field("state"), store=False),
        "is_reconciled": boolean("Is Reconciled", store=False, compute=_is_reconciled),
        "is_matched": boolean("Is Matched With a Bank Statement", store=False,
                              compute=_is_matched),
    }

    @on_model
    def create(self, env: Env, vals_list: Any) -> Ids:
        self.check(env, "create")
        ids = []
        for given in vals_list:
            given = dict(given)
            extra = given.pop(WRITE_OFF, [])
            self.refuse_unknown(env, given)
            values = {"payment_type": "inbound", "partner_type": "customer",
                      **{k[8:]: v for k, v in env.context.items()
                         if k.startswith("default_") and k[8:] in self.fields}, **given}
            kept = self.complete(env, self.stored(env, values))
            when = values.get("date") or env.today
            payment_id = self.insert(env, {**kept, "move_id": False})
            row = {**env.row(self.name, payment_id), "date": when, "ref": values.get("ref")}
            env.store.update(self.name, payment_id, {"move_id": self.entry(
                env, row, when, values.get("ref") or False, extra)})
            ids.append(payment_id)
        return ids

    @on_records
    def write(self, env: Env, ids: Ids, vals: Row) -> bool:
        self.check(env, "write")
        self.refuse_unknown(env, vals)
        for payment_id in self.ids(ids):
            row = env.row(self.name, payment_id)
            self.touch(env, payment_id, self.stored(env, vals, payment_id))
            header = {k: vals[k] for k in ("date", "ref", "partner_id") if k in vals}
            if header:
                env.model(MOVE).write(env, [row["move_id"]], header)
            if {"amount", "date", "payment_type", "partner_id", "journal_id"} & set(vals):
                self.rebuild(env, row)
        return True

    def rebuild(self, env: Env, row: Row) -> None:
        move = env.row(MOVE, row["move_id"])
        if move["state"] != "draft":
            return
        full = {**row, "date": move["date"], "ref": move.get("ref")}
        wanted = [c[2] for c in self.items(env, full, [])]
        for line, values in zip(invoice.move_lines(env, move["id"])[:2], wanted, strict=False):
            kept = {k: values[k] for k in ("account_id", "partner_id", "currency_id", "name")}
            invoice.set_line(env, line, {**kept, **invoice.amounts(
                values["balance"], values["amount_currency"])})
        invoice.sync(env, move["id"])

    @on_records
    def action_post(self, env: Env, ids: Ids) -> None:
        rows = [env.row(self.name, i) for i in self.ids(ids)]
        for row in rows:
            self.guard_trust(env, row)
        posting.post(env, [row["move_id"] for row in rows])

    @on_records
    def action_draft(self, env: Env, ids: Ids) -> None:
        self.check(env, "write")
        posting.to_draft(env, [env.row(self.name, i)["move_id"] for i in self.ids(ids)])

    @on_records
    def action_cancel(self, env: Env, ids: Ids) -> None:
        self.check(env, "write")
        posting.cancel(env, [env.row(self.name, i)["move_id"] for i in self.ids(ids)])


class PaymentNew(Payment):
    """18 and 19: the payment has a life of its own and an optional entry."""

    own = {
        **PAYMENT,
        "name": char("Number"), "date": day("Date", required=True), "memo": char("Memo"),
        "state": choice("Status", *PAYMENT_STATUS_NEW, required=True),
        "invoice_ids": many("Invoices", MOVE),
        "is_reconciled": boolean("Is Reconciled", store=False, compute=_is_reconciled),
        "is_matched": boolean("Is Matched With a Bank Statement", store=False,
                              compute=_is_matched),
    }

    @on_model
    def create(self, env: Env, vals_list: Any) -> Ids:
        self.check(env, "create")
        ids = []
        for given in vals_list:
            given = dict(given)
            extra = given.pop(WRITE_OFF, [])
            self.refuse_unknown(env, given)
            values = {"payment_type": "inbound", "partner_type": "customer", "date": env.today,
                      **{k[8:]: v for k, v in env.context.items()
                         if k.startswith("default_") and k[8:] in self.fields}, **given}
            kept = self.complete(env, self.stored(env, values))
            kept.update({"state": "draft", "name": False, "move_id": False, WRITE_OFF: extra})
            kept["date"] = kept.get("date") or env.today
            payment_id = self.insert(env, kept)
            self.link(env, payment_id, kept.get("invoice_ids") or [])
            ids.append(payment_id)
        return ids

    def link(self, env: Env, payment_id: int, moves: list[int]) -> None:
        for link in env.store.find(LINK, "payment_id", payment_id):
            env.store.delete(LINK, link)
        for move_id in moves:
            env.store.insert(LINK, {"payment_id": payment_id, "move_id": move_id})

    @on_records
    def write(self, env: Env, ids: Ids, vals: Row) -> bool:
        self.check(env, "write")
        self.refuse_unknown(env, vals)
        for payment_id in self.ids(ids):
            row = env.row(self.name, payment_id)
            changed = self.stored(env, vals, payment_id)
            if not row.get("move_id") and set(vals) & set(RESETS_ACCOUNT) and \
                    "outstanding_account_id" not in vals:
                method = row.get("payment_method_line_id")
                changed["outstanding_account_id"] = env.row(
                    "account.payment.method.line", method).get("payment_account_id") or False \
                    if method else False
            self.touch(env, payment_id, changed)
            if "invoice_ids" in changed:
                self.link(env, payment_id, changed["invoice_ids"])
        return True

    @on_records
    def action_post(self, env: Env, ids: Ids) -> None:
        self.check(env, "write")
        for payment_id in self.ids(ids):
            row = env.row(self.name, payment_id)
            self.guard_trust(env, row)
            if row["state"] not in ("draft", "in_process"):
                continue
            self.book(env, row, row.get(WRITE_OFF) or [])
            self.settle(env, row)
        refresh_links(env, self.ids(ids))

    def book(self, env: Env, row: Row, extra: list[Row]) -> None:
        """Makes and posts the entry when there is an outstanding account to book on."""
        if not row.get("move_id") and row.get("outstanding_account_id"):
            move = self.entry(env, row, row["date"], row.get("memo") or False, extra)
            env.store.update(self.name, row["id"], {"move_id": move})
        if row.get("move_id"):
            if env.row(MOVE, row["move_id"])["state"] == "draft":
                posting.post(env, [row["move_id"]])
            name = env.row(MOVE, row["move_id"])["name"]
        else:
            name = row.get("name") or f"PAY{row['id']:05d}"
        self.touch(env, row["id"], {"name": name})

    def settle(self, env: Env, row: Row) -> None:
        """in_process becomes paid when nothing is outstanding or all documents are paid."""
        if row["state"] in ("canceled", "rejected"):
            return
        state = "in_process"
        liquidity, _ = lines_of(env, row)
        if row.get("move_id"):
            reconcilable = any(env.row("account.account", r["account_id"]).get("reconcile")
                               for r in liquidity)
            left = sum((r["amount_residual"] for r in liquidity), ZERO)
            if not reconcilable or not left:
                state = "paid"
        documents = row.get("invoice_ids") or []
        if env.series >= 19:
            documents = reconciled_documents(env, row, numbering.SALE + numbering.PURCHASE)
        if documents and all(env.row(MOVE, i)["payment_state"] == "paid" for i in documents):
            state = "paid"
        if row["state"] != state:
            self.touch(env, row["id"], {"state": state})

    @on_records
    def action_draft(self, env: Env, ids: Ids) -> None:
        self.check(env, "write")
        for payment_id in self.ids(ids):
            row = env.row(self.name, payment_id)
            paid = reconciled_documents(env, row, numbering.SALE + numbering.PURCHASE)
            paid = [i for i in paid if env.row(MOVE, i)["payment_state"] == "paid"]
            self.touch(env, payment_id, {"state": "draft"})
            if row.get("move_id"):
                posting.to_draft(env, [row["move_id"]])
            # 19 leaves the documents' state as it was until the payment is cancelled.
            for move_id in paid if env.series >= 19 else ():
                env.store.update(MOVE, move_id, {"payment_state": "paid"})
            env.store.update(self.name, payment_id, {"left_paid": paid})

    @on_records
    def action_cancel(self, env: Env, ids: Ids) -> None:
        self.check(env, "write")
        for payment_id in self.ids(ids):
            row = env.row(self.name, payment_id)
            self.touch(env, payment_id, {"state": "canceled"})
            move_id = row.get("move_id")
            if move_id and env.row(MOVE, move_id)["state"] == "draft":
                env.model(MOVE).delete(env, move_id)
            elif move_id:
                posting.cancel(env, [move_id])
            posting.refresh_payment_state(env, [i for i in row.get("left_paid") or []
                                                if i in env.store.tables[MOVE].rows])
        refresh_links(env, self.ids(ids))

    @on_records
    def action_validate(self, env: Env, ids: Ids) -> None:
        self.check(env, "write")
        for payment_id in self.ids(ids):
            self.touch(env, payment_id, {"state": "paid"})
        refresh_links(env, self.ids(ids))

    @on_records
    def action_reject(self, env: Env, ids: Ids) -> None:
        self.check(env, "write")
        for payment_id in self.ids(ids):
            self.touch(env, payment_id, {"state": "rejected"})
        refresh_links(env, self.ids(ids))


def refresh_links(env: Env, payment_ids: list[int]) -> None:
    moves = [i for p in payment_ids for i in env.row("account.payment", p).get("invoice_ids") or []]
    posting.refresh_payment_state(env, list(dict.fromkeys(moves)))


def refresh_states(env: Env, moves: list[int]) -> None:
    """After a matching: payments whose entry or documents were touched settle anew."""
    if env.series == 17:
        return
    model = env.model("account.payment")
    assert isinstance(model, PaymentNew)
    found: dict[int, None] = {}
    for move_id in moves:
        for payment_id in env.store.find("account.payment", "move_id", move_id):
            found[payment_id] = None
        for payment_id in env.sim.payments_linked(move_id):
            found[payment_id] = None
    for payment_id in found:
        row = env.row("account.payment", payment_id)
        if row["state"] in ("in_process", "paid"):
            model.settle(env, row)


def payment_model(series: int) -> Model:
    return PaymentOld(series) if series == 17 else PaymentNew(series)
