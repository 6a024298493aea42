// SPDX-License-Identifier: Apache-2.0
// Exactly once, whatever becomes of calls and processes: cuts before and after Odoo's commit, late
// arrivals, refusals within a batch, crashes at every named point.
#include <algorithm>
#include <random>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/failpoints.h"
#include "server/engine/outcomes.h"
#include "tests/unit/engine/harness.h"

namespace kontor::engine::testing {
namespace {

using base::Outcome;
using base::Reason;
using base::StrCat;
using model::OperationState;
using model::StepKind;

/// Faults of the given calls of one method, in order; none afterwards.
std::function<Fault(const std::string&, int)> Faults(std::string method,
                                                     std::vector<Fault> faults) {
  auto left = std::make_shared<std::vector<Fault>>(std::move(faults));
  return [method = std::move(method), left](const std::string& called, int) {
    if (called != method || left->empty()) return Fault::kNone;
    const Fault next = left->front();
    left->erase(left->begin());
    return next;
  };
}

/// One record, posted once, for the operation.
void CheckOnce(Harness& h, const model::Operation& sent) {
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
  BOOST_TEST(h.erp->All("account.move").size() == 1U);
  BOOST_TEST(h.erp->All("account.move").front().posts == 1);
}

struct FaultCase {
  const char* method;
  Fault fault;
  OperationState after;
};

BOOST_AUTO_TEST_CASE(each_fault_of_a_changing_call_has_its_state_and_ends_posted_once) {
  const FaultCase cases[] = {
      {"CreateDrafts", Fault::kUnreachable, OperationState::kRetrying},
      {"CreateDrafts", Fault::kBusy, OperationState::kRetrying},
      {"CreateDrafts", Fault::kCutBefore, OperationState::kUnknown},
      {"CreateDrafts", Fault::kCutAfter, OperationState::kUnknown},
      {"CreateDrafts", Fault::kLate, OperationState::kUnknown},
      {"Post", Fault::kUnreachable, OperationState::kRetrying},
      {"Post", Fault::kBusy, OperationState::kRetrying},
      {"Post", Fault::kCutBefore, OperationState::kUnknown},
      {"Post", Fault::kCutAfter, OperationState::kUnknown},
      {"Post", Fault::kLate, OperationState::kUnknown},
      {"Read", Fault::kCutBefore, OperationState::kRetrying},
  };
  for (const FaultCase& c : cases) {
    BOOST_TEST_CONTEXT(c.method << " fault " << static_cast<int>(c.fault)) {
      Harness h;
      h.erp->fault = Faults(c.method, {c.fault});
      const model::Operation sent = h.Send(InvoiceRequest("i1"));
      h.Run();
      BOOST_TEST((h.Operation(sent.id).state == c.after));
      h.Settle();
      CheckOnce(h, sent);
      h.erp->DeliverLate();
      CheckOnce(h, sent);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_late_creation_arriving_between_probe_and_repeat_makes_one_record) {
  Harness h;
  h.erp->fault = Faults("CreateDrafts", {Fault::kLate, Fault::kLate});
  const model::Operation sent = h.Send(InvoiceRequest("i1"));
  h.Run();
  h.clock.Advance(absl::Seconds(3));
  h.Run();  // probed: absent; sent again, and given up again
  h.erp->DeliverLate();
  h.Settle();
  CheckOnce(h, sent);
}

BOOST_AUTO_TEST_CASE(unknown_leaves_its_lane_free) {
  Harness h;
  h.erp->fault = Faults("CreateDrafts", {Fault::kCutBefore});
  const model::Operation lost = h.Send(InvoiceRequest("i1"));
  h.Run();
  const model::Operation next = h.Send(InvoiceRequest("i2", "7"));
  h.clock.Advance(absl::Seconds(1));
  h.Run();
  BOOST_TEST((h.Operation(lost.id).state == OperationState::kUnknown));
  BOOST_TEST((h.Operation(next.id).state == OperationState::kPosted));
}

BOOST_AUTO_TEST_CASE(what_is_there_but_hidden_is_an_exception_and_never_sent_again) {
  Harness h;
  h.erp->fault = Faults("CreateDrafts", {Fault::kCutAfter});
  const model::Operation sent = h.Send(InvoiceRequest("i1"));
  h.Run();
  h.erp->Hide(h.erp->All("account.move").front().id, "account.move");
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kException));
  BOOST_TEST(HasFinding(h.Exception(sent), Reason::kNotVisibleInOdoo));
  BOOST_TEST(h.erp->Calls("CreateDrafts") == 1);
  ResolveRequest retry{h.Exception(sent).id, model::Resolution::kRetry, "looked", {}};
  BOOST_REQUIRE(h.engine->ResolveException(h.accountant, retry).status().code() ==
                absl::StatusCode::kOk);
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kException));
  BOOST_TEST(h.erp->Calls("CreateDrafts") == 1);
}

