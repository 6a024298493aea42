// SPDX-License-Identifier: Apache-2.0
// Secret<T>: a value that is wiped when it goes and that cannot be streamed, formatted or turned
// into JSON by accident. Reading it takes the visible word Reveal().
// It does not hide the value from a debugger or from swap; key files do not belong on swap.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace kontor::crypto {

/// Overwrites `size` bytes at `memory`; the compiler may not leave it out. Thread safe.
void WipeMemory(void* memory, std::size_t size);

/// Overwrites the whole buffer of `text`, the unused part too, and empties it.
void Wipe(std::string& text);
/// Overwrites the whole buffer of `bytes`, the unused part too, and empties it.
void Wipe(std::vector<unsigned char>& bytes);
/// Overwrites `bytes` with zeroes.
template <std::size_t N>
void Wipe(std::array<unsigned char, N>& bytes) {
  WipeMemory(bytes.data(), bytes.size());
}

/// Owner of a secret value. Moves, is copied only by Clone(), and is wiped at its end.
/// Thread safety: as T; concurrent Reveal() is safe.
template <typename T>
class Secret {
 public:
  Secret() = default;
  explicit Secret(T value) : value_(std::move(value)) { Wipe(value); }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { Wipe(other.value_); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      Wipe(value_);
      value_ = std::move(other.value_);
      Wipe(other.value_);
    }
    return *this;
  }
  ~Secret() { Wipe(value_); }

  /// The value itself. Hand it on by reference only; a copy of it is not wiped.
  const T& Reveal() const { return value_; }
  /// A second owner of the same value, for configuration that two parts need.
  Secret Clone() const { return Secret(T(value_)); }

 private:
  T value_{};
};

// A secret that reaches a stream, a formatter or a JSON document is a defect that the compiler
// finds.
template <typename Stream, typename T>
Stream& operator<<(Stream& stream, const Secret<T>& secret) = delete;
template <typename Sink, typename T>
void AbslStringify(Sink& sink, const Secret<T>& secret) = delete;
template <typename Json, typename T>
void to_json(Json& json, const Secret<T>& secret) = delete;

using SecretString = Secret<std::string>;
using SecretKey256 = Secret<std::array<unsigned char, 32>>;

}  // namespace kontor::crypto
