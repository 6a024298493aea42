// SPDX-License-Identifier: Apache-2.0
// The packs of server/formats/dialects, compiled in as text.
#pragma once

#include <string_view>
#include <vector>

namespace kontor::formats::internal {

struct EmbeddedDialect {
  std::string_view name;  ///< File name.
  std::string_view json;
};

const std::vector<EmbeddedDialect>& EmbeddedDialects();

}  // namespace kontor::formats::internal
