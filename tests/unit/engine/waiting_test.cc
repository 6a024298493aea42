// SPDX-License-Identifier: Apache-2.0
// Parking and waking; shadow; locked periods; suspensions and their end by two people; what
// polling, sweeping and reconciling see.
#include <algorithm>
#include <future>

#include "server/base/status.h"
#include "server/engine/failpoints.h"
#include "server/engine/observe.h"
#include "tests/unit/engine/harness.h"

namespace kontor::engine::testing {
namespace {

using base::Reason;
using model::OperationState;
using model::ParkReason;
using Types = std::vector<std::string>;

int64_t CountOf(const Types& types, const std::string& type) {
  return std::count(types.begin(), types.end(), type);
}

BOOST_AUTO_TEST_CASE(a_paused_connection_parks_and_its_resumption_wakes) {
  Harness h;
  h.SetConnection([](Connection& connection) { connection.mode = Mode::kPaused; });
  const model::Operation sent = h.Send(InvoiceRequest("i1"));
  h.Run();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kParked));
  BOOST_TEST((h.Operation(sent.id).park_reason == ParkReason::kConnectionPaused));
  BOOST_TEST(h.erp->calls_total() == 0);
  h.SetConnection([](Connection& connection) { connection.mode = Mode::kLive; });
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
}

BOOST_AUTO_TEST_CASE(a_shadow_entity_does_everything_but_the_send_and_says_so_once) {
  Harness h;
  h.SetEntity([](Entity& entity) { entity.mode = Mode::kShadow; });
  const model::Operation good = h.Send(InvoiceRequest("i1"));
  AcceptRequest bad_request = InvoiceRequest("i2");
  InvoiceOf(bad_request).lines[0].account_code = "999999";
  const model::Operation bad = h.Send(bad_request);
  for (int i = 0; i < 5; ++i) {
    h.Run();
    h.clock.Advance(absl::Minutes(20));
  }
  BOOST_TEST((h.Operation(good.id).park_reason == ParkReason::kEntityShadow));
  BOOST_TEST((h.Operation(bad.id).state == OperationState::kException));
  BOOST_TEST(CountOf(h.EventTypes(good.document_id), "invoice.shadowed") == 1);
  BOOST_TEST(h.erp->Calls("CreateDrafts") == 0);
  h.SetEntity([](Entity& entity) { entity.mode = Mode::kLive; });
  h.Settle();
  BOOST_TEST((h.Operation(good.id).state == OperationState::kPosted));
}

BOOST_AUTO_TEST_CASE(an_operation_waits_for_those_it_depends_on) {
  Harness h;
  const model::Operation entry = h.Send(EntryRequest("e1"));
  AcceptRequest request = InvoiceRequest("i1");
  request.depends_on = {entry.id};
  const model::Operation sent = h.Send(request);
  h.Run();
  BOOST_TEST((h.Operation(sent.id).park_reason == ParkReason::kDependsOn));
  BOOST_REQUIRE(h.engine->Release(h.releaser, entry.id, "fine").ok());
  h.Run();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
}

BOOST_AUTO_TEST_CASE(a_dependency_that_was_cancelled_is_an_exception) {
  Harness h;
  const model::Operation entry = h.Send(EntryRequest("e1"));
  AcceptRequest request = InvoiceRequest("i1");
  request.depends_on = {entry.id};
  const model::Operation sent = h.Send(request);
  h.Run();
  BOOST_REQUIRE(h.engine->CancelOperation(h.accountant, entry.id, "no").ok());
  h.Run();
  BOOST_TEST(HasFinding(h.Exception(sent), Reason::kDependencyFailed));
}

BOOST_AUTO_TEST_CASE(a_locked_period_is_an_exception_that_ends_by_itself_once_opened) {
  Harness h;
  h.erp->catalogue.lock_dates.fiscal_year = DayOf("2026-11-22");
  const model::Operation sent = h.Send(InvoiceRequest("i1"));
  h.Settle();
  const model::ExceptionCase exception = h.Exception(sent);
  BOOST_TEST(HasFinding(exception, Reason::kPeriodLocked));
  BOOST_TEST(h.erp->Calls("CreateDrafts") == 0);
  h.clock.Advance(absl::Minutes(10));
  h.Run();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kException));
  h.erp->catalogue.lock_dates.fiscal_year.reset();
  h.clock.Advance(absl::Minutes(10));
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
  BOOST_TEST(h.OpenExceptions().empty());
}

