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

// Written for whole groups, without a branch a character: each sealed value goes through here.
std::string Encode(std::string_view bytes, std::string_view alphabet, bool pad) {
  const char* const letters = alphabet.data();
  const auto* in = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  std::string text((left + 2) / 3 * 4, '=');
  char* out = text.data();
  for (; left >= 3; left -= 3, in += 3, out += 4) {
    const std::uint32_t bits = std::uint32_t{in[0]} << 16 | std::uint32_t{in[1]} << 8 | in[2];
    out[0] = letters[bits >> 18];
    out[1] = letters[(bits >> 12) & 63U];
    out[2] = letters[(bits >> 6) & 63U];
    out[3] = letters[bits & 63U];
  }
  if (left == 0) return text;
  const std::uint32_t second = left == 2 ? in[1] : 0;
  const std::uint32_t bits = std::uint32_t{in[0]} << 16 | second << 8;
  out[0] = letters[bits >> 18];
  out[1] = letters[(bits >> 12) & 63U];
  if (left == 2) out[2] = letters[(bits >> 6) & 63U];
  if (!pad) text.resize(text.size() - (3 - left));
  return text;
}

using Reverse = std::array<std::int8_t, 256>;

// The last 2 or 3 characters of a text, which give 1 or 2 bytes. False for a foreign character or
// for bits that no byte takes up.
bool DecodeRest(std::string_view text, const Reverse& reverse, char* out) {
  std::int32_t bits = 0;
  for (const char c : text) {
    const std::int32_t digit = reverse[static_cast<unsigned char>(c)];
    if (digit < 0) return false;
    bits = bits << 6 | digit;
  }
  if (text.size() == 2) {
    out[0] = static_cast<char>(bits >> 4);
    return (bits & 15) == 0;
  }
  out[0] = static_cast<char>(bits >> 10);
  out[1] = static_cast<char>(bits >> 2);
  return (bits & 3) == 0;
}

absl::StatusOr<std::string> Decode(std::string_view text, const Reverse& reverse) {
  const std::size_t rest = text.size() % 4;
  if (rest == 1) return absl::InvalidArgumentError("base64 text has a wrong length");
  std::string bytes(text.size() / 4 * 3 + (rest == 0 ? 0 : rest - 1), '\0');
  const auto* in = reinterpret_cast<const unsigned char*>(text.data());
  const std::int8_t* const digits = reverse.data();
  char* out = bytes.data();
  std::int32_t seen = 0;  // below zero once any character was foreign
  for (std::size_t left = text.size() / 4; left > 0; --left, in += 4, out += 3) {
    const std::int32_t a = digits[in[0]];
    const std::int32_t b = digits[in[1]];
    const std::int32_t c = digits[in[2]];
    const std::int32_t d = digits[in[3]];
    seen |= a | b | c | d;
    const auto bits = static_cast<std::uint32_t>(a) << 18 | static_cast<std::uint32_t>(b) << 12 |
                      static_cast<std::uint32_t>(c) << 6 | static_cast<std::uint32_t>(d);
    out[0] = static_cast<char>(bits >> 16);
    out[1] = static_cast<char>(bits >> 8);
    out[2] = static_cast<char>(bits);
  }
  if (seen < 0) {
    return absl::InvalidArgumentError("base64 text holds a character outside its alphabet");
  }
  if (rest != 0 && !DecodeRest(text.substr(text.size() - rest), reverse, out)) {
    return absl::InvalidArgumentError(
        "base64 text ends with a character outside its alphabet or with bits that make no byte");
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
  std::string text(bytes.size() * 2, '0');
  char* out = text.data();
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    *out++ = kHexDigits.data()[byte >> 4];
    *out++ = kHexDigits.data()[byte & 15];
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
