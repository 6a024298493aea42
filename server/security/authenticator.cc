// SPDX-License-Identifier: Apache-2.0
// Every refusal of a token says the same, whether it was never issued, revoked, or its principal is
// disabled: a caller learns nothing by trying.
#include "server/security/authenticator.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/security/internal/codec.h"
#include "server/security/internal/tokens.h"

namespace kontor::security {
namespace {

using base::Error;
using base::Reason;

absl::Status Unknown() { return Error(Reason::kUnauthenticated).Says("the token is not valid"); }

bool ConcernsUs(const std::string& kind) {
  return kind == internal::kPrincipalKind || kind == internal::kTokenKind ||
         kind == internal::kGrantKind || kind == internal::kFirstTokenKind;
}

/// An empty set means "all", so an empty intersection must not be one.
absl::Status Narrow(const Token& token, ports::Actor& actor) {
  actor.token_id = token.id;
  actor.scoped = !token.scopes.empty();
  actor.narrowed = actor.scoped || !token.entities.empty();
  if (actor.scoped) {
    std::erase_if(actor.roles, [&](ports::Role role) { return !token.scopes.contains(role); });
  }
  if (token.entities.empty()) return absl::OkStatus();
  if (actor.entities.empty()) {
    actor.entities = token.entities;
    return absl::OkStatus();
  }
  std::erase_if(actor.entities,
                [&](const std::string& entity) { return !token.entities.contains(entity); });
  if (actor.entities.empty()) {
    return Error(Reason::kEntityDenied).Says("the token has no entity left to work with");
  }
  return absl::OkStatus();
}

Identity IdentityOf(const Principal& principal) {
  return {ActorOf(principal), principal.unmasked, principal.calls_per_second};
}

}  // namespace

/// Least recently used first out. Emptied by every change of principals, tokens or grants.
struct Authenticator::Cache {
  using Order = std::list<std::pair<std::string, Entry>>;
  std::mutex mutex;
  Order order;  ///< Newest first.
  std::unordered_map<std::string, Order::iterator> by_key;
  int64_t generation = 0;  ///< Grows when emptied: what was read before must not come back.
  std::unordered_map<std::string, absl::Time> last_use;  ///< By token id; when it was written.

  void Empty() {
    const std::lock_guard lock(mutex);
    order.clear();
    by_key.clear();
    ++generation;
  }
  std::optional<Entry> Find(const std::string& key, absl::Time not_before) {
    const std::lock_guard lock(mutex);
    const auto it = by_key.find(key);
    if (it == by_key.end() || it->second->second.loaded < not_before) return std::nullopt;
    order.splice(order.begin(), order, it->second);
    return it->second->second;
  }
  int64_t Generation() {
    const std::lock_guard lock(mutex);
    return generation;
  }
  void Put(const std::string& key, const Entry& entry, int64_t read_in, size_t most) {
    const std::lock_guard lock(mutex);
    if (read_in != generation || most == 0) return;
    if (const auto it = by_key.find(key); it != by_key.end()) {
      order.erase(it->second);
      by_key.erase(it);
    }
    while (order.size() >= most) {
      by_key.erase(order.back().first);
      order.pop_back();
    }
    order.emplace_front(key, entry);
    by_key[key] = order.begin();
  }
};

absl::StatusOr<std::string> BearerTokenOf(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.empty()) return std::string();
  if (base::ToLower(authorization.substr(0, kScheme.size())) != kScheme) {
    return Error(Reason::kUnauthenticated).Says("the Authorization header names no bearer token");
  }
  return std::string(base::Trim(authorization.substr(kScheme.size())));
}

Authenticator::Authenticator(ports::Store& store, const base::Clock& clock,
                             const ports::Crypto& crypto, Settings settings)
    : store_(store),
      clock_(clock),
      crypto_(crypto),
      settings_(settings),
      cache_(std::make_shared<Cache>()) {
  store_.OnCommit([weak = std::weak_ptr<Cache>(cache_)](const ports::CommitNotice& notice) {
    const auto cache = weak.lock();
    if (cache != nullptr && std::any_of(notice.object_kinds.begin(), notice.object_kinds.end(),
                                        ConcernsUs)) {
      cache->Empty();
    }
  });
}

Authenticator::~Authenticator() = default;

absl::StatusOr<Identity> Authenticator::Identify(std::string_view bearer_token,
                                                 std::string_view certificate_subject) {
  if (bearer_token.empty() && certificate_subject.empty()) {
    return Error(Reason::kUnauthenticated).Says("neither a token nor a client certificate");
  }
  const bool by_token = !bearer_token.empty();
  if (by_token && !internal::IsTokenText(bearer_token)) return Unknown();
  const std::string lookup = by_token ? internal::TokenLookup(crypto_, bearer_token)
                                      : internal::CertificateLookup(crypto_, certificate_subject);
  KONTOR_ASSIGN_OR_RETURN(
      const Entry entry,
      Load(by_token ? internal::kTokenKind : internal::kPrincipalKind, lookup));
  if (entry.expires <= clock_.Now()) {
    return Error(Reason::kTokenExpired).Says("the token has expired");
  }
  if (by_token && !entry.certificate_subject.empty() && !certificate_subject.empty() &&
      entry.certificate_subject != certificate_subject) {
    return Error(Reason::kUnauthenticated).Says("token and certificate are not of one principal");
  }
  NoteUse(entry);
  return entry.identity;
}

