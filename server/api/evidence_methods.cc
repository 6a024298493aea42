// SPDX-License-Identifier: Apache-2.0
// Evidence in pages, and the manifest that is signed.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "kontor/v1/evidence.pb.h"
#include "server/api/accepting.h"
#include "server/api/payment_order_api.h"
#include "server/crypto/bytes.h"
#include "server/crypto/digest.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using nlohmann::json;
using payment_orders::EvidenceFile;

constexpr size_t kPageBytes = size_t{2} << 20U;
constexpr int kManifestVersion = 1;

struct EvidenceParts {
  payment_orders::PaymentOrders& orders;
  AuditHeadSource head;
  crypto::Ed25519PrivateKey key;
  const base::Clock& clock;
};

/// Of all files but the manifest: two pages of one export are of the same bytes.
std::string DigestOf(const std::vector<EvidenceFile>& files) {
  crypto::Sha256Stream hash;
  for (const EvidenceFile& file : files) {
    hash.Update(StrCat(file.path, "\x1f", static_cast<int64_t>(file.content.size()), "\x1f"));
    hash.Update(file.content);
  }
  return hash.Finish().Hex();
}

/// Where a page begins.
struct Place {
  size_t file = 0;
  size_t offset = 0;
};

absl::StatusOr<Place> PlaceOf(const std::string& token, const std::string& digest,
                              const std::vector<EvidenceFile>& files) {
  if (token.empty()) return Place();
  const auto parts = base::StrSplit(token, '.');
  const auto invalid = [] {
    return Error(Reason::kPageTokenInvalid).Field("page_token").Says("not a token of ours");
  };
  if (parts.size() != 3) return invalid();
  const auto file = base::ParseInt64(parts[0]);
  const auto offset = base::ParseInt64(parts[1]);
  if (!file.ok() || !offset.ok() || *file < 0 || *offset < 0) return invalid();
  if (parts[2] != digest) {
    return Error(Reason::kVersionConflict)
        .Field("page_token")
        .Says("something changed since the first page; begin anew");
  }
  const Place place{static_cast<size_t>(*file), static_cast<size_t>(*offset)};
  if (place.file >= files.size() || place.offset > files[place.file].content.size()) {
    return invalid();
  }
  return place;
}

void AddPiece(const std::string& path, std::string_view bytes, v1::ExportEvidenceResponse* out) {
  v1::EvidencePiece* const piece = out->add_pieces();
  piece->set_path(path);
  piece->set_chunk(std::string(bytes));
}

/// What is there, how large, with which digest, and the audit's head now; signed.
absl::Status AddManifest(const EvidenceParts& parts, const std::string& id,
                         std::vector<EvidenceFile> files, v1::ExportEvidenceResponse* out) {
  KONTOR_ASSIGN_OR_RETURN(const std::string head, parts.head());
  const std::string keys = crypto::Jwks({{"", parts.key.public_key()}});
  AddPiece("keys.jwks", keys, out);
  files.push_back({"keys.jwks", keys});
  std::ranges::sort(files, {}, &EvidenceFile::path);
  json manifest = {{"version", kManifestVersion},
                   {"asked", id},
                   {"made", base::FormatInstant(parts.clock.Now())},
                   {"audit_head", head},
                   {"key_id", crypto::KeyThumbprint(parts.key.public_key())},
                   {"files", json::array()}};
  for (const EvidenceFile& file : files) {
    manifest["files"].push_back({{"path", file.path},
                                 {"bytes", file.content.size()},
                                 {"sha256", crypto::Sha256(file.content).Hex()}});
  }
  const std::string text = manifest.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
  KONTOR_ASSIGN_OR_RETURN(const auto signature, parts.key.Sign(text));
  AddPiece("manifest.json", text, out);
  AddPiece("manifest.sig", crypto::Base64Encode(signature), out);
  return absl::OkStatus();
}

absl::StatusOr<v1::ExportEvidenceResponse> Export(const EvidenceParts& parts, const Call& call,
                                                  const v1::ExportEvidenceRequest& request) {
  // The file to the bank cannot be masked and still be the file.
  if (!call.unmasked) {
    return Error(Reason::kPermissionDenied)
        .Says("evidence holds whole names and account numbers, which you were not granted");
  }
  KONTOR_ASSIGN_OR_RETURN(const auto files, parts.orders.Evidence(call.actor, request.id()));
  const std::string digest = DigestOf(files);
  KONTOR_ASSIGN_OR_RETURN(Place at, PlaceOf(request.page_token(), digest, files));
  v1::ExportEvidenceResponse response;
  size_t room = kPageBytes;
  while (at.file < files.size()) {
    const EvidenceFile& file = files[at.file];
    const size_t count = std::min(room, file.content.size() - at.offset);
    AddPiece(file.path, std::string_view(file.content).substr(at.offset, count), &response);
    room -= count;
    at.offset += count;
    if (at.offset == file.content.size()) at = {at.file + 1, 0};
    if (room > 0 || at.file == files.size()) continue;
    response.set_next_page_token(
        StrCat(static_cast<int64_t>(at.file), ".", static_cast<int64_t>(at.offset), ".", digest));
    return response;
  }
  KONTOR_RETURN_IF_ERROR(AddManifest(parts, request.id(), files, &response));
  return response;
}

}  // namespace

void AddEvidenceMethods(payment_orders::PaymentOrders& orders, AuditHeadSource head,
                        const crypto::Ed25519PrivateKey& key, const base::Clock& clock,
                        Registry* registry) {
  const EvidenceParts parts{orders, std::move(head), key, clock};
  registry->Add<v1::ExportEvidenceRequest, v1::ExportEvidenceResponse>(
      "kontor.v1.EvidenceService/ExportEvidence",
      [parts](const Call& call, const auto& request) { return Export(parts, call, request); });
}

}  // namespace kontor::api
