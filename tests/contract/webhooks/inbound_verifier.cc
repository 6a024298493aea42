// SPDX-License-Identifier: Apache-2.0
// Says of messages whether kontor takes them for their sender's: reads a JSON list of {"source",
// "headers", "body", "now"} and prints a list of "ok" or the reason. For the contract test alone.
#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>

#include <nlohmann/json.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/webhooks/inbound_verify.h"

namespace {

using nlohmann::json;

std::string Verdict(const json& message) {
  std::vector<kontor::model::Finding> findings;
  kontor::model::Source source =
      kontor::model::ReadSource(message.at("source").dump(), &findings);
  if (!findings.empty()) return findings.front().message;
  source.secrets = {{message.at("secret").get<std::string>(), std::nullopt}};
  kontor::net::HttpServerRequest request;
  request.method = "POST";
  for (const auto& [name, value] : message.at("headers").items()) {
    request.headers.emplace_back(kontor::base::ToLower(name), value.get<std::string>());
  }
  request.body = message.at("body").get<std::string>();
  const auto verified = kontor::webhooks::VerifyMessage(
      source, request, absl::FromUnixSeconds(message.at("now").get<int64_t>()));
  return verified.ok() ? "ok" : kontor::base::InfoOf(verified.status()).reason;
}

}  // namespace

int main() {
  const std::string text(std::istreambuf_iterator<char>(std::cin), {});
  json verdicts = json::array();
  for (const json& message : json::parse(text)) verdicts.push_back(Verdict(message));
  std::puts(verdicts.dump().c_str());
  return 0;
}
