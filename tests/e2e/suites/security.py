# SPDX-License-Identifier: Apache-2.0
"""Who may do what: tokens, roles, entities, two administrators, limits."""
from __future__ import annotations

import concurrent.futures
import stat

from ..harness import documents as doc
from ..harness.api import Api, ApiError, request_id
from ..harness.case import Case
from ..harness.processes import Kontord
from ..harness.world import add_principal, bootstrap


class Tokens(Case):

    def test_without_a_token_or_with_a_forged_one_nothing_is_answered(self) -> None:
        anna = self.service["anna"].token
        forged = anna[:-1] + ("A" if anna[-1] != "A" else "B")
        for token in ("", "x", "Bearer", anna + "x", forged, anna.upper()):
            with self.subTest(token=token[:6]):
                error = self.refused(
                    lambda t=token: self.shop.as_token(t).call("AdminService/WhoAmI"),
                    "UNAUTHENTICATED", code="unauthenticated")
                self.assertEqual(error.http_status, 401)

    def test_a_revoked_token_stops_at_once(self) -> None:
        anna = self.service["anna"]
        answer = anna.call("AdminService/IssueToken", requestId=request_id(), principal="shop")
        fresh = anna.as_token(answer["token"])
        self.assertEqual(fresh.call("AdminService/WhoAmI")["principal"]["name"], "shop")
        anna.call("AdminService/RevokeToken", requestId=request_id(),
                  id=answer["tokenInfo"]["id"], reason="lost laptop")
        self.refused(lambda: fresh.call("AdminService/WhoAmI"), code="unauthenticated")

    def test_a_token_is_shown_once_and_never_in_lists_or_logs(self) -> None:
        anna, key = self.service["anna"], request_id()
        first = anna.call("AdminService/IssueToken", requestId=key, principal="shop")
        again = anna.call("AdminService/IssueToken", requestId=key, principal="shop")
        self.assertTrue(first["token"])
        self.assertFalse(again.get("token"))
        self.assertEqual(first["tokenInfo"]["id"], again["tokenInfo"]["id"])
        listed = anna.call("AdminService/ListTokens", principal="shop", pageSize=100)
        self.assertNotIn(first["token"], str(listed))
        log = (self.service.kontord.folder / "kontord.log").read_bytes()
        self.assertNotIn(first["token"].encode(), log)

    def test_a_token_may_be_narrower_than_its_principal_but_not_wider(self) -> None:
        anna = self.service["anna"]
        narrow = anna.call("AdminService/IssueToken", requestId=request_id(), principal="shop",
                           scopes=["ROLE_VIEWER"])
        reader = anna.as_token(narrow["token"])
        reader.call("InvoiceService/ListInvoices")
        self.refused(lambda: self.create_invoice(doc.invoice(), by=reader), "PERMISSION_DENIED",
                     code="permission_denied")
        self.refused(lambda: anna.call(
            "AdminService/IssueToken", requestId=request_id(), principal="shop",
            scopes=["ROLE_ACCOUNTANT"]), code="invalid_argument")

    def test_a_disabled_principal_is_locked_out_until_it_is_enabled(self) -> None:
        people = self.service.people
        ghost = add_principal(people, doc.unique("ghost").lower(), False, ("VIEWER",))
        name = ghost.call("AdminService/WhoAmI")["principal"]["name"]
        people["anna"].call("AdminService/DisablePrincipal", requestId=request_id(), name=name,
                            reason="left")
        self.refused(lambda: ghost.call("AdminService/WhoAmI"), code="unauthenticated")
        people["anna"].call("AdminService/EnablePrincipal", requestId=request_id(), name=name,
                            reason="back")
        ghost.call("AdminService/WhoAmI")


