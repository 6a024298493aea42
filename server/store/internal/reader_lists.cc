// SPDX-License-Identifier: Apache-2.0
// Lists, due queries and sums. Lists begin with the newest; a page's token is the last key shown,
// so rows that arrive meanwhile move nothing.
#include <algorithm>
#include <limits>
#include <utility>

#include "server/base/strings.h"
#include "server/store/internal/codec.h"
#include "server/store/internal/listing.h"
#include "server/store/internal/reader.h"

namespace kontor::store::internal {
namespace {

using base::Reason;
using base::StrAppend;
using base::StrCat;

/// Types and entities in one event filter.
constexpr size_t kFilterTermsMax = 100;
/// How much older than its place in the feed an event's time may be.
constexpr absl::Duration kClockSkewMax = absl::Hours(1);

/// `(type = :type0 or ...)` for the terms; prefixes end in `.*`. Names differ, since SQLite takes
/// two parameters of one name for one.
std::string TypeTerms(const std::vector<std::string>& types, std::vector<std::string>* keep) {
  std::string out;
  for (const std::string& type : types) {
    if (!out.empty()) out += " or ";
    if (type.ends_with(".*")) {
      // '/' follows '.' in byte order: everything that begins with the prefix and its point.
      StrAppend(&out, "(type >= :low", keep->size(), " and type < :high", keep->size(), ")");
      keep->push_back(type.substr(0, type.size() - 1));
      keep->push_back(StrCat(type.substr(0, type.size() - 2), "/"));
    } else {
      StrAppend(&out, "type = :type", keep->size());
      keep->push_back(type);
    }
  }
  return StrCat("(", out, ")");
}

}  // namespace

Reader::Paged<model::Operation> Reader::ListOperations(const ports::OperationFilter& filter,
                                                       const ports::Page& page) {
  KONTOR_ASSIGN_OR_RETURN(const std::string after, ReadPageToken("operations", page.after));
  Where where;
  where.AddIfGiven("document_id = :document", filter.document_id);
  where.AddIfGiven("correlation_id = :correlation", filter.correlation_id);
  where.AddIfGiven("entity = :entity", filter.entity);
  if (!filter.states.empty()) {
    const bool all_open = std::none_of(filter.states.begin(), filter.states.end(),
                                       [](auto state) { return model::IsTerminal(state); });
    // Lets the engine use the small index of open operations.
    if (all_open) where.AddPlain("open = 1");
    where.AddPlain(StrCat("state in (", Marks(filter.states.size()), ")"));
    for (const auto state : filter.states) where.Also(model::NameOf(state));
  }
  where.AddIfGiven("id < :after", after);
  const int limit = LimitOf(page);
  where.Also(limit);
  KONTOR_ASSIGN_OR_RETURN(
      auto rows, OperationsOf(session_.QueryWith(
                     StrCat("select ", kOperationColumns.names, " from operations", where.text(),
                            " order by id desc limit :limit"),
                     kOperationColumns.types, where.values())));
  return Pack(std::move(rows), limit, "operations", [](const auto& row) { return row.id; });
}

Reader::Paged<ports::DocumentRow> Reader::ListDocuments(const ports::DocumentFilter& filter,
                                                        const ports::Page& page) {
  KONTOR_ASSIGN_OR_RETURN(const std::string after, ReadPageToken("documents", page.after));
  std::string mark;
  const std::string from = filter.from ? filter.from->ToString() : "";
  const std::string to = filter.to ? filter.to->ToString() : "";
  Where where;
  if (!filter.lookup.empty()) {
    mark = LookupMark(crypto_, "documents.lookup", filter.lookup);
    where.AddPlain("d.lookup <> ''");
    where.Add("d.lookup_mark = :mark", MarkOf(mark));
    where.Add("d.lookup = :lookup", mark);
  }
  where.AddIfGiven("d.entity = :entity", filter.entity);
  if (filter.type) where.Add("d.type = :type", model::NameOf(*filter.type));
  // A literal, so that the partial index of posted documents fits.
  if (filter.state == "POSTED") {
    where.AddPlain("d.state = 'POSTED'");
  } else {
    where.AddIfGiven("d.state = :state", filter.state);
  }
  where.AddIfGiven("d.subtype = :subtype", filter.subtype);
  where.AddIfGiven("d.source = :source", filter.source);
  where.AddIfGiven("d.date >= :from", from);
  where.AddIfGiven("d.date <= :to", to);
  where.AddIfGiven("d.id < :after", after);
  const int limit = LimitOf(page);
  where.Also(limit);
  KONTOR_ASSIGN_OR_RETURN(
      Rows rows, session_.QueryWith(StrCat("select ", kDocumentColumns.names,
                                           " from documents d join document_contents c "
                                           "on c.id = d.id",
                                           where.text(), " order by d.id desc limit :limit"),
                                    kDocumentColumns.types, where.values()));
  std::vector<ports::DocumentRow> out;
  for (Row& row : rows) {
    KONTOR_ASSIGN_OR_RETURN(ports::DocumentRow document, DocumentOf(row));
    out.push_back(std::move(document));
  }
  return Pack(std::move(out), limit, "documents", [](const auto& row) { return row.id; });
}

Reader::Paged<model::ExceptionCase> Reader::ListExceptions(const ports::ExceptionFilter& filter,
                                                           const ports::Page& page) {
  KONTOR_ASSIGN_OR_RETURN(const std::string after, ReadPageToken("exceptions", page.after));
  Where where;
  where.AddIfGiven("operation_id = :operation", filter.operation_id);
  where.AddIfGiven("entity = :entity", filter.entity);
  if (filter.state) {
    if (*filter.state != model::ExceptionState::kResolved) where.AddPlain("state <> 'RESOLVED'");
    where.Add("state = :state", model::NameOf(*filter.state));
  }
  if (filter.technical) where.Add("technical = :technical", *filter.technical ? 1 : 0);
  where.AddIfGiven("id < :after", after);
  const int limit = LimitOf(page);
  where.Also(limit);
  KONTOR_ASSIGN_OR_RETURN(
      Rows rows, session_.QueryWith(StrCat("select ", kExceptionColumns.names, " from exceptions",
                                           where.text(), " order by id desc limit :limit"),
                                    kExceptionColumns.types, where.values()));
  std::vector<model::ExceptionCase> out;
  for (Row& row : rows) {
    KONTOR_ASSIGN_OR_RETURN(model::ExceptionCase exception, ExceptionOf(row));
    out.push_back(std::move(exception));
  }
  return Pack(std::move(out), limit, "exceptions", [](const auto& row) { return row.id; });
}

Reader::Many<model::Event> Reader::ListEvents(const ports::EventFilter& filter, int limit) {
  if (filter.types.size() + filter.entities.size() > kFilterTermsMax) {
    return base::Error(Reason::kTooLarge).Field("filter").Says("too many types and entities");
  }
  int64_t after = filter.after;
  if (filter.from) {
    // Sequences follow times but for the skew between nodes: begin a little earlier, then filter.
    KONTOR_ASSIGN_OR_RETURN(
        auto first, session_.QueryOne("select sequence from events where time_us >= :from "
                                      "order by time_us limit 1",
                                      "i", {ToMicros(*filter.from - kClockSkewMax)}));
    if (!first) return std::vector<model::Event>();
    after = std::max(after, first->Int(0) - 1);
  }
  std::vector<std::string> types;
  Where where;
  where.Add("sequence > :after", after);
  where.AddIfGiven("subject = :subject", filter.subject);
  if (!filter.types.empty()) {
    where.AddPlain(TypeTerms(filter.types, &types));
    for (const std::string& type : types) where.Also(type);
  }
  if (!filter.entities.empty()) {
    where.AddPlain(StrCat("entity in (", Marks(filter.entities.size()), ")"));
    for (const std::string& entity : filter.entities) where.Also(entity);
  }
  if (filter.from) where.Add("time_us >= :from", ToMicros(*filter.from));
  if (filter.to) where.Add("time_us <= :to", ToMicros(*filter.to));
  where.Also(Capped(limit));
  KONTOR_ASSIGN_OR_RETURN(
      Rows rows, session_.QueryWith(StrCat("select ", kEventColumns.names, " from events",
                                           where.text(), " order by sequence limit :limit"),
                                    kEventColumns.types, where.values()));
  std::vector<model::Event> out;
  for (Row& row : rows) {
    KONTOR_ASSIGN_OR_RETURN(model::Event event, EventOf(row));
    out.push_back(std::move(event));
  }
  return out;
}

Reader::Many<ports::AuditEntry> Reader::ListAudit(int64_t after, int limit) {
  KONTOR_ASSIGN_OR_RETURN(
      Rows rows, session_.Query(StrCat("select ", kAuditColumns.names,
                                       " from audit where sequence > :after order by sequence "
                                       "limit :limit"),
                                kAuditColumns.types, {after, Capped(limit)}));
  std::vector<ports::AuditEntry> out;
  out.reserve(rows.size());
  for (Row& row : rows) out.push_back(AuditOf(row));
  return out;
}

Reader::Paged<ports::DeliveryRow> Reader::ListDeliveries(
    const std::string& endpoint_id, const std::vector<ports::DeliveryState>& states,
    const ports::Page& page) {
  KONTOR_ASSIGN_OR_RETURN(const std::string after, ReadPageToken("deliveries", page.after));
  Where where;
  where.Add("d.endpoint_id = :endpoint", endpoint_id);
  if (!states.empty()) {
    const bool all_open = std::all_of(states.begin(), states.end(), [](auto state) {
      return state == ports::DeliveryState::kPending || state == ports::DeliveryState::kParked;
    });
    if (all_open) where.AddPlain("d.open = 1");
    where.AddPlain(StrCat("d.state in (", Marks(states.size()), ")"));
    for (const auto state : states) where.Also(NameOf(state));
  }
  where.AddIfGiven("d.id < :after", after);
  const int limit = LimitOf(page);
  where.Also(limit);
  KONTOR_ASSIGN_OR_RETURN(
      Rows rows, session_.QueryWith(StrCat("select ", kDeliveryColumns.names, " from deliveries d",
                                           where.text(), " order by d.id desc limit :limit"),
                                    kDeliveryColumns.types, where.values()));
  std::vector<ports::DeliveryRow> out;
  for (Row& row : rows) {
    KONTOR_ASSIGN_OR_RETURN(ports::DeliveryRow delivery, DeliveryOf(row));
    out.push_back(std::move(delivery));
  }
  return Pack(std::move(out), limit, "deliveries", [](const auto& row) { return row.id; });
}

Reader::Many<std::string> Reader::DueLanes(absl::Time now, int limit) {
  // Jumps from lane to lane along the index, so that a long queue in one costs nothing.
  constexpr std::string_view kSql = R"(
    with recursive lanes(lane) as (
      select min(lane) from operations where due = 1
      union all
      select (select min(o.lane) from operations o where o.due = 1 and o.lane > lanes.lane)
      from lanes where lanes.lane is not null)
    select lane from lanes where lane is not null and exists (
      select 1 from operations o
      where o.due = 1 and o.lane = lanes.lane and o.next_attempt_us <= :now)
    limit :limit)";
  KONTOR_ASSIGN_OR_RETURN(Rows rows, session_.Query(kSql, "t", {ToMicros(now), Capped(limit)}));
  std::vector<std::string> out;
  for (Row& row : rows) out.push_back(row.Take(0));
  return out;
}

