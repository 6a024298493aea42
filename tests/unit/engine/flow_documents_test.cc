// SPDX-License-Identifier: Apache-2.0
// Accepting from a thread that waits.
#include "server/engine/flow_documents.h"

#include "tests/unit/engine/harness.h"

namespace kontor::engine::testing {
namespace {

using base::Reason;

BOOST_FIXTURE_TEST_SUITE(flow_documents, Harness)

BOOST_AUTO_TEST_CASE(what_was_accepted_is_on_disk_when_the_call_returns) {
  const auto accepted = AcceptBlocking(*engine, program, InvoiceRequest("r1"));
  BOOST_REQUIRE(accepted.ok());
  const auto found = FindOperation(*store, accepted->operation.id);
  BOOST_REQUIRE(found.ok());
  BOOST_REQUIRE(found->has_value());
  BOOST_TEST((*found)->document_id == accepted->document.id);
}

BOOST_AUTO_TEST_CASE(the_same_request_is_answered_with_the_same_operation) {
  const auto first = AcceptBlocking(*engine, program, InvoiceRequest("r1"));
  const auto second = AcceptBlocking(*engine, program, InvoiceRequest("r1"));
  BOOST_REQUIRE((first.ok() && second.ok()));
  BOOST_TEST(first->operation.id == second->operation.id);
}

BOOST_AUTO_TEST_CASE(a_refusal_comes_through_as_it_is) {
  BOOST_TEST(HasReason(AcceptBlocking(*engine, program, InvoiceRequest("")).status(),
                       Reason::kFieldMissing));
  BOOST_REQUIRE(AcceptBlocking(*engine, program, InvoiceRequest("r1", "100")).ok());
  BOOST_TEST(HasReason(AcceptBlocking(*engine, program, InvoiceRequest("r1", "200")).status(),
                       Reason::kRequestIdReused));
}

BOOST_AUTO_TEST_CASE(an_operation_that_is_gone_is_no_error) {
  for (const char* id : {"", "op_none", "x1"}) {
    const auto found = FindOperation(*store, id);
    BOOST_REQUIRE(found.ok());
    BOOST_TEST(!found->has_value());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::engine::testing
