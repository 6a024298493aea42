// SPDX-License-Identifier: Apache-2.0
// Bank statements, files and the cash position: shown as the caller may see them.
#include "server/api/accepting.h"
#include "server/api/snake_json.h"
#include "server/api/statement_api.h"
#include "server/engine/accept.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;
using statements::Statements;
using statements::View;

/// States of a filter by their stored names.
template <typename States, typename NameOf>
absl::StatusOr<std::vector<std::string>> ReadStates(const States& states, NameOf name_of) {
  constexpr std::string_view kPrefix = "STATE_";
  std::vector<std::string> out;
  for (const int state : states) {
    const std::string name = name_of(state);
    if (name.empty()) return Error(Reason::kFieldInvalid).Field("states").Says("no such state");
    if (state != 0) out.push_back(name.substr(kPrefix.size()));
  }
  return out;
}

absl::StatusOr<v1::ListStatementsResponse> List(Statements& statements, const Call& call,
                                                const v1::ListStatementsRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto page, ReadPage(request.page_size(), request.page_token()));
  if (!request.entity().empty() && !call.actor.MaySee(request.entity())) {
    return Error(Reason::kEntityDenied).Field("entity").Says("not one of yours");
  }
  ports::FlowFilter filter;
  filter.kind = statements::kStatementKind;
  filter.entity = request.entity();
  KONTOR_ASSIGN_OR_RETURN(filter.states, ReadStates(request.states(), [](int state) {
                            return v1::Statement::State_Name(state);
                          }));
  KONTOR_ASSIGN_OR_RETURN(const auto listed,
                          statements.ListStatements(call.actor, filter, request.account_number(),
                                                    page));
  v1::ListStatementsResponse response;
  for (const View& view : listed.rows) {
    KONTOR_RETURN_IF_ERROR(ShowSnakeJson(call, view.json, response.add_statements()));
  }
  response.set_next_page_token(listed.next);
  return response;
}

absl::StatusOr<v1::ListStatementLinesResponse> ListLines(
    Statements& statements, const Call& call, const v1::ListStatementLinesRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto page, ReadPage(request.page_size(), request.page_token()));
  KONTOR_ASSIGN_OR_RETURN(const auto listed,
                          statements.ListLines(call.actor, request.id(), page));
  v1::ListStatementLinesResponse response;
  for (const View& view : listed.rows) {
    KONTOR_RETURN_IF_ERROR(ShowSnakeJson(call, view.json, response.add_lines()));
  }
  response.set_next_page_token(listed.next);
  return response;
}

absl::StatusOr<v1::ListBankFilesResponse> ListFiles(Statements& statements, const Call& call,
                                                    const v1::ListBankFilesRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto page, ReadPage(request.page_size(), request.page_token()));
  ports::FlowFilter filter;
  filter.kind = statements::kFileKind;
  filter.group = request.channel();
  KONTOR_ASSIGN_OR_RETURN(filter.states, ReadStates(request.states(), [](int state) {
                            return v1::BankFile::State_Name(state);
                          }));
  KONTOR_ASSIGN_OR_RETURN(const auto listed, statements.ListFiles(call.actor, filter, page));
  v1::ListBankFilesResponse response;
  for (const View& view : listed.rows) {
    KONTOR_RETURN_IF_ERROR(FromSnakeJson(view.json, response.add_files()));
  }
  response.set_next_page_token(listed.next);
  return response;
}

}  // namespace

absl::Status ImportUpload(Statements& statements, const Call& call, const base::Clock& clock,
                          const v1::ImportStatementRequest& head, const UploadedFile& file,
                          v1::ImportStatementResponse* response) {
  KONTOR_RETURN_IF_ERROR(engine::CheckRequestId(head.request_id()));
  statements::ImportRequest request;
  request.file_name = head.file_name();
  request.channel = head.channel();
  request.csv_mapping = head.csv_mapping();
  request.request_id = head.request_id();
  request.sha256 = file.sha256;
  request.bytes = file.size;
  KONTOR_ASSIGN_OR_RETURN(auto imported, statements.Import(call.actor, request, *file.bytes));
  const absl::Duration wait = std::min(ReadDuration(head.wait()), absl::Minutes(1));
  if (wait > absl::ZeroDuration()) {
    const bool repeated = imported.repeated;
    KONTOR_ASSIGN_OR_RETURN(imported, statements.WaitFor(call.actor, imported.file.id,
                                                         clock.Now() + wait));
    imported.repeated = repeated;
  }
  KONTOR_RETURN_IF_ERROR(FromSnakeJson(imported.file.json, response->mutable_file()));
  for (const View& view : imported.statements) {
    KONTOR_RETURN_IF_ERROR(ShowSnakeJson(call, view.json, response->add_statements()));
  }
  response->set_repeated(imported.repeated);
  return absl::OkStatus();
}

void AddStatementMethods(Statements& statements, Registry* registry) {
  const std::string service = "kontor.v1.StatementService/";
  registry->Add<v1::GetStatementRequest, v1::GetStatementResponse>(
      service + "GetStatement",
      [&statements](const Call& call,
                    const auto& request) -> absl::StatusOr<v1::GetStatementResponse> {
        KONTOR_ASSIGN_OR_RETURN(const View view,
                                statements.GetStatement(call.actor, request.id()));
        v1::GetStatementResponse response;
        KONTOR_RETURN_IF_ERROR(ShowSnakeJson(call, view.json, response.mutable_statement()));
        return response;
      });
  registry->Add<v1::ListStatementsRequest, v1::ListStatementsResponse>(
      service + "ListStatements", [&statements](const Call& call, const auto& request) {
        return List(statements, call, request);
      });
  registry->Add<v1::ListStatementLinesRequest, v1::ListStatementLinesResponse>(
      service + "ListStatementLines", [&statements](const Call& call, const auto& request) {
        return ListLines(statements, call, request);
      });
  registry->Add<v1::ListBankFilesRequest, v1::ListBankFilesResponse>(
      service + "ListBankFiles", [&statements](const Call& call, const auto& request) {
        return ListFiles(statements, call, request);
      });
  registry->Add<v1::GetCashPositionRequest, v1::GetCashPositionResponse>(
      service + "GetCashPosition",
      [&statements](const Call& call,
                    const auto& request) -> absl::StatusOr<v1::GetCashPositionResponse> {
        KONTOR_ASSIGN_OR_RETURN(const std::string json,
                                statements.CashPosition(call.actor, request.entity(),
                                                        request.currency_code()));
        v1::GetCashPositionResponse response;
        KONTOR_RETURN_IF_ERROR(ShowSnakeJson(call, json, &response));
        return response;
      });
}

}  // namespace kontor::api
