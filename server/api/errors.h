// SPDX-License-Identifier: Apache-2.0
// One status, three forms: gRPC's with `grpc-status-details-bin`, Connect's JSON error body, and
// the error of one item in a batch. Messages carry no secrets, tracebacks or whole account numbers.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "kontor/v1/common.pb.h"

namespace kontor::api {

/// Code, sentence, ErrorInfo and findings. Statuses without a reason become INTERNAL with a fixed
/// sentence: their own text was written for logs.
::kontor::v1::StatusDetail ToStatusDetail(const absl::Status& status);

/// Connect's unary error form:
/// {"code":"invalid_argument","message":…,"details":[{type,value,debug}]}. Source:
/// connectrpc.com/docs/protocol, "Error end-stream and unary error JSON".
std::string ToConnectJson(const absl::Status& status);
/// The HTTP status that Connect's table gives a code.
int ToHttpStatus(absl::StatusCode code);

}  // namespace kontor::api
