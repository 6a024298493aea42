// SPDX-License-Identifier: Apache-2.0
// Whether a bundle of evidence is whole and unchanged, and whether what it says fits together.
// Needs no server.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kontor::cli {

inline constexpr char kManifestFile[] = "manifest.json";
inline constexpr char kSignatureFile[] = "manifest.sig";
inline constexpr char kKeysFile[] = "keys.jwks";

/// Names of a-z, A-Z, 0-9, '-', '_' and '.', with '/' between: leads nowhere but into the bundle.
bool IsBundlePath(std::string_view path);

struct EvidenceCheck {
  std::vector<std::string> problems;  ///< "path: what is wrong"; empty: all is well.
  std::string asked;                  ///< The id that was asked for.
  std::string made;                   ///< When.
  std::string key_id;                 ///< Whose signature it bears.
  std::string audit_head;
  int64_t file_count = 0;
  int64_t audit_count = 0;  ///< Rows whose hashes were checked.
};
/// `keys`: a JWK set of the service's that the auditor has from elsewhere; empty: the bundle's own,
/// which whoever forges a bundle can forge too.
EvidenceCheck CheckEvidence(const std::string& folder, const std::string& keys);

}  // namespace kontor::cli