class Roles(Case):
    MATRIX = [
        ("rita", "InvoiceService/CreateInvoice"), ("axel", "InvoiceService/CreateInvoice"),
        ("anna", "InvoiceService/CreateInvoice"), ("shop", "AuditService/ListAuditRecords"),
        ("shop", "ConnectionService/CreateConnection"), ("shop", "AdminService/CreatePrincipal"),
        ("shop", "WebhookService/CreateEndpoint"), ("karl", "OperationService/ReleaseOperation"),
        ("rita", "ExceptionService/ResolveException"),
        ("shop", "ExceptionService/ResolveException"),
        ("anna", "AuditService/VerifyAudit"), ("otto", "AdminService/IssueToken"),
        ("karl", "ConnectionService/RebindConnection"),
        ("shop", "AdminService/UpdatePostingPolicy"),
    ]

    def test_each_role_is_kept_to_its_own(self) -> None:
        for name, method in self.MATRIX:
            with self.subTest(name=name, method=method):
                more = {} if method.startswith("Audit") else {"requestId": request_id()}
                if method.endswith("IssueToken"):
                    more["principal"] = "anna"
                self.refused(lambda n=name, m=method, o=more: self.service[n].call(m, **o),
                             code="permission_denied")

    def test_an_entity_that_is_not_granted_is_denied(self) -> None:
        people = self.service.people
        name = doc.unique("narrow").lower()
        narrow = add_principal(people, name, False, ("SUBMITTER", "VIEWER"),
                               entities=["elsewhere"])
        self.refused(lambda: self.create_invoice(doc.invoice(), by=narrow), "ENTITY_DENIED",
                     code="permission_denied")
        mine = self.posted(self.create_invoice(doc.invoice()))
        self.refused(lambda: narrow.call("InvoiceService/GetInvoice", id=mine["documentId"]))
        listed = narrow.call("InvoiceService/ListInvoices")
        self.assertFalse(listed.get("invoices"))
        events = narrow.call("EventService/ListEvents", pageSize=1000)
        self.assertFalse([event for event in events.get("events", [])
                          if event.get("entity") == "de"])

    def test_a_role_takes_two_administrators(self) -> None:
        people = self.service.people
        name = doc.unique("clerk").lower()
        clerk = add_principal(people, name, True, ())
        anna, anton = people["anna"], people["anton"]
        grant = anna.call("AdminService/ProposeRoleGrant", requestId=request_id(), principal=name,
                          role="ROLE_VIEWER", reason="new colleague")["grant"]
        self.assertEqual(grant["state"], "STATE_PROPOSED")
        self.refused(lambda: anna.call("AdminService/ApproveRoleGrant", requestId=request_id(),
                                       id=grant["id"], reason="mine"),
                     "SECOND_PERSON_REQUIRED", code="permission_denied")
        self.refused(lambda: clerk.call("InvoiceService/ListInvoices"), code="permission_denied")
        anton.call("AdminService/ApproveRoleGrant", requestId=request_id(), id=grant["id"],
                   reason="agreed")
        clerk.call("InvoiceService/ListInvoices")
        anna.call("AdminService/RevokeRole", requestId=request_id(), id=grant["id"],
                  reason="moved on")
        self.refused(lambda: clerk.call("InvoiceService/ListInvoices"), code="permission_denied")


