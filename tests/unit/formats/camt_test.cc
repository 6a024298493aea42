// SPDX-License-Identifier: Apache-2.0
// What is read of camt.052, .053 and .054, and what is refused.
#include "server/formats/camt.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/model/statement_prover.h"
#include "tests/unit/formats/reading.h"

namespace bdata = boost::unit_test::data;

namespace kontor::formats {
namespace {

using base::Reason;
using base::StrCat;
using model::LineStatus;
using testing::Outcome;
using testing::ReadAll;
using testing::Verdicts;

std::string Balance(const char* code, const char* amount, const char* direction = "CRDT",
                    const char* currency = "EUR", const char* extra = "") {
  return StrCat("<Bal><Tp><CdOrPrtry><Cd>", code, "</Cd></CdOrPrtry>", extra, "</Tp><Amt Ccy=\"",
                currency, "\">", amount, "</Amt><CdtDbtInd>", direction,
                "</CdtDbtInd><Dt><Dt>2026-03-02</Dt></Dt></Bal>");
}

std::string Entry(const char* amount, const char* direction, const char* status = "BOOK",
                  const std::string& more = "") {
  return StrCat("<Ntry><Amt Ccy=\"EUR\">", amount, "</Amt><CdtDbtInd>", direction,
                "</CdtDbtInd><Sts>", status, "</Sts><BookgDt><Dt>2026-03-02</Dt></BookgDt>", more,
                "</Ntry>");
}

std::string Reversal(const char* amount, const char* direction) {
  return StrCat("<Ntry><Amt Ccy=\"EUR\">", amount, "</Amt><CdtDbtInd>", direction,
                "</CdtDbtInd><RvslInd>true</RvslInd><Sts>BOOK</Sts></Ntry>");
}

std::string Document(const std::string& body, const char* version = "camt.053.001.02",
                     const char* message = "BkToCstmrStmt", const char* statement = "Stmt") {
  return StrCat(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
      "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:", version, "\"><", message,
      "><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-03-03T01:02:03</CreDtTm></GrpHdr><", statement,
      "><Id>S1</Id><ElctrncSeqNb>7</ElctrncSeqNb>",
      "<CreDtTm>2026-03-03T01:02:03</CreDtTm><Acct><Id><IBAN>DE89370400440532013000</IBAN>",
      "</Id><Ccy>EUR</Ccy><Ownr><Nm>Kontor GmbH</Nm></Ownr></Acct>", body, "</", statement, "></",
      message, "></Document>\n");
}

/// Opening 100.00, +30.00, −10.50, closing 119.50.
std::string Body() {
  return Balance("OPBD", "100.00") + Balance("CLBD", "119.50") + Entry("30.00", "CRDT") +
         Entry("10.50", "DBIT");
}

Outcome Read(const std::string& text) { return ReadAll(ReadCamt, text); }

model::StatementProof ProofOf(const Outcome& outcome) {
  BOOST_REQUIRE(outcome.status.ok());
  BOOST_REQUIRE(outcome.statements.size() == 1u);
  return outcome.statements[0].statement.proof;
}

BOOST_AUTO_TEST_SUITE(camt)

BOOST_AUTO_TEST_CASE(opening_balance_and_booked_lines_give_the_closing_balance) {
  const Outcome outcome = Read(Document(Body()));
  BOOST_TEST(Verdicts(outcome) == "PROVEN BALANCES");
  const model::Statement& statement = outcome.statements[0].statement;
  BOOST_TEST(statement.format == "camt.053.001.02");
  BOOST_TEST(statement.message_id == "M1");
  BOOST_TEST(statement.id == "S1");
  BOOST_TEST(statement.electronic_number.value() == 7);
  BOOST_TEST(statement.account.number == "DE89370400440532013000");
  BOOST_TEST(statement.account.currency.code() == "EUR");
  BOOST_TEST(statement.owner_name == "Kontor GmbH");
  BOOST_TEST(statement.proof.booked_credits.ToString() == "30");
  BOOST_TEST(statement.proof.booked_debits.ToString() == "10.5");
  BOOST_TEST(testing::BookedText(outcome) ==
             "DE89370400440532013000 2026-03-02 30.00 EUR BOOKED\n"
             "DE89370400440532013000 2026-03-02 -10.50 EUR BOOKED\n");
}

BOOST_AUTO_TEST_CASE(it_does_not_matter_how_the_bytes_arrive) {
  for (const size_t chunk : {1u, 2u, 3u, 7u, 64u}) {
    BOOST_TEST(Verdicts(ReadAll(ReadCamt, Document(Body()), chunk)) == "PROVEN BALANCES");
  }
}

struct Adds {
  const char* name;
  std::string body;
  const char* want;
};
std::ostream& operator<<(std::ostream& out, const Adds& c) { return out << c.name; }
const Adds kAdds[] = {
    {"a line too few",
     Balance("OPBD", "100.00") + Balance("CLBD", "119.50") + Entry("30.00", "CRDT"),
     "REFUSED BALANCES"},
    {"a closing balance a cent off",
     Balance("OPBD", "100.00") + Balance("CLBD", "130.01") + Entry("30.00", "CRDT"),
     "REFUSED BALANCES"},
    {"no lines and no movement", Balance("OPBD", "5") + Balance("CLBD", "5.00"), "PROVEN BALANCES"},
    {"no lines, yet a movement", Balance("OPBD", "5") + Balance("CLBD", "6"), "REFUSED BALANCES"},
    {"an overdrawn account",
     Balance("OPBD", "5.00", "DBIT") + Balance("CLBD", "15.00", "DBIT") + Entry("10", "DBIT"),
     "PROVEN BALANCES"},
    {"the previous closing balance for the opening one",
     Balance("PRCD", "1.00") + Balance("CLBD", "3.00") + Entry("2", "CRDT"), "PROVEN BALANCES"},
    {"a pending line besides",
     Balance("OPBD", "1.00") + Balance("CLBD", "3.00") + Entry("2", "CRDT") +
         Entry("9", "CRDT", "PDNG"),
     "PROVEN BALANCES"},
    {"an informative line besides",
     Balance("OPBD", "1.00") + Balance("CLBD", "3.00") + Entry("2", "CRDT") +
         Entry("9", "CRDT", "INFO"),
     "PROVEN BALANCES"},
    {"a pending line counted by the bank",
     Balance("OPBD", "1.00") + Balance("CLBD", "12.00") + Entry("2", "CRDT") +
         Entry("9", "CRDT", "PDNG"),
     "REFUSED BALANCES"},
    {"no opening balance", Balance("CLBD", "3.00") + Entry("2", "CRDT"), "UNPROVEN NONE"},
    {"no closing balance", Balance("OPBD", "3.00") + Entry("2", "CRDT"), "UNPROVEN NONE"},
    {"balances of two currencies", Balance("OPBD", "3.00") + Balance("CLBD", "3.00", "CRDT", "CHF"),
     "REFUSED NONE"},
    {"lines of another currency",
     Balance("OPBD", "3.00", "CRDT", "CHF") + Balance("CLBD", "5.00", "CRDT", "CHF") +
         Entry("2", "CRDT"),
     "REFUSED NONE"},
    {"a reversal with its own direction",
     Balance("OPBD", "9.00") + Balance("CLBD", "7.00") + Reversal("2", "DBIT"), "PROVEN BALANCES"},
    {"a reversal with the direction of what it reverses",
     Balance("OPBD", "9.00") + Balance("CLBD", "7.00") + Reversal("2", "CRDT"), "PROVEN BALANCES"},
};
BOOST_DATA_TEST_CASE(a_statement_is_proven_only_when_it_adds_up, bdata::make(kAdds), c) {
  BOOST_TEST(Verdicts(Read(Document(c.body))) == c.want);
}

BOOST_AUTO_TEST_CASE(the_sums_show_how_the_bank_signs_reversals) {
  const Outcome outcome =
      Read(Document(Balance("OPBD", "9.00") + Balance("CLBD", "7.00") + Reversal("2", "CRDT")));
  const model::StatementProof proof = ProofOf(outcome);
  BOOST_TEST(proof.reversals_flipped);
  const model::StatementLine& line = outcome.statements[0].lines[0];
  BOOST_TEST(line.amount.ValueText() == "2.00");
  BOOST_TEST(model::BookedAmount(line, proof).ValueText() == "-2.00");
}

BOOST_AUTO_TEST_CASE(the_difference_is_told_with_what_may_be_behind_it) {
  const auto proof = ProofOf(
      Read(Document(Balance("OPBD", "10.00") + Balance("CLBD", "12.00") + Entry("2", "CRDT") +
                    Entry("5", "CRDT", "BOOK", "<ValDt><Dt>2026-03-03</Dt></ValDt>"))));
  BOOST_TEST(proof.difference.value().ToString() == "-5");
  BOOST_REQUIRE(proof.findings.size() == 1u);
  BOOST_TEST(proof.findings[0].message.find("value date after") != std::string::npos);
}

struct Spoiled {
  const char* name;
  std::string body;
  const char* want;  ///< Errors of the statement.
};
std::ostream& operator<<(std::ostream& out, const Spoiled& c) { return out << c.name; }
const std::string kZero = Balance("OPBD", "1.00") + Balance("CLBD", "1.00");
const Spoiled kSpoiled[] = {
    {"an amount with a sign", kZero + Entry("-2.00", "CRDT"),
     "AMOUNT_INVALID@statements[0].lines[0].amount"},
    {"an amount with a comma", kZero + Entry("2,00", "CRDT"),
     "AMOUNT_INVALID@statements[0].lines[0].amount"},
    {"an amount of words", kZero + Entry("two", "CRDT"),
     "AMOUNT_INVALID@statements[0].lines[0].amount"},
    {"an amount finer than its currency", kZero + Entry("2.001", "CRDT"),
     "AMOUNT_SCALE@statements[0].lines[0].amount"},
    {"an amount of 16 digits", kZero + Entry("99999999999999.99", "CRDT"),
     "AMOUNT_TOO_LARGE@statements[0].lines[0].amount"},
    {"an amount in no currency",
     kZero + "<Ntry><Amt>1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts></Ntry>",
     "CURRENCY_UNKNOWN@statements[0].lines[0].amount"},
    {"an amount in a currency that does not exist",
     kZero + "<Ntry><Amt Ccy=\"EUX\">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts></Ntry>",
     "CURRENCY_UNKNOWN@statements[0].lines[0].amount"},
    {"no amount", kZero + "<Ntry><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts></Ntry>",
     "FIELD_MISSING@statements[0].lines[0].amount"},
    {"two amounts",
     kZero + "<Ntry><Amt Ccy=\"EUR\">1</Amt><Amt Ccy=\"EUR\">2</Amt>"
             "<CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts></Ntry>",
     "FORMAT_INVALID@statements[0].lines[0].amount"},
    {"no direction", kZero + "<Ntry><Amt Ccy=\"EUR\">1</Amt><Sts>BOOK</Sts></Ntry>",
     "FIELD_MISSING@statements[0].lines[0].direction"},
    {"two directions",
     kZero + "<Ntry><Amt Ccy=\"EUR\">1</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
             "<CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts></Ntry>",
     "FORMAT_INVALID@statements[0].lines[0].direction"},
    {"another word for the direction", kZero + Entry("1", "CREDIT"),
     "FORMAT_INVALID@statements[0].lines[0].direction "
     "FIELD_MISSING@statements[0].lines[0].direction"},
    {"no status", kZero + "<Ntry><Amt Ccy=\"EUR\">1</Amt><CdtDbtInd>CRDT</CdtDbtInd></Ntry>",
     "FIELD_MISSING@statements[0].lines[0].status"},
    {"a booking date that does not exist",
     Balance("OPBD", "1") + Balance("CLBD", "2") +
         "<Ntry><Amt Ccy=\"EUR\">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>"
         "<BookgDt><Dt>2026-02-30</Dt></BookgDt></Ntry>",
     "DATE_INVALID@statements[0].lines[0].booking_date"},
    {"a balance without amount",
     "<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><CdtDbtInd>CRDT</CdtDbtInd></Bal>",
     "FIELD_MISSING@statements[0].balances"},
    {"a balance without direction",
     "<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">1</Amt></Bal>",
     "FIELD_MISSING@statements[0].balances"},
    {"totals that differ where no balance proves the lines",
     "<TxsSummry><TtlCdtNtries><NbOfNtries>2</NbOfNtries><Sum>5</Sum></TtlCdtNtries></TxsSummry>" +
         Entry("5", "CRDT"),
     "TOTALS_MISMATCH@totals"},
};
BOOST_DATA_TEST_CASE(a_statement_with_an_unreadable_part_is_refused, bdata::make(kSpoiled), c) {
  const auto proof = ProofOf(Read(Document(c.body)));
  BOOST_TEST(NameOf(proof.verdict) == "REFUSED");
  BOOST_TEST(testing::ErrorsText(proof) == c.want);
}

BOOST_AUTO_TEST_CASE(totals_prove_lines_where_there_are_no_balances) {
  const std::string totals =
      "<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries><TtlNetNtryAmt>3</TtlNetNtryAmt>"
      "<CdtDbtInd>DBIT</CdtDbtInd></TtlNtries><TtlCdtNtries><NbOfNtries>1</NbOfNtries>"
      "<Sum>5</Sum></TtlCdtNtries><TtlDbtNtries><NbOfNtries>1</NbOfNtries><Sum>8.00</Sum>"
      "</TtlDbtNtries></TxsSummry>";
  const std::string lines = Entry("5", "CRDT") + Entry("8", "DBIT");
  BOOST_TEST(Verdicts(Read(Document(totals + lines, "camt.054.001.02", "BkToCstmrDbtCdtNtfctn",
                                    "Ntfctn"))) == "PROVEN TOTALS");
  // Version 4 and later have an element of its own for the net sum.
  const std::string later =
      "<TxsSummry><TtlNtries><TtlNetNtry><Amt>3</Amt><CdtDbtInd>DBIT</CdtDbtInd></TtlNetNtry>"
      "</TtlNtries></TxsSummry>";
  BOOST_TEST(Verdicts(Read(Document(later + lines, "camt.054.001.08", "BkToCstmrDbtCdtNtfctn",
                                    "Ntfctn"))) == "PROVEN TOTALS");
  const std::string wrong =
      "<TxsSummry><TtlNtries><TtlNetNtry><Amt>4</Amt><CdtDbtInd>DBIT</CdtDbtInd></TtlNetNtry>"
      "</TtlNtries></TxsSummry>";
  BOOST_TEST(Verdicts(Read(Document(wrong + lines, "camt.054.001.08", "BkToCstmrDbtCdtNtfctn",
                                    "Ntfctn"))) == "REFUSED NONE");
}

BOOST_AUTO_TEST_CASE(wrong_totals_do_not_undo_what_the_balances_prove) {
  const auto proof = ProofOf(
      Read(Document(Balance("OPBD", "1") + Balance("CLBD", "2") +
                    "<TxsSummry><TtlNtries><NbOfNtries>9</NbOfNtries></TtlNtries></TxsSummry>" +
                    Entry("1", "CRDT"))));
  BOOST_TEST(NameOf(proof.verdict) == "PROVEN");
  BOOST_TEST(testing::WarningsText(proof) == "TOTALS_MISMATCH@totals");
}

BOOST_AUTO_TEST_CASE(an_unknown_status_is_never_counted_as_booked) {
  const auto proof = ProofOf(Read(Document(kZero + Entry("1", "CRDT", "BOOKED"))));
  BOOST_TEST(NameOf(proof.verdict) == "PROVEN");
  BOOST_TEST(proof.booked_count == 0);
  BOOST_TEST(testing::WarningsText(proof) == "FORMAT_INVALID@statements[0].lines[0].status");
}

BOOST_AUTO_TEST_CASE(an_intraday_report_may_hold_only_what_is_new) {
  const auto report = [](const std::string& body) {
    return Verdicts(Read(Document(body, "camt.052.001.08", "BkToCstmrAcctRpt", "Rpt")));
  };
  const std::string line = Entry("2", "CRDT", "<Cd>BOOK</Cd>");
  BOOST_TEST(report(Balance("ITBD", "1") + Balance("ITBD", "3") + line) == "PROVEN BALANCES");
  BOOST_TEST(report(Balance("ITBD", "1") + Balance("ITBD", "4") + line) == "REFUSED BALANCES");
  BOOST_TEST(report(Balance("OPBD", "1") + Balance("ITBD", "3") + line) == "PROVEN BALANCES");
  BOOST_TEST(report(Balance("OPBD", "1") + Balance("ITBD", "9") + line) == "UNPROVEN NONE");
  BOOST_TEST(report(Balance("ITBD", "9") + line) == "UNPROVEN NONE");
  BOOST_TEST(report(line) == "UNPROVEN NONE");
}

BOOST_AUTO_TEST_CASE(a_date_may_be_an_instant_and_keeps_the_banks_own_day) {
  const Outcome outcome =
      Read(Document(Balance("OPBD", "1") + Balance("CLBD", "2") +
                    "<Ntry><Amt Ccy=\"EUR\">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>"
                    "<BookgDt><DtTm>2026-03-02T23:30:00-05:00</DtTm></BookgDt>"
                    "<ValDt><Dt>2026-03-04+01:00</Dt></ValDt></Ntry>"));
  BOOST_TEST(Verdicts(outcome) == "PROVEN BALANCES");
  const model::StatementLine& line = outcome.statements[0].lines[0];
  BOOST_TEST(line.booking_date.value().ToString() == "2026-03-02");
  BOOST_TEST(line.value_date.value().ToString() == "2026-03-04");
}

const char* const kDetailOld =
    "<NtryDtls><Btch><MsgId>F1</MsgId><PmtInfId>P1</PmtInfId><NbOfTxs>1</NbOfTxs></Btch><TxDtls>"
    "<Refs><AcctSvcrRef>A1</AcctSvcrRef><InstrId>I1</InstrId><EndToEndId>E1</EndToEndId>"
    "<MndtId>N1</MndtId><Prtry><Tp>00</Tp><Ref>R1</Ref></Prtry></Refs>"
    "<AmtDtls><InstdAmt><Amt Ccy=\"USD\">3.30</Amt><CcyXchg><SrcCcy>USD</SrcCcy>"
    "<TrgtCcy>EUR</TrgtCcy><XchgRate>1.1</XchgRate></CcyXchg></InstdAmt>"
    "<TxAmt><Amt Ccy=\"EUR\">3.00</Amt></TxAmt></AmtDtls>"
    "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></"
    "BkTxCd>"
    "<Chrgs><Amt Ccy=\"EUR\">0.10</Amt><CdtDbtInd>DBIT</CdtDbtInd><Br>SHAR</Br></Chrgs>"
    "<RltdPties><Dbtr><Nm>Alpha &amp; Co</Nm><PstlAdr><TwnNm>Ulm</TwnNm><Ctry>DE</Ctry>"
    "<AdrLine>Weg 1</AdrLine></PstlAdr></Dbtr>"
    "<DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct>"
    "<Cdtr><Nm>Beta</Nm><Id><PrvtId><Othr><Id>C9</Id></Othr></PrvtId></Id></Cdtr></RltdPties>"
    "<RltdAgts><DbtrAgt><FinInstnId><BIC>COBADEFF</BIC></FinInstnId></DbtrAgt></RltdAgts>"
    "<Purp><Cd>SALA</Cd></Purp><RmtInf><Ustrd>Invoice 1</Ustrd><Ustrd>and 2</Ustrd>"
    "<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>RF18539007547034</Ref>"
    "</CdtrRefInf></Strd></RmtInf><RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>closed</AddtlInf></"
    "RtrInf>"
    "</TxDtls></NtryDtls>";
const char* const kDetailNew =
    "<NtryDtls><Btch><MsgId>F1</MsgId><PmtInfId>P1</PmtInfId><NbOfTxs>1</NbOfTxs></Btch><TxDtls>"
    "<Refs><AcctSvcrRef>A1</AcctSvcrRef><InstrId>I1</InstrId><EndToEndId>E1</EndToEndId>"
    "<MndtId>N1</MndtId><Prtry><Tp>00</Tp><Ref>R1</Ref></Prtry></Refs>"
    "<Amt Ccy=\"EUR\">3.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
    "<AmtDtls><InstdAmt><Amt Ccy=\"USD\">3.30</Amt><CcyXchg><SrcCcy>USD</SrcCcy>"
    "<TrgtCcy>EUR</TrgtCcy><XchgRate>1.1</XchgRate></CcyXchg></InstdAmt>"
    "<TxAmt><Amt Ccy=\"EUR\">3.00</Amt></TxAmt></AmtDtls>"
    "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></"
    "BkTxCd>"
    "<Chrgs><Rcrd><Amt "
    "Ccy=\"EUR\">0.10</Amt><CdtDbtInd>DBIT</CdtDbtInd><Br>SHAR</Br></Rcrd></Chrgs>"
    "<RltdPties><Dbtr><Pty><Nm>Alpha &amp; Co</Nm><PstlAdr><TwnNm>Ulm</TwnNm><Ctry>DE</Ctry>"
    "<AdrLine>Weg 1</AdrLine></PstlAdr></Pty></Dbtr>"
    "<DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct>"
    "<Cdtr><Pty><Nm>Beta</Nm><Id><PrvtId><Othr><Id>C9</Id></Othr></PrvtId></Id></Pty></Cdtr>"
    "</RltdPties>"
    "<RltdAgts><DbtrAgt><FinInstnId><BICFI>COBADEFF</BICFI></FinInstnId></DbtrAgt></RltdAgts>"
    "<Purp><Cd>SALA</Cd></Purp><RmtInf><Ustrd>Invoice 1</Ustrd><Ustrd>and 2</Ustrd>"
    "<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>RF18539007547034</Ref>"
    "</CdtrRefInf></Strd></RmtInf><RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>closed</AddtlInf></"
    "RtrInf>"
    "</TxDtls></NtryDtls>";

BOOST_AUTO_TEST_CASE(the_details_of_an_entry_are_read_whatever_version_has_them) {
  const std::string balances = Balance("OPBD", "1") + Balance("CLBD", "4");
  const Outcome old = Read(Document(balances + Entry("3", "CRDT", "BOOK", kDetailOld)));
  const Outcome later =
      Read(Document(balances + Entry("3", "CRDT", "<Cd>BOOK</Cd>", kDetailNew), "camt.053.001.08"));
  BOOST_TEST(Verdicts(old) == "PROVEN BALANCES");
  BOOST_TEST(Verdicts(later) == "PROVEN BALANCES");
  BOOST_TEST((old.statements[0].lines == later.statements[0].lines));
  const model::StatementLine& line = old.statements[0].lines[0];
  BOOST_REQUIRE(line.details.size() == 1u);
  BOOST_TEST(line.batches[0].payment_information_id == "P1");
  BOOST_TEST(line.batches[0].transaction_count == 1);
  const model::EntryDetail& detail = line.details[0];
  BOOST_TEST(detail.references.end_to_end_id == "E1");
  BOOST_TEST(detail.references.instruction_id == "I1");
  BOOST_TEST(detail.references.account_servicer_ref == "A1");
  BOOST_TEST(detail.references.mandate_id == "N1");
  BOOST_TEST(detail.references.proprietary[0].reference == "R1");
  BOOST_TEST(detail.amount.value().ToString() == "3.00 EUR");
  BOOST_TEST(detail.amounts.instructed.value().ToString() == "3.30 USD");
  BOOST_TEST(detail.amounts.exchange.value().rate.ToString() == "1.1");
  BOOST_TEST(detail.code.sub_family == "ESCT");
  BOOST_TEST(detail.charges[0].amount.ToString() == "-0.10 EUR");
  BOOST_TEST(detail.debtor.name == "Alpha & Co");
  BOOST_TEST(detail.debtor.address.town == "Ulm");
  BOOST_TEST(detail.debtor.address.lines[0] == "Weg 1");
  BOOST_TEST(detail.debtor.account.number == "DE89370400440532013000");
  BOOST_TEST(detail.debtor.agent.bic == "COBADEFF");
  BOOST_TEST(detail.creditor.id == "C9");
  BOOST_TEST(detail.creditor.id_is_private);
  BOOST_TEST(detail.purpose == "SALA");
  BOOST_TEST(detail.remittance.unstructured[1] == "and 2");
  BOOST_TEST(detail.remittance.structured[0].reference == "RF18539007547034");
  BOOST_TEST(detail.return_info.value().reason == "AC04");
  BOOST_TEST(detail.return_info.value().additional == "closed");
}

BOOST_AUTO_TEST_CASE(a_word_for_no_reference_is_none) {
  const Outcome outcome = Read(Document(
      kZero + Entry("3", "CRDT", "INFO",
                    "<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs></TxDtls>"
                    "</NtryDtls>")));
  BOOST_TEST(outcome.statements[0].lines[0].details[0].references.end_to_end_id == "");
}

BOOST_AUTO_TEST_CASE(details_that_do_not_add_up_are_told) {
  const auto detail = [](const char* amount) {
    return StrCat("<TxDtls><Amt Ccy=\"EUR\">", amount,
                  "</Amt><CdtDbtInd>CRDT</CdtDbtInd></TxDtls>");
  };
  const std::string balances = Balance("OPBD", "1") + Balance("CLBD", "4");
  const auto read = [&](const std::string& details) {
    return testing::WarningsText(ProofOf(Read(Document(
        balances + Entry("3", "CRDT", "<Cd>BOOK</Cd>", "<NtryDtls>" + details + "</NtryDtls>"),
        "camt.053.001.08"))));
  };
  BOOST_TEST(read(detail("1") + detail("2")) == "");
  BOOST_TEST(read(detail("1") + detail("1")) == "TOTALS_MISMATCH@statements[0].lines[0].details");
  // Some of a batch only, as the batch itself says.
  BOOST_TEST(read("<Btch><NbOfTxs>3</NbOfTxs></Btch>" + detail("1") + detail("1")) == "");
}

BOOST_AUTO_TEST_CASE(a_large_batch_is_handed_out_in_parts) {
  struct Counter final : ports::StatementSink {
    absl::Status OnStatement(const model::Statement&) override { return absl::OkStatus(); }
    absl::Status OnDetails(std::span<const model::EntryDetail> details) override {
      early += details.size();
      largest = std::max(largest, details.size());
      return absl::OkStatus();
    }
    absl::Status OnLine(const model::StatementLine& line) override {
      late += line.details.size();
      total = line.detail_count;
      return absl::OkStatus();
    }
    absl::Status OnStatementEnd(const model::Statement&) override { return absl::OkStatus(); }
    size_t early = 0;
    size_t late = 0;
    size_t largest = 0;
    int64_t total = 0;
  };
  constexpr size_t kDetails = 3 * kCamtDetailsHeld + 5;
  std::string details = "<NtryDtls>";
  for (size_t i = 0; i < kDetails; ++i) {
    base::StrAppend(&details, "<TxDtls><Refs><EndToEndId>E", static_cast<int64_t>(i),
                    "</EndToEndId></Refs></TxDtls>");
  }
  const std::string text = Document(kZero + Entry("3", "CRDT", "INFO", details + "</NtryDtls>"));
  Counter counter;
  ports::ReadReport report;
  TextSource source(text);
  BOOST_TEST(ReadCamt(source, counter, report).ok());
  BOOST_TEST(counter.early + counter.late == kDetails);
  BOOST_TEST(counter.total == static_cast<int64_t>(kDetails));
  BOOST_TEST(counter.largest <= kCamtDetailsHeld);
  const Outcome whole = Read(text);
  BOOST_TEST(whole.statements[0].lines[0].details.size() == kDetails);
  BOOST_TEST(whole.statements[0].lines[0].details[0].references.end_to_end_id == "E0");
}

struct Version {
  const char* name;
  bool known;
};
std::ostream& operator<<(std::ostream& out, const Version& c) { return out << c.name; }
const Version kVersions[] = {
    {"camt.053.001.02", true},  {"camt.053.001.03", true},  {"camt.053.001.04", true},
    {"camt.053.001.06", true},  {"camt.053.001.08", true},  {"camt.053.001.01", false},
    {"camt.053.001.09", false}, {"camt.053.001.13", false}, {"camt.053.001.XX", false},
};
BOOST_DATA_TEST_CASE(an_unknown_version_is_read_as_far_as_it_is_known_and_says_so,
                     bdata::make(kVersions), c) {
  const std::string body = StrCat("<NewThing><Amt Ccy=\"EUR\">99</Amt></NewThing>", Body());
  const Outcome outcome = Read(Document(body, c.name));
  BOOST_TEST(Verdicts(outcome) == "PROVEN BALANCES");
  BOOST_TEST(outcome.report.version_known == c.known);
  BOOST_TEST(outcome.report.findings.size() == (c.known ? 0u : 1u));
  BOOST_TEST(outcome.report.format == c.name);
}

BOOST_AUTO_TEST_CASE(elements_of_another_namespace_are_not_the_banks) {
  const std::string body =
      kZero +
      "<Ntry><x:Amt xmlns:x=\"urn:x\" Ccy=\"EUR\">9</x:Amt><Amt Ccy=\"EUR\">1</Amt>"
      "<CdtDbtInd>CRDT</CdtDbtInd><Sts>INFO</Sts></Ntry>";
  const Outcome outcome = Read(Document(body));
  BOOST_TEST(Verdicts(outcome) == "PROVEN BALANCES");
  BOOST_TEST(outcome.statements[0].lines[0].amount.ValueText() == "1.00");
}

BOOST_AUTO_TEST_CASE(a_prefixed_namespace_and_another_encoding_are_fine) {
  std::string text = Document(Body());
  const auto replace = [&text](const std::string& from, const std::string& to) {
    for (size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
  };
  replace("</", "\x01");
  replace("<?", "\x02");
  replace("<", "<b:");
  replace("\x01", "</b:");
  replace("\x02", "<?");
  replace("xmlns=", "xmlns:b=");
  replace("UTF-8", "ISO-8859-1");
  replace("Kontor GmbH", "Kont\xF6r");
  const Outcome outcome = Read(text);
  BOOST_TEST(Verdicts(outcome) == "PROVEN BALANCES");
  BOOST_TEST(outcome.statements[0].statement.owner_name == "Kont\xC3\xB6r");
}

struct Broken {
  const char* name;
  std::string text;
  const char* reason;
};
std::ostream& operator<<(std::ostream& out, const Broken& c) { return out << c.name; }
std::string Nested() {
  std::string open;
  std::string close;
  for (int i = 0; i < 100; ++i) {
    open += "<X>";
    close += "</X>";
  }
  return open + close;
}
std::string Bomb() {
  return "<!DOCTYPE Document [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">"
         "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><Document>&c;</Document>";
}
const Broken kBroken[] = {
    {"nothing", "", "FORMAT_TRUNCATED"},
    {"no XML", "hello", "FORMAT_INVALID"},
    {"a document type", "<!DOCTYPE Document><Document/>", "XML_FORBIDDEN"},
    {"entities that grow", Bomb(), "XML_FORBIDDEN"},
    {"an outside entity",
     "<!DOCTYPE D [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><Document>&x;</Document>",
     "XML_FORBIDDEN"},
    {"an undeclared entity", Document(kZero + "<Ntry>&x;</Ntry>"), "FORMAT_INVALID"},
    {"deep nesting", Document(Nested()), "FORMAT_LIMIT"},
    {"a huge text", Document(StrCat("<AddtlStmtInf>", std::string(70000, 'a'), "</AddtlStmtInf>")),
     "FORMAT_LIMIT"},
    {"another document", "<Invoice/>", "FORMAT_UNKNOWN"},
    {"another message of ISO 20022",
     "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><CstmrCdtTrfInitn/>"
     "</Document>",
     "FORMAT_UNKNOWN"},
    {"a namespace that contradicts the message", Document(Body(), "camt.054.001.08"),
     "FORMAT_INVALID"},
    {"tags that cross", "<Document><A></Document></A>", "FORMAT_INVALID"},
    {"bytes that are no UTF-8", Document("<AddtlStmtInf>\xFF\xFE</AddtlStmtInf>"),
     "FORMAT_INVALID"},
    {"a second document", Document(Body()) + Document(Body()), "FORMAT_INVALID"},
};
BOOST_DATA_TEST_CASE(a_file_that_cannot_be_trusted_is_refused_whole, bdata::make(kBroken), c) {
  const Outcome outcome = Read(c.text);
  BOOST_TEST(Verdicts(outcome) == c.reason);
  BOOST_TEST(testing::BookedText(outcome) == "");
}

BOOST_AUTO_TEST_CASE(cut_at_any_byte_a_file_books_nothing) {
  const std::string text = Document(Body());
  const size_t end = text.rfind('>');  // the line feed behind it carries nothing
  for (size_t size = 0; size <= end; ++size) {
    const Outcome outcome = Read(text.substr(0, size));
    BOOST_TEST_CONTEXT("cut at " << size) { BOOST_TEST(!outcome.status.ok()); }
  }
  BOOST_TEST(testing::FirstUnprovenCut(ReadCamt, text) == "");
}

BOOST_AUTO_TEST_CASE(what_the_sink_answers_ends_the_reading) {
  struct Full final : ports::StatementSink {
    absl::Status OnStatement(const model::Statement&) override { return absl::OkStatus(); }
    absl::Status OnDetails(std::span<const model::EntryDetail>) override {
      return absl::OkStatus();
    }
    absl::Status OnLine(const model::StatementLine&) override {
      ++lines;
      return base::Error(Reason::kStoreFull).Says("full");
    }
    absl::Status OnStatementEnd(const model::Statement&) override {
      ++ends;
      return absl::OkStatus();
    }
    int lines = 0;
    int ends = 0;
  };
  Full sink;
  ports::ReadReport report;
  const std::string text = Document(Body());
  TextSource source(text);
  BOOST_TEST(base::Is(ReadCamt(source, sink, report), Reason::kStoreFull));
  BOOST_TEST(sink.lines == 1);
  BOOST_TEST(sink.ends == 0);
}

BOOST_AUTO_TEST_CASE(what_the_source_answers_ends_the_reading) {
  struct Failing final : ports::ByteSource {
    absl::StatusOr<size_t> Read(std::span<char>) override {
      return base::Error(Reason::kPeerUnreachable).Says("gone");
    }
  };
  Failing source;
  StatementCollector sink;
  ports::ReadReport report;
  BOOST_TEST(base::Is(ReadCamt(source, sink, report), Reason::kPeerUnreachable));
}

BOOST_AUTO_TEST_CASE(statements_of_one_file_are_proven_each_for_itself) {
  std::string text = Document(Body());
  const size_t begin = text.find("<Stmt>");
  const size_t end = text.find("</Stmt>") + 7;
  std::string second = text.substr(begin, end - begin);
  second.replace(second.find("119.50"), 6, "119.51");
  text.insert(end, second);
  const Outcome outcome = Read(text);
  BOOST_TEST(Verdicts(outcome) == "PROVEN BALANCES, REFUSED BALANCES");
  BOOST_TEST(outcome.report.statement_count == 2);
  BOOST_TEST(outcome.report.line_count == 4);
  BOOST_TEST(outcome.report.proven_count == 1);
  BOOST_TEST(outcome.report.refused_count == 1);
}

BOOST_AUTO_TEST_CASE(the_pages_of_a_statement_prove_each_other) {
  const auto page = [](int number, bool last, const std::string& body) {
    const std::string pages = StrCat("<StmtPgntn><PgNb>", number, "</PgNb><LastPgInd>",
                                     last ? "true" : "false", "</LastPgInd></StmtPgntn>");
    std::string text = Document(body, "camt.053.001.08");
    text.insert(text.find("<ElctrncSeqNb>"), pages);
    return Read(text).statements[0].statement;
  };
  const std::string credit = Entry("5", "CRDT", "<Cd>BOOK</Cd>");
  const std::string debit = Entry("7", "DBIT", "<Cd>BOOK</Cd>");
  const auto first = page(1, false, Balance("OPBD", "10") + credit);
  const auto second = page(2, false, debit);
  const auto last = page(3, true, credit + Balance("CLBD", "13"));
  BOOST_TEST(NameOf(first.proof.verdict) == "UNPROVEN");
  const auto verdict = [](const std::vector<model::Statement>& pages) {
    return NameOf(model::ProvePages(pages).verdict);
  };
  BOOST_TEST(verdict({first, second, last}) == "PROVEN");
  BOOST_TEST(verdict({first, last}) == "REFUSED");
  BOOST_TEST(verdict({first, second}) == "REFUSED");
  BOOST_TEST(verdict({second, last}) == "REFUSED");
  BOOST_TEST(verdict({first, last, second}) == "REFUSED");
  BOOST_TEST(verdict({first, second, second, last}) == "REFUSED");
  BOOST_TEST(verdict({}) == "UNPROVEN");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::formats
