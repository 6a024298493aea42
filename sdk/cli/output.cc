// SPDX-License-Identifier: Apache-2.0
#include "sdk/cli/output.h"

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include <google/protobuf/any.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>

#include "kontor/sdk/errors.h"
#include "kontor/v1/money.pb.h"
#include "sdk/cli/fields.h"
#include "sdk/cli/table.h"

namespace kontor::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// What a list of these shows; a path names a field of a field. Anything else shows its first
/// fields that fit into a cell.
const std::map<std::string, std::vector<std::string>>& ColumnsByType() {
  static const auto* const kColumns = new std::map<std::string, std::vector<std::string>>{
      {"kontor.v1.Invoice", {"id", "kind", "state", "booked.name", "booked.date", "partner",
                             "reference", "booked.total", "booked.residual",
                             "booked.payment_state"}},
      {"kontor.v1.Payment", {"id", "direction", "state", "booked.name", "date", "amount", "partner",
                             "memo"}},
      {"kontor.v1.JournalEntry", {"id", "state", "booked.name", "date", "journal_code", "reference",
                                  "booked.total"}},
      {"kontor.v1.Partner", {"id", "reference", "name", "state", "vat", "city", "country_code"}},
      {"kontor.v1.Operation", {"id", "state", "verb", "document_type", "document_id", "odoo_name",
                               "park_reason", "exception_id", "attempt_count", "update_time"}},
      {"kontor.v1.Exception", {"id", "state", "queue", "entity", "findings", "owner_role",
                               "deadline"}},
      {"kontor.v1.Event", {"sequence", "time", "type", "entity", "subject", "correlation_id"}},
      {"kontor.v1.Endpoint", {"id", "state", "url", "types", "pending_count", "state_reason"}},
      {"kontor.v1.Delivery", {"id", "state", "event_sequence", "subject", "attempt_count",
                              "next_attempt_time", "last_status_code", "last_error"}},
      {"kontor.v1.Connection", {"name", "url", "database", "login", "transport", "mode",
                                "suspend_reason"}},
      {"kontor.v1.Entity", {"name", "connection", "company_id", "currency_code", "mode",
                            "live_from"}},
      {"kontor.v1.Principal", {"name", "kind", "source", "roles", "entities", "disabled"}},
      {"kontor.v1.Statement", {"id", "state", "kind", "entity", "account_number", "date",
                               "currency_code", "stored_count", "matched_count", "posted_count",
                               "exception_id"}},
      {"kontor.v1.BankFile", {"id", "state", "channel", "name", "format", "size_bytes",
                              "repeated_count", "exception_id", "create_time"}},
      {"kontor.v1.Finding", {"severity", "reason", "field", "message", "asked", "got",
                             "suggestion"}},
      {"kontor.v1.Step", {"kind", "state", "attempt_count", "start_time", "end_time"}},
  };
  return *kColumns;
}

std::string TextOf(const Message& message);

std::string ScalarText(const Message& message, const FieldDescriptor& field, int index) {
  const auto* reflection = message.GetReflection();
  const bool many = index >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.type() == FieldDescriptor::TYPE_BYTES) return "";
      return many ? reflection->GetRepeatedString(message, &field, index)
                  : reflection->GetString(message, &field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return (many ? reflection->GetRepeatedBool(message, &field, index)
                   : reflection->GetBool(message, &field))
                 ? "yes"
                 : "";
    case FieldDescriptor::CPPTYPE_INT32: {
      const auto number = many ? reflection->GetRepeatedInt32(message, &field, index)
                               : reflection->GetInt32(message, &field);
      return number == 0 ? "" : std::to_string(number);
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      const auto number = many ? reflection->GetRepeatedInt64(message, &field, index)
                               : reflection->GetInt64(message, &field);
      return number == 0 ? "" : std::to_string(number);
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = many ? reflection->GetRepeatedEnum(message, &field, index)
                               : reflection->GetEnum(message, &field);
      return value->number() == 0 ? "" : ShortName(*value);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return TextOf(many ? reflection->GetRepeatedMessage(message, &field, index)
                         : reflection->GetMessage(message, &field));
    default: return "";
  }
}

/// A field as one cell: repeated values joined by commas.
std::string FieldText(const Message& message, const FieldDescriptor& field) {
  const auto* reflection = message.GetReflection();
  if (!field.is_repeated()) {
    const bool absent = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
                        !reflection->HasField(message, &field);
    return absent ? "" : ScalarText(message, field, -1);
  }
  std::string out;
  const int count = reflection->FieldSize(message, &field);
  for (int i = 0; i < count; ++i) {
    if (i > 0) out += ", ";
    out += ScalarText(message, field, i);
  }
  return out;
}

