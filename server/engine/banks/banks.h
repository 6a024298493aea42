// SPDX-License-Identifier: Apache-2.0
// Banks' master data: channels and our accounts there, kept as data. Going live takes an onboarding
// and two people; whatever changes how a channel works makes it a shadow again.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/base/ids.h"
#include "server/engine/banks/onboarding.h"
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
  /// Who answers for channels that go live on two signatures alone; counts only for channels that
  /// stay on this machine. Empty: nobody.
  std::string onboarding_waived_by = {};
};

/// What tells a change that is asked for again from another one.
struct RequestKey {
  std::string request_id;
  std::string digest;   ///< Of all that the request says beside its id.
};

/// How far a channel is on its way to going live.
struct Onboarding {
  model::Channel channel;
  Proofs proofs;
  std::vector<model::Finding> findings;  ///< Of the try just made; empty where none was.
  std::string test_account;  ///< One of ours by the channel, for the test order; empty: none.
  std::string test_entity;   ///< Whose it is.
  std::string waived_by;     ///< Empty: every point must hold.
};
/// The contract's JSON (snake_case). Pure.
std::string WriteOnboarding(const Onboarding& onboarding);

/// Thread-safe; blocks on the store, Sign, Check and StartOnboarding on the bank too.
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
  /// The second person's signature makes it live. CHANNEL_INVALID with what its checks find,
  /// CHANNEL_PAUSED with what its onboarding misses.
  absl::StatusOr<model::Channel> SignChannel(const ports::Actor& actor, const std::string& name,
                                             const std::string& reason);
  absl::StatusOr<model::Channel> PauseChannel(const ports::Actor& actor, const std::string& name,
                                              const std::string& reason);
  absl::StatusOr<model::Channel> ResumeChannel(const ports::Actor& actor, const std::string& name,
                                               const std::string& reason);
  /// Into test, where only test orders leave; tries what can be tried. In test already: tries
  /// again. STATE_CONFLICT for a live or paused one.
  absl::StatusOr<Onboarding> StartOnboarding(const ports::Actor& actor, const std::string& name,
                                             const std::string& reason);
  absl::StatusOr<Onboarding> GetOnboarding(const std::string& name);
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
  using Change = std::function<absl::Status(ports::Unit&, model::Channel&)>;
  absl::StatusOr<model::Channel> ChangeChannel(const ports::Actor& actor, const std::string& name,
                                               std::string_view action, const std::string& reason,
                                               const Change& change);
  absl::Status TryChannel(const model::Channel& channel);
  /// CHANNEL_INVALID for one that cannot see what it handed over.
  absl::Status CheckSight(const model::Channel& channel);
  /// Who answers for this channel's going live without its onboarding; empty: nobody.
  std::string WaivedBy(const model::Channel& channel);

  const Dependencies deps_;
};

}  // namespace kontor::banks
