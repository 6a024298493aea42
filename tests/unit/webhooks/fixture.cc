// SPDX-License-Identifier: Apache-2.0
// See the header. Failures to set up throw, and so fail the case.
#include "tests/unit/webhooks/fixture.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "server/base/status.h"
#include "server/crypto/bytes.h"
#include "server/crypto/digest.h"

namespace kontor::webhooks {
namespace {

constexpr char kKeyLine[] = "k1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
constexpr int kRoundsMax = 10000;

void Must(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

}  // namespace

TestCrypto::TestCrypto() : sealer_(crypto::KeyRing::Parse(kKeyLine).value()) {}
std::string TestCrypto::Seal(std::string_view plain, std::string_view associated) const {
  return sealer_.Seal(plain, associated).value();
}
absl::StatusOr<std::string> TestCrypto::Open(std::string_view sealed,
                                             std::string_view associated) const {
  return sealer_.Open(sealed, associated);
}
std::string TestCrypto::LookupHash(std::string_view plain) const {
  return crypto::HmacSha256("test", plain).Hex();
}
std::string TestCrypto::Sha256Hex(std::string_view bytes) const {
  return crypto::Sha256(bytes).Hex();
}
void TestCrypto::Random(uint8_t* bytes, size_t count) const {
  const std::string random = crypto::RandomBytes(count).value();
  std::copy(random.begin(), random.end(), bytes);
}

void FakeHttp::Send(ports::HttpRequest request, std::function<void(ports::HttpResponse)> done) {
  requests.push_back(request);
  if (std::optional<ports::HttpResponse> response = answer(request)) {
    done(*std::move(response));
  } else {
    waiting.push_back(std::move(done));
  }
}

ports::HttpResponse FakeHttp::SendAndWait(ports::HttpRequest request) {
  requests.push_back(request);
  return answer(request).value_or(Lost());
}

void FakeHttp::AnswerOldest(ports::HttpResponse response) {
  const auto done = std::move(waiting.at(0));
  waiting.pop_front();
  done(std::move(response));
}

ports::HttpResponse FakeHttp::Status(int status, const std::string& retry_after) {
  ports::HttpResponse response;
  response.http_status = status;
  if (!retry_after.empty()) response.headers.emplace_back("retry-after", retry_after);
  return response;
}

ports::HttpResponse FakeHttp::Lost() {
  ports::HttpResponse response;
  response.status = base::Error(base::Reason::kPeerUnreachable).Says("refused");
  return response;
}

std::string HeaderOf(const ports::HttpRequest& request, const std::string& name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return {};
}

Fixture::Fixture()
    : clock(absl::FromUnixSeconds(1772366400)),
      ids(clock, base::SeededRandom(1)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "kontor-wh-XXXXXX").string();
  folder = mkdtemp(pattern.data());
  actor.principal_id = "prn_anna";
  actor.name = "anna";
  actor.source = "anna";
  actor.is_person = true;
  actor.roles = {ports::Role::kAdministrator};
  Restart();
}

Fixture::~Fixture() {
  service.reset();
  deliverer.reset();
  store.reset();
  std::filesystem::remove_all(folder);
}

void Fixture::Restart() {
  service.reset();
  deliverer.reset();
  store.reset();
  store::StoreSettings store_settings;
  store_settings.url = "sqlite:" + folder + "/kontor.db";
  store = store::OpenStore(store_settings, crypto, clock).value();
  Dependencies deps{*store, http, clock, ids, {}, {}};
  deps.signing_keys.push_back(
      crypto::Ed25519PrivateKey::FromSeed(std::string(32, 's')).value());
  deps.log = [this](const std::string& event, const auto& fields) {
    log.push_back(event);
    for (const auto& [key, value] : fields) log.back() += " " + key + "=" + value;
  };
  deliverer = std::make_unique<Deliverer>(deps, settings);
  service = std::make_unique<Service>(
      deps, settings, net::AddressGuard::Make({"10.0.0.0/8"}).value(), *deliverer);
}

Endpoint Fixture::AddEndpoint(std::function<void(EndpointSpec&)> change) {
  EndpointSpec spec;
  spec.url = "https://example.com/hook";
  if (change) change(spec);
  const Endpoint endpoint = service->Create(actor, {}, spec, "").value().endpoint;
  const FakeHttp::Answer before = http.answer;
  http.answer = [](const ports::HttpRequest& request) {
    ports::HttpResponse response = FakeHttp::Status(200);
    response.body = request.body;  // holds the challenge
    return response;
  };
  const Endpoint active = service->Verify(actor, endpoint.id).value();
  http.answer = before;
  http.requests.clear();
  Run();  // notices the endpoint; the feed begins here
  return active;
}

model::Event Fixture::AddEvent(const std::string& subject, const std::string& type,
                               const std::string& entity) {
  model::Event event;
  event.id = ids.Next(base::kEventPrefix);
  event.type = type;
  event.time = clock.Now();
  event.entity = entity;
  event.subject = subject;
  event.data = R"({"entity":"hamburg","state":"POSTED"})";
  Must(store->Commit([&](ports::Unit& unit) { return unit.AppendEvent(event); }));
  return event;
}

void Fixture::Run() {
  // The store tells its listeners of a commit a moment after the commit has returned.
  deliverer->Wake();
  for (int round = 0; round < kRoundsMax; ++round) {
    if (!deliverer->Tick()) return;
  }
  throw std::runtime_error("the deliverer finds work without end");
}

void Fixture::RunFor(absl::Duration by, absl::Duration step) {
  const absl::Time until = clock.Now() + by;
  while (clock.Now() < until) {
    clock.Advance(std::min(step, until - clock.Now()));
    Run();
  }
}

std::vector<ports::DeliveryRow> Fixture::Deliveries(const std::string& endpoint_id,
                                                    std::optional<ports::DeliveryState> state) {
  ports::Page page;
  page.limit = 1000;
  return service->ListDeliveries(endpoint_id, state, page).value().rows;
}

std::vector<std::string> Fixture::SentIds() const {
  std::vector<std::string> sent;
  for (const ports::HttpRequest& request : http.requests) {
    sent.push_back(HeaderOf(request, "webhook-id"));
  }
  return sent;
}

std::vector<std::string> Fixture::AuditActions() {
  std::vector<std::string> actions;
  Must(store->Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto rows, view.ListAudit(0, 1000));
    for (const ports::AuditEntry& row : rows) actions.push_back(row.action);
    return absl::OkStatus();
  }));
  return actions;
}

}  // namespace kontor::webhooks
