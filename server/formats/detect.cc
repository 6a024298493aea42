// SPDX-License-Identifier: Apache-2.0
#include "server/formats/detect.h"

#include <algorithm>
#include <array>

#include "server/base/strings.h"

namespace kontor::formats {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// The head without byte order marks, the zero bytes of UTF-16, and what stands before the text.
std::string Plain(std::string_view head) {
  constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
  if (head.starts_with(kUtf8Mark)) head.remove_prefix(kUtf8Mark.size());
  const bool wide = head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF");
  if (wide) head.remove_prefix(2);
  std::string text(head);
  if (wide) std::erase(text, '\0');
  const auto begin = std::find_if(text.begin(), text.end(),
                                  [](char c) { return static_cast<unsigned char>(c) > ' '; });
  text.erase(text.begin(), begin);
  return text;
}

/// `mark` and the version behind it, `.001.NN` and the like: letters, digits and points.
std::string NameAt(std::string_view text, size_t at) {
  const auto* const end =
      std::find_if(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(),
                   [](char c) { return !IsDigit(c) && c != '.' && !(c >= 'a' && c <= 'z'); });
  std::string name(text.substr(at, static_cast<size_t>(end - text.begin()) - at));
  if (name.ends_with(".xsd")) name.resize(name.size() - 4);
  return name;
}

struct IsoMark {
  std::string_view mark;
  std::string_view message;  ///< The element below Document.
  FileFormat format;
};
constexpr IsoMark kIsoMarks[] = {
    {"camt.052", "BkToCstmrAcctRpt", FileFormat::kCamt},
    {"camt.053", "BkToCstmrStmt", FileFormat::kCamt},
    {"camt.054", "BkToCstmrDbtCdtNtfctn", FileFormat::kCamt},
    {"pain.001", "CstmrCdtTrfInitn", FileFormat::kPain001},
    {"pain.002", "CstmrPmtStsRpt", FileFormat::kPain002},
};

Detected DetectXml(std::string_view text) {
  if (text.find("<?OFX") != std::string_view::npos ||
      text.find("<OFX>") != std::string_view::npos) {
    return {FileFormat::kOfx, "OFX 2"};
  }
  // The namespace stands on the document element; schema locations behind it may be wrong.
  const size_t space = text.find("xmlns");
  const std::string_view from = text.substr(space == std::string_view::npos ? text.size() : space);
  for (const IsoMark& row : kIsoMarks) {
    const bool by_message = text.find(base::StrCat("<", row.message)) != std::string_view::npos ||
                            text.find(base::StrCat(":", row.message)) != std::string_view::npos;
    if (!by_message) continue;
    const size_t at = from.find(row.mark);
    return {row.format, at == std::string_view::npos ? std::string(row.mark) : NameAt(from, at)};
  }
  constexpr std::string_view kIso = "urn:iso:std:iso:20022:tech:xsd:";
  if (const size_t at = text.find(kIso); at != std::string_view::npos) {
    return {FileFormat::kOtherIso, NameAt(text, at + kIso.size())};
  }
  return {};
}

/// Whether a line begins with a field of an MT94x.
bool HasField(std::string_view text, std::string_view tag) {
  for (size_t at = text.find(tag); at != std::string_view::npos; at = text.find(tag, at + 1)) {
    if (at == 0 || text[at - 1] == '\n' || text[at - 1] == '\r' || text[at - 1] == ':') return true;
  }
  return false;
}

Detected DetectMt(std::string_view text) {
  const bool envelope = text.find("{2:O94") != std::string_view::npos ||
                        text.find("{2:I94") != std::string_view::npos;
  const bool fields = HasField(text, ":20:") && (HasField(text, ":25:") || HasField(text, ":25P:"));
  const bool pieces = HasField(text, ":60F:") || HasField(text, ":61:") || HasField(text, ":62F:");
  if (!envelope && !fields && !pieces) return {};
  const bool interim = text.find("{2:O942") != std::string_view::npos ||
                       text.find("{2:I942") != std::string_view::npos || HasField(text, ":34F:") ||
                       HasField(text, ":13D:");
  return {FileFormat::kMt, interim ? "MT942" : "MT940"};
}

bool IsNacha(std::string_view text) {
  constexpr size_t kHeaderMin = 40;
  if (text.size() < kHeaderMin || !text.starts_with("101")) return false;
  return text.substr(34, 3) == "094" && text.substr(39, 1) == "1";
}

/// At least two lines with the same number of one delimiter, more than none.
bool IsTable(std::string_view text) {
  constexpr std::array<char, 4> kDelimiters = {';', '\t', ',', '|'};
  const size_t end = text.find('\n');
  if (end == std::string_view::npos || text.find('\0') != std::string_view::npos) return false;
  const std::string_view first = text.substr(0, end);
  const std::string_view second = text.substr(end + 1, text.find('\n', end + 1) - end - 1);
  return std::any_of(kDelimiters.begin(), kDelimiters.end(), [&](char mark) {
    const auto here = std::count(first.begin(), first.end(), mark);
    return here > 0 && std::count(second.begin(), second.end(), mark) >= here;
  });
}

}  // namespace

Detected Detect(std::string_view head) {
  const std::string text = Plain(head.substr(0, kDetectBytes));
  if (text.starts_with("OFXHEADER")) return {FileFormat::kOfx, "OFX 1"};
  if (text.starts_with('<')) return DetectXml(text);
  if (text.starts_with("01,")) return {FileFormat::kBai2, "BAI2"};
  if (IsNacha(text)) return {FileFormat::kNacha, "NACHA"};
  if (Detected mt = DetectMt(text); mt.format != FileFormat::kUnknown) return mt;
  if (IsTable(text)) return {FileFormat::kTable, "CSV"};
  return {};
}

std::string_view NameOf(FileFormat format) {
  switch (format) {
    case FileFormat::kUnknown: return "UNKNOWN";
    case FileFormat::kCamt: return "CAMT";
    case FileFormat::kPain001: return "PAIN001";
    case FileFormat::kPain002: return "PAIN002";
    case FileFormat::kOtherIso: return "OTHER_ISO20022";
    case FileFormat::kMt: return "MT";
    case FileFormat::kBai2: return "BAI2";
    case FileFormat::kNacha: return "NACHA";
    case FileFormat::kOfx: return "OFX";
    case FileFormat::kTable: return "TABLE";
  }
  return "";
}

}  // namespace kontor::formats
