# SPDX-License-Identifier: Apache-2.0
"""Bill in Odoo → order → approvals → bank → status → statement → bill paid; what must not be."""
from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from ..harness import documents as doc
from ..harness import hooks
from ..harness.api import request_id
from ..harness.banking import POLICY, promote
from ..harness.paying import (
    ORDER,
    PLAIN,
    REJECTED,
    RETURNED,
    SILENT,
    Json,
    Paying,
    numbers,
    value,
)
from ..harness.processes import program
from ..harness.world import add_principal

DONE, REFUSED = 0, 1
LATE_SECONDS = 120.0  # for a wait of a minute, the shortest that a channel may have


class PaymentOrders(Paying):

    # -- the loop ------------------------------------------------------------------------------

    def test_a_bill_is_paid_by_three_persons_and_the_banks_booking(self) -> None:
        self.open()
        bill = self.bill(value())
        order = self.when(self.released(bill), "ACCEPTED")
        self.assertEqual(order["submission"], "SUBMISSION_SENT")
        payment = order["payments"][0]
        self.posted({"operation": self.operation(payment["operationId"])})
        self.assertEqual(self.residual(bill), 0)
        taken = self.bank.control("state")["taken"]
        self.assertEqual([t["sha256"] for t in taken], [order["fileSha256"]])
        self.assertEqual(taken[0]["message_id"], order["messageId"])
        self.bank.close_day()
        order = self.when(order, "SETTLED")
        statement = self.statement()
        line = self.service["otto"].call("StatementService/ListStatementLines",
                                         id=statement["id"])["lines"][0]
        self.assertEqual(line["paymentOrderId"], order["id"])
        self.assertNotIn("not reconciled", line["explanation"])
        paid = self.odoo.move(bill["externalId"])["payment_state"]
        self.assertEqual(paid, "paid")
        types = self.types_of(order["id"])
        for kind in ("created", "validated", "approved", "released", "submitted", "accepted",
                     "settled"):
            self.assertEqual(types.count(f"payment_order.{kind}"), 1, types)
        self.assertEqual(types.count("payment.settled"), 1)

    def test_every_payment_ends_as_the_bank_says(self) -> None:
        self.open()
        good, refused, back = (self.bill(value(b)) for b in (PLAIN, REJECTED, RETURNED))
        order = self.released(good, refused, back)
        order = self.eventually("the refusal came", lambda: next(
            (o for o in [self.get(order)]
             if o["payments"][1]["state"] == "STATE_REJECTED"), None))
        self.assertIn("AC01", order["payments"][1]["statusReasons"][0])
        self.eventually("the refused bill is open again", lambda: self.residual(refused) > 0)
        self.bank.close_day()
        self.eventually("the good ones are settled", lambda: [
            p["state"] for p in self.get(order)["payments"]] == [
                "STATE_SETTLED", "STATE_REJECTED", "STATE_SETTLED"])
        self.bank.close_day()
        self.eventually("one came back", lambda: [
            p["state"] for p in self.get(order)["payments"]] == [
                "STATE_SETTLED", "STATE_REJECTED", "STATE_RETURNED"])
        self.assertEqual(self.get(order)["state"], "STATE_PARTIALLY_SETTLED")
        self.eventually("the returned bill is open again", lambda: self.residual(back) > 0)
        self.assertEqual(self.residual(good), 0)

    def test_what_the_bank_says_nothing_of_is_submitted_and_no_more(self) -> None:
        self.open()
        order = self.when(self.released(self.bill(value(SILENT))), "SUBMITTED")
        self.bank.close_day()
        self.eventually("the empty statement was read", lambda: self.service["otto"].call(
            "StatementService/ListStatements", accountNumber=self.iban).get("statements"))
        self.assertEqual(self.get(order)["state"], "STATE_SUBMITTED")

    def late_case(self, order: Json, *reasons: str, seconds: float = 0) -> Json:
        """The open case about what is late, once it has these reasons."""
        def look() -> Json | None:
            case = self.get(order).get("deadlineExceptionId")
            if not case:
                return None
            found = self.service["otto"].call("ExceptionService/GetException", id=case)["exception"]
            return found if [f["reason"] for f in found["findings"]] == list(reasons) else None
        return self.eventually(f"{reasons} is a case", look, seconds)

    def set_channel(self, **fields: Any) -> None:
        self.service["anna"].call("BankService/UpdateBankChannel", requestId=request_id(),
                                  channel={"name": self.name, **fields},
                                  updateMask=",".join(fields))

    def test_a_bank_that_says_nothing_is_asked_for_and_nothing_is_sent_again(self) -> None:
        self.open()
        self.set_channel(answerWithin="60s")
        order = self.when(self.released(self.bill(value(SILENT))), "SUBMITTED")
        case = self.late_case(order, "BANK_SILENT", seconds=LATE_SECONDS)
        self.assertIn(order["messageId"], case["findings"][0]["message"])
        self.assertEqual(len(self.bank.control("state")["taken"]), 1)
        self.assertEqual(self.get(order)["state"], "STATE_SUBMITTED")
        self.resolve(case, "RETRY", "otto")
        self.eventually("it does not come again",
                        lambda: not self.get(order).get("deadlineExceptionId"))

    def test_an_order_that_waits_is_told_of_before_the_cut_off(self) -> None:
        self.open()
        days = 6 * 24 * 3600  # the next banking day's cut-off is nearer, whatever day it is
        self.set_channel(cutOffs=[{"time": "23:59"}], remindBefore=f"{days + 3600}s",
                         escalateBefore=f"{days}s")
        order = self.ready(self.bill(value()))
        case = self.late_case(order, "DECISION_LATE")
        for who in ("adam", "alma"):
            self.assertIn(who, case["findings"][0]["message"])
        self.assertEqual(self.types_of(order["id"]).count("payment_order.escalated"), 1)
        for person in ("adam", "alma"):
            self.say(person, "ApprovePaymentOrder", order)
        self.say("rolf", "ReleasePaymentOrder", order)
        order = self.when(order, "ACCEPTED")
        self.assertNotIn("deadlineExceptionId", order)
        self.assertEqual(self.types_of(order["id"]).count("payment_order.escalated"), 1)

    def test_an_expense_report_is_reimbursed_by_a_payment_order_of_its_own(self) -> None:
        self.open()
        body = hooks.report(hooks.item(int(Decimal(value()) * 100)))
        employee = {"externalId": body["owner"]["id"], "partner": {"reference": doc.VENDOR}}
        admin = self.service["anna"]
        source = hooks.make_source(admin, expense={
            **hooks.RULES, "employees": [employee], "watchReimbursement": True,
            "reimburseFrom": self.name})["source"]["name"]
        hooks.send(admin, source, hooks.approved(body))

        def look() -> Json:
            found = self.service["shop"].call("ExpenseService/ListExpenseReports", source=source,
                                              externalId=body["number"]).get("reports", [{}])
            return found[0]
        report = self.eventually("its order is made", lambda: (
            lambda r: r if r.get("paymentOrderId") else None)(look()))
        self.assertEqual(report["state"], "STATE_POSTED")
        order = self.when({"id": report["paymentOrderId"]}, "HELD", "AWAITING_APPROVAL")
        self.assertEqual(order["preparer"], source)
        if order["state"] == "STATE_HELD":
            self.confirm(order)
        order = self.when(order, "AWAITING_APPROVAL")
        for person in ("adam", "alma"):
            self.say(person, "ApprovePaymentOrder", order)
        self.when(self.say("rolf", "ReleasePaymentOrder", order), "ACCEPTED")
        self.bank.close_day()
        self.when(order, "SETTLED")
        self.eventually("the report is paid", lambda: look()["state"] == "STATE_CONFIRMED")
        self.assertEqual(self.types_of(report["id"]).count("expense_report.reimbursed"), 1)

    # -- payments that stand in Odoo -----------------------------------------------------------

    def payment_of(self, total: str) -> Json:
        found = self.odoo.read("account.payment", [["amount", "=", float(total)]],
                               ["state", "name", "is_matched"])
        self.assertEqual(len(found), 1, found)
        return found[0]

    def registered(self, total: str) -> tuple[Json, Json]:
        """A bill that somebody has registered a payment of in Odoo, and that payment."""
        bill = self.bill(total)
        self.odoo.register_payment(int(bill["odooId"]))
        return bill, self.payment_of(total)

    def order_of(self, *payments: Json) -> Json:
        return self.service["paula"].call(
            ORDER + "CreatePaymentOrder", requestId=request_id(), entity="de", account=self.name,
            odooPaymentIds=[p["id"] for p in payments])["order"]

    def test_payments_that_somebody_made_in_odoo_are_sent_and_made_once(self) -> None:
        self.open()
        good, bad = value(), value(REJECTED)
        paid, payment = self.registered(good)
        refused, other = self.registered(bad)
        self.assertEqual(self.residual(paid), 0)
        order = self.when(self.order_of(payment, other), "HELD", "AWAITING_APPROVAL")
        if order["state"] == "STATE_HELD":
            self.confirm(order)
        order = self.when(order, "AWAITING_APPROVAL")
        again = self.when(self.order_of(payment), "DRAFT")
        again = self.eventually("the other order has it", lambda: next(
            (o for o in [self.get(again)] if "STATE_CONFLICT" in
             {f["reason"] for f in o.get("findings", [])}), None))
        for person in ("adam", "alma"):
            self.say(person, "ApprovePaymentOrder", order)
        self.say("rolf", "ReleasePaymentOrder", order)
        self.eventually("the refusal came", lambda: [
            p["state"] for p in self.get(order)["payments"]][1] == "STATE_REJECTED")
        self.eventually("Odoo's payment is cancelled",
                        lambda: self.payment_of(bad)["state"] in ("cancel", "canceled"))
        self.eventually("the refused bill is open again", lambda: self.residual(refused) > 0)
        self.bank.close_day()
        self.eventually("the other is settled", lambda: [
            p["state"] for p in self.get(order)["payments"]][0] == "STATE_SETTLED")
        self.eventually("its bank line is reconciled with it",
                        lambda: self.payment_of(good)["is_matched"])
        for line in self.get(order)["payments"]:
            self.assertNotIn("operationId", line)
        self.refused(lambda: self.order_of(self.payment_of(good)), "ODOO_PAYMENT_UNFIT")

    def pay_from(self, account: int) -> None:
        """Gives the bank's journal a method whose outgoing payments wait on the account."""
        model = "account.payment.method.line"
        known = self.odoo.call(model, "fields_get", ["payment_method_id"], ["type"])
        journal = self.odoo.find("account.journal", "code", "BNK1")
        values: Json = {"name": f"Kontor {next(numbers)}", "journal_id": journal,
                        "payment_account_id": account}
        if known:
            values["payment_method_id"] = self.odoo.read(
                "account.payment.method", [["code", "=", "manual"],
                                           ["payment_type", "=", "outbound"]], ["name"])[0]["id"]
        else:
            values.update(payment_type="outbound", code="manual")
        self.odoo.call(model, "create", values)

    def test_payments_wait_on_the_account_that_ours_names(self) -> None:
        self.open()
        code, total = f"1099{next(numbers)}", value(SILENT)
        account = self.odoo.call("account.account", "create", {
            "code": code, "name": "On its way to the bank", "account_type": "asset_current",
            "reconcile": True})
        self.service["anna"].call("BankService/UpdateBankAccount", requestId=request_id(),
                                  account={"name": self.name, "outstandingAccount": code},
                                  updateMask="outstandingAccount")
        order = self.when(self.released(self.bill(total)), "SUBMITTED")
        operation = self.eventually("its payment is asked of Odoo", lambda: self.get(
            order)["payments"][0].get("operationId"))
        case = self.stopped({"operation": self.operation(operation)}, "ACCOUNT_UNKNOWN")
        self.pay_from(account)
        self.resolve(case, "RETRY", "karl")
        self.eventually("it stands in Odoo", lambda: self.odoo.read(
            "account.payment", [["amount", "=", float(total)]], ["name"]))
        paid = self.odoo.read("account.payment", [["amount", "=", float(total)]],
                              ["outstanding_account_id"])
        self.assertEqual([row["outstanding_account_id"][0] for row in paid], [account])

    def test_a_payment_that_somebody_changed_in_odoo_is_not_released(self) -> None:
        self.open()
        total = value()
        _, payment = self.registered(total)
        order = self.when(self.order_of(payment), "HELD", "AWAITING_APPROVAL")
        if order["state"] == "STATE_HELD":
            self.confirm(order)
        order = self.when(order, "AWAITING_APPROVAL")
        for person in ("adam", "alma"):
            self.say(person, "ApprovePaymentOrder", order)
        self.odoo.call("account.payment", "action_cancel", [payment["id"]])
        self.refused(lambda: self.say("rolf", "ReleasePaymentOrder", order), "ODOO_PAYMENT_UNFIT")
        self.assertEqual(self.bank.control("state")["taken"], [])

    # -- who may do what -----------------------------------------------------------------------

    def test_an_approver_lends_the_role_for_a_day_and_the_two_count_once(self) -> None:
        self.open()
        today = datetime.now(UTC).date()
        lend = ("--json", "delegation", "create", "--role", "ROLE_APPROVER", "--delegate", "karl",
                "--first-day", today.isoformat(),
                "--last-day", (today + timedelta(days=1)).isoformat(), "--reason", "on holiday")
        code, told = self.ctl("paula", *lend)
        self.assertEqual(code, REFUSED, told)  # she has no such role
        order = self.ready(self.bill(value()))
        self.refused(lambda: self.say("karl", "ApprovePaymentOrder", order), "PERMISSION_DENIED")
        code, told = self.ctl("adam", *lend)
        self.assertEqual(code, DONE, told)
        lent = json.loads(told)["delegation"]
        self.assertEqual(lent["state"], "STATE_IN_FORCE")
        approved = self.say("karl", "ApprovePaymentOrder", order)
        self.assertEqual(approved["approvals"][0]["delegator"], "adam")
        self.refused(lambda: self.say("adam", "ApprovePaymentOrder", order), "DUTIES_NOT_SEPARATE")
        self.say("alma", "ApprovePaymentOrder", order)
        code, told = self.ctl("adam", "delegation", "list", "--person", "karl")
        self.assertEqual(code, DONE, told)
        self.assertIn(lent["id"], told)
        code, told = self.ctl("rolf", "delegation", "revoke", lent["id"], "--reason", "why not")
        self.assertEqual(code, REFUSED, told)
        code, told = self.ctl("adam", "delegation", "revoke", lent["id"], "--reason", "back again")
        self.assertEqual(code, DONE, told)
        other = self.ready(self.bill(value()))
        self.refused(lambda: self.say("karl", "ApprovePaymentOrder", other), "PERMISSION_DENIED")
        self.say("rolf", "ReleasePaymentOrder", order)
        self.when(order, "ACCEPTED")
        code, told = self.ctl("karl", "payment-order", "trace", order["id"])
        self.assertEqual(code, DONE, told)
        self.assertIn(lent["id"], told)

    def test_nobody_does_two_of_the_three_or_what_is_not_theirs(self) -> None:
        self.open()
        order = self.ready(self.bill(value()))
        for person in ("paula", "rolf", "karl", "anna"):
            self.refused(lambda p=person: self.say(p, "ApprovePaymentOrder", order),
                         "PERMISSION_DENIED")
        self.refused(lambda: self.say("shop", "ApprovePaymentOrder", order), "PERSON_REQUIRED")
        self.say("adam", "ApprovePaymentOrder", order)
        self.refused(lambda: self.say("rolf", "ReleasePaymentOrder", order), "STATE_CONFLICT")
        self.say("alma", "ApprovePaymentOrder", order)
        for person in ("paula", "adam", "karl", "anna"):
            self.refused(lambda p=person: self.say(p, "ReleasePaymentOrder", order),
                         "PERMISSION_DENIED")
        self.refused(lambda: self.say("shop", "ReleasePaymentOrder", order), "PERSON_REQUIRED")
        self.refused(lambda: self.service["adam"].call(
            ORDER + "CreatePaymentOrder", requestId=request_id(), entity="de", account=self.name,
            bills=[{"odooMoveId": "1"}]), "PERMISSION_DENIED")
        self.assertEqual(self.bank.control("state")["taken"], [])

    def test_a_bill_that_somebody_paid_meanwhile_is_not_paid_again(self) -> None:
        self.open()
        total = value()
        bill = self.bill(total)
        order = self.ready(bill)
        for person in ("adam", "alma"):
            self.say(person, "ApprovePaymentOrder", order)
        self.posted(self.create_payment(doc.payment(
            total, direction="DIRECTION_OUTBOUND", partner={"reference": doc.VENDOR},
            partnerBankAccount=doc.VENDOR_ACCOUNT,
            allocations=[{"invoiceId": bill["documentId"]}])))
        error = self.refused(lambda: self.say("rolf", "ReleasePaymentOrder", order),
                             "NOTHING_TO_PAY")
        self.assertTrue(error.findings)
        after = self.get(order)
        self.assertTrue(all(a["voidReason"] for a in after["approvals"]))
        self.assertEqual(self.bank.control("state")["taken"], [])

    def test_a_policy_needs_two_administrators(self) -> None:
        policy = self.service["anna"].call(
            POLICY + "ProposePolicy", requestId=request_id(), kind="checks",
            content=json.dumps({"velocity_count": 500}), reason="a test")["policy"]
        self.refused(lambda: self.service["anna"].call(
            POLICY + "ActivatePolicy", name=policy["name"], digest=policy["digest"]),
            "DUTIES_NOT_SEPARATE")
        self.refused(lambda: self.service["anna"].call(
            POLICY + "ProposePolicy", requestId=request_id(), kind="approval", content="{}",
            reason="a test"), "POLICY_INVALID")
        self.service["anton"].call(POLICY + "DeclinePolicy", name=policy["name"], reason="no")

    # -- the command line ----------------------------------------------------------------------

    def test_an_order_is_made_approved_released_and_traced_by_the_command_line(self) -> None:
        self.open()
        bill = self.bill(value())
        code, told = self.ctl("paula", "--json", "payment-order", "create", "--entity", "de",
                              "--account", self.name, "--bills",
                              json.dumps({"odooMoveId": bill["odooId"]}))
        self.assertEqual(code, DONE, told)
        order = self.when(json.loads(told)["order"], "HELD", "AWAITING_APPROVAL")
        if order["state"] == "STATE_HELD":
            self.confirm(order)
        order = self.when(order, "AWAITING_APPROVAL")
        code, told = self.ctl("adam", "payment-order", "show", order["id"])
        self.assertEqual(code, DONE, told)
        self.assertIn(order["digest"], told)
        code, told = self.ctl("paula", "payment-order", "approve", order["id"],
                              "--digest", order["digest"])
        self.assertEqual(code, REFUSED, told)
        for person, verb in (("adam", "approve"), ("alma", "approve"), ("rolf", "release")):
            code, told = self.ctl(person, "payment-order", verb, order["id"],
                                  "--digest", order["digest"])
            self.assertEqual(code, DONE, told)
        self.when(order, "ACCEPTED")
        code, told = self.ctl("karl", "payment-order", "trace", order["payments"][0]["endToEndId"])
        self.assertEqual(code, DONE, told)
        for part in (order["id"], "approval", "adam", "alma", "rolf", "payment_order.submitted"):
            self.assertIn(part, told)
        code, told = self.ctl("karl", "policy", "diff", "approval/v1", "--before", "approval/v1")
        self.assertEqual(code, DONE, told)
        code, told = self.ctl("adam", "beneficiary", "list", "--entity", "de")
        self.assertEqual(code, DONE, told)

    # -- sanctions lists and evidence ----------------------------------------------------------

    def screen(self, name: str) -> None:
        """A list of one invented entry is in force until the test ends."""
        day = datetime.now(UTC).date().isoformat()
        path = self.world.folder / f"list-{next(numbers)}.xml"
        path.write_text(
            f'<export generationDate="{day}T00:00:00"><sanctionEntity logicalId="1">'
            f'<subjectType code="enterprise"/><regulation programme="TEST"/>'
            f'<nameAlias wholeName="{name}" strong="true"/></sanctionEntity></export>',
            encoding="utf-8")
        self.addCleanup(promote, self.service, "lists", {"lists": []})
        code, told = self.ctl("anna", "--json", "screening", "import", str(path), "--list", "eu")
        self.assertEqual(code, DONE, told)
        proposed = json.loads(told)
        promoting = ("policy", "promote", proposed["policyVersion"], "--digest",
                     proposed["policyDigest"])
        code, told = self.ctl("anna", *promoting)
        self.assertEqual(code, REFUSED, told)  # who imported it does not activate it
        code, told = self.ctl("anton", *promoting)
        self.assertEqual(code, DONE, told)
        code, told = self.ctl("otto", "screening", "status")
        self.assertEqual(code, DONE, told)
        self.assertIn("ACTIVE", told)

    def test_a_listed_creditor_holds_the_order_until_two_persons_clear_it(self) -> None:
        self.open()
        self.screen("Schmidt, Buerobedarf Ltd.")
        order = self.when(self.order(self.bill(value())), "HELD")
        self.confirm(order)
        hit = self.eventually("the hit is there", lambda: next(
            (h for h in self.service["adam"].call(
                "ScreeningService/ListScreeningHits", state="STATE_OPEN").get("hits", [])
             if h["paymentOrderId"] == order["id"]), None))
        order = self.eventually("only the list holds it", lambda: next(
            (o for o in [self.get(order)]
             if {f["reason"] for f in o["findings"]} == {"SCREENING_HIT"}), None))
        self.assertEqual(order["state"], "STATE_HELD")
        self.assertIn("on the sanctions list eu", order["findings"][0]["message"])
        clear = ("screening", "clear-hit", hit["id"], "--reason", "another company")
        for person in ("paula", "anna"):
            code, told = self.ctl(person, *clear)
            self.assertEqual(code, REFUSED, told)
        for person in ("adam", "alma"):
            self.assertEqual(self.get(order)["state"], "STATE_HELD")
            code, told = self.ctl(person, *clear)
            self.assertEqual(code, DONE, told)
        self.when(order, "AWAITING_APPROVAL")
        # It holds no payment to this creditor again.
        self.when(self.order(self.bill(value())), "AWAITING_APPROVAL")

    def test_the_evidence_for_a_payment_takes_one_command_and_needs_no_server(self) -> None:
        self.open()
        bill = self.bill(value())
        order = self.when(self.released(bill), "ACCEPTED")
        self.bank.close_day()
        order = self.when(order, "SETTLED")
        self.statement()
        code, told = self.ctl("axel", "evidence", order["id"])
        self.assertEqual(code, REFUSED, told)  # an auditor who sees no whole names
        people = self.service.people
        if "alba" not in people:
            people["alba"] = add_principal(people, "alba", True, ("AUDITOR",), unmasked=True)
        folder = self.world.folder / f"evidence-{next(numbers)}"
        code, told = self.ctl("alba", "evidence", order["payments"][0]["endToEndId"],
                              "--out", str(folder))
        self.assertEqual(code, DONE, told)
        of_order = folder / "orders" / order["id"]
        self.assertEqual(len(list((of_order / "file").iterdir())), 1)
        self.assertTrue(list((of_order / "statuses").iterdir()))
        self.assertTrue((of_order / "statement-lines.jsonl").read_text(encoding="utf-8"))
        audit = (folder / "audit.jsonl").read_text(encoding="utf-8")
        self.assertIn("payment_order.release", audit)
        verify = [program("kontorctl"), "evidence", "--verify", str(folder)]
        ran = subprocess.run(verify, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(ran.returncode, DONE, ran.stderr)
        paid = next((of_order / "file").iterdir())
        paid.write_bytes(paid.read_bytes() + b" ")
        ran = subprocess.run(verify, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(ran.returncode, REFUSED, ran.stdout)
        self.assertIn(paid.name, ran.stderr)
