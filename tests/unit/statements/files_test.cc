// SPDX-License-Identifier: Apache-2.0
// Files: from channels and by hand, of every sort and none, whole and cut off.
#include "server/base/status.h"
#include "server/formats/streams.h"
#include "tests/unit/statements/harness.h"

namespace kontor::statements::testing {
namespace {

Mt Simple() { return {1, 10, 10000, {{-1000, "A1"}, {2500, "A2"}}}; }

const char kStatus[] =
    "<?xml version=\"1.0\"?><Document "
    "xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.03\"><CstmrPmtStsRpt><GrpHdr>"
    "<MsgId>S1</MsgId><CreDtTm>2026-03-10T10:00:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts>"
    "<OrgnlMsgId>M1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId><GrpSts>ACCP</GrpSts>"
    "</OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>";

BOOST_FIXTURE_TEST_SUITE(files, Harness)

BOOST_AUTO_TEST_CASE(a_file_that_is_cut_off_anywhere_books_nothing) {
  const std::string whole = Simple().Text() + Mt{2, 11, 11500, {{1, "B"}}}.Text();
  for (size_t size = 1; size < whole.size(); size += 7) {
    Harness fresh;
    const Json file = fresh.Import(whole.substr(0, size));
    // The first statement may be complete; what was booked is then proven.
    for (const auto& id : file["statement_ids"]) {
      BOOST_TEST(fresh.Statement(id)["proof"]["verdict"] != "VERDICT_UNPROVEN");
    }
    const bool nothing = fresh.books.lines.empty();
    BOOST_TEST((nothing || fresh.books.Sum() == 1500 || fresh.books.Sum() == 1501), size);
  }
}

std::string Camt(const std::string& entry) {
  return "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt>"
         "<GrpHdr><MsgId>M</MsgId><CreDtTm>2026-03-10T18:00:00Z</CreDtTm></GrpHdr><Stmt><Id>S</Id>"
         "<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct><Bal><Tp>"
         "<CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">100.00</Amt><CdtDbtInd>CRDT"
         "</CdtDbtInd><Dt><Dt>2026-03-10</Dt></Dt></Bal><Bal><Tp><CdOrPrtry><Cd>CLBD</Cd>"
         "</CdOrPrtry></Tp><Amt Ccy=\"EUR\">70.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>"
         "2026-03-10</Dt></Dt></Bal><Ntry><Amt Ccy=\"EUR\">30.00</Amt><CdtDbtInd>DBIT</CdtDbtInd>"
         "<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-10</Dt></BookgDt><AcctSvcrRef>B1"
         "</AcctSvcrRef><NtryDtls>" +
         entry + "</NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>";
}

BOOST_AUTO_TEST_CASE(a_batch_in_one_sum_is_told_by_its_name) {
  Import(Camt("<Btch><PmtInfId>P1</PmtInfId><NbOfTxs>2</NbOfTxs></Btch>"));
  BOOST_REQUIRE(orders.bookings.size() == 1U);
  BOOST_TEST(orders.bookings[0].payment_information_id == "P1");
  BOOST_TEST(orders.bookings[0].end_to_end_id.empty());
  BOOST_TEST(orders.bookings[0].amount.minor() == 3000);
}

BOOST_AUTO_TEST_CASE(a_batch_that_names_its_payments_is_told_one_by_one) {
  const auto payment = [](const char* name, const char* amount) {
    return std::string("<TxDtls><Refs><PmtInfId>P1</PmtInfId><EndToEndId>") + name +
           "</EndToEndId></Refs><Amt Ccy=\"EUR\">" + amount +
           "</Amt><CdtDbtInd>DBIT</CdtDbtInd></TxDtls>";
  };
  orders.matches["E1"] = {"pmo_1", {"t1"}, "It pays order 1.", {"k1_a"}, ""};
  orders.matches["E2"] = {"pmo_1", {"t2"}, "It pays order 1.", {"k1_b"}, ""};
  const Json statement = Only(Import(Camt(payment("E1", "10.00") + payment("E2", "20.00"))));
  BOOST_REQUIRE(orders.bookings.size() == 2U);
  BOOST_TEST(orders.bookings[0].amount.minor() == 1000);
  BOOST_TEST(orders.bookings[1].amount.minor() == 2000);
  BOOST_TEST(orders.bookings[0].line_key != orders.bookings[1].line_key);
  // One line of Odoo for both payments.
  BOOST_REQUIRE(books.settled.size() == 1U);
  BOOST_TEST((books.settled[0].payments == std::vector<std::string>{"k1_a", "k1_b"}));
  BOOST_TEST(Lines(statement["id"])[0]["payment_count"] == 2);
}

BOOST_AUTO_TEST_CASE(money_that_came_back_is_told_with_its_reason) {
  std::string text = Camt("<TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs><RtrInf><Rsn><Cd>AC04"
                          "</Cd></Rsn></RtrInf></TxDtls>");
  Import(text);
  BOOST_REQUIRE(orders.bookings.size() == 1U);
  BOOST_TEST(orders.bookings[0].returned);
  BOOST_TEST(orders.bookings[0].reason_code == "AC04");
}

BOOST_AUTO_TEST_CASE(a_table_is_read_by_the_mapping_that_came_with_it) {
  const std::string table = "date;amount;balance;text\n2026-03-10;-10,00;90,00;Rent\n";
  const Json without = Import(table);
  BOOST_TEST(without["state"] == "STATE_FAILED");
  ImportRequest request;
  request.file_name = "a.csv";
  request.request_id = "r";
  request.csv_mapping = R"({"name": "house", "delimiter": ";", "decimal_mark": ",",
      "booking_date": "date", "amount": "amount", "balance": "balance", "text": ["text"],
      "account": "DE89370400440532013000", "currency": "EUR"})";
  const std::string again = table + "2026-03-11;5,00;95,00;Refund\n";
  request.sha256 = crypto->Sha256Hex(again);
  request.bytes = static_cast<int64_t>(again.size());
  formats::TextSource source(again);
  const auto imported = loop->Import(operator_, request, source);
  BOOST_REQUIRE(imported.ok());
  Settle();
  const Json file = File(imported->file.id);
  BOOST_TEST(file["state"] == "STATE_READ", file.dump());
  BOOST_TEST(books.Sum() == -500);
}

