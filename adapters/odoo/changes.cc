// SPDX-License-Identifier: Apache-2.0
// Odoo stores microseconds and shows seconds: a page that ends within a second is cut at the second
// before, and a second with more records than a page is read by id. So nothing is skipped.
#include "adapters/odoo/changes.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "adapters/odoo/sheet.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using ports::ChangeCursor;
using ports::ChangePage;
using ports::ErpSnapshot;

constexpr std::string_view kEntryMark = "_account_move";
constexpr char kOdooTime[] = "%Y-%m-%d %H:%M:%S";

absl::StatusOr<std::string> NextSecond(const std::string& write_date) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(kOdooTime, write_date, absl::UTCTimeZone(), &time, &error)) {
    return base::Error(base::Reason::kFieldInvalid)
        .Field("after.write_date")
        .Says("it is YYYY-MM-DD HH:MM:SS")
        .Happened(base::Outcome::kNotApplied);
  }
  return absl::FormatTime(kOdooTime, time + absl::Seconds(1), absl::UTCTimeZone());
}

struct RowPage {
  std::vector<Json> rows;
  bool more = false;
};

/// One model's rows after (write_date, id), at most `limit`.
class ModelReader {
 public:
  ModelReader(Work& work, std::string model, std::vector<std::string> fields, size_t limit)
      : work_(work), model_(std::move(model)), fields_(std::move(fields)), limit_(limit) {}

  absl::StatusOr<RowPage> After(const std::string& write_date, int64_t id) {
    RowPage page;
    std::string from = write_date;
    if (!from.empty() && id > 0) {
      KONTOR_ASSIGN_OR_RETURN(page, Second(from, id, limit_));
      if (page.more) return page;
      KONTOR_ASSIGN_OR_RETURN(from, NextSecond(from));
    }
    const size_t left = limit_ - page.rows.size();
    if (left == 0) {
      page.more = true;
      return page;
    }
    KONTOR_ASSIGN_OR_RETURN(RowPage rest, From(from, left));
    for (Json& row : rest.rows) page.rows.push_back(std::move(row));
    page.more = rest.more;
    return page;
  }

 private:
  absl::StatusOr<std::vector<Json>> Search(Json domain, const std::string& order, size_t limit) {
    domain.push_back(Term("company_id", "=", work_.company_id()));
    return work_.SearchRead(model_, std::move(domain), fields_, order, limit);
  }

  /// The records of one second with a greater id.
  absl::StatusOr<RowPage> Second(const std::string& second, int64_t id, size_t limit) {
    KONTOR_ASSIGN_OR_RETURN(const std::string next, NextSecond(second));
    RowPage page;
    KONTOR_ASSIGN_OR_RETURN(
        page.rows, Search(Json::array({Term("write_date", ">=", second),
                                       Term("write_date", "<", next), Term("id", ">", id)}),
                          "id", limit));
    page.more = page.rows.size() == limit;
    return page;
  }

  absl::StatusOr<RowPage> From(const std::string& from, size_t limit) {
    Json domain = Json::array();
    if (!from.empty()) domain.push_back(Term("write_date", ">=", from));
    RowPage page;
    KONTOR_ASSIGN_OR_RETURN(page.rows, Search(std::move(domain), "write_date, id", limit));
    if (page.rows.size() < limit) return page;
    const std::string last = TextOf(page.rows.back(), "write_date");
    std::erase_if(page.rows,
                  [&last](const Json& row) { return TextOf(row, "write_date") == last; });
    if (page.rows.empty()) return Second(last, 0, limit);
    page.more = true;
    return page;
  }

  Work& work_;
  const std::string model_;
  const std::vector<std::string> fields_;
  const size_t limit_;
};

int64_t OrderOf(const ErpSnapshot& snapshot) {
  return snapshot.record.id * 2 + (snapshot.record.model == "account.payment" ? 1 : 0);
}

bool ComesBefore(const ErpSnapshot& a, const ErpSnapshot& b) {
  return std::pair(a.write_date, OrderOf(a)) < std::pair(b.write_date, OrderOf(b));
}

}  // namespace

