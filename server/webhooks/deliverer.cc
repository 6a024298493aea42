// SPDX-License-Identifier: Apache-2.0
// The rounds of delivery. The order within a round matters: answers free subjects only once they
// are on disk, so that the next event of a subject cannot overtake one whose success may be
// forgotten.
#include "server/webhooks/deliverer.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iterator>
#include <random>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/webhooks/internal/fan_out.h"
#include "server/webhooks/internal/inbox.h"
#include "server/webhooks/internal/lane.h"
#include "server/webhooks/payload.h"

namespace kontor::webhooks {
namespace {

using internal::Finished;
using internal::Inbox;
using internal::Lane;
using internal::Ready;
using internal::RecordBatch;
using internal::Transition;

constexpr char kLease[] = "webhooks";
// Beyond a request's own time-out, before the lease must not be relied on.
constexpr absl::Duration kLeaseMargin = absl::Seconds(5);
constexpr int kRowsReadMax = 1000;
// Deliveries of all endpoints kept in memory between writing and sending; others are read again.
constexpr std::size_t kKeptMax = 4000;
// How long events may wait to be fanned out because endpoints have enough to do.
constexpr absl::Duration kFanOutHold = absl::Milliseconds(100);
// For a unit that the commit thread has; the store's own time-outs end it long before.
constexpr absl::Duration kStoreWaitMax = absl::Minutes(2);

}  // namespace

class Deliverer::Impl {
 public:
  Impl(const Dependencies& deps, const Settings& settings)
      : deps_(deps), settings_(settings), inbox_(std::make_shared<Inbox>()),
        jitter_(std::random_device()()) {
    deps_.store.OnCommit([inbox = inbox_](const ports::CommitNotice& n) { inbox->Notice(n); });
  }