Reader::Many<model::Operation> Reader::DueOperations(const std::string& lane, absl::Time now,
                                                     int limit) {
  return OperationsOf(session_.Query(
      StrCat("select ", kOperationColumns.names,
             " from operations where due = 1 and lane = :lane and next_attempt_us <= :now "
             "order by id limit :limit"),
      kOperationColumns.types, {lane, ToMicros(now), Capped(limit)}));
}

Reader::Many<model::Operation> Reader::OperationsInState(model::OperationState state,
                                                         absl::Time now, int limit) {
  if (model::IsTerminal(state)) {
    return base::Error(Reason::kFieldInvalid)
        .Field("state")
        .Says("finished operations are not looked for one by one");
  }
  return OperationsOf(session_.Query(
      StrCat("select ", kOperationColumns.names,
             " from operations where open = 1 and state = :state and next_attempt_us <= :now "
             "order by id limit :limit"),
      kOperationColumns.types, {model::NameOf(state), ToMicros(now), Capped(limit)}));
}

Reader::Many<model::Operation> Reader::DependentsOf(const std::string& operation_id, int limit) {
  KONTOR_ASSIGN_OR_RETURN(
      auto found, OperationsOf(session_.Query(
                      StrCat("select ", kOperationColumns.names,
                             " from operations where id in (select operation_id from "
                             "operation_dependencies where depends_on = :id) "
                             "order by id limit :limit"),
                      kOperationColumns.types, {operation_id, Capped(limit)})));
  // The table only grows; the operation itself says whether it still depends.
  std::erase_if(found, [&](const model::Operation& operation) {
    return std::find(operation.depends_on.begin(), operation.depends_on.end(), operation_id) ==
           operation.depends_on.end();
  });
  return found;
}

