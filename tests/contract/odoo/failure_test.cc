// SPDX-License-Identifier: Apache-2.0
// What is known of a call that failed: the simulator cuts, delays and refuses as told. Against a
// real Odoo only what needs no help from it runs here; the chaos ring has a proxy for the rest.
#include "tests/contract/odoo/rig.h"

namespace kontor::odoo::contract {
namespace {

using base::Outcome;
using base::Reason;
using nlohmann::json;

void Fault(const Rig& rig, const std::string& action, const std::string& model,
           const std::string& method, int times = 1) {
  AskSimulator(rig.target(), "faults",
               json::array({{{"match", {{"model", model}, {"method", method}}},
                             {"action", action},
                             {"times", times}}}));
}

struct Case {
  const char* action;
  Outcome outcome;
  Reason reason;
  bool applied;
};

ODOO_TEST(every_way_to_lose_an_answer_is_classified) {
  Rig rig(target_name);
  if (!rig.target().simulated) return;
  const Case cases[] = {
      {"cut_before", Outcome::kUnknown, Reason::kOdooAnswerLost, false},
      {"cut_after", Outcome::kUnknown, Reason::kOdooAnswerLost, true},
      {"cut_middle", Outcome::kUnknown, Reason::kOdooAnswerLost, true},
      {"http_502", Outcome::kUnknown, Reason::kOdooAnswerLost, false},
      {"html_error", Outcome::kUnknown, Reason::kOdooAnswerLost, false},
      {"rate_limit_429", Outcome::kNotApplied, Reason::kOdooRateLimited, false},
      {"serialization_failure", Outcome::kNotApplied, Reason::kOdooBusy, false},
  };
  for (const Case& c : cases) {
    const Draft draft = rig.Invoice();
    rig.erp();
    Fault(rig, c.action, "account.move", "load");
    const auto records = rig.Create({draft});
    AskSimulator(rig.target(), "faults", json::array());
    BOOST_TEST_CONTEXT(c.action << ": " << records.status()) {
      BOOST_REQUIRE(!records.ok());
      BOOST_TEST((base::OutcomeOf(records.status()) == c.outcome));
      BOOST_TEST(base::InfoOf(records.status()).reason == base::EntryOf(c.reason).name);
      BOOST_TEST(rig.CountInOdoo(draft.external_id) == (c.applied ? 1 : 0));
      const auto again = rig.Create({draft});
      REQUIRE_OK(again);
      BOOST_TEST(rig.CountInOdoo(draft.external_id) == 1);
    }
  }
}

// Three tries each, see session.h.
ODOO_TEST(a_reading_whose_answer_is_lost_is_made_again) {
  Rig rig(target_name);
  if (!rig.target().simulated) return;
  for (const char* const action : {"cut_before", "cut_after"}) {
    const model::ErpRecord record = rig.CreateOne(rig.Invoice());
    Fault(rig, action, "account.move", "search_read", 2);
    const absl::Status status = rig.erp().Post(rig.company_id(), std::vector{record}, rig.Soon());
    AskSimulator(rig.target(), "faults", json::array());
    REQUIRE_OK(status);
    BOOST_TEST(rig.ReadOne(record).state == "posted");
  }
}

ODOO_TEST(a_reading_that_fails_leaves_nothing_unknown) {
  Rig rig(target_name);
  if (!rig.target().simulated) return;
  const model::ErpRecord record = rig.CreateOne(rig.Invoice());
  Fault(rig, "cut_before", "account.move", "search_read", 3);
  const absl::Status status = rig.erp().Post(rig.company_id(), std::vector{record}, rig.Soon());
  AskSimulator(rig.target(), "faults", json::array());
  BOOST_REQUIRE(!status.ok());
  BOOST_TEST((base::OutcomeOf(status) == Outcome::kNotApplied));
  BOOST_TEST(rig.ReadOne(record).state == "draft");
}

ODOO_TEST(a_post_whose_answer_is_lost_is_unknown_and_safe_to_repeat) {
  Rig rig(target_name);
  if (!rig.target().simulated) return;
  for (const char* const action : {"cut_before", "cut_after"}) {
    const model::ErpRecord record = rig.CreateOne(rig.Invoice());
    Fault(rig, action, "account.move", "action_post");
    const absl::Status status = rig.erp().Post(rig.company_id(), std::vector{record}, rig.Soon());
    AskSimulator(rig.target(), "faults", json::array());
    BOOST_REQUIRE(!status.ok());
    BOOST_TEST((base::OutcomeOf(status) == Outcome::kUnknown));
    REQUIRE_OK(rig.erp().Post(rig.company_id(), std::vector{record}, rig.Soon()));
    BOOST_TEST(rig.ReadOne(record).state == "posted");
  }
}

ODOO_TEST(something_invisible_is_not_absent) {
  Rig rig(target_name);
  if (!rig.target().simulated) return;
  const Draft draft = rig.Invoice();
  const model::ErpRecord record = rig.CreateOne(draft);
  AskSimulator(rig.target(), "set",
               {{"hidden", json::array({json::array({"account.move", record.id})})}});
  const auto results = rig.erp().Probe(std::vector{draft.external_id}, rig.Soon());
  AskSimulator(rig.target(), "set", {{"hidden", json::array()}});
  REQUIRE_OK(results);
  BOOST_TEST((results->front().kind == ports::ProbeResult::Kind::kNotVisible));
}

ODOO_TEST(what_a_refused_batch_would_have_made_is_absent_whichever_worker_is_asked) {
  Rig rig(target_name);
  const Draft good = rig.Entry("10.00", "10.00");
  const Draft bad = rig.Entry("10.00", "9.00");
  const auto records = rig.Create({good, bad});
  BOOST_REQUIRE(!records.ok());
  BOOST_TEST((base::OutcomeOf(records.status()) == Outcome::kRefused));
  constexpr int kAsks = 6;
  for (int ask = 0; ask < kAsks; ++ask) {
    const auto results = rig.erp().Probe(std::vector{good.external_id}, rig.Soon());
    REQUIRE_OK(results);
    BOOST_TEST((results->front().kind == ports::ProbeResult::Kind::kAbsent));
  }
  BOOST_TEST(rig.CountInOdoo(good.external_id) == 0);
  const model::ErpRecord record = rig.CreateOne(good);
  for (int ask = 0; ask < kAsks; ++ask) {
    const auto results = rig.erp().Probe(std::vector{good.external_id}, rig.Soon());
    REQUIRE_OK(results);
    BOOST_TEST((results->front().kind == ports::ProbeResult::Kind::kPresent));
    BOOST_TEST(results->front().record.id == record.id);
  }
}

ODOO_TEST(a_deadline_in_the_past_sends_nothing) {
  Rig rig(target_name);
  const Draft draft = rig.Invoice();
  const std::vector<ports::DraftRequest> requests{
      {draft.external_id, &draft.document, &draft.references}};
  const auto records = rig.erp().CreateDrafts(rig.company_id(), rig.catalogue(), requests,
                                              absl::Now() - absl::Seconds(1));
  BOOST_REQUIRE(!records.ok());
  BOOST_TEST((base::OutcomeOf(records.status()) == Outcome::kNotApplied));
  BOOST_TEST(rig.CountInOdoo(draft.external_id) == 0);
}

ODOO_TEST(a_server_that_is_not_there_is_unreachable) {
  Rig rig(target_name);
  OdooSettings settings = rig.Settings();
  settings.url = "http://127.0.0.1:1";
  const auto identity = rig.Connect(settings)->Identify(rig.Soon());
  BOOST_TEST(base::Is(identity.status(), Reason::kOdooUnreachable), identity.status().ToString());
  BOOST_TEST((base::OutcomeOf(identity.status()) == Outcome::kNotApplied));
}

ODOO_TEST(a_private_address_is_refused_unless_allowed) {
  Rig rig(target_name);
  OdooSettings settings = rig.Settings();
  settings.url = "http://10.255.255.1:8069";
  settings.allow_private_address = false;
  const auto identity = rig.Connect(settings)->Identify(rig.Soon());
  BOOST_REQUIRE(!identity.ok());
  BOOST_TEST(base::InfoOf(identity.status()).metadata.at("cause") == "TARGET_REFUSED");
}

}  // namespace
}  // namespace kontor::odoo::contract
