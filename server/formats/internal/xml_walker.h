// SPDX-License-Identifier: Apache-2.0
// An XML document element by element with its attributes, for vocabularies that keep their data
// there (xml_parser.h knows none but the currency). As hardened: no document type, no entities of
// the file's own, no network, bounded depth and text; constant memory.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/ports/codec.h"

namespace kontor::formats::internal {

inline constexpr int kWalkDepthMax = 64;
inline constexpr size_t kWalkTextBytesMax = 64 * 1024;  ///< Of one element, or one attribute.
inline constexpr int kWalkAttributesMax = 200;

/// Attributes of one element by local name. Lent for the call only.
class XmlAttributes {
 public:
  /// "" when it is not there.
  std::string_view Get(std::string_view name) const;
  void Clear() { count_ = 0; }
  void Add(std::string_view name, std::string_view value);

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;  ///< Reused.
  size_t count_ = 0;
};

/// Told of every element. Any error ends the walk and is what its caller gets.
class XmlVisitor {
 public:
  virtual ~XmlVisitor() = default;
  /// `depth` is 0 for the document element.
  virtual absl::Status OnStart(std::string_view name, int depth,
                               const XmlAttributes& attributes) = 0;
  /// `text` is what stands directly in the element, trimmed.
  virtual absl::Status OnEnd(std::string_view name, int depth, std::string_view text) = 0;
};

/// Walks one document to its end. Errors: XML_FORBIDDEN, FORMAT_LIMIT, FORMAT_TRUNCATED,
/// FORMAT_INVALID (not well-formed), what the visitor or the source answers.
absl::Status WalkXml(ports::ByteSource& source, XmlVisitor& visitor);

}  // namespace kontor::formats::internal
