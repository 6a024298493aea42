// SPDX-License-Identifier: Apache-2.0
// Other nodes' changes are seen after kFreshFor at the latest; this node's own at once.
#include "server/engine/config.h"

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/codec.h"

namespace kontor::engine {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

constexpr absl::Duration kFreshFor = absl::Seconds(10);

}  // namespace

std::shared_ptr<const ConfigSnapshot> Config::Cached() const {
  const std::lock_guard lock(mutex_);
  if (snapshot_ == nullptr || clock_.Now() - snapshot_->read_at > kFreshFor) return nullptr;
  return snapshot_;
}

void Config::Invalidate() {
  const std::lock_guard lock(mutex_);
  snapshot_ = nullptr;
  ++generation_;
}

absl::StatusOr<std::shared_ptr<const ConfigSnapshot>> Config::Load(ports::ReadView& view,
                                                                   uint64_t generation) {
  auto fresh = std::make_shared<ConfigSnapshot>();
  fresh->read_at = clock_.Now();
  KONTOR_ASSIGN_OR_RETURN(const auto entities, view.AllObjects(std::string(kEntityKind)));
  for (const ports::ObjectRow& row : entities) {
    KONTOR_ASSIGN_OR_RETURN(Entity entity, EntityFromJson(row.body));
    fresh->entities[row.name] = {std::move(entity), row.version};
  }
  KONTOR_ASSIGN_OR_RETURN(const auto connections, view.AllObjects(std::string(kConnectionKind)));
  for (const ports::ObjectRow& row : connections) {
    KONTOR_ASSIGN_OR_RETURN(Connection connection, ConnectionFromJson(row.body));
    fresh->connections[row.name] = {std::move(connection), row.version};
  }
  KONTOR_ASSIGN_OR_RETURN(const auto policy, view.FindObject(std::string(kPolicyKind),
                                                             std::string(kPostingPolicyName)));
  if (policy.has_value()) {
    KONTOR_ASSIGN_OR_RETURN(fresh->server_rules, PostingRulesFromJson(policy->body));
    fresh->server_rules_version = policy->version;
  }
  const std::lock_guard lock(mutex_);
  // A change that became known while this was read wins: what was read is used once, not kept.
  if (generation == generation_) snapshot_ = fresh;
  return std::shared_ptr<const ConfigSnapshot>(fresh);
}

absl::StatusOr<std::shared_ptr<const ConfigSnapshot>> Config::Get() {
  if (auto cached = Cached(); cached != nullptr) return cached;
  uint64_t generation = 0;
  {
    const std::lock_guard lock(mutex_);
    generation = generation_;
  }
  std::shared_ptr<const ConfigSnapshot> result;
  KONTOR_RETURN_IF_ERROR(store_.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(result, Load(view, generation));
    return absl::OkStatus();
  }));
  return result;
}

void Config::WithConfig(
    std::function<void(absl::StatusOr<std::shared_ptr<const ConfigSnapshot>>)> then) {
  if (auto cached = Cached(); cached != nullptr) return then(std::move(cached));
  uint64_t generation = 0;
  {
    const std::lock_guard lock(mutex_);
    generation = generation_;
  }
  auto result = std::make_shared<std::shared_ptr<const ConfigSnapshot>>();
  store_.ReadAsync(
      [this, generation, result](ports::ReadView& view) -> absl::Status {
        KONTOR_ASSIGN_OR_RETURN(*result, Load(view, generation));
        return absl::OkStatus();
      },
      [result, then = std::move(then)](const absl::Status& status) {
        if (!status.ok()) return then(status);
        then(std::move(*result));
      });
}

absl::StatusOr<Versioned<Entity>> EntityIn(const ConfigSnapshot& config, const std::string& name) {
  const auto it = config.entities.find(name);
  if (it == config.entities.end()) {
    return Error(Reason::kEntityUnknown)
        .Field("entity")
        .With("entity", name)
        .Says(StrCat("there is no entity named '", name, "'"));
  }
  return it->second;
}

absl::StatusOr<Versioned<Connection>> ConnectionIn(const ConfigSnapshot& config,
                                                   const std::string& name) {
  const auto it = config.connections.find(name);
  if (it == config.connections.end()) {
    return Error(Reason::kConnectionUnknown)
        .Field("connection")
        .With("connection", name)
        .Says(StrCat("there is no connection named '", name, "'"));
  }
  return it->second;
}

absl::StatusOr<Versioned<Entity>> Config::FindEntity(const std::string& name) {
  KONTOR_ASSIGN_OR_RETURN(const auto config, Get());
  return EntityIn(*config, name);
}

absl::StatusOr<Versioned<Connection>> Config::FindConnection(const std::string& name) {
  KONTOR_ASSIGN_OR_RETURN(const auto config, Get());
  return ConnectionIn(*config, name);
}

}  // namespace kontor::engine
