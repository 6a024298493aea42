// SPDX-License-Identifier: Apache-2.0
// Text from outside: valid UTF-8, no control characters, never longer than its field; and what may
// be shown of secrets and account numbers.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace kontor::base {

/// Unicode code points in valid UTF-8; -1 when it is not valid (RFC 3629: no overlongs, no
/// surrogates, nothing above U+10FFFF).
int CountCodePoints(std::string_view text);

/// Whether the text has a C0 or C1 control character or a bidirectional override; a line feed and
/// a tab are allowed when `multiline`.
bool HasControlCharacters(std::string_view text, bool multiline);

/// TEXT_INVALID or FIELD_TOO_LONG (in code points), at `field`; OK otherwise.
absl::Status CheckText(std::string_view text, int length_max, std::string_view field,
                       bool multiline = false);

/// A person's word on why they do something, at "reason": FIELD_MISSING when it is empty, else as
/// CheckText with line breaks.
absl::Status CheckReason(std::string_view reason, int length_max);

/// The last four characters behind dots: `DE89370400440532013000` → `…3000`; four or fewer: `…`.
std::string Masked(std::string_view account_number);

}  // namespace kontor::base
