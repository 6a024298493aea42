// SPDX-License-Identifier: Apache-2.0
// OFAC's two vocabularies.
#include <algorithm>
#include <map>
#include <utility>

#include "server/base/strings.h"
#include "server/formats/internal/list_visitors.h"

namespace kontor::formats::internal {
namespace {

using ports::ListedType;

ListedType SdnTypeOf(std::string_view text) {
  const std::string type = base::ToLower(text);
  if (type == "individual") return ListedType::kPerson;
  if (type == "entity") return ListedType::kEntity;
  if (type == "vessel") return ListedType::kVessel;
  if (type == "aircraft") return ListedType::kAircraft;
  return ListedType::kUnknown;
}

/// sdnList/sdnEntry. Names come in parts, in the entry as in each aka.
class SdnVisitor final : public XmlVisitor {
 public:
  explicit SdnVisitor(ListBuilder& builder) : builder_(builder) {}

  absl::Status OnStart(std::string_view name, int depth, const XmlAttributes&) override {
    if (depth == 1 && name == "sdnEntry") {
      builder_.Begin();
      entry_ = true;
      first_.clear();
      last_.clear();
    }
    // The parts of the main name stand together, in either order; the aliases come behind.
    const bool part = name == "uid" || name == "firstName" || name == "lastName";
    if (entry_ && depth == 2 && !part) KONTOR_RETURN_IF_ERROR(EndMainName());
    if (entry_ && depth == 3 && name == "aka") {
      aka_ = true;
      aka_first_.clear();
      aka_last_.clear();
      weak_ = false;
    }
    return absl::OkStatus();
  }

  absl::Status OnEnd(std::string_view name, int depth, std::string_view text) override {
    if (name == "Publish_Date" && depth == 2) return TakeDate(text);
    if (!entry_) return absl::OkStatus();
    if (depth == 1) {
      entry_ = false;
      KONTOR_RETURN_IF_ERROR(EndMainName());
      return builder_.End("sdnEntry");
    }
    if (depth == 2) OfEntry(name, text);
    if (depth == 3 && name == "program") builder_.AddProgramme(text);
    if (depth == 3 && aka_ && name == "aka") {
      aka_ = false;
      return builder_.AddName({aka_first_, aka_last_}, weak_);
    }
    if (depth == 4 && aka_) OfAka(name, text);
    return absl::OkStatus();
  }

 private:
  /// "01/05/2026": month, day, year.
  absl::Status TakeDate(std::string_view text) {
    const auto parts = base::StrSplit(text, '/');
    if (parts.size() != 3) return builder_.TakeIsoDate(text);
    return builder_.TakeDate(parts[2], parts[0], parts[1]);
  }
  void OfEntry(std::string_view name, std::string_view text) {
    if (name == "uid") builder_.party().id = std::string(text);
    if (name == "sdnType") builder_.party().type = SdnTypeOf(text);
    if (name == "firstName") first_ = std::string(text);
    if (name == "lastName") last_ = std::string(text);
  }
  absl::Status EndMainName() {
    return builder_.AddName({std::exchange(first_, {}), std::exchange(last_, {})}, false);
  }
  void OfAka(std::string_view name, std::string_view text) {
    if (name == "category") weak_ = base::ToLower(text) == "weak";
    if (name == "firstName") aka_first_ = std::string(text);
    if (name == "lastName") aka_last_ = std::string(text);
  }

  ListBuilder& builder_;
  bool entry_ = false;
  bool aka_ = false;
  bool weak_ = false;
  std::string first_;
  std::string last_;
  std::string aka_first_;
  std::string aka_last_;
};

/// Sanctions/DistinctParties/DistinctParty. What ids mean stands in the reference sets in front;
/// programmes stand behind, in SanctionsEntries.
class AdvancedVisitor final : public XmlVisitor {
 public:
  explicit AdvancedVisitor(ListBuilder& builder) : builder_(builder) {}

