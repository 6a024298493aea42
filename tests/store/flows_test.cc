// SPDX-License-Identifier: Apache-2.0
// Flows: what has a life of its own without being an operation; their keys, lines and bytes.
#include <atomic>
#include <thread>

#include "server/base/strings.h"
#include "tests/store/fixture.h"

namespace kontor::store::testing {
namespace {

using base::StrCat;
using ports::BlobRow;
using ports::FlowKey;
using ports::FlowLineRow;
using ports::FlowRow;
using ports::ReadView;
using ports::Unit;

struct FlowsFixture : StoreFixture {
  FlowsFixture() { Open(); }
  FlowRow New(const std::string& id, const std::string& state = "DRAFT") {
    FlowRow row;
    row.kind = "payment_order";
    row.id = id;
    row.entity = "demo";
    row.group = "main";
    row.state = state;
    row.body = R"({"creditor":"DE02120300000000202051"})";
    row.created = row.updated = clock.Now();
    return row;
  }
  absl::Status Put(FlowRow& row) {
    return Write([&](Unit& unit) { return unit.PutFlow(row); });
  }
  std::string Reserve(const FlowKey& key) {
    std::string holder;
    KONTOR_TEST_OK(Write([&](Unit& unit) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(holder, unit.ReserveFlowKey(key));
      return absl::OkStatus();
    }));
    return holder;
  }
  std::vector<std::string> ByKey(const std::string& space, const std::string& key) {
    std::vector<std::string> found;
    KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(found, view.FlowsByKey(space, key, 10));
      return absl::OkStatus();
    }));
    return found;
  }
  std::vector<std::string> Due(absl::Time now) {
    std::vector<std::string> found;
    KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(const auto rows, view.DueFlows("payment_order", now, 10));
      for (const FlowRow& row : rows) found.push_back(row.id);
      return absl::OkStatus();
    }));
    return found;
  }
  std::vector<std::string> List(const ports::FlowFilter& filter) {
    std::vector<std::string> found;
    KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(const auto listed, view.ListFlows(filter, {}));
      for (const FlowRow& row : listed.rows) found.push_back(row.id);
      return absl::OkStatus();
    }));
    return found;
  }
};

using Names = std::vector<std::string>;

BOOST_FIXTURE_TEST_SUITE(flows, FlowsFixture)

BOOST_AUTO_TEST_CASE(a_flow_comes_back_as_it_was_put) {
  FlowRow row = New("pmo_1");
  row.due = clock.Now() + absl::Minutes(5);
  KONTOR_TEST_OK(Put(row));
  KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto found, view.FindFlow("pmo_1"));
    BOOST_TEST_REQUIRE(found.has_value());
    BOOST_TEST(found->kind == row.kind);
    BOOST_TEST(found->entity == row.entity);
    BOOST_TEST(found->group == row.group);
    BOOST_TEST(found->state == row.state);
    BOOST_TEST(found->open);
    BOOST_TEST(found->due == row.due);
    BOOST_TEST(found->body == row.body);
    BOOST_TEST(found->version == 1);
    KONTOR_ASSIGN_OR_RETURN(const auto none, view.FindFlow("pmo_2"));
    BOOST_TEST(!none.has_value());
    return absl::OkStatus();
  }));
}

BOOST_AUTO_TEST_CASE(a_flow_is_put_once_and_changed_only_from_the_version_that_was_read) {
  FlowRow row = New("pmo_1");
  KONTOR_TEST_OK(Put(row));
  FlowRow again = New("pmo_1");
  KONTOR_TEST_REASON(Put(again), kAlreadyExists);
  FlowRow stale = row;
  KONTOR_TEST_OK(Put(row));
  KONTOR_TEST_REASON(Put(stale), kVersionConflict);
  FlowRow other_kind = row;
  other_kind.kind = "statement";
  KONTOR_TEST_REASON(Put(other_kind), kVersionConflict);
  FlowRow nameless = New("pmo_2");
  nameless.state = "";
  KONTOR_TEST_REASON(Put(nameless), kFieldMissing);
}

