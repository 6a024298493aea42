// SPDX-License-Identifier: Apache-2.0
// Each policy alone: what is transient, how often, how long, and what is safe to repeat.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "kontor/sdk/policies.h"
#include "kontor/v1/admin.pb.h"
#include "kontor/v1/audit.pb.h"
#include "tests/unit/sdk/support.h"

namespace kontor::sdk {
namespace {

namespace data = boost::unit_test::data;
using absl::StatusCode;

struct TransientCase {
  const char* name;
  StatusCode code;
  const char* reason;
  bool want;
};
std::ostream& operator<<(std::ostream& out, const TransientCase& c) { return out << c.name; }

const TransientCase kTransient[] = {
    {"unavailable", StatusCode::kUnavailable, "", true},
    {"rate limited", StatusCode::kResourceExhausted, "RATE_LIMITED", true},
    {"queue full", StatusCode::kResourceExhausted, "QUEUE_FULL", true},
    {"message too large", StatusCode::kResourceExhausted, "TOO_LARGE", false},
    {"exhausted without a reason", StatusCode::kResourceExhausted, "", false},
    {"deadline", StatusCode::kDeadlineExceeded, "", false},
    {"aborted", StatusCode::kAborted, "VERSION_CONFLICT", false},
    {"internal", StatusCode::kInternal, "", false},
    {"unknown", StatusCode::kUnknown, "", false},
    {"cancelled", StatusCode::kCancelled, "", false},
    {"refused", StatusCode::kInvalidArgument, "FIELD_MISSING", false},
    {"unauthenticated", StatusCode::kUnauthenticated, "TOKEN_EXPIRED", false},
};

absl::Status Make(StatusCode code, const char* reason) {
  return *reason == 0 ? absl::Status(code, "x") : MakeError(code, reason, "x");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(policies)

BOOST_DATA_TEST_CASE(only_what_may_pass_by_itself_is_transient, data::make(kTransient), c) {
  BOOST_TEST(IsTransient(Make(c.code, c.reason)) == c.want);
}

BOOST_AUTO_TEST_CASE(the_count_policy_gives_up_after_its_failures_and_a_clone_starts_afresh) {
  LimitedErrorCountRetryPolicy policy(2);
  const absl::Status away = absl::UnavailableError("x");
  BOOST_TEST(policy.OnFailure(away));
  BOOST_TEST(policy.OnFailure(away));
  BOOST_TEST(!policy.OnFailure(away));
  BOOST_TEST(policy.Clone()->OnFailure(away));
}

BOOST_AUTO_TEST_CASE(a_count_of_zero_never_retries) {
  BOOST_TEST(!LimitedErrorCountRetryPolicy(0).OnFailure(absl::UnavailableError("x")));
}

BOOST_AUTO_TEST_CASE(no_policy_retries_what_does_not_pass) {
  BOOST_TEST(!LimitedErrorCountRetryPolicy(9).OnFailure(absl::InternalError("x")));
  BOOST_TEST(!LimitedTimeRetryPolicy(absl::Hours(1)).OnFailure(absl::InternalError("x")));
}

BOOST_AUTO_TEST_CASE(the_time_policy_gives_up_when_its_time_is_over) {
  absl::Time now = absl::FromUnixSeconds(0);
  LimitedTimeRetryPolicy policy(absl::Seconds(10), [&] { return now; });
  BOOST_TEST(policy.OnFailure(absl::UnavailableError("x")));
  now += absl::Seconds(10);
  BOOST_TEST(!policy.OnFailure(absl::UnavailableError("x")));
  BOOST_TEST(policy.Clone()->OnFailure(absl::UnavailableError("x")));
}

BOOST_AUTO_TEST_CASE(backoff_grows_to_its_bound_and_stays_between_half_and_whole) {
  ExponentialBackoffPolicy policy(absl::Milliseconds(100), absl::Milliseconds(800), 2, 7);
  absl::Duration bound = absl::Milliseconds(100);
  for (int i = 0; i < 50; ++i) {
    const absl::Duration wait = policy.OnFailure();
    BOOST_TEST((wait > bound / 2 && wait <= bound), absl::FormatDuration(wait));
    bound = std::min(bound * 2, absl::Milliseconds(800));
  }
}

BOOST_AUTO_TEST_CASE(two_clients_without_a_seed_do_not_step_in_time) {
  ExponentialBackoffPolicy first(absl::Seconds(1), absl::Seconds(1));
  ExponentialBackoffPolicy second(absl::Seconds(1), absl::Seconds(1));
  bool differ = false;
  for (int i = 0; i < 20; ++i) differ = differ || first.OnFailure() != second.OnFailure();
  BOOST_TEST(differ);
}

BOOST_AUTO_TEST_CASE(reading_is_safe_and_changing_is_safe_with_a_request_id_only) {
  const ContractIdempotencyPolicy policy;
  const std::string invoices = "/kontor.v1.InvoiceService/";
  v1::CreateInvoiceRequest create;
  BOOST_TEST(policy.IsIdempotent(invoices + "GetInvoice", v1::GetInvoiceRequest()));
  BOOST_TEST(policy.IsIdempotent("/kontor.v1.AuditService/VerifyAudit", v1::VerifyAuditRequest()));
  BOOST_TEST(!policy.IsIdempotent(invoices + "CreateInvoice", create));
  create.set_request_id("r1");
  BOOST_TEST(policy.IsIdempotent(invoices + "CreateInvoice", create));
  BOOST_TEST(!policy.IsIdempotent("/kontor.v1.AdminService/RedeemBootstrapToken",
                                  v1::RedeemBootstrapTokenRequest()));
}

BOOST_AUTO_TEST_CASE(a_batch_is_safe_only_when_every_item_has_a_request_id) {
  const ContractIdempotencyPolicy policy;
  const std::string method = "/kontor.v1.InvoiceService/BatchCreateInvoices";
  v1::BatchCreateInvoicesRequest batch;
  batch.add_requests()->set_request_id("r1");
  batch.add_requests();
  BOOST_TEST(!policy.IsIdempotent(method, batch));
  batch.mutable_requests(1)->set_request_id("r2");
  BOOST_TEST(policy.IsIdempotent(method, batch));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace kontor::sdk
