// SPDX-License-Identifier: Apache-2.0
// Sanctions lists hold payments: who loads a list, whom it holds, what two persons may decide about
// it, and what ends their decision. All parties are invented.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "server/base/strings.h"
#include "tests/unit/payment_orders/harness.h"

namespace bdata = boost::unit_test::data;

namespace kontor::payment_orders::testing {
namespace {

using base::Reason;
using base::StrCat;

constexpr char kVendorName[] = "Muster Lieferant GmbH";

/// The EU's format, with one party.
std::string ListOf(const std::string& name, const std::string& day,
                   const std::string& programme = "TST") {
  return StrCat(R"(<export generationDate=")", day,
                R"(T10:00:00"><sanctionEntity euReferenceNumber="EU.1.1" logicalId="1">)",
                R"(<regulation programme=")", programme, R"("/><subjectType code="enterprise"/>)",
                R"(<nameAlias wholeName=")", name,
                R"(" strong="true"/></sanctionEntity></export>)");
}

struct ScreeningHarness : OrderHarness {
  std::string Day(int days_ago = 0) {
    return model::Date::Of(clock.Now()).PlusDays(-days_ago).ToString();
  }
  void List(const std::string& name, int days_ago = 0) {
    LoadList("eu", ListOf(name, Day(days_ago)));
  }
  /// The hit that holds the order.
  Json Hit(const std::string& state = "OPEN") {
    const auto listed = loop->ListHits(approver, "", state, {10, ""});
    BOOST_REQUIRE_MESSAGE(listed.ok() && !listed->rows.empty(), "no hit");
    return Json::parse(listed->rows[0].json);
  }
  absl::Status Decide(const ports::Actor& actor, const std::string& id,
                      HitDecision decision = HitDecision::kClear) {
    const absl::Status status = loop->DecideHit(actor, id, decision, "compared them").status();
    Settle();
    return status;
  }
  void ClearByTwo(const std::string& id) {
    BOOST_REQUIRE(Decide(approver, id).ok());
    BOOST_REQUIRE(Decide(second_approver, id).ok());
  }
  /// Its account is confirmed; what still holds it is the list.
  std::string CreateConfirmed() {
    const std::string id = Create({AddBill("100.00")});
    ConfirmAll(id);
    return id;
  }
};

BOOST_FIXTURE_TEST_SUITE(screening_lists, ScreeningHarness)

