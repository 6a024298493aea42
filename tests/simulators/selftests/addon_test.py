# SPDX-License-Identifier: Apache-2.0
"""The addon as the simulator plays it: once and only once, typed refusals, changes that wait."""
from __future__ import annotations

import concurrent.futures
from typing import Any

from .support import COLUMNS, Client, OdooCase, Refused

DIGEST = {"a": "a" * 64, "b": "b" * 64}
Item = dict[str, Any]


class AddonCase(OdooCase):
    options = ("--addon",)

    def setUp(self) -> None:
        super().setUp()
        self.number = 0

    def item(self, key: str, price: str = "100.00", digest: str = "a", revision: int = 1,
             expect: Item | None = None, **values: Any) -> Item:
        return {"key": f"k1_{key}", "digest": DIGEST[digest], "revision": revision,
                "correlation_id": "c", "expect": expect or {},
                "values": {"move_type": "out_invoice", "journal_id": self.journal,
                           "partner_id": self.partner, "currency_id": self.euro,
                           "invoice_date": "2026-01-10", "date": "2026-01-10", "ref": key,
                           "invoice_line_ids": [{"name": "Line", "quantity": "1",
                                                 "price_unit": price, "account_id": self.account,
                                                 "tax_ids": [self.tax]}], **values}}

    def apply(self, *items: Item, post: bool = True, kind: str = "move",
              client: Client | None = None) -> list[Item]:
        return (client or self.client)("kontor.operation", "apply", company_id=1, kind=kind,
                                       items=list(items), post=post)

    def one(self, item: Item, **more: Any) -> Item:
        return self.apply(item, **more)[0]

    def changes(self, after: int = 0) -> list[Item]:
        return self.client("kontor.event", "pull", company_id=1, limit=500, after_id=after)

    def count(self, key: str) -> int:
        return len(self.sim(f"moves?ref={key}"))


