# SPDX-License-Identifier: Apache-2.0
"""The addon: documents take its path where it is, keep the path they began with when it comes or
goes, and share one identity in Odoo with the path without it. Changes come out of Odoo through it.
"""
from __future__ import annotations

from ..harness import documents as doc
from ..harness.case import Case
from ..harness.processes import Simulator
from ..harness.world import Json, Service

SETTINGS = {"engine.catalogue_ttl": "1s", "engine.poll_interval": "1s",
            "engine.probe_first": "300ms", "engine.probe_max": "1s", "engine.retry_first": "100ms",
            "engine.retry_max": "1s", "engine.attempts_max": "3", "engine.park_check": "200ms"}


def steps_of(operation: Json) -> list[str]:
    return [step["kind"].removeprefix("KIND_") for step in operation["steps"]]


class WithTheAddon(Case):
    """On the shared target, where that has the addon."""

    def setUp(self) -> None:
        if not self.world.addon:
            self.skipTest("this target has no addon")

    def changed(self, subject_model: str, kind: str) -> list[Json]:
        return [event for event in self.events(types=[kind])
                if f"/{subject_model}/" in event["subject"]]

    def test_each_kind_of_document_is_applied_in_one_step(self) -> None:
        entry = self.create_entry(doc.entry())
        self.service["rita"].call("OperationService/ReleaseOperation",
                                  id=entry["operation"]["id"], requestId=doc.unique("rel"),
                                  reason="checked")
        self.settled(entry["operation"]["id"], "POSTED")
        for answer in (self.create_invoice(doc.invoice()), self.create_invoice(doc.bill()),
                       self.create_payment(doc.payment("12.50")), entry):
            operation = self.settled(answer["operation"]["id"], "POSTED", "EXCEPTION")
            self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))
            self.assertEqual(operation["path"], "PATH_ADDON")
            self.assertEqual(steps_of(operation), ["APPLY", "VERIFY"])
            self.assertTrue(self.odoo.id_of(operation["externalId"]))

    def test_a_partner_goes_without_it(self) -> None:
        operation = self.posted(self.upsert_partner(doc.partner()))
        self.assertEqual(operation["path"], "PATH_LOAD")

    def test_the_report_names_its_version_and_database(self) -> None:
        report = self.service["anna"].call("ConnectionService/CheckConnection",
                                           name="main")["report"]
        self.assertTrue(report["addonPresent"])
        self.assertTrue(report["addonVersion"].startswith(self.world.series))
        self.assertTrue(report["identityMatches"])
        self.assertNotIn("ADDON_MISSING", [f["reason"] for f in report.get("findings", [])])

    def test_a_changed_lock_date_is_told_with_who_changed_it(self) -> None:
        before = len(self.changed("res.company", "lock_dates.changed"))
        self.addCleanup(self.odoo.lock, False)
        self.odoo.lock("2019-12-31")
        # Each entity of the company is told.
        events = self.eventually("the lock date is told", lambda: [
            event for event in self.changed("res.company", "lock_dates.changed")[before:]
            if event["entity"] == "de"])
        data = events[0]["data"]
        self.assertEqual(data["user"], self.world.target["admin_login"])
        self.assertFalse(data["by_bot"])

    def test_a_changed_bank_account_is_told(self) -> None:
        before = len(self.changed("res.partner.bank", "partner_bank.changed"))
        partner = self.odoo.find("res.partner", "ref", doc.OTHER_VENDOR)
        self.odoo.call("res.partner.bank", "create",
                       [{"acc_number": doc.unique("ACC"), "partner_id": partner}])
        self.eventually("the account is told", lambda: self.changed(
            "res.partner.bank", "partner_bank.changed")[before:])

    def test_a_payment_that_people_register_is_told_by_the_invoice(self) -> None:
        operation = self.posted(self.create_invoice(doc.invoice()))
        self.odoo.register_payment(self.odoo.id_of(operation["externalId"]))
        self.eventually("the payment is told",
                        lambda: "invoice.paid" in self.types_of(operation["documentId"]))


