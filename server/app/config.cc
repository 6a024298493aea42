// SPDX-License-Identifier: Apache-2.0
#include "server/app/config.h"

#include <algorithm>
#include <optional>

#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::app {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

const Key* FindKey(std::string_view path) {
  for (const Key& key : Keys()) {
    if (key.path == path) return &key;
  }
  return nullptr;
}

absl::Status Invalid(const std::string& where, std::string_view path, std::string_view what) {
  return Error(Reason::kConfigInvalid).Field(path).With("where", where).Says(
      StrCat(where, ": ", what));
}

/// The key that a misspelt one was probably meant to be: least edits, at most three.
std::string Nearest(std::string_view path) {
  constexpr size_t kEditsMax = 3;
  std::string best;
  size_t best_edits = kEditsMax + 1;
  for (const Key& key : Keys()) {
    std::vector<size_t> row(path.size() + 1);
    for (size_t i = 0; i <= path.size(); ++i) row[i] = i;
    for (size_t k = 1; k <= key.path.size(); ++k) {
      size_t diagonal = row[0];
      row[0] = k;
      for (size_t i = 1; i <= path.size(); ++i) {
        const size_t cost = diagonal + (key.path[k - 1] == path[i - 1] ? 0 : 1);
        diagonal = row[i];
        row[i] = std::min({cost, row[i] + 1, row[i - 1] + 1});
      }
    }
    if (row.back() < best_edits) {
      best_edits = row.back();
      best = std::string(key.path);
    }
  }
  return best;
}

std::optional<absl::Duration> ParseDuration(const std::string& text) {
  absl::Duration duration;
  if (!absl::ParseDuration(base::Absl(text), &duration)) return std::nullopt;
  return duration;
}

absl::Status CheckScalar(const Key& key, const std::string& text, const std::string& where) {
  switch (key.type) {
    case KeyType::kBoolean:
      if (text == "true" || text == "false") return absl::OkStatus();
      return Invalid(where, key.path, "must be true or false");
    case KeyType::kInteger: {
      const auto number = base::ParseInt64(text);
      if (number.ok() && *number >= key.min && *number <= key.max) return absl::OkStatus();
      return Invalid(where, key.path,
                     StrCat("must be a whole number from ", key.min, " to ", key.max));
    }
    case KeyType::kDuration: {
      const auto duration = ParseDuration(text);
      if (duration && *duration >= absl::Milliseconds(key.min) &&
          *duration <= absl::Milliseconds(key.max)) {
        return absl::OkStatus();
      }
      return Invalid(where, key.path,
                     StrCat("must be a duration such as 90s, from ", key.min, " ms to ", key.max,
                            " ms"));
    }
    case KeyType::kText:
    case KeyType::kTextList: return absl::OkStatus();
  }
  return absl::OkStatus();
}

std::vector<std::string> SplitList(const std::string& text) {
  std::vector<std::string> out;
  for (const std::string& part : base::StrSplit(text, ',')) {
    const std::string_view trimmed = base::Trim(part);
    if (!trimmed.empty()) out.emplace_back(trimmed);
  }
  return out;
}

absl::StatusOr<Value> ReadText(const Key& key, const std::string& text, const std::string& where,
                               Origin origin) {
  KONTOR_RETURN_IF_ERROR(CheckScalar(key, text, where));
  Value value;
  value.origin = origin;
  if (key.type == KeyType::kTextList) {
    value.list = SplitList(text);
  } else {
    value.text = text;
  }
  return value;
}

