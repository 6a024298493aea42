// SPDX-License-Identifier: Apache-2.0
// See sftp_folders.h. Messages of libssh may name files and hosts, never secrets.
#include "adapters/bank/sftp_folders.h"

#include <fcntl.h>
#include <libssh/libssh.h>
#include <libssh/sftp.h>

#include <algorithm>
#include <cstdlib>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::bank {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

constexpr size_t kPiece = size_t{32} << 10U;  // what every server takes in one packet
constexpr mode_t kFileMode = 0640;
constexpr mode_t kFolderMode = 0750;

/// The session and all that hangs on it; files that are still read keep it alive.
class Line {
 public:
  Line() : session_(ssh_new()) {}
  ~Line() {
    if (sftp_ != nullptr) sftp_free(sftp_);
    if (session_ != nullptr) {
      ssh_disconnect(session_);
      ssh_free(session_);
    }
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  absl::Status Open(const SftpTarget& target) {
    if (session_ == nullptr) return Error(Reason::kInternal).Says("libssh gives no session");
    KONTOR_RETURN_IF_ERROR(Connect(target));
    KONTOR_RETURN_IF_ERROR(CompareHostKey(target));
    KONTOR_RETURN_IF_ERROR(LogIn(target));
    sftp_ = sftp_new(session_);
    if (sftp_ == nullptr || sftp_init(sftp_) != SSH_OK) return Lost("the server serves no SFTP");
    return absl::OkStatus();
  }
  sftp_session sftp() const { return sftp_; }
  absl::Status Lost(const std::string& what) const {
    return Error(Reason::kChannelUnreachable).Says(StrCat(what, ": ", ssh_get_error(session_)));
  }

 private:
  absl::Status Connect(const SftpTarget& target) {
    const long seconds = std::max<long>(1, absl::ToInt64Seconds(target.timeout));
    const int none = 0;
    ssh_options_set(session_, SSH_OPTIONS_HOST, target.host.c_str());
    ssh_options_set(session_, SSH_OPTIONS_PORT, &target.port);
    ssh_options_set(session_, SSH_OPTIONS_USER, target.user.c_str());
    ssh_options_set(session_, SSH_OPTIONS_TIMEOUT, &seconds);
    // Nothing of the account that kontord runs under: its settings are all there is.
    ssh_options_set(session_, SSH_OPTIONS_PROCESS_CONFIG, &none);
    if (ssh_connect(session_) == SSH_OK) return absl::OkStatus();
    return Lost(StrCat("no connection to ", target.host));
  }

  absl::Status CompareHostKey(const SftpTarget& target) {
    ssh_key key = nullptr;
    if (ssh_get_server_publickey(session_, &key) != SSH_OK) return Lost("no key of the server");
    unsigned char* hash = nullptr;
    size_t size = 0;
    const int hashed = ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &size);
    ssh_key_free(key);
    if (hashed != SSH_OK) return Lost("the server's key cannot be hashed");
    char* const text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size);
    const std::string fingerprint = text == nullptr ? "" : text;
    ssh_string_free_char(text);
    ssh_clean_pubkey_hash(&hash);
    if (std::ranges::find(target.host_keys, fingerprint) != target.host_keys.end()) {
      return absl::OkStatus();
    }
    return Error(Reason::kChannelInvalid)
        .Field("settings.host_keys")
        .Says(StrCat(target.host, " shows the key ", fingerprint,
                     ", which is none of those that were agreed on"));
  }

  absl::Status LogIn(const SftpTarget& target) {
    int result = SSH_AUTH_ERROR;
    if (!target.private_key.empty()) {
      ssh_key key = nullptr;
      if (ssh_pki_import_privkey_base64(target.private_key.c_str(), nullptr, nullptr, nullptr,
                                        &key) != SSH_OK) {
        return Error(Reason::kChannelInvalid).Field("secret").Says("the private key is unreadable");
      }
      result = ssh_userauth_publickey(session_, nullptr, key);
      ssh_key_free(key);
    } else {
      result = ssh_userauth_password(session_, nullptr, target.password.c_str());
    }
    if (result == SSH_AUTH_SUCCESS) return absl::OkStatus();
    if (result == SSH_AUTH_ERROR) return Lost("the log-in broke off");
    return Error(Reason::kChannelInvalid)
        .Field("secret")
        .Says(StrCat(target.host, " does not let ", target.user, " in"));
  }

  ssh_session session_;
  sftp_session sftp_ = nullptr;
};

absl::Status Problem(const Line& line, const std::string& what, const std::string& path) {
  const int code = sftp_get_error(line.sftp());
  switch (code) {
    case SSH_FX_NO_SUCH_FILE:
    case SSH_FX_NO_SUCH_PATH:
    case SSH_FX_PERMISSION_DENIED:
    case SSH_FX_WRITE_PROTECT:
    case SSH_FX_OP_UNSUPPORTED:
      return Error(Reason::kChannelInvalid)
          .Says(StrCat(what, " ", path, ": the server refused it (", code, ")"));
    default: return line.Lost(StrCat(what, " ", path, " (", code, ")"));
  }
}

FolderEntry EntryOf(const std::string& name, const sftp_attributes_struct& facts) {
  FolderEntry entry;
  entry.name = name;
  entry.bytes = static_cast<int64_t>(facts.size);
  entry.modified = absl::FromUnixSeconds(facts.mtime64 != 0
                                             ? static_cast<int64_t>(facts.mtime64)
                                             : static_cast<int64_t>(facts.mtime));
  entry.is_file = facts.type == SSH_FILEXFER_TYPE_REGULAR;
  return entry;
}

