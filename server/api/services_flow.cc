// SPDX-License-Identifier: Apache-2.0
// Operations, exceptions and events: unary methods, and the two streams that follow the feed.
#include <algorithm>
#include <set>

#include "kontor/v1/event.grpc.pb.h"
#include "kontor/v1/exception.grpc.pb.h"
#include "kontor/v1/operation.grpc.pb.h"
#include "server/api/accepting.h"
#include "server/api/feed.h"
#include "server/api/internal/grpc_call.h"
#include "server/api/internal/services.h"
#include "server/api/internal/watch.h"

namespace kontor::api::internal {
namespace {

constexpr int kLookMax = 200;          // events read at once for a stream
constexpr int kWatchedOperationsMax = 1000;

using WatchOperationsRequest = ::kontor::v1::WatchOperationsRequest;
using WatchOperationsResponse = ::kontor::v1::WatchOperationsResponse;
using WatchEventsRequest = ::kontor::v1::WatchEventsRequest;
using WatchEventsResponse = ::kontor::v1::WatchEventsResponse;

/// The operations that the watcher asked for.
struct OperationFilter {
  std::string entity;
  std::string correlation_id;
  std::set<std::string> ids;
  std::set<int> states;

  bool Takes(const model::Operation& operation, const v1::Operation& written) const {
    return (entity.empty() || operation.entity == entity) &&
           (correlation_id.empty() || operation.correlation_id == correlation_id) &&
           (ids.empty() || ids.contains(operation.id)) &&
           (states.empty() || states.contains(written.state()));
  }
};

class OperationLook {
 public:
  OperationLook(Parts parts, Call call, OperationFilter filter, int64_t after)
      : parts_(parts),
        call_(std::move(call)),
        filter_(std::move(filter)),
        after_(after),
        silence_(parts.clock) {}

  absl::StatusOr<Batch<WatchOperationsResponse>> operator()() {
    Batch<WatchOperationsResponse> batch;
    if (!begun_) {
      begun_ = true;
      KONTOR_RETURN_IF_ERROR(Present(&batch));
    }
    ports::EventFilter events;
    events.after = after_;
    KONTOR_ASSIGN_OR_RETURN(const auto page, ReadFeed(parts_, call_, events, kLookMax));
    after_ = page.next_after;
    batch.more = !page.at_end;
    std::set<std::string> seen;
    for (auto it = page.events.rbegin(); it != page.events.rend(); ++it) {
      if (!seen.insert(it->subject).second) continue;
      KONTOR_RETURN_IF_ERROR(AddOperationsOf(it->subject, it->sequence, &batch));
    }
    std::sort(batch.messages.begin(), batch.messages.end(),
              [](const auto& a, const auto& b) { return a.sequence() < b.sequence(); });
    silence_.Break(after_, &batch);
    return batch;
  }

 private:
  /// Named operations are told once as they are, so that nothing is missed between two calls.
  absl::Status Present(Batch<WatchOperationsResponse>* batch) {
    for (const std::string& id : filter_.ids) {
      std::optional<model::Operation> operation;
      KONTOR_RETURN_IF_ERROR(parts_.store.Read([&](ports::ReadView& view) -> absl::Status {
        KONTOR_ASSIGN_OR_RETURN(operation, view.FindOperation(id));
        return absl::OkStatus();
      }));
      if (operation.has_value()) Add(*operation, after_, batch);
    }
    return absl::OkStatus();
  }

  absl::Status AddOperationsOf(const std::string& subject, int64_t sequence,
                               Batch<WatchOperationsResponse>* batch) {
    ports::OperationFilter of_document;
    of_document.document_id = subject;
    ports::Listed<model::Operation> listed;
    KONTOR_RETURN_IF_ERROR(parts_.store.Read([&](ports::ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(listed, view.ListOperations(of_document, {}));
      return absl::OkStatus();
    }));
    for (const auto& operation : listed.rows) Add(operation, sequence, batch);
    return absl::OkStatus();
  }

  void Add(const model::Operation& operation, int64_t sequence,
           Batch<WatchOperationsResponse>* batch) {
    if (!call_.actor.MaySee(operation.entity)) return;
    WatchOperationsResponse message;
    WriteOperation(operation, message.mutable_operation());
    if (!filter_.Takes(operation, message.operation())) return;
    message.set_sequence(sequence);
    batch->messages.push_back(std::move(message));
  }

  Parts parts_;
  Call call_;
  OperationFilter filter_;
  int64_t after_;
  Silence silence_;
  bool begun_ = false;
};

class Operations final : public ::kontor::v1::OperationService::CallbackService {
 public:
  Operations(Pipeline& pipeline, Parts parts, std::shared_ptr<FeedWaiters> waiters, size_t max)
      : pipeline_(pipeline), parts_(parts), waiters_(std::move(waiters)), streams_max_(max) {}
  KONTOR_UNARY(OperationService, GetOperation)
  KONTOR_UNARY(OperationService, ListOperations)
  KONTOR_UNARY(OperationService, ReleaseOperation)
  KONTOR_UNARY(OperationService, RetryOperation)
  KONTOR_UNARY(OperationService, CancelOperation)

