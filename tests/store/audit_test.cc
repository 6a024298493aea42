// SPDX-License-Identifier: Apache-2.0
// The audit chain: every way of changing it outside kontor is found, with or without the service.
#include <fstream>

#include "server/base/strings.h"
#include "tests/store/fixture.h"

namespace kontor::store::testing {
namespace {

using base::StrCat;
using ports::Unit;

struct AuditFixture : StoreFixture {
  AuditFixture() {
    settings.audit_head_file = StrCat(folder, "/audit.head");
    Open();
    for (int i = 1; i <= 5; ++i) {
      ports::AuditEntry entry = NewAudit(StrCat("inv_", i));
      entry.time += absl::Nanoseconds(1500);  // Finer than what is kept.
      entry.before = R"({"state":"HELD"})";
      entry.after = R"({"state":"READY"})";
      entry.reason = "Grüße";
      KONTOR_TEST_OK(Write([&](Unit& unit) { return unit.AppendAudit(entry); }));
    }
    head = *store->AuditHead();
    Close();
  }
  absl::StatusOr<int64_t> Verify(const std::string& exported) {
    return VerifyAuditOffline(settings.url, exported, crypto);
  }
  std::string head;
};

BOOST_FIXTURE_TEST_SUITE(audit, AuditFixture)

BOOST_AUTO_TEST_CASE(an_untouched_chain_verifies_online_and_offline) {
  BOOST_TEST(Verify("").value() == 5);
  BOOST_TEST(Verify(head).value() == 5);
  Open();
  int64_t rows = 0;
  KONTOR_TEST_OK(store->VerifyAudit(head, &rows));
  BOOST_TEST(rows == 5);
}

BOOST_AUTO_TEST_CASE(the_head_is_written_outside_and_an_older_one_still_fits) {
  std::string line;
  std::ifstream(settings.audit_head_file) >> line;
  BOOST_TEST(line == head);
  Open();
  KONTOR_TEST_OK(Write([&](Unit& unit) { return unit.AppendAudit(NewAudit("inv_6")); }));
  KONTOR_TEST_OK(store->VerifyAudit(line, nullptr));
  Close();
  std::string later;
  std::ifstream(settings.audit_head_file) >> later;
  BOOST_TEST(later != line);
  BOOST_TEST(Verify(later).value() == 6);
}

BOOST_AUTO_TEST_CASE(every_change_outside_kontor_is_found) {
  const char* changes[] = {
      "update audit set actor = 'someone' where sequence = 3",
      "update audit set reason = '' where sequence = 5",
      "update audit set time_us = time_us + 1 where sequence = 2",
      "update audit set state_before = state_after, state_after = state_before where sequence = 1",
      "update audit set hash = previous_hash where sequence = 4",
      "delete from audit where sequence = 1",
      "delete from audit where sequence = 3",
      "delete from audit where sequence = 5",
      "delete from audit",
      "update audit set sequence = 10 where sequence = 5",
      "insert into audit select 6, time_us, actor, role, action, subject, entity, state_before, "
      "state_after, reason, policy_version, correlation_id, hash, hash from audit "
      "where sequence = 5"};
  for (const char* change : changes) {
    BOOST_TEST_CONTEXT(change) {
      Sql("create table kept as select * from audit");
      Sql(change);
      KONTOR_TEST_REASON(Verify("").status(), kAuditBroken);
      KONTOR_TEST_REASON(Verify(head).status(), kAuditBroken);
      Sql("delete from audit");
      Sql("insert into audit select * from kept");
      Sql("drop table kept");
      BOOST_TEST(Verify(head).ok());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_truncation_that_mends_the_stores_own_head_is_found_by_the_exported_one) {
  Sql("delete from audit where sequence > 3");
  Sql("update heads set audit_sequence = 3, "
      "audit_hash = (select hash from audit where sequence = 3)");
  BOOST_TEST(Verify("").ok());  // Nothing inside the store can tell.
  KONTOR_TEST_REASON(Verify(head).status(), kAuditBroken);
}

BOOST_AUTO_TEST_CASE(a_head_of_another_history_is_found) {
  std::string other = head;
  other.back() = other.back() == '0' ? '1' : '0';
  KONTOR_TEST_REASON(Verify(other).status(), kAuditBroken);
}

BOOST_AUTO_TEST_CASE(heads_that_make_no_sense_are_refused) {
  for (const char* bad : {"5", "5:", ":", "x:ab", "-1:", "5:XYZ", "0:ab", "5:abcd"}) {
    BOOST_TEST_CONTEXT(bad) { KONTOR_TEST_REASON(Verify(bad).status(), kFieldInvalid); }
  }
  BOOST_TEST(Verify("0:").ok());
  BOOST_TEST(Verify(StrCat(head, "\n")).ok());
}

BOOST_AUTO_TEST_CASE(rows_are_listed_in_order_and_need_an_actor_and_an_action) {
  Open();
  KONTOR_TEST_OK(Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto rows, view.ListAudit(2, 2));
    BOOST_TEST_REQUIRE(rows.size() == 2U);
    BOOST_TEST(rows[0].sequence == 3);
    BOOST_TEST(rows[0].subject == "inv_3");
    BOOST_TEST(rows[0].reason == "Grüße");
    BOOST_TEST(rows[1].previous_hash == rows[0].hash);
    return absl::OkStatus();
  }));
  ports::AuditEntry entry = NewAudit("inv_1");
  entry.actor.clear();
  KONTOR_TEST_REASON(Write([&](Unit& unit) { return unit.AppendAudit(entry); }), kFieldMissing);
}

BOOST_AUTO_TEST_CASE(verifying_where_there_is_no_store_is_an_error) {
  KONTOR_TEST_REASON(
      VerifyAuditOffline(StrCat("sqlite:", folder, "/none.db"), "", crypto).status(),
      kStoreUnavailable);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::store::testing
