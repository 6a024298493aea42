// SPDX-License-Identifier: Apache-2.0
// Expense reports: submitted, shown, taken back. The rules are the loop's and the model's.
#include "kontor/v1/expense.pb.h"
#include "server/api/accepting.h"
#include "server/api/expense_api.h"
#include "server/api/snake_json.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;
using expenses::Expenses;

absl::StatusOr<model::ExpenseReport> ReadReport(const v1::ExpenseReport& in) {
  KONTOR_ASSIGN_OR_RETURN(const std::string json, ToSnakeJson(in));
  std::vector<model::Finding> findings;
  model::ExpenseReport report = model::ReadExpenseReport(json, &findings);
  if (model::HasErrors(findings)) return model::StatusOf(findings);
  return report;
}

template <typename Response>
absl::StatusOr<Response> Answered(const Call& call,
                                  const absl::StatusOr<expenses::ReportView>& view) {
  KONTOR_RETURN_IF_ERROR(view.status());
  Response response;
  KONTOR_RETURN_IF_ERROR(ShowSnakeJson(call, view->json, response.mutable_report()));
  return response;
}

absl::StatusOr<v1::SubmitExpenseReportResponse> Submit(
    Expenses& expenses, const Call& call, const v1::SubmitExpenseReportRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(model::ExpenseReport report, ReadReport(request.report()));
  KONTOR_ASSIGN_OR_RETURN(const auto result,
                          expenses.Submit(call.actor, request.request_id(), request.source(),
                                          std::move(report), request.validate_only()));
  v1::SubmitExpenseReportResponse response;
  KONTOR_RETURN_IF_ERROR(ShowSnakeJson(call, result.view.json, response.mutable_report()));
  for (const auto& finding : result.findings) WriteFinding(finding, response.add_findings());
  return response;
}

absl::StatusOr<v1::ListExpenseReportsResponse> List(Expenses& expenses, const Call& call,
                                                    const v1::ListExpenseReportsRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto page, ReadPage(request.page_size(), request.page_token()));
  if (!request.entity().empty() && !call.actor.MaySee(request.entity())) {
    return Error(Reason::kEntityDenied).Field("entity").Says("not one of yours");
  }
  if (!request.external_id().empty() && request.source().empty()) {
    return Error(Reason::kFieldMissing).Field("source").Says("external_id needs its source");
  }
  ports::FlowFilter filter;
  filter.kind = expenses::kReportKind;
  filter.entity = request.entity();
  filter.group = request.source();
  for (const int state : request.states()) {
    const std::string name = v1::ExpenseReport::State_Name(state);
    constexpr std::string_view kPrefix = "STATE_";
    if (name.empty()) return Error(Reason::kFieldInvalid).Field("states").Says("no such state");
    filter.states.push_back(name.substr(kPrefix.size()));
  }
  KONTOR_ASSIGN_OR_RETURN(const auto listed,
                          expenses.List(call.actor, filter, request.external_id(), page));
  v1::ListExpenseReportsResponse response;
  for (const auto& view : listed.rows) {
    KONTOR_RETURN_IF_ERROR(ShowSnakeJson(call, view.json, response.add_reports()));
  }
  response.set_next_page_token(listed.next);
  return response;
}

absl::StatusOr<v1::CheckExpenseMappingResponse> CheckMapping(
    Expenses& expenses, const Call& call, const v1::CheckExpenseMappingRequest& request) {
  if (request.mapping().size() > model::kMappingBytesMax) {
    return Error(Reason::kTooLarge).Field("mapping").Says("a mapping file has 64 KiB at most");
  }
  model::Source source;
  source.adapter = "generic";
  source.mapping = request.mapping();
  KONTOR_ASSIGN_OR_RETURN(const auto reading, expenses.Try(source, request.sample()));
  v1::CheckExpenseMappingResponse response;
  for (const auto& report : reading.reports) {
    const expenses::ReportView view{"", "", "", model::WriteExpenseReport(report.report, false)};
    Call shown = call;
    shown.unmasked = true;  // it is the caller's own sample
    KONTOR_RETURN_IF_ERROR(ShowSnakeJson(shown, view.json, response.add_reports()));
    for (const auto& finding : report.problems) WriteFinding(finding, response.add_findings());
    for (const auto& finding : model::ValidateExpenseReport(report.report)) {
      WriteFinding(finding, response.add_findings());
    }
  }
  return response;
}

}  // namespace

void AddExpenseMethods(Expenses& expenses, Registry* registry) {
  const std::string service = "kontor.v1.ExpenseService/";
  registry->Add<v1::SubmitExpenseReportRequest, v1::SubmitExpenseReportResponse>(
      service + "SubmitExpenseReport", [&expenses](const Call& call, const auto& request) {
        return Submit(expenses, call, request);
      });
  registry->Add<v1::GetExpenseReportRequest, v1::GetExpenseReportResponse>(
      service + "GetExpenseReport", [&expenses](const Call& call, const auto& request) {
        return Answered<v1::GetExpenseReportResponse>(call,
                                                      expenses.Get(call.actor, request.id()));
      });
  registry->Add<v1::ListExpenseReportsRequest, v1::ListExpenseReportsResponse>(
      service + "ListExpenseReports", [&expenses](const Call& call, const auto& request) {
        return List(expenses, call, request);
      });
  registry->Add<v1::RecallExpenseReportRequest, v1::RecallExpenseReportResponse>(
      service + "RecallExpenseReport", [&expenses](const Call& call, const auto& request) {
        return Answered<v1::RecallExpenseReportResponse>(
            call, expenses.Recall(call.actor, request.id(), request.reason()));
      });
  registry->Add<v1::CheckExpenseMappingRequest, v1::CheckExpenseMappingResponse>(
      service + "CheckExpenseMapping", [&expenses](const Call& call, const auto& request) {
        return CheckMapping(expenses, call, request);
      });
}

}  // namespace kontor::api
