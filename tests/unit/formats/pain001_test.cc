// SPDX-License-Identifier: Apache-2.0
// What is written is what was approved: read back, a file gives the same normal form, and any
// change of it another one or none.
#include <rapidcheck.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/model/payment_canon.h"
#include "tests/unit/formats/orders.h"

namespace bdata = boost::unit_test::data;

namespace kontor::formats {
namespace {

using base::Reason;
using base::StrCat;
using testing::Read;
using testing::ReadBack;
using testing::RichOrder;
using testing::Write;
using testing::Written;

const Dialect& Sepa() { return *FindDialect("sepa-09"); }

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  BOOST_REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

BOOST_AUTO_TEST_SUITE(pain001)

BOOST_AUTO_TEST_CASE(a_file_read_back_says_what_was_written) {
  for (const Dialect& dialect : BuiltInDialects()) {
    const model::PaymentOrder order = RichOrder(dialect);
    const Written written = Write(dialect, order);
    BOOST_TEST_CONTEXT(dialect.name) {
      BOOST_REQUIRE(written.status.ok());
      BOOST_TEST(written.canonical == model::CanonicalText(order));
      const ReadBack read = Read(written.file);
      BOOST_TEST(read.status.ok(), read.status.ToString());
      BOOST_TEST(read.canonical == written.canonical);
      BOOST_TEST(Read(written.file, 1).canonical == written.canonical);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_same_order_gives_the_same_bytes) {
  const model::PaymentOrder order = RichOrder(Sepa());
  BOOST_TEST(Write(Sepa(), order).file == Write(Sepa(), order).file);
}

BOOST_AUTO_TEST_CASE(a_debtors_bank_without_bic_is_said_to_be_not_provided) {
  model::PaymentOrder order = RichOrder(Sepa());
  order.batches[0].instruction.debtor.agent = {};
  const Written written = Write(Sepa(), order);
  BOOST_TEST(written.file.find("NOTPROVIDED") != std::string::npos);
  BOOST_TEST(Read(written.file).canonical == written.canonical);
}

BOOST_AUTO_TEST_CASE(a_creditors_bank_without_bic_is_left_out) {
  model::PaymentOrder order = RichOrder(Sepa());
  order.batches.resize(1);
  order.batches[0].transfers[0].creditor.agent = {};
  BOOST_TEST(model::SumUp(order).ok());
  const Written written = Write(Sepa(), order);
  BOOST_TEST(written.file.find("CdtrAgt") == std::string::npos);
}

struct Spoiled {
  const char* name;
  std::function<void(model::PaymentOrder&)> spoil;
  const char* reason;
  const char* field;
};
std::ostream& operator<<(std::ostream& out, const Spoiled& c) { return out << c.name; }
const Spoiled kSpoiled[] = {
    {"a wrong count at the head", [](auto& o) { ++o.header.transfer_count; }, "TOTALS_MISMATCH",
     "control_sum"},
    {"a wrong sum at the head", [](auto& o) { o.header.control_sum = base::Decimal::FromInt(1); },
     "TOTALS_MISMATCH", "control_sum"},
    {"a wrong sum of a batch",
     [](auto& o) { o.batches[0].instruction.control_sum = base::Decimal::FromInt(1); },
     "TOTALS_MISMATCH", "batches[0].instruction.control_sum"},
    {"an end-to-end id twice",
     [](auto& o) {
       o.batches[1].transfers[0].end_to_end_id = o.batches[0].transfers[0].end_to_end_id;
     },
     "ID_NOT_UNIQUE", "batches[1].transfers[0].end_to_end_id"},
    {"an instruction id twice",
     [](auto& o) {
       o.batches[1].transfers[0].instruction_id = o.batches[0].transfers[0].instruction_id;
     },
     "ID_NOT_UNIQUE", "batches[1].transfers[0].instruction_id"},
    {"a batch id twice",
     [](auto& o) {
       o.batches[1].instruction.payment_information_id =
           o.batches[0].instruction.payment_information_id;
     },
     "ID_NOT_UNIQUE", "batches[1].instruction.payment_information_id"},
    {"no message id", [](auto& o) { o.header.message_id = ""; }, "FIELD_MISSING", "message_id"},
    {"a message id of 36 characters", [](auto& o) { o.header.message_id = std::string(36, 'A'); },
     "FIELD_INVALID", "message_id"},
    {"a message id with a space", [](auto& o) { o.header.message_id = "A B"; }, "FIELD_INVALID",
     "message_id"},
    {"no instant", [](auto& o) { o.header.created_at = "2026-03-01"; }, "DATE_INVALID",
     "created_at"},
    {"nobody who asks for it", [](auto& o) { o.header.initiator = {}; }, "FIELD_MISSING",
     "initiator.name"},
    {"no debtor", [](auto& o) { o.batches[0].instruction.debtor.name = ""; }, "FIELD_MISSING",
     "batches[0].instruction.debtor.name"},
    {"no end-to-end id", [](auto& o) { o.batches[0].transfers[0].end_to_end_id = ""; },
     "FIELD_MISSING", "batches[0].transfers[0].end_to_end_id"},
    {"an id with two slashes", [](auto& o) { o.batches[0].transfers[0].end_to_end_id = "A//B"; },
     "FIELD_INVALID", "batches[0].transfers[0].end_to_end_id"},
    {"two texts",
     [](auto& o) {
       o.batches[0].transfers[0].remittance.unstructured = {"a", "b"};
     },
     "DIALECT_REFUSED", "batches[0].transfers[0].remittance.unstructured"},
    {"documents that would be cut off",
     [](auto& o) {
       model::StructuredRemittance part;
       part.reference_type = "SCOR";
       part.reference = "RF18539007547034";
       part.documents.emplace_back();
       o.batches[0].transfers[0].remittance = {{}, {part}};
     },
     "DIALECT_REFUSED", "batches[0].transfers[0].remittance.structured[0]"},
    {"a purpose in small letters", [](auto& o) { o.batches[0].transfers[0].purpose = "sala"; },
     "FIELD_INVALID", "batches[0].transfers[0].purpose"},
    {"a priority that is none", [](auto& o) { o.batches[0].instruction.priority = "SOON"; },
     "DIALECT_REFUSED", "batches[0].instruction.priority"},
    {"a country that is none",
     [](auto& o) { o.batches[0].transfers[0].creditor.address.country_code = "Fr"; },
     "FIELD_INVALID", "batches[0].transfers[0].creditor.address.country_code"},
    {"an LEI with wrong check digits",
     [](auto& o) { o.batches[0].instruction.debtor.lei = "5299000J2N45DDNE4Y29"; }, "FIELD_INVALID",
     "batches[0].instruction.debtor.lei"},
    {"a person with an LEI",
     [](auto& o) {
       o.batches[0].instruction.debtor.lei = "5299000J2N45DDNE4Y28";
       o.batches[0].instruction.debtor.id = "1";
       o.batches[0].instruction.debtor.id_is_private = true;
     },
     "FIELD_CONFLICT", "batches[0].instruction.debtor.id"},
    {"a line feed in a text",
     [](auto& o) { o.batches[0].transfers[0].remittance.unstructured = {"a\nb"}; },
     "CHARACTER_REFUSED", "batches[0].transfers[0].remittance.unstructured[0]"},
};
BOOST_DATA_TEST_CASE(an_order_that_a_bank_would_refuse_is_not_written, bdata::make(kSpoiled), c) {
  model::PaymentOrder order = RichOrder(Sepa());
  c.spoil(order);
  const Written written = Write(Sepa(), order);
  BOOST_REQUIRE(!written.status.ok());
  BOOST_TEST(base::InfoOf(written.status).reason == c.reason);
  BOOST_TEST(base::InfoOf(written.status).field == c.field);
  BOOST_TEST(!Read(written.file).status.ok());
}

BOOST_AUTO_TEST_CASE(all_findings_of_a_transfer_are_told_at_once) {
  model::PaymentOrder order = RichOrder(Sepa());
  model::CreditTransfer& transfer = order.batches[0].transfers[0];
  transfer.end_to_end_id = "";
  transfer.creditor.name = "";
  transfer.purpose = "sala";
  const absl::Status status = Write(Sepa(), order).status;
  BOOST_TEST(model::FindingsOf(status).size() == 3u);
}

BOOST_AUTO_TEST_CASE(after_an_error_a_writer_only_repeats_it) {
  const model::PaymentOrder order = RichOrder(Sepa());
  TextSink out;
  const auto writer = BeginPain001(Sepa(), order.header, out, nullptr).value();
  BOOST_TEST(base::Is(writer->Add(order.batches[0].transfers[0]), Reason::kStateConflict));
  BOOST_TEST(
      base::Is(writer->BeginInstruction(order.batches[0].instruction), Reason::kStateConflict));
  BOOST_TEST(base::Is(writer->Finish(), Reason::kStateConflict));
}

BOOST_AUTO_TEST_CASE(what_the_sink_answers_ends_the_writing) {
  struct Full final : ports::ByteSink {
    absl::Status Write(std::string_view) override {
      return base::Error(Reason::kStoreFull).Says("full");
    }
  };
  Full full;
  const model::PaymentOrder order = RichOrder(Sepa());
  BOOST_TEST(base::Is(WritePain001(Sepa(), order, full, nullptr), Reason::kStoreFull));
  TextSink out;
  BOOST_TEST(base::Is(WritePain001(Sepa(), order, out, &full), Reason::kStoreFull));
}

struct Altered {
  const char* name;
  const char* from;
  const char* to;
};
std::ostream& operator<<(std::ostream& out, const Altered& c) { return out << c.name; }
const Altered kAltered[] = {
    {"another account", "FR1420041010050500013M02606", "FR7630006000011234567890189"},
    {"another name", "<Nm>Beta SARL</Nm>", "<Nm>Gamma SARL</Nm>"},
    {"a second name", "<Nm>Beta SARL</Nm>", "<Nm>Beta SARL</Nm><Nm>Gamma SARL</Nm>"},
    {"another amount", "345.58</InstdAmt>", "345.59</InstdAmt>"},
    {"a second amount", "</InstdAmt>", "</InstdAmt><InstdAmt Ccy=\"EUR\">1</InstdAmt>"},
    {"another date", "2026-03-02", "2026-03-03"},
    {"another debtor's account", "DE89370400440532013000", "DE02120300000000202051"},
    {"a second creditor's account", "<CdtrAcct>",
     "<CdtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></CdtrAcct><CdtrAcct>"},
    {"another text", "Invoice 4711", "Invoice 4712"},
    {"another end-to-end id", "SEPA09-E1-1", "SEPA09-E1-9"},
    {"no batch booking", "true</BtchBookg>", "false</BtchBookg>"},
    {"an element of another kind", "<Amt>",
     "<XchgRateInf><XchgRate>2</XchgRate></XchgRateInf><Amt>"},
    {"an intermediary bank", "<Cdtr>", "<IntrmyAgt1/><Cdtr>"},
    {"a transfer by cheque", "<PmtMtd>TRF", "<PmtMtd>CHK"},
    {"another namespace", "pain.001.001.09", "pain.001.001.10"},
    {"another message", "CstmrCdtTrfInitn", "CstmrDrctDbtInitn"},
    {"a document type", "<Document", "<!DOCTYPE Document><Document"},
    {"a second head", "</GrpHdr>", "</GrpHdr><GrpHdr/>"},
    {"another count", "<NbOfTxs>", "<NbOfTxs>1"},
    {"no currency", " Ccy=\"EUR\"", ""},
    {"another currency", " Ccy=\"EUR\"", " Ccy=\"USD\""},
};
BOOST_DATA_TEST_CASE(an_altered_file_is_another_order_or_none, bdata::make(kAltered), c) {
  const Written written = Write(Sepa(), RichOrder(Sepa()));
  const ReadBack read = Read(Replaced(written.file, c.from, c.to));
  BOOST_TEST((!read.status.ok() || read.canonical != written.canonical));
}

BOOST_AUTO_TEST_CASE(a_head_that_goes_on_behind_its_transfers_is_refused) {
  const Written written = Write(Sepa(), RichOrder(Sepa()));
  const std::string altered =
      Replaced(written.file, "</CdtTrfTxInf>\n    </PmtInf>",
               "</CdtTrfTxInf><ReqdExctnDt><Dt>2026-01-01</Dt></ReqdExctnDt></PmtInf>");
  BOOST_TEST(base::Is(Read(altered).status, Reason::kFormatInvalid));
}

BOOST_AUTO_TEST_CASE(cut_at_any_byte_a_file_is_no_order) {
  model::PaymentOrder order = RichOrder(Sepa());
  order.batches.resize(2);
  BOOST_TEST(model::SumUp(order).ok());
  const Written written = Write(Sepa(), order);
  const size_t end = written.file.rfind('>');
  for (size_t size = 0; size <= end; ++size) {
    BOOST_TEST_CONTEXT("cut at " << size) {
      BOOST_TEST(!Read(std::string_view(written.file).substr(0, size)).status.ok());
    }
  }
}

BOOST_AUTO_TEST_CASE(no_two_orders_have_one_normal_form) {
  const model::PaymentOrder order = RichOrder(Sepa());
  const std::string canonical = model::CanonicalText(order);
  for (const Spoiled& c : kSpoiled) {
    model::PaymentOrder other = order;
    c.spoil(other);
    BOOST_TEST(model::CanonicalText(other) != canonical, c.name);
  }
  // A value cannot pretend to be another field.
  model::CreditTransfer a;
  a.instruction_id = "1;end_to_end_id=1:2";
  model::CreditTransfer b;
  b.instruction_id = "1";
  b.end_to_end_id = "2";
  BOOST_TEST(model::CanonicalText(a) != model::CanonicalText(b));
}

BOOST_AUTO_TEST_CASE(any_order_within_the_rules_comes_back_as_it_was) {
  BOOST_TEST(rc::check("read(write(order)) == order", [] {
    model::PaymentOrder order = RichOrder(Sepa());
    order.batches.resize(1);
    const model::CreditTransfer base = order.batches[0].transfers[0];
    order.batches[0].transfers.clear();
    const auto letters = rc::gen::container<std::string>(
        *rc::gen::inRange<size_t>(1, 70), rc::gen::elementOf(std::string("abcXYZ019/-?:().,'+ ")));
    const int count = *rc::gen::inRange(1, 20);
    for (int i = 0; i < count; ++i) {
      model::CreditTransfer transfer = base;
      transfer.instruction_id = StrCat("I", i);
      transfer.end_to_end_id = StrCat("E", i);
      transfer.amount = model::Money(model::Currency::Parse("EUR").value(),
                                     *rc::gen::inRange<int64_t>(1, 99'999'999'999));
      transfer.creditor.name = "x" + std::string(base::Trim(*letters)).substr(0, 60) + "x";
      transfer.remittance.unstructured = {"x" + std::string(base::Trim(*letters)) + "x"};
      order.batches[0].transfers.push_back(transfer);
    }
    RC_ASSERT(model::SumUp(order).ok());
    const Written written = Write(Sepa(), order);
    RC_ASSERT(written.status.ok());
    const ReadBack read = Read(written.file);
    RC_ASSERT(read.status.ok());
    RC_ASSERT(read.canonical == written.canonical);
  }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::formats
