# SPDX-License-Identifier: LGPL-3.0-or-later
from datetime import datetime, timedelta
from pathlib import Path

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.sql import column_exists

from ..models import kontor_secret
from .kontor_stub import OTHER_TOKEN, PERSON_TOKEN, SERVICE_TOKEN, KontorCase, error


@tagged("post_install", "-at_install")
class TestKontorSecret(KontorCase):
    """A token goes in and never comes out."""

    def test_no_read_shows_a_token(self):
        self.with_token("preparer")
        for record in (self.backend, self.people["preparer"]):
            names = [name for name, field in record._fields.items()
                     if "kontor" in name or record._name == "kontor.backend"]
            for values in record.sudo().read(names):
                self.assertNotIn(SERVICE_TOKEN, str(values))
                self.assertNotIn(PERSON_TOKEN, str(values))
            self.assertNotIn("kontor_token", record._fields)
        self.assertEqual(kontor_secret.read_token(self.backend), SERVICE_TOKEN)
        self.assertEqual(kontor_secret.read_token(self.people["preparer"]), PERSON_TOKEN)

    def test_a_copy_of_a_user_or_a_service_has_no_token(self):
        self.with_token("preparer")
        twin = self.people["preparer"].copy({"login": "kontor-twin"})
        self.assertFalse(twin.kontor_token_set)
        self.assertFalse(kontor_secret.read_token(twin))
        self.assertFalse(self.backend.copy().token_set)

    def test_what_is_no_token_is_refused(self):
        for text in ("secret", "kontor_short", "kontor_" + "A" * 33, SERVICE_TOKEN + "\nx"):
            with self.subTest(text=text), self.assertRaises(ValidationError):
                self.backend.new_token = text

    def test_saving_without_a_token_keeps_the_old_one(self):
        self.backend.write({"name": "renamed", "new_token": False})
        self.assertEqual(kontor_secret.read_token(self.backend), SERVICE_TOKEN)

    def test_a_forgotten_token_is_gone(self):
        self.backend.action_forget_token()
        self.assertFalse(self.backend.token_set)
        self.assertEqual(self.backend.health, "new")
        self.assertFalse(self.backend._sync())
        self.assertFalse(self.stub.calls)

    def test_nobody_enters_a_token_for_somebody_else(self):
        manager = self.people["manager"]
        user = self.people["preparer"]
        with self.assertRaises(AccessError):
            user.with_user(self.env.ref("base.user_admin")).kontor_new_token = OTHER_TOKEN
        with self.assertRaises(AccessError):
            user.with_user(manager).write({"kontor_new_token": OTHER_TOKEN})
        self.assertFalse(kontor_secret.read_token(user))

    def test_a_person_enters_and_forgets_their_own(self):
        user = self.people["auditor"].with_user(self.people["auditor"])
        user.write({"kontor_new_token": f"  {PERSON_TOKEN}\n"})
        self.assertTrue(user.kontor_token_set)
        self.assertEqual(user.kontor_token_suffix, PERSON_TOKEN[-4:])
        self.assertFalse(user.kontor_new_token)
        user.action_kontor_forget_token()
        self.assertFalse(user.kontor_token_set)

    def test_no_token_stays_behind_when_the_addon_goes(self):
        self.with_token("preparer")
        kontor_secret.drop_column(self.env)
        self.assertFalse(column_exists(self.env.cr, "res_users", kontor_secret.COLUMN))
        kontor_secret.drop_column(self.env)  # repeatable

    def test_a_person_cannot_write_what_the_job_found_out(self):
        user = self.people["auditor"].with_user(self.people["auditor"])
        with self.assertRaises(AccessError):
            user.write({"kontor_token_state": "good"})


