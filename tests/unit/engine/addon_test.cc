// SPDX-License-Identifier: Apache-2.0
// The path through the addon: one call creates, compares and posts; a refusal concerns its own
// document alone; an operation keeps the path that it was first sent on.
#include <algorithm>

#include "server/base/status.h"
#include "server/engine/failpoints.h"
#include "tests/unit/engine/harness.h"

namespace kontor::engine::testing {
namespace {

using base::Reason;
using model::OperationState;
using model::Path;
using model::Resolution;
using Types = std::vector<std::string>;

std::string StepsOf(const model::Operation& operation) {
  std::string text;
  for (const model::Step& step : operation.steps) {
    if (!text.empty()) text += " ";
    text += NameOf(step.kind);
  }
  return text;
}

struct AddonHarness : Harness {
  AddonHarness() : Harness(TestSettings()) { erp->InstallAddon(); }

  void Resolve(const model::Operation& operation, Resolution resolution,
               const ports::Actor& actor, std::optional<model::Document> corrected = {}) {
    ResolveRequest request;
    request.exception_id = Exception(operation).id;
    request.resolution = resolution;
    request.reason = "seen";
    request.corrected = std::move(corrected);
    const auto resolved = engine->ResolveException(actor, request);
    BOOST_REQUIRE_MESSAGE(resolved.ok(), resolved.status().ToString());
  }
  FakeRecord One() {
    const auto all = erp->All("account.move");
    BOOST_REQUIRE_EQUAL(all.size(), 1U);
    return all.front();
  }
};

BOOST_AUTO_TEST_CASE(one_call_creates_compares_and_posts_and_is_the_reading_too) {
  AddonHarness h;
  const model::Operation sent = h.Send(InvoiceRequest("r1"));
  h.Settle();
  const model::Operation done = h.Operation(sent.id);
  BOOST_TEST((done.state == OperationState::kPosted));
  BOOST_TEST((done.path == Path::kAddon));
  BOOST_TEST(StepsOf(done) == "APPLY VERIFY");
  BOOST_TEST(done.record.name == "INV/2026/1");
  BOOST_TEST(h.One().posts == 1);
  BOOST_TEST(h.One().external_id == done.external_id);
  BOOST_TEST(h.erp->Calls("Apply") == 1);
  for (const char* method : {"CreateDrafts", "Post", "Read", "Probe", "Find"}) {
    BOOST_TEST(h.erp->Calls(method) == 0, method);
  }
  BOOST_TEST(h.EventTypes(done.document_id) == (Types{"invoice.accepted", "invoice.posted"}),
             boost::test_tools::per_element());
  BOOST_TEST(h.Document(done.document_id).total_minor == 11900);
}

BOOST_AUTO_TEST_CASE(sixty_documents_go_in_few_calls) {
  AddonHarness h;
  std::vector<AcceptRequest> requests;
  for (int i = 0; i < 60; ++i) {
    requests.push_back(InvoiceRequest("r" + std::to_string(i), std::to_string(i + 1)));
  }
  h.SendAll(std::move(requests));
  h.Settle();
  BOOST_TEST(h.erp->All("account.move").size() == 60U);
  BOOST_TEST(h.erp->Calls("Apply") <= 4);
}

BOOST_AUTO_TEST_CASE(a_refused_document_stands_alone_without_splitting_the_batch) {
  AddonHarness h;
  std::vector<AcceptRequest> requests;
  for (int i = 0; i < 10; ++i) {
    requests.push_back(InvoiceRequest("r" + std::to_string(i), std::to_string(i + 1)));
  }
  const auto sent = h.SendAll(std::move(requests));
  h.erp->refused.insert(sent[4].external_id);
  h.Settle();
  BOOST_TEST(h.erp->Calls("Apply") == 1);
  BOOST_TEST(h.erp->All("account.move").size() == 9U);
  BOOST_TEST(HasFinding(h.Exception(sent[4]), Reason::kOdooRefused));
  h.erp->refused.clear();
  h.Resolve(sent[4], Resolution::kRetry, h.accountant);
  h.Settle();
  const model::Operation mended = h.Operation(sent[4].id);
  BOOST_TEST((mended.state == OperationState::kPosted));
  BOOST_TEST(mended.revision == 1);
}

BOOST_AUTO_TEST_CASE(a_total_that_differs_is_shown_before_anything_is_posted) {
  AddonHarness h;
  AcceptRequest request = InvoiceRequest("r1");
  InvoiceOf(request).expected_total = Euro("120");
  const model::Operation sent = h.Send(request);
  h.Settle();
  const model::ExceptionCase exception = h.Exception(sent);
  BOOST_REQUIRE(HasFinding(exception, Reason::kTotalMismatch));
  BOOST_TEST(exception.findings.front().asked == "120.00 EUR");
  BOOST_TEST(exception.findings.front().got == "119 EUR");
  BOOST_TEST(h.erp->All("account.move").empty());
  h.Resolve(sent, Resolution::kAccept, h.accountant);
  BOOST_TEST(h.erp->All("account.move").empty());
  h.Resolve(sent, Resolution::kAccept, h.second_accountant);
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
  BOOST_TEST(h.One().posts == 1);
}

BOOST_AUTO_TEST_CASE(a_suppliers_rounding_cent_is_corrected_in_the_same_call) {
  AddonHarness h;
  h.erp->tax_extra_minor = 1;
  AcceptRequest request = BillRequest("b1", "RE-1");
  InvoiceOf(request).expected_total = Euro("119");
  InvoiceOf(request).expected_tax = Euro("19");
  const model::Operation sent = h.Send(request);
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
  BOOST_TEST(h.One().snapshot.tax.ToString() == "19");
  BOOST_TEST(h.erp->Calls("Apply") == 1);
  BOOST_TEST(h.erp->Calls("CorrectTax") == 0);
}

BOOST_AUTO_TEST_CASE(a_customers_invoice_is_never_corrected) {
  AddonHarness h;
  h.erp->tax_extra_minor = 1;
  AcceptRequest request = InvoiceRequest("r1");
  InvoiceOf(request).expected_tax = Euro("19");
  const model::Operation sent = h.Send(request);
  h.Settle();
  BOOST_TEST(HasFinding(h.Exception(sent), Reason::kTotalMismatch));
  BOOST_TEST(h.erp->All("account.move").empty());
}

BOOST_AUTO_TEST_CASE(what_the_addon_puts_off_is_sent_again_at_once) {
  AddonHarness h;
  h.erp->taken_together = 3;
  std::vector<AcceptRequest> requests;
  for (int i = 0; i < 10; ++i) {
    requests.push_back(InvoiceRequest("r" + std::to_string(i), std::to_string(i + 1)));
  }
  const auto sent = h.SendAll(std::move(requests));
  const absl::Time began = h.clock.Now();
  h.Run();
  BOOST_TEST((h.clock.Now() == began));
  BOOST_TEST(h.erp->Calls("Apply") == 4);
  BOOST_TEST(h.erp->All("account.move").size() == 10U);
  for (const auto& operation : sent) {
    BOOST_TEST((h.Operation(operation.id).state == OperationState::kPosted));
  }
}

BOOST_AUTO_TEST_CASE(a_lost_answer_ends_in_one_posted_document) {
  for (const Fault fault : {Fault::kCutBefore, Fault::kCutAfter, Fault::kLate, Fault::kBusy,
                            Fault::kUnreachable}) {
    AddonHarness h;
    int left = 2;
    h.erp->fault = [&](const std::string& method, int) {
      return method == "Apply" && left-- > 0 ? fault : Fault::kNone;
    };
    const model::Operation sent = h.Send(InvoiceRequest("r1"));
    h.Settle();
    h.erp->DeliverLate();
    BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
    BOOST_TEST((h.Operation(sent.id).path == Path::kAddon));
    BOOST_TEST(h.One().posts == 1);
    BOOST_TEST(h.One().drafts_made == 1);
    BOOST_TEST(h.erp->Calls("Probe") == 0);
  }
}

BOOST_AUTO_TEST_CASE(what_the_probe_finds_posted_is_not_sent_again) {
  AddonHarness h;
  h.erp->fault = [](const std::string& method, int) {
    return method == "Apply" ? Fault::kCutAfter : Fault::kNone;
  };
  const model::Operation sent = h.Send(InvoiceRequest("r1"));
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
  BOOST_TEST(h.erp->Calls("Apply") == 1);
  BOOST_TEST(h.erp->Calls("Find") == 1);
}

BOOST_AUTO_TEST_CASE(the_addon_that_comes_during_an_unknown_doubles_nothing) {
  for (const Fault fault : {Fault::kCutBefore, Fault::kCutAfter, Fault::kLate}) {
    Harness h;
    bool once = true;
    h.erp->fault = [&](const std::string& method, int) {
      if (method != "CreateDrafts" || !once) return Fault::kNone;
      once = false;
      return fault;
    };
    const model::Operation sent = h.Send(InvoiceRequest("r1"));
    h.Run();
    BOOST_TEST((h.Operation(sent.id).state == OperationState::kUnknown));
    h.erp->InstallAddon();
    const model::Operation fresh = h.Send(InvoiceRequest("r2", "7"));
    h.Settle();
    h.erp->DeliverLate();
    h.clock.Advance(absl::Minutes(10));
    const model::Operation later = h.Send(InvoiceRequest("r3", "8"));
    h.Settle();
    BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
    BOOST_TEST((h.Operation(sent.id).path == Path::kLoad));
    BOOST_TEST((h.Operation(fresh.id).state == OperationState::kPosted));
    BOOST_TEST((h.Operation(later.id).path == Path::kAddon));
    BOOST_TEST(h.erp->All("account.move").size() == 3U);
    for (const FakeRecord& record : h.erp->All("account.move")) BOOST_TEST(record.posts == 1);
  }
}

BOOST_AUTO_TEST_CASE(an_operation_keeps_its_path_until_a_person_lets_go_of_an_addon_that_is_gone) {
  AddonHarness h;
  const model::Operation first = h.Send(InvoiceRequest("r1"));
  h.Settle();
  h.erp->RemoveAddon();
  const model::Operation second = h.Send(InvoiceRequest("r2", "7"));
  h.Settle();
  BOOST_TEST((h.Operation(second.id).path == Path::kAddon));
  const model::ExceptionCase exception = h.Exception(second);
  BOOST_TEST(HasFinding(exception, Reason::kAddonMissing));
  BOOST_TEST(exception.technical);
  const model::Operation third = h.Send(InvoiceRequest("r3", "8"));
  h.Settle();
  BOOST_TEST((h.Operation(third.id).path == Path::kLoad));
  BOOST_TEST((h.Operation(third.id).state == OperationState::kPosted));
  h.Resolve(second, Resolution::kRetry, h.operator_one);
  h.Settle();
  BOOST_TEST((h.Operation(second.id).path == Path::kLoad));
  BOOST_TEST((h.Operation(second.id).state == OperationState::kPosted));
  BOOST_TEST(h.erp->All("account.move").size() == 3U);
}

BOOST_AUTO_TEST_CASE(an_unknown_is_settled_by_the_external_id_when_the_addon_is_gone) {
  AddonHarness h;
  h.erp->fault = [](const std::string& method, int) {
    return method == "Apply" ? Fault::kCutAfter : Fault::kNone;
  };
  const model::Operation sent = h.Send(InvoiceRequest("r1"));
  h.Run();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kUnknown));
  h.erp->RemoveAddon();
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
  BOOST_TEST(h.One().posts == 1);
}

