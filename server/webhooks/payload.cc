// SPDX-License-Identifier: Apache-2.0
// Bodies are written with keys in a fixed order: ordered_json for the envelope, sorted for the
// data.
#include "server/webhooks/payload.h"

#include <nlohmann/json.hpp>

#include "server/base/clock.h"
#include "server/base/json_text.h"
#include "server/base/strings.h"
#include "server/crypto/bytes.h"
#include "server/model/masking.h"

namespace kontor::webhooks {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::string Dump(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

ordered_json Envelope(std::string_view type, absl::Time time, ordered_json content) {
  ordered_json envelope;
  envelope["type"] = std::string(type);
  envelope["timestamp"] = base::FormatInstant(time);
  envelope["data"] = std::move(content);
  return envelope;
}

// The data as one line of JSON with sorted keys.
std::string DataText(const std::string& text, bool unmasked) {
  if (!unmasked) return model::MaskedJson(text);
  const json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
  return value.is_object() ? value.dump(-1, ' ', false, json::error_handler_t::replace) : "{}";
}

}  // namespace

std::string EventPayload(const model::Event& event, bool unmasked) {
  // The data is the larger part and already text: putting it in saves reading it once more.
  return base::StrCat(R"({"type":)", base::JsonString(event.type), R"(,"timestamp":")",
                      base::FormatInstant(event.time), R"(","data":)",
                      DataText(event.data, unmasked), R"(,"id":)", base::JsonString(event.id),
                      R"(,"sequence":)", event.sequence, R"(,"entity":)",
                      base::JsonString(event.entity), R"(,"subject":)",
                      base::JsonString(event.subject), R"(,"subject_sequence":)",
                      event.subject_sequence, R"(,"correlation_id":)",
                      base::JsonString(event.correlation_id), R"(,"schema_version":)",
                      kSchemaVersion, "}");
}

std::string ChallengePayload(std::string_view challenge, absl::Time now) {
  ordered_json envelope = Envelope(kChallengeType, now, ordered_json::object());
  envelope["challenge"] = std::string(challenge);
  return Dump(envelope);
}

bool AnswersChallenge(std::string_view body, std::string_view challenge) {
  const json answer = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!answer.is_object()) return false;
  const auto found = answer.find("challenge");
  return found != answer.end() && found->is_string() &&
         crypto::ConstantTimeEqual(found->get_ref<const std::string&>(), challenge);
}

std::string PingPayload(std::string_view endpoint_id, absl::Time now) {
  return Dump(Envelope(kPingType, now, {{"endpoint_id", std::string(endpoint_id)}}));
}

}  // namespace kontor::webhooks
