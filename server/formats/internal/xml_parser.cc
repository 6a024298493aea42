// SPDX-License-Identifier: Apache-2.0
// Names that libxml2 hands over are interned in the parser's dictionary, so an element is found by
// its pointer: no text is compared while a document is read.
#include "server/formats/internal/xml_parser.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <array>
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

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

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

std::string_view Trimmed(const std::string& text) {
  size_t begin = 0;
  size_t end = text.size();
  while (begin < end && IsSpace(text[begin])) ++begin;
  while (end > begin && IsSpace(text[end - 1])) --end;
  return std::string_view(text).substr(begin, end - begin);
}

/// From interned pointers to indexes of names; open addressing, never more than a third full.
class NameTable {
 public:
  NameTable(xmlDictPtr dictionary, std::span<const std::string> names) {
    size_t size = 64;
    while (size < names.size() * 3) size *= 2;
    slots_.resize(size);
    mask_ = size - 1;
    uint16_t index = 0;
    for (const std::string& name : names) {
      const auto* const text = reinterpret_cast<const xmlChar*>(name.c_str());
      Insert(xmlDictLookup(dictionary, text, static_cast<int>(name.size())), ++index);
    }
  }
  /// 0 for names that are in no tree.
  uint16_t Find(const xmlChar* name) const {
    for (size_t at = Hash(name);; at = (at + 1) & mask_) {
      if (slots_[at].name == name) return slots_[at].index;
      if (slots_[at].name == nullptr) return 0;
    }
  }

 private:
  struct Slot {
    const xmlChar* name = nullptr;
    uint16_t index = 0;
  };
  size_t Hash(const xmlChar* name) const {
    constexpr uint64_t kGolden = 0x9E3779B97F4A7C15;
    constexpr int kShift = 32;
    return static_cast<size_t>((reinterpret_cast<uintptr_t>(name) * kGolden) >> kShift) & mask_;
  }
  void Insert(const xmlChar* name, uint16_t index) {
    size_t at = Hash(name);
    while (slots_[at].name != nullptr) at = (at + 1) & mask_;
    slots_[at] = {name, index};
  }
  std::vector<Slot> slots_;
  size_t mask_ = 0;
};

class Parsing final : public XmlPlace {
 public:
  Parsing(ports::ByteSource& source, const XmlTree& tree, XmlHandler& handler)
      : source_(source), tree_(tree), handler_(handler) {}
  ~Parsing() override {
    if (context_ != nullptr) xmlFreeParserCtxt(context_);
  }
  Parsing(const Parsing&) = delete;
  Parsing& operator=(const Parsing&) = delete;

  absl::Status Run();
  int64_t Line() const override { return context_ == nullptr ? 0 : xmlSAX2GetLineNumber(context_); }

 private:
  struct Level {
    XmlTree::Node node = XmlTree::kRoot;
    bool silent = false;
  };

  static Parsing& Self(void* self) { return *static_cast<Parsing*>(self); }
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

  void Start(const xmlChar* name, const xmlChar* space, int attribute_count,
             const xmlChar** attributes);
  void StartRoot(const xmlChar* name, const xmlChar* space);
  void TakeCurrency(int attribute_count, const xmlChar** attributes);
  void End();
  void Text(const char* text, size_t size);
  void Fail(absl::Status status);
  void AskHandler() {
    if (handler_.failed()) Fail(handler_.status());
  }
  absl::Status Outcome() const;

  ports::ByteSource& source_;
  const XmlTree& tree_;
  XmlHandler& handler_;
  xmlParserCtxtPtr context_ = nullptr;
  std::unique_ptr<NameTable> table_;
  const xmlChar* space_ = nullptr;  ///< The document's namespace, interned.
  const xmlChar* currency_name_ = nullptr;
  absl::Status status_;
  bool source_ended_ = false;
  bool root_ended_ = false;
  bool ended_within_ = false;  ///< The error arose where the source ended.
  std::string problem_;        ///< libxml2's words for its first error.
  int64_t problem_line_ = 0;
  std::array<Level, kXmlDepthMax> levels_{};
  int depth_ = 0;    ///< Open elements, the root included.
  int skipped_ = 0;  ///< Open elements from the first unknown one on.
  bool wants_text_ = false;
  std::string text_;
  std::array<char, kCurrencyBytesMax> currency_{};
  size_t currency_size_ = 0;
};

