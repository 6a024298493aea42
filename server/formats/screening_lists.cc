// SPDX-License-Identifier: Apache-2.0
#include "server/formats/screening_lists.h"

#include <array>

#include "server/base/strings.h"
#include "server/formats/internal/csv_scanner.h"
#include "server/formats/internal/list_visitors.h"
#include "server/formats/internal/peek_source.h"

namespace kontor::formats {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using internal::ListBuilder;
using internal::XmlAttributes;
using internal::XmlVisitor;

constexpr size_t kPeekBytes = 64;
constexpr size_t kSdnColumns = 12;
constexpr size_t kAltColumns = 5;
constexpr std::string_view kNothing = "-0-";
constexpr std::string_view kEndOfFile = "\x1a";     // how OFAC ends its tables
constexpr std::string_view kMark = "\xEF\xBB\xBF";  // of byte order

/// The document element says which vocabulary it is.
class AnyList final : public XmlVisitor {
 public:
  explicit AnyList(ListBuilder& builder) : builder_(builder) {}
  absl::Status OnStart(std::string_view name, int depth, const XmlAttributes& attributes) override {
    if (depth == 0) KONTOR_RETURN_IF_ERROR(Choose(name));
    return chosen_->OnStart(name, depth, attributes);
  }
  absl::Status OnEnd(std::string_view name, int depth, std::string_view text) override {
    return chosen_->OnEnd(name, depth, text);
  }

 private:
  absl::Status Choose(std::string_view name) {
    std::string& format = builder_.report().format;
    if (name == "sdnList") {
      chosen_ = internal::MakeSdnVisitor(builder_);
      format = "OFAC_SDN_XML";
    } else if (name == "Sanctions") {
      chosen_ = internal::MakeAdvancedVisitor(builder_);
      format = "OFAC_SDN_ADVANCED_XML";
    } else if (name == "export") {
      chosen_ = internal::MakeEuVisitor(builder_);
      format = "EU_XML";
    } else if (name == "CONSOLIDATED_LIST") {
      chosen_ = internal::MakeUnVisitor(builder_);
      format = "UN_XML";
    } else {
      return Error(Reason::kFormatUnknown)
          .Says(StrCat("a document that begins with <", name, "> is no sanctions list"));
    }
    return absl::OkStatus();
  }

