// SPDX-License-Identifier: Apache-2.0
// Channels and our accounts as the store's rows keep them, for every room that reads them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/model/bank.h"
#include "server/ports/store.h"

namespace kontor::banks {

/// By name or id. CHANNEL_UNKNOWN at `field` when there is none.
absl::StatusOr<model::Channel> FindChannel(ports::ReadView& view, const std::string& name,
                                           std::string_view field);
/// By name or id. OWN_ACCOUNT_UNKNOWN at `field` when there is none.
absl::StatusOr<model::OwnAccount> FindAccount(ports::ReadView& view, const std::string& name,
                                              std::string_view field);

/// In the store's order.
absl::StatusOr<std::vector<model::Channel>> AllChannels(ports::ReadView& view);
absl::StatusOr<std::vector<model::OwnAccount>> AllAccounts(ports::ReadView& view);

}  // namespace kontor::banks
