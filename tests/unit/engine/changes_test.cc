// SPDX-License-Identifier: Apache-2.0
// Which database answers, with the addon and without; and the changes that the addon tells.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "server/base/status.h"
#include "server/engine/failpoints.h"
#include "server/engine/identity.h"
#include "tests/unit/engine/harness.h"

namespace kontor::engine::testing {
namespace {

using base::Reason;
using model::OperationState;

constexpr absl::Duration kLongAfter = absl::Hours(1);

int CountOf(const std::vector<std::string>& types, const std::string& type) {
  return static_cast<int>(std::count(types.begin(), types.end(), type));
}

/// Sends one more document after the identity is to be checked again; answers its state.
OperationState NextDocument(Harness& h, const std::string& id, const std::string& price) {
  h.clock.Advance(absl::Minutes(10));
  const model::Operation sent = h.Send(InvoiceRequest(id, price));
  h.Settle();
  return h.Operation(sent.id).state;
}

BOOST_AUTO_TEST_CASE(the_same_database_is_known_by_either_mark_and_only_by_equal_ones) {
  struct Case {
    const char* what;
    const char* bound_mark;
    const char* bound_uuid;
    const char* mark;
    const char* uuid;
    bool neutralised;
    bool same;
  };
  const Case cases[] = {
      {"unbound", "", "", "m1", "", false, true},
      {"unbound, neutralised", "", "", "m1", "", true, false},
      {"marker alone", "m1", "", "m1", "", false, true},
      {"the addon came", "m1", "", "m1", "u1", false, true},
      {"both", "m1", "u1", "m1", "u1", false, true},
      {"the addon went", "m1", "u1", "m1", "", false, true},
      {"other marker", "m1", "u1", "m2", "u1", false, false},
      {"no marker", "m1", "u1", "", "u1", false, false},
      {"other uuid", "m1", "u1", "m1", "u2", false, false},
      {"neutralised", "m1", "u1", "m1", "u1", true, false},
  };
  for (const Case& c : cases) {
    Connection bound;
    bound.database_mark = c.bound_mark;
    bound.database_uuid = c.bound_uuid;
    ports::ErpIdentity got;
    got.database_mark = c.mark;
    got.database_uuid = c.uuid;
    got.neutralised = c.neutralised;
    BOOST_TEST(MismatchOf(bound, got).empty() == c.same, c.what);
  }
}

BOOST_AUTO_TEST_CASE(a_connection_stays_bound_when_the_addon_comes_and_goes) {
  Harness h;
  BOOST_TEST((NextDocument(h, "i1", "1") == OperationState::kPosted));
  BOOST_TEST(h.engine->GetConnection("main")->database_uuid.empty());
  h.erp->InstallAddon();
  BOOST_TEST((NextDocument(h, "i2", "2") == OperationState::kPosted));
  BOOST_TEST(h.engine->GetConnection("main")->database_uuid == "uuid-a");
  h.erp->RemoveAddon();
  NextDocument(h, "i3", "3");
  BOOST_TEST(h.engine->GetConnection("main")->suspended_reason.empty());
  BOOST_TEST((NextDocument(h, "i4", "4") == OperationState::kPosted));
  BOOST_TEST(h.engine->GetConnection("main")->database_mark == "database-a");
}

BOOST_AUTO_TEST_CASE(another_uuid_suspends_although_the_marker_was_copied) {
  Harness h;
  h.erp->InstallAddon();
  BOOST_TEST((NextDocument(h, "i1", "1") == OperationState::kPosted));
  h.erp->identity.database_uuid = "uuid-b";
  BOOST_TEST((NextDocument(h, "i2", "2") == OperationState::kParked));
  BOOST_TEST(h.engine->GetConnection("main")->suspended_reason == "DATABASE_REPLACED");
  BOOST_TEST(!h.engine->ReleaseConnection(h.operator_one, "main", "moved").value().done);
  BOOST_TEST(h.engine->ReleaseConnection(h.operator_two, "main", "moved").value().done);
  BOOST_TEST(h.engine->GetConnection("main")->database_uuid == "uuid-b");
  BOOST_TEST((NextDocument(h, "i3", "3") == OperationState::kPosted));
}

BOOST_AUTO_TEST_CASE(a_rewound_database_suspends_until_two_people_have_looked) {
  Harness h;
  h.erp->InstallAddon();
  h.erp->identity.event_sequence = 40;
  BOOST_TEST((NextDocument(h, "i1", "1") == OperationState::kPosted));
  h.erp->identity.event_sequence = 41;
  BOOST_TEST((NextDocument(h, "i2", "2") == OperationState::kPosted));
  h.erp->identity.event_sequence = 40;
  BOOST_TEST((NextDocument(h, "i3", "3") == OperationState::kParked));
  BOOST_TEST(h.engine->GetConnection("main")->suspended_reason == "DATABASE_REPLACED");
  BOOST_TEST(!h.engine->ReleaseConnection(h.operator_one, "main", "restored").value().done);
  BOOST_TEST(h.engine->ReleaseConnection(h.operator_two, "main", "restored").value().done);
  BOOST_TEST((NextDocument(h, "i4", "4") == OperationState::kPosted));
}

BOOST_AUTO_TEST_CASE(an_addon_that_was_put_in_again_counts_from_the_start) {
  Harness h;
  h.erp->InstallAddon();
  h.erp->identity.event_sequence = 40;
  BOOST_TEST((NextDocument(h, "i1", "1") == OperationState::kPosted));
  h.erp->RemoveAddon();
  h.SetConnection([](Connection& c) { c.addon_use = AddonUse::kNever; });
  BOOST_TEST((NextDocument(h, "i2", "2") == OperationState::kPosted));
  h.erp->InstallAddon();
  BOOST_TEST((NextDocument(h, "i3", "3") == OperationState::kPosted));
  BOOST_TEST(h.engine->GetConnection("main")->suspended_reason.empty());
}

struct Told : Harness {
  Told() {
    erp->InstallAddon();
    BOOST_REQUIRE(engine->Poll("hamburg").ok());
    clock.Advance(kLongAfter);
  }
  model::Operation Posted(const std::string& id, const std::string& price) {
    const model::Operation sent = Send(InvoiceRequest(id, price));
    Settle();
    BOOST_REQUIRE((Operation(sent.id).state == OperationState::kPosted));
    return Operation(sent.id);
  }
  void Poll() { BOOST_REQUIRE(engine->Poll("hamburg").ok()); }
};

BOOST_AUTO_TEST_CASE(a_change_that_the_addon_tells_is_observed_acknowledged_and_told_once) {
  Told h;
  const model::Operation invoice = h.Posted("i1", "100");
  h.erp->PayByHand(invoice.record.id, "119");
  BOOST_TEST(h.erp->WaitingChanges().size() == 1U);
  const int reads = h.erp->Calls("ReadChanges");
  h.Poll();
  BOOST_TEST(h.erp->Calls("ReadChanges") == reads);
  BOOST_TEST(h.erp->WaitingChanges().empty());
  BOOST_TEST(CountOf(h.EventTypes(invoice.document_id), "invoice.paid") == 1);
  h.Poll();
  BOOST_TEST(CountOf(h.EventTypes(invoice.document_id), "invoice.paid") == 1);
}

BOOST_AUTO_TEST_CASE(reading_goes_on_for_an_overlap_after_the_addon_came) {
  Harness h;
  h.erp->InstallAddon();
  BOOST_REQUIRE(h.engine->Poll("hamburg").ok());
  BOOST_TEST(h.erp->Calls("ReadChanges") == 1);
  h.clock.Advance(absl::Minutes(10));
  BOOST_REQUIRE(h.engine->Poll("hamburg").ok());
  BOOST_TEST(h.erp->Calls("ReadChanges") == 2);
  h.clock.Advance(absl::Minutes(10));
  BOOST_REQUIRE(h.engine->Poll("hamburg").ok());
  BOOST_TEST(h.erp->Calls("ReadChanges") == 2);
}

BOOST_AUTO_TEST_CASE(reading_begins_where_the_addon_stopped_telling) {
  Told h;
  const model::Operation invoice = h.Posted("i1", "100");
  h.Poll();
  h.erp->RemoveAddon();
  h.clock.Advance(absl::Minutes(10));
  h.erp->PayByHand(invoice.record.id, "119");
  h.Poll();
  BOOST_TEST(CountOf(h.EventTypes(invoice.document_id), "invoice.paid") == 1);
}

BOOST_AUTO_TEST_CASE(a_change_of_a_document_that_kontor_is_at_work_on_waits) {
  Told h;
  h.erp->fault = [](const std::string& method, int) {
    return method == "Apply" ? Fault::kCutAfter : Fault::kNone;
  };
  const model::Operation sent = h.Send(InvoiceRequest("i1"));
  h.Run();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kUnknown));
  const int64_t id = h.erp->All("account.move").front().id;
  h.erp->PayByHand(id, "119");
  h.Poll();
  BOOST_TEST(h.erp->WaitingChanges().size() == 1U);
  h.Settle();
  BOOST_TEST((h.Operation(sent.id).state == OperationState::kPosted));
  h.Poll();
  BOOST_TEST(h.erp->WaitingChanges().empty());
}

