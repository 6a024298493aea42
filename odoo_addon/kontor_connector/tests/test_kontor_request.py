# SPDX-License-Identifier: LGPL-3.0-or-later
import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import Form, tagged

from .kontor_stub import OTHER_TOKEN, PERSON_TOKEN, SERVICE_TOKEN, KontorCase, error

RESOLVE = "ExceptionService/ResolveException"


@tagged("post_install", "-at_install")
class TestKontorRequest(KontorCase):
    """A button asks once, in the person's own name, and never lies about how it stands."""

    def setUp(self):
        super().setUp()
        self.exc = self.an_exception()
        self.person = self.with_token("preparer")
        self.stub.calls = []

    def ask(self, verb="retry", env=None, target=None, reason="mended in Odoo"):
        env = env or self.person
        return env["kontor.request"]._enqueue(
            verb, (target or self.exc).with_env(env), reason).sudo()

    def send(self):
        self.env["kontor.request"].search([("state", "=", "waiting")]).next_attempt_time = False
        self.env["kontor.request"]._cron_send()

    def test_a_click_only_queues_and_says_so(self):
        action = self.exc.with_env(self.person).action_retry()
        form = Form(self.person["kontor.decision"].with_context(**action["context"]))
        self.assertEqual(form.effect, "Tries again.")
        form.reason = "mended"
        form.save().action_confirm()
        self.assertFalse(self.stub.calls)
        self.assertEqual(self.exc.waiting_request, "Retry was requested by Preparer.")
        note = self.exc.message_ids[0]
        self.assertTrue(note.subtype_id.internal or note.is_internal)
        self.assertEqual(note.author_id, self.people["preparer"].partner_id)

    def test_it_goes_out_once_with_the_person_s_own_token(self):
        self.stub.answers[RESOLVE] = {"exception": self.case(
            state="STATE_RESOLVED", version="4"), "operation": self.operation(
            state="READY", version="2")}
        request = self.ask()
        self.send()
        self.send()
        sent = self.stub.asked(RESOLVE)
        self.assertEqual(len(sent), 1)
        self.assertEqual(self.stub.tokens(RESOLVE), [PERSON_TOKEN])
        self.assertEqual(sent[0], {
            "id": "exc_1", "action": "ACTION_RETRY", "version": 3, "reason": "mended in Odoo",
            "requestId": request.request_ref})
        self.assertEqual((request.state, self.exc.state), ("done", "resolved"))
        self.assertEqual(self.exc.document_id.state, "ready")

    def test_without_a_token_the_button_says_where_to_enter_it(self):
        env = self.env(user=self.people["manager"].id)
        with self.assertRaises(RedirectWarning) as caught:
            self.exc.with_env(env).action_reject()
        self.assertIn("preferences", caught.exception.args[0])
        self.assertEqual(caught.exception.args[1]["res_id"], self.people["manager"].id)
        with self.assertRaises(RedirectWarning):
            self.ask("reject", env)

    def test_a_second_click_while_one_waits_is_told_so(self):
        self.ask()
        with self.assertRaisesRegex(UserError, "Retry was requested by Preparer"):
            self.ask("reject")
        self.assertEqual(self.env["kontor.request"].search_count([]), 1)

    def test_a_reason_is_needed_and_bounded(self):
        for reason in ("", "   ", "x" * 501):
            with self.subTest(reason=reason[:5]), self.assertRaises(UserError):
                self.ask(reason=reason)

    def test_each_role_asks_for_what_is_its_own(self):
        table = {
            "preparer": {"retry", "reject", "accept", "retry_operation", "cancel_operation"},
            "approver": {"approve", "decline"}, "releaser": {"release_operation"},
            "auditor": set(),
            "manager": {"retry", "reject", "accept", "retry_operation", "cancel_operation"}}
        for name, allowed in table.items():
            env = self.with_token(name)
            for verb in ("retry", "reject", "accept", "approve", "decline", "retry_operation",
                         "cancel_operation", "release_operation"):
                target = self.exc.document_id if verb.endswith("_operation") else self.exc
                with self.subTest(name=name, verb=verb):
                    if verb in allowed:
                        self.ask(verb, env, target).unlink()
                    else:
                        with self.assertRaises(AccessError):
                            self.ask(verb, env, target)

    def test_nobody_makes_or_changes_a_request_by_hand(self):
        request = self.ask()
        for name in ("preparer", "manager"):
            mine = request.with_user(self.people[name])
            with self.assertRaises(AccessError):
                mine.write({"user_id": self.people["approver"].id})
            with self.assertRaises(AccessError):
                mine.copy({"user_id": self.people["approver"].id})

    def test_kontor_down_waits_and_goes_out_later_under_the_same_id(self):
        request = self.ask()
        port = self.backend.url
        self.backend.url = "http://127.0.0.1:9"
        self.send()
        self.assertEqual((request.state, request.attempt_count), ("waiting", 1))
        self.assertIn("refuses the connection", self.exc.waiting_request)
        self.assertGreater(request.next_attempt_time, fields.Datetime.now())
        self.assertFalse(request.maybe_done)
        self.backend.url = port
        self.stub.answers[RESOLVE] = {"exception": self.case(state="STATE_RESOLVED",
                                                             version="4")}
        self.send()
        self.assertEqual(request.state, "done")
        self.assertEqual(self.stub.asked(RESOLVE)[0]["requestId"], request.request_ref)

    def test_the_wait_grows_and_is_bounded(self):
        request = self.ask()
        self.stub.answers[RESOLVE] = error("unavailable", "SHUTTING_DOWN", http=503)
        waits = []
        for _attempt in range(8):
            self.send()
            waits.append((request.next_attempt_time - fields.Datetime.now()).total_seconds())
        self.assertEqual(sorted(waits), waits)
        self.assertLess(waits[-1], 31 * 60)
        self.assertEqual(len({found["requestId"] for found in self.stub.asked(RESOLVE)}), 1)

    def test_a_refusal_is_told_in_words_and_ends_it(self):
        for reason, words in (("SECOND_PERSON_REQUIRED", "Another person must do this"),
                              ("VERSION_CONFLICT", "The case has changed meanwhile"),
                              ("PERSON_REQUIRED", "is a program's"),
                              ("STATE_CONFLICT", "it is resolved"),
                              ("PERMISSION_DENIED", "it is resolved")):
            with self.subTest(reason=reason):
                self.stub.answers[RESOLVE] = error(
                    "failed_precondition", reason, "it is resolved")
                request = self.ask()
                self.send()
                self.assertEqual(request.state, "refused")
                self.assertIn(words, self.exc.refused_request)
                self.assertFalse(self.exc.waiting_request)

    def test_a_token_that_kontor_does_not_know_is_told(self):
        self.stub.answers[RESOLVE] = error("unauthenticated", "UNAUTHENTICATED", http=401)
        request = self.ask()
        self.send()
        self.assertIn("in the preferences of Preparer", request.error_text)

    def test_a_token_that_was_taken_away_meanwhile_ends_it(self):
        request = self.ask()
        user = self.people["preparer"]
        user.with_user(user).action_kontor_forget_token()
        self.send()
        self.assertEqual((request.state, request.error_kind), ("refused", "NO_TOKEN"))
        self.assertFalse(self.stub.asked(RESOLVE))

    def lost_answer(self, request):
        self.stub.mode = "cut"
        self.send()
        self.stub.mode = "up"
        self.assertEqual((request.state, request.maybe_done), ("waiting", True))

    def test_a_lost_answer_is_no_refusal_when_it_was_done(self):
        request = self.ask()
        self.lost_answer(request)
        self.stub.answers[RESOLVE] = error("failed_precondition", "STATE_CONFLICT")
        self.stub.answers["ExceptionService/GetException"] = {"exception": self.case(
            state="STATE_RESOLVED", version="4",
            resolution={"action": "ACTION_RETRY", "proposer": "paula"})}
        self.send()
        self.assertEqual(request.state, "done")
        self.assertEqual(len({found["requestId"] for found in self.stub.asked(RESOLVE)}), 1)

    def test_a_lost_answer_is_a_refusal_when_somebody_else_decided(self):
        request = self.ask()
        self.lost_answer(request)
        self.stub.answers[RESOLVE] = error("failed_precondition", "STATE_CONFLICT")
        self.stub.answers["ExceptionService/GetException"] = {"exception": self.case(
            state="STATE_RESOLVED", version="4",
            resolution={"action": "ACTION_REJECT", "proposer": "karl"})}
        self.send()
        self.assertEqual(request.state, "refused")

    def test_what_was_sent_cannot_be_withdrawn(self):
        request = self.ask()
        self.lost_answer(request)
        with self.assertRaisesRegex(UserError, "may have been done"):
            request.with_env(self.person).action_withdraw()

    def test_what_waits_is_withdrawn_by_who_asked_and_is_not_sent(self):
        request = self.ask()
        with self.assertRaises(AccessError):
            request.with_user(self.people["approver"]).action_withdraw()
        request.with_env(self.person).action_withdraw()
        self.send()
        self.assertEqual(request.state, "withdrawn")
        self.assertFalse(self.stub.asked(RESOLVE))

    def test_after_a_week_it_is_given_back(self):
        request = self.ask()
        self.env.flush_all()
        self.env.cr.execute("UPDATE kontor_request SET create_date = %s WHERE id = %s",
                            (fields.Datetime.now() - timedelta(days=8), request.id))
        request.invalidate_recordset()
        self.send()
        self.assertEqual((request.state, request.error_kind), ("refused", "GIVEN_UP"))

    def test_the_service_s_token_decides_nothing(self):
        self.stub.answers[RESOLVE] = {"exception": self.case(state="STATE_RESOLVED")}
        self.ask()
        self.send()
        self.assertNotIn(SERVICE_TOKEN, self.stub.tokens(RESOLVE))

    def test_the_second_person_confirms_what_they_saw(self):
        method = "ExceptionService/ApproveResolution"
        self.stub.answers[method] = {"exception": self.case(state="STATE_RESOLVED", version="5")}
        env = self.with_token("approver", OTHER_TOKEN)
        self.ask("approve", env, reason="seen")
        self.send()
        self.assertEqual(self.stub.tokens(method), [OTHER_TOKEN])
        self.assertEqual(self.stub.asked(method)[0]["version"], 3)

    def test_a_copied_database_sends_nothing(self):
        request = self.ask()
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        self.send()
        self.assertEqual(request.state, "waiting")
        self.assertFalse(self.stub.calls)

    # -- corrections --------------------------------------------------------------------------

    def correction(self):
        action = self.exc.with_env(self.person).action_correct()
        return self.person["kontor.correction"].browse(action["res_id"])

    def body(self):
        return json.loads(self.env["kontor.request"].search([], limit=1).body)

    def test_only_what_is_changed_is_sent(self):
        wizard = self.correction()
        wizard.write({"reference": "JE-2", "reason": "typo"})
        wizard.action_confirm()
        body = self.body()
        self.assertEqual(body["journalEntry"], {"reference": "JE-2"})
        self.assertEqual(body["updateMask"], "reference")
        self.assertEqual(body["action"], "ACTION_CORRECT_AND_RETRY")

    def test_changed_lines_are_sent_whole_and_keep_what_is_not_shown(self):
        entry = self.entry()
        entry["lines"][0]["analytic"] = [{"accountCode": "A", "percentage": "100"}]
        self.publish(self.operation(state="EXCEPTION", exceptionId="exc_1", version="2"),
                     document=entry, case=self.case(), events=[self.event(2)])
        self.backend._sync()
        wizard = self.correction()
        wizard.line_ids[0].account_code = "610000"
        wizard.reason = "another account"
        wizard.action_confirm()
        lines = self.body()["journalEntry"]["lines"]
        self.assertEqual(self.body()["updateMask"], "lines")
        self.assertEqual(lines[0], {
            "accountCode": "610000", "description": "Rent", "debit": "112.20",
            "analytic": [{"accountCode": "A", "percentage": "100"}]})
        self.assertEqual(lines[1], {
            "accountCode": "620000", "description": "Rent", "credit": "112.20"})

    def test_nothing_changed_is_no_correction(self):
        wizard = self.correction()
        wizard.reason = "nothing"
        with self.assertRaisesRegex(UserError, "Nothing is changed"):
            wizard.action_confirm()

    def test_a_number_that_is_none_is_refused_here(self):
        for text in ("1,50", "abc", "1e3", "1.2345678901234", "--1"):
            wizard = self.correction()
            wizard.line_ids[0].debit = text
            wizard.reason = "x"
            with self.subTest(text=text), self.assertRaises(UserError):
                wizard.action_confirm()

    def test_choosing_records_fills_in_codes_and_names(self):
        wizard = self.correction()
        account = self._account()
        line = wizard.line_ids[0]
        line.account_id = account
        line._onchange_account_id()
        self.assertEqual(line.account_code, account.with_company(self.company).code)
        wizard.journal_id = self.journal
        wizard._onchange_journal_id()
        self.assertEqual(wizard.journal_code, self.journal.code)
