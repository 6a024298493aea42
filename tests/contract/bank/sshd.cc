// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/bank/sshd.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

extern char** environ;

namespace kontor::bank::testing {
namespace {

namespace fs = std::filesystem;

constexpr char kServer[] = "/usr/sbin/sshd";
constexpr char kKeygen[] = "/usr/bin/ssh-keygen";
constexpr char kSftp[] = "/usr/lib/openssh/sftp-server";
constexpr int kTriesMax = 200;
constexpr useconds_t kWaitMicros = 25'000;

pid_t Spawn(const std::vector<std::string>& words, const fs::path& output) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t child = -1;
  const int failed =
      posix_spawn(&child, words[0].c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " + words[0]);
  return child;
}

std::string Read(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string Run(const std::vector<std::string>& words, const fs::path& folder) {
  const fs::path output = folder / "output";
  const pid_t child = Spawn(words, output);
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error(words[0] + ": " + Read(output));
  return Read(output);
}

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int FreePort() {
  const int probe = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  bind(probe, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
  close(probe);
  return ntohs(address.sin_port);
}

bool Answers(int port) {
  const int probe = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = Loopback(port);
  const bool open = connect(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(probe);
  return open;
}

}  // namespace

std::string MissingSshd() {
  for (const char* program : {kServer, kKeygen, kSftp}) {
    if (!fs::exists(program)) {
      return std::string(program) + " is missing: install openssh-server";
    }
  }
  return "";
}

Sshd::Sshd(const fs::path& folder) {
  fs::create_directories(folder);
  const std::string host_key = folder / "host_key";
  const std::string client_key = folder / "client_key";
  for (const std::string& key : {host_key, client_key}) {
    Run({kKeygen, "-q", "-t", "ed25519", "-N", "", "-f", key}, folder);
  }
  private_key_ = Read(client_key);
  std::istringstream words(Run({kKeygen, "-l", "-E", "sha256", "-f", host_key + ".pub"}, folder));
  words >> fingerprint_ >> fingerprint_;
  const passwd* const account = getpwuid(getuid());
  user_ = account == nullptr ? "root" : account->pw_name;
  fs::copy_file(client_key + ".pub", folder / "authorized_keys");
  chmod((folder / "authorized_keys").c_str(), 0600);
  port_ = FreePort();
  std::ofstream(folder / "sshd_config")
      << "Port " << port_ << "\nListenAddress 127.0.0.1\nHostKey " << host_key
      << "\nAuthorizedKeysFile " << (folder / "authorized_keys").string()
      << "\nPidFile none\nUsePAM no\nStrictModes no\nPasswordAuthentication no\n"
         "PermitRootLogin prohibit-password\nSubsystem sftp "
      << kSftp << "\n";
  // It wants this folder for the part of it that has no rights.
  if (getuid() == 0) fs::create_directories("/run/sshd");
  process_ = Spawn({kServer, "-D", "-e", "-f", folder / "sshd_config"}, folder / "log");
  for (int i = 0; i < kTriesMax && !Answers(port_); ++i) usleep(kWaitMicros);
  if (!Answers(port_)) throw std::runtime_error("sshd does not start: " + Read(folder / "log"));
}

Sshd::~Sshd() {
  if (process_ <= 0) return;
  kill(process_, SIGTERM);
  waitpid(process_, nullptr, 0);
}

}  // namespace kontor::bank::testing