Reader::Many<ports::DeliveryRow> Reader::DueDeliveries(const std::string& endpoint_id,
                                                       absl::Time now, int limit) {
  KONTOR_ASSIGN_OR_RETURN(
      Rows rows, session_.Query(StrCat("select ", kDeliveryColumns.names,
                                       " from deliveries d where d.first = 1 "
                                       "and d.state = 'PENDING' and d.endpoint_id = :endpoint "
                                       "and d.next_attempt_us <= :now "
                                       "order by d.next_attempt_us, d.event_sequence limit :limit"),
                                kDeliveryColumns.types,
                                {endpoint_id, ToMicros(now), Capped(limit)}));
  std::vector<ports::DeliveryRow> out;
  for (Row& row : rows) {
    KONTOR_ASSIGN_OR_RETURN(ports::DeliveryRow delivery, DeliveryOf(row));
    out.push_back(std::move(delivery));
  }
  return out;
}

absl::StatusOr<std::map<std::string, int64_t>> Reader::CountOpenOperations() {
  KONTOR_ASSIGN_OR_RETURN(
      Rows rows, session_.Query("select state, count(*) from operations where open = 1 "
                                "group by state",
                                "ti"));
  std::map<std::string, int64_t> out;
  for (Row& row : rows) out[row.Text(0)] = row.Int(1);
  return out;
}

Reader::Many<ports::DayTotal> Reader::ControlTotals(const std::string& entity,
                                                    const model::Date& from,
                                                    const model::Date& to) {
  // sum() of 64-bit integers is `numeric` on PostgreSQL, whose text form is whole digits.
  constexpr std::string_view kSql = R"(
    select journal_code, currency_code, date, count(*), cast(sum(total_minor) as bigint)
    from documents where state = 'POSTED' and entity = :entity and date >= :from and date <= :to
    group by date, journal_code, currency_code order by date, journal_code, currency_code)";
  KONTOR_ASSIGN_OR_RETURN(
      Rows rows, session_.Query(kSql, "tttii", {entity, from.ToString(), to.ToString()}));
  std::vector<ports::DayTotal> out;
  for (Row& row : rows) {
    ports::DayTotal total;
    total.entity = entity;
    total.journal_code = row.Take(0);
    total.currency_code = row.Take(1);
    KONTOR_ASSIGN_OR_RETURN(total.date, model::Date::Parse(row.Text(2)));
    total.count = row.Int(3);
    total.total_minor = row.Int(4);
    out.push_back(std::move(total));
  }
  return out;
}

}  // namespace kontor::store::internal
