// SPDX-License-Identifier: Apache-2.0
// The echo comes in through gRPC's own plugin point, so that kontord's code has no door for it.
#include "tests/bench/serve.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <grpcpp/impl/server_initializer.h>
#include <pthread.h>
#include <signal.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "echo.grpc.pb.h"
#include "server/app/config.h"
#include "server/app/observability.h"
#include "server/app/service.h"

namespace kontor::bench {
namespace {

class EchoNothing final : public EchoService::CallbackService {
  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const EchoRequest*,
                                 EchoResponse*) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

class EchoPlugin final : public grpc::ServerBuilderPlugin {
 public:
  std::string name() override { return "kontor.bench.echo"; }
  void InitServer(grpc::ServerInitializer* server) override {
    server->RegisterService(std::make_shared<EchoNothing>());
  }
  void Finish(grpc::ServerInitializer*) override {}
  void ChangeArguments(const std::string&, void*) override {}
};

std::unique_ptr<grpc::ServerBuilderPlugin> MakeEchoPlugin() {
  return std::make_unique<EchoPlugin>();
}

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "kontor-bench serve: %s\n", std::string(status.message()).c_str());
  return 1;
}

}  // namespace

int Serve(const ServeOptions& options) {
  grpc::ServerBuilder::InternalAddPluginFactory(&MakeEchoPlugin);
  const auto config = app::Config::Load("", {}, options.settings);
  if (!config.ok()) return Fail(config.status());
  const base::SystemClock clock;
  auto observability = app::MakeObservability(*config, clock);
  if (!observability.ok()) return Fail(observability.status());
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  auto service = app::Service::Start(*config, **observability);
  if (!service.ok()) return Fail(service.status());
  const std::string half = options.ready_file + ".part";
  std::ofstream(half) << "{\"grpc_port\": " << (*service)->grpc_port()
                      << ", \"http_port\": " << (*service)->http_port() << "}\n";
  std::error_code ignored;
  std::filesystem::rename(half, options.ready_file, ignored);
  int received = 0;
  sigwait(&signals, &received);
  (*service)->Stop();
  return 0;
}

}  // namespace kontor::bench
