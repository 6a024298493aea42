// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/expenses/loop_harness.h"

#include <unistd.h>

#include <atomic>
#include <future>

#include <nlohmann/json.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/model/inbound.h"

namespace kontor::expenses::testing {
namespace {

using base::StrCat;

std::filesystem::path FreshFolder() {
  static std::atomic<int> count{0};
  const std::filesystem::path shared = "/dev/shm";
  const auto path = (std::filesystem::is_directory(shared)
                         ? shared
                         : std::filesystem::temp_directory_path()) /
                    StrCat("kontor-expenses-", static_cast<int64_t>(::getpid()), "-", count++);
  std::filesystem::create_directories(path);
  return path;
}

}  // namespace

absl::StatusOr<ports::ItemOutcome> FakePlatform::Under(const std::function<void()>& effect) {
  ++calls;
  Trouble now = Trouble::kNone;
  if (!trouble.empty()) {
    now = trouble.front();
    trouble.pop_front();
  }
  switch (now) {
    case Trouble::kNone: effect(); return ports::ItemOutcome::kDone;
    case Trouble::kNotSent:
      return base::Error(base::Reason::kPeerUnreachable)
          .Happened(base::Outcome::kNotApplied)
          .Says("not sent");
    case Trouble::kLostBefore: break;
    case Trouble::kLostAfter: effect(); break;
    case Trouble::kRefused:
      return base::Error(base::Reason::kPlatformRefused)
          .Happened(base::Outcome::kRefused)
          .Says("the platform does not like it");
    case Trouble::kGone: return ports::ItemOutcome::kGone;
  }
  return base::Error(base::Reason::kPeerAnswerLost).Says("lost");
}

absl::StatusOr<ports::HookReading> FakePlatform::ReadHook(const std::string& body) const {
  ports::HookReading reading;
  reading.ready = body == "ready";
  if (body == "report") reading.reports = in_hook;
  if (body == "garbage") return base::Error(base::Reason::kMessageUnreadable).Says("no JSON");
  return reading;
}

absl::StatusOr<ports::FetchedPage> FakePlatform::Fetch(const std::string&, absl::Time) {
  ports::FetchedPage page;
  page.reports.assign(ready.begin(), ready.end());
  return page;
}

absl::StatusOr<ports::ItemOutcome> FakePlatform::Acknowledge(const std::string& ref, absl::Time) {
  return Under([&] {
    ++acknowledged[ref];
    std::erase_if(ready, [&](const auto& report) { return report.ref == ref; });
  });
}

absl::StatusOr<ports::ItemOutcome> FakePlatform::ConfirmPosting(
    const ports::PostingReceipt& receipt, absl::Time) {
  return Under([&] { postings.emplace(receipt.key, receipt); });
}

absl::StatusOr<ports::ItemOutcome> FakePlatform::ConfirmPayment(
    const ports::PaymentReceipt& receipt, absl::Time) {
  return Under([&] { payments.emplace(receipt.key, receipt); });
}

LoopHarness::LoopHarness()
    : clock(absl::FromCivil(absl::CivilSecond(2026, 11, 28, 12, 0, 0), absl::UTCTimeZone())),
      ids(system, base::SeededRandom(42)),
      folder(FreshFolder()),
      program(engine::testing::Program("travel-desk")) {
  store::StoreSettings settings;
  settings.url = StrCat("sqlite:", (folder / "kontor.db").string());
  auto opened = store::OpenStore(settings, crypto, system);
  BOOST_REQUIRE_MESSAGE(opened.ok(), opened.status().ToString());
  store = *std::move(opened);
  erp = std::make_shared<engine::testing::FakeErp>(system);
  engine::Settings engine_settings = engine::testing::Harness::TestSettings();
  engine = engine::MakeEngine(
      {*store, system, ids, crypto,
       [this](const engine::Connection&) -> absl::StatusOr<std::shared_ptr<ports::Erp>> {
         return erp;
       },
       {}, {}},
      engine_settings);
  BOOST_REQUIRE(engine->Start().ok());
  const ports::Actor admin =
      engine::testing::Person("prn_admin", {ports::Role::kAdministrator});
  engine::Connection connection;
  connection.name = "main";
  connection.url = "http://127.0.0.1:8069";
  connection.database = "hansekontor";
  connection.login = "kontor";
  connection.api_key = "secret-key";
  BOOST_REQUIRE(engine->PutConnection(admin, connection, true).ok());
  entity.name = "hamburg";
  entity.connection = "main";
  entity.company_id = 1;
  entity.currency_code = "EUR";
  BOOST_REQUIRE(engine->PutEntity(admin, entity, true).ok());
  RestartLoop();
  PutSource(GoodSource());
}

void LoopHarness::SetPosting(model::Posting posting) {
  const ports::Actor admin =
      engine::testing::Person("prn_admin", {ports::Role::kAdministrator});
  engine::PostingRule rule;
  rule.posting = posting;
  entity.posting_rules = {rule};
  BOOST_REQUIRE(engine->PutEntity(admin, entity, false).ok());
}

LoopHarness::~LoopHarness() {
  loop.reset();
  engine.reset();
  store.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

void LoopHarness::RestartLoop() {
  loop.reset();
  Settings settings;
  settings.node = "node-1";
  loop = MakeExpenses(
      {*store, clock, ids, crypto, *engine,
       [this](const model::Source&) -> absl::StatusOr<std::shared_ptr<ports::ExpenseSource>> {
         return platform;
       },
       {},
       [this](const char* name) {
         if (crash_at != name) return;
         crash_at.clear();
         throw engine::testing::Crash(name);
       },
       order},
      settings, false);
  BOOST_REQUIRE(loop->Start().ok());
}

void LoopHarness::PutSource(model::Source fresh) {
  source = std::move(fresh);
  if (source.id.empty()) source.id = "src_01ARZ3NDEKTSV4RRFFQ69G5FAV";
  BOOST_REQUIRE(store->Commit([&](ports::Unit& unit) -> absl::Status {
                       KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindObject("source", source.name));
                       if (!row.has_value()) row.emplace();
                       row->kind = model::kSourceKind;
                       row->id = source.id;
                       row->name = source.name;
                       row->body = model::SourceBody(source);
                       row->created = row->updated = clock.Now();
                       return unit.PutObject(*row);
                     }).ok());
}

std::string LoopHarness::StateOf(const std::string& id) {
  const auto view = loop->Get(program, id);
  BOOST_REQUIRE_MESSAGE(view.ok(), view.status().ToString());
  return nlohmann::json::parse(view->json)["state"].get<std::string>().substr(6);
}

std::optional<std::vector<std::string>> LoopHarness::UndoingOf(const std::string& id) {
  std::optional<ports::FlowRow> row;
  BOOST_REQUIRE(store->Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(row, view.FindFlow(id));
    return absl::OkStatus();
  }).ok());
  const auto body = nlohmann::json::parse(row.value().body);
  if (body.at("recall").get<std::string>().empty()) return std::nullopt;
  std::vector<std::string> operations;
  for (const auto& part : body.at("parts")) {
    const std::string undo = part.at("undo").get<std::string>();
    if (!undo.empty()) operations.push_back(undo);
  }
  return operations;
}

