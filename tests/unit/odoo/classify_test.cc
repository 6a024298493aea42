// SPDX-License-Identifier: Apache-2.0
// The closed table: what is not in it is unknown.
#include "adapters/odoo/classify.h"

#include <ostream>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/base/status.h"

namespace kontor::odoo {
namespace {

namespace bdata = boost::unit_test::data;
using base::Outcome;

struct ClassCase {
  const char* name;
  const char* reason;
  Outcome outcome;
};
std::ostream& operator<<(std::ostream& out, const ClassCase& c) { return out << c.name; }

const ClassCase kClasses[] = {
    {"odoo.exceptions.UserError", "ODOO_REFUSED", Outcome::kRefused},
    {"odoo.exceptions.ValidationError", "ODOO_REFUSED", Outcome::kRefused},
    {"odoo.exceptions.RedirectWarning", "ODOO_REFUSED", Outcome::kRefused},
    {"odoo.exceptions.MissingError", "ODOO_REFUSED", Outcome::kRefused},
    {"odoo.exceptions.AccessError", "ODOO_RIGHT_MISSING", Outcome::kRefused},
    {"odoo.exceptions.AccessDenied", "ODOO_LOGIN_FAILED", Outcome::kNotApplied},
    {"odoo.exceptions.LockError", "ODOO_BUSY", Outcome::kNotApplied},
    {"psycopg2.errors.SerializationFailure", "ODOO_BUSY", Outcome::kNotApplied},
    {"psycopg2.errors.DeadlockDetected", "ODOO_BUSY", Outcome::kNotApplied},
    {"psycopg2.errors.LockNotAvailable", "ODOO_BUSY", Outcome::kNotApplied},
    {"psycopg2.OperationalError", "ODOO_FAILED", Outcome::kUnknown},
    {"psycopg2.errors.QueryCanceled", "ODOO_FAILED", Outcome::kUnknown},
    {"builtins.ValueError", "ODOO_FAILED", Outcome::kUnknown},
    {"builtins.TypeError", "ODOO_FAILED", Outcome::kUnknown},
    {"builtins.MemoryError", "ODOO_FAILED", Outcome::kUnknown},
    {"UserError", "ODOO_FAILED", Outcome::kUnknown},
    {"", "ODOO_FAILED", Outcome::kUnknown},
    {"<script>", "ODOO_FAILED", Outcome::kUnknown},
};

BOOST_DATA_TEST_CASE(a_class_decides_and_words_do_not, bdata::make(kClasses), c) {
  for (const char* const words : {"", "could not serialize access", "Zugriff verweigert"}) {
    const absl::Status status = StatusOfServerError({c.name, words});
    BOOST_TEST(base::InfoOf(status).reason == c.reason);
    BOOST_TEST((base::OutcomeOf(status) == c.outcome));
  }
}

BOOST_AUTO_TEST_CASE(a_fault_of_code_one_is_known_by_the_last_line_of_its_traceback) {
  const std::string traceback =
      "Traceback (most recent call last):\n  File \"/opt/x.py\", line 1, in f\n    raise A\n"
      "KeyError: 'x'\n\nDuring handling of the above exception, another exception occurred:\n\n"
      "Traceback (most recent call last):\n  File \"/opt/y.py\", line 2, in g\n    cr.execute()\n"
      "psycopg2.errors.SerializationFailure: could not serialize\nsecond line: of the text\n";
  const ServerError error = ServerErrorOfFault(1, traceback);
  BOOST_TEST(error.exception_class == "psycopg2.errors.SerializationFailure");
  const absl::Status status = StatusOfServerError(error);
  BOOST_TEST((base::OutcomeOf(status) == Outcome::kNotApplied));
  BOOST_TEST(status.ToString().find("/opt/") == std::string::npos);
  BOOST_TEST(ServerErrorOfFault(1, "no traceback at all").exception_class == "");
  BOOST_TEST(ServerErrorOfFault(2, "words").exception_class == "odoo.exceptions.UserError");
  BOOST_TEST(ServerErrorOfFault(3, "words").exception_class == "odoo.exceptions.AccessDenied");
  BOOST_TEST(ServerErrorOfFault(4, "words").exception_class == "odoo.exceptions.AccessError");
  BOOST_TEST(ServerErrorOfFault(77, "words").exception_class == "");
}

BOOST_AUTO_TEST_CASE(http_without_an_answer_of_odoos_is_unknown_but_for_429) {
  ports::HttpResponse response;
  for (const int code : {301, 400, 401, 403, 404, 413, 500, 502, 503, 504}) {
    response.http_status = code;
    BOOST_TEST((base::OutcomeOf(StatusOfHttp(response)) == Outcome::kUnknown), code);
  }
  response.http_status = 429;
  response.headers = {{"retry-after", "17"}};
  const base::ErrorInfo info = base::InfoOf(StatusOfHttp(response));
  BOOST_TEST((info.outcome == Outcome::kNotApplied));
  BOOST_TEST(absl::ToInt64Seconds(info.retry_after) == 17);
}

BOOST_AUTO_TEST_CASE(only_a_request_that_never_left_was_not_applied) {
  ports::HttpResponse response;
  response.status = base::Error(base::Reason::kPeerUnreachable).Happened(Outcome::kNotApplied);
  BOOST_TEST((base::OutcomeOf(StatusOfHttp(response)) == Outcome::kNotApplied));
  BOOST_TEST(base::Is(StatusOfHttp(response), base::Reason::kOdooUnreachable));
  response.status = base::Error(base::Reason::kDeadlineExceeded);
  BOOST_TEST((base::OutcomeOf(StatusOfHttp(response)) == Outcome::kUnknown));
  response.status = absl::InternalError("made elsewhere");
  BOOST_TEST((base::OutcomeOf(StatusOfHttp(response)) == Outcome::kUnknown));
}

BOOST_AUTO_TEST_CASE(another_outcome_keeps_reason_field_words_and_details) {
  const absl::Status status = base::Error(base::Reason::kOdooRefused)
                                  .Field("invoice.partner")
                                  .With("item", "3")
                                  .Says("nobody of that name")
                                  .Happened(Outcome::kUnknown);
  const absl::Status moved = WithOutcome(status, Outcome::kRefused);
  BOOST_TEST(moved.message() == status.message());
  BOOST_TEST(base::InfoOf(moved).field == "invoice.partner");
  BOOST_TEST(base::InfoOf(moved).metadata.at("item") == "3");
  BOOST_TEST((base::OutcomeOf(moved) == Outcome::kRefused));
  BOOST_TEST(WithOutcome(absl::OkStatus(), Outcome::kRefused).ok());
}

BOOST_AUTO_TEST_CASE(postgresqls_words_for_try_again_are_known) {
  BOOST_TEST(SaysTryAgain("could not serialize access due to concurrent update\n"));
  BOOST_TEST(SaysTryAgain("Unbekannt: 'current transaction is aborted, commands ignored'"));
  BOOST_TEST(!SaysTryAgain("The entry is not balanced."));
  BOOST_TEST(!SaysTryAgain(""));
}

}  // namespace
}  // namespace kontor::odoo