BOOST_AUTO_TEST_CASE(without_a_list_an_order_says_that_nobody_was_screened) {
  const std::string id = CreateConfirmed();
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
  BOOST_TEST(Order(id)["findings"].dump().find("nobody was screened") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_list_comes_into_force_when_another_person_activates_it) {
  const auto imported = ImportList(administrator, "eu", ListOf(kVendorName, Day()));
  BOOST_REQUIRE_MESSAGE(imported.ok(), imported.status().ToString());
  BOOST_TEST(imported->policy_version == "lists/v1");
  BOOST_TEST((imported->list.state == ListState::kProposed));
  std::string id = CreateConfirmed();
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
  BOOST_TEST(base::Is(
      policies->Activate(administrator, imported->policy_version, imported->policy_digest).status(),
      Reason::kDutiesNotSeparate));
  BOOST_REQUIRE(
      policies->Activate(second_administrator, imported->policy_version, imported->policy_digest)
          .ok());
  Wait(absl::Minutes(6));
  BOOST_TEST(State(id) == "HELD");
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"SCREENING_HIT"});
  BOOST_TEST(Order(id)["policy_versions"].dump().find("lists/v1") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(lists_that_are_imported_one_after_the_other_do_not_push_each_other_out) {
  BOOST_REQUIRE(ImportList(administrator, "un", ListOf("Somebody Else", Day())).ok());
  const auto second = ImportList(administrator, "eu", ListOf(kVendorName, Day()));
  BOOST_REQUIRE(
      policies->Activate(second_administrator, second->policy_version, second->policy_digest).ok());
  const auto status = lists->Status();
  BOOST_REQUIRE(status.ok());
  BOOST_TEST(status->lists.size() == 2U);
  for (const LoadedList& list : status->lists) BOOST_TEST((list.state == ListState::kActive));
  // A newer one of the same name takes the place of the older.
  const auto newer = ImportList(administrator, "eu", ListOf("Nobody", Day()));
  BOOST_TEST(newer->active_party_count == 1);
  BOOST_REQUIRE(
      policies->Activate(second_administrator, newer->policy_version, newer->policy_digest).ok());
  const auto after = lists->Status();
  BOOST_TEST((after->lists[2].state == ListState::kLoaded));
  BOOST_TEST(State(CreateConfirmed()) == "AWAITING_APPROVAL");
}

BOOST_AUTO_TEST_CASE(the_bytes_that_are_in_force_are_not_proposed_again) {
  const std::string content = ListOf(kVendorName, Day());
  LoadList("eu", content);
  const auto again = ImportList(administrator, "eu", content);
  BOOST_REQUIRE_MESSAGE(again.ok(), again.status().ToString());
  BOOST_TEST(again->policy_version == "");
  BOOST_TEST(policies->List("lists")->size() == 1U);
}

struct NoImport {
  const char* name;
  void (*spoil)(ScreeningHarness& harness, ports::Actor& actor, std::string& list,
                std::string& content);
  Reason reason;
};
std::ostream& operator<<(std::ostream& out, const NoImport& c) { return out << c.name; }
const NoImport kNoImport[] = {
    {"a service", [](auto& h, auto& a, auto&, auto&) { a = h.program; }, Reason::kPersonRequired},
    {"no name", [](auto&, auto&, auto& l, auto&) { l.clear(); }, Reason::kFieldInvalid},
    {"a name like a path", [](auto&, auto&, auto& l, auto&) { l = "../eu"; },
     Reason::kFieldInvalid},
    {"half a list", [](auto&, auto&, auto&, auto& c) { c.resize(c.size() / 2); },
     Reason::kFormatTruncated},
    {"a document type",
     [](auto&, auto&, auto&, auto& c) { c = "<!DOCTYPE export>" + c; }, Reason::kXmlForbidden},
    {"a list of tomorrow's tomorrow",
     [](auto& h, auto&, auto&, auto& c) { c = ListOf("A", h.Day(-2)); }, Reason::kFieldInvalid},
    {"a table without a day", [](auto&, auto&, auto&, auto& c) { c = "1,1,aka,Somebody,-0-\n"; },
     Reason::kFieldMissing},
    {"more than there is room for",
     [](auto&, auto&, auto&, auto& c) { c += std::string(1 << 20, ' '); }, Reason::kTooLarge},
};
BOOST_DATA_TEST_CASE(no_list_is_imported_for, bdata::make(kNoImport), c) {
  ports::Actor actor = administrator;
  std::string list = "eu";
  std::string content = ListOf(kVendorName, Day());
  c.spoil(*this, actor, list, content);
  const absl::Status status = ImportList(actor, list, content).status();
  BOOST_TEST(base::Is(status, c.reason), status.ToString());
  BOOST_TEST(policies->List("lists")->empty());
}

BOOST_AUTO_TEST_CASE(a_hit_holds_the_order_and_says_why_in_plain_words) {
  List("Mustter Lieferanten Ltd.");
  const std::string id = CreateConfirmed();
  BOOST_TEST(State(id) == "HELD");
  const Json finding = Order(id)["findings"][0];
  BOOST_TEST(finding["reason"] == "SCREENING_HIT");
  BOOST_TEST(finding["field"] == "payments[0].creditor");
  const std::string message = finding["message"];
  for (const char* part : {"% like 'Mustter Lieferanten Ltd.'", "sanctions list eu", "EU.1.1",
                           "TST", "shi_"}) {
    BOOST_TEST(message.find(part) != std::string::npos, message << ": " << part);
  }
  // Names of creditors are personal data: the message does not repeat it.
  BOOST_TEST(message.find("Muster Lieferant") == std::string::npos);
  const Json hit = Hit();
  BOOST_TEST(hit["entry_id"] == "EU.1.1");
  BOOST_TEST(hit["payment_order_id"] == id);
  BOOST_TEST(hit["words"].get<std::string>().find("muster ~ mustter") != std::string::npos);
  BOOST_TEST(PaymentState(id, 0) == "HELD");
}

BOOST_AUTO_TEST_CASE(two_persons_clear_a_hit_and_it_holds_nothing_again) {
  List(kVendorName);
  const std::string id = CreateConfirmed();
  const std::string hit = Hit()["id"];
  BOOST_REQUIRE(Decide(approver, hit).ok());
  BOOST_REQUIRE(Decide(approver, hit).ok());  // one person counts once
  BOOST_TEST(State(id) == "HELD");
  BOOST_REQUIRE(Decide(second_approver, hit).ok());
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
  BOOST_TEST(Hit("CLEARED")["said"].size() == 2U);
  // The approver still sees it.
  BOOST_TEST(Order(id)["findings"].dump().find("two persons said") != std::string::npos);
  BOOST_TEST(State(Create({AddBill("70.00")})) == "AWAITING_APPROVAL");
  ApproveAll(id);
  BOOST_TEST(Release(id).ok());
}

BOOST_AUTO_TEST_CASE(a_hit_is_decided_as_a_hit_and_never_let_pass_with_the_order) {
  List(kVendorName);
  const std::string id = CreateConfirmed();
  const engine::ResolveRequest accept{CaseOf(id).id, model::Resolution::kAccept, "known", {}};
  BOOST_TEST(!engine->ResolveException(accountant, accept).ok());
  BOOST_TEST(!engine->ResolveException(second_accountant, accept).ok());
  Wait(absl::Minutes(6));
  BOOST_TEST(State(id) == "HELD");
  BOOST_REQUIRE(Decide(approver, Hit()["id"], HitDecision::kConfirm).ok());
  BOOST_TEST(!engine->ResolveException(accountant, accept).ok());
  Wait(absl::Minutes(6));
  BOOST_TEST(State(id) == "HELD");
}

BOOST_AUTO_TEST_CASE(more_hits_than_are_told_hold_the_order_although_all_of_these_are_cleared) {
  std::string text = StrCat("<export generationDate=\"", Day(), "T10:00:00\">");
  constexpr int kEntries = 101;
  for (int i = 1; i <= kEntries; ++i) {
    base::StrAppend(&text, "<sanctionEntity logicalId=\"", i, "\"><nameAlias wholeName=\"",
                    kVendorName, "\"/></sanctionEntity>");
  }
  LoadList("eu", text + "</export>");
  const std::string id = CreateConfirmed();
  const auto listed = loop->ListHits(approver, "", "OPEN", {500, ""});
  BOOST_REQUIRE(listed->rows.size() == 100U);
  for (const View& hit : listed->rows) {
    for (const auto& person : {approver, second_approver}) {
      BOOST_REQUIRE(loop->DecideHit(person, hit.id, HitDecision::kClear, "somebody else").ok());
    }
  }
  Wait(absl::Minutes(6));
  BOOST_TEST(State(id) == "HELD");
  BOOST_TEST(ReasonsOf(id).back() == "SCREENING_HIT");
  const engine::ResolveRequest accept{CaseOf(id).id, model::Resolution::kAccept, "known", {}};
  BOOST_TEST(!engine->ResolveException(accountant, accept).ok());
  BOOST_TEST(!loop->Approve(approver, id, Digest(id)).ok());
}

BOOST_AUTO_TEST_CASE(a_changed_entry_holds_again) {
  List(kVendorName);
  const std::string id = CreateConfirmed();
  ClearByTwo(Hit()["id"]);
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
  // A newer list with the same entry changes nothing.
  LoadList("eu", ListOf(kVendorName, Day()) + " ");
  Wait(absl::Minutes(6));
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
  LoadList("eu", ListOf(kVendorName, Day(), "OTHER"));
  Wait(absl::Minutes(6));
  BOOST_TEST(State(id) == "HELD");
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"SCREENING_HIT"});
}

