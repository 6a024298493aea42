// SPDX-License-Identifier: Apache-2.0
// A program of ours in a process of its own, which ends when this one does.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace kontor::bench {

/// What a process takes of the memory, in KiB.
struct MemoryUse {
  long resident = 0;  ///< Now.
  long peak = 0;      ///< The most so far.
};

class Child {
 public:
  /// Starts `program` with its output in the file `log`.
  static absl::StatusOr<std::unique_ptr<Child>> Start(const std::string& program,
                                                      const std::vector<std::string>& arguments,
                                                      const std::string& log);
  /// As Stop().
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  /// False once it has ended.
  bool IsAlive();
  /// SIGTERM, and SIGKILL when it has not ended after 40 s. Repeatable.
  void Stop();
  absl::StatusOr<MemoryUse> Memory() const;
  /// Processor time so far, of all its threads.
  absl::StatusOr<absl::Duration> CpuTime() const;

 private:
  explicit Child(pid_t pid) : pid_(pid) {}
  pid_t pid_;
};

/// This program's own file, and one that was built beside it.
std::string OwnProgram();
std::string ProgramBeside(const std::string& name);

/// The text of a file that `child` writes when it is ready; UNAVAILABLE when it ends before, or
/// after `patience`.
absl::StatusOr<std::string> AwaitFile(const std::string& path, Child& child,
                                      absl::Duration patience);

/// An empty folder that is removed with this object unless it is to be kept.
class Folder {
 public:
  /// Below `parent`, or where temporary files go when that is empty.
  static absl::StatusOr<std::unique_ptr<Folder>> Make(const std::string& parent);
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  explicit Folder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// What this process has used of all processors.
absl::Duration OwnCpuTime();

}  // namespace kontor::bench
