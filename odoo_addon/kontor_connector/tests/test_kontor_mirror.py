# SPDX-License-Identifier: LGPL-3.0-or-later
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.kontor_mirror_document import asked_of, from_unscaled, state_of, to_unscaled
from .kontor_stub import KontorCase, error

SYNC = "odoo.addons.kontor_connector.models.kontor_backend_sync"


@tagged("post_install", "-at_install")
class TestKontorMirror(KontorCase):
    """What is read from kontor stands here once, as it was last."""

    def sync(self):
        self.assertTrue(self.backend._sync())
        return self.env["kontor.mirror.document"].search([("backend_id", "=", self.backend.id)])

    def test_an_event_brings_its_document_with_history(self):
        self.publish()
        row = self.sync()
        self.assertEqual((row.state, row.document_type, row.journal_id, row.reference),
                         ("posted", "journal_entry", self.journal, "JE-1"))
        self.assertEqual((row.asked_total, str(row.date)), (112.20, "2026-03-01"))
        self.assertEqual(row.event_ids.text, "Posted")
        self.assertEqual(self.backend.cursor, 1)

    def test_reading_twice_changes_nothing(self):
        self.publish()
        row = self.sync()
        self.backend.cursor = 0
        before = row.write_date
        self.assertEqual(self.sync(), row)
        self.assertEqual(len(row.event_ids), 1)
        self.assertEqual(row.write_date, before)

    def test_an_older_reading_changes_nothing(self):
        self.publish(self.operation(version="5"))
        row = self.sync()
        self.publish(self.operation(version="4", state="READY"), events=[self.event(2)])
        self.sync()
        self.assertEqual(row.state, "posted")

    def test_an_earlier_operation_of_the_document_changes_nothing(self):
        self.publish(self.operation("opn_2", createTime="2026-03-02T10:00:00Z"))
        row = self.sync()
        self.publish(self.operation("opn_1", state="CANCELLED", version="9"),
                     events=[self.event(2)])
        self.sync()
        self.assertEqual((row.operation_ref, row.state), ("opn_2", "posted"))

    def test_states_that_make_no_event_are_read_too(self):
        self.publish(self.operation(state="READY"))
        row = self.sync()
        self.publish(self.operation(state="PARKED", version="2", parkReason="PERIOD_CLOSED"),
                     events=[])
        self.stub.answers["AdminService/GetServerInfo"] = {"feedSequence": "1"}
        self.sync()
        self.assertEqual((row.state, row.park_reason), ("parked", "PERIOD_CLOSED"))
        self.publish(self.operation(state="POSTED", version="3"), events=[])
        self.stub.answers["AdminService/GetServerInfo"] = {"feedSequence": "1"}
        self.sync()
        self.assertEqual((row.state, row.is_open), ("posted", False))

    def test_a_feed_that_ends_before_the_cursor_is_read_anew(self):
        self.publish(events=[self.event(5)])
        self.sync()
        self.assertEqual(self.backend.cursor, 5)
        self.publish(events=[self.event(1)])
        self.sync()
        self.assertEqual(self.backend.cursor, 1)
        self.assertEqual(self.stub.asked("EventService/ListEvents")[-1]["afterSequence"], 0)

    def test_an_entity_that_is_bound_to_no_company_is_not_read(self):
        self.publish(self.operation(entity="fr"), events=[self.event(entity="fr")])
        self.assertFalse(self.sync())
        self.assertEqual(self.backend.cursor, 1)
        self.assertFalse(self.stub.asked("OperationService/GetOperation"))

    def test_days_before_live_from_and_other_journals_are_not_shown(self):
        self.mapping.live_from = "2026-03-02"
        self.publish()
        self.assertFalse(self.sync())
        other = self.journal.copy({"code": "KOTH", "name": "Other"})
        self.mapping.write({"live_from": "2026-03-01", "journal_ids": [(6, 0, other.ids)]})
        self.backend.cursor = 0
        self.assertFalse(self.sync())
        self.mapping.journal_ids = [(6, 0, self.journal.ids)]
        self.backend.cursor = 0
        self.assertEqual(len(self.sync()), 1)

    def test_an_exception_of_a_document_that_is_not_shown_is_not_shown_either(self):
        self.mapping.live_from = "2026-03-02"
        self.assertFalse(self.an_exception())

    def test_an_exception_of_a_comparison_is_shown_without_a_document(self):
        self.assertTrue(self.an_exception(operationId="", subject="odoo:main/account.move/1"))

    def test_a_long_feed_is_left_for_the_next_run(self):
        self.publish()
        self.stub.answers["EventService/ListEvents"] = {
            "events": [self.event()], "nextAfter": "1", "atEnd": False}
        with patch(f"{SYNC}.RUN_SECONDS_MAX", 0.01):
            self.assertTrue(self.backend._sync())
        self.assertEqual(self.backend.cursor, 1)

    def test_a_person_s_own_entry_gets_history_but_no_document(self):
        move = self.env["account.move"].create({"move_type": "entry",
                                                "journal_id": self.journal.id})
        self.publish(events=[self.event(
            kind="bill.posted", subject=f"odoo:main/account.move/{move.id}",
            data={"odoo": {"model": "account.move", "id": move.id, "name": "X"}})])
        self.assertFalse(self.sync())
        move.invalidate_recordset()
        self.assertEqual(move.kontor_event_ids.text, "Posted")
        self.assertFalse(move.kontor_state)

    def test_exceptions_come_and_go_without_an_event(self):
        case = self.an_exception()
        self.assertEqual(case.title, "The account does not exist")
        self.assertEqual((case.finding_ids.asked, case.finding_ids.got), ("600000", False))
        self.assertTrue(case.is_late)
        self.assertIn(case, self.env["kontor.exception"].search([("is_late", "=", True)]))
        self.assertNotIn(case, self.env["kontor.exception"].search([("is_late", "=", False)]))
        case.activity_schedule("mail.mail_activity_data_todo", user_id=self.env.uid)
        self.publish(self.operation(state="POSTED", version="2"), events=[], case=self.case(
            state="STATE_RESOLVED", version="4", resolution={
                "action": "ACTION_RETRY", "proposer": "karl", "reason": "mended"}))
        self.stub.answers["AdminService/GetServerInfo"] = {"feedSequence": "1"}
        self.sync()
        self.assertEqual((case.state, case.proposer, case.document_id.state),
                         ("resolved", "karl", "posted"))
        self.assertFalse(case.activity_ids)

    def test_kontor_down_is_noted_and_ends_by_itself(self):
        self.stub.mode = "html"
        with mute_logger("odoo.addons.kontor_connector.models.kontor_backend_sync"):
            self.assertFalse(self.backend._sync())
        self.assertEqual(self.backend.health, "waiting")
        self.assertIn("it is not kontor", self.backend.health_text)
        since = self.backend.failing_since
        self.backend.failing_since = since.replace(year=since.year - 1)
        self.assertEqual(self.backend.health, "failing")
        self.stub.mode = "up"
        self.sync()
        self.assertEqual(self.backend.health, "ok")

    def test_deliveries_are_shown_with_what_went_wrong(self):
        self.publish()
        self.stub.answers.update({
            "WebhookService/ListEndpoints": {"endpoints": [{
                "id": "whe_1", "url": "https://user:pw@treasury.example/secret-path",
                "state": "STATE_ACTIVE"}]},
            "WebhookService/ListDeliveries": {"deliveries": [{
                "id": "dlv_1", "endpointId": "whe_1", "eventId": "evt_1", "subject": "jrn_1",
                "state": "STATE_PENDING", "attemptCount": 2, "lastStatusCode": 500,
                "lastError": "answered 500", "createTime": "2026-03-01T10:00:00Z"}]}})
        document = self.sync()
        delivery = self.env["kontor.mirror.delivery"].search([])
        self.assertEqual((delivery.endpoint_id.host, delivery.state, delivery.error_text),
                         ("treasury.example", "pending", "answered 500"))
        self.assertEqual((delivery.document_id, delivery.company_id), (document, self.company))
        self.stub.answers["WebhookService/ListEndpoints"] = {}
        self.sync()
        self.assertFalse(delivery.exists())

    def test_without_the_role_for_deliveries_the_rest_works(self):
        self.publish()
        self.stub.answers["WebhookService/ListEndpoints"] = error(
            "permission_denied", "PERMISSION_DENIED", http=403)
        self.assertEqual(len(self.sync()), 1)
        self.assertFalse(self.backend.can_read_deliveries)

    def test_a_cancellation_that_is_done_has_cancelled_the_document(self):
        for verb, state, shown in (("VERB_CREATE", "STATE_POSTED", "posted"),
                                   ("VERB_CANCEL", "STATE_POSTED", "cancelled"),
                                   ("VERB_CANCEL", "STATE_CANCELLED", "posted"),
                                   ("VERB_CANCEL", "STATE_EXCEPTION", "exception"),
                                   ("VERB_REVERSE", "STATE_POSTED", "posted")):
            with self.subTest(verb=verb, state=state):
                self.assertEqual(state_of({"verb": verb, "state": state}), shown)

    def test_sums_of_decimal_texts_are_exact(self):
        lines = [{"debit": "0.1"}, {"debit": "0.2"}, {"credit": "0.3"}]
        self.assertEqual(asked_of("journal_entry", {"lines": lines})[0], "0.3")
        self.assertEqual(from_unscaled(to_unscaled("-12.5") + to_unscaled("12.5")), "0")
        self.assertEqual(asked_of("invoice", {"currencyCode": "EUR"})[0], None)

    # -- who sees it --------------------------------------------------------------------------

    def test_readers_read_and_nobody_writes(self):
        self.an_exception()
        row = self.env["kontor.mirror.document"].search([])
        for name in ("preparer", "approver", "releaser", "auditor", "manager"):
            seen = row.with_user(self.people[name])
            self.assertEqual(seen.read(["state"])[0]["state"], "exception")
            for model in ("kontor.mirror.document", "kontor.request", "kontor.finding",
                          "kontor.mirror.event"):
                with self.subTest(name=name, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(self.people[name]).create({})
            with self.assertRaises(AccessError):
                seen.write({"state": "posted"})
        with self.assertRaises(AccessError):
            row.with_user(self.people["nobody"]).read(["state"])

    def test_a_person_assigns_an_exception_and_cannot_decide_it_by_writing(self):
        case = self.an_exception().with_user(self.people["preparer"])
        case.action_assign_to_me()
        self.assertEqual(case.user_id, self.people["preparer"])
        with self.assertRaises(AccessError):
            case.write({"state": "resolved"})
        with self.assertRaises(AccessError):
            case.with_user(self.people["auditor"]).write({"user_id": False})

    def test_another_company_s_documents_are_not_seen(self):
        self.an_exception()
        other = self.env["res.company"].create({"name": "Other"})
        user = self.people["auditor"]
        user.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        for model in ("kontor.mirror.document", "kontor.exception", "kontor.finding",
                      "kontor.mirror.event", "kontor.backend.entity", "kontor.control.total",
                      "kontor.overview", "kontor.backend"):
            with self.subTest(model=model):
                self.assertFalse(self.env[model].with_user(user).search([]).exists())
                if model != "kontor.backend":
                    self.assertTrue(self.env[model].sudo().search([]))


@tagged("post_install", "-at_install")
class TestKontorTotals(KontorCase):
    """Control totals and overview are what the documents and the books say."""

    def entry_in_books(self, value, day="2026-03-01"):
        accounts = self._account()
        move = self.env["account.move"].create({
            "move_type": "entry", "journal_id": self.journal.id, "date": day, "line_ids": [
                (0, 0, {"account_id": accounts.id, "debit": value}),
                (0, 0, {"account_id": accounts.id, "credit": value})]})
        move.action_post()
        return move

    def total(self, day):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["kontor.control.total"].search(
            [("backend_id", "=", self.backend.id), ("date", "=", day)])

    def synced(self, move):
        self.publish(self.operation(odooModel="account.move", odooId=str(move.id),
                                    odooName=move.name))
        self.backend._sync()

    def test_what_agrees_is_even(self):
        self.synced(self.entry_in_books(112.20))
        total = self.total("2026-03-01")
        self.assertEqual((total.asked_count, total.booked_count, total.difference),
                         (1, 1, 0))
        self.assertEqual((total.asked_total, total.booked_total, total.is_even),
                         (112.20, 112.20, True))

    def test_a_reset_entry_is_missing_in_the_books(self):
        move = self.entry_in_books(112.20)
        self.synced(move)
        move.button_draft()
        total = self.total("2026-03-01")
        self.assertEqual((total.booked_count, total.count_difference, total.is_even),
                         (0, -1, False))
        self.assertEqual(total.difference, -112.20)

    def test_a_moved_date_shows_on_both_days(self):
        self.synced(self.entry_in_books(112.20, "2026-03-05"))
        self.assertEqual(self.total("2026-03-01").count_difference, -1)
        self.assertEqual(self.total("2026-03-05").count_difference, 1)

    def test_the_overview_counts_what_is_done_waits_and_stops(self):
        self.an_exception()
        self.env.flush_all()
        card = self.env["kontor.overview"].search([("backend_id", "=", self.backend.id)])
        self.assertEqual((card.journal_id, card.exception_count, card.waiting_count,
                          card.synced_today), (self.journal, 1, 0, 0))
        self.publish(self.operation(state="HELD", version="2"), case=self.case(
            state="STATE_RESOLVED", version="4"), events=[self.event(2)])
        self.backend._sync()
        self.env.flush_all()
        self.env.invalidate_all()
        card = self.env["kontor.overview"].search([("backend_id", "=", self.backend.id)])
        self.assertEqual((card.exception_count, card.waiting_count), (0, 1))
        self.assertTrue(card.oldest_waiting)
        action = card.action_open_waiting()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]).state, "held")


