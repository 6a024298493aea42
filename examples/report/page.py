# SPDX-License-Identifier: Apache-2.0
"""The report as one HTML page: headline numbers, money, what needs a decision, days, documents.

Everything that comes from kontor is escaped; nothing is loaded from anywhere.
"""
from __future__ import annotations

import datetime
import html
import pathlib
from collections import Counter
from decimal import Decimal
from string import Template
from typing import Any

from books import KINDS, Books, Case, Document, spelled

TEMPLATE = pathlib.Path(__file__).resolve().with_name("template.html")
STATE_WORDS = {"POSTED": ("posted", "good"), "HELD": ("held", "wait"),
               "EXCEPTION": ("stopped", "bad"), "CANCELLED": ("cancelled", "quiet")}
ACTIONS = {"ACTION_RETRY": "Try again", "ACTION_CORRECT_AND_RETRY": "Correct it",
           "ACTION_ACCEPT": "Accept it", "ACTION_REJECT": "Reject it"}
BAR_HEIGHT, BAR_WIDTH, BAR_GAP = 120, 22, 8


def e(text: Any) -> str:
    return html.escape(str(text))


def cell(text: str, kind: str = "") -> str:
    return f'<td class="{kind}">{text}</td>' if kind else f"<td>{text}</td>"


def tile(number: str, label: str, kind: str = "") -> str:
    return (f'<div class="tile {kind}"><div class="number">{e(number)}</div>'
            f'<div class="label">{e(label)}</div></div>')


def tiles(books: Books, webhooks: dict[str, Any]) -> str:
    made = [tile(str(len(books.documents)), "documents handed over"),
            tile(str(books.posted), "posted in Odoo", "good"),
            tile(str(len(books.held)), "held for a second person", "wait"),
            tile(str(len(books.cases)), "stopped for a decision", "bad")]
    if webhooks:
        made.append(tile(str(webhooks.get("unique", 0)), "signed webhooks delivered"))
    return "".join(made)


def money_rows(books: Books) -> str:
    out = []
    last = ""
    for row in books.rows():
        open_text = spelled(row.open) or ("0" if row.tax or "INVOICE" in row.kind else "")
        out.append("<tr>" + "".join([
            cell(e(KINDS[row.kind]) if row.kind != last else ""), cell(e(row.currency)),
            cell(str(row.sent), "right"), cell(str(row.posted), "right good"),
            cell(str(row.waiting or ""), "right wait"), cell(str(row.stopped or ""), "right bad"),
            cell(e(spelled(row.total)), "right strong"), cell(e(spelled(row.tax)), "right"),
            cell(e(open_text), "right")]) + "</tr>")
        last = row.kind
    return "\n".join(out)


def finding_text(finding: dict[str, Any]) -> str:
    text = f'<p class="what">{e(finding["message"])}</p>'
    if finding.get("asked") and finding.get("got"):
        text += ('<p class="pair"><span>asked <b>' + e(finding["asked"])
                 + "</b></span><span>got <b>" + e(finding["got"]) + "</b></span></p>")
    if finding.get("suggestion"):
        text += f'<p class="todo">{e(finding["suggestion"])}</p>'
    return text + f'<code>{e(finding.get("reason", ""))}</code>'


def card(case: Case) -> str:
    title = " · ".join(part for part in (case.label, case.what) if part)
    findings = "".join(finding_text(finding) for finding in case.findings
                       if finding.get("severity") != "SEVERITY_WARNING")
    actions = "".join(
        "<li><b>" + e(ACTIONS.get(action["action"], action["action"])) + "</b> — "
        + e(action.get("effect", ""))
        + (' <span class="pill wait">two people</span>' if action.get("needsSecondPerson") else "")
        + "</li>" for action in case.actions)
    choices = f"<details><summary>What can be done</summary><ul>{actions}</ul></details>"
    return (f'<article class="card"><h3>{e(title)}</h3><p class="quiet">{e(case.partner)}'
            f'{" · " if case.partner else ""}waits for {e(case.owner)}</p>{findings}'
            f'{choices if actions else ""}</article>')


