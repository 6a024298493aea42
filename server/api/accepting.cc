// SPDX-License-Identifier: Apache-2.0
#include "server/api/accepting.h"

#include <algorithm>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "server/crypto/digest.h"
#include "server/engine/accept.h"

namespace kontor::api {

using base::Error;
using base::Reason;

absl::StatusOr<ports::Page> ReadPage(int page_size, const std::string& page_token) {
  if (page_size < 0) {
    return Error(Reason::kFieldInvalid).Field("page_size").Says("must not be negative");
  }
  ports::Page page;
  page.limit = page_size == 0 ? kPageSizeDefault : std::min(page_size, kPageSizeMax);
  page.after = page_token;
  return page;
}

absl::StatusOr<std::string> PrincipalName(ports::ReadView& view, const std::string& id) {
  if (id.empty()) return id;
  KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindObject("principal", id));
  return row.has_value() ? row->name : id;
}

absl::StatusOr<engine::RequestKey> ReadKey(std::string_view method, const std::string& request_id,
                                           const google::protobuf::Message& without_id) {
  KONTOR_RETURN_IF_ERROR(engine::CheckRequestId(request_id));
  std::string content;
  {
    google::protobuf::io::StringOutputStream stream(&content);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    without_id.SerializeToCodedStream(&coded);
  }
  return engine::RequestKey{request_id, crypto::Sha256(base::StrCat(method, "\n", content)).Hex()};
}

absl::StatusOr<FoundDocument> FindDocumentFor(const Parts& parts, const ports::Actor& actor,
                                              const std::string& id, model::DocumentType type) {
  if (id.empty()) return Error(Reason::kFieldMissing).Field("id").Says("an id is needed");
  std::optional<ports::DocumentRow> row;
  std::optional<model::Operation> operation;
  KONTOR_RETURN_IF_ERROR(parts.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(row, view.FindDocument(id));
    if (!row.has_value()) return absl::OkStatus();
    KONTOR_ASSIGN_OR_RETURN(operation, view.FindOperation(row->operation_id));
    return absl::OkStatus();
  }));
  if (!row.has_value() || row->type != type || !actor.MaySee(row->entity)) {
    return Error(Reason::kNotFound).Field("id").With("id", id).Says("no such document");
  }
  return FoundDocument{*std::move(row), std::move(operation)};
}

absl::Status ListDocumentsFor(const Parts& parts, const ports::Actor& actor,
                              const ports::DocumentFilter& filter, const ports::Page& page,
                              const std::function<absl::Status(const FoundDocument&)>& write,
                              std::string* next_page_token) {
  if (!filter.entity.empty() && !actor.MaySee(filter.entity)) {
    return Error(Reason::kEntityDenied).Field("entity").Says("not one of yours");
  }
  return parts.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(auto listed, view.ListDocuments(filter, page));
    for (auto& row : listed.rows) {
      if (!actor.MaySee(row.entity)) continue;
      KONTOR_ASSIGN_OR_RETURN(auto operation, view.FindOperation(row.operation_id));
      KONTOR_RETURN_IF_ERROR(write({std::move(row), std::move(operation)}));
    }
    *next_page_token = std::move(listed.next);
    return absl::OkStatus();
  });
}

void AcceptAndWait(const Parts& parts, const Call& call, engine::AcceptRequest request,
                   absl::Duration wait, std::function<void(absl::StatusOr<Accepted>)> done) {
  const absl::Time until = std::min(parts.clock.Now() + std::min(wait, parts.limits.wait_max),
                                    call.facts.deadline - parts.limits.wait_margin);
  const bool waits = wait > absl::ZeroDuration() && !request.validate_only;
  parts.engine.Accept(
      call.actor, std::move(request),
      [parts, until, waits, done = std::move(done)](absl::StatusOr<engine::AcceptResult> result) {
        if (!result.ok()) {
          done(result.status());
          return;
        }
        Accepted accepted{std::move(result->operation), std::move(result->document),
                          std::move(result->findings)};
        if (!waits) {
          done(std::move(accepted));
          return;
        }
        const std::string id = accepted.operation.id;
        auto shared = std::make_shared<Accepted>(std::move(accepted));
        parts.engine.Wait(id, until,
                          [parts, shared, done](absl::StatusOr<model::Operation> operation) {
                            // A wait that ends in an error still leaves an accepted document.
                            if (operation.ok()) shared->operation = *std::move(operation);
                            parts.store.ReadAsync(
                                [shared](ports::ReadView& view) -> absl::Status {
                                  KONTOR_ASSIGN_OR_RETURN(
                                      auto row, view.FindDocument(shared->document.id));
                                  if (row.has_value()) shared->document = *std::move(row);
                                  return absl::OkStatus();
                                },
                                [shared, done](const absl::Status&) { done(std::move(*shared)); });
                          });
      });
}

}  // namespace kontor::api
