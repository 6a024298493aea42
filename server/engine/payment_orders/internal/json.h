// SPDX-License-Identifier: Apache-2.0
// Findings as JSON at rest.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "server/model/finding.h"

namespace kontor::payment_orders {

nlohmann::json ToJson(const std::vector<model::Finding>& findings);
/// Throws when it is not what ToJson wrote.
std::vector<model::Finding> FindingsFrom(const nlohmann::json& in);

}  // namespace kontor::payment_orders
