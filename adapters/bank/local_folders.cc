// SPDX-License-Identifier: Apache-2.0
// Folders of this machine. What must survive a power cut is synced, the folder's entry as well.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "adapters/bank/folders.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::bank {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

constexpr mode_t kFileMode = 0640;
constexpr mode_t kFolderMode = 0750;
constexpr size_t kPiece = size_t{256} << 10U;

absl::Status Problem(const std::string& what, const std::string& path, int problem) {
  // A disk that fails or a mount that is gone may come back; the rest is for a person.
  const bool lost = problem == EIO || problem == ESTALE || problem == ETIMEDOUT ||
                    problem == EHOSTDOWN || problem == ENOTCONN;
  return Error(lost ? Reason::kChannelUnreachable : Reason::kChannelInvalid)
      .Says(StrCat(what, " ", path, ": ", std::strerror(problem)));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  bool ok() const { return number_ >= 0; }

 private:
  const int number_;
};

class FileSource final : public ports::ByteSource {
 public:
  FileSource(int file, std::string path) : file_(file), path_(std::move(path)) {}
  absl::StatusOr<size_t> Read(std::span<char> into) override {
    for (;;) {
      const ssize_t got = read(file_.get(), into.data(), into.size());
      if (got >= 0) return static_cast<size_t>(got);
      if (errno != EINTR) return Problem("cannot read", path_, errno);
    }
  }

 private:
  Descriptor file_;
  std::string path_;
};

FolderEntry EntryOf(const std::string& name, const struct stat& facts) {
  FolderEntry entry;
  entry.name = name;
  entry.bytes = facts.st_size;
  entry.modified = absl::TimeFromTimespec(facts.st_mtim);
  entry.is_file = S_ISREG(facts.st_mode);
  entry.identity = StrCat(static_cast<int64_t>(facts.st_dev), "/",
                          static_cast<int64_t>(facts.st_ino), "/", entry.bytes, "/",
                          absl::ToUnixNanos(entry.modified));
  return entry;
}

absl::Status WriteAll(int file, const std::string& path, ports::ByteSource& bytes) {
  std::string piece(kPiece, '\0');
  for (;;) {
    KONTOR_ASSIGN_OR_RETURN(const size_t got, bytes.Read(piece));
    if (got == 0) return absl::OkStatus();
    size_t put = 0;
    while (put < got) {
      const ssize_t wrote = write(file, piece.data() + put, got - put);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return Problem("cannot write", path, errno);
      put += static_cast<size_t>(wrote);
    }
  }
}

class LocalFolders final : public Folders {
 public:
  absl::StatusOr<std::optional<FolderEntry>> Stat(const std::string& path) override {
    struct stat facts {};
    if (lstat(path.c_str(), &facts) == 0) {
      return std::optional<FolderEntry>(EntryOf(path.substr(path.rfind('/') + 1), facts));
    }
    if (errno == ENOENT) return std::optional<FolderEntry>();
    return Problem("cannot look at", path, errno);
  }

  absl::StatusOr<std::vector<FolderEntry>> List(const std::string& folder) override {
    DIR* const open = opendir(folder.c_str());
    if (open == nullptr) return Problem("cannot list", folder, errno);
    std::vector<FolderEntry> entries;
    while (const dirent* item = readdir(open)) {
      const std::string name = item->d_name;
      if (name == "." || name == "..") continue;
      struct stat facts {};
      // What is gone since the folder was read is not there.
      if (fstatat(dirfd(open), item->d_name, &facts, AT_SYMLINK_NOFOLLOW) == 0) {
        entries.push_back(EntryOf(name, facts));
      }
    }
    closedir(open);
    return entries;
  }

  absl::StatusOr<std::unique_ptr<ports::ByteSource>> Read(const std::string& path) override {
    const int file = open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return Problem("cannot open", path, errno);
    return std::unique_ptr<ports::ByteSource>(std::make_unique<FileSource>(file, path));
  }

  absl::Status Write(const std::string& path, ports::ByteSource& bytes) override {
    // Anew, so that nobody holds the old one open under this name.
    unlink(path.c_str());
    const Descriptor file(
        open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode));
    if (!file.ok()) return Problem("cannot make", path, errno);
    absl::Status done = WriteAll(file.get(), path, bytes);
    if (done.ok() && fsync(file.get()) != 0) done = Problem("cannot sync", path, errno);
    if (!done.ok()) unlink(path.c_str());
    return done;
  }

  absl::Status Rename(const std::string& from, const std::string& to) override {
    if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
      return absl::OkStatus();
    }
    if (errno == EINVAL || errno == ENOSYS) {
      // A file system without that flag: a second name never overwrites either.
      if (link(from.c_str(), to.c_str()) == 0) return Remove(from);
    }
    if (errno == EEXIST) {
      return Error(Reason::kChannelFileConflict).Says(StrCat(to, " is there already"));
    }
    return Problem("cannot rename to", to, errno);
  }

  absl::Status Remove(const std::string& path) override {
    if (unlink(path.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
    return Problem("cannot remove", path, errno);
  }

  absl::Status SyncFolder(const std::string& folder) override {
    const Descriptor open_folder(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!open_folder.ok()) return Problem("cannot open", folder, errno);
    if (fsync(open_folder.get()) != 0) return Problem("cannot sync", folder, errno);
    return absl::OkStatus();
  }

  absl::Status MakeFolder(const std::string& folder) override {
    if (mkdir(folder.c_str(), kFolderMode) == 0 || errno == EEXIST) return absl::OkStatus();
    return Problem("cannot make", folder, errno);
  }

  std::string CannotRename(const std::string& from_folder,
                           const std::string& to_folder) override {
    struct stat from {};
    struct stat to {};
    if (stat(from_folder.c_str(), &from) != 0 || stat(to_folder.c_str(), &to) != 0) return "";
    if (from.st_dev == to.st_dev) return "";
    return StrCat(from_folder, " and ", to_folder,
                  " lie on two file systems, so that no file can move between them at once");
  }
};

}  // namespace

absl::StatusOr<std::shared_ptr<Folders>> OpenLocalFolders() {
  return std::shared_ptr<Folders>(std::make_shared<LocalFolders>());
}

}  // namespace kontor::bank
