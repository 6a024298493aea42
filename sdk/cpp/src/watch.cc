// SPDX-License-Identifier: Apache-2.0
// The typed face of ResumingWatch, for the two streams there are.
#include "kontor/sdk/watch.h"

#include <utility>

#include "sdk/cpp/src/resuming_watch.h"

namespace kontor::sdk {

template <typename Response>
Watch<Response>::Watch(std::unique_ptr<internal::ResumingWatch> watch)
    : watch_(std::move(watch)) {}
template <typename Response>
Watch<Response>::Watch(Watch&&) noexcept = default;
template <typename Response>
Watch<Response>& Watch<Response>::operator=(Watch&&) noexcept = default;
template <typename Response>
Watch<Response>::~Watch() = default;

template <typename Response>
absl::StatusOr<Response> Watch<Response>::Next(absl::Duration timeout) {
  Response response;
  absl::Status status = watch_->Next(response, timeout);
  if (!status.ok()) return status;
  return response;
}

template <typename Response>
void Watch<Response>::Cancel() {
  watch_->Cancel();
}

template <typename Response>
int64_t Watch<Response>::sequence() const {
  return watch_->sequence();
}

template class Watch<v1::WatchEventsResponse>;
template class Watch<v1::WatchOperationsResponse>;

}  // namespace kontor::sdk
