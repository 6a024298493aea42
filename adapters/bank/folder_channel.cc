// SPDX-License-Identifier: Apache-2.0
// How a file is handed over, in this order: written under another name and synced; read back and
// compared; a note of it in `sent`; renamed. So the other name is there as long as the file was not
// handed over, and the note stands before it could have been: whatever the moment of a crash, Find
// tells the two apart.
#include "adapters/bank/folder_channel.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/crypto/digest.h"

namespace kontor::bank {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;
using base::StrCat;
using ports::FilePlace;
using ports::IncomingFile;
using ports::OutgoingFile;

constexpr size_t kNameMax = 120;
constexpr size_t kPiece = size_t{256} << 10U;
constexpr int kArchiveNamesMax = 1000;

bool IsName(std::string_view name) {
  if (name.empty() || name.size() > kNameMax || name.front() == '.') return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '.' || c == '_' || c == '-';
  });
}

/// Names that say of themselves that they are no finished file, and hidden ones.
bool LooksUnfinished(std::string_view name) {
  if (name.starts_with('.')) return true;
  return std::ranges::any_of(kUnfinishedEnds, [&](auto end) { return name.ends_with(end); });
}

absl::StatusOr<std::string> DigestOf(ports::ByteSource& bytes) {
  crypto::Sha256Stream hash;
  std::string piece(kPiece, '\0');
  for (;;) {
    KONTOR_ASSIGN_OR_RETURN(const size_t got, bytes.Read(piece));
    if (got == 0) return hash.Finish().Hex();
    hash.Update(std::string_view(piece).substr(0, got));
  }
}

class TextBytes final : public ports::ByteSource {
 public:
  explicit TextBytes(std::string text) : text_(std::move(text)) {}
  absl::StatusOr<size_t> Read(std::span<char> into) override {
    const size_t count = std::min(into.size(), text_.size() - at_);
    std::copy_n(text_.data() + at_, count, into.data());
    at_ += count;
    return count;
  }

 private:
  std::string text_;
  size_t at_ = 0;
};

/// What went wrong before the file could have been handed over: known, whatever it was.
absl::Status NotHandedOver(const absl::Status& status) {
  if (base::Is(status, Reason::kChannelFileConflict) || base::Is(status, Reason::kFileAltered)) {
    return status;
  }
  return Error(Reason::kChannelInvalid)
      .Happened(Outcome::kNotApplied)
      .Says(StrCat("the file was not handed over: ", base::Std(status.message())));
}

absl::Status Conflict(const std::string& path) {
  return Error(Reason::kChannelFileConflict)
      .Happened(Outcome::kNotApplied)
      .Says(StrCat(path, " is there with other content"));
}

class FolderChannel final : public ports::BankChannel {
 public:
  FolderChannel(std::string kind, FolderSettings settings, int64_t file_bytes_max, OpenFolders open,
                std::shared_ptr<const FileSeal> seal, const base::Clock& clock)
      : settings_(std::move(settings)),
        open_(std::move(open)),
        seal_(std::move(seal)),
        clock_(clock) {
    capabilities_.kind = std::move(kind);
    capabilities_.receives_files = !settings_.inbox.empty();
    capabilities_.sees_outbox = !settings_.outbox.empty() && !settings_.sent.empty();
    capabilities_.has_outbox = !settings_.outbox.empty();
    capabilities_.acknowledges = !settings_.acknowledgements.empty();
    capabilities_.file_bytes_max = file_bytes_max;
    capabilities_.stays_here = settings_.stays_here;
    if (seal_ != nullptr) {
      capabilities_.sealed_suffix = seal_->SealsOutgoing() ? seal_->suffix() : "";
      capabilities_.unseals = true;
    }
  }

  const ports::ChannelCapabilities& capabilities() const override { return capabilities_; }

  absl::Status Submit(const OutgoingFile& file, ports::ByteSource& bytes) override {
    KONTOR_RETURN_IF_ERROR(CheckOutgoing(file));
    auto folders = open_();
    if (!folders.ok()) return NotHandedOver(folders.status());
    auto there = IsThere(**folders, file);
    if (!there.ok()) return NotHandedOver(there.status());
    if (*there) return absl::OkStatus();
    const absl::Status ready = MakeReady(**folders, file, bytes);
    if (!ready.ok()) return NotHandedOver(ready);
    const absl::Status renamed = (*folders)->Rename(TemporaryOf(file), PathOf(file));
    if (base::Is(renamed, Reason::kChannelUnreachable)) return renamed;  // it may have happened
    if (!renamed.ok()) return NotHandedOver(renamed);
    return (*folders)->SyncFolder(settings_.outbox);
  }