BOOST_AUTO_TEST_CASE(a_correction_counts_the_revision_up) {
  AddonHarness h;
  AcceptRequest request = InvoiceRequest("r1");
  InvoiceOf(request).expected_total = Euro("120");
  const model::Operation sent = h.Send(request);
  h.Settle();
  model::Document corrected = request.document;
  std::get<model::Invoice>(corrected.content).expected_total = Euro("119");
  h.Resolve(sent, Resolution::kCorrectAndRetry, h.accountant, corrected);
  h.Resolve(sent, Resolution::kCorrectAndRetry, h.second_accountant, corrected);
  h.Settle();
  const model::Operation done = h.Operation(sent.id);
  BOOST_TEST((done.state == OperationState::kPosted));
  BOOST_TEST(done.revision == 2);
  BOOST_TEST(h.One().posts == 1);
}

BOOST_AUTO_TEST_CASE(a_draft_that_is_corrected_is_removed_and_applied_anew) {
  AddonHarness h;
  h.erp->silent_lock.reset();
  AcceptRequest request = InvoiceRequest("r1");
  request.posting = model::Posting::kDraft;
  const model::Operation sent = h.Send(request);
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
  BOOST_TEST(h.One().snapshot.state == "draft");
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
}

BOOST_AUTO_TEST_CASE(drafts_and_postings_of_one_lane_go_in_calls_of_their_own) {
  AddonHarness h;
  std::vector<AcceptRequest> requests;
  for (int i = 0; i < 6; ++i) {
    requests.push_back(InvoiceRequest("r" + std::to_string(i), std::to_string(i + 1)));
    if (i % 2 == 0) requests.back().posting = model::Posting::kDraft;
  }
  h.SendAll(std::move(requests));
  h.Settle();
  BOOST_TEST(h.erp->Calls("Apply") == 2);
  const auto all = h.erp->All("account.move");
  BOOST_TEST(std::count_if(all.begin(), all.end(), [](const FakeRecord& record) {
               return record.snapshot.state == "draft";
             }) == 3);
}

