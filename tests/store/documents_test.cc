// SPDX-License-Identifier: Apache-2.0
// Documents: versions, look-ups, lists in pages, control totals, and that nothing personal lies
// open at rest.
#include "server/base/strings.h"
#include "tests/store/fixture.h"

namespace kontor::store::testing {
namespace {

using base::StrCat;
using ports::DocumentRow;
using ports::ReadView;
using ports::Unit;

struct DocumentsFixture : StoreFixture {
  DocumentsFixture() { Open(); }
  absl::Status Put(DocumentRow& row) {
    return Write([&](Unit& unit) { return unit.PutDocument(row); });
  }
  DocumentRow Find(const std::string& id) {
    DocumentRow out;
    KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
      auto found = view.FindDocument(id);
      KONTOR_RETURN_IF_ERROR(found.status());
      BOOST_TEST_REQUIRE(found->has_value());
      out = **found;
      return absl::OkStatus();
    }));
    return out;
  }
  ports::Listed<DocumentRow> List(const ports::DocumentFilter& filter, const ports::Page& page) {
    ports::Listed<DocumentRow> out;
    KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(out, view.ListDocuments(filter, page));
      return absl::OkStatus();
    }));
    return out;
  }
};

BOOST_FIXTURE_TEST_SUITE(documents, DocumentsFixture)

BOOST_AUTO_TEST_CASE(a_document_comes_back_as_it_was_put) {
  DocumentRow row = NewDocument();
  row.type = model::DocumentType::kPayment;
  row.booked = R"({"state":"posted"})";
  row.record = {"account.payment", 77, "PBNK1/2026/00001"};
  row.date = *model::Date::Parse("2026-02-28");
  row.journal_code = "BNK1";
  row.currency_code = "EUR";
  row.total_minor = 34558;
  KONTOR_TEST_OK(Put(row));
  BOOST_TEST(row.version == 1);
  const DocumentRow found = Find(row.id);
  BOOST_TEST((found.type == model::DocumentType::kPayment));
  BOOST_TEST(found.subtype == row.subtype);
  BOOST_TEST(found.entity == "acme");
  BOOST_TEST(found.connection == "main");
  BOOST_TEST(found.source == "shop");
  BOOST_TEST(found.content == row.content);
  BOOST_TEST(found.operation_id == row.operation_id);
  BOOST_TEST(found.booked == row.booked);
  BOOST_TEST((found.record == row.record));
  BOOST_TEST(found.date->ToString() == "2026-02-28");
  BOOST_TEST(found.journal_code == "BNK1");
  BOOST_TEST(found.currency_code == "EUR");
  BOOST_TEST(found.total_minor == 34558);
  BOOST_TEST((found.created == row.created));
  BOOST_TEST(found.version == 1);
}

BOOST_AUTO_TEST_CASE(an_older_version_never_overwrites_a_newer_one) {
  DocumentRow row = NewDocument();
  KONTOR_TEST_OK(Put(row));
  DocumentRow stale = row;
  row.state = "READY";
  KONTOR_TEST_OK(Put(row));
  stale.state = "CANCELLED";
  KONTOR_TEST_REASON(Put(stale), kVersionConflict);
  DocumentRow ahead = row;
  ahead.version = 9;
  KONTOR_TEST_REASON(Put(ahead), kVersionConflict);
  DocumentRow again = row;
  again.version = 0;
  KONTOR_TEST_REASON(Put(again), kAlreadyExists);
  DocumentRow absent = NewDocument();
  absent.version = 1;
  KONTOR_TEST_REASON(Put(absent), kVersionConflict);
  BOOST_TEST(Find(row.id).state == "READY");
  BOOST_TEST(Find(row.id).version == 2);
}

BOOST_AUTO_TEST_CASE(content_follows_a_correction_and_stays_otherwise) {
  DocumentRow row = NewDocument();
  KONTOR_TEST_OK(Put(row));
  row.state = "POSTED";
  KONTOR_TEST_OK(Put(row));
  BOOST_TEST(Find(row.id).content == row.content);
  row.content = R"({"kind":"VENDOR_BILL"})";
  KONTOR_TEST_OK(Put(row));
  BOOST_TEST(Find(row.id).content == row.content);
  BOOST_TEST(row.version == 3);
}

