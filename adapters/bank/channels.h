// SPDX-License-Identifier: Apache-2.0
// The channel of a configuration, by its kind. A new way to banks is one line here and a file.
#pragma once

#include "server/base/clock.h"
#include "server/ports/bank_channel.h"
#include "server/ports/http_client.h"

namespace kontor::bank {

struct ChannelOptions {
  int64_t file_bytes_max = int64_t{1} << 30U;
  absl::Duration timeout = absl::Seconds(30);  ///< Of one call to a bank's server.
  ports::HttpClient* http = nullptr;  ///< For webhooks; outlives the channel. Null: there are none.
  bool allow_plain_http = false;      ///< Banks may be reached by http://.
  std::string ca_file;                ///< Trust anchors for banks beside the system's.
};

/// Kinds `directory`, `sftp` and `webhook`; README.md has their settings. CHANNEL_INVALID with the
/// setting as field. No I/O. `clock` outlives the channel.
absl::StatusOr<std::shared_ptr<ports::BankChannel>> MakeChannel(std::string_view kind,
                                                                std::string_view settings,
                                                                std::string_view secret,
                                                                const ChannelOptions& options,
                                                                const base::Clock& clock);

}  // namespace kontor::bank
