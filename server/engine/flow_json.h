// SPDX-License-Identifier: Apache-2.0
// What the bodies of flows and the views of them have in common, as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "server/model/finding.h"

namespace kontor::engine {

/// A finding as bodies keep it. Pure.
nlohmann::json StoredFinding(const model::Finding& finding);
nlohmann::json StoredFindings(const std::vector<model::Finding>& findings);
/// The same read back. Throws an exception of the JSON library when it is not what StoredFinding
/// wrote. Pure.
model::Finding FindingFromStored(const nlohmann::json& stored);
std::vector<model::Finding> FindingsFromStored(const nlohmann::json& stored);

/// Findings as others see them, members that are empty left out. `severity_prefix` stands before
/// "ERROR" and "WARNING": "SEVERITY_" in answers, nothing in events. Pure.
nlohmann::json ShownFindings(const std::vector<model::Finding>& findings,
                             std::string_view severity_prefix);

/// The value in one line. What is not UTF-8 is replaced: one bad byte must not lose a body. Pure.
std::string DumpLine(const nlohmann::json& value);

}  // namespace kontor::engine
