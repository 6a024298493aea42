// SPDX-License-Identifier: Apache-2.0
// `kontorctl source add`, which prints what the platform's administrator needs, and `kontorctl
// expense map`, which shows what a mapping file makes of a message.
#include <ostream>

#include "kontor/v1/expense.pb.h"
#include "kontor/v1/source.pb.h"
#include "sdk/cli/fields.h"
#include "sdk/cli/output.h"
#include "sdk/cli/own_commands.h"
#include "sdk/cli/table.h"

namespace kontor::cli {
namespace {

/// `--settings FILE` first, then flags over it: `--adapter` is `source.adapter`.
absl::Status FillSource(const Globals& globals, v1::CreateSourceRequest* request) {
  for (const auto& [flag, value] : globals.fields) {
    if (flag != "settings") continue;
    std::string json;
    absl::Status read = ReadWhole(value, &json);
    if (read.ok()) read = ReadJsonInto(json, value, request->mutable_source());
    if (!read.ok()) return read;
  }
  request->mutable_source()->set_name(globals.words[2]);
  for (const auto& [flag, value] : globals.fields) {
    if (flag == "settings") continue;
    if (flag == "mapping") {
      const absl::Status read = ReadWhole(value, request->mutable_source()->mutable_mapping());
      if (!read.ok()) return read;
      continue;
    }
    const absl::Status set = flag == "secret"
                                 ? SetField("secret", value, request)
                                 : SetField(flag, value, request->mutable_source());
    if (!set.ok()) return set;
  }
  return absl::OkStatus();
}

void Print(const v1::CreateSourceResponse& response, Surroundings& surroundings) {
  auto& out = surroundings.out;
  out << "source   " << response.source().name() << " (in test until `kontorctl source check "
      << response.source().name() << "` passes)\n";
  // A service from before this field tells the path alone.
  const std::string& webhook =
      response.url().empty() ? response.source().hook_path() : response.url();
  if (!webhook.empty()) out << "webhook  " << webhook << "\n";
  if (!response.secret().empty()) {
    out << "secret   " << response.secret() << "  (shown this once)\n";
  }
  if (!response.curl().empty()) out << "try it   " << response.curl() << "\n";
}

}  // namespace

ExitCode RunSourceAdd(const Globals& globals, Surroundings& surroundings) {
  constexpr size_t kWords = 3;
  if (globals.words.size() != kWords) {
    return Usage(absl::InvalidArgumentError("source add needs one name"), surroundings);
  }
  v1::CreateSourceRequest request;
  const absl::Status filled = FillSource(globals, &request);
  if (!filled.ok()) return Usage(filled, surroundings);
  sdk::FillRequestIds(request);
  auto connection = surroundings.connect(globals.options);
  if (!connection.ok()) return Usage(connection.status(), surroundings);
  v1::CreateSourceResponse response;
  const absl::Status called =
      (*connection)->Call("/kontor.v1.SourceService/CreateSource", request, response, {});
  if (!called.ok()) return Fail(called, globals, surroundings);
  if (!globals.secret_file.empty()) {
    const absl::Status saved = WriteNewSecret(globals.secret_file, response.secret() + "\n");
    if (saved.ok()) {
      response.set_secret("saved in " + globals.secret_file);
      response.clear_curl();  // what is signed with the secret tells of it
    } else {
      surroundings.err << "kontorctl: " << saved.message() << "\n";
    }
  }
  if (globals.json) {
    surroundings.out << ToJson(response);
  } else {
    Print(response, surroundings);
  }
  return kDone;
}

ExitCode RunExpenseMap(const Globals& globals, Surroundings& surroundings) {
  constexpr size_t kWords = 3;
  std::string sample;
  for (const auto& [flag, value] : globals.fields) {
    if (flag == "try") sample = value;
  }
  if (globals.words.size() != kWords || sample.empty()) {
    return Usage("usage: kontorctl expense map MAPPING --try FILE", surroundings);
  }
  v1::CheckExpenseMappingRequest request;
  absl::Status read = ReadWhole(globals.words[2], request.mutable_mapping());
  if (read.ok()) read = ReadWhole(sample, request.mutable_sample());
  if (!read.ok()) return Usage(read, surroundings);
  auto connection = surroundings.connect(globals.options);
  if (!connection.ok()) return Usage(connection.status(), surroundings);
  v1::CheckExpenseMappingResponse response;
  const absl::Status called =
      (*connection)->Call("/kontor.v1.ExpenseService/CheckExpenseMapping", request, response, {});
  if (!called.ok()) return Fail(called, globals, surroundings);
  if (globals.json) {
    surroundings.out << ToJson(response);
  } else {
    for (const auto& report : response.reports()) surroundings.out << ToJson(report);
    if (response.reports().empty()) surroundings.out << "the message carries no report\n";
    Table table;
    table.columns = {{"field"}, {"finding"}, {"what to do"}};
    for (const auto& finding : response.findings()) {
      table.rows.push_back({{finding.field()}, {finding.message(), Colour::kRed},
                            {finding.suggestion()}});
    }
    if (!table.rows.empty()) surroundings.out << Render(table, surroundings.terminal);
  }
  return response.findings().empty() ? kDone : kRefused;
}

}  // namespace kontor::cli
