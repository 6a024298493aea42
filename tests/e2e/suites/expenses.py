# SPDX-License-Identifier: Apache-2.0
"""Expense reports: from a platform into the books, and the end of each told to it once."""
from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any

from ..harness import documents as doc
from ..harness import hooks
from ..harness import schema
from ..harness.api import Api, request_id
from ..harness.case import Case
from ..harness.odoo import amount

Json = dict[str, Any]
CLIENT = {"clientId": "kontor", "clientSecret": "sim-client-secret-0123456789"}


def canonical(**more: Any) -> Json:
    """A report as the API takes it: one ticket with recoverable tax."""
    person = hooks.person()
    line = {"date": doc.today(), "description": "Train to Bremen", "category": "travel",
            "amount": {"currencyCode": "EUR", "value": "119.00"},
            "tax": {"treatment": "TREATMENT_RECOVERABLE", "code": "V19",
                    "taxAmount": {"currencyCode": "EUR", "value": "19.00"}}}
    return {"externalId": doc.unique("R"), "title": "Customer visit", "reportDate": doc.today(),
            "currencyCode": "EUR", "total": {"currencyCode": "EUR", "value": "119.00"},
            "employee": {"externalId": person["id"], "email": person["mail"],
                         "name": person["name"]},
            "approver": {"externalId": "B-1", "name": "Bruno Boss"}, "lines": [line], **more}


