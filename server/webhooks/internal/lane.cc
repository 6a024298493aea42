// SPDX-License-Identifier: Apache-2.0
// The rules of a lane; see the header for what they are for.
#include "server/webhooks/internal/lane.h"

#include <algorithm>

#include "server/base/strings.h"
#include "server/webhooks/deliverer.h"

namespace kontor::webhooks::internal {
namespace {

// Rows kept in memory so that a recovered endpoint gets them at once; others wait for their time.
constexpr std::size_t kDeferredMax = 1000;
constexpr int kReadAhead = 4;
// Subjects on the wire or waiting for the disk, in multiples of what may be on the wire: when the
// store is slow, sending waits for it.
constexpr int kBusyFactor = 8;

}  // namespace

Lane::Lane(Endpoint endpoint) : endpoint_(std::move(endpoint)) {
  // What was broken before a restart is met with one delivery, not with all.
  if (endpoint_.state == EndpointState::kBroken) breaker_ = Breaker::Broken();
}

bool Lane::MaySend() const {
  return endpoint_.state == EndpointState::kActive || endpoint_.state == EndpointState::kBroken;
}

std::vector<ports::DeliveryRow> Lane::Update(Endpoint endpoint, absl::Time now) {
  const bool revived =
      endpoint.state == EndpointState::kActive && endpoint_.state != EndpointState::kActive;
  const bool moved = endpoint.spec.url != endpoint_.spec.url;
  endpoint_ = std::move(endpoint);
  if (!MaySend()) ForgetReady();
  if (!revived && !moved) return {};
  breaker_.Reset();
  drained_ = false;
  return BringForward(now);
}

int Lane::FreeSlots(absl::Time now) const {
  if (!MaySend()) return 0;
  const int on_the_wire = breaker_.Allowance(endpoint_.spec.max_in_flight, now) - on_wire_;
  const int on_the_way = kBusyFactor * endpoint_.spec.max_in_flight -
                         static_cast<int>(busy_.size());
  return std::max(0, std::min(on_the_wire, on_the_way));
}

int Lane::RowsWanted(absl::Time now) const {
  const int slots = FreeSlots(now);
  const bool is_drained = drained_ && now < look_at_;
  if (is_drained || slots == 0 || static_cast<int>(ready_.size()) >= slots) return 0;
  // Rows of busy subjects are answered too, and then left out.
  return kReadAhead * endpoint_.spec.max_in_flight + static_cast<int>(busy_.size());
}

bool Lane::IsTaken(const std::string& subject) const {
  return busy_.contains(subject) || ready_subjects_.contains(subject);
}

void Lane::AddReady(std::vector<Ready> ready) {
  for (Ready& item : ready) {
    if (!IsTaken(item.row.subject)) MakeReady(std::move(item));
  }
}

void Lane::MakeReady(Ready item) {
  ready_subjects_.insert(item.row.subject);
  ready_.push_back(std::move(item));
}

void Lane::TakeFresh(Ready fresh, bool may_keep) {
  const std::string subject = fresh.row.subject;
  ++fresh_count_;
  may_keep = may_keep && MaySend();
  if (const auto followed = behind_.find(subject); followed != behind_.end()) {
    if (!may_keep) return StopFollowing(subject);
    followed->second.push_back(std::move(fresh));
    ++behind_count_;
    return;
  }
  if (IsTaken(subject)) return;  // read when what is before it has been recorded
  if (fresh.row.first && may_keep) {
    behind_.try_emplace(subject);
    MakeReady(std::move(fresh));
  } else {
    drained_ = false;
  }
}

bool Lane::HasEnough() const {
  const auto enough = static_cast<std::size_t>(kReadAhead * endpoint_.spec.max_in_flight);
  return kept() >= enough;
}

void Lane::StopFollowing(const std::string& subject) {
  const auto followed = behind_.find(subject);
  if (followed == behind_.end()) return;
  behind_count_ -= followed->second.size();
  behind_.erase(followed);
}

void Lane::Recorded(const std::string& subject) {
  busy_.erase(subject);
  const auto followed = behind_.find(subject);
  if (followed == behind_.end()) {
    drained_ = false;
  } else if (followed->second.empty()) {
    behind_.erase(followed);
  } else {
    Ready next = std::move(followed->second.front());
    followed->second.pop_front();
    --behind_count_;
    MakeReady(std::move(next));
  }
}

void Lane::ForgetReady() {
  ready_.clear();
  ready_subjects_.clear();
  behind_.clear();
  behind_count_ = 0;
  drained_ = false;
}

std::optional<Ready> Lane::TakeReady(absl::Time now) {
  if (ready_.empty() || FreeSlots(now) == 0) return std::nullopt;
  // After a rest one delivery speaks for all: the least tried one, so that a single one that the
  // receiver cannot digest does not keep the endpoint down.
  const auto best = breaker_.rests() == 0
                        ? ready_.begin()
                        : std::min_element(ready_.begin(), ready_.end(),
                                           [](const Ready& a, const Ready& b) {
                                             return a.row.attempts < b.row.attempts;
                                           });
  Ready next = std::move(*best);
  ready_.erase(best);
  ready_subjects_.erase(next.row.subject);
  busy_.insert(next.row.subject);
  deferred_.erase(next.row.id);
  ++on_wire_;
  return next;
}

std::vector<ports::DeliveryRow> Lane::BringForward(absl::Time now) {
  std::vector<ports::DeliveryRow> rows;
  for (auto& [id, row] : deferred_) {
    row.next_attempt = now;
    rows.push_back(std::move(row));
  }
  deferred_.clear();
  return rows;
}

void Lane::Defer(const ports::DeliveryRow& row) {
  look_at_ = std::min(look_at_, row.next_attempt);
  if (deferred_.size() < kDeferredMax) deferred_.emplace(row.id, row);
}

void Lane::NoteDrained(absl::Time now) {
  drained_ = true;
  if (now < look_at_) return;
  look_at_ = absl::InfiniteFuture();
  for (const auto& [id, row] : deferred_) {
    if (row.next_attempt > now) look_at_ = std::min(look_at_, row.next_attempt);
  }
}

void Lane::ConcludeFailure(ports::DeliveryRow& row, const ports::HttpResponse& response,
                           absl::Time now, std::uint32_t random) {
  absl::Duration wait = RetryDelay(row.attempts, random);
  breaker_.OnFailure(now);
  if (const std::optional<absl::Duration> asked = RetryAfter(response, now)) {
    wait = std::max(wait, *asked);
    if (VerdictOf(response) == Verdict::kThrottled) breaker_.RestUntil(now + *asked);
  }
  row.next_attempt = now + wait;
  // The endpoint takes others but not this one: a person must look, and its subject waits.
  if (row.attempts >= kAttemptsMax && last_success_ && *last_success_ > row.created) {
    row.state = ports::DeliveryState::kParked;
    row.last_error = base::StrCat(row.last_error, "; kept back after ", row.attempts, " attempts");
    return;
  }
  Defer(row);
}

Conclusion Lane::Conclude(ports::DeliveryRow row, const ports::HttpResponse& response,
                          absl::Time now, std::uint32_t random) {
  --on_wire_;
  ++row.attempts;
  row.last_http_status = response.http_status;
  Conclusion conclusion;
  const Verdict verdict = VerdictOf(response);
  if (verdict == Verdict::kDelivered) {
    const bool recovered = breaker_.failures() > 0;
    row.state = ports::DeliveryState::kDelivered;
    row.last_error.clear();
    row.ended = now;
    breaker_.OnSuccess();
    last_success_ = now;
    last_error_.clear();
    conclusion.rows.push_back(std::move(row));
    if (recovered) {
      for (ports::DeliveryRow& other : BringForward(now)) {
        conclusion.rows.push_back(std::move(other));
      }
    }
    if (endpoint_.state == EndpointState::kBroken) {
      conclusion.transition =
          Transition{endpoint_.id, EndpointState::kBroken, EndpointState::kActive, ""};
    }
    return conclusion;
  }
  StopFollowing(row.subject);
  row.last_error = ErrorText(response);
  last_error_ = row.last_error;
  if (verdict == Verdict::kGone) {
    row.next_attempt = now;  // when a person resumes the endpoint
    endpoint_.state = EndpointState::kDisabled;
    ForgetReady();
    conclusion.transition = Transition{endpoint_.id, EndpointState::kActive,
                                       EndpointState::kDisabled, "It answered 410 Gone."};
  } else {
    ConcludeFailure(row, response, now, random);
    if (breaker_.is_broken() && endpoint_.state == EndpointState::kActive) {
      conclusion.transition = Transition{
          endpoint_.id, EndpointState::kActive, EndpointState::kBroken,
          base::StrCat(breaker_.failures(), " deliveries in a row failed; the last one: ",
                       last_error_, ".")};
      endpoint_.state = EndpointState::kBroken;
    }
  }
  conclusion.rows.push_back(std::move(row));
  return conclusion;
}

}  // namespace kontor::webhooks::internal