BOOST_AUTO_TEST_CASE(what_was_seen_and_is_gone_is_never_made_again_by_itself) {
  Harness h;
  h.erp->fault = Faults("Post", {Fault::kCutBefore});
  const model::Operation sent = h.Send(InvoiceRequest("i1"));
  h.Run();
  h.erp->DeleteRecord(h.Operation(sent.id).record.id, "account.move");
  h.Settle();
  BOOST_TEST(HasFinding(h.Exception(sent), Reason::kDeletedInOdoo));
  BOOST_TEST(h.erp->All("account.move").empty());
  const ResolveRequest anew{h.Exception(sent).id, model::Resolution::kAccept, "send anew", {}};
  BOOST_REQUIRE(h.engine->ResolveException(h.accountant, anew).ok());
  h.Settle();
  BOOST_TEST(h.erp->All("account.move").empty());
  BOOST_REQUIRE(h.engine->ResolveException(h.second_accountant, anew).ok());
  h.Settle();
  CheckOnce(h, sent);
}

BOOST_AUTO_TEST_CASE(a_batch_with_refused_documents_is_split_until_they_stand_alone) {
  for (const bool named : {true, false}) {
    BOOST_TEST_CONTEXT("Odoo names the item: " << named) {
      Harness h;
      h.erp->names_refused_item = named;
      std::vector<model::Operation> sent;
      for (int i = 0; i < 20; ++i) {
        sent.push_back(h.Send(InvoiceRequest(StrCat("i", i), StrCat(i + 1))));
      }
      h.erp->refused = {sent[3].external_id, sent[17].external_id};
      h.Settle();
      for (size_t i = 0; i < sent.size(); ++i) {
        const bool guilty = i == 3 || i == 17;
        BOOST_TEST((h.Operation(sent[i].id).state ==
                    (guilty ? OperationState::kException : OperationState::kPosted)));
      }
      BOOST_TEST(HasFinding(h.Exception(sent[3]), Reason::kOdooRefused));
      BOOST_TEST(h.erp->All("account.move").size() == 18U);
    }
  }
}

BOOST_AUTO_TEST_CASE(tries_wear_out_into_a_technical_exception_but_not_while_odoo_is_down) {
  Harness h;
  h.erp->broken["CreateDrafts"] =
      base::Error(Reason::kOdooBusy).Happened(Outcome::kNotApplied).Says("busy");
  const model::Operation sent = h.Send(InvoiceRequest("i1"));
  h.Settle();
  const model::ExceptionCase exception = h.Exception(sent);
  BOOST_TEST(exception.technical);
  BOOST_TEST(exception.owner_role == "operator");
  BOOST_TEST(h.erp->Calls("CreateDrafts") == h.settings.attempts_max);
  h.erp->broken["CreateDrafts"] =
      base::Error(Reason::kOdooUnreachable).Happened(Outcome::kNotApplied).Says("down");
  const model::Operation patient = h.Send(InvoiceRequest("i2", "7"));
  for (int i = 0; i < 40; ++i) {
    h.Run();
    h.clock.Advance(absl::Minutes(6));
  }
  BOOST_TEST((h.Operation(patient.id).state == OperationState::kRetrying));
  h.erp->broken.clear();
  h.Settle();
  BOOST_TEST((h.Operation(patient.id).state == OperationState::kPosted));
}

BOOST_AUTO_TEST_CASE(an_outage_is_not_met_a_thousand_times) {
  Harness h;
  for (int i = 0; i < 100; ++i) h.Send(InvoiceRequest(StrCat("i", i), StrCat(i + 1)));
  h.erp->broken["Resolve"] =
      base::Error(Reason::kOdooUnreachable).Happened(Outcome::kNotApplied).Says("down");
  h.Run();
  h.Run();
  BOOST_TEST(h.erp->Calls("Resolve") <= 2);
}

