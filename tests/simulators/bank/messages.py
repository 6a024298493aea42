# SPDX-License-Identifier: Apache-2.0
"""What the bank writes: pain.002, camt.052, .053 and .054, and MT940."""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

CAMT = {"camt.052": ("BkToCstmrAcctRpt", "Rpt"), "camt.053": ("BkToCstmrStmt", "Stmt"),
        "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}
ZERO = Decimal(0)


@dataclass
class Detail:
    """One payment within a booking; amounts are unsigned."""
    amount: Decimal
    end_to_end_id: str = ""
    message_id: str = ""
    payment_information_id: str = ""
    name: str = ""
    account: str = ""
    text: str = ""
    return_reason: str = ""


@dataclass
class Entry:
    """One booking; money that comes in is positive."""
    amount: Decimal
    day: date
    reference: str
    details: list[Detail] = field(default_factory=list)
    batch_of: str = ""
    booked: bool = True


@dataclass
class Statement:
    account: str
    currency: str
    number: int
    day: date
    opening: Decimal
    entries: list[Entry]
    name: str = ""

    @property
    def closing(self) -> Decimal:
        return self.opening + sum((e.amount for e in self.entries if e.booked), ZERO)


def _tag(name: str, text: object) -> str:
    return f"<{name}>{escape(str(text))}</{name}>" if str(text) else ""


def _money(amount: Decimal, currency: str) -> str:
    return f'<Amt Ccy="{currency}">{abs(amount):.2f}</Amt>'


def _side(amount: Decimal) -> str:
    return _tag("CdtDbtInd", "DBIT" if amount < 0 else "CRDT")


def _balance(code: str, amount: Decimal, currency: str, day: date) -> str:
    return (f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_money(amount, currency)}"
            f"{_side(amount)}<Dt><Dt>{day.isoformat()}</Dt></Dt></Bal>")


def _party(entry: Entry, detail: Detail) -> str:
    role = "Cdtr" if entry.amount < 0 else "Dbtr"
    if not detail.name:
        return ""
    account = (f"<{role}Acct><Id><IBAN>{detail.account}</IBAN></Id></{role}Acct>"
               if detail.account else "")
    return (f"<RltdPties><{role}><Pty>{_tag('Nm', detail.name)}</Pty></{role}>{account}"
            "</RltdPties>")


def _detail(entry: Entry, detail: Detail, currency: str) -> str:
    returned = (f"<RtrInf><Rsn><Cd>{detail.return_reason}</Cd></Rsn></RtrInf>"
                if detail.return_reason else "")
    text = f"<RmtInf>{_tag('Ustrd', detail.text[:140])}</RmtInf>" if detail.text else ""
    return ("<TxDtls><Refs>" + _tag("MsgId", detail.message_id)
            + _tag("PmtInfId", detail.payment_information_id)
            + _tag("EndToEndId", detail.end_to_end_id) + "</Refs>"
            + _money(detail.amount, currency) + _side(entry.amount) + _party(entry, detail) + text
            + returned + "</TxDtls>")


def _entry(entry: Entry, currency: str) -> str:
    status = "BOOK" if entry.booked else "PDNG"
    family = "RCDT" if entry.amount > 0 else "ICDT"
    batch = (f"<Btch>{_tag('PmtInfId', entry.batch_of)}<NbOfTxs>{len(entry.details)}</NbOfTxs>"
             "</Btch>" if entry.batch_of else "")
    # A batch is told in one sum, as agreed: who ordered it knows what is in it.
    details = "" if entry.batch_of else "".join(_detail(entry, d, currency)
                                                for d in entry.details)
    return (f"<Ntry>{_money(entry.amount, currency)}{_side(entry.amount)}"
            f"<Sts><Cd>{status}</Cd></Sts><BookgDt><Dt>{entry.day.isoformat()}</Dt></BookgDt>"
            f"<ValDt><Dt>{entry.day.isoformat()}</Dt></ValDt>"
            f"{_tag('AcctSvcrRef', entry.reference)}<BkTxCd><Domn><Cd>PMNT</Cd><Fmly>"
            f"<Cd>{family}</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>"
            f"<NtryDtls>{batch}{details}</NtryDtls></Ntry>")


