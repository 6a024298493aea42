// SPDX-License-Identifier: Apache-2.0
// The HTTP port: Connect's unary JSON form of every method, probes, metrics and what webhooks'
// receivers fetch. Routes only; the listener is net's, the work is the pipeline's.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "server/api/pipeline.h"
#include "server/net/http_listener.h"

namespace kontor::api {

struct GatewayParts {
  Pipeline& pipeline;
  std::function<absl::Status()> ready;        ///< OK when calls can be served.
  std::function<std::string()> metrics_text;  ///< Prometheus text format.
  /// Further GET paths, exact, with body and content type: JWKS, schemas.
  std::map<std::string, std::function<net::HttpServerResponse()>> pages;
  /// What comes in under /hooks/; must not block. Empty: there is no such path.
  net::HttpHandler hooks = {};
};

/// Runs on network threads and blocks nowhere.
net::HttpHandler MakeGateway(GatewayParts parts);

}  // namespace kontor::api