BOOST_AUTO_TEST_CASE(a_lane_that_a_decision_wakes_does_not_believe_what_was_read_before_it) {
  bool listening = false;
  int readings = 0;
  Harness h;
  h.erp->catalogue.lock_dates.fiscal_year = DayOf("2026-11-22");
  const model::Operation sent = h.Send(InvoiceRequest("i1"));
  h.Settle();
  const model::ExceptionCase exception = h.Exception(sent);
  // Where the threads of a running engine take the lane up: as soon as the decision is on disk.
  h.store->OnCommit([&](const ports::CommitNotice&) {
    if (!listening) return;
    listening = false;
    const int before = h.erp->Calls("ReadCatalogue");
    BOOST_TEST(h.engine->GetCatalogue("hamburg", false).ok());
    readings = h.erp->Calls("ReadCatalogue") - before;
  });
  h.erp->catalogue.lock_dates.fiscal_year.reset();
  listening = true;
  BOOST_REQUIRE(h.engine
                    ->ResolveException(h.accountant, {exception.id, model::Resolution::kRetry,
                                                      "the period is open", {}})
                    .ok());
  BOOST_TEST(readings == 1);
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
}

BOOST_AUTO_TEST_CASE(one_person_may_move_a_document_out_of_a_locked_period) {
  Harness h;
  h.erp->catalogue.lock_dates.fiscal_year = DayOf("2026-11-22");
  AcceptRequest request = InvoiceRequest("i1");
  const model::Operation sent = h.Send(request);
  h.Settle();
  InvoiceOf(request).accounting_date = DayOf("2026-11-23");
  BOOST_REQUIRE(h.engine
                    ->ResolveException(h.accountant,
                                       {h.Exception(sent).id, model::Resolution::kCorrectAndRetry,
                                        "into the open period", request.document})
                    .ok());
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
}

BOOST_AUTO_TEST_CASE(a_lock_set_between_draft_and_posting_is_seen_before_posting) {
  Harness h;
  h.erp->fault = [&](const std::string& method, int) {
    return method == "Post" ? Fault::kUnreachable : Fault::kNone;
  };
  const model::Operation sent = h.Send(InvoiceRequest("i1"));
  h.Run();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kRetrying));
  h.erp->fault = nullptr;
  h.erp->catalogue.lock_dates.hard = DayOf("2026-11-22");
  h.clock.Advance(absl::Minutes(10));
  h.Settle();
  BOOST_TEST(HasFinding(h.Exception(sent), Reason::kPeriodLocked));
  BOOST_TEST(h.erp->All("account.move").front().posts == 0);
}

BOOST_AUTO_TEST_CASE(another_database_suspends_the_connection_before_anything_is_sent) {
  Harness h;
  const model::Operation first = h.Send(InvoiceRequest("i1"));
  h.Settle();
  BOOST_TEST((h.Operation(first.id).state == OperationState::kPosted));
  h.erp->identity.database_mark = "database-b";
  h.clock.Advance(absl::Minutes(10));
  const int sends = h.erp->Calls("CreateDrafts");
  const model::Operation second = h.Send(InvoiceRequest("i2", "7"));
  h.Settle();
  BOOST_TEST((h.Operation(second.id).state == OperationState::kParked));
  BOOST_TEST(h.engine->GetConnection("main")->suspended_reason == "DATABASE_REPLACED");
  BOOST_TEST(h.erp->Calls("CreateDrafts") == sends);
  const auto release = [&](const ports::Actor& actor) {
    return h.engine->ReleaseConnection(actor, "main", "the server was moved");
  };
  BOOST_TEST(HasReason(release(h.program).status(), Reason::kPersonRequired));
  BOOST_TEST(HasReason(release(h.accountant).status(), Reason::kPermissionDenied));
  BOOST_TEST(!release(h.operator_one)->done);
  BOOST_TEST(!release(h.operator_one)->done);
  BOOST_TEST(release(h.operator_two)->done);
  BOOST_TEST(HasReason(release(h.operator_two).status(), Reason::kStateConflict));
  BOOST_TEST(h.engine->GetConnection("main")->database_mark == "database-b");
  h.Settle();
  BOOST_TEST((h.Operation(second.id).state == OperationState::kPosted));
}

