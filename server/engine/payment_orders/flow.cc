// SPDX-License-Identifier: Apache-2.0
// Orders at rest as JSON.
#include "server/engine/payment_orders/internal/flow.h"

#include <array>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/flow_json.h"
#include "server/model/payment_json.h"

namespace kontor::payment_orders {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 14> kStates = {
    "DRAFT",     "VALIDATED",    "AWAITING_APPROVAL", "APPROVED", "RELEASED",
    "SUBMITTED", "ACKNOWLEDGED", "ACCEPTED",          "SETTLED",  "PARTIALLY_SETTLED",
    "REJECTED",  "RETURNED",     "CANCELLED",         "HELD"};
constexpr std::array<std::string_view, 6> kSubmissions = {"NONE",    "GENERATED", "SENDING",
                                                          "UNKNOWN", "SENT",      "SHADOWED"};
constexpr std::array<std::string_view, 9> kLineStates = {"PENDING",   "HELD",         "CANCELLED",
                                                         "SUBMITTED", "ACKNOWLEDGED", "ACCEPTED",
                                                         "REJECTED",  "SETTLED",      "RETURNED"};

template <typename Enum, size_t N>
std::optional<Enum> Parse(const std::array<std::string_view, N>& names, std::string_view name) {
  for (size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

json Write(const Approval& approval) {
  return {{"principal", approval.principal_id},
          {"name", approval.name},
          {"digest", approval.digest},
          {"policy", approval.policy_version},
          {"time", approval.time},
          {"void", approval.void_reason},
          {"delegator", approval.delegator_id},
          {"delegator_name", approval.delegator},
          {"delegation", approval.delegation}};
}
void Read(const json& in, Approval& out) {
  in.at("principal").get_to(out.principal_id);
  in.at("name").get_to(out.name);
  in.at("digest").get_to(out.digest);
  in.at("policy").get_to(out.policy_version);
  in.at("time").get_to(out.time);
  in.at("void").get_to(out.void_reason);
  out.delegator_id = in.value("delegator", "");
  out.delegator = in.value("delegator_name", "");
  out.delegation = in.value("delegation", "");
}

json Write(const Word& word) {
  return {{"principal", word.principal_id},
          {"name", word.name},
          {"sent", word.sent},
          {"reason", word.reason}};
}
void Read(const json& in, Word& out) {
  in.at("principal").get_to(out.principal_id);
  in.at("name").get_to(out.name);
  in.at("sent").get_to(out.sent);
  in.at("reason").get_to(out.reason);
}

json Write(const SealedFile& file) {
  return {
      {"channel", file.channel}, {"name", file.name}, {"sha256", file.sha256}, {"blob", file.blob}};
}
void Read(const json& in, SealedFile& out) {
  in.at("channel").get_to(out.channel);
  in.at("name").get_to(out.name);
  in.at("sha256").get_to(out.sha256);
  in.at("blob").get_to(out.blob);
}

json Write(const Batch& batch) {
  return {{"id", batch.id},
          {"service", batch.service_level},
          {"instrument", batch.local_instrument},
          {"bearer", batch.charge_bearer},
          {"booking", batch.batch_booking}};
}
void Read(const json& in, Batch& out) {
  in.at("id").get_to(out.id);
  in.at("service").get_to(out.service_level);
  in.at("instrument").get_to(out.local_instrument);
  in.at("bearer").get_to(out.charge_bearer);
  in.at("booking").get_to(out.batch_booking);
}

json Write(const Bill& bill) {
  return {{"move", bill.move_id},
          {"name", bill.name},
          {"reference", bill.reference},
          {"currency", bill.amount.currency().code()},
          {"amount", bill.amount.ValueText()},
          {"whole", bill.whole},
          {"residual", bill.residual}};
}
void Read(const json& in, Bill& out) {
  in.at("move").get_to(out.move_id);
  in.at("name").get_to(out.name);
  in.at("reference").get_to(out.reference);
  const auto amount =
      model::Money::Parse(in.at("currency").get<std::string>(), in.at("amount").get<std::string>());
  if (!amount.ok()) throw std::runtime_error("not an amount");
  out.amount = *amount;
  in.at("whole").get_to(out.whole);
  in.at("residual").get_to(out.residual);
}

template <typename T>
json WriteAll(const std::vector<T>& list) {
  json out = json::array();
  for (const T& item : list) out.push_back(Write(item));
  return out;
}
template <typename T>
void ReadAll(const json& in, std::vector<T>& out) {
  for (const json& item : in) Read(item, out.emplace_back());
}

/// Texts by key, both ways.
template <typename T>
struct TextField {
  const char* key;
  std::string T::*member;
};
constexpr TextField<Body> kTexts[] = {
    {"description", &Body::description},
    {"account", &Body::account},
    {"asked_account", &Body::asked_account},
    {"channel", &Body::channel},
    {"dialect", &Body::dialect},
    {"currency", &Body::currency},
    {"asked_date", &Body::asked_date},
    {"day", &Body::day},
    {"day_note", &Body::day_note},
    {"urgency", &Body::urgency},
    {"preparer_id", &Body::preparer_id},
    {"preparer", &Body::preparer},
    {"message_id", &Body::message_id},
    {"created_at", &Body::created_at},
    {"total", &Body::total},
    {"digest", &Body::digest},
    {"approval_version", &Body::approval_version},
    {"routing_version", &Body::routing_version},
    {"checks_version", &Body::checks_version},
    {"lists_version", &Body::lists_version},
    {"releaser_id", &Body::releaser_id},
    {"releaser", &Body::releaser},
    {"released_at", &Body::released_at},
    {"file_name", &Body::file_name},
    {"file_sha256", &Body::file_sha256},
    {"file_blob", &Body::file_blob},
    {"sending_since", &Body::sending_since},
    {"held_from", &Body::held_from},
    {"exception", &Body::exception_id},
    {"cancel_reason", &Body::cancel_reason},
    {"correlation", &Body::correlation_id},
};
/// The same of younger rows; older ones have none of them.
constexpr TextField<Body> kLaterTexts[] = {
    {"screened", &Body::screened},
    {"release_delegator_id", &Body::release_delegator_id},
    {"release_delegator", &Body::release_delegator},
    {"release_delegation", &Body::release_delegation},
    {"sent_name", &Body::sent_name},
    {"sent_sha256", &Body::sent_sha256},
    {"cut_off", &Body::cut_off},
    {"remind_at", &Body::remind_at},
    {"escalate_at", &Body::escalate_at},
    {"missed", &Body::missed},
    {"submitted_at", &Body::submitted_at},
    {"place", &Body::place},
    {"looked_at", &Body::looked_at},
    {"late_case", &Body::late_case},
};
constexpr TextField<Line> kLineTexts[] = {
    {"editor", &Line::editor},
    {"beneficiary", &Line::beneficiary_id},
    {"beneficiary_digest", &Line::beneficiary_digest},
    {"route", &Line::route},
    {"batch", &Line::batch},
    {"status", &Line::status_code},
    {"operation", &Line::operation_id},
    {"document", &Line::document_id},
    {"undo", &Line::undo_operation_id},
};
constexpr TextField<Line> kLaterLineTexts[] = {
    {"payment_name", &Line::payment_name},
    {"payment_journal", &Line::payment_journal},
    {"undo_trouble", &Line::undo_trouble},
};
constexpr TextField<Beneficiary> kBeneficiaryTexts[] = {
    {"name", &Beneficiary::name},
    {"account", &Beneficiary::account},
    {"bic", &Beneficiary::bic},
    {"editor", &Beneficiary::editor},
    {"editor_id", &Beneficiary::editor_id},
    {"digest", &Beneficiary::digest},
    {"confirmed_by", &Beneficiary::confirmed_by},
    {"confirmer_id", &Beneficiary::confirmer_id},
    {"confirmed_at", &Beneficiary::confirmed_at},
    {"changed_at", &Beneficiary::changed_at},
    {"block_reason", &Beneficiary::block_reason},
    {"largest", &Beneficiary::largest},
};

absl::Status Unreadable(const std::string& id) {
  return base::Error(base::Reason::kInternal).Says(base::StrCat(id, " is unreadable"));
}

void ReadBody(const json& in, Body& out) {
  for (const auto& field : kTexts) in.at(field.key).get_to(out.*field.member);
  for (const auto& field : kLaterTexts) out.*field.member = in.value(field.key, "");
  out.fallback_channel = in.value("fallback_channel", "");
  out.first_channel = in.value("first_channel", "");
  out.test = in.value("test", false);
  out.doubted = in.value("doubted", false);
  in.at("count").get_to(out.count);
  ReadAll(in.at("batches"), out.batches);
  ReadAll(in.value("sealed", json::array()), out.sealed);
  in.at("approvals_needed").get_to(out.approvals_needed);
  in.at("approvers").get_to(out.approvers);
  ReadAll(in.at("approvals"), out.approvals);
  const auto submission = Parse<Submission>(kSubmissions, in.at("submission").get<std::string>());
  if (!submission) throw std::runtime_error("not a submission");
  out.submission = *submission;
  ReadAll(in.at("words"), out.words);
  in.at("attempts").get_to(out.attempts);
  in.at("hold_reasons").get_to(out.hold_reasons);
  out.findings = engine::FindingsFromStored(in.at("findings"));
  in.at("accepted").get_to(out.accepted);
  in.at("refresh_wanted").get_to(out.refresh_wanted);
  in.at("status_files").get_to(out.status_files);
  out.late = engine::FindingsFromStored(in.value("late", json::array()));
  out.told = in.value("told", std::vector<std::string>());
}

}  // namespace

std::string_view NameOf(State state) { return kStates[static_cast<size_t>(state)]; }
std::optional<State> ParseState(std::string_view name) { return Parse<State>(kStates, name); }
std::string_view NameOf(Submission submission) {
  return kSubmissions[static_cast<size_t>(submission)];
}
std::string_view NameOf(LineState state) { return kLineStates[static_cast<size_t>(state)]; }
std::optional<LineState> ParseLineState(std::string_view name) {
  return Parse<LineState>(kLineStates, name);
}
bool IsBeforeRelease(State state) {
  return state == State::kDraft || state == State::kValidated ||
         state == State::kAwaitingApproval || state == State::kApproved || state == State::kHeld;
}

std::string ToJson(const Body& body) {
  json out = {{"count", body.count},
              {"screened", body.screened},
              {"fallback_channel", body.fallback_channel},
              {"first_channel", body.first_channel},
              {"test", body.test},
              {"doubted", body.doubted},
              {"batches", WriteAll(body.batches)},
              {"sealed", WriteAll(body.sealed)},
              {"approvals_needed", body.approvals_needed},
              {"approvers", body.approvers},
              {"approvals", WriteAll(body.approvals)},
              {"submission", std::string(NameOf(body.submission))},
              {"words", WriteAll(body.words)},
              {"attempts", body.attempts},
              {"hold_reasons", body.hold_reasons},
              {"findings", engine::StoredFindings(body.findings)},
              {"accepted", body.accepted},
              {"refresh_wanted", body.refresh_wanted},
              {"status_files", body.status_files},
              {"late", engine::StoredFindings(body.late)},
              {"told", body.told}};
  for (const auto& field : kLaterTexts) out[field.key] = body.*field.member;
  for (const auto& field : kTexts) out[field.key] = body.*field.member;
  return engine::DumpLine(out);
}

std::string ToJson(const Line& line) {
  json out = {{"payment", json::parse(model::WriteCreditTransfer(line.transfer))},
              {"bills", WriteAll(line.bills)},
              {"of_bill", line.of_bill},
              {"partner", line.partner_id},
              {"account", line.account_id},
              {"holds", engine::StoredFindings(line.holds)},
              {"reasons", line.reasons},
              {"books_done", line.books_done},
              {"undo_wanted", line.undo_wanted},
              {"undone", line.undone},
              {"bookings", line.bookings},
              {"odoo_payment", line.odoo_payment_id},
              {"paid_moves", json::array()}};
  for (const ports::PaidMove& move : line.paid_moves) {
    out["paid_moves"].push_back({{"id", move.id}, {"name", move.name}});
  }
  for (const auto& field : kLaterLineTexts) out[field.key] = line.*field.member;
  for (const auto& field : kLineTexts) out[field.key] = line.*field.member;
  return engine::DumpLine(out);
}

absl::StatusOr<Flow> FlowOf(ports::FlowRow row) {
  Flow flow;
  try {
    ReadBody(json::parse(row.body), flow.body);
  } catch (const std::exception&) {
    return Unreadable(row.id);
  }
  if (!ParseState(row.state).has_value()) return Unreadable(row.id);
  flow.row = std::move(row);
  return flow;
}

absl::StatusOr<Line> LineOf(const ports::FlowLineRow& row) {
  Line line;
  const auto state = ParseLineState(row.state);
  if (!state) return Unreadable(row.flow_id);
  line.number = row.number;
  line.state = *state;
  try {
    const json in = json::parse(row.body);
    std::vector<model::Finding> findings;
    line.transfer = model::ReadCreditTransfer(in.at("payment").dump(), "", &findings);
    ReadAll(in.at("bills"), line.bills);
    in.at("of_bill").get_to(line.of_bill);
    in.at("partner").get_to(line.partner_id);
    in.at("account").get_to(line.account_id);
    line.holds = engine::FindingsFromStored(in.at("holds"));
    in.at("reasons").get_to(line.reasons);
    in.at("books_done").get_to(line.books_done);
    in.at("undo_wanted").get_to(line.undo_wanted);
    in.at("undone").get_to(line.undone);
    in.at("bookings").get_to(line.bookings);
    line.odoo_payment_id = in.value("odoo_payment", int64_t{0});
    for (const json& move : in.value("paid_moves", json::array())) {
      line.paid_moves.push_back({move.at("id"), move.at("name")});
    }
    for (const auto& field : kLaterLineTexts) line.*field.member = in.value(field.key, "");
    for (const auto& field : kLineTexts) in.at(field.key).get_to(line.*field.member);
  } catch (const std::exception&) {
    return Unreadable(row.flow_id);
  }
  return line;
}

ports::FlowLineRow RowOf(const std::string& flow_id, const Line& line) {
  return {flow_id, line.number, "", std::string(NameOf(line.state)), ToJson(line)};
}

std::string ToJson(const Beneficiary& beneficiary) {
  json out = {{"partner", beneficiary.partner_id}, {"payments", beneficiary.payments}};
  for (const auto& field : kBeneficiaryTexts) out[field.key] = beneficiary.*field.member;
  return engine::DumpLine(out);
}

absl::StatusOr<Beneficiary> BeneficiaryOf(ports::FlowRow row) {
  Beneficiary beneficiary;
  try {
    const json in = json::parse(row.body);
    in.at("partner").get_to(beneficiary.partner_id);
    in.at("payments").get_to(beneficiary.payments);
    for (const auto& field : kBeneficiaryTexts) {
      in.at(field.key).get_to(beneficiary.*field.member);
    }
  } catch (const std::exception&) {
    return Unreadable(row.id);
  }
  beneficiary.row = std::move(row);
  return beneficiary;
}

}  // namespace kontor::payment_orders
