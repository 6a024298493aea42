// SPDX-License-Identifier: Apache-2.0
// A file's bytes as they came, in the store for good before anybody acts on them.
#include "server/base/ids.h"
#include "server/engine/blobs.h"
#include "server/engine/statements/internal/loop.h"

namespace kontor::statements {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

/// What tells files apart. The same bytes uploaded by a person are not opened and cannot be read:
/// they must not keep the bank's away.
std::string KeyOf(const ImportRequest& request) {
  return request.sealed ? StrCat(request.sha256, "/", request.channel) : request.sha256;
}

absl::StatusOr<std::optional<FileFlow>> FindSame(Loop& loop, const std::string& key) {
  std::optional<FileFlow> found;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    found.reset();
    KONTOR_ASSIGN_OR_RETURN(const auto ids, view.FlowsByKey(kFileSpace, key, 1));
    if (ids.empty()) return absl::OkStatus();
    KONTOR_ASSIGN_OR_RETURN(auto row, view.FindFlow(ids.front()));
    if (!row) return absl::OkStatus();
    KONTOR_ASSIGN_OR_RETURN(found, FileFlowOf(*std::move(row)));
    return absl::OkStatus();
  }));
  return found;
}

/// Answers how many parts there are.
absl::StatusOr<int64_t> WriteParts(Loop& loop, const std::string& blob_id,
                                   const ImportRequest& request, ports::ByteSource& bytes) {
  KONTOR_ASSIGN_OR_RETURN(const engine::WrittenBlob written,
                          engine::WriteBlobParts(loop.deps.store, blob_id, bytes,
                                                 loop.settings.file_bytes_max));
  // It changed between the two readings: what it will be is not known.
  if (written.bytes != request.bytes || written.sha256 != request.sha256) {
    return Error(Reason::kFormatTruncated).Says("the file changed while it was read");
  }
  return written.parts;
}

}  // namespace

absl::StatusOr<KeptFile> KeepFile(Loop& loop, const ImportRequest& request,
                                  const std::string& actor, ports::ByteSource& bytes) {
  KONTOR_ASSIGN_OR_RETURN(auto same, FindSame(loop, KeyOf(request)));
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
  flow.body.sealed = request.sealed;
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
    KONTOR_ASSIGN_OR_RETURN(holder, unit.ReserveFlowKey({kFileSpace, KeyOf(request), flow.row.id}));
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
    KONTOR_ASSIGN_OR_RETURN(same, FindSame(loop, KeyOf(request)));
    if (!same) return Error(Reason::kInternal).Says("a file's key leads nowhere");
    return KeptFile{*std::move(same), true};
  }
  flow = std::move(written);
  return kept;
}

}  // namespace kontor::statements