BOOST_AUTO_TEST_CASE(a_connection_that_changes_while_it_is_being_bound_is_looked_at_again_at_once) {
  Harness h;
  int looks = 0;
  h.erp->fault = [&](const std::string& method, int) {
    if (method == "Identify" && ++looks == 1) {
      Connection changed = *h.engine->GetConnection("main");
      changed.login = "kontor-bot";
      BOOST_TEST(h.engine->PutConnection(h.administrator, changed, false).ok());
    }
    return Fault::kNone;
  };
  const model::Operation sent = h.Send(InvoiceRequest("i1"));
  const absl::Time before = h.clock.Now();
  h.Run();
  BOOST_TEST(looks > 1);
  BOOST_TEST((h.clock.Now() == before));  // no rest as after a failure
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
  BOOST_TEST(h.engine->GetConnection("main")->login == "kontor-bot");
  BOOST_TEST(!h.engine->GetConnection("main")->database_mark.empty());
}

BOOST_AUTO_TEST_CASE(a_neutralised_copy_gets_nothing) {
  Harness h;
  h.erp->identity.neutralised = true;
  const model::Operation first = h.Send(InvoiceRequest("i1"));
  h.Settle(5);
  h.clock.Advance(absl::Minutes(10));
  h.Settle(5);
  BOOST_TEST((h.Operation(first.id).state == OperationState::kParked));
  BOOST_TEST(h.erp->Calls("CreateDrafts") == 0);
}

BOOST_AUTO_TEST_CASE(a_restored_store_holds_until_it_was_reconciled_and_two_people_agree) {
  Harness h;
  h.Send(InvoiceRequest("i1"));
  h.Settle();
  BOOST_REQUIRE(h.engine->HoldForRestore().ok());
  const model::Operation sent = h.Send(InvoiceRequest("i2", "7"));
  h.Run();
  BOOST_TEST((h.Operation(sent.id).park_reason == ParkReason::kRestoreHold));
  const auto release = [&](const ports::Actor& actor) {
    return h.engine->ReleaseConnection(actor, "main", "looked at every difference");
  };
  BOOST_TEST(HasReason(release(h.operator_one).status(), Reason::kRestoreHold));
  h.clock.Advance(absl::Minutes(1));
  const auto report = h.engine->Reconcile(h.operator_one, "hamburg", DayOf("2026-11-01"),
                                          DayOf("2026-11-30"));
  BOOST_REQUIRE(report.ok());
  BOOST_TEST(report->differences.empty());
  const auto proposed = release(h.operator_one);
  BOOST_REQUIRE(proposed.ok());
  BOOST_TEST(!proposed->done);
  BOOST_TEST(proposed->approvers == std::vector<std::string>{h.operator_one.name});
  const auto agreed = release(h.operator_two);
  BOOST_REQUIRE(agreed.ok());
  BOOST_TEST(agreed->done);
  BOOST_TEST(agreed->approvers ==
             (std::vector<std::string>{h.operator_one.name, h.operator_two.name}));
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
}

