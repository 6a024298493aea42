// SPDX-License-Identifier: Apache-2.0
// Banks' master data: channels and our accounts there, kept as data. Going live takes two people;
// whatever changes how a channel works makes it a shadow again.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/base/ids.h"
#include "server/model/bank.h"
#include "server/ports/actor.h"
#include "server/ports/bank_channel.h"
#include "server/ports/crypto.h"
#include "server/ports/store.h"

namespace kontor::banks {

struct Dependencies {
  ports::Store& store;
  const base::Clock& clock;
  base::IdSource& ids;
  ports::BankChannelFactory channels;
};

/// What tells a change that is asked for again from another one.
struct RequestKey {
  std::string request_id;
  std::string digest;   ///< Of all that the request says beside its id.
};

/// Thread-safe; blocks on the store, Sign and Check on the bank too.
class Banks {
 public:
  explicit Banks(Dependencies dependencies) : deps_(std::move(dependencies)) {}

  /// As a shadow. FIELD_INVALID and CHANNEL_INVALID with findings, ALREADY_EXISTS,
  /// REQUEST_ID_REUSED.
  absl::StatusOr<model::Channel> CreateChannel(const ports::Actor& actor, const RequestKey& key,
                                               model::Channel channel);
  /// CHANNEL_UNKNOWN.
  absl::StatusOr<model::Channel> GetChannel(const std::string& name);
  /// By name.
  absl::StatusOr<std::vector<model::Channel>> ListChannels();
  /// Applies `change` to the channel as it is. `version` 0: whatever it is; else VERSION_CONFLICT.
  absl::StatusOr<model::Channel> UpdateChannel(
      const ports::Actor& actor, const std::string& name, int64_t version,
      const std::function<absl::Status(model::Channel&)>& change);
  /// The second person's signature makes it live. CHANNEL_INVALID with what its checks find.
  absl::StatusOr<model::Channel> SignChannel(const ports::Actor& actor, const std::string& name,
                                             const std::string& reason);
  absl::StatusOr<model::Channel> PauseChannel(const ports::Actor& actor, const std::string& name,
                                              const std::string& reason);
  absl::StatusOr<model::Channel> ResumeChannel(const ports::Actor& actor, const std::string& name,
                                               const std::string& reason);
  /// What is wrong; empty: ready.
  absl::StatusOr<std::vector<model::Finding>> CheckChannel(const std::string& name);

  /// FIELD_INVALID with findings, CHANNEL_UNKNOWN, ENTITY_UNKNOWN, ALREADY_EXISTS.
  absl::StatusOr<model::OwnAccount> CreateAccount(const ports::Actor& actor, const RequestKey& key,
                                                  model::OwnAccount account);
  /// OWN_ACCOUNT_UNKNOWN.
  absl::StatusOr<model::OwnAccount> GetAccount(const std::string& name);
  absl::StatusOr<std::vector<model::OwnAccount>> ListAccounts();
  absl::StatusOr<model::OwnAccount> UpdateAccount(
      const ports::Actor& actor, const std::string& name, int64_t version,
      const std::function<absl::Status(model::OwnAccount&)>& change);

 private:
  absl::StatusOr<model::Channel> ChangeChannel(
      const ports::Actor& actor, const std::string& name, std::string_view action,
      const std::string& reason, const std::function<absl::Status(model::Channel&)>& change);
  absl::Status TryChannel(const model::Channel& channel);

  const Dependencies deps_;
};

}  // namespace kontor::banks
