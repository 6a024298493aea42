// SPDX-License-Identifier: Apache-2.0
// Files that banks put into channels: kept in the store first, and only then taken away there.
#include "server/crypto/digest.h"
#include "server/engine/statements/internal/loop.h"
#include "server/ports/texts.h"

namespace kontor::statements {
namespace {

using base::Reason;
using ports::TextSource;

constexpr size_t kPiece = size_t{256} << 10U;
constexpr size_t kNameMax = 255;

/// Size and digest, by a reading of its own: a file that is here already is not stored again.
absl::Status Measure(ports::ByteSource& bytes, int64_t most, ImportRequest& request) {
  crypto::Sha256Stream hash;
  std::string piece(kPiece, '\0');
  for (;;) {
    KONTOR_ASSIGN_OR_RETURN(const size_t got, bytes.Read(piece));
    if (got == 0) break;
    hash.Update(std::string_view(piece).substr(0, got));
    request.bytes += static_cast<int64_t>(got);
    if (request.bytes > most) {
      return base::Error(Reason::kTooLarge)
          .Says(base::StrCat("a bank file has ", most, " bytes at most"));
    }
  }
  request.sha256 = hash.Finish().Hex();
  return absl::OkStatus();
}

absl::Status TakeFile(Loop& loop, ports::BankChannel& channel, const std::string& name,
                      const ports::IncomingFile& file) {
  ImportRequest request;
  request.channel = name;
  request.file_name = file.name.substr(0, kNameMax);
  request.sealed = channel.capabilities().unseals;
  KONTOR_ASSIGN_OR_RETURN(const auto first, channel.Open(file));
  KONTOR_RETURN_IF_ERROR(Measure(*first, loop.settings.file_bytes_max, request));
  KONTOR_ASSIGN_OR_RETURN(const auto second, channel.Open(file));
  KONTOR_ASSIGN_OR_RETURN(const KeptFile kept, KeepFile(loop, request, kSelf, *second));
  loop.Log(
      "bank_file.received",
      {{"channel", name}, {"file", kept.flow.row.id}, {"repeated", kept.repeated ? "yes" : "no"}});
  const absl::Status done = channel.Done(file);
  loop.Failpoint("statement.after_taken");
  return done;
}

}  // namespace

absl::StatusOr<std::string> ReceiveFile(Loop& loop, const std::string& channel,
                                        const std::string& name, const std::string& bytes) {
  ImportRequest request;
  request.channel = channel;
  request.file_name = name.substr(0, kNameMax);
  TextSource first(bytes);
  KONTOR_RETURN_IF_ERROR(Measure(first, loop.settings.file_bytes_max, request));
  TextSource second(bytes);
  KONTOR_ASSIGN_OR_RETURN(const KeptFile kept, KeepFile(loop, request, kSelf, second));
  loop.Log("bank_file.received", {{"channel", channel},
                                  {"file", kept.flow.row.id},
                                  {"repeated", kept.repeated ? "yes" : "no"}});
  return kept.flow.row.id;
}

absl::StatusOr<int> PollChannel(Loop& loop, const model::Channel& channel) {
  KONTOR_ASSIGN_OR_RETURN(const auto open, loop.Open(channel));
  if (!open->capabilities().receives_files) return 0;
  KONTOR_ASSIGN_OR_RETURN(const auto files, open->Poll(loop.settings.poll_files_max));
  int taken = 0;
  for (const ports::IncomingFile& file : files) {
    const absl::Status done = TakeFile(loop, *open, channel.name, file);
    if (base::Is(done, Reason::kLeaseLost)) return done;
    if (done.ok()) {
      ++taken;
      continue;
    }
    // One file must not keep the others away.
    loop.Log("bank_file.not_taken",
             {{"channel", channel.name}, {"reason", base::InfoOf(done).reason}});
  }
  return taken;
}

}  // namespace kontor::statements