BOOST_AUTO_TEST_CASE(a_reading_that_another_one_overtook_is_made_again_before_it_is_acknowledged) {
  Told h;
  const model::Operation invoice = h.Posted("i1", "100");
  h.erp->PayByHand(invoice.record.id, "19");
  bool once = true;
  h.erp->fault = [&](const std::string& method, int) {
    if (method == "Read" && once) {
      once = false;
      BOOST_TEST(h.engine->Refresh(invoice.document_id).ok());
    }
    return Fault::kNone;
  };
  h.Poll();
  BOOST_TEST(!once);
  BOOST_TEST(h.erp->WaitingChanges().size() == 1U);
  h.Poll();
  BOOST_TEST(h.erp->WaitingChanges().empty());
  BOOST_TEST(CountOf(h.EventTypes(invoice.document_id), "invoice.payment_state_changed") == 1);
}

BOOST_AUTO_TEST_CASE(a_crash_before_the_acknowledgement_tells_subscribers_once) {
  Told h;
  const model::Operation invoice = h.Posted("i1", "100");
  h.erp->PayByHand(invoice.record.id, "119");
  h.erp->NoteChange("partner_bank.changed", {"res.partner.bank", 5, ""});
  h.crash_at = failpoints::kChangesBeforeAcknowledge;
  BOOST_CHECK_THROW(static_cast<void>(h.engine->Poll("hamburg")), Crash);
  BOOST_TEST(h.erp->WaitingChanges().size() == 2U);
  h.Restart();
  h.Poll();
  BOOST_TEST(h.erp->WaitingChanges().empty());
  BOOST_TEST(CountOf(h.EventTypes(), "invoice.paid") == 1);
  BOOST_TEST(CountOf(h.EventTypes(), "partner_bank.changed") == 1);
}

