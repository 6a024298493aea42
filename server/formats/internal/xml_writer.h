// SPDX-License-Identifier: Apache-2.0
// libxml2's text writer on a sink of ours. Errors are kept and told at the end of each piece.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/ports/codec.h"

namespace kontor::formats::internal {

/// Not thread-safe.
class XmlWriter {
 public:
  explicit XmlWriter(ports::ByteSink& out);
  ~XmlWriter();
  XmlWriter(const XmlWriter&) = delete;
  XmlWriter& operator=(const XmlWriter&) = delete;

  void BeginDocument(const char* name, std::string_view name_space);
  void Open(const char* name);
  void Close();
  /// An element with text; nothing when the text is empty.
  void Text(const char* name, std::string_view text);
  /// An element with text and an attribute Ccy.
  void Amount(const char* name, std::string_view text, std::string_view currency);
  /// Closes what is open, hands all bytes to the sink.
  void EndDocument();
  /// What the sink answered, or INTERNAL when libxml2 refused a call.
  const absl::Status& status() const { return status_; }

 private:
  struct Writer;
  static int Write(void* self, const char* bytes, int size);
  void Require(int result);

  ports::ByteSink& out_;
  absl::Status status_;
  bool ending_ = false;
  std::unique_ptr<Writer> writer_;
};

}  // namespace kontor::formats::internal
