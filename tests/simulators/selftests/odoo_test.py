# SPDX-License-Identifier: Apache-2.0
"""The simulated Odoo: data, transports, transactions, and the habits that hurt."""
from __future__ import annotations

import json
import tempfile
import threading
import unittest
from pathlib import Path
from typing import Any

from .support import COLUMNS, CTX, HERE, Client, OdooCase, Program, Refused

FIXTURES = HERE.parent / "live" / "fixtures.json"


class Behaviour(OdooCase):
    """What must hold on every series; the subclasses below run it on each."""

    def test_the_ready_line_tells_how_to_connect(self) -> None:
        for key in ("url", "db", "login", "api_key", "series", "admin_login", "admin_password",
                    "transports"):
            self.assertIn(key, self.ready)
        self.assertEqual(self.ready["series"], self.series)

    def test_master_data_equals_the_fixtures(self) -> None:
        fixtures = json.loads(FIXTURES.read_text(encoding="utf-8"))
        admin = Client(self.ready, "jsonrpc", "admin")
        both = {"active": [True, False]}
        journals = {r["code"]: r["type"] for r in admin("account.journal", "search_read",
                                                        fields=["code", "type"])}
        self.assertEqual(journals, {j["code"]: j["type"] for j in fixtures["journals"]})
        accounts = {r["code"] for r in admin(
            "account.account", "search_read", fields=["code"], context={"active_test": False})}
        wanted = {a["code"] for a in fixtures["chart"] + fixtures["accounts"]}
        self.assertEqual(wanted - accounts, set())
        taxes = {(r["name"], r["type_tax_use"], r["amount"], r["price_include"])
                 for r in admin("account.tax", "search_read",
                                fields=["name", "type_tax_use", "amount", "price_include"])}
        self.assertEqual(taxes, {(t["name"], t["use"], float(t["amount"]),
                                  bool(t.get("price_included"))) for t in fixtures["taxes"]})
        partners = {r["ref"] for r in admin("res.partner", "search_read", fields=["ref"],
                                            domain=[["ref", "!=", False],
                                                    ["active", "in", both["active"]]])}
        self.assertEqual(partners, {p["ref"] for p in fixtures["partners"]})
        active = {r["name"] for r in admin("res.currency", "search_read", fields=["name"])}
        self.assertEqual(active, set(fixtures["currencies"]["active"]))
        for term in fixtures["payment_terms"]:
            module, _, name = term["xmlid"].partition(".")
            self.assertEqual(admin("ir.model.data", "check_object_reference", module, name)[0],
                             "account.payment.term")

    def test_create_if_absent_over_every_transport(self) -> None:
        for name, client in self.clients.items():
            first = client.load(COLUMNS, [self.row(f"cia_{name}")])
            again = client.load(COLUMNS, [self.row(f"cia_{name}", "99.00")])
            self.assertEqual(first["ids"], again["ids"], name)
            row = client.read_one("account.move", first["ids"][0], "amount_total", "state")
            self.assertEqual(row["amount_total"], 11.91, name)
        self.assertEqual(self.sim("state")["moves_total"], len(self.clients))

    def test_a_refused_row_leaves_nothing_behind(self) -> None:
        answer = self.client.load(COLUMNS, [self.row("good"), self.row("bad", "x")])
        self.assertIs(answer["ids"], False)
        self.assertEqual(answer["messages"][0]["record"], 1)
        self.assertEqual(self.sim("state")["moves_total"], 0)
        self.assertEqual(self.sim("state")["external_ids_total"], 0)

    def test_after_a_refused_batch_a_probe_may_lie(self) -> None:
        self.client.load(COLUMNS, [self.row("good"), self.row("bad", date="")])
        answers = []
        for _ in range(4):
            try:
                answers.append(self.client("ir.model.data", "check_object_reference", "kontor",
                                           "good"))
            except Refused as error:
                answers.append(error.kind)
        self.assertIn(["account.move", False], answers)
        self.assertIn("builtins.ValueError", answers)

    def test_a_probe_may_lie_even_when_the_record_was_made_since(self) -> None:
        self.client.load(COLUMNS, [self.row("good"), self.row("bad", date="")])
        made = self.client.load(COLUMNS, [self.row("good")])["ids"][0]
        answers = [self.client("ir.model.data", "check_object_reference", "kontor", "good")
                   for _ in range(4)]
        self.assertIn(["account.move", False], answers)
        self.assertIn(["account.move", made], answers)

    def test_load_looks_up_without_making_when_a_default_is_impossible(self) -> None:
        made = self.invoice("there", post=False)
        for model, field in (("account.move", "move_type"), ("account.payment", "payment_type"),
                             ("res.partner", "tz")):
            context = {"mode": "update", "noupdate": True, f"default_{field}": "kontor_probe"}
            with self.subTest(model=model):
                answer = self.client(model, "load", ["id"], [["kontor.nobody"]], context=context)
                self.assertIs(answer["ids"], False)
                self.assertIn("kontor_probe", answer["messages"][0]["message"])
                if model == "account.move":
                    found = self.client(model, "load", ["id"], [["kontor.there"]],
                                        context=context)
                    self.assertEqual(found["ids"], [made])

    def test_records_of_another_company_are_out_of_sight(self) -> None:
        companies = self.client("res.company", "search", [])
        self.assertEqual(len(companies), 2)
        first = {"allowed_company_ids": companies[:1]}
        second = {"allowed_company_ids": companies[1:]}
        journals = [{row["id"] for row in self.client(
            "account.journal", "search_read", [["code", "=", "INV"]], ["code"], context=context)}
            for context in (first, second)]
        self.assertEqual([len(found) for found in journals], [1, 1])
        self.assertFalse(journals[0] & journals[1])

    def test_the_same_external_id_twice_in_a_call_adds_lines_to_one_record(self) -> None:
        answer = self.client.load(COLUMNS, [self.row("double"), self.row("double")])
        self.assertEqual(len(set(answer["ids"])), 1)
        self.assertEqual(self.client.read_one("account.move", answer["ids"][0],
                                              "amount_total")["amount_total"], 23.82)

    def test_racing_loads_make_one_record(self) -> None:
        results: list[Any] = []

        def call() -> None:
            client = Client(self.ready, "jsonrpc")
            results.append(client.load(COLUMNS, [self.row("race")]))

        threads = [threading.Thread(target=call) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.sim("state")["moves_total"], 1)
        for result in results:
            if result["ids"] is False:
                self.assertIn("could not serialize", result["messages"][0]["message"])

    def test_posting_twice_is_refused_and_changes_nothing(self) -> None:
        move = self.invoice("twice")
        with self.assertRaises(Refused) as caught:
            self.client.post([move])
        self.assertEqual(caught.exception.kind, "odoo.exceptions.UserError")

    def test_a_locked_period_moves_the_date_in_silence(self) -> None:
        self.sim("set", {"lock_dates": {"fiscalyear_lock_date": "2026-02-28"}})
        move = self.invoice("locked")
        row = self.client.read_one("account.move", move, "date", "invoice_date", "state")
        self.assertEqual(row["state"], "posted")
        self.assertEqual(row["invoice_date"], "2026-01-10")
        self.assertGreater(row["date"], "2026-02-28")

    def test_deleting_a_record_deletes_its_external_id(self) -> None:
        self.invoice("gone", post=False)
        self.sim("people", {"do": "delete", "move": "kontor.gone"})
        with self.assertRaises(Refused) as caught:
            self.client("ir.model.data", "check_object_reference", "kontor", "gone")
        self.assertEqual(caught.exception.kind, "builtins.ValueError")

    def test_a_record_that_is_not_visible_is_told_without_an_id(self) -> None:
        move = self.invoice("hidden")
        self.sim("set", {"hidden": [["account.move", move]]})
        found = self.client("ir.model.data", "check_object_reference", "kontor", "hidden")
        self.assertEqual(found, ["account.move", False])

    def test_a_persons_payment_changes_state_and_stamp(self) -> None:
        move = self.invoice("paid")
        self.sim("people", {"do": "register_payment", "move": "kontor.paid", "amount": 5})
        row = self.client.read_one("account.move", move, "payment_state", "amount_residual")
        self.assertEqual((row["payment_state"], row["amount_residual"]), ("partial", 6.91))

    def test_a_method_without_an_answer(self) -> None:
        self.invoice("quiet")
        self.assertIsNone(self.client("account.move", "button_draft", [1]))
        with self.assertRaises(Refused) as caught:
            self.clients["xmlrpc"]("account.move", "button_cancel", [1])
        self.assertIn("cannot marshal None", caught.exception.text)
        self.assertEqual(self.client.read_one("account.move", 1, "state")["state"], "cancel")

    def test_an_activity_is_made_whatever_the_answer(self) -> None:
        self.invoice("activity")
        arguments = ([1], "mail.mail_activity_data_todo")
        if self.series == "19.0":
            self.assertEqual(self.client("account.move", "activity_schedule", *arguments), [1])
        else:
            self.assertEqual(self.client("account.move", "activity_schedule", *arguments),
                             "mail.activity(1,)")
            with self.assertRaises(Refused):
                self.clients["xmlrpc"]("account.move", "activity_schedule", *arguments)
            self.assertEqual(self.sim("state")["activities"], 2)

    def test_a_limited_user_is_refused_inside_and_outside_of_load(self) -> None:
        limited = Client(self.ready, "jsonrpc", "kontor-limited")
        with self.assertRaises(Refused) as caught:
            limited("account.move", "search_count", [])
        self.assertEqual(caught.exception.kind, "odoo.exceptions.AccessError")
        answer = limited.load(COLUMNS, [self.row("limited")])
        self.assertIs(answer["ids"], False)

    def test_a_private_method_and_an_unknown_model_are_refused(self) -> None:
        for model, method in (("res.partner", "_write"), ("no.such.model", "search"),
                              ("res.partner", "no_such_method"), ("res.partner", "check")):
            with self.assertRaises(Refused, msg=f"{model}.{method}"):
                self.client(model, method, [])

    def test_five_wrong_passwords_close_the_door(self) -> None:
        for _ in range(5):
            self.assertIs(self.client._service("common", "authenticate",
                                               [self.ready["db"], "admin", "wrong", {}]), False)
        self.assertIs(self.client._service(
            "common", "authenticate", [self.ready["db"], "kontor-limited", "kontor-limited", {}]),
            False)
        self.client("res.users", "context_get")

    def test_unknown_settings_and_rules_are_refused(self) -> None:
        for what, data in (("set", {"lockdates": {}}), ("faults", [{"action": "explode"}]),
                           ("faults", [{"action": "delay", "match": {"modell": "x"}}]),
                           ("people", {"do": "dance"}), ("nothing", {})):
            with self.assertRaises(Refused, msg=what):
                self.sim(what, data)

    def test_a_posted_bill_with_a_known_reference(self) -> None:
        supplier = self.client.find("res.partner", ["ref", "=", "S-2001"])
        journal = self.client.find("account.journal", ["code", "=", "BILL"])
        rows = [self.row(name) for name in ("dup1", "dup2")]
        for row in rows:
            row[1:8] = ["in_invoice", str(journal), str(supplier), "2026-01-10", "2026-01-10",
                        str(self.euro), "SUP-1"]
            row[12] = ""
        ids = self.client.load(COLUMNS, rows)["ids"]
        self.client.post(ids[:1])
        if self.series == "17.0":
            with self.assertRaises(Refused) as caught:
                self.client.post(ids[1:])
            self.assertEqual(caught.exception.kind, "odoo.exceptions.RedirectWarning")
        else:
            self.client.post(ids[1:])
            self.assertEqual(self.sim("state")["moves"]["in_invoice"], {"posted": 2})


class Behaviour17(Behaviour):
    series = "17.0"


class Behaviour19(Behaviour):
    series = "19.0"


class Keeping(unittest.TestCase):
    """--state keeps a database from one start to the next."""

    def test_a_state_file_brings_the_database_back(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "odoo.state")
            first = Program("odoo_sim.py", "--series", "18.0", "--state", path)
            client = Client(first.ready, "jsonrpc")
            made = client("res.partner", "load", ["id", "name"], [["kontor.kept", "Kept"]],
                          context=CTX)["ids"]
            first.stop()
            second = Program("odoo_sim.py", "--series", "18.0", "--state", path)
            try:
                client = Client(second.ready, "jsonrpc")
                self.assertEqual(client("ir.model.data", "check_object_reference", "kontor",
                                        "kept"), ["res.partner", made[0]])
            finally:
                second.stop()
