// SPDX-License-Identifier: Apache-2.0
// Reads JSON of the wire contract's shape (snake_case names, enum values by name, 64-bit numbers
// and amounts as text) into the model, and tells everything that is wrong at once.
#pragma once

#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/strings.h"
#include "server/model/internal/canon_json.h"
#include "server/model/internal/rules.h"

namespace kontor::model::internal {

/// One object. What is wrong becomes a finding at its path; the target keeps its default then.
class JsonFields {
 public:
  JsonFields(const Json& object, std::string path, Findings& findings)
      : object_(object), path_(std::move(path)), findings_(findings) {
    if (!object.is_object()) findings_.Add(base::Reason::kFieldInvalid, path_, "is no object");
  }

  const std::string& path() const { return path_; }
  std::string At(std::string_view key) const {
    return path_.empty() ? std::string(key) : base::StrCat(path_, ".", key);
  }

  void Text(const char* key, std::string& out) {
    const Json* const value = Find(key);
    if (value == nullptr) return;
    if (!value->is_string()) return Wrong(key, "is no text");
    out = value->get<std::string>();
  }
  /// A whole number, or its digits as text.
  template <typename Int>
  void Whole(const char* key, Int& out) {
    const Json* const value = Find(key);
    if (value == nullptr) return;
    absl::StatusOr<int64_t> number = value->is_string()
                                         ? base::ParseInt64(value->get<std::string>())
                                         : absl::StatusOr<int64_t>(0);
    if (value->is_number_integer()) {
      number = value->get<int64_t>();
    } else if (!value->is_string() || !number.ok()) {
      return Wrong(key, "is no whole number");
    }
    if (*number < std::numeric_limits<Int>::min() || *number > std::numeric_limits<Int>::max()) {
      return Wrong(key, "is out of range");
    }
    out = static_cast<Int>(*number);
  }
  void Flag(const char* key, bool& out) {
    const Json* const value = Find(key);
    if (value == nullptr) return;
    if (!value->is_boolean()) return Wrong(key, "is neither true nor false");
    out = value->get<bool>();
  }
  template <typename T, typename Parse>
  void Parsed(const char* key, std::optional<T>& out, Parse parse) {
    std::string text;
    Text(key, text);
    if (text.empty()) return;
    auto value = parse(text);
    if (value.ok()) {
      out = *std::move(value);
    } else {
      findings_.Add(base::AtField(value.status(), At(key)));
    }
  }
  void Day(const char* key, std::optional<Date>& out) { Parsed(key, out, Date::Parse); }
  void Number(const char* key, std::optional<Decimal>& out) { Parsed(key, out, Decimal::Parse); }
  void Amount(const char* key, std::optional<Money>& out) {
    const Json* const value = Find(key);
    if (value == nullptr) return;
    JsonFields fields(*value, At(key), findings_);
    std::string code;
    std::string text;
    fields.Text("currency_code", code);
    fields.Text("value", text);
    fields.Finish();
    auto money = Money::Parse(code, text);
    if (money.ok()) {
      out = *std::move(money);
    } else {
      findings_.Add(base::AtField(money.status(), At(key)));
    }
  }
  /// `names` in the order of the enum; `prefix` may be left out by the writer.
  template <typename Enum, size_t N>
  void Name(const char* key, Enum& out, std::string_view prefix,
            const std::array<std::string_view, N>& names) {
    std::string text;
    Text(key, text);
    std::string_view name = text;
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
    if (name.empty() || name == "UNSPECIFIED") return;
    for (size_t i = 0; i < N; ++i) {
      if (names[i] == name) {
        out = static_cast<Enum>(i);
        return;
      }
    }
    Wrong(key, base::StrCat("is none of ", base::StrJoin(names, ", ")));
  }
  void Texts(const char* key, std::vector<std::string>& out) {
    const Json* const value = Find(key);
    if (value == nullptr) return;
    if (!value->is_array()) return Wrong(key, "is no list");
    for (const Json& item : *value) {
      if (!item.is_string()) return Wrong(key, "has something other than texts");
      out.push_back(item.get<std::string>());
    }
  }
  template <typename T, typename Read>
  void List(const char* key, std::vector<T>& out, size_t most, Read read) {
    const Json* const value = Find(key);
    if (value == nullptr) return;
    if (!value->is_array()) return Wrong(key, "is no list");
    if (value->size() > most) {
      findings_.Add(base::Reason::kFieldTooLong, At(key),
                    base::StrCat("has ", value->size(), " entries, ", most, " are allowed"));
      return;
    }
    for (size_t i = 0; i < value->size(); ++i) {
      JsonFields item((*value)[i], base::StrCat(At(key), "[", i, "]"), findings_);
      read(item, out.emplace_back());
      item.Finish();
    }
  }
  template <typename Read>
  void Object(const char* key, Read read) {
    const Json* const value = Find(key);
    if (value == nullptr) return;
    JsonFields fields(*value, At(key), findings_);
    read(fields);
    fields.Finish();
  }
  /// A key that is known and left alone, since it is the server's to say.
  void Skip(const char* key) { Find(key); }

  /// To be called last: keys that nobody asked for are content that would be lost.
  void Finish() {
    if (!object_.is_object()) return;
    for (const auto& [key, value] : object_.items()) {
      if (!seen_.contains(key)) {
        findings_.Add(base::Reason::kFieldInvalid, At(key), "is not known");
      }
    }
  }
  void Wrong(const char* key, std::string_view what) {
    findings_.Add(base::Reason::kFieldInvalid, At(key), what);
  }
  Findings& findings() { return findings_; }

 private:
  const Json* Find(const char* key) {
    if (!object_.is_object()) return nullptr;
    seen_.insert(key);
    const auto it = object_.find(key);
    return it == object_.end() || it->is_null() ? nullptr : &*it;
  }

  const Json& object_;
  const std::string path_;
  Findings& findings_;
  std::set<std::string, std::less<>> seen_;
};

// Writers: what is empty is left out.
inline void PutText(Json& out, const char* key, const std::string& text) {
  if (!text.empty()) out[key] = text;
}
inline void PutFlag(Json& out, const char* key, bool flag) {
  if (flag) out[key] = true;
}
inline void PutNumber(Json& out, const char* key, const std::optional<Decimal>& value) {
  if (value) out[key] = value->ToString();
}
inline void PutDay(Json& out, const char* key, const std::optional<Date>& day) {
  if (day) out[key] = day->ToString();
}
inline void PutAmount(Json& out, const char* key, const std::optional<Money>& money) {
  if (!money) return;
  out[key] = Json{{"currency_code", money->currency().code()}, {"value", money->ValueText()}};
}
inline void PutObject(Json& out, const char* key, Json object) {
  if (!object.empty()) out[key] = std::move(object);
}
template <typename T, typename Write>
void PutEach(Json& out, const char* key, const std::vector<T>& list, Write write) {
  if (list.empty()) return;
  Json array = Json::array();
  for (const T& item : list) array.push_back(write(item));
  out[key] = std::move(array);
}

void ReadPartnerRef(JsonFields& in, PartnerRef& out);
Json WritePartnerRef(const PartnerRef& ref);
void ReadShares(JsonFields& in, std::vector<AnalyticShare>& out);
Json WriteShare(const AnalyticShare& share);

}  // namespace kontor::model::internal