@tagged("post_install", "-at_install")
class TestKontorBackend(KontorCase):
    """Settings, what the test button says, and copies of the database."""

    def test_urls_that_cannot_be_meant_are_refused(self):
        for url in ("kontor.example.com", "ftp://kontor.example.com", "https://",
                    "https://user:secret@kontor.example.com", "https://kontor.example.com/?a=1",
                    "https://kontor.example.com:99999", "http://kontor.example.com:7601",
                    "https://x.example/" + "a" * 2000):
            with self.subTest(url=url), self.assertRaises(ValidationError):
                self.backend.url = url

    def test_plain_http_to_another_machine_must_be_allowed_by_name(self):
        self.env["ir.config_parameter"].set_param("kontor_connector.allow_plain_http", "1")
        self.backend.url = "http://kontor.internal:7601/"
        self.assertEqual(self.backend.url, "http://kontor.internal:7601")

    def test_one_company_is_one_entity_and_one_entity_one_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        with self.assertRaises(ValidationError):
            self.mapping.copy({"entity": "fr"})
        with self.assertRaises(ValidationError):
            self.mapping.copy({"company_id": other.id})
        for name in ("DE", "1de", "d e", "d" * 41):
            with self.subTest(name=name), self.assertRaises(ValidationError):
                self.mapping.entity = name

    def lines(self):
        self.backend.action_test()
        return [(row.level, row.name) for row in self.backend.check_ids]

    def entity(self, **more):
        return {"entity": {"name": "de", "connection": "main", "companyId": str(self.company.id),
                           "currencyCode": self.company.currency_id.name, "mode": "MODE_LIVE",
                           **more}}

    def good_answers(self, **more):
        now = datetime.utcnow().strftime("%Y-%m-%dT%H:%M:%SZ")
        self.stub.answers.update({
            "AdminService/GetServerInfo": {"version": "0.1.0", "serverTime": now},
            "ConnectionService/GetEntity": self.entity(),
            "ConnectionService/ListEntities": {"entities": [{"name": "de"}]},
            "ConnectionService/GetConnection": {"connection": {"name": "main",
                                                               "mode": "MODE_LIVE"}},
            **more})

    def test_a_good_connection_has_good_lines_only(self):
        self.good_answers()
        lines = self.lines()
        self.assertEqual({level for level, _text in lines}, {"ok"}, lines)
        self.assertEqual(self.backend.health, "ok")
        self.assertEqual(self.backend.principal, "odoo")

    def test_each_fault_is_named(self):
        late = (datetime.utcnow() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        soon = (datetime.utcnow() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")

        def who(kind="KIND_SERVICE", roles=("ROLE_VIEWER", "ROLE_OPERATOR"), **more):
            return {"principal": {"name": "x", "kind": kind, "roles": list(roles)}, **more}

        table = [
            ("warning", "belongs to the person", {"AdminService/WhoAmI": who("KIND_PERSON")}),
            ("error", "no role that may read", {"AdminService/WhoAmI": who(roles=())}),
            ("warning", "more rights than", {"AdminService/WhoAmI": who(
                roles=("ROLE_ADMINISTRATOR", "ROLE_VIEWER"))}),
            ("warning", "Without the role Operator", {"AdminService/WhoAmI": who(
                roles=("ROLE_VIEWER",))}),
            ("warning", "for 2 more days", {"AdminService/WhoAmI": who(
                tokenInfo={"expireTime": soon})}),
            ("error", "does not know this token", {"AdminService/WhoAmI": error(
                "unauthenticated", "UNAUTHENTICATED", http=401)}),
            ("error", "The token has expired", {"AdminService/WhoAmI": error(
                "unauthenticated", "TOKEN_EXPIRED", http=401)}),
            ("error", "clocks differ by 3", {"AdminService/GetServerInfo": {"serverTime": late}}),
            ("warning", "restored from a backup", {"AdminService/GetServerInfo": {
                "restorePending": True}}),
            ("error", "has no entity de", {"ConnectionService/GetEntity": error(
                "not_found", "ENTITY_UNKNOWN", http=404)}),
            ("error", "is company no. 999999", {"ConnectionService/GetEntity": self.entity(
                companyId="999999")}),
            ("error", "keeps its books in CHF", {"ConnectionService/GetEntity": self.entity(
                currencyCode="CHF")}),
            ("warning", "is not live in kontor (shadow)", {
                "ConnectionService/GetEntity": self.entity(mode="MODE_SHADOW")}),
            ("warning", "also has the entities fr", {"ConnectionService/ListEntities": {
                "entities": [{"name": "de"}, {"name": "fr"}]}}),
            ("error", "DATABASE_REPLACED", {"ConnectionService/GetConnection": {
                "connection": {"suspendReason": "DATABASE_REPLACED"}}}),
        ]
        for level, words, answers in table:
            with self.subTest(words=words):
                self.stub.answers["AdminService/WhoAmI"] = self._who_am_i
                self.good_answers(**answers)
                self.assertTrue(any(found == level and words in text
                                    for found, text in self.lines()), self.lines())

    def test_each_broken_line_is_named(self):
        for url, words in (("http://127.0.0.1:9", "refuses the connection"),
                           ("https://kontor.invalid", "is not known (DNS)"),
                           (self.stub.url.replace("http:", "https:"), "does not speak TLS")):
            with self.subTest(url=url):
                self.backend.url = url
                lines = self.lines()
                self.assertEqual(len(lines), 1)
                self.assertEqual(lines[0][0], "error")
                self.assertIn(words, lines[0][1])

    def test_without_url_and_token_nothing_is_called(self):
        empty = self.env["kontor.backend"].create({"name": "empty"})
        empty.action_test()
        self.assertEqual(empty.check_ids.mapped("level"), ["error", "error"])
        self.assertFalse(self.stub.calls)

    def test_a_copied_database_neither_reads_nor_sends(self):
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        self.assertEqual(self.backend.health, "suspended")
        self.assertFalse(self.backend._sync())
        self.assertFalse(self.stub.calls)
        self.assertIn("is a copy", self.lines()[0][1])
        self.backend.new_token = OTHER_TOKEN  # entered here, on purpose
        self.assertNotEqual(self.backend.health, "suspended")

    def test_a_neutralised_database_neither_reads_nor_sends(self):
        self.env["ir.config_parameter"].set_param("database.is_neutralized", "true")
        self.assertEqual(self.backend.health, "suspended")
        self.assertFalse(self.backend._sync())
        self.assertFalse(self.stub.calls)

    def test_neutralising_takes_addresses_tokens_and_what_waits(self):
        case = self.an_exception()
        env = self.with_token("preparer")
        env["kontor.request"]._enqueue("retry", case.with_env(env), "now")
        self.env.flush_all()
        script = Path(__file__).parents[1] / "data" / "neutralize.sql"
        self.env.cr.execute(script.read_text(encoding="utf-8"))
        self.env.invalidate_all()
        self.assertFalse(self.backend.url)
        self.assertFalse(self.backend.token_set)
        self.assertFalse(kontor_secret.read_token(self.people["preparer"]))
        self.assertFalse(self.env["kontor.request"].search([("state", "=", "waiting")]))

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.models")
    def test_who_is_no_manager_changes_no_setting(self):
        for name in ("preparer", "approver", "releaser", "auditor", "nobody"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                self.backend.with_user(self.people[name]).write({"url": "https://evil.example"})
            with self.subTest(name=name), self.assertRaises(AccessError):
                self.backend.with_user(self.people[name]).action_test()
        with self.assertRaises(AccessError):
            self.backend.with_user(self.people["nobody"]).read(["url"])
        self.assertFalse(self.stub.calls)

    def test_another_company_s_connection_test_is_not_seen(self):
        self.backend._test()
        checks = self.env["kontor.backend.check"].with_user(self.people["manager"])
        self.assertTrue(checks.search([("backend_id", "=", self.backend.id)]))
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.people["manager"].write(
            {"company_id": elsewhere.id, "company_ids": [(6, 0, elsewhere.ids)]})
        self.assertFalse(checks.with_context(allowed_company_ids=elsewhere.ids).search([]))

    def test_the_settings_make_service_and_entity_in_one_go(self):
        self.mapping.unlink()
        self.backend.active = False
        settings = self.env["res.config.settings"].create({
            "kontor_url": self.stub.url, "kontor_new_token": SERVICE_TOKEN,
            "kontor_entity": "de", "kontor_journal_ids": [(6, 0, self.journal.ids)],
            "kontor_live_from": "2026-01-01"})
        settings.set_values()
        made = self.env["kontor.backend"]._for_company(self.company)
        self.assertEqual((made.url, made.entity_ids.entity), (self.stub.url, "de"))
        self.assertEqual(kontor_secret.read_token(made), SERVICE_TOKEN)
        self.assertEqual(made.entity_ids.journal_ids, self.journal)
        again = self.env["res.config.settings"].create({})
        self.assertEqual(again.kontor_entity, "de")
        self.assertFalse(again.kontor_new_token)
        again.set_values()
        self.assertEqual(kontor_secret.read_token(made), SERVICE_TOKEN)
