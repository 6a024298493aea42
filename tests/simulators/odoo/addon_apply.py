# SPDX-License-Identifier: Apache-2.0
"""kontor.operation: a batch applied in one transaction, each document once.

A business error undoes its own document alone; everything else fails the whole call. The external
ids are those that the path over load() makes, so the two ways share one identity.
"""
from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from . import access, invoice, numbering
from .addon_snapshot import is_personal, snapshot
from .env import Env, on_model
from .errors import AccessError, RedirectWarning, UserError
from .fields import blob, char, choice, integer, one
from .load import create_with_ids
from .orm import Model

if TYPE_CHECKING:
    from .store import Row

ITEMS_MAX = 200
DIGEST = re.compile(r"[0-9a-f]{64}")
Item = dict[str, Any]
MODELS = {"partner": "res.partner", "move": "account.move", "payment": "account.payment",
          "reconciliation": "account.move"}
LINES = {"invoice_line_ids": ("name", "quantity", "price_unit", "discount", "account_id",
                              "product_id", "tax_ids", "analytic_distribution"),
         "line_ids": ("name", "account_id", "partner_id", "debit", "credit", "currency_id",
                      "amount_currency", "tax_ids", "analytic_distribution")}
ALLOWED = {
    "partner": ("name", "ref", "is_company", "vat", "email", "phone", "street", "street2", "city",
                "zip", "lang", "country_id", "property_payment_term_id",
                "property_supplier_payment_term_id"),
    "move": ("move_type", "journal_id", "partner_id", "currency_id", "invoice_date", "date",
             "invoice_payment_term_id", "invoice_date_due", "ref", "payment_reference",
             "narration", "reversed_entry_id", "invoice_currency_rate", "invoice_line_ids",
             "line_ids"),
    "payment": ("payment_type", "partner_type", "partner_id", "amount", "currency_id", "date",
                "journal_id", "memo", "ref", "partner_bank_id"),
    "reconciliation": ("payment_move_id", "move_id"),
}
PRECISION = {"price_unit": "Product Price", "quantity": "Product Unit of Measure",
             "discount": "Discount"}


class Refused(Exception):
    """A typed refusal of one document."""

    def __init__(self, reason: str, message: str, field: str = "", asked: str = "",
                 got: str = "") -> None:
        super().__init__(message)
        self.error = {"reason": reason, "field": field, "message": message, "asked": asked,
                      "got": got}