class AddonComesAndGoes(Case):
    """On a simulator of its own, where the addon is put in and taken out."""

    own: Service | None = None
    second: Simulator | None = None

    @property
    def service(self) -> Service:
        if AddonComesAndGoes.own is None:
            AddonComesAndGoes.second = self.world.new_simulator(self.world.series)
            AddonComesAndGoes.own = self.world.new_service(
                "comes-and-goes", SETTINGS, target=AddonComesAndGoes.second.target)
            AddonComesAndGoes.own.cast("shop", "otto", "karl")
            AddonComesAndGoes.own.connect("apart")
            AddonComesAndGoes.own.entity("de", "apart")
        return AddonComesAndGoes.own

    def setUp(self) -> None:
        self.only_on_the_simulator()
        self.service["shop"].call("ConnectionService/GetCatalogue", entity="de")
        self.addon(False)
        self.addCleanup(self.simulator.delete, "faults")
        # The shared catalogue's age tells when the identity was looked at last.
        self.eventually("the absence is seen", lambda: self.path_of_next() == "PATH_LOAD")

    @property
    def simulator(self) -> Simulator:
        assert AddonComesAndGoes.second is not None
        return AddonComesAndGoes.second

    def addon(self, present: bool) -> None:
        self.simulator.control("set", {"addon": present})

    def path_of_next(self) -> str:
        """The path of one more document; the service notices within a second what has changed."""
        answer = self.create_invoice(doc.invoice())
        operation = self.settled(answer["operation"]["id"], "POSTED", "EXCEPTION", "RETRYING")
        return str(operation["path"])

    def once(self, asked: Json, operation: Json) -> None:
        self.assertEqual(operation["state"], "STATE_POSTED", self.why(operation))
        found = self.simulator.control(f"moves?ref={asked['reference']}")
        self.assertEqual([(move["state"], move["external_id"]) for move in found],
                         [("posted", "kontor." + operation["externalId"])])

    def connection(self) -> Json:
        return self.service["anna"].call("ConnectionService/GetConnection",
                                         name="apart")["connection"]

    def test_an_unknown_during_the_installation_is_not_doubled_and_keeps_its_path(self) -> None:
        for action in ("cut_before", "cut_after", "late"):
            with self.subTest(action=action):
                self.addon(False)
                self.eventually("the absence is seen",
                                lambda: self.path_of_next() == "PATH_LOAD")
                self.simulator.control("faults", [
                    {"match": {"model": "account.move", "method": "load"}, "action": action,
                     "seconds": 1},
                    # Nobody can look before the addon is there.
                    {"match": {"model": "ir.model.data"}, "action": "cut_before", "times": 2}])
                asked = doc.invoice()
                answer = self.create_invoice(asked, wait="0s")
                self.settled(answer["operation"]["id"], "UNKNOWN", "POSTED")
                self.addon(True)
                self.eventually("the addon is seen",
                                lambda: self.path_of_next() == "PATH_ADDON")
                operation = self.settled(answer["operation"]["id"], "POSTED", "EXCEPTION")
                self.once(asked, operation)
                self.assertEqual(operation["path"], "PATH_LOAD")

    def test_an_unknown_during_the_removal_is_not_doubled(self) -> None:
        self.addon(True)
        self.eventually("the addon is seen", lambda: self.path_of_next() == "PATH_ADDON")
        self.simulator.control("faults", [
            {"match": {"model": "kontor.operation", "method": "apply"}, "action": "cut_after"},
            {"match": {"model": "kontor.operation", "method": "find"}, "action": "cut_before",
             "times": 1}])
        asked = doc.invoice()
        answer = self.create_invoice(asked, wait="0s")
        self.settled(answer["operation"]["id"], "UNKNOWN", "POSTED")
        self.addon(False)
        operation = self.settled(answer["operation"]["id"], "POSTED", "EXCEPTION")
        self.once(asked, operation)
        self.assertEqual(operation["path"], "PATH_ADDON")

    def test_a_document_that_the_removal_stranded_takes_the_other_path_when_a_person_says_so(
            self) -> None:
        self.addon(True)
        self.eventually("the addon is seen", lambda: self.path_of_next() == "PATH_ADDON")
        self.simulator.control("faults", [
            {"match": {"model": "kontor.operation", "method": "apply"},
             "action": "serialization_failure"}])
        asked = doc.invoice()
        answer = self.create_invoice(asked, wait="0s")
        self.eventually("it was sent", lambda: self.operation(
            answer["operation"]["id"]).get("path") == "PATH_ADDON")
        self.addon(False)
        operation = self.settled(answer["operation"]["id"], "EXCEPTION", "POSTED")
        case = self.stopped({"operation": operation}, "ADDON_MISSING")
        self.resolve(case, "RETRY", "otto")
        operation = self.settled(answer["operation"]["id"], "POSTED")
        self.once(asked, operation)
        self.assertEqual(operation["path"], "PATH_LOAD")

    def test_the_connection_stays_bound_when_it_comes_and_when_it_goes(self) -> None:
        self.addon(True)
        self.eventually("the addon is seen", lambda: self.path_of_next() == "PATH_ADDON")
        self.assertFalse(self.connection().get("suspendReason"))
        self.addon(False)
        self.eventually("the absence is seen", lambda: self.path_of_next() == "PATH_LOAD")
        self.assertFalse(self.connection().get("suspendReason"))

    def test_both_paths_meet_in_one_record(self) -> None:
        by_load = self.posted(self.create_invoice(doc.invoice()))
        self.addon(True)
        self.eventually("the addon is seen", lambda: self.path_of_next() == "PATH_ADDON")
        by_addon = self.posted(self.create_invoice(doc.invoice()))
        ids = {row["id"]: row["res_id"] for row in self.simulator.control("external_ids")}
        for operation in (by_load, by_addon):
            self.assertEqual(str(ids["kontor." + operation["externalId"]]), operation["odooId"])
        found = self.service["shop"].call("OperationService/GetOperation", id=by_load["id"])
        self.assertEqual(found["operation"]["path"], "PATH_LOAD")

    def test_what_it_told_is_acknowledged(self) -> None:
        self.addon(True)
        self.eventually("the addon is seen", lambda: self.path_of_next() == "PATH_ADDON")
        operation = self.posted(self.create_invoice(doc.invoice()))
        self.simulator.control("people", {"do": "register_payment",
                                          "move": "kontor." + operation["externalId"]})
        self.eventually("the payment is told",
                        lambda: "invoice.paid" in self.types_of(operation["documentId"]))

        def waiting() -> int:
            kinds = self.simulator.control("state")["addon"]["changes"]
            return sum(counts.get("False", 0) for counts in kinds.values())

        self.eventually("nothing waits any more", lambda: waiting() == 0)
