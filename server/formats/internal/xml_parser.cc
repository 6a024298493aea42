// SPDX-License-Identifier: Apache-2.0
// Names that libxml2 hands over are interned in the parser's dictionary, so an element is found by
// its pointer: no text is compared while a document is read.
#include "server/formats/internal/xml_parser.h"

#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/formats/internal/xml_reading.h"

namespace kontor::formats::internal {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

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

class Parsing final : public XmlReading, public XmlPlace {
 public:
  Parsing(ports::ByteSource& source, const XmlTree& tree, XmlHandler& handler)
      : XmlReading(source), tree_(tree), handler_(handler) {}
  int64_t Line() const override { return LineNumber(); }

 private:
  struct Level {
    XmlTree::Node node = XmlTree::kRoot;
    bool silent = false;
  };

  void Start(const xmlChar* name, const xmlChar* space, int attribute_count,
             const xmlChar** attributes) override;
  void End(const xmlChar* name) override;
  void Text(const char* text, size_t size) override;
  void StartRoot(const xmlChar* name, const xmlChar* space);
  void TakeCurrency(int attribute_count, const xmlChar** attributes);
  void AskHandler() {
    if (handler_.failed()) Fail(handler_.status());
  }

  const XmlTree& tree_;
  XmlHandler& handler_;
  std::unique_ptr<NameTable> table_;
  const xmlChar* space_ = nullptr;  ///< The document's namespace, interned.
  const xmlChar* currency_name_ = nullptr;
  std::array<Level, kXmlDepthMax> levels_{};
  int depth_ = 0;    ///< Open elements, the root included.
  int skipped_ = 0;  ///< Open elements from the first unknown one on.
  bool wants_text_ = false;
  std::string text_;
  std::array<char, kCurrencyBytesMax> currency_{};
  size_t currency_size_ = 0;
};

void Parsing::Text(const char* text, size_t size) {
  if (!wants_text_) return;
  if (text_.size() + size > kXmlTextBytesMax) return FailLong(kXmlTextBytesMax);
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
  table_ = std::make_unique<NameTable>(dictionary(), tree_.names());
  currency_name_ = xmlDictLookup(dictionary(), reinterpret_cast<const xmlChar*>("Ccy"), 3);
  Fail(handler_.OnRoot(View(name), View(space)));
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

void Parsing::End(const xmlChar* /*name*/) {
  --depth_;
  if (depth_ == 0) NoteRootEnded();
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
