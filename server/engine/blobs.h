// SPDX-License-Identifier: Apache-2.0
// Files in the store, read and written part by part: memory does not grow with them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/ports/codec.h"
#include "server/ports/store.h"

namespace kontor::engine {

/// The bytes of a blob, in order. INTERNAL when a part is missing. The store outlives it.
std::unique_ptr<ports::ByteSource> OpenBlob(ports::Store& store, std::string blob_id,
                                            int64_t bytes);

struct WrittenBlob {
  int64_t parts = 0;
  int64_t bytes = 0;
  std::string sha256;  ///< Hex.
};
/// Writes the parts of a blob whose row comes later; what a crash leaves of them belongs to none.
/// TOO_LARGE beyond `bytes_max`, what source and store answer.
absl::StatusOr<WrittenBlob> WriteBlobParts(ports::Store& store, const std::string& blob_id,
                                           ports::ByteSource& source, int64_t bytes_max);

}  // namespace kontor::engine