BOOST_AUTO_TEST_CASE(a_file_of_no_bank_is_a_case_and_can_be_given_up) {
  const Json file = Import("Dear customer,\nplease find attached nothing.\n");
  BOOST_TEST(file["state"] == "STATE_FAILED");
  BOOST_TEST(file["findings"][0]["reason"] == "FORMAT_UNKNOWN");
  BOOST_TEST(CaseOf(file["exception_id"]).technical);
  Resolve(file["exception_id"], model::Resolution::kReject);
  BOOST_TEST(File(file["id"])["state"] == "STATE_DISCARDED");
}

BOOST_AUTO_TEST_CASE(a_statement_of_an_unknown_account_waits_until_the_account_is_known) {
  Mt other = Simple();
  other.account = kOtherIban;
  const Json file = Import(other.Text() + Mt{1, 10, 0, {{5, "X"}}}.Text());
  BOOST_TEST(file["state"] == "STATE_FAILED");
  BOOST_TEST(file["findings"][0]["reason"] == "OWN_ACCOUNT_UNKNOWN");
  BOOST_TEST(file["findings"][0]["field"] == "statements[0].account");
  const std::string message = file["findings"][0]["message"];
  BOOST_TEST(message.find(kOtherIban) == std::string::npos);  // the last four are enough
  BOOST_TEST(books.Sum() == 5);  // the other statement of the file goes on
  AddAccount("bac_other", kOtherIban, "bremen");
  clock.Advance(absl::Minutes(1));
  Settle();
  BOOST_TEST(File(file["id"])["state"] == "STATE_READ");
  BOOST_TEST(books.Sum() == 1505);
  BOOST_TEST(CaseOf(file["exception_id"]).resolver == "kontord");
}

