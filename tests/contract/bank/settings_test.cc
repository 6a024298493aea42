// SPDX-License-Identifier: Apache-2.0
// Settings that are refused before anything is tried, each with the setting's name.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "server/base/status.h"
#include "tests/contract/bank/rig.h"
#include "tests/contract/bank/webhook_bank.h"

namespace bdata = boost::unit_test::data;

namespace kontor::bank::testing {
namespace {

struct Case {
  const char* kind;
  const char* settings;
  const char* secret;
  const char* field;  ///< "": it is taken.
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.settings; }

#define KEY "\"host_keys\": [\"SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"]"
#define OURS "whsec_b3VycyBvdXJzIG91cnMgb3VycyBvdXJzIG91cnM="
#define BOTH OURS " whsec_YmFua3MgYmFua3MgYmFua3MgYmFua3MgYmFua3M="
const Case kCases[] = {
    {"directory", R"({"outbox": "/a"})", "", ""},
    {"directory", R"({"inbox": "/a", "archive": "/b", "rest_seconds": 0})", "", ""},
    {"sftp", R"({"inbox": "/a", "host": "h", "user": "u", )" KEY "}", "pw", ""},
    {"webhook", R"({"url": "https://bank.example/orders"})", BOTH, ""},
    {"webhook", R"({"url": "https://b", "status_url": "https://b/{message_id}"})", BOTH, ""},
    {"webhook", R"({"url": "http://bank.example/orders"})", BOTH, "settings.url"},
    {"webhook", R"({"url": "ftp://bank.example/orders"})", BOTH, "settings.url"},
    {"webhook", R"({"url": 7})", BOTH, "settings.url"},
    {"webhook", "{}", BOTH, "settings.url"},
    {"webhook", "[]", BOTH, "settings"},
    {"webhook", R"({"url": "https://b", "outbox": "/a"})", BOTH, "settings.outbox"},
    {"webhook", R"({"url": "https://b", "status_url": "https://b/orders"})", BOTH,
     "settings.status_url"},
    {"webhook", R"({"url": "https://b"})", "", "secret"},
    {"webhook", R"({"url": "https://b"})", OURS, "secret"},
    {"webhook", R"({"url": "https://b"})", OURS " " OURS, "secret"},
    {"webhook", R"({"url": "https://b"})", BOTH " " OURS, "secret"},
    {"webhook", R"({"url": "https://b"})", OURS " whsec_c2hvcnQ=", "secret"},
    {"webhook", R"({"url": "https://b"})", OURS " password", "secret"},
    {"ebics", "{}", "", "kind"},
    {"directory", "", "", "settings"},
    {"directory", "[]", "", "settings"},
    {"directory", "{}", "", "settings.outbox"},
    {"directory", R"({"outbox": "relative"})", "", "settings.outbox"},
    {"directory", R"({"outbox": "/a/"})", "", "settings.outbox"},
    {"directory", R"({"outbox": "/a/../b"})", "", "settings.outbox"},
    {"directory", R"({"outbox": "/a/.."})", "", "settings.outbox"},
    {"directory", R"({"outbox": 7})", "", "settings.outbox"},
    {"directory", R"({"outbox": "/a", "inbox": "/a"})", "", "settings.outbox"},
    {"directory", R"({"inbox": "/a", "archive": "/a"})", "", "settings.archive"},
    {"directory", R"({"outbox": "/a", "archive": "/b"})", "", "settings.archive"},
    {"directory", R"({"outbox": "/a", "outbux": "/b"})", "", "settings.outbux"},
    {"directory", R"({"outbox": "/a", "rest_seconds": -1})", "", "settings.rest_seconds"},
    {"directory", R"({"outbox": "/a", "rest_seconds": 3601})", "", "settings.rest_seconds"},
    {"directory", R"({"outbox": "/a", "rest_seconds": "5"})", "", "settings.rest_seconds"},
    {"directory", R"({"outbox": "/a", "acknowledgement_suffix": "/x"})", "",
     "settings.acknowledgement_suffix"},
    {"directory", R"({"outbox": "/a", "acknowledgement_suffix": ""})", "",
     "settings.acknowledgement_suffix"},
    {"directory", R"({"outbox": "/a"})", "secret", "secret"},
    {"directory", R"({"outbox": "/a", "host": "h"})", "", "settings.host"},
    {"sftp", R"({"inbox": "/a", "user": "u", )" KEY "}", "pw", "settings.host"},
    {"sftp", R"({"inbox": "/a", "host": "h", )" KEY "}", "pw", "settings.user"},
    {"sftp", R"({"inbox": "/a", "host": "h", "user": "u"})", "pw", "settings.host_keys"},
    {"sftp", R"({"inbox": "/a", "host": "h", "user": "u", "host_keys": []})", "pw",
     "settings.host_keys"},
    {"sftp", R"({"inbox": "/a", "host": "h", "user": "u", "host_keys": ["MD5:aa"]})", "pw",
     "settings.host_keys"},
    {"sftp", R"({"inbox": "/a", "host": "h", "user": "u", "port": 0, )" KEY "}", "pw",
     "settings.port"},
    {"sftp", R"({"inbox": "/a", "host": "h", "user": "u", "port": 70000, )" KEY "}", "pw",
     "settings.port"},
    {"sftp", R"({"inbox": "/a", "host": "h", "user": "u", )" KEY "}", "", "secret"},
};
#undef KEY
#undef BOTH
#undef OURS

BOOST_DATA_TEST_CASE(settings_are_judged_with_the_name_of_the_wrong_one, bdata::make(kCases), c) {
  base::SystemClock clock;
  ChannelOptions options;
  options.http = &BankOfRun().http();
  const auto made = MakeChannel(c.kind, c.settings, c.secret, options, clock);
  BOOST_TEST(made.ok() == std::string_view(c.field).empty());
  if (!made.ok()) {
    BOOST_TEST(base::Is(made.status(), base::Reason::kChannelInvalid));
    BOOST_TEST(base::InfoOf(made.status()).field == c.field);
  }
}

}  // namespace
}  // namespace kontor::bank::testing
