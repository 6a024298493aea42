// SPDX-License-Identifier: Apache-2.0
// Prints bodies signed by the functions that the deliverer uses, with secrets and published keys,
// for the contract test. The secrets are made for one run and guard nothing.
#include <cstdio>
#include <string>

#include <nlohmann/json.hpp>

#include "server/webhooks/endpoint.h"
#include "server/webhooks/payload.h"
#include "server/webhooks/signer.h"

namespace {

using nlohmann::json;
namespace webhooks = kontor::webhooks;

json Sample(const webhooks::Endpoint& endpoint, const std::string& body, absl::Time now,
            const std::vector<kontor::crypto::Ed25519PrivateKey>& keys) {
  const std::string id = "evt_01KBZ4Q8Y7M3N5P9R2T4V6X8Z0";
  const std::string signature =
      webhooks::SignatureHeaderValue(id, absl::ToUnixSeconds(now), body,
                                     webhooks::SigningSecrets(endpoint, now), keys)
          .value();
  return {{"body", body},
          {"headers",
           {{"webhook-id", id},
            {"webhook-timestamp", std::to_string(absl::ToUnixSeconds(now))},
            {"webhook-signature", signature}}}};
}

kontor::model::Event Event(const std::string& name) {
  kontor::model::Event event;
  event.id = "evt_01KBZ4Q8Y7M3N5P9R2T4V6X8Z0";
  event.sequence = 1;
  event.type = "invoice.posted";
  event.time = absl::Now();
  event.entity = "hamburg";
  event.subject = "inv_01KBZ4Q8Y7M3N5P9R2T4V6X8Z1";
  event.subject_sequence = 1;
  event.data = json{{"entity", "hamburg"}, {"booked", {{"partner_name", name}}}}.dump();
  return event;
}

}  // namespace

int main() {
  const absl::Time now = absl::Now();
  const auto key = kontor::crypto::Ed25519PrivateKey::Generate().value();
  const auto old_key = kontor::crypto::Ed25519PrivateKey::Generate().value();
  const std::string secret = webhooks::NewSecret().value().Reveal();
  const std::string old_secret = webhooks::NewSecret().value().Reveal();
  webhooks::Endpoint endpoint;
  endpoint.secrets = {{secret, std::nullopt}, {old_secret, now + absl::Hours(1)}};
  json samples = json::array();
  for (const char* name : {"Example GmbH", "Žluťoučký kůň \"s.r.o.\"", "株式会社例", "", "a\\b/c\n"}) {
    samples.push_back(Sample(endpoint, webhooks::EventPayload(Event(name), true), now,
                             {key, old_key}));
  }
  samples.push_back(Sample(endpoint, webhooks::ChallengePayload("abc", now), now, {key, old_key}));
  const json out = {{"secret", secret},
                    {"old_secret", old_secret},
                    {"unrelated_secret", webhooks::NewSecret().value().Reveal()},
                    {"jwks", json::parse(webhooks::PublishedKeys({key, old_key}))},
                    {"samples", samples}};
  std::puts(out.dump().c_str());
  return 0;
}
