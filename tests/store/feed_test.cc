// SPDX-License-Identifier: Apache-2.0
// The feed: numbers without gaps whoever writes, per-subject numbers, filters.
#include <map>
#include <thread>

#include "server/base/strings.h"
#include "tests/store/fixture.h"

namespace kontor::store::testing {
namespace {

using base::StrCat;
using ports::ReadView;
using ports::Unit;

struct FeedFixture : StoreFixture {
  FeedFixture() { Open(); }
  std::vector<model::Event> Events(const ports::EventFilter& filter, int limit = 10000) {
    std::vector<model::Event> out;
    KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(out, view.ListEvents(filter, limit));
      return absl::OkStatus();
    }));
    return out;
  }
};

BOOST_FIXTURE_TEST_SUITE(feed, FeedFixture)

BOOST_AUTO_TEST_CASE(two_nodes_and_many_threads_number_without_gaps_and_in_order_of_visibility) {
  auto second = TryOpen();
  BOOST_TEST_REQUIRE(second.ok(), second.status().ToString());
  Store* const nodes[] = {store.get(), second->get()};
  constexpr int kThreads = 6, kEach = 60;
  std::atomic<bool> is_done = false;
  std::atomic<int> late = 0;
  // Whoever reads while others write must never see a number appear below one seen before.
  std::thread reader([&] {
    int64_t seen = 0;
    while (!is_done) {
      const auto status = nodes[1]->Read([&](ReadView& view) -> absl::Status {
        KONTOR_ASSIGN_OR_RETURN(const auto events, view.ListEvents({}, 100000));
        const auto count = static_cast<int64_t>(events.size());
        if (count > 0 && events.back().sequence != count) ++late;
        if (count < seen) ++late;
        seen = count;
        return absl::OkStatus();
      });
      if (!status.ok()) ++late;
    }
  });
  std::vector<std::thread> threads;
  std::atomic<int> refused = 0;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const model::Event event = NewEvent(StrCat("inv_", i % 5));
        const auto status = nodes[t % 2]->Commit([&, i](Unit& unit) -> absl::Status {
          KONTOR_RETURN_IF_ERROR(unit.AppendEvent(event));
          KONTOR_RETURN_IF_ERROR(unit.AppendAudit(NewAudit(event.subject)));
          if (i % 4 == 3) return base::Error(base::Reason::kStateConflict).Says("undone");
          return absl::OkStatus();
        });
        if (!status.ok()) ++refused;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  is_done = true;
  reader.join();
  BOOST_TEST(late == 0);
  BOOST_TEST(refused == kThreads * kEach / 4);
  const auto events = Events({});
  BOOST_TEST_REQUIRE(events.size() == kThreads * kEach * 3 / 4U);
  std::map<std::string, int64_t> last;
  for (size_t i = 0; i < events.size(); ++i) {
    BOOST_TEST(events[i].sequence == static_cast<int64_t>(i) + 1);
    BOOST_TEST(events[i].subject_sequence == ++last[events[i].subject]);
  }
  int64_t rows = 0;
  KONTOR_TEST_OK(store->VerifyAudit("", &rows));
  BOOST_TEST(rows == static_cast<int64_t>(events.size()));
}

BOOST_AUTO_TEST_CASE(events_are_filtered_by_type_entity_subject_and_time) {
  const struct {
    const char* type;
    const char* entity;
    const char* subject;
  } made[] = {{"invoice.accepted", "acme", "inv_1"},
              {"invoice.posted", "acme", "inv_1"},
              {"invoices.other", "acme", "inv_2"},
              {"bill.posted", "globex", "bil_1"}};
  const absl::Time start = clock.Now();
  for (const auto& m : made) {
    model::Event event = NewEvent(m.subject);
    event.type = m.type;
    event.entity = m.entity;
    KONTOR_TEST_OK(Write([&](Unit& unit) { return unit.AppendEvent(event); }));
    clock.Advance(absl::Hours(3));
  }
  using Filter = ports::EventFilter;
  const struct {
    const char* name;
    Filter filter;
    std::string expected;
  } cases[] = {
      {"all", {}, "1234"},
      {"after", Made<Filter>([&](Filter& f) { f.after = 2; }), "34"},
      {"exact type", Made<Filter>([&](Filter& f) { f.types = {"invoice.posted"}; }), "2"},
      {"prefix", Made<Filter>([&](Filter& f) { f.types = {"invoice.*"}; }), "12"},
      {"two types",
       Made<Filter>([&](Filter& f) { f.types = {"invoice.*", "bill.posted"}; }), "124"},
      {"entity", Made<Filter>([&](Filter& f) { f.entities = {"globex", "none"}; }), "4"},
      {"subject", Made<Filter>([&](Filter& f) { f.subject = "inv_1"; }), "12"},
      {"from", Made<Filter>([&](Filter& f) { f.from = start + absl::Hours(3); }), "234"},
      {"to", Made<Filter>([&](Filter& f) { f.to = start + absl::Hours(3); }), "12"},
      {"window",
       Made<Filter>([&](Filter& f) {
         f.from = start + absl::Hours(1); f.to = start + absl::Hours(4);
       }), "2"},
      {"from beyond the end",
       Made<Filter>([&](Filter& f) { f.from = start + absl::Hours(100); }), ""},
      {"nothing", Made<Filter>([&](Filter& f) { f.types = {"payment.*"}; }), ""},
      {"wildcards are not SQL's",
       Made<Filter>([&](Filter& f) { f.types = {"invoice_accepted", "%"}; }), ""},
  };
  for (const auto& c : cases) {
    BOOST_TEST_CONTEXT(c.name) {
      std::string got;
      for (const model::Event& event : Events(c.filter)) got += StrCat(event.sequence);
      BOOST_TEST(got == c.expected);
    }
  }
  BOOST_TEST(Events({}, 2).size() == 2U);
  ports::EventFilter endless;
  endless.types.assign(200, "x");
  KONTOR_TEST_REASON(
      Read([&](ReadView& view) { return view.ListEvents(endless, 10).status(); }), kTooLarge);
}

BOOST_AUTO_TEST_CASE(an_event_comes_back_whole_and_the_last_number_is_known) {
  model::Event event = NewEvent("inv_1");
  event.correlation_id = "cor_1";
  event.data = R"({"name":"Grüße"})";
  KONTOR_TEST_OK(Write([&](Unit& unit) { return unit.AppendEvent(event); }));
  KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
    const auto found = view.FindEvent(event.id);
    BOOST_TEST_REQUIRE((found.ok() && found->has_value()));
    BOOST_TEST((*found)->data == event.data);
    BOOST_TEST((*found)->correlation_id == "cor_1");
    BOOST_TEST(((*found)->time == event.time));
    BOOST_TEST((*found)->subject_sequence == 1);
    KONTOR_ASSIGN_OR_RETURN(const int64_t last, view.LastEventSequence());
    BOOST_TEST(last == 1);
    return absl::OkStatus();
  }));
}

BOOST_AUTO_TEST_CASE(an_event_without_id_type_or_subject_is_refused) {
  for (int missing = 0; missing < 3; ++missing) {
    model::Event event = NewEvent("inv_1");
    (missing == 0 ? event.id : missing == 1 ? event.type : event.subject).clear();
    KONTOR_TEST_REASON(Write([&](Unit& unit) { return unit.AppendEvent(event); }), kFieldMissing);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::store::testing
