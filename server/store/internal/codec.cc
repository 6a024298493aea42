// SPDX-License-Identifier: Apache-2.0
#include "server/store/internal/codec.h"

#include <limits>
#include <utility>

#include "nlohmann/json.hpp"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"

namespace kontor::store::internal {
namespace {

using base::Reason;
using nlohmann::json;

constexpr size_t kPageTokenBytesMax = 1024;

absl::Status BadBody(std::string_view what) {
  return base::Error(Reason::kStoreUnavailable)
      .Says(base::StrCat("a stored body is unreadable: ", what));
}

std::string Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

/// dump() throws on bytes that are not UTF-8; those come from outside and are refused.
absl::StatusOr<std::string> Dump(const json& body) {
  try {
    return body.dump();
  } catch (const json::exception&) {
    return base::Error(Reason::kTextInvalid).Says("a text to be stored is not UTF-8");
  }
}

/// The enumerator with that name; enumerators count from 0 to `last`.
template <typename Enum>
std::optional<Enum> ByName(std::string_view name, Enum last) {
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    if (NameOf(static_cast<Enum>(i)) == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

template <typename Enum>
absl::StatusOr<Enum> NameRead(const json& value, Enum last) {
  const auto found = ByName(value.get_ref<const std::string&>(), last);
  if (!found) return BadBody("an unknown name");
  return *found;
}

json OptionalTime(const std::optional<absl::Time>& time) {
  return time ? json(ToMicros(*time)) : json();
}

std::optional<absl::Time> TimeRead(const json& value) {
  if (value.is_null()) return std::nullopt;
  return FromMicros(value.get<int64_t>());
}

/// A JSON string. Plain ASCII is copied; anything else is left to the library, which escapes it.
std::string Quoted(std::string_view text) {
  for (const char c : text) {
    if (c >= ' ' && c < 0x7F && c != '"' && c != '\\') continue;
    return json(text).dump();  // Throws on bytes that are not UTF-8.
  }
  return base::StrCat("\"", text, "\"");
}

std::string TimeText(const std::optional<absl::Time>& time) {
  return time ? base::StrCat(ToMicros(*time)) : "null";
}

/// Appends the members of one JSON object.
class BodyWriter {
 public:
  void Raw(std::string_view key, std::string_view value) {
    base::StrAppend(&text_, text_.empty() ? "{\"" : ",\"", key, "\":", value);
  }
  void Text(std::string_view key, std::string_view value) { Raw(key, Quoted(value)); }
  void Texts(std::string_view key, const std::vector<std::string>& values) {
    std::string array = "[";
    for (const std::string& value : values) {
      base::StrAppend(&array, array.size() == 1 ? "" : ",", Quoted(value));
    }
    Raw(key, base::StrCat(array, "]"));
  }
  std::string Finish() && { return std::move(text_) + "}"; }

 private:
  std::string text_;
};

std::string StepsText(const std::vector<model::Step>& steps) {
  std::string out = "[";
  for (const model::Step& step : steps) {
    base::StrAppend(&out, out.size() == 1 ? "[\"" : ",[\"", NameOf(step.kind), "\",\"",
                    NameOf(step.state), "\",", step.attempts, ",", TimeText(step.started), ",",
                    TimeText(step.ended), "]");
  }
  return out + "]";
}

absl::Status ReadSteps(const json& array, std::vector<model::Step>* steps) {
  for (const json& item : array) {
    model::Step step;
    KONTOR_ASSIGN_OR_RETURN(step.kind, NameRead(item.at(0), model::StepKind::kApply));
    KONTOR_ASSIGN_OR_RETURN(step.state, NameRead(item.at(1), model::StepState::kSkipped));
    step.attempts = item.at(2).get<int>();
    step.started = TimeRead(item.at(3));
    step.ended = TimeRead(item.at(4));
    steps->push_back(step);
  }
  return absl::OkStatus();
}

absl::Status ReadOperation(const json& body, model::Operation* operation) {
  operation->submitter = body.at("submitter").get<std::string>();
  operation->traceparent = body.at("traceparent").get<std::string>();
  KONTOR_ASSIGN_OR_RETURN(operation->path, NameRead(body.at("path"), model::Path::kAddon));
  KONTOR_ASSIGN_OR_RETURN(operation->posting, NameRead(body.at("posting"), model::Posting::kPost));
  operation->revision = body.value("revision", 1);
  operation->policy_version = body.at("policy_version").get<std::string>();
  KONTOR_RETURN_IF_ERROR(ReadSteps(body.at("steps"), &operation->steps));
  operation->step_index = body.at("step_index").get<size_t>();
  operation->attempt_count = body.at("attempt_count").get<int>();
  operation->depends_on = body.at("depends_on").get<std::vector<std::string>>();
  KONTOR_ASSIGN_OR_RETURN(operation->park_reason,
                          NameRead(body.at("park_reason"), model::ParkReason::kRestoreHold));
  operation->exception_id = body.at("exception_id").get<std::string>();
  operation->seen_in_erp = body.at("seen_in_erp").get<bool>();
  operation->accepted_reasons = body.at("accepted_reasons").get<std::vector<std::string>>();
  const json& record = body.at("record");
  operation->record.model = record.at(0).get<std::string>();
  operation->record.id = record.at(1).get<int64_t>();
  operation->record.name = record.at(2).get<std::string>();
  operation->unknown_since = TimeRead(body.at("unknown_since"));
  return absl::OkStatus();
}

json FindingsJson(const std::vector<model::Finding>& findings) {
  json out = json::array();
  for (const model::Finding& finding : findings) {
    out.push_back({finding.reason, finding.field, finding.message, finding.suggestion,
                   finding.asked, finding.got, static_cast<int>(finding.severity)});
  }
  return out;
}

void ReadFindings(const json& array, std::vector<model::Finding>* findings) {
  for (const json& item : array) {
    model::Finding finding;
    finding.reason = item.at(0).get<std::string>();
    finding.field = item.at(1).get<std::string>();
    finding.message = item.at(2).get<std::string>();
    finding.suggestion = item.at(3).get<std::string>();
    finding.asked = item.at(4).get<std::string>();
    finding.got = item.at(5).get<std::string>();
    finding.severity = item.at(6).get<int>() == 0 ? model::Severity::kWarning
                                                  : model::Severity::kError;
    findings->push_back(std::move(finding));
  }
}

absl::Status ReadException(const json& body, model::ExceptionCase* exception) {
  ReadFindings(body.at("findings"), &exception->findings);
  exception->owner_role = body.at("owner_role").get<std::string>();
  exception->assignee = body.at("assignee").get<std::string>();
  for (const json& item : body.at("actions")) {
    model::SuggestedAction action;
    KONTOR_ASSIGN_OR_RETURN(action.resolution,
                            NameRead(item.at(0), model::Resolution::kReject));
    action.effect = item.at(1).get<std::string>();
    action.needs_second_person = item.at(2).get<bool>();
    exception->actions.push_back(std::move(action));
  }
  if (const json& proposed = body.at("proposed"); !proposed.is_null()) {
    KONTOR_ASSIGN_OR_RETURN(exception->proposed, NameRead(proposed, model::Resolution::kReject));
  }
  exception->proposer = body.at("proposer").get<std::string>();
  exception->proposed_content = body.at("proposed_content").get<std::string>();
  exception->barred = body.value("barred", "");  // cases of older versions bar nobody
  exception->resolver = body.at("resolver").get<std::string>();
  exception->reason = body.at("reason").get<std::string>();
  exception->resolved = TimeRead(body.at("resolved"));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> OperationBody(const model::Operation& operation) {
  // Written by hand: this runs for every step of every operation, and a tree of json values costs
  // ten times as much.
  try {
    BodyWriter body;
    body.Text("submitter", operation.submitter);
    body.Text("traceparent", operation.traceparent);
    body.Text("path", NameOf(operation.path));
    body.Text("posting", NameOf(operation.posting));
    body.Raw("revision", base::StrCat(operation.revision));
    body.Text("policy_version", operation.policy_version);
    body.Raw("steps", StepsText(operation.steps));
    body.Raw("step_index", base::StrCat(operation.step_index));
    body.Raw("attempt_count", base::StrCat(operation.attempt_count));
    body.Texts("depends_on", operation.depends_on);
    body.Text("park_reason", NameOf(operation.park_reason));
    body.Text("exception_id", operation.exception_id);
    body.Raw("seen_in_erp", operation.seen_in_erp ? "true" : "false");
    body.Texts("accepted_reasons", operation.accepted_reasons);
    body.Raw("record", base::StrCat("[", Quoted(operation.record.model), ",", operation.record.id,
                                    ",", Quoted(operation.record.name), "]"));
    body.Raw("unknown_since", TimeText(operation.unknown_since));
    return std::move(body).Finish();
  } catch (const json::exception&) {
    return base::Error(Reason::kTextInvalid).Says("a text to be stored is not UTF-8");
  }
}

absl::Status ReadOperationBody(const std::string& body, model::Operation* operation) {
  try {
    return ReadOperation(json::parse(body), operation);
  } catch (const json::exception&) {
    return BadBody(base::StrCat("operation ", operation->id));
  }
}

absl::StatusOr<std::string> ExceptionBody(const model::ExceptionCase& exception) {
  json actions = json::array();
  for (const model::SuggestedAction& action : exception.actions) {
    actions.push_back({NameOf(action.resolution), action.effect, action.needs_second_person});
  }
  const json body = {
      {"findings", FindingsJson(exception.findings)},
      {"owner_role", exception.owner_role},
      {"assignee", exception.assignee},
      {"actions", std::move(actions)},
      {"proposed", exception.proposed ? json(NameOf(*exception.proposed)) : json()},
      {"proposer", exception.proposer},
      {"proposed_content", exception.proposed_content},
      {"barred", exception.barred},
      {"resolver", exception.resolver},
      {"reason", exception.reason},
      {"resolved", OptionalTime(exception.resolved)}};
  return Dump(body);
}

absl::Status ReadExceptionBody(const std::string& body, model::ExceptionCase* exception) {
  try {
    return ReadException(json::parse(body), exception);
  } catch (const json::exception&) {
    return BadBody(base::StrCat("exception ", exception->id));
  }
}

std::string AuditBytes(const ports::AuditEntry& entry) {
  std::string out;
  const std::string numbers[] = {base::StrCat(entry.sequence), base::StrCat(ToMicros(entry.time))};
  const std::string* const fields[] = {
      &numbers[0],    &numbers[1],  &entry.actor,  &entry.role,           &entry.action,
      &entry.subject, &entry.entity, &entry.before, &entry.after,          &entry.reason,
      &entry.policy_version, &entry.correlation_id, &entry.previous_hash};
  for (const std::string* field : fields) base::StrAppend(&out, field->size(), ":", *field, "\n");
  return out;
}

std::string PageToken(std::string_view list, std::string_view key) {
  return Hex(base::StrCat(list, "/", key));
}

absl::StatusOr<std::string> ReadPageToken(std::string_view list, std::string_view token) {
  if (token.empty()) return std::string();
  const auto invalid = [] {
    return base::Error(Reason::kPageTokenInvalid).Field("page_token").Says("no token of this list");
  };
  if (token.size() > kPageTokenBytesMax || token.size() % 2 != 0) return invalid();
  std::string plain;
  for (size_t i = 0; i < token.size(); i += 2) {
    int byte = 0;
    for (const char c : token.substr(i, 2)) {
      const bool digit = c >= '0' && c <= '9';
      if (!digit && !(c >= 'a' && c <= 'f')) return invalid();
      byte = byte * 16 + (digit ? c - '0' : c - 'a' + 10);
    }
    plain.push_back(static_cast<char>(byte));
  }
  const std::string prefix = base::StrCat(list, "/");
  if (!plain.starts_with(prefix) || plain.size() == prefix.size()) return invalid();
  std::string key = plain.substr(prefix.size());
  if (key.find('\0') != std::string::npos || base::CountCodePoints(key) < 0) return invalid();
  return key;
}

absl::StatusOr<model::DocumentType> DocumentTypeOf(std::string_view name) {
  const auto found = ByName(name, model::DocumentType::kExpenseClaim);
  if (!found) return BadBody("an unknown document type");
  return *found;
}

absl::StatusOr<model::ExceptionState> ExceptionStateOf(std::string_view name) {
  const auto found = ByName(name, model::ExceptionState::kResolved);
  if (!found) return BadBody("an unknown exception state");
  return *found;
}

std::string_view NameOf(ports::DeliveryState state) {
  constexpr std::string_view kNames[] = {"PENDING", "DELIVERED", "PARKED", "DROPPED"};
  return kNames[static_cast<size_t>(state)];
}

absl::StatusOr<ports::DeliveryState> DeliveryStateOf(std::string_view name) {
  const auto found = ByName(name, ports::DeliveryState::kDropped);
  if (!found) return BadBody("an unknown delivery state");
  return *found;
}

std::string RandomHex(const ports::Crypto& crypto) {
  uint8_t bytes[16];
  crypto.Random(bytes, sizeof bytes);
  return Hex({reinterpret_cast<const char*>(bytes), sizeof bytes});
}

int64_t MarkOf(std::string_view hex_digest, size_t from) {
  uint64_t bits = 0;
  for (const char c : hex_digest.substr(from, 16)) {
    bits = bits << 4 | static_cast<uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  }
  return static_cast<int64_t>(bits);
}

int64_t ToMicros(absl::Time time) { return absl::ToUnixMicros(time); }

absl::Time FromMicros(int64_t micros) {
  if (micros == std::numeric_limits<int64_t>::max()) return absl::InfiniteFuture();
  if (micros == std::numeric_limits<int64_t>::min()) return absl::InfinitePast();
  return absl::FromUnixMicros(micros);
}

}  // namespace kontor::store::internal
