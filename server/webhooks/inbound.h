// SPDX-License-Identifier: Apache-2.0
// Messages that come in by `POST /hooks/<source>`: kept whole with digest and headers, verified,
// told from repetitions, and answered after they are on disk. What they mean is read later, by
// others.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/base/clock.h"
#include "server/base/ids.h"
#include "server/model/inbound.h"
#include "server/model/source.h"
#include "server/net/address_guard.h"
#include "server/net/http_listener.h"
#include "server/ports/intake.h"
#include "server/ports/store.h"
#include "server/webhooks/inbound_record.h"
#include "server/webhooks/inbound_verify.h"

namespace kontor::webhooks {

/// Quarantined messages and bytes of one source at most; further ones are answered QUARANTINE_FULL
/// and not kept.
inline constexpr std::size_t kQuarantineMax = 1000;
inline constexpr int64_t kQuarantineBytesMax = 64LL << 20;

/// Event name and fields without payloads or secrets.
using InboundLog =
    std::function<void(const std::string& event,
                       const std::vector<std::pair<std::string, std::string>>& fields)>;

struct InboundDependencies {
  ports::Store& store;
  const base::Clock& clock;
  base::IdSource& ids;
  InboundLog log;                    ///< May be empty.
  ports::Intake* intake = nullptr;   ///< Knows InboundIntakeKind; null: the store has none.
};

/// How kept messages get to their place. `log` may be empty.
ports::IntakeKind InboundIntakeKind(InboundLog log);

/// Thread-safe; owned by shared_ptr, since answers may come when its owner is gone. Handle runs on
/// network threads and never blocks.
class InboundReceiver : public std::enable_shared_from_this<InboundReceiver> {
 public:
  explicit InboundReceiver(InboundDependencies deps);
  ~InboundReceiver();
  InboundReceiver(const InboundReceiver&) = delete;
  InboundReceiver& operator=(const InboundReceiver&) = delete;

  /// Answers 200 when the message is on disk (again), 400 and 413 for unusable ones, 401 for
  /// quarantined ones, 403 for a refused address, 404, 429 and 503.
  void Handle(net::HttpServerRequest request, net::HttpRespond respond);
  /// Messages of all sources that wait for a person, as of the call before; never blocks.
  int64_t CountQuarantined();
  /// Reads sources and quarantine anew at the next message.
  void Invalidate();
  /// Requests after this are answered 503.
  void Stop();

 private:
  struct Known;     // a source as it is needed here
  struct Table;     // all of them, one reading
  struct Shared;
  using TablePtr = std::shared_ptr<const Table>;

  void WithTable(std::function<void(absl::StatusOr<TablePtr>)> then);
  static absl::StatusOr<TablePtr> Load(ports::ReadView& view);
  void Take(const TablePtr& table, const std::shared_ptr<net::HttpServerRequest>& request,
            const net::HttpRespond& respond);
  absl::Status Admit(const Known& known, const net::HttpServerRequest& request) const;
  InboundRecord RecordOf(const model::Source& source, const VerifiedMessage& message,
                         net::HttpServerRequest& request) const;
  void Keep(const std::shared_ptr<Known>& known, net::HttpServerRequest& request,
            const net::HttpRespond& respond);
  void Quarantine(const std::shared_ptr<Known>& known,
                  const std::shared_ptr<InboundRecord>& record, const absl::Status& why,
                  const net::HttpRespond& respond);

  InboundDependencies deps_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace kontor::webhooks
