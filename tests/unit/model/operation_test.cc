// SPDX-License-Identifier: Apache-2.0
// States, transitions and plans of operations.
#include <set>
#include <string>
#include <vector>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/model/operation.h"
#include "tests/unit/model/builders.h"

namespace bdata = boost::unit_test::data;

namespace kontor::model {
namespace {

using testing::Wrap;
using enum OperationState;

constexpr int kStates = static_cast<int>(kCancelled) + 1;
OperationState StateAt(int i) { return static_cast<OperationState>(i); }

template <typename Enum, typename Parse>
void ExpectNames(int count, Parse parse) {
  std::set<std::string_view> names;
  for (int i = 0; i < count; ++i) {
    const auto value = static_cast<Enum>(i);
    const std::string_view name = NameOf(value);
    BOOST_TEST(names.insert(name).second);
    const auto again = parse(name);
    BOOST_REQUIRE(again.has_value());
    BOOST_TEST((*again == value));
  }
  BOOST_TEST(!parse("").has_value());
  BOOST_TEST(!parse("NO_SUCH_NAME").has_value());
  BOOST_TEST(!parse(base::ToLower(NameOf(static_cast<Enum>(0)))).has_value());
}

BOOST_AUTO_TEST_CASE(every_name_is_read_back_as_what_it_names) {
  ExpectNames<OperationState>(kStates, ParseOperationState);
  ExpectNames<Verb>(4, ParseVerb);
  ExpectNames<Posting>(3, ParsePosting);
  ExpectNames<Path>(3, ParsePath);
  ExpectNames<ParkReason>(7, ParseParkReason);
  ExpectNames<StepKind>(12, ParseStepKind);
  ExpectNames<StepState>(5, ParseStepState);
  ExpectNames<DocumentType>(4, ParseDocumentType);
  ExpectNames<InvoiceKind>(4, ParseInvoiceKind);
  ExpectNames<PaymentDirection>(2, ParsePaymentDirection);
  ExpectNames<PartnerRole>(2, ParsePartnerRole);
}

BOOST_AUTO_TEST_CASE(every_state_has_an_exit_unless_it_is_terminal) {
  for (int from = 0; from < kStates; ++from) {
    int exits = 0;
    for (int to = 0; to < kStates; ++to) exits += MayFollow(StateAt(from), StateAt(to)) ? 1 : 0;
    BOOST_TEST_CONTEXT(NameOf(StateAt(from))) {
      BOOST_TEST((exits == 0) == IsTerminal(StateAt(from)));
    }
  }
}

BOOST_AUTO_TEST_CASE(from_every_state_that_is_not_terminal_posted_and_cancelled_can_be_reached) {
  for (int start = 0; start < kStates; ++start) {
    if (IsTerminal(StateAt(start))) continue;
    std::set<int> reached = {start};
    std::vector<int> next = {start};
    while (!next.empty()) {
      const int from = next.back();
      next.pop_back();
      for (int to = 0; to < kStates; ++to) {
        if (MayFollow(StateAt(from), StateAt(to)) && reached.insert(to).second) next.push_back(to);
      }
    }
    BOOST_TEST_CONTEXT(NameOf(StateAt(start))) {
      BOOST_TEST(reached.contains(static_cast<int>(kPosted)));
      BOOST_TEST(reached.contains(static_cast<int>(kCancelled)));
    }
  }
}

BOOST_AUTO_TEST_CASE(nothing_is_cancelled_while_a_send_may_be_under_way) {
  BOOST_TEST(!MayFollow(kSending, kCancelled));
  BOOST_TEST(!MayFollow(kUnknown, kCancelled));
  for (const OperationState from :
       {kAccepted, kReady, kRetrying, kException, kHeld, kParked}) {
    BOOST_TEST_CONTEXT(NameOf(from)) { BOOST_TEST(MayFollow(from, kCancelled)); }
  }
}

BOOST_AUTO_TEST_CASE(only_what_was_sent_can_be_posted_or_unknown) {
  for (int from = 0; from < kStates; ++from) {
    const OperationState state = StateAt(from);
    BOOST_TEST_CONTEXT(NameOf(state)) {
      BOOST_TEST(MayFollow(state, kPosted) == (state == kSending || state == kUnknown));
      BOOST_TEST(MayFollow(state, kUnknown) == (state == kSending));
    }
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_outcome_is_never_simply_tried_again) {
  BOOST_TEST(!MayFollow(kUnknown, kRetrying));
  BOOST_TEST(!MayFollow(kUnknown, kParked));
  BOOST_TEST(!MayFollow(kException, kSending));
  BOOST_TEST(!MayFollow(kHeld, kSending));
  BOOST_TEST(!MayFollow(kParked, kSending));
  BOOST_TEST(!MayFollow(kAccepted, kSending));
}

BOOST_AUTO_TEST_CASE(a_refused_transition_names_both_states) {
  Operation operation;
  operation.id = "opn_1";
  operation.state = kPosted;
  const absl::Status status = CheckTransition(operation, kReady);
  BOOST_TEST(base::Is(status, base::Reason::kStateConflict));
  const base::ErrorInfo info = base::InfoOf(status);
  BOOST_TEST(info.metadata.at("from") == "POSTED");
  BOOST_TEST(info.metadata.at("to") == "READY");
  BOOST_TEST(info.metadata.at("operation") == "opn_1");
  operation.state = kSending;
  BOOST_TEST(CheckTransition(operation, kPosted).ok());
}

std::string PlanText(const Content& content, Verb verb, Posting posting,
                     Path path = Path::kUndecided) {
  std::vector<std::string> names;
  for (const Step& step : PlanSteps(Wrap(content), verb, posting, path)) {
    BOOST_TEST((step.state == StepState::kPending));
    names.emplace_back(NameOf(step.kind));
  }
  return base::StrJoin(names, " ");
}

BOOST_AUTO_TEST_CASE(the_plan_of_an_invoice_follows_its_posting_links_and_files) {
  Invoice invoice = testing::GoodInvoice();
  BOOST_TEST(PlanText(invoice, Verb::kCreate, Posting::kPost) ==
             "CREATE_DRAFT COMPARE_DRAFT POST VERIFY");
  BOOST_TEST(PlanText(invoice, Verb::kCreate, Posting::kHold) ==
             PlanText(invoice, Verb::kCreate, Posting::kPost));
  BOOST_TEST(PlanText(invoice, Verb::kCreate, Posting::kDraft) ==
             "CREATE_DRAFT COMPARE_DRAFT VERIFY");
  invoice.kind = InvoiceKind::kCustomerCreditNote;
  invoice.reversed_invoice_id = "inv_01ARYZ6S410000000000000000";
  invoice.attachments.resize(1);
  BOOST_TEST(PlanText(invoice, Verb::kReverse, Posting::kPost) ==
             "CREATE_DRAFT COMPARE_DRAFT POST RECONCILE VERIFY ATTACH");
  BOOST_TEST(PlanText(invoice, Verb::kCreate, Posting::kDraft) ==
             "CREATE_DRAFT COMPARE_DRAFT VERIFY ATTACH");
}

BOOST_AUTO_TEST_CASE(the_plans_of_the_other_documents_have_what_they_need_and_no_more) {
  Payment payment = testing::GoodPayment();
  BOOST_TEST(PlanText(payment, Verb::kCreate, Posting::kPost) ==
             "CREATE_DRAFT COMPARE_DRAFT POST RECONCILE VERIFY");
  payment.allocations.clear();
  BOOST_TEST(PlanText(payment, Verb::kCreate, Posting::kPost) ==
             "CREATE_DRAFT COMPARE_DRAFT POST VERIFY");
  BOOST_TEST(PlanText(testing::GoodEntry(), Verb::kCreate, Posting::kHold) ==
             "CREATE_DRAFT COMPARE_DRAFT POST VERIFY");
  Partner partner = testing::GoodPartner();
  BOOST_TEST(PlanText(partner, Verb::kUpdate, Posting::kPost) ==
             "UPSERT_PARTNER BANK_ACCOUNTS VERIFY");
  partner.bank_accounts.clear();
  BOOST_TEST(PlanText(partner, Verb::kCreate, Posting::kDraft) == "UPSERT_PARTNER VERIFY");
}

BOOST_AUTO_TEST_CASE(a_cancellation_undoes_and_looks) {
  for (const Content& content :
       {Content(testing::GoodInvoice()), Content(testing::GoodPayment()),
        Content(testing::GoodEntry())}) {
    BOOST_TEST(PlanText(content, Verb::kCancel, Posting::kPost) == "UNDO VERIFY");
  }
}

BOOST_AUTO_TEST_CASE(the_addon_does_in_one_step_what_goes_up_to_posting) {
  Invoice note = testing::GoodInvoice();
  note.kind = InvoiceKind::kCustomerCreditNote;
  note.reversed_invoice_id = "inv_01ARYZ6S410000000000000000";
  note.attachments.resize(1);
  Payment payment = testing::GoodPayment();
  struct Case {
    Content content;
    Verb verb;
    Posting posting;
    const char* plan;
  };
  const Case cases[] = {
      {testing::GoodInvoice(), Verb::kCreate, Posting::kPost, "APPLY VERIFY"},
      {testing::GoodInvoice(), Verb::kCreate, Posting::kHold, "APPLY VERIFY"},
      {testing::GoodInvoice(), Verb::kCreate, Posting::kDraft, "APPLY VERIFY"},
      {note, Verb::kReverse, Posting::kPost, "APPLY RECONCILE VERIFY ATTACH"},
      {payment, Verb::kCreate, Posting::kPost, "APPLY RECONCILE VERIFY"},
      {testing::GoodEntry(), Verb::kCreate, Posting::kPost, "APPLY VERIFY"},
      {testing::GoodPartner(), Verb::kCreate, Posting::kPost,
       "UPSERT_PARTNER BANK_ACCOUNTS VERIFY"},
      {testing::GoodEntry(), Verb::kCancel, Posting::kPost, "UNDO VERIFY"},
  };
  for (const Case& c : cases) {
    BOOST_TEST(PlanText(c.content, c.verb, c.posting, Path::kAddon) == c.plan);
    BOOST_TEST(PlanText(c.content, c.verb, c.posting, Path::kLoad) ==
               PlanText(c.content, c.verb, c.posting));
  }
}

BOOST_AUTO_TEST_CASE(a_path_is_fixed_once_and_partners_have_but_one) {
  Operation operation;
  operation.steps = PlanSteps(Wrap(testing::GoodInvoice()), Verb::kCreate, Posting::kPost);
  TakePath(operation, Path::kAddon);
  BOOST_TEST((operation.path == Path::kAddon));
  BOOST_REQUIRE_EQUAL(operation.steps.size(), 2U);
  BOOST_TEST((operation.steps.front().kind == StepKind::kApply));
  TakePath(operation, Path::kLoad);
  BOOST_TEST((operation.path == Path::kAddon));
  Operation loaded;
  loaded.steps = PlanSteps(Wrap(testing::GoodInvoice()), Verb::kCreate, Posting::kPost);
  TakePath(loaded, Path::kLoad);
  TakePath(loaded, Path::kAddon);
  BOOST_TEST((loaded.path == Path::kLoad));
  BOOST_TEST(loaded.steps.size() == 4U);
  Operation partner;
  partner.document_type = DocumentType::kPartner;
  partner.steps = PlanSteps(Wrap(testing::GoodPartner()), Verb::kCreate, Posting::kPost);
  TakePath(partner, Path::kAddon);
  BOOST_TEST((partner.path == Path::kLoad));
}

}  // namespace
}  // namespace kontor::model