BOOST_AUTO_TEST_CASE(a_changed_creditor_holds_again) {
  List(kVendorName);
  CreateConfirmed();
  ClearByTwo(Hit()["id"]);
  const std::string id = Create({AddBill("70.00", kOtherIban)});
  ConfirmAll(id);
  BOOST_TEST(State(id) == "HELD");
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"SCREENING_HIT"});
}

BOOST_AUTO_TEST_CASE(who_prepared_an_order_to_the_creditor_clears_nothing) {
  List(kVendorName);
  const auto view = loop->Create(everything, RequestFor({AddBill("100.00")}));
  BOOST_REQUIRE(view.ok());
  Settle();
  const std::string hit = Hit()["id"];
  BOOST_TEST(base::Is(Decide(everything, hit), Reason::kDutiesNotSeparate));
  BOOST_TEST(base::Is(Decide(preparer, hit), Reason::kPermissionDenied));
  BOOST_TEST(base::Is(Decide(program, hit), Reason::kPersonRequired));
  BOOST_TEST(base::Is(Decide(approver, "shi_none"), Reason::kNotFound));
  BOOST_TEST(base::Is(
      loop->DecideHit(approver, hit, HitDecision::kClear, "").status(), Reason::kFieldMissing));
}

BOOST_AUTO_TEST_CASE(a_confirmed_hit_is_not_cleared_before_it_was_reopened) {
  List(kVendorName);
  const std::string id = CreateConfirmed();
  const std::string hit = Hit()["id"];
  ClearByTwo(hit);
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
  BOOST_REQUIRE(Decide(approver, hit, HitDecision::kConfirm).ok());
  BOOST_TEST(State(id) == "HELD");
  BOOST_TEST(base::Is(Decide(second_approver, hit), Reason::kStateConflict));
  BOOST_REQUIRE(Decide(approver, hit, HitDecision::kReopen).ok());
  ClearByTwo(hit);
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
}

