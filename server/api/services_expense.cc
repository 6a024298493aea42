// SPDX-License-Identifier: Apache-2.0
// Sources and expense reports, and the stream of reports that change.
#include "kontor/v1/expense.grpc.pb.h"
#include "kontor/v1/source.grpc.pb.h"
#include "server/api/expense_api.h"
#include "server/api/internal/services.h"
#include "server/api/internal/watch.h"
#include "server/api/snake_json.h"

namespace kontor::api::internal {
namespace {

using ::kontor::v1::WatchExpenseReportsRequest;
using ::kontor::v1::WatchExpenseReportsResponse;

constexpr int kLookMax = 200;
const std::vector<std::string>& Types() {
  static const auto* const kTypes =
      new std::vector<std::string>{"expense_report.*", "reimbursement.failed"};
  return *kTypes;
}

/// Reports as they stand now, for each event of the feed.
class ReportLook {
 public:
  ReportLook(Parts parts, Call call, ports::EventFilter filter)
      : parts_(parts),
        call_(std::move(call)),
        filter_(std::move(filter)),
        silence_(parts.clock) {}

  absl::StatusOr<Batch<WatchExpenseReportsResponse>> operator()() {
    KONTOR_ASSIGN_OR_RETURN(const auto page, ReadFeed(parts_, call_, filter_, kLookMax));
    filter_.after = page.next_after;
    Batch<WatchExpenseReportsResponse> batch;
    batch.more = !page.at_end;
    for (const model::Event& event : page.events) {
      const auto view = parts_.expenses->Get(call_.actor, event.subject);
      if (!view.ok()) continue;
      WatchExpenseReportsResponse message;
      KONTOR_RETURN_IF_ERROR(ShowSnakeJson(call_, view->json, message.mutable_report()));
      message.set_event_type(event.type);
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

class Reports final : public ::kontor::v1::ExpenseService::CallbackService {
 public:
  Reports(Pipeline& pipeline, Parts parts, std::shared_ptr<FeedWaiters> waiters, size_t max)
      : pipeline_(pipeline), parts_(parts), waiters_(std::move(waiters)), streams_max_(max) {}
  KONTOR_UNARY(ExpenseService, SubmitExpenseReport)
  KONTOR_UNARY(ExpenseService, GetExpenseReport)
  KONTOR_UNARY(ExpenseService, ListExpenseReports)
  KONTOR_UNARY(ExpenseService, RecallExpenseReport)
  KONTOR_UNARY(ExpenseService, CheckExpenseMapping)

  grpc::ServerWriteReactor<WatchExpenseReportsResponse>* WatchExpenseReports(
      grpc::CallbackServerContext* context, const WatchExpenseReportsRequest* request) override {
    using Look = WatchReactor<WatchExpenseReportsResponse>::Look;
    return Watch<WatchExpenseReportsResponse>(
        pipeline_, *waiters_, streams_max_,
        FactsOf(*context, "kontor.v1.ExpenseService/WatchExpenseReports"),
        [this, request](Call call) -> absl::StatusOr<Look> {
          int64_t after = request->after_sequence();
          if (after < 0) {
            return base::Error(base::Reason::kFieldInvalid)
                .Field("after_sequence")
                .Says("must not be negative");
          }
          if (after == 0) {
            KONTOR_ASSIGN_OR_RETURN(after, EndOf(parts_));
          }
          KONTOR_ASSIGN_OR_RETURN(auto filter, FilterFor(call, request->entity(), after));
          filter.types = Types();
          return Look(ReportLook(parts_, std::move(call), std::move(filter)));
        });
  }

 private:
  Pipeline& pipeline_;
  Parts parts_;
  std::shared_ptr<FeedWaiters> waiters_;
  size_t streams_max_;
};

class SourcesOf final : public ::kontor::v1::SourceService::CallbackService {
 public:
  explicit SourcesOf(Pipeline& pipeline) : pipeline_(pipeline) {}
  KONTOR_UNARY(SourceService, CreateSource)
  KONTOR_UNARY(SourceService, GetSource)
  KONTOR_UNARY(SourceService, ListSources)
  KONTOR_UNARY(SourceService, UpdateSource)
  KONTOR_UNARY(SourceService, RotateSourceSecret)
  KONTOR_UNARY(SourceService, PauseSource)
  KONTOR_UNARY(SourceService, ResumeSource)
  KONTOR_UNARY(SourceService, CheckSource)
  KONTOR_UNARY(SourceService, ListInboundMessages)
  KONTOR_UNARY(SourceService, GetInboundMessage)
  KONTOR_UNARY(SourceService, ReleaseInboundMessage)
  KONTOR_UNARY(SourceService, DiscardInboundMessage)

 private:
  Pipeline& pipeline_;
};

}  // namespace

void AddExpenseServices(Pipeline& pipeline, const Parts& parts,
                        const std::shared_ptr<FeedWaiters>& waiters, size_t streams_max,
                        Services* out) {
  if (parts.expenses == nullptr) return;
  out->push_back(std::make_unique<Reports>(pipeline, parts, waiters, streams_max));
  out->push_back(std::make_unique<SourcesOf>(pipeline));
}

}  // namespace kontor::api::internal
