// SPDX-License-Identifier: Apache-2.0
// The face of the loop.
#include "server/engine/statements/statements.h"

#include <algorithm>

#include "absl/time/civil_time.h"
#include "server/base/text.h"
#include "server/engine/statements/internal/loop.h"
#include "server/engine/statements/internal/worker.h"

namespace kontor::statements {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

constexpr int kNameMax = 255;
constexpr size_t kMappingMax = size_t{64} << 10U;
constexpr size_t kShownMax = 100;     // statements of one file in an answer
constexpr int kKeysMax = 5000;        // statements of one account in one month
constexpr int kMonthsMax = 120;       // that lists of one account go back

absl::Status NoSuch(std::string_view what) {
  return Error(Reason::kNotFound).Field("id").Says(StrCat("there is no such ", what));
}

View ViewFor(const Flow& flow) { return {flow.row.id, flow.row.entity, ViewOf(flow)}; }
View ViewFor(const FileFlow& flow) { return {flow.row.id, flow.row.entity, ViewOf(flow)}; }

/// What belongs to no entity yet is shown to those who see all.
bool MaySee(const ports::Actor& actor, const std::string& entity) {
  return entity.empty() ? actor.entities.empty() : actor.MaySee(entity);
}

class StatementsImpl final : public Statements {
 public:
  StatementsImpl(Dependencies dependencies, Settings settings, bool threads)
      : loop_(std::move(dependencies), std::move(settings)), worker_(loop_), threads_(threads) {}

  absl::Status Start() override {
    if (loop_.settings.lease_ttl <= loop_.settings.call_timeout) {
      return Error(Reason::kConfigInvalid)
          .Field("banks.lease_ttl")
          .Says("a lease must outlive a call");
    }
    if (threads_) worker_.Start();
    return absl::OkStatus();
  }
  void Stop(absl::Time /*deadline*/) override { worker_.Stop(); }

  absl::StatusOr<Imported> Import(const ports::Actor& actor, const ImportRequest& request,
                                  ports::ByteSource& bytes) override {
    KONTOR_RETURN_IF_ERROR(CheckRequest(actor, request));
    KONTOR_ASSIGN_OR_RETURN(const KeptFile kept,
                            KeepFile(loop_, request, actor.principal_id, bytes));
    KONTOR_ASSIGN_OR_RETURN(Imported imported, Shown(actor, kept.flow));
    imported.repeated = kept.repeated;
    return imported;
  }

  absl::StatusOr<std::string> Receive(const std::string& channel, const std::string& name,
                                      const std::string& bytes) override {
    return ReceiveFile(loop_, channel, name, bytes);
  }

  absl::StatusOr<Imported> WaitFor(const ports::Actor& actor, const std::string& file_id,
                                   absl::Time deadline) override {
    absl::StatusOr<FileFlow> file = absl::UnknownError("");
    worker_.WaitUntil(deadline, [&] {
      file = LoadFile(file_id);
      return !file.ok() || file->state() != FileState::kReceived;
    });
    KONTOR_ASSIGN_OR_RETURN(const FileFlow found, LoadFile(file_id));
    return Shown(actor, found);
  }

  absl::StatusOr<View> GetStatement(const ports::Actor& actor, const std::string& id) override {
    KONTOR_ASSIGN_OR_RETURN(Flow flow, FlowFor(actor, id));
    KONTOR_RETURN_IF_ERROR(ForgetResolved(flow.body.exception_id));
    return ViewFor(flow);
  }

