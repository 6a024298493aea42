// SPDX-License-Identifier: Apache-2.0
// Configured things, exceptions, observations and cursors.
#include "server/base/strings.h"
#include "tests/store/fixture.h"

namespace kontor::store::testing {
namespace {

using ports::ObjectRow;
using ports::ReadView;
using ports::Unit;

struct ObjectsFixture : StoreFixture {
  ObjectsFixture() { Open(); }
  absl::Status Put(ObjectRow& row) {
    return Write([&](Unit& unit) { return unit.PutObject(row); });
  }
  ObjectRow New(const std::string& id, const std::string& name, const std::string& lookup = "") {
    return {"token", id, name, lookup, R"({"a":1})", clock.Now(), clock.Now(), 0};
  }
};

BOOST_FIXTURE_TEST_SUITE(objects, ObjectsFixture)

BOOST_AUTO_TEST_CASE(an_object_is_found_by_id_name_and_lookup_within_its_kind) {
  ObjectRow row = New("tok_1", "first", "hash1");
  KONTOR_TEST_OK(Put(row));
  ObjectRow other = New("tok_2", "second");
  KONTOR_TEST_OK(Put(other));
  KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
    for (const auto& found :
         {view.FindObject("token", "tok_1"), view.FindObject("token", "first"),
          view.FindObjectByLookup("token", "hash1")}) {
      BOOST_TEST_REQUIRE((found.ok() && found->has_value()));
      BOOST_TEST((*found)->id == "tok_1");
      BOOST_TEST((*found)->body == row.body);
      BOOST_TEST((*found)->version == 1);
      BOOST_TEST((*found)->lookup == "hash1");
    }
    for (const auto& missing : {view.FindObject("entity", "tok_1"), view.FindObject("token", ""),
                                view.FindObjectByLookup("token", "hash2"),
                                view.FindObjectByLookup("token", "")}) {
      BOOST_TEST_REQUIRE(missing.ok());
      BOOST_TEST(!missing->has_value());
    }
    KONTOR_ASSIGN_OR_RETURN(const auto all, view.AllObjects("token"));
    BOOST_TEST_REQUIRE(all.size() == 2U);
    BOOST_TEST(all[0].name == "first");
    return absl::OkStatus();
  }));
}

BOOST_AUTO_TEST_CASE(names_and_lookups_are_unique_within_a_kind_and_versions_are_checked) {
  ObjectRow row = New("tok_1", "first", "hash1");
  KONTOR_TEST_OK(Put(row));
  ObjectRow again = New("tok_1", "again");
  KONTOR_TEST_REASON(Put(again), kAlreadyExists);
  ObjectRow same_name = New("tok_2", "first");
  KONTOR_TEST_REASON(Put(same_name), kAlreadyExists);
  ObjectRow same_lookup = New("tok_2", "second", "hash1");
  KONTOR_TEST_REASON(Put(same_lookup), kAlreadyExists);
  ObjectRow second = New("tok_2", "second");
  KONTOR_TEST_OK(Put(second));
  second.name = "first";
  KONTOR_TEST_REASON(Put(second), kAlreadyExists);
  ObjectRow stale = row;
  KONTOR_TEST_OK(Put(row));
  KONTOR_TEST_REASON(Put(stale), kVersionConflict);
  ObjectRow kind = New("tok_1", "first", "hash1");
  kind.kind = "endpoint";
  KONTOR_TEST_OK(Put(kind));
}

BOOST_AUTO_TEST_CASE(a_deleted_object_is_gone_and_its_name_free) {
  ObjectRow row = New("tok_1", "first");
  KONTOR_TEST_OK(Put(row));
  const auto remove = [&] {
    return Write([](Unit& unit) { return unit.DeleteObject("token", "tok_1"); });
  };
  KONTOR_TEST_OK(remove());
  KONTOR_TEST_REASON(remove(), kNotFound);
  ObjectRow heir = New("tok_9", "first");
  KONTOR_TEST_OK(Put(heir));
}