BOOST_AUTO_TEST_CASE(the_verdict_on_a_failure_follows_the_closed_table) {
  const auto kind = [](absl::Status status, StepKind step) {
    return VerdictOn(status, step).kind;
  };
  using Kind = Verdict::Kind;
  const absl::Status lost = base::Error(Reason::kOdooAnswerLost).Says("x");
  const absl::Status odd = absl::InternalError("something else");
  const absl::Status no = base::Error(Reason::kOdooRefused).Happened(Outcome::kRefused).Says("x");
  const absl::Status key =
      base::Error(Reason::kOdooLoginFailed).Happened(Outcome::kRefused).Says("x");
  const absl::Status busy =
      base::Error(Reason::kOdooBusy).Happened(Outcome::kNotApplied).Says("x");
  BOOST_TEST((kind(lost, StepKind::kPost) == Kind::kUnknown));
  BOOST_TEST((kind(odd, StepKind::kPost) == Kind::kUnknown));
  BOOST_TEST((kind(odd, StepKind::kCreateDraft) == Kind::kUnknown));
  BOOST_TEST((kind(odd, StepKind::kUndo) == Kind::kUnknown));
  BOOST_TEST((kind(lost, StepKind::kVerify) == Kind::kRetry));
  BOOST_TEST((kind(no, StepKind::kPost) == Kind::kException));
  BOOST_TEST((kind(no, StepKind::kCompareDraft) == Kind::kException));
  BOOST_TEST((kind(key, StepKind::kPost) == Kind::kRetry));
  BOOST_TEST((kind(busy, StepKind::kPost) == Kind::kRetry));
}

/// Documents of all kinds, as they come in.
std::vector<AcceptRequest> Mixture(int count) {
  std::vector<AcceptRequest> requests;
  for (int i = 0; i < count; ++i) {
    const std::string id = StrCat("m", i);
    const std::string price = StrCat(i % 97 + 1, ".", i % 10, "5");
    switch (i % 4) {
      case 0: requests.push_back(InvoiceRequest(id, price)); break;
      case 1: requests.push_back(BillRequest(id, StrCat("RE-", i), price)); break;
      case 2: requests.push_back(PaymentRequest(id, price, {})); break;
      default: requests.push_back(PartnerRequest(id, StrCat("partner-", i))); break;
    }
  }
  return requests;
}

void CheckAllOnce(Harness& h, const std::vector<model::Operation>& sent) {
  for (const model::Operation& operation : sent) {
    const model::Operation now = h.Operation(operation.id);
    BOOST_TEST_INFO(now.id << " " << model::NameOf(now.document_type));
    BOOST_TEST_REQUIRE((now.state == OperationState::kPosted));
    const auto record = h.erp->ByExternalId(now.external_id);
    BOOST_TEST_REQUIRE(record.has_value());
    BOOST_TEST(record->snapshot.record.id == now.record.id);
    if (now.document_type != model::DocumentType::kPartner) BOOST_TEST(record->posts == 1);
  }
  const size_t stands = h.erp->All("account.move").size() + h.erp->All("account.payment").size() +
                        h.erp->All("res.partner").size();
  BOOST_TEST(stands == sent.size());
}

BOOST_AUTO_TEST_CASE(a_thousand_documents_through_random_cuts_stand_in_odoo_exactly_once) {
  constexpr unsigned kSeed = 20261128;
  BOOST_TEST_MESSAGE("seed " << kSeed);
  Harness h;
  std::mt19937 random(kSeed);
  h.erp->fault = [&](const std::string&, int) {
    constexpr Fault kFaults[] = {Fault::kUnreachable, Fault::kBusy, Fault::kCutBefore,
                                 Fault::kCutAfter, Fault::kLate};
    const unsigned dice = random() % 20;
    return dice < 5 ? kFaults[dice] : Fault::kNone;
  };
  std::vector<model::Operation> sent;
  const std::vector<AcceptRequest> requests = Mixture(1000);
  constexpr size_t kAtOnce = 50;
  for (size_t from = 0; from < requests.size(); from += kAtOnce) {
    const auto begin = requests.begin() + static_cast<ptrdiff_t>(from);
    for (auto& operation : h.SendAll({begin, begin + kAtOnce})) sent.push_back(operation);
    h.Run();
    if (from % 150 == 0) h.erp->DeliverLate();
  }
  h.Settle(300);
  h.erp->DeliverLate();
  h.erp->fault = nullptr;
  CheckAllOnce(h, sent);
}