  absl::StatusOr<FilePlace> Find(const OutgoingFile& file) override {
    KONTOR_RETURN_IF_ERROR(CheckOutgoing(file));
    KONTOR_ASSIGN_OR_RETURN(const auto folders, open_());
    KONTOR_ASSIGN_OR_RETURN(const bool acknowledged, IsAcknowledged(*folders, file));
    if (acknowledged) return FilePlace::kTaken;
    KONTOR_ASSIGN_OR_RETURN(const auto here, folders->Stat(PathOf(file)));
    if (here) {
      KONTOR_ASSIGN_OR_RETURN(const bool same, IsSame(*folders, PathOf(file), file.sha256));
      return same ? FilePlace::kOutbox : FilePlace::kAltered;
    }
    KONTOR_ASSIGN_OR_RETURN(const auto waiting, folders->Stat(TemporaryOf(file)));
    if (waiting) return FilePlace::kNowhere;  // it would bear its own name
    if (settings_.sent.empty()) return FilePlace::kUnknown;
    // Without the folder of notes nobody can say what is not in it.
    KONTOR_ASSIGN_OR_RETURN(const auto notes, folders->Stat(settings_.sent));
    if (!notes) return FilePlace::kUnknown;
    KONTOR_ASSIGN_OR_RETURN(const auto note, folders->Stat(NoteOf(file)));
    return note ? FilePlace::kTaken : FilePlace::kNowhere;
  }

  absl::StatusOr<std::vector<IncomingFile>> Poll(int max) override {
    std::vector<IncomingFile> files;
    if (settings_.inbox.empty()) return files;
    KONTOR_ASSIGN_OR_RETURN(const auto folders, open_());
    KONTOR_ASSIGN_OR_RETURN(auto entries, folders->List(settings_.inbox));
    std::erase_if(entries, [](const FolderEntry& entry) {
      return !entry.is_file || LooksUnfinished(entry.name);
    });
    KeepRested(entries);
    std::ranges::sort(entries, [](const auto& a, const auto& b) {
      return std::tie(a.modified, a.name) < std::tie(b.modified, b.name);
    });
    for (const FolderEntry& entry : entries) {
      if (static_cast<int>(files.size()) >= max) break;
      files.push_back({entry.name, HandleOf(entry), entry.bytes, entry.modified});
    }
    return files;
  }

  absl::StatusOr<std::unique_ptr<ports::ByteSource>> Open(const IncomingFile& file) override {
    KONTOR_ASSIGN_OR_RETURN(const std::string path, IncomingPath(file));
    KONTOR_ASSIGN_OR_RETURN(const auto folders, open_());
    return folders->Read(path);
  }

  absl::Status Done(const IncomingFile& file) override {
    KONTOR_ASSIGN_OR_RETURN(const std::string path, IncomingPath(file));
    KONTOR_ASSIGN_OR_RETURN(const auto folders, open_());
    KONTOR_ASSIGN_OR_RETURN(const auto now, folders->Stat(path));
    if (!now) return absl::OkStatus();
    // Another file came under the same name meanwhile: it was not read yet.
    if (HandleOf(*now) != file.handle) return absl::OkStatus();
    if (settings_.archive.empty()) return folders->Remove(path);
    for (int i = 0; i < kArchiveNamesMax; ++i) {
      const std::string to =
          StrCat(settings_.archive, "/", file.name, i == 0 ? "" : StrCat(".", i));
      const absl::Status moved = folders->Rename(path, to);
      if (!base::Is(moved, Reason::kChannelFileConflict)) return moved;
    }
    return Error(Reason::kChannelFileConflict)
        .Says(StrCat("the archive holds too many files named ", file.name));
  }

  absl::StatusOr<std::vector<model::Finding>> Check() override;

  absl::StatusOr<std::optional<std::string>> Seal(std::string_view bytes) override {
    if (seal_ == nullptr || !seal_->SealsOutgoing()) return std::optional<std::string>();
    KONTOR_ASSIGN_OR_RETURN(std::string sealed, seal_->Seal(bytes, clock_.Now()));
    return std::optional<std::string>(std::move(sealed));
  }
  absl::StatusOr<std::optional<std::string>> Unseal(std::string_view name,
                                                    std::string_view bytes) override {
    if (seal_ == nullptr) return std::optional<std::string>();
    return seal_->Unseal(name, bytes, clock_.Now());
  }

