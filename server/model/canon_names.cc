// SPDX-License-Identifier: Apache-2.0
// What is derived from normal forms: where two differ, and the name of a document's part in Odoo.
#include <algorithm>

#include "server/base/strings.h"
#include "server/model/canon.h"
#include "server/model/internal/canon_json.h"

namespace kontor::model {
namespace {

using internal::Json;

struct Difference {
  std::vector<std::string> paths;
  size_t most = 0;
  bool IsFull() const { return paths.size() >= most; }
};

void Compare(const Json& a, const Json& b, const std::string& path, Difference& out);

/// The document's id is not content; an attachment's bytes are compared by their digest.
bool IsCompared(const std::string& path, const std::string& key) {
  return !(path.empty() && key == "id") && !(path.starts_with("attachments[") && key == "content");
}

void CompareObjects(const Json& a, const Json& b, const std::string& path, Difference& out) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : a.items()) keys.push_back(key);
  for (const auto& [key, value] : b.items()) {
    if (!a.contains(key)) keys.push_back(key);
  }
  std::sort(keys.begin(), keys.end());
  static const Json kAbsent;
  for (const std::string& key : keys) {
    if (!IsCompared(path, key)) continue;
    Compare(a.contains(key) ? a[key] : kAbsent, b.contains(key) ? b[key] : kAbsent,
            path.empty() ? key : base::StrCat(path, ".", key), out);
  }
}

void CompareArrays(const Json& a, const Json& b, const std::string& path, Difference& out) {
  for (size_t i = 0; i < std::max(a.size(), b.size()) && !out.IsFull(); ++i) {
    const std::string item = base::StrCat(path, "[", i, "]");
    if (i < a.size() && i < b.size()) {
      Compare(a[i], b[i], item, out);
    } else {
      out.paths.push_back(item);
    }
  }
}

void Compare(const Json& a, const Json& b, const std::string& path, Difference& out) {
  if (out.IsFull()) return;
  if (a.is_object() && b.is_object()) return CompareObjects(a, b, path, out);
  if (a.is_array() && b.is_array()) return CompareArrays(a, b, path, out);
  if (a != b) out.paths.push_back(path);
}

}  // namespace

std::vector<std::string> DifferingFields(std::string_view canonical_a,
                                         std::string_view canonical_b, size_t most) {
  if (canonical_a == canonical_b || most == 0) return {};
  try {
    const Json a = Json::parse(canonical_a.begin(), canonical_a.end(), nullptr, false);
    const Json b = Json::parse(canonical_b.begin(), canonical_b.end(), nullptr, false);
    if (!a.is_object() || !b.is_object()) return {"document"};
    Difference out;
    out.most = most;
    Compare(a, b, "", out);
    return out.paths;
  } catch (const std::exception&) {
    return {"document"};
  }
}

std::string ExternalIdOf(std::string_view connection, std::string_view source,
                         std::string_view request_id, std::string_view part,
                         const std::function<std::string(std::string_view)>& sha256_hex) {
  constexpr size_t kHexCharacters = 40;
  std::string bytes;
  // Lengths before texts: ("ab", "c") must not be ("a", "bc").
  for (const std::string_view text : {connection, source, request_id, part}) {
    base::StrAppend(&bytes, text.size(), ":", text);
  }
  return base::StrCat("k1_", sha256_hex(bytes).substr(0, kHexCharacters));
}

}  // namespace kontor::model
