// SPDX-License-Identifier: Apache-2.0
// Folders on a bank's SFTP server, over libssh. One connection for each use: banks close idle ones,
// and a broken one must not spoil the next call.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/bank/folders.h"

namespace kontor::bank {

struct SftpTarget {
  std::string host;
  int port = 22;
  std::string user;
  /// SHA-256 fingerprints of the server's keys as `ssh-keygen -l` prints them ("SHA256:…"). A
  /// server with another key is not spoken to: no trust on first use.
  std::vector<std::string> host_keys;
  std::string password;      ///< Either this,
  std::string private_key;   ///< or a private key in OpenSSH's or PEM form, without a passphrase.
  absl::Duration timeout = absl::Seconds(30);
};

/// Names of the settings beside those of folders.
const std::vector<std::string>& SftpKeys();
/// Reads host, port, user, host_keys; the secret is a private key when it looks like one, else a
/// password. CHANNEL_INVALID with the key as field.
absl::StatusOr<SftpTarget> ReadSftpTarget(std::string_view json, std::string_view secret);

/// Connects, compares the host key, logs in. CHANNEL_UNREACHABLE; CHANNEL_INVALID for a wrong host
/// key or login.
absl::StatusOr<std::shared_ptr<Folders>> OpenSftpFolders(const SftpTarget& target);

}  // namespace kontor::bank
