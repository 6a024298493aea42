// SPDX-License-Identifier: Apache-2.0
// Reading changes and periods page by page: nothing skipped, nothing endless.
#include <map>
#include <set>

#include "tests/contract/odoo/rig.h"

namespace kontor::odoo::contract {
namespace {

/// Reads everything after the cursor in pages; ids by model.
std::map<std::string, std::multiset<int64_t>> ReadAll(Rig& rig, ports::ChangeCursor cursor,
                                                      int limit) {
  std::map<std::string, std::multiset<int64_t>> ids;
  constexpr int kPagesMax = 2000;
  for (int page_number = 0; page_number < kPagesMax; ++page_number) {
    const auto page = rig.erp().ReadChanges(rig.company_id(), cursor, limit, rig.Soon());
    REQUIRE_OK(page);
    BOOST_REQUIRE(page->snapshots.size() <= static_cast<size_t>(limit));
    for (const auto& snapshot : page->snapshots) {
      ids[snapshot.record.model].insert(snapshot.record.id);
    }
    if (!page->more) return ids;
    BOOST_REQUIRE(!page->snapshots.empty());
    BOOST_REQUIRE((std::pair(page->next.write_date, page->next.id) !=
                   std::pair(cursor.write_date, cursor.id)));
    cursor = page->next;
  }
  BOOST_FAIL("the pages do not end");
  return ids;
}

ODOO_TEST(changes_are_read_whole_even_when_many_share_a_second) {
  Rig rig(target_name);
  const model::ErpRecord before = rig.CreateOne(rig.Invoice());
  const std::string from = rig.ReadOne(before).write_date;
  std::vector<Draft> drafts;
  for (int i = 0; i < 7; ++i) drafts.push_back(rig.Invoice());
  const auto records = rig.Create(drafts);
  REQUIRE_OK(records);
  const model::ErpRecord payment = rig.Posted(rig.Payment("28.56"));
  for (const int limit : {1, 3, 1000}) {
    const auto seen = ReadAll(rig, {from, 0}, limit);
    for (const auto& record : *records) {
      BOOST_TEST(seen.at("account.move").count(record.id) == 1U, "limit " << limit);
    }
    BOOST_TEST(seen.at("account.payment").count(payment.id) == 1U, "limit " << limit);
  }
}

ODOO_TEST(a_payment_by_a_person_shows_up_after_the_cursor) {
  Rig rig(target_name);
  const model::ErpRecord invoice = rig.Posted(rig.Invoice());
  const model::ErpRecord payment = rig.Posted(rig.Payment("10"));
  const std::string from = rig.ReadOne(payment).write_date;
  REQUIRE_OK(rig.Reconcile(payment, invoice));
  const auto page = rig.erp().ReadChanges(rig.company_id(), {from, 0}, 1000, rig.Soon());
  REQUIRE_OK(page);
  bool found = false;
  for (const auto& snapshot : page->snapshots) {
    if (!(snapshot.record.model == "account.move" && snapshot.record.id == invoice.id)) continue;
    found = true;
    BOOST_TEST(snapshot.payment_state == "partial");
    BOOST_TEST(snapshot.residual.ToString() == "18.56");
  }
  BOOST_TEST(found);
}

ODOO_TEST(a_malformed_cursor_is_refused) {
  Rig rig(target_name);
  const auto page = rig.erp().ReadChanges(rig.company_id(), {"yesterday", 5}, 10, rig.Soon());
  BOOST_REQUIRE(!page.ok());
  BOOST_TEST((base::OutcomeOf(page.status()) != base::Outcome::kUnknown));
}

ODOO_TEST(the_moves_of_a_period_carry_their_external_ids) {
  Rig rig(target_name);
  const Draft draft = rig.Invoice();
  const Draft paid = rig.Payment("7");
  const model::ErpRecord invoice = rig.Posted(draft);
  const model::ErpRecord payment = rig.Posted(paid);
  const int64_t payment_move = rig.ReadOne(payment).move_id;
  std::map<int64_t, std::string> external_ids;
  int64_t after = 0;
  while (true) {
    const auto page = rig.erp().ReadMoves(rig.company_id(), SomeDay(), SomeDay().PlusDays(2), after,
                                          50, rig.Soon());
    REQUIRE_OK(page);
    for (const auto& snapshot : page->snapshots) {
      external_ids[snapshot.record.id] = snapshot.external_id;
    }
    if (!page->more) break;
    BOOST_REQUIRE(page->next.id > after);
    after = page->next.id;
  }
  BOOST_TEST(external_ids[invoice.id] == draft.external_id);
  BOOST_TEST(external_ids[payment_move] == paid.external_id);
}

}  // namespace
}  // namespace kontor::odoo::contract
