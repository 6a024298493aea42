# SPDX-License-Identifier: Apache-2.0
"""Partners and their bank accounts, by the caller's own reference."""
from __future__ import annotations

from ..harness import documents as doc
from ..harness.case import Case


class Partners(Case):

    def test_a_partner_is_made_once_and_then_changed(self) -> None:
        asked = doc.partner(phone="+49 431 1", customerPaymentTerm="30 Days", language="de_DE")
        first = self.posted(self.upsert_partner(asked))
        self.assertEqual(first["odooModel"], "res.partner")
        changed = {**asked, "city": "Lübeck", "zip": "23552"}
        second = self.posted(self.upsert_partner(changed))
        self.assertEqual(second["odooId"], first["odooId"])
        self.assertEqual(second["documentId"], first["documentId"])
        row = self.odoo.call("res.partner", "read", [int(first["odooId"])],
                             ["name", "ref", "city", "zip", "email", "is_company"])[0]
        self.assertEqual((row["city"], row["zip"], row["ref"]),
                         ("Lübeck", "23552", asked["reference"]))
        self.assertEqual(row["name"], "Möwe & Anker KG")

    def test_empty_fields_leave_what_people_entered(self) -> None:
        asked = doc.partner()
        operation = self.posted(self.upsert_partner(asked))
        self.odoo.write("res.partner", int(operation["odooId"]), {"phone": "+49 4321"})
        self.posted(self.upsert_partner({**asked, "email": "new@moewe.example"}))
        row = self.odoo.call("res.partner", "read", [int(operation["odooId"])],
                             ["phone", "email"])[0]
        self.assertEqual((row["phone"], row["email"]), ("+49 4321", "new@moewe.example"))

    def test_bank_accounts_are_added_and_shown_masked(self) -> None:
        number = doc.iban()
        asked = doc.partner(bankAccounts=[{"accountNumber": number, "bic": "DEUTDEFF"}])
        answer = self.upsert_partner(asked)
        operation = self.posted(answer)
        shown = answer["partner"]["bankAccounts"][0]["accountNumber"]
        self.assertTrue(shown.endswith(number[-4:]))
        self.assertNotIn(number[4:-4], shown)
        more = doc.iban()
        asked["bankAccounts"].append({"accountNumber": more, "currencyCode": "EUR"})
        self.posted(self.upsert_partner(asked))
        rows = self.odoo.read("res.partner.bank",
                              [["partner_id", "=", int(operation["odooId"])]],
                              ["sanitized_acc_number", "allow_out_payment"])
        self.assertEqual({row["sanitized_acc_number"] for row in rows}, {number, more})
        self.assertFalse(any(row["allow_out_payment"] for row in rows))

    def test_an_invoice_finds_the_partner_that_was_just_sent(self) -> None:
        asked = doc.partner()
        sent = self.upsert_partner(asked, wait="0s")
        answer = self.create_invoice(doc.invoice(partner={"reference": asked["reference"]}),
                                     dependsOn=[sent["operation"]["id"]])
        operation = self.settled(answer["operation"]["id"], "POSTED", "EXCEPTION")
        self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))
        partner = self.operation(sent["operation"]["id"])
        self.assertEqual(self.odoo.move(operation["externalId"])["partner_id"][0],
                         int(partner["odooId"]))

    def test_two_sources_keep_partners_of_one_reference_apart(self) -> None:
        asked = doc.partner()
        ours = self.posted(self.upsert_partner(asked))
        theirs = self.posted(self.upsert_partner({**asked, "name": "Another One"},
                                                 by=self.service["erp2"]))
        self.assertNotEqual(ours["odooId"], theirs["odooId"])

    def test_a_partner_is_got_by_reference_and_listed(self) -> None:
        asked = doc.partner()
        operation = self.posted(self.upsert_partner(asked))
        got = self.shop.call("PartnerService/GetPartner", entity="de",
                             reference=asked["reference"])["partner"]
        self.assertEqual(got["id"], operation["documentId"])
        self.assertEqual(got["state"], "STATE_POSTED")
        page = self.shop.call("PartnerService/ListPartners", entity="de", pageSize=50)
        self.assertIn(got["id"], [partner["id"] for partner in page["partners"]])

    def test_a_wrong_iban_is_refused_by_its_check_digits(self) -> None:
        number = doc.iban()
        wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
        error = self.refused(lambda: self.upsert_partner(
            doc.partner(bankAccounts=[{"accountNumber": wrong}])), "IBAN_INVALID",
            code="invalid_argument")
        self.assertNotIn(wrong, str(error) + str(error.findings))
