// SPDX-License-Identifier: Apache-2.0
// Request ids of any message of the contract, found by reflection. Not public.
#pragma once

#include <google/protobuf/message.h>

#include "absl/time/time.h"

namespace kontor::sdk::internal {

/// Whether the request has a request id, or items that all have one.
bool HasRequestIds(const google::protobuf::Message& request);
/// How long the request asks the server to hold its answer; zero when it does not.
absl::Duration WaitOf(const google::protobuf::Message& request);

}  // namespace kontor::sdk::internal
