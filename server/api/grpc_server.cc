// SPDX-License-Identifier: Apache-2.0
#include "server/api/grpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "server/api/internal/services.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;

constexpr unsigned kCertificateRefreshSeconds = 30;
/// How often silent streams are looked at for a sign of life.
constexpr absl::Duration kHeartbeat = absl::Seconds(5);

bool IsLoopback(const std::string& address) {
  return address == "127.0.0.1" || address == "::1" || address == "[::1]" ||
         address == "localhost" || address.starts_with("127.");
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> CredentialsOf(
    const GrpcSettings& settings) {
  if (settings.certificate_file.empty()) {
    if (!IsLoopback(settings.address)) {
      return Error(Reason::kTlsRequired)
          .Field("grpc.address")
          .Says("plain text is for loopback addresses only");
    }
    return grpc::InsecureServerCredentials();
  }
  // A watcher, not fixed PEM text: certificates are renewed while the service runs.
  auto provider = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      settings.key_file, settings.certificate_file, settings.client_authority_file,
      kCertificateRefreshSeconds);
  grpc::experimental::TlsServerCredentialsOptions options(provider);
  options.watch_identity_key_cert_pairs();
  const bool asks = !settings.client_authority_file.empty();
  if (asks) options.watch_root_certs();
  if (!asks) {
    options.set_cert_request_type(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  } else if (settings.client_certificate_required) {
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  } else {
    options.set_cert_request_type(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(options);
}

class Server final : public GrpcServer {
 public:
  Server(const GrpcSettings& settings, Pipeline& pipeline, const Parts& parts)
      : services_(internal::MakeServices(pipeline, parts, waiters_, settings)) {
    parts.store.OnCommit([waiters = waiters_](const ports::CommitNotice& notice) {
      if (notice.last_event_sequence > 0) waiters->WakeAll();
    });
  }

  absl::Status Start(const GrpcSettings& settings) {
    KONTOR_ASSIGN_OR_RETURN(auto credentials, CredentialsOf(settings));
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::ServerBuilder builder;
    builder.AddListeningPort(base::StrCat(settings.address, ":", settings.port), credentials,
                             &port_);
    builder.SetMaxReceiveMessageSize(settings.message_bytes_max);
    builder.SetMaxSendMessageSize(settings.message_bytes_max);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS,
                               static_cast<int>(absl::ToInt64Milliseconds(settings.keepalive)));
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    for (const auto& service : services_) builder.RegisterService(service.get());
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ == 0) {
      return Error(Reason::kConfigInvalid)
          .Field("grpc.port")
          .Says(base::StrCat("cannot listen on ", settings.address, ":", settings.port));
    }
    SetServing(false);
    heartbeat_ = std::thread([this] { Beat(); });
    return absl::OkStatus();
  }

  int port() const override { return port_; }

  void SetServing(bool serving) override {
    auto* health = server_->GetHealthCheckService();
    if (health != nullptr) health->SetServingStatus(serving);
  }

  void Stop(absl::Time deadline) override {
    if (stopped_) return;
    stopped_ = true;
    {
      const std::lock_guard lock(beat_mutex_);
      beat_ended_ = true;
    }
    beat_wake_.notify_all();
    if (heartbeat_.joinable()) heartbeat_.join();
    SetServing(false);
    waiters_->EndAll(Error(Reason::kShuttingDown).Says("the service is stopping"));
    server_->Shutdown(absl::ToChronoTime(deadline));
    server_->Wait();
  }

  ~Server() override {
    if (server_ != nullptr) Stop(absl::Now());
  }

 private:
  /// Commits wake streams; this wakes those to which nothing happens.
  void Beat() {
    std::unique_lock lock(beat_mutex_);
    while (!beat_wake_.wait_for(lock, absl::ToChronoSeconds(kHeartbeat),
                                [this] { return beat_ended_; })) {
      lock.unlock();
      waiters_->WakeAll();
      lock.lock();
    }
  }

  std::shared_ptr<internal::FeedWaiters> waiters_ = std::make_shared<internal::FeedWaiters>();
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  bool stopped_ = false;
  std::mutex beat_mutex_;
  std::condition_variable beat_wake_;
  bool beat_ended_ = false;
  std::thread heartbeat_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> StartGrpcServer(GrpcSettings settings,
                                                            Pipeline& pipeline, Parts parts) {
  auto server = std::make_unique<Server>(settings, pipeline, parts);
  KONTOR_RETURN_IF_ERROR(server->Start(settings));
  return server;
}

}  // namespace kontor::api
