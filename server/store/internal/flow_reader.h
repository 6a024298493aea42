// SPDX-License-Identifier: Apache-2.0
// Reads of flows, their keys, lines and bytes, over one session, inside whatever transaction the
// caller has open. Docstrings stand in server/ports/store.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/ports/crypto.h"
#include "server/ports/store.h"
#include "server/store/internal/sql.h"

namespace kontor::store::internal {

/// 128 bits of the keyed digest of a text within its space; both 0 for an empty text.
struct KeyMark {
  int64_t high = 0;
  int64_t low = 0;
};
KeyMark KeyMarkOf(const ports::Crypto& crypto, std::string_view space, std::string_view key);

class FlowReader {
 public:
  FlowReader(Session& session, const ports::Crypto& crypto)
      : session_(session), crypto_(crypto) {}

  absl::StatusOr<std::optional<ports::FlowRow>> FindFlow(const std::string& id);
  absl::StatusOr<ports::Listed<ports::FlowRow>> ListFlows(const ports::FlowFilter& filter,
                                                          const ports::Page& page);
  absl::StatusOr<std::vector<ports::FlowRow>> DueFlows(const std::string& kind, absl::Time now,
                                                       int limit);
  absl::StatusOr<std::vector<std::string>> FlowsByKey(const std::string& space,
                                                      const std::string& key, int limit);
  absl::StatusOr<std::vector<ports::FlowLineRow>> FlowLines(const std::string& flow_id,
                                                            int64_t after, int limit);
  absl::StatusOr<std::optional<ports::BlobRow>> FindBlob(const std::string& id);
  absl::StatusOr<std::vector<ports::BlobRow>> BlobsOfFlow(const std::string& flow_id);
  absl::StatusOr<std::string> BlobPart(const std::string& blob_id, int64_t number);

 private:
  absl::StatusOr<ports::FlowRow> FlowOf(Row& row);
  absl::StatusOr<ports::BlobRow> BlobOf(Row& row);

  Session& session_;
  const ports::Crypto& crypto_;
};

}  // namespace kontor::store::internal
