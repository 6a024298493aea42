// SPDX-License-Identifier: Apache-2.0
// Source: github.com/ulid/spec (48 bits of milliseconds, 80 bits of randomness, monotonic).
#include "server/base/ids.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>

namespace kontor::base {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr size_t kUlidLength = 26;
constexpr size_t kRandomBytes = 10;

std::string Encode(uint64_t ms, const uint8_t* random) {
  uint8_t bytes[16];
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<uint8_t>(ms >> (8 * (5 - i)));
  std::memcpy(bytes + 6, random, kRandomBytes);
  // 128 bits as 26 groups of five, the first of three.
  std::string out(kUlidLength, '0');
  unsigned buffer = 0;
  int bits = 2;  // two leading zero bits make 130
  size_t position = 0;
  for (const uint8_t byte : bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out[position++] = kAlphabet[(buffer >> bits) & 31U];
    }
  }
  return out;
}

bool Increment(uint8_t* bytes) {
  for (size_t i = kRandomBytes; i-- > 0;) {
    if (++bytes[i] != 0) return true;
  }
  return false;
}

}  // namespace

std::string IdSource::Next(std::string_view prefix) {
  const auto now_ms = static_cast<uint64_t>(absl::ToUnixMillis(clock_.Now()));
  const std::lock_guard lock(mutex_);
  if (now_ms > last_ms_) {
    last_ms_ = now_ms;
    random_(last_random_, kRandomBytes);
  } else if (!Increment(last_random_)) {
    ++last_ms_;
    random_(last_random_, kRandomBytes);
  }
  return std::string(prefix) + Encode(last_ms_, last_random_);
}

std::function<void(uint8_t*, size_t)> SeededRandom(uint64_t seed) {
  auto engine = std::make_shared<std::mt19937_64>(seed);
  return [engine](uint8_t* bytes, size_t count) {
    for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<uint8_t>((*engine)());
  };
}

bool IsId(std::string_view id, std::string_view prefix) {
  if (!id.starts_with(prefix)) return false;
  id.remove_prefix(prefix.size());
  return id.size() == kUlidLength && id[0] <= '7' &&
         std::all_of(id.begin(), id.end(),
                     [](char c) { return kAlphabet.find(c) != std::string_view::npos; });
}

}  // namespace kontor::base
