// SPDX-License-Identifier: Apache-2.0
// OFX as SGML and as XML: the same statement either way.
#include "server/formats/ofx.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "server/base/strings.h"
#include "tests/unit/formats/reading.h"

namespace bdata = boost::unit_test::data;

namespace kontor::formats {
namespace {

using base::StrCat;
using testing::Outcome;
using testing::ReadAll;
using testing::Verdicts;

const char* const kSgml =
    "OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nENCODING:USASCII\r\n\r\n"
    "<OFX><BANKMSGSRSV1><STMTTRNRS><TRNUID>0<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS>"
    "<CURDEF>EUR<BANKACCTFROM><BANKID>37040044<ACCTID>0532013000<ACCTTYPE>CHECKING</BANKACCTFROM>"
    "<BANKTRANLIST><DTSTART>20260301<DTEND>20260302\r\n"
    "<STMTTRN>\r\n<TRNTYPE>DEBIT\r\n<DTPOSTED>20260302120000.000[-5:EST]\r\n<TRNAMT>-10.50\r\n"
    "<FITID>F1\r\n<CHECKNUM>77\r\n<NAME>Alpha &amp; Co\r\n<MEMO>Invoice 1\r\n</STMTTRN>\r\n"
    "<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260302<TRNAMT>30<FITID>F2<NAME>Beta</STMTTRN>"
    "</BANKTRANLIST><LEDGERBAL><BALAMT>119.50<DTASOF>20260302</LEDGERBAL>"
    "</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\r\n";
const char* const kXml =
    "<?xml version=\"1.0\"?><?OFX OFXHEADER=\"200\" VERSION=\"211\"?><!-- made > by hand -->"
    "<OFX><BANKMSGSRSV1><STMTTRNRS><TRNUID>0</TRNUID><STMTRS>"
    "<CURDEF>EUR</CURDEF><BANKACCTFROM><BANKID>37040044</BANKID><ACCTID>0532013000</ACCTID>"
    "<ACCTTYPE>CHECKING</ACCTTYPE></BANKACCTFROM>"
    "<BANKTRANLIST><DTSTART>20260301</DTSTART><DTEND>20260302</DTEND>"
    "<STMTTRN><TRNTYPE>DEBIT</TRNTYPE><DTPOSTED>20260302</DTPOSTED><TRNAMT>-10.50</TRNAMT>"
    "<FITID>F1</FITID><CHECKNUM>77</CHECKNUM><NAME>Alpha &amp; Co</NAME><MEMO>Invoice 1</MEMO>"
    "</STMTTRN><STMTTRN><TRNTYPE>CREDIT</TRNTYPE><DTPOSTED>20260302</DTPOSTED>"
    "<TRNAMT>30</TRNAMT><FITID>F2</FITID><NAME>Beta</NAME><MEMO/></STMTTRN></BANKTRANLIST>"
    "<LEDGERBAL><BALAMT>119.50</BALAMT><DTASOF>20260302</DTASOF></LEDGERBAL>"
    "</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>";

std::string Changed(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  BOOST_REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

BOOST_AUTO_TEST_SUITE(ofx)

BOOST_AUTO_TEST_CASE(a_statement_is_the_same_in_both_dialects) {
  const Outcome sgml = ReadAll(ReadOfx, kSgml);
  const Outcome xml = ReadAll(ReadOfx, kXml);
  BOOST_TEST(Verdicts(sgml) == "UNPROVEN NONE");
  BOOST_TEST(Verdicts(xml) == "UNPROVEN NONE");
  BOOST_TEST(sgml.report.format == "OFX 1");
  BOOST_TEST(xml.report.format == "OFX 2");
  BOOST_TEST((sgml.statements[0].lines == xml.statements[0].lines));
  const auto& whole = sgml.statements[0];
  BOOST_TEST(whole.statement.account.number == "0532013000");
  BOOST_TEST(whole.statement.servicer.member_id == "37040044");
  BOOST_TEST(whole.statement.balances[0].amount.ToString() == "119.50 EUR");
  BOOST_REQUIRE(whole.lines.size() == 2u);
  const model::StatementLine& line = whole.lines[0];
  BOOST_TEST(line.amount.ToString() == "-10.50 EUR");
  BOOST_TEST(line.booking_date.value().ToString() == "2026-03-02");
  BOOST_TEST(line.reference == "F1");
  BOOST_TEST(line.details[0].creditor.name == "Alpha & Co");
  BOOST_TEST(line.details[0].remittance.unstructured[0] == "Invoice 1");
  BOOST_TEST(line.details[0].references.cheque_number == "77");
  BOOST_TEST(whole.lines[1].details[0].debtor.name == "Beta");
  BOOST_TEST(Verdicts(ReadAll(ReadOfx, kSgml, 1)) == "UNPROVEN NONE");
}

BOOST_AUTO_TEST_CASE(without_an_opening_balance_nothing_is_booked_as_proven) {
  const Outcome outcome = ReadAll(ReadOfx, kSgml);
  BOOST_TEST(testing::BookedText(outcome) == "");
  BOOST_TEST(testing::WarningsText(outcome.statements[0].statement.proof) ==
             "FIELD_MISSING@balances");
}

struct Refused {
  const char* name;
  const char* from;
  const char* to;
  const char* errors;
};
std::ostream& operator<<(std::ostream& out, const Refused& c) { return out << c.name; }
const Refused kRefused[] = {
    {"no amount", "<TRNAMT>-10.50</TRNAMT>", "", "FIELD_MISSING@statements[0].lines[0].amount"},
    {"an amount of words", "-10.50<", "ten<",
     "AMOUNT_INVALID@statements[0].lines[0].amount FIELD_MISSING@statements[0].lines[0].amount"},
    {"an amount of three decimals", "-10.50<", "-10.505<",
     "AMOUNT_SCALE@statements[0].lines[0].amount FIELD_MISSING@statements[0].lines[0].amount"},
    {"two amounts", "<TRNAMT>-10.50</TRNAMT>", "<TRNAMT>-10.50</TRNAMT><TRNAMT>1</TRNAMT>",
     "FORMAT_INVALID@statements[0].lines[0].amount"},
    {"no date", "<DTPOSTED>20260302</DTPOSTED>", "",
     "FIELD_MISSING@statements[0].lines[0].booking_date"},
    {"a date that does not exist", "<DTPOSTED>20260302<", "<DTPOSTED>20260231<",
     "DATE_INVALID@statements[0].lines[0].booking_date "
     "FIELD_MISSING@statements[0].lines[0].booking_date"},
    {"an unknown currency", "<CURDEF>EUR", "<CURDEF>EUX",
     "CURRENCY_UNKNOWN@statements[0].account CURRENCY_UNKNOWN@statements[0].lines[0].amount "
     "FIELD_MISSING@statements[0].lines[0].amount CURRENCY_UNKNOWN@statements[0].lines[0].amount "
     "FIELD_MISSING@statements[0].lines[0].amount CURRENCY_UNKNOWN@statements[0].balances "
     "FIELD_MISSING@statements[0].balances"},
    {"no account", "<ACCTID>0532013000</ACCTID>", "", "FIELD_MISSING@statements[0].account"},
    {"a balance without amount", "<BALAMT>119.50</BALAMT>", "",
     "FIELD_MISSING@statements[0].balances"},
};
BOOST_DATA_TEST_CASE(a_statement_with_an_unreadable_part_is_refused, bdata::make(kRefused), c) {
  const Outcome outcome = ReadAll(ReadOfx, Changed(kXml, c.from, c.to));
  BOOST_REQUIRE(outcome.status.ok());
  BOOST_TEST(Verdicts(outcome) == "REFUSED NONE");
  BOOST_TEST(testing::ErrorsText(outcome.statements[0].statement.proof) == c.errors);
}

struct Broken {
  const char* name;
  std::string text;
  const char* reason;
};
std::ostream& operator<<(std::ostream& out, const Broken& c) { return out << c.name; }
const Broken kBroken[] = {
    {"nothing", "", "FORMAT_UNKNOWN"},
    {"another file", "hello", "FORMAT_UNKNOWN"},
    {"another document", "<html></html>", "FORMAT_UNKNOWN"},
    {"no statement", "<OFX></OFX>", "FORMAT_UNKNOWN"},
    {"no end", Changed(kXml, "</OFX>", ""), "FORMAT_TRUNCATED"},
    {"a statement that is open at the end", Changed(kXml, "</STMTRS>", ""), "FORMAT_INVALID"},
    {"a transaction within a transaction", Changed(kXml, "</STMTTRN>", ""), "FORMAT_INVALID"},
    {"something behind the end", StrCat(kXml, "<OFX>"), "FORMAT_INVALID"},
    {"a document type", StrCat("<!DOCTYPE OFX>", kXml), "XML_FORBIDDEN"},
    {"entities of its own", StrCat("<!DOCTYPE OFX [<!ENTITY a \"b\">]>", kXml), "XML_FORBIDDEN"},
    {"a tag without name", Changed(kXml, "<TRNTYPE>", "<>"), "FORMAT_INVALID"},
    {"a tag that never ends", StrCat("<OFX><", std::string(10000, 'a')), "FORMAT_LIMIT"},
    {"a text that never ends", StrCat("<OFX><A>", std::string(100000, 'a')), "FORMAT_LIMIT"},
};
BOOST_DATA_TEST_CASE(a_file_that_is_none_is_refused_whole, bdata::make(kBroken), c) {
  BOOST_TEST(Verdicts(ReadAll(ReadOfx, c.text)) == c.reason);
}

BOOST_AUTO_TEST_CASE(cut_at_any_byte_a_file_is_none) {
  for (const std::string text : {kSgml, kXml}) {
    const size_t end = text.rfind('>');
    for (size_t size = 0; size <= end; ++size) {
      BOOST_TEST_CONTEXT("cut at " << size) {
        BOOST_TEST(!ReadAll(ReadOfx, text.substr(0, size)).status.ok());
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::formats