class FirstStart(Case):
    """On a store of its own."""

    def setUp(self) -> None:
        self.folder = self.world.folder / doc.unique("first")
        self.folder.mkdir()
        self.kontord = Kontord(self.folder).start()
        self.addCleanup(self.kontord.stop)

    def test_the_first_token_works_once_and_only_its_owner_can_read_it(self) -> None:
        path = self.kontord.data / "bootstrap.token"
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(self.kontord.data.stat().st_mode) & 0o077, 0)
        token = self.kontord.bootstrap_token()

        def redeem(name: str) -> str:
            try:
                self.kontord.api().call("AdminService/RedeemBootstrapToken", bootstrapToken=token,
                                        principalName=name)
                return "ok"
            except ApiError as error:
                return error.reason

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(redeem, [f"admin{number}" for number in range(4)]))
        self.assertEqual(sorted(answers), ["TOKEN_USED"] * 3 + ["ok"])
        self.assertFalse(path.exists(), "a token that was redeemed stays on the disk")
        path.write_text(token + "\n", encoding="utf-8")  # as after a crash before its removal
        self.kontord.restart()
        self.assertFalse(path.exists())
        self.assertEqual(redeem("mallory"), "TOKEN_USED")
        self.refused(lambda: self.kontord.api().call(
            "AdminService/RedeemBootstrapToken", bootstrapToken="kfirst", principalName="eve"),
            code="unauthenticated")

    def test_the_first_administrator_alone_grants_one_second_administrator_only(self) -> None:
        people = bootstrap(self.kontord)
        who = people["anton"].call("AdminService/WhoAmI")["principal"]
        self.assertEqual(who["roles"], ["ROLE_ADMINISTRATOR"])
        people["anna"].call("AdminService/CreatePrincipal", requestId=request_id(),
                            principal={"name": "third", "kind": "KIND_PERSON"})
        grant = people["anna"].call("AdminService/ProposeRoleGrant", requestId=request_id(),
                                    principal="third", role="ROLE_ADMINISTRATOR",
                                    reason="one more")["grant"]
        self.assertEqual(grant["state"], "STATE_PROPOSED")

    def test_one_caller_that_is_too_quick_is_slowed_down_and_others_are_not(self) -> None:
        self.kontord.stop()
        self.kontord.settings.update({"limits.calls_per_second": "5", "limits.calls_burst": "20"})
        self.kontord.start()
        people = bootstrap(self.kontord)
        reasons = []
        for _ in range(40):
            try:
                people["anna"].call("AdminService/WhoAmI")
            except ApiError as error:
                reasons.append(error)
        self.assertTrue(reasons)
        self.assertEqual({error.reason for error in reasons}, {"RATE_LIMITED"})
        self.assertEqual({error.http_status for error in reasons}, {429})
        people["anton"].call("AdminService/WhoAmI")

    def test_plain_text_on_an_outside_address_is_refused_at_the_start(self) -> None:
        self.kontord.stop()
        for section in ("grpc", "http"):
            with self.subTest(section=section):
                other = Kontord(self.folder, {f"{section}.address": "0.0.0.0"})
                with self.assertRaises(RuntimeError) as caught:
                    other.start()
                self.assertIn("TLS", str(caught.exception).upper())


class Audit(Case):

    def test_every_change_has_its_row_and_the_chain_is_unbroken(self) -> None:
        operation = self.posted(self.create_invoice(doc.invoice()))
        axel: Api = self.service["axel"]
        rows = axel.call("AuditService/ListAuditRecords", subject=operation["id"],
                         pageSize=100)["records"]
        self.assertTrue(any(row["action"] == "document.accept" for row in rows), rows)
        verdict = axel.call("AuditService/VerifyAudit")
        self.assertTrue(verdict["intact"], verdict)
        head = axel.call("AuditService/ExportAuditHead")["head"]
        self.assertTrue(head["signature"])
        self.posted(self.create_invoice(doc.invoice()))
        self.assertTrue(axel.call("AuditService/VerifyAudit", expectedHead=head)["intact"])
        false = {**head, "hash": "0" * 64}
        self.assertFalse(axel.call("AuditService/VerifyAudit", expectedHead=false).get("intact"))

    def test_no_secret_and_no_account_number_stands_in_the_audit(self) -> None:
        number = doc.iban()
        self.posted(self.upsert_partner(doc.partner(bankAccounts=[{"accountNumber": number}])))
        axel: Api = self.service["axel"]
        text, after = "", 0
        while True:
            page = axel.call("AuditService/ListAuditRecords", afterSequence=after, pageSize=500)
            rows = page.get("records", [])
            if not rows:
                break
            text += str(rows)
            after = int(rows[-1]["sequence"])
        self.assertNotIn(number, text)
        self.assertNotIn(self.world.target["api_key"], text)
