# SPDX-License-Identifier: Apache-2.0
"""Injected faults: what was executed, what was answered, over each transport."""
from __future__ import annotations

from .support import COLUMNS, Client, Dropped, OdooCase, Refused, until


class Faults(OdooCase):
    series = "19.0"

    def rule(self, action: str, **more: object) -> None:
        extra = more.pop("match", {})
        assert isinstance(extra, dict)
        match = {"model": "account.move", "method": "load", **extra}
        self.sim("faults", [{"match": match, "action": action, **more}])

    def moves(self) -> int:
        return int(self.sim("state")["moves_total"])

    def test_cut_before_executes_nothing(self) -> None:
        for number, (name, client) in enumerate(self.clients.items()):
            self.rule("cut_before", reset=bool(number % 2))
            with self.assertRaises(Dropped):
                client.load(COLUMNS, [self.row(f"before_{name}")])
        self.assertEqual(self.moves(), 0)

    def test_cut_after_has_committed(self) -> None:
        for name, client in self.clients.items():
            self.rule("cut_after")
            with self.assertRaises(Dropped):
                client.load(COLUMNS, [self.row(f"after_{name}")])
            answer = client.load(COLUMNS, [self.row(f"after_{name}")])
            self.assertTrue(answer["ids"])
        self.assertEqual(self.moves(), len(self.clients))

    def test_cut_in_the_middle_has_committed(self) -> None:
        self.rule("cut_middle")
        with self.assertRaises(Dropped):
            self.client.load(COLUMNS, [self.row("middle")])
        self.assertEqual(self.moves(), 1)

    def test_a_late_call_arrives_after_its_caller_gave_up(self) -> None:
        self.rule("late", seconds=0.2)
        with self.assertRaises(Dropped):
            self.client.load(COLUMNS, [self.row("late")])
        made = self.client.load(COLUMNS, [self.row("late", "99.00")])["ids"]
        self.assertTrue(until(lambda: any(entry["fault"] == "late" and entry["status"] == 200
                                          for entry in self.sim("log"))))
        self.assertEqual(self.client.load(COLUMNS, [self.row("late")])["ids"], made)
        self.assertEqual(self.moves(), 1)

    def test_bad_gateway_with_and_without_execution(self) -> None:
        self.rule("http_502")
        with self.assertRaises(Refused) as caught:
            self.client.load(COLUMNS, [self.row("gateway")])
        self.assertEqual(caught.exception.kind, 502)
        self.assertEqual(self.moves(), 0)
        self.rule("http_502", after=True)
        with self.assertRaises(Refused):
            self.client.load(COLUMNS, [self.row("gateway")])
        self.assertEqual(self.moves(), 1)

    def test_html_and_rate_limit(self) -> None:
        self.rule("html_error")
        with self.assertRaises(Refused) as caught:
            self.client.load(COLUMNS, [self.row("html")])
        self.assertEqual(caught.exception.kind, 500)
        self.rule("rate_limit_429", seconds=3)
        with self.assertRaises(Refused) as caught:
            self.client.load(COLUMNS, [self.row("rate")])
        self.assertEqual(caught.exception.kind, 429)
        self.assertEqual(self.moves(), 0)

    def test_a_serialization_failure_of_load_comes_as_a_message(self) -> None:
        for client in self.clients.values():
            self.rule("serialization_failure")
            answer = client.load(COLUMNS, [self.row("serial")])
            self.assertIs(answer["ids"], False)
            self.assertIn("could not serialize", answer["messages"][0]["message"])
        self.assertEqual(self.moves(), 0)

    def test_a_serialization_failure_of_another_call_is_an_error(self) -> None:
        move = self.invoice("posting", post=False)
        self.sim("faults", [{"match": {"method": "action_post"},
                             "action": "serialization_failure"}])
        with self.assertRaises(Refused) as caught:
            self.client.post([move])
        self.assertEqual(caught.exception.kind, "psycopg2.errors.SerializationFailure")
        self.client.post([move])

    def test_times_and_nth_choose_the_call(self) -> None:
        self.rule("cut_before", times=1, match={"nth": 2, "transport": "jsonrpc"})
        self.client.load(COLUMNS, [self.row("n1")])
        self.clients["xmlrpc"].load(COLUMNS, [self.row("n2")])
        with self.assertRaises(Dropped):
            self.client.load(COLUMNS, [self.row("n3")])
        self.client.load(COLUMNS, [self.row("n4")])
        self.assertEqual(self.moves(), 3)
        self.assertEqual(self.sim("faults")[0]["fired"], 1)

    def test_a_delayed_call_is_answered(self) -> None:
        self.rule("delay", seconds=0.05)
        self.assertTrue(self.client.load(COLUMNS, [self.row("delay")])["ids"])

    def test_the_log_tells_what_was_called(self) -> None:
        self.rule("cut_before")
        with self.assertRaises(Dropped):
            self.client.load(COLUMNS, [self.row("logged")])
        last = self.sim("log?limit=1")[0]
        self.assertEqual((last["model"], last["method"], last["fault"], last["status"]),
                         ("account.move", "load", "cut_before", None))

    def test_another_database_is_noticed(self) -> None:
        admin = Client(self.ready, "jsonrpc", "admin")
        before = admin("ir.config_parameter", "get_param", "database.uuid")
        self.sim("set", {"database_uuid": "00000000-0000-0000-0000-000000000000"})
        self.assertNotEqual(admin("ir.config_parameter", "get_param", "database.uuid"), before)

    def test_noise_in_the_last_binary_digit(self) -> None:
        move = self.invoice("noise")
        self.sim("set", {"float_noise": True})
        total = self.client.read_one("account.move", move, "amount_total")["amount_total"]
        self.sim("set", {"float_noise": False})
        self.assertNotEqual(total, 11.91)
        self.assertEqual(f"{total:.15g}", "11.91")
