// SPDX-License-Identifier: Apache-2.0
// The wiring of the rooms behind the face.
#include "server/engine/engine.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/accept.h"
#include "server/engine/admin.h"
#include "server/engine/lanes.h"
#include "server/engine/observe.h"
#include "server/engine/payables.h"
#include "server/engine/poller.h"
#include "server/engine/prober.h"
#include "server/engine/reconcile.h"
#include "server/engine/resolve.h"
#include "server/engine/stepping.h"
#include "server/engine/watching.h"

namespace kontor::engine {
namespace {

using base::Error;
using base::Reason;

/// What the store's listener holds: the store outlives the engine, so the engine cuts the line.
struct CommitLine {
  std::mutex mutex;
  std::function<void(const ports::CommitNotice&)> target;
};

bool Names(const std::vector<std::string>& kinds, std::string_view kind) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

class EngineImpl final : public SteppedEngine {
 public:
  EngineImpl(Dependencies dependencies, Settings settings, bool threads)
      : core_(std::move(dependencies), std::move(settings)),
        watchers_(core_),
        scheduler_(core_, watchers_),
        line_(std::make_shared<CommitLine>()),
        threads_(threads) {}
  ~EngineImpl() override { Stop(core_.Now()); }

  absl::Status Start() override {
    if (core_.settings.node.empty()) {
      return Error(Reason::kConfigInvalid).Field("engine.node").Says("the node has no name");
    }
    if (core_.settings.lease_ttl <= core_.settings.call_timeout) {
      return Error(Reason::kConfigInvalid)
          .Field("engine.lease_ttl")
          .Says("a lease must outlive a call");
    }
    KONTOR_ASSIGN_OR_RETURN(const auto lanes, LanesWithSending(core_));
    for (const std::string& lane : lanes) RecoverLane(core_, lane, true);
    {
      const std::lock_guard lock(line_->mutex);
      line_->target = [this](const ports::CommitNotice& notice) { NoteCommit(notice); };
    }
    core_.store().OnCommit([line = line_](const ports::CommitNotice& notice) {
      const std::lock_guard lock(line->mutex);
      if (line->target) line->target(notice);
    });
    if (threads_) scheduler_.Start();
    return absl::OkStatus();
  }

  void Stop(absl::Time deadline) override {
    {
      const std::lock_guard lock(line_->mutex);
      line_->target = nullptr;
    }
    scheduler_.Stop(deadline);
    watchers_.ServeAll();
  }

  void Accept(const ports::Actor& actor, AcceptRequest request,
              Done<AcceptResult> done) override {
    if (!request.validate_only) {
      return engine::Accept(core_, actor, std::move(request), std::move(done));
    }
    auto shared = std::make_shared<Done<AcceptResult>>(std::move(done));
    const bool taken = scheduler_.Post([this, actor, request = std::move(request), shared] {
      (*shared)(Validate(core_, actor, request));
    });
    if (!taken) (*shared)(Error(Reason::kQueueFull).Says("too many validations wait"));
  }

  void Wait(const std::string& operation_id, absl::Time deadline,
            Done<model::Operation> done) override {
    watchers_.Add(operation_id, deadline, std::move(done));
    scheduler_.NoteCommit({.operation_ids = {operation_id},
                           .lanes = {},
                           .last_event_sequence = 0,
                           .object_kinds = {},
                           .flow_kinds = {}});
  }

