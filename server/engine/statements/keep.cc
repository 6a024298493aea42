// SPDX-License-Identifier: Apache-2.0
// A file's bytes as they came, in the store for good before anybody acts on them.
#include <algorithm>
#include <cstring>

#include "server/base/ids.h"
#include "server/crypto/digest.h"
#include "server/engine/statements/internal/loop.h"

namespace kontor::statements {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

constexpr int kPartsAUnit = 4;

class BlobSource final : public ports::ByteSource {
 public:
  BlobSource(ports::Store& store, std::string id, int64_t bytes)
      : store_(store), id_(std::move(id)), left_(bytes) {}
  absl::StatusOr<size_t> Read(std::span<char> into) override {
    if (left_ == 0) return 0;
    if (at_ == part_.size()) KONTOR_RETURN_IF_ERROR(Next());
    const size_t count = std::min(into.size(), part_.size() - at_);
    std::memcpy(into.data(), part_.data() + at_, count);
    at_ += count;
    left_ -= static_cast<int64_t>(count);
    return count;
  }

 private:
  absl::Status Next() {
    at_ = 0;
    ++number_;
    KONTOR_RETURN_IF_ERROR(store_.Read([&](ports::ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(part_, view.BlobPart(id_, number_));
      return absl::OkStatus();
    }));
    if (part_.empty() || static_cast<int64_t>(part_.size()) > left_) {
      return Error(Reason::kInternal).Says(StrCat("the bytes of ", id_, " are damaged"));
    }
    return absl::OkStatus();
  }

  ports::Store& store_;
  const std::string id_;
  int64_t left_;
  int64_t number_ = 0;
  std::string part_;
  size_t at_ = 0;
};

/// Fills a part as far as the bytes go.
absl::StatusOr<std::string> NextPart(ports::ByteSource& bytes) {
  std::string part(static_cast<size_t>(ports::kBlobPartBytesMax), '\0');
  size_t size = 0;
  while (size < part.size()) {
    KONTOR_ASSIGN_OR_RETURN(const size_t got,
                            bytes.Read(std::span(part).subspan(size)));
    if (got == 0) break;
    size += got;
  }
  part.resize(size);
  return part;
}

absl::StatusOr<std::optional<FileFlow>> FindSame(Loop& loop, const std::string& sha256) {
  std::optional<FileFlow> found;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    found.reset();
    KONTOR_ASSIGN_OR_RETURN(const auto ids, view.FlowsByKey(kFileSpace, sha256, 1));
    if (ids.empty()) return absl::OkStatus();
    KONTOR_ASSIGN_OR_RETURN(auto row, view.FindFlow(ids.front()));
    if (!row) return absl::OkStatus();
    KONTOR_ASSIGN_OR_RETURN(found, FileFlowOf(*std::move(row)));
    return absl::OkStatus();
  }));
  return found;
}

/// Writes the parts, a few in a unit; what a crash leaves of them belongs to no blob. Answers how
/// many there are.
absl::StatusOr<int64_t> WriteParts(Loop& loop, const std::string& blob_id,
                                   const ImportRequest& request, ports::ByteSource& bytes) {
  crypto::Sha256Stream hash;
  int64_t parts = 0;
  int64_t size = 0;
  for (bool more = true; more;) {
    std::vector<std::string> batch;
    while (static_cast<int>(batch.size()) < kPartsAUnit) {
      KONTOR_ASSIGN_OR_RETURN(std::string part, NextPart(bytes));
      if (part.empty()) {
        more = false;
        break;
      }
      size += static_cast<int64_t>(part.size());
      if (size > loop.settings.file_bytes_max) {
        return Error(Reason::kTooLarge)
            .Says(StrCat("a bank file has ", loop.settings.file_bytes_max, " bytes at most"));
      }
      hash.Update(part);
      batch.push_back(std::move(part));
    }
    if (batch.empty()) break;
    KONTOR_RETURN_IF_ERROR(loop.deps.store.Commit([&](ports::Unit& unit) -> absl::Status {
      int64_t number = parts;
      for (const std::string& part : batch) {
        KONTOR_RETURN_IF_ERROR(unit.InsertBlobPart(blob_id, ++number, part));
      }
      return absl::OkStatus();
    }));
    parts += static_cast<int64_t>(batch.size());
  }
  // It changed between the two readings: what it will be is not known.
  if (size != request.bytes || hash.Finish().Hex() != request.sha256) {
    return Error(Reason::kFormatTruncated).Says("the file changed while it was read");
  }
  return parts;
}

}  // namespace