BOOST_AUTO_TEST_CASE(a_status_report_goes_to_payment_orders) {
  const Json file = Import(kStatus);
  BOOST_TEST(file["state"] == "STATE_ROUTED");
  BOOST_TEST(file["format"] == "pain.002.001.03");
  BOOST_TEST(orders.status_files.size() == 1U);
  Import(kStatus);
  BOOST_TEST(orders.status_files.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_status_report_of_no_order_of_ours_is_a_case) {
  orders.status_answer = base::Error(base::Reason::kNotFound).Says("no order has this message");
  const Json file = Import(kStatus);
  BOOST_TEST(file["state"] == "STATE_FAILED");
  orders.status_answer = absl::OkStatus();
  Resolve(file["exception_id"], model::Resolution::kRetry);
  BOOST_TEST(File(file["id"])["state"] == "STATE_ROUTED");
}

BOOST_AUTO_TEST_CASE(a_channel_is_emptied_once_its_files_are_kept) {
  AddChannel(model::ChannelState::kShadow);  // reading sends nothing
  channel->inbox["b.sta"] = Simple().Text();
  channel->inbox["a.txt"] = "nothing of a bank";
  Settle();
  BOOST_TEST(channel->inbox.empty());
  BOOST_TEST(books.Sum() == 1500);
  const auto listed = loop->ListFiles(operator_, Of(kFileKind, "house-bank"),
                                      {50, ""});
  BOOST_REQUIRE(listed.ok());
  BOOST_TEST(listed->rows.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_paused_channel_is_not_looked_at) {
  AddChannel(model::ChannelState::kPaused);
  channel->inbox["b.sta"] = Simple().Text();
  Settle();
  BOOST_TEST(channel->inbox.size() == 1U);
  BOOST_TEST(books.calls == 0);
}

BOOST_AUTO_TEST_CASE(a_channel_that_fails_is_asked_again) {
  AddChannel(model::ChannelState::kLive);
  channel->inbox["b.sta"] = Simple().Text();
  channel->poll_answer = base::Error(base::Reason::kChannelUnreachable).Says("down");
  Settle();
  BOOST_TEST(books.calls == 0);
  channel->poll_answer = absl::OkStatus();
  clock.Advance(absl::Minutes(1));
  Settle();
  BOOST_TEST(books.Sum() == 1500);
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_taken_away_is_read_once) {
  AddChannel(model::ChannelState::kLive);
  channel->inbox["b.sta"] = Simple().Text();
  channel->done_answer = base::Error(base::Reason::kChannelUnreachable).Says("down");
  Settle();
  BOOST_TEST(books.Sum() == 1500);
  const int calls = books.calls;
  channel->done_answer = absl::OkStatus();
  clock.Advance(absl::Minutes(1));
  Settle();
  BOOST_TEST(channel->inbox.empty());
  BOOST_TEST(books.calls == calls);
}

BOOST_AUTO_TEST_CASE(refusals_before_anything_is_kept) {
  struct Bad {
    ImportRequest request;
    const char* text;
  };
  const std::string digest = crypto->Sha256Hex("x");
  const Bad cases[] = {
      {{"f", "", "", "r", digest, 0}, ""},
      {{"f", "no-such-channel", "", "r", digest, 1}, "x"},
      {{std::string(256, 'n'), "", "", "r", digest, 1}, "x"},
      {{"f\x01", "", "", "r", digest, 1}, "x"},
      {{"f", "", std::string(70000, ' '), "r", digest, 1}, "x"},
      {{"f", "", "", "r", digest, 2}, "x"},
      {{"f", "", "", "r", crypto->Sha256Hex("y"), 1}, "x"},
  };
  for (const Bad& bad : cases) {
    struct Once final : ports::ByteSource {
      explicit Once(std::string_view all) : text(all) {}
      absl::StatusOr<size_t> Read(std::span<char> into) override {
        const size_t count = std::min(into.size(), text.size());
        std::copy_n(text.data(), count, into.data());
        text.remove_prefix(count);
        return count;
      }
      std::string_view text;
    } source(bad.text);
    BOOST_TEST(!loop->Import(operator_, bad.request, source).ok());
  }
  const auto listed = loop->ListFiles(operator_, Of(kFileKind), {50, ""});
  BOOST_REQUIRE(listed.ok());
  BOOST_TEST(listed->rows.empty());
}

BOOST_AUTO_TEST_CASE(cash_says_how_old_it_is) {
  BOOST_TEST(Cash()["accounts"][0]["freshness"] == "FRESHNESS_MISSING");
  Import(Simple());
  Json cash = Cash();
  BOOST_TEST(cash["accounts"][0]["freshness"] == "FRESHNESS_FRESH");
  BOOST_TEST(cash["accounts"][0]["booked"]["value"] == "115.00");
  BOOST_TEST(cash["totals"][0]["booked"]["value"] == "115.00");
  BOOST_TEST(cash["totals"][0]["stale_count"] == 0);
  BOOST_TEST(cash["totals"].size() == 2U);  // of the entity, and of all
  // Wednesday noon to Friday noon is longer than the account allows.
  clock.Advance(absl::Hours(48));
  BOOST_TEST(Cash()["accounts"][0]["freshness"] == "FRESHNESS_STALE");
  // A Friday's balance is not old on Sunday.
  Import(Mt{2, 13, 11500, {{1, "F"}}});
  clock.Advance(absl::Hours(48));
  BOOST_TEST(Cash()["accounts"][0]["freshness"] == "FRESHNESS_FRESH");
  clock.Advance(absl::Hours(48));
  BOOST_TEST(Cash()["accounts"][0]["freshness"] == "FRESHNESS_STALE");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::statements::testing
