// SPDX-License-Identifier: Apache-2.0
// api::Gate over security's Gatekeeper.
#pragma once

#include "server/api/pipeline.h"
#include "server/security/gatekeeper.h"

namespace kontor::app {

class GateOverSecurity final : public api::Gate {
 public:
  explicit GateOverSecurity(security::Gatekeeper& gatekeeper) : gatekeeper_(gatekeeper) {}
  absl::StatusOr<api::Call> Admit(const api::CallFacts& facts) override {
    auto identity =
        gatekeeper_.Admit(facts.method, facts.authorization, facts.certificate_subject);
    if (!identity.ok()) return identity.status();
    return api::Call{std::move(identity->actor), facts, identity->unmasked};
  }

 private:
  security::Gatekeeper& gatekeeper_;
};

}  // namespace kontor::app
