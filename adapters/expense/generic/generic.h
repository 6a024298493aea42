// SPDX-License-Identifier: Apache-2.0
// Any platform that sends JSON, by a mapping file; and the canonical source, which sends nothing.
#pragma once

#include <memory>

#include "adapters/expense/mapping.h"
#include "server/base/clock.h"
#include "server/ports/expense_source.h"
#include "server/ports/http_client.h"

namespace kontor::expense {

/// MAPPING_INVALID. `http` outlives the adapter.
absl::StatusOr<std::shared_ptr<ports::ExpenseSource>> MakeGeneric(const model::Source& source,
                                                                  ports::HttpClient& http,
                                                                  const base::Clock& clock);

}  // namespace kontor::expense
