// SPDX-License-Identifier: Apache-2.0
// What the four document services share: accept one document and wait for it, or a batch of them;
// find a document that the caller may see; pages.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/api/errors.h"
#include "server/api/methods.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/once.h"

namespace kontor::api {

inline constexpr int kPageSizeDefault = 50;
inline constexpr int kPageSizeMax = 500;

/// page_size as AIP-158 has it: 0 is the default, too many are the most, negative is refused.
absl::StatusOr<ports::Page> ReadPage(int page_size, const std::string& page_token);

/// The name of a principal by the id that engine and audit keep; the id itself when unknown.
absl::StatusOr<std::string> PrincipalName(ports::ReadView& view, const std::string& id);

/// A document with the operation that created it.
struct FoundDocument {
  ports::DocumentRow row;
  std::optional<model::Operation> operation;
};

/// The document, when it exists, is of the type and the actor may see its entity; else NOT_FOUND,
/// so that ids of others cannot be told from ids of nobody.
absl::StatusOr<FoundDocument> FindDocumentFor(const Parts& parts, const ports::Actor& actor,
                                              const std::string& id, model::DocumentType type);

/// An accepted document after the wait that was asked for.
struct Accepted {
  model::Operation operation;
  ports::DocumentRow document;
  std::vector<model::Finding> findings;
};

/// Accepts, and with `wait` > 0 answers when the operation rests or the time is up.
void AcceptAndWait(const Parts& parts, const Call& call, engine::AcceptRequest request,
                   absl::Duration wait, std::function<void(absl::StatusOr<Accepted>)> done);

/// What tells a repeat of a change from another one: its request id, and the digest of the method
/// and all else that it says. FIELD_MISSING, TEXT_INVALID, FIELD_TOO_LONG at `request_id`.
absl::StatusOr<engine::RequestKey> ReadKey(std::string_view method, const std::string& request_id,
                                           const google::protobuf::Message& without_id);

/// A change of something other than a document, made once however often it is asked for: `change`
/// makes it under the key; `again` answers a repeat from what was kept with the key, since what
/// the change made may have gone on meanwhile.
template <typename Response, typename Request, typename Make, typename Again>
absl::StatusOr<Response> Once(const Parts& parts, const Call& call, std::string_view method,
                              const Request& request, Make change, Again again) {
  Request bare = request;
  bare.clear_request_id();
  KONTOR_ASSIGN_OR_RETURN(const auto key, ReadKey(method, request.request_id(), bare));
  constexpr int kLooksMax = 2;
  for (int look = 1;; ++look) {
    std::optional<std::string> known;
    KONTOR_RETURN_IF_ERROR(parts.store.Read([&](ports::ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(known, engine::AnswerToRepeat(view, call.actor, key));
      return absl::OkStatus();
    }));
    if (known.has_value()) return again(*known);
    absl::StatusOr<Response> made = change(key);
    if (look == kLooksMax || !engine::WasCarriedOutMeanwhile(made.status())) return made;
  }
}

/// Fields that every create request has.
template <typename Request>
engine::AcceptRequest AcceptRequestOf(const Request& request, const Call& call,
                                      model::Document document) {
  engine::AcceptRequest out;
  out.request_id = request.request_id();
  out.document = std::move(document);
  out.correlation_id = request.correlation_id();
  out.traceparent = call.facts.traceparent;
  out.validate_only = request.validate_only();
  out.depends_on.assign(request.depends_on().begin(), request.depends_on().end());
  if constexpr (requires { request.posting(); }) out.posting = ReadPosting(request.posting());
  return out;
}

/// Writes document, operation and findings of `accepted` with the service's own writer.
template <typename Response, typename WriteDocument>
absl::StatusOr<Response> AcceptedResponse(const Accepted& accepted, WriteDocument write_document) {
  Response response;
  KONTOR_RETURN_IF_ERROR(
      write_document(FoundDocument{accepted.document, accepted.operation}, &response));
  if (!accepted.operation.id.empty()) {
    WriteOperation(accepted.operation, response.mutable_operation());
  }
  for (const auto& finding : accepted.findings) WriteFinding(finding, response.add_findings());
  return response;
}

/// Documents of the page that the actor may see, through `write`; the token of the next page.
absl::Status ListDocumentsFor(const Parts& parts, const ports::Actor& actor,
                              const ports::DocumentFilter& filter, const ports::Page& page,
                              const std::function<absl::Status(const FoundDocument&)>& write,
                              std::string* next_page_token);

/// Cancel and reverse: an operation on a document that the actor may see.
template <typename Response, typename Request, typename WriteDocument>
void ChangeDocument(const Parts& parts, const Call& call, const Request& request,
                    model::DocumentType type, model::Verb verb, std::optional<model::Date> date,
                    WriteDocument write_document, Answer<Response> answer) {
  const auto found = FindDocumentFor(parts, call.actor, request.id(), type);
  if (!found.ok()) {
    answer(found.status());
    return;
  }
  engine::AcceptRequest accept;
  accept.request_id = request.request_id();
  accept.document.id = found->row.id;
  accept.document.entity = found->row.entity;
  accept.verb = verb;
  accept.reason = request.reason();
  accept.reverse_date = date;
  accept.traceparent = call.facts.traceparent;
  if constexpr (requires { request.posting(); }) accept.posting = ReadPosting(request.posting());
  if constexpr (requires { request.journal_code(); }) accept.journal_code = request.journal_code();
  AcceptAndWait(parts, call, std::move(accept), ReadDuration(request.wait()),
                [write_document, answer = std::move(answer)](absl::StatusOr<Accepted> accepted) {
                  if (!accepted.ok()) {
                    answer(accepted.status());
                  } else {
                    answer(AcceptedResponse<Response>(*accepted, write_document));
                  }
                });
}

/// Collects the results of a batch in order; calls `done` with the whole when the last has come.
template <typename BatchResponse, typename Response>
class BatchCollector
    : public std::enable_shared_from_this<BatchCollector<BatchResponse, Response>> {
 public:
  BatchCollector(int count, Answer<BatchResponse> done) : left_(count), done_(std::move(done)) {
    for (int i = 0; i < count; ++i) response_.add_results();
  }
  void Set(int index, const std::string& request_id, absl::StatusOr<Response> answer) {
    bool last = false;
    {
      const std::lock_guard lock(mutex_);
      auto* result = response_.mutable_results(index);
      result->set_request_id(request_id);
      if (answer.ok()) {
        *result->mutable_response() = *std::move(answer);
      } else {
        *result->mutable_error() = ToStatusDetail(answer.status());
      }
      last = --left_ == 0;
    }
    if (last) done_(std::move(response_));
  }

 private:
  std::mutex mutex_;
  int left_;
  BatchResponse response_;
  Answer<BatchResponse> done_;
};

/// Runs every item of a batch through `create(call, item, wait, answer)`.
template <typename BatchRequest, typename BatchResponse, typename Response, typename Create>
void RunBatch(const Parts& parts, const Call& call, const BatchRequest& request,
              Answer<BatchResponse> done, Create create) {
  const int count = request.requests_size();
  if (count == 0) {
    done(base::Error(base::Reason::kFieldMissing).Field("requests").Says("the batch is empty"));
    return;
  }
  if (count > parts.limits.batch_max) {
    done(base::Error(base::Reason::kTooLarge)
             .Field("requests")
             .Says(base::StrCat("at most ", parts.limits.batch_max, " items in one batch")));
    return;
  }
  std::set<std::string> seen;
  for (const auto& item : request.requests()) {
    if (item.request_id().empty() || seen.insert(item.request_id()).second) continue;
    done(base::Error(base::Reason::kFieldInvalid)
             .Field("requests")
             .With("request_id", item.request_id())
             .Says("a request_id stands twice in the batch"));
    return;
  }
  auto collector =
      std::make_shared<BatchCollector<BatchResponse, Response>>(count, std::move(done));
  const absl::Duration wait = ReadDuration(request.wait());
  for (int i = 0; i < count; ++i) {
    const auto& item = request.requests(i);
    create(call, item, wait,
           [collector, i, id = item.request_id()](absl::StatusOr<Response> answer) {
             collector->Set(i, id, std::move(answer));
           });
  }
}

}  // namespace kontor::api
