// SPDX-License-Identifier: Apache-2.0
// The only file of the SDK that knows gRPC: one channel, one generic caller, statuses translated.
// Retries are not its business.
#include <memory>
#include <string>
#include <utility>

#include <google/protobuf/message.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "kontor/sdk/connection.h"
#include "kontor/sdk/errors.h"
#include "sdk/cpp/src/grpc_stream.h"
#include "sdk/cpp/src/token_source.h"

namespace kontor::sdk {
namespace {

using google::protobuf::Message;
using internal::Caller;

class GrpcConnection final : public Connection {
 public:
  GrpcConnection(std::shared_ptr<grpc::Channel> channel,
                 std::unique_ptr<internal::TokenSource> token, Policies policies)
      : caller_(std::make_shared<Caller>(std::move(channel))), token_(std::move(token)),
        policies_(std::move(policies)) {}

  absl::Status Call(const std::string& method, const Message& request, Message& response,
                    const CallOptions& options) override {
    grpc::ClientContext context;
    Prepare(context, options);
    grpc::Status status;
    absl::Notification answered;
    caller_->UnaryCall(&context, method, grpc::StubOptions(), &request, &response,
                     [&](grpc::Status result) {
                       status = std::move(result);
                       answered.Notify();
                     });
    answered.WaitForNotification();
    return internal::FromGrpc(status);
  }

  absl::StatusOr<std::unique_ptr<MessageStream>> Open(const std::string& method,
                                                      const Message& response,
                                                      const CallOptions& options) override {
    auto context = std::make_unique<grpc::ClientContext>();
    Prepare(*context, options);
    return internal::OpenGrpcStream(caller_, method, std::move(context), response);
  }

  const Policies& policies() const override { return policies_; }

 private:
  void Prepare(grpc::ClientContext& context, const CallOptions& options) {
    if (options.timeout > absl::ZeroDuration() && options.timeout < absl::InfiniteDuration()) {
      // gRPC's deadlines follow the system's clock, whatever clock the policies use.
      context.set_deadline(absl::ToChronoTime(absl::Now() + options.timeout));
    }
    const std::string token = token_->Token();
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    if (!options.traceparent.empty()) context.AddMetadata("traceparent", options.traceparent);
  }

  const std::shared_ptr<Caller> caller_;
  const std::unique_ptr<internal::TokenSource> token_;
  const Policies policies_;
};

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeCredentials(const Options& options) {
  if (!options.tls) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions ssl;
  const std::pair<const std::string&, std::string&> files[] = {
      {options.ca_file, ssl.pem_root_certs},
      {options.certificate_file, ssl.pem_cert_chain},
      {options.key_file, ssl.pem_private_key},
  };
  for (const auto& [path, target] : files) {
    if (path.empty()) continue;
    auto text = internal::ReadSmallFile(path);
    if (!text.ok()) return std::move(text).status();
    target = *std::move(text);
  }
  return grpc::SslCredentials(ssl);
}

grpc::ChannelArguments MakeArguments(const Options& options) {
  grpc::ChannelArguments arguments;
  const std::string own = absl::StrCat("kontor-sdk-cpp/", KONTOR_VERSION);
  arguments.SetUserAgentPrefix(
      options.user_agent.empty() ? own : absl::StrCat(options.user_agent, " ", own));
  arguments.SetMaxReceiveMessageSize(static_cast<int>(options.message_bytes_max));
  arguments.SetMaxSendMessageSize(static_cast<int>(options.message_bytes_max));
  if (!options.server_name.empty()) arguments.SetSslTargetNameOverride(options.server_name);
  // gRPC's own retries know nothing of request ids.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // Back at a server that was restarted within seconds, not after gRPC's two minutes.
  constexpr int kReconnectMostMs = 5000;
  constexpr int kReconnectFirstMs = 200;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectFirstMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kReconnectFirstMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMostMs);
  return arguments;
}

}  // namespace

absl::StatusOr<std::shared_ptr<Connection>> MakeConnection(Options options) {
  if (absl::Status status = CheckOptions(options); !status.ok()) return status;
  auto credentials = MakeCredentials(options);
  if (!credentials.ok()) return std::move(credentials).status();
  auto token = std::make_unique<internal::TokenSource>(options.token);
  if (!options.token_file.empty()) {
    auto from_file = internal::TokenSource::FromFile(options.token_file);
    if (!from_file.ok()) return std::move(from_file).status();
    token = *std::move(from_file);
  }
  const Policies policies = WithDefaults(options.policies);
  auto channel =
      grpc::CreateCustomChannel(options.endpoint, *credentials, MakeArguments(options));
  auto inner =
      std::make_shared<GrpcConnection>(std::move(channel), std::move(token), policies);
  return MakeRetryingConnection(std::move(inner), policies, options.timeout);
}

}  // namespace kontor::sdk
