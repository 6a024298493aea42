// SPDX-License-Identifier: Apache-2.0
// A bank reached through folders: outgoing files are put into one, incoming ones taken from
// another.
#pragma once

#include <memory>
#include <string>

#include "adapters/bank/file_seal.h"
#include "adapters/bank/folders.h"
#include "server/base/clock.h"
#include "server/ports/bank_channel.h"

namespace kontor::bank {

/// Paths are absolute and have no "/" at their end. Empty: the channel does without.
struct FolderSettings {
  std::string outbox;             ///< Payments go here; empty: the channel sends nothing.
  std::string inbox;              ///< Statements and statuses come here; empty: none are read.
  std::string archive;            ///< Where read files go; empty: they are removed.
  /// Where a note of each file that was handed over stays, so that a file which the bank took is
  /// told from one that never left. Empty: both look alike.
  std::string sent;
  std::string acknowledgements;   ///< Where the bank says that it has a file.
  std::string acknowledgement_suffix = ".ack";  ///< Behind the file's name.
  absl::Duration rest = absl::Seconds(5);       ///< Unchanged for so long: no longer written to.
  bool stays_here = false;                      ///< The folders are on this machine; no setting.
};

/// Reads the keys outbox, inbox, archive, sent, acknowledgements, acknowledgement_suffix and
/// rest_seconds from a JSON object; `openpgp` and keys in `others` are left to the caller, any
/// other is refused. CHANNEL_INVALID with the key as field.
absl::StatusOr<FolderSettings> ReadFolderSettings(std::string_view json,
                                                  const std::vector<std::string>& others);

/// `kind` and `file_bytes_max` go into the capabilities. `clock` outlives the channel. `seal` null:
/// files go and come as they are.
std::shared_ptr<ports::BankChannel> MakeFolderChannel(std::string kind, FolderSettings settings,
                                                      int64_t file_bytes_max, OpenFolders open,
                                                      std::shared_ptr<const FileSeal> seal,
                                                      const base::Clock& clock);

}  // namespace kontor::bank