class Operation(Model):
    name, label = "kontor.operation", "Kontor Operation"
    own = {
        "company_id": one("Company", "res.company", required=True),
        "key": char("Key", required=True, index=True), "digest": char("Digest"),
        "revision": integer("Revision"), "correlation_id": char("Correlation"),
        "state": choice("State", ("applied", "Applied"), ("refused", "Refused")),
        "res_model": char("Model"), "res_id": integer("Record"), "result": blob("Result"),
    }
    unique = ((("company_id", "key"), "An operation is applied once."),)

    @on_model
    def apply(self, env: Env, company_id: int, kind: str, items: list[Item],
              post: bool) -> list[Item]:
        access.require_bot(env)
        if len(items) > ITEMS_MAX:
            raise UserError(f"At most {ITEMS_MAX} documents are taken in one call.")
        if kind not in MODELS:
            raise UserError(f"Documents of kind {kind} are not played by this simulator.")
        for index, item in enumerate(items):
            if not DIGEST.fullmatch(str(item.get("digest"))):
                raise UserError(f"items[{index}].digest is a SHA-256 in hexadecimal digits")
        work = env.with_context(allowed_company_ids=[company_id], validate_analytic=True)
        results = {item["key"]: self.take(work, company_id, kind, item, post)
                   for item in sorted(items, key=lambda item: str(item["key"]))}
        return [results[item["key"]] for item in items]

    @on_model
    def find(self, env: Env, keys: list[str]) -> list[Item]:
        access.require_bot(env)
        return [{"key": key, **self.found(env, key)} for key in keys]

    def found(self, env: Env, key: str) -> Item:
        target = env.sim.external(f"kontor.{key}")
        if target and target[1] in env.store.tables[target[0]].rows:
            hidden = (target[0], target[1]) in env.sim.hidden
            return {"state": "applied",
                    "record": {"model": target[0], "id": target[1], "exists": True,
                               "visible": False} if hidden
                    else snapshot(env, target[0], target[1])}
        rows = [env.row(self.name, i) for i in env.store.find(self.name, "key", key)]
        if rows and rows[0]["state"] == "applied":
            return {"state": "applied",
                    "record": snapshot(env, rows[0]["res_model"], rows[0]["res_id"])}
        return {"state": rows[0]["state"] if rows else "absent", "record": {}}

    # -- one document ---------------------------------------------------------------------------

    def take(self, env: Env, company_id: int, kind: str, item: Item, post: bool) -> Item:
        row = self.row_of(env, company_id, item["key"])
        if row and row["revision"] > item["revision"]:
            return _answer(item, "stale", row["revision"])
        target = self.target(env, row, item)
        repeat = bool(row and row["state"] == "applied" and target)
        if repeat and row and row["digest"] != item["digest"]:
            return _answer(item, "conflict", row["revision"])
        mark = env.store.savepoint()
        try:
            model, row_id = self.work(env, kind, item, post, row, target)
        except Refused as error:
            env.store.rollback(mark)
            return self.refuse(env, company_id, item, error.error)
        except AccessError as error:
            env.store.rollback(mark)
            return self.refuse(env, company_id, item, Refused(
                "ACCESS_DENIED", error.text().split("\n")[0]).error)
        except (UserError, RedirectWarning) as error:
            env.store.rollback(mark)
            return self.refuse(env, company_id, item, Refused(
                "ODOO_REFUSED", error.message.replace("\n", " ")).error)
        result = {**_answer(item, "applied", item["revision"]), "repeat": repeat,
                  "record": snapshot(env, model, row_id)}
        self.keep(env, company_id, item, "applied", model, row_id)
        return result

    def row_of(self, env: Env, company_id: int, key: str) -> Row | None:
        rows = [env.row(self.name, i) for i in env.store.find(self.name, "key", key)]
        return next((r for r in rows if r["company_id"] == company_id), None)

    def target(self, env: Env, row: Row | None, item: Item) -> tuple[str, int] | None:
        """The record that stands there already, whoever made it."""
        found = env.sim.external(f"kontor.{item['key']}")
        if found and found[1] in env.store.tables[found[0]].rows:
            return found[0], found[1]
        if row and row["state"] == "applied" and row["res_model"] and \
                row["res_id"] in env.store.tables[row["res_model"]].rows:
            return row["res_model"], row["res_id"]
        return None

    def work(self, env: Env, kind: str, item: Item, post: bool, row: Row | None,
             target: tuple[str, int] | None) -> tuple[str, int]:
        """Creates or adopts, compares, posts; answers the record."""
        model = MODELS[kind]
        gone = row and row["state"] == "applied" and not target
        if gone and row and item["revision"] <= row["revision"]:
            raise Refused("DELETED_IN_ODOO", "The document stood in Odoo and was deleted there.")
        if target and target in env.sim.hidden:
            raise Refused("NOT_VISIBLE", "The document exists, but this user may not see it.")
        if target:
            if post and self.is_draft(env, target):
                self.post(env, target, item)
            return target
        if kind == "reconciliation":
            return reconcile(env, item["values"])
        _check_fields(kind, item["values"])
        _check_references(env, model, item["values"], "values")
        values = _commands(env, model, item["values"])
        row_id = create_with_ids(env, env.model(model), values, f"kontor.{item['key']}", True)[0]
        _check_digits(env, model, row_id, item["values"])
        made = (model, row_id)
        if kind == "move":
            _correct_tax(env, row_id, item)
        if post and kind in ("move", "payment"):
            self.post(env, made, item)
        else:
            _compare(env, made, item)
        for other in item.get("reconcile_with") or []:
            move = snapshot(env, model, row_id)["move_id"]
            reconcile(env, {"payment_move_id": move, "move_id": other["move_id"]})
        return made

    def is_draft(self, env: Env, target: tuple[str, int]) -> bool:
        return bool(snapshot(env, *target).get("state") == "draft")

    def post(self, env: Env, made: tuple[str, int], item: Item) -> None:
        _compare(env, made, item)
        method: Any = env.model(made[0])
        method.action_post(env, [made[1]])

    # -- its own rows ---------------------------------------------------------------------------

    def refuse(self, env: Env, company_id: int, item: Item, error: Item) -> Item:
        self.keep(env, company_id, item, "refused", "", 0)
        return {**_answer(item, "refused", item["revision"]), "error": error}

    def keep(self, env: Env, company_id: int, item: Item, state: str, model: str,
             row_id: int) -> None:
        values = {"company_id": company_id, "key": item["key"], "digest": item["digest"],
                  "revision": item["revision"], "correlation_id": item.get("correlation_id") or "",
                  "state": state, "res_model": model, "res_id": row_id}
        row = self.row_of(env, company_id, item["key"])
        if row is None:
            self.insert(env, values)
        elif state == "applied" or row["state"] != "applied":
            self.touch(env, row["id"], values)


