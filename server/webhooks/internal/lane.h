// SPDX-License-Identifier: Apache-2.0
// One endpoint's deliveries in memory: what is ready, what is on the wire, and how the endpoint
// fares. Decides what an answer means for a delivery; does no I/O. Private to server/webhooks.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/model/event.h"
#include "server/ports/http_client.h"
#include "server/ports/store.h"
#include "server/webhooks/endpoint.h"
#include "server/webhooks/schedule.h"

namespace kontor::webhooks::internal {

struct Ready {
  ports::DeliveryRow row;
  model::Event event;
};

/// A change of an endpoint's state that an answer brought about.
struct Transition {
  std::string endpoint_id;
  EndpointState from = EndpointState::kActive;
  EndpointState to = EndpointState::kActive;
  std::string reason;
};

/// What must be written because of an answer.
struct Conclusion {
  std::vector<ports::DeliveryRow> rows;  ///< The answered one first.
  std::optional<Transition> transition;
};

/// Thread safety: one thread at a time.
class Lane {
 public:
  explicit Lane(Endpoint endpoint);

  const Endpoint& endpoint() const { return endpoint_; }
  /// Takes a newer version of the endpoint. An endpoint that becomes active starts afresh: rows
  /// whose next attempt was put off come back as due.
  std::vector<ports::DeliveryRow> Update(Endpoint endpoint, absl::Time now);

  /// Whether anything may be sent at `now`, and how much more than is on the wire.
  int FreeSlots(absl::Time now) const;
  /// Rows worth reading: enough to keep the slots busy. 0 when none may be sent, or when the last
  /// reading took all there was and nothing has changed since.
  int RowsWanted(absl::Time now) const;
  /// All that is due was read; until MayHaveMore().
  void NoteDrained() { drained_ = true; }
  void MayHaveMore() { drained_ = false; }
  /// Whether a delivery of `subject` is ready, on the wire or not yet recorded.
  bool IsTaken(const std::string& subject) const;
  /// Adds due rows; those of subjects that are busy or ready already are left out.
  void AddReady(std::vector<Ready> ready);
  /// The next to send, whose subject then is busy; nullopt when there is none or no slot.
  std::optional<Ready> TakeReady(absl::Time now);

  /// What an answer means. The subject stays busy until Recorded().
  Conclusion Conclude(ports::DeliveryRow row, const ports::HttpResponse& response, absl::Time now,
                      std::uint32_t random);
  /// The row of `subject` is on disk: its next one may follow.
  void Recorded(const std::string& subject) {
    busy_.erase(subject);
    drained_ = false;
  }
  /// Forgets what is ready: another node may deliver now.
  void ForgetReady();

  int on_wire() const { return on_wire_; }
  int failures() const { return breaker_.failures(); }
  std::optional<absl::Time> last_success() const { return last_success_; }
  const std::string& last_error() const { return last_error_; }

 private:
  bool MaySend() const;
  std::vector<ports::DeliveryRow> BringForward(absl::Time now);
  void Defer(const ports::DeliveryRow& row);
  void ConcludeFailure(ports::DeliveryRow& row, const ports::HttpResponse& response,
                       absl::Time now, std::uint32_t random);

  Endpoint endpoint_;
  Breaker breaker_;
  std::deque<Ready> ready_;
  std::set<std::string> ready_subjects_;
  std::set<std::string> busy_;  // subjects on the wire or not yet recorded
  int on_wire_ = 0;
  bool drained_ = false;
  std::map<std::string, ports::DeliveryRow> deferred_;  // put off by failures seen here, by id
  std::optional<absl::Time> last_success_;
  std::string last_error_;
};

}  // namespace kontor::webhooks::internal
