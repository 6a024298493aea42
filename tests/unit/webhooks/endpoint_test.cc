// SPDX-License-Identifier: Apache-2.0
// What an endpoint may be, which events it takes, and that nothing of it is lost in the store.
#include <functional>
#include <ostream>
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "server/webhooks/endpoint.h"

namespace bdata = boost::unit_test::data;

namespace kontor::webhooks {
namespace {

EndpointSpec Good() {
  EndpointSpec spec;
  spec.url = "https://example.com/hook";
  return spec;
}
const EndpointRules kRules{false, {"treasury"}};

struct BadSpec {
  const char* name;
  std::function<void(EndpointSpec&)> change;
  const char* field;
};
std::ostream& operator<<(std::ostream& out, const BadSpec& c) { return out << c.name; }

using S = EndpointSpec;
const BadSpec kBad[] = {
    {"no url", [](S& s) { s.url = ""; }, "endpoint.url"},
    {"plain http", [](S& s) { s.url = "http://example.com"; }, "endpoint.url"},
    {"ftp", [](S& s) { s.url = "ftp://example.com"; }, "endpoint.url"},
    {"control character", [](S& s) { s.url = "https://example.com/\n"; }, "endpoint.url"},
    {"long url", [](S& s) { s.url += std::string(2000, 'a'); }, "endpoint.url"},
    {"long description", [](S& s) { s.description.assign(201, 'a'); }, "endpoint.description"},
    {"bad UTF-8", [](S& s) { s.description = "\xff"; }, "endpoint.description"},
    {"unknown type", [](S& s) { s.types = {"invoice.posted", "invoice.lost"}; },
     "endpoint.types[1]"},
    {"unknown noun", [](S& s) { s.types = {"order.*"}; }, "endpoint.types[0]"},
    {"a bare star", [](S& s) { s.types = {"*"}; }, "endpoint.types[0]"},
    {"half a noun", [](S& s) { s.types = {"inv.*"}; }, "endpoint.types[0]"},
    {"empty type", [](S& s) { s.types = {""}; }, "endpoint.types[0]"},
    {"too many types", [](S& s) { s.types.assign(51, "invoice.*"); }, "endpoint.types"},
    {"empty entity", [](S& s) { s.entities = {""}; }, "endpoint.entities[0]"},
    {"too many entities", [](S& s) { s.entities.assign(101, "a"); }, "endpoint.entities"},
    {"our own header", [](S& s) { s.headers["Webhook-Id"] = "1"; },
     "endpoint.headers[\"Webhook-Id\"]"},
    {"Host", [](S& s) { s.headers["host"] = "x"; }, "endpoint.headers[\"host\"]"},
    {"header injection", [](S& s) { s.headers["X"] = "a\r\nY: b"; }, "endpoint.headers[\"X\"]"},
    {"empty header value", [](S& s) { s.headers["X"] = ""; }, "endpoint.headers[\"X\"]"},
    {"bad header name", [](S& s) { s.headers["X Y"] = "a"; }, "endpoint.headers[\"X Y\"]"},
    {"none in flight", [](S& s) { s.max_in_flight = 0; }, "endpoint.max_in_flight"},
    {"too many in flight", [](S& s) { s.max_in_flight = 65; }, "endpoint.max_in_flight"},
    {"no time", [](S& s) { s.timeout = absl::Milliseconds(999); }, "endpoint.timeout"},
    {"too much time", [](S& s) { s.timeout = absl::Seconds(31); }, "endpoint.timeout"},
    {"unknown certificate", [](S& s) { s.client_certificate = "other"; },
     "endpoint.client_certificate"},
};

BOOST_DATA_TEST_CASE(a_bad_endpoint_is_refused_at_its_field, bdata::make(kBad), c) {
  EndpointSpec spec = Good();
  c.change(spec);
  const absl::Status status = CheckSpec(spec, kRules);
  BOOST_TEST(absl::IsInvalidArgument(status));
  BOOST_TEST(base::InfoOf(status).field == c.field);
}

BOOST_AUTO_TEST_CASE(good_endpoints_are_taken) {
  EndpointSpec spec = Good();
  BOOST_TEST(CheckSpec(spec, kRules).ok());
  spec.types = {"invoice.posted", "credit_note.*"};
  spec.entities = {"hamburg"};
  spec.headers["Authorization"] = "Bearer abc";
  spec.client_certificate = "treasury";
  spec.max_in_flight = 64;
  spec.timeout = absl::Seconds(30);
  BOOST_TEST(CheckSpec(spec, kRules).ok());
  spec.url = "http://10.0.0.1/";
  BOOST_TEST(CheckSpec(spec, EndpointRules{true, {"treasury"}}).ok());
}

BOOST_AUTO_TEST_CASE(filters_take_exact_types_whole_nouns_and_named_entities) {
  model::Event event;
  event.type = "credit_note.posted";
  event.entity = "hamburg";
  const auto matches = [&](std::vector<std::string> types, std::vector<std::string> entities) {
    EndpointSpec spec;
    spec.types = std::move(types);
    spec.entities = std::move(entities);
    return Matches(spec, event);
  };
  BOOST_TEST(matches({}, {}));
  BOOST_TEST(matches({"credit_note.posted"}, {}));
  BOOST_TEST(matches({"invoice.*", "credit_note.*"}, {"bremen", "hamburg"}));
  BOOST_TEST(!matches({"credit_note.held"}, {}));
  BOOST_TEST(!matches({"credit_note.poste"}, {}));
  BOOST_TEST(!matches({"credit.*"}, {}));
  BOOST_TEST(!matches({}, {"bremen"}));
  BOOST_TEST(!matches({"credit_note.*"}, {"Hamburg"}));
}

BOOST_AUTO_TEST_CASE(an_endpoint_survives_the_store) {
  Endpoint endpoint;
  endpoint.id = "whe_1";
  endpoint.spec = Good();
  endpoint.spec.types = {"invoice.*"};
  endpoint.spec.headers = {{"X", "secret value"}};
  endpoint.spec.unmasked = true;
  endpoint.spec.timeout = absl::Milliseconds(1500);
  endpoint.state = EndpointState::kBroken;
  endpoint.state_reason = "why";
  endpoint.was_verified = true;
  endpoint.secrets = {{"whsec_new", std::nullopt},
                      {"whsec_old", absl::FromUnixMicros(1772366400123456)}};
  endpoint.owner = "anna";
  endpoint.version = 7;
  const Endpoint read = FromRow(ToRow(endpoint)).value();
  BOOST_TEST(ToRow(read).body == ToRow(endpoint).body);
  BOOST_TEST(read.id == "whe_1");
  BOOST_TEST(read.version == 7);
  BOOST_TEST((read.state == EndpointState::kBroken));
  BOOST_TEST((read.secrets[1].expires == endpoint.secrets[1].expires));
}

BOOST_AUTO_TEST_CASE(a_row_that_is_no_endpoint_is_an_error) {
  for (const char* body : {"", "{}", "[]", "null", R"({"url":1})"}) {
    ports::ObjectRow row;
    row.body = body;
    BOOST_TEST(base::Is(FromRow(row).status(), base::Reason::kInternal));
  }
}

BOOST_AUTO_TEST_CASE(old_secrets_sign_until_they_end) {
  const absl::Time now = absl::FromUnixSeconds(1000);
  Endpoint endpoint;
  endpoint.secrets = {{"new", std::nullopt},
                      {"old", now + absl::Seconds(1)},
                      {"older", now}};
  BOOST_TEST(SigningSecrets(endpoint, now) == (std::vector<std::string>{"new", "old"}),
             boost::test_tools::per_element());
  BOOST_TEST((OldSecretExpires(endpoint, now) == now + absl::Seconds(1)));
  BOOST_TEST(SigningSecrets(endpoint, now + absl::Seconds(1)).size() == 1U);
  BOOST_TEST(!OldSecretExpires(endpoint, now + absl::Seconds(1)).has_value());
}

BOOST_AUTO_TEST_CASE(state_names_read_back) {
  for (const auto state : {EndpointState::kUnverified, EndpointState::kActive,
                           EndpointState::kPaused, EndpointState::kBroken,
                           EndpointState::kDisabled}) {
    BOOST_TEST((ParseEndpointState(NameOf(state)) == state));
  }
  BOOST_TEST(!ParseEndpointState("active").has_value());
}

}  // namespace
}  // namespace kontor::webhooks
