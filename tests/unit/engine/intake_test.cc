// SPDX-License-Identifier: Apache-2.0
// What is taken in and what is not: envelopes, idempotency, policies, validate_only; connections
// and entities as administrators give them.
#include <algorithm>
#include <future>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/accept.h"
#include "server/engine/codec.h"
#include "tests/unit/engine/harness.h"

namespace kontor::engine::testing {
namespace {

using base::Reason;
using model::OperationState;

struct RefusedCase {
  const char* name;
  std::function<void(AcceptRequest&)> spoil;
  Reason want;
};

BOOST_AUTO_TEST_CASE(a_bad_envelope_or_document_is_refused_and_leaves_nothing) {
  const RefusedCase cases[] = {
      {"no request id", [](auto& r) { r.request_id.clear(); }, Reason::kFieldMissing},
      {"a long request id", [](auto& r) { r.request_id.assign(129, 'x'); }, Reason::kFieldTooLong},
      {"a space in the request id", [](auto& r) { r.request_id = "a b"; }, Reason::kTextInvalid},
      {"an umlaut in the request id", [](auto& r) { r.request_id = "r\xC3\xBC"; },
       Reason::kTextInvalid},
      {"a control character in the correlation id", [](auto& r) { r.correlation_id = "a\n"; },
       Reason::kTextInvalid},
      {"too many dependencies", [](auto& r) { r.depends_on.assign(101, "opn_x"); },
       Reason::kFieldTooLong},
      {"an unknown dependency", [](auto& r) { r.depends_on = {"opn_x"}; }, Reason::kNotFound},
      {"an unknown entity", [](auto& r) { r.document.entity = "bremen"; }, Reason::kEntityUnknown},
      {"an id of the caller's", [](auto& r) { r.document.id = "inv_mine"; },
       Reason::kFieldInvalid},
      {"no lines", [](auto& r) { InvoiceOf(r).lines.clear(); }, Reason::kLinesMissing},
      {"an unknown original", [](auto& r) {
         InvoiceOf(r).kind = model::InvoiceKind::kCustomerCreditNote;
         InvoiceOf(r).reversed_invoice_id = "inv_01ARZ3NDEKTSV4RRFFQ69G5FAV";
       }, Reason::kNotFound},
      {"a cancellation of nothing", [](auto& r) { r.verb = model::Verb::kCancel; },
       Reason::kFieldMissing},
      {"a reversal of what is not there", [](auto& r) {
         r.verb = model::Verb::kReverse;
         r.document.id = "inv_none";
         r.reason = "x";
       }, Reason::kNotFound},
      {"a cancellation with an endless reason", [](auto& r) {
         r.verb = model::Verb::kCancel;
         r.document.id = "inv_x";
         r.reason.assign(1001, 'x');
       }, Reason::kFieldTooLong},
      {"a reversal whose reason is no text", [](auto& r) {
         r.verb = model::Verb::kReverse;
         r.document.id = "inv_x";
         r.reason = "a\x01";
       }, Reason::kTextInvalid},
      {"a reversal without a reason", [](auto& r) {
         r.verb = model::Verb::kReverse;
         r.document.id = "inv_none";
       }, Reason::kFieldMissing},
  };
  Harness h;
  for (const RefusedCase& c : cases) {
    BOOST_TEST_CONTEXT(c.name) {
      AcceptRequest request = InvoiceRequest("r1");
      c.spoil(request);
      BOOST_TEST(HasReason(h.Accept(request).status(), c.want));
    }
  }
  BOOST_TEST(h.Events().empty());
  BOOST_TEST(!h.Accept(InvoiceRequest("r1"))->repeated);
}

BOOST_AUTO_TEST_CASE(the_same_request_is_answered_by_the_first_answer) {
  Harness h;
  const auto first = h.Accept(InvoiceRequest("r1", "10.5"));
  const auto again = h.Accept(InvoiceRequest("r1", "10.50"));
  BOOST_REQUIRE(again.ok());
  BOOST_TEST(again->repeated);
  BOOST_TEST(again->operation.id == first->operation.id);
  h.Settle();
  const auto later = h.Accept(InvoiceRequest("r1", "10.5"));
  BOOST_TEST((later->operation.state == OperationState::kPosted));
  BOOST_TEST(h.erp->All("account.move").size() == 1U);
}

BOOST_AUTO_TEST_CASE(other_content_under_a_known_request_id_is_refused_naming_the_fields) {
  Harness h;
  BOOST_REQUIRE(h.Accept(InvoiceRequest("r1")).ok());
  AcceptRequest other = InvoiceRequest("r1", "101");
  InvoiceOf(other).due_date = DayOf("2026-12-24");
  const absl::Status status = h.Accept(other).status();
  BOOST_REQUIRE(HasReason(status, Reason::kRequestIdReused));
  const std::string fields = base::InfoOf(status).metadata["fields"];
  BOOST_TEST(fields.find("due_date") != std::string::npos);
  BOOST_TEST(fields.find("unit_price") != std::string::npos);
  AcceptRequest as_draft = InvoiceRequest("r1");
  as_draft.posting = model::Posting::kDraft;
  BOOST_TEST(HasReason(h.Accept(as_draft).status(), Reason::kRequestIdReused));
}

BOOST_AUTO_TEST_CASE(another_source_with_the_same_request_id_has_its_own_document) {
  Harness h;
  const auto mine = h.Accept(InvoiceRequest("r1"));
  AcceptRequest theirs_request = InvoiceRequest("r1");
  InvoiceOf(theirs_request).reference = "another order";
  const auto theirs = h.Accept(theirs_request, Program("other-shop"));
  BOOST_REQUIRE(theirs.ok());
  BOOST_TEST(!theirs->repeated);
  BOOST_TEST(theirs->operation.external_id != mine->operation.external_id);
}

BOOST_AUTO_TEST_CASE(fifty_at_once_make_one_document) {
  Harness h;
  std::vector<std::promise<absl::StatusOr<AcceptResult>>> promises(50);
  for (auto& promise : promises) {
    h.engine->Accept(h.program, InvoiceRequest("r1"),
                     [&promise](auto result) { promise.set_value(std::move(result)); });
  }
  std::set<std::string> ids;
  int fresh = 0;
  for (auto& promise : promises) {
    const auto result = promise.get_future().get();
    BOOST_REQUIRE(result.ok());
    ids.insert(result->operation.id);
    fresh += result->repeated ? 0 : 1;
  }
  BOOST_TEST(ids.size() == 1U);
  BOOST_TEST(fresh == 1);
}

BOOST_AUTO_TEST_CASE(the_external_id_does_not_depend_on_the_store) {
  Harness one;
  Harness two;
  two.Send(InvoiceRequest("other"));
  BOOST_TEST(one.Send(InvoiceRequest("r1")).external_id ==
             two.Send(InvoiceRequest("r1")).external_id);
}

BOOST_AUTO_TEST_CASE(an_entity_that_the_caller_may_not_see_is_denied) {
  Harness h;
  ports::Actor elsewhere = h.program;
  elsewhere.entities = {"bremen"};
  BOOST_TEST(HasReason(h.Accept(InvoiceRequest("r1"), elsewhere).status(), Reason::kEntityDenied));
}

BOOST_AUTO_TEST_CASE(the_first_matching_rule_says_what_is_done) {
  Harness h;
  h.SetEntity([](Entity& entity) {
    PostingRule dear;
    dear.type = model::DocumentType::kInvoice;
    dear.amount_from = model::Decimal::FromInt(1000);
    dear.currency_code = "EUR";
    dear.posting = model::Posting::kHold;
    PostingRule bills;
    bills.subtype = "VENDOR_BILL";
    bills.posting = model::Posting::kDraft;
    PostingRule entries;
    entries.source = "shop";
    entries.type = model::DocumentType::kJournalEntry;
    entries.posting = model::Posting::kPost;
    entity.posting_rules = {dear, bills, entries};
  });
  using model::Posting;
  BOOST_TEST((h.Send(InvoiceRequest("r1", "999.99")).posting == Posting::kPost));
  BOOST_TEST((h.Send(InvoiceRequest("r2", "1000")).state == OperationState::kHeld));
  BOOST_TEST((h.Send(BillRequest("r3", "RE-1")).posting == Posting::kDraft));
  BOOST_TEST((h.Send(BillRequest("r4", "RE-2", "1000")).posting == Posting::kHold));
  BOOST_TEST((h.Send(EntryRequest("r5")).posting == Posting::kPost));
  BOOST_TEST((h.Accept(EntryRequest("r6"), Program("other"))->operation.state ==
              OperationState::kHeld));
}

BOOST_AUTO_TEST_CASE(a_caller_may_be_stricter_than_the_policy_but_never_looser) {
  using model::Posting;
  BOOST_TEST(MayAsk(Posting::kDraft, Posting::kPost));
  BOOST_TEST(MayAsk(Posting::kHold, Posting::kPost));
  BOOST_TEST(MayAsk(Posting::kDraft, Posting::kHold));
  BOOST_TEST(!MayAsk(Posting::kPost, Posting::kHold));
  BOOST_TEST(!MayAsk(Posting::kPost, Posting::kDraft));
  BOOST_TEST(!MayAsk(Posting::kHold, Posting::kDraft));
  Harness h;
  AcceptRequest entry = EntryRequest("e1");
  entry.posting = Posting::kPost;
  BOOST_TEST(HasReason(h.Accept(entry).status(), Reason::kPermissionDenied));
}

BOOST_AUTO_TEST_CASE(validate_only_says_everything_and_writes_nothing) {
  Harness h;
  h.Send(BillRequest("b1", "RE-1"));
  h.Settle();
  const size_t events = h.Events().size();
  const size_t audits = h.Audit().size();
  AcceptRequest request = BillRequest("b2", "RE-1");
  request.validate_only = true;
  InvoiceOf(request).lines[0].account_code = "999999";
  InvoiceOf(request).lines[0].tax_names = {"42%"};
  const auto result = h.Accept(request);
  BOOST_REQUIRE(result.ok());
  std::set<std::string> reasons;
  for (const auto& finding : result->findings) reasons.insert(finding.reason);
  BOOST_TEST(reasons.contains("ACCOUNT_UNKNOWN"));
  BOOST_TEST(reasons.contains("TAX_UNKNOWN"));
  BOOST_TEST(reasons.contains("DUPLICATE_REFERENCE"));
  BOOST_TEST(h.Events().size() == events);
  BOOST_TEST(h.Audit().size() == audits);
  BOOST_TEST(h.erp->All("account.move").size() == 1U);
  request = BillRequest("b3", "RE-3");
  request.validate_only = true;
  BOOST_TEST(h.Accept(request)->findings.empty());
  BOOST_TEST(!h.Accept(BillRequest("b3", "RE-3"))->repeated);
}

BOOST_AUTO_TEST_CASE(configured_things_are_checked_before_they_are_kept) {
  Harness h;
  Connection connection = h.engine->GetConnection("main").value();
  const auto refuse = [&](const std::function<void(Connection&)>& spoil, Reason want) {
    Connection bad = connection;
    bad.name = "second";
    spoil(bad);
    BOOST_TEST(HasReason(h.engine->PutConnection(h.administrator, bad, true).status(), want));
  };
  refuse([](auto& c) { c.name = "Second"; }, Reason::kFieldInvalid);
  refuse([](auto& c) { c.name = "main"; }, Reason::kAlreadyExists);
  refuse([](auto& c) { c.url = "ftp://x"; }, Reason::kFieldInvalid);
  refuse([](auto& c) { c.login.clear(); }, Reason::kFieldMissing);
  refuse([](auto& c) { c.transport = "soap"; }, Reason::kFieldInvalid);
  refuse([](auto& c) { c.calls_in_flight_max = 33; }, Reason::kFieldInvalid);
  BOOST_TEST(HasReason(h.engine->PutConnection(h.program, connection, false).status(),
                       Reason::kPermissionDenied));
  Entity entity = h.engine->GetEntity("hamburg").value();
  entity.company_id = 2;
  BOOST_TEST(HasReason(h.engine->PutEntity(h.administrator, entity, false).status(),
                       Reason::kFieldConflict));
  entity.name = "bremen";
  entity.connection = "none";
  BOOST_TEST(HasReason(h.engine->PutEntity(h.administrator, entity, true).status(),
                       Reason::kConnectionUnknown));
  entity.connection = "main";
  entity.currency_code = "XXZ";
  BOOST_TEST(HasReason(h.engine->PutEntity(h.administrator, entity, true).status(),
                       Reason::kCurrencyUnknown));
}

BOOST_AUTO_TEST_CASE(an_update_without_a_key_keeps_the_key_and_no_audit_row_shows_it) {
  Harness h;
  h.SetConnection([](Connection& connection) {
    connection.api_key.clear();
    connection.login = "other";
  });
  BOOST_TEST(h.engine->GetConnection("main")->api_key == "secret-key");
  for (const auto& row : h.Audit()) {
    BOOST_TEST(row.before.find("secret-key") == std::string::npos);
    BOOST_TEST(row.after.find("secret-key") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(entities_connections_and_readings_survive_their_text) {
  Harness h;
  h.SetEntity([](Entity& entity) {
    entity.journals = {"INV", "BILL"};
    entity.accept_total_mismatch = true;
    entity.posting_rules.resize(1);
    entity.posting_rules[0].amount_from = model::Decimal::Parse("12.5").value();
  });
  const Entity entity = h.engine->GetEntity("hamburg").value();
  BOOST_TEST(ToJson(EntityFromJson(ToJson(entity)).value()) == ToJson(entity));
  for (const char* bad : {"", "[]", "{}", "{\"mode\":\"LOUD\"}", "nonsense"}) {
    BOOST_TEST(!EntityFromJson(bad).ok());
    BOOST_TEST(!ConnectionFromJson(bad).ok());
  }
  ports::ErpSnapshot snapshot;
  snapshot.exists = true;
  snapshot.record = {"account.move", 7, "INV/1"};
  snapshot.currency_code = "EUR";
  snapshot.total = model::Decimal::Parse("0.3").value();
  snapshot.date = DayOf("2026-11-20");
  const auto back = SnapshotFromJson(ToJson(snapshot, h.clock.Now()));
  BOOST_REQUIRE(back.ok());
  BOOST_TEST(ComparableOf(*back) == ComparableOf(snapshot));
  BOOST_TEST(ToJson(snapshot, h.clock.Now()).find("\"0.30\"") != std::string::npos);
}

}  // namespace
}  // namespace kontor::engine::testing
