#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints what a finance person wants to know about an entity, and writes it as one HTML page.

    python3 examples/report/report.py table      --entity demo --token-file rita.token
    python3 examples/report/report.py exceptions --entity demo --token-file rita.token
    python3 examples/report/report.py html       --entity demo --token-file rita.token \\
        --webhooks summary.json --times times.tsv --output report.html

The page needs nothing but itself: no script, no font, no picture from elsewhere.
"""
from __future__ import annotations

import argparse
import json
import os
import pathlib
import sys
import textwrap

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import page  # noqa: E402
from books import KINDS, Books, Kontorctl, spelled  # noqa: E402

WIDTH = 100


class Ink:
    """Colours on a terminal, nothing elsewhere."""

    def __init__(self) -> None:
        self.on = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def __call__(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on else text


def print_table(books: Books) -> None:
    ink = Ink()
    head = ["", "", "sent", "posted", "waiting", "stopped", "total", "tax in it", "still open"]
    widths = [26, 3, 5, 6, 7, 7, 14, 12, 14]

    def row(cells: list[str], code: str = "") -> None:
        parts = [cell.ljust(width) if i < 2 else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(cells, widths, strict=True))]
        text = "  ".join(parts).rstrip()
        print(ink(code, text) if code else text)

    row(head, "1")
    print(ink("2", "─" * (sum(widths) + 2 * (len(widths) - 1))))
    last = ""
    for one in books.rows():
        open_amount = spelled(one.open) or ("0" if one.tax or "INVOICE" in one.kind else "")
        cells = [KINDS[one.kind] if one.kind != last else "", one.currency, str(one.sent),
                 str(one.posted), str(one.waiting or ""), str(one.stopped or ""),
                 spelled(one.total), spelled(one.tax), open_amount]
        row(cells, "33" if one.waiting else "31" if one.stopped else "")
        last = one.kind
    print()
    print(f"{len(books.documents)} documents: {books.posted} posted, {len(books.held)} held for a "
          f"second person, {len(books.cases)} stopped for a decision.")


def print_exceptions(books: Books) -> None:
    ink = Ink()
    for number, case in enumerate(books.cases, 1):
        title = " · ".join(part for part in (case.label, case.what, case.partner) if part)
        print(ink("1", f"{number}. {title}"))
        for finding in case.findings:
            if finding.get("severity") == "SEVERITY_WARNING":
                continue
            for line in textwrap.wrap(finding["message"], WIDTH - 5):
                print(f"     {line}")
            if finding.get("asked") and finding.get("got"):
                print(f"     asked {finding['asked']}, got {finding['got']}")
            if finding.get("suggestion"):
                print("     " + ink("2", f"→ {case.owner}: {finding['suggestion']}"))
        print("     " + ink("2", f"kontorctl exception get {case.id}"))
    if not books.cases:
        print("no exceptions")


def write_html(books: Books, options: argparse.Namespace) -> None:
    webhooks = json.loads(options.webhooks.read_text("utf-8")) if options.webhooks else {}
    times = []
    if options.times:
        for line in options.times.read_text("utf-8").splitlines():
            name, seconds = line.split("\t")
            times.append((name, int(seconds)))
    options.output.write_text(page.render(books, webhooks, times, options.title), encoding="utf-8")
    print(f"report: {options.output}")


def main() -> int:
    parser = argparse.ArgumentParser(description="What a finance person wants to know.")
    parser.add_argument("what", choices=("table", "exceptions", "html"))
    parser.add_argument("--entity", required=True)
    parser.add_argument("--kontorctl", default=os.environ.get("KONTORCTL", "kontorctl"))
    parser.add_argument("--endpoint",
                        default=os.environ.get("KONTOR_CLIENT_ENDPOINT", "127.0.0.1:7600"))
    parser.add_argument("--token-file", required=True)
    parser.add_argument("--webhooks", type=pathlib.Path, help="what the receiver counted, JSON")
    parser.add_argument("--times", type=pathlib.Path, help="lines: part, tab, milliseconds")
    parser.add_argument("--title", default="", help="of the page; the entity's name by default")
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("report.html"))
    options = parser.parse_args()
    books = Books(Kontorctl(options.kontorctl, options.endpoint, options.token_file),
                  options.entity)
    if options.what == "table":
        print_table(books)
    elif options.what == "exceptions":
        print_exceptions(books)
    else:
        write_html(books, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
