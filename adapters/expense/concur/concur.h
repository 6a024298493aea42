// SPDX-License-Identifier: Apache-2.0
// SAP Concur, Financial Integration Service v4: reports are fetched, acknowledged at once, and
// their posting and payment confirmed. Source: the service's public reference.
#pragma once

#include <memory>

#include "server/base/clock.h"
#include "server/ports/expense_source.h"
#include "server/ports/http_client.h"

namespace kontor::expense {

/// MAPPING_INVALID for a source's own mapping. `http` outlives the adapter.
absl::StatusOr<std::shared_ptr<ports::ExpenseSource>> MakeConcur(const model::Source& source,
                                                                 ports::HttpClient& http,
                                                                 const base::Clock& clock);

}  // namespace kontor::expense
