#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The quickstart runs, says what became of each document, cleans up, and runs again; with --keep
it leaves a kontord with which the SDK's example programs work."""
from __future__ import annotations

import html.parser
import json
import os
import re
import subprocess
import unittest

from support import QUICKSTART, Sandbox, build_dir, environment, running

# What the month gets wrong on purpose, in the words that a person reads.
REASONS = ("The books are closed up to and including", "The account 123456 does not exist",
           "The currency CAD is not active", "A bill with this reference exists for the supplier",
           "this Odoo keeps 2", "Nobody has confirmed in Odoo", "asked 489.19 EUR, got 489.09 EUR")
VOID = {"meta", "rect", "br", "img", "link", "input", "hr"}


class Page(html.parser.HTMLParser):
    """Notes what a page loads and whether its tags fit together."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.seen: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.loads += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "srcset")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.text += data


class Quickstart(unittest.TestCase):

    def setUp(self) -> None:
        self.sandbox = Sandbox()
        self.addCleanup(self.sandbox.end)

    def run_it(self, *arguments: str) -> str:
        done = self.sandbox.quickstart(*arguments)
        self.assertEqual(done.returncode, 0, done.stdout[-6000:])
        return done.stdout

    def test_one_command_shows_a_month_and_leaves_nothing_running(self) -> None:
        text = self.run_it()
        self.assertIn("118 documents: 109 posted, 3 held for a second person, 6 stopped for a "
                      "decision.", text)
        self.assertIn("ENTRY_UNBALANCED", text)
        for reason in REASONS:
            self.assertIn(reason, " ".join(text.split()))
        self.assertRegex(text, r"MISC/\S+ is posted; the others wait for her")
        self.assertRegex(text, r"The bill is POSTED: BILL/")
        self.assertRegex(text, r"\d{3} events delivered, 0 waiting; 0 with a bad signature")
        self.assertIn("no differences", text)
        # Who approves sees whom they pay, and how many payments that are.
        self.assertRegex(text, r"\n *pays .* in 1 payment\n")
        self.assertRegex(text, r"Speicherstadt Immobilien GmbH +DE36990000000000440256 ")
        self.assertRegex(text, r"Customer invoices +EUR +26 +26 ")
        self.assertRegex(text, r"\d s  in all")
        self.assertNotIn("\x1b", text)  # colours are for terminals
        self.assertEqual([pid for pid in self.sandbox.pids() if running(pid)], [])
        self.check_report()
        self.check_webhooks()
        self.assertIn("118 documents: 109 posted", self.run_it())  # a second run beside the first

    def check_report(self) -> None:
        text = (self.sandbox.latest / "report.html").read_text("utf-8")
        page = Page()
        page.feed(text)
        self.assertEqual(page.open, [])
        self.assertEqual(page.loads, [])
        self.assertNotIn("script", page.seen)
        self.assertNotRegex(text, r"url\(|@import|\$\w")
        for part in ("Kontor Test GmbH", "Säntis Uhren AG", "109",
                     "What waits for a decision", "489.19 EUR", "Hand over a month of documents"):
            self.assertIn(part, page.text)
        self.assertEqual(text.count("<tr>"), len(re.findall("</tr>", text)))

    def check_webhooks(self) -> None:
        counted = json.loads((self.sandbox.latest / "webhooks.json").read_text("utf-8"))
        self.assertEqual((counted["unverified"], counted["differing"], counted["backwards"]),
                         (0, [], []))
        self.assertGreaterEqual(counted["types"]["invoice.posted"], 46)
        self.assertEqual(counted["types"]["journal_entry.held"], 4)

    def test_kept_running_it_serves_the_example_programs(self) -> None:
        text = self.run_it("--keep")
        self.assertIn("Try next:", text)
        self.assertTrue(all(running(pid) for pid in self.sandbox.pids()))
        told = dict(re.findall(r"(KONTOR_CLIENT_ENDPOINT)=(\S+)",
                               (self.sandbox.latest / "environment").read_text("utf-8")))
        shop = {**environment(), **told,
                "KONTOR_CLIENT_TOKEN_FILE": str(self.sandbox.latest / "tokens" / "shop")}

        def example(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
            program = self.example_program(name)
            return subprocess.run([program, *arguments], capture_output=True, text=True, env=shop,
                                  cwd=self.sandbox.folder, timeout=120, check=False)

        first = example("post_invoice", "demo", "QC-01", "SO-1", "100.00")
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertRegex(first.stdout, r"^STATE_POSTED INV/\S+\n$")
        again = example("post_invoice", "demo", "QC-01", "SO-1", "100.00")
        self.assertEqual(again.stdout, first.stdout)
        other = example("post_invoice", "demo", "QC-01", "SO-1", "101.00")
        self.assertEqual(other.returncode, 1)
        self.assertIn("REQUEST_ID_REUSED", other.stderr)
        bulk = example("bulk_invoices", "demo", "QC-02", "b1", "120")
        self.assertEqual((bulk.returncode, bulk.stdout), (0, "120 accepted, 0 refused\n"),
                         bulk.stderr)
        bulk = example("bulk_invoices", "demo", "QC-02", "b1", "120")  # nothing twice
        self.assertEqual(bulk.stdout, "120 accepted, 0 refused\n")
        seen = example("watch_events", "place.txt", "5").stdout.splitlines()
        self.assertEqual([line.split()[0] for line in seen], ["1", "2", "3", "4", "5"])
        seen = example("watch_events", "place.txt", "2").stdout.splitlines()
        self.assertEqual([line.split()[0] for line in seen], ["6", "7"])

    def example_program(self, name: str) -> str:
        for place in ("examples/cpp", "bin"):
            path = build_dir() / place / f"example_{name}"
            if path.exists():
                return str(path)
        self.fail(f"example_{name} is not built in {build_dir()}")

    def test_a_wrong_command_line_is_refused_before_anything_is_made(self) -> None:
        for arguments in (["--colour"], ["--odoo-url", "http://127.0.0.1:1"],
                          ["--odoo-url", "http://127.0.0.1:1", "--odoo-db", "x", "--odoo-login",
                           "y", "--odoo-company", "z", "--odoo-api-key-file", "/no/such/file"]):
            done = self.sandbox.quickstart(*arguments)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn("usage:", done.stdout)
        self.assertFalse((self.sandbox.folder / "kontor-quickstart").exists())

    def test_your_own_odoo_is_not_posted_into_without_a_yes(self) -> None:
        key = self.sandbox.folder / "key"
        key.write_text("k\n", "utf-8")
        done = self.sandbox.quickstart(
            "--odoo-url", "http://127.0.0.1:1", "--odoo-db", "x", "--odoo-login", "y",
            "--odoo-company", "z", "--odoo-api-key-file", str(key))
        self.assertEqual(done.returncode, 1)
        self.assertIn("This posts about 110 documents into the database x", done.stdout)
        self.assertIn("say --yes to agree", done.stdout)

    def test_an_odoo_that_does_not_answer_is_said_and_everything_is_ended(self) -> None:
        key = self.sandbox.folder / "key"
        key.write_text("k\n", "utf-8")
        done = self.sandbox.quickstart(
            "--odoo-url", "http://127.0.0.1:1", "--odoo-db", "x", "--odoo-login", "y",
            "--odoo-company", "z", "--odoo-api-key-file", str(key), "--yes")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("http://127.0.0.1:1 does not answer", done.stdout)
        self.assertIn('stopped in the part "Odoo, entity, webhook"', done.stdout)
        self.assertEqual([pid for pid in self.sandbox.pids() if running(pid)], [])

    def test_help_says_what_the_options_are(self) -> None:
        done = self.sandbox.quickstart("--help")
        self.assertEqual(done.returncode, 0)
        script = QUICKSTART.read_text("utf-8")
        for option in re.findall(r"^      (--[a-z-]+)\)", script, re.MULTILINE):
            self.assertIn(option, done.stdout)


if __name__ == "__main__":
    os.chdir(QUICKSTART.parent)
    unittest.main(verbosity=2)
