// SPDX-License-Identifier: Apache-2.0
// Everything that may be asked of sources and of the messages that wait for a person. Who may ask
// is decided before; each change leaves an audit row naming the actor.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/crypto/secret.h"
#include "server/model/source.h"
#include "server/ports/actor.h"
#include "server/webhooks/inbound.h"
#include "server/webhooks/service.h"

namespace kontor::webhooks {

/// A source with a secret that is told this once; empty when a request was repeated.
struct SourceAndSecret {
  model::Source source;
  crypto::SecretString secret;
};

/// A message as it came in.
struct ShownMessage {
  ports::FlowRow row;
  std::string method;
  std::string path;
  net::HttpHeaders headers;  ///< Without secrets.
  std::string content_type;
  std::string bytes;         ///< Only when asked for.
};

/// The source of a row. INTERNAL when it is not one of ours.
absl::StatusOr<model::Source> SourceOf(const ports::ObjectRow& row);
/// By name or id. SOURCE_UNKNOWN at `name`.
absl::StatusOr<model::Source> FindSource(ports::ReadView& view, const std::string& name);

/// Thread safety: all methods from any thread but the commit thread; they block on the store.
class Sources {
 public:
  /// `check_mapping`: what the adapter says of a source's mapping; MAPPING_INVALID.
  Sources(InboundDependencies deps, std::function<absl::Status(const model::Source&)> check_mapping)
      : deps_(std::move(deps)), check_mapping_(std::move(check_mapping)) {}

  /// Makes a source in test. Errors: those of ValidateSource (all findings), ENTITY_UNKNOWN,
  /// MAPPING_INVALID, ALREADY_EXISTS, REQUEST_ID_REUSED.
  absl::StatusOr<SourceAndSecret> Create(const ports::Actor& actor, const RequestKey& key,
                                         model::Source source, std::string secret);
  absl::StatusOr<model::Source> Get(const std::string& name) const;
  /// By name.
  absl::StatusOr<std::vector<model::Source>> List(std::optional<model::SourceState> state) const;
  /// Changes a source by `change`. A live one whose checks this makes worthless is paused until
  /// they pass again: its messages wait. `expected_version` 0: no check, else VERSION_CONFLICT.
  absl::StatusOr<model::Source> Update(const ports::Actor& actor, const std::string& name,
                                       int64_t expected_version,
                                       const std::function<absl::Status(model::Source&)>& change);
  absl::StatusOr<SourceAndSecret> RotateSecret(const ports::Actor& actor, const RequestKey& key,
                                               const std::string& name, absl::Duration overlap,
                                               std::string secret);
  absl::StatusOr<model::Source> Pause(const ports::Actor& actor, const std::string& name,
                                      const std::string& reason);
  /// STATE_CONFLICT for one that was live and changed, until its checks pass.
  absl::StatusOr<model::Source> Resume(const ports::Actor& actor, const std::string& name,
                                       const std::string& reason);
  /// Notes that the checks of `checked` passed: TEST becomes LIVE, and so does what an update
  /// paused. VERSION_CONFLICT when the source was changed while it was checked.
  absl::StatusOr<model::Source> NoteChecked(const ports::Actor& actor,
                                            const model::Source& checked, bool passed);

  absl::StatusOr<ports::Listed<ports::FlowRow>> ListMessages(const std::string& source,
                                                             const std::string& state,
                                                             const ports::Page& page) const;
  /// With its headers, and with its bytes when `with_bytes`, which leaves an audit row. NOT_FOUND
  /// also when the entity is not the actor's.
  absl::StatusOr<ShownMessage> GetMessage(const ports::Actor& actor, const std::string& id,
                                          bool with_bytes);
  /// QUARANTINED → RECEIVED, taking the message's keys. STATE_CONFLICT for any other, and for one
  /// that has come in again meanwhile. The entity must be the actor's.
  absl::StatusOr<ports::FlowRow> Release(const ports::Actor& actor, const std::string& id,
                                         const std::string& reason);
  /// QUARANTINED → DISCARDED.
  absl::StatusOr<ports::FlowRow> Discard(const ports::Actor& actor, const std::string& id,
                                         const std::string& reason);

  /// A curl line that sends an empty, rightly signed message to `base_url`; empty for a source
  /// without webhooks. The secret stands in it, or what was signed with it.
  std::string CurlLine(const model::Source& source, const std::string& base_url) const;

 private:
  absl::StatusOr<model::Source> Change(const ports::Actor& actor, const std::string& name,
                                       const std::string& action, const std::string& reason,
                                       const std::function<absl::Status(model::Source&)>& change);
  absl::StatusOr<ports::FlowRow> EndQuarantine(const ports::Actor& actor, const std::string& id,
                                               const std::string& reason, bool release);

  InboundDependencies deps_;
  std::function<absl::Status(const model::Source&)> check_mapping_;
};

}  // namespace kontor::webhooks
