# SPDX-License-Identifier: LGPL-3.0-or-later
from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..models.kontor_hold import (
    FIRST_ITEMS,
    FIRST_SHARE,
    HOLD_SECONDS,
    NEXT_FACTOR,
    NEXT_SHARE,
    Hold,
)
from .common import BOT, KontorCase


@tagged("post_install", "-at_install")
class TestApplyIdentity(KontorCase):
    """One identity for both paths; what is gone stays gone."""

    def load(self, key, price="100.00"):
        """Makes a draft invoice as the path without the addon does; answers it."""
        columns = [
            "id", "move_type", "journal_id/.id", "partner_id/.id", "invoice_date",
            "invoice_line_ids/name", "invoice_line_ids/price_unit",
            "invoice_line_ids/account_id/.id", "invoice_line_ids/tax_ids/.id",
        ]
        row = [
            f"kontor.k1_test_{key}", "out_invoice", str(self.sales.id), str(self.partner.id),
            "2026-01-31", "Pilotage", price, str(self.income.id), "",
        ]
        moves = self.env["account.move"].with_user(self.bot)
        answer = moves.with_context(mode="update", noupdate=True).load(columns, [row])
        self.assertTrue(answer["ids"], answer["messages"])
        return self.env["account.move"].browse(answer["ids"])

    def test_a_record_that_load_made_is_adopted_and_posted(self):
        draft = self.load("a")
        before = self.moves()
        (result,) = self.apply("move", self.invoice("a"))
        self.assertEqual((result["status"], result["record"]["id"]), ("applied", draft.id), result)
        self.assertEqual((result["record"]["state"], draft.state), ("posted", "posted"))
        self.assertEqual(self.moves(), before)
        self.assertTrue(self.apply("move", self.invoice("a"))[0]["repeat"])

    def test_an_adopted_draft_that_differs_is_refused_and_stays_a_draft(self):
        draft = self.load("a", price="99.00")
        (result,) = self.apply("move", self.invoice("a", expect={"total": "100.00"}))
        self.refused(result, "AMOUNT_DIFFERS", "expect.total")
        self.assertEqual((draft.exists(), draft.state), (draft, "draft"))

    def test_load_after_apply_changes_nothing(self):
        (result,) = self.apply("move", self.invoice("a"))
        before = self.moves()
        again = self.load("a", price="5.00")
        self.assertEqual(again.id, result["record"]["id"])
        self.assertEqual((self.moves(), again.amount_total), (before, 100))

    def test_a_key_of_another_kind_of_record_is_refused(self):
        self.env["ir.model.data"].create(
            {"module": "kontor", "name": "k1_test_a", "model": "res.partner",
             "res_id": self.partner.id}
        )
        self.refused(self.apply("move", self.invoice("a"))[0], "VALUE_INVALID", "key")

    def test_a_document_deleted_in_odoo_is_never_made_again(self):
        (result,) = self.apply("move", self.invoice("a"), post=False)
        self.env["account.move"].browse(result["record"]["id"]).unlink()
        before = self.moves()
        (again,) = self.apply("move", self.invoice("a"), post=False)
        self.refused(again, "DELETED_IN_ODOO")
        self.assertTrue(again["repeat"])
        self.assertEqual(self.moves(), before)
        (found,) = self.operation.find(["k1_test_a"])
        self.assertEqual((found["state"], found["record"]["exists"]), ("applied", False))

    def test_a_deleted_document_is_made_anew_under_a_higher_revision_only(self):
        (result,) = self.apply("move", self.invoice("a"), post=False)
        self.env["account.move"].browse(result["record"]["id"]).unlink()
        other = self.invoice("a", price="50.00")
        self.refused(self.apply("move", other)[0], "DELETED_IN_ODOO")
        (made,) = self.apply("move", self.invoice("a", price="50.00", revision=2))
        self.assertEqual((made["status"], made["repeat"], made["record"]["total"]),
                         ("applied", False, "50.00"), made)
        self.assertEqual(self.env.ref("kontor.k1_test_a").id, made["record"]["id"])

    def test_an_external_id_whose_record_is_gone_is_refused(self):
        draft = self.load("a")
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM account_move_line WHERE move_id = %s", [draft.id])
        self.env.cr.execute("DELETE FROM account_move WHERE id = %s", [draft.id])
        self.env.invalidate_all()
        self.refused(self.apply("move", self.invoice("a"))[0], "DELETED_IN_ODOO")
        self.refused(self.apply("move", self.invoice("a"))[0], "DELETED_IN_ODOO")
        (made,) = self.apply("move", self.invoice("a", revision=2))
        self.assertEqual((made["status"], made["repeat"]), ("applied", False), made)
        self.assertEqual(self.env.ref("kontor.k1_test_a").id, made["record"]["id"])

    def test_a_record_of_a_model_that_is_gone_is_a_conflict_and_keeps_no_other_back(self):
        self.apply("move", self.invoice("a"))
        self.env.cr.execute(
            "UPDATE kontor_operation SET model = 'gone.model' WHERE key = 'k1_test_a'")
        self.env.invalidate_all()
        gone, other = self.apply("move", self.invoice("a"), self.invoice("b"))
        self.assertEqual((gone["status"], other["status"]), ("conflict", "applied"))
        (made,) = self.apply("move", self.invoice("a", revision=2))
        self.assertEqual(made["status"], "applied", made)
        self.assertEqual(self.env.ref("kontor.k1_test_a").id, made["record"]["id"])

    def test_a_record_out_of_sight_is_not_made_again(self):
        other = self.other_company
        partner = self.env["res.partner"].with_company(other).create(
            {"name": "Elsewhere", "company_id": other.id}
        )
        self.env["ir.model.data"].create(
            {"module": "kontor", "name": "k1_test_p", "model": "res.partner", "res_id": partner.id}
        )
        item = self.item("p", {"name": "Elsewhere"})
        self.refused(self.apply("partner", item)[0], "NOT_VISIBLE", "key")
        (found,) = self.operation.find(["k1_test_p"])
        self.assertEqual((found["state"], found["record"]), ("applied", {}))
        hidden = self.invoice("a", values={"partner_id": partner.id})
        self.refused(self.apply("move", hidden)[0], "NOT_VISIBLE", "values.partner_id")

    def test_find_tells_applied_refused_absent_and_what_load_made(self):
        self.apply("move", self.invoice("a"))
        self.apply("move", self.invoice("b", values={"partner_id": False}))
        self.load("c")
        found = self.operation.find([f"k1_test_{name}" for name in "abcd"])
        self.assertEqual(
            [answer["state"] for answer in found], ["applied", "refused", "applied", "absent"]
        )
        self.assertEqual(
            [bool(answer["record"]) for answer in found], [True, False, True, False]
        )
        self.assertEqual(found[0]["record"]["external_id"], "k1_test_a")
        self.assertEqual(found[2]["record"]["state"], "draft")

    def test_a_draft_applied_before_is_posted_when_asked_again(self):
        (draft,) = self.apply("move", self.invoice("a"), post=False)
        (posted,) = self.apply("move", self.invoice("a"))
        self.assertEqual(posted["record"]["id"], draft["record"]["id"])
        self.assertEqual((posted["record"]["state"], posted["repeat"]), ("posted", True))
        (again,) = self.apply("move", self.invoice("a"))
        self.assertTrue(again["repeat"])

    def test_what_a_person_reset_is_not_posted_again_by_a_late_repeat(self):
        (result,) = self.apply("move", self.invoice("a"))
        move = self.env["account.move"].browse(result["record"]["id"])
        move.button_draft()
        self.assertTrue(self.apply("move", self.invoice("a"))[0]["repeat"])
        self.assertEqual(move.state, "draft")

    def test_a_refused_posting_keeps_the_applied_draft(self):
        item = self.invoice("a", values={"partner_id": False})
        self.assertEqual(self.apply("move", item, post=False)[0]["status"], "applied")
        self.refused(self.apply("move", item)[0], "ODOO_REFUSED")
        row = self.env["kontor.operation"].search([("key", "=", "k1_test_a")])
        self.assertEqual((row.state, row.posted), ("applied", False))
        self.assertTrue(self.env["account.move"].browse(row.res_id).exists())

    def test_mishaps_are_passed_on_and_nothing_stays(self):
        for error in (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected,
                      psycopg2.errors.LockNotAvailable):
            with self.subTest(error.__name__):
                moves = self.env.registry["account.move"]
                with (
                    patch.object(moves, "action_post", side_effect=error),
                    self.assertRaises(error),
                    self.env.cr.savepoint(),
                ):
                    self.apply("move", self.invoice("a"))
                (found,) = self.operation.find(["k1_test_a"])
                self.assertEqual(found["state"], "absent")

    def test_a_fault_in_some_addon_refuses_its_own_document_only(self):
        real = type(self.env["account.move"]).create

        def create(moves, vals_list):
            if any(vals.get("ref") == "boom" for vals in vals_list):
                raise KeyError("boom")
            return real(moves, vals_list)

        items = [self.invoice("a"), self.invoice("b", values={"ref": "boom"}), self.invoice("c")]
        with (
            patch.object(self.env.registry["account.move"], "create", create),
            self.assertLogs("odoo.addons.kontor_connector", "ERROR"),
        ):
            results = self.apply_all("move", *items)
        self.assertEqual(
            [result["status"] for result in results], ["applied", "refused", "applied"]
        )
        self.assertNotIn("boom", results[1]["error"]["message"])

    def test_without_the_group_nothing_can_be_called(self):
        for user in (self.person, self.env.ref("base.user_admin")):
            with self.subTest(user.login):
                operation = self.operation.with_user(user)
                with self.assertRaises(AccessError):
                    operation.apply(self.company.id, "move", [self.invoice("a")], True)
                with self.assertRaises(AccessError):
                    operation.find(["k1_test_a"])
                with self.assertRaises(AccessError):
                    self.env["kontor.connector"].with_user(user).identify()

    def test_the_bot_cannot_forge_rows(self):
        self.apply("move", self.invoice("a"))
        row = self.operation.search([("key", "=", "k1_test_a")])
        self.flush()
        event = self.event.search([("company_id", "=", self.company.id)], limit=1)
        for record in (row, event):
            self.assertTrue(record)
            for forge in (record.unlink, lambda record=record: record.write({"model": "x"}),
                          lambda record=record: record.copy()):
                with self.assertRaises(AccessError):
                    forge()

    def test_another_companys_operations_are_out_of_sight(self):
        self.apply("move", self.invoice("a"))
        other = new_test_user(self.env, login="kontor-test-other", groups=BOT,
                              company_id=self.other_company.id,
                              company_ids=[(6, 0, [self.other_company.id])])
        rows = self.env["kontor.operation"].with_user(other)
        rows = rows.with_context(allowed_company_ids=other.company_ids.ids)
        self.assertFalse(rows.search([("key", "=", "k1_test_a")]))
        (found,) = rows.find(["k1_test_a"])
        self.assertEqual((found["state"], found["record"]), ("applied", {}))

    def test_identify_tells_the_database_and_how_far_it_counted(self):
        answer = self.env["kontor.connector"].with_user(self.bot).identify()
        self.assertEqual((answer["protocol"], answer["neutralised"]), (1, False))
        self.assertTrue(answer["addon_version"].startswith(answer["series"]))
        self.assertTrue(answer["database_uuid"])
        self.env["ir.config_parameter"].set_param("database.is_neutralized", True)
        answer = self.env["kontor.connector"].with_user(self.bot).identify()
        self.assertTrue(answer["neutralised"])


