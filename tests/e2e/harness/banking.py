# SPDX-License-Identifier: Apache-2.0
"""What a service needs before it pays: a policy in force, a live channel, an account of ours."""
from __future__ import annotations

import json
import pathlib
from typing import Any

from . import documents as doc
from .api import request_id
from .processes import Bank
from .world import Service

Json = dict[str, Any]
POLICY = "PolicyService/"


def promote(service: Service, kind: str, content: Json) -> Json:
    """A policy, proposed by one administrator and activated by another."""
    policy = service["anna"].call(POLICY + "ProposePolicy", requestId=request_id(), kind=kind,
                                  content=json.dumps(content), reason="a test")["policy"]
    return service["anton"].call(POLICY + "ActivatePolicy", name=policy["name"],
                                 digest=policy["digest"], requestId=request_id())["policy"]


def open_bank(service: Service, folder: pathlib.Path, *more: str,
              **folders: str) -> tuple[Bank, str]:
    """A bank, a live channel to it, and an account of ours there, named like its folder.

    `folders` are settings of the channel beside those of the bank's own. Answers the bank and our
    IBAN. The service has the operators otto and olga.
    """
    iban = doc.iban()
    bank = Bank(folder, iban, *more)
    name = bank.folder.name
    settings = {"outbox": str(bank.folder / "outbox"), "inbox": str(bank.folder / "inbox"),
                "rest_seconds": 0, **folders}
    anna = service["anna"]
    anna.call("BankService/CreateBankChannel", requestId=request_id(),
              channel={"name": name, "kind": "directory", "settings": json.dumps(settings),
                       "pollInterval": "1s"})
    for person in ("otto", "olga"):
        service[person].call("BankService/SignBankChannel", name=name, reason="a test",
                             requestId=request_id())
    anna.call("BankService/CreateBankAccount", requestId=request_id(), account={
        "name": name, "entity": "de", "iban": iban, "currencyCode": "EUR", "channel": name,
        "holderName": "Kontor GmbH", "bic": "COBADEFFXXX", "journalCode": "BNK1",
        "dialect": "sepa-09"})
    return bank, iban
