// SPDX-License-Identifier: Apache-2.0
// The quick question may be answered out of a worker's cache: one that rolled a batch back keeps
// its external ids and answers [model, False] for them, even when another worker made the record
// since. So that answer is checked by asking load(), which looks into the table.
#include "adapters/odoo/external_id.h"

#include <utility>

#include "adapters/odoo/classify.h"
#include "adapters/odoo/sheet.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;
using Kind = ports::ProbeResult::Kind;

/// A value that the selection does not have: a record that would have to be made cannot be.
constexpr std::string_view kNoSuchValue = "kontor_probe";

/// A selection of the model whose default Odoo checks when it makes a record (a partner's `type`
/// and `lang` are quietly dropped instead); empty for a model that kontor never makes under an
/// operation's external id.
std::string_view SelectionOf(std::string_view model) {
  if (model == "account.move") return "move_type";
  if (model == "account.payment") return "payment_type";
  if (model == "res.partner") return "tz";
  if (model == "hr.expense") return "payment_mode";
  if (model == "hr.expense.sheet") return "approval_state";
  return "";
}

absl::StatusOr<ports::ProbeResult> AskLoad(Work& work, const std::string& model,
                                           const std::string& external_id) {
  ports::ProbeResult result;
  result.kind = Kind::kNotVisible;
  result.record.model = model;
  const std::string_view selection = SelectionOf(model);
  if (selection.empty()) return result;
  RpcCall call;
  call.model = model;
  call.method = "load";
  call.params = {{"fields", Json::array({"id"})},
                 {"data", Json::array({Json::array({base::StrCat(kModule, ".", external_id)})})}};
  call.context = {{"mode", "update"},
                  {"noupdate", true},
                  {base::StrCat("default_", selection), std::string(kNoSuchValue)}};
  // Else Odoo looks for the employee that kontor's user is not.
  if (model.starts_with("hr.expense")) call.context["default_employee_id"] = false;
  KONTOR_ASSIGN_OR_RETURN(const Json raw, work.Read(std::move(call)));
  const LoadAnswer answer = ReadLoadAnswer(raw);
  if (answer.refused) {
    if (answer.try_again) {
      return Error(Reason::kOdooBusy)
          .Says("another transaction was first")
          .Happened(Outcome::kNotApplied);
    }
    // A sheet takes no defaults from the context: that it lacks its employee says as much.
    if (model == "hr.expense.sheet" && answer.field == "employee_id") return ports::ProbeResult{};
    // The value is in the refusal, in whatever language: Odoo tried to make the record, so it is
    // not there.
    if (answer.message.find(kNoSuchValue) != std::string::npos) return ports::ProbeResult{};
    return result;
  }
  if (answer.ids.size() != 1) return result;
  KONTOR_ASSIGN_OR_RETURN(const auto rows, work.ReadRecords(model, answer.ids, {"id"}));
  if (rows.empty()) return result;
  result.kind = Kind::kPresent;
  result.record.id = answer.ids.front();
  return result;
}

}  // namespace

absl::StatusOr<ports::ProbeResult> ProbeExternalId(Work& work, const std::string& external_id) {
  RpcCall call;
  call.model = "ir.model.data";
  call.method = "check_object_reference";
  call.params = {{"module", kModule}, {"xml_id", external_id}};
  const absl::StatusOr<Json> answer = work.Read(std::move(call));
  if (!answer.ok()) {
    const base::ErrorInfo info = base::InfoOf(answer.status());
    const auto it = info.metadata.find("exception");
    const bool missing = it != info.metadata.end() &&
                         (it->second == "builtins.ValueError" || it->second == "ValueError");
    if (!missing) return answer.status();
    return ports::ProbeResult{};
  }
  if (!answer->is_array() || answer->size() != 2 || !answer->front().is_string()) {
    return Error(Reason::kOdooAnswerUnreadable)
        .Says("check_object_reference answered something new")
        .Happened(Outcome::kNotApplied);
  }
  const std::string model = answer->front().get<std::string>();
  if (!(*answer)[1].is_number_integer()) return AskLoad(work, model, external_id);
  ports::ProbeResult result;
  result.kind = Kind::kPresent;
  result.record.model = model;
  result.record.id = (*answer)[1].get<int64_t>();
  return result;
}

}  // namespace kontor::odoo
