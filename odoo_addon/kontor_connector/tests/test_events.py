# SPDX-License-Identifier: LGPL-3.0-or-later
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..compat import MAJOR
from .common import KontorCase


@tagged("post_install", "-at_install")
class TestEvents(KontorCase):
    """Changes that people make, as they make them: events are nobody's privilege."""

    def setUp(self):
        super().setUp()
        self.forget()
        self.books = self.env(user=self.person)

    def draft(self, **more):
        """A person's draft invoice."""
        return self.books["account.move"].create(
            {
                "move_type": "out_invoice",
                "journal_id": self.sales.id,
                "partner_id": self.partner.id,
                "invoice_date": "2026-01-31",
                "invoice_line_ids": [
                    (0, 0, {"name": "x", "price_unit": 100, "account_id": self.income.id,
                            "tax_ids": [(6, 0, [])]})
                ],
                **more,
            }
        )

    def posted(self, **more):
        """A person's posted invoice whose events are forgotten."""
        move = self.draft(**more)
        move.action_post()
        self.forget()
        return move

    def forget(self):
        """Empties the list, as if earlier transactions had been acknowledged."""
        self.flush()
        self.env.cr.execute("DELETE FROM kontor_event")
        self.env["kontor.event"].invalidate_model(flush=False)

    def pay(self, move, amount=None):
        """Pays a move by the register wizard, as people do."""
        wizard = (
            self.books["account.payment.register"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": self.bank.id, **({"amount": amount} if amount else {})})
        )
        return wizard._create_payments()

    def kinds_of(self, record):
        """All kinds that happened to a record, one row a transaction."""
        events = self.events_of(record)
        self.assertLessEqual(len(events), 1)
        return set(events.kinds.split(",")) if events else set()

    def test_a_draft_is_nobodys_business(self):
        move = self.draft()
        move.ref = "x"
        self.assertFalse(self.events_of(move))

    def test_posting_resetting_cancelling_tell_what_was_done(self):
        move = self.draft()
        self.flush()
        move.action_post()
        self.assertEqual(self.kinds_of(move), {"move.posted"})
        self.forget()
        move.button_draft()
        self.assertEqual(self.kinds_of(move), {"move.reset"})
        self.forget()
        move.button_cancel()
        self.assertEqual(self.kinds_of(move), {"move.cancelled"})

    def test_several_changes_in_one_transaction_make_one_row_of_the_gravest_kind(self):
        move = self.draft()
        move.action_post()
        self.flush()
        move.button_draft()
        self.flush()
        move.button_cancel()
        (event,) = self.events_of(move)
        self.assertEqual(event.kind, "move.cancelled")
        self.assertEqual(event.kinds, "move.cancelled,move.reset,move.posted")

    def test_editing_a_posted_document_tells_and_editing_a_draft_does_not(self):
        move = self.posted()
        for change in ({"ref": "PO 7"}, {"payment_reference": "RF18"},
                       {"invoice_date_due": "2026-05-01"}):
            move.write(change)
            self.assertEqual(self.kinds_of(move), {"move.changed"}, change)
            self.forget()
            move.write(change)
            self.assertFalse(self.kinds_of(move), change)
        payment = self.pay(self.posted())
        self.forget()
        payment.write({"memo" if MAJOR >= 18 else "ref": "Other words"})
        self.assertIn("payment.changed", self.kinds_of(payment))

    def test_a_reversal_tells_of_the_original(self):
        move = self.posted()
        wizard = (
            self.books["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": self.sales.id})
        )
        action = wizard.reverse_moves()
        reversal = self.books["account.move"].browse(action["res_id"])
        self.assertNotIn("move.reversed", self.kinds_of(move))
        reversal.action_post()
        self.assertIn("move.reversed", self.kinds_of(move))
        self.assertIn("move.posted", self.kinds_of(reversal))

    def test_paying_by_the_wizard_changes_the_payment_state(self):
        move = self.posted()
        self.pay(move, 40)
        self.assertEqual(self.kinds_of(move), {"move.payment_state_changed"})
        self.forget()
        self.pay(move)
        self.assertEqual(self.kinds_of(move), {"move.payment_state_changed"})
        self.assertIn(move.payment_state, ("paid", "in_payment"))

    def test_undoing_a_reconciliation_changes_the_payment_state(self):
        move = self.posted()
        self.pay(move)
        self.forget()
        move.line_ids.remove_move_reconcile()
        self.assertEqual(self.kinds_of(move), {"move.payment_state_changed"})

    def test_a_payment_is_created_posted_reconciled_and_sent(self):
        move = self.posted()
        payment = self.pay(move)
        kinds = self.kinds_of(payment)
        self.assertLessEqual({"payment.created", "payment.posted", "payment.reconciled"}, kinds)
        self.forget()
        payment.mark_as_sent()
        self.assertEqual(self.kinds_of(payment), {"payment.sent"})

    def test_a_cancelled_or_rejected_payment_tells(self):
        payment = self.pay(self.posted())
        self.forget()
        payment.action_cancel()
        self.assertIn("payment.cancelled", self.kinds_of(payment))
        if MAJOR >= 18:
            other = self.pay(self.posted())
            self.forget()
            other.action_reject()
            self.assertIn("payment.rejected", self.kinds_of(other))

    def test_deletions_tell_only_of_what_was_known_outside(self):
        never_posted = self.draft()
        never_posted.unlink()
        self.assertFalse(self.events_of(never_posted))
        (result,) = self.apply("move", self.invoice("a"), post=False)
        ours = self.books["account.move"].browse(result["record"]["id"])
        ours.unlink()
        self.assertEqual(self.kinds_of(ours), {"move.deleted"})

    def test_a_deleted_payment_tells_whichever_way_it_goes(self):
        values = {"payment_type": "inbound", "partner_id": self.partner.id, "amount": 5,
                  "journal_id": self.bank.id}
        by_itself, with_entry = self.books["account.payment"].create([values, values])
        self.flush()
        self.forget()
        by_itself.unlink()
        self.assertEqual(self.kinds_of(by_itself), {"payment.deleted"})
        if MAJOR < 18:  # later a draft payment has no entry of its own life
            with_entry.move_id.unlink()
            self.assertFalse(with_entry.exists())
            self.assertEqual(self.events_of(with_entry).kind, "payment.deleted")

    def test_a_bank_account_tells_of_every_change_that_may_redirect_money(self):
        bank = self.env["res.partner.bank"].create(
            {"partner_id": self.partner.id, "acc_number": "DE89370400440532013000"}
        )
        self.assertEqual(self.kinds_of(bank), {"partner_bank.changed"})
        for change in (
            {"acc_number": "FR1420041010050500013M02606"},
            {"allow_out_payment": True},
            {"acc_holder_name": "Somebody else"},
            {"active": False},
        ):
            self.forget()
            bank.write(change)
            self.assertEqual(self.kinds_of(bank), {"partner_bank.changed"}, change)
        self.forget()
        bank.write({"sequence": 7})
        self.assertFalse(self.kinds_of(bank))
        bank.unlink()
        self.assertEqual(self.kinds_of(bank), {"partner_bank.changed"})

    def test_lock_dates_tell(self):
        self.company.fiscalyear_lock_date = "2025-12-31"
        self.assertEqual(self.kinds_of(self.company), {"lock_dates.changed"})
        self.forget()
        self.company.fiscalyear_lock_date = "2025-12-31"
        self.company.name = "Other"
        self.assertFalse(self.kinds_of(self.company))
        if MAJOR >= 18:
            exception = self.env["account.lock_exception"].create(
                {"company_id": self.company.id, "user_id": self.person.id,
                 "fiscalyear_lock_date": "2025-11-30", "end_datetime": False}
            )
            self.assertEqual(self.kinds_of(self.company), {"lock_dates.changed"})
            self.forget()
            exception.action_revoke()
            self.assertEqual(self.kinds_of(self.company), {"lock_dates.changed"})

    def test_a_rollback_leaves_no_event(self):
        move = self.draft()
        self.flush()
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            move.action_post()
            self.flush()
            self.assertTrue(self.events_of(move))
            raise ZeroDivisionError
        self.assertFalse(self.events_of(move))
        move.action_post()
        self.assertEqual(self.kinds_of(move), {"move.posted"})

    def test_the_bot_pulls_and_acknowledges_row_by_row(self):
        move = self.posted()
        move.button_draft()
        self.books.flush_all()  # as a person's request does
        self.flush()
        (event,) = self.event.pull(self.company.id, 10, 0)
        self.assertEqual(
            {name: event[name] for name in ("kind", "kinds", "model", "res_id", "company_id",
                                            "user", "by_bot")},
            {"kind": "move.reset", "kinds": ["move.reset"], "model": "account.move",
             "res_id": move.id, "company_id": self.company.id, "user": self.person.login,
             "by_bot": False},
        )
        self.assertEqual((event["snapshot"]["state"], event["snapshot"]["id"]), ("draft", move.id))
        self.assertFalse(self.event.pull(self.company.id, 10, event["id"]))
        self.assertEqual(self.event.acknowledge([event["id"], 999999999]), 1)
        self.assertEqual(self.event.acknowledge([event["id"]]), 0)
        self.assertFalse(self.event.pull(self.company.id, 10, 0))

    def test_what_the_bot_does_says_so_and_names_its_key(self):
        self.apply("move", self.invoice("a"))
        self.flush()
        events = self.event.pull(self.company.id, 10, 0)
        self.assertEqual([event["by_bot"] for event in events], [True])
        self.assertEqual(events[0]["snapshot"]["external_id"], "k1_test_a")

    def test_a_deleted_record_is_told_as_gone(self):
        (result,) = self.apply("move", self.invoice("a"), post=False)
        self.forget()
        self.env["account.move"].browse(result["record"]["id"]).unlink()
        self.flush()
        (event,) = self.event.pull(self.company.id, 10, 0)
        self.assertEqual((event["kind"], event["snapshot"]["exists"]), ("move.deleted", False))

    def test_nobody_but_the_bot_pulls(self):
        stranger = self.env["kontor.event"].with_user(self.person)
        with self.assertRaises(AccessError):
            stranger.pull(self.company.id, 10, 0)
        with self.assertRaises(AccessError):
            stranger.acknowledge([1])
        with self.assertRaises(AccessError):
            self.event.pull(self.other_company.id, 10, 0)
        for limit in (0, 501, "5", None):
            with self.subTest(limit=limit), self.assertRaises(UserError):
                self.event.pull(self.company.id, limit, 0)

    def test_only_old_acknowledged_events_are_vacuumed(self):
        ids = []
        for _number in range(3):
            move = self.draft()
            move.action_post()
            ids += self.events_of(move).ids
        old = fields.Datetime.now() - timedelta(days=31)
        self.env.cr.execute("UPDATE kontor_event SET acknowledged = %s WHERE id = %s",
                            [old, ids[0]])
        self.event.acknowledge([ids[1]])
        self.env["kontor.event"]._vacuum_acknowledged()
        left = self.env["kontor.event"].search([("id", "in", ids)])
        self.assertEqual(left.ids, ids[1:])

    def test_the_sequence_never_goes_back(self):
        before = self.env["kontor.event"]._last_sequence()
        move = self.draft()
        move.action_post()
        self.flush()
        after = self.env["kontor.event"]._last_sequence()
        self.assertGreater(after, before)
        self.forget()
        self.assertEqual(self.env["kontor.event"]._last_sequence(), after)

    def test_the_indexes_exist(self):
        self.env.cr.execute(
            "SELECT indexname FROM pg_indexes WHERE indexdef LIKE 'CREATE UNIQUE%%' "
            "AND tablename IN ('kontor_event', 'kontor_operation')"
        )
        names = {row[0] for row in self.env.cr.fetchall()}
        self.assertLessEqual(
            {"kontor_event_once_a_transaction", "kontor_operation_company_key"}, names
        )
