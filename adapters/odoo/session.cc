// SPDX-License-Identifier: Apache-2.0
// Connecting, calling, paging; see session.h.
#include "adapters/odoo/session.h"

#include <algorithm>
#include <utility>

#include "adapters/odoo/classify.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;

constexpr absl::Duration kLoginPause = absl::Minutes(1);
constexpr size_t kPageRows = 2000;
constexpr size_t kReadSlice = 500;

bool IsOdooOnline(std::string_view url) {
  std::string_view host = url;
  if (const size_t scheme = host.find("://"); scheme != std::string_view::npos) {
    host.remove_prefix(scheme + 3);
  }
  host = host.substr(0, host.find_first_of(":/"));
  return base::ToLower(host).ends_with(".odoo.com");
}

int InFlightMax(const OdooSettings& settings) {
  constexpr int kInFlightMax = 64;
  constexpr int kInFlightDefault = 4;
  if (settings.calls_in_flight_max > 0) return std::min(settings.calls_in_flight_max, kInFlightMax);
  return IsOdooOnline(settings.url) ? 1 : kInFlightDefault;
}

int PerSecondMax(const OdooSettings& settings) {
  if (settings.calls_per_second_max > 0) return settings.calls_per_second_max;
  return IsOdooOnline(settings.url) ? 1 : 0;
}

}  // namespace

Session::Session(Wire wire)
    : wire_(std::move(wire)),
      gate_(*wire_.clock, InFlightMax(wire_.settings), PerSecondMax(wire_.settings)) {}

absl::StatusOr<Link> Session::Connect(ports::Deadline deadline, bool fresh) {
  const std::lock_guard connecting(connect_mutex_);
  {
    const std::lock_guard lock(mutex_);
    if (!fresh && link_ != nullptr) return *link_;
    if (!fresh && wire_.clock->Now() < no_login_until_) return last_failure_;
  }
  KONTOR_RETURN_IF_ERROR(gate_.Enter(deadline));
  const GateLeave leave(gate_);
  const auto link = ChooseLink(wire_, deadline);
  const std::lock_guard lock(mutex_);
  if (!link.ok()) {
    link_ = nullptr;
    last_failure_ = WithOutcome(link.status(), Outcome::kNotApplied);
    if (base::Is(link.status(), Reason::kOdooLoginFailed)) {
      no_login_until_ = wire_.clock->Now() + kLoginPause;
    }
    return last_failure_;
  }
  link_ = std::make_shared<const Link>(*link);
  no_login_until_ = absl::InfinitePast();
  return *link;
}

absl::StatusOr<Json> Session::Call(const Link& link, const RpcCall& call,
                                   ports::Deadline deadline) {
  KONTOR_RETURN_IF_ERROR(gate_.Enter(deadline));
  const GateLeave leave(gate_);
  absl::StatusOr<Json> answer = link.transport->Call(call, deadline);
  if (base::Is(answer.status(), Reason::kOdooLoginFailed)) {
    // A key that was withdrawn: the next call logs in anew, and then waits.
    const std::lock_guard lock(mutex_);
    link_ = nullptr;
    last_failure_ = answer.status();
    no_login_until_ = wire_.clock->Now() + kLoginPause;
  }
  return answer;
}

absl::StatusOr<Work> Work::Begin(Session& session, int64_t company_id, ports::Deadline deadline) {
  KONTOR_ASSIGN_OR_RETURN(Link link, session.Connect(deadline));
  return Work(session, std::move(link), company_id, deadline);
}

absl::StatusOr<Json> Work::Send(RpcCall call) {
  if (company_id_ > 0) call.context["allowed_company_ids"] = Json::array({company_id_});
  return session_->Call(link_, call, deadline_);
}

absl::StatusOr<Json> Work::Read(RpcCall call) {
  // A reading changes nothing: one whose answer was lost is made again at once. A step reads many
  // times, and on a bad line hardly one would come through if each reading had a single try.
  constexpr int kTriesMax = 3;
  absl::StatusOr<Json> answer = Send(call);
  for (int tries = 1; tries < kTriesMax && base::Is(answer.status(), Reason::kOdooAnswerLost) &&
                      session_->wire().clock->Now() < deadline_;
       ++tries) {
    answer = Send(call);
  }
  if (answer.ok()) return answer;
  const bool unknown = base::OutcomeOf(answer.status()) == Outcome::kUnknown;
  if (changed_) return WithOutcome(answer.status(), Outcome::kUnknown);
  return unknown ? WithOutcome(answer.status(), Outcome::kNotApplied) : answer.status();
}

absl::StatusOr<Json> Work::Change(RpcCall call) {
  absl::StatusOr<Json> answer = Send(std::move(call));
  if (answer.ok() || base::OutcomeOf(answer.status()) == Outcome::kUnknown) changed_ = true;
  return answer;
}

absl::Status Work::ChangeSilently(RpcCall call) {
  const absl::Status status = Change(std::move(call)).status();
  return IsNoneAnswer(status) ? absl::OkStatus() : status;
}

absl::StatusOr<std::vector<Json>> Work::SearchRead(const std::string& model, Json domain,
                                                   const std::vector<std::string>& fields,
                                                   const std::string& order, size_t rows_max,
                                                   Json context) {
  std::vector<Json> rows;
  while (rows.size() < rows_max) {
    const size_t limit = std::min(kPageRows, rows_max - rows.size());
    RpcCall call;
    call.model = model;
    call.method = "search_read";
    call.params = {{"domain", domain},
                   {"fields", fields},
                   {"order", order},
                   {"limit", static_cast<int64_t>(limit)},
                   {"offset", static_cast<int64_t>(rows.size())}};
    call.context = context;
    KONTOR_ASSIGN_OR_RETURN(Json page, Read(std::move(call)));
    if (!page.is_array()) {
      return Error(Reason::kOdooAnswerUnreadable)
          .Says(base::StrCat("search_read of ", model, " answered no list"))
          .Happened(changed_ ? Outcome::kUnknown : Outcome::kNotApplied);
    }
    for (Json& row : page) rows.push_back(std::move(row));
    if (page.size() < limit) break;
  }
  return rows;
}

absl::StatusOr<std::vector<Json>> Work::ReadRecords(const std::string& model,
                                                    const std::vector<int64_t>& ids,
                                                    const std::vector<std::string>& fields) {
  std::vector<Json> rows;
  for (size_t begin = 0; begin < ids.size(); begin += kReadSlice) {
    const size_t end = std::min(ids.size(), begin + kReadSlice);
    const std::vector<int64_t> slice(ids.begin() + static_cast<std::ptrdiff_t>(begin),
                                     ids.begin() + static_cast<std::ptrdiff_t>(end));
    // search_read by id rather than read: a record out of reach is missing, not an error.
    KONTOR_ASSIGN_OR_RETURN(
        std::vector<Json> page,
        SearchRead(model, Json::array({Json::array({"id", "in", slice})}), fields, "id", kReadSlice,
                   {{"active_test", false}}));
    for (Json& row : page) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace kontor::odoo
