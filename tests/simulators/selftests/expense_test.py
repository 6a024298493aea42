# SPDX-License-Identifier: Apache-2.0
"""The expense platforms: tokens, confirmations, repetitions, and what goes wrong on request."""
from __future__ import annotations

import base64
import json
import unittest
from typing import Any
from urllib.parse import urlencode

from expense.platforms import CLIENT_ID, CLIENT_SECRET, FI, REFRESH

from .support import Dropped, Program, control, http_call

Json = dict[str, Any]


class Platform(unittest.TestCase):
    name = ""

    def setUp(self) -> None:
        if not self.name:
            self.skipTest("the base of the others")
        self.program = Program("expense_sim.py", "--platform", self.name, "--port", "0")
        self.addCleanup(self.program.stop)
        self.url = self.program.ready["url"]
        self.token = ""

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        data = b"" if body is None else json.dumps(body).encode()
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        status, _, answer = http_call(self.url, method, path, data, headers)
        return status, json.loads(answer or "null")

    def faults(self, *steps: Json) -> None:
        control(self.url, "/_sim/faults", {"faults": list(steps)})

    def item(self, identity: str) -> Json:
        return control(self.url, "/_sim/state")["items"][identity]


class Concur(Platform):
    name = "concur"

    def login(self, secret: str = CLIENT_SECRET) -> int:
        form = urlencode({"client_id": CLIENT_ID, "client_secret": secret,
                          "grant_type": "refresh_token", "refresh_token": REFRESH}).encode()
        status, _, answer = http_call(self.url, "POST", "/oauth2/v0/token", form)
        self.token = json.loads(answer).get("access_token", "")
        return status

    def add(self, *identities: str) -> None:
        control(self.url, "/_sim/items", {"items": [{"id": i, "document": {"reportId": i}}
                                              for i in identities]})

    def code(self, path: str, body: Any) -> int:
        status, answer = self.call("POST", FI + path, body)
        self.assertEqual(status, 200, "single failures are inside an answer of 200")
        return next(iter(answer.values()))[0]["code"]

    def posting(self, identity: str) -> list[Json]:
        return [{"id": identity, "overallPostingStatusCode": "success", "postingDocs": []}]

    def test_nobody_comes_in_without_a_token(self) -> None:
        self.assertEqual(self.call("GET", FI)[0], 401)
        self.assertEqual(self.login("wrong"), 400)
        self.assertEqual(self.login(), 200)
        self.assertEqual(self.call("GET", FI)[0], 200)
        self.faults({"kind": "expire"})
        self.assertEqual(self.call("GET", FI)[0], 401)

    def test_a_document_goes_from_ready_to_paid_and_says_what_is_repeated(self) -> None:
        self.login()
        self.add("d1")
        self.assertEqual(self.code("/postingconfirmations", self.posting("d1")), 116)
        self.assertEqual(self.code("/acknowledgements", {"ids": ["d1"]}), 0)
        self.assertEqual(self.code("/acknowledgements", {"ids": ["d1"]}), 101)
        self.assertEqual(self.call("GET", FI)[1]["documents"], [])
        for _ in range(2):
            self.assertEqual(self.code("/postingconfirmations", self.posting("d1")), 0)
        self.assertEqual(len(self.item("d1")["postings"]), 1)
        payment = [{"id": "d1", "overallPaymentStatusCode": "success"}]
        self.assertEqual(self.code("/paymentconfirmations", payment), 0)
        self.assertEqual(self.item("d1")["docStatus"], "PAID")
        self.assertEqual(self.code("/acknowledgements", {"ids": ["no"]}), 116)

    def test_a_page_has_its_limit_and_a_recall_comes_after_the_list(self) -> None:
        self.login()
        self.add(*(f"d{i}" for i in range(30)))
        control(self.url, "/_sim/recall", {"ids": ["d0"]})
        self.assertEqual(len(self.call("GET", FI + "?limit=25")[1]["documents"]), 25)
        self.assertEqual(self.code("/acknowledgements", {"ids": ["d0"]}), 116)

    def test_faults_come_as_often_as_asked(self) -> None:
        self.login()
        self.add("d1")
        self.faults({"kind": "throttle", "path": "acknowledgements"},
                    {"kind": "fail", "path": "acknowledgements"},
                    {"kind": "cut", "path": "acknowledgements"},
                    {"kind": "lose", "path": "acknowledgements"})
        for status in (429, 500):
            self.assertEqual(self.call("POST", FI + "/acknowledgements", {"ids": ["d1"]})[0],
                             status)
        with self.assertRaises(Dropped):
            self.call("POST", FI + "/acknowledgements", {"ids": ["d1"]})
        self.assertEqual(self.item("d1")["docStatus"], "READY")
        with self.assertRaises(Dropped):
            self.call("POST", FI + "/acknowledgements", {"ids": ["d1"]})
        self.assertEqual(self.item("d1")["docStatus"], "ACKNOWLEDGED")


    def test_single_items_fail_within_an_answer_of_200_and_nothing_was_done(self) -> None:
        self.login()
        self.add("d1")
        self.faults({"kind": "item_failure", "path": "acknowledgements"})
        status, answer = self.call("POST", FI + "/acknowledgements", {"ids": ["d1"]})
        self.assertEqual(status, 200)
        self.assertEqual(answer["acknowledgements"][0]["status"], "FAILURE")
        self.assertEqual(self.item("d1")["docStatus"], "READY")

    def test_lists_come_double_and_in_another_order(self) -> None:
        self.login()
        self.add("d1", "d2")
        self.faults({"kind": "double"}, {"kind": "shuffle"})
        ids = [[d["id"] for d in self.call("GET", FI)[1]["documents"]] for _ in range(3)]
        self.assertEqual(ids, [["d1", "d1", "d2", "d2"], ["d2", "d1"], ["d1", "d2"]])

    def test_a_recalled_document_is_ready_again(self) -> None:
        self.login()
        self.add("d1")
        control(self.url, "/_sim/recall", {"ids": ["d1"]})
        self.call("GET", FI)
        self.assertEqual(self.call("GET", FI)[1]["documents"], [])
        control(self.url, "/_sim/ready", {"ids": ["d1"]})
        for _ in range(2):
            self.assertEqual(len(self.call("GET", FI)[1]["documents"]), 1)


