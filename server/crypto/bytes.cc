// SPDX-License-Identifier: Apache-2.0
// Encodings written out here because EVP's base64 accepts white space and does not check the
// unused bits of the last character, which would give one secret several texts.
#include "server/crypto/bytes.h"

#include <array>
#include <climits>
#include <cstdint>
#include <vector>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "absl/status/status.h"
#include "server/crypto/secret.h"

namespace kontor::crypto {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64UrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr int kNoDigit = -1;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return kNoDigit;
}

std::array<std::int8_t, 256> ReverseAlphabet(std::string_view alphabet) {
  std::array<std::int8_t, 256> reverse;
  reverse.fill(kNoDigit);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    reverse[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return reverse;
}

std::string Encode(std::string_view bytes, std::string_view alphabet, bool pad) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    count += 8;
    while (count >= 6) {
      count -= 6;
      text.push_back(alphabet[(bits >> count) & 63U]);
    }
  }
  if (count > 0) text.push_back(alphabet[(bits << (6 - count)) & 63U]);
  while (pad && text.size() % 4 != 0) text.push_back('=');
  return text;
}

absl::StatusOr<std::string> Decode(std::string_view text,
                                   const std::array<std::int8_t, 256>& reverse) {
  if (text.size() % 4 == 1) return absl::InvalidArgumentError("base64 text has a wrong length");
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = reverse[static_cast<unsigned char>(c)];
    if (digit == kNoDigit) {
      return absl::InvalidArgumentError("base64 text holds a character outside its alphabet");
    }
    bits = (bits << 6) | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<char>((bits >> count) & 255U));
    }
  }
  if ((bits & ((1U << count) - 1U)) != 0) {
    return absl::InvalidArgumentError("base64 text has bits set beyond its last byte");
  }
  return bytes;
}

}  // namespace

void WipeMemory(void* memory, std::size_t size) { OPENSSL_cleanse(memory, size); }

void Wipe(std::string& text) {
  text.resize(text.capacity());
  WipeMemory(text.data(), text.size());
  text.clear();
}

void Wipe(std::vector<unsigned char>& bytes) {
  bytes.resize(bytes.capacity());
  WipeMemory(bytes.data(), bytes.size());
  bytes.clear();
}

std::string HexEncode(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text.push_back(kHexDigits[byte >> 4]);
    text.push_back(kHexDigits[byte & 15]);
  }
  return text;
}

absl::StatusOr<std::string> HexDecode(std::string_view text) {
  if (text.size() % 2 != 0) {
    return absl::InvalidArgumentError("hexadecimal text has an odd number of digits");
  }
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high == kNoDigit || low == kNoDigit) {
      return absl::InvalidArgumentError("hexadecimal text holds another character");
    }
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

std::string Base64Encode(std::string_view bytes) { return Encode(bytes, kBase64Alphabet, true); }

absl::StatusOr<std::string> Base64Decode(std::string_view text) {
  static const std::array<std::int8_t, 256> reverse = ReverseAlphabet(kBase64Alphabet);
  if (text.size() % 4 != 0) return absl::InvalidArgumentError("base64 text lacks its padding");
  if (text.ends_with("==")) {
    text.remove_suffix(2);
  } else if (text.ends_with("=")) {
    text.remove_suffix(1);
  }
  return Decode(text, reverse);
}

std::string Base64UrlEncode(std::string_view bytes) {
  return Encode(bytes, kBase64UrlAlphabet, false);
}

absl::StatusOr<std::string> Base64UrlDecode(std::string_view text) {
  static const std::array<std::int8_t, 256> reverse = ReverseAlphabet(kBase64UrlAlphabet);
  return Decode(text, reverse);
}

bool ConstantTimeEqual(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

absl::StatusOr<std::string> RandomBytes(std::size_t size) {
  if (size > static_cast<std::size_t>(INT_MAX)) {
    return absl::InvalidArgumentError("more random bytes asked than one call gives");
  }
  std::string bytes(size, '\0');
  auto* out = reinterpret_cast<unsigned char*>(bytes.data());
  if (size > 0 && RAND_bytes(out, static_cast<int>(size)) != 1) {
    return absl::InternalError("the random generator of the system gave no bytes");
  }
  return bytes;
}

}  // namespace kontor::crypto
