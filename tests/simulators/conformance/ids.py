# SPDX-License-Identifier: Apache-2.0
"""Which recorded id is which simulated one, per model, learned from the answers.

Relations come from the recorded field descriptions, never from the simulator.
"""
from __future__ import annotations

from typing import Any

from .wire import Answer, Request

EXTRA = {
    "res.users": {"groups_id": "res.groups", "group_ids": "res.groups",
                  "company_id": "res.company", "partner_id": "res.partner"},
    "ir.attachment": {"res_id": "account.move"},
    "account.bank.statement.line": {"counterpart_account_id": "account.account"},
    "account.analytic.plan": {"parent_id": "account.analytic.plan"},
    "hr.expense.post.wizard": {}, "account.payment.term": {"line_ids": "account.payment.term.line"},
    "hr.expense": {"sheet_id": "hr.expense.sheet"},
}
MODEL_METHODS = {"search", "search_read", "search_count", "create", "load", "name_search",
                 "default_get", "fields_get", "get_param", "check_object_reference"}
NATURAL = (("code", "company_id"), ("default_code",), ("code",), ("name", "type_tax_use"),
           ("name", "payment_type", "code", "journal_id"), ("name",))


class IdMap:
    """Pairs of ids by model; an id never seen stays as it is."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.pairs: dict[tuple[str, int], int] = {}
        self.relations: dict[str, dict[str, str]] = {
            model: {name: field["relation"] for name, field in described.items()
                    if field.get("relation")} for model, described in fields.items()}
        for model, extra in EXTRA.items():
            self.relations.setdefault(model, {}).update(extra)

    def to_simulated(self, model: str, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            return value
        return self.pairs.get((model, value), value)

    def pair(self, model: str, recorded: Any, simulated: Any) -> None:
        if isinstance(recorded, int) and isinstance(simulated, int) and \
                not isinstance(recorded, bool) and not isinstance(simulated, bool):
            self.pairs[(model, recorded)] = simulated

    def relation(self, model: str, name: str) -> str:
        return self.relations.get(model, {}).get(name, "")

    # -- requests -------------------------------------------------------------------------------

    def translate(self, call: Request) -> tuple[list[Any], dict[str, Any]]:
        args = list(call.args)
        if call.method == "create" and args:
            args[0] = self.many_values(call.model, args[0])
        elif call.method == "load":
            args = [args[0], self.rows(call.model, args[0], args[1])]
        elif call.method in ("search", "search_read", "search_count") and args:
            args[0] = self.domain(call.model, args[0])
        elif call.method not in MODEL_METHODS and args:
            args[0] = self.listed(call.model, args[0])
            if call.method == "write" and len(args) > 1:
                args[1] = self.values(call.model, args[1])
        kwargs = dict(call.kwargs)
        if "context" in kwargs:
            kwargs["context"] = self.context(kwargs["context"])
        return args, kwargs

    def translate_named(self, call: Request) -> dict[str, Any]:
        out = dict(call.kwargs)
        if "ids" in out:
            out["ids"] = self.listed(call.model, out["ids"])
        if "vals_list" in out:
            out["vals_list"] = self.many_values(call.model, out["vals_list"])
        if "domain" in out:
            out["domain"] = self.domain(call.model, out["domain"])
        if "vals" in out:
            out["vals"] = self.values(call.model, out["vals"])
        return out

    def listed(self, model: str, value: Any) -> Any:
        if isinstance(value, list):
            return [self.to_simulated(model, item) for item in value]
        return self.to_simulated(model, value)

    def many_values(self, model: str, value: Any) -> Any:
        if isinstance(value, list):
            return [self.values(model, item) for item in value]
        return self.values(model, value) if isinstance(value, dict) else value

    def values(self, model: str, values: dict[str, Any]) -> dict[str, Any]:
        out = {}
        for name, value in values.items():
            other = self.relation(model, name)
            if name == "analytic_distribution" and isinstance(value, dict):
                value = {str(self.to_simulated("account.analytic.account", int(k))): v
                         for k, v in value.items()}
            elif other and isinstance(value, list):
                value = [self.command(other, item) for item in value]
            elif other:
                value = self.to_simulated(other, value)
            out[name] = value
        return out

    def command(self, model: str, item: Any) -> Any:
        if not isinstance(item, list):
            return self.to_simulated(model, item)
        out = list(item)
        if item[0] == 0:
            out[2] = self.values(model, item[2])
        elif item[0] == 6:
            out[2] = self.listed(model, item[2])
        elif item[0] in (1, 2, 3, 4):
            out[1] = self.to_simulated(model, item[1])
            if item[0] == 1:
                out[2] = self.values(model, item[2])
        return out

    def domain(self, model: str, domain: Any) -> Any:
        out = []
        for item in domain:
            if isinstance(item, list) and len(item) == 3:
                other = model if item[0] == "id" else self.relation(model, item[0])
                value = self.listed(other, item[2]) if other else item[2]
                item = [item[0], item[1], value]
            out.append(item)
        return out

    def rows(self, model: str, columns: list[str], rows: list[list[Any]]) -> list[list[Any]]:
        targets = []
        for column in columns:
            parts = column.split("/")
            current = model
            for part in parts[:-1]:
                current = self.relation(current, part)
            targets.append(current if parts[-1] == ".id" and len(parts) > 1 else
                           self.relation(model, column) if column == "res_id" else "")
        return [[str(self.to_simulated(target, int(cell)))
                 if target and str(cell).isdigit() else cell
                 for target, cell in zip(targets, row, strict=True)] for row in rows]

    def context(self, context: dict[str, Any]) -> dict[str, Any]:
        out = dict(context)
        model = out.get("active_model", "hr.expense")
        if "active_ids" in out:
            out["active_ids"] = self.listed(model, out["active_ids"])
        if "allowed_company_ids" in out:
            out["allowed_company_ids"] = self.listed("res.company", out["allowed_company_ids"])
        return out

    # -- answers --------------------------------------------------------------------------------

    def learn(self, call: Request, recorded: Answer, simulated: Answer) -> None:
        if recorded.kind != "value" or simulated.kind != "value" or not call.model:
            return
        left, right = recorded.value, simulated.value
        if call.method == "create" or call.method == "search":
            self.pair_all(call.model, left, right)
        elif call.method == "load" and left.get("ids") and right.get("ids"):
            self.pair_all(call.model, left["ids"], right["ids"])
        elif call.method == "check_object_reference":
            self.pair(left[0], left[1], right[1])
        elif call.method == "name_search":
            for one, other in zip(left, right, strict=False):
                self.pair(call.model, one[0], other[0])
        elif call.model == "ir.model.data":
            self.learn_external(call, left, right)
        elif call.method in ("read", "search_read"):
            for one, other in pair_rows(left, right):
                self.learn_row(call.model, one, other)
        elif isinstance(left, dict) and isinstance(right, dict) and left.get("res_model"):
            self.pair(left["res_model"], left.get("res_id"), right.get("res_id"))

    def learn_external(self, call: Request, left: Any, right: Any) -> None:
        names = [item[2] for item in call.args[0] if item[0] == "name"]
        model = "res.groups" if names and str(names[0]).startswith("group_") else ""
        for one, other in zip(left, right, strict=False):
            self.pair(one.get("model") or model, one.get("res_id"), other.get("res_id"))

    def pair_all(self, model: str, left: Any, right: Any) -> None:
        if isinstance(left, list) and isinstance(right, list):
            for one, other in zip(left, right, strict=False):
                self.pair(model, one, other)
        else:
            self.pair(model, left, right)

    def learn_row(self, model: str, left: dict[str, Any], right: dict[str, Any]) -> None:
        self.pair(model, left.get("id"), right.get("id"))
        for name, value in left.items():
            other = self.relation(model, name)
            found = right.get(name)
            if not other or not isinstance(value, list) or not isinstance(found, list):
                continue
            if len(value) == 2 and isinstance(value[1], str):
                self.pair(other, value[0], found[0])
            elif len(value) == len(found):
                self.pair_all(other, value, found)


def pair_rows(left: Any, right: Any) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Rows that are the same record: by a natural key when it tells them apart, else in order."""
    if not isinstance(left, list) or not isinstance(right, list) or not left or not right or \
            not isinstance(left[0], dict):
        return []
    for names in NATURAL:
        if all(all(n in row for n in names) for row in left + right):
            keys = [tuple(_plain(row[n]) for n in names) for row in right]
            if len(set(keys)) == len(keys):
                index = dict(zip(keys, right, strict=True))
                found = [(row, index[key]) for row in left
                         if (key := tuple(_plain(row[n]) for n in names)) in index]
                if found:
                    return found
    return list(zip(left, right, strict=False))


def _plain(value: Any) -> Any:
    return str(value[-1]) if isinstance(value, list) else str(value)