std::string LoopHarness::Settle(const std::string& id) {
  constexpr int kRoundsMax = 60;
  for (int round = 0; round < kRoundsMax; ++round) {
    try {
      BOOST_REQUIRE(loop->RunUntilIdle());
    } catch (const engine::testing::Crash&) {
      RestartLoop();
      continue;
    }
    const auto view = nlohmann::json::parse(loop->Get(program, id)->json);
    const std::string state = view["state"].get<std::string>().substr(6);
    const auto undoing = UndoingOf(id);
    const bool is_end = state == "RECALLED" || state == "TESTED";
    if (is_end || (state == "CONFIRMED" && !undoing.has_value())) return state;
    if (view.contains("exception_id")) return StrCat(state, "?");
    bool resting = false;
    auto watched = view.value("operation_ids", nlohmann::json::array());
    for (const std::string& undo : undoing.value_or(std::vector<std::string>())) {
      watched.push_back(undo);
    }
    for (const auto& operation : watched) {
      std::promise<absl::StatusOr<model::Operation>> rested;
      engine->Wait(operation.get<std::string>(), absl::Now() + absl::Seconds(20),
                   [&](auto result) { rested.set_value(std::move(result)); });
      const auto result = rested.get_future().get();
      BOOST_REQUIRE(result.ok());
      resting = resting || result->state == model::OperationState::kException ||
                result->state == model::OperationState::kHeld;
    }
    if (resting) return StrCat(state, "!");
    if (state == "POSTED" && source.expense.watch_reimbursement && round > 3) return state;
    clock.Advance(absl::Minutes(6));
  }
  BOOST_FAIL("the report does not come to rest");
  return "";
}

std::string LoopHarness::Receive(const std::string& body) {
  const std::string id = ids.Next(base::kInboundPrefix);
  const absl::Status written = store->Commit([&](ports::Unit& unit) -> absl::Status {
    ports::FlowRow row;
    row.kind = model::kInboundKind;
    row.id = id;
    row.entity = source.entity;
    row.group = source.name;
    row.state = model::kInboundReceived;
    row.due = row.created = row.updated = clock.Now();
    row.body = model::ToJson(model::InboundBody{});
    KONTOR_RETURN_IF_ERROR(unit.PutFlow(row));
    ports::BlobRow blob;
    blob.id = ids.Next(base::kBlobPrefix);
    blob.flow_id = id;
    blob.kind = model::kInboundBlobKind;
    blob.sha256 = crypto.Sha256Hex(body);
    blob.media_type = "application/json";
    blob.bytes = static_cast<int64_t>(body.size());
    blob.parts = 1;
    blob.facts = "{}";
    blob.created = clock.Now();
    KONTOR_RETURN_IF_ERROR(unit.InsertBlob(blob));
    return unit.InsertBlobPart(blob.id, 1, body);
  });
  BOOST_REQUIRE_MESSAGE(written.ok(), written.ToString());
  return id;
}

