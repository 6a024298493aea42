// SPDX-License-Identifier: Apache-2.0
// One call of a model's method, whatever the wire. Implementations marshal, send and classify; they
// know no accounting.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "adapters/odoo/odoo_erp.h"
#include "adapters/odoo/value.h"
#include "server/base/clock.h"
#include "server/ports/erp.h"
#include "server/ports/http_client.h"

namespace kontor::odoo {

struct RpcCall {
  std::string model;
  std::string method;
  std::optional<std::vector<int64_t>> ids;  ///< The recordset; none: a method of the model itself.
  Json params = Json::object();             ///< By name: JSON-2 takes nothing else.
  Json context = Json::object();
};

/// A method of these records. Pure.
inline RpcCall MethodCall(std::string model, std::string_view method, std::vector<int64_t> ids) {
  RpcCall call;
  call.model = std::move(model);
  call.method = std::string(method);
  call.ids = std::move(ids);
  return call;
}

/// Thread-safe.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual std::string_view name() const = 0;
  /// Logs in where the wire needs it. ODOO_LOGIN_FAILED, or as Call.
  virtual absl::Status LogIn(ports::Deadline deadline) = 0;
  /// The method's result; null for one that returns nothing. A failed status carries what is known
  /// of the outcome (classify.h). Blocks until `deadline` at the latest; a deadline in the past is
  /// not applied.
  virtual absl::StatusOr<Json> Call(const RpcCall& call, ports::Deadline deadline) = 0;
};

/// What the three share: where to send and through what.
struct Wire {
  OdooSettings settings;
  ports::HttpClient* http = nullptr;
  const base::Clock* clock = nullptr;

  /// One request to `path` below the connection's address, bounded by the settings and the
  /// deadline; not applied when the deadline is in the past.
  ports::HttpResponse Send(ports::HttpRequest request, std::string_view path,
                           ports::Deadline deadline) const;
};

std::shared_ptr<Transport> MakeJson2Transport(Wire wire);
std::shared_ptr<Transport> MakeJsonRpcTransport(Wire wire);
std::shared_ptr<Transport> MakeXmlRpcTransport(Wire wire);

/// `common.version` of JSON-RPC and XML-RPC: needs no login.
absl::StatusOr<Json> JsonRpcVersion(const Wire& wire, ports::Deadline deadline);
absl::StatusOr<Json> XmlRpcVersion(const Wire& wire, ports::Deadline deadline);
/// `GET /web/version` of 19: {"version": "19.0", …}.
absl::StatusOr<Json> WebVersion(const Wire& wire, ports::Deadline deadline);

}  // namespace kontor::odoo
