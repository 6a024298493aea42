// SPDX-License-Identifier: Apache-2.0
// Every generated message is valid by the schema that ISO published.
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>

#include "server/base/strings.h"
#include "tests/unit/formats/orders.h"
#include "tests/unit/formats/shared_files.h"

namespace kontor::formats {
namespace {

/// The schema's words on the document; empty when it is valid.
std::string Validate(const std::string& schema_text, const std::string& document_text) {
  std::string problems;
  const auto note = [](void* to, xmlErrorPtr error) {
    base::StrAppend(static_cast<std::string*>(to), "line ", error->line, ": ", error->message);
  };
  xmlSetStructuredErrorFunc(&problems, note);
  xmlSchemaParserCtxtPtr parser =
      xmlSchemaNewMemParserCtxt(schema_text.data(), static_cast<int>(schema_text.size()));
  xmlSchemaPtr schema = xmlSchemaParse(parser);
  xmlSchemaFreeParserCtxt(parser);
  if (schema == nullptr) return "the schema cannot be read: " + problems;
  xmlDocPtr document = xmlReadMemory(document_text.data(), static_cast<int>(document_text.size()),
                                     nullptr, nullptr, XML_PARSE_NONET);
  xmlSchemaValidCtxtPtr validator = xmlSchemaNewValidCtxt(schema);
  xmlSchemaSetValidStructuredErrors(validator, note, &problems);
  const int result = document == nullptr ? -1 : xmlSchemaValidateDoc(validator, document);
  xmlSchemaFreeValidCtxt(validator);
  xmlFreeDoc(document);
  xmlSchemaFree(schema);
  xmlSetStructuredErrorFunc(nullptr, nullptr);
  if (result != 0 && problems.empty()) problems = "not valid";
  return problems;
}

BOOST_AUTO_TEST_SUITE(schemas)

BOOST_AUTO_TEST_CASE(every_dialects_file_is_valid) {
  for (const Dialect& dialect : BuiltInDialects()) {
    const std::string schema =
        testing::ReadShared(base::StrCat("iso20022/xsd/pain.001.001.0", dialect.version, ".xsd"));
    const testing::Written written = testing::Write(dialect, testing::RichOrder(dialect));
    BOOST_TEST_CONTEXT(dialect.name) {
      BOOST_TEST(written.status.ok(), written.status.ToString());
      BOOST_TEST(Validate(schema, written.file) == "");
    }
  }
}

/// Everything that a field can hold, up to the lengths that the rules allow.
model::PaymentOrder FullOrder(const Dialect& dialect) {
  model::PaymentOrder order = testing::RichOrder(dialect);
  model::PaymentInstruction& instruction = order.batches[0].instruction;
  model::CreditTransfer& transfer = order.batches[0].transfers[0];
  model::PostalAddress address;
  address.department = std::string(70, 'D');
  address.sub_department = std::string(70, 'S');
  address.street = std::string(70, 's');
  address.building_number = std::string(16, '1');
  address.post_code = std::string(16, '2');
  address.town = std::string(35, 'T');
  address.country_subdivision = std::string(35, 'C');
  address.country_code = "FR";
  if (dialect.version >= 9) {
    address.building_name = std::string(35, 'B');
    address.floor = std::string(70, 'F');
    address.post_box = std::string(16, 'P');
    address.room = std::string(70, 'R');
    address.town_location = std::string(35, 'L');
    address.district = std::string(35, 'd');
    instruction.debtor.lei = "5299000J2N45DDNE4Y28";
  }
  transfer.creditor.address = address;
  instruction.debtor.address = address;
  instruction.debtor.bic = "COBADEFFXXX";
  instruction.debtor.id = std::string(35, 'I');
  instruction.debtor.id_scheme = "CUST";
  instruction.debtor.country_of_residence = "DE";
  instruction.debtor.account.name = "Main";
  instruction.debtor.account.currency = transfer.amount.currency();
  instruction.priority = "HIGH";
  instruction.category_purpose = "SUPP";
  model::BankParty ultimate;
  ultimate.name = std::string(70, 'U');
  ultimate.id = "P1";
  ultimate.id_scheme = "a word of ours";
  ultimate.id_is_private = true;
  instruction.ultimate_debtor = ultimate;
  transfer.ultimate_creditor = ultimate;
  transfer.ultimate_debtor = ultimate;
  transfer.purpose = "GDDS";
  transfer.creditor.agent.bic = "PSSTFRPPXXX";
  transfer.creditor.agent.clearing_system = "USABA";
  transfer.creditor.agent.member_id = "021000021";
  transfer.creditor.agent.name = "A Bank";
  transfer.creditor.agent.other_id = "X";
  return order;
}

BOOST_AUTO_TEST_CASE(a_file_with_every_field_filled_is_valid_and_comes_back) {
  for (const char* const name : {"sepa-03", "sepa-09", "cross-border-09"}) {
    const Dialect& dialect = *FindDialect(name);
    const std::string schema =
        testing::ReadShared(base::StrCat("iso20022/xsd/pain.001.001.0", dialect.version, ".xsd"));
    const testing::Written written = testing::Write(dialect, FullOrder(dialect));
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(written.status.ok(), written.status.ToString());
      BOOST_TEST(Validate(schema, written.file) == "");
      BOOST_TEST(testing::Read(written.file).canonical == written.canonical);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_validator_finds_what_is_wrong) {
  const Dialect& dialect = *FindDialect("sepa-09");
  const std::string schema = testing::ReadShared("iso20022/xsd/pain.001.001.09.xsd");
  std::string file = testing::Write(dialect, testing::RichOrder(dialect)).file;
  file.replace(file.find("<PmtMtd>TRF"), 11, "<PmtMtd>XXX");
  BOOST_TEST(Validate(schema, file) != "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::formats