std::string LoopHarness::StateOfMessage(const std::string& id) {
  std::optional<ports::FlowRow> row;
  BOOST_REQUIRE(store->Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(row, view.FindFlow(id));
    return absl::OkStatus();
  }).ok());
  return row.value().state;
}

std::string LoopHarness::Submit(model::ExpenseReport report, const std::string& request_id) {
  const std::string key =
      request_id.empty() ? StrCat("r-", report.external_id, "-", report.revision) : request_id;
  const auto result = loop->Submit(program, key, source.name, std::move(report), false);
  BOOST_REQUIRE_MESSAGE(result.ok(), result.status().ToString());
  return result->view.id;
}

model::ExceptionCase LoopHarness::CaseOf(const std::string& id) {
  const auto view = nlohmann::json::parse(loop->Get(program, id)->json);
  std::optional<model::ExceptionCase> found;
  BOOST_REQUIRE(store->Read([&](ports::ReadView& read) -> absl::Status {
                       KONTOR_ASSIGN_OR_RETURN(found,
                                               read.FindException(view.value("exception_id", "")));
                       return absl::OkStatus();
                     }).ok());
  BOOST_REQUIRE(found.has_value());
  return *found;
}

std::vector<std::string> LoopHarness::EventsOf(const std::string& id) {
  std::vector<std::string> types;
  BOOST_REQUIRE(store->Read([&](ports::ReadView& view) -> absl::Status {
                       ports::EventFilter filter;
                       filter.subject = id;
                       KONTOR_ASSIGN_OR_RETURN(const auto events, view.ListEvents(filter, 1000));
                       types.clear();
                       for (const model::Event& event : events) types.push_back(event.type);
                       return absl::OkStatus();
                     }).ok());
  return types;
}

std::vector<model::ExceptionCase> LoopHarness::OpenCasesOf(const std::string& id) {
  std::vector<model::ExceptionCase> cases;
  BOOST_REQUIRE(store->Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto listed, view.ListExceptions({}, {500, ""}));
    cases.clear();
    for (const model::ExceptionCase& exception : listed.rows) {
      const bool open = exception.state != model::ExceptionState::kResolved;
      if (open && exception.subject == id) cases.push_back(exception);
    }
    return absl::OkStatus();
  }).ok());
  return cases;
}

void LoopHarness::Resolve(const model::ExceptionCase& exception, model::Resolution resolution,
                          std::vector<std::string> who) {
  for (const std::string& name : who) {
    const ports::Actor person = engine::testing::Person(
        name, {ports::Role::kAccountant, ports::Role::kOperator});
    const auto done =
        engine->ResolveException(person, {exception.id, resolution, "looked at it", {}});
    BOOST_REQUIRE_MESSAGE(done.ok(), done.status().ToString());
  }
}

void LoopHarness::AwaitOperations(const std::string& id) {
  const auto view = nlohmann::json::parse(loop->Get(program, id)->json);
  for (const auto& operation : view.value("operation_ids", nlohmann::json::array())) {
    std::promise<void> rested;
    engine->Wait(operation.get<std::string>(), absl::Now() + absl::Seconds(20),
                 [&](const auto&) { rested.set_value(); });
    rested.get_future().wait();
  }
}

void LoopHarness::RefreshBillOf(const std::string& id) {
  const auto view = loop->Get(program, id);
  BOOST_REQUIRE(view.ok());
  constexpr size_t kIdLength = 30;
  const std::string document = view->json.substr(view->json.find("bil_"), kIdLength);
  const auto refreshed = engine->Refresh(document);
  BOOST_REQUIRE_MESSAGE(refreshed.ok(), refreshed.status().ToString());
}

std::vector<std::string> LoopHarness::ReportsOf(const std::string& external_id) {
  ports::FlowFilter filter;
  filter.kind = kReportKind;
  filter.group = source.name;
  const auto listed = loop->List(program, filter, external_id, {});
  BOOST_REQUIRE(listed.ok());
  std::vector<std::string> found;
  for (const ReportView& view : listed->rows) found.push_back(view.id);
  return found;
}

int LoopHarness::MovesNotCancelled() {
  return static_cast<int>(erp->All("account.move").size());
}

}  // namespace kontor::expenses::testing
