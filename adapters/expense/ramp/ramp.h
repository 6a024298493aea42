// SPDX-License-Identifier: Apache-2.0
// Ramp, API accounting connection: reimbursements that are ready to sync are fetched, and each sync
// is told with its success or failure. Source: the developer API's public reference.
#pragma once

#include <memory>

#include "server/base/clock.h"
#include "server/ports/expense_source.h"
#include "server/ports/http_client.h"

namespace kontor::expense {

/// MAPPING_INVALID for a source's own mapping. `http` outlives the adapter.
absl::StatusOr<std::shared_ptr<ports::ExpenseSource>> MakeRamp(const model::Source& source,
                                                               ports::HttpClient& http,
                                                               const base::Clock& clock);

}  // namespace kontor::expense
