// SPDX-License-Identifier: Apache-2.0
// Any file is recognised by its content and judged in one pass; the codec does the same for the
// engine.
#include "server/formats/lint.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/formats/codec.h"
#include "server/model/payment_canon.h"
#include "tests/unit/formats/orders.h"

namespace bdata = boost::unit_test::data;

namespace kontor::formats {
namespace {

using base::StrCat;

std::string Iso(const char* name, const char* message) {
  return StrCat("<?xml version=\"1.0\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:", name,
                "\"><", message, "><GrpHdr/></", message, "></Document>");
}

const std::string kMt =
    ":20:S1\n:25:DE89370400440532013000\n:28C:1\n:60F:C260301EUR1,00\n"
    ":61:2603020302C2,00NTRFNONREF\n:62F:C260302EUR3,00\n-\n";

struct Head {
  const char* name;
  std::string text;
  FileFormat format;
  const char* says;
};
std::ostream& operator<<(std::ostream& out, const Head& c) { return out << c.name; }
const Head kHeads[] = {
    {"camt.053", Iso("camt.053.001.08", "BkToCstmrStmt"), FileFormat::kCamt, "camt.053.001.08"},
    {"camt.052", Iso("camt.052.001.02", "BkToCstmrAcctRpt"), FileFormat::kCamt, "camt.052.001.02"},
    {"camt.054", Iso("camt.054.001.04", "BkToCstmrDbtCdtNtfctn"), FileFormat::kCamt,
     "camt.054.001.04"},
    {"camt without a namespace", "<Document><BkToCstmrStmt/></Document>", FileFormat::kCamt,
     "camt.053"},
    {"camt with a prefix",
     "<n:Document xmlns:n=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><n:BkToCstmrStmt/>",
     FileFormat::kCamt, "camt.053.001.02"},
    {"camt behind a byte order mark", "\xEF\xBB\xBF\n" + Iso("camt.053.001.08", "BkToCstmrStmt"),
     FileFormat::kCamt, "camt.053.001.08"},
    {"pain.001", Iso("pain.001.001.09", "CstmrCdtTrfInitn"), FileFormat::kPain001,
     "pain.001.001.09"},
    {"pain.002 of SIX",
     "<Document xmlns=\"http://www.six-interbank-clearing.com/de/pain.002.001.03.ch.02.xsd\">"
     "<CstmrPmtStsRpt/></Document>",
     FileFormat::kPain002, "pain.002.001.03.ch.02"},
    {"another message of ISO", Iso("pain.008.001.02", "CstmrDrctDbtInitn"), FileFormat::kOtherIso,
     "pain.008.001.02"},
    {"other XML", "<invoice/>", FileFormat::kUnknown, ""},
    {"OFX 1", "OFXHEADER:100\nDATA:OFXSGML\n<OFX>", FileFormat::kOfx, "OFX 1"},
    {"OFX 2", "<?xml version=\"1.0\"?><?OFX OFXHEADER=\"200\"?><OFX>", FileFormat::kOfx, "OFX 2"},
    {"BAI2", "01,S,R,260303,0700,1,,,2/\n", FileFormat::kBai2, "BAI2"},
    {"NACHA", "101 09101298012345678902603021200A094101FIRST BANK", FileFormat::kNacha, "NACHA"},
    {"MT940", kMt, FileFormat::kMt, "MT940"},
    {"MT940 behind a bank's head", "0000 01BANK\n940 00\n" + kMt, FileFormat::kMt, "MT940"},
    {"MT942", ":20:S1\n:25:1\n:28C:1\n:34F:EUR0,\n", FileFormat::kMt, "MT942"},
    {"MT942 by its envelope", "{1:F01X}{2:O9421200}{4:\n:20:S1\n", FileFormat::kMt, "MT942"},
    {"a piece of an MT940", ":61:2603020302C2,00NTRFNONREF\n", FileFormat::kMt, "MT940"},
    {"a table", "a;b\n1;2\n", FileFormat::kTable, "CSV"},
    {"a text", "1\n2\n3\n", FileFormat::kUnknown, ""},
    {"nothing", "", FileFormat::kUnknown, ""},
    {"bytes", std::string("\x00\x01\x02", 3), FileFormat::kUnknown, ""},
};

BOOST_AUTO_TEST_SUITE(lint)

BOOST_DATA_TEST_CASE(a_file_is_recognised_by_what_it_begins_with, bdata::make(kHeads), c) {
  const Detected detected = Detect(c.text);
  BOOST_TEST(NameOf(detected.format) == NameOf(c.format));
  BOOST_TEST(detected.name == c.says);
}

BOOST_AUTO_TEST_CASE(utf_16_is_recognised_too) {
  std::string wide = "\xFF\xFE";
  for (const char c : Iso("camt.053.001.08", "BkToCstmrStmt")) {
    wide.push_back(c);
    wide.push_back('\0');
  }
  BOOST_TEST(Detect(wide).name == "camt.053.001.08");
}

LintResult LintOf(std::string_view text, const LintOptions& options = {}) {
  TextSource source(text);
  return Lint(source, options);
}

BOOST_AUTO_TEST_CASE(a_statement_that_adds_up_is_fine) {
  const LintResult result = LintOf(kMt);
  BOOST_TEST(NameOf(result.grade) == "FINE");
  BOOST_TEST(result.findings.empty());
  BOOST_REQUIRE(result.statements.size() == 1u);
  BOOST_TEST(result.statements[0].account == base::StrCat("\xE2\x80\xA6", "3000"));
  BOOST_TEST(result.statements[0].opening == "1.00");
  BOOST_TEST(result.statements[0].closing == "3.00");
  BOOST_TEST(result.statements[0].currency == "EUR");
  BOOST_TEST(result.statements[0].date == "2026-03-02");
}

BOOST_AUTO_TEST_CASE(a_statement_that_does_not_add_up_is_refused_with_the_place) {
  std::string text = kMt;
  text.replace(text.find("EUR3,00"), 7, "EUR4,00");
  const LintResult result = LintOf(text);
  BOOST_TEST(NameOf(result.grade) == "REFUSED");
  BOOST_REQUIRE(result.findings.size() == 1u);
  BOOST_TEST(result.findings[0].reason == "STATEMENT_UNBALANCED");
  BOOST_TEST(result.findings[0].field == "statements[0].balances");
}

BOOST_AUTO_TEST_CASE(a_statement_that_nothing_proves_is_unproven) {
  std::string text = kMt;
  text.replace(text.find(":60F:"), 20, ":34F:EUR0,\n");
  text.replace(text.find(":62F:"), 20, "");
  BOOST_TEST(NameOf(LintOf(text).grade) == "UNPROVEN");
}

BOOST_AUTO_TEST_CASE(a_file_that_ends_early_is_unreadable) {
  const LintResult result = LintOf(kMt.substr(0, kMt.find(":62F:")));
  BOOST_TEST(NameOf(result.grade) == "UNREADABLE");
  BOOST_REQUIRE(!result.findings.empty());
  BOOST_TEST(result.findings.back().reason == "FORMAT_TRUNCATED");
}

BOOST_AUTO_TEST_CASE(what_kontor_does_not_read_is_named) {
  BOOST_TEST(NameOf(LintOf("hello").grade) == "UNREADABLE");
  BOOST_TEST(LintOf("hello").findings[0].reason == "FORMAT_UNKNOWN");
  const LintResult other = LintOf(Iso("pain.008.001.02", "CstmrDrctDbtInitn"));
  BOOST_TEST(other.findings[0].message.find("pain.008.001.02") != std::string::npos);
  BOOST_TEST(LintOf("a;b\n1;2\n").findings[0].message.find("mapping") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_table_is_read_when_a_mapping_is_given) {
  const CsvMapping mapping =
      ParseCsvMapping(R"({"account":"1","booking_date":"d","amount":"a","balance":"b",
                          "currency":"EUR"})")
          .value();
  LintOptions options;
  options.mapping = &mapping;
  BOOST_TEST(NameOf(LintOf("d,a,b\n2026-03-02,1.00,1.00\n", options).grade) == "FINE");
}

BOOST_AUTO_TEST_CASE(an_order_is_judged_by_the_rules_that_all_banks_share_or_by_a_pack) {
  const Dialect& dialect = *FindDialect("sepa-09");
  const std::string file = testing::Write(dialect, testing::RichOrder(dialect)).file;
  const LintResult fine = LintOf(file);
  BOOST_TEST(NameOf(fine.grade) == "FINE");
  BOOST_TEST(fine.subject == "SEPA09");
  BOOST_TEST(fine.transfer_count == static_cast<int64_t>(fine.instruction_count));
  BOOST_TEST(fine.sums.at("EUR").size() > 4u);
  LintOptions options;
  options.dialect = FindDialect("sepa-instant-09");
  const LintResult refused = LintOf(file, options);
  BOOST_TEST(NameOf(refused.grade) == "REFUSED");
  BOOST_TEST(refused.findings[0].field == "batches[0].instruction.local_instrument");
}

BOOST_AUTO_TEST_CASE(an_order_whose_sums_are_wrong_is_refused) {
  const Dialect& dialect = *FindDialect("sepa-09");
  std::string file = testing::Write(dialect, testing::RichOrder(dialect)).file;
  file.replace(file.find("345.58</InstdAmt>"), 6, "345.59");
  BOOST_TEST(NameOf(LintOf(file).grade) == "REFUSED");
}

BOOST_AUTO_TEST_CASE(a_status_report_is_counted_by_its_codes) {
  const LintResult result = LintOf(
      "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt>"
      "<OrgnlGrpInfAndSts><OrgnlMsgId>M1</OrgnlMsgId><GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>"
      "<OrgnlPmtInfAndSts><OrgnlPmtInfId>P</OrgnlPmtInfId>"
      "<TxInfAndSts><OrgnlEndToEndId>E1</OrgnlEndToEndId><TxSts>RJCT</TxSts></TxInfAndSts>"
      "<TxInfAndSts><OrgnlEndToEndId>E2</OrgnlEndToEndId><TxSts>RJCT</TxSts></TxInfAndSts>"
      "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>");
  BOOST_TEST(NameOf(result.grade) == "FINE");
  BOOST_TEST(result.subject == "M1");
  BOOST_TEST(result.status_counts.at("PART") == 1);
  BOOST_TEST(result.status_counts.at("RJCT") == 2);
}

BOOST_AUTO_TEST_CASE(findings_beyond_the_limit_are_counted) {
  std::string text;
  for (int i = 0; i < 1200; ++i) {
    std::string message = kMt;
    text += message.replace(message.find("EUR3,00"), 7, "EUR4,00");
  }
  const LintResult result = LintOf(text);
  BOOST_TEST(result.findings.size() == LintResult::kFindingsMax);
  BOOST_TEST(result.finding_count == 1200);
  BOOST_TEST(result.statements.size() == LintResult::kStatementsMax);
  BOOST_TEST(result.report.statement_count == 1200);
}

BOOST_AUTO_TEST_CASE(the_codec_reads_whatever_statement_comes) {
  const auto codec = MakeBankCodec();
  const auto read = [&](std::string_view text, std::string_view mapping = {}) {
    TextSource source(text);
    StatementCollector sink;
    ports::ReadReport report;
    const absl::Status status = codec->ReadStatements(source, mapping, sink, report);
    return status.ok() ? report.format : base::InfoOf(status).reason;
  };
  BOOST_TEST(read(kMt) == "MT940");
  BOOST_TEST(read("01,S,R,260303,0700,1,,,2/\n99,0,0,2/\n") == "BAI2");
  BOOST_TEST(read("hello") == "FORMAT_UNKNOWN");
  BOOST_TEST(read("a;b\n1;2\n") == "FORMAT_UNKNOWN");
  BOOST_TEST(read(Iso("pain.001.001.09", "CstmrCdtTrfInitn")) == "FORMAT_UNKNOWN");
  BOOST_TEST(read("d,a\n2026-03-02,1.00\n",
                  R"({"account":"1","booking_date":"d","amount":"a","currency":"EUR"})") == "CSV");
  BOOST_TEST(read("d,a\n2026-03-02,1.00\n", "{}") == "FIELD_MISSING");
}

BOOST_AUTO_TEST_CASE(the_codec_writes_by_a_pack_of_its_own_or_one_it_is_given) {
  const auto codec = MakeBankCodec();
  const Dialect& dialect = *FindDialect("sepa-09");
  const model::PaymentOrder order = ReadOrderJson(dialect.base_order).value();
  BOOST_TEST(codec->CheckOrder("sepa-09", order).value().empty());
  BOOST_TEST(!codec->CheckOrder("sepa-instant-09", order).value().empty());
  BOOST_TEST(base::Is(codec->CheckOrder("nothing", order).status(), base::Reason::kDialectInvalid));
  BOOST_TEST(base::Is(codec->CheckOrder("{}", order).status(), base::Reason::kDialectInvalid));
  TextSink out;
  TextSink canonical;
  auto writer = codec->BeginOrder("sepa-09", order.header, out, &canonical).value();
  BOOST_TEST(writer->BeginInstruction(order.batches[0].instruction).ok());
  BOOST_TEST(writer->Add(order.batches[0].transfers[0]).ok());
  BOOST_TEST(writer->EndInstruction().ok());
  BOOST_TEST(writer->Finish().ok());
  BOOST_TEST(canonical.text() == model::CanonicalText(order));
  TextSource source(out.text());
  testing::OrderCollector sink;
  TextSink again;
  BOOST_TEST(codec->ReadOrder(source, sink, &again).ok());
  BOOST_TEST(again.text() == canonical.text());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::formats
