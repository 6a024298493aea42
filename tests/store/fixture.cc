// SPDX-License-Identifier: Apache-2.0
#include "tests/store/fixture.h"

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "server/base/strings.h"
#include "server/crypto/bytes.h"
#include "server/crypto/digest.h"
#include "soci/postgresql/soci-postgresql.h"
#include "soci/soci.h"
#include "soci/sqlite3/soci-sqlite3.h"

namespace kontor::store::testing {
namespace {

using base::StrCat;

constexpr const char* kPostgresVariable = "KONTOR_STORE_TEST_PG";

crypto::KeyRing RingOf(const std::string& key) {
  return *crypto::KeyRing::Parse(StrCat("t1 ", crypto::Base64Encode(key), "\n"));
}

std::string PostgresText() { return getenv(kPostgresVariable); }

}  // namespace

TestCrypto::TestCrypto(char letter) : key_(32, letter), sealer_(RingOf(key_)) {}
std::string TestCrypto::Seal(std::string_view plain, std::string_view associated) const {
  return *sealer_.Seal(plain, associated);
}
absl::StatusOr<std::string> TestCrypto::Open(std::string_view sealed,
                                             std::string_view associated) const {
  auto plain = sealer_.Open(sealed, associated);
  if (!plain.ok()) return base::Error(base::Reason::kSealBroken).Says("cannot open");
  return plain;
}
std::string TestCrypto::LookupHash(std::string_view plain) const {
  return crypto::HmacSha256(key_, plain).Hex();
}
std::string TestCrypto::Sha256Hex(std::string_view bytes) const {
  return crypto::Sha256(bytes).Hex();
}
void TestCrypto::Random(uint8_t* bytes, size_t count) const {
  const std::string random = *crypto::RandomBytes(count);
  std::copy(random.begin(), random.end(), bytes);
}

bool OnPostgresql() {
  const char* text = getenv(kPostgresVariable);
  return text != nullptr && *text != '\0';
}

StoreFixture::StoreFixture()
    : clock(absl::FromUnixSeconds(1'780'000'000)), ids(clock, base::SeededRandom(7)) {
  std::string pattern =
      std::filesystem::temp_directory_path() / StrCat("kontor-store-", std::string(6, 'X'));
  BOOST_TEST_REQUIRE(mkdtemp(pattern.data()) != nullptr);
  folder = pattern;
  settings.head_interval = absl::ZeroDuration();
  if (!OnPostgresql()) {
    settings.url = StrCat("sqlite:", folder, "/kontor.db");
    return;
  }
  static int count = 0;
  schema = StrCat("t", getpid(), "_", ++count);
  soci::session session(soci::postgresql, PostgresText());
  session << StrCat("create schema ", schema);
  settings.url = StrCat("postgresql:", PostgresText(), " options='-c search_path=", schema,
                        " -c client_min_messages=warning'");
}

StoreFixture::~StoreFixture() {
  Close();
  if (!schema.empty()) {
    soci::session session(soci::postgresql, PostgresText());
    session << "set client_min_messages = warning";
    session << StrCat("drop schema ", schema, " cascade");
  }
  std::filesystem::remove_all(folder);
}

absl::StatusOr<std::unique_ptr<Store>> StoreFixture::TryOpen() const {
  return OpenStore(settings, crypto, clock);
}

Store& StoreFixture::Open() {
  Close();
  auto opened = TryOpen();
  BOOST_TEST_REQUIRE(opened.ok(), opened.status().ToString());
  store = *std::move(opened);
  return *store;
}

namespace {
void OpenRaw(const StoreFixture& fixture, soci::session& session) {
  if (OnPostgresql()) {
    session.open(soci::postgresql, fixture.settings.url.substr(std::string("postgresql:").size()));
  } else {
    session.open(soci::sqlite3, StrCat("dbname=", fixture.folder, "/kontor.db timeout=5"));
  }
}
}  // namespace

void StoreFixture::Sql(const std::string& text) const {
  soci::session session;
  OpenRaw(*this, session);
  session << text;
}

int64_t StoreFixture::SqlInt(const std::string& text) const {
  soci::session session;
  OpenRaw(*this, session);
  long long number = 0;
  session << text, soci::into(number);
  return number;
}

std::string StoreFixture::AtRest() const {
  std::ostringstream all;
  if (!OnPostgresql()) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      all << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    }
    return all.str();
  }
  soci::session session;
  OpenRaw(*this, session);
  std::vector<std::string> tables;
  const soci::rowset<std::string> names =
      (session.prepare << "select tablename::text from pg_tables where schemaname = :s",
       soci::use(schema));
  for (const std::string& name : names) tables.push_back(name);
  for (const std::string& table : tables) {
    const soci::rowset<std::string> rows =
        (session.prepare << StrCat("select r::text from \"", table, "\" r"));
    for (const std::string& row : rows) all << row << "\n";
  }
  return all.str();
}

ports::DocumentRow StoreFixture::NewDocument() {
  ports::DocumentRow row;
  row.id = ids.Next("inv_");
  row.subtype = "CUSTOMER_INVOICE";
  row.entity = "acme";
  row.connection = "main";
  row.source = "shop";
  row.content = R"({"kind":"CUSTOMER_INVOICE"})";
  row.operation_id = ids.Next("opn_");
  row.state = "ACCEPTED";
  row.created = clock.Now();
  return row;
}

model::Operation StoreFixture::NewOperation(const std::string& lane) {
  model::Operation operation;
  operation.id = ids.Next("opn_");
  operation.document_id = ids.Next("inv_");
  operation.entity = "acme";
  operation.connection = "main";
  operation.source = "shop";
  operation.request_id = operation.id;
  operation.correlation_id = ids.Next("cor_");
  operation.external_id = StrCat("k1_", operation.id);
  operation.lane = lane;
  operation.created = operation.updated = clock.Now();
  return operation;
}

model::Event StoreFixture::NewEvent(const std::string& subject) {
  model::Event event;
  event.id = ids.Next("evt_");
  event.type = "invoice.accepted";
  event.time = clock.Now();
  event.entity = "acme";
  event.subject = subject;
  event.data = R"({"state":"ACCEPTED"})";
  return event;
}

ports::AuditEntry StoreFixture::NewAudit(const std::string& subject) {
  ports::AuditEntry entry;
  entry.time = clock.Now();
  entry.actor = "prn_1";
  entry.role = "SUBMITTER";
  entry.action = "document.create";
  entry.subject = subject;
  entry.entity = "acme";
  return entry;
}

}  // namespace kontor::store::testing
