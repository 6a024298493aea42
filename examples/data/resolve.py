#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fills in what the month leaves open, so that it works on any day and with any chart of accounts.

    kontorctl connection get-catalogue demo --json > catalogue.json
    python3 examples/data/resolve.py --entity demo --run r1 --catalogue catalogue.json \\
        examples/data/month.jsonl > lines.jsonl

    @{today}, @{today-12}, @{today+5}   dates
    @{entity}, @{run}                   names; `run` keeps two runs against one Odoo apart

Without a catalogue the names of accounts, taxes, journals and payment terms stay as they are. With
one, a name that the books do not have is replaced by the closest that they do have; what the month
gets wrong on purpose stays wrong.
"""
from __future__ import annotations

import argparse
import datetime
import json
import re
import sys
from decimal import Decimal
from typing import Any

Json = dict[str, Any]
TODAY = re.compile(r"@\{today(?:([+-])(\d{1,3}))?\}")
# The kind of account behind each code that the month uses. 123456 is meant not to exist.
ACCOUNT_TYPES = {
    "101401": "asset_cash", "101501": "asset_cash", "201000": "liability_current",
    "230000": "liability_current", "230100": "liability_current", "400000": "income",
    "410000": "income", "600000": "expense", "611000": "expense", "612000": "expense",
    "620000": "expense", "630000": "expense", "661000": "expense"}
JOURNAL_TYPES = {"BNK1": "bank", "MISC": "general"}


def with_dates(text: str, today: datetime.date) -> str:
    def date(match: re.Match[str]) -> str:
        days = int(match[2] or 0) * (-1 if match[1] == "-" else 1)
        return (today + datetime.timedelta(days=days)).isoformat()
    return TODAY.sub(date, text)


class Names:
    """Names of the month → names that the catalogue has."""

    def __init__(self, catalogue: Json) -> None:
        self.accounts = {a["code"]: a for a in catalogue.get("accounts", [])
                         if not a.get("deprecated")}
        self.journals = {j["code"]: j for j in catalogue.get("journals", [])}
        self.terms = {t["name"] for t in catalogue.get("paymentTerms", [])}
        self.taxes = [t for t in catalogue.get("taxes", [])
                      if t.get("amountType") == "percent" and not t.get("priceIncluded")]

    def account(self, code: str) -> str:
        kind = ACCOUNT_TYPES.get(code)
        if code in self.accounts or kind is None:
            return code
        fits = sorted(c for c, a in self.accounts.items() if a.get("type") == kind)
        return fits[0] if fits else code

    def journal(self, code: str) -> str:
        kind = JOURNAL_TYPES.get(code)
        if code in self.journals or kind is None:
            return code
        fits = sorted(c for c, j in self.journals.items() if j.get("type") == kind)
        return fits[0] if fits else code

    def tax(self, name: str, purchase: bool) -> list[str]:
        """The tax of that name, else one of that rate; an invoice without tax needs none."""
        mine = [t for t in self.taxes if bool(t.get("forPurchase")) == purchase]
        if any(t["name"] == name for t in mine):
            return [name]
        rate = Decimal(name.rstrip("%"))
        return [t["name"] for t in mine if Decimal(t.get("amount", "0")) == rate][:1]

    def apply(self, line: Json) -> None:
        invoice = line.get("invoice")
        if invoice:
            purchase = "VENDOR" in invoice["kind"]
            if invoice.get("paymentTerm") not in self.terms:
                invoice.pop("paymentTerm", None)
            for row in invoice["lines"]:
                row["accountCode"] = self.account(row["accountCode"])
                taxes = [t for name in row["taxNames"] for t in self.tax(name, purchase)]
                if taxes != row["taxNames"] and row["taxNames"] != ["0%"]:
                    invoice.pop("expectedTotal", None)  # another rate, another total
                row["taxNames"] = taxes
        if payment := line.get("payment"):
            payment["journalCode"] = self.journal(payment["journalCode"])
        if entry := line.get("journalEntry"):
            entry["journalCode"] = self.journal(entry["journalCode"])
            for row in entry["lines"]:
                row["accountCode"] = self.account(row["accountCode"])


def main() -> int:
    parser = argparse.ArgumentParser(description="Fills in the month's open places.")
    parser.add_argument("file", type=argparse.FileType(encoding="utf-8"))
    parser.add_argument("--entity", required=True)
    parser.add_argument("--run", required=True, help="in request ids and references")
    parser.add_argument("--catalogue", type=argparse.FileType(encoding="utf-8"))
    parser.add_argument("--today", type=datetime.date.fromisoformat, default=datetime.date.today())
    options = parser.parse_args()
    names = None
    if options.catalogue:
        names = Names(json.load(options.catalogue)["catalogue"])
    for text in options.file:
        if text.startswith("#") or not text.strip():
            continue
        text = text.replace("@{entity}", options.entity).replace("@{run}", options.run)
        line = json.loads(with_dates(text, options.today))
        if names:
            names.apply(line)
        print(json.dumps(line, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
