// SPDX-License-Identifier: Apache-2.0
// A logged-in connection: the transport and dialect chosen by probing, the gate, and the rule that
// a failed reading leaves nothing unknown. No accounting here.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "adapters/odoo/dialect.h"
#include "adapters/odoo/gate.h"
#include "adapters/odoo/transport.h"

namespace kontor::odoo {

/// What probing found.
struct Link {
  std::shared_ptr<Transport> transport;
  const Dialect* dialect = nullptr;
  std::string server_version;
};

/// Asks for the version without a login, then logs in over the best transport (or the forced one):
/// JSON-2 where the series has it and takes the key, else JSON-RPC, else XML-RPC.
/// Errors, all not applied: ODOO_UNREACHABLE, ODOO_ANSWER_UNREADABLE, ODOO_SERIES_UNSUPPORTED,
/// ODOO_LOGIN_FAILED.
absl::StatusOr<Link> ChooseLink(const Wire& wire, ports::Deadline deadline);

/// Thread-safe.
class Session {
 public:
  explicit Session(Wire wire);

  /// The link, made at the first use or when `fresh`. After a refused login none is tried for a
  /// minute unless `fresh`: Odoo locks an address out after a few.
  absl::StatusOr<Link> Connect(ports::Deadline deadline, bool fresh = false);
  /// One call through the gate.
  absl::StatusOr<Json> Call(const Link& link, const RpcCall& call, ports::Deadline deadline);

  const Wire& wire() const { return wire_; }

 private:
  const Wire wire_;
  Gate gate_;
  std::mutex connect_mutex_;  ///< Held while logging in, so that one thread does it.
  std::mutex mutex_;
  std::shared_ptr<const Link> link_;
  absl::Status last_failure_;
  absl::Time no_login_until_ = absl::InfinitePast();
};

/// The calls of one Erp method, in order. Knows whether something was changed already, and so what
/// a failed reading means. Not thread-safe; lives for one method.
class Work {
 public:
  /// Connects. `company_id` 0: no company in the context.
  static absl::StatusOr<Work> Begin(Session& session, int64_t company_id,
                                    ports::Deadline deadline);

  /// A call that changes nothing, made up to three times when its answer is lost; its failure says
  /// "not applied" unless something was changed.
  absl::StatusOr<Json> Read(RpcCall call);
  /// A call that may change something; its failure says what the transport knows.
  absl::StatusOr<Json> Change(RpcCall call);
  /// Change for a method that returns nothing: XML-RPC's None fault counts as done, and the caller
  /// reads the state afterwards.
  absl::Status ChangeSilently(RpcCall call);

  /// search_read, ordered by `order`, paged until exhausted or `rows_max` rows are there.
  absl::StatusOr<std::vector<Json>> SearchRead(const std::string& model, Json domain,
                                               const std::vector<std::string>& fields,
                                               const std::string& order = "id",
                                               size_t rows_max = 100000,
                                               Json context = Json::object());
  /// read of the ids that exist, as Odoo orders them; in slices.
  absl::StatusOr<std::vector<Json>> ReadRecords(const std::string& model,
                                                const std::vector<int64_t>& ids,
                                                const std::vector<std::string>& fields);

  const Dialect& dialect() const { return *link_.dialect; }
  const Link& link() const { return link_; }
  int64_t company_id() const { return company_id_; }
  bool changed() const { return changed_; }

 private:
  Work(Session& session, Link link, int64_t company_id, ports::Deadline deadline)
      : session_(&session), link_(std::move(link)), company_id_(company_id), deadline_(deadline) {}
  absl::StatusOr<Json> Send(RpcCall call);

  Session* session_;
  Link link_;
  int64_t company_id_;
  ports::Deadline deadline_;
  bool changed_ = false;
};

}  // namespace kontor::odoo