xmlSAXHandler Parsing::Callbacks() {
  xmlSAXHandler callbacks;
  std::memset(&callbacks, 0, sizeof callbacks);
  callbacks.initialized = XML_SAX2_MAGIC;
  callbacks.startElementNs = &Parsing::OnStart;
  callbacks.endElementNs = &Parsing::OnEnd;
  callbacks.characters = &Parsing::OnText;
  callbacks.ignorableWhitespace = &Parsing::OnText;
  callbacks.cdataBlock = &Parsing::OnText;
  callbacks.internalSubset = &Parsing::OnDocumentType;
  callbacks.externalSubset = &Parsing::OnDocumentType;
  callbacks.serror = &Parsing::OnError;
  return callbacks;
}

int Parsing::Read(void* self, char* into, int size) {
  Parsing& parsing = Self(self);
  int filled = 0;
  // libxml2 takes a short answer for a whole token, so its buffer is filled as far as there is.
  while (filled < size && !parsing.source_ended_) {
    const absl::StatusOr<size_t> count =
        parsing.source_.Read({into + filled, static_cast<size_t>(size - filled)});
    if (!count.ok()) {
      if (parsing.status_.ok()) parsing.status_ = count.status();
      return -1;
    }
    parsing.source_ended_ = *count == 0;
    filled += static_cast<int>(*count);
  }
  return filled;
}

void Parsing::Fail(absl::Status status) {
  if (status_.ok()) status_ = std::move(status);
  xmlStopParser(context_);
}

void Parsing::OnDocumentType(void* self, const xmlChar* /*name*/, const xmlChar* /*id*/,
                             const xmlChar* /*system*/) {
  Self(self).Fail(Error(Reason::kXmlForbidden).Says("the file has a document type"));
}

void Parsing::OnError(void* self, xmlErrorPtr error) {
  Parsing& parsing = Self(self);
  if (error->level < XML_ERR_ERROR || !parsing.problem_.empty()) return;
  parsing.problem_ = error->message == nullptr ? "not well-formed" : error->message;
  parsing.problem_line_ = error->line;
  const xmlParserInputPtr input = parsing.context_ == nullptr ? nullptr : parsing.context_->input;
  parsing.ended_within_ = parsing.source_ended_ && (input == nullptr || input->cur >= input->end);
}

void Parsing::OnStart(void* self, const xmlChar* name, const xmlChar* /*prefix*/,
                      const xmlChar* space, int /*space_count*/, const xmlChar** /*spaces*/,
                      int attribute_count, int /*defaulted_count*/, const xmlChar** attributes) {
  Self(self).Start(name, space, attribute_count, attributes);
}

void Parsing::OnEnd(void* self, const xmlChar* /*name*/, const xmlChar* /*prefix*/,
                    const xmlChar* /*space*/) {
  Self(self).End();
}

void Parsing::OnText(void* self, const xmlChar* text, int size) {
  Parsing& parsing = Self(self);
  if (parsing.wants_text_) {
    parsing.Text(reinterpret_cast<const char*>(text), static_cast<size_t>(size));
  }
}

void Parsing::Text(const char* text, size_t size) {
  if (text_.size() + size > kXmlTextBytesMax) {
    return Fail(Error(Reason::kFormatLimit)
                    .Says(StrCat("a text in line ", Line(), " is longer than ",
                                 static_cast<int64_t>(kXmlTextBytesMax), " bytes")));
  }
  text_.append(text, size);
}

void Parsing::TakeCurrency(int attribute_count, const xmlChar** attributes) {
  constexpr int kParts = 5;  // local name, prefix, namespace, begin and end of the value
  currency_size_ = 0;
  for (int i = 0; i < attribute_count; ++i) {
    const xmlChar** const attribute = attributes + i * kParts;
    if (attribute[0] != currency_name_) continue;
    const size_t size = static_cast<size_t>(attribute[4] - attribute[3]);
    currency_size_ = std::min(size, currency_.size());
    std::memcpy(currency_.data(), attribute[3], currency_size_);
  }
}

