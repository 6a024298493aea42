# SPDX-License-Identifier: Apache-2.0
"""The TCP fault proxy in front of a simulated Odoo."""
from __future__ import annotations

import time

from .support import COLUMNS, Client, Dropped, OdooCase, Program, Refused, control


class Proxy(OdooCase):
    series = "18.0"
    proxy: Program

    def setUp(self) -> None:
        super().setUp()
        target = self.ready["url"].removeprefix("http://")
        self.proxy = Program("tcp_proxy.py", "--target", target)
        self.addCleanup(self.proxy.stop)
        self.through = Client(self.ready, "jsonrpc", url=self.proxy.ready["url"])

    def mode(self, **settings: object) -> None:
        control(self.proxy.ready["control"], "/_sim/mode", settings)

    def moves(self) -> int:
        return int(self.sim("state")["moves_total"])

    def test_by_default_bytes_pass(self) -> None:
        self.assertTrue(self.through.load(COLUMNS, [self.row("pass")])["ids"])
        stats = control(self.proxy.ready["control"], "/_sim/stats")
        self.assertGreater(stats["request_bytes"], 0)
        self.assertGreater(stats["response_bytes"], 0)

    def test_a_cut_request_never_reaches_the_server_whole(self) -> None:
        self.mode(mode="cut_request", bytes=60, times=1)
        with self.assertRaises(Dropped):
            self.through.load(COLUMNS, [self.row("request")])
        self.assertTrue(self.through.load(COLUMNS, [self.row("other")])["ids"])
        self.assertEqual(self.moves(), 1)

    def test_a_cut_before_the_response_has_executed(self) -> None:
        self.mode(mode="cut_before_response", times=1)
        with self.assertRaises(Dropped):
            self.through.load(COLUMNS, [self.row("response")])
        self.assertEqual(self.moves(), 1)
        self.assertTrue(self.through.load(COLUMNS, [self.row("response")])["ids"])
        self.assertEqual(self.moves(), 1)

    def test_a_cut_inside_the_response_is_not_an_answer(self) -> None:
        self.mode(mode="cut_in_response", bytes=30)
        with self.assertRaises(Dropped):
            self.through.load(COLUMNS, [self.row("inside")])
        self.assertEqual(self.moves(), 1)

    def test_refused_connections_and_back(self) -> None:
        self.mode(mode="refuse")
        with self.assertRaises(Dropped):
            self.through.load(COLUMNS, [self.row("refused")])
        self.assertEqual(self.moves(), 0)
        self.mode(mode="pass")
        self.assertTrue(self.through.load(COLUMNS, [self.row("refused")])["ids"])

    def test_a_delay_is_waited_for(self) -> None:
        self.mode(mode="delay", seconds=0.2)
        start = time.monotonic()
        self.through("res.users", "context_get")
        self.assertGreaterEqual(time.monotonic() - start, 0.2)

    def test_chance_with_a_seed_repeats_itself(self) -> None:
        def pattern() -> list[bool]:
            self.mode(mode="cut_before_response", probability=0.5, seed=11)
            found = []
            for _ in range(12):
                try:
                    self.through("res.users", "context_get")
                    found.append(True)
                except Dropped:
                    found.append(False)
            return found
        first = pattern()
        self.assertEqual(first, pattern())
        self.assertEqual(set(first), {True, False})

    def test_a_mix_of_faults_loses_and_doubles_nothing(self) -> None:
        self.mode(seed=3, probability=0.6, mix=[
            {"mode": "cut_request", "bytes": 200}, {"mode": "cut_before_response"},
            {"mode": "cut_in_response", "bytes": 40}])
        for number in range(20):
            for _ in range(40):
                try:
                    if self.through.load(COLUMNS, [self.row(f"mix{number}")])["ids"]:
                        break
                except Dropped:
                    continue
            else:
                self.fail("forty tries did not get one through")
        self.assertEqual(self.moves(), 20)

    def test_settings_that_make_no_sense_are_refused(self) -> None:
        for settings in ({"mode": "explode"}, {"mode": "pass", "probability": 2},
                         {"speed": 1}, {"mix": [{"mode": "refuse"}]}):
            with self.assertRaises(Refused, msg=str(settings)):
                self.mode(**settings)
