// SPDX-License-Identifier: Apache-2.0
// What the transports share: addresses, time-outs and the settings behind them.
#include <algorithm>
#include <utility>

#include "adapters/odoo/classify.h"
#include "adapters/odoo/transport.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {

using base::Error;
using base::Outcome;
using base::Reason;

absl::Status CheckSettings(const OdooSettings& settings) {
  if (settings.url.empty()) return Error(Reason::kFieldMissing).Field("url");
  if (!settings.url.starts_with("http://") && !settings.url.starts_with("https://")) {
    return Error(Reason::kFieldInvalid).Field("url").Says("it must begin with http:// or https://");
  }
  if (settings.database.empty()) return Error(Reason::kFieldMissing).Field("database");
  if (settings.login.empty()) return Error(Reason::kFieldMissing).Field("login");
  if (settings.api_key.empty()) return Error(Reason::kFieldMissing).Field("api_key");
  if (settings.transport != "" && settings.transport != "json2" &&
      settings.transport != "jsonrpc" && settings.transport != "xmlrpc") {
    return Error(Reason::kFieldInvalid)
        .Field("transport")
        .Says("it is json2, jsonrpc, xmlrpc or empty");
  }
  return absl::OkStatus();
}

ports::HttpResponse Wire::Send(ports::HttpRequest request, std::string_view path,
                               ports::Deadline deadline) const {
  const absl::Duration left = deadline - clock->Now();
  ports::HttpResponse response;
  if (left <= absl::ZeroDuration()) {
    response.status = Error(Reason::kDeadlineExceeded)
                          .Says("no time was left before the call")
                          .Happened(Outcome::kNotApplied);
    return response;
  }
  std::string_view url = settings.url;
  while (url.ends_with('/')) url.remove_suffix(1);
  request.url = base::StrCat(url, path);
  request.total_timeout = std::min(left, settings.call_timeout);
  request.connect_timeout = std::min(request.total_timeout, settings.connect_timeout);
  request.response_bytes_max = settings.answer_bytes_max;
  request.guard_address = !settings.allow_private_address;
  request.ca_file = settings.ca_file;
  return http->SendAndWait(std::move(request));
}

absl::StatusOr<Json> WebVersion(const Wire& wire, ports::Deadline deadline) {
  ports::HttpRequest request;
  request.method = "GET";
  const ports::HttpResponse response = wire.Send(std::move(request), "/web/version", deadline);
  constexpr int kHttpOk = 200;
  if (!response.status.ok() || response.http_status != kHttpOk) return StatusOfHttp(response);
  return ParseJson(response.body);
}

}  // namespace kontor::odoo
