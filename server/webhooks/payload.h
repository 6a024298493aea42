// SPDX-License-Identifier: Apache-2.0
// The bodies that endpoints receive. The same event gives the same bytes at every attempt, so that
// one `webhook-id` never stands for two contents.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "server/model/event.h"

namespace kontor::webhooks {

inline constexpr int kSchemaVersion = 1;
inline constexpr std::string_view kChallengeType = "endpoint.challenge";
inline constexpr std::string_view kPingType = "endpoint.ping";

/// One line of JSON: type, timestamp (when it happened) and data first, as Standard Webhooks has
/// them, then id, sequence, entity, subject, subject_sequence, correlation_id and schema_version.
/// `unmasked`: the endpoint was granted names and account numbers; else they are masked
/// (model::MaskedJson). An event whose data is no JSON object is sent with empty data. Pure.
std::string EventPayload(const model::Event& event, bool unmasked);

/// What an endpoint must answer before it gets events: 200 and `{"challenge": "<the same>"}`. Pure.
std::string ChallengePayload(std::string_view challenge, absl::Time now);
/// True when `body` is a JSON object whose `challenge` is `challenge`. Pure.
bool AnswersChallenge(std::string_view body, std::string_view challenge);

/// A sign of life that an administrator asked for. Pure.
std::string PingPayload(std::string_view endpoint_id, absl::Time now);

}  // namespace kontor::webhooks