  grpc::ServerWriteReactor<WatchOperationsResponse>* WatchOperations(
      grpc::CallbackServerContext* context, const WatchOperationsRequest* request) override {
    using Look = WatchReactor<WatchOperationsResponse>::Look;
    return Watch<WatchOperationsResponse>(
        pipeline_, *waiters_, streams_max_,
        FactsOf(*context, "kontor.v1.OperationService/WatchOperations"),
        [this, request](Call call) -> absl::StatusOr<Look> {
          if (request->operation_ids_size() > kWatchedOperationsMax) {
            return base::Error(base::Reason::kTooLarge)
                .Field("operation_ids")
                .Says("at most 1000 operations in one stream");
          }
          int64_t after = request->after_sequence();
          if (after < 0) {
            return base::Error(base::Reason::kFieldInvalid)
                .Field("after_sequence")
                .Says("must not be negative");
          }
          if (after == 0) {
            KONTOR_ASSIGN_OR_RETURN(after, EndOf(parts_));
          }
          OperationFilter filter{request->entity(), request->correlation_id(), {}, {}};
          filter.ids.insert(request->operation_ids().begin(), request->operation_ids().end());
          filter.states.insert(request->states().begin(), request->states().end());
          return Look(OperationLook(parts_, std::move(call), std::move(filter), after));
        });
  }

 private:
  Pipeline& pipeline_;
  Parts parts_;
  std::shared_ptr<FeedWaiters> waiters_;
  size_t streams_max_;
};

class EventLook {
 public:
  EventLook(Parts parts, Call call, ports::EventFilter filter)
      : parts_(parts),
        call_(std::move(call)),
        filter_(std::move(filter)),
        silence_(parts.clock) {}

  absl::StatusOr<Batch<WatchEventsResponse>> operator()() {
    KONTOR_ASSIGN_OR_RETURN(const auto page, ReadFeed(parts_, call_, filter_, kLookMax));
    filter_.after = page.next_after;
    Batch<WatchEventsResponse> batch;
    batch.more = !page.at_end;
    const Shown shown = call_.unmasked ? Shown::kAll : Shown::kMasked;
    for (const auto& event : page.events) {
      WatchEventsResponse message;
      WriteEvent(event, shown, message.mutable_event());
      message.set_sequence(event.sequence);
      batch.messages.push_back(std::move(message));
    }
    silence_.Break(filter_.after, &batch);
    return batch;
  }

 private:
  Parts parts_;
  Call call_;
  ports::EventFilter filter_;
  Silence silence_;
};

class Events final : public ::kontor::v1::EventService::CallbackService {
 public:
  Events(Pipeline& pipeline, Parts parts, std::shared_ptr<FeedWaiters> waiters, size_t max)
      : pipeline_(pipeline), parts_(parts), waiters_(std::move(waiters)), streams_max_(max) {}
  KONTOR_UNARY(EventService, ListEvents)
  KONTOR_UNARY(EventService, ReplayEvents)

  grpc::ServerWriteReactor<WatchEventsResponse>* WatchEvents(
      grpc::CallbackServerContext* context, const WatchEventsRequest* request) override {
    using Look = WatchReactor<WatchEventsResponse>::Look;
    return Watch<WatchEventsResponse>(
        pipeline_, *waiters_, streams_max_,
        FactsOf(*context, "kontor.v1.EventService/WatchEvents"),
        [this, request](Call call) -> absl::StatusOr<Look> {
          int64_t after = request->after_sequence();
          if (after == -1) {
            KONTOR_ASSIGN_OR_RETURN(after, EndOf(parts_));
          }
          KONTOR_ASSIGN_OR_RETURN(auto filter, FilterFor(call, request->entity(), after));
          filter.types.assign(request->types().begin(), request->types().end());
          filter.subject = request->subject();
          return Look(EventLook(parts_, std::move(call), std::move(filter)));
        });
  }

 private:
  Pipeline& pipeline_;
  Parts parts_;
  std::shared_ptr<FeedWaiters> waiters_;
  size_t streams_max_;
};

class Exceptions final : public ::kontor::v1::ExceptionService::CallbackService {
 public:
  explicit Exceptions(Pipeline& pipeline) : pipeline_(pipeline) {}
  KONTOR_UNARY(ExceptionService, ListExceptions)
  KONTOR_UNARY(ExceptionService, GetException)
  KONTOR_UNARY(ExceptionService, ResolveException)
  KONTOR_UNARY(ExceptionService, ApproveResolution)
  KONTOR_UNARY(ExceptionService, DeclineResolution)

 private:
  Pipeline& pipeline_;
};

}  // namespace

void AddFlowServices(Pipeline& pipeline, const Parts& parts,
                     const std::shared_ptr<FeedWaiters>& waiters, size_t streams_max,
                     Services* out) {
  out->push_back(std::make_unique<Operations>(pipeline, parts, waiters, streams_max));
  out->push_back(std::make_unique<Events>(pipeline, parts, waiters, streams_max));
  out->push_back(std::make_unique<Exceptions>(pipeline));
}

Services MakeServices(Pipeline& pipeline, const Parts& parts,
                      const std::shared_ptr<FeedWaiters>& waiters, const GrpcSettings& settings) {
  Services services;
  AddDocumentServices(pipeline, parts, settings.stream_window, &services);
  AddFlowServices(pipeline, parts, waiters, static_cast<size_t>(settings.streams_max), &services);
  AddAdminServices(pipeline, &services);
  AddExpenseServices(pipeline, parts, waiters, static_cast<size_t>(settings.streams_max),
                     &services);
  AddStatementServices(pipeline, parts, settings, &services);
  if (parts.statements != nullptr) AddPaymentOrderServices(pipeline, &services);
  AddScreeningServices(pipeline, parts, settings, &services);
  return services;
}

}  // namespace kontor::api::internal