class Ramp(Platform):
    name = "ramp"

    def setUp(self) -> None:
        super().setUp()
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        self.token = self.call("POST", "/developer/v1/token",
                               Authorization=f"Basic {basic}")[1]["access_token"]

    def sync(self, key: str, good: list[str], bad: list[str]) -> int:
        return self.call("POST", "/developer/v1/accounting/syncs", {
            "idempotency_key": key, "sync_type": "REIMBURSEMENT_SYNC",
            **({"successful_syncs": [{"id": i, "reference_id": "B1"} for i in good]}
               if good else {}),
            **({"failed_syncs": [{"id": i, "error": {"message": "no"}} for i in bad]}
               if bad else {})})[0]

    def test_syncs_count_once_a_key_and_refuse_another_under_it(self) -> None:
        control(self.url, "/_sim/items", {"items": [{"id": "a"}, {"id": "b"}]})
        self.assertEqual(self.sync("", ["a"], []), 422)
        for _ in range(3):
            self.assertEqual(self.sync("k1", ["a"], ["b"]), 200)
        self.assertEqual(self.sync("k1", ["b"], []), 409)
        self.assertEqual(self.item("a")["synced"], ["B1"])
        self.assertEqual(self.item("b")["failed"], ["no"])

    def test_a_list_takes_what_is_new_and_changes_what_is_there(self) -> None:
        path = "/developer/v1/accounting/vendors"
        upload = {"vendors": [{"id": "7", "name": "Meyer"}, {"id": "8", "name": "Adler"}]}
        self.assertEqual(self.call("POST", path, upload)[0], 201)
        self.assertEqual(self.call("POST", path, upload)[0], 400)
        self.assertEqual(self.call("POST", path, {"vendors": []})[0], 422)
        listed = self.call("GET", path)[1]["data"]
        self.assertEqual([(v["id"], v["is_active"]) for v in listed], [("7", True), ("8", True)])
        one = f"{path}/{listed[0]['ramp_id']}"
        self.assertEqual(self.call("DELETE", one)[0], 204)
        self.assertFalse(control(self.url, "/_sim/state")["vendors"]["7"]["is_active"])
        self.assertEqual(self.call("PATCH", one, {"reactivate": True, "name": "M"})[0], 200)
        again = control(self.url, "/_sim/state")["vendors"]["7"]
        self.assertEqual((again["is_active"], again["name"]), (True, "M"))
        self.assertEqual(self.call("PATCH", path + "/other", {})[0], 404)

    def test_options_need_their_field_and_a_field_is_made_once(self) -> None:
        options = "/developer/v1/accounting/field-options"
        self.assertEqual(self.call("GET", options + "?field_id=none")[0], 404)
        field = {"id": "cc", "name": "Cost centre", "input_type": "SINGLE_CHOICE"}
        made = [self.call("POST", "/developer/v1/accounting/fields", field)[1]["ramp_id"]
                for _ in range(2)]
        self.assertEqual(made[0], made[1])
        self.assertEqual(self.call("POST", options, {
            "field_id": made[0], "options": [{"id": "CC1", "value": "Sales"}]})[0], 201)

    def test_lists_are_scoped_by_entity_and_go_on_after_an_item(self) -> None:
        control(self.url, "/_sim/items", {"items": [
            {"id": f"r{i}", "entity_id": "e1" if i < 3 else "e2"} for i in range(5)]})
        path = "/developer/v1/reimbursements?sync_status=SYNC_READY&entity_id=e1&page_size=2"
        page = self.call("GET", path)[1]
        self.assertEqual([i["id"] for i in page["data"]], ["r0", "r1"])
        self.assertTrue(page["page"]["next"])
        page = self.call("GET", path + "&start=r1")[1]
        self.assertEqual(([i["id"] for i in page["data"]], page["page"]["next"]), (["r2"], None))


class Generic(Platform):
    name = "generic"

    def test_a_receipt_counts_once_a_key(self) -> None:
        receipt = {"key": "k", "event": "posted"}
        head = {"Idempotency-Key": "k"}
        for _ in range(2):
            self.assertEqual(self.call("POST", "/receipts", receipt, **head)[0], 200)
        self.assertEqual(self.call("POST", "/receipts", {**receipt, "event": "failed"},
                                   **head)[0], 409)
        self.assertEqual(self.call("POST", "/receipts", receipt)[0], 400)
        state = control(self.url, "/_sim/state")
        self.assertEqual((len(state["receipts"]), state["calls"]), (1, 4))
