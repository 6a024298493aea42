// SPDX-License-Identifier: Apache-2.0
#include "kontor/v1/invoice.grpc.pb.h"
#include "kontor/v1/journal_entry.grpc.pb.h"
#include "kontor/v1/partner.grpc.pb.h"
#include "kontor/v1/payment.grpc.pb.h"
#include "server/api/internal/bulk_reactor.h"
#include "server/api/internal/grpc_call.h"
#include "server/api/internal/services.h"

namespace kontor::api::internal {
namespace {

class Invoices final : public ::kontor::v1::InvoiceService::CallbackService {
 public:
  Invoices(Pipeline& pipeline, int window) : pipeline_(pipeline), window_(window) {}
  KONTOR_UNARY(InvoiceService, CreateInvoice)
  KONTOR_UNARY(InvoiceService, BatchCreateInvoices)
  KONTOR_UNARY(InvoiceService, GetInvoice)
  KONTOR_UNARY(InvoiceService, ListInvoices)
  KONTOR_UNARY(InvoiceService, CancelInvoice)
  KONTOR_UNARY(InvoiceService, ReverseInvoice)

  grpc::ServerBidiReactor<BulkRequest, BulkResponse>* StreamInvoices(
      grpc::CallbackServerContext* context) override {
    // Each item takes the way of a CreateInvoice, rights included.
    CallFacts facts = FactsOf(*context, "kontor.v1.InvoiceService/CreateInvoice");
    const Registry::Method* create = pipeline_.registry().Find(facts.method);
    return MakeBulkReactor(
        pipeline_, std::move(facts),
        [create](const Call& call, const ::kontor::v1::CreateInvoiceRequest& item,
                 Answer<::kontor::v1::CreateInvoiceResponse> answer) {
          auto response = std::make_shared<::kontor::v1::CreateInvoiceResponse>();
          create->run(call, item, response.get(),
                      [response, answer = std::move(answer)](const absl::Status& status) {
                        if (status.ok()) {
                          answer(std::move(*response));
                        } else {
                          answer(status);
                        }
                      });
        },
        window_);
  }

 private:
  Pipeline& pipeline_;
  int window_;
};

class Payments final : public ::kontor::v1::PaymentService::CallbackService {
 public:
  explicit Payments(Pipeline& pipeline) : pipeline_(pipeline) {}
  KONTOR_UNARY(PaymentService, CreatePayment)
  KONTOR_UNARY(PaymentService, BatchCreatePayments)
  KONTOR_UNARY(PaymentService, GetPayment)
  KONTOR_UNARY(PaymentService, ListPayments)
  KONTOR_UNARY(PaymentService, CancelPayment)

 private:
  Pipeline& pipeline_;
};

class JournalEntries final : public ::kontor::v1::JournalEntryService::CallbackService {
 public:
  explicit JournalEntries(Pipeline& pipeline) : pipeline_(pipeline) {}
  KONTOR_UNARY(JournalEntryService, CreateJournalEntry)
  KONTOR_UNARY(JournalEntryService, BatchCreateJournalEntries)
  KONTOR_UNARY(JournalEntryService, GetJournalEntry)
  KONTOR_UNARY(JournalEntryService, ListJournalEntries)
  KONTOR_UNARY(JournalEntryService, ReverseJournalEntry)

 private:
  Pipeline& pipeline_;
};

class Partners final : public ::kontor::v1::PartnerService::CallbackService {
 public:
  explicit Partners(Pipeline& pipeline) : pipeline_(pipeline) {}
  KONTOR_UNARY(PartnerService, UpsertPartner)
  KONTOR_UNARY(PartnerService, BatchUpsertPartners)
  KONTOR_UNARY(PartnerService, GetPartner)
  KONTOR_UNARY(PartnerService, ListPartners)

 private:
  Pipeline& pipeline_;
};

}  // namespace

void AddDocumentServices(Pipeline& pipeline, const Parts&, int window, Services* out) {
  out->push_back(std::make_unique<Invoices>(pipeline, window));
  out->push_back(std::make_unique<Payments>(pipeline));
  out->push_back(std::make_unique<JournalEntries>(pipeline));
  out->push_back(std::make_unique<Partners>(pipeline));
}

}  // namespace kontor::api::internal
