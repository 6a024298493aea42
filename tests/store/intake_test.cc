// SPDX-License-Identifier: Apache-2.0
// What is kept first and filed later: on disk when it is answered, in its place once, in order, and
// known by its keys all the while.
#include <atomic>
#include <future>

#include "server/base/strings.h"
#include "tests/store/fixture.h"

namespace kontor::store::testing {
namespace {

using base::Reason;
using base::StrCat;
using ports::KeptRecord;
using ports::Unit;

constexpr char kKind[] = "note";
constexpr char kSpace[] = "note_key";

/// What files notes as flows, as the tests want it.
struct Filing {
  std::vector<std::string> order;
  std::function<absl::Status(const KeptRecord&)> fails = [](const KeptRecord&) {
    return absl::OkStatus();
  };
};

struct IntakeFixture : StoreFixture {
  ports::IntakeKind Notes() {
    ports::IntakeKind kind;
    kind.name = kKind;
    kind.key_space = kSpace;
    kind.file = [this](Unit& unit, const KeptRecord& record) -> absl::Status {
      KONTOR_RETURN_IF_ERROR(filing.fails(record));
      KONTOR_ASSIGN_OR_RETURN(const auto known, unit.FindFlow(record.id));
      if (known.has_value()) return absl::OkStatus();
      filing.order.push_back(record.id);
      for (const std::string& key : record.keys) {
        KONTOR_RETURN_IF_ERROR(unit.ReserveFlowKey({kSpace, key, record.id}).status());
      }
      ports::FlowRow flow;
      flow.kind = kKind;
      flow.id = record.id;
      flow.state = "FILED";
      flow.body = record.content;
      return unit.PutFlow(flow);
    };
    return kind;
  }
  /// Opens the store; `files`: and begins to file.
  ports::Intake& OpenIntake(bool files) {
    Open().intake()->Add(Notes());
    if (files) store->intake()->Start();
    return *store->intake();
  }
  /// What Keep answered: empty, or who has the key.
  absl::StatusOr<std::string> Keep(const std::string& id, std::vector<std::string> keys = {}) {
    std::promise<absl::StatusOr<std::string>> answer;
    store->intake()->Keep({kKind, id, keys, StrCat("\"content of ", id, "\"")},
                          [&](const absl::Status& status, const std::string& holder) {
                            if (status.ok()) {
                              answer.set_value(holder);
                            } else {
                              answer.set_value(status);
                            }
                          });
    return answer.get_future().get();
  }
  void AwaitFiled() {
    auto filed = std::make_shared<std::promise<void>>();
    store->intake()->WhenFiled([filed] { filed->set_value(); });
    filed->get_future().get();
  }
  int64_t Filed() { return SqlInt("select count(*) from flows"); }
  int64_t Rows() { return SqlInt("select count(*) from intake"); }

