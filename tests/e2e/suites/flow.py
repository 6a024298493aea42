# SPDX-License-Identifier: Apache-2.0
"""Operations on their way: holding, parking, dependencies, shadow, pause, policy."""
from __future__ import annotations

from ..harness import documents as doc
from ..harness.api import request_id
from ..harness.case import Case
from ..harness.world import Json


class Flow(Case):

    def mode(self, entity: str, mode: str) -> None:
        self.service["anna"].call("ConnectionService/UpdateEntity", requestId=request_id(),
                                  entity={"name": entity, "mode": mode}, updateMask="mode",
                                  reason="a test asks for it")

    def entity(self, name: str, mode: str) -> None:
        """An entity on a connection of its own: what people do is told once a connection."""
        found = self.service["anna"].call("ConnectionService/ListEntities", pageSize=100)
        if name not in [entity["name"] for entity in found["entities"]]:
            self.service.connect("for-" + name)
            self.service.entity(name, "for-" + name, mode=mode)

    def test_an_operation_waits_for_the_ones_it_depends_on(self) -> None:
        held = self.create_entry(doc.entry())["operation"]
        answer = self.create_invoice(doc.invoice(), dependsOn=[held["id"]])
        self.assertEqual(answer["operation"]["state"], "STATE_PARKED")
        self.assertEqual(answer["operation"]["parkReason"], "DEPENDS_ON")
        self.service["rita"].call("OperationService/ReleaseOperation", requestId=request_id(),
                                  id=held["id"], reason="checked")
        operation = self.settled(answer["operation"]["id"], "POSTED", "EXCEPTION")
        self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))

    def test_an_operation_whose_dependency_was_cancelled_asks_a_person(self) -> None:
        held = self.create_entry(doc.entry())["operation"]
        answer = self.create_invoice(doc.invoice(), dependsOn=[held["id"]], wait="5s")
        self.shop.call("OperationService/CancelOperation", requestId=request_id(), id=held["id"],
                       reason="withdrawn")
        operation = self.settled(answer["operation"]["id"], "EXCEPTION", "POSTED")
        case = self.stopped({"operation": operation}, "DEPENDENCY_FAILED")
        self.resolve(case, "REJECT", "karl")

    def test_a_dependency_that_nobody_knows_is_refused(self) -> None:
        self.refused(lambda: self.create_invoice(doc.invoice(), dependsOn=["opn_nothing"]),
                     code="not_found")

    def test_a_paused_entity_parks_and_goes_on_when_it_is_live_again(self) -> None:
        self.entity("de-paused", "MODE_PAUSED")
        answer = self.create_invoice(doc.invoice("de-paused"), wait="10s")
        self.assertEqual(answer["operation"]["state"], "STATE_PARKED",
                         self.why(answer["operation"]))
        self.assertEqual(answer["operation"]["parkReason"], "CONNECTION_PAUSED")
        self.mode("de-paused", "MODE_LIVE")
        operation = self.settled(answer["operation"]["id"], "POSTED", "EXCEPTION")
        self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))

    def test_a_shadow_entity_does_everything_but_the_send(self) -> None:
        self.entity("de-shadow", "MODE_SHADOW")
        answer = self.create_invoice(doc.invoice("de-shadow"), wait="20s")
        operation = self.settled(answer["operation"]["id"], "PARKED", "POSTED", "EXCEPTION")
        self.assertEqual((operation["state"], operation["parkReason"]),
                         ("STATE_PARKED", "ENTITY_SHADOW"))
        self.assertEqual(self.odoo.id_of(operation["externalId"]), 0)
        self.assertIn("invoice.shadowed", self.types_of(operation["documentId"]))
        self.shop.call("OperationService/CancelOperation", requestId=request_id(),
                       id=operation["id"], reason="only a rehearsal")

    def test_a_shadow_shows_the_findings_that_would_have_come(self) -> None:
        self.entity("de-shadow", "MODE_SHADOW")
        answer = self.create_invoice(doc.invoice("de-shadow", lines=[
            doc.line("1.00", account="123456")]))
        case = self.stopped(answer, "ACCOUNT_UNKNOWN")
        self.resolve(case, "REJECT", "karl")

    def test_a_stricter_wish_is_honoured_and_a_held_document_can_be_cancelled(self) -> None:
        answer = self.create_invoice(doc.invoice(), posting="POSTING_HOLD")
        operation: Json = answer["operation"]
        self.assertEqual(operation["state"], "STATE_HELD")
        self.shop.call("OperationService/CancelOperation", requestId=request_id(),
                       id=operation["id"], reason="not ours")
        self.assertEqual(self.operation(operation["id"])["state"], "STATE_CANCELLED")
        self.assertEqual(self.odoo.id_of(operation["externalId"]), 0)
        self.refused(lambda: self.shop.call(
            "OperationService/CancelOperation", requestId=request_id(), id=operation["id"],
            reason="again"), "STATE_CONFLICT", code="failed_precondition")

    def agreed(self, policy: Json) -> Json:
        """A policy that one person proposes, again in vain, and another carries out."""
        first, second = self.service["anna"], self.service["anton"]
        for _ in range(2):
            answer = first.call("AdminService/UpdatePostingPolicy", requestId=request_id(),
                                policy=policy, reason="proposed")
            self.assertFalse(answer.get("done"))
        answer = second.call("AdminService/UpdatePostingPolicy", requestId=request_id(),
                             policy=policy, reason="agreed")
        self.assertTrue(answer["done"])
        return answer

    def test_a_posting_policy_is_changed_by_two_people_and_holds_what_it_names(self) -> None:
        anna = self.service["anna"]
        policy = anna.call("AdminService/GetPostingPolicy")["policy"]
        rule = {"source": "shop", "entity": "de", "documentType": "DOCUMENT_TYPE_INVOICE",
                "invoiceKind": "KIND_VENDOR_BILL",
                "minAmount": {"currencyCode": "EUR", "value": "5000.00"},
                "posting": "POSTING_HOLD"}
        version = policy.get("version", "0")
        strict = self.agreed({"version": version, "rules": [rule]})
        large = doc.bill(lines=[doc.line("6000.00", account=doc.EXPENSE)])
        answer = self.create_invoice(large)
        self.assertEqual(answer["operation"]["state"], "STATE_HELD")
        self.posted(self.create_invoice(doc.bill()))
        self.shop.call("OperationService/CancelOperation", requestId=request_id(),
                       id=answer["operation"]["id"], reason="test is over")
        self.agreed({"version": strict["policy"]["version"], "rules": []})
        self.posted(self.create_invoice(doc.bill(
            lines=[doc.line("6100.00", account=doc.EXPENSE)])))

    def test_operations_are_found_by_request_state_and_correlation(self) -> None:
        key, correlation = request_id(), doc.unique("cor")
        operation = self.posted(self.create_invoice(doc.invoice(), requestId=key,
                                                    correlationId=correlation))
        for more in ({"requestId": key}, {"correlationId": correlation},
                     {"documentId": operation["documentId"]}):
            with self.subTest(more=more):
                page = self.shop.call("OperationService/ListOperations", **more)
                self.assertEqual([found["id"] for found in page["operations"]],
                                 [operation["id"]])
        self.assertTrue(all(step["state"] in ("STATE_DONE", "STATE_SKIPPED")
                            for step in operation["steps"]), operation["steps"])
        posts = "KIND_APPLY" if self.world.addon else "KIND_POST"
        self.assertIn(posts, [step["kind"] for step in operation["steps"]])
