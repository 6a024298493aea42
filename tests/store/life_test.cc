// SPDX-License-Identifier: Apache-2.0
// The life of a store: opening, reopening, newer schemas, other keys, full disks, lost servers,
// backups and restores.
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "server/base/strings.h"
#include "tests/store/fixture.h"

namespace kontor::store::testing {
namespace {

using base::StrCat;
using ports::ReadView;
using ports::Unit;

struct LifeFixture : StoreFixture {
  absl::Status WriteEvent() {
    const model::Event event = NewEvent("inv_1");
    return Write([&](Unit& unit) { return unit.AppendEvent(event); });
  }
};

BOOST_FIXTURE_TEST_SUITE(life, LifeFixture)

BOOST_AUTO_TEST_CASE(a_store_is_set_up_once_and_holds_what_was_written) {
  Open();
  BOOST_TEST(store->open_info().created);
  BOOST_TEST(store->open_info().migrations_run >= 1);
  BOOST_TEST(!store->open_info().restored);
  const std::string generation = store->open_info().generation;
  BOOST_TEST(generation.size() == 32U);
  KONTOR_TEST_OK(WriteEvent());
  Open();
  BOOST_TEST(!store->open_info().created);
  BOOST_TEST(store->open_info().migrations_run == 0);
  BOOST_TEST(store->open_info().last_event_sequence == 1);
  BOOST_TEST(store->open_info().generation == generation);
  BOOST_TEST(!store->open_info().restored);
  KONTOR_TEST_OK(WriteEvent());
  KONTOR_TEST_OK(store->Ping());
  BOOST_TEST(SqlInt("select max(sequence) from events") == 2);
}

BOOST_AUTO_TEST_CASE(a_store_of_a_newer_program_is_refused) {
  Open();
  Close();
  Sql("insert into schema_version (number, applied_us) values (9999, 0)");
  KONTOR_TEST_REASON(TryOpen().status(), kStoreNewer);
  KONTOR_TEST_REASON(VerifyAuditOffline(settings.url, "", crypto).status(), kStoreNewer);
  Sql("delete from schema_version where number = 9999");
  BOOST_TEST(TryOpen().ok());
}

BOOST_AUTO_TEST_CASE(another_sealing_key_is_noticed_when_the_store_is_opened) {
  Open();
  Close();
  const TestCrypto other('B');
  KONTOR_TEST_REASON(OpenStore(settings, other, clock).status(), kSealBroken);
  BOOST_TEST(TryOpen().ok());
}

BOOST_AUTO_TEST_CASE(addresses_and_limits_that_make_no_sense_are_refused) {
  for (const char* url : {"", "kontor.db", "mysql:x", "sqlite:", "sqlite:a\"b", "SQLITE:x"}) {
    StoreSettings bad = settings;
    bad.url = url;
    BOOST_TEST_CONTEXT(url) {
      KONTOR_TEST_REASON(OpenStore(bad, crypto, clock).status(), kConfigInvalid);
    }
  }
  for (int StoreSettings::*limit : {&StoreSettings::queue_max, &StoreSettings::group_max,
                                    &StoreSettings::reader_sessions, &StoreSettings::reader_threads,
                                    &StoreSettings::read_queue_max}) {
    StoreSettings bad = settings;
    bad.*limit = 0;
    KONTOR_TEST_REASON(OpenStore(bad, crypto, clock).status(), kConfigInvalid);
  }
}

BOOST_AUTO_TEST_CASE(a_store_that_cannot_be_reached_is_unavailable) {
  settings.url = OnPostgresql() ? "postgresql:host=127.0.0.1 port=1 dbname=none"
                                : StrCat("sqlite:", folder, "/missing/deeper/kontor.db");
  KONTOR_TEST_REASON(TryOpen().status(), kStoreUnavailable);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_database_is_refused_and_left_alone) {
  if (OnPostgresql()) return;
  const std::string path = StrCat(folder, "/kontor.db");
  const std::string text(5000, 'x');
  std::ofstream(path) << text;
  KONTOR_TEST_REASON(TryOpen().status(), kStoreUnavailable);
  std::string left;
  std::ifstream(path) >> left;
  BOOST_TEST((left == text));
}

BOOST_AUTO_TEST_CASE(the_files_are_for_their_owner_only) {
  if (OnPostgresql()) return;
  umask(0);
  settings.audit_head_file = StrCat(folder, "/audit.head");
  Open();
  KONTOR_TEST_OK(WriteEvent());
  KONTOR_TEST_OK(store->Backup(StrCat(folder, "/backup.db")));
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    struct stat about = {};
    BOOST_TEST_REQUIRE(stat(entry.path().c_str(), &about) == 0);
    BOOST_TEST((about.st_mode & 0777) == 0600U, entry.path().string());
    ++files;
  }
  BOOST_TEST(files >= 5);  // The database, two side files, two heads, the backup.
  umask(022);
}

BOOST_AUTO_TEST_CASE(a_backup_opens_and_a_restored_one_says_so_until_it_is_acknowledged) {
  if (OnPostgresql()) return;
  const std::string path = StrCat(folder, "/kontor.db");
  const std::string backup = StrCat(folder, "/backup.db");
  Open();
  KONTOR_TEST_OK(WriteEvent());
  KONTOR_TEST_OK(store->Backup(backup));
  KONTOR_TEST_REASON(store->Backup(backup), kAlreadyExists);
  for (int i = 0; i < 3; ++i) KONTOR_TEST_OK(WriteEvent());
  const std::string generation = store->open_info().generation;
  Close();
  const auto restore = [&] {
    for (const char* side : {"-wal", "-shm"}) std::filesystem::remove(StrCat(path, side));
    std::filesystem::copy_file(backup, path, std::filesystem::copy_options::overwrite_existing);
  };
  restore();
  for (int i = 0; i < 2; ++i) {
    Open();
    BOOST_TEST(store->open_info().restored);
    BOOST_TEST(store->open_info().last_event_sequence == 1);
  }
  // New work does not make it forget, even when it overtakes the old count.
  for (int i = 0; i < 6; ++i) KONTOR_TEST_OK(WriteEvent());
  KONTOR_TEST_OK(store->AcknowledgeRestore());
  Open();
  BOOST_TEST(!store->open_info().restored);
  BOOST_TEST(store->open_info().generation != generation);
  Close();
  restore();
  Open();
  BOOST_TEST(store->open_info().restored);
}

BOOST_AUTO_TEST_CASE(another_store_in_the_place_of_this_one_is_noticed) {
  settings.generation_file = StrCat(folder, "/generation");
  Open();
  KONTOR_TEST_OK(WriteEvent());
  Close();
  Sql("update store_instance set generation = 'another'");
  Open();
  BOOST_TEST(store->open_info().restored);
  Close();
  std::ofstream(settings.generation_file) << "garbage";
  Open();
  BOOST_TEST(store->open_info().restored);
}

BOOST_AUTO_TEST_CASE(a_full_store_refuses_loses_nothing_and_works_again_when_there_is_room) {
  if (OnPostgresql()) return;
  settings.size_bytes_max = 1'000'000;
  Open();
  const std::string body(40'000, 'x');
  const auto put = [&](int i) {
    return Write([&, i](Unit& unit) -> absl::Status {
      ports::ObjectRow row{"blob", StrCat("o", i), StrCat("n", i), "", body, {}, {}, 0};
      KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
      return unit.AppendAudit(NewAudit(row.id));
    });
  };
  int stored = 0;
  absl::Status status;
  while ((status = put(stored)).ok() && stored < 100) ++stored;
  KONTOR_TEST_REASON(status, kStoreFull);
  BOOST_TEST(stored > 3);
  KONTOR_TEST_REASON(put(stored), kStoreFull);
  int64_t rows = 0;
  KONTOR_TEST_OK(store->VerifyAudit("", &rows));
  BOOST_TEST(rows == stored);
  KONTOR_TEST_OK(Write([&](Unit& unit) -> absl::Status {
    KONTOR_RETURN_IF_ERROR(unit.DeleteObject("blob", "o0"));
    return unit.DeleteObject("blob", "o1");
  }));
  KONTOR_TEST_OK(put(stored));
  KONTOR_TEST_OK(store->VerifyAudit("", &rows));
  BOOST_TEST(rows == stored + 1);
}

BOOST_AUTO_TEST_CASE(a_server_that_went_away_is_used_again_when_it_is_back) {
  const char* control = getenv("KONTOR_STORE_TEST_PG_CONTROL");
  if (control == nullptr) return;  // Needs the script that owns the server.
  Open();
  KONTOR_TEST_OK(WriteEvent());
  BOOST_TEST_REQUIRE(std::system(StrCat(control, " restart").c_str()) == 0);
  KONTOR_TEST_OK(WriteEvent());  // The dead session is replaced without anyone noticing.
  KONTOR_TEST_OK(Read([](ReadView& view) { return view.LastEventSequence().status(); }));
  BOOST_TEST_REQUIRE(std::system(StrCat(control, " stop").c_str()) == 0);
  KONTOR_TEST_REASON(WriteEvent(), kStoreUnavailable);
  KONTOR_TEST_REASON(store->Ping(), kStoreUnavailable);
  BOOST_TEST_REQUIRE(std::system(StrCat(control, " start").c_str()) == 0);
  KONTOR_TEST_OK(WriteEvent());
  KONTOR_TEST_OK(store->Ping());
  BOOST_TEST(SqlInt("select max(sequence) from events") == 3);
  BOOST_TEST(SqlInt("select count(*) from events") == 3);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::store::testing
