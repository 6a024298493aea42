// SPDX-License-Identifier: Apache-2.0
// From any id to the whole trail of the orders that it leads to.
#include <algorithm>

#include "server/base/ids.h"
#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {
namespace {

constexpr int kOrdersMax = 20;
constexpr int kEventsMax = 1000;

std::string LentBy(const std::string& delegator, const std::string& delegation) {
  return delegation.empty() ? "" : StrCat("; for ", delegator, " by the delegation ", delegation);
}

/// How the file was sealed for the bank; empty: it went as it is.
std::string HandedOverAs(const Flow& flow) {
  const ports::OutgoingFile handed = HandedOver(flow);
  if (handed.name == flow.body.file_name) return "";
  return StrCat("; handed over as ", handed.name,
                handed.sha256.empty() ? ", in a life of kontor that this store does not know of"
                                      : StrCat(", SHA-256 ", handed.sha256));
}

void AddPersons(const Flow& flow, std::vector<Trail::Entry>& entries) {
  for (const Approval& approval : flow.body.approvals) {
    const auto time = base::ParseInstant(approval.time);
    if (!time.ok()) continue;
    std::string note = StrCat("by ", approval.policy_version, ", digest ", approval.digest,
                              LentBy(approval.delegator, approval.delegation));
    if (!approval.void_reason.empty()) {
      base::StrAppend(&note, "; counts no more: ", approval.void_reason);
    }
    entries.push_back({*time, "approval", approval.name, flow.row.id, note});
  }
  if (const auto time = base::ParseInstant(flow.body.released_at); time.ok()) {
    entries.push_back({*time, "release", flow.body.releaser, flow.row.id,
                       StrCat("digest ", flow.body.digest,
                              LentBy(flow.body.release_delegator, flow.body.release_delegation))});
  }
}

absl::Status AddEvents(ports::ReadView& view, const Flow& flow,
                       std::vector<Trail::Entry>& entries) {
  ports::EventFilter filter;
  filter.subject = flow.row.id;
  KONTOR_ASSIGN_OR_RETURN(const auto events, view.ListEvents(filter, kEventsMax));
  for (const model::Event& event : events) {
    Trail::Entry entry;
    entry.time = event.time;
    entry.what = event.type;
    entry.reference = event.id;
    if (event.type == "payment_order.created") entry.who = flow.body.preparer;
    if (event.type == "payment_order.submitted") {
      entry.note = StrCat("file ", flow.body.file_name, ", SHA-256 ", flow.body.file_sha256,
                          HandedOverAs(flow));
    }
    if (event.type == "payment_order.rerouted") {
      entry.note = StrCat("by ", flow.body.channel, ", as it did not leave by ",
                          flow.body.first_channel);
    }
    entries.push_back(std::move(entry));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> OrdersBy(ports::ReadView& view,
                                                  const std::string& any_id) {
  if (any_id.empty()) {
    return Error(Reason::kFieldMissing).Field("id").Says("no id is given");
  }
  if (any_id.starts_with(base::kEventPrefix)) {
    KONTOR_ASSIGN_OR_RETURN(const auto event, view.FindEvent(any_id));
    if (event) return std::vector<std::string>{event->subject};
  }
  if (any_id.starts_with(base::kExceptionPrefix)) {
    KONTOR_ASSIGN_OR_RETURN(const auto exception, view.FindException(any_id));
    if (exception) return std::vector<std::string>{exception->subject};
  }
  return view.FlowsByKey(kTraceSpace, any_id, kOrdersMax);
}

absl::StatusOr<Trail> TraceAny(Loop& loop, const ports::Actor& actor, const std::string& any_id) {
  Trail trail;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    trail = {};
    KONTOR_ASSIGN_OR_RETURN(const auto ids, OrdersBy(view, any_id));
    for (const std::string& id : ids) {
      const auto flow = FindFor(view, actor, id);
      if (base::Is(flow.status(), Reason::kNotFound)) continue;
      KONTOR_RETURN_IF_ERROR(flow.status());
      trail.orders.push_back(ViewFor(*flow, true));
      AddPersons(*flow, trail.entries);
      KONTOR_RETURN_IF_ERROR(AddEvents(view, *flow, trail.entries));
    }
    return absl::OkStatus();
  }));
  if (trail.orders.empty()) {
    return Error(Reason::kNotFound).Field("id").Says("the id leads to no payment order");
  }
  std::ranges::stable_sort(trail.entries, {}, &Trail::Entry::time);
  return trail;
}

absl::Status ShareTrace(ports::Unit& unit, const Flow& flow, const std::string& id) {
  if (id.empty()) return absl::OkStatus();
  return unit.ShareFlowKey({kTraceSpace, id, flow.row.id});
}

}  // namespace kontor::payment_orders