def _answer(item: Item, status: str, revision: int) -> Item:
    return {"key": item["key"], "status": status, "repeat": False, "revision": revision,
            "record": {}, "error": {}}


def _check_fields(kind: str, values: Item) -> None:
    for name, value in values.items():
        if name not in ALLOWED[kind]:
            raise Refused("FIELD_NOT_ALLOWED", f"The field {name} is not taken.",
                          f"values.{name}")
        for index, line in enumerate(value if name in LINES else []):
            for inner in line:
                if inner not in LINES[name]:
                    raise Refused("FIELD_NOT_ALLOWED", f"The field {inner} is not taken.",
                                  f"values.{name}[{index}].{inner}")


def _check_references(env: Env, model: str, values: Item, path: str) -> None:
    fields = env.model(model).fields
    for name, value in values.items():
        field = fields.get(name)
        if field is None:
            raise Refused("FIELD_NOT_ALLOWED", f"The field {name} does not exist here.",
                          f"{path}.{name}")
        if field.type == "one2many":
            for index, line in enumerate(value):
                _check_references(env, field.relation, line, f"{path}.{name}[{index}]")
        elif field.type in ("many2one", "many2many") and value:
            ids = value if isinstance(value, list) else [value]
            rows = env.store.tables[field.relation].rows
            missing = [i for i in ids if i not in rows]
            if missing:
                raise Refused("RECORD_NOT_FOUND", f"{field.string} {missing[0]} does not exist.",
                              f"{path}.{name}", str(missing[0]))
        elif field.type in ("float", "monetary"):
            _decimal(value, f"{path}.{name}")


def _decimal(value: Any, path: str) -> Decimal:
    try:
        if isinstance(value, str):
            return Decimal(value)
    except InvalidOperation:
        pass
    raise Refused("VALUE_INVALID", f"{value!r} is no decimal number.", path, str(value))


def _commands(env: Env, model: str, values: Item) -> Item:
    fields = env.model(model).fields
    out: Item = {}
    for name, value in values.items():
        field = fields[name]
        if field.type == "one2many":
            out[name] = [(0, 0, _commands(env, field.relation, line)) for line in value]
        elif field.type == "many2many":
            out[name] = [(6, 0, list(value))]
        elif name == "analytic_distribution":
            out[name] = {ids: float(share) for ids, share in (value or {}).items()} or False
        else:
            out[name] = value
    return out


