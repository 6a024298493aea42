// SPDX-License-Identifier: Apache-2.0
// OpenPGP around the files of a channel: what leaves is signed and encrypted, what comes is opened
// only as agreed. README.md has the settings.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/crypto/openpgp.h"
#include "server/crypto/secret.h"
#include "server/model/finding.h"

namespace kontor::bank {

struct SealSettings {
  bool sign = true;                ///< What leaves is signed by our key.
  bool encrypt = true;             ///< What leaves is encrypted to the bank's keys.
  bool verify_incoming = true;     ///< What comes must be signed by one of the bank's keys.
  bool encrypted_incoming = true;  ///< What comes must be encrypted to our key.
  bool armor = false;
  std::string suffix = ".pgp";
  std::string bank_key;         ///< Public keys of the bank's, armored, after each other.
  std::string own_fingerprint;  ///< Of our key; empty: whichever it is.
  /// Of the bank's keys, as the bank states them; empty: whichever they are.
  std::vector<std::string> bank_fingerprints;

  bool Outgoing() const { return sign || encrypt; }
  bool NeedsOwnKey() const { return sign || encrypted_incoming; }
};
/// Reads the key `openpgp` of a channel's settings; none: there is no such key. CHANNEL_INVALID
/// with the key within as field.
absl::StatusOr<std::optional<SealSettings>> ReadSealSettings(std::string_view json);

/// A channel's secret: our OpenPGP key as an armored block, before or behind the rest.
struct SecretParts {
  crypto::SecretString key;  ///< Empty: it holds none.
  std::string rest;          ///< Without the line ends that part the two.
};
SecretParts SplitOpenPgpKey(std::string_view secret);

/// Immutable; thread-safe.
class FileSeal {
 public:
  /// An opened file has so many bytes at most; it is opened in memory.
  static constexpr int64_t kOpenedBytesMax = int64_t{256} << 20U;

  /// CHANNEL_INVALID: keys that never will do. One that ran out is found by Check and by its use:
  /// what was handed over must be found all the same.
  static absl::StatusOr<std::shared_ptr<const FileSeal>> Make(SealSettings settings,
                                                              crypto::SecretString own_key,
                                                              int64_t file_bytes_max,
                                                              absl::Time now);
  bool SealsOutgoing() const { return settings_.Outgoing(); }
  const std::string& suffix() const { return settings_.suffix; }
  absl::StatusOr<std::string> Seal(std::string_view bytes, absl::Time now) const;
  /// None: the file is to be read as it is.
  absl::StatusOr<std::optional<std::string>> Unseal(std::string_view name, std::string_view bytes,
                                                    absl::Time now) const;
  /// Tries each key for what it is needed for; a warning when one runs out soon.
  std::vector<model::Finding> Check(absl::Time now) const;

 private:
  FileSeal(SealSettings settings, crypto::OpenPgp keys, int64_t bytes_max)
      : settings_(std::move(settings)),
        keys_(std::move(keys)),
        bytes_max_(static_cast<size_t>(bytes_max)) {}

  const SealSettings settings_;
  const crypto::OpenPgp keys_;
  const size_t bytes_max_;
};

}  // namespace kontor::bank
