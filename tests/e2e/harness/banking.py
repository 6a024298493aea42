# SPDX-License-Identifier: Apache-2.0
"""What a service needs before it pays: a policy in force, a live channel, an account of ours."""
from __future__ import annotations

import base64
import json
import pathlib
import secrets
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


def create_channel(service: Service, name: str, kind: str, settings: Json,
                   secret: str = "") -> None:
    """A channel as a shadow, which looks for files every second."""
    service["anna"].call("BankService/CreateBankChannel", requestId=request_id(),
                         channel={"name": name, "kind": kind, "settings": json.dumps(settings),
                                  "pollInterval": "1s", **({"secret": secret} if secret else {})})


def sign_channel(service: Service, name: str) -> Json:
    """Two persons sign for it; answers it as it is then."""
    for person in ("otto", "olga"):
        signed = service[person].call("BankService/SignBankChannel", name=name, reason="a test",
                                      requestId=request_id())["channel"]
    return signed


def create_account(service: Service, name: str, iban: str) -> None:
    """An account of ours behind the channel of that name."""
    service["anna"].call("BankService/CreateBankAccount", requestId=request_id(), account={
        "name": name, "entity": "de", "iban": iban, "currencyCode": "EUR", "channel": name,
        "holderName": "Kontor GmbH", "bic": "COBADEFFXXX", "journalCode": "BNK1",
        "dialect": "sepa-09"})


def new_secret() -> str:
    """A signing secret of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def open_webhook_bank(service: Service, folder: pathlib.Path, *more: str) -> tuple[Bank, str, str]:
    """A bank that takes orders as signed webhooks and pushes what it says; a live channel to it,
    and an account of ours there. Answers the bank, our IBAN, and the secret by which the bank
    signs."""
    iban = doc.iban()
    bank = Bank(folder, iban, *more)
    name, ours, banks = bank.folder.name, new_secret(), new_secret()
    bank.control("open_webhooks", {
        "url": f"http://127.0.0.1:{service.kontord.ports['http_port']}/hooks/bank/{name}",
        "ours": ours, "banks": banks})
    orders = bank.ready["url"] + "/orders"
    create_channel(service, name, "webhook",
                   {"url": orders, "status_url": orders + "/{message_id}"}, f"{ours} {banks}")
    sign_channel(service, name)
    create_account(service, name, iban)
    return bank, iban, banks


def open_bank(service: Service, folder: pathlib.Path, *more: str, kind: str = "directory",
              secret: str = "", **settings: Any) -> tuple[Bank, str]:
    """A bank, a live channel to it, and an account of ours there, named like its folder.

    `settings` are the channel's beside the folders of the bank. Answers the bank and our IBAN. The
    service has the operators otto and olga.
    """
    iban = doc.iban()
    bank = Bank(folder, iban, *more)
    name = bank.folder.name
    if kind == "sftp":  # kontor's notes of what it handed over, in a place of ours
        (bank.folder / "sent").mkdir()
        settings.setdefault("sent", str(bank.folder / "sent"))
    create_channel(service, name, kind, {
        "outbox": str(bank.folder / "outbox"), "inbox": str(bank.folder / "inbox"),
        "rest_seconds": 0, **settings}, secret)
    sign_channel(service, name)
    create_account(service, name, iban)
    return bank, iban
