// SPDX-License-Identifier: Apache-2.0
#include "server/api/internal/evidence_pages.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/crypto/bytes.h"
#include "server/crypto/digest.h"

namespace kontor::api::internal {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using nlohmann::json;
using payment_orders::EvidenceFile;

constexpr int kManifestVersion = 1;

std::string DigestOf(const std::vector<EvidenceFile>& files) {
  crypto::Sha256Stream hash;
  for (const EvidenceFile& file : files) {
    hash.Update(StrCat(file.path, "\x1f", static_cast<int64_t>(file.content.size()), "\x1f"));
    hash.Update(file.content);
  }
  return hash.Finish().Hex();
}

/// A principal who lost an entity since is another caller: nothing that was kept is shown to it.
std::string CallerOf(const ports::Actor& actor, const std::string& any_id) {
  std::string text = StrCat(any_id, "\x1f", actor.principal_id);
  for (const std::string& entity : actor.entities) base::StrAppend(&text, "\x1f", entity);
  return text;
}

/// Where a page begins, and in what.
struct Place {
  size_t file = 0;
  size_t offset = 0;
  std::string digest;  ///< Empty: the first page.
};

absl::Status InvalidToken() {
  return Error(Reason::kPageTokenInvalid).Field("page_token").Says("not a token of ours");
}

void AddPiece(const std::string& path, std::string_view bytes, v1::ExportEvidenceResponse& out) {
  v1::EvidencePiece* const piece = out.add_pieces();
  piece->set_path(path);
  piece->set_chunk(std::string(bytes));
}

absl::StatusOr<Place> ReadToken(const std::string& token) {
  if (token.empty()) return Place();
  const auto parts = base::StrSplit(token, '.');
  if (parts.size() != 3 || parts[2].empty()) return InvalidToken();
  const auto file = base::ParseInt64(parts[0]);
  const auto offset = base::ParseInt64(parts[1]);
  if (!file.ok() || !offset.ok() || *file < 0 || *offset < 0) return InvalidToken();
  return Place{static_cast<size_t>(*file), static_cast<size_t>(*offset), std::string(parts[2])};
}

}  // namespace

EvidencePages::EvidencePages(Gather gather, const crypto::Ed25519PrivateKey& key,
                             const base::Clock& clock, EvidenceLimits limits)
    : gather_(std::move(gather)), key_(key), clock_(clock), limits_(limits) {}

absl::StatusOr<v1::ExportEvidenceResponse> EvidencePages::Page(const ports::Actor& actor,
                                                               const std::string& any_id,
                                                               const std::string& token) {
  KONTOR_ASSIGN_OR_RETURN(const Place at, ReadToken(token));
  const std::string caller = CallerOf(actor, any_id);
  std::shared_ptr<const Bundle> bundle;
  if (!at.digest.empty()) bundle = Find(caller, at.digest);
  const bool known = bundle != nullptr;
  if (!known) {
    KONTOR_ASSIGN_OR_RETURN(bundle, Make(actor, any_id));
  }
  if (!at.digest.empty() && at.digest != bundle->digest) {
    return Error(Reason::kVersionConflict)
        .Field("page_token")
        .Says("something changed since the first page; begin anew");
  }
  KONTOR_ASSIGN_OR_RETURN(auto response, Cut(*bundle, at.file, at.offset, limits_.page_bytes));
  if (!known && !response.next_page_token().empty()) Keep(caller, std::move(bundle));
  return response;
}

absl::StatusOr<v1::ExportEvidenceResponse> EvidencePages::Cut(const Bundle& bundle, size_t file,
                                                              size_t offset, size_t room) {
  const Files& files = bundle.files;
  if (file >= files.size() || offset > files[file].content.size()) return InvalidToken();
  v1::ExportEvidenceResponse response;
  while (file < files.size() && room > 0) {
    const std::string_view rest = std::string_view(files[file].content).substr(offset);
    const size_t count = std::min(room, rest.size());
    AddPiece(files[file].path, rest.substr(0, count), response);
    room -= count;
    offset += count;
    if (count < rest.size()) break;
    ++file;
    offset = 0;
  }
  if (file < files.size()) {
    response.set_next_page_token(
        StrCat(static_cast<int64_t>(file), ".", static_cast<int64_t>(offset), ".", bundle.digest));
    return response;
  }
  for (const EvidenceFile& one : bundle.seal) AddPiece(one.path, one.content, response);
  return response;
}

