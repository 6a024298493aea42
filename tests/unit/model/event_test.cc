// SPDX-License-Identifier: Apache-2.0
// Which events exist, and which state is which event.
#include <algorithm>
#include <set>
#include <string>

#include <boost/test/unit_test.hpp>

#include "server/model/event.h"
#include "tests/unit/model/builders.h"

namespace kontor::model {
namespace {

using testing::Wrap;

bool IsPublished(const std::string& type) {
  const auto& types = EventTypes();
  return std::find(types.begin(), types.end(), type) != types.end();
}

Invoice OfKind(InvoiceKind kind) {
  Invoice invoice = testing::GoodInvoice();
  invoice.kind = kind;
  return invoice;
}

BOOST_AUTO_TEST_CASE(every_type_is_named_once_as_noun_and_participle) {
  std::set<std::string> seen;
  for (const std::string& type : EventTypes()) {
    BOOST_TEST(seen.insert(type).second, type);
    BOOST_TEST(std::count(type.begin(), type.end(), '.') == 1);
  }
}

BOOST_AUTO_TEST_CASE(every_event_that_any_state_makes_is_published) {
  const Content contents[] = {testing::GoodPartner(), testing::GoodPayment(), testing::GoodEntry(),
                              OfKind(InvoiceKind::kCustomerInvoice),
                              OfKind(InvoiceKind::kVendorBill),
                              OfKind(InvoiceKind::kCustomerCreditNote),
                              OfKind(InvoiceKind::kVendorCreditNote)};
  for (const Content& content : contents) {
    for (const Verb verb : {Verb::kCreate, Verb::kUpdate, Verb::kCancel, Verb::kReverse}) {
      for (int state = 0; state <= static_cast<int>(OperationState::kCancelled); ++state) {
        for (const Posting posting : {Posting::kDraft, Posting::kPost}) {
          const std::string type =
              EventTypeFor(Wrap(content), verb, static_cast<OperationState>(state), posting);
          BOOST_TEST((type.empty() || IsPublished(type)), type);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_state_is_published_under_the_noun_of_its_document) {
  using enum OperationState;
  const Document bill = Wrap(OfKind(InvoiceKind::kVendorBill));
  BOOST_TEST(EventTypeFor(bill, Verb::kCreate, kAccepted) == "bill.accepted");
  BOOST_TEST(EventTypeFor(bill, Verb::kCreate, kPosted) == "bill.posted");
  BOOST_TEST(EventTypeFor(bill, Verb::kCreate, kPosted, Posting::kDraft) == "bill.drafted");
  BOOST_TEST(EventTypeFor(bill, Verb::kCreate, kCancelled) == "bill.cancelled");
  BOOST_TEST(EventTypeFor(Wrap(OfKind(InvoiceKind::kVendorCreditNote)), Verb::kReverse, kPosted) ==
             "credit_note.posted");
  BOOST_TEST(EventTypeFor(Wrap(testing::GoodPartner()), Verb::kUpdate, kPosted) ==
             "partner.synced");
  BOOST_TEST(EventTypeFor(Wrap(testing::GoodEntry()), Verb::kCreate, kHeld) ==
             "journal_entry.held");
}

BOOST_AUTO_TEST_CASE(states_of_passage_are_not_published) {
  using enum OperationState;
  for (const OperationState state : {kReady, kSending, kRetrying, kUnknown, kParked}) {
    BOOST_TEST(EventTypeFor(Wrap(testing::GoodInvoice()), Verb::kCreate, state).empty());
  }
}

BOOST_AUTO_TEST_CASE(a_cancellation_is_published_when_it_is_done_and_not_when_it_is_given_up) {
  using enum OperationState;
  const Document invoice = Wrap(testing::GoodInvoice());
  BOOST_TEST(EventTypeFor(invoice, Verb::kCancel, kPosted) == "invoice.cancelled");
  BOOST_TEST(EventTypeFor(invoice, Verb::kCancel, kException) == "invoice.exception");
  BOOST_TEST(EventTypeFor(invoice, Verb::kCancel, kCancelled).empty());
  BOOST_TEST(EventTypeFor(invoice, Verb::kCancel, kAccepted).empty());
}

BOOST_AUTO_TEST_CASE(resolutions_and_exception_states_are_read_by_name) {
  for (const Resolution resolution : {Resolution::kRetry, Resolution::kCorrectAndRetry,
                                      Resolution::kAccept, Resolution::kReject}) {
    BOOST_TEST((ParseResolution(NameOf(resolution)) == resolution));
  }
  for (const ExceptionState state : {ExceptionState::kOpen, ExceptionState::kAwaitingSecondPerson,
                                     ExceptionState::kResolved}) {
    BOOST_TEST((ParseExceptionState(NameOf(state)) == state));
  }
  BOOST_TEST(!ParseResolution("IGNORE").has_value());
  BOOST_TEST(!ParseExceptionState("CLOSED").has_value());
}

}  // namespace
}  // namespace kontor::model
