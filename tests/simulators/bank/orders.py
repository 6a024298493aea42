# SPDX-License-Identifier: Apache-2.0
"""Reads pain.001 as a bank does: leniently in what it does not need, strictly in sums."""
from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from decimal import Decimal


class Unreadable(Exception):
    """The file is no payment order, or contradicts itself."""


@dataclass
class Transfer:
    end_to_end_id: str
    amount: Decimal
    currency: str
    name: str
    account: str
    text: str
    instruction_id: str = ""

    @property
    def cents(self) -> int:
        """What stands behind the point says how the bank behaves (README.md)."""
        return int(self.amount * 100) % 100


@dataclass
class Batch:
    payment_information_id: str
    account: str
    day: str
    batch_booking: bool
    transfers: list[Transfer] = field(default_factory=list)


@dataclass
class Order:
    message_id: str
    name: str
    batches: list[Batch] = field(default_factory=list)

    @property
    def transfers(self) -> list[Transfer]:
        return [transfer for batch in self.batches for transfer in batch.transfers]


def _tag(element: ET.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _at(element: ET.Element, path: str) -> ET.Element | None:
    for step in path.split("/"):
        found = next((child for child in element if _tag(child) == step), None)
        if found is None:
            return None
        element = found
    return element


def _text(element: ET.Element, path: str) -> str:
    found = _at(element, path)
    return (found.text or "").strip() if found is not None else ""


def _all(element: ET.Element, name: str) -> list[ET.Element]:
    return [child for child in element if _tag(child) == name]


def _account(element: ET.Element, path: str) -> str:
    return _text(element, path + "/Id/IBAN") or _text(element, path + "/Id/Othr/Id")


def _transfer(element: ET.Element) -> Transfer:
    amount = _at(element, "Amt/InstdAmt")
    if amount is None or not amount.text:
        raise Unreadable("a transfer without an amount")
    remittance = _at(element, "RmtInf")
    texts = [] if remittance is None else [
        (part.text or "") for part in remittance.iter() if _tag(part) in ("Ustrd", "Ref")]
    return Transfer(
        end_to_end_id=_text(element, "PmtId/EndToEndId"),
        instruction_id=_text(element, "PmtId/InstrId"),
        amount=Decimal(amount.text), currency=amount.get("Ccy", ""),
        name=_text(element, "Cdtr/Nm"), account=_account(element, "CdtrAcct"),
        text=" ".join(texts))


def read(data: bytes) -> Order:
    """The order of a pain.001 of any version; Unreadable when counts or sums are wrong."""
    if b"<!DOCTYPE" in data:
        raise Unreadable("a document type")
    try:
        root = ET.fromstring(data)
    except ET.ParseError as error:
        raise Unreadable(str(error)) from error
    body = next((child for child in root if _tag(child) == "CstmrCdtTrfInitn"), None)
    if body is None:
        raise Unreadable("no credit transfer order")
    name = root.tag.split("}")[0].rsplit(":", 1)[-1]
    order = Order(_text(body, "GrpHdr/MsgId"), name)
    for part in _all(body, "PmtInf"):
        batch = Batch(
            payment_information_id=_text(part, "PmtInfId"),
            account=_account(part, "DbtrAcct"),
            day=_text(part, "ReqdExctnDt/Dt") or _text(part, "ReqdExctnDt"),
            batch_booking=_text(part, "BtchBookg") == "true")
        batch.transfers = [_transfer(item) for item in _all(part, "CdtTrfTxInf")]
        order.batches.append(batch)
    count = len(order.transfers)
    total = sum((transfer.amount for transfer in order.transfers), Decimal(0))
    if not order.message_id or count == 0:
        raise Unreadable("no message id or no transfer")
    if _text(body, "GrpHdr/NbOfTxs") != str(count):
        raise Unreadable("NbOfTxs differs")
    told = _text(body, "GrpHdr/CtrlSum")
    if told and Decimal(told) != total:
        raise Unreadable("CtrlSum differs")
    return order
