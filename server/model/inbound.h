// SPDX-License-Identifier: Apache-2.0
// A message that came in from a source, as it is kept: who wrote it, when it counts as the same,
// and why it waits for a person. The bytes stand beside it as a blob.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/model/finding.h"

namespace kontor::model {

/// FlowRow::kind of messages, and their states.
inline constexpr char kInboundKind[] = "inbound_message";
inline constexpr char kInboundReceived[] = "RECEIVED";
inline constexpr char kInboundQuarantined[] = "QUARANTINED";
inline constexpr char kInboundHandled[] = "HANDLED";
inline constexpr char kInboundDiscarded[] = "DISCARDED";
/// Space of the reserved flow keys under which repetitions are known.
inline constexpr char kInboundKeySpace[] = "inbound_event";
/// BlobRow::kind of the raw bytes.
inline constexpr char kInboundBlobKind[] = "received";

/// What stands in the flow's body.
struct InboundBody {
  std::string event_id;
  std::vector<std::string> keys;
  std::string sha256;
  int64_t bytes = 0;
  std::string peer;
  std::string content_type;
  std::optional<model::Finding> finding;  ///< Why it is quarantined.
  std::vector<std::string> report_ids;
  bool vouched = false;                   ///< A person released it.
};
std::string ToJson(const InboundBody& body);
/// INTERNAL when it is not one of ToJson's.
absl::StatusOr<InboundBody> InboundBodyFrom(std::string_view body);

}  // namespace kontor::model