std::string ScalarText(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return StrCat(number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  return {};
}

absl::StatusOr<Value> ReadNode(const Key& key, const toml::node& node, const std::string& where) {
  if (key.type == KeyType::kTextList) {
    const auto* array = node.as_array();
    if (array == nullptr) return Invalid(where, key.path, "must be a list of texts");
    Value value;
    value.origin = Origin::kFile;
    for (const auto& item : *array) {
      if (!item.is_string()) return Invalid(where, key.path, "must be a list of texts");
      value.list.push_back(item.as_string()->get());
    }
    return value;
  }
  const bool fits = (key.type == KeyType::kInteger && node.is_integer()) ||
                    (key.type == KeyType::kBoolean && node.is_boolean()) ||
                    ((key.type == KeyType::kText || key.type == KeyType::kDuration) &&
                     node.is_string());
  if (!fits) return Invalid(where, key.path, "has the wrong type");
  return ReadText(key, ScalarText(node), where, Origin::kFile);
}

using Values = std::map<std::string, Value, std::less<>>;

absl::Status ReadFile(const std::string& file, Values* values) {
  try {
    const toml::table table = toml::parse_file(file);
    for (const auto& [section, node] : table) {
      const std::string section_name(section.str());
      const std::string section_where = StrCat(file, ":", node.source().begin.line);
      if (!node.is_table()) {
        return Invalid(section_where, section_name, "keys stand in sections such as [grpc]");
      }
      for (const auto& [name, item] : *node.as_table()) {
        const std::string path = StrCat(section_name, ".", name.str());
        const std::string where = StrCat(file, ":", name.source().begin.line);
        const Key* key = FindKey(path);
        if (key == nullptr) {
          const std::string nearest = Nearest(path);
          return Invalid(where, path,
                         nearest.empty() ? "there is no such key"
                                         : StrCat("there is no such key; ", nearest, " is one"));
        }
        KONTOR_ASSIGN_OR_RETURN((*values)[path], ReadNode(*key, item, where));
      }
    }
  } catch (const toml::parse_error& problem) {
    return Invalid(StrCat(file, ":", problem.source().begin.line), "config", problem.description());
  } catch (const std::exception& problem) {
    return Invalid(file, "config", problem.what());
  }
  return absl::OkStatus();
}

std::string VariableOf(std::string_view path) {
  std::string name = "KONTOR_" + base::ToUpper(path);
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

absl::Status ReadEnvironment(const std::map<std::string, std::string>& environment,
                             Values* values) {
  for (const Key& key : Keys()) {
    const std::string variable = VariableOf(key.path);
    const auto it = environment.find(variable);
    if (it == environment.end()) continue;
    KONTOR_ASSIGN_OR_RETURN((*values)[std::string(key.path)],
                            ReadText(key, it->second, variable, Origin::kEnvironment));
  }
  return absl::OkStatus();
}

absl::Status ReadFlags(const std::vector<std::string>& flags, Values* values) {
  for (const std::string& flag : flags) {
    const size_t equals = flag.find('=');
    const std::string path = flag.substr(0, equals);
    const Key* key = FindKey(path);
    if (equals == std::string::npos || key == nullptr) {
      return Invalid("--set", path, "expected --set section.key=value with a known key");
    }
    KONTOR_ASSIGN_OR_RETURN((*values)[path],
                            ReadText(*key, flag.substr(equals + 1), "--set", Origin::kFlag));
  }
  return absl::OkStatus();
}

std::string_view NameOf(Origin origin) {
  switch (origin) {
    case Origin::kDefault: return "default";
    case Origin::kFile: return "file";
    case Origin::kEnvironment: return "environment";
    case Origin::kFlag: return "flag";
  }
  return "";
}

/// Connection strings may carry a password: `password=…` and `://user:…@` are masked.
std::string MaskPasswords(std::string text) {
  const size_t word = text.find("password=");
  if (word != std::string::npos) {
    const size_t begin = word + std::string_view("password=").size();
    const size_t end = text.find_first_of(" &", begin);
    text.replace(begin, (end == std::string::npos ? text.size() : end) - begin, "***");
  }
  const size_t scheme = text.find("://");
  const size_t at = text.find('@');
  if (scheme != std::string::npos && at != std::string::npos && at > scheme) {
    const size_t colon = text.find(':', scheme + 3);
    if (colon != std::string::npos && colon < at) text.replace(colon + 1, at - colon - 1, "***");
  }
  return text;
}

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + "\"";
}

}  // namespace

absl::StatusOr<Config> Config::Load(const std::string& file,
                                    const std::map<std::string, std::string>& environment,
                                    const std::vector<std::string>& flags) {
  Config config;
  for (const Key& key : Keys()) {
    Value value;
    value.text = std::string(key.fallback);
    config.values_[std::string(key.path)] = std::move(value);
  }
  if (!file.empty()) KONTOR_RETURN_IF_ERROR(ReadFile(file, &config.values_));
  KONTOR_RETURN_IF_ERROR(ReadEnvironment(environment, &config.values_));
  KONTOR_RETURN_IF_ERROR(ReadFlags(flags, &config.values_));
  return config;
}

const Value& Config::Get(std::string_view path) const {
  const auto it = values_.find(path);
  KONTOR_CHECK(it != values_.end());
  return it->second;
}

const std::string& Config::Text(std::string_view path) const { return Get(path).text; }
bool Config::Boolean(std::string_view path) const { return Get(path).text == "true"; }
const std::vector<std::string>& Config::List(std::string_view path) const {
  return Get(path).list;
}

int64_t Config::Integer(std::string_view path) const {
  const auto number = base::ParseInt64(Get(path).text);
  KONTOR_CHECK(number.ok());
  return *number;
}

absl::Duration Config::Duration(std::string_view path) const {
  const auto duration = ParseDuration(Get(path).text);
  KONTOR_CHECK(duration.has_value());
  return *duration;
}

std::string Config::Print() const {
  std::string out;
  std::string section;
  for (const Key& key : Keys()) {
    const std::string path(key.path);
    const size_t dot = path.find('.');
    if (path.substr(0, dot) != section) {
      section = path.substr(0, dot);
      base::StrAppend(&out, out.empty() ? "" : "\n", "[", section, "]\n");
    }
    const Value& value = Get(path);
    std::string text;
    if (key.type == KeyType::kTextList) {
      std::vector<std::string> quoted;
      for (const std::string& item : value.list) quoted.push_back(Quoted(item));
      text = StrCat("[", base::StrJoin(quoted, ", "), "]");
    } else if (key.type == KeyType::kInteger || key.type == KeyType::kBoolean) {
      text = value.text;
    } else {
      text = Quoted(MaskPasswords(value.text));
    }
    base::StrAppend(&out, path.substr(dot + 1), " = ", text, "  # ", NameOf(value.origin), "\n");
  }
  return out;
}

}  // namespace kontor::app
