// SPDX-License-Identifier: Apache-2.0
// The Odoo adapter's face: ports::Erp over JSON-2, JSON-RPC or XML-RPC, for Odoo 17.0, 18.0, 19.0.
// It translates and classifies; it decides nothing about operations and keeps nothing on disk.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/ports/erp.h"
#include "server/ports/http_client.h"

namespace kontor::odoo {

/// One connection. `api_key` may also be a password; it is never logged.
struct OdooSettings {
  std::string url;        ///< http(s)://host[:port][/prefix], without a trailing slash or with one.
  std::string database;
  std::string login;
  std::string api_key;
  std::string transport;  ///< json2, jsonrpc or xmlrpc forces one; empty: chosen by probing.
  absl::Duration connect_timeout = absl::Seconds(10);
  /// Odoo itself retries for up to 30 s: a shorter time-out makes calls that commit later.
  absl::Duration call_timeout = absl::Seconds(90);
  std::string ca_file;    ///< Extra trust anchors, PEM; empty: the system's.
  int calls_in_flight_max = 0;   ///< 1 to 64; 0: by host (1 for *.odoo.com, else 4).
  int calls_per_second_max = 0;  ///< 1 to 1000; 0: by host (1 for *.odoo.com, else unlimited).
  bool allow_private_address = false;  ///< Odoo usually stands in the same network.
  size_t answer_bytes_max = 64 * 1024 * 1024;
};

/// FIELD_INVALID / FIELD_MISSING naming the setting; OK otherwise. Pure.
absl::Status CheckSettings(const OdooSettings& settings);

/// A connection that logs in at its first call. `http` and `clock` outlive it. Thread-safe.
std::shared_ptr<ports::Erp> MakeOdooErp(OdooSettings settings, ports::HttpClient& http,
                                        const base::Clock& clock);

}  // namespace kontor::odoo
