# SPDX-License-Identifier: LGPL-3.0-or-later
from odoo.tests import tagged

from ..models import kontor_client as wire
from .kontor_stub import SERVICE_TOKEN, KontorCase, error


@tagged("post_install", "-at_install")
class TestKontorClient(KontorCase):
    """Every way in which an exchange can fail has a kind of its own."""

    def fails(self, url=None, read_seconds=5):
        client = wire.KontorClient(url or self.stub.url, SERVICE_TOKEN, read_seconds)
        with self.assertRaises(wire.KontorError) as caught, client:
            client.call("AdminService/WhoAmI")
        return caught.exception

    def test_an_answer_is_the_json_object(self):
        with wire.KontorClient(self.stub.url + "/", SERVICE_TOKEN) as client:
            answer = client.call("AdminService/WhoAmI")
        self.assertEqual(answer["principal"]["name"], "odoo")

    def test_a_name_that_does_not_exist_is_told_as_that(self):
        self.assertEqual(self.fails("http://kontor.invalid:7601").kind, wire.UNKNOWN_HOST)

    def test_a_closed_port_is_told_as_refused_and_as_not_sent(self):
        failure = self.fails("http://127.0.0.1:9")
        self.assertEqual(failure.kind, wire.REFUSED)
        self.assertFalse(failure.sent)

    def test_https_to_a_server_without_tls_is_told_as_that(self):
        failure = self.fails(self.stub.url.replace("http:", "https:"))
        self.assertEqual(failure.kind, wire.PLAIN_HTTP)

    def test_silence_is_a_time_out_that_may_have_been_acted_on(self):
        self.stub.mode = "slow"
        failure = self.fails(read_seconds=0.2)
        self.assertEqual(failure.kind, wire.TIMEOUT)
        self.assertTrue(failure.sent)
        self.stub.release.set()

    def test_a_cut_connection_may_have_been_acted_on(self):
        self.stub.mode = "cut"
        failure = self.fails()
        self.assertEqual(failure.kind, wire.LOST)
        self.assertTrue(failure.sent)

    def test_another_servers_page_is_not_kontor(self):
        self.stub.mode = "html"
        self.assertEqual(self.fails().kind, wire.NOT_KONTOR)

    def test_a_redirect_is_not_followed_with_the_token(self):
        self.stub.mode = "redirect"
        self.assertEqual(self.fails().kind, wire.NOT_KONTOR)
        self.assertFalse(self.stub.calls)

    def test_an_error_answer_carries_reason_and_findings(self):
        self.stub.answers["AdminService/WhoAmI"] = error(
            "failed_precondition", "STATE_CONFLICT", "no",
            findings=[{"reason": "X", "message": "because"}])
        failure = self.fails()
        self.assertEqual((failure.kind, failure.code, failure.reason),
                         (wire.API, "failed_precondition", "STATE_CONFLICT"))
        self.assertEqual(failure.sentence(), "no because")
        self.assertFalse(failure.transient)

    def test_only_what_passes_by_itself_is_transient(self):
        for code, transient in (("unavailable", True), ("resource_exhausted", True),
                                ("permission_denied", False), ("unauthenticated", False),
                                ("aborted", False), ("invalid_argument", False)):
            with self.subTest(code=code):
                self.stub.answers["AdminService/WhoAmI"] = error(code, "R")
                self.assertEqual(self.fails().transient, transient)

    def test_the_token_is_in_no_text_of_the_client(self):
        self.assertNotIn(SERVICE_TOKEN, repr(wire.KontorClient(self.stub.url, SERVICE_TOKEN)))
        self.assertNotIn(SERVICE_TOKEN, str(self.fails("http://127.0.0.1:9")))
