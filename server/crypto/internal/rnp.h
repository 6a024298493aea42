// SPDX-License-Identifier: Apache-2.0
// Owners for librnp's objects. Private to server/crypto.
#pragma once

#include <fcntl.h>
#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include <string>
#include <string_view>
#include <utility>

namespace kontor::crypto::internal {

template <typename T, rnp_result_t (*kDestroy)(T)>
class RnpHandle {
 public:
  RnpHandle() = default;
  RnpHandle(const RnpHandle&) = delete;
  RnpHandle& operator=(const RnpHandle&) = delete;
  RnpHandle(RnpHandle&& other) noexcept : value_(other.value_) { other.value_ = nullptr; }
  RnpHandle& operator=(RnpHandle&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~RnpHandle() {
    if (value_ != nullptr) kDestroy(value_);
  }
  T get() const { return value_; }
  /// For a function that makes one; once.
  T* out() { return &value_; }
  explicit operator bool() const { return value_ != nullptr; }

 private:
  T value_ = nullptr;
};

using RnpFfi = RnpHandle<rnp_ffi_t, rnp_ffi_destroy>;
using RnpKey = RnpHandle<rnp_key_handle_t, rnp_key_handle_destroy>;
using RnpInput = RnpHandle<rnp_input_t, rnp_input_destroy>;
using RnpOutput = RnpHandle<rnp_output_t, rnp_output_destroy>;
using RnpSign = RnpHandle<rnp_op_sign_t, rnp_op_sign_destroy>;
using RnpEncrypt = RnpHandle<rnp_op_encrypt_t, rnp_op_encrypt_destroy>;
using RnpVerify = RnpHandle<rnp_op_verify_t, rnp_op_verify_destroy>;
using RnpIterator = RnpHandle<rnp_identifier_iterator_t, rnp_identifier_iterator_destroy>;

/// A text that librnp made.
class RnpText {
 public:
  RnpText() = default;
  RnpText(const RnpText&) = delete;
  RnpText& operator=(const RnpText&) = delete;
  ~RnpText() { rnp_buffer_destroy(value_); }
  char** out() { return &value_; }
  std::string_view view() const { return value_ == nullptr ? std::string_view() : value_; }

 private:
  char* value_ = nullptr;
};

/// Key rings in memory that say nothing on their own; an empty handle when there is no memory.
inline RnpFfi MakeRings() {
  RnpFfi rings;
  if (rnp_ffi_create(rings.out(), RNP_KEYSTORE_GPG, RNP_KEYSTORE_GPG) != RNP_SUCCESS) return rings;
  // What is wrong is told by results; librnp would write to the standard error beside that.
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere >= 0) rnp_ffi_set_log_fd(rings.get(), nowhere);
  return rings;
}

/// An input over bytes that outlive it.
inline RnpInput InputOver(std::string_view bytes) {
  // An empty view may have no address, and librnp wants one.
  static const uint8_t kNothing = 0;
  RnpInput input;
  const auto* at = bytes.empty() ? &kNothing : reinterpret_cast<const uint8_t*>(bytes.data());
  rnp_input_from_memory(input.out(), at, bytes.size(), false);
  return input;
}

/// Gathers what librnp writes, up to a limit.
class BoundedText {
 public:
  explicit BoundedText(size_t bytes_max) : bytes_max_(bytes_max) {}
  BoundedText(const BoundedText&) = delete;
  BoundedText& operator=(const BoundedText&) = delete;
  RnpOutput Output() {
    RnpOutput output;
    rnp_output_to_callback(output.out(), &Write, nullptr, this);
    return output;
  }
  bool overflowed() const { return overflowed_; }
  std::string Take() { return std::move(text_); }

 private:
  static bool Write(void* self, const void* bytes, size_t count) {
    auto& out = *static_cast<BoundedText*>(self);
    if (count > out.bytes_max_ - out.text_.size()) {
      out.overflowed_ = true;
      return false;
    }
    out.text_.append(static_cast<const char*>(bytes), count);
    return true;
  }

  const size_t bytes_max_;
  std::string text_;
  bool overflowed_ = false;
};

}  // namespace kontor::crypto::internal