absl::StatusOr<std::shared_ptr<const EvidencePages::Bundle>> EvidencePages::Make(
    const ports::Actor& actor, const std::string& any_id) const {
  // One at a time: each may be as large as all that is kept together.
  const std::lock_guard lock(gathering_);
  KONTOR_ASSIGN_OR_RETURN(payment_orders::Evidence gathered, gather_(actor, any_id));
  auto bundle = std::make_shared<Bundle>();
  bundle->files = std::move(gathered.files);
  bundle->digest = DigestOf(bundle->files);
  KONTOR_RETURN_IF_ERROR(Seal(any_id, gathered.audit_head, *bundle));
  for (const EvidenceFile& file : bundle->files) bundle->bytes += file.content.size();
  return std::shared_ptr<const Bundle>(std::move(bundle));
}

/// What is there, how large, with which digest, and the audit's head of the same moment; signed.
absl::Status EvidencePages::Seal(const std::string& any_id, const std::string& audit_head,
                                 Bundle& bundle) const {
  bundle.seal.push_back({"keys.jwks", crypto::Jwks({{"", key_.public_key()}})});
  std::vector<const EvidenceFile*> files = {&bundle.seal.front()};
  for (const EvidenceFile& file : bundle.files) files.push_back(&file);
  std::ranges::sort(files, {}, [](const EvidenceFile* file) { return file->path; });
  json manifest = {{"version", kManifestVersion},
                   {"asked", any_id},
                   {"made", base::FormatInstant(clock_.Now())},
                   {"audit_head", audit_head},
                   {"key_id", crypto::KeyThumbprint(key_.public_key())},
                   {"files", json::array()}};
  for (const EvidenceFile* file : files) {
    manifest["files"].push_back({{"path", file->path},
                                 {"bytes", file->content.size()},
                                 {"sha256", crypto::Sha256(file->content).Hex()}});
  }
  std::string text = manifest.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
  KONTOR_ASSIGN_OR_RETURN(const auto signature, key_.Sign(text));
  bundle.seal.push_back({"manifest.json", std::move(text)});
  bundle.seal.push_back({"manifest.sig", crypto::Base64Encode(signature)});
  return absl::OkStatus();
}

std::shared_ptr<const EvidencePages::Bundle> EvidencePages::Find(const std::string& caller,
                                                                 const std::string& digest) {
  const std::lock_guard lock(mutex_);
  Drop();
  const auto is_wanted = [&](const Kept& kept) {
    return kept.caller == caller && kept.bundle->digest == digest;
  };
  const auto found = std::ranges::find_if(kept_, is_wanted);
  if (found == kept_.end()) return nullptr;
  found->asked = clock_.Now();
  kept_.splice(kept_.begin(), kept_, found);
  return kept_.front().bundle;
}

void EvidencePages::Keep(const std::string& caller, std::shared_ptr<const Bundle> bundle) {
  const std::lock_guard lock(mutex_);
  std::erase_if(kept_, [&](const Kept& kept) { return kept.caller == caller; });
  kept_.push_front({caller, std::move(bundle), clock_.Now()});
  Drop();
}

/// Those that are too old, too many or too large together.
void EvidencePages::Drop() {
  const absl::Time oldest = clock_.Now() - limits_.kept_for;
  size_t count = 0;
  size_t bytes = 0;
  std::erase_if(kept_, [&](const Kept& kept) {
    const bool drop = count == limits_.kept_max ||
                      bytes + kept.bundle->bytes > limits_.kept_bytes_max || kept.asked < oldest;
    if (drop) return true;
    ++count;
    bytes += kept.bundle->bytes;
    return false;
  });
}

}  // namespace kontor::api::internal
