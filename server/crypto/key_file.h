// SPDX-License-Identifier: Apache-2.0
// Secrets out of files and the environment. A secret file that others may read is refused: the one
// check that catches the usual mistake before it is an incident.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/crypto/ed25519.h"
#include "server/crypto/sealer.h"
#include "server/crypto/secret.h"

namespace kontor::crypto {

/// The whole content of a secret file of at most 64 KiB.
/// Errors: NOT_FOUND without the file; FAILED_PRECONDITION when it is no regular file, when it
/// belongs neither to this user nor to root, or when group or others have any right to it (a
/// mode such as 0640); the text says which chmod helps. Thread safe.
absl::StatusOr<SecretString> ReadSecretFile(const std::string& path);

/// Writes a new secret file of mode 0600, durably (fsync of file and folder). An existing file is
/// never overwritten. Errors: ALREADY_EXISTS, UNAVAILABLE with the system's reason.
absl::Status WriteNewSecretFile(const std::string& path, std::string_view content);

/// The value of an environment variable. Errors: NOT_FOUND when it is unset or empty.
absl::StatusOr<SecretString> ReadSecretEnvironment(const std::string& name);

/// `file:PATH` or `env:NAME`, or a plain path; trailing line ends are cut.
/// Errors: those of the two functions above.
absl::StatusOr<SecretString> ReadSecret(std::string_view reference);

/// The key ring of a file; where the file is absent it is made with one fresh key named `first_id`.
/// Errors: those of reading, writing and parsing.
absl::StatusOr<KeyRing> LoadOrCreateKeyRing(const std::string& path, std::string_view first_id);

/// The Ed25519 key of a PEM file; where the file is absent it is made with a fresh key.
/// Errors: those of reading, writing and parsing.
absl::StatusOr<Ed25519PrivateKey> LoadOrCreateEd25519(const std::string& path);

}  // namespace kontor::crypto
