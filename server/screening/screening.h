// SPDX-License-Identifier: Apache-2.0
// Screening against list files: ports::Screening in memory. Names of any script are brought to
// words, words to how they sound; a hit says which entry, which spelling and which words.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "server/ports/screening.h"

namespace kontor::screening {

/// A list's file as it was imported.
struct OpenedList {
  std::unique_ptr<ports::ByteSource> bytes;
  std::optional<model::Date> published;  ///< Where the file itself does not say.
};
/// By the SHA-256 that a policy names; NOT_FOUND.
using OpenList = std::function<absl::StatusOr<OpenedList>(const std::string& sha256)>;

/// Both outlive what is made. Making it reads all lists, whose bytes must have the digests that the
/// rules name.
ports::ScreeningFactory MakeScreeningFactory(const ports::ScreeningListReader& reader,
                                             OpenList open);

}  // namespace kontor::screening