/// A message as one cell: amounts, instants and references in their usual writing.
std::string TextOf(const Message& message) {
  const std::string& type = message.GetDescriptor()->full_name();
  if (const auto* time = dynamic_cast<const google::protobuf::Timestamp*>(&message)) {
    const std::string text = google::protobuf::util::TimeUtil::ToString(*time);
    constexpr size_t kToSeconds = 19;
    return text.substr(0, kToSeconds) + "Z";
  }
  if (const auto* wait = dynamic_cast<const google::protobuf::Duration*>(&message)) {
    return google::protobuf::util::TimeUtil::ToString(*wait);
  }
  if (type == "kontor.v1.Money") {
    const auto& money = dynamic_cast<const v1::Money&>(message);
    return money.value() + " " + money.currency_code();
  }
  if (const auto* finding = dynamic_cast<const v1::Finding*>(&message)) return finding->message();
  std::string out;
  const Descriptor& descriptor = *message.GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const std::string text = FieldText(message, *descriptor.field(i));
    if (text.empty()) continue;
    if (!out.empty()) out += " ";
    out += text;
  }
  return out;
}

std::string PathText(const Message& message, const std::string& path) {
  const size_t dot = path.find('.');
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(path.substr(0, dot));
  if (field == nullptr) return "";
  if (dot == std::string::npos) return FieldText(message, *field);
  const auto* reflection = message.GetReflection();
  if (!reflection->HasField(message, field)) return "";
  return PathText(reflection->GetMessage(message, field), path.substr(dot + 1));
}

bool IsNumeric(const Descriptor& type, const std::string& path) {
  const size_t dot = path.find('.');
  const FieldDescriptor* field = type.FindFieldByName(path.substr(0, dot));
  if (field == nullptr || field->is_repeated()) return false;
  if (dot != std::string::npos) return IsNumeric(*field->message_type(), path.substr(dot + 1));
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    return field->message_type()->full_name() == "kontor.v1.Money";
  }
  return field->cpp_type() == FieldDescriptor::CPPTYPE_INT32 ||
         field->cpp_type() == FieldDescriptor::CPPTYPE_INT64;
}

std::vector<std::string> ColumnsOf(const Descriptor& type) {
  const auto known = ColumnsByType().find(type.full_name());
  if (known != ColumnsByType().end()) return known->second;
  constexpr size_t kColumnsMax = 9;
  std::vector<std::string> out;
  for (int i = 0; i < type.field_count() && out.size() < kColumnsMax; ++i) {
    out.push_back(type.field(i)->name());
  }
  return out;
}

std::string TitleOf(std::string path) {
  const size_t dot = path.rfind('.');
  if (dot != std::string::npos) path = path.substr(dot + 1);
  std::replace(path.begin(), path.end(), '_', ' ');
  return path;
}

std::string ListText(const Message& message, const FieldDescriptor& field,
                     const Terminal& terminal) {
  const Descriptor& type = *field.message_type();
  const std::vector<std::string> paths = ColumnsOf(type);
  Table table;
  for (const auto& path : paths) table.columns.push_back({TitleOf(path), IsNumeric(type, path)});
  const auto* reflection = message.GetReflection();
  const int count = reflection->FieldSize(message, &field);
  for (int i = 0; i < count; ++i) {
    const Message& item = reflection->GetRepeatedMessage(message, &field, i);
    std::vector<Cell> row;
    for (const auto& path : paths) {
      const std::string text = PathText(item, path);
      row.push_back({text, path == "state" ? ColourOf(text) : Colour::kPlain});
    }
    table.rows.push_back(std::move(row));
  }
  if (count == 0) return "no " + TitleOf(field.name()) + "\n";
  return Render(table, terminal);
}

bool IsMessageList(const FieldDescriptor& field) {
  return field.is_repeated() && !field.is_map() &&
         field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

void ObjectText(const Message& message, const std::string& prefix, const Terminal& terminal,
                std::string* out) {
  constexpr int kNameColumns = 24;
  const Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsMessageList(field)) continue;
    const std::string text = FieldText(message, field);
    if (text.empty()) continue;
    std::string name = prefix + TitleOf(field.name());
    name.resize(static_cast<size_t>(std::max<int>(kNameColumns, static_cast<int>(name.size()))),
                ' ');
    const bool is_state = field.name() == "state";
    *out += Paint(terminal, Colour::kDim, name) + "  " +
            Paint(terminal, is_state ? ColourOf(text) : Colour::kPlain, text) + "\n";
  }
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (!IsMessageList(field) || reflection->FieldSize(message, &field) == 0) continue;
    *out += '\n';
    *out += Paint(terminal, Colour::kBold, prefix + TitleOf(field.name()));
    *out += '\n';
    *out += ListText(message, field, terminal);
  }
}