BOOST_AUTO_TEST_CASE(random_crashes_and_cuts_lose_nothing_and_double_nothing) {
  constexpr unsigned kSeed = 4711;
  BOOST_TEST_MESSAGE("seed " << kSeed);
  Harness h;
  std::mt19937 random(kSeed);
  h.erp->fault = [&](const std::string&, int) {
    const unsigned dice = random() % 30;
    return dice == 0 ? Fault::kCutBefore : dice == 1 ? Fault::kCutAfter : Fault::kNone;
  };
  constexpr const char* kInLanes[] = {
      failpoints::kLaneAfterLease,         failpoints::kCheckAfterRead,
      failpoints::kCheckAfterCommit,       failpoints::kStepBeforeSending,
      failpoints::kStepAfterSendingMarked, failpoints::kStepAfterCall,
      failpoints::kStepAfterRecorded,      failpoints::kProbeAfterCall};
  std::vector<model::Operation> sent;
  const std::vector<AcceptRequest> requests = Mixture(200);
  constexpr size_t kAtOnce = 10;
  for (size_t from = 0; from < requests.size(); from += kAtOnce) {
    const auto begin = requests.begin() + static_cast<ptrdiff_t>(from);
    for (auto& operation : h.SendAll({begin, begin + kAtOnce})) sent.push_back(operation);
    h.crash_at = kInLanes[random() % std::size(kInLanes)];
    h.Run();
    h.Restart();
    h.clock.Advance(absl::Seconds(10));
  }
  h.crash_at.clear();
  h.Settle(300);
  h.erp->fault = nullptr;
  CheckAllOnce(h, sent);
}

