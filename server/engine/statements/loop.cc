// SPDX-License-Identifier: Apache-2.0
#include "server/engine/statements/internal/loop.h"

#include <algorithm>

#include "server/engine/banks/rows.h"

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
    KONTOR_ASSIGN_OR_RETURN(out, banks::AllChannels(view));
    return absl::OkStatus();
  }));
  return out;
}

absl::StatusOr<std::vector<model::OwnAccount>> Loop::Accounts() {
  std::vector<model::OwnAccount> out;
  KONTOR_RETURN_IF_ERROR(deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(out, banks::AllAccounts(view));
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
  return adapters_.Get(channel.id, channel.version, [&] {
    return deps.channels(channel.kind, channel.settings, channel.secret);
  });
}

}  // namespace kontor::statements
