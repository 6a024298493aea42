// SPDX-License-Identifier: Apache-2.0
#include "server/engine/payment_orders/internal/loop.h"

#include <condition_variable>

namespace kontor::payment_orders {
namespace {

/// An answer that comes on another thread, waited for here.
class Waited {
 public:
  void Set(absl::StatusOr<engine::AcceptResult> result) {
    const std::lock_guard lock(mutex_);
    result_ = std::move(result);
    come_ = true;
    wake_.notify_all();
  }
  absl::StatusOr<engine::AcceptResult> Take(absl::Duration patience) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, absl::ToChronoNanoseconds(patience), [this] { return come_; });
    if (come_) return std::move(result_);
    return Error(Reason::kDeadlineExceeded).Says("the engine has not answered in time");
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  absl::StatusOr<engine::AcceptResult> result_ = absl::UnknownError("not yet");
  bool come_ = false;
};

}  // namespace

absl::StatusOr<Flow> Loop::Load(const std::string& id) {
  absl::StatusOr<Flow> flow = absl::UnknownError("not read");
  KONTOR_RETURN_IF_ERROR(deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    flow = LoadFlow(view, id);
    return flow.status();
  }));
  return flow;
}

absl::StatusOr<model::OwnAccount> Loop::AccountByName(const std::string& name) {
  model::OwnAccount account;
  KONTOR_RETURN_IF_ERROR(deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindObject(model::kOwnAccountKind, name));
    if (!row.has_value()) {
      return Error(Reason::kOwnAccountUnknown)
          .Field("account")
          .With("account", name)
          .Says(StrCat("there is no account '", name, "'"));
    }
    KONTOR_ASSIGN_OR_RETURN(account, model::OwnAccountFromBody(row->body));
    account.id = row->id;
    account.name = row->name;
    account.version = row->version;
    return absl::OkStatus();
  }));
  return account;
}

absl::StatusOr<model::Channel> Loop::ChannelByName(const std::string& name) {
  model::Channel channel;
  KONTOR_RETURN_IF_ERROR(deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindObject(model::kChannelKind, name));
    if (!row.has_value()) {
      return Error(Reason::kChannelUnknown)
          .Field("channel")
          .With("channel", name)
          .Says(StrCat("there is no channel '", name, "'"));
    }
    KONTOR_ASSIGN_OR_RETURN(channel, model::ChannelFromBody(row->body));
    channel.id = row->id;
    channel.name = row->name;
    channel.version = row->version;
    return absl::OkStatus();
  }));
  return channel;
}

absl::StatusOr<std::shared_ptr<ports::BankChannel>> Loop::AdapterOf(const model::Channel& channel) {
  const std::lock_guard lock(adapters_mutex_);
  Kept& kept = adapters_[channel.id];
  if (kept.adapter != nullptr && kept.version == channel.version) return kept.adapter;
  KONTOR_ASSIGN_OR_RETURN(kept.adapter,
                          deps.channels(channel.kind, channel.settings, channel.secret));
  kept.version = channel.version;
  return kept.adapter;
}

absl::StatusOr<InForce> Loop::PolicyInForce(model::PolicyKind kind) {
  InForce found;
  KONTOR_RETURN_IF_ERROR(deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(found, PolicyIn(view, kind));
    return absl::OkStatus();
  }));
  return found;
}

absl::StatusOr<InForce> Loop::PolicyIn(ports::ReadView& view, model::PolicyKind kind) {
  KONTOR_ASSIGN_OR_RETURN(const auto rows, view.AllObjects(model::kPaymentPolicyKind));
  for (const ports::ObjectRow& row : rows) {
    KONTOR_ASSIGN_OR_RETURN(const auto policy, model::PaymentPolicyFromBody(row.body));
    if (policy.kind != kind || policy.state != model::PolicyState::kActive) continue;
    return InForce{policy.Name(), policy.content};
  }
  return InForce();
}

absl::StatusOr<std::shared_ptr<ports::Screening>> Loop::ScreeningOf(const std::string& content) {
  const std::lock_guard lock(screening_mutex_);
  if (screening_ != nullptr && screening_content_ == content) return screening_;
  std::vector<Finding> findings;
  const model::ScreeningRules rules = model::ReadScreeningRules(content, &findings);
  if (model::HasErrors(findings)) return model::StatusOf(findings);
  KONTOR_ASSIGN_OR_RETURN(screening_, deps.screening(rules));
  screening_content_ = content;
  return screening_;
}

absl::StatusOr<std::string> Loop::SuspensionOf(const std::string& entity) {
  KONTOR_ASSIGN_OR_RETURN(const engine::Entity found, deps.engine.GetEntity(entity));
  KONTOR_ASSIGN_OR_RETURN(const engine::Connection connection,
                          deps.engine.GetConnection(found.connection));
  if (!connection.suspended_reason.empty()) return connection.suspended_reason;
  if (found.mode == engine::Mode::kPaused || connection.mode == engine::Mode::kPaused) {
    return std::string(base::EntryOf(Reason::kConnectionPaused).name);
  }
  return std::string();
}

ports::Actor Loop::SelfFor(const std::string& entity) {
  ports::Actor actor;
  actor.principal_id = "kontord";
  actor.name = "kontord";
  actor.source = "payment-orders";
  actor.roles = {ports::Role::kSubmitter};
  actor.entities = {entity};
  return actor;
}

absl::StatusOr<engine::AcceptResult> Loop::Accept(const ports::Actor& actor,
                                                  engine::AcceptRequest request) {
  constexpr absl::Duration kPatience = absl::Minutes(3);
  auto waited = std::make_shared<Waited>();
  deps.engine.Accept(
      actor, std::move(request),
      [waited](absl::StatusOr<engine::AcceptResult> result) { waited->Set(std::move(result)); });
  return waited->Take(kPatience);
}

}  // namespace kontor::payment_orders