std::unique_ptr<ports::ByteSource> OpenBlob(Loop& loop, const std::string& blob_id,
                                            int64_t bytes) {
  return std::make_unique<BlobSource>(loop.deps.store, blob_id, bytes);
}

absl::StatusOr<KeptFile> KeepFile(Loop& loop, const ImportRequest& request,
                                  const std::string& actor, ports::ByteSource& bytes) {
  KONTOR_ASSIGN_OR_RETURN(auto same, FindSame(loop, request.sha256));
  if (same) return KeptFile{*std::move(same), true};
  loop.Failpoint("statement.before_keep");
  ports::BlobRow blob;
  blob.id = loop.NewId(base::kBlobPrefix);
  KONTOR_ASSIGN_OR_RETURN(blob.parts, WriteParts(loop, blob.id, request, bytes));
  KeptFile kept;
  FileFlow& flow = kept.flow;
  flow.row.kind = kFileKind;
  flow.row.id = loop.NewId(kFilePrefix);
  flow.row.group = request.channel;
  flow.row.created = loop.Now();
  flow.row.due = loop.Now();
  flow.body.channel = request.channel;
  flow.body.name = request.file_name;
  flow.body.sha256 = request.sha256;
  flow.body.bytes = request.bytes;
  flow.body.blob_id = blob.id;
  flow.body.csv_mapping = request.csv_mapping;
  flow.body.request_id = request.request_id;
  flow.body.actor = actor;
  flow.body.correlation_id = loop.NewId(base::kCorrelationPrefix);
  blob.flow_id = flow.row.id;
  blob.kind = kReceivedBlob;
  blob.name = request.file_name;
  blob.media_type = "application/octet-stream";
  blob.sha256 = request.sha256;
  blob.bytes = request.bytes;
  blob.facts = "{}";
  blob.created = loop.Now();
  std::string holder;
  FileFlow written;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Commit([&](ports::Unit& unit) -> absl::Status {
    written = flow;
    KONTOR_ASSIGN_OR_RETURN(holder,
                            unit.ReserveFlowKey({kFileSpace, request.sha256, flow.row.id}));
    if (holder != flow.row.id) return absl::OkStatus();
    KONTOR_RETURN_IF_ERROR(unit.InsertBlob(blob));
    KONTOR_RETURN_IF_ERROR(WriteFlow(loop, unit, written, FileState::kReceived));
    ports::AuditEntry audit;
    audit.time = loop.Now();
    audit.actor = actor;
    audit.action = "bank_file.received";
    audit.subject = flow.row.id;
    audit.after = StrCat("{\"sha256\":\"", request.sha256, "\"}");
    audit.correlation_id = flow.body.correlation_id;
    return unit.AppendAudit(std::move(audit));
  }));
  loop.Failpoint("statement.after_keep");
  if (holder != flow.row.id) {
    // The same bytes came twice at once, and the other was faster.
    KONTOR_ASSIGN_OR_RETURN(same, FindSame(loop, request.sha256));
    if (!same) return Error(Reason::kInternal).Says("a file's key leads nowhere");
    return KeptFile{*std::move(same), true};
  }
  flow = std::move(written);
  return kept;
}

}  // namespace kontor::statements
