// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine/harness.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <future>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/crypto/digest.h"

namespace kontor::engine::testing {
namespace {

using base::StrCat;
using ports::Role;

std::filesystem::path FreshFolder() {
  static std::atomic<int> count{0};
  // Memory, where there is a file system for it: what is tested is not how fast a disk syncs.
  const std::filesystem::path shared = "/dev/shm";
  const auto path = (std::filesystem::is_directory(shared)
                         ? shared
                         : std::filesystem::temp_directory_path()) /
                    StrCat("kontor-engine-", static_cast<int64_t>(::getpid()), "-", count++);
  std::filesystem::create_directories(path);
  return path;
}

absl::Time Noon() {
  return absl::FromCivil(absl::CivilSecond(2026, 11, 28, 12, 0, 0), absl::UTCTimeZone());
}

AcceptRequest Empty(const std::string& request_id) {
  AcceptRequest request;
  request.request_id = request_id;
  request.document.entity = "hamburg";
  return request;
}

model::InvoiceLine Line(const std::string& price, const std::string& account) {
  model::InvoiceLine line;
  line.description = "Coffee, washed";
  line.quantity = model::Decimal::FromInt(1);
  line.unit_price = model::Decimal::Parse(price).value();
  line.account_code = account;
  line.tax_names = {"19%"};
  return line;
}

}  // namespace

std::string FakeCrypto::Seal(std::string_view plain, std::string_view /*associated*/) const {
  return StrCat("sealed:", std::string(plain.rbegin(), plain.rend()));
}

absl::StatusOr<std::string> FakeCrypto::Open(std::string_view sealed,
                                             std::string_view /*associated*/) const {
  if (!sealed.starts_with("sealed:")) {
    return base::Error(base::Reason::kSealBroken).Says("not sealed");
  }
  sealed.remove_prefix(std::string_view("sealed:").size());
  return std::string(sealed.rbegin(), sealed.rend());
}

std::string FakeCrypto::LookupHash(std::string_view plain) const {
  return Sha256Hex(StrCat("lookup ", plain));
}

std::string FakeCrypto::Sha256Hex(std::string_view bytes) const {
  return crypto::Sha256(bytes).Hex();
}

void FakeCrypto::Random(uint8_t* bytes, size_t count) const {
  static const auto kRandom = base::SeededRandom(7);
  kRandom(bytes, count);
}

ports::Actor Person(const std::string& id, std::set<Role> roles) {
  ports::Actor actor;
  actor.principal_id = id;
  actor.name = id;
  actor.is_person = true;
  actor.source = id;
  actor.roles = std::move(roles);
  return actor;
}

ports::Actor Program(const std::string& source) {
  ports::Actor actor = Person(StrCat("prn_", source), {Role::kSubmitter});
  actor.is_person = false;
  actor.source = source;
  return actor;
}

Settings Harness::TestSettings() {
  Settings settings;
  settings.node = "node-1";
  settings.poll_interval = absl::ZeroDuration();
  settings.batches_ahead = 1;  // the order of calls is what most cases look at
  return settings;
}

Harness::Harness(Settings overrides)
    : clock(Noon()),
      ids(clock, base::SeededRandom(42)),
      folder(FreshFolder()),
      settings(std::move(overrides)),
      program(Program("shop")),
      administrator(Person("prn_admin", {Role::kAdministrator})),
      accountant(Person("prn_anna", {Role::kAccountant, Role::kSubmitter})),
      second_accountant(Person("prn_bert", {Role::kAccountant})),
      releaser(Person("prn_rita", {Role::kReleaser})),
      operator_one(Person("prn_otto", {Role::kOperator})),
      operator_two(Person("prn_olga", {Role::kOperator})) {
  erp = std::make_shared<FakeErp>(clock);
  StartEngine();
  Connection connection;
  connection.name = "main";
  connection.url = "http://127.0.0.1:8069";
  connection.database = "hansekontor";
  connection.login = "kontor";
  connection.api_key = "secret-key";
  BOOST_REQUIRE(engine->PutConnection(administrator, connection, true).ok());
  Entity entity;
  entity.name = "hamburg";
  entity.connection = "main";
  entity.company_id = 1;
  entity.currency_code = "EUR";
  BOOST_REQUIRE(engine->PutEntity(administrator, entity, true).ok());
}

Harness::~Harness() {
  engine.reset();
  store.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

void Harness::StartEngine() {
  if (store == nullptr) {
    store::StoreSettings store_settings;
    store_settings.url = StrCat("sqlite:", (folder / "kontor.db").string());
    auto opened = store::OpenStore(store_settings, crypto, clock);
    BOOST_REQUIRE_MESSAGE(opened.ok(), opened.status().ToString());
    store = *std::move(opened);
  }
  Dependencies dependencies{
      *store,
      clock,
      ids,
      crypto,
      [this](const Connection&) -> absl::StatusOr<std::shared_ptr<ports::Erp>> { return erp; },
      {},
      [this](const char* name) {
        const std::lock_guard lock(failpoint_mutex);
        ++hits[name];
        if (crash_at != name) return;
        crash_at.clear();
        throw Crash(name);
      }};
  engine = MakeSteppedEngine(dependencies, settings);
  BOOST_REQUIRE(engine->Start().ok());
}

void Harness::Restart() {
  engine.reset();
  store.reset();
  StartEngine();
}

absl::StatusOr<AcceptResult> Harness::Accept(AcceptRequest request, const ports::Actor& actor) {
  std::promise<absl::StatusOr<AcceptResult>> promise;
  engine->Accept(actor, std::move(request), [&](absl::StatusOr<AcceptResult> result) {
    promise.set_value(std::move(result));
  });
  return promise.get_future().get();
}

model::Operation Harness::Send(AcceptRequest request) {
  auto result = Accept(std::move(request));
  BOOST_REQUIRE_MESSAGE(result.ok(), result.status().ToString());
  return result->operation;
}

std::vector<model::Operation> Harness::SendAll(std::vector<AcceptRequest> requests) {
  std::vector<std::promise<absl::StatusOr<AcceptResult>>> promises(requests.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    engine->Accept(program, std::move(requests[i]), [&promise = promises[i]](auto result) {
      promise.set_value(std::move(result));
    });
  }
  std::vector<model::Operation> operations;
  for (auto& promise : promises) {
    auto result = promise.get_future().get();
    BOOST_REQUIRE_MESSAGE(result.ok(), result.status().ToString());
    operations.push_back(result->operation);
  }
  return operations;
}

void Harness::Settle(int rounds_max) {
  for (int round = 0; round < rounds_max; ++round) {
    BOOST_REQUIRE(engine->RunUntilIdle());
    std::map<std::string, int64_t> open;
    BOOST_REQUIRE(store->Read([&](ports::ReadView& view) -> absl::Status {
                         KONTOR_ASSIGN_OR_RETURN(open, view.CountOpenOperations());
                         return absl::OkStatus();
                       }).ok());
    int64_t moving = 0;
    for (const auto& [state, count] : open) {
      if (state != "EXCEPTION" && state != "HELD" && state != "PARKED") moving += count;
    }
    if (moving == 0) return;
    clock.Advance(absl::Minutes(6));
  }
  BOOST_FAIL("operations still move by themselves");
}

model::Operation Harness::Operation(const std::string& id) {
  std::optional<model::Operation> operation;
  BOOST_REQUIRE(store->Read([&](ports::ReadView& view) -> absl::Status {
                       KONTOR_ASSIGN_OR_RETURN(operation, view.FindOperation(id));
                       return absl::OkStatus();
                     }).ok());
  BOOST_REQUIRE(operation.has_value());
  return *operation;
}

ports::DocumentRow Harness::Document(const std::string& id) {
  std::optional<ports::DocumentRow> row;
  BOOST_REQUIRE(store->Read([&](ports::ReadView& view) -> absl::Status {
                       KONTOR_ASSIGN_OR_RETURN(row, view.FindDocument(id));
                       return absl::OkStatus();
                     }).ok());
  BOOST_REQUIRE(row.has_value());
  return *row;
}

model::ExceptionCase Harness::Exception(const model::Operation& operation) {
  const model::Operation now = Operation(operation.id);
  BOOST_REQUIRE_MESSAGE(!now.exception_id.empty(),
                        "no exception: " << model::NameOf(now.state));
  std::optional<model::ExceptionCase> exception;
  BOOST_REQUIRE(store->Read([&](ports::ReadView& view) -> absl::Status {
                       KONTOR_ASSIGN_OR_RETURN(exception, view.FindException(now.exception_id));
                       return absl::OkStatus();
                     }).ok());
  BOOST_REQUIRE(exception.has_value());
  return *exception;
}

std::vector<model::ExceptionCase> Harness::OpenExceptions() {
  std::vector<model::ExceptionCase> rows;
  BOOST_REQUIRE(store->Read([&](ports::ReadView& view) -> absl::Status {
                       ports::ExceptionFilter filter;
                       filter.state = model::ExceptionState::kOpen;
                       ports::Page page{.limit = 500, .after = {}};
                       KONTOR_ASSIGN_OR_RETURN(auto listed, view.ListExceptions(filter, page));
                       rows = std::move(listed.rows);
                       return absl::OkStatus();
                     }).ok());
  return rows;
}

std::vector<model::Event> Harness::Events() {
  std::vector<model::Event> events;
  BOOST_REQUIRE(store->Read([&](ports::ReadView& view) -> absl::Status {
                       KONTOR_ASSIGN_OR_RETURN(events, view.ListEvents({}, 10'000));
                       return absl::OkStatus();
                     }).ok());
  return events;
}

std::vector<std::string> Harness::EventTypes(const std::string& subject) {
  std::vector<std::string> types;
  for (const model::Event& event : Events()) {
    if (subject.empty() || event.subject == subject) types.push_back(event.type);
  }
  return types;
}

std::vector<ports::AuditEntry> Harness::Audit() {
  std::vector<ports::AuditEntry> rows;
  BOOST_REQUIRE(store->Read([&](ports::ReadView& view) -> absl::Status {
                       KONTOR_ASSIGN_OR_RETURN(rows, view.ListAudit(0, 10'000));
                       return absl::OkStatus();
                     }).ok());
  return rows;
}

void Harness::SetEntity(const std::function<void(Entity&)>& change) {
  Entity entity = engine->GetEntity("hamburg").value();
  change(entity);
  BOOST_REQUIRE(engine->PutEntity(administrator, entity, false).ok());
}

void Harness::SetConnection(const std::function<void(Connection&)>& change) {
  Connection connection = engine->GetConnection("main").value();
  change(connection);
  BOOST_REQUIRE(engine->PutConnection(administrator, connection, false).ok());
}

AcceptRequest InvoiceRequest(const std::string& request_id, const std::string& price) {
  AcceptRequest request = Empty(request_id);
  model::Invoice invoice;
  invoice.kind = model::InvoiceKind::kCustomerInvoice;
  invoice.partner.reference = "known-customer";
  invoice.invoice_date = DayOf("2026-11-20");
  invoice.currency = model::Currency::Parse("EUR").value();
  invoice.reference = StrCat("order ", request_id);
  invoice.lines = {Line(price, "400000")};
  request.document.content = std::move(invoice);
  return request;
}

AcceptRequest BillRequest(const std::string& request_id, const std::string& reference,
                          const std::string& price) {
  AcceptRequest request = InvoiceRequest(request_id, price);
  model::Invoice& bill = InvoiceOf(request);
  bill.kind = model::InvoiceKind::kVendorBill;
  bill.partner.reference = "known-vendor";
  bill.reference = reference;
  bill.lines = {Line(price, "600000")};
  return request;
}

AcceptRequest PaymentRequest(const std::string& request_id, const std::string& amount,
                             std::vector<model::Allocation> allocations) {
  AcceptRequest request = Empty(request_id);
  model::Payment payment;
  payment.partner.reference = "known-customer";
  payment.amount = Euro(amount);
  payment.date = DayOf("2026-11-25");
  payment.journal_code = "BNK1";
  payment.memo = request_id;
  payment.allocations = std::move(allocations);
  request.document.content = std::move(payment);
  return request;
}

AcceptRequest EntryRequest(const std::string& request_id, const std::string& amount) {
  AcceptRequest request = Empty(request_id);
  model::JournalEntry entry;
  entry.date = DayOf("2026-11-21");
  entry.reference = request_id;
  model::JournalEntryLine debit;
  debit.account_code = "600000";
  debit.description = "Rent";
  debit.debit = model::Decimal::Parse(amount).value();
  model::JournalEntryLine credit;
  credit.account_code = "700000";
  credit.description = "Rent";
  credit.credit = debit.debit;
  entry.lines = {debit, credit};
  request.document.content = std::move(entry);
  return request;
}

AcceptRequest PartnerRequest(const std::string& request_id, const std::string& reference) {
  AcceptRequest request = Empty(request_id);
  model::Partner partner;
  partner.reference = reference;
  partner.name = "Kaffeehaus Meyer";
  request.document.content = std::move(partner);
  return request;
}

model::Invoice& InvoiceOf(AcceptRequest& request) {
  return std::get<model::Invoice>(request.document.content);
}

model::Money Euro(const std::string& value) { return model::Money::Parse("EUR", value).value(); }

model::Date DayOf(const std::string& text) { return model::Date::Parse(text).value(); }

bool HasReason(const absl::Status& status, base::Reason reason) {
  BOOST_TEST_INFO("status: " << status.ToString());
  return base::Is(status, reason);
}

bool HasFinding(const model::ExceptionCase& exception, base::Reason reason) {
  return std::any_of(exception.findings.begin(), exception.findings.end(), [&](const auto& f) {
    return f.reason == base::EntryOf(reason).name;
  });
}

}  // namespace kontor::engine::testing
