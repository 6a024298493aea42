// SPDX-License-Identifier: Apache-2.0
#include "server/engine/payment_orders/internal/loop.h"

#include "server/engine/banks/rows.h"

namespace kontor::payment_orders {

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
    KONTOR_ASSIGN_OR_RETURN(account, banks::FindAccount(view, name, "account"));
    return absl::OkStatus();
  }));
  return account;
}

absl::StatusOr<model::Channel> Loop::ChannelByName(const std::string& name) {
  model::Channel channel;
  KONTOR_RETURN_IF_ERROR(deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(channel, banks::FindChannel(view, name, "channel"));
    return absl::OkStatus();
  }));
  return channel;
}

absl::StatusOr<std::shared_ptr<ports::BankChannel>> Loop::AdapterOf(const model::Channel& channel) {
  return adapters_.Get(channel.id, channel.version, [&] {
    return deps.channels(channel.kind, channel.settings, channel.secret);
  });
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

bool Loop::MayLook(const std::string& channel) const {
  const std::lock_guard lock(looking_mutex_);
  const auto it = rests_until_.find(channel);
  return it == rests_until_.end() || it->second <= Now();
}

void Loop::RestFromLooking(const std::string& channel) {
  const std::lock_guard lock(looking_mutex_);
  rests_until_[channel] = Now() + settings.outbox_interval;
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

}  // namespace kontor::payment_orders
