// SPDX-License-Identifier: Apache-2.0
// Sanctions lists and hits, shown as the caller may see them.
#include "server/api/accepting.h"
#include "server/api/payment_order_api.h"
#include "server/api/snake_json.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;
using payment_orders::HitDecision;
using payment_orders::ListState;
using payment_orders::LoadedList;
using payment_orders::PaymentOrders;
using payment_orders::ScreeningLists;
using payment_orders::View;

v1::ScreeningList::State StateOf(ListState state) {
  switch (state) {
    case ListState::kLoaded: return v1::ScreeningList::STATE_LOADED;
    case ListState::kProposed: return v1::ScreeningList::STATE_PROPOSED;
    case ListState::kActive: return v1::ScreeningList::STATE_ACTIVE;
  }
  return v1::ScreeningList::STATE_UNSPECIFIED;
}

void Write(const LoadedList& list, v1::ScreeningList* out) {
  out->set_name(list.name);
  out->set_format(list.format);
  out->set_file_name(list.file_name);
  out->set_sha256(list.sha256);
  out->set_published(list.published.ToString());
  out->set_party_count(list.party_count);
  out->set_name_count(list.name_count);
  out->set_state(StateOf(list.state));
  out->set_policy_version(list.policy_version);
  out->set_stale(list.stale);
  out->set_importer(list.importer);
  WriteTime(list.imported, out->mutable_import_time());
}

/// Which words of a creditor's name are alike is part of the name.
absl::Status Write(const Call& call, const std::string& json, v1::ScreeningHit* out) {
  KONTOR_RETURN_IF_ERROR(ShowSnakeJson(call, json, out));
  if (!call.unmasked) out->clear_words();
  return absl::OkStatus();
}

template <typename Response>
absl::StatusOr<Response> Answered(const Call& call, const absl::StatusOr<View>& view) {
  KONTOR_RETURN_IF_ERROR(view.status());
  Response response;
  KONTOR_RETURN_IF_ERROR(Write(call, view->json, response.mutable_hit()));
  return response;
}

absl::StatusOr<v1::GetScreeningStatusResponse> Status(ScreeningLists& lists) {
  KONTOR_ASSIGN_OR_RETURN(const auto status, lists.Status());
  v1::GetScreeningStatusResponse response;
  for (const LoadedList& list : status.lists) Write(list, response.add_lists());
  response.set_policy_version(status.policy_version);
  response.set_threshold_percent(status.threshold_percent);
  response.set_stale_after_days(status.stale_after_days);
  return response;
}

absl::StatusOr<v1::CheckScreeningNameResponse> Check(PaymentOrders& orders,
                                                     const std::string& name) {
  KONTOR_ASSIGN_OR_RETURN(const auto hits, orders.CheckName(name));
  v1::CheckScreeningNameResponse response;
  for (const ports::ScreeningHit& hit : hits) {
    v1::ScreeningHit* const out = response.add_hits();
    out->set_holder_name(name);  // the caller's own word
    out->set_list(hit.list);
    out->set_entry_id(hit.entry_id);
    out->set_entry_title(hit.entry_name);
    out->set_spelling(hit.name);
    out->set_weak(hit.weak);
    out->set_entry_type(std::string(ports::NameOf(hit.type)));
    out->set_programmes(hit.programmes);
    out->set_likeness_percent(hit.likeness_percent);
    out->set_words(hit.words);
    out->set_entry_digest(hit.entry_digest);
  }
  return response;
}

absl::StatusOr<v1::ListScreeningHitsResponse> List(PaymentOrders& orders, const Call& call,
                                                   const v1::ListScreeningHitsRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto page, ReadPage(request.page_size(), request.page_token()));
  constexpr std::string_view kPrefix = "STATE_";
  std::string state;
  if (request.state() != v1::ScreeningHit::STATE_UNSPECIFIED) {
    state = v1::ScreeningHit::State_Name(request.state());
    if (state.empty()) return Error(Reason::kFieldInvalid).Field("state").Says("no such state");
    state = state.substr(kPrefix.size());
  }
  KONTOR_ASSIGN_OR_RETURN(const auto listed,
                          orders.ListHits(call.actor, request.entity(), state, page));
  v1::ListScreeningHitsResponse response;
  for (const View& view : listed.rows) {
    KONTOR_RETURN_IF_ERROR(Write(call, view.json, response.add_hits()));
  }
  response.set_next_page_token(listed.next);
  return response;
}

template <typename Request, typename Response>
void AddDecision(const std::string& method, HitDecision decision, PaymentOrders& orders,
                 Registry* registry) {
  registry->Add<Request, Response>(
      method, [&orders, decision](const Call& call, const auto& request) {
        return Answered<Response>(
            call, orders.DecideHit(call.actor, request.id(), decision, request.reason()));
      });
}

}  // namespace

absl::Status ImportList(ScreeningLists& lists, const Call& call,
                        const v1::ImportScreeningListRequest& head, const std::string& sha256,
                        const ScreeningLists::OpenBytes& open,
                        v1::ImportScreeningListResponse* response) {
  payment_orders::ListImport request;
  request.request_id = head.request_id();
  request.list = head.list();
  request.file_name = head.file_name();
  request.sha256 = sha256;
  KONTOR_ASSIGN_OR_RETURN(request.published, ReadDate(head.published(), "published"));
  request.reason = head.reason();
  KONTOR_ASSIGN_OR_RETURN(const auto imported, lists.Import(call.actor, request, open));
  Write(imported.list, response->mutable_list());
  response->set_policy_version(imported.policy_version);
  response->set_policy_digest(imported.policy_digest);
  response->set_active_party_count(imported.active_party_count);
  return absl::OkStatus();
}

void AddScreeningMethods(ScreeningLists& lists, PaymentOrders& orders, Registry* registry) {
  const std::string service = "kontor.v1.ScreeningService/";
  registry->Add<v1::GetScreeningStatusRequest, v1::GetScreeningStatusResponse>(
      service + "GetScreeningStatus", [&lists](const Call&, const auto&) { return Status(lists); });
  registry->Add<v1::CheckScreeningNameRequest, v1::CheckScreeningNameResponse>(
      service + "CheckScreeningName",
      [&orders](const Call&, const auto& request) { return Check(orders, request.name()); });
  registry->Add<v1::GetScreeningHitRequest, v1::GetScreeningHitResponse>(
      service + "GetScreeningHit", [&orders](const Call& call, const auto& request) {
        return Answered<v1::GetScreeningHitResponse>(call, orders.GetHit(call.actor, request.id()));
      });
  registry->Add<v1::ListScreeningHitsRequest, v1::ListScreeningHitsResponse>(
      service + "ListScreeningHits",
      [&orders](const Call& call, const auto& request) { return List(orders, call, request); });
  AddDecision<v1::ClearScreeningHitRequest, v1::ClearScreeningHitResponse>(
      service + "ClearScreeningHit", HitDecision::kClear, orders, registry);
  AddDecision<v1::ConfirmScreeningHitRequest, v1::ConfirmScreeningHitResponse>(
      service + "ConfirmScreeningHit", HitDecision::kConfirm, orders, registry);
  AddDecision<v1::ReopenScreeningHitRequest, v1::ReopenScreeningHitResponse>(
      service + "ReopenScreeningHit", HitDecision::kReopen, orders, registry);
}

}  // namespace kontor::api