@tagged("post_install", "-at_install")
class TestKontorBadge(KontorCase):
    """kontor's state on an entry, for those who may see it."""

    def test_an_entry_shows_the_state_and_is_found_by_it(self):
        move = self.env["account.move"].create({"move_type": "entry",
                                                "journal_id": self.journal.id})
        other = move.copy()
        self.publish(self.operation(odooModel="account.move", odooId=str(move.id)))
        self.backend._sync()
        move.invalidate_recordset()
        self.assertEqual((move.kontor_state, move.kontor_correlation_ref), ("posted", "cor_1"))
        Move = self.env["account.move"]
        both = [("id", "in", (move + other).ids)]
        self.assertEqual(Move.search(both + [("kontor_state", "=", "posted")]), move)
        self.assertEqual(Move.search(both + [("kontor_state", "!=", False)]), move)
        self.assertEqual(Move.search(both + [("kontor_state", "=", False)]), other)
        self.assertEqual(Move.search(both + [("kontor_state", "!=", "posted")]), other)

    def test_who_has_no_role_sees_no_state_and_no_error(self):
        move = self.env["account.move"].create({"move_type": "entry",
                                                "journal_id": self.journal.id})
        self.publish(self.operation(odooModel="account.move", odooId=str(move.id)))
        self.backend._sync()
        user = self.people["nobody"]
        field = "group_ids" if "group_ids" in user._fields else "groups_id"
        user.write({field: [(4, self.env.ref("account.group_account_invoice").id)]})
        self.assertFalse(move.with_user(user).kontor_state)
        self.assertFalse(move.with_user(user).kontor_event_ids)