def _check_digits(env: Env, model: str, row_id: int, values: Item) -> None:
    """Digits that the database would round away in silence."""
    if model != "account.move" or env.series >= 19:
        return
    for index, line in enumerate(values.get("invoice_line_ids") or []):
        for name, precision in PRECISION.items():
            if name in line and -Decimal(line[name]).normalize().as_tuple().exponent > \
                    env.sim.digits(precision):
                raise Refused("DIGITS_LOST", f"Odoo keeps {env.sim.digits(precision)} decimals.",
                              f"values.invoice_line_ids[{index}].{name}", line[name])


def _correct_tax(env: Env, move_id: int, item: Item) -> None:
    wanted = item.get("tax_correction")
    move = env.row("account.move", move_id)
    if not wanted or move["move_type"] not in ("in_invoice", "in_refund"):
        return
    lines = [r for r in invoice.move_lines(env, move_id) if r["display_type"] == "tax"]
    tax = _decimal(wanted["tax"], "tax_correction.tax")
    miss = tax - move["amount_tax"]
    total = item.get("expect", {}).get("total")
    same = total is None or Decimal(total) - move["amount_total"] == miss
    if len(lines) != 1 or not miss or abs(miss) > Decimal(wanted["difference_max"]) or not same:
        return
    signed = -tax if lines[0]["amount_currency"] < 0 else tax
    env.model("account.move.line").write(env, [lines[0]["id"]], {"amount_currency": str(signed)})


def _moved_date(env: Env, made: tuple[str, int], got: Item) -> str:
    """The accounting date that posting would give: locked periods move it."""
    if not got["move_id"]:
        return str(got["date"])
    move = env.row("account.move", got["move_id"])
    has_tax = numbering.affects_tax(env, move)
    if not numbering.violated_locks(env, move, move["date"], has_tax):
        return str(got["date"])
    return numbering.accounting_date(env, move, move.get("invoice_date") or move["date"], has_tax)


def _compare(env: Env, made: tuple[str, int], item: Item) -> None:
    got = snapshot(env, *made)
    expect = item.get("expect") or {}
    if not expect or made[0] == "res.partner":
        return
    entry = got["move_type"] == "entry"
    currency = got["company_currency"] if entry else got["currency"]
    total = got["company_total"] if entry else got["total"]
    if "currency" in expect and not entry and expect["currency"] != got["currency"]:
        raise Refused("CURRENCY_DIFFERS", "The document has another currency in Odoo.",
                      "expect.currency", expect["currency"], got["currency"])
    for name, reason, value in (("total", "AMOUNT_DIFFERS", total),
                                ("tax", "TAX_DIFFERS", got["tax"])):
        if name in expect and Decimal(expect[name]) != Decimal(value):
            raise Refused(reason, f"The document asks for {expect[name]} {currency}, Odoo has "
                          f"{value} {currency}.", f"expect.{name}",
                          f"{expect[name]} {currency}", f"{value} {currency}")
    moved = _moved_date(env, made, got)
    if "date" in expect and expect["date"] != moved:
        raise Refused("DATE_MOVED", f"Odoo would book on {moved} instead of {expect['date']}.",
                      "expect.date", expect["date"], moved)
    if "due_date" in expect and expect["due_date"] != got["due_date"]:
        raise Refused("DUE_DATE_DIFFERS", f"The document would be due on {got['due_date']}.",
                      "expect.due_date", expect["due_date"], got["due_date"])


def reconcile(env: Env, values: Item) -> tuple[str, int]:
    """Joins the open personal items of two entries; done already is done."""
    lines = env.model("account.move.line")
    wanted = [[r for r in invoice.move_lines(env, move_id)
               if not r["reconciled"] and is_personal(env, r)]
              for move_id in (values["payment_move_id"], values["move_id"])]
    for one_line in wanted[0]:
        same = [r for r in wanted[1] if r["account_id"] == one_line["account_id"]]
        if same:
            joined: Any = lines
            joined.reconcile(env, [one_line["id"], *[r["id"] for r in same]])
            break
    return "account.move", int(values["payment_move_id"])