BOOST_AUTO_TEST_CASE(only_open_flows_become_due_and_the_longest_waiting_comes_first) {
  FlowRow later = New("pmo_1");
  later.due = clock.Now() + absl::Minutes(2);
  FlowRow sooner = New("pmo_2");
  sooner.due = clock.Now() + absl::Minutes(1);
  FlowRow never = New("pmo_3");
  FlowRow finished = New("pmo_4", "SETTLED");
  finished.open = false;
  finished.due = clock.Now();
  for (FlowRow* row : {&later, &sooner, &never, &finished}) KONTOR_TEST_OK(Put(*row));
  BOOST_TEST(Due(clock.Now()) == Names(), boost::test_tools::per_element());
  BOOST_TEST(Due(clock.Now() + absl::Minutes(1)) == Names({"pmo_2"}),
             boost::test_tools::per_element());
  BOOST_TEST(Due(clock.Now() + absl::Hours(1)) == Names({"pmo_2", "pmo_1"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lists_filter_by_entity_group_state_and_openness_newest_first) {
  FlowRow first = New("pmo_1");
  FlowRow second = New("pmo_2", "HELD");
  FlowRow third = New("pmo_3", "SETTLED");
  third.open = false;
  third.group = "second";
  FlowRow fourth = New("pmo_4");
  fourth.entity = "other";
  for (FlowRow* row : {&first, &second, &third, &fourth}) KONTOR_TEST_OK(Put(*row));
  const struct {
    ports::FlowFilter filter;
    Names expected;
  } cases[] = {
      {{"payment_order", "", "", {}, {}}, {"pmo_4", "pmo_3", "pmo_2", "pmo_1"}},
      {{"payment_order", "demo", "", {}, {}}, {"pmo_3", "pmo_2", "pmo_1"}},
      {{"payment_order", "demo", "second", {}, {}}, {"pmo_3"}},
      {{"payment_order", "", "", {"HELD", "SETTLED"}, {}}, {"pmo_3", "pmo_2"}},
      {{"payment_order", "", "", {}, true}, {"pmo_4", "pmo_2", "pmo_1"}},
      {{"payment_order", "", "", {}, false}, {"pmo_3"}},
      {{"statement", "", "", {}, {}}, {}},
  };
  for (const auto& each : cases) {
    BOOST_TEST(List(each.filter) == each.expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_list_is_paged_and_a_token_of_another_list_is_refused) {
  for (int i = 0; i < 5; ++i) {
    FlowRow row = New(StrCat("pmo_", i));
    KONTOR_TEST_OK(Put(row));
  }
  KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
    ports::FlowFilter orders;
    orders.kind = "payment_order";
    KONTOR_ASSIGN_OR_RETURN(const auto first, view.ListFlows(orders, {2, ""}));
    BOOST_TEST_REQUIRE(first.rows.size() == 2U);
    KONTOR_ASSIGN_OR_RETURN(const auto rest, view.ListFlows(orders, {9, first.next}));
    BOOST_TEST(rest.rows.size() == 3U);
    BOOST_TEST(rest.next.empty());
    ports::FlowFilter statements;
    statements.kind = "statement";
    KONTOR_TEST_REASON(view.ListFlows(statements, {2, first.next}).status(), kPageTokenInvalid);
    return absl::OkStatus();
  }));
}

BOOST_AUTO_TEST_CASE(a_reserved_key_belongs_to_one_flow_within_its_space) {
  BOOST_TEST(Reserve({"message_id", "M1", "pmo_1"}) == "pmo_1");
  BOOST_TEST(Reserve({"message_id", "M1", "pmo_1"}) == "pmo_1");
  BOOST_TEST(Reserve({"message_id", "M1", "pmo_2"}) == "pmo_1");
  BOOST_TEST(Reserve({"end_to_end_id", "M1", "pmo_2"}) == "pmo_2");
  BOOST_TEST(ByKey("message_id", "M1") == Names({"pmo_1"}), boost::test_tools::per_element());
  KONTOR_TEST_OK(Write([](Unit& unit) { return unit.ReleaseFlowKeys("message_id", "pmo_1"); }));
  BOOST_TEST(Reserve({"message_id", "M1", "pmo_2"}) == "pmo_2");
  for (const FlowKey& bad : {FlowKey{"", "k", "f"}, FlowKey{"s", "", "f"}, FlowKey{"s", "k", ""}}) {
    KONTOR_TEST_REASON(
        Write([&](Unit& unit) { return unit.ReserveFlowKey(bad).status(); }), kFieldMissing);
  }
  const FlowKey large{"s", std::string(1001, 'k'), "f"};
  KONTOR_TEST_REASON(Write([&](Unit& unit) { return unit.ShareFlowKey(large); }), kFieldTooLong);
}

BOOST_AUTO_TEST_CASE(shared_keys_find_every_flow_that_has_them) {
  KONTOR_TEST_OK(Write([](Unit& unit) -> absl::Status {
    KONTOR_RETURN_IF_ERROR(unit.ShareFlowKey({"creditor", "DE02", "pmo_2"}));
    KONTOR_RETURN_IF_ERROR(unit.ShareFlowKey({"creditor", "DE02", "pmo_1"}));
    return unit.ShareFlowKey({"creditor", "DE02", "pmo_1"});
  }));
  BOOST_TEST(ByKey("creditor", "DE02") == Names({"pmo_1", "pmo_2"}),
             boost::test_tools::per_element());
  BOOST_TEST(ByKey("creditor", "DE03") == Names(), boost::test_tools::per_element());
  BOOST_TEST(ByKey("creditor", "") == Names(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_twenty_racing_reservations_one_flow_gets_the_key) {
  std::atomic<int> won = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back([&, i] {
      const std::string flow = StrCat("pmo_", i);
      std::string holder;
      const auto status = store->Commit([&](Unit& unit) -> absl::Status {
        KONTOR_ASSIGN_OR_RETURN(holder, unit.ReserveFlowKey({"bill", "7", flow}));
        return absl::OkStatus();
      });
      if (status.ok() && holder == flow) ++won;
    });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(won == 1);
}

BOOST_AUTO_TEST_CASE(a_line_whose_key_stands_already_is_not_added_again) {
  const auto line = [](const std::string& flow, int64_t number, const std::string& key) {
    return FlowLineRow{flow, number, key, "BOOKED", R"({"amount":"1.00"})"};
  };
  std::vector<bool> added;
  KONTOR_TEST_OK(Write([&](Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(
        added, unit.AddFlowLines({line("stm_1", 1, "a"), line("stm_1", 2, ""),
                                  line("stm_1", 3, ""), line("stm_2", 1, "a")}));
    return absl::OkStatus();
  }));
  const std::vector<bool> expected = {true, true, true, false};
  BOOST_TEST(added == expected, boost::test_tools::per_element());
  KONTOR_TEST_REASON(
      Write([&](Unit& unit) { return unit.AddFlowLines({line("stm_1", 0, "b")}).status(); }),
      kFieldMissing);
}

BOOST_AUTO_TEST_CASE(lines_are_read_in_pages_and_changed_in_place) {
  KONTOR_TEST_OK(Write([](Unit& unit) -> absl::Status {
    std::vector<FlowLineRow> lines;
    for (int i = 1; i <= 5; ++i) {
      lines.push_back({"stm_1", i, "", "BOOKED", StrCat("{\"n\":", i, "}")});
    }
    KONTOR_RETURN_IF_ERROR(unit.AddFlowLines(lines).status());
    return unit.UpdateFlowLine({"stm_1", 4, "", "MATCHED", "{}"});
  }));
  KONTOR_TEST_OK(Read([](ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto page, view.FlowLines("stm_1", 2, 2));
    BOOST_TEST_REQUIRE(page.size() == 2U);
    BOOST_TEST(page[0].number == 3);
    BOOST_TEST(page[0].body == "{\"n\":3}");
    BOOST_TEST(page[1].state == "MATCHED");
    return absl::OkStatus();
  }));
  KONTOR_TEST_REASON(Write([](Unit& unit) {
                       return unit.UpdateFlowLine({"stm_1", 6, "", "MATCHED", "{}"});
                     }),
                     kNotFound);
}

BOOST_AUTO_TEST_CASE(bytes_are_kept_in_parts_and_never_changed) {
  const std::string bytes("\x00\xff<xml>", 7);
  BlobRow row;
  row.id = "blb_1";
  row.flow_id = "inb_1";
  row.kind = "received";
  row.sha256 = crypto.Sha256Hex(bytes);
  row.bytes = static_cast<int64_t>(bytes.size());
  row.parts = 1;
  row.facts = R"({"x-signature":"abc"})";
  row.created = clock.Now();
  KONTOR_TEST_OK(Write([&](Unit& unit) -> absl::Status {
    KONTOR_RETURN_IF_ERROR(unit.InsertBlob(row));
    return unit.InsertBlobPart("blb_1", 1, bytes);
  }));
  KONTOR_TEST_REASON(Write([&](Unit& unit) { return unit.InsertBlob(row); }), kAlreadyExists);
  KONTOR_TEST_REASON(Write([&](Unit& unit) { return unit.InsertBlobPart("blb_1", 1, "x"); }),
                     kAlreadyExists);
  const std::string large(static_cast<size_t>(ports::kBlobPartBytesMax) + 1, 'x');
  KONTOR_TEST_REASON(Write([&](Unit& unit) { return unit.InsertBlobPart("blb_1", 2, large); }),
                     kFieldTooLong);
  KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto found, view.FindBlob("blb_1"));
    BOOST_TEST_REQUIRE(found.has_value());
    BOOST_TEST(found->sha256 == row.sha256);
    BOOST_TEST(found->facts == row.facts);
    KONTOR_ASSIGN_OR_RETURN(const auto of_flow, view.BlobsOfFlow("inb_1"));
    BOOST_TEST(of_flow.size() == 1U);
    KONTOR_ASSIGN_OR_RETURN(const std::string part, view.BlobPart("blb_1", 1));
    BOOST_TEST(part == bytes);
    KONTOR_TEST_REASON(view.BlobPart("blb_1", 2).status(), kNotFound);
    return absl::OkStatus();
  }));
}

