#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The month is what its generator writes, its names are those of the fixtures, and it can be
resolved on any day and with any chart of accounts."""
from __future__ import annotations

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "examples" / "data"
MONTH = DATA / "month.jsonl"
Json = dict[str, Any]


def resolve(*arguments: str) -> list[Json]:
    done = subprocess.run(
        [sys.executable, "-B", str(DATA / "resolve.py"), "--entity", "de", "--run", "r1",
         *arguments, str(MONTH)], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def with_catalogue(catalogue: Json) -> list[Json]:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"catalogue": catalogue}, file)
        file.flush()
        return resolve("--catalogue", file.name)


class Month(unittest.TestCase):

    def test_the_file_is_what_the_generator_writes(self) -> None:
        made = subprocess.run([sys.executable, "-B", str(DATA / "make_month.py")],
                              capture_output=True, text=True, check=True).stdout
        self.assertEqual(made, MONTH.read_text("utf-8"), "run make_month.py again")

    def test_nothing_is_left_open_but_ids_of_earlier_lines(self) -> None:
        for today in ("2026-01-01", "2026-02-28", "2028-02-29", "2026-12-31"):
            seen: set[str] = set()
            for line in resolve("--today", today):
                for name in re.findall(r"@\{([^}]*)\}", json.dumps(line)):
                    self.assertIn(name, seen, f"{line['requestId']} names what comes later")
                self.assertNotIn(line["requestId"], seen)
                seen.add(line["requestId"])
            self.assertGreater(len(seen), 110)

    def test_dates_are_around_today(self) -> None:
        text = json.dumps(resolve("--today", "2026-03-01"))
        self.assertIn('"2026-02-28"', text)  # today-1
        self.assertEqual(set(re.findall(r'"(20\d\d)-\d\d-\d\d"', text)), {"2025", "2026"})

    def test_the_month_has_every_currency_tax_and_kind(self) -> None:
        lines = resolve()
        text = json.dumps(lines)
        for part in ("EUR", "USD", "GBP", "CHF", "JPY", "CAD", '"19%"', '"7%"', '"0%"'):
            self.assertIn(part, text)
        kinds = {line["invoice"]["kind"] for line in lines if "invoice" in line}
        self.assertEqual(len(kinds), 4)

    def test_names_are_those_of_the_test_company(self) -> None:
        fixtures = json.loads((ROOT / "tests" / "live" / "fixtures.json").read_text("utf-8"))
        accounts = {a["code"] for a in fixtures["chart"] + fixtures["accounts"]}
        taxes = {t["name"] for t in fixtures["taxes"]}
        used = set(re.findall(r'"accountCode": "(\d+)"', json.dumps(resolve())))
        self.assertEqual(used - accounts, {"123456"})  # unknown on purpose
        for line in resolve():
            for row in line.get("invoice", {}).get("lines", []):
                self.assertLessEqual(set(row["taxNames"]), taxes)

    def test_another_chart_gets_its_own_names(self) -> None:
        lines = with_catalogue({
            "accounts": [{"code": "8400", "type": "income"}, {"code": "4900", "type": "expense"},
                         {"code": "1800", "type": "asset_cash"},
                         {"code": "1700", "type": "liability_current"},
                         {"code": "4000", "type": "expense", "deprecated": True}],
            "journals": [{"code": "BK", "type": "bank"}, {"code": "GEN", "type": "general"}],
            "taxes": [{"name": "USt 19", "amountType": "percent", "amount": "19.0"},
                      {"name": "VSt 19", "amountType": "percent", "amount": "19",
                       "forPurchase": True},
                      {"name": "19 brutto", "amountType": "percent", "amount": "19",
                       "priceIncluded": True}]})
        text = json.dumps(lines)
        self.assertEqual(set(re.findall(r'"accountCode": "(\d+)"', text)),
                         {"8400", "4900", "1800", "1700", "123456"})
        self.assertNotIn("BNK1", text)
        self.assertNotIn("paymentTerm", text)
        for line in lines:
            invoice = line.get("invoice")
            if not invoice:
                continue
            right = "VSt 19" if "VENDOR" in invoice["kind"] else "USt 19"
            for row in invoice["lines"]:
                self.assertIn(row["taxNames"], ([], [right]))


if __name__ == "__main__":
    unittest.main()
