// SPDX-License-Identifier: Apache-2.0
#include "server/engine/flow_json.h"

#include "server/base/strings.h"

namespace kontor::engine {

using nlohmann::json;

namespace {

json ShownFinding(const model::Finding& finding, std::string_view severity_prefix) {
  const bool warning = finding.severity == model::Severity::kWarning;
  json out = {{"reason", finding.reason},
              {"message", finding.message},
              {"severity", base::StrCat(severity_prefix, warning ? "WARNING" : "ERROR")}};
  if (!finding.field.empty()) out["field"] = finding.field;
  if (!finding.suggestion.empty()) out["suggestion"] = finding.suggestion;
  if (!finding.asked.empty()) out["asked"] = finding.asked;
  if (!finding.got.empty()) out["got"] = finding.got;
  return out;
}

}  // namespace

json StoredFinding(const model::Finding& finding) {
  return {{"reason", finding.reason},
          {"field", finding.field},
          {"message", finding.message},
          {"suggestion", finding.suggestion},
          {"asked", finding.asked},
          {"got", finding.got},
          {"warning", finding.severity == model::Severity::kWarning}};
}

json StoredFindings(const std::vector<model::Finding>& findings) {
  json out = json::array();
  for (const model::Finding& finding : findings) out.push_back(StoredFinding(finding));
  return out;
}

model::Finding FindingFromStored(const json& stored) {
  model::Finding finding;
  stored.at("reason").get_to(finding.reason);
  stored.at("field").get_to(finding.field);
  stored.at("message").get_to(finding.message);
  stored.at("suggestion").get_to(finding.suggestion);
  stored.at("asked").get_to(finding.asked);
  stored.at("got").get_to(finding.got);
  if (stored.at("warning").get<bool>()) finding.severity = model::Severity::kWarning;
  return finding;
}

std::vector<model::Finding> FindingsFromStored(const json& stored) {
  std::vector<model::Finding> findings;
  for (const json& item : stored) findings.push_back(FindingFromStored(item));
  return findings;
}

json ShownFindings(const std::vector<model::Finding>& findings, std::string_view severity_prefix) {
  json out = json::array();
  for (const model::Finding& finding : findings) {
    out.push_back(ShownFinding(finding, severity_prefix));
  }
  return out;
}

std::string DumpLine(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace kontor::engine
