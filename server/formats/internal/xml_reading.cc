// SPDX-License-Identifier: Apache-2.0
#include "server/formats/internal/xml_reading.h"

#include <libxml/parserInternals.h>

#include <cstring>
#include <mutex>
#include <utility>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::formats::internal {

using base::Error;
using base::Reason;
using base::StrCat;

XmlReading::~XmlReading() {
  if (context_ != nullptr) xmlFreeParserCtxt(context_);
}

xmlSAXHandler XmlReading::Callbacks() {
  xmlSAXHandler callbacks;
  std::memset(&callbacks, 0, sizeof callbacks);
  callbacks.initialized = XML_SAX2_MAGIC;
  callbacks.startElementNs = &XmlReading::OnStart;
  callbacks.endElementNs = &XmlReading::OnEnd;
  callbacks.characters = &XmlReading::OnText;
  callbacks.ignorableWhitespace = &XmlReading::OnText;
  callbacks.cdataBlock = &XmlReading::OnText;
  callbacks.internalSubset = &XmlReading::OnDocumentType;
  callbacks.externalSubset = &XmlReading::OnDocumentType;
  callbacks.serror = &XmlReading::OnError;
  return callbacks;
}

int XmlReading::Read(void* self, char* into, int size) {
  XmlReading& reading = Self(self);
  int filled = 0;
  // libxml2 takes a short answer for a whole token, so its buffer is filled as far as there is.
  while (filled < size && !reading.source_ended_) {
    const absl::StatusOr<size_t> count =
        reading.source_.Read({into + filled, static_cast<size_t>(size - filled)});
    if (!count.ok()) {
      if (reading.status_.ok()) reading.status_ = count.status();
      return -1;
    }
    reading.source_ended_ = *count == 0;
    filled += static_cast<int>(*count);
  }
  return filled;
}

void XmlReading::OnStart(void* self, const xmlChar* name, const xmlChar* /*prefix*/,
                         const xmlChar* space, int /*space_count*/, const xmlChar** /*spaces*/,
                         int attribute_count, int /*defaulted_count*/,
                         const xmlChar** attributes) {
  Self(self).Start(name, space, attribute_count, attributes);
}

void XmlReading::OnEnd(void* self, const xmlChar* name, const xmlChar* /*prefix*/,
                       const xmlChar* /*space*/) {
  Self(self).End(name);
}

void XmlReading::OnText(void* self, const xmlChar* text, int size) {
  Self(self).Text(reinterpret_cast<const char*>(text), static_cast<size_t>(size));
}

void XmlReading::OnDocumentType(void* self, const xmlChar* /*name*/, const xmlChar* /*id*/,
                                const xmlChar* /*system*/) {
  Self(self).Fail(Error(Reason::kXmlForbidden).Says("the file has a document type"));
}

void XmlReading::OnError(void* self, xmlErrorPtr error) {
  XmlReading& reading = Self(self);
  if (error->level < XML_ERR_ERROR || !reading.problem_.empty()) return;
  reading.problem_ = error->message == nullptr ? "not well-formed" : error->message;
  reading.problem_line_ = error->line;
  const xmlParserInputPtr input = reading.context_ == nullptr ? nullptr : reading.context_->input;
  reading.ended_within_ = reading.source_ended_ && (input == nullptr || input->cur >= input->end);
}

void XmlReading::Fail(absl::Status status) {
  if (status.ok()) return;
  if (status_.ok()) status_ = std::move(status);
  if (context_ != nullptr) xmlStopParser(context_);
}

void XmlReading::FailLong(size_t bytes_max) {
  Fail(Error(Reason::kFormatLimit)
           .Says(StrCat("a text in line ", LineNumber(), " is longer than ",
                        static_cast<int64_t>(bytes_max), " bytes")));
}

absl::Status XmlReading::Outcome() const {
  if (!status_.ok()) return status_;
  if (context_->wellFormed != 0 && root_ended_) return absl::OkStatus();
  if (ended_within_ || (problem_.empty() && source_ended_)) {
    return Error(Reason::kFormatTruncated)
        .Says(StrCat("the file ends in line ", problem_line_, " before its document does"));
  }
  return Error(Reason::kFormatInvalid)
      .Says(StrCat("line ", problem_line_, ": ", base::Trim(problem_)));
}

absl::Status XmlReading::Run() {
  static std::once_flag once;
  std::call_once(once, [] { xmlInitParser(); });
  xmlSAXHandler callbacks = Callbacks();
  context_ = xmlCreateIOParserCtxt(&callbacks, this, &XmlReading::Read, nullptr, this,
                                   XML_CHAR_ENCODING_NONE);
  if (context_ == nullptr) {
    if (!status_.ok()) return status_;
    return Error(Reason::kFormatTruncated).Says("the file is empty");
  }
  xmlCtxtUseOptions(context_, XML_PARSE_NONET);
  xmlParseDocument(context_);
  return Outcome();
}

}  // namespace kontor::formats::internal
