# SPDX-License-Identifier: LGPL-3.0-or-later
"""How an order that was read from kontor becomes rows here."""
from odoo import api, models

from .kontor_backend_check import parse_time
from .kontor_mirror_document import parse_day
from .kontor_payment_order import OPEN

NAMES_SHOWN = 3
FRACTION_DIGITS = 9


def instant_key(text):
    """A timestamp of kontor's so that a later one is the greater text: fractions are cut there."""
    whole, _point, fraction = (text or "").rstrip("Z").partition(".")
    return f"{whole}.{fraction.ljust(FRACTION_DIGITS, '0')}"


def word(value, prefix):
    """An enum's name as the fields here have it."""
    return (value or "").removeprefix(prefix).lower() or False


def few(names):
    """The first names, and how many more there are."""
    more = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" (+{more})" if more > 0 else "")


class KontorPaymentOrder(models.Model):
    _inherit = "kontor.payment.order"

    @api.model
    def _take(self, backend, orders):
        """Writes what was read; an older reading changes nothing."""
        orders = list(orders)
        known = {row.order_ref: row for row in self.search([
            ("backend_id", "=", backend.id),
            ("order_ref", "in", [order["id"] for order in orders])])}
        for order in orders:
            mapping = backend._entity_of(order.get("entity"))
            row = known.get(order["id"])
            if not mapping:
                continue
            if row and instant_key(order.get("updateTime")) < instant_key(row.changed_ref):
                continue
            values = self._values(backend, mapping, order)
            if row:
                row._write_changed(values)
            else:
                row = self.create(dict(values, backend_id=backend.id, order_ref=order["id"]))
                row._adopt_requests()
            row._take_lines(order.get("payments", []))
            Finding = self.env["kontor.payment.finding"]
            row._replace_rows("finding_ids", Finding._rows(order.get("findings", [])))
            row._replace_rows("approval_ids", self._approvals(order))

    @api.model
    def _values(self, backend, mapping, order):
        """The fields of a row, from kontor's JSON."""
        company = mapping.company_id
        total = order.get("total") or {}
        state = word(order.get("state"), "STATE_")
        account = self.env["kontor.bank.account"]._named(backend, company, order.get("account"))
        Document = self.env["kontor.mirror.document"]
        bills = [bill.get("name") or str(bill.get("odooMoveId"))
                 for line in order.get("payments", []) for bill in line.get("bills", [])]
        return {
            "company_id": company.id, "entity": order.get("entity"),
            "changed_ref": order.get("updateTime"), "state": state, "is_open": state in OPEN,
            "submission": word(order.get("submission"), "SUBMISSION_"),
            "description": order.get("description"), "account_name": order.get("account"),
            "account_id": account.id, "channel": order.get("channel"),
            "currency_id": Document._currency(total.get("currencyCode")).id,
            "total": total.get("value") or "0",
            "payment_count": int(order.get("paymentCount", 0)),
            "execution_date": parse_day(order.get("executionDate")),
            "execution_note": order.get("executionNote"), "urgency": word(order.get("urgency"), ""),
            "message_ref": order.get("messageId"), "digest": order.get("digest"),
            "preparer": order.get("preparer"),
            "approvals_needed": order.get("approvalsNeeded", 0),
            "approval_count": len([row for row in self._approvals(order) if row["counts"]]),
            "approvers": ", ".join(order.get("approvers", [])),
            "releaser": order.get("releaser"),
            "release_delegator": order.get("releaseDelegator"),
            "release_time": parse_time(order.get("releaseTime")),
            "policy_versions": ", ".join(order.get("policyVersions", [])),
            "file_name": order.get("fileName"), "file_sha256": order.get("fileSha256"),
            "hold_text": "; ".join(order.get("holdReasons", [])),
            "cancel_reason": order.get("cancelReason"),
            "correlation_ref": order.get("correlationId"),
            # What is late has a case of its own; it is shown where nothing else stands in the way.
            "exception_ref": order.get("exceptionId") or order.get("deadlineExceptionId"),
            "create_time": parse_time(order.get("createTime")),
            "update_time": parse_time(order.get("updateTime")), "bill_names": few(bills),
        }

    @api.model
    def _approvals(self, order):
        return [{
            "approver": given.get("name"), "delegator": given.get("delegator"),
            "time": parse_time(given.get("time")),
            "digest": given.get("digest"), "policy_version": given.get("policyVersion"),
            "counts": not given.get("voidReason") and given.get("digest") == order.get("digest"),
            "void_reason": given.get("voidReason")} for given in order.get("approvals", [])]

    def _take_lines(self, payments):
        """The payments, each found again by its number."""
        self.ensure_one()
        known = {row.number: row for row in self.line_ids}
        accounts = {row.beneficiary_ref: row.id for row in self.env["kontor.beneficiary"].search([
            ("backend_id", "=", self.backend_id.id),
            ("beneficiary_ref", "in", [line.get("beneficiaryId") for line in payments])])}
        moves = self._moves_of(payments)
        booked = self._booked_of(payments)
        for payment in payments:
            number = int(payment.get("number", 0))
            values = dict(self._line_values(payment),
                          beneficiary_id=accounts.get(payment.get("beneficiaryId"), False),
                          payment_id=booked.get(int(payment.get("odooPaymentId", 0)), False))
            line = known.get(number)
            if line:
                line._write_changed(values)
            else:
                line = self.line_ids.create(dict(values, order_id=self.id, number=number))
            ids = [int(bill["odooMoveId"]) for bill in payment.get("bills", [])
                   if int(bill["odooMoveId"]) in moves]
            if set(line.move_ids.ids) != set(ids):
                line.move_ids = [(6, 0, ids)]
            line._replace_rows("finding_ids", [
                dict(found, order_id=self.id) for found in
                self.env["kontor.payment.finding"]._rows(payment.get("holds", []))])

    def _moves_of(self, payments):
        """The ids of those bills that are there, in the order's company."""
        ids = {int(bill["odooMoveId"]) for line in payments for bill in line.get("bills", [])}
        return set(self.env["account.move"].sudo().search(
            [("id", "in", list(ids)), ("company_id", "=", self.company_id.id)]).ids)

    def _booked_of(self, payments):
        """{id: id} of those payments of Odoo's that are there, in the order's company."""
        ids = {int(line.get("odooPaymentId", 0)) for line in payments}
        found = self.env["account.payment"].sudo().search(
            [("id", "in", list(ids)), ("company_id", "=", self.company_id.id)])
        return {ident: ident for ident in found.ids}

    @api.model
    def _line_values(self, payment):
        creditor, money = payment.get("creditor") or {}, payment.get("amount") or {}
        partner = self.env["res.partner"].sudo().browse(int(payment.get("odooPartnerId", 0)))
        bills = [bill.get("name") or str(bill.get("odooMoveId"))
                 for bill in payment.get("bills", [])]
        return {
            "state": word(payment.get("state"), "STATE_"),
            "currency_id": self.env["kontor.mirror.document"]._currency(
                money.get("currencyCode")).id,
            "amount": money.get("value") or "0", "partner_id": partner.exists().id,
            "creditor_name": creditor.get("holderName"),
            "account_number": creditor.get("accountNumber"), "bic": creditor.get("bic"),
            "beneficiary_ref": payment.get("beneficiaryId"),
            "remittance": payment.get("creditorReference") or payment.get("remittanceText"),
            "bill_names": few(bills), "end_to_end_ref": payment.get("endToEndId"),
            "uetr": payment.get("uetr"), "route": payment.get("route"),
            "status_code": payment.get("statusCode"),
            "status_reasons": "; ".join(payment.get("statusReasons", [])),
            "payment_ref": payment.get("paymentId"),
        }

    def _adopt_requests(self):
        """The request that made this order was answered before the order was read."""
        self.ensure_one()
        self.env["kontor.request"].sudo().search([
            ("backend_id", "=", self.backend_id.id), ("verb", "=", "prepare_order"),
            ("order_id", "=", False), ("target_ref", "=", self.order_ref)]).write(
                {"order_id": self.id})