class RemoteSource final : public ports::ByteSource {
 public:
  RemoteSource(std::shared_ptr<Line> line, sftp_file file, std::string path)
      : line_(std::move(line)), file_(file), path_(std::move(path)) {}
  ~RemoteSource() override { sftp_close(file_); }
  absl::StatusOr<size_t> Read(std::span<char> into) override {
    const ssize_t got = sftp_read(file_, into.data(), std::min(into.size(), kPiece));
    if (got < 0) return Problem(*line_, "cannot read", path_);
    return static_cast<size_t>(got);
  }

 private:
  std::shared_ptr<Line> line_;
  sftp_file file_;
  std::string path_;
};

class SftpFolders final : public Folders {
 public:
  explicit SftpFolders(std::shared_ptr<Line> line) : line_(std::move(line)) {}

  absl::StatusOr<std::optional<FolderEntry>> Stat(const std::string& path) override {
    const sftp_attributes facts = sftp_lstat(line_->sftp(), path.c_str());
    if (facts == nullptr) {
      if (sftp_get_error(line_->sftp()) == SSH_FX_NO_SUCH_FILE) {
        return std::optional<FolderEntry>();
      }
      return Problem(*line_, "cannot look at", path);
    }
    FolderEntry entry = EntryOf(path.substr(path.rfind('/') + 1), *facts);
    sftp_attributes_free(facts);
    return std::optional<FolderEntry>(std::move(entry));
  }

  absl::StatusOr<std::vector<FolderEntry>> List(const std::string& folder) override {
    const sftp_dir open = sftp_opendir(line_->sftp(), folder.c_str());
    if (open == nullptr) return Problem(*line_, "cannot list", folder);
    std::vector<FolderEntry> entries;
    while (const sftp_attributes facts = sftp_readdir(line_->sftp(), open)) {
      const std::string name = facts->name;
      if (name != "." && name != "..") entries.push_back(EntryOf(name, *facts));
      sftp_attributes_free(facts);
    }
    const bool whole = sftp_dir_eof(open) == 1;
    sftp_closedir(open);
    if (!whole) return line_->Lost(StrCat("the list of ", folder, " broke off"));
    return entries;
  }

  absl::StatusOr<std::unique_ptr<ports::ByteSource>> Read(const std::string& path) override {
    const sftp_file file = sftp_open(line_->sftp(), path.c_str(), O_RDONLY, 0);
    if (file == nullptr) return Problem(*line_, "cannot open", path);
    return std::unique_ptr<ports::ByteSource>(std::make_unique<RemoteSource>(line_, file, path));
  }

  absl::Status Write(const std::string& path, ports::ByteSource& bytes) override {
    const sftp_file file =
        sftp_open(line_->sftp(), path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, kFileMode);
    if (file == nullptr) return Problem(*line_, "cannot make", path);
    absl::Status done = WriteAll(file, path, bytes);
    // Not every server can sync; what was written is read back and compared in any case.
    if (done.ok() && sftp_extension_supported(line_->sftp(), "fsync@openssh.com", "1") &&
        sftp_fsync(file) != SSH_OK) {
      done = Problem(*line_, "cannot sync", path);
    }
    if (sftp_close(file) != SSH_OK && done.ok()) done = Problem(*line_, "cannot close", path);
    return done;
  }

  absl::Status Rename(const std::string& from, const std::string& to) override {
    KONTOR_ASSIGN_OR_RETURN(const auto there, Stat(to));
    // Version 3 of the protocol renames nothing onto an existing file; servers that do differ are
    // caught but for the moment between these two calls.
    if (there) {
      return Error(Reason::kChannelFileConflict).Says(StrCat(to, " is there already"));
    }
    if (sftp_rename(line_->sftp(), from.c_str(), to.c_str()) == SSH_OK) return absl::OkStatus();
    return Problem(*line_, "cannot rename to", to);
  }

  absl::Status Remove(const std::string& path) override {
    if (sftp_unlink(line_->sftp(), path.c_str()) == SSH_OK) return absl::OkStatus();
    if (sftp_get_error(line_->sftp()) == SSH_FX_NO_SUCH_FILE) return absl::OkStatus();
    return Problem(*line_, "cannot remove", path);
  }

  absl::Status SyncFolder(const std::string&) override { return absl::OkStatus(); }

  absl::Status MakeFolder(const std::string& folder) override {
    KONTOR_ASSIGN_OR_RETURN(const auto there, Stat(folder));
    if (there) return absl::OkStatus();
    if (sftp_mkdir(line_->sftp(), folder.c_str(), kFolderMode) == SSH_OK) return absl::OkStatus();
    return Problem(*line_, "cannot make", folder);
  }

  std::string CannotRename(const std::string&, const std::string&) override { return ""; }

 private:
  absl::Status WriteAll(sftp_file file, const std::string& path, ports::ByteSource& bytes) {
    std::string piece(kPiece, '\0');
    for (;;) {
      KONTOR_ASSIGN_OR_RETURN(const size_t got, bytes.Read(piece));
      if (got == 0) return absl::OkStatus();
      size_t put = 0;
      while (put < got) {
        const ssize_t wrote = sftp_write(file, piece.data() + put, got - put);
        if (wrote <= 0) return Problem(*line_, "cannot write", path);
        put += static_cast<size_t>(wrote);
      }
    }
  }

  std::shared_ptr<Line> line_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<Folders>> OpenSftpFolders(const SftpTarget& target) {
  auto line = std::make_shared<Line>();
  KONTOR_RETURN_IF_ERROR(line->Open(target));
  return std::shared_ptr<Folders>(std::make_shared<SftpFolders>(std::move(line)));
}

}  // namespace kontor::bank
