# SPDX-License-Identifier: Apache-2.0
"""Analytic plans that Odoo's administrators made mandatory."""
from __future__ import annotations

from ..harness import documents as doc
from ..harness.case import Case
from ..harness.world import Json

PLAN = "Cost Centres"
SHARES = [{"accountCode": "CC100", "percentage": "60"}, {"accountCode": "CC200",
                                                        "percentage": "40"}]


class Plans(Case):

    def setUp(self) -> None:
        self.plan = self.odoo.find("account.analytic.plan", "name", PLAN)

    def refresh(self) -> None:
        self.shop.call("ConnectionService/GetCatalogue", entity="de", refresh=True)

    def everywhere(self, known: bool = True) -> None:
        """Makes the plan mandatory for all documents; `known`: kontor reads it at once."""
        if not known:
            self.refresh()
        self.addCleanup(self.refresh)
        self.addCleanup(self.odoo.write, "account.analytic.plan", self.plan,
                        {"default_applicability": "optional"})
        self.odoo.write("account.analytic.plan", self.plan, {"default_applicability": "mandatory"})
        if known:
            self.refresh()

    def of_domain(self, domain: str) -> None:
        """Makes the plan mandatory for documents of one kind."""
        rule = self.odoo.call("account.analytic.applicability", "create", [{
            "analytic_plan_id": self.plan, "business_domain": domain,
            "applicability": "mandatory"}])[0]
        self.addCleanup(self.refresh)
        self.addCleanup(self.odoo.call, "account.analytic.applicability", "unlink", [rule])
        self.refresh()

    def corrected(self, case: Json, lines: list[Json]) -> Json:
        self.resolve(case, "CORRECT_AND_RETRY", "karl", invoice={"lines": lines},
                     updateMask="lines")
        if self.exception(case["id"])["state"] != "STATE_RESOLVED":
            self.approve(case, "kurt")
        return self.ends_posted(case)

    def test_a_line_without_its_plan_is_stopped_before_anything_is_sent(self) -> None:
        self.everywhere()
        case = self.stopped(self.create_invoice(doc.invoice()), "ANALYTIC_REQUIRED",
                            "invoice.lines[0].analytic")
        self.assertIn(PLAN, case["findings"][0]["message"])
        external_id = self.operation(case["operationId"])["externalId"]
        self.assertEqual(self.odoo.id_of(external_id), 0)
        operation = self.corrected(case, [doc.line("75.00", analytic=SHARES)])
        line = self.odoo.lines(self.odoo.move(operation["externalId"])["id"])[0]
        self.assertEqual(sorted(line["analytic_distribution"].values()), [40.0, 60.0])

    def test_shares_of_less_than_all_are_stopped_too(self) -> None:
        self.everywhere()
        half = [{"accountCode": "CC100", "percentage": "50"}]
        case = self.stopped(self.create_invoice(doc.bill(lines=[
            doc.line("40.00", account=doc.EXPENSE, analytic=half)])), "ANALYTIC_REQUIRED",
            "invoice.lines[0].analytic")
        self.assertEqual((case["findings"][0]["asked"], case["findings"][0]["got"]), ("50", "100"))
        self.resolve(case, "REJECT", "karl")

    def test_a_rule_for_bills_asks_nothing_of_invoices(self) -> None:
        self.of_domain("bill")
        self.posted(self.create_invoice(doc.invoice()))
        case = self.stopped(self.create_invoice(doc.bill()), "ANALYTIC_REQUIRED")
        self.corrected(case, [doc.line("55.00", account=doc.EXPENSE, analytic=SHARES)])

    def test_a_plan_made_mandatory_a_moment_ago_is_enforced_by_odoo(self) -> None:
        self.everywhere(known=False)
        case = self.stopped(self.create_invoice(doc.invoice()), "ODOO_REFUSED")
        external_id = self.operation(case["operationId"])["externalId"]
        self.unposted(external_id)
        operation = self.corrected(case, [doc.line("85.00", analytic=SHARES)])
        self.assertEqual(self.odoo.move(operation["externalId"])["state"], "posted")
