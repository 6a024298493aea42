// SPDX-License-Identifier: Apache-2.0
// Conformance of a source's verification: kontor signs samples by the source's own rules and sees
// that the right ones pass and every wrong one does not. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/model/source.h"

namespace kontor::webhooks {

struct VerificationCheck {
  std::string name;     ///< Such as signature.tampered.
  bool passed = false;
  std::string message;  ///< One sentence.
};

/// Empty for a source that takes no webhooks.
std::vector<VerificationCheck> CheckVerification(const model::Source& source, absl::Time now);

}  // namespace kontor::webhooks
