// SPDX-License-Identifier: Apache-2.0
// The permission check is made on the open descriptor, not on the path, so that nothing can be
// swapped between check and read.
#include "server/crypto/key_file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "server/base/strings.h"


namespace kontor::crypto {
namespace {

constexpr std::size_t kSecretFileBytesMax = 64UL << 10;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

absl::Status CheckSecretFile(int fd, const std::string& path) {
  struct stat facts {};
  if (fstat(fd, &facts) != 0) {
    return absl::UnavailableError(base::StrCat("cannot examine ", path, ": ", strerror(errno)));
  }
  if (!S_ISREG(facts.st_mode)) {
    return absl::FailedPreconditionError(base::StrCat(path, " is not a regular file"));
  }
  if (facts.st_uid != geteuid() && facts.st_uid != 0) {
    return absl::FailedPreconditionError(
        base::StrCat(path, " belongs to another user than the one this program runs as"));
  }
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::FailedPreconditionError(
        base::StrCat(path, " is open to other users: chmod 0600 ", path));
  }
  if (static_cast<std::size_t>(facts.st_size) > kSecretFileBytesMax) {
    return absl::FailedPreconditionError(base::StrCat(path, " is larger than 64 KiB"));
  }
  return absl::OkStatus();
}

absl::Status SyncFolderOf(const std::string& path) {
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  const Descriptor fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || fsync(fd.get()) != 0) {
    return absl::UnavailableError(
        base::StrCat("cannot sync folder ", folder.string(), ": ", strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SecretString> ReadSecretFile(const std::string& path) {
  const Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) {
    if (errno == ENOENT) return absl::NotFoundError(base::StrCat("there is no file ", path));
    return absl::FailedPreconditionError(
        base::StrCat("cannot open ", path, ": ", strerror(errno)));
  }
  if (absl::Status status = CheckSecretFile(fd.get(), path); !status.ok()) return status;
  std::string content(kSecretFileBytesMax, '\0');
  std::size_t filled = 0;
  while (filled < content.size()) {
    const ssize_t got = read(fd.get(), content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      Wipe(content);
      return absl::UnavailableError(base::StrCat("cannot read ", path, ": ", strerror(errno)));
    }
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  SecretString secret(content.substr(0, filled));
  Wipe(content);
  return secret;
}

absl::Status WriteNewSecretFile(const std::string& path, std::string_view content) {
  const Descriptor fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (fd.get() < 0) {
    if (errno == EEXIST) return absl::AlreadyExistsError(base::StrCat(path, " exists already"));
    return absl::UnavailableError(base::StrCat("cannot make ", path, ": ", strerror(errno)));
  }
  while (!content.empty()) {
    const ssize_t put = write(fd.get(), content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      const absl::Status status =
          absl::UnavailableError(base::StrCat("cannot write ", path, ": ", strerror(errno)));
      unlink(path.c_str());  // half a key is worse than none
      return status;
    }
    content.remove_prefix(static_cast<std::size_t>(put));
  }
  if (fsync(fd.get()) != 0) {
    return absl::UnavailableError(base::StrCat("cannot sync ", path, ": ", strerror(errno)));
  }
  return SyncFolderOf(path);
}

absl::StatusOr<SecretString> ReadSecretEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') {
    return absl::NotFoundError(base::StrCat("the environment has no value for ", name));
  }
  return SecretString(std::string(value));
}

absl::StatusOr<SecretString> ReadSecret(std::string_view reference) {
  constexpr std::string_view kEnvironment = "env:";
  constexpr std::string_view kFile = "file:";
  if (reference.starts_with(kEnvironment)) {
    return ReadSecretEnvironment(std::string(reference.substr(kEnvironment.size())));
  }
  if (reference.starts_with(kFile)) reference.remove_prefix(kFile.size());
  absl::StatusOr<SecretString> secret = ReadSecretFile(std::string(reference));
  if (!secret.ok()) return secret;
  std::string text = secret->Reveal();
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return SecretString(std::move(text));
}

absl::StatusOr<KeyRing> LoadOrCreateKeyRing(const std::string& path, std::string_view first_id) {
  absl::StatusOr<SecretString> text = ReadSecretFile(path);
  if (absl::IsNotFound(text.status())) {
    text = KeyRing::NewLine(first_id);
    if (!text.ok()) return text.status();
    absl::Status written = WriteNewSecretFile(path, text->Reveal());
    if (!written.ok()) return written;
  }
  if (!text.ok()) return text.status();
  return KeyRing::Parse(text->Reveal());
}

absl::StatusOr<Ed25519PrivateKey> LoadOrCreateEd25519(const std::string& path) {
  const absl::StatusOr<SecretString> pem = ReadSecretFile(path);
  if (pem.ok()) return Ed25519PrivateKey::FromPem(pem->Reveal());
  if (!absl::IsNotFound(pem.status())) return pem.status();
  absl::StatusOr<Ed25519PrivateKey> key = Ed25519PrivateKey::Generate();
  if (!key.ok()) return key;
  absl::StatusOr<SecretString> fresh = key->ToPem();
  if (!fresh.ok()) return fresh.status();
  if (absl::Status written = WriteNewSecretFile(path, fresh->Reveal()); !written.ok()) {
    return written;
  }
  return key;
}

}  // namespace kontor::crypto