def cards(books: Books) -> str:
    return "".join(card(case) for case in books.cases) or "<p>Nothing waits for a decision.</p>"


def days_chart(books: Books) -> str:
    """Documents a day as stacked bars: posted, and everything else."""
    posted: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for document in books.documents:
        if document.date:
            (posted if document.posted else other)[document.date] += 1
    days = sorted({*posted, *other})[-31:]
    if not days:
        return ""
    most = max(posted[day] + other[day] for day in days)
    bars = []
    for number, day in enumerate(days):
        x = number * (BAR_WIDTH + BAR_GAP)
        up = posted[day] * BAR_HEIGHT // most
        more = other[day] * BAR_HEIGHT // most
        label = f"{day}: {posted[day]} posted, {other[day]} not"
        bars.append(
            f"<g><title>{e(label)}</title>"
            f'<rect class="good" x="{x}" y="{BAR_HEIGHT - up}" width="{BAR_WIDTH}" height="{up}" '
            f'rx="2"/><rect class="bad" x="{x}" y="{BAR_HEIGHT - up - more}" width="{BAR_WIDTH}" '
            f'height="{more}" rx="2"/><text x="{x + BAR_WIDTH // 2}" y="{BAR_HEIGHT + 14}">'
            f"{e(day[8:])}</text></g>")
    width = len(days) * (BAR_WIDTH + BAR_GAP)
    return (f'<svg viewBox="0 0 {width} {BAR_HEIGHT + 20}" role="img" '
            f'aria-label="Documents a day">{"".join(bars)}</svg>')


def document_row(document: Document) -> str:
    word, kind = STATE_WORDS.get(document.state, (document.state.lower(), "wait"))
    total = document.total if document.posted else document.asked
    return "<tr>" + "".join([
        cell(e(document.date)), cell(e(document.label)), cell(e(document.partner)),
        cell(e(document.reference)), cell(e(document.number)),
        cell(e(spelled(total.normalize() + Decimal("0.00")
                       if document.currency != "JPY" else total)), "right"),
        cell(e(document.currency)), cell(f'<span class="pill {kind}">{e(word)}</span>')]) + "</tr>"


def documents(books: Books) -> str:
    ordered = sorted(books.documents, key=lambda d: (d.date, d.kind, d.reference))
    return "\n".join(document_row(document) for document in ordered)


def webhook_text(webhooks: dict[str, Any]) -> str:
    if not webhooks:
        return "<p>No receiver was asked.</p>"
    types = "".join(f"<li><b>{count}</b> {e(name)}</li>"
                    for name, count in sorted(webhooks.get("types", {}).items()))
    verdict = ("every signature verified, every subject in order"
               if not webhooks.get("unverified") and not webhooks.get("backwards")
               else f"{webhooks.get('unverified')} unverified, "
                    f"{len(webhooks.get('backwards', []))} out of order")
    return (f"<p>{webhooks.get('accepted', 0)} deliveries of {webhooks.get('unique', 0)} events: "
            f'{e(verdict)}.</p><ul class="columns">{types}</ul>')


def time_rows(times: list[tuple[str, int]]) -> str:
    return "\n".join(f"<tr>{cell(e(name))}{cell(f'{ms / 1000:.1f} s', 'right')}</tr>"
                     for name, ms in times)


def render(books: Books, webhooks: dict[str, Any], times: list[tuple[str, int]],
           title: str = "") -> str:
    """The whole page. `webhooks` is what a receiver counted, `times` are milliseconds by part."""
    return Template(TEMPLATE.read_text("utf-8")).substitute(
        entity=e(books.entity["name"]), currency=e(books.currency),
        company=e(title or books.entity["name"]),
        made=e(datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")),
        version=e(books.info.get("version", "")), tiles=tiles(books, webhooks),
        money=money_rows(books), cards=cards(books), chart=days_chart(books),
        documents=documents(books), webhooks=webhook_text(webhooks), times=time_rows(times),
        count=len(books.documents))