BOOST_AUTO_TEST_CASE(an_exception_comes_back_whole_and_is_listed_by_its_queue) {
  model::ExceptionCase e;
  e.id = "exc_1";
  e.operation_id = "opn_1";
  e.entity = "acme";
  e.subject = "inv_1";
  e.findings = {{"TAX_UNKNOWN", "invoice.lines[0].tax_names[0]", "no tax \"19 %\" – Grüße",
                 "create it", "19 %", "", model::Severity::kWarning}};
  e.owner_role = "accountant";
  e.assignee = "prn_2";
  e.opened = clock.Now();
  e.deadline = clock.Now() + absl::Hours(48);
  e.actions = {{model::Resolution::kAccept, "posts it as it is", true}};
  KONTOR_TEST_OK(Write([&](Unit& unit) { return unit.PutException(e); }));
  e.state = model::ExceptionState::kAwaitingSecondPerson;
  e.proposed = model::Resolution::kCorrectAndRetry;
  e.proposer = "prn_3";
  e.proposed_content = "{}";
  KONTOR_TEST_OK(Write([&](Unit& unit) { return unit.PutException(e); }));
  model::ExceptionCase stale = e;
  stale.version = 1;
  KONTOR_TEST_REASON(Write([&](Unit& unit) { return unit.PutException(stale); }),
                     kVersionConflict);
  model::ExceptionCase technical;
  technical.id = "exc_2";
  technical.technical = true;
  technical.entity = "acme";
  KONTOR_TEST_OK(Write([&](Unit& unit) { return unit.PutException(technical); }));
  KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
    const auto found = view.FindException("exc_1");
    BOOST_TEST_REQUIRE((found.ok() && found->has_value()), found.status().ToString());
    const model::ExceptionCase& got = **found;
    BOOST_TEST((got.findings == e.findings && got.state == e.state));
    BOOST_TEST((got.proposed == e.proposed && got.proposer == "prn_3" && got.version == 2));
    BOOST_TEST((got.opened == e.opened && got.deadline == e.deadline && !got.resolved));
    BOOST_TEST_REQUIRE(got.actions.size() == 1U);
    BOOST_TEST(got.actions[0].needs_second_person);
    BOOST_TEST(got.assignee == "prn_2");
    using Filter = ports::ExceptionFilter;
    const struct {
      Filter filter;
      size_t count;
    } cases[] = {{{}, 2},
                 {Made<Filter>([&](Filter& f) { f.technical = true; }), 1},
                 {Made<Filter>([&](Filter& f) { f.technical = false; }), 1},
                 {Made<Filter>([&](Filter& f) { f.state = model::ExceptionState::kOpen; }), 1},
                 {Made<Filter>([&](Filter& f) { f.state = model::ExceptionState::kResolved; }), 0},
                 {Made<Filter>([&](Filter& f) { f.operation_id = "opn_1"; }), 1},
                 {Made<Filter>([&](Filter& f) { f.entity = "globex"; }), 0}};
    for (const auto& c : cases) {
      KONTOR_ASSIGN_OR_RETURN(const auto listed, view.ListExceptions(c.filter, {10, ""}));
      BOOST_TEST(listed.rows.size() == c.count);
    }
    return absl::OkStatus();
  }));
}

BOOST_AUTO_TEST_CASE(an_observation_is_compared_and_set) {
  ports::ObservedRow row{"inv_1", R"({"state":"posted"})", "d1", "2026-01-01 00:00:00", 0};
  const auto put = [&](ports::ObservedRow& one) {
    return Write([&](Unit& unit) { return unit.PutObserved(one); });
  };
  KONTOR_TEST_OK(put(row));
  ports::ObservedRow second{"inv_1", "{}", "d2", "2026-01-02 00:00:00", 0};
  KONTOR_TEST_REASON(put(second), kAlreadyExists);
  second.version = 1;
  KONTOR_TEST_OK(put(second));
  KONTOR_TEST_REASON(put(row), kVersionConflict);
  KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
    const auto found = view.FindObserved("inv_1");
    BOOST_TEST_REQUIRE((found.ok() && found->has_value()));
    BOOST_TEST((*found)->digest == "d2");
    BOOST_TEST((*found)->write_date == "2026-01-02 00:00:00");
    BOOST_TEST((*found)->version == 2);
    const auto none = view.FindObserved("inv_2");
    BOOST_TEST((none.ok() && !none->has_value()));
    return absl::OkStatus();
  }));
}

BOOST_AUTO_TEST_CASE(a_cursor_holds_its_last_value) {
  for (const char* value : {"1", "", "3"}) {
    KONTOR_TEST_OK(Write([&](Unit& unit) { return unit.PutCursor("poll/acme", value); }));
    KONTOR_TEST_OK(Read([&](ReadView& view) -> absl::Status {
      const auto found = view.FindCursor("poll/acme");
      BOOST_TEST_REQUIRE((found.ok() && found->has_value()));
      BOOST_TEST(**found == value);
      const auto none = view.FindCursor("poll");
      BOOST_TEST((none.ok() && !none->has_value()));
      return absl::OkStatus();
    }));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::store::testing
