// SPDX-License-Identifier: Apache-2.0
// Folders that files are dropped into and taken from, here or on a bank's server: what the channels
// `directory` and `sftp` have in common is written over this.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/ports/codec.h"

namespace kontor::bank {

/// Ends of names that say of themselves that they are no finished file: such are neither read nor
/// sent.
inline constexpr std::string_view kUnfinishedEnds[] = {".tmp", ".part", ".filepart", ".partial",
                                                       ".lock"};

struct FolderEntry {
  std::string name;
  int64_t bytes = 0;
  absl::Time modified;
  bool is_file = false;  ///< A regular one: no folder, no link, no device.
  std::string identity;  ///< Changes with the file behind the name, where that can be seen.
};

/// An open way to the folders. Not thread-safe. Errors: CHANNEL_UNREACHABLE when the way is lost,
/// CHANNEL_INVALID when the folder or file may not be used so.
class Folders {
 public:
  virtual ~Folders() = default;
  virtual absl::StatusOr<std::optional<FolderEntry>> Stat(const std::string& path) = 0;
  /// Names without "." and "..", in no order; CHANNEL_INVALID when it is no folder.
  virtual absl::StatusOr<std::vector<FolderEntry>> List(const std::string& folder) = 0;
  /// Does not follow a link. The source may outlive this object.
  virtual absl::StatusOr<std::unique_ptr<ports::ByteSource>> Read(const std::string& path) = 0;
  /// Writes the file anew and has it on the disk before it answers.
  virtual absl::Status Write(const std::string& path, ports::ByteSource& bytes) = 0;
  /// Never overwrites: CHANNEL_FILE_CONFLICT when `to` is there.
  virtual absl::Status Rename(const std::string& from, const std::string& to) = 0;
  /// Gone already is done.
  virtual absl::Status Remove(const std::string& path) = 0;
  /// Has the folder's own entries on the disk, where that can be asked for.
  virtual absl::Status SyncFolder(const std::string& folder) = 0;
  virtual absl::Status MakeFolder(const std::string& folder) = 0;
  /// Whether a rename between the two can work; empty: it can, else why not.
  virtual std::string CannotRename(const std::string& from_folder,
                                   const std::string& to_folder) = 0;
};

/// Opens the way; thread-safe.
using OpenFolders = std::function<absl::StatusOr<std::shared_ptr<Folders>>()>;

/// Folders of this machine.
absl::StatusOr<std::shared_ptr<Folders>> OpenLocalFolders();

}  // namespace kontor::bank
