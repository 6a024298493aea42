// SPDX-License-Identifier: Apache-2.0
// What has a life of its own without being an operation: a payment order, a statement, an expense
// report, a message that came in. The rows at rest; store.h has the calls.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace kontor::ports {

/// One such thing. What the columns do not say stands in `body` (JSON, sealed at rest).
struct FlowRow {
  std::string kind;           ///< Such as payment_order; says whose states these are.
  std::string id;             ///< A ULID with the prefix of its kind.
  std::string entity;         ///< Empty: not yet known, or of no entity.
  std::string group;          ///< What lists are made by: a source, a channel. May be empty.
  std::string state;
  bool open = true;           ///< False: finished. Finished ones cost nothing but their room.
  absl::Time due = absl::InfiniteFuture();  ///< When its worker looks at it again; open ones only.
  std::string body;
  absl::Time created;
  absl::Time updated;
  int64_t version = 0;        ///< 0 in Put: must not exist yet.
};

struct FlowFilter {
  std::string kind;           ///< Required.
  std::string entity;
  std::string group;
  std::vector<std::string> states;
  std::optional<bool> open;
};

/// A text under which a flow is found. Hashed at rest, so that account numbers may serve.
struct FlowKey {
  std::string space;          ///< What sort of text it is: end_to_end_id, message_id, creditor …
  std::string key;            ///< 1 to 1000 bytes.
  std::string flow_id;
};

/// A row of a flow in numbers too large for its body, such as a line of a statement.
struct FlowLineRow {
  std::string flow_id;
  int64_t number = 0;         ///< From 1; unique within the flow.
  /// Unique among all lines when not empty: the same line imported twice stands once. Hashed at
  /// rest, and not read back.
  std::string key;
  std::string state;
  std::string body;           ///< JSON; sealed.
};

/// Bytes as they came in or went out. Written once, part by part, and never changed.
struct BlobRow {
  std::string id;
  std::string flow_id;        ///< Whose bytes they are.
  std::string kind;           ///< Such as received, sent, receipt.
  std::string name;           ///< A file's name, or "".
  std::string media_type;
  std::string sha256;         ///< Of the whole, hex.
  int64_t bytes = 0;
  int64_t parts = 0;          ///< Of at most kBlobPartBytesMax each.
  std::string facts;          ///< JSON; sealed: headers of a request and the like.
  absl::Time created;
};
inline constexpr int64_t kBlobPartBytesMax = 1 << 20;

}  // namespace kontor::ports