@tagged("post_install", "-at_install")
class TestHold(KontorCase):
    """How long a call holds a journal."""

    def hold(self, times):
        """A budget whose clock shows these times."""
        clock = iter(times)
        return Hold(("test", 1, "move"), clock=lambda: next(clock))

    def test_a_worker_that_knows_nothing_begins_small(self):
        self.assertEqual(self.hold([]).room(), FIRST_ITEMS)

    def test_a_call_takes_what_fits(self):
        hold = self.hold([0])
        hold.learn(10, 1.0)
        self.assertEqual(hold.room(), int(FIRST_SHARE * HOLD_SECONDS / 0.1))

    def test_when_time_is_up_nothing_more_is_begun(self):
        hold = self.hold([0, HOLD_SECONDS - 0.1])
        hold.learn(10, 1.0)
        hold.begin()
        self.assertEqual(hold.room(), 0)

    def test_a_later_go_is_small_and_there_is_one_while_time_is_left(self):
        hold = self.hold([0, 0.1, 0.1])
        hold.learn(100, 1.0)
        hold.begin()
        self.assertEqual(hold.room(), int(NEXT_SHARE * HOLD_SECONDS / (NEXT_FACTOR * 0.01)))

    def test_one_slow_document_is_taken_all_the_same(self):
        hold = self.hold([])
        hold.learn(1, 10 * HOLD_SECONDS)
        self.assertEqual(hold.room(), 1)

    def test_what_does_not_fit_is_deferred_and_leaves_no_row(self):
        Hold((self.env.cr.dbname, self.company.id, "move")).learn(
            1, FIRST_SHARE * HOLD_SECONDS / 2
        )
        items = [self.invoice(f"n{number}") for number in range(5)]
        results = self.apply("move", *items)
        self.assertEqual(
            [result["status"] for result in results], ["applied"] * 2 + ["deferred"] * 3
        )
        self.assertEqual(
            [answer["state"] for answer in self.operation.find([i["key"] for i in items])],
            ["applied"] * 2 + ["absent"] * 3,
        )

    def test_drafts_hold_nothing_and_are_never_deferred(self):
        Hold((self.env.cr.dbname, self.company.id, "move")).learn(1, HOLD_SECONDS / 2)
        items = [self.invoice(f"n{number}") for number in range(5)]
        results = self.apply("move", *items, post=False)
        self.assertEqual({result["status"] for result in results}, {"applied"})
