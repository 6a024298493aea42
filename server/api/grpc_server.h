// SPDX-License-Identifier: Apache-2.0
// The gRPC port: callback services over the pipeline, health, reflection, TLS.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/api/methods.h"
#include "server/api/pipeline.h"

namespace kontor::api {

struct GrpcSettings {
  std::string address = "127.0.0.1";  ///< Without TLS it must be loopback (TLS_REQUIRED).
  int port = 7600;                    ///< 0: any free one.
  int message_bytes_max = 32 * 1024 * 1024;
  std::string certificate_file;       ///< PEM; empty: plain text.
  std::string key_file;
  std::string
      client_authority_file;  ///< PEM of who may sign clients; empty: no client certificates.
  bool client_certificate_required = false;
  absl::Duration keepalive = absl::Minutes(2);
  int streams_max = 1024;             ///< Watch and bulk streams open at once.
  int stream_window = 256;            ///< Items of one bulk stream under way at once.
  /// For files that come in pieces and are too large for memory.
  std::string upload_folder = "/tmp";
  int64_t upload_bytes_max = int64_t{1} << 30;  ///< Of one such file.
  int uploads_max = 16;                         ///< Open at once.
  int upload_threads = 2;                       ///< Files at work at once; 1 to 16.
};

/// A running server. Thread-safe.
class GrpcServer {
 public:
  virtual ~GrpcServer() = default;
  virtual int port() const = 0;
  /// Health answers NOT_SERVING while false.
  virtual void SetServing(bool serving) = 0;
  /// Ends streams, lets calls under way finish until `deadline`.
  virtual void Stop(absl::Time deadline) = 0;
};

/// TLS_REQUIRED, CONFIG_INVALID (certificates), StoreUnavailable when the port cannot be had.
absl::StatusOr<std::unique_ptr<GrpcServer>> StartGrpcServer(GrpcSettings settings,
                                                            Pipeline& pipeline, Parts parts);

}  // namespace kontor::api
