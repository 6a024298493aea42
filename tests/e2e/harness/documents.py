# SPDX-License-Identifier: Apache-2.0
"""Documents as the API takes them, built from the master data that every target has.

Every builder makes a document that nothing else looks like: its own reference, its own amount.
"""
from __future__ import annotations

import datetime
import itertools
import uuid
from typing import Any

Json = dict[str, Any]
_numbers = itertools.count(1)

CUSTOMER, OTHER_CUSTOMER, TERMS_PARTNER = "C-1001", "C-1002", "C-1005"
VENDOR, OTHER_VENDOR, UNTRUSTED_VENDOR = "S-2001", "S-2002", "S-2004"
VENDOR_ACCOUNT, UNTRUSTED_ACCOUNT = "DE75512108001245126199", "NL91ABNA0417164300"
INCOME, EXPENSE, BANK_FEES, RENT = "400000", "600000", "620000", "612000"


def today() -> str:
    return datetime.date.today().isoformat()


def days(offset: int) -> str:
    """The date so many days from today."""
    return (datetime.date.today() + datetime.timedelta(days=offset)).isoformat()


def last_year(month: int, day: int) -> str:
    """A day of last year, which no other test posts into."""
    return datetime.date(datetime.date.today().year - 1, month, day).isoformat()


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


def line(price: str, quantity: str = "1", taxes: tuple[str, ...] = ("19%",),
         account: str = INCOME, **more: Any) -> Json:
    return {"description": more.pop("description", "Consulting"), "quantity": quantity,
            "unitPrice": price, "accountCode": account, "taxNames": list(taxes), **more}


def _price() -> str:
    number = next(_numbers)
    return f"{100 + number % 400}.{number % 90 + 10}"


def invoice(entity: str = "de", **more: Any) -> Json:
    """A customer invoice over one line of 19 % tax."""
    body: Json = {"kind": "KIND_CUSTOMER_INVOICE", "entity": entity,
                  "partner": {"reference": CUSTOMER}, "invoiceDate": today(),
                  "currencyCode": "EUR", "reference": unique("SO"), "lines": [line(_price())]}
    return {**body, **more}


def bill(entity: str = "de", **more: Any) -> Json:
    """A vendor bill over one line of 19 % tax."""
    body: Json = {"kind": "KIND_VENDOR_BILL", "entity": entity,
                  "partner": {"reference": VENDOR}, "invoiceDate": today(),
                  "currencyCode": "EUR", "reference": unique("RE"),
                  "lines": [line(_price(), account=EXPENSE, description="Paper")]}
    return {**body, **more}


def entry(entity: str = "de", value: str = "", **more: Any) -> Json:
    """A journal entry of two lines."""
    value = value or _price()
    body: Json = {"entity": entity, "date": today(), "journalCode": "MISC",
                  "reference": unique("JE"),
                  "lines": [{"accountCode": RENT, "description": "Rent", "debit": value},
                            {"accountCode": BANK_FEES, "description": "Rent", "credit": value}]}
    return {**body, **more}


def payment(value: str, entity: str = "de", **more: Any) -> Json:
    """A customer's payment into the bank, free-standing."""
    body: Json = {"entity": entity, "direction": "DIRECTION_INBOUND",
                  "partner": {"reference": CUSTOMER}, "journalCode": "BNK1", "date": today(),
                  "amount": {"currencyCode": "EUR", "value": value}, "memo": unique("PAY")}
    return {**body, **more}


def partner(entity: str = "de", **more: Any) -> Json:
    body: Json = {"entity": entity, "reference": unique("P"), "name": "Möwe & Anker KG",
                  "isCompany": True, "email": "office@moewe.example", "city": "Kiel",
                  "countryCode": "DE", "zip": "24103", "street": "Am Kai 1"}
    return {**body, **more}


def iban(country: str = "DE") -> str:
    """A German account number that nobody has, with right check digits."""
    body = f"{uuid.uuid4().int % 10**18:018d}"
    digits = body + "".join(str(ord(c) - 55) for c in country) + "00"
    return f"{country}{98 - int(digits) % 97:02d}{body}"
