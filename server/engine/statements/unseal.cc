// SPDX-License-Identifier: Apache-2.0
// A file that its bank signed or encrypted is kept as it came and opened afterwards: what does not
// open becomes a case like any file that cannot be read, and is tried again once a key was mended.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/base/ids.h"
#include "server/engine/blobs.h"
#include "server/engine/statements/internal/loop.h"
#include "server/ports/texts.h"

namespace kontor::statements {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

/// It is opened in memory.
constexpr int64_t kSealedBytesMax = int64_t{256} << 20U;
constexpr size_t kPiece = size_t{256} << 10U;
constexpr std::string_view kSuffixes[] = {".pgp", ".gpg", ".asc"};

absl::StatusOr<std::string> ReadAll(Loop& loop, const FileFlow& file) {
  if (file.body.bytes > kSealedBytesMax) {
    return Error(Reason::kTooLarge)
        .Says(StrCat("a file that its bank sealed has ", kSealedBytesMax, " bytes at most"));
  }
  const auto blob = engine::OpenBlob(loop.deps.store, file.body.blob_id, file.body.bytes);
  std::string bytes;
  std::string piece(kPiece, '\0');
  for (;;) {
    KONTOR_ASSIGN_OR_RETURN(const size_t got, blob->Read(piece));
    if (got == 0) return bytes;
    bytes.append(piece, 0, got);
  }
}

absl::StatusOr<std::shared_ptr<ports::BankChannel>> ChannelOf(Loop& loop, const FileFlow& file) {
  KONTOR_ASSIGN_OR_RETURN(const auto channels, loop.Channels());
  const auto found = std::ranges::find(channels, file.body.channel, &model::Channel::name);
  if (found != channels.end()) return loop.Open(*found);
  return Error(Reason::kChannelUnknown)
      .With("channel", file.body.channel)
      .Says(StrCat("the file came by '", file.body.channel, "', which is not there any more"));
}

std::string OpenedName(const std::string& name) {
  for (const std::string_view suffix : kSuffixes) {
    if (name.ends_with(suffix)) return name.substr(0, name.size() - suffix.size());
  }
  return name;
}

absl::Status KeepOpened(Loop& loop, FileFlow& file, std::string_view bytes) {
  ports::BlobRow blob;
  blob.id = loop.NewId(base::kBlobPrefix);
  ports::TextSource source(bytes);
  KONTOR_ASSIGN_OR_RETURN(
      const engine::WrittenBlob written,
      engine::WriteBlobParts(loop.deps.store, blob.id, source, loop.settings.file_bytes_max));
  blob.parts = written.parts;
  blob.flow_id = file.row.id;
  blob.kind = kReceivedBlob;
  blob.name = OpenedName(file.body.name);
  blob.media_type = "application/octet-stream";
  blob.sha256 = written.sha256;
  blob.bytes = written.bytes;
  blob.facts =
      nlohmann::json{{"sealed_blob", file.body.blob_id}, {"sealed_sha256", file.body.sha256}}
          .dump();
  blob.created = loop.Now();
  FileFlow changed;
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    changed = file;
    changed.body.opened = {blob.id, written.sha256, written.bytes};
    KONTOR_RETURN_IF_ERROR(unit.InsertBlob(blob));
    KONTOR_RETURN_IF_ERROR(WriteFlow(loop, unit, changed, changed.state()));
    ports::AuditEntry audit;
    audit.time = loop.Now();
    audit.actor = kSelf;
    audit.action = "bank_file.opened";
    audit.subject = changed.row.id;
    audit.before = StrCat("{\"sha256\":\"", changed.body.sha256, "\"}");
    audit.after = StrCat("{\"sha256\":\"", written.sha256, "\"}");
    audit.correlation_id = changed.body.correlation_id;
    return unit.AppendAudit(std::move(audit));
  }));
  file = std::move(changed);
  loop.Failpoint("statement.after_opened");
  return absl::OkStatus();
}

}  // namespace

absl::Status UnsealFile(Loop& loop, FileFlow& file) {
  if (!file.body.sealed || !file.body.opened.blob_id.empty()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(const auto channel, ChannelOf(loop, file));
  KONTOR_ASSIGN_OR_RETURN(const std::string sealed, ReadAll(loop, file));
  KONTOR_ASSIGN_OR_RETURN(const auto opened, channel->Unseal(file.body.name, sealed));
  return opened ? KeepOpened(loop, file, *opened) : absl::OkStatus();
}

std::unique_ptr<ports::ByteSource> OpenReadable(Loop& loop, const FileFlow& file) {
  return engine::OpenBlob(loop.deps.store, file.body.ReadableBlob(), file.body.ReadableBytes());
}

}  // namespace kontor::statements
