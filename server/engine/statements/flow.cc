// SPDX-License-Identifier: Apache-2.0
#include "server/engine/statements/internal/flow.h"

#include <array>
#include <tuple>
#include <utility>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/statements/internal/account.h"
#include "server/engine/statements/internal/json.h"

namespace kontor::statements {

using nlohmann::json;

namespace {

constexpr std::array<std::string_view, 5> kFileStates = {"RECEIVED", "READ", "ROUTED", "FAILED",
                                                         "DISCARDED"};
constexpr std::array<std::string_view, 6> kStates = {"IMPORTING", "IMPORTED", "POSTED",
                                                     "VIEWED",    "REFUSED",  "SUPERSEDED"};
constexpr std::array<std::string_view, 8> kStandings = {
    "FIRST", "NEXT", "AFTER_GAP", "FILLS_GAP", "EARLIER", "OVERLAP", "REISSUED", "UNORDERED"};

template <typename Enum, size_t size>
std::optional<Enum> Parse(const std::array<std::string_view, size>& names, std::string_view name) {
  for (size_t i = 0; i < size; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

absl::Status Unreadable(std::string_view what) {
  return base::Error(base::Reason::kInternal).Says(base::StrCat(what, " is unreadable"));
}

template <typename Value>
absl::StatusOr<Value> Read(const std::string& text, std::string_view what) {
  try {
    return json::parse(text).get<Value>();
  } catch (const std::exception&) {
    return Unreadable(what);
  }
}

}  // namespace

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(FileBody, channel, name, sha256, bytes, blob_id, csv_mapping,
                                   request_id, actor, correlation_id, format, statement_ids,
                                   statement_count, repeated_count, attempts, findings,
                                   exception_id)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(OpenedFile, blob_id, sha256, bytes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Balanced, type, amount, date, time)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Gap, before, had, had_date, found, found_date)

// Lines are many, and most of their members say nothing: those are left out. It halves what is
// written, sealed and read, and lets a line stay within its page of SQLite.

constexpr auto kPaymentMembers = std::tuple(
    std::pair("amount", &Payment::amount), std::pair("message_id", &Payment::message_id),
    std::pair("payment_information_id", &Payment::payment_information_id),
    std::pair("end_to_end_id", &Payment::end_to_end_id), std::pair("uetr", &Payment::uetr),
    std::pair("bank_reference", &Payment::bank_reference),
    std::pair("returned", &Payment::returned), std::pair("reason", &Payment::reason));
constexpr auto kLineMembers = std::tuple(
    std::pair("key", &Line::key), std::pair("external_id", &Line::external_id),
    std::pair("status", &Line::status), std::pair("amount", &Line::amount),
    std::pair("booking_date", &Line::booking_date), std::pair("value_date", &Line::value_date),
    std::pair("partner_name", &Line::partner_name),
    std::pair("account_number", &Line::account_number), std::pair("text", &Line::text),
    std::pair("code", &Line::code), std::pair("bank_reference", &Line::bank_reference),
    std::pair("end_to_end_id", &Line::end_to_end_id), std::pair("message_id", &Line::message_id),
    std::pair("payment_information_id", &Line::payment_information_id),
    std::pair("returned", &Line::returned), std::pair("payments", &Line::payments),
    std::pair("payment_count", &Line::payment_count),
    std::pair("payment_order_ids", &Line::payment_order_ids),
    std::pair("odoo_payments", &Line::odoo_payments), std::pair("account", &Line::account),
    std::pair("explanation", &Line::explanation), std::pair("odoo", &Line::odoo));

template <typename Member>
void WriteMember(json& out, const char* name, const Member& member, const Member& nothing) {
  if (member != nothing) out[name] = member;
}

template <typename Object, typename Members>
json WriteMembers(const Object& in, const Members& members) {
  static const Object kNothing;
  json out = json::object();
  std::apply(
      [&](const auto&... each) {
        (WriteMember(out, each.first, in.*each.second, kNothing.*each.second), ...);
      },
      members);
  return out;
}

template <typename Member>
void ReadMember(const json& in, const char* name, Member& member) {
  const auto found = in.find(name);
  if (found != in.end()) found->get_to(member);
}

template <typename Object, typename Members>
void ReadMembers(const json& in, const Members& members, Object& out) {
  if (!in.is_object()) throw std::runtime_error("no object");
  std::apply([&](const auto&... each) { (ReadMember(in, each.first, out.*each.second), ...); },
             members);
}

void to_json(json& out, const Payment& in) { out = WriteMembers(in, kPaymentMembers); }
void from_json(const json& in, Payment& out) { ReadMembers(in, kPaymentMembers, out); }
void to_json(json& out, const Line& in) { out = WriteMembers(in, kLineMembers); }
void from_json(const json& in, Line& out) { ReadMembers(in, kLineMembers, out); }

void to_json(json& out, Standing standing) { out = std::string(NameOf(standing)); }
void from_json(const json& in, Standing& standing) {
  const auto parsed = ParseStanding(in.get<std::string>());
  if (!parsed) throw std::runtime_error("no standing");
  standing = *parsed;
}

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Body, file_id, index, account_id, account_name, account_number,
                                   currency, kind, format, bank_id, number, date, balances, verdict,
                                   basis, line_count, booked_count, credits, debits, difference,
                                   flipped, digest, standing, replaces, read_to, stored, repeated,
                                   matched, posted, matched_to, posted_to, new_sum, pending_sum,
                                   odoo, left_out, attempts, decisions, findings, exception_id,
                                   correlation_id)

namespace {

json Optional(const std::optional<model::Money>& money) {
  return money ? json(*money) : json();
}
std::optional<model::Money> Optional(const json& in) {
  if (in.is_null()) return std::nullopt;
  return in.get<model::Money>();
}

}  // namespace

void to_json(json& out, const AccountState& in) {
  out = {{"booked", Optional(in.booked)},     {"booked_date", in.booked_date},
         {"booked_statement", in.booked_statement}, {"booked_at", in.booked_at},
         {"first", Optional(in.first)},       {"first_date", in.first_date},
         {"intraday", Optional(in.intraday)}, {"intraday_date", in.intraday_date},
         {"intraday_time", in.intraday_time}, {"intraday_at", in.intraday_at},
         {"pending", in.pending},             {"gaps", in.gaps}};
}
void from_json(const json& in, AccountState& out) {
  out.booked = Optional(in.at("booked"));
  in.at("booked_date").get_to(out.booked_date);
  in.at("booked_statement").get_to(out.booked_statement);
  in.at("booked_at").get_to(out.booked_at);
  out.first = Optional(in.at("first"));
  in.at("first_date").get_to(out.first_date);
  out.intraday = Optional(in.at("intraday"));
  in.at("intraday_date").get_to(out.intraday_date);
  in.at("intraday_time").get_to(out.intraday_time);
  in.at("intraday_at").get_to(out.intraday_at);
  in.at("pending").get_to(out.pending);
  in.at("gaps").get_to(out.gaps);
}

std::string_view NameOf(FileState state) { return kFileStates[static_cast<size_t>(state)]; }
std::optional<FileState> ParseFileState(std::string_view name) {
  return Parse<FileState>(kFileStates, name);
}
std::string_view NameOf(State state) { return kStates[static_cast<size_t>(state)]; }
std::optional<State> ParseState(std::string_view name) { return Parse<State>(kStates, name); }
bool IsTerminal(State state) { return state != State::kImporting && state != State::kImported; }

std::string_view NameOf(Standing standing) { return kStandings[static_cast<size_t>(standing)]; }
std::optional<Standing> ParseStanding(std::string_view name) {
  return Parse<Standing>(kStandings, name);
}
bool MayRepeat(Standing standing) {
  return standing == Standing::kOverlap || standing == Standing::kReissued ||
         standing == Standing::kUnordered;
}

std::string MonthKey(const std::string& account_id, absl::Time created) {
  constexpr size_t kMonth = 7;  // "2026-03"
  return base::StrCat(account_id, "/", base::Date::Of(created).ToString().substr(0, kMonth));
}

std::string ToJson(const FileBody& body) {
  json out = body;
  out["sealed"] = body.sealed;
  out["opened"] = body.opened;
  return engine::DumpLine(out);
}
std::string ToJson(const Body& body) { return engine::DumpLine(body); }
std::string ToJson(const Line& line) { return engine::DumpLine(line); }
std::string ToJson(const AccountState& state) { return engine::DumpLine(state); }

absl::StatusOr<FileFlow> FileFlowOf(ports::FlowRow row) {
  FileFlow flow;
  KONTOR_ASSIGN_OR_RETURN(flow.body, Read<FileBody>(row.body, row.id));
  // Older rows have none of these.
  const json in = json::parse(row.body);
  try {
    flow.body.sealed = in.value("sealed", false);
    flow.body.opened = in.value("opened", OpenedFile());
  } catch (const std::exception&) {
    return Unreadable(row.id);
  }
  if (!ParseFileState(row.state)) return Unreadable(row.id);
  flow.row = std::move(row);
  return flow;
}

absl::StatusOr<Flow> FlowOf(ports::FlowRow row) {
  Flow flow;
  KONTOR_ASSIGN_OR_RETURN(flow.body, Read<Body>(row.body, row.id));
  if (!ParseState(row.state)) return Unreadable(row.id);
  flow.row = std::move(row);
  return flow;
}

absl::StatusOr<Line> LineOf(const std::string& text) { return Read<Line>(text, "a line"); }

absl::StatusOr<AccountState> AccountStateOf(const std::string& text) {
  return Read<AccountState>(text, "a balance");
}

}  // namespace kontor::statements
