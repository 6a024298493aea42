# SPDX-License-Identifier: Apache-2.0
"""Webhooks that come in: kept, verified, told from repetitions, quarantined, released."""
from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import Any

from ..harness import hooks
from ..harness.api import Api, request_id
from ..harness.case import Case
from ..harness.certificates import Authority

Json = dict[str, Any]


class Inbound(Case):

    @property
    def admin(self) -> Api:
        return self.service["anna"]

    def source(self, **more: Any) -> str:
        return hooks.make_source(self.admin, **{"live": False, **more})["source"]["name"]

    def messages(self, source: str, state: str = "") -> list[Json]:
        more = {"state": "STATE_" + state} if state else {}
        return self.admin.call("SourceService/ListInboundMessages", source=source,
                               **more).get("messages", [])

    def test_a_signed_message_is_kept_whole_and_answered_with_its_id(self) -> None:
        name = self.source()
        body = json.dumps(hooks.approved(hooks.report())).encode()
        status, answer = hooks.post(self.admin, name, body, hooks.signed(body))
        self.assertEqual((status, answer["duplicate"]), (200, False), answer)
        [message] = self.messages(name)
        self.assertEqual(message["id"], answer["id"])
        self.assertEqual(message["sha256"], hashlib.sha256(body).hexdigest())
        self.assertEqual(int(message["sizeBytes"]), len(body))
        self.assertEqual(message["peer"], "127.0.0.1")

    def test_a_repetition_is_answered_alike_and_kept_once(self) -> None:
        name = self.source()
        message = hooks.approved(hooks.report())
        first = hooks.send(self.admin, name, message)
        again = hooks.send(self.admin, name, message)
        self.assertEqual(again, (200, {"id": first[1]["id"], "duplicate": True}))
        self.assertEqual(len(self.messages(name)), 1)

    def test_what_is_not_rightly_signed_is_refused_and_waits_for_a_person(self) -> None:
        name = self.source()
        body = json.dumps(hooks.approved(hooks.report())).encode()
        right = hooks.signed(body)
        cases = {
            "no signature": {},
            "another secret": hooks.signed(body, "another-secret-0123456789"),
            "another body": hooks.signed(body + b" "),
            "another time": {**right, "X-Timestamp": str(int(right["X-Timestamp"]) + 1)},
            "no prefix": {**right, "X-Signature": right["X-Signature"][7:]},
            "half a signature": {**right, "X-Signature": right["X-Signature"][:40]},
            "no time": {k: v for k, v in right.items() if k != "X-Timestamp"},
        }
        for what, headers in cases.items():
            with self.subTest(what):
                status, answer = hooks.post(self.admin, name, body, headers)
                self.assertEqual((status, answer["reason"]), (401, "SIGNATURE_INVALID"))
        waiting = self.messages(name, "QUARANTINED")
        self.assertEqual(len(waiting), len(cases))
        self.assertEqual(waiting[0]["finding"]["reason"], "SIGNATURE_INVALID")
        # The right one still comes through: the wrong ones took nothing from it.
        self.assertEqual(hooks.post(self.admin, name, body, right)[1]["duplicate"], False)

    def test_an_old_message_is_refused_though_rightly_signed(self) -> None:
        name = self.source()
        for away in (-400, 400):
            body = json.dumps(hooks.approved(hooks.report())).encode()
            headers = hooks.signed(body, at=time.time() + away)
            status, answer = hooks.post(self.admin, name, body, headers)
            self.assertEqual((status, answer["reason"]), (401, "MESSAGE_STALE"))

    def test_a_quarantined_message_is_released_by_a_person_and_worked_on(self) -> None:
        name = self.source()
        body = json.dumps(hooks.approved(hooks.report())).encode()
        hooks.post(self.admin, name, body, {})
        [waiting] = self.messages(name, "QUARANTINED")
        released = self.service["otto"].call(
            "SourceService/ReleaseInboundMessage", requestId=request_id(), id=waiting["id"],
            reason="the platform's secret was late")["message"]
        self.assertEqual(released["state"], "STATE_RECEIVED")
        handled = self.eventually("the message is handled",
                                  lambda: self.messages(name, "HANDLED"))
        self.assertEqual(len(handled[0]["reportIds"]), 1)
        self.refused(lambda: self.service["otto"].call(
            "SourceService/ReleaseInboundMessage", requestId=request_id(), id=waiting["id"],
            reason="twice"), "STATE_CONFLICT")

    def test_a_waiting_message_is_one_case_and_is_looked_at_before_it_is_vouched_for(self) -> None:
        name = self.source()
        body = json.dumps(hooks.approved(hooks.report())).encode()
        hooks.post(self.admin, name, body, {"Authorization": "Basic a-secret", "X-Event": "e1"})
        [waiting] = self.messages(name, "QUARANTINED")
        source = self.admin.call("SourceService/GetSource", name=name)["source"]
        otto = self.service["otto"]

        def cases() -> list[Json]:
            listed = otto.call("ExceptionService/ListExceptions", pageSize=500)
            return [e for e in listed.get("exceptions", [])
                    if e.get("subject") == source["id"]
                    and e["state"] != "STATE_RESOLVED"]

        [case] = self.eventually("there is a case", cases)
        self.assertEqual(case["findings"][0]["reason"], "SIGNATURE_INVALID")
        shown = otto.call("SourceService/GetInboundMessage", id=waiting["id"])
        headers = {h["name"]: h["value"] for h in shown["headers"]}
        self.assertEqual(headers["x-event"], "e1")
        self.assertNotIn("a-secret", json.dumps(shown))
        self.assertEqual(shown.get("content", ""), "")
        self.refused(lambda: self.shop.call("SourceService/GetInboundMessage", id=waiting["id"]),
                     code="permission_denied")
        otto.call("SourceService/DiscardInboundMessage", requestId=request_id(),
                  id=waiting["id"], reason="nobody's")
        self.eventually("the case has ended", lambda: not cases())

    def test_a_live_source_that_is_changed_keeps_its_messages_until_it_is_checked(self) -> None:
        name = self.source(live=True)
        mapping = json.dumps({**hooks.MAPPING, "comment": "another one"})
        changed = self.admin.call("SourceService/UpdateSource", requestId=request_id(),
                                  source={"name": name, "mapping": mapping}, updateMask="mapping")
        self.assertEqual(changed["source"]["state"], "STATE_PAUSED")
        report = hooks.report()
        self.assertEqual(hooks.send(self.admin, name, hooks.approved(report))[0], 200)
        self.assertEqual([m["state"] for m in self.messages(name)], ["STATE_RECEIVED"])
        self.refused(lambda: self.admin.call("SourceService/ResumeSource", requestId=request_id(),
                                             name=name, reason="never mind"), "STATE_CONFLICT")
        self.assertTrue(self.admin.call("SourceService/CheckSource", name=name)["passed"])
        self.eventually("it is handled", lambda: self.messages(name, "HANDLED"))
        [brought] = self.eventually("the report is here", lambda: self.shop.call(
            "ExpenseService/ListExpenseReports", source=name,
            externalId=report["number"]).get("reports", []))
        self.assertNotEqual(brought["state"], "STATE_TESTED")

    def test_a_quarantined_message_is_discarded_and_does_nothing(self) -> None:
        name = self.source()
        hooks.post(self.admin, name, b"{}", {})
        [waiting] = self.messages(name, "QUARANTINED")
        done = self.service["otto"].call("SourceService/DiscardInboundMessage",
                                         requestId=request_id(), id=waiting["id"],
                                         reason="nobody's")["message"]
        self.assertEqual(done["state"], "STATE_DISCARDED")
        self.refused(lambda: self.shop.call(
            "SourceService/DiscardInboundMessage", requestId=request_id(), id=waiting["id"],
            reason="not mine"), code="permission_denied")

    def test_an_unreadable_message_is_quarantined_and_released_after_the_mapping_is_mended(
            self) -> None:
        name = self.source()
        body = hooks.report()
        body["no"] = body.pop("number")
        hooks.send(self.admin, name, hooks.approved(body))
        [waiting] = self.eventually("it is quarantined",
                                    lambda: self.messages(name, "QUARANTINED"))
        self.assertEqual(waiting["finding"]["reason"], "MESSAGE_UNREADABLE")
        mapping = json.loads(json.dumps(hooks.MAPPING))
        mapping["report"]["external_id"] = "/no"
        self.admin.call("SourceService/UpdateSource", requestId=request_id(),
                        source={"name": name, "mapping": json.dumps(mapping)},
                        updateMask="mapping")
        self.service["otto"].call("SourceService/ReleaseInboundMessage", requestId=request_id(),
                                  id=waiting["id"], reason="mapping mended")
        self.eventually("it is handled", lambda: self.messages(name, "HANDLED"))

    def test_each_scheme_takes_its_own_and_nothing_else(self) -> None:
        body = b'{"event":"ping"}'
        basic = base64.b64encode(f"platform:{hooks.SECRET}".encode()).decode()
        wrong = base64.b64encode(b"platform:another-secret-012345").decode()
        cases: list[tuple[Json, dict[str, str], dict[str, str]]] = [
            ({"scheme": "SCHEME_BASIC", "userName": "platform"},
             {"Authorization": "Basic " + basic}, {"Authorization": "Basic " + wrong}),
            ({"scheme": "SCHEME_API_KEY", "keyHeader": "X-Api-Key"},
             {"X-Api-Key": hooks.SECRET}, {"X-Api-Key": hooks.SECRET + "x"}),
        ]
        for verification, good, bad in cases:
            with self.subTest(verification["scheme"]):
                name = self.source(verification=verification)
                self.assertEqual(hooks.post(self.admin, name, body, good)[0], 200)
                self.assertEqual(hooks.post(self.admin, name, body + b" ", bad)[0], 401)

    def test_standard_webhooks_pass_with_the_secret_that_was_answered_once(self) -> None:
        made = hooks.make_source(self.admin, live=False, secret="",
                                 verification={"scheme": "SCHEME_STANDARD_WEBHOOKS"})
        name, secret = made["source"]["name"], made["secret"]
        self.assertTrue(secret.startswith("whsec_"))
        self.assertIn("/hooks/" + name, made["curl"])
        got = self.admin.call("SourceService/GetSource", name=name)
        self.assertNotIn(secret, json.dumps(got))
        body = b'{"event":"ping"}'
        headers = hooks.standard(body, secret, "msg_1")
        self.assertEqual(hooks.post(self.admin, name, body, headers)[0], 200)
        self.assertTrue(hooks.post(self.admin, name, body, headers)[1]["duplicate"])
        renamed = {**headers, "webhook-id": "msg_2"}
        self.assertEqual(hooks.post(self.admin, name, body, renamed)[0], 401)

    def test_a_rotated_secret_and_the_one_before_pass_until_the_overlap_ends(self) -> None:
        name = self.source()
        fresh = self.admin.call("SourceService/RotateSourceSecret", requestId=request_id(),
                                name=name, overlap="3600s")["secret"]
        for secret in (hooks.SECRET, fresh):
            status, answer = hooks.send(self.admin, name, hooks.approved(hooks.report()), secret)
            self.assertEqual(status, 200, answer)
        self.admin.call("SourceService/RotateSourceSecret", requestId=request_id(), name=name,
                        overlap="0s")
        self.assertEqual(hooks.send(self.admin, name, {"event": "x"}, fresh)[0], 401)

    def test_a_client_certificate_of_the_right_subject_lets_messages_in(self) -> None:
        service = self.world.new_service("inbound_mtls")
        self.addCleanup(service.stop)
        service.connect()
        service.entity()
        made = hooks.make_source(service["anna"], live=False, secret="",
                                 verification={"scheme": "SCHEME_MUTUAL_TLS",
                                               "certificateSubject": "CN=platform"})
        self.assertIn("--cert client.pem --key client.key", made["curl"])
        self.assertNotIn("secret", made)
        authority = Authority(self.world.folder / "inbound_mtls_certificates")
        certificate, key = authority.sign("kontord")
        service.kontord.settings.update({"http.certificate_file": certificate,
                                         "http.key_file": key,
                                         "http.client_authority_file": authority.file})
        service.kontord.restart()
        path = "/hooks/" + made["source"]["name"]
        for client, status in ((authority.sign("platform"), 200), (authority.sign("other"), 401),
                               (None, 401)):
            body = json.dumps(hooks.approved(hooks.report())).encode()
            got = authority.post(service.kontord.ports["http_port"], path, body, client)
            self.assertEqual(got, status, client)

    def test_challenges_are_echoed_and_start_nothing(self) -> None:
        name = self.source(verification={**hooks.HMAC, "challengePointer": "/challenge",
                                         "challengeParameter": "hub.challenge"})
        status, answer = hooks.post(self.admin, name, b'{"challenge":"abc 123"}', {})
        self.assertEqual((status, answer["text"]), (200, "abc 123"))
        status, _, text = self.admin.raw("GET", f"/hooks/{name}?hub.challenge=x%2By&other=1")
        self.assertEqual((status, text), (200, b"x+y"))
        self.assertEqual(self.admin.raw("GET", f"/hooks/{name}?other=1")[0], 405)
        self.assertEqual(self.messages(name), [])

    def test_addresses_sizes_rates_and_unknown_sources_are_refused(self) -> None:
        body = b'{"event":"ping"}'
        far = self.source(allowedNetworks=["10.0.0.0/8"])
        self.assertEqual(hooks.post(self.admin, far, body, hooks.signed(body))[0], 403)
        small = self.source(bodyBytesMax="1024")
        large = json.dumps({"event": "x" * 2000}).encode()
        self.assertEqual(hooks.post(self.admin, small, large, hooks.signed(large))[0], 413)
        slow = self.source(messagesPerSecond=1)
        codes = [hooks.send(self.admin, slow, {"event": "ping", "event_id": str(i)})[0]
                 for i in range(12)]
        self.assertIn(429, codes)
        self.assertEqual(codes[0], 200)
        self.assertEqual(hooks.post(self.admin, "no-such-source", body, {})[0], 404)
        self.assertEqual(hooks.post(self.admin, "../x", body, {})[0], 404)

    def test_a_source_that_cannot_work_is_refused_with_every_finding(self) -> None:
        error = self.refused(
            lambda: self.source(name="Bad Name", adapter="fax", mapping="",
                                verification={"scheme": "SCHEME_HMAC", "signedContent": "x"},
                                expense={"style": "STYLE_JOURNAL_ENTRY",
                                         "categories": [{"category": "a"}]}),
            "FIELD_INVALID", "FIELD_MISSING")
        self.assertGreater(len(error.findings), 4)
        self.refused(lambda: self.source(mapping='{"version":1,"report":{"external_id":"x"}}'),
                     "MAPPING_INVALID")
        self.refused(lambda: self.source(entity="nowhere"), "ENTITY_UNKNOWN")
        self.refused(lambda: hooks.make_source(self.admin, secret="short", live=False),
                     "FIELD_INVALID")
        self.refused(lambda: hooks.make_source(self.shop, live=False), code="permission_denied")
