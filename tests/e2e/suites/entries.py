# SPDX-License-Identifier: Apache-2.0
"""Journal entries: held by default, released by another person, reversed."""
from __future__ import annotations

from decimal import Decimal

from ..harness import documents as doc
from ..harness.api import request_id
from ..harness.case import Case
from ..harness.odoo import amount
from ..harness.world import Json


class Entries(Case):

    def release(self, operation: Json, by: str = "rita") -> Json:
        return self.service[by].call("OperationService/ReleaseOperation", requestId=request_id(),
                                     id=operation["id"], reason="checked")["operation"]

    def released(self, document: Json) -> Json:
        answer = self.create_entry(document)
        self.assertEqual(answer["operation"]["state"], "STATE_HELD", self.why(answer["operation"]))
        self.release(answer["operation"])
        operation = self.settled(answer["operation"]["id"], "POSTED", "EXCEPTION")
        self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))
        return operation

    def test_an_entry_is_held_until_another_person_releases_it(self) -> None:
        asked = doc.entry(value="1234.56")
        operation = self.released(asked)
        move = self.odoo.move(operation["externalId"])
        self.assertEqual((move["state"], move["move_type"]), ("posted", "entry"))
        self.assertEqual(move["ref"], asked["reference"])
        lines = self.odoo.lines(move["id"], shown=False)
        self.assertEqual(sorted(amount(line["balance"]) for line in lines),
                         [Decimal("-1234.56"), Decimal("1234.56")])
        self.assertEqual(self.types_of(operation["documentId"]),
                         ["journal_entry.accepted", "journal_entry.held", "journal_entry.posted"])

    def test_who_submitted_an_entry_cannot_release_it(self) -> None:
        answer = self.create_entry(doc.entry(), by=self.service["rosa"])
        self.refused(lambda: self.release(answer["operation"], "rosa"), "SECOND_PERSON_REQUIRED",
                     code="permission_denied")
        self.assertEqual(self.operation(answer["operation"]["id"])["state"], "STATE_HELD")
        self.release(answer["operation"], "rita")
        self.settled(answer["operation"]["id"], "POSTED")

    def test_a_program_cannot_release_and_neither_can_the_wrong_role(self) -> None:
        answer = self.create_entry(doc.entry())
        for name in ("shop", "karl", "otto", "axel"):
            with self.subTest(by=name):
                self.refused(lambda who=name: self.release(answer["operation"], who),
                             code="permission_denied")
        self.assertEqual(self.operation(answer["operation"]["id"])["state"], "STATE_HELD")
        self.shop.call("OperationService/CancelOperation", requestId=request_id(),
                       id=answer["operation"]["id"], reason="not needed")
        self.assertEqual(self.operation(answer["operation"]["id"])["state"], "STATE_CANCELLED")

    def test_a_caller_cannot_ask_for_more_than_the_policy_gives(self) -> None:
        self.refused(lambda: self.create_entry(doc.entry(), posting="POSTING_POST"),
                     code="permission_denied", field="posting")

    def test_foreign_amounts_partners_and_analytic_stand_on_their_lines(self) -> None:
        asked = doc.entry(lines=[
            {"accountCode": doc.RENT, "debit": "46.00", "description": "in dollars",
             "amountCurrency": {"currencyCode": "USD", "value": "50.00"},
             "analytic": [{"accountCode": "PRJ-A", "percentage": "100"}]},
            {"accountCode": doc.BANK_FEES, "credit": "46.00",
             "amountCurrency": {"currencyCode": "USD", "value": "-50.00"},
             "partner": {"reference": doc.VENDOR}}])
        operation = self.released(asked)
        lines = self.odoo.lines(self.odoo.move(operation["externalId"])["id"], shown=False)
        by_code = {self.odoo.code_of(line["account_id"]): line for line in lines}
        self.assertEqual(amount(by_code[doc.RENT]["amount_currency"]), 50)
        self.assertEqual(amount(by_code[doc.RENT]["debit"]), 46)
        self.assertEqual(amount(by_code[doc.BANK_FEES]["amount_currency"]), -50)
        self.assertTrue(by_code[doc.RENT]["analytic_distribution"])

    def test_an_entry_is_reversed_by_a_mirror_that_is_held_too(self) -> None:
        original = self.released(doc.entry(value="77.70"))
        answer = self.shop.call("JournalEntryService/ReverseJournalEntry", requestId=request_id(),
                                id=original["documentId"], reason="wrong month", wait="20s")
        self.assertEqual(answer["operation"]["state"], "STATE_HELD")
        self.assertEqual(answer["reversal"]["reversedEntryId"], original["documentId"])
        self.release(answer["operation"])
        operation = self.settled(answer["operation"]["id"], "POSTED", "EXCEPTION")
        self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))
        move = self.odoo.move(operation["externalId"])
        self.assertEqual(move["reversed_entry_id"][0], self.odoo.id_of(original["externalId"]))
        balances = {self.odoo.code_of(line["account_id"]): amount(line["balance"])
                    for line in self.odoo.lines(move["id"], shown=False)}
        self.assertEqual(balances, {doc.RENT: Decimal("-77.70"), doc.BANK_FEES: Decimal("77.70")})

    def test_taxes_that_would_add_lines_stop_an_entry_before_it_is_posted(self) -> None:
        asked = doc.entry(value="100.00")
        asked["lines"][0]["taxNames"] = ["19%"]
        answer = self.create_entry(asked)
        self.release(answer["operation"])
        operation = self.settled(answer["operation"]["id"], "EXCEPTION", "POSTED")
        case = self.stopped({"operation": operation}, "TOTAL_MISMATCH", "journal_entry.lines")
        self.assertEqual((case["findings"][0]["asked"], case["findings"][0]["got"]),
                         ("100.00 EUR", "119.00 EUR"))
        self.unposted(operation["externalId"])
        self.resolve(case, "REJECT", "karl")
        self.settled(operation["id"], "CANCELLED")
        self.assertEqual(self.odoo.id_of(operation["externalId"]), 0)

    def test_a_tax_of_neither_side_is_named(self) -> None:
        asked = doc.entry()
        asked["lines"][1]["taxNames"] = ["33%"]
        answer = self.create_entry(asked)
        self.release(answer["operation"])
        operation = self.settled(answer["operation"]["id"], "EXCEPTION", "POSTED")
        case = self.stopped({"operation": operation}, "TAX_UNKNOWN",
                            "journal_entry.lines[1].tax_names[0]")
        self.resolve(case, "REJECT", "karl")

    def test_an_entry_is_got_and_listed(self) -> None:
        asked = doc.entry(value="160.7")
        operation = self.released(asked)
        got = self.shop.call("JournalEntryService/GetJournalEntry",
                             id=operation["documentId"])["journalEntry"]
        self.assertEqual(got["booked"]["state"], "posted")
        self.assertEqual((got["lines"][0]["debit"], got["lines"][1]["credit"]),
                         ("160.70", "160.70"))
        told = self.events(subject=operation["documentId"])[-1]["data"]
        self.assertEqual((told["document"]["lines"][0]["debit"], told["booked"]["total"]),
                         ("160.70", "160.70"))
        page = self.shop.call("JournalEntryService/ListJournalEntries",
                              reference=asked["reference"])
        self.assertEqual([entry["id"] for entry in page["journalEntries"]], [got["id"]])