BOOST_AUTO_TEST_CASE(a_list_that_comes_after_the_approvals_stops_the_release) {
  const std::string id = CreateReady({AddBill("100.00")});
  ApproveAll(id);
  List(kVendorName);
  BOOST_TEST(base::Is(Release(id), Reason::kScreeningHit));
  Settle();
  BOOST_TEST(State(id) == "HELD");
  BOOST_TEST(bank->submits == 0);
}

BOOST_AUTO_TEST_CASE(a_list_that_grew_old_holds_until_a_newer_one_is_in_force) {
  List("Somebody Else", 7);
  const std::string id = CreateConfirmed();
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
  Wait(absl::Hours(25));
  BOOST_TEST(State(id) == "HELD");
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"LIST_STALE"});
  const Json finding = Order(id)["findings"][0];
  BOOST_TEST(finding["suggestion"].get<std::string>().find("screening import FILE --list eu") !=
             std::string::npos);
  BOOST_TEST(lists->Status()->lists[0].stale);
  List("Somebody Else");
  Wait(absl::Minutes(6));
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
}

BOOST_AUTO_TEST_CASE(a_list_may_have_an_age_of_its_own) {
  LoadList("eu", ListOf("Somebody Else", Day(8)));
  Json content = Json::parse(policies->Get("lists")->content);
  content["lists"][0]["stale_after_days"] = 30;
  SetPolicy("lists", content.dump());
  BOOST_TEST(State(CreateConfirmed()) == "AWAITING_APPROVAL");
}

BOOST_AUTO_TEST_CASE(a_name_is_tried_against_the_lists_in_force) {
  BOOST_TEST(base::Is(loop->CheckName("Muster").status(), Reason::kListStale));
  List(kVendorName);
  BOOST_TEST(loop->CheckName("Lieferant, Muster")->size() == 1U);
  BOOST_TEST(loop->CheckName("Somebody")->empty());
  BOOST_TEST(base::Is(loop->CheckName("").status(), Reason::kFieldInvalid));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::payment_orders::testing