class Expenses(Case):

    @property
    def admin(self) -> Api:
        return self.service["anna"]

    def source(self, **more: Any) -> str:
        return hooks.make_source(self.admin, **more)["source"]["name"]

    def submit(self, source: str, report: Json, **more: Any) -> Json:
        return self.shop.call("ExpenseService/SubmitExpenseReport",
                              **{"requestId": request_id(), "source": source, "report": report,
                                 **more})

    def get(self, identity: str) -> Json:
        return self.shop.call("ExpenseService/GetExpenseReport", id=identity)["report"]

    def of(self, source: str, external_id: str) -> list[Json]:
        return self.shop.call("ExpenseService/ListExpenseReports", source=source,
                              externalId=external_id).get("reports", [])

    def reached(self, identity: str, *states: str) -> Json:
        wanted = ["STATE_" + state for state in states]
        seen: list[Json] = []

        def look() -> Json | None:
            seen[:] = [self.get(identity)]
            return seen[0] if seen[0]["state"] in wanted else None

        try:
            return self.eventually(f"{identity} is {states}", look)
        except AssertionError:
            operations = [self.why(self.operation(o)) for o in seen[0].get("operationIds", [])]
            self.fail(f"{seen[0]['state']}: {seen[0].get('findings')} {operations}")

    def sent(self, source: str, report: Json) -> Json:
        """The report that a webhook brought."""
        status, answer = hooks.send(self.admin, source, hooks.approved(report))
        self.assertEqual(status, 200, answer)
        return self.eventually("the report is here", lambda: self.of(source, report["number"]))[0]

    def excepted(self, identity: str, reason: str) -> Json:
        report = self.eventually("there is an exception", lambda: (
            lambda r: r if r.get("exceptionId") else None)(self.get(identity)))
        exception = self.exception(report["exceptionId"])
        self.assertIn(reason, {f["reason"] for f in exception["findings"]})
        for finding in exception["findings"]:
            self.assert_plain(finding["message"])
        return exception

    def move_of(self, report: Json) -> Json:
        operation = self.operation(report["operationIds"][-1])
        return self.odoo.move(operation["externalId"])

    # -- by the API -----------------------------------------------------------------------------

    def test_a_submitted_report_becomes_a_posted_bill_of_the_employee(self) -> None:
        source = self.source()
        receipt = {"name": "ticket.txt", "mediaType": "text/plain",
                   "content": base64.b64encode(doc.unique("ticket").encode()).decode()}
        asked = canonical()
        asked["lines"][0]["receipts"] = [receipt]
        identity = self.submit(source, asked)["report"]["id"]
        report = self.reached(identity, "CONFIRMED")
        self.assertEqual(len(report["documentIds"]), 1)
        move = self.move_of(report)
        self.assertEqual((move["move_type"], move["state"], move["ref"]),
                         ("in_invoice", "posted", asked["externalId"]))
        self.assertEqual(amount(move["amount_total"]), Decimal("119.00"))
        self.assertEqual(amount(move["amount_tax"]), Decimal("19.00"))
        files = self.world.eyes.read("ir.attachment", [["res_model", "=", "account.move"],
                                                       ["res_id", "=", move["id"]]], ["name"])
        self.assertEqual([file["name"] for file in files], ["ticket.txt"])
        self.assertEqual(self.types_of(identity),
                         ["expense_report.received", "expense_report.validated",
                          "expense_report.posted"])

    def test_reports_in_events_and_what_is_refused_agree_with_the_published_schema(self) -> None:
        status, _, text = self.shop.raw("GET", "/schemas/expense_report.v1.json")
        self.assertEqual(status, 200)
        published = json.loads(text)
        identity = self.submit(self.source(), canonical())["report"]["id"]
        event = self.eventually("it was received", lambda: self.events(subject=identity))[0]
        data = event["data"] if isinstance(event["data"], dict) else json.loads(event["data"])
        self.assertEqual(list(schema.problems(published, data["report"])), [])
        for spoil in ({"report_date": "2026-02-30"}, {"lines": []}, {"currency_code": "eur"},
                      {"total": "119.00"}, {"revision": 0}):
            with self.subTest(spoil):
                self.assertEqual(len(list(schema.problems(published,
                                                          {**data["report"], **spoil}))), 1)
        del data["report"]["employee"]
        self.assertIn("required", next(schema.problems(published, data["report"])))

    def test_one_report_is_one_report_however_often_it_is_submitted(self) -> None:
        source = self.source()
        asked, key = canonical(), request_id()
        first = self.submit(source, asked, requestId=key)["report"]["id"]
        self.assertEqual(self.submit(source, asked, requestId=key)["report"]["id"], first)
        self.assertEqual(self.submit(source, asked)["report"]["id"], first)
        other = canonical(externalId=asked["externalId"])
        self.refused(lambda: self.submit(source, other), "REQUEST_ID_REUSED")
        self.refused(lambda: self.submit(source, canonical(), requestId=key), "REQUEST_ID_REUSED")
        self.reached(first, "CONFIRMED")
        self.assertEqual(len(self.of(source, asked["externalId"])), 1)

    def test_every_finding_is_told_at_once(self) -> None:
        source = self.source()
        bad = canonical(total={"currencyCode": "EUR", "value": "120.00"},
                        approver={"externalId": "E-same"})
        bad["employee"]["externalId"] = "E-same"
        bad["lines"][0]["category"] = "yachts"
        bad["lines"][0]["costCentre"] = "no such"
        bad["lines"].append({"date": doc.today(), "description": "Hotel", "category": "travel",
                             "amount": {"currencyCode": "EUR", "value": "50.00"},
                             "originalAmount": {"currencyCode": "USD", "value": "50.00"},
                             "exchangeRate": "0.5",
                             "tax": {"treatment": "TREATMENT_RECOVERABLE", "code": "X",
                                     "taxAmount": {"currencyCode": "EUR", "value": "60.00"}}})
        answer = self.submit(source, bad, validateOnly=True)
        reasons = {finding["reason"] for finding in answer["findings"]}
        self.assertLessEqual({"TOTAL_MISMATCH", "APPROVER_IS_CLAIMANT", "CATEGORY_UNMAPPED",
                              "COST_CENTRE_UNMAPPED", "TAX_UNMAPPED", "AMOUNT_INVALID"}, reasons)
        self.assertEqual(self.of(source, bad["externalId"]), [])

    def test_a_report_that_lacks_a_rule_goes_on_by_itself_when_the_rule_is_there(self) -> None:
        source = self.source()
        asked = canonical()
        asked["lines"][0]["category"] = "hotel"
        identity = self.submit(source, asked)["report"]["id"]
        exception = self.excepted(identity, "CATEGORY_UNMAPPED")
        self.assertEqual(exception["ownerRole"], "accountant")
        rules = {**hooks.RULES, "categories": hooks.RULES["categories"] + [
            {"category": "hotel", "accountCode": "600000"}]}
        self.admin.call("SourceService/UpdateSource", requestId=request_id(),
                        source={"name": source, "expense": rules}, updateMask="expense")
        self.reached(identity, "CONFIRMED")
        self.assertEqual(self.exception(exception["id"])["state"], "STATE_RESOLVED")

    def test_a_rejected_report_fails_and_leaves_nothing_in_the_books(self) -> None:
        source = self.source()
        asked = canonical()
        asked["lines"][0]["category"] = "yachts"
        identity = self.submit(source, asked)["report"]["id"]
        self.resolve(self.excepted(identity, "CATEGORY_UNMAPPED"), "REJECT", "karl")
        report = self.reached(identity, "CONFIRMED")
        self.assertEqual(report.get("documentIds", []), [])
        self.assertIn("expense_report.failed", self.types_of(identity))

    def test_the_same_expenses_under_another_number_are_suspected(self) -> None:
        source = self.source()
        asked = canonical()
        self.reached(self.submit(source, asked)["report"]["id"], "CONFIRMED")
        again = {**asked, "externalId": doc.unique("R")}
        identity = self.submit(source, again)["report"]["id"]
        exception = self.excepted(identity, "DUPLICATE_SUSPECTED")
        self.resolve(exception, "ACCEPT", "karl")
        self.approve(exception, "kurt")
        self.reached(identity, "CONFIRMED")

    def test_a_source_in_test_checks_everything_and_posts_nothing(self) -> None:
        source = self.source(live=False)
        identity = self.submit(source, canonical())["report"]["id"]
        report = self.reached(identity, "TESTED")
        self.assertEqual(report.get("operationIds", []), [])
        self.assertEqual(self.types_of(identity), [])

    def test_a_report_in_a_closed_period_waits_and_goes_on_when_it_is_opened(self) -> None:
        source = self.source()
        self.odoo.lock(doc.last_year(6, 30))
        self.addCleanup(self.odoo.lock, False)
        self.shop.call("ConnectionService/GetCatalogue", entity="de", refresh=True)
        day = doc.last_year(6, 12)
        asked = canonical(reportDate=day)
        asked["lines"][0]["date"] = day
        identity = self.submit(source, asked)["report"]["id"]
        exception = self.excepted(identity, "PERIOD_LOCKED")
        self.assertEqual(exception["ownerRole"], "accountant")
        self.odoo.lock(doc.last_year(5, 31))
        self.shop.call("ConnectionService/GetCatalogue", entity="de", refresh=True)
        report = self.reached(identity, "CONFIRMED")
        self.assertEqual(str(self.move_of(report)["invoice_date"]), day)
        self.assertEqual(self.exception(exception["id"])["state"], "STATE_RESOLVED")

    def test_a_report_becomes_a_journal_entry_against_the_employees_payable_account(self) -> None:
        rules = {**hooks.RULES, "style": "STYLE_JOURNAL_ENTRY", "payableAccountCode": "211000"}
        source = self.source(expense=rules)
        identity = self.submit(source, canonical())["report"]["id"]
        waiting = self.eventually("its entry is on its way", lambda: (
            lambda r: r if r.get("documentIds") else None)(self.get(identity)))
        held = waiting["operationIds"][-1]
        self.settled(held, "HELD", "POSTED")
        if self.operation(held)["state"] == "STATE_HELD":
            self.service["rita"].call("OperationService/ReleaseOperation",
                                      requestId=request_id(), id=held, reason="seen")
        report = self.reached(identity, "CONFIRMED")
        entry = self.move_of(report)
        self.assertEqual((entry["move_type"], entry["state"]), ("entry", "posted"))
        lines = {self.odoo.code_of(line["account_id"]):
                 (amount(line["debit"]), amount(line["credit"]))
                 for line in self.odoo.lines(entry["id"], shown=False)}
        self.assertEqual(lines, {"661000": (Decimal("100.00"), Decimal("0.00")),
                                 "131000": (Decimal("19.00"), Decimal("0.00")),
                                 "211000": (Decimal("0.00"), Decimal("119.00"))})

    def test_a_report_in_another_currency_becomes_a_bill_at_the_reports_rate(self) -> None:
        source = self.source()
        asked = canonical(currencyCode="USD", exchangeRate="1.25",
                          total={"currencyCode": "USD", "value": "125.00"})
        asked["lines"] = [{"date": doc.today(), "description": "Taxi", "category": "travel",
                           "amount": {"currencyCode": "USD", "value": "125.00"}}]
        identity = self.submit(source, asked)["report"]["id"]
        if self.world.series == "17.0":  # it takes no rate with a document
            self.resolve(self.excepted(identity, "RATE_UNSUPPORTED"), "REJECT", "karl")
            return
        report = self.reached(identity, "CONFIRMED")
        move = self.move_of(report)
        self.assertEqual((move["currency_id"][1], amount(move["amount_total"])),
                         ("USD", Decimal("125.00")))
        lines = self.odoo.lines(move["id"])
        self.assertEqual(sum(amount(line["debit"]) for line in lines), Decimal("100.00"))

    def test_a_line_under_reverse_charge_becomes_a_bill_line_with_odoos_tax_and_no_tax_in_it(
            self) -> None:
        rules = {**hooks.RULES, "taxes": [*hooks.RULES["taxes"], {"code": "RC", "taxName": "0%"}]}
        source = self.source(expense=rules)
        asked = canonical()
        asked["lines"][0]["tax"] = {"treatment": "TREATMENT_REVERSE_CHARGE", "code": "RC"}
        report = self.reached(self.submit(source, asked)["report"]["id"], "CONFIRMED")
        move = self.move_of(report)
        self.assertEqual((amount(move["amount_total"]), amount(move["amount_tax"])),
                         (Decimal("119.00"), Decimal("0.00")))
        [line] = self.world.eyes.read("account.move.line", [["move_id", "=", move["id"]],
                                                            ["display_type", "=", "product"]],
                                      ["tax_ids", "price_unit"])
        self.assertEqual(len(line["tax_ids"]), 1)

    def test_a_stream_tells_of_reports_as_they_change(self) -> None:
        source = self.source()
        identity = self.submit(source, canonical())["report"]["id"]
        self.reached(identity, "CONFIRMED")
        own = self.events(subject=identity)
        after = int(own.pop(0)["sequence"])  # 0 would mean from now on
        wanted = self.events(afterSequence=after, types=["expense_report.*"], entity="de")
        code, told = self.ctl("shop", "watch", "expense-reports", "--after-sequence", str(after),
                              "--entity", "de", "--count", str(len(wanted)))
        self.assertEqual(code, 0, told)
        lines = [line.split() for line in told.splitlines() if identity in line]
        self.assertEqual([(line[1], line[2]) for line in lines],
                         [(event["type"], "CONFIRMED") for event in own])

    # -- Odoo's own expenses --------------------------------------------------------------------

    def own_expenses(self, **more: Any) -> str:
        """A source that posts them; kontor's user gets the right to approve, as the guide says."""
        field = "group_ids" if self.world.series == "19.0" else "groups_id"
        eyes = self.world.eyes
        group = eyes.rpc.xmlid("hr_expense.group_hr_expense_user")
        bot = eyes.find("res.users", "login", self.world.target["login"])
        eyes.write("res.users", bot, {field: [[4, group]]})
        rules = {**hooks.RULES, "style": "STYLE_ODOO_EXPENSE", "createEmployees": False,
                 "categories": [{"category": "travel", "productCode": "KTR-TRAVEL"},
                                {"category": "meals", "productCode": "KTR-MEAL"},
                                {"category": "licence", "productCode": "KTR-LIC"}], **more}
        # Master data that was read before the right was given is old.
        self.shop.call("ConnectionService/GetCatalogue", entity="de", refresh=True)
        return self.source(expense=rules)

    def employed(self, **more: Any) -> Json:
        """A report of somebody whom Odoo employs."""
        person = hooks.person()
        self.world.eyes.call("hr.employee", "create", [
            {"name": person["name"], "work_email": person["mail"]}])
        report = canonical(**more)
        report["employee"] = {"externalId": person["id"], "email": person["mail"].upper(),
                              "name": person["name"]}
        return report

    def claim_of(self, report: Json) -> Json:
        """The posted entry of a claim."""
        operation = self.operation(report["operationIds"][0])
        self.assertEqual(operation["documentType"], "DOCUMENT_TYPE_EXPENSE_CLAIM")
        self.assertEqual(operation["odooModel"], "account.move")
        return self.odoo.move_by_id(int(operation["odooId"]))

    def test_a_report_becomes_odoos_own_expenses_approved_and_posted(self) -> None:
        source = self.own_expenses()
        receipt = {"name": "ticket.txt", "mediaType": "text/plain",
                   "content": base64.b64encode(doc.unique("ticket").encode()).decode()}
        asked = self.employed(total={"currencyCode": "EUR", "value": "142.80"})
        asked["lines"][0]["receipts"] = [receipt]
        asked["lines"].append({"date": doc.today(), "description": "Lunch", "category": "meals",
                               "amount": {"currencyCode": "EUR", "value": "23.80"}})
        identity = self.submit(source, asked)["report"]["id"]
        report = self.reached(identity, "CONFIRMED")
        move = self.claim_of(report)
        self.assertEqual((move["state"], amount(move["amount_total"]), amount(move["amount_tax"])),
                         ("posted", Decimal("142.80"), Decimal("19.00")))
        self.assertIn(asked["externalId"], move["ref"])
        self.assertEqual((str(move["date"]), str(move["invoice_date"])), (doc.today(),) * 2)
        expenses = self.world.eyes.read("hr.expense", [["description", "=", asked["externalId"]]],
                                        ["state", "total_amount", "employee_id"])
        self.assertEqual(sorted(amount(e["total_amount"]) for e in expenses),
                         [Decimal("23.80"), Decimal("119.00")])
        files = self.world.eyes.read("ir.attachment", [["res_model", "=", "account.move"],
                                                       ["res_id", "=", move["id"]]], ["name"])
        self.assertIn("ticket.txt", [file["name"] for file in files])

    def test_what_odoo_lacks_for_its_own_expenses_is_found_before_anything_is_sent(self) -> None:
        source = self.own_expenses()
        stranger = canonical()
        stranger["lines"][0]["category"] = "licence"  # its product has a cost
        answer = self.submit(source, stranger, validateOnly=True)
        self.assertLessEqual({"EMPLOYEE_UNKNOWN", "PRODUCT_UNKNOWN"},
                             {finding["reason"] for finding in answer["findings"]})
        back = self.employed(total={"currencyCode": "EUR", "value": "-119.00"})
        back["lines"][0]["amount"]["value"] = "-119.00"
        back["lines"][0]["tax"]["taxAmount"]["value"] = "-19.00"
        answer = self.submit(source, back, validateOnly=True)
        self.assertIn("EXPENSE_POLICY", {finding["reason"] for finding in answer["findings"]})

    def test_odoos_own_expenses_in_another_currency_take_the_reports_rate(self) -> None:
        source = self.own_expenses()
        asked = self.employed(currencyCode="USD", exchangeRate="1.25",
                              total={"currencyCode": "USD", "value": "125.00"})
        asked["lines"][0] = {"date": doc.today(), "description": "Taxi", "category": "travel",
                             "amount": {"currencyCode": "USD", "value": "125.00"}}
        report = self.reached(self.submit(source, asked)["report"]["id"], "CONFIRMED")
        move = self.claim_of(report)
        self.assertEqual((move["currency_id"][1], amount(move["amount_total"])),
                         ("EUR", Decimal("100.00")))

    def test_odoos_own_expenses_that_are_recalled_are_answered_by_a_credit_note(self) -> None:
        source = self.own_expenses()
        identity = self.submit(source, self.employed())["report"]["id"]
        move = self.claim_of(self.reached(identity, "CONFIRMED"))
        self.shop.call("ExpenseService/RecallExpenseReport", requestId=request_id(), id=identity,
                       reason="taken back")
        self.reached(identity, "RECALLED")
        note = self.odoo.moves([["reversed_entry_id", "=", move["id"]]])
        self.assertEqual([(n["move_type"], n["state"], amount(n["amount_total"])) for n in note],
                         [("in_refund", "posted", Decimal("119.00"))])
        self.assertEqual(amount(self.odoo.move_by_id(move["id"])["amount_residual"]), Decimal(0))

    # -- a platform of one's own ----------------------------------------------------------------

    def test_a_webhook_becomes_books_and_one_receipt(self) -> None:
        platform = self.world.new_platform("generic")
        source = self.source(platform={"receiptUrl": platform.url + "/receipts"})
        platform.faults({"path": "/receipts", "kind": "lose"},
                        {"path": "/receipts", "kind": "fail"},
                        {"path": "/receipts", "kind": "throttle"})
        report = hooks.report(hooks.item(11900), hooks.item(2300, vat={}, kind="meals"))
        identity = self.sent(source, report)["id"]
        done = self.reached(identity, "CONFIRMED")
        self.assertEqual(done["receiptCount"], 1)
        receipts = platform.state()["receipts"]
        self.assertEqual([r["event"] for r in receipts], ["posted"])
        self.assertEqual(receipts[0]["documents"][0]["number"], done["odooNames"][0])
        move = self.move_of(done)
        self.assertEqual(amount(move["amount_total"]), Decimal("142.00"))

    def test_company_card_lines_are_held_as_an_entry_against_the_clearing_account(self) -> None:
        source = self.source()
        report = hooks.report(hooks.item(11900), hooks.item(5950, paid_with="card", card="4711"))
        identity = self.sent(source, report)["id"]
        waiting = self.eventually("both documents are on their way", lambda: (
            lambda r: r if len(r.get("documentIds", [])) == 2 else None)(self.get(identity)))
        held = [o for o in waiting["operationIds"]
                if self.operation(o)["documentType"] == "DOCUMENT_TYPE_JOURNAL_ENTRY"]
        self.settled(held[0], "HELD")
        self.service["rita"].call("OperationService/ReleaseOperation", requestId=request_id(),
                                  id=held[0], reason="seen")
        self.reached(identity, "CONFIRMED")
        entry = self.odoo.move(self.operation(held[0])["externalId"])
        lines = {self.odoo.code_of(line["account_id"]):
                 (amount(line["debit"]), amount(line["credit"]))
                 for line in self.odoo.lines(entry["id"], shown=False)}
        self.assertEqual(lines["661000"], (Decimal("50.00"), Decimal("0.00")))
        self.assertEqual(lines["131000"], (Decimal("9.50"), Decimal("0.00")))
        self.assertEqual(lines["101402"], (Decimal("0.00"), Decimal("59.50")))

    def test_a_recalled_report_is_reversed_and_a_new_revision_replaces_the_old(self) -> None:
        source = self.source()
        report = hooks.report()
        first = self.sent(source, report)["id"]
        self.reached(first, "CONFIRMED")
        second_report = {**report, "version": 2, "items": [hooks.item(23800)], "sum": 23800}
        hooks.send(self.admin, source, hooks.approved(second_report))
        second = self.eventually("revision 2 is here", lambda: [
            r for r in self.of(source, report["number"]) if r["revision"] == 2])[0]["id"]
        self.reached(first, "RECALLED")
        self.reached(second, "CONFIRMED")
        hooks.send(self.admin, source, {"event": "report.recalled", "event_id": hooks.event_id(),
                                        "report": {"number": report["number"]}})
        self.reached(second, "RECALLED")
        self.assertEqual(self.types_of(second)[-1], "expense_report.recalled")

    # -- Concur ---------------------------------------------------------------------------------

    def concur(self) -> tuple[Any, str]:
        platform = self.world.new_platform("concur")
        source = self.source(adapter="concur", mapping="", verification={}, secret="",
                             platform={**CLIENT, "baseUrl": platform.url, "pollInterval": "1s",
                                       "company": "p0001"})
        return platform, source

    @staticmethod
    def concur_document(**more: Any) -> Json:
        person = hooks.person()
        return {"reportId": doc.unique("C"), "reportName": "Trade fair", "currencyCode": "EUR",
                "approvedDate": doc.today() + "T10:00:00", "totalAmount": "119.00",
                "employee": {"employeeId": person["id"], "email": person["mail"],
                             "name": person["name"]},
                "approver": {"employeeId": "B-1", "name": "Bruno Boss"},
                "entries": [{"entryId": "1", "transactionDate": doc.today(),
                             "businessPurpose": "Stand", "expenseTypeCode": "travel",
                             "approvedAmount": 119.0, "paymentTypeCode": "CASH",
                             "tax": {"reclaimable": True, "code": "V19", "amount": 19.0}}],
                **more}

    def test_concur_reports_are_acknowledged_posted_and_confirmed_once(self) -> None:
        platform, source = self.concur()
        platform.faults({"path": "acknowledgements", "kind": "lose"},
                        {"path": "transactions", "kind": "expire"},
                        {"path": "postingconfirmations", "kind": "throttle"},
                        {"path": "postingconfirmations", "kind": "lose"})
        documents = [self.concur_document() for _ in range(3)]
        platform.add(*({"document": d} for d in documents))
        for document in documents:
            report = self.eventually("it was fetched", lambda d=document: self.of(
                source, d["reportId"]))[0]
            self.reached(report["id"], "CONFIRMED")
        for item in platform.state()["items"].values():
            self.assertEqual(item["docStatus"], "POSTED")
            self.assertEqual(len(item["postings"]), 1)
            self.assertTrue(item["postings"][0]["postingDocs"][0]["documentNumber"])

    def test_a_report_recalled_between_fetch_and_acknowledgement_is_not_posted(self) -> None:
        platform, source = self.concur()
        document = self.concur_document()
        platform.control("recall", {"ids": ["doc-r"]})
        platform.add({"id": "doc-r", "document": document})
        report = self.eventually("it was fetched",
                                 lambda: self.of(source, document["reportId"]))[0]
        done = self.reached(report["id"], "RECALLED")
        self.assertEqual(done.get("operationIds", []), [])
        self.assertEqual(platform.state()["items"]["doc-r"]["postings"], [])

    # -- Ramp -----------------------------------------------------------------------------------

    def ramp(self) -> tuple[Any, str]:
        platform = self.world.new_platform("ramp")
        source = self.source(adapter="ramp", mapping="", verification={}, secret="",
                             platform={**CLIENT, "baseUrl": platform.url, "pollInterval": "1s",
                                       "company": "ent-1", "pushReferenceData": True})
        return platform, source

    @staticmethod
    def ramp_item(category: str) -> Json:
        person = hooks.person()
        return {"id": doc.unique("rmb"), "entity_id": "ent-1", "memo": "Taxi",
                "accounting_date": doc.today() + "T08:00:00Z",
                "transaction_date": doc.today(), "currency": "EUR", "amount": 23.8,
                "user_id": person["id"], "user_email": person["mail"],
                "user_full_name": person["name"], "merchant": "Taxi Meyer",
                "accounting_field_selections": [Expenses.coded(category)]}

    @staticmethod
    def coded(category: str) -> Json:
        return {"type": "GL_ACCOUNT", "external_id": category, "name": category}

    def test_ramp_syncs_list_successes_and_failures_once(self) -> None:
        self.posted(self.create_invoice(doc.bill()))  # who sold something is a vendor
        platform, source = self.ramp()
        items = [self.ramp_item(category) for category in ("travel", "yachts")]
        foreign = {**items[0], "id": doc.unique("rmb"), "entity_id": "ent-2"}
        platform.faults({"path": "syncs", "kind": "lose"})
        platform.add(*items, foreign)
        good, bad = (self.eventually("it was fetched", lambda i=item: self.of(
            source, i["id"]))[0]["id"] for item in items)
        self.reached(good, "CONFIRMED")
        self.resolve(self.excepted(bad, "CATEGORY_UNMAPPED"), "REJECT", "karl")
        self.reached(bad, "CONFIRMED")
        state = platform.state()
        self.assertEqual(len(state["items"][items[0]["id"]]["synced"]), 1)
        self.assertEqual(len(state["items"][items[1]["id"]]["failed"]), 1)
        self.assertEqual(state["items"][foreign["id"]]["sync_status"], "SYNC_READY")
        self.assertEqual(self.of(source, foreign["id"]), [])
        self.eventually("accounts were told", lambda: "661000" in platform.state()["accounts"])
        self.eventually("vendors were told", lambda: "Bürobedarf Schmidt GmbH" in {
            vendor["name"] for vendor in platform.state()["vendors"].values()})

    # -- reimbursement --------------------------------------------------------------------------

    def test_a_paid_report_is_told_as_reimbursed(self) -> None:
        platform = self.world.new_platform("generic")
        source = self.source(platform={"receiptUrl": platform.url + "/receipts"},
                             expense={**hooks.RULES, "watchReimbursement": True})
        report = hooks.report()
        identity = self.sent(source, report)["id"]
        posted = self.reached(identity, "POSTED")
        self.eventually("the posting receipt is there",
                        lambda: len(platform.state()["receipts"]) == 1)
        bill = posted["documentIds"][0]
        move = self.move_of(posted)
        self.posted(self.create_payment({
            "entity": "de", "direction": "DIRECTION_OUTBOUND",
            "partnerType": "PARTNER_TYPE_SUPPLIER",
            "partner": {"odooId": str(move["partner_id"][0])},
            "date": doc.today(), "journalCode": "BNK1",
            "amount": {"currencyCode": "EUR", "value": "119.00"},
            "allocations": [{"invoiceId": bill}]}))
        self.reached(identity, "CONFIRMED")
        self.assertEqual([r["event"] for r in platform.state()["receipts"]],
                         ["posted", "reimbursed"])
        self.assertIn("expense_report.reimbursed", self.types_of(identity))

    def test_a_payment_that_comes_back_is_told_and_paid_again(self) -> None:
        platform = self.world.new_platform("generic")
        source = self.source(platform={"receiptUrl": platform.url + "/receipts"},
                             expense={**hooks.RULES, "watchReimbursement": True})
        identity = self.sent(source, hooks.report())["id"]
        move = self.move_of(self.reached(identity, "POSTED"))
        self.odoo.register_payment(move["id"])
        self.reached(identity, "CONFIRMED")
        self.unreconcile(move["id"])
        exception = self.excepted(identity, "REIMBURSEMENT_FAILED")
        self.assertEqual(exception["ownerRole"], "accountant")
        self.reached(identity, "POSTED")
        self.assertIn("reimbursement.failed", self.types_of(identity))
        self.odoo.register_payment(move["id"])
        self.reached(identity, "CONFIRMED")
        self.assertEqual(self.types_of(identity).count("expense_report.reimbursed"), 2)
        self.assertEqual(self.exception(exception["id"])["state"], "STATE_RESOLVED")
        self.assertEqual([r["event"] for r in platform.state()["receipts"]],
                         ["posted", "reimbursed", "reimbursed"])

    def unreconcile(self, move: int) -> None:
        """A person takes the payment away again."""
        lines = self.world.eyes.read("account.move.line", [["move_id", "=", move],
                                                           ["amount_residual", "=", 0],
                                                           ["reconciled", "=", True]], ["id"])
        self.world.eyes.call("account.move.line", "remove_move_reconcile",
                             [line["id"] for line in lines])

    # -- what a platform says twice -------------------------------------------------------------

    def test_a_concur_report_approved_again_after_its_recall_is_posted(self) -> None:
        platform, source = self.concur()
        document = self.concur_document()
        platform.control("recall", {"ids": ["doc-again"]})
        platform.add({"id": "doc-again", "document": document})
        first = self.eventually("it was fetched",
                                lambda: self.of(source, document["reportId"]))[0]
        self.reached(first["id"], "RECALLED")
        platform.control("ready", {"ids": ["doc-again"]})
        reports = self.eventually("it is here again", lambda: (
            lambda r: r if len(r) == 2 else None)(self.of(source, document["reportId"])))
        self.assertEqual([r["revision"] for r in reports], [2, 1])
        self.reached(reports[0]["id"], "CONFIRMED")
        self.assertEqual(platform.state()["items"]["doc-again"]["docStatus"], "POSTED")

    def test_what_a_person_takes_back_does_not_hang_on_the_platform(self) -> None:
        platform, source = self.concur()
        document = self.concur_document()
        document["entries"][0]["expenseTypeCode"] = "yachts"
        platform.add({"id": "doc-hangs", "document": document})
        report = self.eventually("it was fetched",
                                 lambda: self.of(source, document["reportId"]))[0]
        self.excepted(report["id"], "CATEGORY_UNMAPPED")
        self.shop.call("ExpenseService/RecallExpenseReport", requestId=request_id(),
                       id=report["id"], reason="not ours")
        self.reached(report["id"], "RECALLED")
        item = platform.state()["items"]["doc-hangs"]
        self.assertEqual(item["docStatus"], "ERROR")
        self.assertEqual(item["postings"][0]["systemMessages"][0]["messageText"],
                         "Taken back: not ours")

    def test_a_ramp_item_mended_after_it_failed_is_posted(self) -> None:
        platform, source = self.ramp()
        item = self.ramp_item("yachts")
        platform.add(item)
        first = self.eventually("it was fetched", lambda: self.of(source, item["id"]))[0]["id"]
        self.resolve(self.excepted(first, "CATEGORY_UNMAPPED"), "REJECT", "karl")
        self.reached(first, "CONFIRMED")
        platform.add({**item, "accounting_field_selections": [self.coded("travel")]})
        reports = self.eventually("it is here again", lambda: (
            lambda r: r if len(r) == 2 else None)(self.of(source, item["id"])))
        self.reached(reports[0]["id"], "CONFIRMED")
        self.assertEqual(len(platform.state()["items"][item["id"]]["synced"]), 1)

    def test_a_mapping_is_tried_on_a_sample(self) -> None:
        sample = hooks.approved(hooks.report())
        answer = self.admin.call("ExpenseService/CheckExpenseMapping",
                                 mapping=json.dumps(hooks.MAPPING), sample=json.dumps(sample))
        self.assertEqual(answer.get("findings", []), [])
        self.assertEqual(answer["reports"][0]["total"], {"currencyCode": "EUR", "value": "119.00"})
        del sample["report"]["items"][0]["gross"]
        answer = self.admin.call("ExpenseService/CheckExpenseMapping",
                                 mapping=json.dumps(hooks.MAPPING), sample=json.dumps(sample))
        self.assertIn("report.lines[0].amount", {f["field"] for f in answer["findings"]})
