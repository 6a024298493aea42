// SPDX-License-Identifier: Apache-2.0
// Units of work: idempotent inserts, savepoints, the queue, texts and numbers at the edges.
#include <atomic>
#include <future>
#include <mutex>
#include <thread>

#include "server/base/strings.h"
#include "tests/store/fixture.h"

namespace kontor::store::testing {
namespace {

using base::StrCat;
using ports::RequestRow;
using ports::Unit;

BOOST_FIXTURE_TEST_SUITE(units, StoreFixture)

RequestRow Request(const std::string& source, const std::string& id, const std::string& digest) {
  return {source, id, digest, 1, "opn_1", "inv_1"};
}

BOOST_AUTO_TEST_CASE(a_request_id_is_taken_once_within_its_source) {
  Open();
  const auto insert = [&](RequestRow row) {
    return Write([row](Unit& unit) { return unit.InsertRequest(row); });
  };
  KONTOR_TEST_OK(insert(Request("shop", "r1", "aa")));
  KONTOR_TEST_REASON(insert(Request("shop", "r1", "bb")), kAlreadyExists);
  KONTOR_TEST_OK(insert(Request("other", "r1", "cc")));
  KONTOR_TEST_OK(Read([](ports::ReadView& view) -> absl::Status {
    const auto first = view.FindRequest("shop", "r1");
    BOOST_TEST_REQUIRE((first.ok() && first->has_value()));
    BOOST_TEST((*first)->digest == "aa");
    BOOST_TEST((*first)->operation_id == "opn_1");
    BOOST_TEST((*first)->document_id == "inv_1");
    const auto none = view.FindRequest("shop", "r2");
    BOOST_TEST_REQUIRE(none.ok());
    BOOST_TEST(!none->has_value());
    return absl::OkStatus();
  }));
}

BOOST_AUTO_TEST_CASE(of_fifty_racing_requests_with_one_id_exactly_one_wins) {
  Open();
  std::atomic<int> won = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 50; ++i) {
    threads.emplace_back([&, i] {
      const auto status = store->Commit([i](Unit& unit) {
        return unit.InsertRequest(Request("shop", "same", StrCat("d", i)));
      });
      (status.ok() ? won : refused) += 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(won == 1);
  BOOST_TEST(refused == 49);
}

BOOST_AUTO_TEST_CASE(a_unit_that_fails_undoes_itself_alone) {
  Open();
  std::vector<std::future<absl::Status>> results;
  for (int i = 0; i < 30; ++i) {
    auto promise = std::make_shared<std::promise<absl::Status>>();
    results.push_back(promise->get_future());
    store->Submit(
        [i, this](Unit& unit) -> absl::Status {
          KONTOR_RETURN_IF_ERROR(unit.InsertRequest(Request("shop", StrCat("r", i), "d")));
          KONTOR_RETURN_IF_ERROR(unit.AppendEvent(NewEvent(StrCat("inv_", i))));
          if (i % 3 == 1) return base::Error(base::Reason::kStateConflict).Says("no");
          if (i % 3 == 2) throw std::runtime_error("thrown");
          return absl::OkStatus();
        },
        [promise](absl::Status status) { promise->set_value(std::move(status)); });
  }
  for (int i = 0; i < 30; ++i) {
    const absl::Status status = results[static_cast<size_t>(i)].get();
    if (i % 3 == 0) KONTOR_TEST_OK(status);
    if (i % 3 == 1) KONTOR_TEST_REASON(status, kStateConflict);
    if (i % 3 == 2) KONTOR_TEST_REASON(status, kInternal);
  }
  BOOST_TEST(SqlInt("select count(*) from requests") == 10);
  BOOST_TEST(SqlInt("select count(*) from events") == 10);
  BOOST_TEST(SqlInt("select max(sequence) from events") == 10);
}

BOOST_AUTO_TEST_CASE(a_unit_that_overlooks_a_refused_write_may_still_succeed) {
  Open();
  KONTOR_TEST_OK(Write([](Unit& unit) { return unit.InsertRequest(Request("a", "1", "d")); }));
  KONTOR_TEST_OK(Write([](Unit& unit) -> absl::Status {
    BOOST_TEST(!unit.InsertRequest(Request("a", "1", "d")).ok());
    return unit.InsertRequest(Request("a", "2", "d"));
  }));
  BOOST_TEST(SqlInt("select count(*) from requests") == 2);
}

BOOST_AUTO_TEST_CASE(an_event_id_that_exists_spoils_its_own_unit_only) {
  Open();
  const model::Event event = NewEvent("inv_1");
  KONTOR_TEST_OK(Write([&](Unit& unit) { return unit.AppendEvent(event); }));
  std::promise<absl::Status> first, second, third;
  const auto submit = [&](model::Event one, std::promise<absl::Status>& promise) {
    store->Submit([one](Unit& unit) { return unit.AppendEvent(one); },
                  [&promise](absl::Status status) { promise.set_value(std::move(status)); });
  };
  submit(NewEvent("inv_2"), first);
  submit(event, second);
  submit(NewEvent("inv_3"), third);
  KONTOR_TEST_OK(first.get_future().get());
  KONTOR_TEST_REASON(second.get_future().get(), kAlreadyExists);
  KONTOR_TEST_OK(third.get_future().get());
  BOOST_TEST(SqlInt("select max(sequence) from events") == 3);
}

BOOST_AUTO_TEST_CASE(a_full_queue_refuses_at_once_and_takes_work_again) {
  settings.queue_max = 2;
  settings.group_max = 1;
  Open();
  std::promise<void> entered, go;
  std::shared_future<void> gate = go.get_future().share();
  store->Submit(
      [&entered, gate](Unit&) {
        entered.set_value();
        gate.wait();
        return absl::OkStatus();
      },
      {});
  entered.get_future().wait();
  std::promise<void> drained;
  std::atomic<int> done = 0;
  const auto nothing = [](Unit&) { return absl::OkStatus(); };
  for (int i = 0; i < 2; ++i) {
    store->Submit(nothing, [&](absl::Status) {
      if (++done == 2) drained.set_value();
    });
  }
  BOOST_TEST(store->QueueLength() == 2);
  absl::Status refused;
  store->Submit(nothing, [&](absl::Status status) { refused = std::move(status); });
  KONTOR_TEST_REASON(refused, kQueueFull);
  BOOST_TEST(done == 0);
  go.set_value();
  drained.get_future().wait();
  KONTOR_TEST_OK(store->Commit([&](Unit&) { return absl::OkStatus(); }));
}

BOOST_AUTO_TEST_CASE(a_blocking_write_on_the_commit_thread_is_refused) {
  Open();
  absl::Status inner;
  KONTOR_TEST_OK(Write([&](Unit&) {
    inner = store->Commit([](Unit&) { return absl::OkStatus(); });
    return absl::OkStatus();
  }));
  KONTOR_TEST_REASON(inner, kInternal);
}

BOOST_AUTO_TEST_CASE(closing_runs_what_is_queued) {
  Open();
  std::atomic<int> done = 0;
  for (int i = 0; i < 500; ++i) {
    store->Submit(
        [i](Unit& unit) { return unit.InsertRequest(Request("shop", StrCat("r", i), "d")); },
        [&](absl::Status status) { done += status.ok() ? 1 : 0; });
  }
  Close();
  BOOST_TEST(done == 500);
  BOOST_TEST(SqlInt("select count(*) from requests") == 500);
}

BOOST_AUTO_TEST_CASE(listeners_learn_what_became_durable) {
  Open();
  std::mutex mutex;
  std::vector<ports::CommitNotice> notices;
  store->OnCommit([&](const ports::CommitNotice& notice) {
    const std::lock_guard lock(mutex);
    // On PostgreSQL an empty one says that listening to other nodes has begun.
    if (!notice.operation_ids.empty()) notices.push_back(notice);
  });
  model::Operation operation = NewOperation("main/1/BNK");
  KONTOR_TEST_OK(Write([&](Unit& unit) -> absl::Status {
    model::Operation copy = operation;
    KONTOR_RETURN_IF_ERROR(unit.PutOperation(copy));
    return unit.AppendEvent(NewEvent(operation.document_id));
  }));
  Close();
  BOOST_TEST_REQUIRE(notices.size() == 1U);
  BOOST_TEST(notices[0].operation_ids == std::vector<std::string>{operation.id},
             boost::test_tools::per_element());
  BOOST_TEST(notices[0].lanes == std::vector<std::string>{"main/1/BNK"},
             boost::test_tools::per_element());
  BOOST_TEST(notices[0].last_event_sequence == 1);
}

BOOST_AUTO_TEST_CASE(another_nodes_commit_reaches_the_listeners_of_this_one) {
  if (!OnPostgresql()) return;  // SQLite is for one node.
  Open();
  auto other = TryOpen();
  BOOST_TEST_REQUIRE(other.ok(), other.status().ToString());
  std::promise<ports::CommitNotice> promise;
  std::atomic<bool> is_told = false;
  store->OnCommit([&](const ports::CommitNotice& notice) {
    // The empty notice says that listening has begun.
    if (notice.lanes.empty() && notice.last_event_sequence == 0) return;
    if (!is_told.exchange(true)) promise.set_value(notice);
  });
  auto heard = promise.get_future();
  model::Operation operation = NewOperation("main/1/MISC");
  int sent = 0;
  // Repeated, since nothing says when the other thread began to listen.
  while (!is_told && sent < 100) {
    ++sent;
    KONTOR_TEST_OK((*other)->Commit([&](Unit& unit) -> absl::Status {
      KONTOR_RETURN_IF_ERROR(unit.PutOperation(operation));
      return unit.AppendEvent(NewEvent("inv_1"));
    }));
    heard.wait_for(std::chrono::milliseconds(100));
  }
  BOOST_TEST_REQUIRE(is_told.load());
  const ports::CommitNotice notice = heard.get();
  BOOST_TEST(notice.lanes == std::vector<std::string>{"main/1/MISC"},
             boost::test_tools::per_element());
  BOOST_TEST(notice.operation_ids == std::vector<std::string>{operation.id},
             boost::test_tools::per_element());
  BOOST_TEST(notice.last_event_sequence > 0);
}

BOOST_AUTO_TEST_CASE(asynchronous_reads_answer_and_see_one_moment) {
  Open();
  KONTOR_TEST_OK(Write([](Unit& unit) { return unit.PutCursor("c", "1"); }));
  std::promise<std::string> value;
  store->ReadAsync(
      [&](ports::ReadView& view) -> absl::Status {
        const auto before = view.FindCursor("c");
        const absl::Status changed =
            store->Commit([](Unit& unit) { return unit.PutCursor("c", "2"); });
        const auto after = view.FindCursor("c");
        // Assertions belong to the main thread.
        const bool is_fine = changed.ok() && before.ok() && after.ok();
        value.set_value(is_fine ? StrCat(**before, **after) : "failed");
        return absl::OkStatus();
      },
      [](absl::Status) {});
  BOOST_TEST(value.get_future().get() == "11");
}

struct BadText {
  const char* name;
  std::string text;
};

BOOST_AUTO_TEST_CASE(texts_that_an_engine_would_cut_or_garble_are_refused) {
  Open();
  const BadText cases[] = {{"NUL", std::string("a\0b", 3)},
                           {"lone continuation", "a\x80"},
                           {"overlong", "\xC0\xAF"},
                           {"surrogate", "\xED\xA0\x80"},
                           {"cut sequence", "abc\xE2\x82"},
                           {"latin-1", "M\xFCller and some more text"}};
  for (const BadText& bad : cases) {
    BOOST_TEST_CONTEXT(bad.name) {
      KONTOR_TEST_REASON(
          Write([&](Unit& unit) { return unit.InsertRequest(Request("shop", bad.text, "d")); }),
          kTextInvalid);
      KONTOR_TEST_REASON(Write([&](Unit& unit) { return unit.PutCursor("c", bad.text); }),
                         kTextInvalid);
      ports::AuditEntry entry = NewAudit("s");
      entry.reason = bad.text;
      KONTOR_TEST_REASON(Write([&](Unit& unit) { return unit.AppendAudit(entry); }), kTextInvalid);
      model::Event event = NewEvent("s");
      event.correlation_id = bad.text;
      KONTOR_TEST_REASON(Write([&](Unit& unit) { return unit.AppendEvent(event); }), kTextInvalid);
      model::Operation operation = NewOperation();
      operation.lane = bad.text;
      KONTOR_TEST_REASON(Write([&](Unit& unit) { return unit.PutOperation(operation); }),
                         kTextInvalid);
    }
  }
  BOOST_TEST(SqlInt("select count(*) from requests") == 0);
}

BOOST_AUTO_TEST_CASE(sealed_contents_keep_every_byte) {
  Open();
  ports::DocumentRow row = NewDocument();
  row.content.clear();
  for (int i = 0; i < 256; ++i) row.content.push_back(static_cast<char>(i));
  KONTOR_TEST_OK(Write([&](Unit& unit) {
    ports::DocumentRow copy = row;
    return unit.PutDocument(copy);
  }));
  KONTOR_TEST_OK(Read([&](ports::ReadView& view) -> absl::Status {
    const auto found = view.FindDocument(row.id);
    BOOST_TEST_REQUIRE((found.ok() && found->has_value()));
    BOOST_TEST(((*found)->content == row.content));
    return absl::OkStatus();
  }));
}

BOOST_AUTO_TEST_CASE(numbers_beyond_32_bits_come_back_whole) {
  Open();
  constexpr int64_t kNumbers[] = {5'000'000'000, -5'000'000'000, INT64_MAX, 0};
  for (const int64_t number : kNumbers) {
    ports::DocumentRow row = NewDocument();
    row.total_minor = number;
    row.record = {"account.move", std::abs(number) == 5'000'000'000 ? 5'000'000'000 : 1, ""};
    KONTOR_TEST_OK(Write([&](Unit& unit) { return unit.PutDocument(row); }));
    KONTOR_TEST_OK(Read([&](ports::ReadView& view) -> absl::Status {
      const auto found = view.FindDocument(row.id);
      BOOST_TEST_REQUIRE((found.ok() && found->has_value()));
      BOOST_TEST((*found)->total_minor == number);
      BOOST_TEST((*found)->record.id == row.record.id);
      return absl::OkStatus();
    }));
  }
}

BOOST_AUTO_TEST_CASE(feed_numbers_go_on_beyond_32_bits) {
  Open();
  Sql("update heads set event_sequence = 5000000000");
  const model::Event event = NewEvent("inv_1");
  KONTOR_TEST_OK(Write([&](Unit& unit) { return unit.AppendEvent(event); }));
  KONTOR_TEST_OK(Read([&](ports::ReadView& view) -> absl::Status {
    const auto found = view.FindEvent(event.id);
    BOOST_TEST_REQUIRE((found.ok() && found->has_value()));
    BOOST_TEST((*found)->sequence == 5'000'000'001);
    return absl::OkStatus();
  }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::store::testing
