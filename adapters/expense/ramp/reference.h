// SPDX-License-Identifier: Apache-2.0
// Ramp's lists of what spend may be coded with, brought in step with Odoo's.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "adapters/expense/platform_http.h"
#include "server/ports/expense_source.h"

namespace kontor::expense {

/// Our id of the field that holds cost centres.
inline constexpr char kCostCentreField[] = "kontor_cost_centre";

/// Accounts, vendors and cost centres of `items`, each list as it stands there now: what is missing
/// is uploaded, what has another name is renamed, what is inactive is deleted there, and what came
/// back is made active again. Ramp refuses to upload what it has. Repeatable. Errors: those of
/// PlatformHttp::Call.
absl::Status BringInStep(PlatformHttp& http, const std::string& base_url,
                         const std::vector<ports::ReferenceItem>& items, absl::Time deadline);

}  // namespace kontor::expense
