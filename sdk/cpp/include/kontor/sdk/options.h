// SPDX-License-Identifier: Apache-2.0
// How to reach a server and who one is there. Secrets come from files or the environment and are
// never printed.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kontor/sdk/policies.h"

namespace kontor::sdk {

/// Where the server is and how to prove who is calling.
struct Options {
  /// "host:port" or "unix:/path". The server's default port for gRPC is 7600.
  std::string endpoint = "127.0.0.1:7600";
  /// Encrypts. Off is possible on loopback only: a token never leaves the machine in plain text.
  bool tls = false;
  /// PEM file of the authorities to trust; empty means the system's. Only with tls.
  std::string ca_file;
  /// PEM files of the client's certificate and key, for mutual TLS; both or neither.
  std::string certificate_file;
  std::string key_file;
  /// Name that the server's certificate must bear when it is not the endpoint's host.
  std::string server_name;
  /// Bearer token. Prefer token_file.
  std::string token;
  /// File that holds the bearer token, read again when it changes. Excludes `token`.
  std::string token_file;
  /// Time for one call with all its retries, unless CallOptions say otherwise. (0, 1 h].
  absl::Duration timeout = absl::Seconds(30);
  /// Most bytes of one message received, [64 KiB, 256 MiB].
  int64_t message_bytes_max = int64_t{32} * 1024 * 1024;
  /// Put before "kontor-sdk-cpp/<version>" in the user agent; visible ASCII.
  std::string user_agent;
  /// Retry, backoff, idempotency, time and sleep.
  Policies policies;
};

/// What one call may say for itself.
struct CallOptions {
  /// Time for the call with all its retries; zero means the connection's own. A request that has
  /// `wait` set gets that time on top of the connection's own.
  absl::Duration timeout = absl::ZeroDuration();
  /// W3C traceparent to pass on; empty means none.
  std::string traceparent;
};

/// Reads options from the environment: KONTOR_CLIENT_ENDPOINT, KONTOR_CLIENT_TLS (0 or 1),
/// KONTOR_CLIENT_CA_FILE, KONTOR_CLIENT_CERTIFICATE_FILE, KONTOR_CLIENT_KEY_FILE,
/// KONTOR_CLIENT_SERVER_NAME, KONTOR_CLIENT_TOKEN, KONTOR_CLIENT_TOKEN_FILE. What is not set keeps
/// its default. Errors: INVALID_ARGUMENT for a value that is neither 0 nor 1.
absl::StatusOr<Options> OptionsFromEnvironment();

/// Says whether the options fit together, without reading files or calling anybody. Errors:
/// INVALID_ARGUMENT, one sentence that names the member.
absl::Status CheckOptions(const Options& options);

}  // namespace kontor::sdk
