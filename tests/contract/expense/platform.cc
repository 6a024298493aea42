// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/expense/platform.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "server/net/http_client.h"

extern char** environ;

namespace kontor::expense::contract {

ports::HttpClient& Http() {
  static const auto client = net::MakeHttpClient({.allowed_networks = {"127.0.0.0/8"}});
  return **client;
}

Platform::Platform(const std::string& kind) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
  std::string program = "python3";
  std::string script = "tests/simulators/expense_sim.py";
  std::string flag = "--platform";
  std::string value = kind;
  char* const args[] = {program.data(), script.data(), flag.data(), value.data(), nullptr};
  const int failed = posix_spawnp(&pid_, "python3", &actions, nullptr, args, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(fds[1]);
  if (failed != 0) throw std::runtime_error("the simulator could not be started");
  std::string line;
  char c = 0;
  while (read(fds[0], &c, 1) == 1 && c != '\n') line.push_back(c);
  close(fds[0]);
  url_ = json::parse(line).at("url").get<std::string>();
}

Platform::~Platform() {
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
}

json Platform::Ask(const std::string& name, const json& body) const {
  ports::HttpRequest request;
  request.url = url_ + "/_sim/" + name;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = body.dump();
  const ports::HttpResponse response = Http().SendAndWait(std::move(request));
  BOOST_REQUIRE_MESSAGE(response.status.ok(), response.status.ToString());
  BOOST_REQUIRE_MESSAGE(response.http_status == 200, response.body);
  return json::parse(response.body);
}

void Platform::Add(const json& item) const { Ask("items", {{"items", json::array({item})}}); }
void Platform::Faults(const json& steps) const { Ask("faults", {{"faults", steps}}); }
void Platform::RecallWhenListed(const std::string& id) const {
  Ask("recall", {{"ids", json::array({id})}});
}
json Platform::State() const { return Ask("state", json::object()); }

}  // namespace kontor::expense::contract
