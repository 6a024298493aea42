// SPDX-License-Identifier: Apache-2.0
#include "server/formats/internal/xml_walker.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <cstring>
#include <mutex>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::formats::internal {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

std::string_view View(const xmlChar* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

/// Without entities of the file's own, libxml2 leaves one thing undone in attributes: "&amp;"
/// comes as "&#38;".
void Unescape(std::string& value) {
  constexpr std::string_view kAmpersand = "&#38;";
  for (size_t at = value.find(kAmpersand); at != std::string::npos;
       at = value.find(kAmpersand, at + 1)) {
    value.replace(at, kAmpersand.size(), "&");
  }
}

class Walk {
 public:
  Walk(ports::ByteSource& source, XmlVisitor& visitor) : source_(source), visitor_(visitor) {}
  ~Walk() {
    if (context_ != nullptr) xmlFreeParserCtxt(context_);
  }
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;
  absl::Status Run();

 private:
  static Walk& Self(void* self) { return *static_cast<Walk*>(self); }
  static xmlSAXHandler Callbacks();
  static int Read(void* self, char* into, int size);
  static void OnStart(void* self, const xmlChar* name, const xmlChar*, const xmlChar*, int,
                      const xmlChar**, int count, int, const xmlChar** attributes) {
    Self(self).Start(name, count, attributes);
  }
  static void OnEnd(void* self, const xmlChar* name, const xmlChar*, const xmlChar*) {
    Self(self).End(name);
  }
  static void OnText(void* self, const xmlChar* text, int size) {
    Self(self).Text(reinterpret_cast<const char*>(text), static_cast<size_t>(size));
  }
  static void OnDocumentType(void* self, const xmlChar*, const xmlChar*, const xmlChar*) {
    Self(self).Fail(Error(Reason::kXmlForbidden).Says("the file has a document type"));
  }
  static void OnError(void* self, xmlErrorPtr error);

  void Start(const xmlChar* name, int count, const xmlChar** attributes);
  void End(const xmlChar* name);
  void Text(const char* text, size_t size);
  int64_t Line() const { return context_ == nullptr ? 0 : xmlSAX2GetLineNumber(context_); }
  void Fail(absl::Status status) {
    if (status.ok()) return;
    if (status_.ok()) status_ = std::move(status);
    if (context_ != nullptr) xmlStopParser(context_);
  }
  void FailLong() {
    Fail(Error(Reason::kFormatLimit)
             .Says(StrCat("a text in line ", Line(), " is longer than ",
                          static_cast<int64_t>(kWalkTextBytesMax), " bytes")));
  }
  absl::Status Outcome() const;

  ports::ByteSource& source_;
  XmlVisitor& visitor_;
  xmlParserCtxtPtr context_ = nullptr;
  absl::Status status_;
  XmlAttributes attributes_;
  std::vector<std::string> texts_;  ///< By depth; reused.
  int depth_ = 0;
  bool root_ended_ = false;
  bool source_ended_ = false;
  bool ended_within_ = false;
  std::string problem_;
  int64_t problem_line_ = 0;
};

xmlSAXHandler Walk::Callbacks() {
  xmlSAXHandler callbacks;
  std::memset(&callbacks, 0, sizeof callbacks);
  callbacks.initialized = XML_SAX2_MAGIC;
  callbacks.startElementNs = &Walk::OnStart;
  callbacks.endElementNs = &Walk::OnEnd;
  callbacks.characters = &Walk::OnText;
  callbacks.ignorableWhitespace = &Walk::OnText;
  callbacks.cdataBlock = &Walk::OnText;
  callbacks.internalSubset = &Walk::OnDocumentType;
  callbacks.externalSubset = &Walk::OnDocumentType;
  callbacks.serror = &Walk::OnError;
  return callbacks;
}

int Walk::Read(void* self, char* into, int size) {
  Walk& walk = Self(self);
  int filled = 0;
  // libxml2 takes a short answer for a whole token, so its buffer is filled as far as there is.
  while (filled < size && !walk.source_ended_) {
    const auto count = walk.source_.Read({into + filled, static_cast<size_t>(size - filled)});
    if (!count.ok()) {
      if (walk.status_.ok()) walk.status_ = count.status();
      return -1;
    }
    walk.source_ended_ = *count == 0;
    filled += static_cast<int>(*count);
  }
  return filled;
}

void Walk::OnError(void* self, xmlErrorPtr error) {
  Walk& walk = Self(self);
  if (error->level < XML_ERR_ERROR || !walk.problem_.empty()) return;
  walk.problem_ = error->message == nullptr ? "not well-formed" : error->message;
  walk.problem_line_ = error->line;
  const xmlParserInputPtr input = walk.context_ == nullptr ? nullptr : walk.context_->input;
  walk.ended_within_ = walk.source_ended_ && (input == nullptr || input->cur >= input->end);
}

void Walk::Start(const xmlChar* name, int count, const xmlChar** attributes) {
  if (!status_.ok()) return;
  if (depth_ >= kWalkDepthMax || count > kWalkAttributesMax) {
    return Fail(
        Error(Reason::kFormatLimit)
            .Says(StrCat("line ", Line(), ": elements are nested deeper than ", kWalkDepthMax,
                         ", or one has more than ", kWalkAttributesMax, " attributes")));
  }
  constexpr int kParts = 5;  // local name, prefix, namespace, begin and end of the value
  attributes_.Clear();
  for (int i = 0; i < count; ++i) {
    const xmlChar** const one = attributes + i * kParts;
    const size_t size = static_cast<size_t>(one[4] - one[3]);
    if (size > kWalkTextBytesMax) return FailLong();
    attributes_.Add(View(one[0]), {reinterpret_cast<const char*>(one[3]), size});
  }
  if (texts_.size() <= static_cast<size_t>(depth_)) texts_.emplace_back();
  texts_[static_cast<size_t>(depth_)].clear();
  Fail(visitor_.OnStart(View(name), depth_, attributes_));
  ++depth_;
}

void Walk::End(const xmlChar* name) {
  if (!status_.ok()) return;
  --depth_;
  if (depth_ == 0) root_ended_ = true;
  Fail(visitor_.OnEnd(View(name), depth_, base::Trim(texts_[static_cast<size_t>(depth_)])));
}

void Walk::Text(const char* text, size_t size) {
  if (depth_ == 0 || !status_.ok()) return;
  std::string& into = texts_[static_cast<size_t>(depth_) - 1];
  if (into.size() + size > kWalkTextBytesMax) return FailLong();
  into.append(text, size);
}

absl::Status Walk::Outcome() const {
  if (!status_.ok()) return status_;
  if (context_->wellFormed != 0 && root_ended_) return absl::OkStatus();
  if (ended_within_ || (problem_.empty() && source_ended_)) {
    return Error(Reason::kFormatTruncated)
        .Says(StrCat("the file ends in line ", problem_line_, " before its document does"));
  }
  return Error(Reason::kFormatInvalid)
      .Says(StrCat("line ", problem_line_, ": ", base::Trim(problem_)));
}

absl::Status Walk::Run() {
  static std::once_flag once;
  std::call_once(once, [] { xmlInitParser(); });
  xmlSAXHandler callbacks = Callbacks();
  context_ =
      xmlCreateIOParserCtxt(&callbacks, this, &Walk::Read, nullptr, this, XML_CHAR_ENCODING_NONE);
  if (context_ == nullptr) {
    if (!status_.ok()) return status_;
    return Error(Reason::kFormatTruncated).Says("the file is empty");
  }
  xmlCtxtUseOptions(context_, XML_PARSE_NONET);
  xmlParseDocument(context_);
  return Outcome();
}

}  // namespace

std::string_view XmlAttributes::Get(std::string_view name) const {
  for (size_t i = 0; i < count_; ++i) {
    if (pairs_[i].first == name) return pairs_[i].second;
  }
  return {};
}

void XmlAttributes::Add(std::string_view name, std::string_view value) {
  if (pairs_.size() <= count_) pairs_.emplace_back();
  auto& [key, text] = pairs_[count_++];
  key.assign(name);
  text.assign(value);
  Unescape(text);
}

absl::Status WalkXml(ports::ByteSource& source, XmlVisitor& visitor) {
  return Walk(source, visitor).Run();
}

}  // namespace kontor::formats::internal
