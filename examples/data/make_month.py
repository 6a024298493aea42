#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes month.jsonl: a month of an invented company, as lines for `kontorctl push`.

    python3 examples/data/make_month.py > examples/data/month.jsonl

The result is checked in; run this again only to change the month. Deterministic. Dates and names
that depend on the day and the books are left as @{…}; resolve.py fills them in.
"""
from __future__ import annotations

import json
import random
import sys
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Json = dict[str, Any]
SEED = 20
SCALE = {"JPY": 0}
CUSTOMERS = [
    # reference, name, country, city, currency of its invoices
    ("QC-01", "Alsterblick Reederei GmbH", "DE", "Hamburg", "EUR"),
    ("QC-02", "Bergmann & Töchter KG", "DE", "München", "EUR"),
    ("QC-03", "Librairie du Vieux Port SARL", "FR", "Marseille", "EUR"),
    ("QC-04", "Northfield Analytics Inc.", "US", "Portland", "USD"),
    ("QC-05", "Thistle & Heather Ltd", "GB", "Inverness", "GBP"),
    ("QC-06", "Säntis Uhren AG", "CH", "St. Gallen", "CHF"),
    ("QC-07", "Kamogawa Denki KK", "JP", "Kyoto", "JPY"),
]
SUPPLIERS = [
    # reference, name, country, city, currency, what it sells, account, tax
    ("QS-01", "Druckwerk Elbe GmbH", "DE", "Dresden", "EUR", "Printing of handbooks", "600000",
     "7"),
    ("QS-02", "Wolkenheim Hosting GmbH", "DE", "Berlin", "EUR", "Servers", "600000", "19"),
    ("QS-03", "Papier & Feder OHG", "DE", "Lübeck", "EUR", "Office supplies", "600000", "19"),
    ("QS-04", "Transalp Spedition GmbH", "AT", "Innsbruck", "EUR", "Freight", "600000", "0"),
    ("QS-05", "Cloudberry Software Ltd", "GB", "Leeds", "GBP", "Licences", "611000", "0"),
    ("QS-06", "Speicherstadt Immobilien GmbH", "DE", "Hamburg", "EUR", "Rent of the office",
     "612000", "0"),
]
# What the company sells: text, price, account, tax at home.
SALES = [("Consulting, hours", "120.00", "410000", "19"),
         ("Workshop, days", "980.00", "410000", "19"),
         ("Licence, seats", "49.90", "400000", "19"), ("Support, months", "215.00", "400000", "19"),
         ("Handbook, copies", "29.95", "400000", "7")]
RATE = {"EUR": "1", "USD": "1.09", "GBP": "0.85", "CHF": "0.95", "JPY": "162"}


def iban(country: str, account: str) -> str:
    """An account number that nobody has, with right check digits (ISO 13616)."""
    digits = account + "".join(str(ord(c) - 55) for c in country) + "00"
    return f"{country}{98 - int(digits) % 97:02d}{account}"


def rounded(value: Decimal, currency: str) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-SCALE.get(currency, 2)), ROUND_HALF_UP)


def line(text: str, quantity: str, price: str, account: str, tax: str) -> Json:
    return {"description": text, "quantity": quantity, "unitPrice": price, "accountCode": account,
            "taxNames": [tax + "%"]}


def total(lines: list[Json], currency: str) -> Decimal:
    """With tax, rounded line by line as Odoo does."""
    out = Decimal(0)
    for one in lines:
        net = rounded(Decimal(one["quantity"]) * Decimal(one["unitPrice"]), currency)
        rate = Decimal(one["taxNames"][0].rstrip("%")) / 100
        out += net + rounded(net * rate, currency)
    return out


def money(value: Decimal, currency: str) -> Json:
    return {"currencyCode": currency, "value": str(value)}


def day(ago: int) -> str:
    return "@{today}" if ago == 0 else f"@{{today-{ago}}}"


class Month:
    """Collects the lines, one list for each kind, in the order in which they are sent."""

    def __init__(self) -> None:
        self.random = random.Random(SEED)
        self.partners: list[Json] = []
        self.invoices: list[Json] = []
        self.credits: list[Json] = []
        self.payments: list[Json] = []
        self.entries: list[Json] = []

    @staticmethod
    def request_id(name: str) -> str:
        return "@{run}-" + name

    def partner(self, reference: str, name: str, country: str, city: str, number: int,
                terms: Json) -> None:
        body: Json = {"entity": "@{entity}", "reference": reference, "name": name,
                      "isCompany": True, "countryCode": country, "city": city,
                      "email": f"{reference.lower()}@kontor.example", **terms}
        if country in ("DE", "AT"):
            length = {"DE": 18, "AT": 16}[country]
            account = "99" + f"{number * 7919 + 4711:0{length - 2}d}"
            body["bankAccounts"] = [{"accountNumber": iban(country, account)}]
        self.partners.append({"requestId": self.request_id("partner-" + reference.lower()),
                              "partner": body})

    def invoice(self, name: str, kind: str, partner: str, currency: str, ago: int, reference: str,
                lines: list[Json], **more: Any) -> Json:
        body: Json = {"kind": "KIND_" + kind, "entity": "@{entity}",
                      "partner": {"reference": partner}, "invoiceDate": day(ago),
                      "currencyCode": currency, "reference": reference, "lines": lines, **more}
        made = {"requestId": self.request_id(name), "invoice": body}
        (self.credits if "CREDIT" in kind else self.invoices).append(made)
        return made

    def payment(self, name: str, direction: str, partner: str, amount: Json, ago: int, memo: str,
                invoice: str = "", **more: Any) -> None:
        body: Json = {"entity": "@{entity}", "direction": "DIRECTION_" + direction,
                      "partner": {"reference": partner}, "amount": amount, "date": day(ago),
                      "journalCode": "BNK1", "memo": memo, **more}
        if invoice:
            body["allocations"] = [{"invoiceId": "@{" + self.request_id(invoice) + "}"}]
        self.payments.append({"requestId": self.request_id(name), "payment": body})

    def entry(self, name: str, ago: int, reference: str, lines: list[tuple[str, str, str, str]]
              ) -> None:
        rows = [{"accountCode": account, "description": text, side: value}
                for account, text, side, value in lines]
        self.entries.append({"requestId": self.request_id(name), "journalEntry": {
            "entity": "@{entity}", "date": day(ago), "journalCode": "MISC",
            "reference": f"@{{run}}/{reference}", "lines": rows}})

    # -- the month ----------------------------------------------------------------------------

    def add_partners(self) -> None:
        for number, (reference, name, country, city, _) in enumerate(CUSTOMERS):
            self.partner(reference, name, country, city, number, {})
        for number, (reference, name, country, city, *_) in enumerate(SUPPLIERS, 50):
            self.partner(reference, name, country, city, number, {})

    def add_sales(self, count: int) -> None:
        for number in range(1, count + 1):
            # Most of the business is at home; each currency comes up several times.
            customer = CUSTOMERS[number % 3] if number % 9 < 5 else CUSTOMERS[3 + number % 4]
            reference, _, _, _, currency = customer
            home = customer[2] == "DE"
            lines = []
            for text, price, account, tax in self.random.sample(SALES, self.random.randint(1, 3)):
                value = rounded(Decimal(price) * Decimal(RATE[currency]), currency)
                quantity = self.random.choice(["1", "2", "3", "4", "5", "8", "12.5", "20"])
                lines.append(line(text, quantity, str(value), account, tax if home else "0"))
            more: Json = {"paymentTerm": "30 Days"} if number % 4 == 0 else {}
            if number % 5 == 0:
                more["expectedTotal"] = money(total(lines, currency), currency)
            self.invoice(f"inv-{number:02d}", "CUSTOMER_INVOICE", reference, currency,
                         30 - number * 28 // count, f"@{{run}}-SO-{700 + number}", lines, **more)

    def add_bills(self, count: int) -> None:
        for number in range(1, count + 1):
            reference, name, _, _, currency, text, account, tax = SUPPLIERS[number % len(SUPPLIERS)]
            initials = "".join(word[0] for word in name.split()[:2] if word[0].isalpha())
            price = str((Decimal(self.random.randint(2500, 98000)) / 100).quantize(Decimal("0.01")))
            lines = [line(text, self.random.choice(["1", "1", "2", "3"]), price, account, tax)]
            if number % 7 == 0 and tax == "19":
                lines.append(line("Delivery", "1", "12.50", account, tax))
            self.invoice(f"bill-{number:02d}", "VENDOR_BILL", reference, currency,
                         29 - number * 26 // count, f"@{{run}}-{initials}-{4000 + number}",
                         lines, dueDate=f"@{{today+{number % 20}}}")

    def add_trouble(self) -> None:
        """What a real month has, too: each becomes an exception that says why."""
        self.invoice("bill-locked", "VENDOR_BILL", "QS-04", "EUR", 95, "@{run}-TA-LATE",
                     [line("Freight, found in a drawer", "1", "318.40", "600000", "0")])
        first = next(i["invoice"] for i in self.invoices if i["requestId"].endswith("bill-03"))
        self.invoice("bill-again", "VENDOR_BILL", first["partner"]["reference"],
                     first["currencyCode"], 4, first["reference"], first["lines"])
        self.invoice("bill-account", "VENDOR_BILL", "QS-03", "EUR", 9, "@{run}-PF-771",
                     [line("Toner", "2", "84.90", "123456", "19")])
        self.invoice("inv-cad", "CUSTOMER_INVOICE", "QC-04", "CAD", 7, "@{run}-SO-790",
                     [line("Consulting, hours", "6", "178.00", "410000", "0")])
        lines = [line("Servers", "1", "411.00", "600000", "19")]
        self.invoice("bill-cent", "VENDOR_BILL", "QS-02", "EUR", 6, "@{run}-WH-5120", lines,
                     expectedTotal=money(total(lines, "EUR") + Decimal("0.10"), "EUR"))
        self.invoice("bill-digits", "VENDOR_BILL", "QS-02", "EUR", 5, "@{run}-WH-5133",
                     [line("Traffic, gigabytes", "8200", "0.0125", "600000", "19")])

    def add_credits(self) -> None:
        for number, name in enumerate(("inv-06", "inv-18", "inv-27", "bill-05"), 1):
            original = next(i["invoice"] for i in self.invoices
                            if i["requestId"].endswith("-" + name))
            kind = "VENDOR_CREDIT_NOTE" if name.startswith("bill") else "CUSTOMER_CREDIT_NOTE"
            first = {**original["lines"][0], "quantity": "1"}
            self.invoice(f"credit-{number}", kind, original["partner"]["reference"],
                         original["currencyCode"], 3, f"@{{run}}-CN-{number}", [first],
                         reversedInvoiceId="@{" + self.request_id(name) + "}")

    def add_payments(self) -> None:
        sales = [i for i in self.invoices if i["invoice"]["kind"].endswith("CUSTOMER_INVOICE")
                 and i["requestId"].split("-")[-1].isdigit()]
        unpaid = {"06", "18", "27"}  # credited: their customers wait
        paid = [i for i in sales if i["requestId"][-2:] not in unpaid][::2]
        for number, made in enumerate(paid, 1):
            body = made["invoice"]
            currency = body["currencyCode"]
            full = total(body["lines"], currency)
            part = number % 6 == 0
            value = rounded(full / 2, currency) if part else full
            name = made["requestId"].removeprefix("@{run}-")
            self.payment(f"pay-in-{number:02d}", "INBOUND", body["partner"]["reference"],
                         money(value, currency), 2, f"@{{run}} {name}" + (" part" if part else ""),
                         name)
        for number, name in enumerate(("bill-01", "bill-02", "bill-04", "bill-08", "bill-11"), 1):
            body = next(i["invoice"] for i in self.invoices
                        if i["requestId"].endswith("-" + name))
            currency = body["currencyCode"]
            full = total(body["lines"], currency)
            value = rounded(full * Decimal("0.4"), currency) if number == 5 else full
            self.payment(f"pay-out-{number}", "OUTBOUND", body["partner"]["reference"],
                         money(value, currency), 1, f"@{{run}} {name}", name)
        self.payment("pay-deposit", "INBOUND", "QC-02", money(Decimal("1500.00"), "EUR"), 1,
                     "@{run} deposit for the autumn workshop")
        # To an account that nobody has confirmed yet.
        account = next(p["partner"]["bankAccounts"][0]["accountNumber"] for p in self.partners
                       if p["partner"]["reference"] == "QS-03")
        self.payment("pay-untrusted", "OUTBOUND", "QS-03", money(Decimal("212.30"), "EUR"), 1,
                     "@{run} office supplies", partnerBankAccount=account)

    def add_entries(self) -> None:
        self.entry("entry-salaries", 2, "SALARIES", [
            ("630000", "Salaries", "debit", "18400.00"),
            ("230000", "Salaries to pay", "credit", "14260.00"),
            ("230100", "Wage tax and social security", "credit", "4140.00")])
        self.entry("entry-rent", 2, "RENT-ACCRUAL", [
            ("612000", "Rent of the store room", "debit", "640.00"),
            ("201000", "Rent of the store room", "credit", "640.00")])
        self.entry("entry-fees", 1, "BANK-FEES", [
            ("620000", "Account fees", "debit", "23.90"),
            ("101401", "Account fees", "credit", "23.90")])
        self.entry("entry-travel", 1, "TRAVEL", [
            ("661000", "Travel advance, cleared", "debit", "412.65"),
            ("101501", "Travel advance, cleared", "credit", "412.65")])
        self.entry("entry-unbalanced", 1, "TYPING-ERROR", [
            ("600000", "Correction", "debit", "100.00"),
            ("201000", "Correction", "credit", "10.00")])

    def lines(self) -> list[Json]:
        self.add_partners()
        self.add_sales(46)
        self.add_bills(24)
        self.add_trouble()
        self.add_credits()
        self.add_payments()
        self.add_entries()
        return self.partners + self.invoices + self.credits + self.payments + self.entries


def main() -> int:
    print("# A month of an invented company, made by make_month.py. @{…} is for resolve.py;")
    print("# @{request id} stands for the id of an earlier line's document (see kontorctl push).")
    for one in Month().lines():
        print(json.dumps(one, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
