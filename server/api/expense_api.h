// SPDX-License-Identifier: Apache-2.0
// The methods of sources and expense reports. Apart from methods.h, which every other service
// reads.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
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

/// The contract's JSON with the names of the .proto, as model's readers take it.
absl::StatusOr<std::string> ToSnakeJson(const google::protobuf::Message& message);
/// The other way; INTERNAL when it does not fit.
absl::Status FromSnakeJson(const std::string& json, google::protobuf::Message* message);

}  // namespace kontor::api
