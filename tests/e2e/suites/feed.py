# SPDX-License-Identifier: Apache-2.0
"""The event feed: numbered without gaps, in order a subject, paged without loss."""
from __future__ import annotations

import concurrent.futures

from ..harness import documents as doc
from ..harness.api import request_id
from ..harness.case import Case

BURST = 40


class Feed(Case):

    def test_the_feed_has_no_gap_and_each_subject_counts_from_one(self) -> None:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(
                lambda _: self.create_invoice(doc.invoice(), wait="0s"), range(BURST)))
        for answer in answers:
            self.settled(answer["operation"]["id"], "POSTED")
        events = self.events()
        self.assertEqual([int(event["sequence"]) for event in events],
                         list(range(1, len(events) + 1)))
        counts: dict[str, int] = {}
        for event in events:
            counts[event["subject"]] = counts.get(event["subject"], 0) + 1
            self.assertEqual(int(event["subjectSequence"]), counts[event["subject"]], event["id"])
        self.assertEqual(len({event["id"] for event in events}), len(events))

    def test_pages_of_any_size_give_the_same_feed(self) -> None:
        whole = [event["id"] for event in self.events()]
        for size in (1, 7):
            found: list[str] = []
            after = 0
            while len(found) < min(len(whole), 60):
                page = self.shop.call("EventService/ListEvents", afterSequence=after,
                                      pageSize=size)
                found += [event["id"] for event in page["events"]]
                after = int(page["nextAfter"])
            self.assertEqual(found, whole[:len(found)])

    def test_a_filter_leaves_out_but_never_stands_still(self) -> None:
        answer = self.create_invoice(doc.bill())
        self.posted(answer)
        found = self.events(types=["bill.*"])
        self.assertTrue(found)
        self.assertEqual({event["type"].split(".")[0] for event in found}, {"bill"})
        page = self.shop.call("EventService/ListEvents", types=["nothing.happened"], pageSize=5)
        self.assertFalse(page.get("events"))
        self.assertGreater(int(page["nextAfter"]), 0)

    def test_an_event_carries_who_when_and_the_subject_as_it_stood(self) -> None:
        key = doc.unique("cor")
        operation = self.posted(self.create_invoice(doc.invoice(), correlationId=key))
        events = self.events(subject=operation["documentId"])
        self.assertEqual([event["type"] for event in events],
                         ["invoice.accepted", "invoice.posted"])
        self.assertEqual({event["correlationId"] for event in events}, {key})
        self.assertEqual({event["entity"] for event in events}, {"de"})
        data = events[-1]["data"]
        self.assertEqual(data["state"], "POSTED")
        self.assertEqual(data["odoo"]["model"], "account.move")
        self.assertEqual(data["booked"]["state"], "posted")
        self.assertNotIn("booked", events[0]["data"])

    def test_names_and_account_numbers_are_masked_in_the_feed(self) -> None:
        number, name = doc.iban(), "Geheimrat Wolkenstein"
        answer = self.upsert_partner(doc.partner(
            name=name, bankAccounts=[{"accountNumber": number}]))
        operation = self.posted(answer)
        text = str(self.events(subject=operation["documentId"]))
        self.assertNotIn(number, text)
        self.assertNotIn(name, text)
        self.assertIn(number[-4:], text)

    def test_replayed_events_need_a_selection(self) -> None:
        self.refused(lambda: self.service["otto"].call(
            "EventService/ReplayEvents", requestId=request_id()), code="invalid_argument")

    def test_each_published_type_has_its_schema(self) -> None:
        for event in {event["type"]: event for event in self.events()}.values():
            with self.subTest(type=event["type"]):
                path = f"/schemas/{event['type']}.v{event['schemaVersion']}.json"
                status, headers, body = self.shop.raw("GET", path)
                self.assertEqual(status, 200, path)
                self.assertIn("json", headers["content-type"])
                self.assertIn(event["type"].encode(), body)