BOOST_AUTO_TEST_CASE(all_connections_that_a_restore_holds_are_released_together_or_not_at_all) {
  Harness h;
  Connection other = *h.engine->GetConnection("main");
  other.name = "other";
  BOOST_REQUIRE(h.engine->PutConnection(h.administrator, other, true).ok());
  const auto release = [&](const ports::Actor& actor, const std::string& name) {
    return h.engine->ReleaseConnection(actor, name, "compared");
  };
  const auto is_held = [&](const std::string& name) {
    return h.engine->GetConnection(name)->suspended_reason == "RESTORE_HOLD";
  };
  BOOST_TEST(HasReason(release(h.operator_one, "").status(), Reason::kStateConflict));
  BOOST_REQUIRE(h.engine->HoldForRestore().ok());
  // "main" has an entity that was not compared; "other" alone could go.
  BOOST_TEST(HasReason(release(h.operator_one, "").status(), Reason::kRestoreHold));
  h.clock.Advance(absl::Minutes(1));
  BOOST_REQUIRE(
      h.engine->Reconcile(h.operator_one, "hamburg", DayOf("2026-11-01"), DayOf("2026-11-30"))
          .ok());
  BOOST_TEST(!release(h.operator_one, "other")->done);
  const auto second = release(h.operator_two, "");
  BOOST_REQUIRE(second.ok());
  BOOST_TEST(!second->done);
  BOOST_TEST(second->approvers == std::vector<std::string>{h.operator_two.name});
  BOOST_TEST((is_held("main") && !is_held("other")));
  const auto last = release(h.operator_one, "");
  BOOST_REQUIRE(last.ok());
  BOOST_TEST(last->done);
  BOOST_TEST(!is_held("main"));
  BOOST_TEST(HasReason(release(h.operator_one, "").status(), Reason::kStateConflict));
}

BOOST_AUTO_TEST_CASE(documents_that_a_restored_store_sends_again_find_themselves) {
  Harness before;
  before.Send(InvoiceRequest("i1"));
  before.Settle();
  Harness after;
  after.erp->fault = nullptr;
  std::swap(before.erp, after.erp);  // the store is new, Odoo is the old one
  after.Restart();
  const model::Operation again = after.Send(InvoiceRequest("i1"));
  after.Settle();
  BOOST_TEST((after.Operation(again.id).state == OperationState::kPosted));
  BOOST_TEST(after.erp->All("account.move").size() == 1U);
  BOOST_TEST(after.erp->All("account.move").front().posts == 1);
}