BOOST_AUTO_TEST_CASE(a_look_up_finds_the_newest_of_its_connection_source_and_type) {
  std::vector<std::string> ids_made;
  for (int i = 0; i < 3; ++i) {
    DocumentRow row = NewDocument();
    row.type = model::DocumentType::kPartner;
    row.lookup = "C-100";
    if (i == 2) row.source = "other";
    KONTOR_TEST_OK(Put(row));
    ids_made.push_back(row.id);
  }
  // An update without the text leaves it, since it is not read back.
  DocumentRow again = Find(ids_made[1]);
  BOOST_TEST(again.lookup == "");
  again.state = "POSTED";
  KONTOR_TEST_OK(Put(again));
  KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
    const auto type = model::DocumentType::kPartner;
    const auto found = view.FindDocumentByLookup(type, "main", "shop", "C-100");
    BOOST_TEST_REQUIRE((found.ok() && found->has_value()));
    BOOST_TEST((*found)->id == ids_made[1]);
    for (const auto& missing :
         {view.FindDocumentByLookup(type, "main", "shop", "C-10"),
          view.FindDocumentByLookup(type, "main", "shop", ""),
          view.FindDocumentByLookup(type, "second", "shop", "C-100"),
          view.FindDocumentByLookup(model::DocumentType::kInvoice, "main", "shop", "C-100")}) {
      BOOST_TEST_REQUIRE(missing.ok());
      BOOST_TEST(!missing->has_value());
    }
    return absl::OkStatus();
  }));
}

BOOST_AUTO_TEST_CASE(a_document_is_found_by_its_record_and_by_its_external_id) {
  DocumentRow row = NewDocument();
  row.record = {"account.move", 5'000'000'001, "INV/2026/00001"};
  model::Operation operation = NewOperation();
  operation.document_id = row.id;
  model::Operation reversal = NewOperation();
  reversal.document_id = "inv_other";
  reversal.external_id = operation.external_id;
  KONTOR_TEST_OK(Write([&](Unit& unit) -> absl::Status {
    KONTOR_RETURN_IF_ERROR(unit.PutDocument(row));
    KONTOR_RETURN_IF_ERROR(unit.PutOperation(operation));
    return unit.PutOperation(reversal);
  }));
  KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
    const auto by_record = view.FindDocumentByRecord("main", {"account.move", 5'000'000'001, ""});
    BOOST_TEST_REQUIRE((by_record.ok() && by_record->has_value()));
    BOOST_TEST((*by_record)->id == row.id);
    const auto by_external = view.FindDocumentByExternalId(operation.external_id);
    BOOST_TEST_REQUIRE((by_external.ok() && by_external->has_value()));
    BOOST_TEST((*by_external)->id == row.id);
    for (const auto& missing : {view.FindDocumentByRecord("main", {"account.move", 705032705, ""}),
                                view.FindDocumentByRecord(
                                    "main", {"account.payment", 5'000'000'001, ""}),
                                view.FindDocumentByRecord("other", row.record),
                                view.FindDocumentByRecord("main", {"account.move", 0, ""}),
                                view.FindDocumentByExternalId("k1_none")}) {
      BOOST_TEST_REQUIRE(missing.ok());
      BOOST_TEST(!missing->has_value());
    }
    return absl::OkStatus();
  }));
}

BOOST_AUTO_TEST_CASE(pages_show_every_document_once_newest_first_while_others_arrive) {
  std::vector<std::string> made;
  for (int i = 0; i < 7; ++i) {
    DocumentRow row = NewDocument();
    KONTOR_TEST_OK(Put(row));
    made.insert(made.begin(), row.id);
  }
  std::vector<std::string> seen;
  ports::Page page{3, ""};
  do {
    const auto listed = List({}, page);
    BOOST_TEST(listed.rows.size() <= 3U);
    for (const DocumentRow& row : listed.rows) seen.push_back(row.id);
    page.after = listed.next;
    DocumentRow late = NewDocument();
    KONTOR_TEST_OK(Put(late));
  } while (!page.after.empty());
  BOOST_TEST(seen == made, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_last_page_that_is_just_full_names_no_next_one) {
  for (int i = 0; i < 4; ++i) {
    DocumentRow row = NewDocument();
    KONTOR_TEST_OK(Put(row));
  }
  const auto first = List({}, {2, ""});
  BOOST_TEST_REQUIRE(!first.next.empty());
  BOOST_TEST(List({}, {2, first.next}).next == "");
}

BOOST_AUTO_TEST_CASE(page_tokens_that_no_list_gave_are_refused) {
  for (int i = 0; i < 2; ++i) {
    DocumentRow row = NewDocument();
    KONTOR_TEST_OK(Put(row));
    model::Operation operation = NewOperation();
    KONTOR_TEST_OK(Write([&](Unit& unit) { return unit.PutOperation(operation); }));
  }
  std::string of_operations;
  KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto listed, view.ListOperations({}, {1, ""}));
    of_operations = listed.next;
    return absl::OkStatus();
  }));
  BOOST_TEST_REQUIRE(!of_operations.empty());
  const std::string bad[] = {"x", "abc", "00", of_operations, of_operations.substr(1),
                             std::string(5000, 'a'), "' or 1=1 --", "646f63756d656e74732f",
                             "646f63756d656e74732f00", "646f63756d656e74732fff"};
  for (const std::string& token : bad) {
    BOOST_TEST_CONTEXT(token.substr(0, 40)) {
      KONTOR_TEST_REASON(Read([&](ReadView& view) {
                           return view.ListDocuments({}, {1, token}).status();
                         }),
                         kPageTokenInvalid);
    }
  }
}

