// SPDX-License-Identifier: Apache-2.0
// What is refused of partners without asking Odoo.
#include <functional>
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/model/validate.h"
#include "tests/unit/model/builders.h"

namespace bdata = boost::unit_test::data;

namespace kontor::model {
namespace {

using testing::CodesText;
using testing::Wrap;

struct Spoiled {
  const char* name;
  std::function<void(Partner&)> spoil;
  const char* want;
};
std::ostream& operator<<(std::ostream& out, const Spoiled& c) { return out << c.name; }

const Spoiled kSpoiled[] = {
    {"no reference", [](Partner& p) { p.reference = ""; }, "FIELD_MISSING@partner.reference"},
    {"a blank name", [](Partner& p) { p.name = "  "; }, "FIELD_MISSING@partner.name"},
    {"a long name", [](Partner& p) { p.name = std::string(201, 'x'); },
     "FIELD_TOO_LONG@partner.name"},
    {"an override in the name", [](Partner& p) { p.name = "Acme \xE2\x80\xAE"; },
     "TEXT_INVALID@partner.name"},
    {"a country in words", [](Partner& p) { p.country_code = "Germany"; },
     "FIELD_INVALID@partner.country_code"},
    {"a small country", [](Partner& p) { p.country_code = "de"; },
     "FIELD_INVALID@partner.country_code"},
    {"a language in words", [](Partner& p) { p.language = "German"; },
     "FIELD_INVALID@partner.language"},
    {"a web language", [](Partner& p) { p.language = "de-DE"; }, "FIELD_INVALID@partner.language"},
    {"half a language", [](Partner& p) { p.language = "de_"; }, "FIELD_INVALID@partner.language"},
    {"no email", [](Partner& p) { p.email = "nobody"; }, "FIELD_INVALID@partner.email"},
    {"two emails", [](Partner& p) { p.email = "a@b.c,d@e.f"; }, "FIELD_INVALID@partner.email"},
    {"an email without a host", [](Partner& p) { p.email = "a@"; }, "FIELD_INVALID@partner.email"},
    {"a long vat", [](Partner& p) { p.vat = std::string(33, '1'); }, "FIELD_TOO_LONG@partner.vat"},
    {"no account number", [](Partner& p) { p.bank_accounts[0].account_number = " "; },
     "FIELD_MISSING@partner.bank_accounts[0].account_number"},
    {"a wrong IBAN",
     [](Partner& p) { p.bank_accounts[0].account_number = "DE89 3704 0044 0532 0130 01"; },
     "IBAN_INVALID@partner.bank_accounts[0].account_number"},
    {"a short BIC", [](Partner& p) { p.bank_accounts[0].bic = "COBADE"; },
     "FIELD_INVALID@partner.bank_accounts[0].bic"},
    {"a small BIC", [](Partner& p) { p.bank_accounts[0].bic = "cobadeff"; },
     "FIELD_INVALID@partner.bank_accounts[0].bic"},
    {"a BIC without a country", [](Partner& p) { p.bank_accounts[0].bic = "COBA1234"; },
     "FIELD_INVALID@partner.bank_accounts[0].bic"},
    {"an account twice",
     [](Partner& p) {
       p.bank_accounts.push_back(p.bank_accounts[0]);
       p.bank_accounts[1].account_number = "de89370400440532013000";
     },
     "FIELD_CONFLICT@partner.bank_accounts[1].account_number"},
    {"21 accounts", [](Partner& p) { p.bank_accounts.resize(21); },
     "FIELD_TOO_LONG@partner.bank_accounts"},
};

BOOST_DATA_TEST_CASE(one_fault_in_a_partner_gives_its_one_finding, bdata::make(kSpoiled), c) {
  Partner partner = testing::GoodPartner();
  c.spoil(partner);
  BOOST_TEST(CodesText(ValidateDocument(Wrap(partner))) == c.want);
}

BOOST_AUTO_TEST_CASE(good_partners_have_no_findings) {
  Partner bare;
  bare.reference = "1";
  bare.name = "X";
  Partner serbian = testing::GoodPartner();
  serbian.language = "sr@latin";
  Partner local = testing::GoodPartner();
  local.bank_accounts[0].account_number = "12-345678-9";
  local.bank_accounts[0].bic = "COBADEFF";
  for (const Partner& partner : {testing::GoodPartner(), bare, serbian, local}) {
    BOOST_TEST(CodesText(ValidateDocument(Wrap(partner))).empty());
  }
}

}  // namespace
}  // namespace kontor::model
