// SPDX-License-Identifier: Apache-2.0
// What is shown of snapshots to those who were not granted names and account numbers.
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/model/masking.h"

namespace bdata = boost::unit_test::data;

namespace kontor::model {
namespace {

struct Case {
  const char* text;
  const char* want;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.text; }

const Case kCases[] = {
    {R"({"account_number":"DE89370400440532013000"})", R"({"account_number":"…3000"})"},
    {R"({"partner_bank_account":"12"})", R"({"partner_bank_account":"…"})"},
    {R"({"partner_name":"Özil AG"})", R"({"partner_name":"Ö…"})"},
    {R"({"email":""})", R"({"email":""})"},
    {R"({"lines":[{"partner_name":"Acme"}]})", R"({"lines":[{"partner_name":"A…"}]})"},
    {R"({"is_company":true,"name":"Acme"})", R"({"is_company":true,"name":"A…"})"},
    {R"({"model":"res.partner","name":"Acme"})", R"({"model":"res.partner","name":"A…"})"},
    {R"({"document":{"name":"Acme","type":"PARTNER"},"type":"PARTNER"})",
     R"({"document":{"name":"A…","type":"PARTNER"},"type":"PARTNER"})"},
    {R"({"model":"account.move","name":"INV/2026/00001"})",
     R"({"model":"account.move","name":"INV/2026/00001"})"},
    {R"({"reference":"PO 77","total":"345.58"})", R"({"reference":"PO 77","total":"345.58"})"},
    {"[]", "{}"},
    {"not json", "{}"},
    {"", "{}"},
};
BOOST_DATA_TEST_CASE(names_and_account_numbers_are_masked_at_any_depth, bdata::make(kCases), c) {
  BOOST_TEST(MaskedJson(c.text) == c.want);
}

}  // namespace
}  // namespace kontor::model
