// SPDX-License-Identifier: Apache-2.0
// The texts come from schemas/*.json by way of a generated file; see CMakeLists.txt.
#include "server/webhooks/schemas.h"

#include <nlohmann/json.hpp>

#include "server/base/strings.h"
#include "server/webhooks/internal/embedded_schemas.h"
#include "server/webhooks/payload.h"

namespace kontor::webhooks {

std::string SchemaPath(std::string_view event_type) {
  return base::StrCat("/schemas/", event_type, ".v", kSchemaVersion, ".json");
}

const std::map<std::string, std::string>& PublishedSchemas() {
  static const auto* const kPages = [] {
    auto* pages = new std::map<std::string, std::string>;
    nlohmann::json paths = nlohmann::json::array();
    for (const internal::EmbeddedSchema& schema : internal::EmbeddedSchemas()) {
      const std::string path = base::StrCat("/schemas/", schema.file_name);
      pages->emplace(path, std::string(schema.text));
      paths.push_back(path);
    }
    pages->emplace(std::string(kSchemaListPath), nlohmann::json{{"schemas", paths}}.dump());
    return pages;
  }();
  return *kPages;
}

}  // namespace kontor::webhooks
