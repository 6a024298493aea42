// SPDX-License-Identifier: Apache-2.0
// kontord in a process of its own, with the people, the connection and the entity that every
// measurement needs. The connection leads to a port where nobody listens: what is measured is
// kontor, not an Odoo.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/child.h"

namespace kontor::bench {

struct ServerOptions {
  std::string folder;                 ///< Of data, log and ready file.
  std::vector<std::string> settings;  ///< Beside those that every measurement needs.
  bool with_echo = false;             ///< This program's own `serve` in place of kontord.
};

/// A running server.
class Server {
 public:
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options);
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  /// A connection that shares nothing with others.
  std::shared_ptr<grpc::Channel> NewChannel() const;
  Child& process() { return *process_; }
  int http_port() const { return http_port_; }
  void Stop() { process_->Stop(); }

 private:
  std::unique_ptr<Child> process_;
  std::shared_ptr<grpc::Channel> channel_;
  int grpc_port_ = 0;
  int http_port_ = 0;
};

/// "--set" texts for a folder: what both programs and the filling of stores are given.
std::vector<std::string> SettingsOf(const ServerOptions& options);

/// Whose tokens call.
struct People {
  std::string administrator;
  std::string submitter;  ///< A service that submits, views and operates.
};

inline constexpr char kEntity[] = "de";
inline constexpr char kConnection[] = "main";
inline constexpr char kSource[] = "shop";

/// On an empty store: people, a LIVE connection to nowhere and an entity of it.
absl::StatusOr<People> SetUp(Server& server, const std::string& folder);
/// The tokens of an earlier SetUp() in that folder.
absl::StatusOr<People> KnownPeople(const std::string& folder);

/// A context with a token and a deadline of a minute.
void Authorize(grpc::ClientContext* context, const std::string& token);

/// gRPC's status as Abseil's.
absl::Status StatusOf(const grpc::Status& status);

}  // namespace kontor::bench