/// The wire names ErrorInfo as google.rpc does, and only the contract's own type of the same form
/// is linked here: JSON says that one.
void NameErrorInfo(Message* message) {
  if (auto* any = dynamic_cast<google::protobuf::Any*>(message)) {
    if (any->type_url() == "type.googleapis.com/google.rpc.ErrorInfo") {
      any->set_type_url("type.googleapis.com/kontor.v1.ErrorInfo");
    }
    return;
  }
  const auto* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> set;
  reflection->ListFields(*message, &set);
  for (const FieldDescriptor* field : set) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    if (!field->is_repeated()) {
      NameErrorInfo(reflection->MutableMessage(message, field));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
      NameErrorInfo(reflection->MutableRepeatedMessage(message, field, i));
    }
  }
}

}  // namespace

std::string ToJson(const Message& message, bool indented) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = indented;
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  NameErrorInfo(copy.get());
  std::string out;
  const auto written = google::protobuf::util::MessageToJsonString(*copy, &out, options);
  if (!written.ok()) {
    return "{\"unprintable\": \"" + message.GetDescriptor()->full_name() + "\"}\n";
  }
  if (out.empty() || out.back() != '\n') out += "\n";
  return out;
}

std::string Count(int64_t count, std::string_view one, std::string_view more) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : more);
}

Colour ColourOf(std::string_view state) {
  static const auto* const kColours = new std::map<std::string_view, Colour>{
      {"POSTED", Colour::kGreen},    {"DELIVERED", Colour::kGreen}, {"ACTIVE", Colour::kGreen},
      {"RESOLVED", Colour::kGreen},  {"EXCEPTION", Colour::kRed},   {"OPEN", Colour::kRed},
      {"BROKEN", Colour::kRed},      {"DISABLED", Colour::kRed},    {"PARKED", Colour::kYellow},
      {"HELD", Colour::kYellow},     {"UNKNOWN", Colour::kYellow},  {"RETRYING", Colour::kYellow},
      {"PENDING", Colour::kYellow},  {"CANCELLED", Colour::kDim},   {"PAUSED", Colour::kYellow}};
  const auto it = kColours->find(state);
  return it == kColours->end() ? Colour::kPlain : it->second;
}

std::string ToText(const Message& response, const Terminal& terminal) {
  std::string out;
  const Descriptor& type = *response.GetDescriptor();
  const auto* reflection = response.GetReflection();
  bool listed = false;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsMessageList(field)) {
      const bool empty = reflection->FieldSize(response, &field) == 0;
      const bool only_list = type.field_count() <= 4 && !listed;
      if ((!empty || only_list) && listed) out += '\n';
      if (!empty || only_list) out += ListText(response, field, terminal);
      listed = true;
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field.is_repeated() &&
               reflection->HasField(response, &field) &&
               field.message_type()->full_name().rfind("kontor.", 0) == 0) {
      if (!out.empty()) out += "\n";
      ObjectText(reflection->GetMessage(response, &field), "", terminal, &out);
    } else if (field.name() == "done" && FieldText(response, field).empty()) {
      out += "done: not yet; a second person must make the same call\n";
    } else if (!FieldText(response, field).empty()) {
      const bool token = field.name() == "next_page_token";
      out += (token ? "more: --page-token " : TitleOf(field.name()) + ": ") +
             FieldText(response, field) + "\n";
    }
  }
  return out.empty() ? "done\n" : out;
}

std::string ErrorText(const absl::Status& status, const Terminal& terminal) {
  std::string out = Paint(terminal, Colour::kRed, "refused") + ": " +
                    std::string(status.message()) + "\n";
  const std::string reason = sdk::ReasonOf(status);
  if (!reason.empty()) out += "  reason  " + reason + "\n";
  const std::string field = sdk::FieldOf(status);
  if (!field.empty()) out += "  field   " + field + "\n";
  const auto findings = sdk::FindingsOf(status);
  if (findings.size() < 2) return out;
  Table table;
  table.columns = {{"field"}, {"what is wrong"}, {"what to do"}};
  for (const auto& finding : findings) {
    table.rows.push_back({{finding.field()}, {finding.message()}, {finding.suggestion()}});
  }
  return out + "\n" + Render(table, terminal);
}

std::string ErrorJson(const absl::Status& status) {
  return ToJson(sdk::DetailFrom(status), true);
}

}  // namespace kontor::cli