  Filing filing;
};

/// A suite of its own for what PostgreSQL does not have.
struct SqliteOnly {
  boost::test_tools::assertion_result operator()(boost::unit_test::test_unit_id) {
    return !OnPostgresql();
  }
};

BOOST_FIXTURE_TEST_SUITE(intake, IntakeFixture)

BOOST_AUTO_TEST_CASE(only_a_store_of_one_node_keeps_first) {
  Open();
  BOOST_TEST((store->intake() == nullptr) == OnPostgresql());
}

BOOST_AUTO_TEST_CASE(what_is_kept_is_on_disk_and_sealed_before_it_is_filed,
                     *boost::unit_test::precondition(SqliteOnly())) {
  OpenIntake(false);
  BOOST_TEST(Keep("n1").value().empty());
  BOOST_TEST(Rows() == 1);
  BOOST_TEST(Filed() == 0);
  BOOST_TEST(store->intake()->Waiting() == 1);
  BOOST_TEST(AtRest().find("content of n1") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_kept_is_filed_once_and_in_order,
                     *boost::unit_test::precondition(SqliteOnly())) {
  OpenIntake(true);
  std::vector<std::string> kept;
  for (int i = 0; i < 50; ++i) {
    kept.push_back(StrCat("n", i));
    BOOST_TEST(Keep(kept.back()).value().empty());
  }
  AwaitFiled();
  BOOST_TEST(filing.order == kept, boost::test_tools::per_element());
  BOOST_TEST(Filed() == 50);
  BOOST_TEST(store->intake()->Waiting() == 0);
  Close();
  BOOST_TEST(Rows() == 0);
}

BOOST_AUTO_TEST_CASE(what_was_not_filed_is_filed_by_the_next_run,
                     *boost::unit_test::precondition(SqliteOnly())) {
  OpenIntake(false);
  BOOST_TEST(Keep("n1", {"k1"}).value().empty());
  BOOST_TEST(Keep("n2", {"k2"}).value().empty());
  OpenIntake(false);
  BOOST_TEST(store->intake()->Waiting() == 2);
  BOOST_TEST(Keep("n3", {"k2"}).value() == "n2");
  store->intake()->Start();
  AwaitFiled();
  BOOST_TEST(filing.order == (std::vector<std::string>{"n1", "n2"}));
}

BOOST_AUTO_TEST_CASE(what_was_filed_and_is_met_again_after_a_crash_stays_one,
                     *boost::unit_test::precondition(SqliteOnly())) {
  OpenIntake(false);
  BOOST_TEST(Keep("n1", {"k1"}).value().empty());
  Sql("create table copied as select * from intake");
  store->intake()->Start();
  AwaitFiled();
  Close();
  Sql("insert into intake select * from copied");
  OpenIntake(true);
  AwaitFiled();
  BOOST_TEST(filing.order.size() == 1U);
  BOOST_TEST(Filed() == 1);
}

BOOST_AUTO_TEST_CASE(a_key_has_one_record_before_and_after_it_is_filed,
                     *boost::unit_test::precondition(SqliteOnly())) {
  OpenIntake(false);
  BOOST_TEST(Keep("n1", {"a", "b"}).value().empty());
  BOOST_TEST(Keep("n2", {"b"}).value() == "n1");
  store->intake()->Start();
  AwaitFiled();
  BOOST_TEST(Keep("n3", {"c", "a"}).value() == "n1");
  BOOST_TEST(Keep("n4", {"c"}).value().empty());
  AwaitFiled();
  BOOST_TEST(filing.order == (std::vector<std::string>{"n1", "n4"}));
}

BOOST_AUTO_TEST_CASE(of_fifty_at_once_with_one_key_one_is_kept,
                     *boost::unit_test::precondition(SqliteOnly())) {
  OpenIntake(true);
  std::atomic<int> kept = 0;
  std::atomic<int> held = 0;
  std::promise<void> all;
  constexpr int kCount = 50;
  for (int i = 0; i < kCount; ++i) {
    store->intake()->Keep({kKind, StrCat("n", i), {"same"}, "{}"},
                          [&](const absl::Status& status, const std::string& holder) {
                            BOOST_TEST(status.ok());
                            ++(holder.empty() ? kept : held);
                            if (kept + held == kCount) all.set_value();
                          });
  }
  all.get_future().get();
  AwaitFiled();
  BOOST_TEST(kept == 1);
  BOOST_TEST(Filed() == 1);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_filed_holds_up_nobody_and_is_not_lost,
                     *boost::unit_test::precondition(SqliteOnly())) {
  OpenIntake(true);
  filing.fails = [](const KeptRecord& record) -> absl::Status {
    if (record.id != "n1") return absl::OkStatus();
    return base::Error(Reason::kInternal).Says("a defect");
  };
  BOOST_TEST(Keep("n1", {"k"}).value().empty());
  BOOST_TEST(Keep("n2").value().empty());
  AwaitFiled();
  BOOST_TEST(filing.order == (std::vector<std::string>{"n2"}));
  BOOST_TEST(store->intake()->Waiting() == 1);
  BOOST_TEST(Keep("n3", {"k"}).value() == "n1");
  Close();
  BOOST_TEST(Rows() == 1);
  filing.fails = [](const KeptRecord&) { return absl::OkStatus(); };
  OpenIntake(true);
  AwaitFiled();
  BOOST_TEST(filing.order == (std::vector<std::string>{"n2", "n1"}));
}

BOOST_AUTO_TEST_CASE(what_the_store_refuses_for_now_is_filed_later_and_in_order,
                     *boost::unit_test::precondition(SqliteOnly())) {
  OpenIntake(true);
  bool full = true;
  filing.fails = [&](const KeptRecord& record) -> absl::Status {
    if (record.id != "n1" || !std::exchange(full, false)) return absl::OkStatus();
    return base::Error(Reason::kStoreFull).Says("no room");
  };
  BOOST_TEST(Keep("n1").value().empty());
  AwaitFiled();
  BOOST_TEST(filing.order == (std::vector<std::string>{"n1"}));
}

BOOST_AUTO_TEST_CASE(more_than_may_wait_is_refused_and_taken_when_there_is_room,
                     *boost::unit_test::precondition(SqliteOnly())) {
  settings.intake_records_max = 2;
  OpenIntake(false);
  BOOST_TEST(Keep("n1").ok());
  BOOST_TEST(Keep("n2").ok());
  KONTOR_TEST_REASON(Keep("n3").status(), kQueueFull);
  store->intake()->Start();
  AwaitFiled();
  BOOST_TEST(Keep("n3").ok());
  AwaitFiled();
  settings.intake_records_max = 200'000;
  settings.intake_bytes_max = 10;
  OpenIntake(false);
  BOOST_TEST(Keep("n4").ok());
  KONTOR_TEST_REASON(Keep("n5").status(), kQueueFull);
}

BOOST_AUTO_TEST_CASE(of_many_that_come_together_each_is_told_who_has_its_key,
                     *boost::unit_test::precondition(SqliteOnly())) {
  OpenIntake(true);
  constexpr int kCount = 100;  // more than one statement asks for
  for (int i = 0; i < kCount; ++i) {
    BOOST_TEST(Keep(StrCat("n", i), {StrCat("k", i), StrCat("l", i)}).value().empty());
  }
  AwaitFiled();
  BOOST_TEST(Filed() == kCount);
  std::vector<std::string> holders(kCount);
  std::atomic<int> answered = 0;
  std::promise<void> all;
  for (int i = 0; i < kCount; ++i) {
    store->intake()->Keep({kKind, StrCat("m", i), {StrCat("new", i), StrCat("l", i)}, "{}"},
                          [&, i](const absl::Status& status, const std::string& holder) {
                            BOOST_TEST(status.ok());
                            holders[static_cast<size_t>(i)] = holder;
                            if (++answered == kCount) all.set_value();
                          });
  }
  all.get_future().get();
  for (int i = 0; i < kCount; ++i) BOOST_TEST(holders[static_cast<size_t>(i)] == StrCat("n", i));
  BOOST_TEST(store->intake()->Waiting() == 0);
}

BOOST_AUTO_TEST_CASE(nothing_is_kept_once_it_has_stopped,
                     *boost::unit_test::precondition(SqliteOnly())) {
  OpenIntake(true);
  store->intake()->Stop();
  KONTOR_TEST_REASON(Keep("n1").status(), kShuttingDown);
  AwaitFiled();  // answered at once
  BOOST_TEST(Rows() == 0);
}

BOOST_AUTO_TEST_CASE(a_kind_that_nobody_files_is_not_kept,
                     *boost::unit_test::precondition(SqliteOnly())) {
  OpenIntake(true);
  std::promise<absl::Status> answer;
  store->intake()->Keep(
      {"unknown", "n1", {"k"}, "{}"},
      [&](const absl::Status& status, const std::string&) { answer.set_value(status); });
  KONTOR_TEST_REASON(answer.get_future().get(), kInternal);
  BOOST_TEST(store->intake()->Waiting() == 0);
  BOOST_TEST(Rows() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::store::testing