BOOST_AUTO_TEST_CASE(payments_and_edits_by_people_become_events_once) {
  Harness h;
  const model::Operation sent = h.Send(InvoiceRequest("i1"));
  h.Settle();
  const int64_t id = h.Operation(sent.id).record.id;
  BOOST_REQUIRE(h.engine->Poll("hamburg").ok());
  BOOST_TEST(h.EventTypes(sent.document_id).size() == 2U);
  h.clock.Advance(absl::Minutes(1));
  h.erp->PayByHand(id, "19");
  BOOST_REQUIRE(h.engine->Poll("hamburg").ok());
  BOOST_REQUIRE(h.engine->Poll("hamburg").ok());
  BOOST_TEST(CountOf(h.EventTypes(sent.document_id), "invoice.payment_state_changed") == 1);
  BOOST_TEST(CountOf(h.EventTypes(sent.document_id), "invoice.paid") == 0);
  h.clock.Advance(absl::Minutes(1));
  h.erp->PayByHand(id, "100");
  h.erp->EditReference(id, "changed by hand");
  BOOST_REQUIRE(h.engine->Poll("hamburg").ok());
  BOOST_REQUIRE(h.engine->Poll("hamburg").ok());
  const Types types = h.EventTypes(sent.document_id);
  BOOST_TEST(CountOf(types, "invoice.payment_state_changed") == 2);
  BOOST_TEST(CountOf(types, "invoice.paid") == 1);
  BOOST_TEST(CountOf(types, "invoice.changed_in_odoo") == 1);
  const auto row = h.engine->Refresh(sent.document_id);
  BOOST_REQUIRE(row.ok());
  BOOST_TEST(row->booked.find("changed by hand") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_page_of_changes_that_comes_late_is_no_news) {
  Harness h;
  const model::Operation sent = h.Send(InvoiceRequest("i1"));
  h.Settle();
  ports::ErpSnapshot before = h.erp->All("account.move").front().snapshot;
  before.state = "draft";  // as it stood earlier in the same second
  before.record.name.clear();
  h.erp->late_page = {before};
  BOOST_REQUIRE(h.engine->Poll("hamburg").ok());
  BOOST_TEST(h.EventTypes(sent.document_id) == (Types{"invoice.accepted", "invoice.posted"}),
             boost::test_tools::per_element());
  const auto row = h.engine->Refresh(sent.document_id);
  BOOST_REQUIRE(row.ok());
  BOOST_TEST(row->booked.find("\"posted\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(invoices_of_people_are_told_from_their_posting_on_and_only_since_live) {
  Harness h;
  const int64_t draft = h.erp->MakeForeignInvoice("10");
  BOOST_REQUIRE(h.engine->Poll("hamburg").ok());
  BOOST_TEST(h.Events().empty());
  h.clock.Advance(absl::Minutes(1));
  h.erp->PostByHand(draft);
  BOOST_REQUIRE(h.engine->Poll("hamburg").ok());
  BOOST_REQUIRE(h.engine->Poll("hamburg").ok());
  const std::string subject = ForeignSubject("main", {"account.move", draft, ""});
  BOOST_TEST(h.EventTypes(subject) == (Types{"invoice.posted"}), boost::test_tools::per_element());
  h.SetEntity([](Entity& entity) { entity.live_from = DayOf("2026-12-24"); });
  h.erp->PostByHand(h.erp->MakeForeignInvoice("20"));
  h.clock.Advance(absl::Minutes(1));
  BOOST_REQUIRE(h.engine->Poll("hamburg").ok());
  BOOST_TEST(h.Events().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_deletion_is_found_by_the_sweep_and_is_a_case_for_a_person) {
  Harness h;
  const model::Operation sent = h.Send(InvoiceRequest("i1"));
  h.Settle();
  h.erp->DeleteRecord(h.Operation(sent.id).record.id, "account.move");
  BOOST_REQUIRE(h.engine->Sweep("hamburg").ok());
  BOOST_REQUIRE(h.engine->Sweep("hamburg").ok());
  BOOST_TEST(CountOf(h.EventTypes(sent.document_id), "invoice.deleted_in_odoo") == 1);
  BOOST_REQUIRE(h.OpenExceptions().size() == 1U);
  BOOST_TEST(HasFinding(h.OpenExceptions().front(), Reason::kDeletedInOdoo));
}

BOOST_AUTO_TEST_CASE(an_older_reading_never_overwrites_a_newer_one) {
  Harness h;
  const model::Operation sent = h.Send(InvoiceRequest("i1"));
  h.Settle();
  const int64_t id = h.Operation(sent.id).record.id;
  Core core({*h.store, h.clock, h.ids, h.crypto, {}, {}, {}}, h.settings);
  Observation old{h.erp->All("account.move").front().snapshot, -1};
  h.clock.Advance(absl::Minutes(1));
  h.erp->PayByHand(id, "119");
  BOOST_REQUIRE(h.engine->Refresh(sent.document_id).ok());
  const size_t events = h.Events().size();
  const Entity entity = h.engine->GetEntity("hamburg").value();
  BOOST_REQUIRE(Observe(core, entity, std::span(&old, 1)).ok());
  BOOST_TEST(h.Events().size() == events);
  // The same reading by version: someone else observed since it began.
  Observation raced{h.erp->All("account.move").front().snapshot, 0};
  raced.snapshot.payment_state = "partial";
  BOOST_REQUIRE(Observe(core, entity, std::span(&raced, 1)).ok());
  BOOST_TEST(h.Events().size() == events);
}

BOOST_AUTO_TEST_CASE(reconcile_names_each_difference_and_opens_each_case_once) {
  Harness h;
  const model::Operation gone = h.Send(InvoiceRequest("i1"));
  const model::Operation kept = h.Send(InvoiceRequest("i2", "50"));
  h.Settle();
  h.erp->DeleteRecord(h.Operation(gone.id).record.id, "account.move");
  Harness other;  // a store that knows nothing of these documents
  const auto from = DayOf("2026-11-01");
  const auto to = DayOf("2026-11-30");
  for (int run = 0; run < 2; ++run) {
    const auto report = h.engine->Reconcile(h.operator_one, "hamburg", from, to);
    BOOST_REQUIRE(report.ok());
    BOOST_REQUIRE(report->differences.size() == 1U);
    BOOST_TEST(report->differences.front().kind == "MISSING_IN_ODOO");
    BOOST_TEST(report->differences.front().document_id == gone.document_id);
    BOOST_REQUIRE(report->rows.size() == 1U);
    BOOST_TEST(report->rows.front().kontor_count == 2);
    BOOST_TEST(report->rows.front().erp_count == 1);
    BOOST_TEST(report->rows.front().kontor_total_minor == 11900 + 5950);
    BOOST_TEST(report->rows.front().erp_total_minor == 5950);
  }
  BOOST_TEST(h.OpenExceptions().size() == 1U);
  std::swap(other.erp, h.erp);
  other.Restart();
  const auto report = other.engine->Reconcile(other.operator_one, "hamburg", from, to);
  BOOST_REQUIRE(report.ok());
  BOOST_REQUIRE(report->differences.size() == 1U);
  BOOST_TEST(report->differences.front().kind == "MISSING_IN_KONTOR");
  BOOST_TEST(report->differences.front().external_id == kept.external_id);
}

BOOST_AUTO_TEST_CASE(who_may_not_reconcile_is_told_why) {
  Harness h;
  const auto day = DayOf("2026-11-01");
  const auto refuse = [&](const ports::Actor& actor, const model::Date& to, Reason want) {
    BOOST_TEST(HasReason(h.engine->Reconcile(actor, "hamburg", day, to).status(), want));
  };
  refuse(h.program, day, Reason::kPermissionDenied);
  refuse(h.operator_one, DayOf("2026-10-31"), Reason::kFieldInvalid);
  refuse(h.operator_one, DayOf("2028-01-01"), Reason::kFieldInvalid);
  ports::Actor elsewhere = h.operator_one;
  elsewhere.entities = {"bremen"};
  refuse(elsewhere, day, Reason::kEntityDenied);
}

BOOST_AUTO_TEST_CASE(an_exception_with_a_draft_becomes_an_activity_once) {
  Harness h;
  AcceptRequest request = InvoiceRequest("i1");
  InvoiceOf(request).expected_total = Euro("120");
  h.Send(request);
  for (int i = 0; i < 4; ++i) {
    h.Run();
    h.clock.Advance(absl::Minutes(2));
  }
  BOOST_TEST(h.erp->activities().size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_threads_do_the_same_as_the_steps) {
  Settings settings = Harness::TestSettings();
  settings.lane_threads = 2;
  Harness h;
  const std::string node = settings.node = "node-threads";
  base::SystemClock clock;
  Dependencies dependencies{*h.store,
                            clock,
                            h.ids,
                            h.crypto,
                            [&](const Connection&) -> absl::StatusOr<std::shared_ptr<ports::Erp>> {
                              return h.erp;
                            },
                            {},
                            {}};
  const auto engine = MakeEngine(dependencies, settings);
  BOOST_REQUIRE(engine->Start().ok());
  std::promise<absl::StatusOr<AcceptResult>> accepted;
  engine->Accept(h.program, InvoiceRequest("i1"),
                 [&](auto result) { accepted.set_value(std::move(result)); });
  const auto result = accepted.get_future().get();
  BOOST_REQUIRE(result.ok());
  std::promise<absl::StatusOr<model::Operation>> done;
  engine->Wait(result->operation.id, clock.Now() + absl::Seconds(30),
               [&](auto operation) { done.set_value(std::move(operation)); });
  const auto operation = done.get_future().get();
  BOOST_REQUIRE(operation.ok());
  BOOST_TEST((operation->state == OperationState::kPosted));
  engine->Stop(clock.Now() + absl::Seconds(5));
}

}  // namespace
}  // namespace kontor::engine::testing
