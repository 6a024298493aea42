// SPDX-License-Identifier: Apache-2.0
// See target.h.
#include "tests/contract/odoo/target.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <stdexcept>

#include <boost/test/unit_test.hpp>

#include "server/net/http_client.h"

extern char** environ;

namespace kontor::odoo::contract {
namespace {

using nlohmann::json;

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

json TargetFile() {
  std::ifstream file(Environment("KONTOR_ODOO_TARGET"));
  if (!file) throw std::runtime_error("KONTOR_ODOO_TARGET names no readable file");
  return json::parse(file);
}

std::vector<std::string> TransportsOf(const std::string& series) {
  if (series == "19.0") return {"json2", "jsonrpc", "xmlrpc"};
  return {"jsonrpc", "xmlrpc"};
}

/// One simulator process.
class Simulator {
 public:
  explicit Simulator(const std::string& series) {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
    std::string program = "python3";
    std::string script = "tests/simulators/odoo_sim.py";
    std::string series_flag = "--series";
    std::string series_value = series;
    char* const args[] = {program.data(), script.data(), series_flag.data(), series_value.data(),
                          nullptr};
    const int failed = posix_spawnp(&pid_, "python3", &actions, nullptr, args, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(fds[1]);
    if (failed != 0) throw std::runtime_error("the simulator could not be started");
    std::string line;
    char c = 0;
    while (read(fds[0], &c, 1) == 1 && c != '\n') line.push_back(c);
    close(fds[0]);
    ready_ = json::parse(line);
  }
  ~Simulator() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;
  const json& ready() const { return ready_; }

 private:
  pid_t pid_ = 0;
  json ready_;
};

Target FromJson(const json& data, const std::string& transport) {
  Target target;
  target.series = data.value("series", "");
  target.transport = transport;
  target.url = data.at("url");
  target.database = data.at("db");
  target.login = data.at("login");
  target.api_key = data.at("api_key");
  target.limited_login = data.value("limited_login", "kontor-limited");
  target.limited_api_key = data.value("limited_api_key", "");
  if (data.contains("api_keys")) {
    target.limited_api_key = data["api_keys"].value("kontor-limited", target.limited_api_key);
  }
  target.admin_login = data.value("admin_login", "admin");
  target.admin_password = data.value("admin_password", "");
  return target;
}

json Post(const std::string& url, const json& body) {
  static const auto client = net::MakeHttpClient({.allowed_networks = {"127.0.0.0/8"}});
  ports::HttpRequest request;
  request.url = url;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = body.dump();
  const ports::HttpResponse response = (*client)->SendAndWait(std::move(request));
  BOOST_REQUIRE_MESSAGE(response.status.ok(), response.status.ToString());
  BOOST_REQUIRE_MESSAGE(response.http_status == 200, response.body);
  return json::parse(response.body);
}

}  // namespace

std::vector<std::string> TargetNames() {
  std::vector<std::string> names;
  const std::string only = Environment("KONTOR_ODOO_TRANSPORT");
  const auto add = [&names, &only](const std::string& series, const std::string& transport) {
    if (only.empty() || only == transport) names.push_back(series + "/" + transport);
  };
  if (!Environment("KONTOR_ODOO_TARGET").empty()) {
    const json data = TargetFile();
    for (const std::string transport : data.at("transports")) add(data.at("series"), transport);
    return names;
  }
  const std::string wanted = Environment("KONTOR_ODOO_SERIES");
  for (const std::string series : {"17.0", "18.0", "19.0"}) {
    if (!wanted.empty() && wanted != series) continue;
    for (const std::string& transport : TransportsOf(series)) add(series, transport);
  }
  return names;
}

const Target& TargetOf(const std::string& name) {
  static std::map<std::string, Simulator> simulators;
  static std::map<std::string, Target> targets;
  if (const auto it = targets.find(name); it != targets.end()) return it->second;
  const size_t slash = name.find('/');
  const std::string series = name.substr(0, slash);
  const std::string transport = name.substr(slash + 1);
  if (!Environment("KONTOR_ODOO_TARGET").empty()) {
    return targets[name] = FromJson(TargetFile(), transport);
  }
  const Simulator& simulator = simulators.try_emplace(series, series).first->second;
  Target target = FromJson(simulator.ready(), transport);
  target.series = series;
  target.simulated = true;
  return targets[name] = target;
}

json AsAdmin(const Target& target, const std::string& model, const std::string& method,
             const json& args, const json& kwargs) {
  const auto call = [&target](const std::string& service, const std::string& name,
                              const json& params) {
    const json answer = Post(target.url + "/jsonrpc",
                             {{"jsonrpc", "2.0"},
                              {"method", "call"},
                              {"id", 1},
                              {"params",
                               {{"service", service}, {"method", name}, {"args", params}}}});
    BOOST_REQUIRE_MESSAGE(!answer.contains("error"), answer.dump());
    return answer.value("result", json());
  };
  static std::map<std::string, json> uids;
  const std::string key = target.url + target.database;
  if (!uids.contains(key)) {
    uids[key] = call("common", "authenticate",
                     {target.database, target.admin_login, target.admin_password, json::object()});
  }
  return call("object", "execute_kw",
              {target.database, uids[key], target.admin_password, model, method, args, kwargs});
}

json AskSimulator(const Target& target, const std::string& name, const json& body) {
  return Post(target.url + "/_sim/" + name, body);
}

}  // namespace kontor::odoo::contract