BOOST_AUTO_TEST_CASE(a_record_that_people_deleted_is_made_again_only_by_two_people) {
  AddonHarness h;
  h.erp->fault = [](const std::string& method, int) {
    return method == "Apply" ? Fault::kCutAfter : Fault::kNone;
  };
  const model::Operation sent = h.Send(InvoiceRequest("r1"));
  h.Run();
  h.erp->fault = nullptr;
  h.erp->DeleteRecord(h.One().id, "account.move");
  h.Settle();
  const model::ExceptionCase exception = h.Exception(sent);
  BOOST_TEST(HasFinding(exception, Reason::kDeletedInOdoo));
  BOOST_TEST(h.erp->All("account.move").empty());
  h.Resolve(sent, Resolution::kAccept, h.accountant);
  h.Resolve(sent, Resolution::kAccept, h.second_accountant);
  h.Settle();
  const model::Operation done = h.Operation(sent.id);
  BOOST_TEST((done.state == OperationState::kPosted));
  BOOST_TEST(done.revision == 2);
  BOOST_TEST(h.One().posts == 1);
}

BOOST_AUTO_TEST_CASE(a_hidden_record_is_a_case_for_an_administrator) {
  AddonHarness h;
  h.erp->fault = [](const std::string& method, int) {
    return method == "Apply" ? Fault::kCutAfter : Fault::kNone;
  };
  const model::Operation sent = h.Send(InvoiceRequest("r1"));
  h.Run();
  h.erp->Hide(h.One().id, "account.move");
  h.Settle();
  BOOST_TEST(HasFinding(h.Exception(sent), Reason::kNotVisibleInOdoo));
  BOOST_TEST(h.erp->Calls("Apply") == 1);
}