  void Start() {
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "delivery");
      while (WaitForWork()) {
        while (Tick(/*wait_for_store=*/false) && !IsStopping()) {
        }
      }
    });
  }

  void Stop(absl::Duration patience) {
    {
      const std::lock_guard lock(inbox_->mutex);
      inbox_->stopping = true;
      inbox_->changed.notify_all();
    }
    if (thread_.joinable()) thread_.join();
    if (stopped_) return;
    stopped_ = true;
    const auto deadline =
        std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(patience);
    while (on_wire_ > 0) {
      std::unique_lock lock(inbox_->mutex);
      const bool answered = inbox_->changed.wait_until(
          lock, deadline, [this] { return !inbox_->finished.empty(); });
      lock.unlock();
      if (!answered) break;
      TakeAnswers(deps_.clock.Now());
    }
    const absl::Time now = deps_.clock.Now();
    FinishFanOut(now, TakeEnd(inbox_->fanned_out, fanning_out_));
    FinishRecording(now, TakeEnd(inbox_->recorded, recording_ != nullptr));
    StartRecording(now);
    FinishRecording(now, TakeEnd(inbox_->recorded, recording_ != nullptr));
    GiveLeaseBack();
  }

  void Wake() {
    const std::lock_guard lock(inbox_->mutex);
    inbox_->woken = true;
    inbox_->events_waiting = true;
    inbox_->endpoints_changed = true;
    inbox_->changed.notify_all();
  }

  bool Tick(bool wait_for_store) {
    const absl::Time now = deps_.clock.Now();
    if (!HoldLease(now)) return false;
    Reload(now);
    bool more = FinishUnits(now);
    const bool answered = TakeAnswers(now);
    SendReady(now);
    StartRecording(now);
    StartFanOut(now);
    if (wait_for_store) {
      more = FinishFanOut(now, TakeEnd(inbox_->fanned_out, fanning_out_)) || more;
      more = (FinishRecording(now, TakeEnd(inbox_->recorded, recording_ != nullptr)) &&
              answered) ||
             more;
    }
    const bool read = ReadDue(now);
    SendReady(now);
    return more || read;
  }

  int on_wire() const { return on_wire_; }

  EndpointHealth HealthOf(const std::string& id) const {
    const std::lock_guard lock(health_mutex_);
    const auto found = health_.find(id);
    return found == health_.end() ? EndpointHealth{} : found->second;
  }
  DelivererCounts counts() const {
    const std::lock_guard lock(health_mutex_);
    return counts_;
  }

 private:
  bool IsStopping() {
    const std::lock_guard lock(inbox_->mutex);
    return inbox_->stopping;
  }

  // False when it is time to stop.
  bool WaitForWork() {
    std::unique_lock lock(inbox_->mutex);
    inbox_->changed.wait_for(lock, absl::ToChronoNanoseconds(settings_.poll_interval),
                             [this] { return inbox_->woken || inbox_->stopping; });
    inbox_->woken = false;
    return !inbox_->stopping;
  }

  void Log(const std::string& event,
           const std::vector<std::pair<std::string, std::string>>& fields) const {
    if (deps_.log) deps_.log(event, fields);
  }

  // True while this node may deliver. Renews the lease after a third of its time.
  bool HoldLease(absl::Time now) {
    if (now < lease_renewal_) return fence_ != 0;
    lease_renewal_ = now + settings_.lease_ttl / 3;
    std::int64_t fence = 0;
    const absl::Status status = deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(
          fence, unit.AcquireLease(kLease, settings_.node, now, settings_.lease_ttl));
      return absl::OkStatus();
    });
    if (status.ok()) {
      if (fence_ == 0) Log("webhooks.lease_taken", {});
      fence_ = fence;
      lease_until_ = now + settings_.lease_ttl;
      return true;
    }
    LoseLease(now, status);
    return fence_ != 0;
  }

  void LoseLease(absl::Time now, const absl::Status& status) {
    // A store that does not answer takes no lease away; one that is another's does.
    if (!base::Is(status, base::Reason::kLeaseLost) && now < lease_until_) return;
    if (fence_ != 0) Log("webhooks.lease_lost", {{"reason", base::InfoOf(status).reason}});
    fence_ = 0;
    for (auto& [id, lane] : lanes_) lane.ForgetReady();
  }

  void GiveLeaseBack() {
    if (fence_ == 0) return;
    const std::int64_t fence = fence_;
    fence_ = 0;
    deps_.store.Commit([&](ports::Unit& unit) { return unit.ReleaseLease(kLease, fence); })
        .IgnoreError();  // it runs out by itself
  }

  void Reload(absl::Time now) {
    {
      const std::lock_guard lock(inbox_->mutex);
      if (!inbox_->endpoints_changed && now < next_reload_) return;
      inbox_->endpoints_changed = false;
    }
    next_reload_ = now + settings_.reload_interval;
    std::vector<ports::ObjectRow> rows;
    const absl::Status status = deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(rows, view.AllObjects(kEndpointKind));
      return absl::OkStatus();
    });
    if (!status.ok()) {
      const std::lock_guard lock(inbox_->mutex);
      inbox_->endpoints_changed = true;
      return;
    }
    std::set<std::string> seen;
    for (const ports::ObjectRow& row : rows) {
      absl::StatusOr<Endpoint> endpoint = FromRow(row);
      if (!endpoint.ok()) {
        Log("webhooks.endpoint_unreadable", {{"endpoint", row.id}});
        continue;
      }
      seen.insert(row.id);
      TakeEndpoint(*std::move(endpoint), now);
    }
    for (auto at = lanes_.begin(); at != lanes_.end();) {
      if (!seen.contains(at->first)) at->second.ForgetReady();
      const bool is_gone = !seen.contains(at->first) && at->second.on_wire() == 0;
      at = is_gone ? lanes_.erase(at) : std::next(at);
    }
    // Whoever woke may have made deliveries due: a replay does.
    for (auto& [id, lane] : lanes_) lane.MayHaveMore();
  }

  void TakeEndpoint(Endpoint endpoint, absl::Time now) {
    const auto found = lanes_.find(endpoint.id);
    if (found == lanes_.end()) {
      const std::string id = endpoint.id;
      lanes_.emplace(id, Lane(std::move(endpoint)));
    } else if (found->second.endpoint().version != endpoint.version) {
      for (ports::DeliveryRow& row : found->second.Update(std::move(endpoint), now)) {
        unrecorded_.push_back(std::move(row));
      }
    }
  }

  bool TakeAnswers(absl::Time now) {
    std::vector<Finished> finished;
    {
      const std::lock_guard lock(inbox_->mutex);
      finished.swap(inbox_->finished);
    }
    for (Finished& item : finished) TakeAnswer(std::move(item), now);
    return !finished.empty();
  }

  void TakeAnswer(Finished item, absl::Time now) {
    --on_wire_;
    const auto found = lanes_.find(item.endpoint_id);
    if (found == lanes_.end()) return;
    Lane& lane = found->second;
    internal::Conclusion conclusion = lane.Conclude(
        std::move(item.row), item.response, now, static_cast<std::uint32_t>(jitter_()));
    const ports::DeliveryRow& row = conclusion.rows.front();
    answered_subjects_.emplace_back(item.endpoint_id, row.subject);
    NoteHealth(item.endpoint_id, lane, row);
    if (row.state != ports::DeliveryState::kDelivered) {
      Log("webhooks.delivery_failed",
          {{"endpoint", item.endpoint_id}, {"delivery", row.id}, {"event", row.event_id},
           {"attempts", std::to_string(row.attempts)}, {"error", row.last_error}});
    }
    for (ports::DeliveryRow& changed : conclusion.rows) unrecorded_.push_back(std::move(changed));
    if (conclusion.transition) transitions_.push_back(*std::move(conclusion.transition));
  }

  void NoteHealth(const std::string& id, const Lane& lane, const ports::DeliveryRow& row) {
    const std::lock_guard lock(health_mutex_);
    health_[id] = {lane.failures(), lane.last_success(), lane.last_error()};
    if (row.state == ports::DeliveryState::kDelivered) ++counts_.delivered;
    if (row.state == ports::DeliveryState::kPending) ++counts_.failed;
    if (row.state == ports::DeliveryState::kParked) ++counts_.parked;
  }

  // Hands what answers brought about to the commit thread, one unit at a time.
  void StartRecording(absl::Time now) {
    if (recording_ || fence_ == 0 || now < next_recording_) return;
    if (unrecorded_.empty() && transitions_.empty()) return;
    recording_ = std::make_shared<RecordBatch>();
    recording_->rows.swap(unrecorded_);
    recording_->transitions.swap(transitions_);
    recording_->subjects.swap(answered_subjects_);
    recording_->fence = fence_;
    recording_->now = now;
    deps_.store.Submit(
        [batch = recording_](ports::Unit& unit) -> absl::Status {
          // Without the lease another node may have sent on; its rows are newer than these.
          KONTOR_RETURN_IF_ERROR(unit.CheckLease(kLease, batch->fence));
          for (ports::DeliveryRow& row : batch->rows) {
            KONTOR_RETURN_IF_ERROR(unit.PutDelivery(row));
          }
          for (const Transition& transition : batch->transitions) {
            KONTOR_RETURN_IF_ERROR(internal::Apply(transition, batch->now, unit));
          }
          return absl::OkStatus();
        },
        [inbox = inbox_](absl::Status status) { inbox->PutRecorded(std::move(status)); });
  }

  using End = std::optional<absl::Status>;

  // Waits for the end of a unit when one is on its way.
  End TakeEnd(End& end, bool on_its_way) {
    std::unique_lock lock(inbox_->mutex);
    if (on_its_way) {
      inbox_->changed.wait_for(lock, absl::ToChronoNanoseconds(kStoreWaitMax),
                               [&] { return end.has_value(); });
    }
    return std::exchange(end, std::nullopt);
  }

  // Takes the ends that have come. Both under one lock and the fan-out first: a delivery of it that
  // was read, sent and recorded meanwhile must still be busy when it comes up here as fresh.
  bool FinishUnits(absl::Time now) {
    End fanned_out;
    End recorded;
    {
      const std::lock_guard lock(inbox_->mutex);
      fanned_out = std::exchange(inbox_->fanned_out, std::nullopt);
      recorded = std::exchange(inbox_->recorded, std::nullopt);
    }
    const bool more = FinishFanOut(now, fanned_out);
    FinishRecording(now, recorded);
    return more;
  }

  // True when a unit came to a good end.
  bool FinishRecording(absl::Time now, const End& status) {
    if (!recording_ || !status) return false;
    const std::shared_ptr<RecordBatch> batch = std::move(recording_);
    recording_.reset();
    if (base::Is(*status, base::Reason::kLeaseLost)) {
      LoseLease(now, *status);
    } else if (!status->ok()) {
      Log("webhooks.record_failed", {{"reason", base::InfoOf(*status).reason}});
      PutBack(*batch);  // its subjects stay busy until it is on disk
      next_recording_ = now + settings_.poll_interval;
      return false;
    }
    for (const auto& [endpoint_id, subject] : batch->subjects) {
      const auto found = lanes_.find(endpoint_id);
      if (found != lanes_.end()) found->second.Recorded(subject);
    }
    for (const Transition& transition : batch->transitions) {
      Log("webhooks.endpoint_state", {{"endpoint", transition.endpoint_id},
                                      {"state", std::string(NameOf(transition.to))}});
    }
    return true;
  }

  // Before what came since: of two rows of one delivery the later one must be written last.
  void PutBack(RecordBatch& batch) {
    const auto prepend = [](auto& front, auto& list) {
      front.insert(front.end(), std::make_move_iterator(list.begin()),
                   std::make_move_iterator(list.end()));
      list = std::move(front);
    };
    prepend(batch.rows, unrecorded_);
    prepend(batch.transitions, transitions_);
    prepend(batch.subjects, answered_subjects_);
  }

  void StartFanOut(absl::Time now) {
    if (fanning_out_ || fence_ == 0 || HoldsFanOut(now)) return;
    {
      const std::lock_guard lock(inbox_->mutex);
      if (!inbox_->events_waiting && now < next_fan_out_) return;
      inbox_->events_waiting = false;
    }
    next_fan_out_ = now + settings_.reload_interval;
    fanning_out_ = true;
    const auto result = std::make_shared<internal::FannedOut>();
    deps_.store.Submit(
        [result, fence = fence_, batch = settings_.fan_out_batch, now,
         &ids = deps_.ids](ports::Unit& unit) -> absl::Status {
          KONTOR_RETURN_IF_ERROR(unit.CheckLease(kLease, fence));
          KONTOR_ASSIGN_OR_RETURN(*result, internal::FanOutEvents(unit, batch, now, ids));
          return absl::OkStatus();
        },
        [inbox = inbox_, result](absl::Status status) {
          inbox->PutFannedOut(std::move(status), std::move(*result));
        });
  }

  // True when a unit turned events into deliveries.
  bool FinishFanOut(absl::Time now, const End& status) {
    if (!fanning_out_ || !status) return false;
    fanning_out_ = false;
    if (!status->ok()) {
      if (base::Is(*status, base::Reason::kLeaseLost)) LoseLease(now, *status);
      next_fan_out_ = now + settings_.poll_interval;
      return false;
    }
    internal::FannedOut result;
    {
      const std::lock_guard lock(inbox_->mutex);
      result = std::move(inbox_->fan_out);
      inbox_->events_waiting = inbox_->events_waiting || result.more;
    }
    fan_out_hold_until_ = now + kFanOutHold;
    const std::size_t count = result.deliveries.size();
    TakeFresh(std::move(result.deliveries));
    const std::lock_guard lock(health_mutex_);
    counts_.fanned_out += static_cast<std::uint64_t>(count);
    return result.events > 0;
  }

  void TakeFresh(std::vector<Ready> deliveries) {
    std::size_t kept = 0;
    for (auto& [id, lane] : lanes_) {
      lane.BeginFresh();
      kept += lane.kept();
    }
    for (Ready& fresh : deliveries) {
      const auto found = lanes_.find(fresh.row.endpoint_id);
      // One of an endpoint that is not known yet is read when it is.
      if (found == lanes_.end()) continue;
      const bool may_keep = fence_ != 0 && kept < kKeptMax;
      kept -= found->second.kept();
      found->second.TakeFresh(std::move(fresh), may_keep);
      kept += found->second.kept();
    }
  }

  // Whether all that the last batch went to have enough to do: what is fanned out now would be
  // written, forgotten and read again. Never for long, since others may wait for their events.
  bool HoldsFanOut(absl::Time now) const {
    if (now >= fan_out_hold_until_ || on_wire_ == 0) return false;
    bool any = false;
    for (const auto& [id, lane] : lanes_) {
      if (!lane.TookFresh()) continue;
      if (!lane.HasEnough()) return false;
      any = true;
    }
    return any;
  }

  // True when something to send was read.
  bool ReadDue(absl::Time now) {
    if (fence_ == 0) return false;
    if (now >= next_poll_) {
      next_poll_ = now + settings_.poll_interval;
      for (auto& [id, lane] : lanes_) lane.MayHaveMore();
    }
    if (std::none_of(lanes_.begin(), lanes_.end(),
                     [&](const auto& entry) { return entry.second.RowsWanted(now) > 0; })) {
      return false;
    }
    bool read = false;
    const absl::Status status = deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
      for (auto& [id, lane] : lanes_) {
        const int wanted = std::min(lane.RowsWanted(now), kRowsReadMax);
        if (wanted == 0) continue;
        KONTOR_ASSIGN_OR_RETURN(std::vector<ports::DeliveryRow> rows,
                                view.DueDeliveries(id, now, wanted));
        if (rows.size() < static_cast<std::size_t>(wanted)) lane.NoteDrained(now);
        KONTOR_ASSIGN_OR_RETURN(std::vector<Ready> ready, WithEvents(view, lane, std::move(rows)));
        read = read || !ready.empty();
        lane.AddReady(std::move(ready));
      }
      return absl::OkStatus();
    });
    if (!status.ok()) Log("webhooks.read_failed", {{"reason", base::InfoOf(status).reason}});
    return status.ok() && read;
  }

  static absl::StatusOr<std::vector<Ready>> WithEvents(ports::ReadView& view, const Lane& lane,
                                                       std::vector<ports::DeliveryRow> rows) {
    std::vector<Ready> ready;
    for (ports::DeliveryRow& row : rows) {
      if (lane.IsTaken(row.subject)) continue;
      KONTOR_ASSIGN_OR_RETURN(std::optional<model::Event> event, view.FindEvent(row.event_id));
      if (event) ready.push_back({std::move(row), *std::move(event)});
    }
    return ready;
  }

  void SendReady(absl::Time now) {
    if (IsStopping()) return;
    for (auto& [id, lane] : lanes_) {
      // No send starts unless the lease outlives it.
      if (fence_ == 0 || lease_until_ - now < lane.endpoint().spec.timeout + kLeaseMargin) continue;
      while (std::optional<Ready> ready = lane.TakeReady(now)) Send(lane, *std::move(ready), now);
    }
  }

  void Send(const Lane& lane, Ready ready, absl::Time now) {
    const Endpoint& endpoint = lane.endpoint();
    ++on_wire_;
    absl::StatusOr<ports::HttpRequest> request =
        MakeRequest(endpoint, ready.event.id, EventPayload(ready.event, endpoint.spec.unmasked),
                    now, deps_, settings_);
    if (!request.ok()) {
      ports::HttpResponse failed;
      failed.status = request.status();
      inbox_->Put({endpoint.id, std::move(ready.row), std::move(failed)});
      return;
    }
    deps_.http.Send(*std::move(request),
                    [inbox = inbox_, endpoint_id = endpoint.id,
                     row = std::move(ready.row)](ports::HttpResponse response) mutable {
                      inbox->Put({endpoint_id, std::move(row), std::move(response)});
                    });
  }

  const Dependencies deps_;
  const Settings settings_;
  const std::shared_ptr<Inbox> inbox_;
  std::mt19937 jitter_;
  std::thread thread_;
  bool stopped_ = false;

  std::map<std::string, Lane> lanes_;
  std::atomic<int> on_wire_{0};
  std::shared_ptr<RecordBatch> recording_;  // on its way to the disk
  bool fanning_out_ = false;                // likewise
  std::vector<ports::DeliveryRow> unrecorded_;
  std::vector<std::pair<std::string, std::string>> answered_subjects_;  // endpoint, subject
  std::vector<Transition> transitions_;
  std::int64_t fence_ = 0;
  absl::Time lease_until_ = absl::InfinitePast();
  absl::Time lease_renewal_ = absl::InfinitePast();
  absl::Time next_reload_ = absl::InfinitePast();
  absl::Time next_fan_out_ = absl::InfinitePast();
  absl::Time fan_out_hold_until_ = absl::InfinitePast();
  absl::Time next_recording_ = absl::InfinitePast();
  absl::Time next_poll_ = absl::InfinitePast();

  mutable std::mutex health_mutex_;
  std::map<std::string, EndpointHealth> health_;
  DelivererCounts counts_;
};

Deliverer::Deliverer(const Dependencies& deps, const Settings& settings)
    : impl_(std::make_unique<Impl>(deps, settings)) {}
Deliverer::~Deliverer() { impl_->Stop(absl::ZeroDuration()); }
void Deliverer::Start() { impl_->Start(); }
void Deliverer::Stop(absl::Duration patience) { impl_->Stop(patience); }
void Deliverer::Wake() { impl_->Wake(); }
bool Deliverer::Tick(bool wait_for_store) { return impl_->Tick(wait_for_store); }
int Deliverer::on_wire() const { return impl_->on_wire(); }
EndpointHealth Deliverer::HealthOf(const std::string& id) const { return impl_->HealthOf(id); }
DelivererCounts Deliverer::counts() const { return impl_->counts(); }

}  // namespace kontor::webhooks
