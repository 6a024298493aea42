# SPDX-License-Identifier: LGPL-3.0-or-later
"""Payment orders as the stub's kontor has them, and bills to pay."""
import itertools

from odoo import fields

from .kontor_stub import SERVICE_TOKEN, TIME, KontorCase, error

DIGEST = "d" * 64
SERVICE = "PaymentOrderService/"
# 17 takes no two bills of a vendor with one reference.
NUMBERS = itertools.count(1)


class OrderCase(KontorCase):
    """One entity with an account of ours, and a kontor that has one payment order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.currency = cls.company.currency_id
        cls.vendor = cls.env["res.partner"].create({"name": "Möwe & Anker KG"})
        cls.purchases = cls.env["account.journal"].create({
            "name": "Kontor bills", "code": "KOBI", "type": "purchase",
            "default_account_id": cls._account().id, "company_id": cls.company.id})
        payable = "liability_payable"
        accounts = cls.env["account.account"]
        field = "company_ids" if "company_ids" in accounts._fields else "company_id"
        found = accounts.search(
            [(field, "in", cls.company.ids), ("account_type", "=", payable)], limit=1)
        found = found or accounts.create({
            "name": "Payable", "code": "299999", "account_type": payable, "reconcile": True})
        cls.vendor.with_company(cls.company).property_account_payable_id = found

    def setUp(self):
        super().setUp()
        self.orders, self.accounts = {}, {}
        self.stub.answers.update({
            SERVICE + "GetPaymentOrder": lambda request, _token: self._get(
                self.orders, "order", request["id"]),
            SERVICE + "ListPaymentOrders": lambda request, _token: {"orders": [
                {key: value for key, value in order.items() if key != "payments"}
                for order in self.orders.values() if order["state"] in request["states"]]},
            "BeneficiaryService/GetBeneficiary": lambda request, _token: self._get(
                self.accounts, "beneficiary", request["id"]),
            "BeneficiaryService/ListBeneficiaries": lambda request, _token: {"beneficiaries": [
                found for found in self.accounts.values() if found["state"] == request["state"]]},
            "BankService/ListBankAccounts": {"accounts": [{
                "id": "bac_1", "name": "giro", "entity": "de", "iban": "…0001",
                "bic": "COBADEFFXXX", "currencyCode": self.currency.name, "channel": "house",
                "journalCode": self.journal.code}]},
        })

    @staticmethod
    def _get(found, member, ident):
        return {member: found[ident]} if ident in found else error(
            "not_found", "NOT_FOUND", http=404)

    def bill(self, amount=119.0, post=True, **more):
        """A vendor bill without tax."""
        move = self.env["account.move"].create({
            "move_type": "in_invoice", "journal_id": self.purchases.id,
            "ref": f"RE-{next(NUMBERS)}", "partner_id": self.vendor.id,
            "invoice_date": fields.Date.today(),
            "invoice_line_ids": [(0, 0, {
                "name": "Paper", "price_unit": amount, "account_id": self._account().id,
                "tax_ids": [(5, 0, 0)]})], **more})
        if post:
            move.action_post()
        return move

    def payment(self, bill=None, number=1, **more):
        """A payment as kontor answers it: masked."""
        bills = [{"odooMoveId": str(bill.id), "name": bill.name,
                  "amount": {"currencyCode": self.currency.name, "value": "119.00"}}
                 ] if bill else []
        return {"number": str(number), "state": "STATE_PENDING",
                "amount": {"currencyCode": self.currency.name, "value": "119.00"},
                "creditor": {"holderName": "M…", "accountNumber": "…6199", "bic": "INGDDEFFXXX"},
                "odooPartnerId": str(self.vendor.id), "remittanceText": "RE-1", "bills": bills,
                "endToEndId": f"E2E-{number}", "route": "sepa", "beneficiaryId": "bnf_1", **more}

    def order(self, bill=None, state="AWAITING_APPROVAL", second=0, **more):
        """Lets the stub have an order; `second` counts its changes."""
        order = {
            "id": "pmo_1", "entity": "de", "state": f"STATE_{state}",
            "submission": "SUBMISSION_NONE", "account": "giro", "channel": "house",
            "total": {"currencyCode": self.currency.name, "value": "119.00"}, "paymentCount": "1",
            "executionDate": "2026-03-04", "executionNote": "the next banking day",
            "urgency": "NORMAL", "messageId": "MSG-1", "digest": DIGEST, "preparer": "paula",
            "approvalsNeeded": 2, "correlationId": "cor_9", "createTime": TIME,
            "updateTime": f"2026-03-01T10:00:{second:02d}.5Z",
            "payments": [self.payment(bill)], **more}
        self.orders[order["id"]] = order
        return order

    def account(self, state="UNCONFIRMED", **more):
        """Lets the stub have a creditor's account."""
        self.accounts["bnf_1"] = {
            "id": "bnf_1", "entity": "de", "state": f"STATE_{state}", "holderName": "M…",
            "accountNumber": "…6199", "odooPartnerId": str(self.vendor.id), "editor": "admin",
            "digest": "b" * 64, "createTime": TIME, **more}

    def sync(self):
        """Reads kontor; answers the orders that are shown."""
        self.assertTrue(self.backend._sync())
        return self.env["kontor.payment.order"].search([("backend_id", "=", self.backend.id)])

    def send(self):
        """Lets the sending job run."""
        self.env["kontor.request"].search([("state", "=", "waiting")]).next_attempt_time = False
        self.env["kontor.request"]._cron_send()

    def told(self, order, **more):
        """An order as kontor answers a person who may see names and accounts."""
        shown = dict(order, **more)
        shown["payments"] = [dict(line, creditor={
            "holderName": "Möwe & Anker KG", "accountNumber": "DE75512108001245126199"})
            for line in order["payments"]]
        return {"order": shown}

    def assert_never_by_the_service(self, method):
        self.assertNotIn(SERVICE_TOKEN, self.stub.tokens(method))
