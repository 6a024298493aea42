# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo.tests import tagged

from .common import KontorCase


@tagged("post_install", "-at_install")
class TestApplyMoves(KontorCase):
    def test_an_invoice_is_created_and_posted_as_the_bot(self):
        (result,) = self.apply("move", self.invoice("a", price="100.50"))
        self.assertEqual(result["status"], "applied", result)
        self.assertFalse(result["repeat"])
        record = result["record"]
        self.assertEqual(
            (record["state"], record["total"], record["tax"], record["date"], record["due_date"]),
            ("posted", "100.50", "0.00", "2026-01-31", "2026-02-28"),
        )
        move = self.env["account.move"].browse(record["id"])
        self.assertEqual(move.create_uid, self.bot)
        self.assertEqual(move.name, record["name"])
        self.assertEqual(self.env.ref("kontor.k1_test_a"), move)

    def test_a_draft_stays_a_draft(self):
        (result,) = self.apply("move", self.invoice("a"), post=False)
        self.assertEqual(result["record"]["state"], "draft")

    def test_nothing_in_an_answer_is_none(self):
        def check(value):
            self.assertIsNotNone(value)
            for one in value.values() if isinstance(value, dict) else ():
                check(one)

        results = self.apply("move", self.invoice("a"), self.invoice("b", price="x"))
        for result in results:
            check(result)

    def test_the_same_again_answers_what_was_stored(self):
        item = self.invoice("a")
        (first,) = self.apply("move", item)
        before = self.moves()
        (second,) = self.apply("move", item)
        self.assertEqual(self.moves(), before)
        self.assertTrue(second["repeat"])
        self.assertEqual(second["record"], first["record"])

    def test_other_content_under_an_applied_key_is_a_conflict_that_names_nothing(self):
        self.apply("move", self.invoice("a"))
        (result,) = self.apply("move", self.invoice("a", price="7.00", revision=2))
        self.assertEqual(result["status"], "conflict")
        self.assertEqual((result["record"], result["error"]), ({}, {}))

    def test_a_refused_one_may_be_corrected_by_a_higher_revision(self):
        bad = self.invoice("a", values={"partner_id": False})
        self.refused(self.apply("move", bad)[0], "ODOO_REFUSED")
        (result,) = self.apply("move", self.invoice("a", revision=2))
        self.assertEqual((result["status"], result["revision"]), ("applied", 2), result)
        row = self.env["kontor.operation"].search([("key", "=", "k1_test_a")])
        self.assertEqual((row.state, row.revision, row.reason), ("applied", 2, False))

    def test_a_refused_one_is_tried_again_under_the_same_revision(self):
        bad = self.invoice("a", values={"partner_id": 2**31 - 1})
        self.refused(self.apply("move", bad)[0], "RECORD_NOT_FOUND", "values.partner_id")
        (result,) = self.apply("move", self.invoice("a"))
        self.assertEqual(result["status"], "applied", result)

    def test_a_stale_revision_is_not_carried_out(self):
        self.refused(
            self.apply("move", self.invoice("a", values={"partner_id": False}, revision=3))[0],
            "ODOO_REFUSED",
        )
        before = self.moves()
        (result,) = self.apply("move", self.invoice("a", revision=2))
        self.assertEqual((result["status"], result["revision"]), ("stale", 3))
        self.assertEqual(self.moves(), before)

    def test_bisecting_leaves_the_good_ones_and_no_gap_in_the_numbers(self):
        items = [self.invoice(f"n{number}") for number in range(7)]
        items[4]["values"]["partner_id"] = False
        results = self.apply_all("move", *items)
        self.refused(results[4], "ODOO_REFUSED")
        good = [result for number, result in enumerate(results) if number != 4]
        self.assertEqual({result["status"] for result in good}, {"applied"})
        self.apply("move", self.invoice("later"))
        moves = self.env["account.move"].search(
            [("journal_id", "=", self.sales.id), ("state", "=", "posted")]
        )
        numbers = sorted(moves.mapped("sequence_number"))
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 7)))

    def test_a_difference_is_found_before_posting_and_leaves_nothing(self):
        cases = [
            ("total", "119.00", "AMOUNT_DIFFERS", "100.00"),
            ("tax", "19.00", "TAX_DIFFERS", "0.00"),
            ("currency", "ZZZ", "CURRENCY_DIFFERS", self.eur.name),
            ("date", "2026-01-30", "DATE_MOVED", "2026-01-31"),
            ("due_date", "2026-03-01", "DUE_DATE_DIFFERS", "2026-02-28"),
        ]
        before = self.moves()
        for name, asked, reason, got in cases:
            with self.subTest(name):
                (result,) = self.apply("move", self.invoice(name, expect={name: asked}))
                error = self.refused(result, reason, f"expect.{name}")
                money = f" {self.eur.name}" if name in ("total", "tax") else ""
                self.assertEqual((error["asked"], error["got"]), (asked + money, got + money))
        self.assertEqual(self.moves(), before)

    def test_one_difference_does_not_keep_the_others(self):
        results = self.apply_all(
            "move",
            self.invoice("a", expect={"total": "100.00"}),
            self.invoice("b", expect={"total": "1.00"}),
            self.invoice("c", expect={"total": "100.00", "tax": "0.00", "currency": self.eur.name}),
        )
        self.assertEqual(
            [result["status"] for result in results], ["applied", "refused", "applied"]
        )

    def test_a_date_that_a_lock_moves_is_refused_and_no_number_is_lost(self):
        self.company.sudo().fiscalyear_lock_date = "2026-01-31"
        (result,) = self.apply("move", self.invoice("a", expect={"date": "2026-01-31"}))
        self.refused(result, "DATE_MOVED", "expect.date")
        self.assertFalse(self.env["account.move"].search([("journal_id", "=", self.sales.id)]))

    def test_digits_and_text_that_do_not_fit_are_refused_by_path(self):
        line = {"name": "x", "quantity": "1", "account_id": self.income.id, "tax_ids": []}

        def lines(**more):
            return {"invoice_line_ids": [{**line, "price_unit": "1.00", **more}]}

        path = "values.invoice_line_ids[0]."
        cases = [
            (lines(price_unit=1.5), "VALUE_INVALID", path + "price_unit"),
            (lines(price_unit="1,50"), "VALUE_INVALID", path + "price_unit"),
            (lines(price_unit="NaN"), "VALUE_INVALID", path + "price_unit"),
            (lines(price_unit="1e3"), "VALUE_INVALID", path + "price_unit"),
            (lines(price_unit="1234567890123456.78"), "DIGITS_LOST", path + "price_unit"),
            (lines(discount="1.2345"), "DIGITS_LOST", path + "discount"),
            (lines(account_id="12"), "VALUE_INVALID", path + "account_id"),
            (lines(account_id=True), "VALUE_INVALID", path + "account_id"),
            (lines(account_id=2**31 - 1), "RECORD_NOT_FOUND", path + "account_id"),
            (lines(tax_ids=[2**31 - 1]), "RECORD_NOT_FOUND", path + "tax_ids[0]"),
            (lines(tax_ids=7), "VALUE_INVALID", path + "tax_ids"),
            (lines(balance="1.00"), "FIELD_NOT_ALLOWED", path + "balance"),
            (lines(analytic_distribution={"x": "100"}), "VALUE_INVALID",
             path + "analytic_distribution.x"),
            ({"state": "posted"}, "FIELD_NOT_ALLOWED", "values.state"),
            ({"company_id": 1}, "FIELD_NOT_ALLOWED", "values.company_id"),
            ({"no_such_field": 1}, "FIELD_NOT_ALLOWED", "values.no_such_field"),
            ({"invoice_date": "31.01.2026"}, "VALUE_INVALID", "values.invoice_date"),
            ({"invoice_date": "2026-02-30"}, "VALUE_INVALID", "values.invoice_date"),
            ({"move_type": "spaceship"}, "VALUE_INVALID", "values.move_type"),
            ({"ref": 5}, "VALUE_INVALID", "values.ref"),
            ({"invoice_line_ids": {}}, "VALUE_INVALID", "values.invoice_line_ids"),
            ({"invoice_line_ids": ["x"]}, "VALUE_INVALID", "values.invoice_line_ids[0]"),
        ]
        before = self.moves()
        for number, (values, reason, field) in enumerate(cases):
            with self.subTest(field, number=number):
                (result,) = self.apply("move", self.invoice(f"v{number}", values=values))
                self.refused(result, reason, field)
        self.assertEqual(self.moves(), before)

    def test_a_malformed_call_fails_as_a_whole(self):
        from odoo.exceptions import AccessError, UserError

        good = self.invoice("a")
        other_journal = self.invoice("b", values={"journal_id": self.purchases.id})
        cases = [
            ("a kind of its own", "spaceship", [good]),
            ("nothing", "move", []),
            ("too many", "move", [self.invoice(f"n{number}") for number in range(201)]),
            ("a key twice", "move", [good, good]),
            ("two journals", "move", [good, other_journal]),
            ("no key", "move", [{**good, "key": ""}]),
            ("a digest that is none", "move", [{**good, "digest": "abc"}]),
            ("revision zero", "move", [{**good, "revision": 0}]),
            ("no dict", "move", ["x"]),
        ]
        for name, kind, items in cases:
            with self.subTest(name), self.assertRaises(UserError):
                self.operation.apply(self.company.id, kind, items, True)
        with self.assertRaises(AccessError):
            self.operation.apply(self.other_company.id, "move", [good], True)
        self.assertFalse(self.env["kontor.operation"].search([("key", "=", good["key"])]))

    def test_bills_credit_notes_and_entries_go_the_same_way(self):
        bill = {
            "move_type": "in_invoice",
            "journal_id": self.purchases.id,
            "ref": "R-77",
            "invoice_line_ids": [
                {"name": "Rope", "quantity": "3", "price_unit": "5.05",
                 "account_id": self.cost.id, "tax_ids": []},
            ],
        }
        (result,) = self.apply("move", self.invoice("bill", values=bill))
        self.assertEqual((result["record"]["total"], result["record"]["ref"]), ("15.15", "R-77"))
        (invoice,) = self.apply("move", self.invoice("inv"))
        credit = {"move_type": "out_refund", "reversed_entry_id": invoice["record"]["id"]}
        (result,) = self.apply("move", self.invoice("crn", values=credit))
        self.assertEqual(result["record"]["move_type"], "out_refund")
        entry = {
            "move_type": "entry", "journal_id": self.misc.id, "date": "2026-01-31",
            "line_ids": [
                {"name": "a", "account_id": self.cost.id, "debit": "12.34", "credit": "0.00"},
                {"name": "b", "account_id": self.income.id, "debit": "0.00", "credit": "12.34"},
            ],
        }
        (result,) = self.apply("move", self.item("jrn", entry, expect={"total": "12.34"}))
        self.assertEqual((result["status"], result["record"]["total"]), ("applied", "12.34"))

    def test_taxes_are_computed_and_compared(self):
        line = {"name": "x", "quantity": "2", "price_unit": "50.00",
                "account_id": self.income.id, "tax_ids": [self.tax.id]}
        total = f"{100 * (1 + self.tax.amount / 100):.2f}"
        (result,) = self.apply(
            "move", self.invoice("a", values={"invoice_line_ids": [line]}, expect={"total": total})
        )
        self.assertEqual(result["status"], "applied", result)

    def bill(self, key, price, **more):
        """A bill of one taxed line."""
        values = {
            "move_type": "in_invoice",
            "journal_id": self.purchases.id,
            "ref": f"R-{key}",
            "invoice_line_ids": [
                {"name": "Rope", "quantity": "1", "price_unit": price,
                 "account_id": self.cost.id, "tax_ids": [self.purchase_tax.id]},
            ],
        }
        return self.invoice(key, values=values, **more)

    def test_a_suppliers_rounding_cent_is_corrected_within_its_bound(self):
        self.purchase_tax.amount = 19
        cases = [
            ("a cent", {"tax": "19.01", "difference_max": "0.05"}, "119.01", "applied"),
            ("exactly the bound", {"tax": "18.95", "difference_max": "0.05"}, "118.95", "applied"),
            ("nothing to correct", {"tax": "19.00", "difference_max": "0.05"}, "119.00", "applied"),
            ("too much", {"tax": "19.06", "difference_max": "0.05"}, "119.06", "refused"),
            ("not what the total says", {"tax": "19.01", "difference_max": "0.05"}, "119.02",
             "refused"),
        ]
        for number, (name, correction, total, status) in enumerate(cases):
            with self.subTest(name):
                item = self.bill(f"t{number}", "100.00", tax_correction=correction,
                                 expect={"total": total})
                (result,) = self.apply("move", item)
                self.assertEqual(result["status"], status, result)
                if status == "applied":
                    self.assertEqual(result["record"]["total"], total)
                    self.assertEqual(result["record"]["tax"], correction["tax"])

    def test_only_a_suppliers_tax_is_corrected(self):
        correction = {"tax": "0.01", "difference_max": "0.05"}
        (result,) = self.apply("move", self.invoice("a", tax_correction=correction))
        self.refused(result, "FIELD_NOT_ALLOWED", "tax_correction")
        bad = self.bill("b", "1.00", tax_correction={"tax": "0.01"})
        self.refused(self.apply("move", bad)[0], "VALUE_INVALID", "tax_correction")

    def test_an_attachment_is_attached_once_under_its_own_name(self):
        item = self.invoice(
            "a",
            attachments=[{"key": "k1_test_a_a1", "name": "bill.pdf", "mimetype": "application/pdf",
                          "data": "JVBERi0xLjQK"}],
        )
        (result,) = self.apply("move", item)
        attachment = self.env.ref("kontor.k1_test_a_a1")
        self.assertEqual(attachment.res_id, result["record"]["id"])
        self.assertEqual(attachment.raw, b"%PDF-1.4\n")
        bad = self.invoice("b", attachments=[{"key": "k", "name": "n", "data": "%%%"}])
        self.refused(self.apply("move", bad)[0], "VALUE_INVALID", "attachments[0].data")

    def test_a_customer_gets_no_mail_and_does_not_follow(self):
        mails = self.env["mail.mail"].search_count([])
        (result,) = self.apply("move", self.invoice("a"))
        move = self.env["account.move"].browse(result["record"]["id"])
        self.assertNotIn(self.partner, move.message_partner_ids)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        note = self.env.ref("mail.mt_note")
        self.assertEqual(move.message_ids.subtype_id | note, note)
        self.assertIn("corr-a", "".join(str(body) for body in move.message_ids.mapped("body")))

    def test_the_callers_context_smuggles_nothing_in(self):
        smuggled = self.operation.with_context(default_narration="x", default_ref="x")
        result = smuggled.apply(self.company.id, "move", [self.invoice("a")], True)
        self.assertEqual(result[0]["record"]["ref"], "")