absl::Status FillExternalIds(Work& work, const std::string& model, const std::vector<int64_t>& ids,
                             std::map<int64_t, std::string>& out) {
  if (ids.empty()) return absl::OkStatus();
  RpcCall call;
  call.model = model;
  call.method = "get_metadata";
  call.ids = ids;
  KONTOR_ASSIGN_OR_RETURN(const Json rows, work.Read(std::move(call)));
  const std::string prefix = base::StrCat(kModule, ".");
  for (const Json& row : rows) {
    if (!row.is_object() || !row.contains("xmlids")) continue;
    for (const Json& xmlid : row["xmlids"]) {
      const std::string name = TextOf(xmlid, "xmlid");
      if (name.starts_with(prefix)) out[IntOf(row, "id")] = name.substr(prefix.size());
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ChangePage> ReadChangedRecords(Work& work, JournalCodes& journals,
                                              const ChangeCursor& after, int limit) {
  constexpr int kLimitMax = 1000;
  const auto wanted = static_cast<size_t>(std::clamp(limit, 1, kLimitMax));
  ModelReader move_reader(work, "account.move", MoveFields(), wanted);
  // 2 id > cursor, and 2 id + 1 > cursor, in whole numbers.
  KONTOR_ASSIGN_OR_RETURN(RowPage moves, move_reader.After(after.write_date, after.id / 2));
  ModelReader payment_reader(work, "account.payment", PaymentFields(work.dialect()), wanted);
  const int64_t payment_id = after.id > 0 ? (after.id - 1) / 2 : 0;
  KONTOR_ASSIGN_OR_RETURN(RowPage payments, payment_reader.After(after.write_date, payment_id));
  KONTOR_ASSIGN_OR_RETURN(auto move_snapshots, MoveSnapshots(work, journals, moves.rows));
  KONTOR_ASSIGN_OR_RETURN(auto payment_snapshots, PaymentSnapshots(work, journals, payments.rows));
  ChangePage page;
  std::ranges::sort(move_snapshots, ComesBefore);
  std::ranges::sort(payment_snapshots, ComesBefore);
  // What lies beyond the end of a reading that stopped early may not be passed over.
  size_t m = 0;
  size_t p = 0;
  while (page.snapshots.size() < wanted) {
    const bool moves_end = m == move_snapshots.size();
    const bool payments_end = p == payment_snapshots.size();
    if ((moves_end && moves.more) || (payments_end && payments.more) ||
        (moves_end && payments_end)) {
      break;
    }
    const bool take_move =
        payments_end || (!moves_end && ComesBefore(move_snapshots[m], payment_snapshots[p]));
    page.snapshots.push_back(take_move ? std::move(move_snapshots[m++])
                                       : std::move(payment_snapshots[p++]));
  }
  page.more = moves.more || payments.more || m < move_snapshots.size() ||
              p < payment_snapshots.size();
  page.next = after;
  if (!page.snapshots.empty()) {
    page.next = {page.snapshots.back().write_date, OrderOf(page.snapshots.back())};
  }
  return page;
}

absl::StatusOr<ChangePage> ReadMovesOfPeriod(Work& work, JournalCodes& journals,
                                             const model::Date& from, const model::Date& to,
                                             int64_t after_id, int limit) {
  constexpr int kLimitMax = 2000;
  const auto wanted = static_cast<size_t>(std::clamp(limit, 1, kLimitMax));
  KONTOR_ASSIGN_OR_RETURN(
      const auto rows,
      work.SearchRead("account.move",
                      Json::array({Term("company_id", "=", work.company_id()),
                                   Term("date", ">=", from.ToString()),
                                   Term("date", "<=", to.ToString()), Term("id", ">", after_id)}),
                      MoveFields(), "id", wanted));
  ChangePage page;
  KONTOR_ASSIGN_OR_RETURN(page.snapshots, MoveSnapshots(work, journals, rows));
  std::vector<int64_t> ids;
  for (const ErpSnapshot& snapshot : page.snapshots) ids.push_back(snapshot.record.id);
  std::map<int64_t, std::string> of_moves;
  KONTOR_RETURN_IF_ERROR(FillExternalIds(work, "account.move", ids, of_moves));
  // Odoo names the entry beneath a statement line, and on 17 beneath a payment, after that record.
  std::erase_if(of_moves, [](const auto& named) { return named.second.ends_with(kEntryMark); });
  KONTOR_ASSIGN_OR_RETURN(
      const auto payments,
      work.SearchRead("account.payment", Json::array({Term("move_id", "in", ids)}), {"move_id"}));
  std::vector<int64_t> payment_ids;
  for (const Json& payment : payments) payment_ids.push_back(IntOf(payment, "id"));
  std::map<int64_t, std::string> of_payments;
  KONTOR_RETURN_IF_ERROR(FillExternalIds(work, "account.payment", payment_ids, of_payments));
  for (const Json& payment : payments) {
    const auto it = of_payments.find(IntOf(payment, "id"));
    if (it != of_payments.end()) of_moves[LinkIdOf(payment, "move_id")] = it->second;
  }
  for (ErpSnapshot& snapshot : page.snapshots) {
    if (const auto it = of_moves.find(snapshot.record.id); it != of_moves.end()) {
      snapshot.external_id = it->second;
    }
  }
  page.more = page.snapshots.size() == wanted;
  page.next.id = page.snapshots.empty() ? after_id : page.snapshots.back().record.id;
  return page;
}

}  // namespace kontor::odoo
