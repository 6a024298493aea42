# SPDX-License-Identifier: LGPL-3.0-or-later
from datetime import datetime, timedelta

from odoo import fields
from odoo.tests import tagged

from .kontor_stub import OTHER_TOKEN, SERVICE_TOKEN, KontorCase


@tagged("post_install", "-at_install")
class TestKontorWatch(KontorCase):
    """What lets people and programs in is warned about two weeks before it ends."""

    def who(self, days):
        end = (datetime.utcnow() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")

        def answer(request, token):
            found = self._who_am_i(request, token)
            return dict(found, tokenInfo={"expireTime": end}) if isinstance(found, dict) else found
        return answer

    def reminders(self, user, kind="token"):
        activity_type = self.env.ref(f"kontor_connector.mail_activity_type_{kind}")
        return self.env["mail.activity"].search([
            ("res_model", "=", "kontor.backend"), ("user_id", "=", user.id),
            ("activity_type_id", "=", activity_type.id)])

    def watch(self):
        self.env["kontor.backend"]._cron_watch()

    def test_a_person_s_token_is_checked_and_warned_of_once(self):
        self.with_token("preparer")
        user = self.people["preparer"]
        self.stub.answers["AdminService/WhoAmI"] = self.who(days=13)
        self.watch()
        self.watch()
        self.assertEqual((user.kontor_token_state, user.kontor_principal), ("good", "paula"))
        self.assertEqual(len(self.reminders(user)), 1)

    def test_a_token_that_works_longer_is_not_warned_of(self):
        self.with_token("preparer")
        self.stub.answers["AdminService/WhoAmI"] = self.who(days=15)
        self.watch()
        self.assertFalse(self.reminders(self.people["preparer"]))

    def test_a_new_token_ends_the_warning(self):
        self.with_token("preparer")
        self.stub.answers["AdminService/WhoAmI"] = self.who(days=1)
        self.watch()
        self.stub.answers["AdminService/WhoAmI"] = self.who(days=80)
        self.with_token("preparer")
        self.watch()
        self.assertFalse(self.reminders(self.people["preparer"]))

    def test_a_token_that_kontor_refuses_is_told_to_the_person(self):
        self.with_token("preparer", OTHER_TOKEN)
        self.watch()
        self.assertEqual(self.people["preparer"].kontor_token_state, "refused")
        self.assertEqual(len(self.reminders(self.people["preparer"])), 1)

    def test_a_program_s_token_is_no_person_s(self):
        self.with_token("preparer", SERVICE_TOKEN)
        self.watch()
        self.assertEqual(self.people["preparer"].kontor_token_state, "service")

    def test_kontor_down_marks_no_token_as_refused(self):
        self.with_token("preparer")
        self.backend.url = "http://127.0.0.1:9"
        self.watch()
        self.assertEqual(self.people["preparer"].kontor_token_state, "unchecked")

    def key(self, user, age_days, left_days):
        """An API key of a user, so old, with so many days left where keys can end."""
        Keys = self.env["res.users.apikeys"].with_user(user)
        now = fields.Datetime.now()
        if "expiration_date" in Keys._fields:
            Keys._generate("rpc", "kontor", now + timedelta(days=left_days))
        else:
            Keys._generate("rpc", "kontor")
        self.env.cr.execute(
            "UPDATE res_users_apikeys SET create_date = %s WHERE user_id = %s",
            (now - timedelta(days=age_days), user.id))
        self.env.invalidate_all()

    def bot(self):
        user = self._person("bot")
        self.backend.user_id = self.people["manager"]
        return user

    def test_the_bot_s_key_is_warned_of_two_weeks_ahead(self):
        self.key(self.bot(), age_days=360, left_days=5)
        self.watch()
        self.watch()
        found = self.reminders(self.people["manager"], "api_key")
        self.assertEqual(len(found), 1)
        self.assertIn("of Bot", found.note)

    def test_a_young_key_is_not_warned_of_and_other_people_s_keys_neither(self):
        self.key(self.bot(), age_days=1, left_days=60)
        self.key(self.people["auditor"], age_days=364, left_days=1)
        self.watch()
        self.assertFalse(self.reminders(self.people["manager"], "api_key"))
