// SPDX-License-Identifier: Apache-2.0
#include "server/engine/statements/internal/loop.h"

#include <algorithm>

namespace kontor::statements {

using base::Error;
using base::Reason;

absl::Time Loop::RetryAt(int attempts, absl::Duration at_least) const {
  absl::Duration wait = settings.retry_first;
  for (int i = 0; i < attempts && wait < settings.retry_max; ++i) wait *= 2;
  return Now() + std::max(at_least, std::min(wait, settings.retry_max));
}

absl::StatusOr<std::vector<model::Channel>> Loop::Channels() {
  std::vector<model::Channel> out;
  KONTOR_RETURN_IF_ERROR(deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    out.clear();
    KONTOR_ASSIGN_OR_RETURN(const auto rows, view.AllObjects(model::kChannelKind));
    for (const ports::ObjectRow& row : rows) {
      KONTOR_ASSIGN_OR_RETURN(model::Channel channel, model::ChannelFromBody(row.body));
      channel.id = row.id;
      channel.name = row.name;
      channel.version = row.version;
      out.push_back(std::move(channel));
    }
    return absl::OkStatus();
  }));
  return out;
}

absl::StatusOr<std::vector<model::OwnAccount>> Loop::Accounts() {
  std::vector<model::OwnAccount> out;
  KONTOR_RETURN_IF_ERROR(deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    out.clear();
    KONTOR_ASSIGN_OR_RETURN(const auto rows, view.AllObjects(model::kOwnAccountKind));
    for (const ports::ObjectRow& row : rows) {
      KONTOR_ASSIGN_OR_RETURN(model::OwnAccount account, model::OwnAccountFromBody(row.body));
      account.id = row.id;
      account.name = row.name;
      account.version = row.version;
      out.push_back(std::move(account));
    }
    return absl::OkStatus();
  }));
  return out;
}

absl::StatusOr<std::optional<model::OwnAccount>> Loop::AccountOf(std::string_view number,
                                                                 const std::string& currency) {
  KONTOR_ASSIGN_OR_RETURN(const auto accounts, Accounts());
  for (const model::OwnAccount& account : accounts) {
    const bool other = !currency.empty() && !account.currency.IsNone() &&
                       account.currency.code() != currency;
    // One number may stand for an account in each of several currencies.
    if (!other && IsNumberOf(number, account)) return std::optional(account);
  }
  return std::optional<model::OwnAccount>();
}

absl::StatusOr<std::shared_ptr<ports::BankChannel>> Loop::Open(const model::Channel& channel) {
  const std::lock_guard lock(channels_mutex_);
  Kept& kept = channels_[channel.id];
  if (kept.channel != nullptr && kept.version == channel.version) return kept.channel;
  KONTOR_ASSIGN_OR_RETURN(kept.channel,
                          deps.channels(channel.kind, channel.settings, channel.secret));
  kept.version = channel.version;
  return kept.channel;
}

}  // namespace kontor::statements
