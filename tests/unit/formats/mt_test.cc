// SPDX-License-Identifier: Apache-2.0
// MT940 and MT942 in the forms that banks give them.
#include "server/formats/mt.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/formats/internal/mt_details.h"
#include "server/formats/internal/mt_fields.h"
#include "tests/unit/formats/reading.h"

namespace bdata = boost::unit_test::data;

namespace kontor::formats {
namespace {

using base::StrCat;
using testing::Outcome;
using testing::ReadAll;
using testing::Verdicts;

const char* const kHead = ":20:S1\n:25:DE89370400440532013000\n:28C:00012/001\n";

std::string Message(const std::string& lines, const char* opening = "C260301EUR100,00",
                    const char* closing = "C260302EUR119,50") {
  return StrCat(kHead, ":60F:", opening, "\n", lines, ":62F:", closing, "\n-\n");
}

const char* const kLines =
    ":61:2603020302C30,00NTRFNONREF//B1\n:86:one\n:61:2603020302D10,50NTRFR2//B2\n:86:two\n";

Outcome Read(const std::string& text) { return ReadAll(ReadMt, text); }

model::StatementLine Line(const char* text, const char* supplementary = "") {
  const auto line =
      internal::ReadMtLine(text, supplementary, model::Currency::Parse("EUR").value());
  BOOST_REQUIRE(line.ok());
  return *line;
}

BOOST_AUTO_TEST_SUITE(mt)

BOOST_AUTO_TEST_CASE(opening_balance_and_lines_give_the_closing_balance) {
  const Outcome outcome = Read(Message(kLines));
  BOOST_TEST(Verdicts(outcome) == "PROVEN BALANCES");
  BOOST_TEST(outcome.report.format == "MT940");
  const model::Statement& statement = outcome.statements[0].statement;
  BOOST_TEST(statement.id == "S1");
  BOOST_TEST(statement.account.number == "DE89370400440532013000");
  BOOST_TEST(statement.account.scheme == "IBAN");
  BOOST_TEST(statement.legal_number.value() == 12);
  BOOST_TEST(statement.page == 1);
  BOOST_TEST(testing::BookedText(outcome) ==
             "DE89370400440532013000 2026-03-02 30.00 EUR BOOKED\n"
             "DE89370400440532013000 2026-03-02 -10.50 EUR BOOKED\n");
  const model::StatementLine& line = outcome.statements[0].lines[1];
  BOOST_TEST(line.account_owner_ref == "R2");
  BOOST_TEST(line.account_servicer_ref == "B2");
  BOOST_TEST(line.details[0].remittance.unstructured[0] == "two");
}

struct Envelope {
  const char* name;
  std::string text;
  const char* want;
};
std::ostream& operator<<(std::ostream& out, const Envelope& c) { return out << c.name; }
const Envelope kEnvelopes[] = {
    {"SWIFT's blocks",
     StrCat("{1:F01BANKDEFFXXXX0000000000}{2:O9401200260302BANKDEFFXXXX00000000002603021200N}{4:\n",
            kHead, ":60F:C260301EUR100,00\n", kLines, ":62F:C260302EUR119,50\n-}{5:{CHK:0}}\n"),
     "PROVEN BALANCES"},
    {"carriage returns", Message("\r\n"), "REFUSED BALANCES"},
    {"no line that ends it",
     StrCat(kHead, ":60F:C260301EUR100,00\n", kLines, ":62F:C260302EUR119,50"), "PROVEN BALANCES"},
    {"a bank's own head", StrCat("0000 01BANK\n940 00\n", Message(kLines)), "PROVEN BALANCES"},
    {"two messages", Message(kLines) + Message(kLines), "PROVEN BALANCES, PROVEN BALANCES"},
    {"two messages without an end between them",
     StrCat(kHead, ":60F:C260301EUR100,00\n", kLines, ":62F:C260302EUR119,50\n\n", Message(kLines)),
     "PROVEN BALANCES, PROVEN BALANCES"},
    {"a page that goes on",
     StrCat(kHead, ":60F:C260301EUR100,00\n", kLines, ":62M:C260302EUR119,50\n-\n"),
     "PROVEN BALANCES"},
    {"fields behind the closing balance",
     StrCat(kHead, ":60F:C260301EUR100,00\n", kLines,
            ":62F:C260302EUR119,50\n:64:C260302EUR1,00\n:65:C260303EUR2,00\n:86:bye\n-\n"),
     "PROVEN BALANCES"},
};
BOOST_DATA_TEST_CASE(a_message_is_read_in_any_envelope, bdata::make(kEnvelopes), c) {
  BOOST_TEST(Verdicts(Read(c.text)) == c.want);
}

BOOST_AUTO_TEST_CASE(line_ends_of_all_kinds_are_fine) {
  std::string text = Message(kLines);
  std::string returns;
  for (const char c : text) returns += c == '\n' ? std::string("\r\n") : std::string(1, c);
  BOOST_TEST(Verdicts(Read(returns)) == "PROVEN BALANCES");
  std::replace(text.begin(), text.end(), '\n', '\r');
  BOOST_TEST(Verdicts(Read(text)) == "PROVEN BALANCES");
  for (const size_t chunk : {1u, 2u, 5u}) {
    BOOST_TEST(Verdicts(ReadAll(ReadMt, returns, chunk)) == "PROVEN BALANCES");
  }
}

struct Refused {
  const char* name;
  std::string text;
  const char* verdict;
  const char* errors;
};
std::ostream& operator<<(std::ostream& out, const Refused& c) { return out << c.name; }
const Refused kRefused[] = {
    {"a line too few", Message(":61:2603020302C30,00NTRFNONREF\n"), "REFUSED BALANCES",
     "STATEMENT_UNBALANCED@balances"},
    {"a date that does not exist", Message(":61:2602300302C30,00NTRFNONREF\n"), "REFUSED BALANCES",
     "DATE_INVALID@statements[0].lines[0] STATEMENT_UNBALANCED@balances"},
    {"an amount without comma", Message(":61:2603020302C30NTRFNONREF\n"), "REFUSED BALANCES",
     "AMOUNT_INVALID@statements[0].lines[0] STATEMENT_UNBALANCED@balances"},
    {"an amount with a point", Message(":61:2603020302C30.00NTRFNONREF\n"), "REFUSED BALANCES",
     "AMOUNT_INVALID@statements[0].lines[0] STATEMENT_UNBALANCED@balances"},
    {"an amount of three decimals", Message(":61:2603020302C30,005NTRFNONREF\n"),
     "REFUSED BALANCES", "AMOUNT_SCALE@statements[0].lines[0] STATEMENT_UNBALANCED@balances"},
    {"no mark", Message(":61:260302030230,00NTRFNONREF\n"), "REFUSED BALANCES",
     "FORMAT_INVALID@statements[0].lines[0] STATEMENT_UNBALANCED@balances"},
    {"no transaction type", Message(":61:2603020302C30,00\n"), "REFUSED BALANCES",
     "FORMAT_INVALID@statements[0].lines[0] STATEMENT_UNBALANCED@balances"},
    {"a balance without currency", Message(kLines, "C26030100,00"), "REFUSED NONE",
     "CURRENCY_UNKNOWN@statements[0].balances FIELD_MISSING@statements[0].lines "
     "FIELD_MISSING@statements[0].lines"},
    {"a closing balance cut short", Message(kLines, "C260301EUR100,00", "C260302EUR119"),
     "REFUSED NONE", "AMOUNT_INVALID@statements[0].balances"},
    {"two opening balances", Message(StrCat(":60F:C260301EUR100,00\n", kLines)), "REFUSED BALANCES",
     "FORMAT_INVALID@statements[0].balances"},
    {"balances of two currencies", Message(kLines, "C260301EUR100,00", "C260302USD119,50"),
     "REFUSED NONE", "STATEMENT_UNBALANCED@balances"},
    {"no account",
     StrCat(":20:S1\n:28C:1\n:60F:C260301EUR100,00\n", kLines, ":62F:C260302EUR119,50\n-\n"),
     "REFUSED BALANCES", "FIELD_MISSING@statements[0].account"},
    {"no closing balance", StrCat(kHead, ":60F:C260301EUR100,00\n", kLines, "-\n"), "REFUSED NONE",
     "FORMAT_TRUNCATED@statements[0].balances"},
    {"a line behind the closing balance",
     StrCat(kHead, ":60F:C260301EUR100,00\n:62F:C260302EUR130,00\n",
            ":61:2603020302C30,00NTRFNONREF\n-\n"),
     "REFUSED BALANCES", "FORMAT_INVALID@statements[0].lines"},
};
BOOST_DATA_TEST_CASE(a_message_that_does_not_add_up_is_refused, bdata::make(kRefused), c) {
  const Outcome outcome = Read(c.text);
  BOOST_TEST(Verdicts(outcome) == c.verdict);
  BOOST_REQUIRE(!outcome.statements.empty());
  BOOST_TEST(testing::ErrorsText(outcome.statements[0].statement.proof) == c.errors);
  BOOST_TEST(testing::BookedText(outcome) == "");
}

struct Broken {
  const char* name;
  std::string text;
  const char* reason;
};
std::ostream& operator<<(std::ostream& out, const Broken& c) { return out << c.name; }
const Broken kBroken[] = {
    {"nothing", "", "FORMAT_UNKNOWN"},
    {"no fields", "1\n2\n3\n", "FORMAT_UNKNOWN"},
    {"a line without a message", ":61:2603020302C30,00NTRFNONREF\n", "FORMAT_INVALID"},
    {"a closing balance without a message", ":62F:C260302EUR119,50\n", "FORMAT_INVALID"},
    {"a line behind the end", Message(kLines) + ":61:2603020302C30,00NTRFNONREF\n",
     "FORMAT_INVALID"},
    {"no closing balance at the end", StrCat(kHead, ":60F:C260301EUR100,00\n", kLines),
     "FORMAT_TRUNCATED"},
    {"a line of a megabyte", StrCat(kHead, ":86:", std::string(1 << 20, 'x')), "FORMAT_LIMIT"},
};
BOOST_DATA_TEST_CASE(a_file_that_is_no_message_is_refused_whole, bdata::make(kBroken), c) {
  BOOST_TEST(Verdicts(Read(c.text)) == c.reason);
}

BOOST_AUTO_TEST_CASE(cut_at_any_byte_a_file_books_nothing_unproven) {
  BOOST_TEST(testing::FirstUnprovenCut(ReadMt, Message(kLines) + Message(kLines)) == "");
}

BOOST_AUTO_TEST_CASE(a_balance_that_may_be_cut_is_not_taken) {
  const Outcome outcome = Read(
      StrCat(kHead, ":60F:C260301EUR100,00\n", kLines, ":62F:C260302EUR119,50\n:64:C260302EUR1,0"));
  BOOST_TEST(Verdicts(outcome) == "PROVEN BALANCES");
  BOOST_TEST(outcome.statements[0].statement.balances.size() == 2u);
  BOOST_TEST(testing::WarningsText(outcome.statements[0].statement.proof) ==
             "FORMAT_TRUNCATED@statements[0].balances");
}

BOOST_AUTO_TEST_CASE(an_interim_report_is_proven_by_its_totals_and_books_nothing) {
  const std::string head = StrCat(kHead, ":34F:EUR0,00\n:13D:2603021815+0100\n");
  const std::string lines = ":61:2603020302C1,00NTRFNONREF\n:61:2603020302D2,00NTRFNONREF\n";
  const Outcome outcome = Read(StrCat(head, lines, ":90D:1EUR2,00\n:90C:1EUR1,00\n-\n"));
  BOOST_TEST(outcome.report.format == "MT942");
  BOOST_TEST(Verdicts(outcome) == "PROVEN TOTALS");
  BOOST_TEST(testing::BookedText(outcome) == "");
  BOOST_TEST(NameOf(outcome.statements[0].lines[0].status) == "PENDING");
  BOOST_TEST(Verdicts(Read(StrCat(head, lines, ":90D:1EUR2,00\n:90C:2EUR1,00\n-\n"))) ==
             "REFUSED NONE");
  BOOST_TEST(Verdicts(Read(StrCat(head, lines, "-\n"))) == "UNPROVEN NONE");
}

struct Field61 {
  const char* text;
  const char* want;  ///< booking date, value date, amount, owner's and servicer's reference
  bool reversal;
};
std::ostream& operator<<(std::ostream& out, const Field61& c) { return out << c.text; }
const Field61 kField61[] = {
    {"0709070904CR50990,05NTRFNONREF//0724710333343453",
     "2007-09-04 2007-09-07 50990.05 EUR  0724710333343453", false},
    {"100722D25,03NTRFNONREF", "- 2010-07-22 -25.03 EUR  ", false},
    {"1409010902DR000000000001,62NTRF0000549855700010//025498557/000001",
     "2014-09-02 2014-09-01 -1.62 EUR 0000549855700010 025498557/000001", false},
    {"1701190119CN0,01NTRFNONREF//MB170119012058", "2017-01-19 2017-01-19 0.01 EUR  MB170119012058",
     false},
    {"2603020302RC5,NTRFX", "2026-03-02 2026-03-02 -5.00 EUR X ", true},
    {"2603020302RDR5,NTRFX", "2026-03-02 2026-03-02 5.00 EUR X ", true},
    {"2601021231C1,00NTRFX", "2025-12-31 2026-01-02 1.00 EUR X ", false},
    {"2512310102C1,00NTRFX", "2026-01-02 2025-12-31 1.00 EUR X ", false},
    {"2403010229C1,00NTRFX", "2024-02-29 2024-03-01 1.00 EUR X ", false},
    {"110527D000000001213,28N0440121470966      W.P. Jansen",
     "- 2011-05-27 -1213.28 EUR 0121470966 ", false},
    {"2212191220C119,NMSC341241773/1XXXXX//O/341241774",
     "2022-12-20 2022-12-19 119.00 EUR 341241773/1XXXXX O/341241774", false},
};
BOOST_DATA_TEST_CASE(a_line_is_read_as_banks_write_it, bdata::make(kField61), c) {
  const model::StatementLine line = Line(c.text);
  BOOST_TEST(StrCat(line.booking_date ? line.booking_date->ToString() : "-", " ",
                    line.value_date->ToString(), " ", line.amount.ToString(), " ",
                    line.account_owner_ref, " ", line.account_servicer_ref) == c.want);
  BOOST_TEST(line.reversal == c.reversal);
}

BOOST_AUTO_TEST_CASE(an_expected_entry_is_pending) {
  BOOST_TEST(NameOf(Line("2603020302EC5,00NTRFX").status) == "PENDING");
  BOOST_TEST(NameOf(Line("2603020302C5,00NTRFX").status) == "BOOKED");
}

BOOST_AUTO_TEST_CASE(what_stands_behind_the_reference_is_kept) {
  BOOST_TEST(Line("110527D1,00N0440121470966      W.P. Jansen").additional == "W.P. Jansen");
  BOOST_TEST(Line("2603020302C5,00NTRFX", "/OCMT/EUR4,5/").additional == "/OCMT/EUR4,5/");
}

model::EntryDetail Details(const std::vector<std::string>& lines, const char* amount = "-1.00") {
  return internal::ReadMtDetails(lines, model::Money::Parse("EUR", amount).value());
}

BOOST_AUTO_TEST_CASE(subfields_are_read) {
  const auto detail =
      Details({"166?00GUTSCHRIFT?100399?20EREF+E2E-1?21KREF+P1?22SVWZ+Rechnung 4711 vo",
               "m 1.3.?23 und 4712?30COBADEFFXXX?31DE89370400440532013000?32Alpha?33 GmbH?34992"},
              "1.00");
  BOOST_TEST(detail.code.proprietary == "166");
  BOOST_TEST(detail.code.text == "GUTSCHRIFT");
  BOOST_TEST(detail.references.end_to_end_id == "E2E-1");
  BOOST_TEST(detail.references.payment_information_id == "P1");
  BOOST_TEST(detail.remittance.unstructured[0] == "Rechnung 4711 vom 1.3. und 4712");
  BOOST_TEST(detail.debtor.name == "Alpha GmbH");
  BOOST_TEST(detail.debtor.account.number == "DE89370400440532013000");
  BOOST_TEST(detail.debtor.agent.bic == "COBADEFFXXX");
  BOOST_TEST(detail.creditor.IsEmpty());
}

BOOST_AUTO_TEST_CASE(the_other_side_of_a_debit_is_the_creditor) {
  const auto detail = Details({"116?00UEBERWEISUNG?20MREF+M1?21CRED+C1?22ABWE+Beta?32Gamma"});
  BOOST_TEST(detail.creditor.name == "Gamma");
  BOOST_TEST(detail.references.mandate_id == "M1");
  BOOST_TEST(detail.references.creditor_id == "C1");
  BOOST_TEST(detail.ultimate_creditor.value().name == "Beta");
  BOOST_TEST(detail.debtor.IsEmpty());
}

BOOST_AUTO_TEST_CASE(subfields_without_sepa_marks_are_lines) {
  const auto detail = Details({"020?00VIREMENT?20LINE 1?21LINE 2?60LINE 3"});
  BOOST_REQUIRE(detail.remittance.unstructured.size() == 3u);
  BOOST_TEST(detail.remittance.unstructured[2] == "LINE 3");
}

BOOST_AUTO_TEST_CASE(code_words_are_read) {
  const auto detail = Details(
      {"/TRTP/SEPA OVERBOEKING/IBAN/NL77ABNA0574908765/BIC/ABNANL2A/NAME/BETA B.V./REMI/Inv",
       "oice 4711/EREF/E2E-1/PREF/P1"});
  BOOST_TEST(detail.code.text == "SEPA OVERBOEKING");
  BOOST_TEST(detail.creditor.account.number == "NL77ABNA0574908765");
  BOOST_TEST(detail.creditor.agent.bic == "ABNANL2A");
  BOOST_TEST(detail.creditor.name == "BETA B.V.");
  BOOST_TEST(detail.remittance.unstructured[0] == "Invoice 4711");
  BOOST_TEST(detail.references.end_to_end_id == "E2E-1");
  BOOST_TEST(detail.references.payment_information_id == "P1");
}

BOOST_AUTO_TEST_CASE(a_counterparty_and_a_structured_reference_in_code_words_are_read) {
  const auto detail = Details(
      {"/EREF/NOTPROVIDED//CNTP/NL77ABNA0574908765/ABNANL2A/BETA B.V.///REMI/STRD/CUR/12345/"});
  BOOST_TEST(detail.references.end_to_end_id == "");
  BOOST_TEST(detail.creditor.name == "BETA B.V.");
  BOOST_TEST(detail.creditor.agent.bic == "ABNANL2A");
  BOOST_REQUIRE(detail.remittance.structured.size() == 1u);
  BOOST_TEST(detail.remittance.structured[0].reference == "12345");
}

const char* const kPlain[] = {"just text",
                              "911 TRANSAKCJA COLLECT",
                              "0111111111 GPSEOUL",
                              "12?",
                              "/",
                              "//",
                              "/UNKNOWN/word",
                              "166",
                              "166?",
                              "166?0",
                              "?00x",
                              ""};
BOOST_DATA_TEST_CASE(what_follows_no_scheme_is_text, bdata::make(kPlain), text) {
  const auto detail = Details({text});
  BOOST_TEST(detail.remittance.unstructured.size() == (std::string_view(text).empty() ? 0u : 1u));
}

BOOST_AUTO_TEST_CASE(text_that_is_no_utf8_is_read_as_latin_1) {
  const Outcome outcome =
      Read(Message(":61:2603020302C30,00NTRFNONREF\n:86:M\xFCller\n:61:2603020302D10,50NTRFX\n"));
  BOOST_TEST(outcome.statements[0].lines[0].details[0].remittance.unstructured[0] ==
             "M\xC3\xBCller");
}

struct Account {
  const char* text;
  const char* number;
  const char* bank;
};
std::ostream& operator<<(std::ostream& out, const Account& c) { return out << c.text; }
const Account kAccounts[] = {
    {"DE89370400440532013000", "DE89370400440532013000", ""},
    {"DE89370400440532013000EUR", "DE89370400440532013000", ""},
    {"COBADEFFXXX/DE89370400440532013000", "DE89370400440532013000", "COBADEFFXXX"},
    {"50880050/0194787400888", "50880050/0194787400888", "50880050"},
    {"1291.99.348EUR", "1291.99.348EUR", ""},
    {"0001234567", "0001234567", ""},
};
BOOST_DATA_TEST_CASE(an_account_is_read_as_banks_write_it, bdata::make(kAccounts), c) {
  model::BankAgent servicer;
  BOOST_TEST(internal::ReadMtAccount(c.text, servicer).number == c.number);
  BOOST_TEST((servicer.bic.empty() ? servicer.member_id : servicer.bic) == c.bank);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::formats
