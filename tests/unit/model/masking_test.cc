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
    {R"({"a":[1,-2,0,true,false,null,{}],"email":"ö@x"})",
     R"({"a":[1,-2,0,true,false,null,{}],"email":"ö…"})"},
    {R"({"narration":"the \"email\":\"a@b\" stays","vat":"DE1"})",
     R"({"narration":"the \"email\":\"a@b\" stays","vat":"D…"})"},
    {R"({"city":["Kiel"],"phone":5})", R"({"city":["Kiel"],"phone":5})"},
    {R"({"name":"Acme","type":"INVOICE"})", R"({"name":"Acme","type":"INVOICE"})"},
};
BOOST_DATA_TEST_CASE(names_and_account_numbers_are_masked_at_any_depth, bdata::make(kCases), c) {
  BOOST_TEST(MaskedJson(c.text) == c.want);
}

// Kontor writes none of these; whoever does gets nothing past the mask.
const Case kOdd[] = {
    {R"({ "email" : "anna@example.com" })", R"({"email":"a…"})"},
    {R"({"em\u0061il":"anna@example.com"})", R"({"email":"a…"})"},
    {R"({"email":"\u0061nna"})", R"({"email":"a…"})"},
    {R"({"email":"\"anna\""})", R"({"email":"\"…"})"},
    {R"({"iban":"DE89\n3000"})", R"({"iban":"…3000"})"},
    {R"({"name":"Acme","is_company":true})", R"({"is_company":true,"name":"A…"})"},
    {R"({"name":"Acme","model":"res.partner"})", R"({"model":"res.partner","name":"A…"})"},
    {R"({"type":"PARTNER","document":{"name":"Acme"}})",
     R"({"document":{"name":"A…"},"type":"PARTNER"})"},
    {R"({"rate":1.5,"email":"anna"})", R"({"email":"a…","rate":1.5})"},
};
BOOST_DATA_TEST_CASE(no_way_of_writing_it_gets_past_the_mask, bdata::make(kOdd), c) {
  BOOST_TEST(MaskedJson(c.text) == c.want);
}

const std::string kNoObjects[] = {
    "", "[]", "not json", "{", "}", "{}}", "{}x", R"({"a"})", R"({"a":})", R"({"a":1,})",
    R"({"a":01})", R"({"a":-})", R"({"a":tru})", R"({"a":"b)", R"({"a":"\q"})", R"({"a":[1})",
    R"({"a":"b"]})", R"({a:1})", "{\"a\":\"\xff\"}", "{\"a\":\"line\nfeed\"}",
    std::string(R"({"a":)") + std::string(100000, '['),
};
BOOST_DATA_TEST_CASE(what_is_no_json_object_becomes_an_empty_one, bdata::make(kNoObjects), text) {
  BOOST_TEST(MaskedJson(text) == "{}");
}

BOOST_AUTO_TEST_CASE(what_is_nested_beyond_reason_is_masked_too) {
  std::string text = R"({"email":"anna@example.com"})";
  std::string want = R"({"email":"a…"})";
  for (int i = 0; i < 100; ++i) {
    text = R"({"x":)" + text + "}";
    want = R"({"x":)" + want + "}";
  }
  BOOST_TEST(MaskedJson(text) == want);
}

}  // namespace
}  // namespace kontor::model
