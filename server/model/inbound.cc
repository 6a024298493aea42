// SPDX-License-Identifier: Apache-2.0
#include "server/model/inbound.h"

#include "server/base/status.h"
#include "server/model/internal/canon_json.h"

namespace kontor::model {

using json = internal::Json;

std::string ToJson(const InboundBody& body) {
  json out = {{"event_id", body.event_id}, {"keys", body.keys},
              {"sha256", body.sha256},     {"bytes", body.bytes},
              {"peer", body.peer},         {"content_type", body.content_type},
              {"reports", body.report_ids}, {"vouched", body.vouched}};
  if (body.finding) {
    out["finding"] = {{"reason", body.finding->reason},
                      {"field", body.finding->field},
                      {"message", body.finding->message},
                      {"suggestion", body.finding->suggestion}};
  }
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

absl::StatusOr<InboundBody> InboundBodyFrom(std::string_view text) {
  InboundBody body;
  try {
    const json in = json::parse(text);
    in.at("event_id").get_to(body.event_id);
    in.at("keys").get_to(body.keys);
    in.at("sha256").get_to(body.sha256);
    in.at("bytes").get_to(body.bytes);
    in.at("peer").get_to(body.peer);
    in.at("content_type").get_to(body.content_type);
    in.at("reports").get_to(body.report_ids);
    in.at("vouched").get_to(body.vouched);
    if (in.contains("finding")) {
      const json& finding = in.at("finding");
      body.finding.emplace();
      finding.at("reason").get_to(body.finding->reason);
      finding.at("field").get_to(body.finding->field);
      finding.at("message").get_to(body.finding->message);
      finding.at("suggestion").get_to(body.finding->suggestion);
    }
  } catch (const json::exception&) {
    return base::Error(base::Reason::kInternal).Says("a message that came in is unreadable");
  }
  return body;
}

}  // namespace kontor::model
