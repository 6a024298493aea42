// SPDX-License-Identifier: Apache-2.0
// One endpoint's deliveries in memory: what is ready, what is on the wire, and how the endpoint
// fares. Decides what an answer means for a delivery; does no I/O. Private to server/webhooks.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
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
  /// All that is due was read; until MayHaveMore() or until one that was put off here is due.
  void NoteDrained(absl::Time now);
  void MayHaveMore() { drained_ = false; }
  /// Whether a delivery of `subject` is ready, on the wire or not yet recorded.
  bool IsTaken(const std::string& subject) const;
  /// Adds due rows; those of subjects that are busy or ready already are left out.
  void AddReady(std::vector<Ready> ready);
  /// Takes a delivery that was just written, so that it need not be read again: it is ready when
  /// nothing of its subject is open before it, and follows when all that is open before it is here.
  /// Otherwise, or when `may_keep` is not given, it is left to be read when its turn has come.
  /// In the order of the feed.
  void TakeFresh(Ready fresh, bool may_keep);
  /// A new batch of fresh ones begins.
  void BeginFresh() { fresh_count_ = 0; }
  bool TookFresh() const { return fresh_count_ > 0; }
  /// Whether another batch like the last would only pile up.
  bool HasEnough() const;
  /// Deliveries kept in memory that are not on the wire.
  std::size_t kept() const { return ready_.size() + behind_count_; }
  /// The next to send, whose subject then is busy; nullopt when there is none or no slot.
  std::optional<Ready> TakeReady(absl::Time now);

  /// What an answer means. The subject stays busy until Recorded().
  Conclusion Conclude(ports::DeliveryRow row, const ports::HttpResponse& response, absl::Time now,
                      std::uint32_t random);
  /// The row of `subject` is on disk: its next one may follow.
  void Recorded(const std::string& subject);
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
  void MakeReady(Ready item);
  /// What follows in this subject is to be read from the store.
  void StopFollowing(const std::string& subject);
  void ConcludeFailure(ports::DeliveryRow& row, const ports::HttpResponse& response,
                       absl::Time now, std::uint32_t random);

  Endpoint endpoint_;
  Breaker breaker_;
  std::deque<Ready> ready_;
  std::unordered_set<std::string> ready_subjects_;
  std::unordered_set<std::string> busy_;  // subjects on the wire or not yet recorded
  // Subjects, busy or ready, whose every later delivery stands here, in order; none is left out.
  std::unordered_map<std::string, std::deque<Ready>> behind_;
  std::size_t behind_count_ = 0;
  int fresh_count_ = 0;  // in the last batch
  int on_wire_ = 0;
  bool drained_ = false;
  absl::Time look_at_ = absl::InfiniteFuture();  // when the first of deferred_ is due
  std::map<std::string, ports::DeliveryRow> deferred_;  // put off by failures seen here, by id
  std::optional<absl::Time> last_success_;
  std::string last_error_;
};

}  // namespace kontor::webhooks::internal