BOOST_AUTO_TEST_CASE(a_lock_that_closed_meanwhile_stops_the_call) {
  AddonHarness h;
  int busy = 1;
  h.erp->fault = [&](const std::string& method, int) {
    return method == "Apply" && busy-- > 0 ? Fault::kBusy : Fault::kNone;
  };
  const model::Operation sent = h.Send(InvoiceRequest("r1"));
  h.Run();
  h.erp->catalogue.lock_dates.hard = DayOf("2026-11-22");
  h.clock.Advance(absl::Minutes(10));
  h.Settle();
  BOOST_TEST(HasFinding(h.Exception(sent), Reason::kPeriodLocked));
  BOOST_TEST(h.erp->All("account.move").empty());
}

BOOST_AUTO_TEST_CASE(a_payment_is_applied_then_settles_its_invoice) {
  AddonHarness h;
  const model::Operation invoice = h.Send(InvoiceRequest("i1"));
  model::Allocation whole;
  whole.invoice_id = invoice.document_id;
  const model::Operation payment = h.Send(PaymentRequest("p1", "119", {whole}));
  h.Settle();
  const model::Operation done = h.Operation(payment.id);
  BOOST_TEST((done.state == OperationState::kPosted));
  BOOST_TEST(StepsOf(done) == "APPLY RECONCILE VERIFY");
  const FakeRecord paid = *h.erp->ByExternalId(h.Operation(invoice.id).external_id);
  BOOST_TEST(paid.snapshot.payment_state == "paid");
  const Types types = h.EventTypes(invoice.document_id);
  BOOST_TEST(std::count(types.begin(), types.end(), "invoice.paid") == 1);
}

