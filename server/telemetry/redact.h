// SPDX-License-Identifier: Apache-2.0
// The last net before a log line leaves: what looks like a secret or an account number is masked,
// wherever it comes from. Code that writes logs must not rely on it.
#pragma once

#include <string>
#include <string_view>

namespace kontor::telemetry {

/// Masks, in any text: kontor's tokens (`kontor_…`) and webhook secrets (`whsec_…`), what follows
/// "Bearer " or "Basic ", passwords in addresses (`//user:password@`), numbers that look like an
/// IBAN (also in groups of four), and runs of 8 digits or more. Account numbers keep their last
/// four characters. Pure; valid UTF-8 stays valid.
std::string Redact(std::string_view text);

}  // namespace kontor::telemetry