void Parsing::StartRoot(const xmlChar* name, const xmlChar* space) {
  space_ = space;
  table_ = std::make_unique<NameTable>(context_->dict, tree_.names());
  currency_name_ = xmlDictLookup(context_->dict, reinterpret_cast<const xmlChar*>("Ccy"), 3);
  if (absl::Status status = handler_.OnRoot(View(name), View(space)); !status.ok()) {
    Fail(std::move(status));
  }
}

void Parsing::Start(const xmlChar* name, const xmlChar* space, int attribute_count,
                    const xmlChar** attributes) {
  if (depth_ >= kXmlDepthMax) {
    return Fail(
        Error(Reason::kFormatLimit).Says(StrCat("elements are nested deeper than ", kXmlDepthMax)));
  }
  if (depth_ == 0) {
    levels_[0] = {};
    ++depth_;
    return StartRoot(name, space);
  }
  const Level& parent = levels_[static_cast<size_t>(depth_) - 1];
  wants_text_ = false;
  Level& level = levels_[static_cast<size_t>(depth_)];
  ++depth_;
  const uint16_t index = skipped_ > 0 || space != space_ ? 0 : table_->Find(name);
  const XmlTree::Step step = index == 0 ? XmlTree::Step() : tree_.Child(parent.node, index);
  if (step.node == XmlTree::kNone) {
    if (++skipped_ > 1) return;
    handler_.OnUnknown(View(name));
    return AskHandler();
  }
  level = {step.node, step.silent};
  const XmlId id = tree_.IdOf(step.node);
  if (step.silent || id == 0) return;
  wants_text_ = tree_.WantsText(step.node);
  text_.clear();
  if (wants_text_) return TakeCurrency(attribute_count, attributes);
  handler_.OnStart(id, View(name));
  AskHandler();
}

void Parsing::End() {
  --depth_;
  if (depth_ == 0) root_ended_ = true;
  if (skipped_ > 0) {
    --skipped_;
    return;
  }
  if (depth_ <= 0) return;
  const Level& level = levels_[static_cast<size_t>(depth_)];
  const XmlId id = tree_.IdOf(level.node);
  if (level.silent || id == 0) return;
  if (tree_.WantsText(level.node)) {
    handler_.OnEnd(id, Trimmed(text_), {currency_.data(), currency_size_});
    text_.clear();
  } else {
    handler_.OnEnd(id, {}, {});
  }
  wants_text_ = false;
  AskHandler();
}

absl::Status Parsing::Outcome() const {
  if (!status_.ok()) return status_;
  const bool whole = context_->wellFormed != 0 && root_ended_;
  if (whole) return absl::OkStatus();
  if (ended_within_ || (problem_.empty() && source_ended_)) {
    return Error(Reason::kFormatTruncated)
        .Says(StrCat("the file ends in line ", problem_line_, " before its document does"));
  }
  return Error(Reason::kFormatInvalid)
      .Says(StrCat("line ", problem_line_, ": ", base::Trim(problem_)));
}

absl::Status Parsing::Run() {
  static std::once_flag once;
  std::call_once(once, [] { xmlInitParser(); });
  xmlSAXHandler callbacks = Callbacks();
  context_ = xmlCreateIOParserCtxt(&callbacks, this, &Parsing::Read, nullptr, this,
                                   XML_CHAR_ENCODING_NONE);
  if (context_ == nullptr) {
    if (!status_.ok()) return status_;
    return Error(Reason::kFormatTruncated).Says("the file is empty");
  }
  xmlCtxtUseOptions(context_, XML_PARSE_NONET);
  xmlParseDocument(context_);
  return Outcome();
}

}  // namespace

absl::Status ParseXml(ports::ByteSource& source, const XmlTree& tree, XmlHandler& handler,
                      const XmlPlace** place) {
  Parsing parsing(source, tree, handler);
  if (place != nullptr) *place = &parsing;
  const absl::Status status = parsing.Run();
  if (place != nullptr) *place = nullptr;
  return status;
}

}  // namespace kontor::formats::internal