class Apply(AddonCase):
    def test_every_transport_identifies_applies_and_finds(self) -> None:
        for name, client in self.clients.items():
            said = client("kontor.connector", "identify")
            self.assertEqual((said["protocol"], said["series"]), (1, self.series), name)
            first = self.one(self.item(name), client=client)
            self.assertEqual((first["status"], first["record"]["state"]), ("applied", "posted"))
            self.assertEqual(first["record"]["total"], "119.00")
            again = self.one(self.item(name), client=client)
            self.assertTrue(again["repeat"])
            self.assertEqual(again["record"]["id"], first["record"]["id"])
            found = client("kontor.operation", "find", keys=[f"k1_{name}", "k1_nobody"])
            self.assertEqual([row["state"] for row in found], ["applied", "absent"])
            self.assertEqual(self.count(name), 1)

    def test_twenty_at_once_make_one(self) -> None:
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            ids = {result["record"]["id"]
                   for result in pool.map(lambda _: self.one(self.item("race")), range(20))}
        self.assertEqual(len(ids), 1)
        self.assertEqual(self.count("race"), 1)

    def test_a_refusal_leaves_the_others_and_may_be_corrected(self) -> None:
        bad = self.item("bad", partner_id=999999)
        results = self.apply(self.item("good"), bad, self.item("fine"))
        self.assertEqual([r["status"] for r in results], ["applied", "refused", "applied"])
        self.assertEqual((results[1]["error"]["reason"], results[1]["error"]["field"]),
                         ("RECORD_NOT_FOUND", "values.partner_id"))
        self.assertEqual(self.count("bad"), 0)
        corrected = self.one(self.item("bad", digest="b", revision=2))
        self.assertEqual((corrected["status"], corrected["revision"]), ("applied", 2))
        stale = self.one(self.item("bad"))
        self.assertEqual((stale["status"], stale["revision"]), ("stale", 2))

    def test_other_content_is_a_conflict_only_with_something_applied(self) -> None:
        self.one(self.item("twice"))
        self.assertEqual(self.one(self.item("twice", digest="b"))["status"], "conflict")
        self.one(self.item("never", partner_id=999999))
        self.assertEqual(self.one(self.item("never", digest="b"))["status"], "applied")

    def test_what_differs_is_refused_before_it_is_posted(self) -> None:
        for name, value, reason in (("total", "118.99", "AMOUNT_DIFFERS"),
                                    ("tax", "18.99", "TAX_DIFFERS"),
                                    ("currency", "USD", "CURRENCY_DIFFERS"),
                                    ("date", "2026-01-11", "DATE_MOVED"),
                                    ("due_date", "2026-09-09", "DUE_DATE_DIFFERS")):
            result = self.one(self.item(f"x{name}", expect={name: value}))
            self.assertEqual((result["status"], result["error"]["reason"],
                              result["error"]["field"]), ("refused", reason, f"expect.{name}"))
            self.assertEqual(self.count(f"x{name}"), 0)

    def test_a_date_that_a_lock_would_move_is_refused(self) -> None:
        self.sim("set", {"lock_dates": {"fiscalyear_lock_date": "2026-01-31"}})
        result = self.one(self.item("locked", expect={"date": "2026-01-10"}))
        self.assertEqual(result["error"]["reason"], "DATE_MOVED")

    def test_fields_values_and_digits_are_checked(self) -> None:
        line = {"name": "Line", "quantity": "1", "account_id": self.account, "tax_ids": []}
        for key, values, reason, field in (
                ("f1", {"state": "posted"}, "FIELD_NOT_ALLOWED", "values.state"),
                ("f2", {"invoice_line_ids": [{**line, "price_unit": "1", "balance": "1"}]},
                 "FIELD_NOT_ALLOWED", "values.invoice_line_ids[0].balance"),
                ("f3", {"invoice_line_ids": [{**line, "price_unit": 1.5}]}, "VALUE_INVALID",
                 "values.invoice_line_ids[0].price_unit"),
                ("f4", {"invoice_line_ids": [{**line, "price_unit": "1.2345"}]}, "DIGITS_LOST",
                 "values.invoice_line_ids[0].price_unit"),
                ("f5", {"invoice_line_ids": []}, "ODOO_REFUSED", "")):
            result = self.one(self.item(key, **values))
            self.assertEqual((result["status"], result["error"]["reason"],
                              result["error"]["field"]), ("refused", reason, field))
            self.assertTrue(result["error"]["message"])

    def test_a_record_of_load_is_adopted_and_posted(self) -> None:
        move = self.client.load(COLUMNS, [self.row("k1_old")])["ids"][0]
        result = self.one(self.item("old"))
        self.assertEqual((result["record"]["id"], result["record"]["state"]), (move, "posted"))

    def test_a_deleted_record_comes_back_only_with_a_higher_revision(self) -> None:
        made = self.one(self.item("gone"), post=False)["record"]["id"]
        self.sim("people", {"do": "delete", "move": made})
        found = self.client("kontor.operation", "find", keys=["k1_gone"])[0]
        self.assertEqual((found["state"], found["record"]["exists"]), ("applied", False))
        self.assertEqual(self.one(self.item("gone"))["error"]["reason"], "DELETED_IN_ODOO")
        self.assertEqual(self.one(self.item("gone", revision=2))["status"], "applied")

    def test_nobody_but_the_bot_may_call(self) -> None:
        limited = Client(self.ready, "jsonrpc", "kontor-limited")
        for model, method, named in (("kontor.connector", "identify", {}),
                                     ("kontor.operation", "find", {"keys": []}),
                                     ("kontor.event", "pull",
                                      {"company_id": 1, "limit": 1, "after_id": 0})):
            with self.assertRaises(Refused) as caught:
                limited(model, method, **named)
            self.assertEqual(caught.exception.kind, "odoo.exceptions.AccessError")

    def test_too_many_and_unknown_kinds_are_refused_as_a_whole(self) -> None:
        for items, kind in (([self.item(f"n{i}") for i in range(201)], "move"),
                            ([self.item("n")], "unknown"),
                            ([{**self.item("n"), "digest": "short"}], "move")):
            with self.assertRaises(Refused) as caught:
                self.apply(*items, kind=kind)
            self.assertEqual(caught.exception.kind, "odoo.exceptions.UserError")
        self.assertEqual(self.sim("state")["moves_total"], 0)


