// SPDX-License-Identifier: Apache-2.0
// What is refused of payments without asking Odoo.
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
using testing::Eur;
using testing::Wrap;

struct Spoiled {
  const char* name;
  std::function<void(Payment&)> spoil;
  const char* want;
};
std::ostream& operator<<(std::ostream& out, const Spoiled& c) { return out << c.name; }

void MakeOutbound(Payment& payment, const char* account) {
  payment.direction = PaymentDirection::kOutbound;
  payment.partner_role = PartnerRole::kSupplier;
  payment.partner_bank_account = account;
}

const Spoiled kSpoiled[] = {
    {"no partner", [](Payment& p) { p.partner = {}; }, "FIELD_MISSING@payment.partner"},
    {"no amount",
     [](Payment& p) {
       p.amount = {};
       p.allocations.clear();
     },
     "FIELD_MISSING@payment.amount"},
    {"an amount of 0",
     [](Payment& p) {
       p.amount = Eur("0");
       p.allocations.clear();
     },
     "AMOUNT_INVALID@payment.amount"},
    {"a negative amount",
     [](Payment& p) {
       p.amount = Eur("-1");
       p.allocations.clear();
     },
     "AMOUNT_INVALID@payment.amount"},
    {"no date", [](Payment& p) { p.date.reset(); }, "FIELD_MISSING@payment.date"},
    {"no journal", [](Payment& p) { p.journal_code = ""; }, "FIELD_MISSING@payment.journal_code"},
    {"a long memo", [](Payment& p) { p.memo = std::string(141, 'x'); },
     "FIELD_TOO_LONG@payment.memo"},
    {"a bank account on money received",
     [](Payment& p) { p.partner_bank_account = "DE89370400440532013000"; },
     "FIELD_CONFLICT@payment.partner_bank_account"},
    {"a wrong IBAN", [](Payment& p) { MakeOutbound(p, "DE88 3704 0044 0532 0130 00"); },
     "IBAN_INVALID@payment.partner_bank_account"},
    {"a long account number",
     [](Payment& p) { MakeOutbound(p, std::string(65, '1').c_str()); },
     "FIELD_TOO_LONG@payment.partner_bank_account"},
    {"an allocation to nothing", [](Payment& p) { p.allocations[0].invoice_id.clear(); },
     "FIELD_MISSING@payment.allocations[0]"},
    {"an allocation to two", [](Payment& p) { p.allocations[0].odoo_move_id = 3; },
     "FIELD_CONFLICT@payment.allocations[0]"},
    {"an allocation to a payment",
     [](Payment& p) { p.allocations[0].invoice_id = "pay_01ARYZ6S410000000000000000"; },
     "FIELD_INVALID@payment.allocations[0].invoice_id"},
    {"a negative move",
     [](Payment& p) {
       p.allocations[0].invoice_id.clear();
       p.allocations[0].odoo_move_id = -3;
     },
     "FIELD_INVALID@payment.allocations[0].odoo_move_id"},
    {"an allocation in another currency",
     [](Payment& p) { p.allocations[0].amount = Money::Parse("USD", "1").value(); },
     "FIELD_CONFLICT@payment.allocations[0].amount"},
    {"an allocation of 0", [](Payment& p) { p.allocations[0].amount = Eur("0"); },
     "AMOUNT_INVALID@payment.allocations[0].amount"},
    {"more allocated than paid", [](Payment& p) { p.allocations[0].amount = Eur("345.59"); },
     "AMOUNT_INVALID@payment.allocations"},
    {"an invoice twice",
     [](Payment& p) {
       p.allocations[0].amount = Eur("1");
       p.allocations.push_back(p.allocations[0]);
     },
     "FIELD_CONFLICT@payment.allocations[1]"},
    {"201 allocations", [](Payment& p) { p.allocations.resize(201, p.allocations[0]); },
     "FIELD_TOO_LONG@payment.allocations"},
};

BOOST_DATA_TEST_CASE(one_fault_in_a_payment_gives_its_one_finding, bdata::make(kSpoiled), c) {
  Payment payment = testing::GoodPayment();
  c.spoil(payment);
  BOOST_TEST(CodesText(ValidateDocument(Wrap(payment))) == c.want);
}

BOOST_AUTO_TEST_CASE(good_payments_have_no_findings) {
  Payment free_standing = testing::GoodPayment();
  free_standing.allocations.clear();
  Payment rest = testing::GoodPayment();
  rest.allocations[0].amount.reset();
  Payment supplier = testing::GoodPayment();
  MakeOutbound(supplier, "DE89 3704 0044 0532 0130 00");
  Payment local = testing::GoodPayment();
  MakeOutbound(local, "000123456789");
  for (const Payment& payment :
       {testing::GoodPayment(), free_standing, rest, supplier, local}) {
    BOOST_TEST(CodesText(ValidateDocument(Wrap(payment))).empty());
  }
}

BOOST_AUTO_TEST_CASE(a_finding_never_shows_an_account_number) {
  Payment payment = testing::GoodPayment();
  MakeOutbound(payment, "DE88370400440532013000");
  for (const Finding& finding : ValidateDocument(Wrap(payment))) {
    BOOST_TEST(finding.message.find("3704004405") == std::string::npos);
  }
}

}  // namespace
}  // namespace kontor::model
