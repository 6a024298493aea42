// SPDX-License-Identifier: Apache-2.0
// What banks answer to an order, at each of its three levels.
#include "server/formats/pain002.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "tests/unit/formats/statuses.h"

namespace bdata = boost::unit_test::data;

namespace kontor::formats {
namespace {

using base::StrCat;
using model::StatusClass;
using testing::ReadStatuses;
using testing::Statuses;

std::string Document(const std::string& body,
                     const char* space = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10") {
  return StrCat("<Document xmlns=\"", space, "\"><CstmrPmtStsRpt><GrpHdr><MsgId>S1</MsgId>",
                "<CreDtTm>2026-03-03T01:02:03</CreDtTm></GrpHdr>", body,
                "</CstmrPmtStsRpt></Document>");
}

const char* const kOrder =
    "<OrgnlGrpInfAndSts><OrgnlMsgId>M1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
    "<OrgnlNbOfTxs>3</OrgnlNbOfTxs><OrgnlCtrlSum>10.50</OrgnlCtrlSum><GrpSts>PART</GrpSts>"
    "<StsRsnInf><Orgtr><Nm>A Bank</Nm></Orgtr><Rsn><Cd>NARR</Cd></Rsn><AddtlInf>one</AddtlInf>"
    "<AddtlInf>two</AddtlInf></StsRsnInf></OrgnlGrpInfAndSts>";
const char* const kInstruction =
    "<OrgnlPmtInfAndSts><OrgnlPmtInfId>P1</OrgnlPmtInfId><PmtInfSts>PART</PmtInfSts>"
    "<StsRsnInf><Rsn><Prtry>XX9</Prtry></Rsn></StsRsnInf>"
    "<TxInfAndSts><StsId>T1</StsId><OrgnlInstrId>I1</OrgnlInstrId>"
    "<OrgnlEndToEndId>E1</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
    "<StsRsnInf><Orgtr><Id><OrgId><AnyBIC>COBADEFFXXX</AnyBIC></OrgId></Id></Orgtr>"
    "<Rsn><Cd>AC04</Cd></Rsn></StsRsnInf><AccptncDtTm>2026-03-03T01:00:00</AccptncDtTm>"
    "<AcctSvcrRef>R1</AcctSvcrRef><OrgnlTxRef><Amt><InstdAmt Ccy=\"EUR\">3.50</InstdAmt></Amt>"
    "<ReqdExctnDt><Dt>2026-03-02</Dt></ReqdExctnDt><Cdtr><Pty><Nm>Beta</Nm></Pty></Cdtr>"
    "<CdtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></CdtrAcct></OrgnlTxRef></TxInfAndSts>"
    "<TxInfAndSts><OrgnlEndToEndId>E2</OrgnlEndToEndId><TxSts>ACSP</TxSts></TxInfAndSts>"
    "</OrgnlPmtInfAndSts>";

BOOST_AUTO_TEST_SUITE(pain002)

BOOST_AUTO_TEST_CASE(a_report_is_read_at_all_three_levels) {
  const Statuses got = ReadStatuses(Document(StrCat(kOrder, kInstruction)));
  BOOST_REQUIRE(got.status.ok());
  BOOST_TEST(got.report.format == "pain.002.001.10");
  BOOST_TEST(got.report.findings.empty());
  BOOST_TEST(got.order.message_id == "S1");
  BOOST_TEST(got.order.original_message_id == "M1");
  BOOST_TEST(got.order.original_message_name == "pain.001.001.09");
  BOOST_TEST(got.order.original_count.value() == 3);
  BOOST_TEST(got.order.original_sum.value().ToString() == "10.5");
  BOOST_TEST(got.order.status == "PART");
  BOOST_TEST(got.order.reasons[0].originator == "A Bank");
  BOOST_TEST(got.order.reasons[0].texts[1] == "two");
  BOOST_REQUIRE(got.instructions.size() == 1u);
  BOOST_TEST(got.instructions[0].original_payment_information_id == "P1");
  BOOST_TEST(got.instructions[0].reasons[0].word == "XX9");
  BOOST_REQUIRE(got.transfers.size() == 2u);
  const model::TransferStatus& rejected = got.transfers[0];
  BOOST_TEST(rejected.original_payment_information_id == "P1");
  BOOST_TEST(rejected.original_end_to_end_id == "E1");
  BOOST_TEST(rejected.original_instruction_id == "I1");
  BOOST_TEST(rejected.status == "RJCT");
  BOOST_TEST(rejected.reasons[0].code == "AC04");
  BOOST_TEST(rejected.reasons[0].originator == "COBADEFFXXX");
  BOOST_TEST(rejected.original_amount.value().ToString() == "3.50 EUR");
  BOOST_TEST(rejected.original_date.value().ToString() == "2026-03-02");
  BOOST_TEST(rejected.creditor_name == "Beta");
  BOOST_TEST(rejected.creditor_account == "DE89370400440532013000");
  BOOST_TEST(got.transfers[1].original_end_to_end_id == "E2");
  BOOST_TEST(got.transfers[1].reasons.empty());
}

BOOST_AUTO_TEST_CASE(an_instruction_without_transfers_is_told_too) {
  const Statuses got = ReadStatuses(Document(
      StrCat(kOrder,
             "<OrgnlPmtInfAndSts><OrgnlPmtInfId>P2</OrgnlPmtInfId><PmtInfSts>ACCP</PmtInfSts>"
             "</OrgnlPmtInfAndSts>")));
  BOOST_REQUIRE(got.instructions.size() == 1u);
  BOOST_TEST(got.instructions[0].status == "ACCP");
}

struct Space {
  const char* name;
  bool known;
};
std::ostream& operator<<(std::ostream& out, const Space& c) { return out << c.name; }
const Space kSpaces[] = {
    {"urn:iso:std:iso:20022:tech:xsd:pain.002.001.03", true},
    {"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10", true},
    {"urn:iso:std:iso:20022:tech:xsd:pain.002.001.11", true},
    {"http://www.six-interbank-clearing.com/de/pain.002.001.03.ch.02.xsd", true},
    {"urn:iso:std:iso:20022:tech:xsd:pain.002.001.02", false},
    {"urn:iso:std:iso:20022:tech:xsd:pain.002.001.14", false},
    {"urn:bank", false},
};
BOOST_DATA_TEST_CASE(a_version_is_known_or_said_not_to_be, bdata::make(kSpaces), c) {
  const Statuses got = ReadStatuses(Document(StrCat(kOrder, kInstruction), c.name));
  BOOST_TEST(got.status.ok());
  BOOST_TEST(got.report.version_known == c.known);
  BOOST_TEST(got.report.findings.size() == (c.known ? 0u : 1u));
  BOOST_TEST(got.transfers.size() == 2u);
}

struct Refused {
  const char* name;
  std::string text;
  const char* reason;
};
std::ostream& operator<<(std::ostream& out, const Refused& c) { return out << c.name; }
const Refused kRefused[] = {
    {"another message",
     "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt/>"
     "</Document>",
     "FORMAT_UNKNOWN"},
    {"no order", Document(""), "FORMAT_UNKNOWN"},
    {"two orders", Document(StrCat(kOrder, kOrder)), "FORMAT_INVALID"},
    {"an instruction before its order", Document(StrCat(kInstruction, kOrder)), "FORMAT_INVALID"},
    {"a document type", "<!DOCTYPE Document><Document/>", "XML_FORBIDDEN"},
};
BOOST_DATA_TEST_CASE(a_report_that_cannot_be_trusted_is_refused, bdata::make(kRefused), c) {
  BOOST_TEST(base::InfoOf(ReadStatuses(c.text).status).reason == c.reason);
}

struct Lacking {
  const char* name;
  std::string body;
  const char* field;
};
std::ostream& operator<<(std::ostream& out, const Lacking& c) { return out << c.name; }
const Lacking kLacking[] = {
    {"the order's id", "<OrgnlGrpInfAndSts><GrpSts>ACCP</GrpSts></OrgnlGrpInfAndSts>",
     "original_message_id"},
    {"an instruction's id",
     StrCat(kOrder, "<OrgnlPmtInfAndSts><PmtInfSts>ACCP</PmtInfSts></OrgnlPmtInfAndSts>"),
     "instructions[0]"},
    {"all of a transfer's ids",
     StrCat(kOrder,
            "<OrgnlPmtInfAndSts><OrgnlPmtInfId>P1</OrgnlPmtInfId><TxInfAndSts>"
            "<TxSts>RJCT</TxSts></TxInfAndSts></OrgnlPmtInfAndSts>"),
     "transfers[0]"},
};
BOOST_DATA_TEST_CASE(a_report_that_lacks_what_it_is_about_has_an_error, bdata::make(kLacking), c) {
  const Statuses got = ReadStatuses(Document(c.body));
  BOOST_REQUIRE(got.report.findings.size() == 1u);
  BOOST_TEST(model::HasErrors(got.report.findings));
  BOOST_TEST(got.report.findings[0].field == c.field);
}

BOOST_AUTO_TEST_CASE(what_only_informs_and_cannot_be_read_is_a_warning) {
  std::string body = StrCat(kOrder, kInstruction);
  body.replace(body.find("3.50</InstdAmt>"), 4, "3,50");
  const Statuses got = ReadStatuses(Document(body));
  BOOST_REQUIRE(got.report.findings.size() == 1u);
  BOOST_TEST(!model::HasErrors(got.report.findings));
  BOOST_TEST(!got.transfers[0].original_amount.has_value());
}

BOOST_AUTO_TEST_CASE(cut_at_any_byte_a_report_is_none) {
  const std::string text = Document(StrCat(kOrder, kInstruction));
  for (size_t size = 0; size < text.size(); ++size) {
    BOOST_TEST_CONTEXT("cut at " << size) {
      BOOST_TEST(!ReadStatuses(text.substr(0, size)).status.ok());
    }
  }
}

struct Meaning {
  const char* code;
  StatusClass meaning;
};
std::ostream& operator<<(std::ostream& out, const Meaning& c) { return out << c.code; }
const Meaning kMeanings[] = {
    {"RCVD", StatusClass::kReceived},  {"ACTC", StatusClass::kReceived},
    {"ACCP", StatusClass::kAccepted},  {"ACSP", StatusClass::kAccepted},
    {"ACSC", StatusClass::kAccepted},  {"ACWC", StatusClass::kAccepted},
    {"PART", StatusClass::kPartial},   {"RJCT", StatusClass::kRejected},
    {"CANC", StatusClass::kCancelled}, {"PDNG", StatusClass::kPending},
    {"PATC", StatusClass::kPending},   {"", StatusClass::kPending},
    {"OKAY", StatusClass::kPending},   {"rjct", StatusClass::kPending},
};
BOOST_DATA_TEST_CASE(only_explicit_success_or_failure_is_final, bdata::make(kMeanings), c) {
  BOOST_TEST((model::ClassOf(c.code) == c.meaning));
}

BOOST_AUTO_TEST_CASE(reasons_are_told_in_words) {
  BOOST_TEST(model::WordsOfReason("AM04") == "the account has not enough funds");
  BOOST_TEST(model::WordsOfReason("AM05") == "this is a duplicate");
  BOOST_TEST(model::WordsOfReason("NARR") == "");
  BOOST_TEST(model::WordsOfReason("ZZ99") == "");
  BOOST_TEST(model::WordsOfStatus("RJCT") == "rejected");
  BOOST_TEST(model::WordsOfStatus("ZZZZ") == "ZZZZ");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::formats