BOOST_AUTO_TEST_CASE(a_lost_acknowledgement_is_given_again) {
  Told h;
  const model::Operation invoice = h.Posted("i1", "100");
  h.erp->PayByHand(invoice.record.id, "119");
  h.erp->fault = [](const std::string& method, int) {
    return method == "AcknowledgeChanges" ? Fault::kCutBefore : Fault::kNone;
  };
  BOOST_TEST(!h.engine->Poll("hamburg").ok());
  BOOST_TEST(h.erp->WaitingChanges().size() == 1U);
  h.erp->fault = nullptr;
  h.clock.Advance(absl::Minutes(10));
  h.Poll();
  BOOST_TEST(h.erp->WaitingChanges().empty());
  BOOST_TEST(CountOf(h.EventTypes(invoice.document_id), "invoice.paid") == 1);
}

BOOST_AUTO_TEST_CASE(what_is_no_booking_is_told_with_its_details) {
  Told h;
  h.erp->NoteChange("lock_dates.changed", {"res.company", 1, "Hansekontor GmbH"},
                    R"({"lock_dates":{"fiscalyear_lock_date":"2026-10-31"}})");
  h.erp->NoteChange("partner_bank.changed", {"res.partner.bank", 5, ""},
                    R"({"name":"…2051","trusted":true})", 0);
  h.Poll();
  BOOST_REQUIRE(CountOf(h.EventTypes(), "lock_dates.changed") == 1);
  BOOST_REQUIRE(CountOf(h.EventTypes(), "partner_bank.changed") == 1);
  for (const model::Event& event : h.Events()) {
    const auto data = nlohmann::json::parse(event.data);
    if (event.type == "lock_dates.changed") {
      BOOST_TEST(event.subject == "odoo:main/res.company/1");
      BOOST_TEST(data["user"] == "frieda");
      BOOST_TEST(data["snapshot"]["lock_dates"]["fiscalyear_lock_date"] == "2026-10-31");
    } else if (event.type == "partner_bank.changed") {
      BOOST_TEST(event.subject == "odoo:main/res.partner.bank/5");
      BOOST_TEST(data["snapshot"]["trusted"] == true);
    }
  }
  h.erp->NoteChange("lock_dates.changed", {"res.company", 1, "Hansekontor GmbH"});
  h.Poll();
  BOOST_TEST(CountOf(h.EventTypes(), "lock_dates.changed") == 2);
}