  ListBuilder& builder_;
  std::unique_ptr<XmlVisitor> chosen_;
};

std::string_view Said(const std::string& field) {
  const std::string_view text = base::Trim(field);
  return text == kNothing ? std::string_view() : text;
}

/// Weak aliases have no table of their own: SDN.CSV tells of them among the remarks, in quotes, as
/// "DOB 1960; a.k.a. 'BNC'; nationality …". Data specification of OFAC's delimited files, remarks.
absl::Status TakeWeakNames(std::string_view remarks, ListBuilder& builder) {
  constexpr std::string_view kSorts[] = {"a.k.a.", "f.k.a.", "n.k.a."};
  for (const std::string_view sort : kSorts) {
    for (size_t at = remarks.find(sort); at != std::string_view::npos;
         at = remarks.find(sort, at)) {
      at += sort.size();
      const std::string_view rest = base::Trim(remarks.substr(at));
      if (rest.empty() || (rest.front() != '\'' && rest.front() != '"')) continue;
      // An apostrophe within a name is no end of it: that stands in front of a mark, or last.
      size_t end = rest.find(rest.front(), 1);
      while (end != std::string_view::npos && end + 1 < rest.size() &&
             std::string_view(";.,) ").find(rest[end + 1]) == std::string_view::npos) {
        end = rest.find(rest.front(), end + 1);
      }
      if (end == std::string_view::npos) end = rest.find(';');  // cut at 1000 characters
      KONTOR_RETURN_IF_ERROR(
          builder.AddName(rest.substr(1, end == rest.npos ? end : end - 1), true));
    }
  }
  return absl::OkStatus();
}

absl::Status TakeRow(const std::vector<std::string>& row, ListBuilder& builder) {
  builder.Begin();
  builder.party().id = Said(row[0]);
  if (row.size() == kAltColumns) {
    KONTOR_RETURN_IF_ERROR(builder.AddName(Said(row[3]), false));
    return builder.End("alias of");
  }
  KONTOR_RETURN_IF_ERROR(builder.AddName(Said(row[1]), false));
  const std::string type = base::ToLower(Said(row[2]));
  builder.party().type = type == "individual" ? ports::ListedType::kPerson
                         : type == "vessel"   ? ports::ListedType::kVessel
                         : type == "aircraft" ? ports::ListedType::kAircraft
                         : type.empty()       ? ports::ListedType::kEntity
                                              : ports::ListedType::kUnknown;
  // Programmes in brackets: "SDGT] [IRGC".
  std::string programmes(Said(row[3]));
  for (char& c : programmes) {
    if (c == '[' || c == ']') c = ';';
  }
  for (const std::string& one : base::StrSplit(programmes, ';')) builder.AddProgramme(one);
  KONTOR_RETURN_IF_ERROR(TakeWeakNames(Said(row.back()), builder));
  return builder.End("entry");
}

absl::Status ReadTable(ports::ByteSource& source, ListBuilder& builder) {
  internal::CsvScanner rows(source, ',', '"');
  size_t columns = 0;
  while (true) {
    KONTOR_ASSIGN_OR_RETURN(const bool more, rows.Next());
    if (!more) break;
    const auto& row = rows.fields();
    if (rows.blank() || (row.size() == 1 && base::Trim(row[0]) == kEndOfFile)) continue;
    if (columns == 0) {
      columns = row.size();
      if (columns != kSdnColumns && columns != kAltColumns) {
        return Error(Reason::kFormatUnknown)
            .Says(StrCat("a table of ", static_cast<int64_t>(columns),
                         " columns is neither SDN.CSV (12) nor ALT.CSV (5)"));
      }
      builder.report().format = columns == kSdnColumns ? "OFAC_SDN_CSV" : "OFAC_ALT_CSV";
    }
    if (row.size() != columns ||
        base::Trim(row[0]).find_first_not_of("0123456789") != std::string_view::npos) {
      return Error(Reason::kFormatInvalid)
          .Says(StrCat("line ", rows.line(), ": ", static_cast<int64_t>(columns),
                       " columns are wanted, the first of them a number"));
    }
    KONTOR_RETURN_IF_ERROR(TakeRow(row, builder));
  }
  return absl::OkStatus();
}

bool LooksLikeXml(std::string_view head) {
  if (head.starts_with(kMark)) head.remove_prefix(kMark.size());
  head = base::Trim(head);
  return head.starts_with('<') || head.starts_with("\xFE\xFF") || head.starts_with("\xFF\xFE");
}

class Reader final : public ports::ScreeningListReader {
 public:
  absl::StatusOr<ports::ListReport> Read(ports::ByteSource& source,
                                         ports::ListedPartySink& sink) const override {
    ports::ListReport report;
    ListBuilder builder(sink, report);
    internal::PeekSource peeked(source);
    KONTOR_ASSIGN_OR_RETURN(const std::string_view head, peeked.Peek(kPeekBytes));
    if (LooksLikeXml(head)) {
      AnyList visitor(builder);
      KONTOR_RETURN_IF_ERROR(internal::WalkXml(peeked, visitor));
      if (!report.published) {
        return Error(Reason::kFormatInvalid).Says("the list does not say when it was published");
      }
    } else {
      std::array<char, kMark.size()> mark;
      if (head.starts_with(kMark)) KONTOR_RETURN_IF_ERROR(peeked.Read(mark).status());
      KONTOR_RETURN_IF_ERROR(ReadTable(peeked, builder));
    }
    // Whoever goes by an empty list is screened against nothing, and does not know.
    if (report.party_count == 0) {
      return Error(Reason::kFormatInvalid).Says("the list has no entries");
    }
    return report;
  }
};

}  // namespace

std::unique_ptr<ports::ScreeningListReader> MakeScreeningListReader() {
  return std::make_unique<Reader>();
}

}  // namespace kontor::formats