  absl::StatusOr<model::Operation> Release(const ports::Actor& actor,
                                           const std::string& operation_id,
                                           const std::string& reason,
                                           const RequestKey& key) override {
    return engine::Release(core_, actor, operation_id, reason, key);
  }
  absl::StatusOr<model::Operation> Retry(const ports::Actor& actor,
                                         const std::string& operation_id,
                                         const std::string& reason,
                                         const RequestKey& key) override {
    return engine::Retry(core_, actor, operation_id, reason, key);
  }
  absl::StatusOr<model::Operation> CancelOperation(const ports::Actor& actor,
                                                   const std::string& operation_id,
                                                   const std::string& reason,
                                                   const RequestKey& key) override {
    return engine::CancelOperation(core_, actor, operation_id, reason, key);
  }
  absl::StatusOr<model::ExceptionCase> ResolveException(const ports::Actor& actor,
                                                        const ResolveRequest& request,
                                                        const RequestKey& key) override {
    return engine::ResolveException(core_, actor, request, key);
  }
  absl::StatusOr<model::ExceptionCase> DeclineResolution(const ports::Actor& actor,
                                                         const std::string& exception_id,
                                                         const std::string& reason,
                                                         const RequestKey& key) override {
    return engine::DeclineResolution(core_, actor, exception_id, reason, key);
  }
  absl::StatusOr<ports::ErpReport> CheckConnection(const ports::Actor& actor,
                                                   const std::string& connection,
                                                   const std::string& entity) override {
    return engine::CheckConnection(core_, actor, connection, entity);
  }
  absl::StatusOr<model::Catalogue> GetCatalogue(const std::string& entity, bool fresh) override {
    KONTOR_ASSIGN_OR_RETURN(const auto found, core_.config.FindEntity(entity));
    KONTOR_ASSIGN_OR_RETURN(const auto catalogue,
                            core_.connections.CatalogueOf(found.value, fresh));
    return *catalogue;
  }
  absl::StatusOr<OpenEntity> Open(const std::string& entity) override {
    KONTOR_ASSIGN_OR_RETURN(const auto found, core_.config.FindEntity(entity));
    const std::string& name = found.value.connection;
    KONTOR_ASSIGN_OR_RETURN(const auto connection, core_.config.FindConnection(name));
    if (found.value.mode == Mode::kPaused || connection.value.mode == Mode::kPaused) {
      return base::Error(base::Reason::kConnectionPaused)
          .Happened(base::Outcome::kNotApplied)
          .Says(base::StrCat("'", entity, "' or its connection is paused"));
    }
    if (core_.connections.IsResting(name)) {
      return base::Error(base::Reason::kOdooUnreachable)
          .Happened(base::Outcome::kNotApplied)
          .Says(base::StrCat("the connection '", name, "' rests after a failure"));
    }
    return OpenToRead(entity);
  }
  absl::StatusOr<OpenEntity> OpenToRead(const std::string& entity) override {
    KONTOR_ASSIGN_OR_RETURN(const auto found, core_.config.FindEntity(entity));
    const std::string& name = found.value.connection;
    KONTOR_ASSIGN_OR_RETURN(const auto connection, core_.config.FindConnection(name));
    KONTOR_ASSIGN_OR_RETURN(const OpenConnection admitted, core_.connections.Admit(name));
    OpenEntity open;
    KONTOR_ASSIGN_OR_RETURN(open.catalogue, core_.connections.CatalogueOf(found.value, false));
    open.erp = admitted.erp;
    open.company_id = found.value.company_id;
    open.connection = name;
    open.shadow =
        found.value.mode == Mode::kShadow || connection.value.mode == Mode::kShadow;
    return open;
  }
  absl::StatusOr<std::vector<ports::Payable>> ReadPayables(const std::string& entity,
                                                           ports::PayableQuery query,
                                                           size_t most) override {
    return engine::ReadPayables(core_, entity, std::move(query), most);
  }
  absl::StatusOr<std::vector<model::NamedId>> ReadVendors(const std::string& entity,
                                                          size_t most) override {
    return engine::ReadVendors(core_, entity, most);
  }
  absl::StatusOr<std::vector<ports::BookedPayment>> ReadPayments(
      const std::string& entity, const std::vector<int64_t>& ids) override {
    return engine::ReadPayments(core_, entity, ids);
  }
  absl::Status UndoPayment(const std::string& entity, int64_t id) override {
    return engine::UndoPayment(core_, entity, id);
  }
  absl::StatusOr<ports::DocumentRow> Refresh(const std::string& document_id) override {
    return engine::Refresh(core_, document_id);
  }
  absl::StatusOr<ReconcileReport> Reconcile(const ports::Actor& actor, const std::string& entity,
                                            const model::Date& from,
                                            const model::Date& to,
                                            bool raise_exceptions,
                                            BankComparison bank) override {
    return engine::Reconcile(core_, actor, entity, from, to, raise_exceptions, std::move(bank));
  }
  absl::StatusOr<Agreement> ReleaseConnection(const ports::Actor& actor,
                                                    const std::string& connection,
                                                    const std::string& reason,
                                                    const RequestKey& key) override {
    return engine::ReleaseConnection(core_, actor, connection, reason, key);
  }
  absl::Status HoldForRestore() override { return engine::HoldForRestore(core_); }

  absl::StatusOr<Connection> PutConnection(const ports::Actor& actor, Connection connection,
                                           bool create, const RequestKey& key) override {
    return engine::PutConnection(core_, actor, std::move(connection), create, key);
  }
  absl::StatusOr<Entity> PutEntity(const ports::Actor& actor, Entity entity, bool create,
                                   const RequestKey& key) override {
    return engine::PutEntity(core_, actor, std::move(entity), create, key);
  }
  absl::StatusOr<Connection> GetConnection(const std::string& name) override {
    KONTOR_ASSIGN_OR_RETURN(const auto found, core_.config.FindConnection(name));
    return found.value;
  }
  absl::StatusOr<Entity> GetEntity(const std::string& name) override {
    KONTOR_ASSIGN_OR_RETURN(const auto found, core_.config.FindEntity(name));
    return found.value;
  }
  absl::StatusOr<std::vector<Connection>> ListConnections() override {
    KONTOR_ASSIGN_OR_RETURN(const auto config, core_.config.Get());
    std::vector<Connection> connections;
    for (const auto& [name, stored] : config->connections) connections.push_back(stored.value);
    return connections;
  }
  absl::StatusOr<std::vector<Entity>> ListEntities() override {
    KONTOR_ASSIGN_OR_RETURN(const auto config, core_.config.Get());
    std::vector<Entity> entities;
    for (const auto& [name, stored] : config->entities) entities.push_back(stored.value);
    return entities;
  }

  bool RunUntilIdle() override { return scheduler_.RunUntilIdle(); }
  absl::Status Sweep(const std::string& entity) override { return SweepEntity(core_, entity); }
  absl::Status Poll(const std::string& entity) override { return PollEntity(core_, entity); }

 private:
  void NoteCommit(const ports::CommitNotice& notice) {
    if (Names(notice.object_kinds, "entity") || Names(notice.object_kinds, "connection") ||
        Names(notice.object_kinds, "policy")) {
      core_.config.Invalidate();
    }
    scheduler_.NoteCommit(notice);
  }

  Core core_;
  Watchers watchers_;
  Scheduler scheduler_;
  std::shared_ptr<CommitLine> line_;
  bool threads_;
};

}  // namespace

std::unique_ptr<Engine> MakeEngine(Dependencies dependencies, Settings settings) {
  return std::make_unique<EngineImpl>(std::move(dependencies), std::move(settings), true);
}

std::unique_ptr<SteppedEngine> MakeSteppedEngine(Dependencies dependencies, Settings settings) {
  return std::make_unique<EngineImpl>(std::move(dependencies), std::move(settings), false);
}

}  // namespace kontor::engine
