// SPDX-License-Identifier: Apache-2.0
// Chooses the transport and dialect of a connection (DESIGN, "chosen by probing").
#include <utility>

#include "adapters/odoo/classify.h"
#include "adapters/odoo/session.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;

struct Version {
  std::string series;
  std::string text;
};

/// "18.0" of {"server_serie": "18.0", …}; "19.0" of /web/version's {"version": "19.0+e", …}.
Version VersionOf(const Json& answer) {
  Version version{TextOf(answer, "server_serie"), TextOf(answer, "server_version")};
  if (version.text.empty()) version.text = TextOf(answer, "version");
  if (version.series.empty()) version.series = version.text.substr(0, version.text.find('+'));
  return version;
}

/// Asks in the order that disturbs least: each way exists on some servers only.
absl::StatusOr<Version> AskVersion(const Wire& wire, ports::Deadline deadline) {
  using Asker = absl::StatusOr<Json> (*)(const Wire&, ports::Deadline);
  const std::string& forced = wire.settings.transport;
  std::vector<Asker> askers;
  if (forced == "json2") {
    askers = {&WebVersion, &JsonRpcVersion};
  } else if (forced == "xmlrpc") {
    askers = {&XmlRpcVersion};
  } else if (forced == "jsonrpc") {
    askers = {&JsonRpcVersion};
  } else {
    askers = {&JsonRpcVersion, &WebVersion, &XmlRpcVersion};
  }
  absl::Status failure;
  for (const Asker asker : askers) {
    const absl::StatusOr<Json> answer = asker(wire, deadline);
    if (answer.ok() && answer->is_object()) return VersionOf(*answer);
    if (failure.ok()) failure = answer.status();
    if (base::Is(failure, Reason::kOdooUnreachable)) break;
  }
  if (failure.ok()) failure = Error(Reason::kOdooAnswerUnreadable).Says("no version was answered");
  return WithOutcome(failure, Outcome::kNotApplied);
}

/// JSON-2 hides a database it does not know behind a page in HTML.
absl::Status Json2Failure(const absl::Status& status) {
  const base::ErrorInfo info = base::InfoOf(status);
  const auto http_status = info.metadata.find("http_status");
  if (http_status != info.metadata.end() && http_status->second == "404") {
    return Error(Reason::kOdooLoginFailed)
        .Says("Odoo does not serve this database over JSON-2")
        .Happened(Outcome::kNotApplied);
  }
  return WithOutcome(status, Outcome::kNotApplied);
}

}  // namespace

absl::StatusOr<Link> ChooseLink(const Wire& wire, ports::Deadline deadline) {
  KONTOR_ASSIGN_OR_RETURN(const Version version, AskVersion(wire, deadline));
  Link link;
  link.dialect = FindDialect(version.series);
  link.server_version = version.text;
  if (link.dialect == nullptr) {
    return Error(Reason::kOdooSeriesUnsupported)
        .Says(base::StrCat("the server is ", Presentable(version.text)))
        .Happened(Outcome::kNotApplied);
  }
  const std::string& forced = wire.settings.transport;
  if (forced == "json2" && !link.dialect->has_json2) {
    return Error(Reason::kOdooSeriesUnsupported)
        .Says(base::StrCat("Odoo ", version.series, " has no JSON-2"))
        .Happened(Outcome::kNotApplied);
  }
  std::vector<std::shared_ptr<Transport>> candidates;
  if (forced == "json2" || (forced.empty() && link.dialect->has_json2)) {
    candidates.push_back(MakeJson2Transport(wire));
  }
  if (forced == "jsonrpc" || forced.empty()) candidates.push_back(MakeJsonRpcTransport(wire));
  if (forced == "xmlrpc" || forced.empty()) candidates.push_back(MakeXmlRpcTransport(wire));
  absl::Status failure;
  for (const auto& candidate : candidates) {
    failure = candidate->LogIn(deadline);
    if (failure.ok()) {
      link.transport = candidate;
      return link;
    }
    const bool json2 = candidate->name() == "json2";
    if (json2) failure = Json2Failure(failure);
    // Another way may work where this one does not exist or, JSON-2, does not take a password; a
    // login that JSON-RPC refused is not tried again.
    const bool wrong_login = base::Is(failure, Reason::kOdooLoginFailed) && !json2;
    if (wrong_login || base::Is(failure, Reason::kOdooUnreachable)) break;
  }
  return WithOutcome(failure, Outcome::kNotApplied);
}

}  // namespace kontor::odoo