BOOST_AUTO_TEST_CASE(a_partner_goes_without_the_addon) {
  AddonHarness h;
  const model::Operation sent = h.Send(PartnerRequest("p1", "C-1"));
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
  BOOST_TEST((h.Operation(sent.id).path == Path::kLoad));
  BOOST_TEST(h.erp->Calls("Apply") == 0);
}

BOOST_AUTO_TEST_CASE(a_connection_that_must_not_use_the_addon_does_not) {
  AddonHarness h;
  h.SetConnection([](Connection& c) { c.addon_use = AddonUse::kNever; });
  const model::Operation sent = h.Send(InvoiceRequest("r1"));
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).path == Path::kLoad));
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
}

BOOST_AUTO_TEST_CASE(a_connection_that_needs_the_addon_waits_for_it) {
  Harness h;
  h.SetConnection([](Connection& c) { c.addon_use = AddonUse::kRequired; });
  const model::Operation sent = h.Send(InvoiceRequest("r1"));
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kParked));
  BOOST_TEST(h.erp->All("account.move").empty());
  h.erp->InstallAddon();
  h.clock.Advance(absl::Minutes(15));
  h.Settle();
  h.clock.Advance(absl::Minutes(15));
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
  BOOST_TEST((h.Operation(sent.id).path == Path::kAddon));
}

BOOST_AUTO_TEST_CASE(a_crash_at_any_boundary_of_the_addons_path_loses_and_doubles_nothing) {
  for (const char* const point : failpoints::kAll) {
    AddonHarness h;
    std::vector<AcceptRequest> requests;
    for (int i = 0; i < 4; ++i) {
      requests.push_back(InvoiceRequest("r" + std::to_string(i), std::to_string(i + 1)));
    }
    int lost = 1;
    h.erp->fault = [&](const std::string& method, int) {
      return method == "Apply" && lost-- > 0 ? Fault::kCutAfter : Fault::kNone;
    };
    const auto sent = h.SendAll(std::move(requests));
    h.crash_at = point;
    h.engine->RunUntilIdle();
    h.Restart();
    h.crash_at.clear();
    h.Settle();
    for (const auto& operation : sent) {
      BOOST_TEST((h.Operation(operation.id).state == OperationState::kPosted), point);
    }
    BOOST_TEST(h.erp->All("account.move").size() == 4U, point);
    for (const FakeRecord& record : h.erp->All("account.move")) {
      BOOST_TEST(record.posts == 1, point);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_whole_batch_shrinks_after_a_slow_call_and_no_lock_is_held_longer) {
  Settings settings = Harness::TestSettings();
  Harness h(settings);
  h.erp->InstallAddon();
  h.erp->fault = [&](const std::string& method, int) {
    if (method == "Apply") h.clock.Advance(absl::Seconds(5));
    return Fault::kNone;
  };
  std::vector<AcceptRequest> requests;
  for (int i = 0; i < 60; ++i) {
    requests.push_back(InvoiceRequest("r" + std::to_string(i), std::to_string(i + 1)));
  }
  h.SendAll(std::move(requests));
  h.Settle();
  const auto sizes = h.erp->batch_sizes();
  BOOST_REQUIRE(sizes.size() > 3U);
  BOOST_TEST(sizes.front() == 20U);
  BOOST_TEST(sizes.back() < 20U);
  BOOST_TEST(h.erp->All("account.move").size() == 60U);
}

}  // namespace
}  // namespace kontor::engine::testing
