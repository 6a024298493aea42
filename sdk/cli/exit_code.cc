// SPDX-License-Identifier: Apache-2.0
#include "sdk/cli/exit_code.h"

namespace kontor::cli {

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk: return kDone;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled: return kUnreachable;
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kUnimplemented: return kBug;
    default: return kRefused;
  }
}

}  // namespace kontor::cli
