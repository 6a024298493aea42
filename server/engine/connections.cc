// SPDX-License-Identifier: Apache-2.0
// Identity is in identity.cc.
#include "server/engine/connections.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::engine {
namespace {

bool UsesAddon(const Connection& connection, bool has_addon) {
  return has_addon && connection.addon_use != AddonUse::kNever;
}

}  // namespace

absl::StatusOr<OpenConnection> Connections::Open(const std::string& name) {
  KONTOR_ASSIGN_OR_RETURN(Versioned<Connection> connection, config_.FindConnection(name));
  {
    const std::lock_guard lock(mutex_);
    const State& state = states_[name];
    if (state.erp != nullptr && state.version == connection.version) {
      return OpenConnection{std::move(connection), state.erp};
    }
  }
  KONTOR_ASSIGN_OR_RETURN(std::shared_ptr<ports::Erp> erp, deps_.erp_factory(connection.value));
  const std::lock_guard lock(mutex_);
  State& state = states_[name];
  state.version = connection.version;
  state.erp = erp;
  state.identity_checked = absl::InfinitePast();
  return OpenConnection{std::move(connection), std::move(erp)};
}

absl::StatusOr<OpenConnection> Connections::Admit(const std::string& name) {
  // Pieces of work that meet an unbound connection together all try to bind it. One of them writes;
  // the others look again and find it bound.
  constexpr int kLooksMax = 3;
  for (int look = 1;; ++look) {
    KONTOR_ASSIGN_OR_RETURN(OpenConnection open, Open(name));
    {
      const std::lock_guard lock(mutex_);
      const State& state = states_[name];
      if (deps_.clock.Now() - state.identity_checked < settings_.catalogue_ttl) {
        open.has_addon = UsesAddon(open.connection.value, state.has_addon);
        return open;
      }
    }
    const absl::StatusOr<bool> has_addon = CheckIdentity(open);
    if (base::Is(has_addon.status(), base::Reason::kVersionConflict) && look < kLooksMax) {
      config_.Invalidate();
      continue;
    }
    KONTOR_RETURN_IF_ERROR(has_addon.status());
    open.has_addon = UsesAddon(open.connection.value, *has_addon);
    const std::lock_guard lock(mutex_);
    states_[name].identity_checked = deps_.clock.Now();
    states_[name].has_addon = *has_addon;
    return open;
  }
}

absl::StatusOr<std::shared_ptr<const model::Catalogue>> Connections::CatalogueOf(
    const Entity& entity, bool fresh) {
  const std::shared_ptr<const model::Catalogue> cached = CachedCatalogue(entity);
  const absl::Time now = deps_.clock.Now();
  const int64_t outdated = TimesOutdated(entity.name);
  if (!fresh && cached != nullptr && now - cached->read_at < settings_.catalogue_ttl &&
      outdated == 0) {
    return cached;
  }
  KONTOR_ASSIGN_OR_RETURN(const OpenConnection open, Open(entity.connection));
  KONTOR_ASSIGN_OR_RETURN(
      model::Catalogue read,
      open.erp->ReadCatalogue(entity.company_id, now + settings_.call_timeout));
  read.read_at = now;
  auto kept = std::make_shared<const model::Catalogue>(std::move(read));
  const std::lock_guard lock(mutex_);
  catalogues_[entity.name] = kept;
  // What was mended while this was read may not be in it.
  if (const auto it = outdated_.find(entity.name);
      it != outdated_.end() && it->second == outdated) {
    outdated_.erase(it);
  }
  return kept;
}

std::shared_ptr<const model::Catalogue> Connections::CachedCatalogue(const Entity& entity) const {
  const std::lock_guard lock(mutex_);
  const auto it = catalogues_.find(entity.name);
  if (it == catalogues_.end() || it->second->company_id != entity.company_id) return nullptr;
  return it->second;
}

void Connections::Outdate(const std::string& entity) {
  const std::lock_guard lock(mutex_);
  ++outdated_[entity];
}

int64_t Connections::TimesOutdated(const std::string& entity) const {
  const std::lock_guard lock(mutex_);
  const auto it = outdated_.find(entity);
  return it == outdated_.end() ? 0 : it->second;
}

bool Connections::IsResting(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto it = states_.find(name);
  return it != states_.end() && deps_.clock.Now() < it->second.rests_until;
}

void Connections::NoteFailure(const std::string& name, const absl::Status& status) {
  constexpr int kDoublingsMax = 16;
  const std::lock_guard lock(mutex_);
  State& state = states_[name];
  const int doublings = std::min(state.failures, kDoublingsMax);
  ++state.failures;
  absl::Duration rest = std::min(settings_.retry_first * (1 << doublings), settings_.retry_max);
  rest = std::max(rest, base::InfoOf(status).retry_after);
  state.rests_until = deps_.clock.Now() + rest;
}

void Connections::NoteSuccess(const std::string& name) {
  const std::lock_guard lock(mutex_);
  State& state = states_[name];
  state.failures = 0;
  state.rests_until = absl::InfinitePast();
}

void Connections::Recheck(const std::string& name) {
  const std::lock_guard lock(mutex_);
  states_[name].identity_checked = absl::InfinitePast();
}

void Connections::Forget(const std::string& name) {
  const std::lock_guard lock(mutex_);
  states_.erase(name);
  catalogues_.clear();
}

}  // namespace kontor::engine
