// SPDX-License-Identifier: Apache-2.0
#include "server/api/internal/bulk_reactor.h"

#include "server/api/errors.h"
#include "server/api/internal/grpc_call.h"
#include "server/base/status.h"

namespace kontor::api::internal {
namespace {

using CreateResponse = ::kontor::v1::CreateInvoiceResponse;

/// Shared with the answers still to come, which may outlive the reactor.
class BulkState : public std::enable_shared_from_this<BulkState> {
 public:
  struct Slot {
    bool ready = false;
    BulkResponse response;
  };
  std::mutex mutex;
  grpc::ServerBidiReactor<BulkRequest, BulkResponse>* reactor = nullptr;  ///< nullptr: gone.
  std::deque<std::shared_ptr<Slot>> slots;  ///< In the order of the items.
  int window = 0;
  int64_t next_index = 0;
  bool reading = false;
  bool writing = false;
  bool reads_done = false;
  bool finished = false;
  absl::Status final;
  BulkRequest incoming;
};

/// Starts what may start. Called with the lock held; gRPC's Start calls return at once.
void Advance(BulkState& state) {
  if (state.reactor == nullptr || state.finished) return;
  if (!state.writing && !state.slots.empty() && state.slots.front()->ready) {
    state.writing = true;
    state.reactor->StartWrite(&state.slots.front()->response);
  }
  const bool room = state.slots.size() < static_cast<size_t>(state.window);
  if (!state.reading && !state.reads_done && room && state.final.ok()) {
    state.reading = true;
    state.reactor->StartRead(&state.incoming);
  }
  const bool drained = (state.reads_done || !state.final.ok()) && state.slots.empty();
  if (drained && !state.reading && !state.writing) {
    state.finished = true;
    state.reactor->Finish(ToGrpc(state.final));
  }
}

class BulkReactor final : public grpc::ServerBidiReactor<BulkRequest, BulkResponse> {
 public:
  BulkReactor(Pipeline& pipeline, CallFacts facts, AcceptItem accept, int window)
      : pipeline_(pipeline), accept_(std::move(accept)), state_(std::make_shared<BulkState>()) {
    state_->reactor = this;
    state_->window = window;
    auto call = pipeline_.Admit(facts);
    const std::lock_guard lock(state_->mutex);
    if (call.ok()) {
      call_ = std::make_shared<Call>(*std::move(call));
    } else {
      state_->final = call.status();
    }
    Advance(*state_);
  }

  void OnReadDone(bool ok) override {
    auto item = std::make_shared<::kontor::v1::CreateInvoiceRequest>();
    std::shared_ptr<BulkState::Slot> slot;
    {
      const std::lock_guard lock(state_->mutex);
      state_->reading = false;
      if (!ok) {
        state_->reads_done = true;
        Advance(*state_);
        return;
      }
      item->Swap(state_->incoming.mutable_item());
      slot = std::make_shared<BulkState::Slot>();
      slot->response.set_index(state_->next_index++);
      slot->response.mutable_result()->set_request_id(item->request_id());
      state_->slots.push_back(slot);
      Advance(*state_);
    }
    const absl::Status posted = pipeline_.Post(
        [call = call_, accept = accept_, item, slot, state = state_] {
          accept(*call, *item, [slot, state, item](absl::StatusOr<CreateResponse> answer) {
            Ready(state, slot, std::move(answer));
          });
        });
    if (!posted.ok()) Ready(state_, slot, posted);
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(state_->mutex);
    state_->writing = false;
    state_->slots.pop_front();
    if (!ok) {
      state_->final = absl::CancelledError("the client is gone");
      state_->slots.clear();
    }
    Advance(*state_);
  }

  void OnCancel() override {
    const std::lock_guard lock(state_->mutex);
    state_->final = absl::CancelledError("cancelled");
    if (!state_->writing) state_->slots.clear();
    Advance(*state_);
  }

  void OnDone() override {
    {
      const std::lock_guard lock(state_->mutex);
      state_->reactor = nullptr;
    }
    delete this;
  }

 private:
  static void Ready(const std::shared_ptr<BulkState>& state,
                    const std::shared_ptr<BulkState::Slot>& slot,
                    absl::StatusOr<CreateResponse> answer) {
    const std::lock_guard lock(state->mutex);
    auto* result = slot->response.mutable_result();
    if (answer.ok()) {
      *result->mutable_response() = *std::move(answer);
    } else {
      *result->mutable_error() = ToStatusDetail(answer.status());
    }
    slot->ready = true;
    Advance(*state);
  }

  Pipeline& pipeline_;
  AcceptItem accept_;
  std::shared_ptr<Call> call_;
  std::shared_ptr<BulkState> state_;
};

}  // namespace

grpc::ServerBidiReactor<BulkRequest, BulkResponse>* MakeBulkReactor(Pipeline& pipeline,
                                                                    CallFacts facts,
                                                                    AcceptItem accept,
                                                                    int window) {
  return new BulkReactor(pipeline, std::move(facts), std::move(accept), window);
}

}  // namespace kontor::api::internal
