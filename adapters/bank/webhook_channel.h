// SPDX-License-Identifier: Apache-2.0
// A bank that takes payment orders as signed webhooks (Standard Webhooks) and pushes its statuses
// and statements the same way. README.md has the wire.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/ports/bank_channel.h"
#include "server/ports/http_client.h"

namespace kontor::bank {

struct WebhookTarget {
  std::string url;  ///< Where orders are posted.
  /// Where the bank answers whether it has an order; holds {message_id}. Empty: it does not.
  std::string status_url;
  std::string our_secret;   ///< whsec_…; kontor signs by it.
  std::string bank_secret;  ///< whsec_…; what the bank sends is verified by it.
};

struct WebhookOptions {
  ports::HttpClient* http = nullptr;  ///< Null: the service has none; outlives the channel.
  std::string ca_file;                ///< Trust anchors beside the system's; may be empty.
  absl::Duration timeout = absl::Seconds(30);
  int64_t file_bytes_max = 0;
  bool stays_here = false;  ///< Orders go to this machine itself.
};

/// Reads url and status_url from a JSON object, and both secrets, ours first, parted by white
/// space. CHANNEL_INVALID with the key as field.
absl::StatusOr<WebhookTarget> ReadWebhookTarget(std::string_view json, std::string_view secret,
                                                bool allow_plain_http);

/// `clock` outlives the channel. CHANNEL_INVALID without an HTTP client.
absl::StatusOr<std::shared_ptr<ports::BankChannel>> MakeWebhookChannel(
    WebhookTarget target, const WebhookOptions& options, const base::Clock& clock);

}  // namespace kontor::bank