/// A second connection to the same database, with an entity of the same company.
struct ToldTwice : Told {
  ToldTwice() {
    Connection second = engine->GetConnection("main").value();
    second.name = "second";
    BOOST_REQUIRE(engine->PutConnection(administrator, second, true).ok());
    Entity entity = engine->GetEntity("hamburg").value();
    entity.name = "bremen";
    entity.connection = "second";
    BOOST_REQUIRE(engine->PutEntity(administrator, entity, true).ok());
    BOOST_REQUIRE(engine->Poll("bremen").ok());
    clock.Advance(kLongAfter);
    Poll();
  }
  /// Entities that were told of the event, in order of their names.
  std::vector<std::string> EntitiesTold(const std::string& type) {
    std::vector<std::string> names;
    for (const model::Event& event : Events()) {
      if (event.type == type) names.push_back(event.entity);
    }
    std::sort(names.begin(), names.end());
    return names;
  }
};

BOOST_AUTO_TEST_CASE(whichever_connection_asks_first_every_entity_of_the_database_is_told) {
  for (const char* const first : {"hamburg", "bremen"}) {
    ToldTwice h;
    h.erp->NoteChange("lock_dates.changed", {"res.company", 1, "Hansekontor GmbH"});
    BOOST_REQUIRE(h.engine->Poll(first).ok());
    BOOST_TEST(h.erp->WaitingChanges().empty());
    const std::vector<std::string> both = {"bremen", "hamburg"};
    BOOST_TEST(h.EntitiesTold("lock_dates.changed") == both, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_document_is_told_by_its_own_entity_whichever_connection_asks) {
  ToldTwice h;
  const model::Operation invoice = h.Posted("i1", "100");
  h.erp->PayByHand(invoice.record.id, "119");
  BOOST_REQUIRE(h.engine->Poll("bremen").ok());
  BOOST_TEST(h.erp->WaitingChanges().empty());
  const std::vector<std::string> own = {"hamburg"};
  BOOST_TEST(h.EntitiesTold("invoice.paid") == own, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_connection_that_is_paused_holds_up_no_other) {
  ToldTwice h;
  h.SetConnection([](Connection& main) { main.mode = Mode::kPaused; });
  h.erp->NoteChange("lock_dates.changed", {"res.company", 1, "Hansekontor GmbH"});
  BOOST_REQUIRE(h.engine->Poll("bremen").ok());
  BOOST_TEST(h.erp->WaitingChanges().empty());
  const std::vector<std::string> one = {"bremen"};
  BOOST_TEST(h.EntitiesTold("lock_dates.changed") == one, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_payment_of_ours_that_was_sent_is_told_of_its_document) {
  Told h;
  const model::Operation payment = h.Send(PaymentRequest("p1", "50", {}));
  h.Settle();
  h.erp->NoteChange("payment.sent", h.Operation(payment.id).record);
  h.Poll();
  BOOST_TEST(CountOf(h.EventTypes(payment.document_id), "payment.sent") == 1);
}

BOOST_AUTO_TEST_CASE(an_invoice_that_people_post_is_told_and_a_shadow_takes_nothing_away) {
  Told h;
  h.SetEntity([](Entity& entity) { entity.mode = Mode::kShadow; });
  h.erp->PostByHand(h.erp->MakeForeignInvoice("42"));
  h.Poll();
  BOOST_TEST(h.erp->WaitingChanges().size() == 1U);
  h.SetEntity([](Entity& entity) { entity.mode = Mode::kLive; });
  h.Poll();
  BOOST_TEST(h.erp->WaitingChanges().empty());
  BOOST_TEST(CountOf(h.EventTypes(), "invoice.posted") == 1);
}

BOOST_AUTO_TEST_CASE(many_changes_are_taken_page_by_page) {
  Told h;
  for (int i = 0; i < 450; ++i) {
    h.erp->NoteChange("partner_bank.changed", {"res.partner.bank", 1000 + i, ""});
  }
  h.Poll();
  BOOST_TEST(h.erp->WaitingChanges().empty());
  BOOST_TEST(CountOf(h.EventTypes(), "partner_bank.changed") == 450);
}

}  // namespace
}  // namespace kontor::engine::testing
