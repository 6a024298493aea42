// SPDX-License-Identifier: Apache-2.0
// What people decide, and what one of them alone cannot: exceptions, corrections, duplicates,
// cancellations. More refusals than successes.
#include <algorithm>

#include "server/base/status.h"
#include "server/engine/resolve.h"
#include "tests/unit/engine/harness.h"

namespace kontor::engine::testing {
namespace {

using base::Reason;
using model::ExceptionState;
using model::OperationState;
using model::Resolution;

/// A bill whose account does not exist, in EXCEPTION.
struct BadBill {
  BadBill() {
    request = BillRequest("b1", "RE-1");
    InvoiceOf(request).lines[0].account_code = "999999";
    operation = h.Send(request);
    h.Settle();
    exception = h.Exception(operation);
  }
  absl::StatusOr<model::ExceptionCase> Resolve(const ports::Actor& actor, Resolution resolution,
                                               std::optional<model::Document> corrected = {},
                                               const std::string& reason = "looked at it") {
    return h.engine->ResolveException(actor, {exception.id, resolution, reason, corrected});
  }
  model::Document Corrected(const std::function<void(model::Invoice&)>& change) {
    AcceptRequest fresh = request;
    change(InvoiceOf(fresh));
    return fresh.document;
  }
  Harness h;
  AcceptRequest request;
  model::Operation operation;
  model::ExceptionCase exception;
};

BOOST_FIXTURE_TEST_CASE(who_may_not_decide_is_told_why, BadBill) {
  BOOST_TEST(HasReason(Resolve(h.program, Resolution::kRetry).status(), Reason::kPersonRequired));
  BOOST_TEST(
      HasReason(Resolve(h.releaser, Resolution::kRetry).status(), Reason::kPermissionDenied));
  ports::Actor elsewhere = h.accountant;
  elsewhere.entities = {"bremen"};
  BOOST_TEST(HasReason(Resolve(elsewhere, Resolution::kRetry).status(), Reason::kEntityDenied));
  BOOST_TEST(HasReason(Resolve(h.accountant, Resolution::kRetry, {}, "").status(),
                       Reason::kFieldMissing));
  BOOST_TEST(HasReason(Resolve(h.accountant, Resolution::kAccept).status(),
                       Reason::kStateConflict));
  BOOST_TEST(HasReason(Resolve(h.accountant, Resolution::kCorrectAndRetry).status(),
                       Reason::kFieldMissing));
  BOOST_TEST(HasReason(
      h.engine->ResolveException(h.accountant, {"exc_none", Resolution::kRetry, "x", {}}).status(),
      Reason::kNotFound));
  BOOST_TEST((h.Operation(operation.id).state == OperationState::kException));
}

BOOST_FIXTURE_TEST_CASE(a_retry_after_the_account_was_made_posts_it, BadBill) {
  h.erp->catalogue.accounts.push_back({99, "999999", "New", "expense", false});
  h.clock.Advance(absl::Minutes(1));
  BOOST_REQUIRE(Resolve(h.accountant, Resolution::kRetry).ok());
  h.Settle();
  BOOST_TEST((h.Operation(operation.id).state == OperationState::kPosted));
  BOOST_TEST(HasReason(Resolve(h.accountant, Resolution::kRetry).status(),
                       Reason::kStateConflict));
}

BOOST_FIXTURE_TEST_CASE(a_retry_without_mending_comes_back_as_a_new_exception, BadBill) {
  BOOST_REQUIRE(Resolve(h.accountant, Resolution::kRetry).ok());
  h.Settle();
  BOOST_TEST(h.Operation(operation.id).exception_id != exception.id);
  BOOST_TEST(HasFinding(h.Exception(operation), Reason::kAccountUnknown));
}

BOOST_FIXTURE_TEST_CASE(another_account_takes_a_second_person, BadBill) {
  const model::Document fixed =
      Corrected([](model::Invoice& bill) { bill.lines[0].account_code = "600000"; });
  const auto proposed = Resolve(h.accountant, Resolution::kCorrectAndRetry, fixed);
  BOOST_REQUIRE(proposed.ok());
  BOOST_TEST((proposed->state == ExceptionState::kAwaitingSecondPerson));
  h.Settle();
  BOOST_TEST((h.Operation(operation.id).state == OperationState::kException));
  BOOST_TEST(HasReason(Resolve(h.accountant, Resolution::kCorrectAndRetry, fixed).status(),
                       Reason::kSecondPersonRequired));
  BOOST_REQUIRE(Resolve(h.second_accountant, Resolution::kCorrectAndRetry).ok());
  h.Settle();
  BOOST_TEST((h.Operation(operation.id).state == OperationState::kPosted));
}

BOOST_FIXTURE_TEST_CASE(the_submitter_is_no_second_person, BadBill) {
  const model::Document fixed =
      Corrected([](model::Invoice& bill) { bill.lines[0].account_code = "600000"; });
  BOOST_REQUIRE(Resolve(h.accountant, Resolution::kCorrectAndRetry, fixed).ok());
  ports::Actor submitter = h.second_accountant;
  submitter.principal_id = h.program.principal_id;
  BOOST_TEST(HasReason(Resolve(submitter, Resolution::kCorrectAndRetry).status(),
                       Reason::kSecondPersonRequired));
}

BOOST_FIXTURE_TEST_CASE(other_content_than_was_proposed_is_a_proposal_of_its_own, BadBill) {
  BOOST_REQUIRE(Resolve(h.accountant, Resolution::kCorrectAndRetry,
                        Corrected([](auto& bill) { bill.lines[0].account_code = "600000"; }))
                    .ok());
  const auto other = Resolve(h.second_accountant, Resolution::kCorrectAndRetry,
                             Corrected([](auto& bill) { bill.lines[0].account_code = "700000"; }));
  BOOST_REQUIRE(other.ok());
  BOOST_TEST((other->state == ExceptionState::kAwaitingSecondPerson));
  BOOST_TEST(other->proposer == h.second_accountant.principal_id);
}

BOOST_FIXTURE_TEST_CASE(a_declined_proposal_is_open_again, BadBill) {
  BOOST_TEST(HasReason(
      h.engine->DeclineResolution(h.second_accountant, exception.id, "no").status(),
      Reason::kStateConflict));
  BOOST_REQUIRE(Resolve(h.accountant, Resolution::kCorrectAndRetry,
                        Corrected([](auto& bill) { bill.lines[0].account_code = "600000"; }))
                    .ok());
  const auto declined = h.engine->DeclineResolution(h.second_accountant, exception.id, "no");
  BOOST_REQUIRE(declined.ok());
  BOOST_TEST((declined->state == ExceptionState::kOpen));
  BOOST_TEST(HasReason(Resolve(h.second_accountant, Resolution::kCorrectAndRetry).status(),
                       Reason::kFieldMissing));
}

BOOST_FIXTURE_TEST_CASE(a_correction_of_another_kind_or_shape_is_refused, BadBill) {
  BOOST_TEST(HasReason(Resolve(h.accountant, Resolution::kCorrectAndRetry,
                               Corrected([](auto& bill) {
                                 bill.kind = model::InvoiceKind::kCustomerInvoice;
                               }))
                           .status(),
                       Reason::kFieldConflict));
  BOOST_TEST(HasReason(Resolve(h.accountant, Resolution::kCorrectAndRetry,
                               Corrected([](auto& bill) { bill.lines.clear(); }))
                           .status(),
                       Reason::kLinesMissing));
  BOOST_TEST(HasReason(Resolve(h.accountant, Resolution::kCorrectAndRetry,
                               EntryRequest("e9").document)
                           .status(),
                       Reason::kFieldConflict));
}

BOOST_FIXTURE_TEST_CASE(rejecting_gives_it_up_and_frees_its_reference, BadBill) {
  BOOST_REQUIRE(Resolve(h.accountant, Resolution::kReject).ok());
  h.Settle();
  BOOST_TEST((h.Operation(operation.id).state == OperationState::kCancelled));
  BOOST_TEST(h.EventTypes(operation.document_id).back() == "bill.cancelled");
  const model::Operation again = h.Send(BillRequest("b2", "RE-1"));
  h.Settle();
  BOOST_TEST((h.Operation(again.id).state == OperationState::kPosted));
}

struct PathCase {
  const char* path;
  bool duplicate;
  bool sensitive;
};

BOOST_AUTO_TEST_CASE(money_parties_and_accounts_are_sensitive_dates_and_texts_are_not) {
  const PathCase cases[] = {
      {"lines[0].unit_price", false, true},    {"lines[2].account_code", false, true},
      {"partner.reference", true, true},       {"partner_bank_account", false, true},
      {"amount.value", false, true},           {"lines", false, true},
      {"expected_total.value", false, true},   {"currency_code", false, true},
      {"exchange_rate", false, true},          {"lines[0].tax_names", false, true},
      {"bank_accounts[0].account_number", false, true}, {"journal_code", false, true},
      {"invoice_date", false, false},          {"accounting_date", false, false},
      {"lines[0].description", false, false},  {"narration", false, false},
      {"reference", false, false},             {"reference", true, true},
      {"lines[0].analytic[0].account_code", false, false}};
  for (const PathCase& c : cases) {
    BOOST_TEST_CONTEXT(c.path) { BOOST_TEST(IsSensitive(c.path, c.duplicate) == c.sensitive); }
  }
}

BOOST_AUTO_TEST_CASE(a_duplicate_bill_stops_and_only_two_people_let_it_through) {
  Harness h;
  const model::Operation first = h.Send(BillRequest("b1", "RE-1"));
  const model::Operation second = h.Send(BillRequest("b2", "re 1", "100"));
  AcceptRequest same = BillRequest("b3", "RE-1");
  const model::Operation third = h.Send(same);
  h.Settle();
  BOOST_TEST((h.Operation(first.id).state == OperationState::kPosted));
  BOOST_TEST((h.Operation(second.id).state == OperationState::kPosted));
  const model::ExceptionCase exception = h.Exception(third);
  BOOST_REQUIRE(HasFinding(exception, Reason::kDuplicateReference));
  BOOST_TEST(exception.findings.front().got == first.document_id);
  const ResolveRequest accept{exception.id, Resolution::kAccept, "really two", {}};
  BOOST_REQUIRE(h.engine->ResolveException(h.accountant, accept).ok());
  h.Settle();
  BOOST_TEST((h.Operation(third.id).state == OperationState::kException));
  BOOST_TEST(HasReason(h.engine->ResolveException(h.accountant, accept).status(),
                       Reason::kSecondPersonRequired));
  BOOST_REQUIRE(h.engine->ResolveException(h.second_accountant, accept).ok());
  h.Settle();
  BOOST_TEST((h.Operation(third.id).state == OperationState::kPosted));
}

BOOST_AUTO_TEST_CASE(a_bill_that_people_booked_without_kontor_is_a_duplicate_too) {
  Harness h;
  h.erp->same_reference_move_id = 77;
  const model::Operation sent = h.Send(BillRequest("b1", "RE-1"));
  h.Settle();
  BOOST_TEST(HasFinding(h.Exception(sent), Reason::kDuplicateReference));
  BOOST_TEST(h.erp->Calls("CreateDrafts") == 0);
}

BOOST_AUTO_TEST_CASE(our_own_bill_of_an_earlier_life_is_no_duplicate) {
  Harness h;
  h.erp->fault = [done = false](const std::string& method, int) mutable {
    if (method != "CreateDrafts" || done) return Fault::kNone;
    done = true;
    return Fault::kLate;
  };
  const model::Operation sent = h.Send(BillRequest("b1", "RE-1"));
  h.Run();
  h.clock.Advance(absl::Seconds(3));
  // The probe finds nothing; the late call lands before the bill is checked once more.
  h.erp->fault = [&](const std::string& method, int) {
    if (method == "Resolve") h.erp->DeliverLate();
    h.erp->same_reference_move_id = h.erp->All("account.move").empty()
                                        ? 0
                                        : h.erp->All("account.move").front().id;
    return Fault::kNone;
  };
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
  BOOST_TEST(h.erp->All("account.move").size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_correction_removes_the_draft_of_the_old_content_first) {
  Harness h;
  AcceptRequest request = InvoiceRequest("i1");
  InvoiceOf(request).expected_total = Euro("238");
  const model::Operation sent = h.Send(request);
  h.Settle();
  BOOST_TEST(h.erp->All("account.move").size() == 1U);
  const ResolveRequest correct{h.Exception(sent).id, Resolution::kCorrectAndRetry, "two of them",
                               [&] {
                                 AcceptRequest fresh = request;
                                 InvoiceOf(fresh).lines[0].quantity = model::Decimal::FromInt(2);
                                 return fresh.document;
                               }()};
  BOOST_REQUIRE(h.engine->ResolveException(h.accountant, correct).ok());
  BOOST_REQUIRE(h.engine->ResolveException(h.second_accountant, correct).ok());
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
  BOOST_REQUIRE(h.erp->All("account.move").size() == 1U);
  BOOST_TEST(h.erp->All("account.move").front().snapshot.total.ToString() == "238");
}

BOOST_AUTO_TEST_CASE(accepting_a_difference_posts_what_stands_there) {
  Harness h;
  AcceptRequest request = InvoiceRequest("i1");
  InvoiceOf(request).expected_total = Euro("120");
  const model::Operation sent = h.Send(request);
  h.Settle();
  const ResolveRequest accept{h.Exception(sent).id, Resolution::kAccept, "their mistake", {}};
  BOOST_REQUIRE(h.engine->ResolveException(h.accountant, accept).ok());
  BOOST_REQUIRE(h.engine->ResolveException(h.second_accountant, accept).ok());
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
  BOOST_TEST(h.Document(sent.document_id).total_minor == 11900);
}

BOOST_AUTO_TEST_CASE(a_cancelled_operation_takes_its_draft_along) {
  Harness h;
  AcceptRequest request = InvoiceRequest("i1");
  InvoiceOf(request).expected_total = Euro("120");
  const model::Operation sent = h.Send(request);
  h.Settle();
  BOOST_TEST(HasReason(h.engine->CancelOperation(h.releaser, sent.id, "x").status(),
                       Reason::kPermissionDenied));
  BOOST_TEST(HasReason(h.engine->CancelOperation(h.accountant, sent.id, "").status(),
                       Reason::kFieldMissing));
  BOOST_TEST(HasReason(h.engine->CancelOperation(h.accountant, "opn_none", "x").status(),
                       Reason::kNotFound));
  BOOST_REQUIRE(h.engine->CancelOperation(h.accountant, sent.id, "not ours").ok());
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kCancelled));
  BOOST_TEST(h.erp->All("account.move").empty());
  BOOST_TEST(h.OpenExceptions().empty());
  BOOST_TEST(HasReason(h.engine->CancelOperation(h.accountant, sent.id, "again").status(),
                       Reason::kStateConflict));
}

BOOST_AUTO_TEST_CASE(nothing_is_cancelled_while_its_answer_is_lost) {
  Harness h;
  h.erp->fault = [](const std::string& method, int) {
    return method == "CreateDrafts" ? Fault::kCutBefore : Fault::kNone;
  };
  const model::Operation sent = h.Send(InvoiceRequest("i1"));
  h.Run();
  BOOST_TEST(HasReason(h.engine->CancelOperation(h.accountant, sent.id, "x").status(),
                       Reason::kStateConflict));
  BOOST_TEST(HasReason(h.engine->Retry(h.releaser, sent.id, "x").status(),
                       Reason::kPermissionDenied));
  h.erp->fault = nullptr;
  BOOST_REQUIRE(h.engine->Retry(h.operator_one, sent.id, "look now").ok());
  h.Run();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
  BOOST_TEST(HasReason(h.engine->Retry(h.operator_one, sent.id, "x").status(),
                       Reason::kStateConflict));
}

BOOST_AUTO_TEST_CASE(a_late_draft_of_a_cancelled_operation_is_swept_away) {
  Harness h;
  h.erp->fault = [](const std::string& method, int) {
    return method == "CreateDrafts" ? Fault::kLate : Fault::kNone;
  };
  const model::Operation sent = h.Send(InvoiceRequest("i1"));
  h.Run();
  h.erp->broken["CreateDrafts"] = base::Error(Reason::kOdooRefused)
                                      .Happened(base::Outcome::kRefused)
                                      .Says("not now");
  h.clock.Advance(absl::Seconds(3));
  h.Run();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kException));
  BOOST_REQUIRE(h.engine->CancelOperation(h.accountant, sent.id, "give up").ok());
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kCancelled));
  h.erp->DeliverLate();
  BOOST_TEST(h.erp->All("account.move").size() == 1U);
  BOOST_REQUIRE(h.engine->Sweep("hamburg").ok());
  BOOST_TEST(h.erp->All("account.move").empty());
}

BOOST_AUTO_TEST_CASE(every_decision_leaves_an_audit_row_with_its_reason) {
  BadBill bad;
  BOOST_REQUIRE(bad.Resolve(bad.h.accountant, Resolution::kReject, {}, "a mistake").ok());
  const auto rows = bad.h.Audit();
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [](const auto& r) { return r.action == "exception.resolve"; });
  BOOST_REQUIRE(row != rows.end());
  BOOST_TEST(row->actor == bad.h.accountant.principal_id);
  BOOST_TEST(row->reason == "a mistake");
  BOOST_TEST(row->role == "ACCOUNTANT");
}

}  // namespace
}  // namespace kontor::engine::testing
