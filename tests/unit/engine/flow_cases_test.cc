// SPDX-License-Identifier: Apache-2.0
// What a loop takes for decided, and what it must not.
#include "server/engine/flow_cases.h"

#include "tests/unit/engine/harness.h"

namespace kontor::engine::testing {
namespace {

using base::Reason;
using model::ExceptionState;
using model::Resolution;

struct Cases : Harness {
  FlowCase About(std::vector<model::Finding> findings) {
    FlowCase flow_case;
    flow_case.subject = "stm_1";
    flow_case.findings = std::move(findings);
    flow_case.actions = {{Resolution::kAccept, "Lets it pass.", true},
                         {Resolution::kReject, "Leaves it.", false}};
    return flow_case;
  }
  void Put(FlowCase flow_case) {
    BOOST_REQUIRE(
        store->Commit([&](ports::Unit& unit) { return PutFlowCase(desk, unit, flow_case, &id); })
            .ok());
  }
  model::ExceptionCase Case() {
    model::ExceptionCase found;
    BOOST_REQUIRE(store
                      ->Read([&](ports::ReadView& view) -> absl::Status {
                        KONTOR_ASSIGN_OR_RETURN(const auto exception, view.FindException(id));
                        BOOST_REQUIRE(exception.has_value());
                        found = *exception;
                        return absl::OkStatus();
                      })
                      .ok());
    return found;
  }
  absl::Status Resolve(const ports::Actor& actor, Resolution resolution) {
    return engine->ResolveException(actor, {id, resolution, "looked at it", {}}).status();
  }
  std::optional<Resolution> Decision() { return DecisionOf(*store, id).value(); }

  CaseDesk desk{clock, ids, absl::Hours(48)};
  std::string id;
  const model::Finding overlap =
      model::MakeFinding(Reason::kStatementOverlap, "statement", "Two disagree.");
  const model::Finding gap = model::MakeFinding(Reason::kStatementGap, "statement", "One is gone.");
};

BOOST_FIXTURE_TEST_SUITE(flow_cases, Cases)

BOOST_AUTO_TEST_CASE(what_one_person_proposed_is_not_decided) {
  Put(About({overlap}));
  BOOST_REQUIRE(Resolve(accountant, Resolution::kAccept).ok());
  BOOST_TEST(!Decision().has_value());
  BOOST_TEST(HasReason(Resolve(accountant, Resolution::kAccept), Reason::kSecondPersonRequired));
  BOOST_TEST(!Decision().has_value());
  BOOST_REQUIRE(Resolve(second_accountant, Resolution::kAccept).ok());
  BOOST_TEST((Decision() == Resolution::kAccept));
}

BOOST_AUTO_TEST_CASE(a_proposal_is_not_what_the_same_person_then_decides_alone) {
  Put(About({overlap}));
  BOOST_REQUIRE(Resolve(accountant, Resolution::kAccept).ok());
  BOOST_REQUIRE(Resolve(accountant, Resolution::kReject).ok());
  BOOST_TEST((Decision() == Resolution::kReject));
  BOOST_TEST(Case().proposer.empty());
}

BOOST_AUTO_TEST_CASE(a_proposal_falls_when_the_findings_change) {
  Put(About({overlap}));
  BOOST_REQUIRE(Resolve(accountant, Resolution::kAccept).ok());
  const std::string before = id;
  Put(About({overlap}));
  BOOST_TEST((Case().state == ExceptionState::kAwaitingSecondPerson));
  Put(About({overlap, gap}));
  BOOST_TEST(id == before);
  BOOST_TEST((Case().state == ExceptionState::kOpen));
  // The second person is the first one of the new proposal.
  BOOST_REQUIRE(Resolve(second_accountant, Resolution::kAccept).ok());
  BOOST_TEST(!Decision().has_value());
}

BOOST_AUTO_TEST_CASE(a_case_that_ended_is_followed_by_a_new_one) {
  Put(About({overlap}));
  const std::string before = id;
  BOOST_REQUIRE(Resolve(accountant, Resolution::kReject).ok());
  Put(About({overlap}));
  BOOST_TEST(id != before);
  BOOST_TEST(!Decision().has_value());
}

BOOST_AUTO_TEST_CASE(a_case_that_kontord_ends_decides_nothing_that_was_proposed) {
  Put(About({overlap}));
  BOOST_REQUIRE(Resolve(accountant, Resolution::kAccept).ok());
  std::string cleared = id;
  BOOST_REQUIRE(store
                    ->Commit([&](ports::Unit& unit) {
                      return CloseFlowCase(desk, unit, "cor_1", "it is mended", &cleared);
                    })
                    .ok());
  BOOST_TEST(cleared.empty());
  BOOST_TEST(Case().resolver == "kontord");
  BOOST_TEST((Decision() == Resolution::kRetry));
}

struct Owned {
  const char* name;
  Reason reason;
  bool technical;
  const char* owner;
};
const Owned kOwned[] = {
    {"accounting's", Reason::kStatementOverlap, false, "accountant"},
    {"an administrator's", Reason::kOwnAccountUnknown, true, "administrator"},
    {"nobody's", Reason::kOdooBusy, false, "operator"},
    {"a caller's", Reason::kFieldMissing, false, "accountant"},
    {"a caller's in a technical case", Reason::kFieldMissing, true, "operator"},
};

BOOST_AUTO_TEST_CASE(a_case_belongs_to_whom_the_catalogue_names) {
  for (const Owned& c : kOwned) {
    id.clear();
    FlowCase flow_case = About({model::MakeFinding(c.reason, "", "Something.")});
    flow_case.technical = c.technical;
    Put(flow_case);
    BOOST_TEST(Case().owner_role == c.owner, c.name);
  }
}

BOOST_AUTO_TEST_CASE(whom_a_case_bars_may_reject_but_not_accept) {
  FlowCase flow_case = About({overlap});
  flow_case.barred = accountant.principal_id;
  Put(flow_case);
  BOOST_TEST(HasReason(Resolve(accountant, Resolution::kAccept), Reason::kDutiesNotSeparate));
  BOOST_TEST(!Decision().has_value());
  BOOST_REQUIRE(Resolve(accountant, Resolution::kReject).ok());
  BOOST_TEST((Decision() == Resolution::kReject));
}

BOOST_AUTO_TEST_CASE(a_reason_that_many_findings_share_is_told_once) {
  Put(About({overlap, gap, overlap}));
  BOOST_TEST(Audit().back().reason == "STATEMENT_OVERLAP, STATEMENT_GAP");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::engine::testing
