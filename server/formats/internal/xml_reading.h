// SPDX-License-Identifier: Apache-2.0
// What every reading of an XML document has in common: libxml2's SAX2 interface over a source of
// bytes, hardened (no document type, no entities of the file's own, no network), and how it ended.
#pragma once

#include <libxml/SAX2.h>
#include <libxml/parser.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/ports/codec.h"

namespace kontor::formats::internal {

inline std::string_view View(const xmlChar* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

/// One reading of one document. Those that derive are told of elements and texts, and say when the
/// root has ended and what went wrong.
class XmlReading {
 public:
  virtual ~XmlReading();
  XmlReading(const XmlReading&) = delete;
  XmlReading& operator=(const XmlReading&) = delete;

  /// Once. XML_FORBIDDEN, FORMAT_TRUNCATED, FORMAT_INVALID (not well-formed), what Fail was given,
  /// what the source answers.
  absl::Status Run();

 protected:
  explicit XmlReading(ports::ByteSource& source) : source_(source) {}

  /// `attributes`: five pointers each, as libxml2 has them: local name, prefix, namespace, begin
  /// and end of the value.
  virtual void Start(const xmlChar* name, const xmlChar* space, int attribute_count,
                     const xmlChar** attributes) = 0;
  virtual void End(const xmlChar* name) = 0;
  virtual void Text(const char* text, size_t size) = 0;

  /// The first failure ends the reading and is its outcome; OK changes nothing.
  void Fail(absl::Status status);
  /// FORMAT_LIMIT about a text of this line.
  void FailLong(size_t bytes_max);
  bool failed() const { return !status_.ok(); }
  void NoteRootEnded() { root_ended_ = true; }
  xmlDictPtr dictionary() const { return context_->dict; }
  /// Of the file, from 1; 0 before it begins.
  int64_t LineNumber() const { return context_ == nullptr ? 0 : xmlSAX2GetLineNumber(context_); }

 private:
  static XmlReading& Self(void* self) { return *static_cast<XmlReading*>(self); }
  static xmlSAXHandler Callbacks();
  static int Read(void* self, char* into, int size);
  static void OnStart(void* self, const xmlChar* name, const xmlChar* prefix, const xmlChar* space,
                      int space_count, const xmlChar** spaces, int attribute_count,
                      int defaulted_count, const xmlChar** attributes);
  static void OnEnd(void* self, const xmlChar* name, const xmlChar* prefix, const xmlChar* space);
  static void OnText(void* self, const xmlChar* text, int size);
  static void OnDocumentType(void* self, const xmlChar* name, const xmlChar* id,
                             const xmlChar* system);
  static void OnError(void* self, xmlErrorPtr error);
  absl::Status Outcome() const;

  ports::ByteSource& source_;
  xmlParserCtxtPtr context_ = nullptr;
  absl::Status status_;
  bool source_ended_ = false;
  bool root_ended_ = false;
  bool ended_within_ = false;  ///< The error arose where the source ended.
  std::string problem_;        ///< libxml2's words for its first error.
  int64_t problem_line_ = 0;
};

}  // namespace kontor::formats::internal
