// SPDX-License-Identifier: Apache-2.0
// The catalogue of reasons, and what a status carries.
#include <cctype>
#include <set>
#include <string>

#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::base {
namespace {

BOOST_AUTO_TEST_CASE(every_reason_has_a_unique_stable_name_a_role_and_a_sentence) {
  const std::set<std::string_view> roles = {"caller", "accountant", "administrator", "operator",
                                            "nobody"};
  std::set<std::string_view> names;
  for (const ReasonEntry& entry : ReasonCatalogue()) {
    BOOST_TEST_CONTEXT(entry.name) {
      BOOST_TEST(names.insert(entry.name).second);
      BOOST_TEST(entry.name.size() <= 63U);  // AIP-193
      for (const char c : entry.name) {
        BOOST_TEST((std::isupper(static_cast<unsigned char>(c)) != 0 || c == '_'));
      }
      BOOST_TEST(roles.contains(entry.who));
      BOOST_TEST(entry.todo.ends_with('.'));
      BOOST_TEST((entry.code != absl::StatusCode::kOk));
      BOOST_TEST((&EntryOf(entry.reason) == &entry));
      BOOST_TEST((FindReason(entry.name) == &entry));
    }
  }
  BOOST_TEST((FindReason("NO_SUCH_REASON") == nullptr));
  BOOST_TEST((FindReason("") == nullptr));
}

BOOST_AUTO_TEST_CASE(a_status_says_field_what_and_what_to_do) {
  const absl::Status status =
      Error(Reason::kFieldMissing).Field("invoice.partner").Says("no partner is named");
  BOOST_TEST((status.code() == absl::StatusCode::kInvalidArgument));
  BOOST_TEST(std::string(status.message()) ==
             "invoice.partner: no partner is named. Fill in the named field.");
}

BOOST_AUTO_TEST_CASE(what_a_status_carries_survives_tabs_newlines_and_quotes) {
  const std::string odd = "a\tb\nc\"d\\e\x01 ü";
  const absl::Status status = Error(Reason::kOdooRefused)
                                  .Field("lines[0]")
                                  .With("words", odd)
                                  .With("", "")
                                  .Happened(Outcome::kRefused)
                                  .RetryAfter(absl::Milliseconds(1500));
  const ErrorInfo info = InfoOf(status);
  BOOST_TEST(info.reason == "ODOO_REFUSED");
  BOOST_TEST(info.field == "lines[0]");
  BOOST_TEST(info.metadata.at("words") == odd);
  BOOST_TEST(info.metadata.at("").empty());
  BOOST_TEST((info.outcome == Outcome::kRefused));
  BOOST_TEST((info.retry_after == absl::Milliseconds(1500)));
}

BOOST_AUTO_TEST_CASE(a_status_that_does_not_say_so_never_claims_that_nothing_happened) {
  BOOST_TEST((OutcomeOf(absl::InternalError("x")) == Outcome::kUnknown));
  BOOST_TEST((OutcomeOf(absl::UnavailableError("x")) == Outcome::kUnknown));
  BOOST_TEST((OutcomeOf(absl::DeadlineExceededError("x")) == Outcome::kUnknown));
  BOOST_TEST((OutcomeOf(Error(Reason::kOdooUnreachable)) == Outcome::kUnknown));
}

BOOST_AUTO_TEST_CASE(a_status_made_elsewhere_gets_a_reason_by_its_code) {
  BOOST_TEST(InfoOf(absl::NotFoundError("x")).reason == "NOT_FOUND");
  BOOST_TEST(InfoOf(absl::PermissionDeniedError("x")).reason == "PERMISSION_DENIED");
  BOOST_TEST(InfoOf(absl::DataLossError("x")).reason == "INTERNAL");
  BOOST_TEST(InfoOf(absl::OkStatus()).reason.empty());
  BOOST_TEST(Is(absl::NotFoundError("x"), Reason::kNotFound));
  BOOST_TEST(!Is(absl::OkStatus(), Reason::kNotFound));
}

BOOST_AUTO_TEST_CASE(a_field_path_grows_from_the_front_and_keeps_the_rest) {
  const absl::Status inner = Error(Reason::kAmountScale).With("scale", "2").Says("too many");
  const absl::Status outer = AtField(AtField(inner, "unit_price"), "lines[2]");
  BOOST_TEST(InfoOf(outer).field == "lines[2].unit_price");
  BOOST_TEST(InfoOf(outer).metadata.at("scale") == "2");
  BOOST_TEST(std::string(outer.message()).starts_with("lines[2].unit_price: too many."));
  BOOST_TEST(InfoOf(AtField(Error(Reason::kFieldInvalid).Field("[3]"), "lines")).field ==
             "lines[3]");
  BOOST_TEST(AtField(absl::OkStatus(), "x").ok());
}

absl::StatusOr<int> Halved(int value) {
  if (value % 2 != 0) return Error(Reason::kFieldInvalid).Says("odd");
  return value / 2;
}
absl::StatusOr<int> Quartered(int value) {
  KONTOR_ASSIGN_OR_RETURN(const int half, Halved(value));
  KONTOR_ASSIGN_OR_RETURN(const int quarter, Halved(half));
  KONTOR_RETURN_IF_ERROR(Halved(quarter * 2).status());
  return quarter;
}
BOOST_AUTO_TEST_CASE(the_macros_pass_errors_on) {
  BOOST_TEST(Quartered(8).value() == 2);
  BOOST_TEST(Is(Quartered(6).status(), Reason::kFieldInvalid));
  BOOST_TEST(Is(Quartered(5).status(), Reason::kFieldInvalid));
}

}  // namespace
}  // namespace kontor::base
