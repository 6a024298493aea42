// SPDX-License-Identifier: Apache-2.0
// What never leaves in a log line, and what must stay readable.
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/telemetry/redact.h"

namespace bdata = boost::unit_test::data;

namespace kontor::telemetry {
namespace {

struct Case {
  const char* text;
  const char* want;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.text; }

const Case kMasked[] = {
    {"kontor_AbCdEfGhIjKlMnOpQrStUvWxYz012345", "…"},
    {"token=kontor_AbCdEfGhIjKlMnOpQrStUvWxYz-_2345, ok", "token=…, ok"},
    {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw==", "…"},
    {"whsec_ab+/cdefghijklmnopqr/stuv=", "…"},
    {"Authorization: Bearer abc.def", "Authorization: Bearer …"},
    {"bearer x", "bearer …"},
    {"Basic dXNlcjpwYXNz", "Basic …"},
    {"https://bot:s3cret@odoo.example.com/jsonrpc", "https://…@odoo.example.com/jsonrpc"},
    {"postgresql://u:p@db/kontor", "postgresql://…@db/kontor"},
    {"DE89370400440532013000", "…3000"},
    {"to DE89 3704 0044 0532 0130 00.", "to …3000."},
    {"NO9386011117947", "…7947"},
    {"MT84MALT011000012345MTLCAST001S", "…001S"},
    {"account 12345678", "account …5678"},
    {"0012345678901234", "…1234"},
    {"a,12345678,b", "a,…5678,b"},
};
BOOST_DATA_TEST_CASE(secrets_and_account_numbers_are_masked, bdata::make(kMasked), c) {
  BOOST_TEST(Redact(c.text) == c.want);
}

const char* const kKept[] = {
    "",
    "1234567",
    "345.58 EUR",
    "2026-11-28T17:38:17.123456Z",
    "inv_01ARYZ6S410000000000000000",
    "opn_01JD00000000000012345678AB",
    "INV/2026/00017",
    "kontor_connector",
    "kontor_rpc_calls_total",
    "https://odoo.example.com:8069/jsonrpc",
    "https://bot@odoo.example.com/",
    "mail a:b@c",
    "AB12 was refused by the other side",
    "Bearer",
    "k1_0123456789abcdef0123456789abcdef01234567",
    "Grüße aus Köln …",
    "BNK1 posted 12 documents",
};
BOOST_DATA_TEST_CASE(what_is_no_secret_stays, bdata::make(kKept), text) {
  BOOST_TEST(Redact(text) == text);
}

}  // namespace
}  // namespace kontor::telemetry
