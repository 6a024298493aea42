// SPDX-License-Identifier: Apache-2.0
#include "server/engine/flow_documents.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/time/time.h"
#include "server/base/status.h"

namespace kontor::engine {
namespace {

/// An answer that comes on another thread, waited for here.
class Waited {
 public:
  void Set(absl::StatusOr<AcceptResult> result) {
    const std::lock_guard lock(mutex_);
    result_ = std::move(result);
    come_ = true;
    wake_.notify_all();
  }
  absl::StatusOr<AcceptResult> Take(absl::Duration patience) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, absl::ToChronoNanoseconds(patience), [this] { return come_; });
    if (come_) return std::move(result_);
    return base::Error(base::Reason::kDeadlineExceeded).Says("the engine has not answered in time");
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  absl::StatusOr<AcceptResult> result_ = absl::UnknownError("not yet");
  bool come_ = false;
};

}  // namespace

absl::StatusOr<AcceptResult> AcceptBlocking(Engine& engine, const ports::Actor& actor,
                                            AcceptRequest request) {
  // Longer than any call to Odoo: validate_only asks it. A late answer finds `waited` still there.
  constexpr absl::Duration kPatience = absl::Minutes(3);
  auto waited = std::make_shared<Waited>();
  engine.Accept(actor, std::move(request),
                [waited](absl::StatusOr<AcceptResult> result) { waited->Set(std::move(result)); });
  return waited->Take(kPatience);
}

absl::StatusOr<std::optional<model::Operation>> FindOperation(ports::Store& store,
                                                              const std::string& id) {
  std::optional<model::Operation> operation;
  KONTOR_RETURN_IF_ERROR(store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(operation, view.FindOperation(id));
    return absl::OkStatus();
  }));
  return operation;
}

}  // namespace kontor::engine
