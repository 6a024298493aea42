// SPDX-License-Identifier: Apache-2.0
#include "server/formats/internal/xml_walker.h"

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/formats/internal/xml_reading.h"

namespace kontor::formats::internal {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

/// Without entities of the file's own, libxml2 leaves one thing undone in attributes: "&amp;"
/// comes as "&#38;".
void Unescape(std::string& value) {
  constexpr std::string_view kAmpersand = "&#38;";
  for (size_t at = value.find(kAmpersand); at != std::string::npos;
       at = value.find(kAmpersand, at + 1)) {
    value.replace(at, kAmpersand.size(), "&");
  }
}

class Walk final : public XmlReading {
 public:
  Walk(ports::ByteSource& source, XmlVisitor& visitor) : XmlReading(source), visitor_(visitor) {}

 private:
  void Start(const xmlChar* name, const xmlChar* space, int count,
             const xmlChar** attributes) override;
  void End(const xmlChar* name) override;
  void Text(const char* text, size_t size) override;

  XmlVisitor& visitor_;
  XmlAttributes attributes_;
  std::vector<std::string> texts_;  ///< By depth; reused.
  int depth_ = 0;
};

void Walk::Start(const xmlChar* name, const xmlChar* /*space*/, int count,
                 const xmlChar** attributes) {
  if (failed()) return;
  if (depth_ >= kWalkDepthMax || count > kWalkAttributesMax) {
    return Fail(
        Error(Reason::kFormatLimit)
            .Says(StrCat("line ", LineNumber(), ": elements are nested deeper than ", kWalkDepthMax,
                         ", or one has more than ", kWalkAttributesMax, " attributes")));
  }
  constexpr int kParts = 5;  // local name, prefix, namespace, begin and end of the value
  attributes_.Clear();
  for (int i = 0; i < count; ++i) {
    const xmlChar** const one = attributes + i * kParts;
    const size_t size = static_cast<size_t>(one[4] - one[3]);
    if (size > kWalkTextBytesMax) return FailLong(kWalkTextBytesMax);
    attributes_.Add(View(one[0]), {reinterpret_cast<const char*>(one[3]), size});
  }
  if (texts_.size() <= static_cast<size_t>(depth_)) texts_.emplace_back();
  texts_[static_cast<size_t>(depth_)].clear();
  Fail(visitor_.OnStart(View(name), depth_, attributes_));
  ++depth_;
}

void Walk::End(const xmlChar* name) {
  if (failed()) return;
  --depth_;
  if (depth_ == 0) NoteRootEnded();
  Fail(visitor_.OnEnd(View(name), depth_, base::Trim(texts_[static_cast<size_t>(depth_)])));
}

void Walk::Text(const char* text, size_t size) {
  if (depth_ == 0 || failed()) return;
  std::string& into = texts_[static_cast<size_t>(depth_) - 1];
  if (into.size() + size > kWalkTextBytesMax) return FailLong(kWalkTextBytesMax);
  into.append(text, size);
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
