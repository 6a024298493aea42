// SPDX-License-Identifier: Apache-2.0
// Which refusals wait for a person, and which are tried again.
#include <boost/test/unit_test.hpp>

#include "server/engine/expenses/internal/loop.h"

namespace kontor::expenses::testing {
namespace {

using base::Reason;

BOOST_AUTO_TEST_SUITE(expense_cases)

BOOST_AUTO_TEST_CASE(what_stays_refused_until_somebody_mends_it_is_for_a_person) {
  for (const Reason reason :
       {Reason::kFieldInvalid, Reason::kStateConflict, Reason::kEntityUnknown, Reason::kNotFound,
        Reason::kEntityDenied, Reason::kPermissionDenied}) {
    BOOST_TEST_CONTEXT(base::EntryOf(reason).name) {
      BOOST_TEST(IsForPerson(base::Error(reason).Says("no")));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_passes_by_itself_is_tried_again) {
  for (const Reason reason : {Reason::kOdooBusy, Reason::kDeadlineExceeded, Reason::kInternal,
                              Reason::kVersionConflict, Reason::kLeaseLost}) {
    BOOST_TEST_CONTEXT(base::EntryOf(reason).name) {
      BOOST_TEST(!IsForPerson(base::Error(reason).Says("no")));
    }
  }
  BOOST_TEST(!IsForPerson(absl::OkStatus()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::expenses::testing
