// SPDX-License-Identifier: Apache-2.0
// One file forward: recognised, its statements stored, or its statuses handed on.
#include <algorithm>

#include "server/base/text.h"
#include "server/engine/statements/internal/loop.h"

namespace kontor::statements {
namespace {

using base::Reason;
using base::StrCat;
using model::Resolution;

/// Looks whether a file is a status report; keeps nothing.
class NoStatuses final : public ports::PaymentStatusSink {
 public:
  absl::Status OnOrder(const model::OrderStatus&) override { return absl::OkStatus(); }
  absl::Status OnInstruction(const model::InstructionStatus&) override { return absl::OkStatus(); }
  absl::Status OnTransfer(const model::TransferStatus&) override { return absl::OkStatus(); }
};

absl::StatusOr<FileFlow> LoadFile(Loop& loop, const std::string& id) {
  std::optional<ports::FlowRow> row;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(row, view.FindFlow(id));
    return absl::OkStatus();
  }));
  if (!row || row->kind != kFileKind) {
    return base::Error(Reason::kNotFound).Says("there is no such file");
  }
  return FileFlowOf(*std::move(row));
}

/// A mapping for tables: the file's own, or that of an account of its channel.
absl::StatusOr<std::string> MappingFor(Loop& loop, const FileFlow& file) {
  if (!file.body.csv_mapping.empty()) return file.body.csv_mapping;
  KONTOR_ASSIGN_OR_RETURN(const auto accounts, loop.Accounts());
  for (const model::OwnAccount& account : accounts) {
    const bool of_channel = !file.body.channel.empty() && account.channel == file.body.channel;
    if (of_channel && !account.csv_mapping.empty()) return account.csv_mapping;
  }
  return std::string();
}

absl::Status AskPerson(Loop& loop, FileFlow& file, std::vector<model::Finding> findings) {
  file.row.due = loop.Now() + loop.settings.look_interval;
  return loop.Commit([&](ports::Unit& unit) -> absl::Status {
    FileFlow copy = file;
    copy.body.findings = findings;
    KONTOR_RETURN_IF_ERROR(PutCase(loop, unit, copy));
    return WriteFlow(loop, unit, copy, FileState::kFailed);
  });
}

absl::Status Finish(Loop& loop, FileFlow& file, FileState state) {
  return loop.Commit([&](ports::Unit& unit) -> absl::Status {
    FileFlow copy = file;
    KONTOR_RETURN_IF_ERROR(engine::CloseFlowCase(loop.Desk(), unit, copy.body.correlation_id,
                                                 "the file was read", &copy.body.exception_id));
    return WriteFlow(loop, unit, copy, state);
  });
}

/// What kontord may try again by itself, as against what a person must look at.
bool MayPass(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kDeadlineExceeded ||
         base::Is(status, Reason::kQueueFull) || base::Is(status, Reason::kStoreFull);
}

absl::Status Fail(Loop& loop, FileFlow& file, const absl::Status& why) {
  if (base::Is(why, Reason::kLeaseLost) || base::Is(why, Reason::kVersionConflict)) return why;
  if (MayPass(why)) {
    file.row.due = loop.RetryAt(file.body.attempts++, base::InfoOf(why).retry_after);
    return SaveFlow(loop, file, file.state());
  }
  std::vector<model::Finding> findings = model::FindingsOf(why);
  if (findings.empty()) findings = {model::FindingOf(why)};
  return AskPerson(loop, file, std::move(findings));
}

