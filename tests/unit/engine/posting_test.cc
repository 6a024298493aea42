// SPDX-License-Identifier: Apache-2.0
// Documents on their way into Odoo when nothing goes wrong with the wire: posted once, verified,
// told; and what their content makes an exception of.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "server/base/status.h"
#include "server/engine/failpoints.h"
#include "tests/unit/engine/harness.h"

namespace kontor::engine::testing {
namespace {

using base::Reason;
using model::OperationState;
using Types = std::vector<std::string>;

BOOST_AUTO_TEST_CASE(an_invoice_is_accepted_posted_verified_and_told) {
  Harness h;
  const model::Operation sent = h.Send(InvoiceRequest("r1"));
  BOOST_TEST((sent.state == OperationState::kAccepted));
  h.Settle();
  const model::Operation done = h.Operation(sent.id);
  BOOST_TEST((done.state == OperationState::kPosted));
  BOOST_TEST(done.lane == "main/1/INV");
  BOOST_TEST(done.record.name == "INV/2026/1");
  BOOST_REQUIRE(h.erp->All("account.move").size() == 1);
  const FakeRecord record = h.erp->All("account.move").front();
  BOOST_TEST(record.posts == 1);
  BOOST_TEST(record.external_id == done.external_id);
  BOOST_TEST(h.EventTypes(done.document_id) == (Types{"invoice.accepted", "invoice.posted"}),
             boost::test_tools::per_element());
  const ports::DocumentRow row = h.Document(done.document_id);
  BOOST_TEST(row.state == "POSTED");
  BOOST_TEST(row.total_minor == 11900);
  BOOST_TEST(!row.booked.empty());
}

BOOST_AUTO_TEST_CASE(sixty_invoices_go_in_few_calls) {
  Harness h;
  for (int i = 0; i < 60; ++i) {
    h.Send(InvoiceRequest("r" + std::to_string(i), std::to_string(i + 1)));
  }
  h.Settle();
  BOOST_TEST(h.erp->All("account.move").size() == 60U);
  BOOST_TEST(h.erp->Calls("CreateDrafts") <= 4);
  BOOST_TEST(h.erp->Calls("Post") <= 4);
}

Settings ThreeBatchesOfFive() {
  Settings settings = Harness::TestSettings();
  settings.batches_ahead = 3;
  settings.batch_size_max = 5;
  return settings;
}

BOOST_AUTO_TEST_CASE(drafts_are_made_while_others_are_posted_and_numbers_keep_their_order) {
  Harness h(ThreeBatchesOfFive());
  std::mutex mutex;
  std::condition_variable called;
  int drafts = 0;
  int posts = 0;
  bool beside = false;
  h.erp->arrives = [&](const std::string& method) {
    std::unique_lock lock(mutex);
    if (method == "CreateDrafts") ++drafts;
    called.notify_all();
    if (method != "Post" || ++posts > 1) return;
    // The first batch is not posted before the second one's drafts are on their way.
    beside = called.wait_for(lock, std::chrono::seconds(60), [&] { return drafts >= 2; });
  };
  std::vector<model::Operation> sent;
  for (int i = 0; i < 15; ++i) {
    sent.push_back(h.Send(InvoiceRequest("r" + std::to_string(i), std::to_string(i + 1))));
  }
  h.Settle();
  BOOST_TEST(beside);
  BOOST_TEST(h.erp->Calls("CreateDrafts") == 3);
  BOOST_TEST(h.erp->Calls("Post") == 3);
  for (int i = 0; i < 15; ++i) {
    const model::Operation done = h.Operation(sent[static_cast<size_t>(i)].id);
    BOOST_TEST(done.record.name == "INV/2026/" + std::to_string(i + 1));
    BOOST_TEST((done.state == OperationState::kPosted));
  }
}

// Wherever the process ends while two batches are on their way: each document once.
BOOST_AUTO_TEST_CASE(a_crash_with_two_batches_on_their_way_posts_nothing_twice) {
  for (const char* failpoint :
       {failpoints::kStepBeforeSending, failpoints::kStepAfterSendingMarked,
        failpoints::kStepAfterCall, failpoints::kStepAfterRecorded}) {
    Harness h(ThreeBatchesOfFive());
    for (int i = 0; i < 15; ++i) {
      h.Send(InvoiceRequest("r" + std::to_string(i), std::to_string(i + 1)));
    }
    h.crash_at = failpoint;
    h.Run();
    BOOST_TEST(h.crash_at.empty());
    h.Restart();
    h.Settle();
    const auto moves = h.erp->All("account.move");
    BOOST_TEST(moves.size() == 15U);
    for (const FakeRecord& move : moves) {
      BOOST_TEST(move.posts == 1);
      BOOST_TEST(move.snapshot.state == "posted");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_journal_entry_is_held_until_somebody_else_releases_it) {
  Harness h;
  const model::Operation held = h.Send(EntryRequest("e1"));
  BOOST_TEST((held.state == OperationState::kHeld));
  h.Settle();
  BOOST_TEST(h.erp->All("account.move").empty());
  const auto refuse = [&](const ports::Actor& actor, Reason reason) {
    BOOST_TEST(HasReason(h.engine->Release(actor, held.id, "fine").status(), reason));
  };
  refuse(h.program, Reason::kPersonRequired);
  refuse(h.accountant, Reason::kPermissionDenied);
  ports::Actor submitter = h.releaser;
  submitter.principal_id = h.program.principal_id;
  refuse(submitter, Reason::kSecondPersonRequired);
  ports::Actor elsewhere = h.releaser;
  elsewhere.entities = {"bremen"};
  refuse(elsewhere, Reason::kEntityDenied);
  BOOST_TEST(HasReason(h.engine->Release(h.releaser, held.id, "").status(), Reason::kFieldMissing));
  BOOST_REQUIRE(h.engine->Release(h.releaser, held.id, "checked").ok());
  h.Settle();
  BOOST_TEST((h.Operation(held.id).state == OperationState::kPosted));
  BOOST_TEST(HasReason(h.engine->Release(h.releaser, held.id, "again").status(),
                       Reason::kStateConflict));
  BOOST_TEST(h.EventTypes(held.document_id) ==
                 (Types{"journal_entry.accepted", "journal_entry.held", "journal_entry.posted"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_draft_policy_leaves_a_draft_and_says_drafted) {
  Harness h;
  AcceptRequest request = InvoiceRequest("r1");
  request.posting = model::Posting::kDraft;
  const model::Operation sent = h.Send(request);
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
  BOOST_TEST(h.erp->All("account.move").front().snapshot.state == "draft");
  BOOST_TEST(h.EventTypes(sent.document_id).back() == "invoice.drafted");
  AcceptRequest cancel;
  cancel.request_id = "c1";
  cancel.verb = model::Verb::kCancel;
  cancel.document.id = sent.document_id;
  cancel.document.entity = "hamburg";
  cancel.reason = "not wanted";
  const model::Operation cancelled = h.Send(cancel);
  h.Settle();
  BOOST_TEST((h.Operation(cancelled.id).state == OperationState::kPosted));
  BOOST_TEST(h.erp->All("account.move").empty());
  BOOST_TEST(h.Document(sent.document_id).state == "CANCELLED");
}

BOOST_AUTO_TEST_CASE(a_payment_waits_for_its_invoice_and_settles_it) {
  Harness h;
  const model::Operation invoice = h.Send(InvoiceRequest("i1"));
  model::Allocation whole;
  whole.invoice_id = invoice.document_id;
  const model::Operation payment = h.Send(PaymentRequest("p1", "119", {whole}));
  h.Settle();
  BOOST_TEST((h.Operation(payment.id).state == OperationState::kPosted));
  const FakeRecord paid = *h.erp->ByExternalId(h.Operation(invoice.id).external_id);
  BOOST_TEST(paid.snapshot.payment_state == "paid");
  const Types types = h.EventTypes(invoice.document_id);
  BOOST_TEST(std::count(types.begin(), types.end(), "invoice.paid") == 1);
  BOOST_TEST(std::count(types.begin(), types.end(), "invoice.payment_state_changed") == 1);
}

BOOST_AUTO_TEST_CASE(a_part_of_an_invoice_is_paid_last) {
  Harness h;
  const model::Operation big = h.Send(InvoiceRequest("i1", "100"));
  const model::Operation small = h.Send(InvoiceRequest("i2", "50"));
  model::Allocation part;
  part.invoice_id = big.document_id;
  part.amount = Euro("40");
  model::Allocation whole;
  whole.invoice_id = small.document_id;
  whole.amount = Euro("59.50");
  h.Settle();
  const model::Operation payment = h.Send(PaymentRequest("p1", "99.50", {part, whole}));
  h.Settle();
  BOOST_TEST((h.Operation(payment.id).state == OperationState::kPosted));
  const auto residual = [&](const model::Operation& operation) {
    return h.erp->ByExternalId(operation.external_id)->snapshot.residual.ToString();
  };
  BOOST_TEST(residual(big) == "79");
  BOOST_TEST(residual(small) == "0");
}

struct AllocationCase {
  const char* name;
  const char* amount;
  std::optional<const char*> first;
  std::optional<const char*> second;
  Reason want;
};

BOOST_AUTO_TEST_CASE(allocations_that_odoo_cannot_book_are_exceptions) {
  const AllocationCase cases[] = {
      {"more than is left", "500", "200", std::nullopt, Reason::kOverpayment},
      {"two parts", "60", "30", "30", Reason::kFieldConflict},
      {"a part and a rest that stays", "100", "30", std::nullopt, Reason::kFieldConflict},
  };
  for (const AllocationCase& c : cases) {
    BOOST_TEST_CONTEXT(c.name) {
      Harness h;
      const model::Operation one = h.Send(InvoiceRequest("i1"));
      const model::Operation two = h.Send(InvoiceRequest("i2", "200"));
      h.Settle();
      std::vector<model::Allocation> allocations;
      const std::pair<const model::Operation*, std::optional<const char*>> asked[] = {
          {&one, c.first}, {&two, c.second}};
      for (const auto& [operation, amount] : asked) {
        if (!amount) continue;
        model::Allocation allocation;
        allocation.invoice_id = operation->document_id;
        allocation.amount = Euro(*amount);
        allocations.push_back(allocation);
      }
      const model::Operation payment = h.Send(PaymentRequest("p1", c.amount, allocations));
      h.Settle();
      BOOST_TEST((h.Operation(payment.id).state == OperationState::kException));
      BOOST_TEST(HasFinding(h.Exception(payment), c.want));
      BOOST_TEST(h.erp->All("account.payment").empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_paid_invoice_has_nothing_to_pay) {
  Harness h;
  const model::Operation invoice = h.Send(InvoiceRequest("i1"));
  h.Settle();
  h.erp->PayByHand(h.Operation(invoice.id).record.id, "119");
  model::Allocation whole;
  whole.invoice_id = invoice.document_id;
  const model::Operation payment = h.Send(PaymentRequest("p1", "119", {whole}));
  h.Settle();
  BOOST_TEST(HasFinding(h.Exception(payment), Reason::kNothingToPay));
}

BOOST_AUTO_TEST_CASE(a_payment_without_an_entry_cannot_be_reconciled) {
  Harness h;
  h.erp->payments_have_moves = false;
  const model::Operation invoice = h.Send(InvoiceRequest("i1"));
  model::Allocation whole;
  whole.invoice_id = invoice.document_id;
  const model::Operation payment = h.Send(PaymentRequest("p1", "119", {whole}));
  h.Settle();
  BOOST_TEST(HasFinding(h.Exception(payment), Reason::kPaymentWithoutEntry));
}

BOOST_AUTO_TEST_CASE(an_invoice_waits_for_its_partner_and_takes_the_partner_kontor_made) {
  Harness h;
  const model::Operation partner = h.Send(PartnerRequest("pt1", "cust-7"));
  AcceptRequest request = InvoiceRequest("i1");
  InvoiceOf(request).partner.reference = "cust-7";
  const model::Operation invoice = h.Send(request);
  h.Settle();
  BOOST_TEST((h.Operation(partner.id).state == OperationState::kPosted));
  BOOST_TEST((h.Operation(invoice.id).state == OperationState::kPosted));
  BOOST_TEST(h.erp->All("account.move").front().snapshot.partner_id ==
             h.Operation(partner.id).record.id);
}

BOOST_AUTO_TEST_CASE(two_upserts_of_one_partner_are_one_record) {
  Harness h;
  const model::Operation one = h.Send(PartnerRequest("pt1", "cust-7"));
  h.Settle();
  AcceptRequest again = PartnerRequest("pt2", "cust-7");
  std::get<model::Partner>(again.document.content).name = "Kaffeehaus Meyer & Sohn";
  const model::Operation two = h.Send(again);
  h.Settle();
  BOOST_TEST(one.document_id == two.document_id);
  BOOST_TEST((two.verb == model::Verb::kUpdate));
  BOOST_REQUIRE(h.erp->All("res.partner").size() == 1);
  const FakeRecord record = h.erp->All("res.partner").front();
  BOOST_TEST(std::get<model::Partner>(record.document.content).name == "Kaffeehaus Meyer & Sohn");
}

BOOST_AUTO_TEST_CASE(a_reversal_is_a_credit_note_that_meets_its_original_and_is_made_once) {
  Harness h;
  const model::Operation invoice = h.Send(InvoiceRequest("i1"));
  h.Settle();
  AcceptRequest reverse;
  reverse.request_id = "rv1";
  reverse.verb = model::Verb::kReverse;
  reverse.document.id = invoice.document_id;
  reverse.document.entity = "hamburg";
  reverse.reason = "wrong customer";
  const model::Operation reversal = h.Send(reverse);
  h.Settle();
  BOOST_TEST((h.Operation(reversal.id).state == OperationState::kPosted));
  BOOST_TEST(h.Document(reversal.document_id).subtype == "CUSTOMER_CREDIT_NOTE");
  BOOST_TEST(h.erp->ByExternalId(invoice.external_id)->snapshot.payment_state == "reversed");
  BOOST_TEST(h.Accept(reverse)->repeated);
  reverse.request_id = "rv2";
  BOOST_TEST(HasReason(h.Accept(reverse).status(), Reason::kStateConflict));
  reverse.document.id = reversal.document_id;
  reverse.request_id = "rv3";
  BOOST_TEST(HasReason(h.Accept(reverse).status(), Reason::kFieldInvalid));
}

BOOST_AUTO_TEST_CASE(a_posted_document_is_cancelled_where_odoo_lets_it) {
  Harness h;
  const model::Operation invoice = h.Send(InvoiceRequest("i1"));
  AcceptRequest cancel;
  cancel.request_id = "c1";
  cancel.verb = model::Verb::kCancel;
  cancel.document.id = invoice.document_id;
  cancel.document.entity = "hamburg";
  cancel.reason = "sent by mistake";
  BOOST_TEST(HasReason(h.Accept(cancel).status(), Reason::kStateConflict));
  h.Settle();
  const model::Operation cancelled = h.Send(cancel);
  h.Settle();
  BOOST_TEST((h.Operation(cancelled.id).state == OperationState::kPosted));
  BOOST_TEST(h.Document(invoice.document_id).state == "CANCELLED");
  BOOST_TEST(h.EventTypes(invoice.document_id).back() == "invoice.cancelled");
  BOOST_TEST(h.erp->All("account.move").front().snapshot.state == "cancel");
}

BOOST_AUTO_TEST_CASE(a_wrong_total_is_an_exception_before_it_is_posted) {
  Harness h;
  AcceptRequest request = InvoiceRequest("i1");
  InvoiceOf(request).expected_total = Euro("120");
  const model::Operation sent = h.Send(request);
  h.Settle();
  const model::ExceptionCase exception = h.Exception(sent);
  BOOST_REQUIRE(HasFinding(exception, Reason::kTotalMismatch));
  BOOST_TEST(exception.findings.front().asked == "120.00 EUR");
  BOOST_TEST(exception.findings.front().got == "119.00 EUR");
  BOOST_TEST(h.erp->All("account.move").front().snapshot.state == "draft");
}

BOOST_AUTO_TEST_CASE(a_suppliers_rounding_cent_is_corrected_on_the_draft) {
  Harness h;
  h.erp->tax_extra_minor = 1;
  AcceptRequest request = BillRequest("b1", "RE-1");
  InvoiceOf(request).expected_total = Euro("119");
  InvoiceOf(request).expected_tax = Euro("19");
  const model::Operation sent = h.Send(request);
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
  BOOST_TEST(h.erp->Calls("CorrectTax") == 1);
  BOOST_TEST(h.Document(sent.document_id).total_minor == 11900);
}

BOOST_AUTO_TEST_CASE(more_than_a_rounding_cent_is_a_persons_matter) {
  Harness h;
  h.erp->tax_extra_minor = 6;
  AcceptRequest request = BillRequest("b1", "RE-1");
  InvoiceOf(request).expected_total = Euro("119");
  InvoiceOf(request).expected_tax = Euro("19");
  const model::Operation sent = h.Send(request);
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kException));
  BOOST_TEST(h.erp->Calls("CorrectTax") == 0);
}

BOOST_AUTO_TEST_CASE(a_date_that_odoo_moved_in_silence_is_shown_side_by_side) {
  Harness h;
  h.erp->silent_lock = DayOf("2026-11-22");
  const model::Operation sent = h.Send(InvoiceRequest("i1"));
  h.Settle();
  const model::ExceptionCase exception = h.Exception(sent);
  BOOST_REQUIRE(HasFinding(exception, Reason::kBookedDifferently));
  BOOST_TEST(exception.findings.front().asked == "2026-11-20");
  BOOST_TEST(exception.findings.front().got == "2026-12-23");
  BOOST_TEST(HasReason(h.engine->CancelOperation(h.accountant, sent.id, "no").status(),
                       Reason::kStateConflict));
}

struct ContentCase {
  const char* name;
  std::function<void(model::Invoice&)> spoil;
  Reason want;
};

BOOST_AUTO_TEST_CASE(what_cannot_succeed_is_an_exception_and_nothing_is_sent) {
  const ContentCase cases[] = {
      {"unknown account", [](auto& i) { i.lines[0].account_code = "999999"; },
       Reason::kAccountUnknown},
      {"unknown tax", [](auto& i) { i.lines[0].tax_names = {"42%"}; }, Reason::kTaxUnknown},
      {"unknown journal", [](auto& i) { i.journal_code = "NONE"; }, Reason::kJournalUnknown},
      {"unknown partner", [](auto& i) { i.partner.reference = "nobody"; }, Reason::kPartnerUnknown},
      {"unknown payment term", [](auto& i) { i.payment_term = "never"; },
       Reason::kPaymentTermUnknown},
      {"inactive currency", [](auto& i) { i.currency = model::Currency::Parse("GBP").value(); },
       Reason::kCurrencyInactive},
      {"no rate", [](auto& i) {
         i.currency = model::Currency::Parse("USD").value();
         i.invoice_date = DayOf("2026-10-01");
       }, Reason::kRateMissing},
      {"too many digits",
       [](auto& i) { i.lines[0].unit_price = model::Decimal::Parse("1.00001").value(); },
       Reason::kPrecisionExceeded},
  };
  for (const ContentCase& c : cases) {
    BOOST_TEST_CONTEXT(c.name) {
      Harness h;
      AcceptRequest request = InvoiceRequest("i1");
      c.spoil(InvoiceOf(request));
      const model::Operation sent = h.Send(request);
      h.Settle();
      BOOST_TEST((h.Operation(sent.id).state == OperationState::kException));
      BOOST_TEST(HasFinding(h.Exception(sent), c.want));
      BOOST_TEST(h.erp->Calls("CreateDrafts") == 0);
      BOOST_TEST(h.EventTypes(sent.document_id).back() == "invoice.exception");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_later_document_of_the_lane_is_not_blocked_by_an_exception) {
  Harness h;
  AcceptRequest bad = InvoiceRequest("i1");
  InvoiceOf(bad).lines[0].account_code = "999999";
  const model::Operation first = h.Send(bad);
  const model::Operation second = h.Send(InvoiceRequest("i2"));
  h.Settle();
  BOOST_TEST((h.Operation(first.id).state == OperationState::kException));
  BOOST_TEST((h.Operation(second.id).state == OperationState::kPosted));
}

BOOST_AUTO_TEST_CASE(attachments_come_after_the_verification_under_ids_of_their_own) {
  Harness h;
  AcceptRequest request = BillRequest("b1", "RE-1");
  InvoiceOf(request).attachments = {{"bill.pdf", "application/pdf", "%PDF-1.7 x", ""},
                                    {"note.txt", "text/plain", "hello", ""}};
  const model::Operation sent = h.Send(request);
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
  BOOST_TEST(h.erp->attachments.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_waiting_caller_is_answered_when_the_operation_rests_or_time_is_up) {
  Harness h;
  const model::Operation sent = h.Send(InvoiceRequest("i1"));
  std::vector<OperationState> answers;
  const auto note = [&](absl::StatusOr<model::Operation> operation) {
    BOOST_REQUIRE(operation.ok());
    answers.push_back(operation->state);
  };
  h.engine->Wait(sent.id, h.clock.Now() + absl::Seconds(30), note);
  BOOST_TEST(answers.empty());
  h.Run();
  BOOST_REQUIRE(answers.size() == 1U);
  BOOST_TEST((answers[0] == OperationState::kPosted));
  h.erp->broken["Resolve"] =
      base::Error(Reason::kOdooUnreachable).Happened(base::Outcome::kNotApplied).Says("down");
  const model::Operation stuck = h.Send(InvoiceRequest("i2", "7"));
  h.engine->Wait(stuck.id, h.clock.Now() + absl::Seconds(30), note);
  h.Run();
  BOOST_TEST(answers.size() == 1U);
  h.clock.Advance(absl::Seconds(31));
  h.Run();
  BOOST_REQUIRE(answers.size() == 2U);
  BOOST_TEST((answers[1] == OperationState::kAccepted));
}

}  // namespace
}  // namespace kontor::engine::testing