def camt(kind: str, statement: Statement, message_id: str) -> bytes:
    """A camt.05x.001.08 with one statement; only .053 and .052 carry balances."""
    message, part = CAMT[kind]
    created = f"{statement.day.isoformat()}T18:00:00Z"
    balances = ""
    if kind == "camt.053":
        balances = (_balance("OPBD", statement.opening, statement.currency, statement.day)
                    + _balance("CLBD", statement.closing, statement.currency, statement.day))
    elif kind == "camt.052":
        balances = _balance("ITBD", statement.closing, statement.currency, statement.day)
    entries = "".join(_entry(entry, statement.currency) for entry in statement.entries)
    text = (f'<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{kind}.001.08"><{message}><GrpHdr>'
            f"{_tag('MsgId', message_id)}<CreDtTm>{created}</CreDtTm></GrpHdr><{part}>"
            f"{_tag('Id', statement.name)}<ElctrncSeqNb>{statement.number}</ElctrncSeqNb>"
            f"<CreDtTm>{created}</CreDtTm><Acct><Id><IBAN>{statement.account}</IBAN></Id>"
            f"<Ccy>{statement.currency}</Ccy></Acct>{balances}{entries}</{part}></{message}>"
            f"</Document>\n")
    return text.encode()


def _mt(amount: Decimal) -> str:
    return f"{abs(amount):.2f}".replace(".", ",")


def mt940(statement: Statement) -> bytes:
    """The same statement as MT940, in the dialect of German banks."""
    day = statement.day.strftime("%y%m%d")
    mark = {True: "C", False: "D"}
    lines = [f":20:{statement.name[:16]}", f":25:{statement.account}",
             f":28C:{statement.number:05d}/1",
             f":60F:{mark[statement.opening >= 0]}{day}{statement.currency}"
             f"{_mt(statement.opening)}"]
    for entry in statement.entries:
        if not entry.booked:
            continue
        first = entry.details[0] if entry.details else Detail(abs(entry.amount))
        lines.append(f":61:{entry.day.strftime('%y%m%d%m%d')}{mark[entry.amount >= 0]}"
                     f"{_mt(entry.amount)}NTRFNONREF//{entry.reference[:16]}")
        if entry.batch_of:
            lines.append(f":86:191?00SAMMLER?20PREF+{entry.batch_of}")
        else:
            lines.append(f":86:{'166' if entry.amount > 0 else '116'}?00SEPA?20EREF+"
                         f"{first.end_to_end_id[:22]}?21SVWZ+{first.text[:22]}"
                         f"?32{first.name[:27]}?31{first.account}")
    lines += [f":62F:{mark[statement.closing >= 0]}{day}{statement.currency}"
              f"{_mt(statement.closing)}", "-"]
    return ("\r\n".join(lines) + "\r\n").encode("latin-1", "replace")


def pain002(message_id: str, order_id: str, order_name: str, group: str,
            batches: list[tuple[str, list[tuple[str, str, str]]]], day: date) -> bytes:
    """A pain.002.001.10; `batches`: PmtInfId and (EndToEndId, status, reason) of its transfers."""
    parts = []
    for name, transfers in batches:
        told = "".join(
            "<TxInfAndSts>" + _tag("OrgnlEndToEndId", e2e) + _tag("TxSts", status)
            + (f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else "")
            + "</TxInfAndSts>" for e2e, status, reason in transfers)
        parts.append(f"<OrgnlPmtInfAndSts>{_tag('OrgnlPmtInfId', name)}{told}"
                     "</OrgnlPmtInfAndSts>")
    text = ('<?xml version="1.0" encoding="UTF-8"?>\n<Document '
            'xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr>'
            f"{_tag('MsgId', message_id)}<CreDtTm>{day.isoformat()}T09:00:00Z</CreDtTm></GrpHdr>"
            f"<OrgnlGrpInfAndSts>{_tag('OrgnlMsgId', order_id)}"
            f"{_tag('OrgnlMsgNmId', order_name)}{_tag('GrpSts', group)}</OrgnlGrpInfAndSts>"
            f"{''.join(parts)}</CstmrPmtStsRpt></Document>\n")
    return text.encode()
