// SPDX-License-Identifier: Apache-2.0
// A message that came in, on its way to its place: packed as it is kept first, and the flow and the
// blob that become of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/model/inbound.h"
#include "server/net/http_listener.h"
#include "server/ports/store.h"

namespace kontor::webhooks {

struct InboundRecord {
  std::string id;       ///< Of the message.
  std::string blob_id;
  std::string source;
  std::string entity;
  absl::Time received;
  std::string event_id;
  std::vector<std::string> keys;
  std::string method;
  std::string path;
  std::string peer;
  bool encrypted = false;
  net::HttpHeaders headers;  ///< Without secrets.
  std::string content_type;
  std::string bytes;         ///< As they came.
};

std::string Pack(const InboundRecord& record);
/// INTERNAL when it is not one of Pack's.
absl::StatusOr<InboundRecord> Unpack(std::string_view packed);

/// Writes flow, blob and bytes in `state`, due at once unless it is quarantined. `finding`: why it
/// is quarantined.
absl::Status WriteMessage(ports::Unit& unit, const InboundRecord& record,
                          const std::optional<model::Finding>& finding);
/// Reserves the record's keys and writes it; the id of the message that has one of them, which is
/// the record's own when it was written.
absl::StatusOr<std::string> TakeMessage(ports::Unit& unit, const InboundRecord& record);

}  // namespace kontor::webhooks