BOOST_AUTO_TEST_CASE(neither_bodies_nor_keys_nor_bytes_lie_readable_at_rest) {
  FlowRow row = New("pmo_1");
  KONTOR_TEST_OK(Put(row));
  KONTOR_TEST_OK(Write([&](Unit& unit) -> absl::Status {
    KONTOR_RETURN_IF_ERROR(
        unit.ShareFlowKey({"creditor", "DE02120300000000202051", "pmo_1"}));
    KONTOR_RETURN_IF_ERROR(unit.AddFlowLines(
        {{"pmo_1", 1, "DE02120300000000202051", "BOOKED", "{\"iban\":\"DE02120300000000202051\"}"}})
                               .status());
    return unit.InsertBlobPart("blb_1", 1, "DE02120300000000202051");
  }));
  BOOST_TEST(AtRest().find("DE0212030000") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_commit_tells_which_kinds_of_flow_it_changed) {
  Names told;
  store->OnCommit([&](const ports::CommitNotice& notice) {
    told.insert(told.end(), notice.flow_kinds.begin(), notice.flow_kinds.end());
  });
  FlowRow row = New("pmo_1");
  KONTOR_TEST_OK(Put(row));
  store->Submit([](Unit&) { return absl::OkStatus(); }, {});
  KONTOR_TEST_OK(Write([](Unit&) { return absl::OkStatus(); }));
  BOOST_TEST(told == Names({"payment_order"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::store::testing
