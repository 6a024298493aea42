# SPDX-License-Identifier: Apache-2.0
"""The addon as kontor meets it: over RPC, on a running server, with the bot's rights only.

What needs several connections at once, or a transport, is tested here; the rest in the addon's own
tests. Takes --target-json and --transport like every live suite.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import secrets
import sys
import threading
import time
import unittest
from typing import Any

import prepare
from transports import Caller, Refused

RACERS = 50
TRIES_MAX = 50
HOLD_SECONDS_MAX = 2.0
BATCH = 100
CONFIRMATIONS = 12


class AddonCheck(unittest.TestCase):
    """One target over one transport; tests do not depend on each other."""

    target: dict[str, Any]
    transport: str
    bot: Caller

    @classmethod
    def setUpClass(cls) -> None:
        cls.bot = Caller(cls.target, cls.transport)
        cls.run_id = secrets.token_hex(4)
        name = prepare.load_fixtures()["company"]["name"]
        cls.company = cls._first("res.company", [["name", "=", name]])
        cls.journal = cls._first("account.journal", [["code", "=", "INVX"]])
        cls.partner = cls._first("res.partner", [["ref", "=", "C-1002"]])
        cls.account = cls._first("account.account", [["code", "=", "410000"]])

    @classmethod
    def _first(cls, model: str, domain: list[Any]) -> int:
        rows = cls.bot.call(model, "search_read", domain=domain, fields=["id"], limit=1)
        return rows[0]["id"]

    def item(self, name: str, **more: Any) -> dict[str, Any]:
        """An invoice of three lines under a key of this run."""
        lines = [
            {"name": f"Line {number}", "quantity": "2", "price_unit": "10.05",
             "account_id": self.account, "tax_ids": []}
            for number in range(3)
        ]
        values = {
            "move_type": "out_invoice", "journal_id": self.journal, "partner_id": self.partner,
            "invoice_date": "2026-01-31", "date": "2026-01-31", "invoice_payment_term_id": False,
            "invoice_date_due": "2026-02-28", "invoice_line_ids": lines,
        } | more
        return {
            "key": f"k1_live_{self.run_id}_{self.transport}_{name}",
            "digest": hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest(),
            "revision": 1, "correlation_id": name, "values": values,
            "expect": {"total": "60.30"},
        }

    def apply(self, items: list[dict[str, Any]], caller: Caller | None = None) -> Any:
        """One call of apply, posted."""
        return (caller or self.bot).call(
            "kontor.operation", "apply", company_id=self.company, kind="move", items=items,
            post=True,
        )

    def apply_all(self, items: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[float]]:
        """Calls apply until nothing is deferred; answers results and the seconds of each call."""
        results: dict[str, dict[str, Any]] = {}
        seconds = []
        waiting = items
        while waiting:
            began = time.monotonic()
            for result in self.apply(waiting):
                results[result["key"]] = result
            seconds.append(time.monotonic() - began)
            waiting = [one for one in items if results[one["key"]]["status"] == "deferred"]
            self.assertLessEqual(len(seconds), len(items))
        return [results[one["key"]] for one in items], seconds

    def count(self, domain: list[Any]) -> int:
        """How many moves of the journal match."""
        return self.bot.call(
            "account.move", "search_count", domain=[["journal_id", "=", self.journal], *domain]
        )

    def test_identify_names_this_series_and_protocol(self) -> None:
        answer = self.bot.call("kontor.connector", "identify")
        self.assertEqual((answer["series"], answer["protocol"]), (self.target["series"], 1))
        self.assertTrue(answer["addon_version"].startswith(self.target["series"]))
        self.assertTrue(answer["database_uuid"])
        self.assertFalse(answer["neutralised"])

    def test_racing_calls_with_one_key_make_one_document(self) -> None:
        before = self.count([])
        item = self.item("race")
        start = threading.Barrier(RACERS)
        lost = []

        def race(_number: int) -> Any:
            start.wait()
            for _try in range(TRIES_MAX):
                try:
                    return self.apply([item], Caller(self.target, self.transport))[0]
                except OSError as error:  # more at once than the server's queue takes
                    lost.append(error)
            raise AssertionError(f"no answer in {TRIES_MAX} tries")

        with concurrent.futures.ThreadPoolExecutor(RACERS) as pool:
            results = list(pool.map(race, range(RACERS)))
        self.assertEqual({result["status"] for result in results}, {"applied"})
        self.assertEqual(len({result["record"]["id"] for result in results}), 1)
        # The first one's answer may be among the lost: that is what the key is for.
        first = sum(not result["repeat"] for result in results)
        self.assertTrue(first == 1 or (first == 0 and lost), f"{first} first, {len(lost)} lost")
        self.assertEqual(self.count([]), before + 1)

    def test_racing_batches_in_other_orders_neither_lock_nor_double(self) -> None:
        items = [self.item(f"order{number}") for number in range(6)]
        before = self.count([])

        def race(turned: bool) -> Any:
            batch = list(reversed(items)) if turned else items
            return self.apply(batch, Caller(self.target, self.transport))

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(race, [False, True, False, True]))
        results, _seconds = self.apply_all(items)
        self.assertEqual({result["status"] for result in results}, {"applied"})
        self.assertEqual(self.count([]), before + len(items))

    def test_load_racing_with_apply_makes_one_document(self) -> None:
        before = self.count([])
        item = self.item("load")
        columns = ["id", "move_type", "journal_id/.id", "partner_id/.id", "invoice_date",
                   "invoice_line_ids/name", "invoice_line_ids/price_unit",
                   "invoice_line_ids/account_id/.id", "invoice_line_ids/tax_ids/.id"]
        row = [f"kontor.{item['key']}", "out_invoice", str(self.journal), str(self.partner),
               "2026-01-31", "Whole", "60.30", str(self.account), ""]

        def load() -> Any:
            return Caller(self.target, self.transport).call(
                "account.move", "load", fields=columns, data=[row],
                context={"mode": "update", "noupdate": True},
            )

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            loading = pool.submit(load)
            applying = pool.submit(self.apply, [item], Caller(self.target, self.transport))
            loading.result()
            (result,) = applying.result()
        self.assertEqual(result["status"], "applied", result)
        self.assertEqual(self.count([]), before + 1)

    def test_numbers_have_no_gap_though_some_are_refused(self) -> None:
        items = [self.item(f"gap{number}") for number in range(20)]
        for number in (3, 11, 12):
            items[number]["values"]["partner_id"] = False
        results, _seconds = self.apply_all(items)
        refused = [n for n, result in enumerate(results) if result["status"] == "refused"]
        self.assertEqual(refused, [3, 11, 12])
        rows = self.bot.call(
            "account.move", "search_read",
            domain=[["journal_id", "=", self.journal], ["state", "=", "posted"]],
            fields=["name"],
        )
        numbers = sorted(int(row["name"].rsplit("/", 1)[1]) for row in rows)
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))

    def test_a_person_who_posts_in_the_journal_waits_two_seconds_at_most(self) -> None:
        alone = sorted(self.confirm(self.draft()) for _number in range(3))[1]
        drafts = [self.draft() for _number in range(CONFIRMATIONS)]
        items = [self.item(f"hold{number}") for number in range(BATCH)]
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            applying = pool.submit(self.apply_all, items)
            waits = []
            while drafts and not applying.done():
                waits.append(self.confirm(drafts.pop()))
            results, seconds = applying.result()
        self.assertEqual({result["status"] for result in results}, {"applied"})
        self.assertTrue(waits, "nobody posted meanwhile: nothing was measured")
        print(f"{BATCH} invoices in {len(seconds)} calls, {sum(seconds):.1f} s, "
              f"{BATCH / sum(seconds):.1f} a second; a person's confirm takes {alone:.2f} s alone, "
              f"{max(waits):.2f} s at most of {len(waits)} meanwhile")
        self.assertLess(max(waits) - alone, HOLD_SECONDS_MAX)

    def draft(self) -> int:
        """A draft as it is made without kontor's key."""
        columns = ["move_type", "journal_id/.id", "partner_id/.id", "invoice_date",
                   "invoice_line_ids/name", "invoice_line_ids/price_unit",
                   "invoice_line_ids/account_id/.id", "invoice_line_ids/tax_ids/.id"]
        row = ["out_invoice", str(self.journal), str(self.partner), "2026-01-31", "Whole", "1.00",
               str(self.account), ""]
        caller = Caller(self.target, self.transport)
        answer = caller.call("account.move", "load", fields=columns, data=[row])
        self.assertTrue(answer["ids"], answer)
        return answer["ids"][0]

    def confirm(self, move_id: int) -> float:
        """Posts a draft; answers how long it took."""
        caller = Caller(self.target, self.transport)
        began = time.monotonic()
        caller.call("account.move", "action_post", ids=[move_id])
        return time.monotonic() - began

    def test_events_are_pulled_and_acknowledged(self) -> None:
        (result,) = self.apply([self.item("event")])
        move_id = result["record"]["id"]
        seen = self.pull()
        mine = [event for event in seen
                if (event["model"], event["res_id"]) == ("account.move", move_id)]
        self.assertEqual([event["kind"] for event in mine], ["move.posted"])
        self.assertTrue(mine[0]["by_bot"])
        self.assertEqual(mine[0]["snapshot"]["external_id"], result["key"])
        ids = [event["id"] for event in seen]
        self.assertEqual(
            self.bot.call("kontor.event", "acknowledge", event_ids=ids), len(ids)
        )
        self.assertFalse([event for event in self.pull() if event["id"] in ids])

    def pull(self) -> list[dict[str, Any]]:
        """All waiting events."""
        events: list[dict[str, Any]] = []
        while True:
            page = self.bot.call(
                "kontor.event", "pull", company_id=self.company, limit=200,
                after_id=events[-1]["id"] if events else 0,
            )
            events += page
            if len(page) < 200:
                return events

    def test_the_probe_finds_what_is_there(self) -> None:
        (result,) = self.apply([self.item("probe")])
        found = self.bot.call("kontor.operation", "find", keys=[result["key"], "k1_never_made"])
        self.assertEqual([one["state"] for one in found], ["applied", "absent"])
        self.assertEqual(found[0]["record"]["id"], result["record"]["id"])

    def test_a_user_without_the_group_gets_nothing(self) -> None:
        login = prepare.load_fixtures()["users"]["limited"]["login"]
        limited = Caller(
            self.target | {"login": login, "api_key": self.target["api_keys"][login]},
            self.transport,
        )
        calls = [
            ("kontor.connector", "identify", {}),
            ("kontor.operation", "find", {"keys": ["k1_x"]}),
            ("kontor.event", "pull", {"company_id": self.company, "limit": 1, "after_id": 0}),
            ("kontor.event", "acknowledge", {"event_ids": [1]}),
            ("kontor.event", "search_read", {"domain": [], "fields": ["kind"]}),
        ]
        for model, method, arguments in calls:
            with self.subTest(f"{model}.{method}"), self.assertRaises(Refused):
                limited.call(model, method, **arguments)
        with self.assertRaises(Refused):
            self.apply([self.item("limited")], limited)


def main(argv: list[str]) -> int:
    """Runs the checks; prints the plain closing line; answers 0 when none failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target-json", type=pathlib.Path, required=True)
    parser.add_argument("--transport", choices=("json2", "jsonrpc", "xmlrpc"), required=True)
    given = parser.parse_args(argv)
    AddonCheck.target = json.loads(given.target_json.read_text(encoding="utf-8"))
    AddonCheck.transport = given.transport
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(AddonCheck)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=1).run(suite)
    bad = {test.id().split(" ")[0] for test, _ in result.failures + result.errors}
    failed, skipped = len(bad), len(result.skipped)
    print(f"{result.testsRun - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