 private:
  std::string PathOf(const OutgoingFile& file) const {
    return StrCat(settings_.outbox, "/", file.name);
  }
  std::string TemporaryOf(const OutgoingFile& file) const {
    return StrCat(settings_.outbox, "/.", file.name, ".tmp");
  }
  std::string NoteOf(const OutgoingFile& file) const {
    return StrCat(settings_.sent, "/", file.name, ".sha256");
  }
  static std::string HandleOf(const FolderEntry& entry) {
    return entry.identity.empty()
               ? StrCat(entry.bytes, "/", absl::ToUnixNanos(entry.modified))
               : entry.identity;
  }

  absl::Status CheckOutgoing(const OutgoingFile& file) const {
    if (settings_.outbox.empty()) {
      return Error(Reason::kChannelInvalid)
          .Field("settings.outbox")
          .Says("the channel has no outbox: it sends nothing");
    }
    if (!IsName(file.name)) {
      return Error(Reason::kChannelInvalid)
          .Field("name")
          .Says("a file's name is 1 to 120 of letters, digits, '.', '_' and '-'");
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> IncomingPath(const IncomingFile& file) const {
    // Names come from outside: none may lead out of the inbox.
    if (file.name.empty() || file.name.find('/') != std::string::npos || file.name == "." ||
        file.name == "..") {
      return Error(Reason::kChannelInvalid).Field("name").Says("not a name of a file");
    }
    return StrCat(settings_.inbox, "/", file.name);
  }

  absl::StatusOr<bool> IsSame(Folders& folders, const std::string& path,
                              const std::string& sha256) {
    KONTOR_ASSIGN_OR_RETURN(const auto bytes, folders.Read(path));
    KONTOR_ASSIGN_OR_RETURN(const std::string digest, DigestOf(*bytes));
    return digest == sha256;
  }

  absl::StatusOr<bool> IsAcknowledged(Folders& folders, const OutgoingFile& file) {
    if (settings_.acknowledgements.empty()) return false;
    KONTOR_ASSIGN_OR_RETURN(
        const auto note, folders.Stat(StrCat(settings_.acknowledgements, "/", file.name,
                                             settings_.acknowledgement_suffix)));
    return note.has_value();
  }

  /// Whether it was handed over before. Conflict when what was is another file.
  absl::StatusOr<bool> IsThere(Folders& folders, const OutgoingFile& file) {
    KONTOR_ASSIGN_OR_RETURN(const auto here, folders.Stat(PathOf(file)));
    if (here) {
      KONTOR_ASSIGN_OR_RETURN(const bool same, IsSame(folders, PathOf(file), file.sha256));
      if (!same) return Conflict(PathOf(file));
      return true;
    }
    if (settings_.sent.empty()) return false;
    KONTOR_ASSIGN_OR_RETURN(const auto note, folders.Stat(NoteOf(file)));
    if (!note) return false;
    KONTOR_ASSIGN_OR_RETURN(const auto text, folders.Read(NoteOf(file)));
    std::string noted(crypto::Digest256::kSize * 2, '\0');
    KONTOR_ASSIGN_OR_RETURN(const size_t got, text->Read(noted));
    if (got != noted.size() || noted != file.sha256) return Conflict(NoteOf(file));
    KONTOR_ASSIGN_OR_RETURN(const auto waiting, folders.Stat(TemporaryOf(file)));
    return !waiting.has_value();  // else it was noted, and not renamed any more
  }

  /// Everything but the rename.
  absl::Status MakeReady(Folders& folders, const OutgoingFile& file, ports::ByteSource& bytes) {
    const std::string temporary = TemporaryOf(file);
    // Before all else: without it nobody could say afterwards that the file never left.
    if (!settings_.sent.empty()) KONTOR_RETURN_IF_ERROR(folders.MakeFolder(settings_.sent));
    KONTOR_ASSIGN_OR_RETURN(const bool written, IsWritten(folders, file));
    if (!written) KONTOR_RETURN_IF_ERROR(folders.Write(temporary, bytes));
    KONTOR_ASSIGN_OR_RETURN(const bool same, IsSame(folders, temporary, file.sha256));
    if (!same) {
      KONTOR_RETURN_IF_ERROR(folders.Remove(temporary));
      return Error(Reason::kFileAltered)
          .Happened(Outcome::kNotApplied)
          .Says("what was written is not what was approved");
    }
    if (settings_.sent.empty()) return absl::OkStatus();
    KONTOR_RETURN_IF_ERROR(folders.SyncFolder(settings_.outbox));
    KONTOR_ASSIGN_OR_RETURN(const auto noted, folders.Stat(NoteOf(file)));
    if (noted) return absl::OkStatus();
    TextBytes note(file.sha256);
    KONTOR_RETURN_IF_ERROR(folders.Write(NoteOf(file), note));
    return folders.SyncFolder(settings_.sent);
  }

  /// Whether an earlier try left the whole file. Else no note may stand, or the time without the
  /// other name would look like a file that the bank took.
  absl::StatusOr<bool> IsWritten(Folders& folders, const OutgoingFile& file) {
    KONTOR_ASSIGN_OR_RETURN(const auto waiting, folders.Stat(TemporaryOf(file)));
    if (waiting) {
      KONTOR_ASSIGN_OR_RETURN(const bool same, IsSame(folders, TemporaryOf(file), file.sha256));
      if (same) return true;
    }
    if (settings_.sent.empty()) return false;
    KONTOR_ASSIGN_OR_RETURN(const auto note, folders.Stat(NoteOf(file)));
    if (!note) return false;
    KONTOR_RETURN_IF_ERROR(folders.Remove(NoteOf(file)));
    KONTOR_RETURN_IF_ERROR(folders.SyncFolder(settings_.sent));
    return false;
  }

  /// Drops what changed lately. A clock that differs from the other side's is no matter: what was
  /// seen unchanged for long enough is at rest whatever its time says.
  void KeepRested(std::vector<FolderEntry>& entries) {
    const absl::Time now = clock_.Now();
    const std::lock_guard lock(mutex_);
    std::map<std::string, Seen> seen;
    std::erase_if(entries, [&](const FolderEntry& entry) {
      const std::string handle = HandleOf(entry);
      const auto known = seen_.find(entry.name);
      const bool same = known != seen_.end() && known->second.handle == handle;
      const absl::Time first = same ? known->second.first : now;
      seen[entry.name] = {handle, first};
      return now - first < settings_.rest && now - entry.modified < settings_.rest;
    });
    seen_ = std::move(seen);
  }

  struct Seen {
    std::string handle;
    absl::Time first;
  };
  const FolderSettings settings_;
  const OpenFolders open_;
  const std::shared_ptr<const FileSeal> seal_;
  const base::Clock& clock_;
  ports::ChannelCapabilities capabilities_;
  std::mutex mutex_;
  std::map<std::string, Seen> seen_;  ///< By name; of the last poll.
};

model::Finding InvalidSetting(std::string_view field, std::string message) {
  return model::MakeFinding(Reason::kChannelInvalid, StrCat("settings.", field),
                            std::move(message));
}

absl::StatusOr<std::vector<model::Finding>> FolderChannel::Check() {
  std::vector<model::Finding> findings;
  if (seal_ != nullptr) findings = seal_->Check(clock_.Now());
  const auto add = [&](std::string_view key, const absl::Status& status) {
    if (!status.ok()) {
      findings.push_back(InvalidSetting(key, std::string(base::Std(status.message()))));
    }
  };
  KONTOR_ASSIGN_OR_RETURN(const auto folders, open_());
  const std::pair<const char*, const std::string*> all[] = {
      {"outbox", &settings_.outbox},
      {"inbox", &settings_.inbox},
      {"archive", &settings_.archive},
      {"acknowledgements", &settings_.acknowledgements}};
  for (const auto& [key, path] : all) {
    if (!path->empty()) add(key, folders->List(*path).status());
  }
  if (model::HasErrors(findings)) return findings;
  if (!settings_.outbox.empty()) {
    const std::string probe = settings_.outbox + "/.kontor-check.tmp";
    TextBytes text("kontor looks whether it may write here\n");
    add("outbox", folders->Write(probe, text));
    add("outbox", folders->Remove(probe));
    if (!settings_.sent.empty()) add("sent", folders->MakeFolder(settings_.sent));
  }
  if (!settings_.archive.empty()) {
    const std::string why = folders->CannotRename(settings_.inbox, settings_.archive);
    if (!why.empty()) findings.push_back(InvalidSetting("archive", why));
  }
  return findings;
}

}  // namespace

std::shared_ptr<ports::BankChannel> MakeFolderChannel(std::string kind, FolderSettings settings,
                                                      int64_t file_bytes_max, OpenFolders open,
                                                      std::shared_ptr<const FileSeal> seal,
                                                      const base::Clock& clock) {
  return std::make_shared<FolderChannel>(std::move(kind), std::move(settings), file_bytes_max,
                                         std::move(open), std::move(seal), clock);
}

}  // namespace kontor::bank
