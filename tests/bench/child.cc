// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/time/clock.h"
#include "server/base/strings.h"

namespace kontor::bench {
namespace {

constexpr absl::Duration kStopPatience = absl::Seconds(40);
constexpr absl::Duration kLook = absl::Milliseconds(10);

absl::Status SystemError(std::string_view what) {
  return absl::UnavailableError(base::StrCat(what, ": ", std::strerror(errno)));
}

[[noreturn]] void Become(const std::string& program, const std::vector<std::string>& arguments,
                         const std::string& log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (out >= 0) {
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
  }
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  execv(program.c_str(), argv.data());
  _exit(127);
}

/// The number behind a name in /proc/<pid>/status.
long KibOf(const std::string& status, const std::string& name) {
  const size_t at = status.find(name + ":");
  if (at == std::string::npos) return 0;
  return std::strtol(status.c_str() + at + name.size() + 1, nullptr, 10);
}

std::string Whole(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Child>> Child::Start(const std::string& program,
                                                    const std::vector<std::string>& arguments,
                                                    const std::string& log) {
  if (access(program.c_str(), X_OK) != 0) return SystemError(program);
  const pid_t pid = fork();
  if (pid < 0) return SystemError("fork");
  if (pid == 0) Become(program, arguments, log);
  return std::unique_ptr<Child>(new Child(pid));
}

Child::~Child() { Stop(); }

bool Child::IsAlive() {
  if (pid_ <= 0) return false;
  if (waitpid(pid_, nullptr, WNOHANG) == 0) return true;
  pid_ = 0;
  return false;
}

void Child::Stop() {
  if (!IsAlive()) return;
  kill(pid_, SIGTERM);
  const absl::Time until = absl::Now() + kStopPatience;
  while (IsAlive() && absl::Now() < until) absl::SleepFor(kLook);
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

absl::StatusOr<MemoryUse> Child::Memory() const {
  const std::string status = Whole(base::StrCat("/proc/", pid_, "/status"));
  const MemoryUse use{KibOf(status, "VmRSS"), KibOf(status, "VmHWM")};
  if (use.resident == 0) return absl::UnavailableError("the process tells no memory use");
  return use;
}

absl::StatusOr<absl::Duration> Child::CpuTime() const {
  const std::string stat = Whole(base::StrCat("/proc/", pid_, "/stat"));
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return absl::UnavailableError("the process tells no times");
  std::istringstream rest(stat.substr(name_end + 2));
  constexpr int kFieldsBefore = 11;  // state … cmajflt; then utime and stime
  std::string skipped;
  for (int i = 0; i < kFieldsBefore; ++i) rest >> skipped;
  long user = 0;
  long system = 0;
  rest >> user >> system;
  return absl::Seconds(user + system) / sysconf(_SC_CLK_TCK);
}

std::string OwnProgram() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

std::string ProgramBeside(const std::string& name) {
  return (std::filesystem::path(OwnProgram()).parent_path() / name).string();
}

absl::StatusOr<std::string> AwaitFile(const std::string& path, Child& child,
                                      absl::Duration patience) {
  const absl::Time until = absl::Now() + patience;
  while (absl::Now() < until) {
    if (std::string text = Whole(path); !text.empty()) return text;
    if (!child.IsAlive()) return absl::UnavailableError("the program ended; see its log");
    absl::SleepFor(kLook);
  }
  return absl::UnavailableError("the program is not ready; see its log");
}

absl::StatusOr<std::unique_ptr<Folder>> Folder::Make(const std::string& parent) {
  std::error_code problem;
  const std::string above =
      parent.empty() ? std::filesystem::temp_directory_path(problem).string() : parent;
  std::string pattern = base::StrCat(above, "/kontor-bench-XXXXXX");
  if (mkdtemp(pattern.data()) == nullptr) return SystemError(pattern);
  return std::unique_ptr<Folder>(new Folder(pattern));
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

absl::Duration OwnCpuTime() {
  struct rusage used = {};
  getrusage(RUSAGE_SELF, &used);
  return absl::DurationFromTimeval(used.ru_utime) + absl::DurationFromTimeval(used.ru_stime);
}

}  // namespace kontor::bench
