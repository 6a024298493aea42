// SPDX-License-Identifier: Apache-2.0
// Options from the environment, and the rules they keep.
#include "kontor/sdk/options.h"

#include <cstdlib>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace kontor::sdk {
namespace {

constexpr absl::Duration kTimeoutMost = absl::Hours(1);
constexpr int64_t kMessageBytesLeast = int64_t{64} * 1024;
constexpr int64_t kMessageBytesMost = int64_t{256} * 1024 * 1024;

bool IsLoopback(std::string_view endpoint) {
  for (const std::string_view prefix : {"127.", "localhost:", "[::1]:", "unix:"}) {
    if (endpoint.starts_with(prefix)) return true;
  }
  return false;
}

void Read(const char* name, std::string& target) {
  const char* value = std::getenv(name);
  if (value != nullptr) target = value;
}

absl::Status CheckTls(const Options& options) {
  const bool has_files = !options.ca_file.empty() || !options.certificate_file.empty() ||
                         !options.key_file.empty() || !options.server_name.empty();
  if (!options.tls && has_files) {
    return absl::InvalidArgumentError(
        "ca_file, certificate_file, key_file and server_name need tls: set it, or leave them out");
  }
  if (!options.tls && !IsLoopback(options.endpoint)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "endpoint ", options.endpoint, " is not on this machine and tls is off: set tls"));
  }
  if (options.certificate_file.empty() != options.key_file.empty()) {
    return absl::InvalidArgumentError(
        "certificate_file and key_file belong together: give both or neither");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckOptions(const Options& options) {
  const bool has_port = options.endpoint.starts_with("unix:") ||
                        options.endpoint.find_last_of(':') + 1 < options.endpoint.size();
  if (options.endpoint.find(':') == std::string::npos || !has_port) {
    return absl::InvalidArgumentError(
        absl::StrCat("endpoint ", options.endpoint, " is not host:port"));
  }
  if (!options.token.empty() && !options.token_file.empty()) {
    return absl::InvalidArgumentError("token and token_file exclude each other: give one");
  }
  if (options.timeout <= absl::ZeroDuration() || options.timeout > kTimeoutMost) {
    return absl::InvalidArgumentError("timeout must be above 0 and at most one hour");
  }
  if (options.message_bytes_max < kMessageBytesLeast ||
      options.message_bytes_max > kMessageBytesMost) {
    return absl::InvalidArgumentError("message_bytes_max must be from 64 KiB to 256 MiB");
  }
  return CheckTls(options);
}

absl::StatusOr<Options> OptionsFromEnvironment() {
  Options options;
  Read("KONTOR_CLIENT_ENDPOINT", options.endpoint);
  Read("KONTOR_CLIENT_CA_FILE", options.ca_file);
  Read("KONTOR_CLIENT_CERTIFICATE_FILE", options.certificate_file);
  Read("KONTOR_CLIENT_KEY_FILE", options.key_file);
  Read("KONTOR_CLIENT_SERVER_NAME", options.server_name);
  Read("KONTOR_CLIENT_TOKEN", options.token);
  Read("KONTOR_CLIENT_TOKEN_FILE", options.token_file);
  std::string tls;
  Read("KONTOR_CLIENT_TLS", tls);
  if (!tls.empty() && tls != "0" && tls != "1") {
    return absl::InvalidArgumentError("KONTOR_CLIENT_TLS must be 0 or 1");
  }
  options.tls = tls == "1";
  return options;
}

}  // namespace kontor::sdk
