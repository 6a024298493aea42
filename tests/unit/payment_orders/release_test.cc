// SPDX-License-Identifier: Apache-2.0
// Between approval and hand-over: whatever changed, nothing leaves that was not approved.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "server/model/bank.h"
#include "tests/unit/payment_orders/harness.h"

namespace bdata = boost::unit_test::data;

namespace kontor::payment_orders::testing {
namespace {

using base::Reason;

BOOST_FIXTURE_TEST_SUITE(release, OrderHarness)

struct Mutation {
  const char* name;
  void (*change)(OrderHarness& harness, int64_t bill);
  Reason reason;
};
std::ostream& operator<<(std::ostream& out, const Mutation& c) { return out << c.name; }
const Mutation kMutations[] = {
    {"the bill was paid by somebody else",
     [](auto& h, int64_t bill) { h.erp->PayByHand(bill, "100.00"); }, Reason::kNothingToPay},
    {"a part of the bill was paid", [](auto& h, int64_t bill) { h.erp->PayByHand(bill, "0.01"); },
     Reason::kBillChanged},
    {"the bill was deleted",
     [](auto& h, int64_t bill) { h.erp->DeleteRecord(bill, "account.move"); },
     Reason::kDeletedInOdoo},
    {"the vendor has another account",
     [](auto& h, int64_t bill) { h.erp->payables[bill].account->number = kOtherIban; },
     Reason::kBeneficiaryChanged},
    {"the account has another holder",
     [](auto& h, int64_t bill) { h.erp->payables[bill].account->holder = "Somebody Else"; },
     Reason::kBeneficiaryChanged},
    {"the account is at another bank",
     [](auto& h, int64_t bill) { h.erp->payables[bill].account->bic = "COBADEFFXXX"; },
     Reason::kBeneficiaryChanged},
    {"the account is trusted no more",
     [](auto& h, int64_t bill) { h.erp->payables[bill].account->trusted = false; },
     Reason::kBankAccountUntrusted},
    {"the vendor has no account any more",
     [](auto& h, int64_t bill) { h.erp->payables[bill].account.reset(); },
     Reason::kBankAccountUnknown},
    {"the debt is another partner's",
     [](auto& h, int64_t bill) { h.erp->payables[bill].partner_id = 901; }, Reason::kApprovalVoid},
    {"our account has another number",
     [](auto& h, int64_t) { h.PutAccount([](auto& a) { a.iban = kOtherIban; }); },
     Reason::kApprovalVoid},
    {"our account goes by another bank",
     [](auto& h, int64_t) {
       h.PutChannel([](auto& c) {
         c.name = "second-bank";
         c.id = "bch_second";
       });
       h.PutAccount([](auto& a) { a.channel = "second-bank"; });
     },
     Reason::kApprovalVoid},
    {"the file is written in another dialect",
     [](auto& h, int64_t) { h.PutAccount([](auto& a) { a.dialect = "sepa-03"; }); },
     Reason::kApprovalVoid},
    {"the day of execution has passed",
     [](auto& h, int64_t) { h.clock.Advance(absl::Hours(24 * 7)); }, Reason::kCutOffPassed},
};

BOOST_DATA_TEST_CASE(a_release_finds_that_and_voids_the_approvals, bdata::make(kMutations), c) {
  const int64_t bill = AddBill("100.00");
  const std::string id = CreateReady({bill});
  ApproveAll(id);
  const std::string digest = Digest(id);
  c.change(*this, bill);
  const absl::Status released = loop->Release(releasing, id, digest).status();
  BOOST_TEST(!released.ok());
  bool named = false;
  for (const auto& finding : model::FindingsOf(released)) {
    named = named || finding.reason == base::EntryOf(c.reason).name;
  }
  BOOST_TEST((named || base::Is(released, c.reason)), released.ToString());
  BOOST_TEST(State(id) == "DRAFT");
  for (const Json& approval : Order(id)["approvals"]) {
    BOOST_TEST(approval.contains("void_reason"));
  }
  Settle();
  BOOST_TEST(bank->submits == 0);
  BOOST_TEST(State(id) != "APPROVED");
  BOOST_TEST(State(id) != "RELEASED");
  BOOST_TEST(!loop->Release(releasing, id, digest).ok());
}

BOOST_AUTO_TEST_CASE(a_release_is_of_the_content_that_its_person_saw) {
  const std::string id = CreateReady({AddBill("100.00")});
  ApproveAll(id);
  BOOST_TEST(
      base::Is(loop->Release(releasing, id, std::string(64, 'a')).status(), Reason::kApprovalVoid));
  BOOST_TEST(State(id) == "APPROVED");
}

BOOST_AUTO_TEST_CASE(repeating_a_release_changes_nothing_and_sends_nothing_twice) {
  const std::string id = CreateReleased({AddBill("100.00")});
  BOOST_TEST(Release(id).ok());
  Settle();
  BOOST_TEST(Release(id).ok());
  Settle();
  BOOST_TEST(bank->submits == 1);
  BOOST_TEST(Order(id)["releaser"] == releasing.name);
}

struct Stopped {
  const char* name;
  void (*stop)(OrderHarness& harness);
  Reason reason;
};
std::ostream& operator<<(std::ostream& out, const Stopped& c) { return out << c.name; }
const Stopped kStopped[] = {
    {"the channel is paused",
     [](auto& h) { h.PutChannel([](auto& c) { c.state = model::ChannelState::kPaused; }); },
     Reason::kChannelPaused},
    {"the entity is paused",
     [](auto& h) { h.SetEntity([](auto& e) { e.mode = engine::Mode::kPaused; }); },
     Reason::kConnectionPaused},
    {"the connection is held after a restore",
     [](auto& h) { BOOST_REQUIRE(h.engine->HoldForRestore().ok()); }, Reason::kConnectionPaused},
};

BOOST_DATA_TEST_CASE(nothing_is_released_while, bdata::make(kStopped), c) {
  const std::string id = CreateReady({AddBill("100.00")});
  ApproveAll(id);
  c.stop(*this);
  BOOST_TEST(base::Is(Release(id), c.reason));
  BOOST_TEST(State(id) == "APPROVED");
}

BOOST_DATA_TEST_CASE(what_is_released_waits_while, bdata::make(kStopped), c) {
  const std::string id = CreateReleased({AddBill("100.00")});
  c.stop(*this);
  Wait(absl::Minutes(5));
  BOOST_TEST(State(id) == "RELEASED");
  BOOST_TEST(bank->submits == 0);
}

BOOST_AUTO_TEST_CASE(our_account_that_changes_after_the_release_takes_the_order_back) {
  const std::string id = CreateReleased({AddBill("100.00")});
  PutAccount([](auto& account) { account.holder_name = "Somebody Else"; });
  Settle();
  BOOST_TEST(bank->submits == 0);
  BOOST_TEST(Told(id, "payment_order.approvals_voided"));
  BOOST_TEST(State(id) == "AWAITING_APPROVAL");
}

struct Forgery {
  const char* name;
  const char* from;
  const char* to;
};
std::ostream& operator<<(std::ostream& out, const Forgery& c) { return out << c.name; }
const Forgery kForgeries[] = {
    {"an amount", "\"value\":\"100.00\"", "\"value\":\"900.00\""},
    {"an account", kVendorIban, kOtherIban},
    {"a name", "Muster Lieferant", "Mister Lieferant"},
};

BOOST_DATA_TEST_CASE(a_payment_altered_in_the_store_does_not_leave, bdata::make(kForgeries), c) {
  const std::string id = CreateReleased({AddBill("100.00")});
  BOOST_REQUIRE(store
                    ->Commit([&](ports::Unit& unit) -> absl::Status {
                      KONTOR_ASSIGN_OR_RETURN(auto lines, unit.FlowLines(id, 0, 10));
                      std::string& body = lines[0].body;
                      const size_t at = body.find(c.from);
                      BOOST_REQUIRE(at != std::string::npos);
                      body.replace(at, std::string(c.from).size(), c.to);
                      return unit.UpdateFlowLine(lines[0]);
                    })
                    .ok());
  Settle();
  BOOST_TEST(bank->files.empty());
  BOOST_TEST(State(id) != "SUBMITTED");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_the_approved_one_is_not_handed_over) {
  const std::string id = CreateReleased({AddBill("100.00")});
  bank->trouble = std::deque<Trouble>(100, Trouble::kRefused);
  Settle();
  BOOST_REQUIRE_EQUAL(Submission(id), "GENERATED");
  const int before = bank->submits;
  Tamper(id, [](ports::FlowRow& row) {
    const std::string key = "\"file_sha256\":\"";
    row.body[row.body.find(key) + key.size()] ^= 1;
    row.due = absl::InfinitePast();
  });
  bank->trouble.clear();
  Wait(absl::Minutes(5));
  BOOST_TEST(bank->submits == before);
  BOOST_TEST(ReasonsOf(id) == std::vector<std::string>{"FILE_ALTERED"});
}

BOOST_AUTO_TEST_CASE(an_approved_order_is_cancelled_and_a_sent_one_is_not) {
  const std::string first = CreateReady({AddBill("100.00")});
  ApproveAll(first);
  BOOST_REQUIRE(loop->Cancel(preparer, first, "not needed", {}).ok());
  BOOST_REQUIRE(loop->Cancel(preparer, first, "not needed", {}).ok());
  BOOST_TEST(State(first) == "CANCELLED");
  BOOST_TEST(base::Is(Release(first), Reason::kStateConflict));
  const std::string second = CreateSubmitted({AddBill("50.00")});
  BOOST_TEST(
      base::Is(loop->Cancel(preparer, second, "too late", {}).status(), Reason::kStateConflict));
  BOOST_TEST(base::Is(loop->Hold(preparer, second, "too late").status(), Reason::kStateConflict));
  BOOST_TEST(base::Is(loop->Refresh(preparer, second).status(), Reason::kStateConflict));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::payment_orders::testing
