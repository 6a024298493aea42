// SPDX-License-Identifier: Apache-2.0
// Screening: lists, which come in pieces, and hits.
#include "kontor/v1/screening.grpc.pb.h"
#include "server/api/internal/grpc_call.h"
#include "server/api/internal/services.h"
#include "server/api/internal/upload_reactor.h"
#include "server/api/payment_order_api.h"

namespace kontor::api::internal {
namespace {

using ::kontor::v1::ImportScreeningListRequest;
using ::kontor::v1::ImportScreeningListResponse;

class Screening final : public ::kontor::v1::ScreeningService::CallbackService {
 public:
  Screening(Pipeline& pipeline, payment_orders::ScreeningLists& lists, const UploadLimits& limits)
      : pipeline_(pipeline), lists_(lists), threads_(limits) {}
  KONTOR_UNARY(ScreeningService, GetScreeningStatus)
  KONTOR_UNARY(ScreeningService, CheckScreeningName)
  KONTOR_UNARY(ScreeningService, GetScreeningHit)
  KONTOR_UNARY(ScreeningService, ListScreeningHits)
  KONTOR_UNARY(ScreeningService, ClearScreeningHit)
  KONTOR_UNARY(ScreeningService, ConfirmScreeningHit)
  KONTOR_UNARY(ScreeningService, ReopenScreeningHit)

  grpc::ServerReadReactor<ImportScreeningListRequest>* ImportScreeningList(
      grpc::CallbackServerContext* context, ImportScreeningListResponse* response) override {
    return new UploadReactor<ImportScreeningListRequest, ImportScreeningListResponse>(
        pipeline_, threads_, FactsOf(*context, "kontor.v1.ScreeningService/ImportScreeningList"),
        response,
        [this](const Call& call, const ImportScreeningListRequest& head, const Spool& spool,
               ImportScreeningListResponse* answer) {
          return ImportList(
              lists_, call, head, spool.sha256(), [&spool] { return spool.Open(); }, answer);
        });
  }

 private:
  Pipeline& pipeline_;
  payment_orders::ScreeningLists& lists_;
  FileThreads threads_;
};

}  // namespace

void AddScreeningServices(Pipeline& pipeline, const Parts& parts, const GrpcSettings& settings,
                          Services* out) {
  if (parts.lists == nullptr) return;
  // People load lists, one at a time.
  constexpr int kUploadsMax = 2;
  UploadLimits limits;
  limits.folder = settings.upload_folder;
  limits.bytes_max = settings.upload_bytes_max;
  limits.uploads_max = kUploadsMax;
  limits.threads = 1;
  out->push_back(std::make_unique<Screening>(pipeline, *parts.lists, limits));
}

}  // namespace kontor::api::internal
