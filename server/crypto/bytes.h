// SPDX-License-Identifier: Apache-2.0
// Text forms of bytes (hex, base64, base64url), random bytes and a comparison that takes the same
// time wherever two values differ. Bytes travel as std::string, which holds NUL as any other byte.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace kontor::crypto {

/// Lower-case hexadecimal text, two characters a byte. Pure.
std::string HexEncode(std::string_view bytes);
/// Bytes of an even number of hexadecimal digits, either case.
/// Errors: INVALID_ARGUMENT for an odd length or any other character. Pure.
absl::StatusOr<std::string> HexDecode(std::string_view text);

/// RFC 4648 section 4 text with padding, one line. Pure.
std::string Base64Encode(std::string_view bytes);
/// Bytes of RFC 4648 section 4 text. Padding is required; spaces, line breaks and bits that are
/// set beyond the last byte are refused, so that one value has one text.
/// Errors: INVALID_ARGUMENT. Pure.
absl::StatusOr<std::string> Base64Decode(std::string_view text);

/// RFC 4648 section 5 text without padding, as JOSE uses it. Pure.
std::string Base64UrlEncode(std::string_view bytes);
/// Bytes of RFC 4648 section 5 text without padding, as strict as Base64Decode.
/// Errors: INVALID_ARGUMENT. Pure.
absl::StatusOr<std::string> Base64UrlDecode(std::string_view text);

/// True when both are equal. The time depends on the lengths only. Thread safe.
bool ConstantTimeEqual(std::string_view a, std::string_view b);

/// `size` bytes from the operating system's generator by way of OpenSSL.
/// Errors: INTERNAL when the generator has no entropy; nothing must go on then. Thread safe.
absl::StatusOr<std::string> RandomBytes(std::size_t size);

}  // namespace kontor::crypto
