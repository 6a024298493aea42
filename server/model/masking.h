// SPDX-License-Identifier: Apache-2.0
// What of a snapshot may be shown to those who were not granted names and account numbers.
#pragma once

#include <string>
#include <string_view>

namespace kontor::model {

/// The JSON text with the values of name, address and account keys masked, at any depth: names
/// keep their first character, account numbers their last four. Text that is no JSON object
/// becomes "{}".
std::string MaskedJson(std::string_view json);

}  // namespace kontor::model
