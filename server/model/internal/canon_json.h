// SPDX-License-Identifier: Apache-2.0
// Shared by the writer, the reader and the comparison of normal forms. The one place of the model
// that knows nlohmann's JSON; no exception of it gets out.
#pragma once

#include <nlohmann/json.hpp>

namespace kontor::model::internal {

using Json = nlohmann::json;  // keys sorted, which the normal form relies on

}  // namespace kontor::model::internal
