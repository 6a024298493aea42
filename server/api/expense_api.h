// SPDX-License-Identifier: Apache-2.0
// The methods of sources and expense reports. Apart from methods.h, which every other service
// reads.
#pragma once

#include <functional>
#include <string>

#include "server/api/pipeline.h"
#include "server/engine/expenses/expenses.h"
#include "server/webhooks/inbound_sources.h"

namespace kontor::api {

struct SourceParts {
  webhooks::Sources& sources;
  expenses::Expenses& expenses;
  const base::Clock& clock;
  std::function<std::string()> base_url;  ///< Of the HTTP port, without a slash at its end.
};

void AddSourceMethods(SourceParts parts, Registry* registry);
void AddExpenseMethods(expenses::Expenses& expenses, Registry* registry);

}  // namespace kontor::api
