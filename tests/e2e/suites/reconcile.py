# SPDX-License-Identifier: Apache-2.0
"""Reconciliation: counts and sums a journal and day, each difference named."""
from __future__ import annotations

from decimal import Decimal

from ..harness import documents as doc
from ..harness.api import request_id
from ..harness.banking import open_bank
from ..harness.case import Case
from ..harness.world import Json

# Days of last year that no other suite posts on.
QUIET, LOSSY = doc.last_year(10, 5), doc.last_year(10, 20)
AGREED, TAMPERED = doc.last_year(9, 7), doc.last_year(9, 14)
LINE = "account.bank.statement.line"
REFUSED = 1


class Reconcile(Case):

    def reconcile(self, day: str, **more: object) -> Json:
        return self.service["otto"].call("ConnectionService/ReconcileEntity", entity="de",
                                         requestId=request_id(), dateFrom=day, dateTo=day, **more)

    def test_both_sides_agree_on_a_quiet_day(self) -> None:
        for value in ("100.00", "23.45"):
            self.posted(self.create_invoice(doc.invoice(invoiceDate=QUIET,
                                                        lines=[doc.line(value, taxes=())])))
        answer = self.reconcile(QUIET)
        rows = [row for row in answer["rows"] if row["journalCode"] == "INV"]
        self.assertEqual(len(rows), 1, answer)
        self.assertEqual(rows[0]["kontorCount"], rows[0]["odooCount"])
        self.assertEqual(rows[0]["kontorTotal"], rows[0]["odooTotal"])
        self.assertGreaterEqual(Decimal(rows[0]["odooTotal"]["value"]), Decimal("123.45"))
        self.assertFalse([d for d in answer.get("differences", [])
                          if d.get("kind") != "KIND_MISSING_IN_KONTOR"], answer)

    def test_a_document_that_people_took_away_is_named_and_raised_once(self) -> None:
        operation = self.posted(self.create_invoice(doc.bill(invoiceDate=LOSSY)))
        move = self.odoo.id_of(operation["externalId"])
        self.odoo.call("account.move", "button_draft", [move])
        first = self.reconcile(LOSSY, raiseExceptions=True)
        found = [d for d in first["differences"]
                 if d.get("documentId") == operation["documentId"]]
        self.assertEqual(len(found), 1, first)
        self.assertIn(found[0]["kind"], ("KIND_STATE", "KIND_MISSING_IN_ODOO"))
        self.assert_plain(found[0]["message"])
        self.assertTrue(found[0]["exceptionId"])
        again = self.reconcile(LOSSY, raiseExceptions=True)
        second = [d for d in again["differences"]
                  if d.get("documentId") == operation["documentId"]]
        self.assertEqual(second[0]["exceptionId"], found[0]["exceptionId"])
        self.odoo.call("account.move", "action_post", [move])

    def test_a_window_that_is_too_long_or_backwards_is_refused(self) -> None:
        for start, end in ((doc.last_year(1, 1), doc.days(200)), (doc.today(), doc.days(-1)),
                           ("", doc.today())):
            with self.subTest(start=start):
                self.refused(lambda a=start, b=end: self.service["otto"].call(
                    "ConnectionService/ReconcileEntity", entity="de", requestId=request_id(),
                    dateFrom=a, dateTo=b), code="invalid_argument")

    # -- the bank ------------------------------------------------------------------------------

    def statement_of(self, day: str) -> Json:
        """A day of a bank with two bookings, as it stands in Odoo."""
        bank, iban = open_bank(self.service, self.world.folder, "--today", day)
        self.addCleanup(bank.stop)
        for amount in ("120.00", "3.45"):
            bank.receive(iban, amount, name="Kundin GmbH", text="Rechnung")
        bank.close_day()
        return self.eventually("the statement stands in Odoo", lambda: next(
            (s for s in self.service["otto"].call(
                "StatementService/ListStatements", accountNumber=iban).get("statements", [])
             if s["state"] == "STATE_POSTED"), None))

    def of_statement(self, answer: Json, statement: Json) -> list[Json]:
        return [d for d in answer.get("differences", [])
                if d.get("statementId") == statement["id"]]

    def test_bank_lines_and_balances_agree_by_journal_and_day(self) -> None:
        statement = self.statement_of(AGREED)
        answer = self.reconcile(AGREED)
        row = next(r for r in answer["bankRows"] if r["journalCode"] == "BNK1")
        self.assertEqual((row["kontorCount"], row["odooCount"]), ("2", "2"), answer)
        self.assertEqual(row["kontorTotal"], {"currencyCode": "EUR", "value": "123.45"})
        self.assertEqual(row["odooTotal"], row["kontorTotal"])
        balance = next(b for b in answer["bankBalances"]
                       if b["statementId"] == statement["id"])
        self.assertEqual(balance["kontorBalance"]["value"], "1123.45")
        self.assertEqual(balance["odooBalance"], balance["kontorBalance"])
        self.assertEqual(self.of_statement(answer, statement), [])
        _, told = self.ctl("otto", "reconcile", "de", "--date-from", AGREED, "--date-to", AGREED)
        for part in ("bank lines", "closing balances", "123.45 EUR", "1123.45 EUR"):
            self.assertIn(part, told)

    def test_what_is_on_one_side_of_a_bank_only_is_named_and_raised_once(self) -> None:
        statement = self.statement_of(TAMPERED)
        lines = {r["amount"]: r["id"] for r in self.odoo.read(
            LINE, [["date", "=", TAMPERED], ["journal_id.code", "=", "BNK1"]], ["amount"])}
        self.assertEqual(set(lines), {120.0, 3.45})
        journal = self.odoo.find("account.journal", "code", "BNK1")
        by_hand = self.odoo.call(LINE, "create", [{
            "journal_id": journal, "date": TAMPERED, "amount": 77.0,
            "payment_ref": "by hand"}])[0]
        self.addCleanup(self.odoo.delete, LINE, by_hand)
        self.odoo.delete(LINE, lines[3.45])
        self.odoo.write(LINE, lines[120.0], {"amount": 120.5})
        first = self.reconcile(TAMPERED, raiseExceptions=True)
        found = {d["kind"]: d for d in self.of_statement(first, statement)}
        self.assertEqual(set(found), {"KIND_MISSING_IN_ODOO", "KIND_AMOUNT", "KIND_BALANCE"}, first)
        self.assertEqual(found["KIND_MISSING_IN_ODOO"]["kontorValue"], "3.45 EUR")
        self.assertEqual((found["KIND_AMOUNT"]["kontorValue"], found["KIND_AMOUNT"]["odooValue"]),
                         ("120.00 EUR", "120.50 EUR"))
        self.assertEqual(found["KIND_BALANCE"]["kontorValue"], "1123.45 EUR")
        other = next(d for d in first["differences"] if d.get("odoo", {}).get("id") == str(by_hand))
        self.assertEqual(other["kind"], "KIND_MISSING_IN_KONTOR")
        self.assertEqual((other["journalCode"], other["date"]), ("BNK1", TAMPERED))
        cases = {d["exceptionId"] for d in [*found.values(), other]}
        self.assertEqual(len(cases), 4, first)
        for difference in [*found.values(), other]:
            self.assert_plain(difference["message"])
            self.assertEqual(self.exception(difference["exceptionId"])["state"], "STATE_OPEN")
        again = self.reconcile(TAMPERED, raiseExceptions=True)
        self.assertLessEqual({d["exceptionId"] for d in self.of_statement(again, statement)}, cases)
        code, told = self.ctl("otto", "reconcile", "de", "--date-from", TAMPERED,
                              "--date-to", TAMPERED)
        self.assertEqual(code, REFUSED, told)
        for part in ("MISSING_IN_ODOO", "MISSING_IN_KONTOR", "BALANCE", statement["id"], "differs"):
            self.assertIn(part, told)