class Changes(AddonCase):
    def kinds_of(self, move: int) -> list[str]:
        return [kind for change in self.changes() if change["res_id"] == move
                for kind in change["kinds"]]

    def test_what_people_do_is_told_with_their_name(self) -> None:
        move = self.one(self.item("told"))["record"]["id"]
        self.client("kontor.event", "acknowledge", event_ids=[c["id"] for c in self.changes()])
        self.sim("people", {"do": "register_payment", "move": move})
        told = {(c["model"], c["kind"]): c for c in self.changes()}
        paid = told["account.move", "move.payment_state_changed"]
        self.assertEqual((paid["user"], paid["by_bot"]), ("admin", False))
        self.assertEqual(paid["snapshot"]["residual"], "0.00")
        self.assertIn(("account.payment", "payment.created"), told)
        self.client("kontor.event", "acknowledge", event_ids=[c["id"] for c in self.changes()])
        self.sim("people", {"do": "edit", "move": move, "values": {"ref": "other"}})
        self.assertEqual(self.kinds_of(move), ["move.changed"])

    def test_each_way_out_of_posted_is_told(self) -> None:
        for act, kind in (("reset_to_draft", "move.reset"), ("cancel", "move.cancelled")):
            move = self.one(self.item(act))["record"]["id"]
            self.client("kontor.event", "acknowledge", event_ids=[c["id"] for c in self.changes()])
            self.sim("people", {"do": act, "move": move})
            self.assertEqual(self.kinds_of(move), [kind])

    def test_a_refused_call_tells_nothing(self) -> None:
        self.one(self.item("no", partner_id=999999))
        self.assertEqual(self.changes(), [])

    def test_lock_dates_and_bank_accounts_are_told(self) -> None:
        self.sim("set", {"lock_dates": {"fiscalyear_lock_date": "2026-01-31"}})
        self.sim("people", {"do": "create", "model": "res.partner.bank",
                            "values": {"acc_number": "DE1", "partner_id": self.partner}})
        found = {c["kind"]: c["snapshot"] for c in self.changes()}
        self.assertEqual(found["lock_dates.changed"]["lock_dates"]["fiscalyear_lock_date"],
                         "2026-01-31")
        self.assertEqual(found["partner_bank.changed"]["partner_id"], self.partner)

    def test_what_is_acknowledged_is_told_no_more(self) -> None:
        self.one(self.item("ack"))
        ids = [c["id"] for c in self.changes()]
        done = self.client("kontor.event", "acknowledge", event_ids=[*ids, 99999])
        self.assertEqual(done, len(ids))
        self.assertEqual(self.client("kontor.event", "acknowledge", event_ids=ids), 0)
        self.assertEqual(self.changes(), [])
        self.assertGreaterEqual(self.client("kontor.connector", "identify")["event_sequence"],
                                max(ids))

    def test_taking_it_out_leaves_the_books(self) -> None:
        move = self.one(self.item("stays"))["record"]["id"]
        self.sim("set", {"addon": False})
        with self.assertRaises(Refused):
            self.client("kontor.connector", "identify")
        self.assertEqual(self.count("stays"), 1)
        probe = self.client("ir.model.data", "check_object_reference", "kontor", "k1_stays")
        self.assertEqual(probe, ["account.move", move])
        self.sim("set", {"addon": True})
        again = self.one(self.item("stays"))
        self.assertEqual(again["record"]["id"], move)
        self.assertEqual(self.count("stays"), 1)


class Apply17(Apply):
    series = "17.0"


class Apply19(Apply):
    series = "19.0"

    def test_fields_values_and_digits_are_checked(self) -> None:
        """19 rounds no price away."""


class Changes17(Changes):
    series = "17.0"


class Changes19(Changes):
    series = "19.0"


del AddonCase, OdooCase
