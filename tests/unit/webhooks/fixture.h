// SPDX-License-Identifier: Apache-2.0
// A real SQLite store in a folder of its own, a clock of the test's own, and an HTTP client that
// answers as the test says. No network, no waiting.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/base/clock.h"
#include "server/base/ids.h"
#include "server/crypto/sealer.h"
#include "server/ports/crypto.h"
#include "server/store/store.h"
#include "server/webhooks/deliverer.h"
#include "server/webhooks/service.h"

namespace kontor::webhooks {

/// Seals with a key of the test's own.
class TestCrypto final : public ports::Crypto {
 public:
  TestCrypto();
  std::string Seal(std::string_view plain, std::string_view associated) const override;
  absl::StatusOr<std::string> Open(std::string_view sealed,
                                   std::string_view associated) const override;
  std::string LookupHash(std::string_view plain) const override;
  std::string Sha256Hex(std::string_view bytes) const override;
  void Random(uint8_t* bytes, size_t count) const override;

 private:
  crypto::Sealer sealer_;
};

/// Keeps each request; answers at once by `answer`, or later when that gives nothing.
class FakeHttp final : public ports::HttpClient {
 public:
  using Answer = std::function<std::optional<ports::HttpResponse>(const ports::HttpRequest&)>;

  void Send(ports::HttpRequest request, std::function<void(ports::HttpResponse)> done) override;
  ports::HttpResponse SendAndWait(ports::HttpRequest request) override;
  /// Answers the oldest request that still waits.
  void AnswerOldest(ports::HttpResponse response);

  Answer answer = [](const ports::HttpRequest&) { return Status(200); };
  std::vector<ports::HttpRequest> requests;
  std::deque<std::function<void(ports::HttpResponse)>> waiting;

  static ports::HttpResponse Status(int status, const std::string& retry_after = "");
  static ports::HttpResponse Lost();
};

std::string HeaderOf(const ports::HttpRequest& request, const std::string& name);

struct Fixture {
  Fixture();
  ~Fixture();

  /// Opens store and deliverer anew over the same file, as after a crash.
  void Restart();
  /// An ACTIVE endpoint.
  Endpoint AddEndpoint(std::function<void(EndpointSpec&)> change = {});
  Endpoint Read(const std::string& id) { return service->Get(id).value(); }
  /// One event, written and numbered.
  model::Event AddEvent(const std::string& subject, const std::string& type = "invoice.posted",
                        const std::string& entity = "hamburg");
  /// Rounds until one finds nothing to do.
  void Run();
  /// Advances the clock in steps and runs after each, until it has moved by `by`.
  void RunFor(absl::Duration by, absl::Duration step);
  std::vector<ports::DeliveryRow> Deliveries(const std::string& endpoint_id,
                                             std::optional<ports::DeliveryState> state = {});
  /// `webhook-id` of each request so far, in order.
  std::vector<std::string> SentIds() const;
  std::vector<std::string> AuditActions();

  base::FakeClock clock;
  base::IdSource ids;
  TestCrypto crypto;
  std::string folder;
  FakeHttp http;
  ports::Actor actor;
  Settings settings;
  std::vector<std::string> log;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Deliverer> deliverer;
  std::unique_ptr<Service> service;
};

}  // namespace kontor::webhooks
