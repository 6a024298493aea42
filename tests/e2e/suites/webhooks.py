# SPDX-License-Identifier: Apache-2.0
"""Webhooks out: signed, challenged, in order, through outages, with rotation and replay."""
from __future__ import annotations

import base64
import json
import secrets

from ..harness import documents as doc
from ..harness.api import Api, request_id
from ..harness.case import Case
from ..harness.processes import Receiver
from ..harness.world import Json


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


class Webhooks(Case):

    def setUp(self) -> None:
        self.secret = new_secret()
        self.receiver: Receiver = self.world.new_receiver(self.secret)
        self.addCleanup(self.receiver.stop)
        self.anna: Api = self.service["anna"]

    def endpoint(self, verify: bool = True, **more: object) -> str:
        body = {"url": self.receiver.url + "/hook", "types": ["invoice.*"], **more}
        answer = self.anna.call("WebhookService/CreateEndpoint", requestId=request_id(),
                                endpoint=body, secret=self.secret)
        endpoint = answer["endpoint"]["id"]
        self.addCleanup(self.call, "DeleteEndpoint", endpoint)
        if verify:
            self.call("VerifyEndpoint", endpoint)
        return endpoint

    def call(self, method: str, endpoint: str, **more: object) -> Json:
        return self.anna.call(f"WebhookService/{method}", requestId=request_id(), id=endpoint,
                              **more)

    def deliveries(self, **query: str) -> list[Json]:
        words = "&".join(f"{key}={value}" for key, value in {"accepted": "1", **query}.items())
        return [delivery for delivery in self.receiver.control(f"deliveries?{words}")
                if delivery["type"] != "endpoint.challenge"]

    def received(self, subject: str, count: int) -> list[Json]:
        """The accepted deliveries of a subject, once there are that many."""
        def look() -> list[Json]:
            found = [d for d in self.deliveries() if d["body"].get("subject") == subject]
            return found if len(found) >= count else []
        return self.eventually(f"{count} deliveries of {subject}", look)

    def posted_invoice(self) -> str:
        return self.posted(self.create_invoice(doc.invoice()))["documentId"]

    def in_order(self, summary: Json) -> None:
        self.assertEqual(summary["differing"], [])
        self.assertEqual(summary["backwards"], [])
        self.assertEqual(summary["unverified"], 0)

    def summary(self) -> Json:
        return self.receiver.control("summary?subject=subject&sequence=subject_sequence")

    def test_each_event_arrives_signed_both_ways_once_and_in_order(self) -> None:
        status, _, body = self.shop.raw("GET", "/.well-known/jwks.json")
        self.assertEqual(status, 200)
        self.endpoint()
        subject = self.posted_invoice()
        found = self.received(subject, 2)
        self.assertEqual([d["type"] for d in found], ["invoice.accepted", "invoice.posted"])
        events = {event["id"]: event for event in self.events(subject=subject)}
        for delivery in found:
            self.assertTrue(delivery["verified"])
            self.assertIn("v1", delivery["schemes"])
            self.assertIn("v1a,", delivery["headers"]["webhook-signature"])
            event = events[delivery["id"]]
            self.assertEqual(delivery["body"]["sequence"], int(event["sequence"]))
            self.assertEqual(delivery["body"]["type"], event["type"])
        self.receiver.control("keys", {"keys": [self.secret], "jwks": json.loads(body),
                                       "require": "v1a"})
        self.received(self.posted_invoice(), 2)
        self.in_order(self.summary())

    def test_an_endpoint_gets_nothing_before_it_answers_the_challenge(self) -> None:
        self.receiver.control("plan", [{"challenge": "something else", "times": 1}])
        endpoint = self.endpoint(verify=False)
        self.posted_invoice()
        self.refused(lambda: self.call("VerifyEndpoint", endpoint), "CHALLENGE_FAILED",
                     code="failed_precondition")
        self.assertEqual(self.deliveries(), [])
        self.assertEqual(self.call("VerifyEndpoint", endpoint)["endpoint"]["state"],
                         "STATE_ACTIVE")
        self.received(self.posted_invoice(), 2)

    def test_targets_inside_the_house_are_refused(self) -> None:
        for url in ("http://10.0.0.1/x", "http://169.254.169.254/latest/meta-data",
                    "https://192.168.1.1/", "ftp://example.com/", "http://[fe80::1]/",
                    "https://user:word@example.com/"):
            with self.subTest(url=url):
                self.refused(lambda u=url: self.anna.call(
                    "WebhookService/CreateEndpoint", requestId=request_id(),
                    endpoint={"url": u}), code="invalid_argument")

    def test_types_and_entities_that_were_not_asked_for_stay_away(self) -> None:
        self.endpoint(types=["bill.posted"], entities=["de"])
        self.posted_invoice()
        bill = self.posted(self.create_invoice(doc.bill()))["documentId"]
        found = self.received(bill, 1)
        self.assertEqual([d["type"] for d in self.deliveries()], ["bill.posted"])
        self.assertEqual(found[0]["body"]["entity"], "de")

    def test_after_an_outage_everything_arrives_in_order(self) -> None:
        self.endpoint()
        self.receiver.control("plan", [{"status": 500, "times": 2}])
        subjects = [self.posted_invoice() for _ in range(3)]
        for subject in subjects:
            found = self.received(subject, 2)
            self.assertEqual([d["type"] for d in found], ["invoice.accepted", "invoice.posted"])
        self.in_order(self.summary())
        self.assertGreaterEqual(self.summary()["received"], 8)

    def test_an_answer_that_is_lost_is_sent_again_under_the_same_id(self) -> None:
        self.endpoint(timeout="1s")
        self.receiver.control("plan", [{"cut": True, "times": 1}])
        self.received(self.posted_invoice(), 2)
        self.assertEqual(self.summary()["differing"], [])

    def test_what_is_personal_is_masked_unless_it_is_granted(self) -> None:
        plain = self.world.new_receiver(self.secret)
        self.addCleanup(plain.stop)
        self.endpoint(types=["partner.*"])
        self.endpoint(types=["partner.*"], url=plain.url + "/hook", unmasked=True)
        number = doc.iban()
        operation = self.posted(self.upsert_partner(doc.partner(
            name="Klabautermann", bankAccounts=[{"accountNumber": number}])))
        self.received(operation["documentId"], 2)
        self.eventually("two unmasked deliveries",
                        lambda: len(plain.control("deliveries?accepted=1")) >= 3)
        masked, clear = str(self.deliveries()), str(plain.control("deliveries"))
        self.assertNotIn(number, masked)
        self.assertNotIn("Klabautermann", masked)
        self.assertIn(number, clear)
        self.assertIn("Klabautermann", clear)

    def test_a_rotated_secret_overlaps_with_the_old_one(self) -> None:
        endpoint = self.endpoint()
        fresh = new_secret()
        answer = self.call("RotateSecret", endpoint, overlap="3600s", secret=fresh)
        self.assertTrue(answer["endpoint"]["oldSecretExpireTime"])
        self.received(self.posted_invoice(), 2)
        self.receiver.control("keys", {"keys": [fresh]})
        self.received(self.posted_invoice(), 2)
        self.in_order(self.summary())

    def waiting(self, endpoint: str, count: int) -> Json | None:
        """The endpoint, once that many events wait for it."""
        shown = self.anna.call("WebhookService/GetEndpoint", id=endpoint)["endpoint"]
        return shown if int(shown.get("pendingCount", 0)) >= count else None

    def test_a_paused_endpoint_catches_up_when_it_is_resumed(self) -> None:
        endpoint = self.endpoint()
        self.call("PauseEndpoint", endpoint, reason="maintenance")
        subject = self.posted_invoice()
        shown = self.eventually("both events wait", lambda: self.waiting(endpoint, 2))
        self.assertEqual(shown["state"], "STATE_PAUSED")
        self.assertEqual(self.deliveries(), [])
        self.call("ResumeEndpoint", endpoint, reason="done")
        self.received(subject, 2)

    def test_gone_disables_and_a_person_may_resume(self) -> None:
        endpoint = self.endpoint()
        self.receiver.control("plan", [{"status": 410, "times": 1}])
        subject = self.posted_invoice()
        self.eventually("the endpoint is disabled", lambda: self.anna.call(
            "WebhookService/GetEndpoint", id=endpoint)["endpoint"]["state"] == "STATE_DISABLED")
        self.call("ResumeEndpoint", endpoint, reason="was a mistake")
        self.received(subject, 2)

    def test_redirects_are_not_followed(self) -> None:
        other = self.world.new_receiver(self.secret)
        self.addCleanup(other.stop)
        self.endpoint()
        self.receiver.control("plan", [{"status": 302, "location": other.url + "/x", "times": 1}])
        self.received(self.posted_invoice(), 2)
        self.assertEqual(other.control("deliveries"), [])

    def test_events_are_replayed_under_their_old_ids_with_the_same_content(self) -> None:
        endpoint = self.endpoint()
        subject = self.posted_invoice()
        first = self.received(subject, 2)
        answer = self.service["otto"].call(
            "EventService/ReplayEvents", requestId=request_id(), endpointId=endpoint,
            eventIds=[delivery["id"] for delivery in first], reason="lost on our side")
        self.assertEqual(int(answer["deliveryCount"]), 2)
        again = self.received(subject, 4)
        self.assertEqual({d["id"] for d in again}, {d["id"] for d in first})
        self.assertEqual(self.summary()["differing"], [])

    def test_a_ping_says_what_came_back(self) -> None:
        endpoint = self.endpoint()
        answer = self.call("PingEndpoint", endpoint)
        self.assertEqual(answer["statusCode"], 200)
        self.receiver.control("plan", [{"status": 503, "times": 1}])
        answer = self.call("PingEndpoint", endpoint)
        self.assertEqual(answer["statusCode"], 503)
        self.assertTrue(answer["error"])

    def test_deliveries_are_listed_with_what_happened(self) -> None:
        endpoint = self.endpoint()
        subject = self.posted_invoice()
        self.received(subject, 2)

        def listed() -> list[Json]:
            page = self.anna.call("WebhookService/ListDeliveries", endpointId=endpoint)
            done = [d for d in page.get("deliveries", [])
                    if d["subject"] == subject and d["state"] == "STATE_DELIVERED"]
            return done if len(done) == 2 else []

        for delivery in self.eventually("both deliveries are DELIVERED", listed):
            self.assertEqual(delivery["lastStatusCode"], 200)
            self.assertEqual(delivery["attemptCount"], 1)

    def test_deliveries_survive_a_power_cut(self) -> None:
        endpoint = self.endpoint()
        self.call("PauseEndpoint", endpoint, reason="so that something waits")
        subject = self.posted_invoice()
        self.service.kontord.kill()
        self.service.kontord.start()
        self.call("ResumeEndpoint", endpoint, reason="go on")
        self.received(subject, 2)
        self.in_order(self.summary())

    def test_an_unknown_secret_is_never_accepted_by_the_receiver(self) -> None:
        self.receiver.control("keys", {"keys": [new_secret()], "require": "v1"})
        endpoint = self.endpoint(verify=False)
        self.refused(lambda: self.call("VerifyEndpoint", endpoint), "CHALLENGE_FAILED")
