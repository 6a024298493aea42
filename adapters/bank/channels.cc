// SPDX-License-Identifier: Apache-2.0
#include "adapters/bank/channels.h"

#include "adapters/bank/folder_channel.h"
#include "adapters/bank/sftp_folders.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::bank {
namespace {

using base::Error;
using base::Reason;

absl::StatusOr<std::shared_ptr<ports::BankChannel>> MakeDirectory(std::string_view json,
                                                                  std::string_view secret,
                                                                  const ChannelOptions& options,
                                                                  const base::Clock& clock) {
  if (!secret.empty()) {
    return Error(Reason::kChannelInvalid).Field("secret").Says("a directory has no secret");
  }
  KONTOR_ASSIGN_OR_RETURN(FolderSettings settings, ReadFolderSettings(json, {}));
  // Beside the files, so that one rename is all that hands a file over.
  if (settings.sent.empty() && !settings.outbox.empty()) {
    settings.sent = settings.outbox + "/.kontor-sent";
  }
  return MakeFolderChannel("directory", std::move(settings), options.file_bytes_max,
                           OpenLocalFolders, clock);
}

absl::StatusOr<std::shared_ptr<ports::BankChannel>> MakeSftp(std::string_view json,
                                                             std::string_view secret,
                                                             const ChannelOptions& options,
                                                             const base::Clock& clock) {
  KONTOR_ASSIGN_OR_RETURN(FolderSettings settings, ReadFolderSettings(json, SftpKeys()));
  KONTOR_ASSIGN_OR_RETURN(SftpTarget target, ReadSftpTarget(json, secret));
  target.timeout = options.timeout;
  return MakeFolderChannel("sftp", std::move(settings), options.file_bytes_max,
                           [target = std::move(target)] { return OpenSftpFolders(target); },
                           clock);
}

}  // namespace

absl::StatusOr<std::shared_ptr<ports::BankChannel>> MakeChannel(std::string_view kind,
                                                                std::string_view settings,
                                                                std::string_view secret,
                                                                const ChannelOptions& options,
                                                                const base::Clock& clock) {
  if (kind == "directory") return MakeDirectory(settings, secret, options, clock);
  if (kind == "sftp") return MakeSftp(settings, secret, options, clock);
  return Error(Reason::kChannelInvalid)
      .Field("kind")
      .Says(base::StrCat("no channel is of the kind '", kind, "': directory or sftp"));
}

}  // namespace kontor::bank
