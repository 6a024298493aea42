// SPDX-License-Identifier: Apache-2.0
// The one way in: gRPC and JSON calls both become a Call that is admitted, limited, run and
// answered here (DESIGN 8). Handlers run on the `rpc` pool, never on a network thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "server/base/clock.h"
#include "server/ports/actor.h"

namespace kontor::api {

/// What a transport knows of a call before anyone is admitted.
struct CallFacts {
  std::string method;               ///< "kontor.v1.InvoiceService/CreateInvoice".
  std::string authorization;        ///< The header's whole value.
  std::string certificate_subject;  ///< Verified by TLS; empty when none.
  std::string traceparent;
  std::string peer;
  absl::Time deadline = absl::InfiniteFuture();
};

/// An admitted call.
struct Call {
  ports::Actor actor;
  CallFacts facts;
  bool unmasked = false;  ///< The principal may see whole names and account numbers.
};

/// Who may call what; server/app gives one over server/security.
class Gate {
 public:
  virtual ~Gate() = default;
  /// UNAUTHENTICATED, TOKEN_EXPIRED, PERMISSION_DENIED, RATE_LIMITED.
  virtual absl::StatusOr<Call> Admit(const CallFacts& facts) = 0;
};

using Message = google::protobuf::Message;
using Finish = std::function<void(absl::Status)>;
template <typename Response>
using Answer = std::function<void(absl::StatusOr<Response>)>;

/// The methods that can be called, by full name. Filled at start, constant afterwards.
class Registry {
 public:
  struct Method {
    std::function<std::unique_ptr<Message>()> new_request;
    std::function<std::unique_ptr<Message>()> new_response;
    std::function<void(const Call&, const Message&, Message*, Finish)> run;
  };

  /// A handler that answers later, from any thread.
  template <typename Request, typename Response>
  void AddAsync(const std::string& name,
                std::function<void(const Call&, const Request&, Answer<Response>)> handler) {
    Put<Request, Response>(
        name, [handler = std::move(handler)](const Call& call, const Message& request,
                                             Message* response, Finish finish) {
          handler(call, static_cast<const Request&>(request),
                  [response, finish = std::move(finish)](absl::StatusOr<Response> answer) {
                    if (answer.ok()) *static_cast<Response*>(response) = *std::move(answer);
                    finish(answer.status());
                  });
        });
  }

  /// A handler that answers by returning; it may block on the store for a moment.
  template <typename Request, typename Response>
  void Add(const std::string& name,
           std::function<absl::StatusOr<Response>(const Call&, const Request&)> handler) {
    Put<Request, Response>(name, [handler = std::move(handler)](const Call& call,
                                                                const Message& request,
                                                                Message* response, Finish finish) {
      auto answer = handler(call, static_cast<const Request&>(request));
      if (answer.ok()) *static_cast<Response*>(response) = *std::move(answer);
      finish(answer.status());
    });
  }

  const Method* Find(const std::string& name) const {
    const auto it = methods_.find(name);
    return it == methods_.end() ? nullptr : &it->second;
  }
  std::vector<std::string> Names() const;

 private:
  template <typename Request, typename Response, typename Run>
  void Put(const std::string& name, Run run) {
    methods_[name] = {[] { return std::make_unique<Request>(); },
                      [] { return std::make_unique<Response>(); }, std::move(run)};
  }
  std::unordered_map<std::string, Method> methods_;
};

struct PipelineSettings {
  int threads = 4;        ///< 1 to 64; the `rpc` pool.
  int queue_max = 4096;   ///< Calls waiting for a thread; more is QUEUE_FULL.
};

/// What happened to a call, for metrics and the log; no payload.
struct CallRecord {
  std::string method;
  absl::StatusCode code;
  std::string reason;
  std::string principal_id;
  std::string peer;
  absl::Duration elapsed;
};

/// Thread-safe.
class Pipeline {
 public:
  Pipeline(Registry registry, Gate& gate, const base::Clock& clock, PipelineSettings settings,
           std::function<void(const CallRecord&)> observer);
  ~Pipeline();

  const Registry& registry() const { return registry_; }
  /// Admits and runs; `finish` is called once, `response` is filled before when it is OK. Both
  /// messages must live until then.
  void Serve(CallFacts facts, const Message& request, Message* response, Finish finish);
  /// Runs `work` on the pool for an admitted stream; QUEUE_FULL when it is full.
  absl::Status Post(std::function<void()> work);
  absl::StatusOr<Call> Admit(const CallFacts& facts) { return gate_.Admit(facts); }
  /// Refuses new calls with SHUTTING_DOWN and waits for those under way until `deadline`.
  void Stop(absl::Time deadline);

 private:
  class Pool;
  void Run(const CallFacts& facts, const Message& request, Message* response,
           const Finish& finish);
  Registry registry_;
  Gate& gate_;
  const base::Clock& clock_;
  std::function<void(const CallRecord&)> observer_;
  std::unique_ptr<Pool> pool_;
};

}  // namespace kontor::api
