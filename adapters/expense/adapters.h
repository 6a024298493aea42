// SPDX-License-Identifier: Apache-2.0
// The adapter of a source, by its name. A new platform is one line here and one folder.
#pragma once

#include <memory>

#include "server/base/clock.h"
#include "server/ports/expense_source.h"
#include "server/ports/http_client.h"

namespace kontor::expense {

struct AdapterOptions {
  bool allow_plain_http = false;  ///< Platforms may be reached by http://.
};

/// FIELD_INVALID, MAPPING_INVALID. `http` and `clock` outlive the adapter.
absl::StatusOr<std::shared_ptr<ports::ExpenseSource>> MakeAdapter(const model::Source& source,
                                                                  ports::HttpClient& http,
                                                                  const base::Clock& clock,
                                                                  const AdapterOptions& options);

}  // namespace kontor::expense
