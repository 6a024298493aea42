// SPDX-License-Identifier: Apache-2.0
#include "kontor/v1/partner.pb.h"
#include "server/api/accepting.h"

namespace kontor::api {
namespace {

Shown ShownTo(const Call& call) { return call.unmasked ? Shown::kAll : Shown::kMasked; }

absl::Status Write(const FoundDocument& found, Shown shown, v1::Partner* out) {
  if (found.operation.has_value()) WriteOrigin(*found.operation, out);
  return WritePartner(found.row, shown, out);
}

void Upsert(const Parts& parts, const Call& call, const v1::UpsertPartnerRequest& request,
            absl::Duration wait, Answer<v1::UpsertPartnerResponse> answer) {
  auto document = ReadPartner(request.partner(), "partner");
  if (!document.ok()) {
    answer(document.status());
    return;
  }
  AcceptAndWait(parts, call, AcceptRequestOf(request, call, *std::move(document)), wait,
                [answer = std::move(answer), shown = ShownTo(call)](auto accepted) {
                  if (!accepted.ok()) {
                    answer(accepted.status());
                    return;
                  }
                  answer(AcceptedResponse<v1::UpsertPartnerResponse>(
                      *accepted,
                      [shown](const FoundDocument& found, v1::UpsertPartnerResponse* out) {
                        return Write(found, shown, out->mutable_partner());
                      }));
                });
}

/// The newest document that upserted the reference, when no id is given.
absl::StatusOr<std::string> IdOf(const Parts& parts, const Call& call,
                                 const v1::GetPartnerRequest& request) {
  if (!request.id().empty()) return request.id();
  if (request.entity().empty() || request.reference().empty()) {
    return base::Error(base::Reason::kFieldMissing)
        .Field("id")
        .Says("give the id, or entity and reference");
  }
  KONTOR_ASSIGN_OR_RETURN(const auto entity, parts.engine.GetEntity(request.entity()));
  std::optional<ports::DocumentRow> row;
  KONTOR_RETURN_IF_ERROR(parts.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(
        row, view.FindDocumentByLookup(model::DocumentType::kPartner, entity.connection,
                                       call.actor.source, request.reference()));
    return absl::OkStatus();
  }));
  if (!row.has_value()) {
    return base::Error(base::Reason::kNotFound).Field("reference").Says("no such partner");
  }
  return row->id;
}

absl::StatusOr<v1::GetPartnerResponse> Get(const Parts& parts, const Call& call,
                                           const v1::GetPartnerRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto id, IdOf(parts, call, request));
  KONTOR_ASSIGN_OR_RETURN(
      const auto found, FindDocumentFor(parts, call.actor, id, model::DocumentType::kPartner));
  v1::GetPartnerResponse response;
  KONTOR_RETURN_IF_ERROR(Write(found, ShownTo(call), response.mutable_partner()));
  return response;
}

absl::StatusOr<v1::ListPartnersResponse> List(const Parts& parts, const Call& call,
                                              const v1::ListPartnersRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto page, ReadPage(request.page_size(), request.page_token()));
  ports::DocumentFilter filter;
  filter.type = model::DocumentType::kPartner;
  filter.entity = request.entity();
  filter.state = StateFilter(request.state());
  filter.source = request.source();
  v1::ListPartnersResponse response;
  KONTOR_RETURN_IF_ERROR(ListDocumentsFor(
      parts, call.actor, filter, page, [&](const FoundDocument& found) {
        return Write(found, ShownTo(call), response.add_partners());
      }, response.mutable_next_page_token()));
  return response;
}

}  // namespace

void AddPartnerMethods(Parts parts, Registry* registry) {
  const std::string service = "kontor.v1.PartnerService/";
  registry->AddAsync<v1::UpsertPartnerRequest, v1::UpsertPartnerResponse>(
      service + "UpsertPartner", [parts](const Call& call, const auto& request, auto answer) {
        Upsert(parts, call, request, ReadDuration(request.wait()), std::move(answer));
      });
  registry->AddAsync<v1::BatchUpsertPartnersRequest, v1::BatchUpsertPartnersResponse>(
      service + "BatchUpsertPartners", [parts](const Call& call, const auto& request, auto answer) {
        RunBatch<v1::BatchUpsertPartnersRequest, v1::BatchUpsertPartnersResponse,
                 v1::UpsertPartnerResponse>(
            parts, call, request, std::move(answer),
            [parts](const Call& c, const auto& item, absl::Duration wait, auto done) {
              Upsert(parts, c, item, wait, std::move(done));
            });
      });
  registry->Add<v1::GetPartnerRequest, v1::GetPartnerResponse>(
      service + "GetPartner",
      [parts](const Call& call, const auto& request) { return Get(parts, call, request); });
  registry->Add<v1::ListPartnersRequest, v1::ListPartnersResponse>(
      service + "ListPartners",
      [parts](const Call& call, const auto& request) { return List(parts, call, request); });
}

}  // namespace kontor::api
