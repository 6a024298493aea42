// SPDX-License-Identifier: Apache-2.0
// libxml2's SAX2 interface, hardened: no document type, no entities of the file's own, no network,
// bounded depth and text. Constant memory whatever the size of the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/formats/internal/xml_tree.h"
#include "server/ports/codec.h"

namespace kontor::formats::internal {

inline constexpr int kXmlDepthMax = 64;
inline constexpr size_t kXmlTextBytesMax = 64 * 1024;  ///< Of one element.
inline constexpr size_t kCurrencyBytesMax = 8;

/// Told of the elements of a tree. Any error ends the parsing.
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  /// The document element; `space` is its namespace, the only one whose elements are told of.
  virtual absl::Status OnRoot(std::string_view name, std::string_view space) = 0;
  /// An element begins; `name` tells alternatives of a tree's segment apart.
  virtual void OnStart(XmlId id, std::string_view name) = 0;
  /// An element that is in no tree begins; all it contains is skipped.
  virtual void OnUnknown(std::string_view /*name*/) {}
  /// An element ends. `text` is trimmed, and empty for groups; `currency` is its attribute Ccy.
  virtual void OnEnd(XmlId id, std::string_view text, std::string_view currency) = 0;
  /// The first error of the handler's own; asked after each OnStart and OnEnd that set `failed`.
  virtual absl::Status status() const = 0;
  bool failed() const { return failed_; }

 protected:
  bool failed_ = false;
};

/// Where a parser stands, for findings.
class XmlPlace {
 public:
  virtual ~XmlPlace() = default;
  /// Line of the file, from 1.
  virtual int64_t Line() const = 0;
};

/// Reads one document to its end. Errors: XML_FORBIDDEN, FORMAT_LIMIT, FORMAT_TRUNCATED,
/// FORMAT_INVALID (not well-formed), what the handler or the source answers.
/// `place` (may be null) is set before the first call of the handler.
absl::Status ParseXml(ports::ByteSource& source, const XmlTree& tree, XmlHandler& handler,
                      const XmlPlace** place);

}  // namespace kontor::formats::internal
