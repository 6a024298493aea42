# SPDX-License-Identifier: Apache-2.0
"""A connection whose database was replaced sends nothing until two people bind it again."""
from __future__ import annotations

from ..harness import documents as doc
from ..harness.api import request_id
from ..harness.case import Case
from ..harness.world import Service

MARKER = "connection_marker"


class Replaced(Case):
    own: Service | None = None

    @property
    def service(self) -> Service:
        if Replaced.own is None:
            Replaced.own = self.world.new_service(
                "replaced", {"engine.catalogue_ttl": "1s", "engine.poll_interval": "0s",
                             "engine.park_check": "200ms"})
            Replaced.own.cast("shop", "karl")
            Replaced.own.connect("moved")
            Replaced.own.entity("de", "moved")
        return Replaced.own

    def rebind(self, by: str) -> dict[str, object]:
        return self.service[by].call("ConnectionService/RebindConnection", name="moved",
                                     requestId=request_id(), reason="moved to a new server")

    def test_another_database_suspends_and_two_people_bind_it_again(self) -> None:
        self.posted(self.create_invoice(doc.invoice()))
        marker = self.odoo.id_of(MARKER)
        old = self.odoo.call("res.partner", "read", [marker], ["ref"])[0]["ref"]
        self.odoo.write("res.partner", marker, {"ref": "another-database"})
        self.addCleanup(self.odoo.write, "res.partner", marker, {"ref": old})

        def suspended() -> bool:
            self.create_invoice(doc.invoice(), wait="5s")  # one at a time: the lane stays short
            got = self.service["anna"].call("ConnectionService/GetConnection", name="moved")
            return got["connection"].get("suspendReason") == "DATABASE_REPLACED"

        self.eventually("the connection is suspended", suspended)
        asked = doc.invoice()
        answer = self.create_invoice(asked, wait="5s")
        operation = self.settled(answer["operation"]["id"], "PARKED")
        self.assertEqual(self.odoo.id_of(operation["externalId"]), 0)
        report = self.service["anna"].call("ConnectionService/CheckConnection",
                                           name="moved")["report"]
        self.assertFalse(report.get("identityMatches"))
        self.assertFalse(self.rebind("anna").get("done"))
        self.assertFalse(self.rebind("anna").get("done"))
        self.assertTrue(self.rebind("anton")["done"])
        done = self.settled(answer["operation"]["id"], "POSTED", "EXCEPTION")
        self.assertEqual(done["state"], "STATE_POSTED", self.why(done))
        self.assertEqual(len(self.odoo.moves([["ref", "=", asked["reference"]]])), 1)