absl::StatusOr<ports::Actor> Authenticator::Authenticate(std::string_view bearer_token,
                                                         std::string_view certificate_subject) {
  KONTOR_ASSIGN_OR_RETURN(Identity identity, Identify(bearer_token, certificate_subject));
  return std::move(identity.actor);
}

absl::StatusOr<Authenticator::Entry> Authenticator::Load(const std::string& kind,
                                                         const std::string& lookup) {
  const std::string key = base::StrCat(kind, "/", lookup);
  const absl::Time now = clock_.Now();
  if (auto found = cache_->Find(key, now - settings_.cache_ttl); found.has_value()) return *found;
  const int64_t read_in = cache_->Generation();
  absl::StatusOr<Entry> entry = Unknown();
  const absl::Status ran = store_.Read([&](ports::ReadView& view) {
    entry = kind == internal::kTokenKind ? LoadToken(view, lookup) : LoadCertificate(view, lookup);
    return absl::OkStatus();
  });
  KONTOR_RETURN_IF_ERROR(ran);
  KONTOR_RETURN_IF_ERROR(entry.status());
  entry->loaded = now;
  cache_->Put(key, *entry, read_in, settings_.cache_max);
  return entry;
}

absl::StatusOr<Authenticator::Entry> Authenticator::LoadToken(ports::ReadView& view,
                                                              const std::string& lookup) {
  KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindObjectByLookup(internal::kTokenKind, lookup));
  if (!row.has_value()) {
    KONTOR_ASSIGN_OR_RETURN(const auto first,
                            view.FindObjectByLookup(internal::kFirstTokenKind, lookup));
    if (!first.has_value()) return Unknown();
    KONTOR_ASSIGN_OR_RETURN(const auto state, internal::FirstTokenOf(*first));
    if (state.used) return Error(Reason::kTokenUsed).Says("the first token was redeemed");
    return Error(Reason::kUnauthenticated).Says("the first token must be redeemed first");
  }
  KONTOR_ASSIGN_OR_RETURN(const Token token, internal::TokenOf(*row));
  if (token.revoked.has_value()) return Unknown();
  KONTOR_ASSIGN_OR_RETURN(const auto owner,
                          view.FindObject(internal::kPrincipalKind, token.principal_id));
  if (!owner.has_value()) return Unknown();
  KONTOR_ASSIGN_OR_RETURN(const Principal principal, internal::PrincipalOf(*owner));
  if (principal.disabled) return Unknown();
  Entry entry;
  entry.identity = IdentityOf(principal);
  KONTOR_RETURN_IF_ERROR(Narrow(token, entry.identity.actor));
  entry.certificate_subject = principal.certificate_subject;
  entry.expires = token.expires;
  return entry;
}

absl::StatusOr<Authenticator::Entry> Authenticator::LoadCertificate(ports::ReadView& view,
                                                                    const std::string& lookup) {
  KONTOR_ASSIGN_OR_RETURN(const auto row,
                          view.FindObjectByLookup(internal::kPrincipalKind, lookup));
  if (!row.has_value()) {
    return Error(Reason::kUnauthenticated).Says("no principal has this client certificate");
  }
  KONTOR_ASSIGN_OR_RETURN(const Principal principal, internal::PrincipalOf(*row));
  if (principal.disabled) {
    return Error(Reason::kUnauthenticated).Says("no principal has this client certificate");
  }
  Entry entry;
  entry.identity = IdentityOf(principal);
  entry.certificate_subject = principal.certificate_subject;
  return entry;
}

/// Written now and then, beside the token so that no cache is emptied by it; nobody waits for it.
void Authenticator::NoteUse(const Entry& entry) {
  const std::string& token_id = entry.identity.actor.token_id;
  if (token_id.empty()) return;
  const absl::Time now = clock_.Now();
  {
    const std::lock_guard lock(cache_->mutex);
    if (cache_->last_use.size() > settings_.cache_max) cache_->last_use.clear();
    absl::Time& written =
        cache_->last_use.try_emplace(token_id, absl::InfinitePast()).first->second;
    if (now - written < settings_.last_use_interval) return;
    written = now;
  }
  store_.Submit(
      [token_id, now](ports::Unit& unit) {
        KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindObject(internal::kTokenUseKind, token_id));
        if (!row.has_value()) {
          row.emplace();
          row->kind = internal::kTokenUseKind;
          row->id = token_id;
          row->name = token_id;
          row->created = now;
        }
        row->body = internal::UseBody(now);
        row->updated = now;
        return unit.PutObject(*row);
      },
      [](const absl::Status&) {});  // a lost last use harms nobody
}

}  // namespace kontor::security
