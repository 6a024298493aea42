// SPDX-License-Identifier: Apache-2.0
// How files travel to a bank and back. A channel moves bytes under names; what is in them is the
// business of server/formats and the engine.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/model/finding.h"
#include "server/ports/codec.h"

namespace kontor::ports {

/// What a channel can do, as data; answered without I/O.
struct ChannelCapabilities {
  std::string kind;                ///< "directory", "sftp", "webhook".
  bool receives_files = false;     ///< Poll finds statements and statuses.
  bool sees_outbox = false;        ///< Find tells where an outgoing file is.
  bool acknowledges = false;       ///< The bank acknowledges a file by itself, later.
  int64_t file_bytes_max = 0;
  bool stays_here = false;         ///< It reaches no other machine than this one.
  /// Sends files through an outbox that others empty: without seeing it, nobody could tell after a
  /// restore whether a file was handed over.
  bool has_outbox = false;
  /// Behind the names of files that Seal made; empty: files go out as they are.
  std::string sealed_suffix = {};
  bool unseals = false;  ///< Incoming files are to be opened by Unseal before they are read.
};

/// A file that goes out. The name is derived from the message id, so that a repeat of the same file
/// has the same name and replaces nothing.
struct OutgoingFile {
  std::string name;        ///< No path; [A-Za-z0-9._-], 1 to 120.
  std::string message_id;
  std::string sha256;      ///< Hex, of the bytes; the channel reads them again and compares.
};

/// Where an outgoing file is, as far as the channel can see.
enum class FilePlace {
  kNowhere,       ///< Proven: it never was handed over. Only channels that see their outbox say so.
  kOutbox,        ///< Handed over, and the bank has not taken it yet.
  kTaken,         ///< The bank's side moved or acknowledged it.
  kAltered,       ///< Another content is under its name.
  kUnknown,       ///< Nothing can be said.
};

struct IncomingFile {
  std::string name;        ///< As the bank named it.
  std::string handle;      ///< The channel's own; for Open and Done.
  int64_t bytes = 0;
  absl::Time modified;
};

/// One configured channel. Thread-safe. Every call is bounded by the channel's time-out.
///
/// Submit's errors: kFailedPrecondition, kInvalidArgument, kPermissionDenied: known not to be
/// handed over. Anything else (kUnknown, kUnavailable, kDeadlineExceeded) may have been: UNKNOWN.
class BankChannel {
 public:
  virtual ~BankChannel() = default;
  virtual const ChannelCapabilities& capabilities() const = 0;
  /// Hands a file over, whole or not at all as far as the channel's means go (written under another
  /// name, synced, renamed). A file of the same name and content that is there already: OK. Of
  /// other content: kFailedPrecondition, CHANNEL_FILE_CONFLICT.
  virtual absl::Status Submit(const OutgoingFile& file, ByteSource& bytes) = 0;
  virtual absl::StatusOr<FilePlace> Find(const OutgoingFile& file) = 0;
  /// Incoming files that have come to rest (no longer written to), oldest first, at most `max`.
  virtual absl::StatusOr<std::vector<IncomingFile>> Poll(int max) = 0;
  /// The bytes as the bank sent them, sealed or not.
  virtual absl::StatusOr<std::unique_ptr<ByteSource>> Open(const IncomingFile& file) = 0;
  /// The file is in the store for good: moves it to the archive, or deletes it there. Repeatable.
  virtual absl::Status Done(const IncomingFile& file) = 0;
  /// Everything that can be tried without sending: reachable, writable, keys right. Findings name
  /// what is wrong; empty: ready.
  virtual absl::StatusOr<std::vector<model::Finding>> Check() = 0;
  /// A file as the bank wants it, signed or encrypted; none: as it is. Each call gives other bytes,
  /// so the caller keeps the first ones and hands over those. No I/O. Known not to have handed
  /// anything over, whatever is wrong: OPENPGP_KEY_UNUSABLE.
  virtual absl::StatusOr<std::optional<std::string>> Seal(std::string_view) {
    return std::optional<std::string>();
  }
  /// What is in a file that came by this channel; none: it is to be read as it is. No I/O.
  /// OPENPGP_REQUIRED, OPENPGP_UNREADABLE, OPENPGP_SIGNATURE_INVALID, OPENPGP_KEY_UNUSABLE,
  /// TOO_LARGE: a person looks.
  virtual absl::StatusOr<std::optional<std::string>> Unseal(std::string_view /*name*/,
                                                            std::string_view /*bytes*/) {
    return std::optional<std::string>();
  }
};

/// Makes the channel of a configuration: `kind` as in ChannelCapabilities, `settings` JSON whose
/// keys the adapter documents, `secret` (may be empty) never logged. CHANNEL_INVALID with findings.
using BankChannelFactory = std::function<absl::StatusOr<std::shared_ptr<BankChannel>>(
    std::string_view kind, std::string_view settings, std::string_view secret)>;

}  // namespace kontor::ports
