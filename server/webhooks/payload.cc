// SPDX-License-Identifier: Apache-2.0
// Bodies are written with keys in a fixed order: ordered_json for the envelope, sorted for the
// data.
#include "server/webhooks/payload.h"

#include <nlohmann/json.hpp>

#include "server/base/clock.h"
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

}  // namespace

std::string EventPayload(const model::Event& event, bool unmasked) {
  ordered_json content = ordered_json::parse(
      unmasked ? event.data : model::MaskedJson(event.data), nullptr, /*allow_exceptions=*/false);
  if (!content.is_object()) content = ordered_json::object();
  ordered_json envelope = Envelope(event.type, event.time, std::move(content));
  envelope["id"] = event.id;
  envelope["sequence"] = event.sequence;
  envelope["entity"] = event.entity;
  envelope["subject"] = event.subject;
  envelope["subject_sequence"] = event.subject_sequence;
  envelope["correlation_id"] = event.correlation_id;
  envelope["schema_version"] = kSchemaVersion;
  return Dump(envelope);
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