/// Hands a status report on; a file that is none fails with `otherwise`.
absl::Status Route(Loop& loop, FileFlow& file, const absl::Status& otherwise) {
  NoStatuses sink;
  ports::ReadReport report;
  const auto first = OpenReadable(loop, file);
  const absl::Status read = loop.deps.codec.ReadStatuses(*first, sink, report);
  if (!read.ok()) return Fail(loop, file, report.format.empty() ? otherwise : read);
  file.body.format = report.format;
  if (loop.deps.statuses == nullptr) {
    return AskPerson(
        loop, file,
        {model::MakeFinding(Reason::kNotFound, "file",
                            "It is a status report, and no payment order is known here.")});
  }
  const auto second = OpenReadable(loop, file);
  // An upload names a channel, but did not come by it: a person's word is not the bank's.
  const std::string channel = file.body.actor == kSelf ? file.body.channel : std::string();
  const absl::Status taken =
      loop.deps.statuses->OnStatusFile(file.body.ReadableBlob(), channel, *second);
  if (!taken.ok()) return Fail(loop, file, taken);
  return Finish(loop, file, FileState::kRouted);
}

absl::StatusOr<std::vector<std::optional<model::OwnAccount>>> AccountsOf(
    Loop& loop, const Survey& survey, std::vector<model::Finding>* findings) {
  std::vector<std::optional<model::OwnAccount>> ours;
  for (size_t i = 0; i < survey.statements.size(); ++i) {
    const model::Statement& statement = survey.statements[i].statement;
    KONTOR_ASSIGN_OR_RETURN(auto account,
                            loop.AccountOf(statement.account.number,
                                           statement.account.currency.code()));
    if (!account) {
      findings->push_back(model::MakeFinding(
          Reason::kOwnAccountUnknown, StrCat("statements[", i, "].account"),
          StrCat("The statement is of the account ", base::Masked(statement.account.number),
                 ", which is none of ours.")));
    }
    ours.push_back(std::move(account));
  }
  return ours;
}

absl::Status ReadFile(Loop& loop, FileFlow& file) {
  const absl::Status opened = UnsealFile(loop, file);
  if (!opened.ok()) return Fail(loop, file, opened);
  KONTOR_ASSIGN_OR_RETURN(const std::string mapping, MappingFor(loop, file));
  auto survey = SurveyFile(loop, file, mapping);
  loop.Failpoint("statement.after_survey");
  if (base::Is(survey.status(), Reason::kFormatUnknown)) {
    return Route(loop, file, survey.status());
  }
  if (!survey.ok()) return Fail(loop, file, survey.status());
  file.body.format = survey->report.format;
  std::vector<model::Finding> findings;
  auto ours = AccountsOf(loop, *survey, &findings);
  if (!ours.ok()) return Fail(loop, file, ours.status());
  const absl::Status stored = StoreStatements(loop, file, mapping, *survey, *ours);
  if (!stored.ok()) return Fail(loop, file, stored);
  if (survey->statements.empty()) {
    return AskPerson(
        loop, file, {model::MakeFinding(Reason::kFormatInvalid, "file", "It holds no statement.")});
  }
  if (!findings.empty()) return AskPerson(loop, file, std::move(findings));
  file.body.findings = survey->report.findings;
  return Finish(loop, file, FileState::kRead);
}

}  // namespace

absl::Status StepFile(Loop& loop, const std::string& id) {
  KONTOR_ASSIGN_OR_RETURN(FileFlow file, LoadFile(loop, id));
  if (!file.row.open) return absl::OkStatus();
  if (file.state() == FileState::kFailed) {
    KONTOR_ASSIGN_OR_RETURN(const auto decision,
                            engine::DecisionOf(loop.deps.store, file.body.exception_id));
    if (decision == Resolution::kReject) {
      file.body.exception_id.clear();
      return SaveFlow(loop, file, FileState::kDiscarded);
    }
    if (decision) file.body.exception_id.clear();
    // An account that is known by now needs no person; anything else waits for one.
    const bool account = std::ranges::any_of(file.body.findings, [](const auto& finding) {
      return finding.reason == base::EntryOf(Reason::kOwnAccountUnknown).name;
    });
    if (!decision && !account) {
      file.row.due = loop.Now() + loop.settings.look_interval;
      return SaveFlow(loop, file, FileState::kFailed);
    }
  }
  return ReadFile(loop, file);
}

}  // namespace kontor::statements
