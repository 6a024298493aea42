// SPDX-License-Identifier: Apache-2.0
// A closed loop of HTTP requests over connections that stay open, as many at once, with libcurl's
// multi interface.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace kontor::bench {

struct HttpItem {
  std::vector<std::string> headers;  ///< "Name: value".
  std::string body;
};

struct HttpLoad {
  std::string url;
  int in_flight = 64;
  int64_t gets = 0;             ///< How many GETs, when there are no items.
  std::vector<HttpItem> items;  ///< Each sent once.
  std::string method = "POST";  ///< Of the items.
};

/// Requests a second, from the first to the last answer. An error of the first that is not answered
/// with 200. Blocks.
absl::StatusOr<double> HttpRate(const HttpLoad& load);

}  // namespace kontor::bench
