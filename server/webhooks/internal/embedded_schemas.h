// SPDX-License-Identifier: Apache-2.0
// The schema files as compiled in. Private to server/webhooks; the definition is generated.
#pragma once

#include <string_view>
#include <vector>

namespace kontor::webhooks::internal {

struct EmbeddedSchema {
  std::string_view file_name;
  std::string_view text;
};

const std::vector<EmbeddedSchema>& EmbeddedSchemas();

}  // namespace kontor::webhooks::internal
