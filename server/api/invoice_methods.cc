// SPDX-License-Identifier: Apache-2.0
#include "kontor/v1/invoice.pb.h"
#include "server/api/accepting.h"

namespace kontor::api {
namespace {

absl::Status Write(const FoundDocument& found, v1::Invoice* out) {
  if (found.operation.has_value()) WriteOrigin(*found.operation, out);
  return WriteInvoice(found.row, out);
}

/// What was asked, to answer it without reading back what was just written; null when that could
/// differ: attachments get digests, and a wait lets things happen.
std::shared_ptr<const model::Invoice> Asked(const model::Document& document, bool waits) {
  const auto& invoice = std::get<model::Invoice>(document.content);
  if (waits || !invoice.attachments.empty()) return nullptr;
  return std::make_shared<const model::Invoice>(invoice);
}

absl::StatusOr<v1::CreateInvoiceResponse> Created(const Accepted& accepted,
                                                  const model::Invoice* asked) {
  // An operation that was written once is new, or nothing has become of it yet.
  const bool is_fresh = asked != nullptr && accepted.operation.version == 1;
  return AcceptedResponse<v1::CreateInvoiceResponse>(
      accepted,
      [&](const FoundDocument& found, v1::CreateInvoiceResponse* out) -> absl::Status {
        if (!is_fresh) return Write(found, out->mutable_invoice());
        WriteOrigin(*found.operation, out->mutable_invoice());
        WriteInvoice(found.row, *asked, out->mutable_invoice());
        return absl::OkStatus();
      });
}

void Create(const Parts& parts, const Call& call, const v1::CreateInvoiceRequest& request,
            absl::Duration wait, Answer<v1::CreateInvoiceResponse> answer) {
  auto document = ReadInvoice(request.invoice(), "invoice");
  if (!document.ok()) {
    answer(document.status());
    return;
  }
  const bool waits = wait > absl::ZeroDuration() || request.validate_only();
  auto asked = Asked(*document, waits);
  AcceptAndWait(parts, call, AcceptRequestOf(request, call, *std::move(document)), wait,
                [answer = std::move(answer),
                 asked = std::move(asked)](absl::StatusOr<Accepted> accepted) {
                  if (!accepted.ok()) {
                    answer(accepted.status());
                  } else {
                    answer(Created(*accepted, asked.get()));
                  }
                });
}

absl::StatusOr<v1::GetInvoiceResponse> Get(const Parts& parts, const Call& call,
                                           const v1::GetInvoiceRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(auto found, FindDocumentFor(parts, call.actor, request.id(),
                                                    model::DocumentType::kInvoice));
  if (request.live()) {
    KONTOR_ASSIGN_OR_RETURN(found.row, parts.engine.Refresh(found.row.id));
  }
  v1::GetInvoiceResponse response;
  KONTOR_RETURN_IF_ERROR(Write(found, response.mutable_invoice()));
  return response;
}

std::string SubtypeOf(v1::Invoice::Kind kind) {
  switch (kind) {
    case v1::Invoice::KIND_CUSTOMER_INVOICE: return "CUSTOMER_INVOICE";
    case v1::Invoice::KIND_VENDOR_BILL: return "VENDOR_BILL";
    case v1::Invoice::KIND_CUSTOMER_CREDIT_NOTE: return "CUSTOMER_CREDIT_NOTE";
    case v1::Invoice::KIND_VENDOR_CREDIT_NOTE: return "VENDOR_CREDIT_NOTE";
    default: return "";
  }
}

absl::StatusOr<v1::ListInvoicesResponse> List(const Parts& parts, const Call& call,
                                              const v1::ListInvoicesRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto page, ReadPage(request.page_size(), request.page_token()));
  ports::DocumentFilter filter;
  filter.type = model::DocumentType::kInvoice;
  filter.entity = request.entity();
  filter.lookup = request.reference();
  filter.subtype = SubtypeOf(request.kind());
  filter.state = StateFilter(request.state());
  filter.source = request.source();
  KONTOR_ASSIGN_OR_RETURN(filter.from, ReadDate(request.date_from(), "date_from"));
  KONTOR_ASSIGN_OR_RETURN(filter.to, ReadDate(request.date_to(), "date_to"));
  v1::ListInvoicesResponse response;
  KONTOR_RETURN_IF_ERROR(ListDocumentsFor(
      parts, call.actor, filter, page, [&](const FoundDocument& found) {
        return Write(found, response.add_invoices());
      }, response.mutable_next_page_token()));
  return response;
}

void Cancel(const Parts& parts, const Call& call, const v1::CancelInvoiceRequest& request,
            Answer<v1::CancelInvoiceResponse> answer) {
  ChangeDocument<v1::CancelInvoiceResponse>(
      parts, call, request, model::DocumentType::kInvoice, model::Verb::kCancel, {},
      [](const FoundDocument& found, v1::CancelInvoiceResponse* out) {
        return Write(found, out->mutable_invoice());
      },
      std::move(answer));
}

void Reverse(const Parts& parts, const Call& call, const v1::ReverseInvoiceRequest& request,
             Answer<v1::ReverseInvoiceResponse> answer) {
  const auto date = ReadDate(request.date(), "date");
  if (!date.ok()) {
    answer(date.status());
    return;
  }
  ChangeDocument<v1::ReverseInvoiceResponse>(
      parts, call, request, model::DocumentType::kInvoice, model::Verb::kReverse, *date,
      [](const FoundDocument& found, v1::ReverseInvoiceResponse* out) {
        return Write(found, out->mutable_reversal());
      },
      std::move(answer));
}

}  // namespace

void AddInvoiceMethods(Parts parts, Registry* registry) {
  const std::string service = "kontor.v1.InvoiceService/";
  registry->AddAsync<v1::CreateInvoiceRequest, v1::CreateInvoiceResponse>(
      service + "CreateInvoice", [parts](const Call& call, const auto& request, auto answer) {
        Create(parts, call, request, ReadDuration(request.wait()), std::move(answer));
      });
  registry->AddAsync<v1::BatchCreateInvoicesRequest, v1::BatchCreateInvoicesResponse>(
      service + "BatchCreateInvoices", [parts](const Call& call, const auto& request, auto answer) {
        RunBatch<v1::BatchCreateInvoicesRequest, v1::BatchCreateInvoicesResponse,
                 v1::CreateInvoiceResponse>(
            parts, call, request, std::move(answer),
            [parts](const Call& c, const auto& item, absl::Duration wait, auto done) {
              Create(parts, c, item, wait, std::move(done));
            });
      });
  registry->Add<v1::GetInvoiceRequest, v1::GetInvoiceResponse>(
      service + "GetInvoice",
      [parts](const Call& call, const auto& request) { return Get(parts, call, request); });
  registry->Add<v1::ListInvoicesRequest, v1::ListInvoicesResponse>(
      service + "ListInvoices",
      [parts](const Call& call, const auto& request) { return List(parts, call, request); });
  registry->AddAsync<v1::CancelInvoiceRequest, v1::CancelInvoiceResponse>(
      service + "CancelInvoice", [parts](const Call& call, const auto& request, auto answer) {
        Cancel(parts, call, request, std::move(answer));
      });
  registry->AddAsync<v1::ReverseInvoiceRequest, v1::ReverseInvoiceResponse>(
      service + "ReverseInvoice", [parts](const Call& call, const auto& request, auto answer) {
        Reverse(parts, call, request, std::move(answer));
      });
}

}  // namespace kontor::api