  absl::StatusOr<ports::Listed<View>> ListStatements(const ports::Actor& actor,
                                                     const ports::FlowFilter& filter,
                                                     const std::string& number,
                                                     const ports::Page& page) override {
    std::string account_id;
    if (!number.empty()) {
      KONTOR_ASSIGN_OR_RETURN(const auto account, loop_.AccountOf(number, ""));
      if (!account || !actor.MaySee(account->entity)) {
        return Error(Reason::kOwnAccountUnknown)
            .Field("account_number")
            .Says("no account of ours has this number");
      }
      account_id = account->id;
    }
    ports::Listed<ports::FlowRow> rows;
    KONTOR_RETURN_IF_ERROR(loop_.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
      rows = {};
      if (account_id.empty()) {
        KONTOR_ASSIGN_OR_RETURN(rows, view.ListFlows(filter, page));
        return absl::OkStatus();
      }
      KONTOR_ASSIGN_OR_RETURN(rows, OfAccount(view, account_id, filter, page));
      return absl::OkStatus();
    }));
    ports::Listed<View> listed;
    listed.next = rows.next;
    for (ports::FlowRow& row : rows.rows) {
      if (!MaySee(actor, row.entity)) continue;
      KONTOR_ASSIGN_OR_RETURN(Flow flow, FlowOf(std::move(row)));
      KONTOR_RETURN_IF_ERROR(ForgetResolved(flow.body.exception_id));
      listed.rows.push_back(ViewFor(flow));
    }
    return listed;
  }

  absl::StatusOr<ports::Listed<View>> ListLines(const ports::Actor& actor, const std::string& id,
                                                const ports::Page& page) override {
    KONTOR_ASSIGN_OR_RETURN(const Flow flow, FlowFor(actor, id));
    int64_t after = 0;
    if (!page.after.empty()) {
      const auto parsed = base::ParseInt64(page.after);
      if (!parsed.ok()) {
        return Error(Reason::kFieldInvalid).Field("page_token").Says("not a token of this list");
      }
      after = *parsed;
    }
    std::vector<ports::FlowLineRow> rows;
    KONTOR_RETURN_IF_ERROR(loop_.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(rows, view.FlowLines(id, after, page.limit));
      return absl::OkStatus();
    }));
    ports::Listed<View> listed;
    for (const ports::FlowLineRow& row : rows) {
      KONTOR_ASSIGN_OR_RETURN(const Line line, LineOf(row.body));
      listed.rows.push_back({id, flow.row.entity, ViewOf(row, line)});
    }
    if (static_cast<int>(rows.size()) == page.limit) {
      listed.next = std::to_string(rows.back().number);
    }
    return listed;
  }

  absl::StatusOr<ports::Listed<View>> ListFiles(const ports::Actor& actor,
                                                const ports::FlowFilter& filter,
                                                const ports::Page& page) override {
    if (!actor.entities.empty()) {
      return Error(Reason::kEntityDenied)
          .Says("a bank file may hold statements of several entities: only those who see all may "
                "list files");
    }
    ports::Listed<ports::FlowRow> rows;
    KONTOR_RETURN_IF_ERROR(loop_.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(rows, view.ListFlows(filter, page));
      return absl::OkStatus();
    }));
    ports::Listed<View> listed;
    listed.next = rows.next;
    for (ports::FlowRow& row : rows.rows) {
      KONTOR_ASSIGN_OR_RETURN(const FileFlow flow, FileFlowOf(std::move(row)));
      listed.rows.push_back(ViewFor(flow));
    }
    return listed;
  }

  absl::StatusOr<std::string> CashPosition(const ports::Actor& actor, const std::string& entity,
                                           const std::string& currency) override {
    if (!entity.empty() && !actor.MaySee(entity)) {
      return Error(Reason::kEntityDenied).Field("entity").Says("not one of yours");
    }
    return CashPositionOf(loop_, actor, entity, currency);
  }

  absl::StatusOr<engine::BankComparison> CompareWithOdoo(const std::string& entity,
                                                         const base::Date& from,
                                                         const base::Date& to) override {
    return statements::CompareWithOdoo(loop_, entity, from, to);
  }

  bool RunUntilIdle() override { return worker_.RunUntilIdle(); }

 private:
  absl::Status CheckRequest(const ports::Actor& actor, const ImportRequest& request) {
    if (request.bytes == 0) {
      return Error(Reason::kFieldMissing).Field("chunk").Says("the file is empty");
    }
    KONTOR_RETURN_IF_ERROR(base::CheckText(request.file_name, kNameMax, "file_name"));
    if (request.csv_mapping.size() > kMappingMax) {
      return Error(Reason::kTooLarge).Field("csv_mapping").Says("a mapping has 64 KiB at most");
    }
    if (request.channel.empty()) return absl::OkStatus();
    KONTOR_ASSIGN_OR_RETURN(const auto channels, loop_.Channels());
    for (const model::Channel& channel : channels) {
      if (channel.name == request.channel) return CheckEntities(actor, request.channel);
    }
    return Error(Reason::kChannelUnknown)
        .Field("channel")
        .Says(StrCat("there is no channel '", request.channel, "'"));
  }

  /// A file of a channel may tell of every account that the channel serves.
  absl::Status CheckEntities(const ports::Actor& actor, const std::string& channel) {
    KONTOR_ASSIGN_OR_RETURN(const auto accounts, loop_.Accounts());
    for (const model::OwnAccount& account : accounts) {
      if (account.channel == channel && !actor.MaySee(account.entity)) {
        return Error(Reason::kEntityDenied)
            .Field("channel")
            .Says("the channel serves accounts of entities that are not yours");
      }
    }
    return absl::OkStatus();
  }

  /// A case that a person closed is none any more, also where nothing waited for it.
  absl::Status ForgetResolved(std::string& exception_id) {
    KONTOR_ASSIGN_OR_RETURN(const auto decision,
                            engine::DecisionOf(loop_.deps.store, exception_id));
    if (decision) exception_id.clear();
    return absl::OkStatus();
  }

  absl::StatusOr<FileFlow> LoadFile(const std::string& id) {
    std::optional<ports::FlowRow> row;
    KONTOR_RETURN_IF_ERROR(loop_.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(row, view.FindFlow(id));
      return absl::OkStatus();
    }));
    if (!row || row->kind != kFileKind) return NoSuch("file");
    return FileFlowOf(*std::move(row));
  }

  absl::StatusOr<Flow> FlowFor(const ports::Actor& actor, const std::string& id) {
    auto flow = LoadFlow(loop_, id);
    if (!flow.ok() || !MaySee(actor, flow->row.entity)) return NoSuch("statement");
    return flow;
  }

  absl::StatusOr<Imported> Shown(const ports::Actor& actor, const FileFlow& file) {
    Imported imported;
    imported.file = ViewFor(file);
    for (const std::string& id : file.body.statement_ids) {
      if (imported.statements.size() >= kShownMax) break;
      const auto flow = LoadFlow(loop_, id);
      if (flow.ok() && MaySee(actor, flow->row.entity)) {
        imported.statements.push_back(ViewFor(*flow));
      }
    }
    return imported;
  }

  absl::StatusOr<ports::Listed<ports::FlowRow>> OfAccount(ports::ReadView& view,
                                                          const std::string& account_id,
                                                          const ports::FlowFilter& filter,
                                                          const ports::Page& page) {
    ports::Listed<ports::FlowRow> rows;
    absl::CivilMonth month = absl::ToCivilMonth(loop_.Now(), absl::UTCTimeZone());
    for (int i = 0; i < kMonthsMax; ++i, --month) {
      const absl::Time within = absl::FromCivil(month, absl::UTCTimeZone());
      KONTOR_ASSIGN_OR_RETURN(
          const auto ids, view.FlowsByKey(kAccountSpace, MonthKey(account_id, within), kKeysMax));
      for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
        if (!page.after.empty() && *id >= page.after) continue;
        KONTOR_ASSIGN_OR_RETURN(auto row, view.FindFlow(*id));
        const bool wanted =
            row && (filter.states.empty() ||
                    std::ranges::find(filter.states, row->state) != filter.states.end());
        if (!wanted) continue;
        if (static_cast<int>(rows.rows.size()) == page.limit) {
          rows.next = rows.rows.back().id;
          return rows;
        }
        rows.rows.push_back(*std::move(row));
      }
    }
    return rows;
  }

  Loop loop_;
  Worker worker_;
  const bool threads_;
};

}  // namespace

std::unique_ptr<Statements> MakeStatements(Dependencies dependencies, Settings settings,
                                           bool threads) {
  return std::make_unique<StatementsImpl>(std::move(dependencies), std::move(settings), threads);
}

}  // namespace kontor::statements
