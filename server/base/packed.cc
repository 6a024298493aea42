// SPDX-License-Identifier: Apache-2.0
#include "server/base/packed.h"

#include "server/base/status.h"

namespace kontor::base {
namespace {

constexpr int kLengthBytes = 4;
constexpr int kNumberBytes = 8;
constexpr int kBitsInByte = 8;

/// Little endian.
void AppendBytes(uint64_t value, int count, std::string* out) {
  for (int i = 0; i < count; ++i) out->push_back(static_cast<char>(value >> (i * kBitsInByte)));
}

uint64_t ValueOf(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i > 0; --i) {
    value = (value << kBitsInByte) | static_cast<uint8_t>(bytes[i - 1]);
  }
  return value;
}

}  // namespace

void PackedWriter::Text(std::string_view text) {
  AppendBytes(text.size(), kLengthBytes, &bytes_);
  bytes_.append(text);
}

void PackedWriter::Number(int64_t number) {
  AppendBytes(static_cast<uint64_t>(number), kNumberBytes, &bytes_);
}

void PackedWriter::Texts(const std::vector<std::string>& texts) {
  Number(static_cast<int64_t>(texts.size()));
  for (const std::string& text : texts) Text(text);
}

absl::StatusOr<std::string_view> PackedReader::Bytes(uint64_t count) {
  if (count > rest_.size()) return Error(Reason::kInternal).Says("a packed record is cut short");
  const std::string_view bytes = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return bytes;
}

absl::StatusOr<std::string_view> PackedReader::Text() {
  KONTOR_ASSIGN_OR_RETURN(const std::string_view length, Bytes(kLengthBytes));
  return Bytes(ValueOf(length));
}

absl::StatusOr<int64_t> PackedReader::Number() {
  KONTOR_ASSIGN_OR_RETURN(const std::string_view bytes, Bytes(kNumberBytes));
  return static_cast<int64_t>(ValueOf(bytes));
}

absl::StatusOr<std::vector<std::string>> PackedReader::Texts() {
  KONTOR_ASSIGN_OR_RETURN(const int64_t count, Number());
  std::vector<std::string> texts;
  for (int64_t i = 0; i < count; ++i) {
    KONTOR_ASSIGN_OR_RETURN(const std::string_view text, Text());
    texts.emplace_back(text);
  }
  return texts;
}

}  // namespace kontor::base
