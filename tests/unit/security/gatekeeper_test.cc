// SPDX-License-Identifier: Apache-2.0
// The door: authenticate, count, authorize.
#include <boost/test/unit_test.hpp>

#include "server/base/strings.h"
#include "server/security/gatekeeper.h"
#include "tests/unit/security/fixture.h"

namespace kontor::security {
namespace {

using testing::ReasonOf;
using testing::TwoAdministrators;

constexpr const char* kCreateInvoice = "kontor.v1.InvoiceService/CreateInvoice";
constexpr const char* kWhoAmI = "kontor.v1.AdminService/WhoAmI";
constexpr const char* kRedeem = "kontor.v1.AdminService/RedeemBootstrapToken";

struct Door : TwoAdministrators {
  Door() {
    settings.calls_per_second = 2;
    settings.calls_burst = 4;
    keeper = std::make_unique<Gatekeeper>(*store, clock, crypto, settings);
  }
  std::string Knock(const char* method, const std::string& token) {
    const auto identity =
        keeper->Admit(method, token.empty() ? "" : base::StrCat("Bearer ", token), "");
    return identity.ok() ? identity->actor.name : ReasonOf(identity.status());
  }
  std::unique_ptr<Gatekeeper> keeper;
};

BOOST_FIXTURE_TEST_CASE(only_who_is_known_and_allowed_comes_in, Door) {
  BOOST_TEST(Knock(kWhoAmI, alice_token) == "alice");
  BOOST_TEST(Knock(kWhoAmI, "") == "UNAUTHENTICATED");
  BOOST_TEST(Knock(kWhoAmI, "kontor_x") == "UNAUTHENTICATED");
  BOOST_TEST(Knock(kCreateInvoice, alice_token) == "PERMISSION_DENIED");
  BOOST_TEST(Knock("kontor.v1.AdminService/Nothing", alice_token) == "PERMISSION_DENIED");
  // Who is unknown learns nothing of which methods there are.
  BOOST_TEST(Knock("kontor.v1.AdminService/Nothing", "") == "UNAUTHENTICATED");
}

BOOST_FIXTURE_TEST_CASE(calls_are_counted_for_each_principal, Door) {
  for (int i = 0; i < 4; ++i) BOOST_TEST(Knock(kWhoAmI, alice_token) == "alice");
  BOOST_TEST(Knock(kWhoAmI, alice_token) == "RATE_LIMITED");
  BOOST_TEST(Knock(kWhoAmI, bob_token) == "bob");
  clock.Advance(absl::Milliseconds(500));
  BOOST_TEST(Knock(kWhoAmI, alice_token) == "alice");
  BOOST_TEST(Knock(kWhoAmI, alice_token) == "RATE_LIMITED");
}

BOOST_FIXTURE_TEST_CASE(calls_that_are_refused_count_as_well, Door) {
  for (int i = 0; i < 4; ++i) BOOST_TEST(Knock(kCreateInvoice, alice_token) == "PERMISSION_DENIED");
  BOOST_TEST(Knock(kCreateInvoice, alice_token) == "RATE_LIMITED");
}

BOOST_FIXTURE_TEST_CASE(a_principal_may_have_a_rate_of_its_own, Door) {
  Principal draft;
  draft.name = "shop";
  draft.calls_per_second = 5;
  BOOST_REQUIRE(directory->CreatePrincipal(alice, NextId(), draft).ok());
  TokenRequest request;
  request.principal = "shop";
  const std::string token = directory->IssueToken(alice, NextId(), request)->text;
  int passed = 0;
  while (Knock(kWhoAmI, token) == "shop") ++passed;
  BOOST_TEST(passed == 10);  // twice the rate, as the default's burst is
}

BOOST_FIXTURE_TEST_CASE(the_open_method_is_counted_for_all_together, Door) {
  for (int i = 0; i < settings.open_calls_per_second; ++i) {
    BOOST_TEST(keeper->Admit(kRedeem, "", "").ok());
  }
  BOOST_TEST(ReasonOf(keeper->Admit(kRedeem, "", "").status()) == "RATE_LIMITED");
  BOOST_TEST(Knock(kWhoAmI, alice_token) == "alice");
}

}  // namespace
}  // namespace kontor::security