BOOST_AUTO_TEST_CASE(a_crash_at_every_step_boundary_is_survived) {
  const char* const points[] = {
      failpoints::kLaneAfterLease,    failpoints::kCheckAfterRead,
      failpoints::kCheckAfterCommit,  failpoints::kStepBeforeSending,
      failpoints::kStepAfterSendingMarked, failpoints::kStepAfterCall,
      failpoints::kStepAfterRecorded};
  for (const char* point : points) {
    for (const bool restart : {true, false}) {
      BOOST_TEST_CONTEXT(point << (restart ? " with" : " without") << " a restart") {
        Harness h;
        const model::Operation sent = h.Send(InvoiceRequest("i1"));
        h.crash_at = point;
        h.Run();
        BOOST_TEST(h.hits[point] >= 1);
        if (restart) h.Restart();
        h.Settle();
        CheckOnce(h, sent);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_crash_while_accepting_is_answered_by_the_same_request_again) {
  for (const char* point : {failpoints::kAcceptBeforeCommit, failpoints::kAcceptAfterCommit}) {
    BOOST_TEST_CONTEXT(point) {
      Harness h;
      h.crash_at = point;
      BOOST_TEST(!h.Accept(InvoiceRequest("i1")).ok());
      h.Restart();
      const auto again = h.Accept(InvoiceRequest("i1"));
      BOOST_REQUIRE(again.ok());
      BOOST_TEST(again->repeated == (point == std::string(failpoints::kAcceptAfterCommit)));
      h.Settle();
      CheckOnce(h, again->operation);
    }
  }
}

/// Runs what may crash on the test's own thread, as a call of the API would.
void Survive(const std::function<void()>& call) {
  try {
    call();
  } catch (const Crash&) {
  }
}

BOOST_AUTO_TEST_CASE(every_named_failpoint_lies_on_the_way_and_is_survived) {
  for (const char* point : failpoints::kAll) {
    BOOST_TEST_CONTEXT(point) {
      Harness h;
      h.crash_at = point;
      h.erp->fault = Faults("Post", {Fault::kCutAfter});
      static_cast<void>(h.Accept(InvoiceRequest("i1")));
      const auto lost = h.Accept(InvoiceRequest("i1"));
      BOOST_REQUIRE(lost.ok());
      AcceptRequest bad_request = InvoiceRequest("i2", "7");
      InvoiceOf(bad_request).lines[0].account_code = "999999";
      const model::Operation bad = h.Send(bad_request);
      AcceptRequest waiting_request = InvoiceRequest("i3", "8");
      waiting_request.depends_on = {bad.id};
      const model::Operation waiting = h.Send(waiting_request);
      // The lost answer is probed, what waits is looked at; then the decision and the poll.
      Survive([&] { h.Settle(); });
      Survive([&] {
        static_cast<void>(h.engine->ResolveException(
            h.accountant, {h.Exception(bad).id, model::Resolution::kReject, "no", {}}));
      });
      h.clock.Advance(absl::Minutes(5));
      h.erp->PostByHand(h.erp->MakeForeignInvoice("20"));
      h.erp->InstallAddon();
      h.erp->NoteChange("lock_dates.changed", {"res.company", 1, ""});
      Survive([&] { static_cast<void>(h.engine->Poll("hamburg")); });
      if (point == std::string(failpoints::kRecoverBeforeCommit)) {
        h.crash_at = failpoints::kStepAfterCall;
        const model::Operation sent = h.Send(InvoiceRequest("i4", "9"));
        h.Run();
        h.crash_at = point;
        h.Run();
        h.Settle();
        BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
      }
      BOOST_TEST(h.hits[point] >= 1);
      h.crash_at.clear();
      h.Restart();
      h.Settle();
      const model::Operation now = h.Operation(bad.id);
      if (now.state == OperationState::kException) {
        BOOST_REQUIRE(h.engine
                          ->ResolveException(h.accountant, {h.Exception(bad).id,
                                                            model::Resolution::kReject, "no", {}})
                          .ok());
        h.Settle();
      }
      BOOST_TEST((h.Operation(lost->operation.id).state == OperationState::kPosted));
      BOOST_TEST((h.Operation(bad.id).state == OperationState::kCancelled));
      BOOST_TEST(HasFinding(h.Exception(waiting), Reason::kDependencyFailed));
      BOOST_TEST(h.erp->ByExternalId(lost->operation.external_id)->posts == 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_interrupted_send_is_unknown_right_after_the_start) {
  Harness h;
  const model::Operation sent = h.Send(InvoiceRequest("i1"));
  h.crash_at = failpoints::kStepAfterCall;
  h.Run();
  h.engine.reset();  // no recovery within the same life
  h.StartEngine();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kUnknown));
  h.Settle();
  CheckOnce(h, sent);
}

BOOST_AUTO_TEST_CASE(nothing_is_sent_under_a_lease_that_would_not_outlive_the_call) {
  Settings settings = Harness::TestSettings();
  settings.lease_ttl = settings.call_timeout;
  FakeCrypto crypto;
  base::FakeClock clock(absl::UnixEpoch());
  base::IdSource ids(clock, base::SeededRandom(1));
  Harness h;
  Dependencies dependencies{*h.store, clock, ids, crypto,
                            [&](const Connection&) { return h.erp; }, {}, {}};
  const auto engine = MakeSteppedEngine(dependencies, settings);
  BOOST_TEST(HasReason(engine->Start(), Reason::kConfigInvalid));
}

BOOST_AUTO_TEST_CASE(a_lane_that_another_node_holds_is_left_alone) {
  Harness h;
  const model::Operation sent = h.Send(InvoiceRequest("i1"));
  BOOST_REQUIRE(h.store->Commit([&](ports::Unit& unit) {
                         return unit
                             .AcquireLease("main/1/~sale", "node-2", h.clock.Now(),
                                           absl::Minutes(2))
                             .status();
                       }).ok());
  h.Run();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kAccepted));
  h.clock.Advance(absl::Minutes(3));
  h.Run();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
}

BOOST_AUTO_TEST_CASE(slow_calls_make_batches_smaller_and_quick_ones_larger) {
  Harness h;
  h.erp->fault = [&](const std::string& method, int) {
    if (method == "CreateDrafts") h.clock.Advance(absl::Seconds(10));
    return Fault::kNone;
  };
  for (int i = 0; i < 60; ++i) h.Send(InvoiceRequest(StrCat("i", i), StrCat(i + 1)));
  h.Settle();
  const auto sizes = h.erp->batch_sizes();
  BOOST_TEST(sizes.front() == 20U);
  BOOST_TEST(*std::min_element(sizes.begin(), sizes.end()) <= 5U);
}

}  // namespace
}  // namespace kontor::engine::testing