BOOST_AUTO_TEST_CASE(filters_narrow_a_list) {
  DocumentRow bill = NewDocument();
  bill.subtype = "VENDOR_BILL";
  bill.lookup = "B-7";
  bill.date = *model::Date::Parse("2026-01-31");
  DocumentRow payment = NewDocument();
  payment.type = model::DocumentType::kPayment;
  payment.state = "POSTED";
  payment.entity = "globex";
  payment.source = "psp";
  payment.date = *model::Date::Parse("2026-02-01");
  KONTOR_TEST_OK(Put(bill));
  KONTOR_TEST_OK(Put(payment));
  using Filter = ports::DocumentFilter;
  const auto date = [](const char* text) { return *model::Date::Parse(text); };
  const struct {
    const char* name;
    Filter filter;
    std::string expected;
  } cases[] = {
      {"type",
       Made<Filter>([&](Filter& f) { f.type = model::DocumentType::kPayment; }), payment.id},
      {"entity", Made<Filter>([&](Filter& f) { f.entity = "acme"; }), bill.id},
      {"state", Made<Filter>([&](Filter& f) { f.state = "POSTED"; }), payment.id},
      {"other state", Made<Filter>([&](Filter& f) { f.state = "ACCEPTED"; }), bill.id},
      {"subtype", Made<Filter>([&](Filter& f) { f.subtype = "VENDOR_BILL"; }), bill.id},
      {"source", Made<Filter>([&](Filter& f) { f.source = "psp"; }), payment.id},
      {"from", Made<Filter>([&](Filter& f) { f.from = date("2026-02-01"); }), payment.id},
      {"to", Made<Filter>([&](Filter& f) { f.to = date("2026-01-31"); }), bill.id},
      {"lookup", Made<Filter>([&](Filter& f) { f.lookup = "B-7"; }), bill.id},
      {"nothing fits", Made<Filter>([&](Filter& f) { f.entity = "acme"; f.state = "POSTED"; }), ""},
      {"text of SQL", Made<Filter>([&](Filter& f) { f.entity = "' or '1'='1"; }), ""},
  };
  for (const auto& c : cases) {
    BOOST_TEST_CONTEXT(c.name) {
      const auto listed = List(c.filter, {10, ""});
      BOOST_TEST_REQUIRE(listed.rows.size() == (c.expected.empty() ? 0U : 1U));
      if (!c.expected.empty()) BOOST_TEST(listed.rows[0].id == c.expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(control_totals_sum_posted_documents_by_day_journal_and_currency) {
  const struct {
    const char* state;
    const char* journal;
    const char* currency;
    const char* date;
    int64_t minor;
  } rows[] = {{"POSTED", "INV", "EUR", "2026-03-01", 4'000'000'000},
              {"POSTED", "INV", "EUR", "2026-03-01", 2'000'000'000},
              {"POSTED", "INV", "USD", "2026-03-01", 5},
              {"POSTED", "INV", "EUR", "2026-03-02", 7},
              {"ACCEPTED", "INV", "EUR", "2026-03-01", 100},
              {"POSTED", "INV", "EUR", "2026-04-01", 100}};
  for (const auto& r : rows) {
    DocumentRow row = NewDocument();
    row.state = r.state;
    row.journal_code = r.journal;
    row.currency_code = r.currency;
    row.date = *model::Date::Parse(r.date);
    row.total_minor = r.minor;
    KONTOR_TEST_OK(Put(row));
  }
  KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto totals,
                            view.ControlTotals("acme", *model::Date::Parse("2026-03-01"),
                                               *model::Date::Parse("2026-03-31")));
    std::vector<std::string> lines;
    for (const auto& t : totals) {
      lines.push_back(StrCat(t.date.ToString(), " ", t.journal_code, " ", t.currency_code, " ",
                             t.count, " ", t.total_minor));
    }
    const std::vector<std::string> expected = {"2026-03-01 INV EUR 2 6000000000",
                                               "2026-03-01 INV USD 1 5", "2026-03-02 INV EUR 1 7"};
    BOOST_TEST(lines == expected, boost::test_tools::per_element());
    return absl::OkStatus();
  }));
}

BOOST_AUTO_TEST_CASE(names_and_account_numbers_do_not_lie_open_at_rest) {
  const std::string secrets[] = {"Erika Mustermann", "DE89370400440532013000", "C-4711-secret",
                                 "key-api-123456", "SNAPSHOT-NAME", "FINDING-TEXT",
                                 "EVENT-SNAPSHOT", "BILL-KEY-9"};
  DocumentRow row = NewDocument();
  row.content = StrCat("{\"name\":\"", secrets[0], "\",\"iban\":\"", secrets[1], "\"}");
  row.booked = row.content;
  row.lookup = secrets[2];
  ports::ObjectRow object{"connection", "con_1", "main", "", secrets[3], {}, {}, 0};
  ports::ObservedRow observed{"inv_1", secrets[4], "d", "2026-01-01 00:00:00", 0};
  model::ExceptionCase exception;
  exception.id = "exc_1";
  exception.findings.push_back({"ACCOUNT_UNKNOWN", "", secrets[5], "", "", "", {}});
  exception.proposed_content = row.content;
  model::Event event = NewEvent("inv_1");
  event.data = secrets[6];
  KONTOR_TEST_OK(Write([&](Unit& unit) -> absl::Status {
    KONTOR_RETURN_IF_ERROR(unit.PutDocument(row));
    KONTOR_RETURN_IF_ERROR(unit.PutObject(object));
    KONTOR_RETURN_IF_ERROR(unit.PutObserved(observed));
    KONTOR_RETURN_IF_ERROR(unit.PutException(exception));
    KONTOR_RETURN_IF_ERROR(unit.ReserveDuplicateKey("acme", secrets[7], "opn_1").status());
    return unit.AppendEvent(event);
  }));
  const std::string bytes = AtRest();
  BOOST_TEST(bytes.find(row.id) != std::string::npos);  // The search does see what is there.
  for (const std::string& secret : secrets) {
    BOOST_TEST((bytes.find(secret) == std::string::npos), secret);
  }
  Close();
  const std::string after = AtRest();
  for (const std::string& secret : secrets) {
    BOOST_TEST((after.find(secret) == std::string::npos), secret);
  }
}

BOOST_AUTO_TEST_CASE(a_sealed_text_moved_to_another_row_does_not_open) {
  DocumentRow first = NewDocument();
  DocumentRow second = NewDocument();
  KONTOR_TEST_OK(Put(first));
  KONTOR_TEST_OK(Put(second));
  Sql(StrCat("update document_contents set content = (select content from document_contents "
             "where id = '", first.id, "') where id = '", second.id, "'"));
  KONTOR_TEST_REASON(
      Read([&](ReadView& view) { return view.FindDocument(second.id).status(); }), kSealBroken);
  KONTOR_TEST_OK(Read([&](ReadView& view) { return view.FindDocument(first.id).status(); }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::store::testing
