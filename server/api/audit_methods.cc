// SPDX-License-Identifier: Apache-2.0
// The audit trail: read, its head exported and signed, its chain verified.
#include "kontor/v1/audit.pb.h"
#include "server/api/accepting.h"
#include "server/crypto/bytes.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;

constexpr int kScanMax = 5000;  // rows looked at for one page of a filtered list

void WriteRecord(const ports::AuditEntry& in, v1::AuditRecord* out) {
  out->set_sequence(in.sequence);
  WriteTime(in.time, out->mutable_time());
  out->set_actor(in.actor);
  out->set_role(in.role);
  out->set_action(in.action);
  out->set_subject(in.subject);
  out->set_entity(in.entity);
  out->set_before(in.before);
  out->set_after(in.after);
  out->set_reason(in.reason);
  out->set_policy_version(in.policy_version);
  out->set_correlation_id(in.correlation_id);
  out->set_previous_hash(in.previous_hash);
  out->set_hash(in.hash);
}

bool Takes(const v1::ListAuditRecordsRequest& filter, const ports::Actor& actor,
           const ports::AuditEntry& row) {
  const bool visible = row.entity.empty() ? actor.entities.empty() : actor.MaySee(row.entity);
  return visible && (filter.actor().empty() || row.actor == filter.actor()) &&
         (filter.action().empty() || row.action == filter.action()) &&
         (filter.subject().empty() || row.subject == filter.subject()) &&
         (filter.correlation_id().empty() || row.correlation_id == filter.correlation_id());
}

absl::StatusOr<v1::ListAuditRecordsResponse> List(const Parts& parts, const Call& call,
                                                  const v1::ListAuditRecordsRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto page, ReadPage(request.page_size(), request.page_token()));
  int64_t after = request.after_sequence();
  if (!page.after.empty()) {
    const auto token = base::ParseInt64(page.after);
    if (!token.ok() || *token < 0) {
      return Error(Reason::kPageTokenInvalid).Field("page_token").Says("not a token of ours");
    }
    after = *token;
  }
  v1::ListAuditRecordsResponse response;
  KONTOR_RETURN_IF_ERROR(parts.store.Read([&](ports::ReadView& view) -> absl::Status {
    for (int looked = 0; looked < kScanMax && response.records_size() < page.limit;) {
      KONTOR_ASSIGN_OR_RETURN(const auto rows, view.ListAudit(after, page.limit));
      if (rows.empty()) {
        response.clear_next_page_token();
        return absl::OkStatus();
      }
      for (const auto& row : rows) {
        if (response.records_size() == page.limit) break;
        after = row.sequence;
        ++looked;
        if (Takes(request, call.actor, row)) WriteRecord(row, response.add_records());
      }
      response.set_next_page_token(base::StrCat(after));
    }
    return absl::OkStatus();
  }));
  return response;
}

absl::StatusOr<v1::AuditHead> Head(const Parts& parts, const AuditHeadSource& source) {
  KONTOR_ASSIGN_OR_RETURN(const std::string text, source());
  const size_t colon = text.find(':');
  KONTOR_ASSIGN_OR_RETURN(const int64_t sequence, base::ParseInt64(text.substr(0, colon)));
  v1::AuditHead head;
  head.set_sequence(sequence);
  head.set_hash(text.substr(colon + 1));
  WriteTime(parts.clock.Now(), head.mutable_time());
  return head;
}

absl::StatusOr<v1::ExportAuditHeadResponse> Export(const Parts& parts,
                                                   const AuditHeadSource& source,
                                                   const crypto::Ed25519PrivateKey& key) {
  KONTOR_ASSIGN_OR_RETURN(auto head, Head(parts, source));
  // Signed: "<sequence>:<hash>", with the key that JWKS publishes.
  KONTOR_ASSIGN_OR_RETURN(const auto signature,
                          key.Sign(base::StrCat(head.sequence(), ":", head.hash())));
  head.set_signature(crypto::Base64Encode(signature));
  head.set_key_id(crypto::KeyThumbprint(key.public_key()));
  v1::ExportAuditHeadResponse response;
  *response.mutable_head() = std::move(head);
  return response;
}

absl::StatusOr<v1::VerifyAuditResponse> Verify(const Parts& parts, const AuditHeadSource& source,
                                               const v1::VerifyAuditRequest& request) {
  std::string expected;
  if (request.has_expected_head()) {
    expected = base::StrCat(request.expected_head().sequence(), ":",
                            request.expected_head().hash());
  }
  v1::VerifyAuditResponse response;
  int64_t rows = 0;
  const absl::Status verified = parts.store.VerifyAudit(expected, &rows);
  response.set_intact(verified.ok());
  response.set_record_count(rows);
  if (!verified.ok()) {
    const base::ErrorInfo info = base::InfoOf(verified);
    if (info.reason != "AUDIT_BROKEN") return verified;
    response.set_message(std::string(verified.message()));
    const auto row = info.metadata.find("sequence");
    if (row != info.metadata.end()) {
      KONTOR_ASSIGN_OR_RETURN(const int64_t sequence, base::ParseInt64(row->second));
      response.set_first_bad_sequence(sequence);
    }
    return response;
  }
  KONTOR_ASSIGN_OR_RETURN(*response.mutable_head(), Head(parts, source));
  return response;
}

}  // namespace

void AddAuditMethods(Parts parts, AuditHeadSource head, const crypto::Ed25519PrivateKey& key,
                     Registry* registry) {
  const std::string service = "kontor.v1.AuditService/";
  registry->Add<v1::ListAuditRecordsRequest, v1::ListAuditRecordsResponse>(
      service + "ListAuditRecords",
      [parts](const Call& call, const auto& request) { return List(parts, call, request); });
  registry->Add<v1::ExportAuditHeadRequest, v1::ExportAuditHeadResponse>(
      service + "ExportAuditHead",
      [parts, head, key](const Call&, const auto&) { return Export(parts, head, key); });
  registry->Add<v1::VerifyAuditRequest, v1::VerifyAuditResponse>(
      service + "VerifyAudit",
      [parts, head](const Call&, const auto& request) { return Verify(parts, head, request); });
}

}  // namespace kontor::api
