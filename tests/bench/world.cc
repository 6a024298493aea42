// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/world.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "kontor/v1/admin.grpc.pb.h"
#include "kontor/v1/connection.grpc.pb.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::bench {
namespace {

namespace v1 = ::kontor::v1;
using base::StrCat;

constexpr absl::Duration kStartPatience = absl::Seconds(60);

/// Calls one unary method and waits.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Call(Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
                              const std::string& token, const Request& request) {
  grpc::ClientContext context;
  Authorize(&context, token);
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return StatusOf(status);
  return response;
}

std::string TokensFile(const std::string& folder) { return folder + "/bench-tokens.json"; }

std::string Text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Makes principals, grants roles; the second administrator approves what the first proposes.
class Cast {
 public:
  explicit Cast(Server& server) : stub_(v1::AdminService::NewStub(server.channel())) {}

  absl::Status Begin(const std::string& bootstrap_token) {
    v1::RedeemBootstrapTokenRequest redeem;
    redeem.set_bootstrap_token(bootstrap_token);
    redeem.set_principal_name("anna");
    KONTOR_ASSIGN_OR_RETURN(
        const auto first,
        Call(*stub_, &v1::AdminService::Stub::RedeemBootstrapToken, "", redeem));
    first_ = first.token();
    KONTOR_RETURN_IF_ERROR(Make("anton", v1::Principal::KIND_PERSON));
    KONTOR_RETURN_IF_ERROR(Propose("anton", v1::ROLE_ADMINISTRATOR).status());
    KONTOR_ASSIGN_OR_RETURN(second_, TokenOf("anton"));
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Submitter() {
    KONTOR_RETURN_IF_ERROR(Make(kSource, v1::Principal::KIND_SERVICE));
    for (const v1::Role role : {v1::ROLE_SUBMITTER, v1::ROLE_VIEWER, v1::ROLE_OPERATOR}) {
      KONTOR_ASSIGN_OR_RETURN(const std::string grant, Propose(kSource, role));
      v1::ApproveRoleGrantRequest approve;
      approve.set_request_id(StrCat("approve-", grant));
      approve.set_id(grant);
      approve.set_reason("bench");
      KONTOR_RETURN_IF_ERROR(
          Call(*stub_, &v1::AdminService::Stub::ApproveRoleGrant, second_, approve).status());
    }
    return TokenOf(kSource);
  }

  const std::string& administrator() const { return first_; }

 private:
  absl::Status Make(const std::string& name, v1::Principal::Kind kind) {
    v1::CreatePrincipalRequest request;
    request.set_request_id(StrCat("make-", name));
    request.mutable_principal()->set_name(name);
    request.mutable_principal()->set_kind(kind);
    constexpr int kRateMost = 100'000;
    request.mutable_principal()->set_rate_limit_per_second(kRateMost);
    return Call(*stub_, &v1::AdminService::Stub::CreatePrincipal, first_, request).status();
  }
  absl::StatusOr<std::string> Propose(const std::string& name, v1::Role role) {
    v1::ProposeRoleGrantRequest request;
    request.set_request_id(StrCat("propose-", name, "-", static_cast<int>(role)));
    request.set_principal(name);
    request.set_role(role);
    request.set_reason("bench");
    KONTOR_ASSIGN_OR_RETURN(
        const auto answer,
        Call(*stub_, &v1::AdminService::Stub::ProposeRoleGrant, first_, request));
    return answer.grant().id();
  }
  absl::StatusOr<std::string> TokenOf(const std::string& name) {
    v1::IssueTokenRequest request;
    request.set_request_id(StrCat("token-", name));
    request.set_principal(name);
    KONTOR_ASSIGN_OR_RETURN(
        const auto answer, Call(*stub_, &v1::AdminService::Stub::IssueToken, first_, request));
    return answer.token();
  }

  std::unique_ptr<v1::AdminService::Stub> stub_;
  std::string first_;
  std::string second_;
};

absl::Status Connect(Server& server, const std::string& token) {
  const auto stub = v1::ConnectionService::NewStub(server.channel());
  v1::CreateConnectionRequest request;
  request.set_request_id("connect");
  v1::Connection& connection = *request.mutable_connection();
  connection.set_name(kConnection);
  connection.set_url("http://127.0.0.1:9");  // "discard": nobody listens
  connection.set_database("nowhere");
  connection.set_login("bot");
  connection.set_api_key("none");
  connection.set_mode(v1::MODE_LIVE);
  connection.set_transport(v1::Connection::TRANSPORT_JSONRPC);
  KONTOR_RETURN_IF_ERROR(
      Call(*stub, &v1::ConnectionService::Stub::CreateConnection, token, request).status());
  v1::CreateEntityRequest entity;
  entity.set_request_id("entity");
  entity.mutable_entity()->set_name(kEntity);
  entity.mutable_entity()->set_connection(kConnection);
  entity.mutable_entity()->set_company_id(1);
  entity.mutable_entity()->set_currency_code("EUR");
  entity.mutable_entity()->set_mode(v1::MODE_LIVE);
  return Call(*stub, &v1::ConnectionService::Stub::CreateEntity, token, entity).status();
}

}  // namespace

