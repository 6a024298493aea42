// SPDX-License-Identifier: Apache-2.0
// Makes the TLS contexts of the listener out of files, and notices when those files change.
// It knows nothing of sockets. Private to server/net.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include <openssl/ssl.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/net/http_listener.h"

namespace kontor::net::internal {

using SslContextPtr = std::shared_ptr<SSL_CTX>;

/// A server context: TLS 1.2 and 1.3, the files' certificate and key, clients verified as asked.
/// Errors: FAILED_PRECONDITION naming the file and what is wrong with it.
absl::StatusOr<SslContextPtr> MakeServerContext(const TlsServerOptions& options);

/// The context in force and the files' state when it was made. Thread safe.
class ReloadingContext {
 public:
  /// Errors: those of MakeServerContext.
  static absl::StatusOr<std::unique_ptr<ReloadingContext>> Make(TlsServerOptions options);

  SslContextPtr current() const;
  const TlsServerOptions& options() const { return options_; }
  /// Makes a new context from the files. On an error the former one stays.
  absl::Status Reload();
  /// Reload() when a file's time, size or inode changed since the last try; else OK.
  absl::Status ReloadIfChanged();

 private:
  ReloadingContext(TlsServerOptions options, SslContextPtr context, std::string files_state);

  const TlsServerOptions options_;
  mutable std::mutex mutex_;
  SslContextPtr context_;
  std::string files_state_;
};

}  // namespace kontor::net::internal