  absl::Status OnStart(std::string_view name, int, const XmlAttributes& attributes) override {
    if (name == "DateOfIssue") in_date_ = true;
    if (name == "PartySubType") {
      id_ = attributes.Get("ID");
      super_ = attributes.Get("PartyTypeID");
    }
    if (name == "PartyType") id_ = attributes.Get("ID");
    if (name == "DistinctParty") {
      builder_.Begin();
      builder_.party().id = attributes.Get("FixedRef");
    }
    if (name == "Profile") {
      const std::string profile(attributes.Get("ID"));
      if (builder_.party().id.empty()) builder_.party().id = profile;
      if (!profile.empty()) parties_[profile] = builder_.party().id;
      builder_.party().type = TypeOf(std::string(attributes.Get("PartySubTypeID")));
    }
    if (name == "Alias") {
      weak_ = IsTrue(attributes.Get("LowQuality"));
      primary_ = IsTrue(attributes.Get("Primary"));
    }
    if (name == "SanctionsMeasure") measure_ = true;
    if (name == "DocumentedName") parts_.clear();
    if (name == "SanctionsEntry") {
      const auto known = parties_.find(attributes.Get("ProfileID"));
      entry_ = known == parties_.end() ? "" : known->second;
    }
    return absl::OkStatus();
  }

  absl::Status OnEnd(std::string_view name, int, std::string_view text) override {
    if (in_date_) return OfDate(name, text);
    if (name == "PartySubType") sub_types_[id_] = {super_, base::ToLower(text)};
    if (name == "PartyType") types_[id_] = base::ToLower(text);
    if (name == "NamePartValue" && !text.empty()) {
      if (!parts_.empty()) parts_ += ' ';
      parts_ += text;
    }
    if (name == "DocumentedName") return EndName();
    if (name == "DistinctParty") {
      has_main_ = false;
      return builder_.End("DistinctParty");
    }
    if (name == "SanctionsMeasure") measure_ = false;
    // A measure's comment is the programme; an event's is not, and most measures have none.
    if (name == "Comment" && measure_ && !entry_.empty() && !text.empty()) {
      return builder_.sink().OnProgramme(entry_, text);
    }
    if (name == "SanctionsEntry") entry_.clear();
    return absl::OkStatus();
  }

 private:
  /// As XML Schema writes a boolean.
  static bool IsTrue(std::string_view text) { return base::ToLower(text) == "true" || text == "1"; }
  /// The first name of the primary alias is the main one, wherever it stands.
  absl::Status EndName() {
    auto& names = builder_.party().names;
    const size_t before = names.size();
    KONTOR_RETURN_IF_ERROR(builder_.AddName(parts_, weak_));
    if (!primary_ || has_main_ || names.size() == before) return absl::OkStatus();
    has_main_ = true;
    std::rotate(names.begin(), names.end() - 1, names.end());
    return absl::OkStatus();
  }
  absl::Status OfDate(std::string_view name, std::string_view text) {
    if (name == "Year") year_ = std::string(text);
    if (name == "Month") month_ = std::string(text);
    if (name == "Day") day_ = std::string(text);
    if (name != "DateOfIssue") return absl::OkStatus();
    in_date_ = false;
    return builder_.TakeDate(year_, month_, day_);
  }
  ListedType TypeOf(const std::string& sub_type) const {
    const auto known = sub_types_.find(sub_type);
    if (known == sub_types_.end()) return ListedType::kUnknown;
    const auto& [super, text] = known->second;
    if (const ListedType own = SdnTypeOf(text); own != ListedType::kUnknown) return own;
    const auto type = types_.find(super);
    return type == types_.end() ? ListedType::kUnknown : SdnTypeOf(type->second);
  }

  ListBuilder& builder_;
  bool in_date_ = false;
  bool weak_ = false;
  bool primary_ = false;
  bool has_main_ = false;
  bool measure_ = false;
  std::string year_;
  std::string month_;
  std::string day_;
  std::string id_;
  std::string super_;
  std::string parts_;
  std::string entry_;
  std::map<std::string, std::string> types_;
  std::map<std::string, std::pair<std::string, std::string>> sub_types_;
  std::map<std::string, std::string, std::less<>> parties_;  ///< Profile → party; bounded as these.
};

}  // namespace

std::unique_ptr<XmlVisitor> MakeSdnVisitor(ListBuilder& builder) {
  return std::make_unique<SdnVisitor>(builder);
}
std::unique_ptr<XmlVisitor> MakeAdvancedVisitor(ListBuilder& builder) {
  return std::make_unique<AdvancedVisitor>(builder);
}

}  // namespace kontor::formats::internal
