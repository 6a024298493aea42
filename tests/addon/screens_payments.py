# SPDX-License-Identifier: Apache-2.0
"""Payment orders at the screens: five people pay two bills, each with a token of their own.

Part of screens.py, which starts Odoo, kontord and the browser.
"""

from __future__ import annotations

import pathlib
import tempfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from e2e.harness import documents as doc
from e2e.harness.api import request_id
from e2e.harness.banking import open_bank, promote

if TYPE_CHECKING:
    from screens import Browser, Scratch

ORDERS, ACCOUNTS = "action_kontor_payment_order", "action_kontor_beneficiary"
WHAT_FOR = "Suppliers, this week"
TALL = 1000
AT_BANK = ["submitted", "acknowledged", "accepted"]


class Payments:
    """Prepare, confirm the account, approve twice, release, and see what the bank says."""

    def __init__(self, scratch: Scratch, seat: Callable[[str, str], Browser]) -> None:
        self._scratch = scratch
        self._seat = seat
        self._seen: dict[str, Browser] = {}

    def steps(self) -> list[Callable[[], None]]:
        return [self.a_preparer_asks_for_two_bills_to_be_paid,
                self.an_approver_confirms_the_creditor_s_account,
                self.two_approvers_approve_what_they_see,
                self.a_releaser_releases_it_and_the_bank_has_it,
                self.the_bank_s_booking_settles_it_and_the_bill_says_so]

    def _person(self, name: str, *groups: str) -> Browser:
        """The screen of a person, who signs in at their first visit."""
        if name not in self._seen:
            login = self._scratch.add_person(name, *groups)
            self._seen[name] = self._seat(*login)
            self._seen[name].sign_in()
        return self._seen[name]

    def _role(self, name: str, role: str) -> Browser:
        return self._person(name, f"kontor_connector.group_kontor_{role}")

    def _bill(self, total: str) -> str:
        """A posted bill of a vendor with a trusted account; answers its number."""
        assert self._scratch.service is not None
        answer = self._scratch.service["shop"].call(
            "InvoiceService/CreateInvoice", requestId=request_id(), wait="50s", invoice=doc.bill(
                lines=[doc.line(total, taxes=(), account=doc.EXPENSE)]))
        return self._scratch.number_of(answer)

    def _until(self, what: str, *domain: list[Any]) -> None:
        self._scratch.until(what, "kontor.payment.order",
                            [["description", "=", WHAT_FOR], *domain])

    def a_preparer_asks_for_two_bills_to_be_paid(self) -> None:
        service = self._scratch.service
        assert service is not None
        promote(service, "approval", {"steps": [{"name": "all", "approvals": 2}]})
        self._bank, _iban = open_bank(service, pathlib.Path(tempfile.mkdtemp(
            prefix="bank-", dir=service.kontord.folder)))
        self._bills = [self._bill("640.00"), self._bill("85.00")]
        account = self._bank.folder.name
        self._scratch.until("our account is known", "kontor.bank.account",
                            [["name", "=", account]])
        see = self._person("petra", "kontor_connector.group_kontor_preparer",
                           "account.group_account_invoice")
        see.open("account.action_move_in_invoice_type")
        see.choose("Pay through kontor", *self._bills)
        see.fill("description", WHAT_FOR)
        see.confirm()
        self._until("the order is there and held for its account", ["state", "=", "held"],
                    ["payment_count", "=", 2])
        see.open_row(ORDERS, WHAT_FOR)
        see.sees("Nobody has confirmed the creditor")
        for button in ("action_approve", "action_release"):
            if see.has_button(button):
                raise AssertionError(f"a preparer has {button}")

    def an_approver_confirms_the_creditor_s_account(self) -> None:
        see = self._role("adam", "approver")
        see.open_row(ACCOUNTS, "To confirm")
        see.click("action_confirm_account")
        see.confirm("Called the vendor")
        see.sees("Confirm the account was requested by Adam")
        self._until("the order waits for approvals", ["state", "=", "awaiting_approval"])

    def two_approvers_approve_what_they_see(self) -> None:
        for name, count in (("adam", 1), ("alma", 2)):
            see = self._role(name, "approver")
            see.open_row(ORDERS, WHAT_FOR)
            if see.has_button("action_release"):
                raise AssertionError("an approver may release")
            see.click("action_approve")
            see.confirm(shot="approve" if count == 1 else "")
            see.sees(f"Approve was requested by {name.capitalize()}")
            self._until(f"{count} approvals count", ["approval_count", "=", count])
        self._until("it is approved", ["state", "=", "approved"])

    def a_releaser_releases_it_and_the_bank_has_it(self) -> None:
        see = self._role("rolf", "releaser")
        see.open_row(ORDERS, WHAT_FOR)
        if see.has_button("action_approve"):
            raise AssertionError("a releaser may approve")
        see.click("action_release")
        see.confirm()
        self._until("the bank has it", ["state", "in", AT_BANK], ["submission", "=", "sent"])
        see.open_row(ORDERS, WHAT_FOR)
        see.sees("the bank")
        see.shot("payment_order", TALL)

    def the_bank_s_booking_settles_it_and_the_bill_says_so(self) -> None:
        self._bank.close_day()
        self._until("it is settled", ["state", "=", "settled"])
        see = self._seen["petra"]
        see.open_row("account.action_move_in_invoice_type", self._bills[0])
        see.sees("Settled")
        self._bank.stop()
