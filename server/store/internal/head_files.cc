// SPDX-License-Identifier: Apache-2.0
#include "server/store/internal/head_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "server/base/strings.h"

namespace kontor::store::internal {
namespace {

using base::Reason;
using base::StrCat;

constexpr size_t kSmallFileMax = 512;

absl::Status FileError(std::string_view what, const std::string& path) {
  const Reason reason = errno == ENOSPC ? Reason::kStoreFull : Reason::kStoreUnavailable;
  return base::Error(reason).Says(StrCat(what, " ", path, ": ", std::strerror(errno)));
}

/// Grows with every event and audit row: one number says how far the history has come.
int64_t ProgressOf(const Heads& heads) { return heads.event_sequence + heads.audit_sequence; }

void SyncFolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

}  // namespace

absl::Status WriteFileWhole(const std::string& path, const std::string& text) {
  const std::string beside = StrCat(path, ".new");
  const int fd = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return FileError("cannot write", beside);
  const std::string line = StrCat(text, "\n");
  const bool written =
      write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && fsync(fd) == 0;
  absl::Status status = written ? absl::OkStatus() : FileError("cannot write", beside);
  close(fd);
  if (status.ok() && std::rename(beside.c_str(), path.c_str()) != 0) {
    status = FileError("cannot replace", path);
  }
  if (status.ok()) SyncFolderOf(path);
  return status;
}

absl::StatusOr<std::string> ReadSmallFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) return std::string();
    return FileError("cannot read", path);
  }
  char buffer[kSmallFileMax];
  const ssize_t count = read(fd, buffer, sizeof buffer);
  const int error = errno;
  close(fd);
  errno = error;
  if (count < 0) return FileError("cannot read", path);
  return std::string(base::Trim(std::string_view(buffer, static_cast<size_t>(count))));
}

absl::StatusOr<bool> HeadFiles::IsRestored(const std::string& generation,
                                           const Heads& heads) const {
  if (generation_file_.empty()) return false;
  KONTOR_ASSIGN_OR_RETURN(const std::string text, ReadSmallFile(generation_file_));
  if (text.empty()) return false;
  const size_t blank = text.find(' ');
  const auto progress =
      base::ParseInt64(blank == std::string::npos ? "" : text.substr(blank + 1));
  // A file that makes no sense is no proof that all is well.
  if (!progress.ok()) return true;
  return text.substr(0, blank) != generation || *progress > ProgressOf(heads);
}

void HeadFiles::Follow(const std::string& generation, const Heads& heads, bool frozen) {
  generation_ = generation;
  heads_ = heads;
  is_frozen_ = frozen;
  is_dirty_ = true;
  Flush(true);
}

void HeadFiles::Note(const Heads& heads) {
  // Several nodes: what another one has written meanwhile is further, never nearer.
  heads_ = heads;
  is_dirty_ = true;
  Flush(false);
}

void HeadFiles::Flush(bool now) {
  if (!is_dirty_) return;
  const absl::Time time = clock_.Now();
  if (!now && time < last_write_ + interval_) return;
  last_write_ = time;
  bool all = true;
  if (!audit_file_.empty()) all &= WriteFileWhole(audit_file_, AuditHeadText(heads_)).ok();
  if (!generation_file_.empty() && !is_frozen_) {
    const std::string text = StrCat(generation_, " ", ProgressOf(heads_));
    all &= WriteFileWhole(generation_file_, text).ok();
  }
  is_dirty_ = !all;
}

}  // namespace kontor::store::internal
