// SPDX-License-Identifier: Apache-2.0
// The lists of the European Union and of the United Nations' Security Council.
#include <utility>

#include "server/base/strings.h"
#include "server/formats/internal/list_visitors.h"

namespace kontor::formats::internal {
namespace {

using ports::ListedType;

/// export/sanctionEntity: everything that matters stands in attributes.
class EuVisitor final : public XmlVisitor {
 public:
  explicit EuVisitor(ListBuilder& builder) : builder_(builder) {}

  absl::Status OnStart(std::string_view name, int depth, const XmlAttributes& attributes) override {
    if (depth == 0) return builder_.TakeIsoDate(attributes.Get("generationDate"));
    if (depth == 1 && name == "sanctionEntity") {
      entity_ = true;
      builder_.Begin();
      const std::string_view reference = attributes.Get("euReferenceNumber");
      builder_.party().id = reference.empty() ? attributes.Get("logicalId") : reference;
    }
    if (!entity_ || depth != 2) return absl::OkStatus();
    if (name == "subjectType") Type(attributes);
    if (name == "regulation") builder_.AddProgramme(attributes.Get("programme"));
    if (name != "nameAlias") return absl::OkStatus();
    const bool weak = attributes.Get("strong") == "false";
    const std::string_view whole = base::Trim(attributes.Get("wholeName"));
    if (!whole.empty()) return builder_.AddName(whole, weak);
    return builder_.AddName(
        {attributes.Get("firstName"), attributes.Get("middleName"), attributes.Get("lastName")},
        weak);
  }

  absl::Status OnEnd(std::string_view name, int depth, std::string_view) override {
    if (depth != 1 || name != "sanctionEntity") return absl::OkStatus();
    entity_ = false;
    return builder_.End("sanctionEntity");
  }

 private:
  void Type(const XmlAttributes& attributes) {
    const std::string code = base::ToLower(attributes.Get("code"));
    const std::string_view letter = attributes.Get("classificationCode");
    if (code == "person" || letter == "P") builder_.party().type = ListedType::kPerson;
    if (code == "enterprise" || letter == "E") builder_.party().type = ListedType::kEntity;
  }

  ListBuilder& builder_;
  bool entity_ = false;
};

/// CONSOLIDATED_LIST/INDIVIDUALS/INDIVIDUAL and …/ENTITIES/ENTITY.
class UnVisitor final : public XmlVisitor {
 public:
  explicit UnVisitor(ListBuilder& builder) : builder_(builder) {}

  absl::Status OnStart(std::string_view name, int depth, const XmlAttributes& attributes) override {
    if (depth == 0) return builder_.TakeIsoDate(attributes.Get("dateGenerated"));
    if (depth == 2 && (name == "INDIVIDUAL" || name == "ENTITY")) {
      entry_ = true;
      builder_.Begin();
      builder_.party().type = name == "ENTITY" ? ListedType::kEntity : ListedType::kPerson;
      parts_.clear();
      original_.clear();
      data_id_.clear();
    }
    if (depth == 3) alias_.clear();
    if (depth == 3) quality_.clear();
    return absl::OkStatus();
  }

  absl::Status OnEnd(std::string_view name, int depth, std::string_view text) override {
    if (!entry_) return absl::OkStatus();
    if (depth == 4 && name == "ALIAS_NAME") alias_ = std::string(text);
    if (depth == 4 && name == "QUALITY") quality_ = base::ToLower(text);
    if (depth == 3) return OfEntry(name, text);
    if (depth != 2) return absl::OkStatus();
    entry_ = false;
    if (builder_.party().id.empty()) builder_.party().id = data_id_;
    KONTOR_RETURN_IF_ERROR(builder_.AddName(parts_, false));
    KONTOR_RETURN_IF_ERROR(builder_.AddName(original_, false));
    return builder_.End(name);
  }

 private:
  absl::Status OfEntry(std::string_view name, std::string_view text) {
    if (name == "DATAID") data_id_ = std::string(text);
    if (name == "REFERENCE_NUMBER") builder_.party().id = std::string(text);
    if (name == "UN_LIST_TYPE") builder_.AddProgramme(text);
    if (name == "NAME_ORIGINAL_SCRIPT") original_ = std::string(text);
    for (const std::string_view part : {"FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"}) {
      if (name != part || text.empty()) continue;
      if (!parts_.empty()) parts_ += ' ';
      parts_ += text;
    }
    const bool alias = name == "INDIVIDUAL_ALIAS" || name == "ENTITY_ALIAS";
    // The parts of the main name stand in front of everything that ends one.
    if (alias || name == "REFERENCE_NUMBER" || name == "UN_LIST_TYPE") {
      KONTOR_RETURN_IF_ERROR(builder_.AddName(std::exchange(parts_, {}), false));
    }
    return alias ? builder_.AddName(alias_, quality_ == "low") : absl::OkStatus();
  }

  ListBuilder& builder_;
  bool entry_ = false;
  std::string parts_;
  std::string original_;
  std::string data_id_;
  std::string alias_;
  std::string quality_;
};

}  // namespace

std::unique_ptr<XmlVisitor> MakeEuVisitor(ListBuilder& builder) {
  return std::make_unique<EuVisitor>(builder);
}
std::unique_ptr<XmlVisitor> MakeUnVisitor(ListBuilder& builder) {
  return std::make_unique<UnVisitor>(builder);
}

}  // namespace kontor::formats::internal