std::vector<std::string> SettingsOf(const ServerOptions& options) {
  // The rates of a principal are for callers who go wrong; here they would be what is measured.
  std::vector<std::string> settings = {
      StrCat("data.directory=", options.folder, "/data"),
      "grpc.port=0",
      "http.port=0",
      "limits.calls_per_second=1000000",
      "limits.calls_burst=1000000",
      "webhooks.allow_plain_http=true",
      "webhooks.allowed_networks=127.0.0.0/8",
      "log.format=json",
  };
  settings.insert(settings.end(), options.settings.begin(), options.settings.end());
  return settings;
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options) {
  const std::string ready = options.folder + "/ready.json";
  std::error_code ignored;
  std::filesystem::remove(ready, ignored);
  std::vector<std::string> arguments;
  if (options.with_echo) arguments.emplace_back("serve");
  arguments.insert(arguments.end(), {"--ready-file", ready});
  for (const std::string& setting : SettingsOf(options)) {
    arguments.insert(arguments.end(), {"--set", setting});
  }
  const std::string program = options.with_echo ? OwnProgram() : ProgramBeside("kontord");
  auto server = std::make_unique<Server>();
  KONTOR_ASSIGN_OR_RETURN(server->process_, Child::Start(program, arguments,
                                                         options.folder + "/server.log"));
  KONTOR_ASSIGN_OR_RETURN(const std::string text,
                          AwaitFile(ready, *server->process_, kStartPatience));
  const auto ports = nlohmann::json::parse(text, nullptr, false);
  if (!ports.is_object()) return absl::InternalError("the ready file is no JSON");
  server->grpc_port_ = ports.value("grpc_port", 0);
  server->http_port_ = ports.value("http_port", 0);
  server->channel_ = server->NewChannel();
  return server;
}

std::shared_ptr<grpc::Channel> Server::NewChannel() const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(StrCat("127.0.0.1:", grpc_port_),
                                   grpc::InsecureChannelCredentials(), arguments);
}

absl::StatusOr<People> SetUp(Server& server, const std::string& folder) {
  const std::string bootstrap = Text(folder + "/data/bootstrap.token");
  Cast cast(server);
  KONTOR_RETURN_IF_ERROR(cast.Begin(std::string(base::Trim(bootstrap))));
  People people;
  people.administrator = cast.administrator();
  KONTOR_ASSIGN_OR_RETURN(people.submitter, cast.Submitter());
  KONTOR_RETURN_IF_ERROR(Connect(server, people.administrator));
  std::ofstream(TokensFile(folder)) << nlohmann::json{
      {"administrator", people.administrator}, {"submitter", people.submitter}};
  return people;
}

absl::StatusOr<People> KnownPeople(const std::string& folder) {
  const auto tokens = nlohmann::json::parse(Text(TokensFile(folder)), nullptr, false);
  if (!tokens.is_object()) return absl::NotFoundError("this folder was not set up");
  return People{tokens.value("administrator", ""), tokens.value("submitter", "")};
}

void Authorize(grpc::ClientContext* context, const std::string& token) {
  if (!token.empty()) context->AddMetadata("authorization", "Bearer " + token);
  context->set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
}

absl::Status StatusOf(const grpc::Status& status) {
  return {static_cast<absl::StatusCode>(status.error_code()), status.error_message()};
}

}  // namespace kontor::bench
