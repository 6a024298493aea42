// SPDX-License-Identifier: Apache-2.0
#include "adapters/bank/channels.h"

#include <algorithm>

#include "adapters/bank/file_seal.h"
#include "adapters/bank/folder_channel.h"
#include "adapters/bank/sftp_folders.h"
#include "adapters/bank/webhook_channel.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::bank {
namespace {

using base::Error;
using base::Reason;

bool IsThisMachine(std::string_view host) {
  return host == "127.0.0.1" || host == "::1" || host == "localhost";
}

/// How files are sealed, and what is left of the secret for the way itself.
struct SealAndLogin {
  std::shared_ptr<const FileSeal> seal;
  std::string login;
};
absl::StatusOr<SealAndLogin> MakeSeal(std::string_view json, std::string_view secret,
                                      const ChannelOptions& options, const base::Clock& clock) {
  KONTOR_ASSIGN_OR_RETURN(auto settings, ReadSealSettings(json));
  if (!settings) return SealAndLogin{nullptr, std::string(secret)};
  SecretParts parts = SplitOpenPgpKey(secret);
  KONTOR_ASSIGN_OR_RETURN(auto seal, FileSeal::Make(*std::move(settings), std::move(parts.key),
                                                    options.file_bytes_max, clock.Now()));
  return SealAndLogin{std::move(seal), std::move(parts.rest)};
}

absl::StatusOr<std::shared_ptr<ports::BankChannel>> MakeDirectory(std::string_view json,
                                                                  std::string_view secret,
                                                                  const ChannelOptions& options,
                                                                  const base::Clock& clock) {
  KONTOR_ASSIGN_OR_RETURN(FolderSettings settings, ReadFolderSettings(json, {}));
  KONTOR_ASSIGN_OR_RETURN(const auto seal, MakeSeal(json, secret, options, clock));
  if (!seal.login.empty()) {
    return Error(Reason::kChannelInvalid)
        .Field("secret")
        .Says("a directory has no secret but an OpenPGP key");
  }
  settings.stays_here = true;
  // Beside the files, so that one rename is all that hands a file over.
  if (settings.sent.empty() && !settings.outbox.empty()) {
    settings.sent = settings.outbox + "/.kontor-sent";
  }
  return MakeFolderChannel("directory", std::move(settings), options.file_bytes_max,
                           OpenLocalFolders, seal.seal, clock);
}

absl::StatusOr<std::shared_ptr<ports::BankChannel>> MakeSftp(std::string_view json,
                                                             std::string_view secret,
                                                             const ChannelOptions& options,
                                                             const base::Clock& clock) {
  KONTOR_ASSIGN_OR_RETURN(FolderSettings settings, ReadFolderSettings(json, SftpKeys()));
  KONTOR_ASSIGN_OR_RETURN(const auto seal, MakeSeal(json, secret, options, clock));
  KONTOR_ASSIGN_OR_RETURN(SftpTarget target, ReadSftpTarget(json, seal.login));
  target.timeout = options.timeout;
  settings.stays_here = IsThisMachine(target.host);
  return MakeFolderChannel(
      "sftp", std::move(settings), options.file_bytes_max,
      [target = std::move(target)] { return OpenSftpFolders(target); }, seal.seal, clock);
}

/// "https://[::1]:8443/orders" → "::1".
std::string HostOf(std::string_view url) {
  url.remove_prefix(std::min(url.find("://") + 3, url.size()));
  url = url.substr(0, url.find_first_of("/?#"));
  // Whoever hides a host behind a user name is not this machine.
  if (url.find('@') != std::string_view::npos) return "";
  if (url.starts_with('[')) return std::string(url.substr(1, url.find(']') - 1));
  return std::string(url.substr(0, url.find(':')));
}

absl::StatusOr<std::shared_ptr<ports::BankChannel>> MakeWebhook(std::string_view json,
                                                                std::string_view secret,
                                                                const ChannelOptions& options,
                                                                const base::Clock& clock) {
  KONTOR_ASSIGN_OR_RETURN(WebhookTarget target,
                          ReadWebhookTarget(json, secret, options.allow_plain_http));
  WebhookOptions webhook;
  webhook.http = options.http;
  webhook.ca_file = options.ca_file;
  webhook.timeout = options.timeout;
  webhook.file_bytes_max = options.file_bytes_max;
  webhook.stays_here = IsThisMachine(HostOf(target.url));
  return MakeWebhookChannel(std::move(target), webhook, clock);
}

}  // namespace

absl::StatusOr<std::shared_ptr<ports::BankChannel>> MakeChannel(std::string_view kind,
                                                                std::string_view settings,
                                                                std::string_view secret,
                                                                const ChannelOptions& options,
                                                                const base::Clock& clock) {
  if (kind == "directory") return MakeDirectory(settings, secret, options, clock);
  if (kind == "sftp") return MakeSftp(settings, secret, options, clock);
  if (kind == "webhook") return MakeWebhook(settings, secret, options, clock);
  return Error(Reason::kChannelInvalid)
      .Field("kind")
      .Says(base::StrCat("no channel is of the kind '", kind, "': directory, sftp or webhook"));
}

}  // namespace kontor::bank
